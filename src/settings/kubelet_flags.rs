//! The flags of kubelet that kubeadm and a person set by variables of its unit.
//!
//! Source: `10-kubeadm.conf` of the packages of Kubernetes, and "Configuring each kubelet in your cluster
//! using kubeadm" in its documentation.

use super::command_line::{self, words};
use super::standing::Standing;
use super::systemd_unit::assignments;
use super::{ComponentProcess, ProcessSource, Settings};
use crate::source::{SourceFile, Tree};

/// Where a file of variables stands on the node, and the variable with flags.
struct Variable {
    folder: &'static str,
    file: &'static str,
    name: &'static str,
}

const VARIABLES: [Variable; 3] = [
    Variable {
        folder: "/var/lib/kubelet",
        file: "kubeadm-flags.env",
        name: "KUBELET_KUBEADM_ARGS",
    },
    // Debian
    Variable {
        folder: "/etc/default",
        file: "kubelet",
        name: "KUBELET_EXTRA_ARGS",
    },
    // Fedora, SUSE
    Variable {
        folder: "/etc/sysconfig",
        file: "kubelet",
        name: "KUBELET_EXTRA_ARGS",
    },
];

/// Takes the flags in the files of variables; of copies, those of the one in use.
pub(super) fn read(tree: &Tree, settings: &mut Settings) {
    let of_files = VARIABLES.iter().filter_map(|variable| {
        let files = tree.files.iter();
        let files = files.filter(|file| command_line::program(&file.path) == variable.file);
        let standing = |file: &&SourceFile| Standing::of(&file.path, &[&[variable.folder]]);
        let in_use = files.max_by_key(standing)?;
        let counts = !matches!(standing(&in_use), Standing::Elsewhere | Standing::Replaced);
        counts.then(|| process(in_use, variable.name))?
    });
    settings.processes.extend(of_files);
}

fn process(file: &SourceFile, variable: &str) -> Option<ComponentProcess> {
    let text = std::str::from_utf8(&file.bytes).ok()?;
    let (_, value) = assignments(text).rfind(|(name, _)| name == variable)?;
    let flags = command_line::flags(&words(&value));
    let source = ProcessSource::EnvironmentFile;
    Some(ComponentProcess::new(source, &file.path, "kubelet", flags))
}
