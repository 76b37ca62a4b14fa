//! kubeadm's layout, which kind, minikube and kubespray share in large part.
//!
//! Source: `cmd/kubeadm/app/constants` and `phases/certs/certlist.go` in Kubernetes.

use std::collections::BTreeSet;

use super::inventory::Inventory;
use crate::cluster::{CaSlot, KubeconfigRole, LeafRole};

/// The name of this layout.
pub(super) const NAME: &str = "kubeadm";

/// Certificate and key of each CA, below the PKI folder.
pub(super) const AUTHORITIES: [(CaSlot, &str, &str); 3] = [
    (CaSlot::Kubernetes, "ca.crt", "ca.key"),
    (CaSlot::Etcd, "etcd/ca.crt", "etcd/ca.key"),
    (
        CaSlot::Aggregator,
        "front-proxy-ca.crt",
        "front-proxy-ca.key",
    ),
];

/// The service-account key and its public half.
pub(super) const SERVICE_ACCOUNT: (&str, &str) = ("sa.key", "sa.pub");

/// The certificates that kubeadm issues.
pub(super) const LEAVES: [(LeafRole, &str); 7] = [
    (LeafRole::ApiServer, "apiserver.crt"),
    (
        LeafRole::ApiServerKubeletClient,
        "apiserver-kubelet-client.crt",
    ),
    (LeafRole::ApiServerEtcdClient, "apiserver-etcd-client.crt"),
    (LeafRole::FrontProxyClient, "front-proxy-client.crt"),
    (LeafRole::EtcdServer, "etcd/server.crt"),
    (LeafRole::EtcdPeer, "etcd/peer.crt"),
    (
        LeafRole::EtcdHealthcheckClient,
        "etcd/healthcheck-client.crt",
    ),
];

/// The kubeconfigs, in the folder above the PKI folder.
pub(super) const KUBECONFIGS: [(KubeconfigRole, &str); 5] = [
    (KubeconfigRole::Admin, "admin.conf"),
    (KubeconfigRole::SuperAdmin, "super-admin.conf"),
    (KubeconfigRole::ControllerManager, "controller-manager.conf"),
    (KubeconfigRole::Scheduler, "scheduler.conf"),
    (KubeconfigRole::Kubelet, "kubelet.conf"),
];

/// Fewest known names by which a folder is taken for a PKI folder.
const ENOUGH_NAMES: usize = 3;

/// Where kubeadm's files are in a tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Names {
    /// The PKI folder, empty or ending in `/`.
    pub(super) root: String,
    /// Other folders that could be it just as well.
    pub(super) rivals: Vec<String>,
}

/// Finds the PKI folder: the one with the most of kubeadm's names, and among equals the one that is
/// called `pki`, so that `pki.bak` beside `pki` does not count.
pub(super) fn find(inventory: &Inventory, is_told: bool) -> Option<Names> {
    // Whoever says that it is kubeadm needs not prove it.
    let enough = if is_told { 1 } else { ENOUGH_NAMES };
    let mut roots: Vec<(bool, usize, String)> = candidate_roots(inventory)
        .into_iter()
        .map(|root| (is_usual(&root), names_in(inventory, &root), root))
        .filter(|(_, names, _)| *names >= enough)
        .collect();
    roots.sort_by(|a, b| (b.0, b.1, &a.2).cmp(&(a.0, a.1, &b.2)));
    let (usual, _, root) = roots.first()?.clone();
    let rivals = roots[1..].iter().filter(|rival| rival.0 == usual);
    let rivals = rivals.map(|(_, _, root)| root.clone()).collect();
    Some(Names { root, rivals })
}

impl Names {
    /// The path of a file of the PKI folder.
    pub(super) fn pki(&self, name: &str) -> String {
        format!("{}{name}", self.root)
    }

    /// The path of a file in the folder above the PKI folder, if the tree reaches that far.
    pub(super) fn above(&self, name: &str) -> Option<String> {
        let root = self.root.strip_suffix('/')?;
        let above = root
            .rsplit_once('/')
            .map_or(String::new(), |(above, _)| format!("{above}/"));
        Some(format!("{above}{name}"))
    }
}

fn candidate_roots(inventory: &Inventory) -> BTreeSet<String> {
    let mut roots = BTreeSet::new();
    for file in &inventory.files {
        for name in known_names() {
            if let Some(root) = file.path.strip_suffix(name)
                && (root.is_empty() || root.ends_with('/'))
                // `etcd/ca.crt` also ends in `ca.crt`, and etcd's folder is not a PKI folder.
                && !root.ends_with("etcd/")
            {
                roots.insert(root.to_owned());
            }
        }
    }
    roots
}

fn names_in(inventory: &Inventory, root: &str) -> usize {
    let present = |name: &&str| {
        let path = format!("{root}{name}");
        inventory.file(&path).is_some()
            || inventory.unread.iter().any(|(unread, _)| *unread == path)
    };
    known_names().filter(present).count()
}

fn known_names() -> impl Iterator<Item = &'static str> {
    let authorities = AUTHORITIES
        .iter()
        .flat_map(|(_, certificate, key)| [*certificate, *key]);
    let leaves = LEAVES.iter().map(|(_, name)| *name);
    authorities
        .chain([SERVICE_ACCOUNT.0, SERVICE_ACCOUNT.1])
        .chain(leaves)
}

fn is_usual(root: &str) -> bool {
    root.is_empty() || root == "pki/" || root.ends_with("/pki/")
}
