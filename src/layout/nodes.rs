//! One source with the trees of several nodes: a backup with `cp1/etc/kubernetes` beside
//! `cp2/etc/kubernetes`.

use std::collections::BTreeSet;

use super::place::{below, candidate_roots};
use super::standing::is_usual;
use super::table::LayoutTable;
use super::{LAYOUTS, Layout};
use crate::source::{SourceFile, Tree};

/// Fewest names of a layout by which a folder is taken for a PKI folder here.
const ENOUGH_NAMES: usize = 2;

/// The trees of the nodes in `tree`: those whose PKI folders have the same path but for one folder,
/// which is the node's. One tree, as it is, if there are not several.
#[must_use]
pub fn nodes(tree: Tree, layout: Layout) -> Vec<Tree> {
    let folders = match layout {
        Layout::ByContent => None,
        Layout::Detect => LAYOUTS.iter().find_map(|table| folders(&tree, table)),
        told => {
            let mut told = LAYOUTS.iter().filter(|table| table.layout == told);
            told.find_map(|table| folders(&tree, table))
        }
    };
    match folders {
        Some(folders) => split(tree, &folders),
        None => vec![tree],
    }
}

/// The folders of the nodes, each ending in `/`.
fn folders(tree: &Tree, table: &LayoutTable) -> Option<Vec<String>> {
    let paths: BTreeSet<&str> = tree.files.iter().map(|file| file.path.as_str()).collect();
    let enough = table.enough_names.max(ENOUGH_NAMES);
    let is_pki = |root: &String| {
        let there = |name: &&str| below(root, name).is_some_and(|path| paths.contains(&*path));
        let names: BTreeSet<&str> = table.names().filter(there).collect();
        is_usual(root, table.root()) && names.len() >= enough
    };
    let roots = candidate_roots(paths.iter().copied(), table).into_iter();
    let roots: Vec<String> = roots.filter(is_pki).collect();
    let roots: Vec<Vec<&str>> = roots.iter().map(|root| root.split('/').collect()).collect();
    let [first, others @ ..] = roots.as_slice() else {
        return None;
    };
    let differs = |at: &usize| others.iter().any(|root| root.get(*at) != first.get(*at));
    let at = (0..first.len()).find(differs)?;
    let is_sibling = |root: &Vec<&str>| {
        root.len() == first.len() && root[..at] == first[..at] && root[at + 1..] == first[at + 1..]
    };
    // The PKI folders themselves are no nodes: `pki` and `pki-old` are of one.
    let is_above = at + 2 < first.len();
    (is_above && others.iter().all(is_sibling)).then(|| {
        let folder = |root: &Vec<&str>| format!("{}/", root[..=at].join("/"));
        roots.iter().map(folder).collect()
    })
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
