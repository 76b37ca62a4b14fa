//! Canonical Kubernetes (the snap `k8s`): kubeadm's folder, with a CA of its own for clients.
//!
//! Source: the reference page on certificates in the documentation of Canonical Kubernetes.

use super::Layout;
use super::kubeadm;
use super::mark::Mark;
use super::table::{
    AuthorityRow, ETCD_CA, LayoutTable, PeculiarityRow, ServiceAccountRow, authority, leaf,
    named_leaf,
};
use crate::cluster::{CaSlot, EtcdTool, LeafRole, OldNodes, Operations, PeculiarityKind, Shutdown};
use crate::settings::DatastoreKind;

pub(super) static TABLE: LayoutTable = LayoutTable {
    layout: Layout::K8sSnap,
    name: "k8s-snap",
    about: "Canonical Kubernetes, the snap k8s (/etc/kubernetes/pki)",
    runs_static_pods: false,
    manifests: "",
    marks: &[Mark::All(&[
        Mark::File("client-ca.crt"),
        Mark::File("serviceaccount.key"),
    ])],
    authorities: &[
        AuthorityRow {
            slot: CaSlot::Kubernetes,
            certificate: "ca.crt",
            key: "ca.key",
            accepted: &["client-ca.crt"],
            prefers_root: false,
        },
        authority(CaSlot::Etcd, "etcd/ca.crt", "etcd/ca.key"),
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
        leaf(LeafRole::ApiServer, "apiserver.crt"),
        named_leaf(
            LeafRole::ApiServerKubeletClient,
            "apiserver-kubelet-client.crt",
            "apiserver-kubelet-client",
        ),
        leaf(LeafRole::FrontProxyClient, "front-proxy-client.crt"),
        leaf(LeafRole::EtcdServer, "etcd/server.crt"),
        leaf(LeafRole::EtcdPeer, "etcd/peer.crt"),
    ],
    peculiarities: &[
        OTHER_DATASTORE,
        PeculiarityRow {
            kind: PeculiarityKind::SplitAuthority,
            when: Mark::All(&[
                Mark::File("client-ca.crt"),
                Mark::Differ("ca.crt", "client-ca.crt"),
            ]),
            message: "servers have `ca`, which Talos issues from, and clients `client-ca`, which it has \
                  to accept",
            help: "`convert` accepts it; for a bundle alone, add `client-ca.crt` to Talos's accepted \
                   CAs (`cluster.acceptedCAs`, from 1.14 KubeAPIServerCAConfig). Move all at once, \
                   by a snapshot: old kubelets know `client-ca` alone, and refuse Talos's API servers",
        },
    ],
    operations: &OPERATIONS,
    remedies: &[(
        ETCD_CA,
        "with the datastore etcd, take `etcd` of /etc/kubernetes/pki. With k8s-dqlite there is \
         none, and no way to an etcd snapshot: let it through, and make the objects anew from \
         manifests or a Velero backup",
    )],
    ..kubeadm::TABLE
};

const OTHER_DATASTORE: PeculiarityRow = PeculiarityRow {
    kind: PeculiarityKind::OtherDatastore,
    when: Mark::Any(&[
        Mark::Datastore(DatastoreKind::Socket),
        Mark::All(&[
            Mark::DatastoreUntold,
            Mark::Folder("../../../var/snap/k8s/common/var/lib/k8s-dqlite/"),
            Mark::Not(&Mark::File("etcd/ca.crt")),
        ]),
    ]),
    message: "Canonical Kubernetes keeps this cluster in k8s-dqlite, not in etcd",
    help: "there is no way from k8s-dqlite to an etcd snapshot: make the objects anew from manifests or \
           a Velero backup",
};

/// Source: the page on the etcd database in the documentation of Canonical Kubernetes.
const OPERATIONS: Operations = Operations {
    name: "Canonical Kubernetes",
    own_kubeconfigs: "make it anew: k8s refresh-certs",
    certificates: "`k8s refresh-certs`",
    credentials: "ssh root@HOST k8s config > admin.conf\n\
                  scp root@HOST:/etc/kubernetes/pki/ca.crt .",
    etcd: EtcdTool::Commands {
        snapshot: "ssh root@\"$OLD\"\n\
                   etcdctl --endpoints=https://127.0.0.1:2379 \\\n\
                   \x20   --cacert=/var/snap/k8s/common/var/lib/etcd/ca.crt \\\n\
                   \x20   --cert=/var/snap/k8s/common/var/lib/etcd/server.crt \\\n\
                   \x20   --key=/var/snap/k8s/common/var/lib/etcd/server.key \\\n\
                   \x20   snapshot save /root/before-talos.db\n\
                   exit\n\
                   scp root@\"$OLD\":/root/before-talos.db .",
        etcdctl: None,
    },
    shutdown: Shutdown {
        api_server: Some("ssh root@\"$OLD\" snap stop k8s.kube-apiserver"),
        rest: Some("ssh root@\"$OLD\" snap stop k8s"),
        start: "ssh root@\"$OLD\" snap start k8s",
    },
    old_nodes: OldNodes::AreSwitchedOff,
    uninstall: ["snap remove k8s", "snap remove k8s"],
    has_proxy_daemon_set: false,
    conditions: &[
        "`etcdctl` is on the old control plane: it is not in the snap, but in etcd's release",
    ],
    ..Operations::KUBEADM
};
