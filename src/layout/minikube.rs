//! minikube: kubeadm with one CA for every profile of a machine.
//!
//! Source: `pkg/minikube/bootstrapper/certs.go` and `pkg/util/crypto.go` in minikube.

use super::mark::Mark;
use super::table::{KUBERNETES_CA, LayoutTable, PeculiarityRow};
use super::{Layout, kubeadm};
use crate::cluster::{Operations, PeculiarityKind};

pub(super) static TABLE: LayoutTable = LayoutTable {
    layout: Layout::Minikube,
    name: "minikube",
    about: "minikube (/var/lib/minikube/certs)",
    home: "var/lib/minikube/certs",
    folder: "",
    marks: &[
        Mark::Subject("ca.crt", "minikubeCA"),
        Mark::Path("minikube/certs"),
        Mark::File("proxy-client-ca.crt"),
    ],
    leaves: &kubeadm::leaves(Some("minikube")),
    kubeconfigs: &[],
    peculiarities: &[
        PeculiarityRow {
            kind: PeculiarityKind::SharedByOtherClusters,
            when: Mark::Subject("ca.crt", "minikubeCA"),
            message: "the Kubernetes CA is that of every minikube profile of its machine",
            help: "rotate the CA after the move (talosctl rotate-ca), or take no minikube cluster \
                   further than its machine",
        },
        PeculiarityRow {
            kind: PeculiarityKind::Unused,
            when: Mark::File("proxy-client-ca.crt"),
            message: "`proxy-client-ca` is not the aggregator CA: minikube makes it and no flag \
                      names it",
            help: "nothing has to be done: `front-proxy-ca` is the aggregator CA",
        },
    ],
    remedies: &[(
        KUBERNETES_CA,
        "take /var/lib/minikube/certs of the control-plane node (minikube ssh, or minikube cp); \
         `ca.crt` and `ca.key` are also in ~/.minikube",
    )],
    operations: &OPERATIONS,
    ..kubeadm::TABLE
};

const OPERATIONS: Operations = Operations {
    credentials: "scp root@HOST:/etc/kubernetes/admin.conf root@HOST:/var/lib/minikube/certs/ca.crt .",
    ..Operations::KUBEADM
};
