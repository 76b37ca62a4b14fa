//! Kubernetes the Hard Way: one CA for everything, and etcd without TLS.
//!
//! Source: `docs/04-certificate-authority.md`, `ca.conf` and `units/` in kubernetes-the-hard-way.

use super::Layout;
use super::mark::Mark;
use super::table::{LayoutTable, PeculiarityRow, ServiceAccountRow, authority, named_leaf};
use crate::cluster::{CaSlot, EtcdTool, LeafRole, Operations, PeculiarityKind, Shutdown};

pub(super) static TABLE: LayoutTable = LayoutTable {
    layout: Layout::HardWay,
    name: "hard-way",
    about: "Kubernetes the Hard Way (/var/lib/kubernetes)",
    home: "var/lib/kubernetes",
    folder: "",
    runs_static_pods: false,
    manifests: "",
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
            help: "`convert` does it; for a bundle alone, set the issuer that \
                   kube-apiserver.service names in Talos: up to 1.13 by \
                   `cluster.apiServer.extraArgs`, from 1.14 in KubeServiceAccountConfig",
        },
    ],
    operations: &OPERATIONS,
    remedies: &[(
        super::table::KUBERNETES_CA,
        "`ca.key` stays on the jumpbox where it was made; take `ca.crt` and `ca.key` from there",
    )],
};

/// Source: `docs/08-bootstrapping-kubernetes-controllers.md` and `docs/10-configuring-kubectl.md`.
const OPERATIONS: Operations = Operations {
    name: "the Hard Way",
    certificates: "issue them anew by its CAs, and restart its units",
    credentials: "cp ~/kubernetes-the-hard-way/admin.kubeconfig admin.conf  # on the jumpbox\n\
                  scp root@HOST:/var/lib/kubernetes/ca.crt .",
    backup: "ssh root@\"$OLD\" tar -C / -cz var/lib/kubernetes etc/etcd > kubernetes-before.tar.gz",
    etcd: EtcdTool::Commands {
        snapshot: "ssh root@\"$OLD\" etcdctl snapshot save /root/before-talos.db\n\
                   scp root@\"$OLD\":/root/before-talos.db .",
        etcdctl: Some("ssh root@\"$OLD\" etcdctl"),
    },
    shutdown: Shutdown {
        api_server: Some(
            "ssh root@\"$OLD\" systemctl stop kube-apiserver kube-controller-manager kube-scheduler",
        ),
        rest: None,
        start: "ssh root@\"$OLD\" systemctl start kube-apiserver kube-controller-manager \\\n\
                \x20   kube-scheduler",
    },
    uninstall: [
        "systemctl disable --now kube-apiserver kube-controller-manager kube-scheduler etcd",
        "systemctl disable --now kubelet kube-proxy containerd",
    ],
    leaves_etcd: false,
    has_proxy_daemon_set: false,
    network: Some(
        "the Hard Way has no plugin, but a bridge on each node and routes between them by hand: pods \
         on old nodes and on new ones do not reach each other. Bring a plugin of your own, or let Talos \
         bring flannel",
    ),
    ..Operations::KUBEADM
};
