//! The files that flags name.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::StaticPod;
use crate::source::Tree;

/// Where kubeadm keeps a cluster.
const KUBERNETES_FOLDER: &str = "/etc/kubernetes/";

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

/// The files that the flags of static pods name, by their path on the node.
#[derive(Debug, Default)]
pub(super) struct HostFiles(BTreeMap<String, HostFile>);

impl HostFiles {
    /// Finds in `tree` what the flags of `pods` name.
    pub(super) fn named_by(pods: &[StaticPod], tree: &Tree, folder: &str) -> Self {
        let mut files = BTreeMap::new();
        let flags = pods
            .iter()
            .flat_map(|pod| pod.flags.iter().map(move |flag| (pod, flag)));
        for (pod, flag) in flags.filter(|(_, flag)| flag.value.starts_with('/')) {
            let host_path = pod.host_path(&flag.value);
            let path = path_in_tree(&host_path, folder);
            if let Some(file) = tree
                .files
                .iter()
                .find(|file| Some(&file.path) == path.as_ref())
            {
                files.entry(host_path).or_insert_with(|| HostFile {
                    path: file.path.clone(),
                    bytes: file.bytes.clone(),
                });
            }
        }
        Self(files)
    }

    pub(super) fn get(&self, host_path: &str) -> Option<&HostFile> {
        self.0.get(host_path)
    }
}

/// Where a tree has the file that the node has at `host_path`. A tree that begins above
/// `/etc/kubernetes` may have the whole node.
fn path_in_tree(host_path: &str, folder: &str) -> Option<String> {
    if let Some(rest) = host_path.strip_prefix(KUBERNETES_FOLDER) {
        return Some(format!("{folder}{rest}"));
    }
    let above = folder.strip_suffix(&KUBERNETES_FOLDER[1..])?;
    Some(format!("{above}{}", &host_path[1..]))
}
