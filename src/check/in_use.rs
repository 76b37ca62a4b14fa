//! Whether what is in the slots is what the processes of the cluster are told to use.

use super::Context;
use super::finding::Finding;
use super::rule::{Allow, Family, Judge, Rule, Severity};
use crate::cluster::{CaSlot, Cluster, LeafRole, Named, Slot, Voucher};
use crate::pki::{Certificate, PublicKey};
use crate::printable::printable;

pub(super) static FAMILY: Family = Family {
    title: "What the control plane uses",
    rules: &[
        &FLAG_NAMES_ANOTHER,
        &FLAG_NAMES_ELSEWHERE,
        &TOKENS_SIGNED_ELSEWHERE,
    ],
    judge: Judge::Import(check),
};

static FLAG_NAMES_ANOTHER: Rule = Rule {
    name: "flag-names-another",
    severity: Severity::Error,
    summary: "The control plane is told to use another CA or key than the one in the slot",
    why: "What the flags name is in use. A PKI that was left on the node has the same names and is \
          as sound in itself; with it, what the cluster issued would not be accepted",
    help: "give the folder whose files the flags name, or name them one by one by the flags for \
           single files, such as --kubernetes-ca-crt. If the manifest is the leftover, give the PKI \
           folder alone",
    allow: Allow::Yes("what is in the slot is imported"),
};

static FLAG_NAMES_ELSEWHERE: Rule = Rule {
    name: "flag-names-elsewhere",
    severity: Severity::Error,
    summary: "The control plane is told to use a CA or key in another file, and nothing speaks for this one",
    why: "A PKI folder or key that is called as usual may be a leftover of what is in use, which was \
          not given. With it, what the cluster issued would not be accepted",
    help: "give the folder that the flag names as well, or name the file by the flags for single \
           files. Of a Kubernetes CA, the kubeconfigs of the control plane tell which is in use",
    allow: Allow::Yes("what is in the slot is imported"),
};

static TOKENS_SIGNED_ELSEWHERE: Rule = Rule {
    name: "tokens-signed-elsewhere",
    severity: Severity::Error,
    summary: "A program beside the API server signs the tokens of service accounts",
    why: "Its key never leaves it, so that no bundle can have it. Talos signs with the key in the slot and \
          knows no other signer: every token that the program signed is refused, and pods cannot reach the \
          API server until they are restarted",
    help: "let the API servers sign by themselves first (--service-account-signing-key-file and \
           --service-account-key-file in place of --service-account-signing-endpoint), and restart every \
           workload there; or let it through, and restart every workload afterwards",
    allow: Allow::Yes(
        "the key in the slot is taken, or a new one; restart every workload afterwards",
    ),
};

fn check(cluster: &Cluster, _context: &Context, findings: &mut Vec<Finding>) {
    if let Some(endpoint) = &cluster.token_signer
        && !cluster.is_given(Slot::ServiceAccount)
    {
        let message = format!(
            "tokens are signed by a program at `{}`",
            printable(endpoint)
        );
        let place = format!("--service-account-signing-endpoint={}", printable(endpoint));
        findings.push(TOKENS_SIGNED_ELSEWHERE.finding(message).at(place));
    }
    // While a choice is open, the slots are filled with one of several.
    if !cluster.open_choices.is_empty() {
        return;
    }
    for flags in of_each_file(cluster) {
        let Some(Named { slot, file, .. }) = flags.first() else {
            continue;
        };
        let keys = keys(cluster, *slot);
        // What is not there, not the same on all nodes, or chosen by a person, is the business of other
        // rules.
        if keys.is_empty() || is_disputed(cluster, *slot) || cluster.is_given(*slot) {
            continue;
        }
        let mut flags_of_slot = flags.iter();
        match file {
            Some(file) if !names_one_of(flags[0], &keys) => {
                findings.push(contradiction(cluster, &flags, file, &keys));
            }
            None if !flags_of_slot.any(|one| is_spoken_for(cluster, one, &keys)) => {
                findings.extend(elsewhere(cluster, *slot, &flags));
            }
            _ => {}
        }
    }
}

