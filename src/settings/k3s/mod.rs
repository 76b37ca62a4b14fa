//! k3s, and RKE2, which is k3s with static pods: their configuration and unit, and the flags that
//! they make of them.
//!
//! `merging` puts together what is said in several places, `server` makes flags of it.

mod merging;
mod server;

use self::merging::Merging;
use self::server::Server;
use super::command_line;
use super::distribution::{DistributionSettings, MAX_ENTRIES, Missing, TOO_MANY};
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
        let Some(found) = gather(program, tree) else {
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

/// What `program` was told; nothing if no file is there that would tell.
fn gather(program: &Program, tree: &Tree) -> Option<DistributionSettings> {
    let folder = format!("rancher/{}/", program.name);
    let is_in_folder = |file: &&SourceFile| {
        let above = file.path.find(&format!("etc/{folder}"));
        above.is_some_and(|at| at == 0 || file.path[..at].ends_with('/'))
    };
    let files: Vec<&SourceFile> = tree.files.iter().filter(is_in_folder).collect();
    let is_server = |unit: &Unit| {
        let mut words = unit.command.iter().map(String::as_str);
        let name = words.next().map(command_line::program);
        name == Some(program.name) && words.next() == Some("server")
    };
    let unit = systemd_unit::units(tree).find(is_server);
    if files.is_empty() && unit.is_none() {
        return None;
    }
    let mut found = DistributionSettings::new(program.name);
    let mut merging = Merging::default();
    if let Some(unit) = &unit {
        merging.take_environment(unit, program);
    }
    let is_part = |path: &str| {
        let name = path.split_once("/config.yaml.d/").map(|(_, name)| name);
        name.is_some_and(|name| name.strip_suffix(".yaml").is_some())
    };
    let main = files
        .iter()
        .filter(|file| file.path.ends_with("/config.yaml"));
    let parts = files.iter().filter(|file| is_part(&file.path));
    for file in main.chain(parts) {
        match yaml_tree::Tree::first_document(&file.bytes) {
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
