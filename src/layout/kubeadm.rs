//! kubeadm's layout, which kind, minikube, kubespray and k0s share in large part.
//!
//! Source: `cmd/kubeadm/app/constants` and `phases/certs/certlist.go` in Kubernetes.

use super::Layout;
use super::table::{AuthorityRow, LayoutTable, LeafRow, ServiceAccountRow, authority, leaf};
use crate::cluster::{CaSlot, KubeconfigRole, LeafRole, Operations};

pub(super) static TABLE: LayoutTable = LayoutTable {
    layout: Layout::Kubeadm,
    name: "kubeadm",
    about: "By kubeadm's names (/etc/kubernetes/pki)",
    home: "etc/kubernetes/pki",
    folder: "../",
    runs_static_pods: true,
    manifests: "/etc/kubernetes/manifests",
    marks: &[],
    enough_names: 3,
    authorities: AUTHORITIES,
    service_account: SERVICE_ACCOUNT,
    leaves: &leaves(None),
    kubeconfigs: KUBECONFIGS,
    encryption: None,
    peculiarities: &[],
    operations: &Operations::KUBEADM,
    remedies: &[],
};

pub(super) const AUTHORITIES: &[AuthorityRow] = &[
    authority(CaSlot::Kubernetes, "ca.crt", "ca.key"),
    authority(CaSlot::Etcd, "etcd/ca.crt", "etcd/ca.key"),
    authority(
        CaSlot::Aggregator,
        "front-proxy-ca.crt",
        "front-proxy-ca.key",
    ),
];

pub(super) const SERVICE_ACCOUNT: &[ServiceAccountRow] = &[ServiceAccountRow {
    key: "sa.key",
    signing: None,
    public: Some("sa.pub"),
}];

/// The certificates of a control plane whose API server's own has this common name, if it is
/// another than usual.
pub(super) const fn leaves(api_server: Option<&'static str>) -> [LeafRow; 7] {
    [
        LeafRow {
            role: LeafRole::ApiServer,
            certificate: "apiserver.crt",
            name: api_server,
        },
        leaf(
            LeafRole::ApiServerKubeletClient,
            "apiserver-kubelet-client.crt",
        ),
        leaf(LeafRole::ApiServerEtcdClient, "apiserver-etcd-client.crt"),
        leaf(LeafRole::FrontProxyClient, "front-proxy-client.crt"),
        leaf(LeafRole::EtcdServer, "etcd/server.crt"),
        leaf(LeafRole::EtcdPeer, "etcd/peer.crt"),
        leaf(
            LeafRole::EtcdHealthcheckClient,
            "etcd/healthcheck-client.crt",
        ),
    ]
}

/// In the folder above the PKI folder.
pub(super) const KUBECONFIGS: &[(KubeconfigRole, &str)] = &[
    (KubeconfigRole::Admin, "../admin.conf"),
    (KubeconfigRole::SuperAdmin, "../super-admin.conf"),
    (
        KubeconfigRole::ControllerManager,
        "../controller-manager.conf",
    ),
    (KubeconfigRole::Scheduler, "../scheduler.conf"),
    (KubeconfigRole::Kubelet, "../kubelet.conf"),
];
