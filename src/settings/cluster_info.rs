//! What `kubectl get … -o yaml` tells of a running cluster: ConfigMaps of kubeadm, Nodes, and Secrets
//! with bootstrap tokens.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::standing::Standing;
use super::{Node, Settings, configuration};
use crate::pki::Secret;
use crate::source::{SourceFile, Tree as SourceTree};
use crate::talos::yaml_tree::{Tree, TreeError};

/// Where kubeadm keeps configurations: the ConfigMap, and the name in it.
const CONFIG_MAPS: [(&str, &str); 3] = [
    ("kubeadm-config", "ClusterConfiguration"),
    ("kubelet-config", "kubelet"),
    ("kube-proxy", "config.conf"),
];

/// The type of a Secret with a bootstrap token.
const TOKEN_TYPE: &str = "bootstrap.kubernetes.io/token";

/// The file at the top of a source that says it, too, as if it had been given beside the source.
const FILE: &str = "cluster-info.yaml";

/// The file in `tree` that tells of the running cluster, if it has one.
#[must_use]
pub fn cluster_info_in(tree: &SourceTree) -> Option<&SourceFile> {
    tree.files.iter().find(|file| is_cluster_info(file))
}

pub(super) fn is_cluster_info(file: &SourceFile) -> bool {
    file.path == FILE
}

/// A file in which nothing can be read that a cluster says about itself.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ClusterInfoError {
    /// It has no objects.
    #[error(
        "`{0}` has no object of Kubernetes in it; make it by: kubectl -n kube-system get \
         configmaps,secrets -o yaml"
    )]
    NoObject(String),
    /// It is not YAML.
    #[error("`{file}` cannot be read: {error}")]
    Syntax {
        /// The file.
        file: String,
        /// What is wrong.
        error: TreeError,
    },
}

/// Reads all objects in `file`, by themselves or in a `List`.
pub(super) fn read(file: &SourceFile, settings: &mut Settings) -> Result<(), ClusterInfoError> {
    let documents =
        Tree::lenient_documents(&file.bytes).map_err(|error| ClusterInfoError::Syntax {
            file: file.path.clone(),
            error,
        })?;
    let mut all = documents.iter().flat_map(objects);
    if !all.any(|object| object.field("kind").is_some()) {
        return Err(ClusterInfoError::NoObject(file.path.clone()));
    }
    // Whoever gives such a file says what the cluster has; what is not there, it has not.
    let tokens = settings.bootstrap_tokens.get_or_insert_default();
    let mut found = Vec::new();
    for object in documents.iter().flat_map(objects) {
        tokens.extend(bootstrap_token(object));
        settings.nodes.extend(node(object));
        let texts = configurations_in(object);
        for (name, text) in texts {
            let origin = format!("{}, {name}", file.path);
            match Tree::lenient(text.as_bytes()) {
                Ok(tree) => {
                    let standing = |_: &str, _| Standing::Running;
                    found.extend(configuration::of_document(&origin, tree, standing));
                }
                Err(error) => settings.unread.push((origin, error.to_string())),
            }
        }
    }
    // What the cluster says now comes before what a file said once.
    found.append(&mut settings.configurations);
    settings.configurations = found;
    Ok(())
}

/// The objects of a list, or the object itself.
fn objects(document: &Tree) -> Vec<&Tree> {
    match document.field("items") {
        Some(items) => items.items().iter().collect(),
        None => vec![document],
    }
}

fn configurations_in(object: &Tree) -> Vec<(String, &str)> {
    let name = object.at("metadata.name").and_then(Tree::text);
    let is_config_map = object.field("kind").and_then(Tree::text) == Some("ConfigMap");
    let data = object.field("data");
    let rows = CONFIG_MAPS
        .iter()
        .filter(|(map, _)| is_config_map && name == Some(*map));
    let text = |(map, key): &(&str, &str)| {
        let text = data?.field(key)?.text()?;
        Some((format!("ConfigMap {map}"), text))
    };
    rows.filter_map(text).collect()
}

/// The label of nodes that run the control plane.
const CONTROL_PLANE_LABEL: &str = "node-role.kubernetes.io/control-plane";

fn node(object: &Tree) -> Option<Node> {
    if object.field("kind")?.text()? != "Node" {
        return None;
    }
    let addresses = object.at("status.addresses").map(Tree::items);
    let mut addresses = addresses.unwrap_or_default().iter();
    let internal =
        addresses.find(|address| address.field("type").and_then(Tree::text) == Some("InternalIP"));
    let labels = object.at("metadata.labels");
    let version = object.at("status.nodeInfo.kubeletVersion");
    Some(Node {
        name: object.at("metadata.name")?.text()?.to_owned(),
        address: internal
            .and_then(|address| address.field("address"))
            .and_then(Tree::text)
            .map(str::to_owned),
        is_control_plane: labels.is_some_and(|labels| labels.field(CONTROL_PLANE_LABEL).is_some()),
        kubelet_version: version.and_then(Tree::text).map(str::to_owned),
    })
}

/// The token in a Secret, whose values are in base64.
fn bootstrap_token(object: &Tree) -> Option<Secret<String>> {
    let is_token = object.field("type").and_then(Tree::text) == Some(TOKEN_TYPE);
    if !is_token {
        return None;
    }
    let part = |name: &str| {
        let plain = object.field("stringData").and_then(|data| data.field(name));
        if let Some(text) = plain.and_then(Tree::text) {
            return Some(text.to_owned());
        }
        let encoded = object.field("data")?.field(name)?.text()?;
        String::from_utf8(STANDARD.decode(encoded).ok()?).ok()
    };
    let (id, secret) = (part("token-id")?, Secret::new(part("token-secret")?));
    Some(Secret::new(format!("{id}.{}", secret.expose())))
}
