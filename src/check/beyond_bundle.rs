//! What a Talos machine configuration has and a secrets bundle has no place for.

use super::Context;
use super::finding::Finding;
use super::rule::{Allow, Family, Judge, Rule, Severity};
use crate::cluster::Cluster;

pub(super) static FAMILY: Family = Family {
    title: "Talos configurations",
    rules: &[&NOT_IN_BUNDLE],
    judge: Judge::Import(check),
};

static NOT_IN_BUNDLE: Rule = Rule {
    name: "not-in-bundle",
    severity: Severity::Warning,
    summary: "The configuration has something that a secrets bundle cannot hold",
    why: "A configuration that is generated from the bundle will lack it: with an accepted CA, an \
          issuer or an encryption provider less, certificates, tokens or Secrets are refused",
    help: "keep the control-plane configuration, and patch these fields into the new one",
    allow: Allow::NotNeeded,
};

fn check(cluster: &Cluster, _context: &Context, findings: &mut Vec<Finding>) {
    let Some(talos) = &cluster.talos else { return };
    let lost = &talos.beyond_bundle;
    let message = match lost.as_slice() {
        [] => return,
        [one] => format!("the bundle cannot hold {}", one.what),
        many => format!(
            "the bundle cannot hold {} settings of the configuration",
            many.len()
        ),
    };
    let places = lost
        .iter()
        .map(|lost| format!("{}: {}", lost.place, lost.what));
    findings.push(NOT_IN_BUNDLE.finding(message).at_each(places));
}
