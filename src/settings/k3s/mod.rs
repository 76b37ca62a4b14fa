//! k3s, and RKE2, which is k3s with static pods: their configuration and unit, and the flags that
//! they make of them.
//!
//! `merging` puts together what is said in several places, `server` makes flags of it.

mod merging;
mod server;

use std::collections::BTreeSet;

use self::merging::Merging;
use self::server::Server;
use super::command_line;
use super::distribution::{DistributionSettings, MAX_ENTRIES, Missing, TOO_MANY, counts};
use super::systemd_unit::{self, Unit};
use super::{Component, Settings};
use crate::source::{SourceFile, Tree};
use crate::talos::yaml_tree;

/// k3s or RKE2.
struct Program {
    name: &'static str,
    /// How its environment variables begin.
    prefix: &'static str,
    /// What is given as origin of what it sets by itself.
    defaults: &'static str,
    /// Whether it encrypts Secrets unasked, and always runs etcd.
    is_rke2: bool,
    /// What to give if its configuration or its unit is not here. RKE2's static pods say more than
    /// both, and every server has them.
    missing: Option<[Missing; 2]>,
}

static K3S: Program = Program {
    name: "k3s",
    prefix: "K3S_",
    defaults: "k3s's defaults",
    is_rke2: false,
    missing: Some([
        Missing {
            what: "config.yaml of k3s",
            help: "give /etc/rancher/k3s of the same node, too; when the folder is there without a \
                   config.yaml, k3s has none",
        },
        Missing {
            what: "the unit of k3s",
            help: "give /etc/systemd/system/k3s.service and k3s.service.env of the same node, too; \
                   without systemd, write the command line of the server as ExecStart= into a file \
                   k3s.service",
        },
    ]),
};

static RKE2: Program = Program {
    name: "rke2",
    prefix: "RKE2_",
    defaults: "RKE2's defaults",
    is_rke2: true,
    missing: None,
};

/// Takes what k3s or RKE2 were told, and the processes that they make of it.
pub(super) fn read(tree: &Tree, settings: &mut Settings) {
    for program in [&K3S, &RKE2] {
        let Some(found) = gather(program, tree, &mut settings.unread) else {
            continue;
        };
        // Beside what runs, the rest is there to be compared with it.
        let is_known = settings.component(Component::ApiServer).is_some();
        let tells_all = program.missing.is_some() && found.missing.is_empty();
        if is_known || tells_all {
            let cluster = Server {
                program,
                settings: &found,
                tree,
            };
            settings.processes.extend(cluster.processes());
        }
        settings.distribution.get_or_insert(found);
    }
}

/// What stands before the folder of the configuration, if a file is in one.
fn above_folder<'a>(path: &'a str, program: &Program) -> Option<&'a str> {
    let at = path.find(&format!("etc/rancher/{}/", program.name))?;
    let above = &path[..at];
    (above.is_empty() || above.ends_with('/')).then_some(above)
}

/// Where the node's `/` is in the tree, among folders that have a configuration of `program`: at the
/// top, or else where its server is.
fn root<'a>(program: &Program, tree: &'a Tree) -> Option<&'a str> {
    let paths = tree.files.iter().map(|file| file.path.as_str());
    let roots = paths.filter_map(|path| above_folder(path, program));
    let roots: BTreeSet<&str> = roots.collect();
    let has_server = |root: &str| {
        let server = format!("{root}var/lib/rancher/{}/server/", program.name);
        tree.files.iter().any(|file| file.path.starts_with(&server))
    };
    let mut by_name = roots.into_iter();
    let first = by_name.next()?;
    if first.is_empty() || has_server(first) {
        return Some(first);
    }
    by_name.find(|root| has_server(root)).or(Some(first))
}

/// What `program` was told; nothing if no file is there that would tell.
fn gather(
    program: &Program,
    tree: &Tree,
    copies: &mut Vec<(String, String)>,
) -> Option<DistributionSettings> {
    let root = root(program, tree);
    let is_of = |file: &&SourceFile| above_folder(&file.path, program) == root;
    let all = tree.files.iter();
    let (files, others): (Vec<&SourceFile>, Vec<_>) = all
        .filter(|file| above_folder(&file.path, program).is_some())
        .partition(is_of);
    let is_server = |unit: &Unit| {
        let mut words = unit.command.iter().map(String::as_str);
        let name = words.next().map(command_line::program);
        name == Some(program.name) && words.next() == Some("server")
    };
    let mut units = systemd_unit::units(tree).filter(is_server);
    let unit = units.next();
    if files.is_empty() && unit.is_none() {
        return None;
    }
    let tells = |file: &&SourceFile| is_main(&file.path) || is_part(&file.path);
    let others = others.into_iter().filter(tells);
    let folder = format!("{}etc/rancher/{}", root.unwrap_or_default(), program.name);
    copies.extend(others.map(|file| (file.path.clone(), counts(&folder))));
    if let Some(unit) = &unit {
        copies.extend(units.map(|other| (other.path, counts(&unit.path))));
    }
    let mut found = DistributionSettings::new(program.name);
    let mut merging = Merging::default();
    if let Some(unit) = &unit {
        merging.take_environment(unit, program);
    }
    let main = files.iter().filter(|file| is_main(&file.path));
    let parts = files.iter().filter(|file| is_part(&file.path));
    for file in main.chain(parts) {
        match yaml_tree::Tree::yaml_1_1(&file.bytes) {
            Ok(document) if document.leaves().len() <= MAX_ENTRIES => {
                merging.take_file(&file.path, &document);
            }
            Ok(_) => found.unread.push((file.path.clone(), TOO_MANY.to_owned())),
            Err(error) => found.unread.push((file.path.clone(), error.to_string())),
        }
    }
    if let Some(unit) = &unit {
        merging.take_command(unit);
    }
    found.entries = merging.into_entries();
    if let Some([configuration, of_unit]) = program.missing {
        let is_elsewhere = found.value("config").is_some();
        let is_missing = files.is_empty() || is_elsewhere;
        found.missing.extend(is_missing.then_some(configuration));
        found.missing.extend(unit.is_none().then_some(of_unit));
    }
    Some(found)
}

fn is_main(path: &str) -> bool {
    path.ends_with("/config.yaml")
}

fn is_part(path: &str) -> bool {
    let name = path.split_once("/config.yaml.d/").map(|(_, name)| name);
    name.is_some_and(|name| name.strip_suffix(".yaml").is_some())
}
