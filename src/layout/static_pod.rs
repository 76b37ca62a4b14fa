//! Static-pod manifests: the flags of the API server are the truth about a cluster.

use crate::source::SourceFile;
use crate::talos::yaml_tree::Tree;

/// A static pod and the flags of its containers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct StaticPod {
    pub(super) name: String,
    pub(super) flags: Vec<(String, String)>,
}

/// Whether the path is where kubelet looks for static pods.
pub(super) fn looks_like_manifest(path: &str) -> bool {
    let Some((folder, file)) = path.rsplit_once('/') else {
        return false;
    };
    (folder == "manifests" || folder.ends_with("/manifests"))
        && file.strip_suffix(".yaml").is_some()
}

/// Reads a static pod; nothing if the file is not one.
pub(super) fn read(file: &SourceFile) -> Option<StaticPod> {
    let document = Tree::first_document(&file.bytes).ok()?;
    if document.field("kind")?.text()? != "Pod" {
        return None;
    }
    let name = document.at("metadata.name")?.text()?.to_owned();
    let mut flags = Vec::new();
    for container in document.at("spec.containers")?.items() {
        let lists = ["command", "args"].map(|list| container.field(list));
        let arguments = lists.into_iter().flatten().flat_map(Tree::items);
        for flag in arguments.filter_map(|argument| argument.text()?.strip_prefix("--")) {
            let (name, value) = flag.split_once('=').unwrap_or((flag, "true"));
            flags.push((name.to_owned(), value.to_owned()));
        }
    }
    Some(StaticPod { name, flags })
}

impl StaticPod {
    /// The value of the flag `name`.
    pub(super) fn flag(&self, name: &str) -> Option<&str> {
        self.flags
            .iter()
            .find(|(flag, _)| flag == name)
            .map(|(_, value)| value.as_str())
    }
}
