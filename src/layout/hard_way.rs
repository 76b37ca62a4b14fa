//! Kubernetes the Hard Way: one CA for everything, and etcd without TLS.
//!
//! Source: `docs/04-certificate-authority.md`, `ca.conf` and `units/` in kubernetes-the-hard-way.

use super::Layout;
use super::mark::Mark;
use super::table::{LayoutTable, PeculiarityRow, ServiceAccountRow, authority, named_leaf};
use crate::cluster::{CaSlot, LeafRole, PeculiarityKind};

pub(super) static TABLE: LayoutTable = LayoutTable {
    layout: Layout::HardWay,
    name: "hard-way",
    about: "Kubernetes the Hard Way (/var/lib/kubernetes)",
    root: "kubernetes",
    folder: "",
    marks: &[Mark::File("service-accounts.key")],
    enough_names: 3,
    authorities: &[authority(CaSlot::Kubernetes, "ca.crt", "ca.key")],
    service_account: &[ServiceAccountRow {
        key: "service-accounts.key",
        signing: None,
        public: Some("service-accounts.crt"),
    }],
    leaves: &[named_leaf(
        LeafRole::ApiServer,
        "kube-api-server.crt",
        "kubernetes",
    )],
    kubeconfigs: &[],
    encryption: Some("encryption-config.yaml"),
    peculiarities: &[
        PeculiarityRow {
            kind: PeculiarityKind::EtcdCaMadeAnew,
            when: Mark::Always,
            message: "etcd speaks plain HTTP and has no CA: Talos gets a new one",
            help: "move the data by a snapshot: etcdctl snapshot save, then talosctl bootstrap \
                   --recover-from",
        },
        PeculiarityRow {
            kind: PeculiarityKind::AggregatorCaMadeAnew,
            when: Mark::Always,
            message: "the API servers have no aggregator CA: Talos gets a new one",
            help: "nothing has to be done",
        },
        PeculiarityRow {
            kind: PeculiarityKind::TokenIssuer,
            when: Mark::Always,
            message: "the Hard Way signs tokens as `https://server.kubernetes.local:6443`",
            help: "set the issuer that kube-apiserver.service names in Talos: up to 1.13 by \
                   `cluster.apiServer.extraArgs`, from 1.14 in KubeServiceAccountConfig",
        },
    ],
    remedies: &[(
        super::table::KUBERNETES_CA,
        "`ca.key` stays on the jumpbox where it was made; take `ca.crt` and `ca.key` from there",
    )],
};
