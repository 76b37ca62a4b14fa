//! etcd's own configuration file, which k3s and RKE2 write at `server/db/etcd/config`: flags in the
//! form of YAML.
//!
//! Source: `server/embed/config.go` in etcd, `pkg/etcd` and `pkg/daemons/executor` in k3s.

use super::{Component, Flag, Settings};
use crate::source::Tree;
use crate::talos::yaml_tree;

/// How the path ends.
const FILE: &str = "db/etcd/config";

/// What stands in a part of its own, and how the flags begin that say the same.
const PARTS: [(&str, &str); 2] = [
    ("client-transport-security.", ""),
    ("peer-transport-security.", "peer-"),
];

/// Adds what the file says to the process of etcd.
pub(super) fn read(tree: &Tree, settings: &mut Settings) {
    let mut files = tree.files.iter();
    let Some(file) = files.find(|file| file.path.ends_with(FILE)) else {
        return;
    };
    let mut processes = settings.processes.iter_mut();
    let process = processes.find(|process| process.component == Some(Component::Etcd));
    let Some(process) = process else {
        return;
    };
    match yaml_tree::Tree::lenient(&file.bytes) {
        Ok(document) => {
            let leaves = document.leaves().into_iter();
            let flag = |(path, leaf): (String, &yaml_tree::Tree)| Flag {
                origin: Some(file.path.clone()),
                ..Flag::new(name(&path), leaf.text().unwrap_or_default())
            };
            let told: Vec<String> = process.flags.iter().map(|flag| flag.name.clone()).collect();
            let flags = leaves.map(flag);
            // What stands on the command line counts.
            process
                .flags
                .extend(flags.filter(|flag| !told.contains(&flag.name)));
        }
        Err(error) => settings.unread.push((file.path.clone(), error.to_string())),
    }
}

fn name(path: &str) -> String {
    let part =
        |(part, beginning): &(&str, &str)| Some(format!("{beginning}{}", path.strip_prefix(part)?));
    PARTS
        .iter()
        .find_map(part)
        .unwrap_or_else(|| path.to_owned())
}
