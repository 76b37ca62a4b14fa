//! Whose file is which: from a tree of files to a [`Cluster`].
//!
//! One file a distribution, each a table (`table`) of path and role, with the evidence by which it is
//! told (`mark`) and what it does in a way of its own; [`Layout`] names them. `by_content` needs
//! no names, because it reads who signed what. `nodes` tells the trees of several nodes in one
//! source apart, `inventory` parses every file once (`item` is one piece of it), `named` finds what the flags of processes name,
//! `trusted_files` finds the files by which they say whom to trust, `place` finds the folder of a layout and
//! `detect` the layout: of several by what speaks for each (`standing`). `gather` fills the slots of the
//! cluster (`service_account` one of them, `renamed` where a CA has several names) and `rest` what is beside them;
//! `snaps` knows which of their folders runs, `pieces` picks what a slot needs out of its files, which `single_files` are told by a person.

mod by_content;
mod detect;
mod encryption_config;
mod gather;
mod hard_way;
mod inventory;
mod item;
mod k0s;
mod k3s;
mod k3s_operations;
mod k8s_snap;
mod keyset;
mod kind;
mod kops;
mod kubeadm;
mod kubeconfig;
mod kubespray;
mod mark;
mod microk8s;
mod minikube;
mod named;
mod nodes;
mod pieces;
mod place;
mod refused;
mod renamed;
mod rest;
mod rke1;
mod service_account;
mod single_files;
mod snaps;
mod standing;
mod table;
pub mod talos;
mod trusted_files;

pub use inventory::Inventory;
pub use nodes::nodes;
pub use single_files::{authority_from_files, service_account_from_file};

use self::place::Place;
use self::table::LayoutTable;
use crate::cluster::Cluster;
use crate::pki::Secret;
use crate::settings::Settings;
use crate::source::Tree;
use crate::talos::BundleError;

/// Most entries that an error lists.
const MAX_SHOWN: usize = 5;

/// How archives end.
const ARCHIVES: [&str; 9] = [
    ".tar", ".tar.gz", ".tgz", ".tar.zst", ".tar.xz", ".tar.bz2", ".zip", ".7z", ".rar",
];

/// How files end that hold certificates with keys, and are not PEM.
const KEYSTORES: [&str; 2] = [".p12", ".pfx"];

/// Every distribution, in the order in which they are looked for: those with a mark of their own
/// before kubeadm, whose names others have as well.
static LAYOUTS: &[&LayoutTable] = &[
    &kops::TABLE,
    &refused::OPENSHIFT,
    &refused::CHARMED,
    &hard_way::TABLE,
    &microk8s::TABLE,
    &k8s_snap::TABLE,
    &rke1::TABLE,
    &k3s::RKE2,
    &k3s::K3S,
    &minikube::TABLE,
    &kubespray::TABLE,
    &k0s::TABLE,
    &kind::TABLE,
    &kubeadm::TABLE,
];

/// How files are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Layout {
    /// By the names of the distribution that the evidence speaks for, and by content where names
    /// are missing.
    #[default]
    Detect,
    /// By kubeadm's names.
    Kubeadm,
    /// By those of kind.
    Kind,
    /// By those of minikube.
    Minikube,
    /// By those of kubespray.
    Kubespray,
    /// By those of k0s.
    K0s,
    /// By those of k3s.
    K3s,
    /// By those of RKE2.
    Rke2,
    /// By those of RKE1.
    Rke1,
    /// By those of MicroK8s.
    Microk8s,
    /// By those of kops.
    Kops,
    /// By those of Canonical Kubernetes.
    K8sSnap,
    /// By those of Kubernetes the Hard Way.
    HardWay,
    /// By those of Charmed Kubernetes.
    Charmed,
    /// By those of OpenShift.
    OpenShift,
    /// By content alone, whatever the names say.
    ByContent,
}

impl Layout {
    /// Every choice: its name, and a word on it.
    pub fn choices() -> impl Iterator<Item = (&'static str, &'static str)> {
        let auto = (
            "auto",
            "By the evidence: names where known, content where not",
        );
        let by_content = ("by-content", "By content alone, whatever the names say");
        let tables = LAYOUTS.iter().rev().map(|table| (table.name, table.about));
        std::iter::once(auto).chain(tables).chain([by_content])
    }

    /// Where a node of the distribution that a person named has its static pods.
    #[must_use]
    pub fn manifests(self) -> Option<&'static str> {
        let mut tables = LAYOUTS.iter();
        let table = tables.find(|table| table.layout == self)?;
        Some(table.manifests).filter(|folder| !folder.is_empty())
    }

    /// The choice with this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "auto" => Some(Self::Detect),
            "by-content" => Some(Self::ByContent),
            _ => {
                let mut tables = LAYOUTS.iter();
                tables
                    .find(|table| table.name == name)
                    .map(|table| table.layout)
            }
        }
    }
}

