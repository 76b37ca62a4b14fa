//! MicroK8s: no etcd, and a CA that is called after the address of the API server.
//!
//! Source: `microk8s-resources/actions/common/utils.sh` and `default-args` in MicroK8s.

use super::Layout;
use super::mark::Mark;
use super::table::{
    KUBERNETES_CA, LayoutTable, PeculiarityRow, ServiceAccountRow, authority, leaf, named_leaf,
};
use crate::cluster::{CaSlot, LeafRole, PeculiarityKind};

pub(super) static TABLE: LayoutTable = LayoutTable {
    layout: Layout::Microk8s,
    name: "microk8s",
    about: "MicroK8s (/var/snap/microk8s/current/certs)",
    root: "certs",
    folder: "../",
    marks: &[
        Mark::Path("microk8s/current/certs"),
        Mark::Subject("ca.crt", "10.152.183.1"),
        Mark::Folder("../var/kubernetes/backend/"),
    ],
    enough_names: 3,
    authorities: &[
        authority(CaSlot::Kubernetes, "ca.crt", "ca.key"),
        authority(
            CaSlot::Aggregator,
            "front-proxy-ca.crt",
            "front-proxy-ca.key",
        ),
    ],
    service_account: &[ServiceAccountRow {
        key: "serviceaccount.key",
        signing: None,
        public: None,
    }],
    leaves: &[
        named_leaf(LeafRole::ApiServer, "server.crt", "127.0.0.1"),
        leaf(LeafRole::FrontProxyClient, "front-proxy-client.crt"),
    ],
    kubeconfigs: &[],
    encryption: None,
    peculiarities: &[
        PeculiarityRow {
            kind: PeculiarityKind::OtherDatastore,
            when: Mark::Not(&Mark::Folder("../../common/var/run/etcd/")),
            message: "MicroK8s keeps this cluster in dqlite, not in etcd",
            help: "there is no way from dqlite to an etcd snapshot, and `microk8s dbctl backup` is \
                   none: make the objects anew from manifests or a Velero backup",
        },
        PeculiarityRow {
            kind: PeculiarityKind::EtcdCaMadeAnew,
            when: Mark::Folder("../../common/var/run/etcd/"),
            message: "MicroK8s signs etcd with the Kubernetes CA; Talos gets a CA of its own for it",
            help: "move the data by a snapshot: etcdctl snapshot save, then talosctl bootstrap \
                   --recover-from",
        },
        PeculiarityRow {
            kind: PeculiarityKind::Unused,
            when: Mark::File("../var/kubernetes/backend/cluster.crt"),
            message: "`cluster.crt` of the backend is dqlite's own, and no CA of the cluster",
            help: "nothing has to be done",
        },
        PeculiarityRow {
            kind: PeculiarityKind::TokenIssuer,
            when: Mark::Always,
            message: "MicroK8s signs tokens as `https://kubernetes.default.svc`",
            help: "set that issuer in Talos: up to 1.13 by `cluster.apiServer.extraArgs`, from 1.14 \
                   in KubeServiceAccountConfig. MicroK8s without its add-on `rbac` allows \
                   everything: workloads may lack the roles that Talos demands",
        },
    ],
    remedies: &[(
        KUBERNETES_CA,
        "take /var/snap/microk8s/current/certs of a control-plane node",
    )],
};
