//! What the bundle adds by itself: the bootstrap token and encryption at rest.

use super::finding::Finding;
use super::rule::{Allow, Family, Judge, Rule, Severity};
use super::{Context, TokenChoice};
use crate::cluster::{Cluster, EncryptionEvidence};

pub(super) static FAMILY: Family = Family {
    title: "What the bundle adds",
    rules: &[&TOKEN_FORMAT, &TOKEN_UNKNOWN, &ENCRYPTION_AT_REST],
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
    help: "give one of the old cluster (kubeadm token create --ttl 0) by \
           --kubernetes-bootstrap-token",
    allow: Allow::NotNeeded,
};

static ENCRYPTION_AT_REST: Rule = Rule {
    name: "encryption-at-rest",
    severity: Severity::Warning,
    summary: "The bundle turns encryption at rest on, with a key that the old cluster lacks",
    why: "A secrets bundle always has an encryption key. Old API servers cannot read what Talos \
          writes with it, and from 1.14 on Talos cannot read what was written before",
    help: "before any node starts, set the cluster's own encryption configuration in Talos's: up \
           to 1.13 `cluster.secretboxEncryptionSecret` or none, from 1.14 on the document \
           KubeEtcdEncryptionConfig (with the provider `identity` alone if nothing is encrypted)",
    allow: Allow::NotNeeded,
};

fn check(cluster: &Cluster, context: &Context, findings: &mut Vec<Finding>) {
    if context.token == (TokenChoice::Given { well_formed: false }) {
        findings.push(TOKEN_FORMAT.finding("the bootstrap token is not of Kubernetes' form"));
    }
    // A cluster that is made new has no Secrets and no tokens to lose.
    if !context.writes_bundle || cluster.layout.is_none() || cluster.talos.is_some() {
        return;
    }
    if context.token == TokenChoice::Generated {
        findings.push(
            TOKEN_UNKNOWN.finding("the bootstrap token will be one that is unknown to the cluster"),
        );
    }
    let (message, why) = match &cluster.encryption {
        EncryptionEvidence::Off => (
            "the cluster does not encrypt Secrets, and the bundle turns it on".to_owned(),
            ENCRYPTION_AT_REST.why.to_owned(),
        ),
        EncryptionEvidence::On(path) => (
            format!("the cluster encrypts Secrets by `{path}`, and the bundle has another key"),
            "With another key, or another name for the same key, no Secret that was written \
             before can be read"
                .to_owned(),
        ),
        EncryptionEvidence::Unknown => (
            "whether the cluster encrypts Secrets is unknown, and the bundle turns it on"
                .to_owned(),
            ENCRYPTION_AT_REST.why.to_owned(),
        ),
    };
    findings.push(ENCRYPTION_AT_REST.finding(message).why(why));
}
