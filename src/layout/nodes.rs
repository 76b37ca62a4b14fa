//! One source with the trees of several nodes: a backup with `cp1/etc/kubernetes` beside
//! `cp2/etc/kubernetes`.

use std::cell::LazyCell;
use std::collections::BTreeSet;

use super::inventory::Inventory;
use super::place::{below, candidate_roots};
use super::standing::{is_home_of_another, is_usual};
use super::table::LayoutTable;
use super::{LAYOUTS, Layout, snaps};
use crate::settings::Settings;
use crate::source::{SkipReason, Skipped, SourceFile, Tree};

/// Fewest names of a layout by which a folder is taken for a PKI folder here.
const ENOUGH_NAMES: usize = 2;

/// The trees of the nodes in `tree`: those whose PKI folders have the same path but for one folder,
/// which is the node's. One tree if there are not several; without `kubernetes.bak` beside
/// `kubernetes`, which would speak for a cluster that is no more.
#[must_use]
pub fn nodes(mut tree: Tree, layout: Layout) -> Vec<Tree> {
    snaps::follow_current(&mut tree);
    let Some(Found { nodes, copies }) = Found::in_tree(&tree, layout) else {
        return vec![tree];
    };
    take_away(&mut tree, &copies);
    if nodes.is_empty() {
        vec![tree]
    } else {
        split(tree, &nodes)
    }
}

/// What several PKI folders in one tree are. Every folder ends in `/`.
struct Found {
    /// The folders of nodes, if there are several.
    nodes: Vec<String>,
    /// What somebody left beside a folder that is where a node has it.
    copies: Vec<Copy>,
}

/// A folder, and the one that it stands beside.
struct Copy {
    folder: String,
    of: String,
}

impl Found {
    /// What the first layout finds that finds any.
    fn in_tree(tree: &Tree, layout: Layout) -> Option<Self> {
        let paths = tree.files.iter().map(|file| file.path.as_str()).collect();
        // Only sources with several PKI folders are read for the marks of layouts.
        let inventory = LazyCell::new(|| {
            let settings = Settings::of_processes(tree, Layout::Detect.manifests());
            Inventory::of(tree, &settings, None)
        });
        let found = |table: &&LayoutTable| Self::of(&paths, table, &inventory);
        match layout {
            Layout::ByContent => None,
            Layout::Detect => LAYOUTS.iter().find_map(found),
            told => {
                let mut told = LAYOUTS.iter().filter(|table| table.layout == told);
                told.find_map(found)
            }
        }
    }

    /// Nothing if the PKI folders are neither those of nodes nor copies beside one.
    fn of(
        paths: &BTreeSet<&str>,
        table: &LayoutTable,
        inventory: &LazyCell<Inventory, impl FnOnce() -> Inventory>,
    ) -> Option<Self> {
        let mut roots = pki_folders(paths, table, inventory);
        roots.retain(|root| !is_home_of_another(root, table));
        let roots: Vec<PkiFolder> = roots
            .iter()
            .map(|root| PkiFolder::new(root, table.home))
            .collect();
        let mut copies = Vec::new();
        let mut nodes = Vec::new();
        for root in &roots {
            match roots.iter().find_map(|used| root.copy_of(used)) {
                Some(copy) => copies.push(copy),
                None if roots.iter().any(|used| root.is_left_in(used)) => {}
                None => nodes.push(root),
            }
        }
        let nodes = siblings(&nodes).unwrap_or_default();
        (!(nodes.is_empty() && copies.is_empty())).then_some(Self { nodes, copies })
    }
}

/// A PKI folder in a tree.
struct PkiFolder<'a> {
    names: Vec<&'a str>,
    /// How many names at its end are those that it has on a node.
    of_home: usize,
    /// Whether these are all that it has there.
    is_whole: bool,
}

impl<'a> PkiFolder<'a> {
    fn new(root: &'a str, home: &str) -> Self {
        let names: Vec<&str> = root.trim_end_matches('/').split('/').collect();
        let common = names.iter().rev().zip(home.rsplit('/'));
        let of_home = common
            .take_while(|(name, of_home)| *name == of_home)
            .count();
        Self {
            is_whole: of_home == home.split('/').count(),
            of_home,
            names,
        }
    }

    /// The folder of the node that it would be of.
    fn node(&self) -> &[&'a str] {
        &self.names[..self.names.len() - self.of_home]
    }

