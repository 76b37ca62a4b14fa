//! Configurations of kubeadm, kubelet and kube-proxy.

use crate::source::SourceFile;
use crate::talos::yaml_tree::Tree;

/// What a configuration is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConfigurationKind {
    /// The cluster, for kubeadm.
    Cluster,
    /// kubelet.
    Kubelet,
    /// kube-proxy.
    KubeProxy,
}

impl ConfigurationKind {
    const ALL: [Self; 3] = [Self::Cluster, Self::Kubelet, Self::KubeProxy];

    /// Its `kind`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Cluster => "ClusterConfiguration",
            Self::Kubelet => "KubeletConfiguration",
            Self::KubeProxy => "KubeProxyConfiguration",
        }
    }
}

/// A configuration.
#[derive(Debug)]
pub struct Configuration {
    /// What it is for.
    pub kind: ConfigurationKind,
    /// Where it was.
    pub origin: String,
    /// What it says.
    pub tree: Tree,
}

/// Reads every configuration in `file`, which may hold other documents, too. Files that do not
/// name any are not looked at closer.
pub(super) fn read(file: &SourceFile) -> Result<Vec<Configuration>, String> {
    let names_one = ConfigurationKind::ALL
        .iter()
        .any(|kind| memchr::memmem::find(&file.bytes, kind.name().as_bytes()).is_some());
    if !names_one {
        return Ok(Vec::new());
    }
    let documents = Tree::documents(&file.bytes).map_err(|error| error.to_string())?;
    Ok(documents
        .into_iter()
        .filter_map(|tree| of_document(&file.path, tree))
        .collect())
}

/// The configuration that a document is, if it is one.
pub(super) fn of_document(origin: &str, tree: Tree) -> Option<Configuration> {
    let name = tree.field("kind")?.text()?;
    let kind = ConfigurationKind::ALL
        .into_iter()
        .find(|kind| kind.name() == name)?;
    Some(Configuration {
        kind,
        origin: origin.to_owned(),
        tree,
    })
}
