//! What the bundle adds by itself: the bootstrap token and encryption at rest.

use super::distribution::TOKEN_ISSUER;
use super::encryption::{self, ENCRYPTION_AT_REST};
use super::finding::Finding;
use super::in_use;
use super::rule::{Allow, Family, Judge, Rule, Severity};
use super::{Context, TokenChoice};
use crate::cluster::{Cluster, PeculiarityKind, TalosMaterial};
use crate::printable::printable;

pub(super) static FAMILY: Family = Family {
    title: "What the bundle adds",
    rules: &[
        &TOKEN_FORMAT,
        &TOKEN_UNKNOWN,
        &ENCRYPTION_AT_REST,
        &MISSING_TRUSTD_TOKEN,
        &MISSING_CLUSTER_IDENTITY,
        &REPLACED_BY_FLAG,
    ],
    judge: Judge::Import(check),
};

static TOKEN_FORMAT: Rule = Rule {
    name: "token-format",
    severity: Severity::Error,
    summary: "The bootstrap token is not of Kubernetes' form",
    why: "Talos takes any text, and then splits it at the point: with another form no kubelet can \
          join. The form is 6 characters, a point, 16 characters, each a-z or 0-9",
    help: "make one in the old cluster: kubeadm token create --ttl 0",
    allow: Allow::Yes("the token is written as it was given"),
};

static TOKEN_UNKNOWN: Rule = Rule {
    name: "token-unknown",
    severity: Severity::Warning,
    summary: "No bootstrap token was given, so a fresh one is generated",
    why: "The old cluster does not know it: Talos nodes cannot join until it exists there",
    help: "give one of the old cluster (kubeadm token create --ttl 0; a cluster of Talos has it in \
           `cluster.token`) by --kubernetes-bootstrap-token",
    allow: Allow::NotNeeded,
};

static MISSING_TRUSTD_TOKEN: Rule = Rule {
    name: "missing-trustd-token",
    severity: Severity::Error,
    summary: "The configuration has no token for trustd",
    why: "Workers prove by it that they belong to the cluster when they ask a control plane for \
          their certificate: with another token they are refused, and cannot be reached any more",
    help: "give the cluster's controlplane.yaml, whole and not redacted (`machine.token`)",
    allow: Allow::Yes("a new token is generated; bring it to every machine"),
};

static MISSING_CLUSTER_IDENTITY: Rule = Rule {
    name: "missing-cluster-identity",
    severity: Severity::Warning,
    summary: "The configuration lacks the id or the secret by which its machines find each other",
    why: "New ones are generated. Discovery shows machines those of the same id and secret alone, \
          and KubeSpan connects no others",
    help: "give the cluster's controlplane.yaml, whole and not redacted; without discovery and \
           KubeSpan nothing has to be done",
    allow: Allow::NotNeeded,
};

static REPLACED_BY_FLAG: Rule = Rule {
    name: "replaced-by-flag",
    severity: Severity::Warning,
    summary: "A CA or key of the cluster gives way to one that a flag names",
    why: "What trusts the one that is replaced, and no other, refuses what Talos issues: nodes, \
          kubeconfigs, talosconfigs or tokens of the running cluster",
    help: "leave the flag out to keep the cluster's own; a CA is changed by a rotation, in which both \
           are accepted for a while",
    allow: Allow::NotNeeded,
};

fn check(cluster: &Cluster, context: &Context, findings: &mut Vec<Finding>) {
    if context.token == (TokenChoice::Given { well_formed: false }) {
        findings.push(TOKEN_FORMAT.finding("the bootstrap token is not of Kubernetes' form"));
    }
    for given in &cluster.given {
        // What was replaced is the leftover then.
        if in_use::is_named(cluster, given.slot) {
            continue;
        }
        let message = format!(
            "the {} of the cluster is replaced by the one of a flag",
            given.slot
        );
        let replaces = given.replaces.as_ref();
        findings.extend(replaces.map(|place| REPLACED_BY_FLAG.finding(message).at(place)));
    }
    // A cluster that is made new has no Secrets and no tokens to lose.
    if !context.writes_bundle || cluster.layout.is_none() {
        return;
    }
    if context.token == TokenChoice::Generated {
        findings.push(
            TOKEN_UNKNOWN.finding("the bootstrap token will be one that is unknown to the cluster"),
        );
    }
    if let Some(talos) = &cluster.talos {
        findings.extend(made_anew(talos));
    } else {
        findings.extend(encryption::at_rest(cluster, context.contract));
        findings.extend(token_issuer(cluster));
    }
}

/// What a configuration of Talos lacks, and the bundle gets all the same. Where it has encryption
/// that a bundle can hold in part alone, `not-in-bundle` tells the rest: a warning like those here,
/// since the configuration itself has it still, and a machine that keeps it loses nothing.
fn made_anew(talos: &TalosMaterial) -> Vec<Finding> {
    let mut findings = Vec::new();
    if talos.secretbox_secret.is_none() && talos.aescbc_secret.is_none() {
        findings.push(ENCRYPTION_AT_REST.finding(
            "the configuration has no encryption key that a bundle can hold, and the bundle gets a \
             new one",
        ));
    }
    if talos.trustd_token.is_none() {
        findings.push(MISSING_TRUSTD_TOKEN.finding("there is no `machine.token`"));
    }
    let identity = [
        ("id", talos.cluster_id.is_none()),
        ("secret", talos.cluster_secret.is_none()),
    ];
    let missing: Vec<_> = identity
        .iter()
        .filter(|(_, is_missing)| *is_missing)
        .map(|(what, _)| *what)
        .collect();
    if !missing.is_empty() {
        let missing = missing.join(" and the ");
        findings.push(
            MISSING_CLUSTER_IDENTITY
                .finding(format!("the cluster gets a new {missing}: none is here")),
        );
    }
    findings
}

/// Talos takes the URL of its endpoint for the issuer of tokens, whatever issued them before. Where
/// the distribution has an issuer of its own, its layout tells.
fn token_issuer(cluster: &Cluster) -> Option<Finding> {
    if cluster.peculiarity(PeculiarityKind::TokenIssuer).is_some() {
        return None;
    }
    let Some(issuer) = cluster.issuer.as_deref() else {
        let message = "which issuer service-account tokens name is unknown here, and a bundle cannot \
                       hold it";
        return Some(TOKEN_ISSUER.finding(message));
    };
    let is_endpoint = |issuer: &str| {
        let mut servers = cluster.kubeconfigs.iter();
        servers.any(|kubeconfig| kubeconfig.server.as_deref() == Some(issuer))
    };
    let message = match cluster.accepted_issuers.as_slice() {
        [] if is_endpoint(issuer) => return None,
        [] => format!(
            "service-account tokens name the issuer `{}`, not the endpoint",
            printable(issuer)
        ),
        accepted => format!(
            "tokens of {} issuers are accepted, and a bundle can hold none",
            accepted.len() + 1
        ),
    };
    let accepted = cluster.accepted_issuers.iter().map(String::as_str);
    let issuers = std::iter::once(issuer).chain(accepted);
    let places = issuers.map(|issuer| format!("--service-account-issuer={}", printable(issuer)));
    Some(TOKEN_ISSUER.finding(message).at_each(places))
}
