//! Files of flags, one for each program, as the snaps of Canonical have them.
//!
//! Source: `microk8s-resources/default-args` in MicroK8s, `pkg/snap` in k8s-snap.

use super::command_line::{self, words};
use super::{Component, ComponentProcess, ProcessSource, Settings};
use crate::source::{SourceFile, Tree};

/// The folder of the files.
const FOLDER: &str = "args/";

/// Programs beside the control plane whose flags are read.
const OF_NODES: [&str; 2] = ["kube-proxy", "kubelet"];

/// What flags call the folders of a snap. `${SNAP_DATA}` of MicroK8s changes with every revision,
/// and `current` leads to the one that runs.
const VARIABLES: [(&str, &str, &str); 4] = [
    ("microk8s", "SNAP_DATA", "/var/snap/microk8s/current"),
    ("microk8s", "SNAP_COMMON", "/var/snap/microk8s/common"),
    ("k8s", "SNAP_DATA", "/var/snap/k8s/current"),
    ("k8s", "SNAP_COMMON", "/var/snap/k8s/common"),
];

/// Takes the flags of components, and of what runs beside them.
pub(super) fn read(tree: &Tree, settings: &mut Settings) {
    settings
        .processes
        .extend(tree.files.iter().filter_map(process));
}

fn process(file: &SourceFile) -> Option<ComponentProcess> {
    let name = command_line::program(&file.path);
    let above = file.path.strip_suffix(name)?.strip_suffix(FOLDER)?;
    let is_known = Component::named(name).is_some() || OF_NODES.contains(&name);
    if !is_known || !(above.is_empty() || above.ends_with('/')) {
        return None;
    }
    let text = std::str::from_utf8(&file.bytes).ok()?;
    let lines = text
        .lines()
        .filter(|line| !line.trim_start().starts_with('#'));
    let words: Vec<String> = lines
        .flat_map(|line| words(&expanded(line, above)))
        .collect();
    let flags = command_line::flags(&words);
    let process = ComponentProcess::new(ProcessSource::ArgumentFile, &file.path, name, flags);
    Some(process)
}

/// A line with the folders of its snap in the place of their variables. The flags of MicroK8s are
/// full of them, those of Canonical Kubernetes name the folders.
fn expanded(line: &str, above: &str) -> String {
    let snap = if above.contains("snap/k8s/") {
        "k8s"
    } else {
        "microk8s"
    };
    let variables = VARIABLES.iter().filter(|(of, ..)| *of == snap);
    variables.fold(line.to_owned(), |line, (_, name, folder)| {
        let line = line.replace(&format!("${{{name}}}"), folder);
        line.replace(&format!("${name}"), folder)
    })
}
