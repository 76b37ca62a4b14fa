//! Which key encrypts Secrets in etcd, and what of the encryption a bundle cannot say.
//!
//! The name of a key stands in everything that was encrypted with it (`k8s:enc:secretbox:v1:key2:`),
//! so another provider or another name makes a cluster's Secrets unreadable.

use super::fields::Fields;
use crate::cluster::{BeyondBundle, covers_secrets};
use crate::pki::Secret;
use crate::talos::yaml_tree::Tree;

const SECRETBOX: &str = "cluster.secretboxEncryptionSecret";
const AESCBC: &str = "cluster.aescbcEncryptionSecret";
const DOCUMENT: &str = "KubeEtcdEncryptionConfig.config.resources";

/// The key that new Secrets are encrypted with, if a bundle can hold it.
#[derive(Default)]
pub(super) struct Encryption {
    pub(super) aescbc_secret: Option<Secret<String>>,
    pub(super) secretbox_secret: Option<Secret<String>>,
}

/// Reads the encryption of Secrets, and adds to `beyond` what a bundle has no place for.
pub(super) fn read(fields: &mut Fields<'_>, beyond: &mut Vec<BeyondBundle>) -> Encryption {
    let secret = |text: &str| Secret::new(text.to_owned());
    if let Some(resources) = fields.at(DOCUMENT) {
        return from_document(resources, beyond);
    }
    let secretbox_secret = fields.text(SECRETBOX, None).map(secret);
    let aescbc_secret = fields.text(AESCBC, None).map(secret);
    if secretbox_secret.is_some() && aescbc_secret.is_some() {
        // Talos writes with secretbox then, and still reads what AES-CBC has encrypted.
        tell(
            beyond,
            AESCBC,
            "a second key, which reads Secrets encrypted before".to_owned(),
        );
        return Encryption {
            secretbox_secret,
            aescbc_secret: None,
        };
    }
    Encryption {
        aescbc_secret,
        secretbox_secret,
    }
}

fn from_document(resources: &Tree, beyond: &mut Vec<BeyondBundle>) -> Encryption {
    let mut encryption = None;
    for (index, entry) in resources.items().iter().enumerate() {
        let place = format!("{DOCUMENT}[{index}]");
        let names = names(entry);
        if encryption.is_none() && names.iter().any(|name| covers_secrets(name)) {
            let others: Vec<_> = names
                .into_iter()
                .filter(|name| *name != "secrets")
                .collect();
            if !others.is_empty() {
                let what = format!("encryption of resources beside Secrets: {}", list(&others));
                tell(beyond, &place, what);
            }
            encryption = Some(from_entry(entry, &place, beyond));
        } else {
            tell(
                beyond,
                &place,
                format!("encryption of other resources: {}", list(&names)),
            );
        }
    }
    encryption.unwrap_or_default()
}

fn from_entry(entry: &Tree, place: &str, beyond: &mut Vec<BeyondBundle>) -> Encryption {
    let providers = entry
        .field("providers")
        .map(Tree::items)
        .unwrap_or_default();
    let mut encryption = Encryption::default();
    for (index, provider) in providers.iter().enumerate() {
        let place = format!("{place}.providers[{index}]");
        let Tree::Mapping(provider) = provider else {
            continue;
        };
        for (name, settings) in provider {
            match (index, name.as_str()) {
                (0, "secretbox") => {
                    encryption.secretbox_secret = first_key(settings, "key2", &place, beyond);
                }
                (0, "aescbc") => {
                    encryption.aescbc_secret = first_key(settings, "key1", &place, beyond);
                }
                (0, "identity") => {
                    let what = "the provider `identity` comes first: new Secrets are not encrypted";
                    tell(beyond, &place, what.to_owned());
                }
                (_, "identity") => {
                    let what =
                        "the provider `identity`, which reads Secrets that are not encrypted";
                    tell(beyond, &place, what.to_owned());
                }
                (_, name) => {
                    tell(
                        beyond,
                        &place,
                        format!("the provider `{}`", name.escape_debug()),
                    );
                }
            }
        }
    }
    encryption
}

/// The first key of a provider. Talos would give it the name `usual_name`.
fn first_key(
    settings: &Tree,
    usual_name: &str,
    place: &str,
    beyond: &mut Vec<BeyondBundle>,
) -> Option<Secret<String>> {
    let keys = settings.field("keys").map(Tree::items).unwrap_or_default();
    let Some((first, others)) = keys.split_first() else {
        tell(beyond, place, "a provider without a key".to_owned());
        return None;
    };
    let name = first.field("name").and_then(Tree::text).unwrap_or_default();
    if name != usual_name {
        let name = name.escape_debug();
        let what = format!("the name of the key, `{name}`: Talos would call it `{usual_name}`");
        tell(beyond, place, what);
    }
    if !others.is_empty() {
        let what = format!(
            "{} more, which read Secrets encrypted before",
            keys_in_words(others)
        );
        tell(beyond, place, what);
    }
    let secret = first
        .field("secret")
        .and_then(Tree::text)
        .filter(|secret| !secret.is_empty());
    if secret.is_none() {
        tell(beyond, place, "a key without a secret".to_owned());
    }
    secret.map(|secret| Secret::new(secret.to_owned()))
}

fn keys_in_words(keys: &[Tree]) -> String {
    if keys.len() == 1 {
        "1 key".to_owned()
    } else {
        format!("{} keys", keys.len())
    }
}

fn names(entry: &Tree) -> Vec<&str> {
    let names = entry
        .field("resources")
        .map(Tree::items)
        .unwrap_or_default();
    names.iter().filter_map(Tree::text).collect()
}

fn list(names: &[&str]) -> String {
    let names: Vec<_> = names
        .iter()
        .map(|name| name.escape_debug().to_string())
        .collect();
    names.join(", ")
}

fn tell(beyond: &mut Vec<BeyondBundle>, place: &str, what: String) {
    beyond.push(BeyondBundle {
        place: place.to_owned(),
        what,
    });
}