/// The flags that name one file for one slot, for each such file.
fn of_each_file(cluster: &Cluster) -> Vec<Vec<&Named>> {
    let mut files: Vec<Vec<&Named>> = Vec::new();
    for named in &cluster.named {
        let is_same = |flags: &&mut Vec<&Named>| {
            flags.iter().any(|other| {
                let is_one = (other.slot, &other.file) == (named.slot, &named.file);
                is_one && (named.file.is_some() || other.host_path == named.host_path)
            })
        };
        match files.iter_mut().find(is_same) {
            Some(flags) => flags.push(named),
            None => files.push(vec![named]),
        }
    }
    files
}

/// Where each of `flags` stands, and what it says.
fn places(flags: &[&Named]) -> Vec<String> {
    let places = flags
        .iter()
        .map(|named| format!("{}: {}", named.process, named.flag));
    places.collect()
}

fn names_one_of(named: &Named, keys: &[&PublicKey]) -> bool {
    named.keys.iter().any(|key| keys.contains(&key))
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

/// What `flags` say, which name one `file` for a slot with other `keys`.
fn contradiction(cluster: &Cluster, flags: &[&Named], file: &str, keys: &[&PublicKey]) -> Finding {
    let Named {
        slot, keys: theirs, ..
    } = flags[0];
    let fingerprints = |keys: &mut dyn Iterator<Item = &PublicKey>| {
        let fingerprints = keys.map(|key| format!("key {}", key.fingerprint()));
        fingerprints.collect::<Vec<_>>().join(", ")
    };
    let (why, help) = match *slot {
        Slot::Ca(CaSlot::Kubernetes) if serves(cluster, keys) => (
            "Clients trust the CA in the slot, and the API server knows them by the other: servers and \
             clients have a CA each. Certificates of the other are good only as long as Talos accepts it"
                .to_owned(),
            "do not replace the CA in the slot, which clients trust: let this and leaf-of-another-ca \
             through, add the CA of clients to Talos's accepted CAs (`cluster.acceptedCAs`, from 1.14 \
             KubeAPIServerCAConfig), and move by a snapshot, not node by node"
                .to_owned(),
        ),
        Slot::Ca(CaSlot::Etcd) if is_named(cluster, *slot) => (
            "Flags name the CA in the slot, too: clients, members and servers of etcd do not all have one \
             CA. Talos has one for all of them, and its members could not join the old ones"
                .to_owned(),
            "if both are in use, let this through, and move the data by a snapshot (talosctl bootstrap \
             --recover-from), which needs no old CA. If one is a leftover of an etcd that runs no more, take \
             its manifest away, or name the other by --etcd-ca-crt and --etcd-ca-key"
                .to_owned(),
        ),
        slot => (
            format!("What the flags name is in use. With another, {}", consequence(slot)),
            format!(
                "give the folder whose files the flags name, or the file by {}. If the manifest is \
                 the leftover, give the PKI folder alone",
                slot.flags()
            ),
        ),
    };
    FLAG_NAMES_ANOTHER
        .finding(format!("`{file}` is in use, and another {slot} was taken"))
        .at_each(places(flags))
        .at(format!("{file}: {}", fingerprints(&mut theirs.iter())))
        .found(Some(format!(
            "in the slot: {}",
            fingerprints(&mut keys.iter().copied())
        )))
        .why(why)
        .help(help)
}

/// Whether the Kubernetes CA in the slot, with these `keys`, is that of servers: kubeconfigs trust it,
/// or the API server has its certificate of it.
fn serves(cluster: &Cluster, keys: &[&PublicKey]) -> bool {
    let mut leaves = cluster.leaves.iter();
    let slot = Slot::Ca(CaSlot::Kubernetes);
    is_trusted(cluster, keys)
        || leaves.any(|leaf| {
            let certificate = leaf.certificate.as_ref();
            leaf.role == LeafRole::ApiServer
                && certificate.is_ok_and(|leaf| is_issued(cluster, slot, &leaf.value))
        })
}

/// Whether what is in `slot` is what a flag names.
pub(super) fn is_named(cluster: &Cluster, slot: Slot) -> bool {
    let keys = keys(cluster, slot);
    let mut named = cluster.named.iter().filter(|named| named.slot == slot);
    named.any(|named| names_one_of(named, &keys))
}

/// What `flags` say is elsewhere, and something else is in `slot`.
fn elsewhere(cluster: &Cluster, slot: Slot, flags: &[&Named]) -> Option<Finding> {
    let origin = cluster.origin(slot)?;
    let finding = FLAG_NAMES_ELSEWHERE
        .finding(format!("the {slot} in use is in a file that is not here"))
        .at_each(places(flags))
        .at(format!("{origin}: this was taken"));
    Some(finding.why(format!(
        "What has the usual name may be a leftover of what is in use. With it, {}",
        consequence(slot)
    )))
}

/// What breaks with another CA or key in `slot`.
fn consequence(slot: Slot) -> &'static str {
    match slot {
        Slot::Ca(CaSlot::Kubernetes) => "no node and no client of the cluster would be known",
        Slot::Ca(CaSlot::Etcd) => "no member of etcd would accept the new ones",
        Slot::Ca(CaSlot::Aggregator) => {
            "extension API servers would refuse the new API servers, and these the old front proxies"
        }
        Slot::Ca(CaSlot::Os) => "no client of Talos would be known",
        Slot::ServiceAccount => "every token of a service account would be refused",
    }
}

