//! k3s and RKE2, which is k3s in another folder: one CA for servers and one for clients, in
//! Kubernetes and in etcd.
//!
//! Source: `pkg/daemons/control/deps/deps.go` and `contrib/util/rotate-default-ca-certs.sh` in k3s.

use super::Layout;
use super::k3s_operations::{K3S_OPERATIONS, RKE2_OPERATIONS};
use super::mark::Mark;
use super::table::{
    AuthorityRow, KUBERNETES_CA, LayoutTable, LeafRow, PeculiarityRow, ServiceAccountRow,
    named_leaf,
};
use crate::cluster::{CaSlot, LeafRole, PeculiarityKind, Slot};
use crate::settings::DatastoreKind;

pub(super) static K3S: LayoutTable = LayoutTable {
    layout: Layout::K3s,
    name: "k3s",
    about: "k3s (/var/lib/rancher/k3s/server)",
    home: "var/lib/rancher/k3s/server/tls",
    folder: "../",
    runs_static_pods: false,
    manifests: "",
    marks: &[
        Mark::Path("k3s/server/tls"),
        Mark::Subject("server-ca.crt", "k3s-server-ca@"),
        // CAs of one's own have other names, and RKE2 has been looked for before.
        Mark::File("request-header-ca.crt"),
    ],
    enough_names: 3,
    authorities: AUTHORITIES,
    service_account: SERVICE_ACCOUNT,
    leaves: LEAVES,
    kubeconfigs: &[],
    encryption: Some("../cred/encryption-config.json"),
    peculiarities: &[
        SPLIT_KUBERNETES,
        SPLIT_ETCD,
        PeculiarityRow {
            kind: PeculiarityKind::OtherDatastore,
            when: Mark::Any(&[
                Mark::Datastore(DatastoreKind::Socket),
                Mark::All(&[
                    Mark::DatastoreUntold,
                    Mark::File("../db/state.db"),
                    Mark::Not(&Mark::Folder("../db/etcd/")),
                ]),
            ]),
            message: "k3s keeps this cluster in SQLite (kine), not in etcd",
            help: "restart the k3s server once with --cluster-init: it moves the data from SQLite \
                   to etcd, and `k3s etcd-snapshot save` then makes the snapshot for Talos \
                   (talosctl bootstrap --recover-from). If the server has a folder \
                   `server/db/etcd`, it has etcd: give `config` of that folder, too",
        },
        DATABASE,
        token_issuer(
            "k3s signs tokens as `https://kubernetes.default.svc.DOMAIN`, and `k3s` is \
             another audience",
        ),
    ],
    operations: &K3S_OPERATIONS,
    remedies: &[
        (
            KUBERNETES_CA,
            "take /var/lib/rancher/k3s/server/tls of a server node, whole",
        ),
        (
            Slot::ServiceAccount,
            "take `service.key` of /var/lib/rancher/k3s/server/tls; it is the same on all servers",
        ),
    ],
};

/// The CA of RKE1 in the place of those of RKE2, since an upgrade.
const WAS_RKE1: Mark = Mark::All(&[
    Mark::Subject("server-ca.crt", "kube-ca"),
    Mark::Subject("request-header-ca.crt", "kube-ca"),
]);

pub(super) static RKE2: LayoutTable = LayoutTable {
    layout: Layout::Rke2,
    name: "rke2",
    manifests: "/var/lib/rancher/rke2/agent/pod-manifests",
    about: "RKE2 (/var/lib/rancher/rke2/server)",
    home: "var/lib/rancher/rke2/server/tls",
    marks: &[
        Mark::Path("rke2/server/tls"),
        Mark::Subject("server-ca.crt", "rke2-server-ca@"),
        WAS_RKE1,
    ],
    peculiarities: &[
        SPLIT_KUBERNETES,
        DATABASE,
        // `pkg/certs` of rancher/migration-agent.
        PeculiarityRow {
            kind: PeculiarityKind::SharedSinceUpgrade,
            when: WAS_RKE1,
            message: "the upgrade from RKE1 has put its CA in the place of every CA of RKE2",
            help: "the upgrade from RKE1 has put its CA in the place of every CA of RKE2. A client that it \
                   calls `front-proxy-client` could pose as any user. Give Talos an aggregator CA of its \
                   own, which nobody has to know before the move: `talos-pki gen ca --organization \
                   aggregator --algorithm ecdsa-p256 -o .`, then --aggregator-ca-crt aggregator.crt \
                   --aggregator-ca-key aggregator.key. Or let it through by --allow shared-ca",
        },
        PeculiarityRow {
            help: "move the data by a snapshot: rke2 etcd-snapshot save, then talosctl bootstrap \
                   --recover-from",
            ..SPLIT_ETCD
        },
        token_issuer(
            "RKE2 signs tokens as `https://kubernetes.default.svc.DOMAIN`, and `rke2` is \
             another audience",
        ),
    ],
    operations: &RKE2_OPERATIONS,
    remedies: &[
        (
            KUBERNETES_CA,
            "take /var/lib/rancher/rke2/server/tls of a server node, whole",
        ),
        (
            Slot::ServiceAccount,
            "take `service.key` of /var/lib/rancher/rke2/server/tls; it is the same on all servers",
        ),
    ],
    ..K3S
};

