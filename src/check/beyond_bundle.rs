//! What a cluster has and a secrets bundle has no place for.

use super::Context;
use super::finding::Finding;
use super::rule::{Allow, Family, Judge, Rule, Severity};
use crate::cluster::{CaSlot, Cluster};

pub(super) static FAMILY: Family = Family {
    title: "Beyond the bundle",
    rules: &[&NOT_IN_BUNDLE],
    judge: Judge::Import(check),
};

static NOT_IN_BUNDLE: Rule = Rule {
    name: "not-in-bundle",
    severity: Severity::Warning,
    summary: "The cluster has something that a secrets bundle cannot hold",
    why: "A configuration that is generated from the bundle will lack it: with an accepted CA, an \
          issuer or an encryption provider less, certificates, tokens or Secrets are refused",
    help: "keep the control-plane configuration, and patch these fields into the new one",
    allow: Allow::NotNeeded,
};

fn check(cluster: &Cluster, context: &Context, findings: &mut Vec<Finding>) {
    findings.extend(of_talos(cluster));
    // `convert` writes configurations, which can hold them.
    if context.writes_bundle {
        let slots = CaSlot::OF_KUBERNETES.into_iter();
        findings.extend(slots.filter_map(|slot| accepted_authorities(cluster, slot)));
        findings.extend(accepted_keys(cluster));
    }
}

fn of_talos(cluster: &Cluster) -> Option<Finding> {
    let lost = &cluster.talos.as_ref()?.beyond_bundle;
    let message = match lost.as_slice() {
        [] => return None,
        [one] => format!("the bundle cannot hold {}", one.what),
        many => format!(
            "the bundle cannot hold {} settings of the configuration",
            many.len()
        ),
    };
    let places = lost
        .iter()
        .map(|lost| format!("{}: {}", lost.place, lost.what));
    Some(NOT_IN_BUNDLE.finding(message).at_each(places))
}

/// CAs that are trusted beside that of `slot`. Those in one file with it are the business of
/// `extra-certificates`.
fn accepted_authorities(cluster: &Cluster, slot: CaSlot) -> Option<Finding> {
    let (why, help) = match slot {
        CaSlot::Kubernetes => (
            "Whoever has a certificate of it is a client of the cluster, and unknown to Talos's API \
             servers, which know those of the Kubernetes CA alone",
            "move the cluster with `convert`, which takes it along; or add it to Talos's accepted CAs \
             (`cluster.acceptedCAs`, from 1.14 KubeAPIServerCAConfig)",
        ),
        // Those of the old control plane are gone when Talos begins.
        CaSlot::Aggregator if cluster.moves_at_once() => return None,
        CaSlot::Aggregator => (
            "Front proxies with a certificate of it speak for users, and Talos's API servers refuse them",
            "move the cluster with `convert`, which takes it along; or add it to \
             KubeAggregatorCAConfig.acceptedCAs (Talos 1.14)",
        ),
        CaSlot::Etcd => (
            "Talos trusts one etcd CA alone: members and clients with a certificate of the other are \
             refused, so nodes cannot be moved one by one",
            "issue the certificates of all members and clients by the CA in the slot (kubeadm certs renew), \
             and take the other out of the file; or move by a snapshot (talosctl bootstrap --recover-from)",
        ),
        CaSlot::Os => return None,
    };
    let others: Vec<_> = cluster.trusted_elsewhere(slot).collect();
    let message = match others.len() {
        0 => return None,
        1 => format!("the bundle cannot hold 1 CA that is trusted beside the {slot}"),
        count => format!("the bundle cannot hold {count} CAs that are trusted beside the {slot}"),
    };
    let places = others.iter().map(|other| {
        let key = other.value.public_key.fingerprint();
        format!("{}: {}, key {key}", other.origin, other.value)
    });
    let finding = NOT_IN_BUNDLE.finding(message).at_each(places);
    Some(finding.why(why).help(help))
}

/// Keys of service accounts whose tokens the cluster accepts beside those of the one that signs.
fn accepted_keys(cluster: &Cluster) -> Option<Finding> {
    let account = cluster.service_account.as_ref()?;
    let accepted: Vec<_> = account.accepted().collect();
    let message = match accepted.len() {
        0 => return None,
        1 => "the bundle cannot hold 1 accepted service-account key".to_owned(),
        count => format!("the bundle cannot hold {count} accepted service-account keys"),
    };
    let places = accepted.iter().map(|key| {
        let id = key.value.key_id();
        format!("{}: {} key, key id {id}", key.origin, key.value.algorithm())
    });
    Some(
        NOT_IN_BUNDLE
            .finding(message)
            .at_each(places)
            .why("The API servers of the cluster accept tokens of these keys too, and Talos's refuse them")
            .help(
                "move the cluster with `convert`, which takes them along; or add them to \
                 KubeServiceAccountConfig.accepted.publicKeys (Talos 1.14); or take them out of the \
                 flags of every API server once no token of theirs is left",
            ),
    )
}
