//! Encryption of Secrets at rest.
//!
//! A key's name and kind are part of every Secret that was written with it. talosctl loses an
//! AES-CBC key in two ways: up to Talos 1.13 the bundle's key is dropped, and from 1.14 on it is
//! written as a secretbox key. Here it stays what it is.

use super::super::go_yaml::Node;
use super::{Aescbc, EncryptionAtRest, EncryptionSecret, Inputs};
use crate::pki::Secret;

/// The names that Talos gives the keys.
const SECRETBOX_KEY: &str = "key2";
const AESCBC_KEY: &str = "key1";

/// `cluster.aescbcEncryptionSecret` and `cluster.secretboxEncryptionSecret`.
pub(super) fn fields<'a>(inputs: &Inputs<'a>) -> [(&'static str, Option<Node<'a>>); 2] {
    let (mut aescbc, mut secretbox) = (None, None);
    match &inputs.kubernetes().encryption {
        EncryptionAtRest::OfBundle => match &inputs.bundle.encryption {
            EncryptionSecret::Secretbox(secret) => secretbox = Some(secret),
            EncryptionSecret::Aescbc(secret) if inputs.settings.aescbc == Aescbc::Keep => {
                aescbc = Some(secret);
            }
            EncryptionSecret::Aescbc(_) => {}
        },
        EncryptionAtRest::Fields {
            secretbox: first,
            aescbc: second,
        } => (aescbc, secretbox) = (second.as_ref(), first.as_ref()),
        // There is no field for another configuration; who asks for one has to know.
        EncryptionAtRest::Off | EncryptionAtRest::Configuration(_) => {}
    }
    let text = |secret: &'a Secret<String>| Node::text(secret.expose().as_str());
    [
        ("aescbcEncryptionSecret", aescbc.map(text)),
        ("secretboxEncryptionSecret", secretbox.map(text)),
    ]
}

/// The configuration of the API server in `KubeEtcdEncryptionConfig`.
///
/// With the secretbox key of a bundle it is what talosctl writes, without the provider `identity`.
/// With an AES-CBC key it is what Talos 1.13 makes of `cluster.aescbcEncryptionSecret`, in which
/// plain Secrets can be read. Talos 1.14 refuses a control plane without this document, so that no
/// encryption has to be written as the provider `identity` alone.
pub(super) fn configuration<'a>(inputs: &Inputs<'a>) -> Node<'a> {
    let identity = || Node::mapping([("identity", Node::mapping([]))]);
    let text = |secret: &'a Secret<String>| secret.expose().as_str();
    let providers = match &inputs.kubernetes().encryption {
        EncryptionAtRest::Configuration(configuration) => return configuration.into(),
        EncryptionAtRest::Off => vec![identity()],
        EncryptionAtRest::Fields { secretbox, aescbc } => {
            let secretbox = secretbox.as_ref();
            let aescbc = aescbc.as_ref();
            let keys = [
                secretbox.map(|secret| provider("secretbox", SECRETBOX_KEY, text(secret))),
                aescbc.map(|secret| provider("aescbc", AESCBC_KEY, text(secret))),
                Some(identity()),
            ];
            keys.into_iter().flatten().collect()
        }
        EncryptionAtRest::OfBundle => match (&inputs.bundle.encryption, inputs.settings.aescbc) {
            (EncryptionSecret::Secretbox(secret), _) => {
                vec![provider("secretbox", SECRETBOX_KEY, text(secret))]
            }
            (EncryptionSecret::Aescbc(secret), Aescbc::Keep) => {
                vec![provider("aescbc", AESCBC_KEY, text(secret)), identity()]
            }
            (EncryptionSecret::Aescbc(secret), Aescbc::AsTalosctl) => {
                vec![provider("secretbox", AESCBC_KEY, text(secret))]
            }
        },
    };
    let resource = Node::mapping([
        ("providers", Node::Sequence(providers)),
        ("resources", Node::texts(["secrets"])),
    ]);
    Node::mapping([("resources", Node::Sequence(vec![resource]))])
}

fn provider<'a>(kind: &'static str, name: &'static str, secret: &'a str) -> Node<'a> {
    let key = Node::mapping([("name", Node::text(name)), ("secret", Node::text(secret))]);
    let keys = Node::mapping([("keys", Node::Sequence(vec![key]))]);
    Node::mapping([(kind, keys)])
}
