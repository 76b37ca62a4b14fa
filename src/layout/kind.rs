//! kind: kubeadm within a container. Copy it out by `docker cp NAME-control-plane:/etc/kubernetes`.
//!
//! Source: `pkg/cluster/internal/kubeadm/config.go` in kind.

use super::mark::Mark;
use super::table::LayoutTable;
use super::{Layout, kubeadm};

pub(super) static TABLE: LayoutTable = LayoutTable {
    layout: Layout::Kind,
    name: "kind",
    about: "Kubernetes in Docker (kubeadm's names)",
    marks: &[
        Mark::File("../../../kind/kubeadm.conf"),
        // kind names its nodes so, and its API server by the node.
        Mark::Server("-control-plane:6443"),
    ],
    ..kubeadm::TABLE
};
