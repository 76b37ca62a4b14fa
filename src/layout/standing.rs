//! What speaks for the Kubernetes CA of a PKI folder being the one in use.

use super::LAYOUTS;
use super::encryption_config::EncryptionConfig;
use super::inventory::{Inventory, InventoryFile};
use super::item::{Content, Item};
use super::place::below;
use super::table::LayoutTable;
use crate::cluster::{CaSlot, Kubeconfig, Named, Slot};
use crate::pki::PublicKey;

/// What speaks for a PKI folder and against it. The greater of two is the one in use; a name alone
/// tells least, since leftovers have good names, too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Standing {
    /// Whether it is of Kubernetes, and not of etcd alone.
    pub(super) is_of_kubernetes: bool,
    /// What the flags of processes say.
    pub(super) flags: Testimony,
    /// Whether a flag names a file of this folder, and not of a copy.
    pub(super) is_named: bool,
    /// What the kubeconfigs say.
    pub(super) kubeconfigs: Testimony,
    /// Whether the folder is called as usual, so that `pki.bak` beside `pki` does not count, nor what
    /// another distribution left.
    pub(super) is_usual: bool,
}

/// What a kind of evidence says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Testimony {
    /// It knows CAs, and none of this folder.
    Against,
    /// There is none of it.
    Silent,
    /// It knows a CA of this folder.
    For,
}

impl Standing {
    /// That of the folder `root`.
    pub(super) fn of(inventory: &Inventory, table: &LayoutTable, root: &str) -> Self {
        let is_there = |name: &str| below(root, name).is_some_and(|path| inventory.has(&path));
        let keys = kubernetes_keys(inventory, table, root);
        let mut named = inventory.named.iter();
        let named = named.find(|named| named.slot == Slot::Ca(CaSlot::Kubernetes));
        let said: Vec<&PublicKey> = named.iter().flat_map(|named| &named.keys).collect();
        let trusted: Vec<&PublicKey> = inventory.kubeconfigs.iter().flat_map(trusted).collect();
        let is_here = |named: &Named| {
            named
                .file
                .as_ref()
                .is_some_and(|file| file.starts_with(root))
        };
        Self {
            is_of_kubernetes: table.is_of_kubernetes(is_there),
            flags: Testimony::of(&keys, &said),
            is_named: named.is_some_and(is_here),
            kubeconfigs: Testimony::of(&keys, &trusted),
            is_usual: is_usual(root, table.root()) && !is_home_of_another(root, table),
        }
    }

    /// What is said by the best evidence that says anything.
    pub(super) fn testimony(self) -> Testimony {
        match self.flags {
            Testimony::Silent => self.kubeconfigs,
            flags => flags,
        }
    }
}

impl Testimony {
    fn of(keys: &[&PublicKey], said: &[&PublicKey]) -> Self {
        if said.is_empty() {
            Self::Silent
        } else if keys.iter().any(|key| said.contains(key)) {
            Self::For
        } else {
            Self::Against
        }
    }
}

/// The keys of the CAs that a folder has for Kubernetes.
pub(super) fn kubernetes_keys<'a>(
    inventory: &'a Inventory,
    table: &LayoutTable,
    root: &str,
) -> Vec<&'a PublicKey> {
    let rows = table.authorities.iter();
    let rows = rows.filter(|row| row.slot == CaSlot::Kubernetes);
    let names =
        rows.flat_map(|row| std::iter::once(row.certificate).chain(row.accepted.iter().copied()));
    let files = names.filter_map(|name| inventory.file(&below(root, name)?));
    let certificates = files.flat_map(InventoryFile::certificates);
    certificates
        .map(|(_, certificate)| &certificate.public_key)
        .collect()
}

/// Whether two PKI folders have the same in every file: it does not matter which is taken.
pub(super) fn are_same(inventory: &Inventory, table: &LayoutTable, roots: [&str; 2]) -> bool {
    let are_same_files = |name: &str| {
        let paths = roots.map(|root| below(root, name));
        let [Some(one), Some(other)] = &paths else {
            return paths == [None, None];
        };
        match [one, other].map(|path| inventory.file(path)) {
            [Some(one), Some(other)] => says_the_same(one, other),
            _ => !inventory.has(one) && !inventory.has(other),
        }
    };
    let encryption = |root| {
        let path = below(root, table.encryption?)?;
        let mut all = inventory.encryption.iter();
        all.find(|one| one.path == path)
            .map(EncryptionConfig::summary)
    };
    let [one, other] = roots.map(encryption);
    one == other && table.names().all(are_same_files)
}

/// What cannot be read is not the same.
fn says_the_same(one: &InventoryFile, other: &InventoryFile) -> bool {
    let items = |file: &InventoryFile| -> Option<Vec<Vec<u8>>> {
        let item = |item: &Item| match &item.content {
            Content::Certificate(certificate) => {
                Some(certificate.as_ref().as_ref().ok()?.der().to_vec())
            }
            Content::PrivateKey(key) => {
                Some(key.read().as_ref().ok()?.0.public_key().spki().to_vec())
            }
            Content::PublicKey(key) => Some(key.as_ref().ok()?.spki().to_vec()),
            Content::Other => Some(Vec::new()),
        };
        file.broken.is_empty().then_some(())?;
        file.items.iter().map(item).collect()
    };
    items(one).is_some_and(|one| Some(one) == items(other))
}

fn trusted(kubeconfig: &Kubeconfig) -> impl Iterator<Item = &PublicKey> {
    let trusted = kubeconfig.authorities.iter();
    trusted.map(|trusted| &trusted.value.public_key)
}

/// Whether a PKI folder is called as usual.
pub(super) fn is_usual(root: &str, usual: &str) -> bool {
    let folder = root.strip_suffix('/').unwrap_or(root);
    let above = folder.strip_suffix(usual);
    folder.is_empty() || above.is_some_and(|above| above.is_empty() || above.ends_with('/'))
}

/// Whether a PKI folder stands where another distribution has its own, as that of RKE2 beside that of k3s:
/// then it is neither a copy nor a node of this one.
pub(super) fn is_home_of_another(root: &str, table: &LayoutTable) -> bool {
    let is_home = |home: &str| home.contains('/') && !root.is_empty() && is_usual(root, home);
    let mut others = LAYOUTS.iter().filter(|other| other.home != table.home);
    !is_home(table.home) && others.any(|other| is_home(other.home))
}
