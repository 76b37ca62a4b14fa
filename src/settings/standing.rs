//! How well a path is that of a file which a node uses, and not of a copy of it.

use std::cmp::Reverse;

use super::{ComponentProcess, ConfigurationKind, ProcessSource};

/// Where a node has files of one kind: files, or the folders in which they are, each beginning with
/// `/`. The best first; those of one list are equal.
pub(super) type Homes = &'static [&'static [&'static str]];

pub(super) const STATIC_PODS: Homes = &[&[
    "/etc/kubernetes/manifests",
    "/var/lib/rancher/rke2/agent/pod-manifests",
]];

/// In the order of systemd.unit(5), "Unit File Load Path".
pub(super) const UNITS: Homes = &[
    &["/etc/systemd/system"],
    &["/run/systemd/system"],
    &["/usr/local/lib/systemd/system"],
    &["/usr/lib/systemd/system", "/lib/systemd/system"],
];

const ARGUMENT_FILES: Homes = &[&[
    "/var/snap/microk8s/current/args",
    "/var/snap/k8s/common/args",
]];

const OF_KUBEADM: Homes = &[&["/etc/kubernetes"]];

/// kubespray's kubelet reads a file beside kubeadm's, which is there, too.
const OF_KUBELET: Homes = &[
    &["/etc/kubernetes/kubelet-config.yaml"],
    &["/var/lib/kubelet/config.yaml"],
    &["/var/lib/kubelet", "/etc/kubernetes"],
];

const OF_KUBE_PROXY: Homes = &[&["/var/lib/kube-proxy", "/etc/kubernetes"]];

/// Where kubeadm keeps what it replaced in an upgrade.
const OF_REPLACED: &str = "etc/kubernetes/tmp";

/// How well something stands. Of two, the greater is in use: the other is a copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Standing {
    /// It was replaced.
    Replaced,
    /// Any other path, as that of a backup.
    Elsewhere,
    /// The whole path of a home, which has this place among them, below a folder that is not the
    /// node's.
    BelowAFolder(Reverse<usize>),
    /// A home, as a source has it that begins at `/` or below.
    AsOnTheNode(Reverse<usize>),
    /// A flag names it.
    Named,
    /// The running cluster says so.
    Running,
}

impl Standing {
    /// That of the file at `path`.
    pub(super) fn of(path: &str, homes: &[&[&str]]) -> Self {
        let mut folders = path.match_indices('/').map(|(at, _)| &path[..at]);
        if folders.any(|folder| ends_in(OF_REPLACED, folder) || ends_in(folder, OF_REPLACED)) {
            return Self::Replaced;
        }
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let rank = |fits: fn(&str, &str) -> bool| {
            let is_home = |home: &&str| fits(path, home) || fits(folder, home);
            homes.iter().position(|homes| homes.iter().any(is_home))
        };
        // What a source has at its top is where the person who gave it says.
        let as_on_node = rank(|place, home| place.is_empty() || ends_in(home, place));
        let below = || rank(|place, home| ends_in(place, &home[1..]));
        match (as_on_node, below) {
            (Some(rank), _) => Self::AsOnTheNode(Reverse(rank)),
            (None, below) => {
                below().map_or(Self::Elsewhere, |rank| Self::BelowAFolder(Reverse(rank)))
            }
        }
    }

    /// What comes first of things that stand alike, each with its path: of two below a folder the deeper
    /// is the copy.
    pub(super) fn depth(self, path: &str) -> usize {
        match self {
            Self::BelowAFolder(_) | Self::Elsewhere => path.matches('/').count(),
            _ => 0,
        }
    }

    /// That of the file that tells of `process`. A distribution's configuration stands behind all
    /// that runs by itself.
    pub(super) fn of_process(process: &ComponentProcess) -> Self {
        let homes = match process.source {
            ProcessSource::StaticPod => STATIC_PODS,
            ProcessSource::Unit => UNITS,
            ProcessSource::ArgumentFile => ARGUMENT_FILES,
            ProcessSource::EnvironmentFile | ProcessSource::Distribution => return Self::Elsewhere,
        };
        Self::of(&process.origin, homes)
    }

    /// That of the file at `path` with a configuration of `kind`.
    pub(super) fn of_configuration(path: &str, kind: ConfigurationKind) -> Self {
        let homes = match kind {
            ConfigurationKind::Cluster => OF_KUBEADM,
            ConfigurationKind::Kubelet => OF_KUBELET,
            ConfigurationKind::KubeProxy => OF_KUBE_PROXY,
        };
        Self::of(path, homes)
    }
}

/// Whether the path `end` is the end of `path`.
fn ends_in(path: &str, end: &str) -> bool {
    let above = path.strip_suffix(end);
    above.is_some_and(|above| above.is_empty() || above.ends_with('/'))
}
