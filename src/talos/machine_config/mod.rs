//! Machine configurations, as `talosctl gen config --with-docs=false --with-examples=false` writes
//! them: the same documents and fields in the same order.
//!
//! `v1alpha1` is the first document, which all versions have; `documents` is the table of the
//! others. What differs between versions is a question that [`Contract`] answers. `patch` writes
//! what differs from the configuration that talosctl makes by itself.

mod arguments;
mod documents;
mod encryption;
mod kubernetes;
mod material;
mod patch;
mod policies;
mod v1alpha1;

use super::go_yaml::{self, Node};
use super::{Bundle, Contract, EncryptionSecret, Endpoint, KubernetesVersion};
use crate::pki::Secret;
use crate::talos::yaml_tree::Tree;
use material::Material;

pub use kubernetes::{
    Arguments, Authorizer, Component, EncryptionAtRest, KubeProxy, Kubelet, KubernetesSettings,
    ServiceAccounts,
};
pub use patch::{PatchError, to_secret_patch};

/// The image that installs Talos, without extensions, as talosctl names it by default.
pub const INSTALL_IMAGE: &str = "factory.talos.dev/metal-installer/\
                                 376567988ad370138ad8b2698212367b8edcb69b5fd68c80be1f2ec7d603b4ba:\
                                 v1.14.1";

/// The disk to install to that talosctl names by default.
pub const INSTALL_DISK: &str = "/dev/sda";

/// The domain of the cluster's services that talosctl names by default.
pub const DNS_DOMAIN: &str = "cluster.local";

/// The port of KubePrism on every node.
const KUBE_PRISM_PORT: i64 = 7445;

/// Which kind of machine a configuration is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MachineType {
    /// Runs etcd and the control plane of Kubernetes.
    ControlPlane,
    /// Runs workloads alone, and has no private key of any CA.
    Worker,
}

impl MachineType {
    /// Its name in `machine.type`, and of its file.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::ControlPlane => "controlplane",
            Self::Worker => "worker",
        }
    }
}

/// What a cluster is, beside its secrets.
#[derive(Debug)]
pub struct ClusterSettings {
    /// For which Talos.
    pub contract: Contract,
    /// The name of the cluster.
    pub name: String,
    /// The address of the Kubernetes API.
    pub endpoint: Endpoint,
    /// Which Kubernetes to run.
    pub kubernetes_version: KubernetesVersion,
    /// More names and addresses for the certificates of Talos's API and of the API server.
    pub additional_sans: Vec<String>,
    /// The domain of the cluster's services.
    pub dns_domain: String,
    /// The disk to install to.
    pub install_disk: InstallDisk,
    /// The image that installs Talos; may be empty.
    pub install_image: String,
    /// Whether members find each other through the discovery service.
    pub discovery: bool,
    /// Whether nodes speak through the encrypted network KubeSpan; nothing leaves it unsaid.
    pub kube_span: Option<bool>,
    /// How an AES-CBC key in the bundle is carried over.
    pub aescbc: Aescbc,
    /// How Kubernetes is to run.
    pub kubernetes: KubernetesSettings,
}

/// The disk to install to, by its device path; it may be empty, for a machine that is installed
/// already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstallDisk(String);

/// A text that is no device path.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("it has quotes, backslashes or control characters; give a device path such as /dev/sda")]
pub struct InstallDiskError;

impl std::str::FromStr for InstallDisk {
    type Err = InstallDiskError;

    /// The path stands in an expression of Talos 1.14, between quotes.
    fn from_str(text: &str) -> Result<Self, InstallDiskError> {
        let is_odd = |character: char| character.is_control() || "\"\\".contains(character);
        if text.contains(is_odd) {
            return Err(InstallDiskError);
        }
        Ok(Self(text.to_owned()))
    }
}

/// What becomes of an AES-CBC key for encryption at rest, which clusters of Talos 1.2 and before
/// have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Aescbc {
    /// It stays what it is, so that every Secret can be read.
    #[default]
    Keep,
    /// As talosctl does: left out up to Talos 1.13, and made a secretbox key from 1.14 on. No Secret
    /// that was written before can be read then.
    AsTalosctl,
}

/// The configuration of machines of `machine`. It has private keys and tokens in it.
#[must_use]
pub fn to_secret_yaml(
    bundle: &Bundle,
    settings: &ClusterSettings,
    machine: MachineType,
) -> Secret<String> {
    let material = Material::of(bundle, &settings.kubernetes);
    let inputs = Inputs {
        bundle,
        settings,
        machine,
        material: &material,
    };
    let first = v1alpha1::document(&inputs);
    let others = documents::TABLE
        .iter()
        .flat_map(|document| document.nodes(&inputs));
    let documents: Vec<Node<'_>> = std::iter::once(first).chain(others).collect();
    go_yaml::write_documents(&documents)
}

/// Everything that a document is made of.
#[derive(Clone, Copy)]
struct Inputs<'a> {
    bundle: &'a Bundle,
    settings: &'a ClusterSettings,
    machine: MachineType,
    material: &'a Material<'a>,
}

impl<'a> Inputs<'a> {
    fn contract(&self) -> Contract {
        self.settings.contract
    }

    fn kubernetes(&self) -> &'a KubernetesSettings {
        &self.settings.kubernetes
    }

    fn is_control_plane(&self) -> bool {
        self.machine == MachineType::ControlPlane
    }

    /// The name of an image with the version of Kubernetes.
    fn image(&self, name: &str) -> Node<'a> {
        Node::text(format!("{name}:v{}", self.settings.kubernetes_version))
    }

    /// Plugins of admission, with their configuration.
    fn admission(&self) -> Vec<(&'a str, Node<'a>)> {
        match &self.kubernetes().admission {
            None => vec![("PodSecurity", policies::pod_security())],
            Some(plugins) => {
                let plugin = |(name, tree): &'a (String, Tree)| (name.as_str(), tree.into());
                plugins.iter().map(plugin).collect()
            }
        }
    }

    fn audit_policy(&self) -> Node<'a> {
        let policy = self.kubernetes().audit_policy.as_ref();
        policy.map_or_else(policies::audit, Node::from)
    }

    /// The names for the certificate of the API server.
    fn api_server_sans(&self) -> Vec<&'a str> {
        let host = self.settings.endpoint.host();
        let host = self
            .contract()
            .names_endpoint_in_certificate()
            .then_some(host);
        let settings = self.settings;
        let more = settings.additional_sans.iter();
        let more = more.chain(&settings.kubernetes.api_server_sans);
        host.into_iter().chain(more.map(String::as_str)).collect()
    }
}

/// The image of each component.
mod image {
    pub(super) const API_SERVER: &str = "registry.k8s.io/kube-apiserver";
    pub(super) const CONTROLLER_MANAGER: &str = "registry.k8s.io/kube-controller-manager";
    pub(super) const KUBELET: &str = "ghcr.io/siderolabs/kubelet";
    pub(super) const PROXY: &str = "registry.k8s.io/kube-proxy";
    pub(super) const SCHEDULER: &str = "registry.k8s.io/kube-scheduler";
}

/// Labels and taints of nodes.
mod label {
    pub(super) const CONTROL_PLANE: &str = "node-role.kubernetes.io/control-plane";
    pub(super) const EXCLUDE_FROM_LOAD_BALANCERS: &str =
        "node.kubernetes.io/exclude-from-external-load-balancers";
}
