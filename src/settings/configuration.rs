//! Configurations of kubeadm, kubelet and kube-proxy.

use std::collections::BTreeSet;

use super::standing::Standing;
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

    /// The program whose flag `--config` names it, if it has one.
    pub(super) fn program(self) -> Option<&'static str> {
        match self {
            Self::Cluster => None,
            Self::Kubelet => Some("kubelet"),
            Self::KubeProxy => Some("kube-proxy"),
        }
    }

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
    /// How well it stands.
    pub(super) standing: Standing,
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
    let documents = Tree::lenient_documents(&file.bytes).map_err(|error| error.to_string())?;
    Ok(documents
        .into_iter()
        .filter_map(|tree| of_document(&file.path, tree, Standing::of_configuration))
        .collect())
}

/// The configuration that a document is, if it is one; `standing` is told where it was, and what it is
/// for.
pub(super) fn of_document(
    origin: &str,
    tree: Tree,
    standing: fn(&str, ConfigurationKind) -> Standing,
) -> Option<Configuration> {
    let name = tree.field("kind")?.text()?;
    let kind = ConfigurationKind::ALL
        .into_iter()
        .find(|kind| kind.name() == name)?;
    Some(Configuration {
        kind,
        origin: origin.to_owned(),
        tree,
        standing: standing(origin, kind),
    })
}

impl Configuration {
    /// The fields about which `other` does not say the same, save the version of the form.
    #[must_use]
    pub fn differs_in(&self, other: &Self) -> Vec<String> {
        let leaves = |one: &Self| -> BTreeSet<(String, String)> {
            let leaves = one.tree.leaves().into_iter();
            let text = |leaf: &Tree| leaf.text().unwrap_or_default().to_owned();
            leaves.map(|(path, leaf)| (path, text(leaf))).collect()
        };
        let (own, others) = (leaves(self), leaves(other));
        let fields = own.symmetric_difference(&others);
        let fields: BTreeSet<&String> = fields.map(|(path, _)| path).collect();
        let fields = fields.into_iter().filter(|path| *path != "apiVersion");
        fields.cloned().collect()
    }

    /// Whether it was replaced, as kubeadm does in an upgrade.
    #[must_use]
    pub fn is_replaced(&self) -> bool {
        self.standing == Standing::Replaced
    }

    /// Whether the running cluster says so.
    #[must_use]
    pub fn is_running(&self) -> bool {
        self.standing == Standing::Running
    }

    /// Whether nothing tells which of it and `other` is in use. kubelets below folders are those of
    /// several nodes, each in use.
    #[must_use]
    pub fn is_equal_of(&self, other: &Self) -> bool {
        let is_of_a_node = self.kind == ConfigurationKind::Kubelet
            && matches!(self.standing, Standing::BelowAFolder(_));
        self.standing == other.standing && !is_of_a_node
    }
}
