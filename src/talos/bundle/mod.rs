//! The secrets bundle: what `talosctl gen secrets` writes and all configurations are made from.

mod fields;
mod json;
mod read;
mod secret_manifest;

use std::borrow::Cow;

use self::fields::{Field, Value};
use super::file::TalosFile;
use super::go_yaml::{self, Node};
use crate::cluster::CaSlot;
use crate::pki::{CaPair, PrivateKey, Secret};

pub use read::BundleError;
pub(crate) use secret_manifest::{COPIES, IN_CLUSTER_API, PLAIN};
pub use secret_manifest::{ClusterName, ClusterNameError};

/// A whole secrets bundle. Tokens, names and encryption keys are opaque to Talos, and kept as they
/// are; certificates and keys are written anew in the form in which Talos writes its own.
#[derive(Debug, Clone)]
pub struct Bundle {
    /// The name of the cluster for the discovery service.
    pub cluster_id: String,
    /// The key by which members find each other through the discovery service.
    pub cluster_secret: Secret<String>,
    /// The token by which kubelets join Kubernetes.
    pub bootstrap_token: Secret<String>,
    /// The token by which workers get their certificate from trustd.
    pub trustd_token: Secret<String>,
    /// The key that encrypts Secrets in etcd.
    pub encryption: EncryptionSecret,
    /// The etcd CA.
    pub etcd: CaPair,
    /// The Kubernetes CA.
    pub kubernetes: CaPair,
    /// The aggregator CA.
    pub aggregator: CaPair,
    /// The key that signs service-account tokens.
    pub service_account: PrivateKey,
    /// The CA of Talos's own API.
    pub os: CaPair,
}

/// The key that encrypts Secrets in etcd: a bundle has exactly one.
#[derive(Debug, Clone)]
pub enum EncryptionSecret {
    /// For AES-CBC, up to the contract of Talos 1.2.
    Aescbc(Secret<String>),
    /// For secretbox.
    Secretbox(Secret<String>),
}

impl Bundle {
    /// The certificate authority in `slot`.
    #[must_use]
    pub fn authority(&self, slot: CaSlot) -> &CaPair {
        match slot {
            CaSlot::Kubernetes => &self.kubernetes,
            CaSlot::Etcd => &self.etcd,
            CaSlot::Aggregator => &self.aggregator,
            CaSlot::Os => &self.os,
        }
    }

    /// The bytes that `talosctl gen secrets` would write for it. This writes secrets.
    #[must_use]
    pub fn to_secret_yaml(&self) -> Secret<String> {
        go_yaml::write(&Node::Mapping(nodes(&fields::of(self))))
    }

    /// Its JSON, on one line, with the names that Go's fields have. This writes secrets.
    #[must_use]
    pub fn to_secret_json(&self) -> Secret<String> {
        json::write(&fields::of(self))
    }

    /// Reads a bundle in either form, and its fields by the names of either. Everything that is
    /// wrong is listed; nothing of the content is quoted.
    pub fn read(text: &[u8]) -> Result<Self, Vec<BundleError>> {
        read::read(text)
    }

    /// The bundle in a file that is read already.
    pub fn of_file(file: &TalosFile) -> Result<Self, Vec<BundleError>> {
        read::of_file(file)
    }
}

fn nodes<'a>(fields: &'a [Field<'a>]) -> Vec<(Cow<'a, str>, Node<'a>)> {
    let node = |field: &'a Field<'a>| match &field.value {
        Value::Fields(inner) => Node::Mapping(nodes(inner)),
        Value::Pem(encoded) => Node::encoded_pem(encoded.expose()),
        Value::Text(text) => Node::text(*text),
    };
    fields
        .iter()
        .map(|field| (field.yaml_name.into(), node(field)))
        .collect()
}
