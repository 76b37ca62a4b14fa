//! A bundle as a Secret of Kubernetes.

use std::str::FromStr;

use super::Bundle;
use crate::pki::Secret;
use crate::talos::encoded_pem;
use crate::talos::go_yaml::{self, Node};

/// The label by which Cluster API knows what belongs to a cluster.
const CLUSTER_LABEL: &str = "cluster.x-k8s.io/cluster-name";

/// The name of the Secret of Cluster API's bootstrap provider, behind that of the cluster, and of the
/// field in it.
pub(crate) const IN_CLUSTER_API: (&str, &str) = ("talos", "bundle");

/// The name of a plain Secret, behind that of the cluster, and of the file in it.
pub(crate) const PLAIN: (&str, &str) = ("talos-secrets", "secrets.yaml");

/// The folder of a source in which the copies are that Cluster API has of a bundle's CAs.
pub(crate) const COPIES: &str = "copies of Cluster API/";

/// Most characters of a name that is also the value of a label.
const MAX_NAME: usize = 63;

/// The name of a cluster, and the namespace where it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClusterName {
    namespace: Option<String>,
    name: String,
}

/// A text that cannot be the name of a cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "it is not NAME or NAMESPACE/NAME, each of at most {MAX_NAME} lowercase letters, digits, `-` and \
     `.`, with a letter or digit at both ends"
)]
pub struct ClusterNameError;

impl FromStr for ClusterName {
    type Err = ClusterNameError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (namespace, name) = match text.split_once('/') {
            Some((namespace, name)) => (Some(namespace), name),
            None => (None, text),
        };
        if !namespace.into_iter().chain([name]).all(is_name) {
            return Err(ClusterNameError);
        }
        Ok(Self {
            namespace: namespace.map(str::to_owned),
            name: name.to_owned(),
        })
    }
}

/// RFC 1123, as Kubernetes wants names.
fn is_name(text: &str) -> bool {
    let is_end = |byte: Option<&u8>| {
        byte.is_some_and(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    };
    let bytes = text.as_bytes();
    let rest = |byte: &u8| is_end(Some(byte)) || matches!(byte, b'-' | b'.');
    bytes.len() <= MAX_NAME
        && is_end(bytes.first())
        && is_end(bytes.last())
        && bytes.iter().all(rest)
}

impl Bundle {
    /// The Secret `NAME-talos` in which Cluster API's bootstrap provider for Talos keeps the bundle of
    /// a cluster, and takes it from if it is there before the cluster. This writes secrets.
    ///
    /// Source: `controllers/secrets.go` in `siderolabs/cluster-api-bootstrap-provider-talos`, which
    /// reads the field `bundle` as YAML.
    #[must_use]
    pub fn to_secret_cluster_api_manifest(&self, cluster: &ClusterName) -> Secret<String> {
        let labels = Node::mapping([(CLUSTER_LABEL, Node::text(cluster.name.as_str()))]);
        let (suffix, field) = IN_CLUSTER_API;
        let name = format!("{}-{suffix}", cluster.name);
        let namespace = cluster.namespace.as_deref();
        self.to_secret_manifest(&name, namespace, Some(labels), field)
    }

    /// A Secret with the bundle in the field `secrets.yaml`, as `kubectl create secret generic
    /// --from-file=secrets.yaml` makes it. This writes secrets.
    #[must_use]
    pub fn to_secret_plain_manifest(&self, cluster: Option<&ClusterName>) -> Secret<String> {
        let (suffix, field) = PLAIN;
        let name = cluster.map_or(suffix.to_owned(), |cluster| {
            format!("{}-{suffix}", cluster.name)
        });
        let namespace = cluster.and_then(|cluster| cluster.namespace.as_deref());
        self.to_secret_manifest(&name, namespace, None, field)
    }

    fn to_secret_manifest(
        &self,
        name: &str,
        namespace: Option<&str>,
        labels: Option<Node<'_>>,
        field: &str,
    ) -> Secret<String> {
        let encoded = encoded_pem::encode(self.to_secret_yaml().expose());
        let metadata = Node::mapping_of_some([
            ("name", Some(Node::text(name))),
            ("namespace", namespace.map(Node::text)),
            ("labels", labels),
        ]);
        go_yaml::write(&Node::mapping([
            ("apiVersion", Node::text("v1")),
            ("kind", Node::text("Secret")),
            ("metadata", metadata),
            ("type", Node::text("Opaque")),
            (
                "data",
                Node::mapping([(field, Node::text(encoded.expose().as_str()))]),
            ),
        ]))
    }
}
