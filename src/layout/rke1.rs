//! RKE1: one CA for Kubernetes and etcd, all in PEM files with names of their own.
//!
//! Source: `pki/constants.go`, `pki/services.go` and `cluster/plan.go` in rancher/rke.

use super::Layout;
use super::mark::Mark;
use super::table::{ETCD_CA, LayoutTable, PeculiarityRow, ServiceAccountRow, authority, leaf};
use crate::cluster::{
    CaSlot, EtcdTool, LeafRole, Leftover, Operations, PeculiarityKind, Shutdown, Slot,
};

/// The CA of an etcd that RKE does not run; it has no key here.
const EXTERNAL_ETCD_CA: &str = "kube-etcd-client-ca.pem";

pub(super) static TABLE: LayoutTable = LayoutTable {
    layout: Layout::Rke1,
    name: "rke1",
    about: "RKE1 (/etc/kubernetes/ssl)",
    home: "etc/kubernetes/ssl",
    folder: "../",
    runs_static_pods: false,
    manifests: "",
    marks: &[Mark::File("kube-ca.pem")],
    enough_names: 3,
    authorities: &[
        authority(CaSlot::Kubernetes, "kube-ca.pem", "kube-ca-key.pem"),
        authority(
            CaSlot::Etcd,
            EXTERNAL_ETCD_CA,
            "kube-etcd-client-ca-key.pem",
        ),
        authority(CaSlot::Etcd, "kube-ca.pem", "kube-ca-key.pem"),
        authority(
            CaSlot::Aggregator,
            "kube-apiserver-requestheader-ca.pem",
            "kube-apiserver-requestheader-ca-key.pem",
        ),
    ],
    service_account: &[
        ServiceAccountRow {
            key: "kube-service-account-token-key.pem",
            signing: None,
            public: Some("kube-service-account-token.pem"),
        },
        // Tokens were signed with the API server's own key, which the file above still is on many
        // clusters.
        ServiceAccountRow {
            key: "kube-apiserver-key.pem",
            signing: None,
            public: Some("kube-apiserver.pem"),
        },
    ],
    leaves: &[
        leaf(LeafRole::ApiServer, "kube-apiserver.pem"),
        leaf(
            LeafRole::FrontProxyClient,
            "kube-apiserver-proxy-client.pem",
        ),
    ],
    kubeconfigs: &[],
    encryption: Some("encryption.yaml"),
    peculiarities: &[
        PeculiarityRow {
            kind: PeculiarityKind::SharedBySeveralSlots,
            when: Mark::Not(&Mark::File(EXTERNAL_ETCD_CA)),
            message: "RKE signs etcd with the Kubernetes CA",
            help: "it is RKE's way, and Talos takes it so that its members can join the old ones. \
                   With a snapshot (talosctl bootstrap --recover-from) a CA of its own is safer: \
                   give one by --etcd-ca-crt and --etcd-ca-key",
        },
        PeculiarityRow {
            kind: PeculiarityKind::TokenIssuer,
            when: Mark::Always,
            message: "RKE signs tokens as `rke` from Kubernetes 1.20 on, with the audience `unknown`",
            help: "`convert` does it; for a bundle alone, set issuer `rke` and audience `unknown` \
                   in Talos: up to 1.13 by \
                   `cluster.apiServer.extraArgs`, from 1.14 in KubeServiceAccountConfig",
        },
    ],
    operations: &OPERATIONS,
    remedies: &[
        (
            ETCD_CA,
            "the etcd of this cluster is not RKE's own: fetch the CA's key from where it is kept, \
             or let it through, and restore an etcd snapshot into Talos",
        ),
        (
            Slot::Ca(CaSlot::Kubernetes),
            "take /etc/kubernetes/ssl of a control-plane node, or `cluster.rkestate`; of RKE before \
             0.2 there is /opt/rke/etcd-snapshots/pki.bundle.tar.gz on an etcd node",
        ),
    ],
};

/// Everything is a container of Docker; etcd's has the certificates for `etcdctl` in its environment.
///
/// Source: `cluster/plan.go` (`BuildEtcdProcess`) and `hosts/hosts.go` in rancher/rke.
const OPERATIONS: Operations = Operations {
    name: "RKE",
    certificates: "`rke cert rotate`",
    credentials: "cp FOLDER-OF-CLUSTER-YML/kube_config_cluster.yml admin.conf\n\
                  scp root@HOST:/etc/kubernetes/ssl/kube-ca.pem ca.crt",
    certificate_names: "add it to `authentication.sans` in cluster.yml, and run `rke up`, which issues the \
                        certificate anew",
    backup: "ssh root@\"$OLD\" tar -C /etc -cz kubernetes > kubernetes-before.tar.gz\n\
             rke etcd snapshot-save --config FOLDER-OF-CLUSTER-YML/cluster.yml --name before-talos",
    etcd: EtcdTool::Commands {
        snapshot: "ssh root@\"$OLD\"\n\
                   docker exec etcd etcdctl snapshot save /var/lib/rancher/etcd/before-talos.db\n\
                   docker cp etcd:/var/lib/rancher/etcd/before-talos.db /root/\n\
                   exit\n\
                   scp root@\"$OLD\":/root/before-talos.db .",
        etcdctl: Some("ssh root@\"$OLD\" docker exec etcd etcdctl"),
    },
    shutdown: Shutdown {
        api_server: Some(
            "ssh root@\"$OLD\" docker stop kube-apiserver kube-controller-manager kube-scheduler",
        ),
        rest: None,
        start: "ssh root@\"$OLD\" docker start kube-apiserver kube-controller-manager kube-scheduler",
    },
    uninstall: [
        "docker rm -f kube-apiserver kube-controller-manager kube-scheduler kubelet kube-proxy etcd",
        "docker rm -f kubelet kube-proxy nginx-proxy",
    ],
    last_resort: Some(
        "rke etcd snapshot-restore --config FOLDER-OF-CLUSTER-YML/cluster.yml --name before-talos",
    ),
    leaves_etcd: false,
    has_proxy_daemon_set: false,
    conditions: &[
        "every old control plane has the role `etcd` as well, and no other node has it: Talos looks for \
         members of etcd on control planes",
        "the old workers go before the last old control plane: they reach the API through the \
         container nginx-proxy on their own node, which knows old control planes alone",
    ],
    leftovers: &[Leftover {
        what: "RKE keeps its state in the cluster, with every private key in it. Without it RKE can do \
               nothing to the cluster any more, so it goes last.",
        commands: "kubectl -n kube-system delete secret full-cluster-state --ignore-not-found\n\
                   kubectl -n kube-system delete configmap full-cluster-state --ignore-not-found",
    }],
    ..Operations::KUBEADM
};
