//! What a bundle does to a cluster whose Secrets are encrypted at rest, and to one whose are not.

use super::finding::Finding;
use super::rule::{Allow, Rule, Severity};
use crate::cluster::{Cluster, EncryptionEvidence, EncryptionRule};
use crate::printable::printable;
use crate::talos::Contract;
use crate::talos::encryption_configuration::{TalosKeys, bundle_key};

pub(super) static ENCRYPTION_AT_REST: Rule = Rule {
    name: "encryption-at-rest",
    severity: Severity::Warning,
    summary: "The bundle turns encryption at rest on, with a key that the old cluster lacks",
    why: "A secrets bundle always has an encryption key. Old API servers cannot read what Talos \
          writes with it, and from 1.14 on Talos cannot read what was written before",
    help: "`talos-pki convert` takes the cluster's own along; for a bundle alone, before any node \
           starts, set it in Talos's configuration: up to 1.13 `cluster.secretboxEncryptionSecret` or none, from 1.14 on the document \
           KubeEtcdEncryptionConfig (with the provider `identity` alone if nothing is encrypted)",
    allow: Allow::NotNeeded,
};

/// Why another key reads nothing.
const BY_NAME: &str = "Every value in etcd begins with its provider and the name of its key, such as \
                       `k8s:enc:aescbc:v1:key1:`, and is read by a key of that name in such a provider \
                       alone. Talos encrypts Secrets with secretbox `key2`: before it has what is listed \
                       here, it reads nothing that was written by that, and what it writes the old API \
                       servers cannot read";

/// What the bundle changes about encryption at rest; nothing where it has the cluster's own key, and
/// Talos does the rest.
pub(super) fn at_rest(cluster: &Cluster, contract: Contract) -> Option<Finding> {
    let rule = &ENCRYPTION_AT_REST;
    let path = match &cluster.encryption {
        EncryptionEvidence::Off => {
            let message = "the cluster does not encrypt Secrets, and the bundle turns it on";
            return Some(rule.finding(message));
        }
        EncryptionEvidence::Unknown => {
            let message =
                "whether the cluster encrypts Secrets is unknown, and the bundle turns it on";
            return Some(rule.finding(message));
        }
        EncryptionEvidence::On(path) => printable(path),
    };
    let rules = match &cluster.encryption_rules {
        Some(Ok(rules)) => rules,
        Some(Err(reason)) => {
            let message = format!(
                "the cluster encrypts Secrets by `{path}`, with which no API server starts: {reason}"
            );
            let help = "copy it anew from the node, and whole: what is left out of it nobody can read \
                        any more";
            return Some(rule.finding(message).why(BY_NAME).help(help));
        }
        None => {
            let message = format!(
                "the cluster encrypts Secrets by `{path}`, which was not read, and the bundle has \
                 another key"
            );
            let help = "keep that file: without the keys in it no Secret can be read any more. Give it \
                        together with the rest to learn what Talos needs of it";
            return Some(rule.finding(message).why(BY_NAME).help(help));
        }
    };
    let keys = TalosKeys::of(rules);
    let is_in_bundle = bundle_key(rules, contract).is_some();
    if is_in_bundle && !contract.kubernetes_documents() {
        return None;
    }
    let finding = rule
        .finding(message(rules, &path, is_in_bundle))
        .at_each(rules.iter().map(|rule| printable(&rule.to_string())))
        .why(BY_NAME);
    Some(finding.help(remedy(rules, &keys, is_in_bundle)))
}

fn message(rules: &[EncryptionRule], path: &str, is_in_bundle: bool) -> String {
    let of_secrets = rules.iter().find(|rule| rule.is_for_secrets());
    let writes = of_secrets.and_then(|rule| rule.providers.first());
    match (of_secrets, writes) {
        (Some(_), Some(writes)) if is_in_bundle => format!(
            "the cluster encrypts Secrets by `{path}` with {writes}, whose key the bundle has, but Talos \
             would not read what was written in plain"
        ),
        (Some(rule), Some(writes)) if rule.encrypts() && writes.is_identity() => format!(
            "the cluster writes Secrets in plain, and by `{path}` reads older ones that are encrypted; \
             the bundle has another key"
        ),
        (Some(rule), Some(writes)) if rule.encrypts() => format!(
            "the cluster encrypts Secrets by `{path}` with {}, and the bundle has another key",
            printable(&writes.to_string())
        ),
        _ => format!(
            "the cluster encrypts other things than Secrets by `{path}`, and the bundle turns it on for \
             Secrets"
        ),
    }
}

fn remedy(
    rules: &[EncryptionRule],
    keys: &Result<TalosKeys, String>,
    is_in_bundle: bool,
) -> String {
    if rules.iter().any(|rule| rule.has("kms")) {
        return "Talos has no place for the KMS plugin: re-encrypt with a key first, as `talos-pki \
                convert` tells"
            .to_owned();
    }
    let from_1_14 = "from 1.14 on as it is, in the document KubeEtcdEncryptionConfig";
    let convert = "`talos-pki convert` does it; for a bundle alone, before any node starts, set it in \
                   Talos's configuration";
    if is_in_bundle {
        return format!("{convert}, as it is, in the document KubeEtcdEncryptionConfig");
    }
    let up_to_1_13 = match keys {
        Ok(keys) => {
            let secretbox = keys.secretbox.as_ref();
            let secretbox =
                secretbox.map(|_| "the key `key2` in `cluster.secretboxEncryptionSecret`");
            let aescbc = keys.aescbc.as_ref();
            let aescbc = aescbc.map(|_| "the key `key1` in `cluster.aescbcEncryptionSecret`");
            let fields = secretbox.into_iter().chain(aescbc);
            format!("up to 1.13 {}", fields.collect::<Vec<_>>().join(" and "))
        }
        Err(reason) => format!("up to 1.13 Talos cannot say it ({})", printable(reason)),
    };
    format!("{convert}: {up_to_1_13}, {from_1_14}")
}
