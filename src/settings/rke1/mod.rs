//! RKE1: what was deployed, in `cluster.rkestate`, or else what was asked for, in `cluster.yml`, and
//! the flags that RKE makes of it.
//!
//! Source: `cluster/state.go` and `types/rke_types.go` in rancher/rke. `deployment` makes the flags.

mod deployment;

use self::deployment::Deployment;
use super::Settings;
use super::command_line::program;
use super::distribution::{DistributionSettings, Entry, Found};
use super::standing::Homes;
use crate::source::{SourceFile, Tree};
use crate::talos::yaml_tree;

/// How the file of the state ends, and what it is called when it stands in the cluster.
const STATE: &str = ".rkestate";

/// What is deployed comes before what is to be.
const STATES: [&str; 2] = ["currentState", "desiredState"];

/// Where a person's configuration is.
const CONFIGURATION: &str = "cluster.yml";

/// RKE's folder is on no node: what a source has at its top comes first, then what has the usual names.
const HOMES: Homes = &[&["/cluster.rkestate", "/cluster.yml"]];

/// Takes what RKE was told, and the processes that it makes of it.
pub(super) fn read(tree: &Tree, settings: &mut Settings) {
    let states = files(tree, STATE, |file| {
        let reason = "it is not the state of a cluster, or larger than any";
        Some(state(file).ok_or_else(|| reason.to_owned()))
    });
    let configurations = files(tree, CONFIGURATION, |file| configuration(file).map(Ok));
    let is_deployed = states.iter().any(|(_, said)| said.is_ok());
    let (found, asked) = if is_deployed {
        (states, configurations)
    } else {
        (
            states.into_iter().chain(configurations).collect(),
            Vec::new(),
        )
    };
    let found = DistributionSettings::of_best("rke1", found, HOMES, &mut settings.unread);
    let Some(first) = found.entries.first() else {
        settings.unread.extend(found.unread);
        return;
    };
    let reason = format!("`{}` says what is deployed, and counts", first.origin);
    let asked = asked.into_iter();
    settings
        .unread
        .extend(asked.map(|(path, _)| (path.to_owned(), reason.clone())));
    let deployment = Deployment {
        settings: &found,
        tree,
    };
    settings.processes.extend(deployment.processes());
    settings.distribution.get_or_insert(found);
}

/// The files whose names have this `ending`, with what is `said` in each that says anything.
fn files<'a>(
    tree: &'a Tree,
    ending: &str,
    said: impl Fn(&SourceFile) -> Option<Result<Vec<Entry>, String>>,
) -> Vec<Found<'a>> {
    let files = tree.files.iter();
    let files = files.filter(|file| program(&file.path).ends_with(ending));
    files
        .filter_map(|file| Some((file.path.as_str(), said(file)?)))
        .collect()
}

/// The configuration in the state of a cluster, under the names of `cluster.yml`.
fn state(file: &SourceFile) -> Option<Vec<Entry>> {
    let document = yaml_tree::Tree::lenient(&file.bytes).ok()?;
    let mut states = STATES.iter().filter_map(|state| document.field(state));
    let configuration = states.find_map(|state| state.field("rkeConfig"))?;
    let mut entries = Entry::of_tree(&file.path, configuration).ok()?;
    for entry in &mut entries {
        entry.name = name_of_today(&entry.name);
    }
    Some(entries)
}

fn configuration(file: &SourceFile) -> Option<Vec<Entry>> {
    let document = yaml_tree::Tree::lenient(&file.bytes).ok()?;
    document.field("nodes")?;
    Entry::of_tree(&file.path, &document).ok()
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