    /// Whether it differs from `used` in the name of one folder that `used` has as a node has it.
    fn copy_of(&self, used: &Self) -> Option<Copy> {
        let at = only_difference(&self.names, &used.names)?;
        // The names before those of a node may be a part of them, too, as a folder for each node.
        let is_home = used.is_whole || used.node().is_empty();
        (is_home && at >= used.node().len()).then(|| Copy {
            folder: folder(&self.names, at),
            of: folder(&used.names, at),
        })
    }

    /// Whether it is somewhere below the folder of the node that `used` is of.
    fn is_left_in(&self, used: &Self) -> bool {
        let is_below = self.names.starts_with(used.node());
        let is_another = self.names != used.names;
        let is_deeper = !self.is_whole && self.names.len() > used.names.len();
        is_another && is_below && (used.is_whole || is_deeper)
    }
}

/// The folders of nodes: those in which `roots` are at the same place, if there are several.
fn siblings(roots: &[&PkiFolder<'_>]) -> Option<Vec<String>> {
    let [first, others @ ..] = roots else {
        return None;
    };
    let mut differences = others
        .iter()
        .map(|root| only_difference(&root.names, &first.names));
    let at = differences.next()??;
    if others
        .iter()
        .any(|other| snaps::are_revisions(&first.names[..=at], other.names[at]))
    {
        return None;
    }
    let folders = roots.iter().map(|root| folder(&root.names, at));
    differences
        .all(|other| other == Some(at))
        .then(|| folders.collect())
}

/// Where two PKI folders have another name, if they are the same but for one name above them: `pki`
/// and `pki-old` are of one node.
fn only_difference(one: &[&str], other: &[&str]) -> Option<usize> {
    let at = one
        .iter()
        .zip(other)
        .position(|(one, other)| one != other)?;
    (at + 1 < one.len() && one[at + 1..] == other[at + 1..]).then_some(at)
}

fn folder(names: &[&str], at: usize) -> String {
    format!("{}/", names[..=at].join("/"))
}

/// The folders that are PKI folders of the layout by their names and its marks.
fn pki_folders(
    paths: &BTreeSet<&str>,
    table: &LayoutTable,
    inventory: &LazyCell<Inventory, impl FnOnce() -> Inventory>,
) -> Vec<String> {
    let enough = table.enough_names.max(ENOUGH_NAMES);
    let is_pki = |root: &String| {
        let is_there = |name: &str| below(root, name).is_some_and(|path| paths.contains(&*path));
        let names = table.names().filter(|name| is_there(name));
        is_usual(root, table.root())
            && names.collect::<BTreeSet<_>>().len() >= enough
            && table.is_of_kubernetes(is_there)
    };
    let roots = candidate_roots(paths.iter().copied(), table).into_iter();
    let mut roots: Vec<String> = roots.filter(is_pki).collect();
    if roots.len() > 1 && !table.marks.is_empty() {
        roots.retain(|root| {
            let mut marks = table.marks.iter();
            marks.any(|mark| mark.seen(inventory, root).is_some())
        });
    }
    roots
}

/// What is in none of `folders` goes to the first.
fn split(tree: Tree, folders: &[String]) -> Vec<Tree> {
    let name = tree.name.trim_end_matches('/');
    let mut nodes: Vec<Tree> = folders
        .iter()
        .map(|folder| Tree {
            name: format!("{name}/{}", folder.trim_end_matches('/')),
            ..Tree::default()
        })
        .collect();
    let place = |path: String| {
        let mut folders = folders.iter().enumerate();
        let found = folders.find_map(|(node, folder)| Some((node, path.strip_prefix(folder)?)));
        let found = found.map(|(node, rest)| (node, rest.to_owned()));
        found.unwrap_or((0, path))
    };
    for file in tree.files {
        let SourceFile { path, bytes, mode } = file;
        let (node, path) = place(path);
        nodes[node].files.push(SourceFile { path, bytes, mode });
    }
    for mut skipped in tree.skipped {
        let (node, path) = place(skipped.path);
        skipped.path = path;
        nodes[node].skipped.push(skipped);
    }
    nodes
}

/// Takes `copies` out of `tree`, and tells of them.
fn take_away(tree: &mut Tree, copies: &[Copy]) {
    let is_copy = |path: &str| copies.iter().any(|copy| path.starts_with(&copy.folder));
    tree.files.retain(|file| !is_copy(&file.path));
    tree.skipped.retain(|skipped| !is_copy(&skipped.path));
    tree.skipped.extend(copies.iter().map(|copy| Skipped {
        path: copy.folder.clone(),
        reason: SkipReason::Beside(copy.of.clone()),
    }));
}
