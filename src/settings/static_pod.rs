//! Static-pod manifests: what kubelet runs is the truth about a control plane.

use super::command_line;
use super::{Component, ComponentProcess, Mount, ProcessSource};
use crate::source::SourceFile;
use crate::talos::yaml_tree::Tree;

/// Where kubelet looks for static pods. `pod-manifests` is RKE2's, in its `agent`.
const FOLDERS: [&str; 2] = ["manifests", "agent/pod-manifests"];

/// How their files end; kops has `.manifest`.
const ENDINGS: [&str; 2] = [".yaml", ".manifest"];

/// Whether the path is where kubelet looks for static pods, and the file is called as one.
pub(crate) fn looks_like_manifest(path: &str) -> bool {
    is_in_folder(path) && ENDINGS.iter().any(|ending| path.ends_with(ending))
}

/// Whether kubelet reads the file at `path`: it takes every file of its folder, a backup as well, save
/// those that begin with a point (`extractFromDir` in `pkg/kubelet/config/file.go`).
pub(super) fn is_in_folder(path: &str) -> bool {
    let Some((folder, file)) = path.rsplit_once('/') else {
        return false;
    };
    !file.starts_with('.')
        && FOLDERS.iter().any(|known| {
            let above = folder.strip_suffix(known);
            let is_folder = above.is_some_and(|above| above.is_empty() || above.ends_with('/'));
            // k3s and RKE2 have `server/manifests`, too: what they install into the cluster.
            let is_installed = above.is_some_and(|above| above.ends_with("server/"));
            is_folder && !is_installed
        })
}

/// Whether a manifest is called as the one that distributions write for `program`.
pub(super) fn has_usual_name(path: &str, program: &str) -> bool {
    let name = command_line::program(path).strip_prefix(program);
    name.is_some_and(|ending| ENDINGS.contains(&ending))
}

/// Reads a static pod; nothing if the file is not one. The container that is called as a component is
/// that, or else the first.
pub(super) fn read(file: &SourceFile) -> Option<ComponentProcess> {
    let document = Tree::lenient(&file.bytes).ok()?;
    if document.field("kind")?.text()? != "Pod" {
        return None;
    }
    let containers = document.at("spec.containers")?.items();
    let name_of = |container: &Tree| {
        container
            .field("name")
            .and_then(Tree::text)
            .map(str::to_owned)
    };
    let is_component = |container: &Tree| {
        name_of(container)
            .as_deref()
            .and_then(Component::named)
            .is_some()
    };
    let position = containers.iter().position(is_component).unwrap_or_default();
    let own = containers.get(position)?;
    let environment = environment(own);
    let command = command(own, &environment);
    let (component, flags) = match command_line::component(&command) {
        Some((component, flags)) => (Some(component), flags),
        None => (None, command_line::flags(&command)),
    };
    Some(ComponentProcess {
        origin: file.path.clone(),
        source: ProcessSource::StaticPod,
        name: document.at("metadata.name")?.text()?.to_owned(),
        component,
        image: own.field("image").and_then(Tree::text).map(str::to_owned),
        flags,
        environment,
        mounts: mounts(&document, own),
        other_containers: other_containers(&document, position),
    })
}

/// The words of `command`, and of `args` behind them, with the values of the `variables` that they name.
fn command(container: &Tree, variables: &[(String, Option<String>)]) -> Vec<String> {
    let lists = ["command", "args"].map(|list| container.field(list));
    let words = lists.into_iter().flatten().flat_map(Tree::items);
    words
        .filter_map(|word| Some(command_line::expanded(word.text()?, variables)))
        .collect()
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

/// Every container but that at `position` of `spec.containers`, and those that run before it.
fn other_containers(document: &Tree, position: usize) -> Vec<String> {
    let list = |path: &str| document.at(path).map(Tree::items).unwrap_or_default();
    let before = list("spec.initContainers").iter();
    let beside = list("spec.containers").iter().enumerate();
    let beside = beside.filter(|(at, _)| *at != position);
    let names = before
        .chain(beside.map(|(_, container)| container))
        .map(|container| container.field("name"));
    names
        .map(|name| name.and_then(Tree::text).unwrap_or_default().to_owned())
        .collect()
}

fn mounts(document: &Tree, container: &Tree) -> Vec<Mount> {
    let volumes = document.at("spec.volumes").map(Tree::items);
    let volumes = volumes.unwrap_or_default();
    let host_path = |name: &str| {
        let mut volumes = volumes.iter();
        let volume = volumes.find(|volume| volume.field("name").and_then(Tree::text) == Some(name));
        volume?.at("hostPath.path")?.text()
    };
    let mounts = container.field("volumeMounts").map(Tree::items);
    let mount = |mount: &Tree| {
        Some(Mount {
            path: mount.field("mountPath")?.text()?.to_owned(),
            host_path: host_path(mount.field("name")?.text()?).map(str::to_owned),
        })
    };
    mounts
        .unwrap_or_default()
        .iter()
        .filter_map(mount)
        .collect()
}
