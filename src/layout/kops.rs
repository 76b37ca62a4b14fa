//! kops: keysets in the state store, two CAs for etcd.
//!
//! Source: `pkg/model/pki.go`, `pkg/model/components/etcdmanager/model.go` and `discovery.go` in kops.

use super::Layout;
use super::mark::Mark;
use super::table::{KUBERNETES_CA, LayoutTable, PeculiarityRow, ServiceAccountRow, authority};
use crate::cluster::{CaSlot, EtcdTool, Leftover, Operations, PeculiarityKind, Shutdown};

const KUBERNETES: (&str, &str) = (
    "kubernetes-ca/keyset.yaml: publicMaterial",
    "kubernetes-ca/keyset.yaml: privateMaterial",
);

/// As it was called before kops 1.22.
const OLD_KUBERNETES: (&str, &str) = (
    "ca/keyset.yaml: publicMaterial",
    "ca/keyset.yaml: privateMaterial",
);

pub(super) static TABLE: LayoutTable = LayoutTable {
    layout: Layout::Kops,
    name: "kops",
    about: "kops (pki/private of the state store)",
    home: "pki/private",
    folder: "",
    runs_static_pods: false,
    manifests: "",
    marks: &[Mark::File(KUBERNETES.0), Mark::File(OLD_KUBERNETES.0)],
    enough_names: 2,
    authorities: &[
        authority(CaSlot::Kubernetes, KUBERNETES.0, KUBERNETES.1),
        authority(CaSlot::Kubernetes, OLD_KUBERNETES.0, OLD_KUBERNETES.1),
        authority(
            CaSlot::Aggregator,
            "apiserver-aggregator-ca/keyset.yaml: publicMaterial",
            "apiserver-aggregator-ca/keyset.yaml: privateMaterial",
        ),
    ],
    service_account: &[
        ServiceAccountRow {
            key: "service-account/keyset.yaml: privateMaterial",
            signing: None,
            public: Some("service-account/keyset.yaml: publicMaterial"),
        },
        // Before kops 1.19 tokens were signed with the API server's own key.
        ServiceAccountRow {
            key: "master/keyset.yaml: privateMaterial",
            signing: None,
            public: Some("master/keyset.yaml: publicMaterial"),
        },
    ],
    leaves: &[],
    kubeconfigs: &[],
    encryption: None,
    peculiarities: &[
        PeculiarityRow {
            kind: PeculiarityKind::EtcdCaMadeAnew,
            when: Mark::Always,
            message: "etcd has a CA for clients and others for peers, and Talos one for all: it \
                      gets a new one",
            help: "move the data by a snapshot: take one of etcd main (etcd-manager makes backups in \
                   the state store), then talosctl bootstrap --recover-from; what is in etcd \
                   events is lost",
        },
        PeculiarityRow {
            kind: PeculiarityKind::TokenIssuer,
            when: Mark::Always,
            message: "kops signs tokens as `https://api.internal.CLUSTER`, by the public name, or by \
                      a discovery URL",
            help: "`convert` does it; for a bundle alone, set issuer and audiences as they are \
                   (kubectl get --raw \
                   /.well-known/openid-configuration shows the issuer): up to Talos 1.13 by \
                   `cluster.apiServer.extraArgs`, from 1.14 in KubeServiceAccountConfig. The front \
                   proxy of kops is called `aggregator`: while both planes run, set \
                   requestheader-allowed-names to both names",
        },
    ],
    operations: &OPERATIONS,
    remedies: &[(
        KUBERNETES_CA,
        "take pki/private of the cluster's folder in the state store: the keysets there have the \
         keys, those in pki/issued have not",
    )],
};

/// Source: `docs/operations/etcd_administration.md` and `etcd_backup_restore_encryption.md` in kops, and
/// `nodeup/pkg/model/kube_apiserver.go` for the folder of the certificates.
const OPERATIONS: Operations = Operations {
    name: "kops",
    certificates: "`kops rolling-update cluster --force --yes`: new nodes get new ones",
    credentials: "kops export kubeconfig --admin --kubeconfig admin.conf\n\
                  kubectl --kubeconfig admin.conf config view --raw --minify \\\n\
                  \x20   -o jsonpath='{.clusters[0].cluster.certificate-authority-data}' \\\n\
                  \x20   | base64 -d > ca.crt",
    backup: "ssh root@\"$OLD\" tar -C / -cz srv/kubernetes etc/kubernetes > kubernetes-before.tar.gz",
    etcd: EtcdTool::Commands {
        snapshot: "ssh root@\"$OLD\"\n\
                   etcdctl --endpoints=https://127.0.0.1:4001 \\\n\
                   \x20   --cacert=/srv/kubernetes/kube-apiserver/etcd-ca.crt \\\n\
                   \x20   --cert=/srv/kubernetes/kube-apiserver/etcd-client.crt \\\n\
                   \x20   --key=/srv/kubernetes/kube-apiserver/etcd-client.key \\\n\
                   \x20   snapshot save /root/before-talos.db\n\
                   exit\n\
                   scp root@\"$OLD\":/root/before-talos.db .",
        etcdctl: None,
    },
    shutdown: Shutdown {
        api_server: Some(
            "ssh root@\"$OLD\" mv /etc/kubernetes/manifests/kube-apiserver.manifest /root/",
        ),
        rest: None,
        start: "ssh root@\"$OLD\" mv /root/kube-apiserver.manifest /etc/kubernetes/manifests/",
    },
    uninstall: ["shutdown -h now", "shutdown -h now"],
    leaves_etcd: false,
    has_proxy_daemon_set: false,
    conditions: &[
        "old kubelets reach the API by `api.internal.CLUSTER`, and it is yours to let that name lead to \
         Talos: dns-controller writes it no more when the old control planes are stopped",
        "`etcdctl` is on the old control plane: kops has it in the container of etcd-manager alone. \
         Its certificates were in /etc/kubernetes/pki/kube-apiserver before kops 1.22. \
         Port 4001 is that of etcd main; what is in etcd events (port 4002) does not come along",
        "no instance group replaces an old control plane during the move: suspend it, since a new \
         instance would start an etcd and an API server of its own. Delete the instances of old \
         nodes where they were made when you are done",
    ],
    leftovers: &[Leftover {
        what: "dns-controller and kops-controller belong to kops: the one writes the addresses of old \
               control planes into DNS, the other lets kops's nodes join.",
        commands: "kubectl -n kube-system delete deployment dns-controller --ignore-not-found\n\
                   kubectl -n kube-system delete daemonset kops-controller --ignore-not-found",
    }],
    ..Operations::KUBEADM
};
