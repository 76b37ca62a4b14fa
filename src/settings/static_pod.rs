//! Static-pod manifests: the flags of the control plane are the truth about a cluster.

use std::fmt;

use crate::source::SourceFile;
use crate::talos::yaml_tree::Tree;

/// A part of the control plane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Component {
    /// kube-apiserver
    ApiServer,
    /// kube-controller-manager
    ControllerManager,
    /// kube-scheduler
    Scheduler,
    /// etcd
    Etcd,
}

impl Component {
    /// Every component.
    pub const ALL: [Self; 4] = [
        Self::ApiServer,
        Self::ControllerManager,
        Self::Scheduler,
        Self::Etcd,
    ];

    /// The name of its program.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::ApiServer => "kube-apiserver",
            Self::ControllerManager => "kube-controller-manager",
            Self::Scheduler => "kube-scheduler",
            Self::Etcd => "etcd",
        }
    }
}

impl fmt::Display for Component {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A static pod.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StaticPod {
    /// The manifest.
    pub path: String,
    /// The name of the pod.
    pub name: String,
    /// Which part of the control plane it is, if any.
    pub component: Option<Component>,
    /// The image of its first container.
    pub image: Option<String>,
    /// The flags of its containers, in their order.
    pub flags: Vec<Flag>,
    /// The environment variables, with the value of those that have one in the manifest.
    pub environment: Vec<(String, Option<String>)>,
    /// What it mounts.
    pub mounts: Vec<Mount>,
    /// The names of the containers beside the first.
    pub other_containers: Vec<String>,
}

/// One flag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flag {
    /// The name, without dashes.
    pub name: String,
    /// The value; `true` for a flag without one.
    pub value: String,
}

/// Something that is mounted into a static pod.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mount {
    /// Where the pod has it.
    pub path: String,
    /// Where the node has it, if it is a folder or file of the node.
    pub host_path: Option<String>,
}

/// Whether the path is where kubelet looks for static pods.
pub(crate) fn looks_like_manifest(path: &str) -> bool {
    let Some((folder, file)) = path.rsplit_once('/') else {
        return false;
    };
    (folder == "manifests" || folder.ends_with("/manifests"))
        && file.strip_suffix(".yaml").is_some()
}

/// Reads a static pod; nothing if the file is not one.
pub(crate) fn read(file: &SourceFile) -> Option<StaticPod> {
    let document = Tree::first_document(&file.bytes).ok()?;
    if document.field("kind")?.text()? != "Pod" {
        return None;
    }
    let containers = document.at("spec.containers")?.items();
    let first = containers.first()?;
    let command = |container: &Tree| -> Vec<String> {
        let lists = ["command", "args"].map(|list| container.field(list));
        let words = lists.into_iter().flatten().flat_map(Tree::items);
        words
            .filter_map(|word| word.text().map(str::to_owned))
            .collect()
    };
    let program = command(first).first().cloned().unwrap_or_default();
    let program = program.rsplit('/').next().unwrap_or_default().to_owned();
    Some(StaticPod {
        path: file.path.clone(),
        name: document.at("metadata.name")?.text()?.to_owned(),
        component: Component::ALL
            .into_iter()
            .find(|component| component.name() == program),
        image: first.field("image").and_then(Tree::text).map(str::to_owned),
        flags: containers
            .iter()
            .flat_map(|container| flags(&command(container)))
            .collect(),
        environment: containers.iter().flat_map(environment).collect(),
        mounts: mounts(&document, containers),
        other_containers: other_containers(&document),
    })
}

/// The flags in a command line, as `--name=value`, `--name value` or `--name`.
fn flags(words: &[String]) -> Vec<Flag> {
    let mut flags = Vec::new();
    let mut words = words.iter().peekable();
    while let Some(word) = words.next() {
        let Some(flag) = word.strip_prefix("--") else {
            continue;
        };
        let (name, value) = if let Some((name, value)) = flag.split_once('=') {
            (name, value.to_owned())
        } else {
            let value = words.next_if(|next| !next.starts_with('-')).cloned();
            (flag, value.unwrap_or_else(|| "true".to_owned()))
        };
        flags.push(Flag {
            name: name.to_owned(),
            value,
        });
    }
    flags
}

fn environment(container: &Tree) -> Vec<(String, Option<String>)> {
    let variables = container.field("env").map(Tree::items).unwrap_or_default();
    let variable = |variable: &Tree| {
        let name = variable.field("name")?.text()?.to_owned();
        let value = variable.field("value").and_then(Tree::text);
        // Without any word about its value, it is empty.
        let is_elsewhere = variable.field("valueFrom").is_some();
        let value = (!is_elsewhere).then(|| value.unwrap_or_default().to_owned());
        Some((name, value))
    };
    variables.iter().filter_map(variable).collect()
}

/// Every container but the first of `spec.containers`, and those that run before it.
fn other_containers(document: &Tree) -> Vec<String> {
    let list = |path: &str| document.at(path).map(Tree::items).unwrap_or_default();
    let before = list("spec.initContainers").iter();
    let beside = list("spec.containers").iter().skip(1);
    let names = before
        .chain(beside)
        .map(|container| container.field("name"));
    names
        .map(|name| name.and_then(Tree::text).unwrap_or_default().to_owned())
        .collect()
}

fn mounts(document: &Tree, containers: &[Tree]) -> Vec<Mount> {
    let volumes = document.at("spec.volumes").map(Tree::items);
    let volumes = volumes.unwrap_or_default();
    let host_path = |name: &str| {
        let mut volumes = volumes.iter();
        let volume = volumes.find(|volume| volume.field("name").and_then(Tree::text) == Some(name));
        volume?.at("hostPath.path")?.text()
    };
    let all = containers
        .iter()
        .filter_map(|container| container.field("volumeMounts"))
        .flat_map(Tree::items);
    let mount = |mount: &Tree| {
        Some(Mount {
            path: mount.field("mountPath")?.text()?.to_owned(),
            host_path: host_path(mount.field("name")?.text()?).map(str::to_owned),
        })
    };
    all.filter_map(mount).collect()
}

impl StaticPod {
    /// The value of the flag `name`: the last one, which counts for flags that are not lists.
    #[must_use]
    pub fn flag(&self, name: &str) -> Option<&str> {
        let mut flags = self.flags.iter().rev();
        flags
            .find(|flag| flag.name == name)
            .map(|flag| flag.value.as_str())
    }

    /// Every value of the flag `name`, in their order.
    pub fn values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.flags
            .iter()
            .filter(move |flag| flag.name == name)
            .map(|flag| flag.value.as_str())
    }

    /// Where the node has what the pod has at `path`.
    #[must_use]
    pub fn host_path(&self, path: &str) -> String {
        let below = |mount: &Mount| {
            let rest = path.strip_prefix(mount.path.trim_end_matches('/'))?;
            let fits = rest.is_empty() || rest.starts_with('/');
            let host_path = mount.host_path.as_ref().filter(|_| fits)?;
            Some((mount.path.len(), format!("{host_path}{rest}")))
        };
        let mounts = self.mounts.iter().filter_map(below);
        let nearest = mounts.max_by_key(|(length, _)| *length);
        nearest.map_or_else(|| path.to_owned(), |(_, path)| path)
    }
}
