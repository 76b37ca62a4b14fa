//! One source with the trees of several nodes: a backup with `cp1/etc/kubernetes` beside
//! `cp2/etc/kubernetes`.

use std::cell::OnceCell;
use std::collections::BTreeSet;

use super::inventory::Inventory;
use super::place::{below, candidate_roots};
use super::standing::is_usual;
use super::table::LayoutTable;
use super::{LAYOUTS, Layout};
use crate::source::{SkipReason, Skipped, SourceFile, Tree};

/// Fewest names of a layout by which a folder is taken for a PKI folder here.
const ENOUGH_NAMES: usize = 2;

/// The trees of the nodes in `tree`: those whose PKI folders have the same path but for one folder,
/// which is the node's. One tree if there are not several; without `kubernetes.bak` beside
/// `kubernetes`, which would speak for a cluster that is no more.
#[must_use]
pub fn nodes(tree: Tree, layout: Layout) -> Vec<Tree> {
    // Only sources with several PKI folders are read for the marks of layouts.
    let inventory = OnceCell::new();
    let siblings = |table: &&LayoutTable| siblings(&tree, table, &inventory);
    let found = match layout {
        Layout::ByContent => None,
        Layout::Detect => LAYOUTS.iter().find_map(siblings),
        told => {
            let mut told = LAYOUTS.iter().filter(|table| table.layout == told);
            told.find_map(siblings)
        }
    };
    match found {
        Some(Siblings::Nodes(folders)) => split(tree, &folders),
        Some(Siblings::Copies { of, copies }) => vec![without(tree, &of, &copies)],
        None => vec![tree],
    }
}

/// Folders in one folder, each with a PKI folder at the same place. Each ends in `/`.
enum Siblings {
    /// Each is that of a node.
    Nodes(Vec<String>),
    /// One is where a node has it; the others are what somebody left there.
    Copies { of: String, copies: Vec<String> },
}

fn siblings(tree: &Tree, table: &LayoutTable, inventory: &OnceCell<Inventory>) -> Option<Siblings> {
    let roots = pki_folders(tree, table, inventory);
    let roots: Vec<Vec<&str>> = roots
        .iter()
        .map(|root| root.trim_end_matches('/').split('/').collect())
        .collect();
    let [first, others @ ..] = roots.as_slice() else {
        return None;
    };
    let differs = |at: &usize| others.iter().any(|root| root.get(*at) != first.get(*at));
    let at = (0..first.len()).find(differs)?;
    let is_sibling = |root: &Vec<&str>| {
        root.len() == first.len() && root[..at] == first[..at] && root[at + 1..] == first[at + 1..]
    };
    // The PKI folders themselves are no nodes: `pki` and `pki-old` are of one.
    let is_above = at + 1 < first.len();
    if !(is_above && others.iter().all(is_sibling)) {
        return None;
    }
    let folder = |root: &Vec<&str>| format!("{}/", root[..=at].join("/"));
    let usual = |root: &&Vec<&str>| at >= root.len() - names_in_common(root, table.home);
    let Some(usual) = roots.iter().find(usual).map(folder) else {
        return Some(Siblings::Nodes(roots.iter().map(folder).collect()));
    };
    let folders = roots.iter().map(folder);
    Some(Siblings::Copies {
        copies: folders.filter(|folder| *folder != usual).collect(),
        of: usual,
    })
}

/// The folders that are PKI folders of the layout by their names and its marks.
fn pki_folders(tree: &Tree, table: &LayoutTable, inventory: &OnceCell<Inventory>) -> Vec<String> {
    let paths: BTreeSet<&str> = tree.files.iter().map(|file| file.path.as_str()).collect();
    let enough = table.enough_names.max(ENOUGH_NAMES);
    let is_pki = |root: &String| {
        let is_there = |name: &str| below(root, name).is_some_and(|path| paths.contains(&*path));
        let names: BTreeSet<&str> = table.names().filter(|name| is_there(name)).collect();
        is_usual(root, table.root()) && names.len() >= enough && table.is_of_kubernetes(is_there)
    };
    let roots = candidate_roots(paths.iter().copied(), table).into_iter();
    let mut roots: Vec<String> = roots.filter(is_pki).collect();
    if roots.len() > 1 && !table.marks.is_empty() {
        let inventory = inventory.get_or_init(|| Inventory::of(tree, None));
        roots.retain(|root| {
            let mut marks = table.marks.iter();
            marks.any(|mark| mark.seen(inventory, root).is_some())
        });
    }
    roots
}

/// How many names at the end of `root` are those of `home`, where a node has it; none if the names
/// before them differ, as those of a folder for each node do.
fn names_in_common(root: &[&str], home: &str) -> usize {
    let names = home.rsplit('/');
    let length = names.clone().count().min(root.len());
    let is_home = root
        .iter()
        .rev()
        .zip(names)
        .all(|(name, of_home)| *name == of_home);
    if is_home { length } else { 0 }
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

/// `tree` without the folders that stand beside the folder `of` a node.
fn without(mut tree: Tree, of: &str, copies: &[String]) -> Tree {
    let is_copy = |path: &str| copies.iter().any(|copy| path.starts_with(copy.as_str()));
    tree.files.retain(|file| !is_copy(&file.path));
    tree.skipped.retain(|skipped| !is_copy(&skipped.path));
    tree.skipped.extend(copies.iter().map(|copy| Skipped {
        path: copy.clone(),
        reason: SkipReason::Beside(of.to_owned()),
    }));
    tree
}
