//! What is missing: what is lost by it, and the ways on.

use super::Context;
use super::distribution::AGGREGATOR_CA_MADE_ANEW;
use super::finding::Finding;
use super::rule::{Allow, Family, Judge, Rule, Severity};
use crate::cluster::{Authority, CaSlot, Cluster, PeculiarityKind, Slot};

pub(super) static FAMILY: Family = Family {
    title: "Missing pieces",
    rules: &[
        &MISSING_KUBERNETES_CA,
        &MISSING_KUBERNETES_CA_KEY,
        &MISSING_ETCD_CA,
        &MISSING_ETCD_CA_KEY,
        &MISSING_AGGREGATOR_CA,
        &MISSING_AGGREGATOR_CA_KEY,
        &MISSING_OS_CA,
        &MISSING_SERVICE_ACCOUNT_KEY,
    ],
    judge: Judge::Import(check),
};

static MISSING_KUBERNETES_CA: Rule = Rule {
    name: "missing-kubernetes-ca",
    severity: Severity::Error,
    summary: "The Kubernetes CA is not here",
    why: "Without it no node of the old cluster accepts a Talos node, nor the reverse: it would \
          be a new cluster",
    help: "take `ca.crt` and `ca.key` from a control-plane node",
    allow: Allow::Yes("a new Kubernetes CA is generated: it will be a new cluster"),
};

static MISSING_KUBERNETES_CA_KEY: Rule = Rule {
    name: "missing-kubernetes-ca-key",
    severity: Severity::Error,
    summary: "The Kubernetes CA has no private key here (kubeadm's external CA mode)",
    why: "Talos issues every certificate itself and cannot start a control plane without the \
          key. Lost with it: nodes and kubeconfigs that trust the old CA alone",
    help: "three ways: fetch the key from where the CA is kept; or rotate the old cluster to a CA \
           with a key first; or let it through, and add the old certificate to Talos's accepted \
           CAs (`cluster.acceptedCAs`, from 1.14 KubeAPIServerCAConfig), as `convert` does, before \
           any node moves",
    allow: Allow::Yes("a new Kubernetes CA is generated; the old one must become an accepted CA"),
};

static MISSING_ETCD_CA: Rule = Rule {
    name: "missing-etcd-ca",
    severity: Severity::Error,
    summary: "The etcd CA is not here (external etcd, or another datastore)",
    why: "Talos runs its own etcd. Without the old CA its members cannot join the old ones, so \
          nodes cannot be moved one by one",
    help: "two ways: fetch the etcd CA and its key from the etcd hosts; or let it through, and \
           restore an etcd snapshot into Talos (talosctl bootstrap --recover-from), which needs \
           no old CA",
    allow: Allow::Yes("a new etcd CA is generated; move the data by a snapshot"),
};

static MISSING_ETCD_CA_KEY: Rule = Rule {
    name: "missing-etcd-ca-key",
    severity: Severity::Error,
    summary: "The etcd CA has no private key here (external etcd)",
    why: "Talos issues the certificates of its etcd members itself; without the key none of them \
          can join the old members",
    help: "two ways: fetch the key from the etcd hosts; or let it through, and restore an etcd \
           snapshot into Talos (talosctl bootstrap --recover-from), which needs no old CA",
    allow: Allow::Yes("a new etcd CA is generated; move the data by a snapshot"),
};

static MISSING_AGGREGATOR_CA: Rule = Rule {
    name: "missing-aggregator-ca",
    severity: Severity::Error,
    summary: "The aggregator (front-proxy) CA is not here",
    why: "While both planes run, extension API servers (metrics-server and the like) would refuse \
          the requests of one of them. Nothing else is lost",
    help: "fetch `front-proxy-ca.crt` and `.key` from a control-plane node; or let it through, \
           which costs that much and no more",
    allow: Allow::Yes("a new aggregator CA is generated"),
};

static MISSING_AGGREGATOR_CA_KEY: Rule = Rule {
    name: "missing-aggregator-ca-key",
    severity: Severity::Error,
    summary: "The aggregator (front-proxy) CA has no private key here",
    why: "Talos issues the front proxy's certificate itself. While both planes run, extension API \
          servers would refuse the requests of one of them. Nothing else is lost",
    help: "fetch `front-proxy-ca.key` from a control-plane node; or let it through, which costs \
           that much and no more",
    allow: Allow::Yes("a new aggregator CA is generated"),
};

static MISSING_OS_CA: Rule = Rule {
    name: "missing-os-ca",
    severity: Severity::Error,
    summary: "The Talos CA or its key is not here",
    why: "Without it no talosconfig of the cluster is accepted any more, and running nodes cannot \
          be reached",
    help: "give the control-plane configuration of this cluster, whole and not redacted",
    allow: Allow::Yes("a new Talos CA is generated"),
};

