//! The files that flags name.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::ComponentProcess;
use crate::source::Tree;

/// How many paths are asked where a tree begins. A control plane has about forty; a file made to
/// take time has very many.
const MAX_WITNESSES: usize = 64;

/// A file of the node.
#[derive(Debug)]
pub struct HostFile {
    /// Its path in the source.
    pub path: String,
    /// What stands in it; it may hold keys.
    pub bytes: Zeroizing<Vec<u8>>,
}

impl HostFile {
    /// The beginning of the SHA-256 of what stands in it, which tells nothing of a key in it.
    #[must_use]
    pub fn digest(&self) -> String {
        let digest = Sha256::digest(&self.bytes);
        let start = digest.iter().take(6).map(|byte| format!("{byte:02x}"));
        format!("sha256:{}…", start.collect::<Vec<_>>().concat())
    }
}

/// The files that the flags of processes name, by their path on the node.
#[derive(Debug, Default)]
pub(super) struct HostFiles(BTreeMap<String, HostFile>);

impl HostFiles {
    /// Finds in `tree` what the flags of `processes` name.
    pub(super) fn named_by(processes: &[ComponentProcess], tree: &Tree) -> Self {
        let paths = processes.iter().flat_map(|process| {
            let values = process.flags.iter().map(|flag| &flag.value);
            let paths = values.filter(|value| value.starts_with('/'));
            paths.map(|path| process.host_path(path))
        });
        let paths: Vec<String> = paths.collect();
        let Some(root) = Root::of(tree, &paths) else {
            return Self::default();
        };
        let file = |host_path: &String| {
            let path = root.path_in_tree(host_path)?;
            let files = &tree.files;
            let index = files.binary_search_by(|file| file.path.as_str().cmp(&path));
            let file = files.get(index.ok()?)?;
            let (path, bytes) = (file.path.clone(), file.bytes.clone());
            Some((host_path.clone(), HostFile { path, bytes }))
        };
        Self(paths.iter().filter_map(file).collect())
    }

    pub(super) fn get(&self, host_path: &str) -> Option<&HostFile> {
        self.0.get(host_path)
    }
}

/// Where a tree has a folder of the node: a tree may begin at `/`, at `/etc/kubernetes`, at the
/// folder of a distribution, or above any of them.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Root<'a> {
    /// The folder on the node, empty or beginning with `/`.
    of_node: &'a str,
    /// The folder of the tree, empty or ending in `/`.
    of_tree: &'a str,
}

impl<'a> Root<'a> {
    /// The root by which most of `paths` are found in `tree`. A name such as `ca.crt` fits many
    /// files; all names together fit one place.
    fn of(tree: &'a Tree, paths: &'a [String]) -> Option<Self> {
        let mut votes: BTreeMap<Self, usize> = BTreeMap::new();
        let mut witnesses: Vec<&String> = paths.iter().collect();
        witnesses.sort_unstable();
        witnesses.dedup();
        for path in witnesses.into_iter().take(MAX_WITNESSES) {
            for file in &tree.files {
                if let Some(root) = Self::that_makes(path, &file.path) {
                    *votes.entry(root).or_default() += 1;
                }
            }
        }
        // Among equals the one with the shortest path on the node has the most names in common.
        let best = votes.into_iter().max_by(|(a, of_a), (b, of_b)| {
            let longer = b.of_node.len().cmp(&a.of_node.len());
            of_a.cmp(of_b).then(longer)
        });
        best.map(|(root, _)| root)
    }

    /// The root by which the node's `host_path` is the tree's `path`: both without the names at the
    /// end that they have in common.
    fn that_makes(host_path: &'a str, path: &'a str) -> Option<Self> {
        let (mut of_node, mut of_tree) = (host_path, path);
        loop {
            let (above, name) = of_node.rsplit_once('/')?;
            let (folder, file) = of_tree.rsplit_once('/').unwrap_or(("", of_tree));
            if name != file || of_tree.is_empty() {
                break;
            }
            (of_node, of_tree) = (above, folder);
            if above.is_empty() {
                break;
            }
        }
        let of_tree = &path[..path
            .len()
            .min(of_tree.len() + usize::from(!of_tree.is_empty()))];
        (of_node != host_path).then_some(Self { of_node, of_tree })
    }

    /// Where the tree has the file that the node has at `host_path`.
    fn path_in_tree(&self, host_path: &str) -> Option<String> {
        let rest = host_path.strip_prefix(self.of_node)?.strip_prefix('/')?;
        Some(format!("{}{rest}", self.of_tree))
    }
}
