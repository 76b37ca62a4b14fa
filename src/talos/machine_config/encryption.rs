//! Encryption of Secrets at rest.
//!
//! A key's name and kind are part of every Secret that was written with it. talosctl loses an
//! AES-CBC key in two ways: up to Talos 1.13 the bundle's key is dropped, and from 1.14 on it is
//! written as a secretbox key. Here it stays what it is.

use super::super::go_yaml::Node;
use super::{Aescbc, EncryptionSecret, Inputs};

/// The names that Talos gives the keys.
const SECRETBOX_KEY: &str = "key2";
const AESCBC_KEY: &str = "key1";

/// `cluster.aescbcEncryptionSecret` and `cluster.secretboxEncryptionSecret`, of which one is set.
pub(super) fn fields<'a>(inputs: &Inputs<'a>) -> [(&'static str, Option<Node<'a>>); 2] {
    let (mut aescbc, mut secretbox) = (None, None);
    match &inputs.bundle.encryption {
        EncryptionSecret::Secretbox(secret) => secretbox = Some(Node::text(secret.expose())),
        EncryptionSecret::Aescbc(secret) if inputs.settings.aescbc == Aescbc::Keep => {
            aescbc = Some(Node::text(secret.expose()));
        }
        EncryptionSecret::Aescbc(_) => {}
    }
    [
        ("aescbcEncryptionSecret", aescbc),
        ("secretboxEncryptionSecret", secretbox),
    ]
}

/// The configuration of the API server in `KubeEtcdEncryptionConfig`.
///
/// With a secretbox key it is what talosctl writes, without the provider `identity`. With an
/// AES-CBC key it is what Talos 1.13 makes of `cluster.aescbcEncryptionSecret`, in which plain
/// Secrets can be read.
pub(super) fn configuration<'a>(inputs: &Inputs<'a>) -> Node<'a> {
    let providers = match &inputs.bundle.encryption {
        EncryptionSecret::Secretbox(secret) => {
            vec![provider("secretbox", SECRETBOX_KEY, secret.expose())]
        }
        EncryptionSecret::Aescbc(secret) => match inputs.settings.aescbc {
            Aescbc::Keep => vec![
                provider("aescbc", AESCBC_KEY, secret.expose()),
                Node::mapping([("identity", Node::mapping([]))]),
            ],
            Aescbc::AsTalosctl => vec![provider("secretbox", AESCBC_KEY, secret.expose())],
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
