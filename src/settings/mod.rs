//! How a cluster is run, beside its trust: the flags of its control plane, the configurations of
//! kubeadm, kubelet and kube-proxy, and the files that flags name.
//!
//! Like `layout` it reads a [`Tree`]; it knows `talos` for its reader of YAML,
//! and judges nothing. What becomes of each setting is for `convert` to say.

mod cluster_info;
mod configuration;
mod host_files;
pub(crate) mod static_pod;

use std::path::Path;

use self::host_files::HostFiles;
use crate::pki::Secret;
use crate::source::{SourceFile, Tree};

pub use cluster_info::ClusterInfoError;
pub use configuration::{Configuration, ConfigurationKind};
pub use host_files::HostFile;
pub use static_pod::{Component, Flag, Mount, StaticPod};

/// Where kubeadm keeps the API server, below `/etc/kubernetes`.
const API_SERVER_MANIFEST: &str = "manifests/kube-apiserver.yaml";

/// Everything that was found about how a cluster is run.
#[derive(Debug, Default)]
pub struct Settings {
    /// The static pods, in the order of their paths.
    pub static_pods: Vec<StaticPod>,
    /// The configurations, each in the order of the files.
    pub configurations: Vec<Configuration>,
    /// The bootstrap tokens that the cluster knows; nothing if nobody told.
    pub bootstrap_tokens: Option<Vec<Secret<String>>>,
    /// The nodes, as the cluster knows them; none if nobody told.
    pub nodes: Vec<Node>,
    /// What could not be read, with the reason.
    pub unread: Vec<(String, String)>,
    files: HostFiles,
}

/// A node of the running cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// Its name.
    pub name: String,
    /// Its first internal address.
    pub address: Option<String>,
    /// Whether it runs the control plane.
    pub is_control_plane: bool,
    /// The version of its kubelet, such as `v1.36.3`.
    pub kubelet_version: Option<String>,
}

impl Settings {
    /// Reads the settings in `tree`. Its `/etc/kubernetes` is where the manifest of the API server is.
    #[must_use]
    pub fn read(tree: &Tree) -> Self {
        let mut paths = tree.files.iter();
        let folder = paths.find_map(|file| file.path.strip_suffix(API_SERVER_MANIFEST));
        let folder = folder.unwrap_or_default();
        let mut settings = Self::default();
        for file in &tree.files {
            if static_pod::looks_like_manifest(&file.path) {
                settings.take_static_pod(file);
            } else {
                settings.take_configurations(file);
            }
        }
        settings.files = HostFiles::named_by(&settings.static_pods, tree, folder);
        settings
    }

    /// Adds what `kubectl get … -o yaml` told of the running cluster.
    pub fn add_cluster_info(&mut self, file: &SourceFile) -> Result<(), ClusterInfoError> {
        cluster_info::read(file, self)
    }

    /// The static pod of `component`.
    #[must_use]
    pub fn component(&self, component: Component) -> Option<&StaticPod> {
        self.static_pods
            .iter()
            .find(|pod| pod.component == Some(component))
    }

    /// The configuration of `kind`; that of the running cluster comes before that of a file.
    #[must_use]
    pub fn configuration(&self, kind: ConfigurationKind) -> Option<&Configuration> {
        let mut configurations = self.configurations.iter();
        configurations.find(|configuration| configuration.kind == kind)
    }

    /// The file that `pod` knows as `path`, if the source has it.
    #[must_use]
    pub fn file(&self, pod: &StaticPod, path: &str) -> Option<&HostFile> {
        self.files.get(&pod.host_path(path))
    }

    fn take_static_pod(&mut self, file: &SourceFile) {
        if let Some(pod) = static_pod::read(file) {
            self.static_pods.push(pod);
        } else {
            let reason = "it is not the manifest of a pod".to_owned();
            self.unread.push((file.path.clone(), reason));
        }
    }

    fn take_configurations(&mut self, file: &SourceFile) {
        match configuration::read(file) {
            Ok(configurations) => self.configurations.extend(configurations),
            // Pages about configurations name them, too, as those that `convert` writes.
            Err(_) if is_page(&file.path) => {}
            Err(reason) => self.unread.push((file.path.clone(), reason)),
        }
    }
}

fn is_page(path: &str) -> bool {
    let extension = Path::new(path).extension();
    extension.is_some_and(|extension| extension == "md" || extension == "html")
}
