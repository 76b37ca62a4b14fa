//! k0s: kubeadm's names in /var/lib/k0s/pki, and an aggregator CA for each controller.
//!
//! Source: `pkg/component/controller/certificates.go` and `cmd/controller` in k0s.

use super::mark::Mark;
use super::table::{LayoutTable, PeculiarityRow, leaf, named_leaf};
use super::{Layout, kubeadm};
use crate::cluster::{KubeconfigRole, LeafRole, PeculiarityKind};

pub(super) static TABLE: LayoutTable = LayoutTable {
    layout: Layout::K0s,
    name: "k0s",
    about: "k0s (/var/lib/k0s/pki)",
    folder: "",
    marks: &[
        Mark::Path("k0s/pki"),
        Mark::File("k0s-api.crt"),
        Mark::File("konnectivity.conf"),
    ],
    leaves: &[
        named_leaf(LeafRole::ApiServer, "server.crt", "kubernetes"),
        named_leaf(
            LeafRole::ApiServerKubeletClient,
            "apiserver-kubelet-client.crt",
            "apiserver-kubelet-client",
        ),
        named_leaf(
            LeafRole::ApiServerEtcdClient,
            "apiserver-etcd-client.crt",
            "apiserver-etcd-client",
        ),
        leaf(LeafRole::FrontProxyClient, "front-proxy-client.crt"),
        leaf(LeafRole::EtcdServer, "etcd/server.crt"),
        leaf(LeafRole::EtcdPeer, "etcd/peer.crt"),
    ],
    kubeconfigs: &[
        (KubeconfigRole::Admin, "admin.conf"),
        (KubeconfigRole::ControllerManager, "ccm.conf"),
        (KubeconfigRole::Scheduler, "scheduler.conf"),
    ],
    peculiarities: &[
        PeculiarityRow {
            kind: PeculiarityKind::OfOneNode,
            when: Mark::File("front-proxy-ca.crt"),
            message: "k0s makes an aggregator CA on each controller; this one is of one alone",
            help: "with several controllers, give all of them (scan --nodes, or one -p each), and \
                   add the CAs of the others to KubeAggregatorCAConfig.acceptedCAs (Talos 1.14); \
                   with one controller nothing has to be done",
        },
        PeculiarityRow {
            kind: PeculiarityKind::OtherDatastore,
            when: Mark::File("../db/state.db"),
            message: "k0s keeps this cluster in SQLite (kine), not in etcd",
            help: "k0s has no way from kine to etcd: make a new Talos cluster and the objects anew \
                   from manifests or a Velero backup",
        },
    ],
    ..kubeadm::TABLE
};
