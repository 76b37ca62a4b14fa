//! Kubeconfigs: who a component is, and which CA it trusts.

use super::leaf::ADMINISTRATORS;
use super::origin::Located;
use crate::pki::Certificate;

/// Whose kubeconfig it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum KubeconfigRole {
    /// The administrator, bound by RBAC since kubeadm 1.29.
    Admin,
    /// The administrator whom RBAC does not bind.
    SuperAdmin,
    /// The controller manager.
    ControllerManager,
    /// The scheduler.
    Scheduler,
    /// The kubelet of this node.
    Kubelet,
}

impl KubeconfigRole {
    /// The common name, or with a final `*` how it begins: Kubernetes' RBAC knows components by it.
    #[must_use]
    pub const fn common_name(self) -> &'static str {
        match self {
            Self::Admin => "kubernetes-admin",
            Self::SuperAdmin => "kubernetes-super-admin",
            Self::ControllerManager => "system:kube-controller-manager",
            Self::Scheduler => "system:kube-scheduler",
            Self::Kubelet => "system:node:*",
        }
    }

    /// The groups of which it needs one; empty if RBAC knows it by name.
    #[must_use]
    pub const fn organizations(self) -> &'static [&'static str] {
        match self {
            Self::Admin => ADMINISTRATORS,
            Self::SuperAdmin => &["system:masters"],
            Self::Kubelet => &["system:nodes"],
            Self::ControllerManager | Self::Scheduler => &[],
        }
    }
}

/// One kubeconfig.
#[derive(Debug)]
pub struct Kubeconfig {
    /// Its path.
    pub path: String,
    /// Whose it is, if its name tells.
    pub role: Option<KubeconfigRole>,
    /// The embedded client certificate of its first user.
    pub client: Option<Located<Certificate>>,
    /// The CAs behind it, which are sent along.
    pub chain: Vec<Located<Certificate>>,
    /// The embedded CA certificates of its first cluster.
    pub authorities: Vec<Located<Certificate>>,
    /// The URL of its first cluster.
    pub server: Option<String>,
    /// Why it could not be read whole.
    pub problem: Option<String>,
}
