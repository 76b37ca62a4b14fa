//! How Kubernetes is to run on Talos. The default is what Talos chooses for a new cluster; a cluster
//! that moves brings its own.

use crate::pki::Secret;
use crate::talos::yaml_tree::Tree;

/// Everything about Kubernetes that a machine configuration can say, beside versions and secrets.
#[derive(Debug)]
pub struct KubernetesSettings {
    /// The networks of pods.
    pub pod_subnets: Vec<String>,
    /// The networks of services.
    pub service_subnets: Vec<String>,
    /// Whether Talos installs Flannel. Without it the cluster has to bring its own network.
    pub flannel: bool,
    /// The API server.
    pub api_server: Component,
    /// The port of the API server on each control plane; nothing is 6443.
    pub api_server_port: Option<u16>,
    /// Names for the API server's certificate alone.
    pub api_server_sans: Vec<String>,
    /// The controller manager.
    pub controller_manager: Component,
    /// The scheduler.
    pub scheduler: Component,
    /// The scheduler's KubeSchedulerConfiguration.
    pub scheduler_config: Option<Tree>,
    /// Flags of etcd.
    pub etcd_arguments: Arguments,
    /// kube-proxy.
    pub kube_proxy: KubeProxy,
    /// kubelet.
    pub kubelet: Kubelet,
    /// Plugins of admission by name, with their configuration; nothing means Talos's choice.
    pub admission: Option<Vec<(String, Tree)>>,
    /// The audit policy; nothing means Talos's choice.
    pub audit_policy: Option<Tree>,
    /// Who may ask, from Talos 1.14 on; nothing means Talos's choice.
    pub authentication: Option<Tree>,
    /// What is asked about permission, in this order; nothing means Talos's choice.
    pub authorizers: Option<Vec<Authorizer>>,
    /// How Secrets are encrypted at rest.
    pub encryption: EncryptionAtRest,
    /// Whose tokens of service accounts are accepted.
    pub service_accounts: ServiceAccounts,
    /// CAs of Kubernetes, as PEM, that are trusted beside the one that issues.
    pub accepted_authorities: Vec<String>,
    /// CAs of the front proxy, as PEM, that are trusted beside the one that issues; from Talos 1.14
    /// on.
    pub accepted_aggregator_authorities: Vec<String>,
}

/// Flags by name, each with one value or several, for a flag that is repeated.
pub type Arguments = Vec<(String, Vec<String>)>;

/// A part of the control plane.
#[derive(Debug, Default)]
pub struct Component {
    /// Flags beside those that Talos sets.
    pub arguments: Arguments,
    /// Environment variables.
    pub environment: Vec<(String, String)>,
}

/// kube-proxy.
#[derive(Debug, Default)]
pub struct KubeProxy {
    /// How traffic to services is led, such as `ipvs`.
    pub mode: Option<String>,
    /// Flags, up to Talos 1.13 the only way to the other settings.
    pub arguments: Arguments,
    /// Its KubeProxyConfiguration, from Talos 1.14 on.
    pub config: Option<Tree>,
}

/// kubelet.
#[derive(Debug, Default)]
pub struct Kubelet {
    /// Flags beside those that Talos sets.
    pub arguments: Arguments,
    /// Its KubeletConfiguration, without what Talos sets by itself.
    pub config: Option<Tree>,
    /// Where pods find the DNS of the cluster; empty is Talos's choice.
    pub cluster_dns: Vec<String>,
}

/// One that is asked about permission.
#[derive(Debug)]
pub struct Authorizer {
    /// Its name.
    pub name: String,
    /// `Node`, `RBAC` or `Webhook`.
    pub kind: String,
    /// How the webhook is asked.
    pub webhook: Option<Tree>,
}

/// How Secrets are encrypted at rest.
#[derive(Debug, Default)]
pub enum EncryptionAtRest {
    /// By the key of the bundle, under Talos's name for it.
    #[default]
    OfBundle,
    /// Not at all.
    Off,
    /// By keys under the names that Talos up to 1.13 gives them: `key2` of secretbox, and `key1` of
    /// AES-CBC.
    Fields {
        /// The secretbox key.
        secretbox: Option<Secret<String>>,
        /// The AES-CBC key.
        aescbc: Option<Secret<String>>,
    },
    /// As in this EncryptionConfiguration, from Talos 1.14 on.
    Configuration(Tree),
}

/// Whose tokens of service accounts are accepted.
#[derive(Debug, Default)]
pub struct ServiceAccounts {
    /// Who issues tokens; nothing means the endpoint.
    pub issuer: Option<String>,
    /// Other issuers whose tokens are accepted, from Talos 1.14 on.
    pub accepted_issuers: Vec<String>,
    /// Public keys, as PEM, of other issuers or of former keys; from Talos 1.14 on.
    pub accepted_public_keys: Vec<String>,
    /// For whom tokens may be; without any, for the issuer. From Talos 1.14 on.
    pub accepted_audiences: Vec<String>,
}

impl Default for KubernetesSettings {
    fn default() -> Self {
        Self {
            pod_subnets: vec!["10.244.0.0/16".to_owned()],
            service_subnets: vec!["10.96.0.0/12".to_owned()],
            flannel: true,
            api_server: Component::default(),
            api_server_port: None,
            api_server_sans: Vec::new(),
            controller_manager: Component::default(),
            scheduler: Component::default(),
            scheduler_config: None,
            etcd_arguments: Vec::new(),
            kube_proxy: KubeProxy::default(),
            kubelet: Kubelet::default(),
            admission: None,
            audit_policy: None,
            authentication: None,
            authorizers: None,
            encryption: EncryptionAtRest::default(),
            service_accounts: ServiceAccounts::default(),
            accepted_authorities: Vec::new(),
            accepted_aggregator_authorities: Vec::new(),
        }
    }
}
