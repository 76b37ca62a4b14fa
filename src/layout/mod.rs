//! Whose file is which: from a tree of files to a [`Cluster`].
//!
//! One file a distribution, each a small table of path and role (`kubeadm`), and one that needs
//! no names (`by_content`) because it reads who signed what. `inventory` parses every file
//! once; `gather` fills the cluster, and `pieces`
//! picks what a slot needs out of its files.

mod by_content;
mod gather;
mod inventory;
mod kubeadm;
mod kubeconfig;
mod pieces;
pub mod talos;

pub use gather::{authority_from_files, service_account_from_file};
pub use inventory::Inventory;

use crate::cluster::Cluster;
use crate::pki::Secret;
use crate::source::Tree;

/// How files are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Layout {
    /// By names where they are known, by content where names are missing.
    #[default]
    Detect,
    /// By kubeadm's names.
    Kubeadm,
    /// By content alone, whatever the names say.
    ByContent,
}

/// Why a tree cannot be understood as a cluster.
#[derive(Debug, thiserror::Error)]
pub enum LayoutError {
    /// There is nothing of a cluster in it.
    #[error(
        "there is no certificate or key in `{0}`; give the /etc/kubernetes of a control-plane node, \
         its pki folder, or an archive of one"
    )]
    NothingFound(String),
    /// There are certificates, but none that this layout knows.
    #[error("`{0}` has no kubeadm PKI: none of `ca.crt`, `etcd/ca.crt`, `sa.key` is in it")]
    NotKubeadm(String),
}

/// Reads the cluster in `tree`. Encrypted keys are opened with `passphrase`.
pub fn read(
    tree: Tree,
    layout: Layout,
    passphrase: Option<&Secret<String>>,
) -> Result<Cluster, LayoutError> {
    let inventory = Inventory::of(tree, passphrase);
    if !inventory.has_material() {
        return Err(LayoutError::NothingFound(inventory.name));
    }
    let names = match layout {
        Layout::ByContent => None,
        Layout::Detect | Layout::Kubeadm => kubeadm::find(&inventory, layout == Layout::Kubeadm),
    };
    match (names, layout) {
        (None, Layout::Kubeadm) => Err(LayoutError::NotKubeadm(inventory.name)),
        (names, _) => Ok(gather::cluster(inventory, names.as_ref())),
    }
}