/// Whether something tells that what is in the slot, with these `keys`, is in use, although the file
/// that the flag names is not here.
fn is_spoken_for(cluster: &Cluster, named: &Named, keys: &[&PublicKey]) -> bool {
    // A person has the file that the flag names, or another node has it.
    cluster.is_given(named.slot)
        || is_named(cluster, named.slot)
        || named.vouchers.iter().any(|voucher| match voucher {
            Voucher::Leaf(leaf) => is_issued(cluster, named.slot, leaf),
            Voucher::PublicKey(key) => keys.contains(&key),
        })
        || match named.slot {
            Slot::Ca(CaSlot::Kubernetes) => is_trusted(cluster, keys),
            _ => is_beside_the_trusted(cluster, named),
        }
}

fn is_issued(cluster: &Cluster, slot: Slot, leaf: &Certificate) -> bool {
    let Slot::Ca(slot) = slot else { return false };
    let authority = cluster.authority(slot).into_iter();
    let mut pieces = authority.flat_map(|authority| authority.certificate.pieces());
    pieces.any(|ca| leaf.is_issued_by(&ca.value))
}

fn is_trusted(cluster: &Cluster, keys: &[&PublicKey]) -> bool {
    let kubeconfigs = cluster.kubeconfigs.iter();
    let mut trusted = kubeconfigs.flat_map(|kubeconfig| &kubeconfig.authorities);
    trusted.any(|trusted| keys.contains(&&trusted.value.public_key))
}

/// Whether the flags name all of it in the folder of the Kubernetes CA, and the source has that folder
/// by another name: the kubeconfigs speak for it.
fn is_beside_the_trusted(cluster: &Cluster, named: &Named) -> bool {
    let kubernetes = Slot::Ca(CaSlot::Kubernetes);
    let is_below = |file: &str, beside: &str| {
        let folder = &beside[..beside.rfind('/').map_or(0, |slash| slash + 1)];
        file.starts_with(folder)
    };
    let mut others = cluster.named.iter();
    let is_named = others.any(|other| {
        other.slot == kubernetes
            && other.file.is_none()
            && is_below(&named.host_path, &other.host_path)
    });
    let place = |slot| Some(cluster.path_on_node(&cluster.origin(slot)?.file));
    let is_here = place(named.slot).zip(place(kubernetes));
    is_named
        && is_here.is_some_and(|(file, beside)| is_below(file, beside))
        && is_trusted(cluster, &keys(cluster, kubernetes))
}