static MISSING_SERVICE_ACCOUNT_KEY: Rule = Rule {
    name: "missing-service-account-key",
    severity: Severity::Error,
    summary: "The key that signs service-account tokens is not here",
    why: "With a new key every token of every workload is refused at once, and pods cannot reach \
          the API server until they are restarted",
    help: "take `sa.key` from a control-plane node; it is the same on all of them",
    allow: Allow::Yes("a new key is generated; restart every workload afterwards"),
};

/// The rules for the certificate and for the key of a slot.
const fn rules_of(slot: CaSlot) -> (&'static Rule, &'static Rule) {
    match slot {
        CaSlot::Kubernetes => (&MISSING_KUBERNETES_CA, &MISSING_KUBERNETES_CA_KEY),
        CaSlot::Etcd => (&MISSING_ETCD_CA, &MISSING_ETCD_CA_KEY),
        CaSlot::Aggregator => (&MISSING_AGGREGATOR_CA, &MISSING_AGGREGATOR_CA_KEY),
        CaSlot::Os => (&MISSING_OS_CA, &MISSING_OS_CA),
    }
}

fn check(cluster: &Cluster, _context: &Context, findings: &mut Vec<Finding>) {
    for authority in &cluster.authorities {
        findings.extend(missing_half(cluster, authority));
    }
    if let Some(account) = &cluster.service_account
        && account.key.is_absent()
        && !is_unread(cluster, account.key.file.as_deref())
    {
        let message = match &account.key.file {
            Some(file) => format!("there is no `{file}`"),
            None => "no private key here is a service-account key".to_owned(),
        };
        let finding = MISSING_SERVICE_ACCOUNT_KEY.finding(message);
        let finding = with_candidates(cluster, Slot::ServiceAccount, finding);
        findings.push(with_remedy(cluster, Slot::ServiceAccount, finding));
    }
}

fn missing_half(cluster: &Cluster, authority: &Authority) -> Option<Finding> {
    let is_without_etcd = cluster.peculiarity(PeculiarityKind::OtherDatastore);
    if authority.slot == CaSlot::Etcd && is_without_etcd.is_some() {
        // `other-datastore` has said so, and there are no members to join.
        return None;
    }
    let (certificate_rule, key_rule) = rules_of(authority.slot);
    let (certificate, key) = (&authority.certificate, &authority.key);
    let is_open = cluster
        .open_choices
        .iter()
        .any(|choice| choice.what == authority.slot.title());
    // Two aggregator CAs are in each other's way only while both control planes run.
    let is_made_anew = authority.slot == CaSlot::Aggregator && cluster.moves_at_once();
    let (rule, file, what) = if certificate.is_absent() && !is_open {
        (certificate_rule, certificate.file.as_deref(), "")
    } else if key.is_absent() && certificate.chosen.is_some() {
        (key_rule, key.file.as_deref(), "key of the ")
    } else {
        return None;
    };
    if is_unread(cluster, file) {
        // `unread-file` has said so, with the reason.
        return None;
    }
    let message = match file {
        Some(file) => format!("there is no `{file}`"),
        None => format!("no file here holds the {what}{}", authority.slot),
    };
    let slot = Slot::Ca(authority.slot);
    let finding = if is_made_anew {
        AGGREGATOR_CA_MADE_ANEW.finding(format!("{message}: Talos gets a new {}", authority.slot))
    } else {
        with_remedy(cluster, slot, rule.finding(message))
    };
    let finding = if certificate.is_absent() {
        with_candidates(cluster, slot, finding)
    } else {
        finding
    };
    Some(match &certificate.chosen {
        Some(certificate) => {
            let key = certificate.value.public_key.fingerprint();
            finding.at(format!(
                "{}: {}, key {key}",
                certificate.origin, certificate.value
            ))
        }
        None => finding,
    })
}

/// With what could be the piece and is not taken, since nothing proves it.
fn with_candidates(cluster: &Cluster, slot: Slot, finding: Finding) -> Finding {
    let mut candidates = cluster
        .candidates
        .iter()
        .filter(|candidate| candidate.slot == slot)
        .peekable();
    if candidates.peek().is_none() {
        return finding;
    }
    let flags = slot.flags();
    let places = candidates.map(|candidate| format!("{}: {}", candidate.origin, candidate.what));
    finding.at_each(places).found(Some(format!(
        "that may be it, and nothing proves it: if you know it is, name it with {flags}"
    )))
}

/// The distribution's own words where it keeps the piece elsewhere than kubeadm.
fn with_remedy(cluster: &Cluster, slot: Slot, finding: Finding) -> Finding {
    let mut remedies = cluster.remedies.iter();
    match remedies.find(|(of_slot, _)| *of_slot == slot) {
        Some((_, remedy)) => finding.help(*remedy),
        None => finding,
    }
}

fn is_unread(cluster: &Cluster, file: Option<&str>) -> bool {
    file.is_some_and(|file| cluster.unread.iter().any(|(unread, _)| unread == file))
}
