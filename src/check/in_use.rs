//! Whether what is in the slots is what the processes of the cluster are told to use.

use super::Context;
use super::finding::Finding;
use super::rule::{Allow, Family, Judge, Rule, Severity};
use crate::cluster::{CaSlot, Cluster, Named, Slot};
use crate::pki::PublicKey;

pub(super) static FAMILY: Family = Family {
    title: "What the control plane uses",
    rules: &[&FLAG_NAMES_ANOTHER, &FLAG_NAMES_ELSEWHERE],
    judge: Judge::Import(check),
};

static FLAG_NAMES_ANOTHER: Rule = Rule {
    name: "flag-names-another",
    severity: Severity::Error,
    summary: "The control plane is told to use another CA or key than the one in the slot",
    why: "What the flags name is in use. A PKI that was left on the node has the same names and is \
          as sound in itself; with it, no node and no client of the cluster would be known",
    help: "give the folder whose files the flags name, or name them one by one by the flags for \
           single files, such as --kubernetes-ca-crt. If the manifest is the leftover, give the PKI \
           folder alone",
    allow: Allow::Yes("what is in the slot is imported"),
};

static FLAG_NAMES_ELSEWHERE: Rule = Rule {
    name: "flag-names-elsewhere",
    severity: Severity::Error,
    summary: "The control plane is told to use a CA in another folder, and nothing speaks for this one",
    why: "A PKI folder that is called as usual may be a leftover of the one in use, which was not \
          given. With it, no node and no client of the cluster would be known",
    help: "give the folder that the flag names as well, or the kubeconfigs of the control plane: \
           they tell which CA is in use",
    allow: Allow::Yes("the CA in the slot is imported"),
};

fn check(cluster: &Cluster, _context: &Context, findings: &mut Vec<Finding>) {
    // While a choice is open, the slots are filled with one of several.
    if !cluster.open_choices.is_empty() {
        return;
    }
    for named in &cluster.named {
        let keys = keys(cluster, named.slot);
        // What is not there, or not the same on all nodes, is the business of other rules.
        if keys.is_empty() || is_disputed(cluster, named.slot) {
            continue;
        }
        match &named.file {
            Some(file) if !named.keys.iter().any(|key| keys.contains(&key)) => {
                findings.push(contradiction(named, file, &keys));
            }
            None if named.slot == Slot::Ca(CaSlot::Kubernetes) => {
                findings.extend(elsewhere(cluster, named, &keys));
            }
            _ => {}
        }
    }
}

/// The keys in a slot: that which Talos gets, and those that are trusted beside it.
fn keys(cluster: &Cluster, slot: Slot) -> Vec<&PublicKey> {
    match slot {
        Slot::Ca(slot) => {
            let certificate = cluster
                .authority(slot)
                .map(|authority| &authority.certificate);
            let pieces = certificate
                .into_iter()
                .flat_map(|it| it.chosen.iter().chain(&it.others));
            pieces.map(|piece| &piece.value.public_key).collect()
        }
        Slot::ServiceAccount => {
            let account = cluster.service_account.iter();
            let chosen = account.filter_map(|account| account.key.chosen.as_ref());
            chosen.map(|key| key.value.public_key()).collect()
        }
    }
}

fn is_disputed(cluster: &Cluster, slot: Slot) -> bool {
    let mut disagreements = cluster.nodes.disagreements.iter();
    let title = slot.to_string();
    disagreements.any(|disagreement| disagreement.what.eq_ignore_ascii_case(&title))
}

fn contradiction(named: &Named, file: &str, keys: &[&PublicKey]) -> Finding {
    let fingerprints = |keys: &mut dyn Iterator<Item = &PublicKey>| {
        let fingerprints = keys.map(|key| format!("key {}", key.fingerprint()));
        fingerprints.collect::<Vec<_>>().join(", ")
    };
    FLAG_NAMES_ANOTHER
        .finding(format!(
            "`{file}` is in use, and another {} was taken",
            named.slot
        ))
        .at(format!("{}: {}", named.process, named.flag))
        .at(format!("{file}: {}", fingerprints(&mut named.keys.iter())))
        .found(Some(format!(
            "in the slot: {}",
            fingerprints(&mut keys.iter().copied())
        )))
}

/// A CA of which the flag says that it is elsewhere, unless a kubeconfig speaks for it.
fn elsewhere(cluster: &Cluster, named: &Named, keys: &[&PublicKey]) -> Option<Finding> {
    let kubeconfigs = cluster.kubeconfigs.iter();
    let mut trusted = kubeconfigs.flat_map(|kubeconfig| &kubeconfig.authorities);
    if trusted.any(|trusted| keys.contains(&&trusted.value.public_key)) {
        return None;
    }
    let taken = cluster.certificate(CaSlot::Kubernetes)?;
    let message = "the Kubernetes CA in use is in a file that is not here";
    Some(
        FLAG_NAMES_ELSEWHERE
            .finding(message)
            .at(format!("{}: {}", named.process, named.flag))
            .at(format!("{}: {} was taken", taken.origin, taken.value)),
    )
}
