//! Where in a tree a distribution's files are.

use std::collections::BTreeSet;

use super::inventory::Inventory;
use super::table::LayoutTable;
use crate::cluster::CaSlot;

/// A layout and its place in a tree.
pub(super) struct Place {
    /// The layout.
    pub(super) table: &'static LayoutTable,
    /// The PKI folder, empty or ending in `/`.
    root: String,
    /// Other folders that could be it just as well.
    pub(super) rivals: Vec<String>,
    /// By what the layout was told.
    pub(super) evidence: String,
    /// Whether a person said which layout it is: then its names alone count.
    pub(super) is_told: bool,
}

impl Place {
    /// Finds the PKI folder of the layout: the one with the most of its names, and among equals the
    /// one that is called as usual, so that `pki.bak` beside `pki` does not count. Whoever says
    /// which layout it is need not prove it.
    pub(super) fn find(
        inventory: &Inventory,
        table: &'static LayoutTable,
        is_told: bool,
    ) -> Option<Self> {
        let enough = if is_told { 1 } else { table.enough_names };
        let mut roots = Vec::new();
        for root in candidate_roots(inventory.paths(), table) {
            let names = table
                .names()
                .filter(|name| is_there(inventory, &root, name));
            let names = names.collect::<BTreeSet<_>>().len();
            if names < enough.min(table.names().count()) {
                continue;
            }
            let mut marks = table.marks.iter();
            let mark = marks.find_map(|mark| mark.seen(inventory, &root));
            if mark.is_none() && !table.marks.is_empty() && !is_told {
                continue;
            }
            roots.push((is_usual(&root, table.root), names, root, mark));
        }
        roots.sort_by(|a, b| (b.0, b.1, &a.2).cmp(&(a.0, a.1, &b.2)));
        let (usual, names, root, mark) = roots.first()?.clone();
        let rivals = roots[1..].iter().filter(|rival| rival.0 == usual);
        let rivals = rivals.map(|(_, _, root, _)| root.clone()).collect();
        let by_names = match names {
            1 => format!("1 file has a name of {}", table.name),
            _ => format!("{names} files have names of {}", table.name),
        };
        let evidence = mark.filter(|words| !words.is_empty()).unwrap_or(by_names);
        Some(Self {
            table,
            root,
            rivals,
            evidence,
            is_told,
        })
    }

    /// The path of a file, if the tree reaches that far.
    pub(super) fn path(&self, name: &str) -> Option<String> {
        below(&self.root, name)
    }

    /// The folder of the cluster, empty or ending in `/`.
    pub(super) fn folder(&self) -> String {
        self.path(self.table.folder).unwrap_or_default()
    }

    /// This folder and its rivals.
    pub(super) fn roots(&self) -> impl Iterator<Item = &String> {
        std::iter::once(&self.root).chain(&self.rivals)
    }

    /// Whether `path` is called as the PKI folder is usually, and this one is not: then this one may be
    /// a copy of what is there.
    pub(super) fn may_be_copy_of(&self, path: &str) -> bool {
        !is_usual(&self.root, self.table.root) && is_usual(path, self.table.root)
    }

    /// Whether the layout has a CA for `slot`.
    pub(super) fn has_slot(&self, slot: CaSlot) -> bool {
        self.table.authorities.iter().any(|row| row.slot == slot)
    }

    pub(super) fn root(&self) -> &str {
        &self.root
    }
}

/// The path of `name` below `root`; each `../` at its beginning leads one folder up.
pub(super) fn below(root: &str, name: &str) -> Option<String> {
    let (mut root, mut name) = (root, name);
    while let Some(rest) = name.strip_prefix("../") {
        let folder = root.strip_suffix('/')?;
        root = &root[..folder.rfind('/').map_or(0, |position| position + 1)];
        name = rest;
    }
    Some(format!("{root}{name}"))
}

fn is_there(inventory: &Inventory, root: &str, name: &str) -> bool {
    below(root, name).is_some_and(|path| inventory.has(&path))
}

/// Every folder below which one of `paths` has a name of the layout.
pub(super) fn candidate_roots<'a>(
    paths: impl Iterator<Item = &'a str>,
    table: &LayoutTable,
) -> BTreeSet<String> {
    let mut roots = BTreeSet::new();
    if table.enough_names == 0 {
        roots.insert(String::new());
    }
    let names: Vec<_> = table
        .names()
        .filter(|name| !name.starts_with("../"))
        .collect();
    for path in paths {
        for name in &names {
            if let Some(root) = path.strip_suffix(name)
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

/// Whether a PKI folder is called as usual.
pub(super) fn is_usual(root: &str, usual: &str) -> bool {
    let folder = root.strip_suffix('/').unwrap_or(root);
    folder.is_empty() || folder == usual || folder.ends_with(&format!("/{usual}"))
}
