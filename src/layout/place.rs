//! Where in a tree a distribution's files are.

use std::collections::BTreeSet;

use super::LAYOUTS;
use super::inventory::Inventory;
use super::mark::Mark;
use super::standing::{
    Standing, Testimony, are_same, is_home_of_another, is_usual, kubernetes_keys,
};
use super::table::LayoutTable;
use crate::cluster::{CaSlot, PeculiarityKind};

/// A layout and its place in a tree.
pub(super) struct Place {
    /// The layout.
    pub(super) table: &'static LayoutTable,
    /// The PKI folder, empty or ending in `/`.
    root: String,
    /// What speaks for the folder.
    pub(super) standing: Standing,
    /// Other folders that could be it just as well.
    pub(super) rivals: Vec<String>,
    /// Places of other layouts that could be the cluster just as well.
    pub(super) others: Vec<Self>,
    /// By what the layout was told.
    pub(super) evidence: String,
    /// Whether a person said which layout it is: then its names alone count.
    pub(super) is_told: bool,
}

impl Place {
    /// Finds the PKI folder of the layout: the one for which most speaks, and among equals the one
    /// with the most of its names. Whoever says which layout it is need not prove it.
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
            let standing = Standing::of(inventory, table, &root);
            roots.push((standing, names, root, mark));
        }
        let depth = |root: &str| root.matches('/').count();
        roots.sort_by(|(a, of_a, at_a, _), (b, of_b, at_b, _)| {
            let better = (b, of_b).cmp(&(a, of_a));
            better.then_with(|| (depth(at_a), at_a).cmp(&(depth(at_b), at_b)))
        });
        let (standing, names, root, mark) = roots.first()?.clone();
        // Where nothing else tells, a folder that some layout would call so is no copy. If a person said
        // which layout it is, its own name is asked for alone.
        let is_silent = standing.testimony() == Testimony::Silent;
        let keys = |root: &str| kubernetes_keys(inventory, table, root);
        let ours = keys(&root);
        let is_called_so = |root: &str| {
            let mut layouts = LAYOUTS
                .iter()
                .filter(|any| !is_told || any.root() == table.root());
            layouts.any(|any| is_usual(root, any.root()))
        };
        let is_another = |root: &str| !keys(root).iter().any(|key| ours.contains(key));
        let is_copy = |other: &str| are_same(inventory, table, [&root, other]);
        let rivals = roots[1..].iter().filter(|(other, _, root, _)| {
            // What another distribution has at its own place is that one's to speak for.
            let is_own = !is_home_of_another(root, table);
            let may_be_it = is_silent && is_own && other.is_of_kubernetes && is_called_so(root);
            (*other == standing && !is_copy(root)) || (may_be_it && is_another(root))
        });
        let rivals = rivals.map(|(_, _, root, _)| root.clone()).collect();
        let by_names = match names {
            1 => format!("1 file has a name of {}", table.name),
            _ => format!("{names} files have names of {}", table.name),
        };
        let evidence = mark.filter(|words| !words.is_empty()).unwrap_or(by_names);
        Some(Self {
            table,
            root,
            standing,
            rivals,
            others: Vec::new(),
            evidence,
            is_told,
        })
    }

    /// The path of a file, if the tree reaches that far.
    pub(super) fn path(&self, name: &str) -> Option<String> {
        below(&self.root, name)
    }

    /// Whether the distribution makes the file at `path` and uses it for nothing.
    pub(super) fn is_unused(&self, path: &str) -> bool {
        let mut rows = self.table.peculiarities.iter();
        rows.any(|row| match row.when {
            Mark::File(name) => {
                row.kind == PeculiarityKind::Unused && self.path(name).as_deref() == Some(path)
            }
            _ => false,
        })
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
        !is_usual(&self.root, self.table.root()) && is_usual(path, self.table.root())
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
        let folders = path.match_indices('/').map(|(slash, _)| slash + 1);
        for (root, name) in std::iter::once(0)
            .chain(folders)
            .map(|at| path.split_at(at))
        {
            // `etcd/ca.crt` also ends in `ca.crt`, and etcd's folder is not a PKI folder.
            if names.contains(&name) && !root.ends_with("etcd/") {
                roots.insert(root.to_owned());
            }
        }
    }
    roots
}