/// What servers present is trusted by every client, so Talos issues from that CA.
const AUTHORITIES: &[AuthorityRow] = &[
    AuthorityRow {
        slot: CaSlot::Kubernetes,
        certificate: "server-ca.crt",
        key: "server-ca.key",
        accepted: &["client-ca.crt"],
        // After a rotation: the CA, its root, the root as the old one signed it, the old root; and
        // the keys of the first two. Talos wants no intermediate CA.
        prefers_root: true,
    },
    AuthorityRow {
        slot: CaSlot::Aggregator,
        certificate: "request-header-ca.crt",
        key: "request-header-ca.key",
        accepted: &[],
        prefers_root: true,
    },
];

/// The key that signs first, then those whose tokens are still good.
const SERVICE_ACCOUNT: &[ServiceAccountRow] = &[ServiceAccountRow {
    key: "service.key",
    signing: Some("service.current.key"),
    public: None,
}];

const LEAVES: &[LeafRow] = &[
    named_leaf(
        LeafRole::ApiServer,
        "serving-kube-apiserver.crt",
        "kube-apiserver",
    ),
    named_leaf(
        LeafRole::ApiServerKubeletClient,
        "client-kube-apiserver.crt",
        "system:apiserver",
    ),
    // Talos knows `front-proxy-client` alone, so this one is told.
    LeafRow {
        role: LeafRole::FrontProxyClient,
        certificate: "client-auth-proxy.crt",
        name: None,
    },
];

const SPLIT_KUBERNETES: PeculiarityRow = PeculiarityRow {
    kind: PeculiarityKind::SplitAuthority,
    when: Mark::All(&[
        Mark::File("server-ca.crt"),
        Mark::File("client-ca.crt"),
        Mark::Differ("server-ca.crt", "client-ca.crt"),
    ]),
    message: "servers have `server-ca`, which Talos issues from, and clients `client-ca`, which it \
              has to accept",
    help: "`convert` accepts it; for a bundle alone, add `client-ca.crt` to Talos's accepted CAs \
           (`cluster.acceptedCAs`, from 1.14 KubeAPIServerCAConfig). Move all at once, by a \
           snapshot: old kubelets know `client-ca` alone, and refuse Talos's API servers",
};

const SPLIT_ETCD: PeculiarityRow = PeculiarityRow {
    kind: PeculiarityKind::EtcdCaMadeAnew,
    when: Mark::Always,
    message: "etcd has a CA for servers and another for peers, and Talos one for both: it gets a \
              new one",
    help: "move the data by a snapshot: k3s etcd-snapshot save, then talosctl bootstrap \
           --recover-from",
};

/// What kine keeps in SQL or NATS; `--cluster-init` moves SQLite alone.
const DATABASE: PeculiarityRow = PeculiarityRow {
    kind: PeculiarityKind::OtherDatastore,
    when: Mark::Datastore(DatastoreKind::Database),
    message: "the servers keep this cluster in a database behind kine, not in etcd",
    help: "there is no way from such a database to an etcd snapshot: make the objects anew from \
           manifests or a Velero backup",
};

const fn token_issuer(message: &'static str) -> PeculiarityRow {
    PeculiarityRow {
        kind: PeculiarityKind::TokenIssuer,
        when: Mark::Always,
        message,
        help: "`convert` does it; for a bundle alone, set issuer and audiences as they are (kubectl \
               get --raw \
               /.well-known/openid-configuration shows the issuer): up to Talos 1.13 by \
               `cluster.apiServer.extraArgs`, from 1.14 in KubeServiceAccountConfig",
    }
}
