//! k0s: kubeadm's names in /var/lib/k0s/pki, and an aggregator CA for each controller.
//!
//! Source: `pkg/component/controller/certificates.go` and `cmd/controller` in k0s.

use super::mark::Mark;
use super::table::{LayoutTable, PeculiarityRow, leaf, named_leaf};
use super::{Layout, kubeadm};
use crate::cluster::{
    EtcdTool, KubeconfigRole, LeafRole, Leftover, Operations, PeculiarityKind, Shutdown,
};
use crate::settings::DatastoreKind;

pub(super) static TABLE: LayoutTable = LayoutTable {
    layout: Layout::K0s,
    name: "k0s",
    about: "k0s (/var/lib/k0s/pki)",
    home: "var/lib/k0s/pki",
    folder: "",
    runs_static_pods: false,
    manifests: "",
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
            help: "with one controller nothing has to be done, nor where Talos begins with a snapshot: \
                   no old front proxy runs then. Otherwise give all controllers (scan --nodes, or \
                   one -p each), and add the CAs of the others to \
                   KubeAggregatorCAConfig.acceptedCAs (Talos 1.14)",
        },
        PeculiarityRow {
            kind: PeculiarityKind::OtherDatastore,
            when: Mark::Any(&[
                Mark::Datastore(DatastoreKind::Socket),
                Mark::All(&[Mark::DatastoreUntold, Mark::File("../db/state.db")]),
            ]),
            message: "k0s keeps this cluster in SQL (kine), not in etcd",
            help: "k0s has no way from kine to etcd: make a new Talos cluster and the objects anew \
                   from manifests or a Velero backup",
        },
    ],
    operations: &OPERATIONS,
    ..kubeadm::TABLE
};

/// Source: `pkg/component/controller/etcd.go` and `pkg/backup/etcd_unix.go` in k0s. It brings no
/// `etcdctl`; its backup has a snapshot of etcd in it.
const OPERATIONS: Operations = Operations {
    name: "k0s",
    own_kubeconfigs: "restart the controller of k0s, which writes its own anew",
    certificates: "restart its controllers, which issue their own anew",
    credentials: "scp root@HOST:/var/lib/k0s/pki/admin.conf root@HOST:/var/lib/k0s/pki/ca.crt .",
    backup: "ssh root@\"$OLD\" tar -C / -cz var/lib/k0s/pki etc/k0s > kubernetes-before.tar.gz",
    etcd: EtcdTool::Commands {
        snapshot: "ssh root@\"$OLD\" k0s backup --save-path - > k0s-backup.tar.gz\n\
                   tar -xzOf k0s-backup.tar.gz --wildcards '*etcd-snapshot.db' > before-talos.db",
        etcdctl: None,
    },
    etcd_barrier: Some(
        "etcd of k0s answers clients at 127.0.0.1 alone, so no Talos member can ask to join it",
    ),
    shutdown: Shutdown {
        api_server: None,
        rest: Some("ssh root@\"$OLD\" k0s stop"),
        start: "ssh root@\"$OLD\" k0s start",
    },
    uninstall: ["'k0s stop; k0s reset'", "'k0s stop; k0s reset'"],
    leaves_etcd: false,
    conditions: &[
        "the old workers reach the API by the endpoint (`spec.api.externalAddress` of k0s, without \
         `nodeLocalLoadBalancing`). Otherwise they do not follow it: their pods start anew on Talos when \
         you have stopped them and deleted their Node",
    ],
    leftovers: &[
        Leftover {
            what: "konnectivity-agent looks for k0s's controllers, which are gone.",
            commands: "kubectl -n kube-system delete daemonset konnectivity-agent --ignore-not-found",
        },
        Leftover {
            what: "The resources of k0s itself: nothing reads them any more. Charts that k0s installed \
                   stay installed; k0s would be waited for when they are deleted.",
            commands: "for chart in $(kubectl -n kube-system get charts.helm.k0sproject.io -o name); do\n\
                       \x20 kubectl -n kube-system patch \"$chart\" --type=merge \\\n\
                       \x20     -p '{\"metadata\":{\"finalizers\":null}}'\n\
                       done\n\
                       kubectl get crd -o name | grep k0sproject.io | xargs -r kubectl delete",
        },
    ],
    ..Operations::KUBEADM
};