/// Why a tree cannot be understood as a cluster.
#[derive(Debug, thiserror::Error)]
pub enum LayoutError {
    /// There is nothing of a cluster in it.
    #[error(
        "there is no certificate or key in `{name}`; give the /etc/kubernetes of a control-plane node, \
         its pki folder, or an archive of one{}", not_read(.unread)
    )]
    NothingFound {
        /// The source.
        name: String,
        /// What could not be read in it, with the reason.
        unread: Vec<(String, String)>,
    },
    /// It is a secrets bundle of Talos, and something is wrong with it.
    #[error("`{name}` is not a usable secrets bundle: {}", BundleError::in_words(.problems))]
    Bundle {
        /// The source.
        name: String,
        /// All that is wrong.
        problems: Vec<BundleError>,
    },
    /// There are certificates, but none that this layout knows.
    #[error("`{name}` has no {layout} PKI: none of {names} is in it")]
    NotThere {
        /// The source.
        name: String,
        /// The layout that was asked for.
        layout: &'static str,
        /// Names that it would have.
        names: String,
    },
}

/// Reads the cluster in `tree`. Encrypted keys are opened with `passphrase`.
pub fn read(
    tree: Tree,
    layout: Layout,
    passphrase: Option<&Secret<String>>,
) -> Result<Cluster, LayoutError> {
    let settings = Settings::of_processes(&tree, layout.manifests());
    read_as_run_by(&settings, tree, layout, passphrase)
}

/// The same, where the settings in `tree` have been read already.
pub(crate) fn read_as_run_by(
    settings: &Settings,
    tree: Tree,
    layout: Layout,
    passphrase: Option<&Secret<String>>,
) -> Result<Cluster, LayoutError> {
    if let Some(bundle) = talos::bundle::lone(&tree) {
        let read = talos::bundle::read(&tree, bundle);
        return read.map_err(|problems| LayoutError::Bundle {
            name: tree.name.clone(),
            problems,
        });
    }
    let inventory = Inventory::of(&tree, settings, passphrase);
    if !inventory.has_material() {
        let mut unread = inventory.unread;
        unread.extend(packed(&tree));
        let name = inventory.name;
        return Err(LayoutError::NothingFound { name, unread });
    }
    drop(tree);
    let told = |table: &&&LayoutTable| table.layout == layout;
    let place = match layout {
        Layout::ByContent => None,
        Layout::Detect => detect::place(&inventory),
        _ => match LAYOUTS.iter().find(told) {
            Some(table) => match Place::find(&inventory, table, true) {
                Some(place) => Some(place),
                None => return Err(not_there(inventory.name, table)),
            },
            None => None,
        },
    };
    Ok(gather::cluster(inventory, place.as_ref()))
}

/// Files in which certificates and keys may be that are not looked into.
fn packed(tree: &Tree) -> impl Iterator<Item = (String, String)> {
    let files = tree.files.iter();
    files.filter_map(|file| {
        let is = |endings: &[&str]| endings.iter().any(|ending| file.path.ends_with(ending));
        let reason = if is(&ARCHIVES) {
            "it is an archive in a folder; give it by itself"
        } else if is(&KEYSTORES) {
            "it is a keystore; take PEM out of it: (umask 077; openssl pkcs12 -in FILE -nodes -out FILE.pem)"
        } else {
            return None;
        };
        Some((file.path.clone(), reason.to_owned()))
    })
}

/// What was not read, as the end of a sentence: it may be what is missed.
fn not_read(unread: &[(String, String)]) -> String {
    let shown = unread.iter().take(MAX_SHOWN);
    let mut shown: Vec<String> = shown
        .map(|(path, reason)| format!("`{path}`: {reason}"))
        .collect();
    match unread.len().checked_sub(MAX_SHOWN) {
        Some(more @ 1..) => shown.push(format!("and {more} more")),
        _ if shown.is_empty() => return String::new(),
        _ => {}
    }
    format!(". Not read: {}", shown.join("; "))
}

fn not_there(name: String, table: &LayoutTable) -> LayoutError {
    let authorities = table.authorities.iter().map(|row| row.certificate);
    let keys = table.service_account.iter().map(|row| row.key);
    let names = authorities.chain(keys).map(|name| format!("`{name}`"));
    LayoutError::NotThere {
        name,
        layout: table.name,
        names: names.collect::<Vec<_>>().join(", "),
    }
}
