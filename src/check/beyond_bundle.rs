//! What a cluster has and a secrets bundle has no place for.

use super::Context;
use super::finding::Finding;
use super::rule::{Allow, Family, Judge, Rule, Severity};
use crate::cluster::Cluster;

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
