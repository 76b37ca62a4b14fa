//! Static-pod manifests: the flags of the API server are the truth about a cluster.

use serde::Deserialize;

use crate::source::SourceFile;

/// A static pod and the flags of its containers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct StaticPod {
    pub(super) name: String,
    pub(super) flags: Vec<(String, String)>,
}

#[derive(Deserialize)]
struct Document {
    kind: String,
    metadata: Metadata,
    spec: Spec,
}

#[derive(Deserialize)]
struct Metadata {
    name: String,
}

#[derive(Deserialize)]
struct Spec {
    containers: Vec<Container>,
}

#[derive(Deserialize)]
struct Container {
    #[serde(default)]
    command: Vec<String>,
    #[serde(default)]
    args: Vec<String>,
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
    let document: Document = serde_yaml::from_slice(&file.bytes).ok()?;
    if document.kind != "Pod" {
        return None;
    }
    let mut flags = Vec::new();
    for container in document.spec.containers {
        for argument in container.command.iter().chain(&container.args) {
            let Some(flag) = argument.strip_prefix("--") else {
                continue;
            };
            let (name, value) = flag.split_once('=').unwrap_or((flag, "true"));
            flags.push((name.to_owned(), value.to_owned()));
        }
    }
    Some(StaticPod {
        name: document.metadata.name,
        flags,
    })
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
