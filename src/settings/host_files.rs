//! The files that flags name.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::pki::Wiped;
use sha2::{Digest, Sha256};

use super::{Component, ComponentProcess, ProcessSource, standing};
use crate::source::{SourceFile, Tree};

/// How many paths are asked where a tree begins. A control plane has about forty; a file made to
/// take time has very many.
const MAX_WITNESSES: usize = 64;

/// A file of the node.
#[derive(Debug)]
pub struct HostFile {
    /// Its path in the source.
    pub path: String,
    /// What stands in it; it may hold keys.
    pub bytes: Wiped<Vec<u8>>,
}

impl HostFile {
    /// The beginning of the SHA-256 of what stands in it, which tells nothing of a key in it.
    #[must_use]
    pub fn digest(&self) -> String {
        let digest = Sha256::digest(self.bytes.as_slice());
        let start = digest.iter().take(6).map(|byte| format!("{byte:02x}"));
        format!("sha256:{}…", start.collect::<Vec<_>>().concat())
    }
}

/// The files that the flags of processes name, by their path on the node.
#[derive(Debug, Default)]
pub(super) struct HostFiles {
    files: BTreeMap<String, HostFile>,
    /// The folders of the tree of which any may be the node's, where nothing tells which.
    pub(super) rivals: Vec<String>,
}

impl HostFiles {
    /// Finds in `tree` what the flags of `processes` name.
    pub(super) fn named_by(processes: &[ComponentProcess], tree: &Tree) -> Self {
        let paths = processes.iter().flat_map(|process| {
            let values = process.flags.iter().map(|flag| &flag.value);
            let paths = values.filter(|value| value.starts_with('/'));
            paths.map(|path| process.host_path(path))
        });
        let paths: Vec<String> = paths.collect();
        let mut roots = Root::of_manifests(processes, tree, &paths);
        if roots.is_empty() {
            roots = Root::by_names(tree, &paths);
        }
        let Some(root) = roots.first() else {
            return Self::default();
        };
        let file = |host_path: &String| {
            let SourceFile { path, bytes, .. } = root.file(host_path, tree)?;
            let (path, bytes) = (path.clone(), bytes.clone());
            Some((host_path.clone(), HostFile { path, bytes }))
        };
        let says_another = |other: &&Root<'_>| {
            paths.iter().any(|path| {
                let files = [root, other].map(|root| root.file(path, tree));
                matches!(files, [Some(one), Some(other)] if *one.bytes != *other.bytes)
            })
        };
        let others = roots[1..].iter().filter(says_another);
        let mut rivals: Vec<String> = others.map(|root| root.of_tree.to_owned()).collect();
        if !rivals.is_empty() {
            rivals.push(root.of_tree.to_owned());
        }
        rivals.sort_unstable();
        rivals.dedup();
        Self {
            files: paths.iter().filter_map(file).collect(),
            rivals,
        }
    }

    pub(super) fn get(&self, host_path: &str) -> Option<&HostFile> {
        self.files.get(host_path)
    }
}

/// Where a tree has a folder of the node: a tree may begin at `/`, at `/etc/kubernetes`, at the
/// folder of a distribution, or above any of them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Root<'a> {
    /// The folder on the node, empty or beginning with `/`.
    of_node: &'a str,
    /// The folder of the tree, empty or ending in `/`.
    of_tree: &'a str,
}

impl<'a> Root<'a> {
    /// The root by which the manifest that counts is where kubelet looks for it: the files in use are
    /// there as well, and those of a backup below are not. Behind it those of other manifests that are
    /// not below it. None where files were put together by hand, so that it finds none of `paths`.
    fn of_manifests(
        processes: &'a [ComponentProcess],
        tree: &'a Tree,
        paths: &[String],
    ) -> Vec<Self> {
        let is_pod = |process: &&ComponentProcess| process.source == ProcessSource::StaticPod;
        let is_server = |pod: &ComponentProcess| pod.component == Some(Component::ApiServer);
        let root = |pod: &'a ComponentProcess| {
            let (folder, _) = pod.origin.rsplit_once('/')?;
            let homes = standing::STATIC_PODS.iter().copied().flatten();
            let roots = homes.filter_map(|home| Self::that_makes(home, folder));
            let root = roots.min_by_key(|root| root.of_node.len())?;
            Some((!is_server(pod), root))
        };
        let mut roots: Vec<_> = processes.iter().filter(is_pod).filter_map(root).collect();
        roots.sort_by_key(|(other, root)| (*other, root.manner(), root.depth()));
        let Some((_, root)) = roots.first().cloned() else {
            return Vec::new();
        };
        // The whole path tells where the node's root is, even if what flags name was left out.
        let is_there = |path: &String| root.file(path, tree).is_some();
        if !root.of_node.is_empty() && !paths.iter().any(is_there) {
            return Vec::new();
        }
        let is_beside = |other: &Self| !other.of_tree.starts_with(root.of_tree);
        let mut others: Vec<Self> = roots.into_iter().map(|(_, root)| root).collect();
        others.retain(is_beside);
        others.dedup();
        others.insert(0, root);
        others
    }

    /// The root by which most of `paths` are found in `tree`, and those that are as good. A name such
    /// as `ca.crt` fits many files; all names together fit one place.
    fn by_names(tree: &'a Tree, paths: &'a [String]) -> Vec<Self> {
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
        // The one with the shortest path on the node has the most names in common.
        let rank =
            |(root, votes): &(Self, usize)| (Reverse(*votes), root.depth(), root.of_node.len());
        let mut roots: Vec<_> = votes.into_iter().collect();
        roots.sort_by_key(rank);
        let best = roots.first().map(rank);
        let roots = roots.into_iter();
        let equals = roots.take_while(|root| Some(rank(root)) == best);
        equals.map(|(root, _)| root).collect()
    }

    /// How sure it is that it is the node's: the tree begins there; or it has whole paths of the node.
    fn manner(&self) -> u8 {
        match (self.of_tree, self.of_node) {
            ("", _) => 0,
            (_, "") => 1,
            _ => 2,
        }
    }

    /// How deep in the tree it is; of equals the deeper is a copy.
    fn depth(&self) -> usize {
        self.of_tree.matches('/').count()
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

    /// The file that the node has at `host_path`.
    fn file<'t>(&self, host_path: &str, tree: &'t Tree) -> Option<&'t SourceFile> {
        let path = self.path_in_tree(host_path)?;
        let files = &tree.files;
        let index = files.binary_search_by(|file| file.path.as_str().cmp(&path));
        files.get(index.ok()?)
    }
}
