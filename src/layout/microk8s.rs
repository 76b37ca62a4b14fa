//! MicroK8s: no etcd, and a CA that is called after the address of the API server.
//!
//! Source: `microk8s-resources/actions/common/utils.sh` and `default-args` in MicroK8s.

use super::Layout;
use super::mark::Mark;
use super::table::{
    KUBERNETES_CA, LayoutTable, PeculiarityRow, ServiceAccountRow, authority, leaf, named_leaf,
};
use crate::cluster::{CaSlot, EtcdTool, LeafRole, OldNodes, Operations, PeculiarityKind, Shutdown};
use crate::settings::DatastoreKind;

/// Where its etcd has its data, if it has one.
const OWN_ETCD: &str = "../../common/var/run/etcd/";

pub(super) static TABLE: LayoutTable = LayoutTable {
    layout: Layout::Microk8s,
    name: "microk8s",
    about: "MicroK8s (/var/snap/microk8s/current/certs)",
    home: "var/snap/microk8s/current/certs",
    folder: "../",
    runs_static_pods: false,
    manifests: "",
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
            when: Mark::Any(&[
                Mark::Datastore(DatastoreKind::Socket),
                Mark::All(&[Mark::DatastoreUntold, Mark::Not(&Mark::Folder(OWN_ETCD))]),
            ]),
            message: "MicroK8s keeps this cluster in dqlite, not in etcd",
            help: "there is no way from dqlite to an etcd snapshot, and `microk8s dbctl backup` is \
                   none: make the objects anew from manifests or a Velero backup",
        },
        PeculiarityRow {
            kind: PeculiarityKind::EtcdCaMadeAnew,
            when: Mark::Any(&[
                Mark::Datastore(DatastoreKind::Etcd),
                Mark::All(&[Mark::DatastoreUntold, Mark::Folder(OWN_ETCD)]),
            ]),
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
            help: "`convert` does it; for a bundle alone, set that issuer in Talos: up to 1.13 by \
                   `cluster.apiServer.extraArgs`, from 1.14 \
                   in KubeServiceAccountConfig. MicroK8s without its add-on `rbac` allows \
                   everything: workloads may lack the roles that Talos demands",
        },
    ],
    operations: &OPERATIONS,
    remedies: &[(
        KUBERNETES_CA,
        "take /var/snap/microk8s/current/certs of a control-plane node",
    )],
};

/// With the datastore etcd, which has one member and MicroK8s's certificates.
///
/// Source: "Configuring services" in the documentation of MicroK8s.
const OPERATIONS: Operations = Operations {
    name: "MicroK8s",
    certificates: "`microk8s refresh-certs --cert server.crt`, and the same with front-proxy-client.crt",
    credentials: "ssh root@HOST microk8s config > admin.conf\n\
                  scp root@HOST:/var/snap/microk8s/current/certs/ca.crt .",
    backup: "ssh root@\"$OLD\" tar -C /var/snap/microk8s/current -cz args certs credentials \\\n\
             \x20   > kubernetes-before.tar.gz",
    etcd: EtcdTool::Commands {
        snapshot: "ssh root@\"$OLD\"\n\
                   etcdctl --endpoints=https://127.0.0.1:12379 \\\n\
                   \x20   --cacert=/var/snap/microk8s/current/certs/ca.crt \\\n\
                   \x20   --cert=/var/snap/microk8s/current/certs/server.crt \\\n\
                   \x20   --key=/var/snap/microk8s/current/certs/server.key \\\n\
                   \x20   snapshot save /root/before-talos.db\n\
                   exit\n\
                   scp root@\"$OLD\":/root/before-talos.db .",
        etcdctl: None,
    },
    shutdown: Shutdown {
        api_server: Some("ssh root@\"$OLD\" snap stop microk8s.daemon-kubelite"),
        rest: Some("ssh root@\"$OLD\" microk8s stop"),
        start: "ssh root@\"$OLD\" microk8s start",
    },
    old_nodes: OldNodes::AreSwitchedOff,
    uninstall: ["snap remove microk8s", "snap remove microk8s"],
    has_proxy_daemon_set: false,
    network: Some(
        "with the datastore etcd, MicroK8s's flannel is a part of the snap and keeps its networks in \
         that etcd: it does not come along. Bring a plugin of your own, or let Talos bring flannel",
    ),
    conditions: &[
        "`etcdctl` is on the old control plane, of the minor version of the etcd in the snap",
        "no workload keeps data on the disk of an old node: `kubectl get pv` shows no class \
         microk8s-hostpath. Those data are not in etcd, and have to be moved by a backup",
    ],
    ..Operations::KUBEADM
};
