//! Encryption of Secrets at rest.

use super::conversion::Conversion;
use super::item::Outcome;
use super::unknown_processes;
use crate::cluster::EncryptionRule;
use crate::settings::{Component, ComponentProcess, Flag};
use crate::talos::encryption_configuration::{self, TalosKeys};
use crate::talos::machine_config::EncryptionAtRest;
use crate::talos::yaml_tree::{Tree, TreeError};

const DOCUMENT: &str = "KubeEtcdEncryptionConfig";

/// `--encryption-provider-config`
pub(super) fn provider_config(
    conversion: &mut Conversion<'_>,
    process: &ComponentProcess,
    flag: &Flag,
) -> Outcome {
    let Some(file) = conversion.settings.file(process, &flag.value) else {
        return Outcome::refused(
            format!(
                "`{}` was not read: without its keys no Secret that was written with them can be \
                 read",
                flag.value
            ),
            super::BRING_THE_FILE,
        );
    };
    let path = file.path.clone();
    let unusable = |reason: String| {
        Outcome::refused(
            format!("`{path}` is nothing that an API server starts with: {reason}"),
            "copy it anew from the node, and whole: what is left out of it nobody can read any more",
        )
    };
    let tree = match Tree::strict(&file.bytes) {
        Ok(tree @ Tree::Mapping(_)) => tree,
        Err(error @ TreeError::Twice(_)) => return unusable(error.to_string()),
        _ => return super::file_unreadable(&path),
    };
    let rules = match encryption_configuration::read(&tree) {
        Ok(rules) => rules,
        Err(reason) => return unusable(reason),
    };
    let outcome = if let Some(rule) = rules.iter().find(|rule| rule.has("kms")) {
        Outcome::refused(
            format!(
                "{} are encrypted by a KMS plugin, which runs on the control planes beside the API \
                 server; Talos has no place for it",
                rule.resources.join(", ")
            ),
            "re-encrypt with secretbox first: put a secretbox provider before the KMS provider, \
             restart every API server, and write all of them anew (kubectl get secrets -A -o json \
             | kubectl replace -f -)",
        )
    } else if conversion.contract().kubernetes_documents() {
        as_document(conversion, &rules, &tree)
    } else {
        as_fields(conversion, &rules)
    };
    for rule in &rules {
        for provider in &rule.providers {
            let what = format!("{}: {provider}", rule.resources.join(", "));
            conversion.note(&path, what, outcome.clone());
        }
    }
    outcome
}

/// Kept word for word: resources, providers, keys, their names and their order.
fn as_document(conversion: &mut Conversion<'_>, rules: &[EncryptionRule], tree: &Tree) -> Outcome {
    let Tree::Mapping(entries) = tree else {
        return Outcome::kept("it is empty");
    };
    let entries = entries.iter();
    // Talos sets these by itself.
    let entries = entries.filter(|(name, _)| !matches!(name.as_str(), "apiVersion" | "kind"));
    let configuration = Tree::Mapping(entries.cloned().collect());
    conversion.kubernetes.encryption = EncryptionAtRest::Configuration(configuration);
    if let Ok(keys) = TalosKeys::of(rules) {
        conversion.encryption = keys.into_bundle();
    }
    Outcome::converted(DOCUMENT)
}

/// Up to Talos 1.13 the names of the keys are Talos's.
fn as_fields(conversion: &mut Conversion<'_>, rules: &[EncryptionRule]) -> Outcome {
    match TalosKeys::of(rules) {
        Ok(keys) if keys.secretbox.is_none() && keys.aescbc.is_none() => {
            conversion.kubernetes.encryption = EncryptionAtRest::Off;
            Outcome::kept("without an encryption key Talos does not encrypt")
        }
        Ok(keys) => {
            conversion.encryption = keys.clone().into_bundle();
            conversion.kubernetes.encryption = EncryptionAtRest::Fields {
                secretbox: keys.secretbox,
                aescbc: keys.aescbc,
            };
            Outcome::converted("cluster.secretboxEncryptionSecret, cluster.aescbcEncryptionSecret")
        }
        Err(reason) => Outcome::refused(
            format!("Talos {} cannot keep it: {reason}", conversion.contract()),
            "use --talos-version v1.14; or re-encrypt first: give the API servers a key of the name \
             `key2` for secretbox, or `key1` for aescbc, with `identity` behind it, restart them, \
             and write every Secret anew (kubectl get secrets -A -o json | kubectl replace -f -)",
        ),
    }
}

/// An API server without the flag does not encrypt; without a manifest, nobody knows.
pub(super) fn conclude(conversion: &mut Conversion<'_>) {
    let what = "encryption at rest";
    let Some(process) = conversion.settings.component(Component::ApiServer) else {
        let (why, help) = unknown_processes::of_api_server(conversion);
        let outcome = Outcome::refused(
            format!("{why}, so nobody knows whether Secrets are encrypted"),
            help,
        );
        conversion.note("the cluster", what, outcome);
        return;
    };
    if process.flag("encryption-provider-config").is_some() {
        return;
    }
    conversion.kubernetes.encryption = EncryptionAtRest::Off;
    let outcome = if conversion.contract().kubernetes_documents() {
        Outcome::converted(format!("{DOCUMENT}, with `identity` alone"))
    } else {
        Outcome::kept("without an encryption key Talos does not encrypt")
    };
    conversion.note(&process.origin, format!("no {what}"), outcome);
}
