//! RKE1: what was deployed, in `cluster.rkestate`, or else what was asked for, in `cluster.yml`, and
//! the flags that RKE makes of it.
//!
//! Source: `cluster/state.go` and `types/rke_types.go` in rancher/rke. `deployment` makes the flags.

mod deployment;

use self::deployment::Deployment;
use super::Settings;
use super::command_line::program;
use super::distribution::{DistributionSettings, Entry};
use crate::source::Tree;
use crate::talos::yaml_tree;

/// How the file of the state ends, and what it is called when it stands in the cluster.
const STATE: &str = ".rkestate";

/// What is deployed comes before what is to be.
const STATES: [&str; 2] = ["currentState", "desiredState"];

/// Where a person's configuration is.
const CONFIGURATION: &str = "cluster.yml";

/// Takes what RKE was told, and the processes that it makes of it.
pub(super) fn read(tree: &Tree, settings: &mut Settings) {
    let state = state(tree);
    let mut unread = Vec::new();
    if state.is_none() {
        let files = tree.files.iter().filter(|file| file.path.ends_with(STATE));
        let reason = "it is not the state of a cluster, or larger than any".to_owned();
        unread.extend(files.map(|file| (file.path.clone(), reason.clone())));
    }
    let Some((path, entries)) = state.or_else(|| configuration(tree)) else {
        settings.unread.extend(unread);
        return;
    };
    let other = configuration(tree).filter(|(other, _)| *other != path);
    if let Some((other, _)) = other {
        let reason = format!("`{path}` says what is deployed, and counts");
        settings.unread.push((other, reason));
    }
    let found = DistributionSettings {
        entries,
        unread,
        ..DistributionSettings::new("rke1")
    };
    let deployment = Deployment {
        settings: &found,
        tree,
    };
    settings.processes.extend(deployment.processes());
    settings.distribution.get_or_insert(found);
}

/// The configuration in the state of a cluster, under the names of `cluster.yml`.
fn state(tree: &Tree) -> Option<(String, Vec<Entry>)> {
    let mut files = tree.files.iter().filter(|file| file.path.ends_with(STATE));
    files.find_map(|file| {
        let document = yaml_tree::Tree::first_document(&file.bytes).ok()?;
        let mut states = STATES.iter().filter_map(|state| document.field(state));
        let configuration = states.find_map(|state| state.field("rkeConfig"))?;
        let mut entries = Entry::of_tree(&file.path, configuration).ok()?;
        for entry in &mut entries {
            entry.name = name_of_today(&entry.name);
        }
        Some((file.path.clone(), entries))
    })
}

fn configuration(tree: &Tree) -> Option<(String, Vec<Entry>)> {
    let mut files = tree.files.iter();
    let file = files.find(|file| program(&file.path).ends_with(CONFIGURATION))?;
    let document = yaml_tree::Tree::first_document(&file.bytes).ok()?;
    document.field("nodes")?;
    let entries = Entry::of_tree(&file.path, &document).ok()?;
    Some((file.path.clone(), entries))
}

/// `services.kubeApi.extraArgs` of the state is `services.kube-api.extra_args` of `cluster.yml`.
/// What stands in a map of flags has its own name.
fn name_of_today(path: &str) -> String {
    let mut name = String::new();
    let mut is_flag = false;
    for part in path.split('.') {
        if !name.is_empty() {
            name.push('.');
        }
        if is_flag {
            name.push_str(part);
            continue;
        }
        let separator = if name == "services." { '-' } else { '_' };
        for character in part.chars() {
            if character.is_ascii_uppercase() {
                name.push(separator);
            }
            name.push(character.to_ascii_lowercase());
        }
        is_flag = part.starts_with("extraArgs");
    }
    name
}
