//! Certificates that a cluster's CAs issued, and what each of them must be.

use super::origin::Located;
use super::slot::CaSlot;
use crate::pki::Certificate;

/// What a certificate is used for in TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Usage {
    /// As a client.
    Client,
    /// As a server.
    Server,
    /// As both, like an etcd member.
    Both,
}

/// The part that a leaf certificate plays on a control-plane node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum LeafRole {
    /// The API server's own.
    ApiServer,
    /// By which the API server speaks to kubelets.
    ApiServerKubeletClient,
    /// By which the API server speaks to etcd.
    ApiServerEtcdClient,
    /// By which the API server speaks to extension API servers.
    FrontProxyClient,
    /// etcd, towards clients.
    EtcdServer,
    /// etcd, towards other members.
    EtcdPeer,
    /// By which etcd's liveness probe speaks to it.
    EtcdHealthcheckClient,
}

/// What kubeadm puts into the certificate of a role.
struct Description {
    slot: CaSlot,
    usage: Usage,
    common_name: Option<&'static str>,
    organizations: Option<&'static [&'static str]>,
}

/// Groups that may do anything: the older one everything at once, the newer one by RBAC (kubeadm
/// 1.29 and later).
pub(super) const ADMINISTRATORS: &[&str] = &["system:masters", "kubeadm:cluster-admins"];

impl LeafRole {
    /// Every role.
    pub const ALL: [Self; 7] = [
        Self::ApiServer,
        Self::ApiServerKubeletClient,
        Self::ApiServerEtcdClient,
        Self::FrontProxyClient,
        Self::EtcdServer,
        Self::EtcdPeer,
        Self::EtcdHealthcheckClient,
    ];

    const fn description(self) -> Description {
        use CaSlot::{Aggregator, Etcd, Kubernetes};
        use Usage::{Both, Client, Server};
        let (slot, usage, common_name, organizations) = match self {
            Self::ApiServer => (Kubernetes, Server, Some("kube-apiserver"), None),
            Self::ApiServerKubeletClient => (
                Kubernetes,
                Client,
                Some("kube-apiserver-kubelet-client"),
                Some(ADMINISTRATORS),
            ),
            // etcd asks for no name and no group: any certificate of its CA may do anything.
            Self::ApiServerEtcdClient => (Etcd, Client, Some("kube-apiserver-etcd-client"), None),
            Self::FrontProxyClient => (Aggregator, Client, Some("front-proxy-client"), None),
            Self::EtcdServer | Self::EtcdPeer => (Etcd, Both, None, None),
            Self::EtcdHealthcheckClient => {
                (Etcd, Client, Some("kube-etcd-healthcheck-client"), None)
            }
        };
        Description {
            slot,
            usage,
            common_name,
            organizations,
        }
    }

    /// The CA that must have issued it.
    #[must_use]
    pub const fn slot(self) -> CaSlot {
        self.description().slot
    }

    /// What it must be usable for.
    #[must_use]
    pub const fn usage(self) -> Usage {
        self.description().usage
    }

    /// The common name that kubeadm gives it, if it is always the same.
    #[must_use]
    pub const fn common_name(self) -> Option<&'static str> {
        self.description().common_name
    }

    /// The groups of which it has one, if it has any.
    #[must_use]
    pub const fn organizations(self) -> Option<&'static [&'static str]> {
        self.description().organizations
    }
}

/// A certificate with its role, or the reason why it cannot be read.
#[derive(Debug)]
pub struct Leaf {
    /// The part that it plays.
    pub role: LeafRole,
    /// The common name that it has in this distribution, if that is another than kubeadm's.
    pub usual_name: Option<&'static str>,
    /// The certificate.
    pub certificate: Result<Located<Certificate>, Located<String>>,
}
