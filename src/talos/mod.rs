//! The Talos side: the secrets bundle, version contracts, tokens, and YAML as Talos writes it.
//!
//! Everything here follows Talos's own library to the byte, because people keep these files under
//! version control and compare them. It knows `pki`, and from `cluster` the names of the slots and the
//! rules of encryption; it knows no file and no layout.

pub mod apid;
mod bootstrap_token;
mod bundle;
mod client_certificate;
mod contract;
pub mod encoded_pem;
pub mod encryption_configuration;
mod endpoint;
pub mod etcd_flags;
pub mod file;
pub mod go_yaml;
mod kubeconfig;
pub mod kubelet;
mod kubernetes_version;
pub mod machine_config;
pub mod random;
mod role;
mod talosconfig;
pub mod yaml_tree;

pub use bootstrap_token::BootstrapToken;
pub use bundle::{Bundle, BundleError, ClusterName, ClusterNameError, EncryptionSecret};
pub(crate) use bundle::{
    COPIES as COPIES_OF_BUNDLE, IN_CLUSTER_API as BUNDLE_IN_CLUSTER_API, PLAIN as BUNDLE_IN_SECRET,
};
pub use client_certificate::{
    client_certificate, kubernetes_client_certificate, kubernetes_client_validity,
};
pub use contract::{Contract, ContractError};
pub use endpoint::{API_SERVER_PORT, Endpoint, EndpointError};
pub use kubeconfig::Kubeconfig;
pub use kubernetes_version::{KubernetesVersion, KubernetesVersionError};
pub use role::{Role, RoleError};
pub use talosconfig::{
    Context, CredentialError, Credentials, Rename, Talosconfig, TalosconfigError,
};
