//! By which way the cluster comes to Talos: whether the two can be one cluster for a while, or
//! whether Talos begins with a snapshot of etcd, or with nothing.

use super::conversion::Conversion;
use super::item::Outcome;
use crate::cluster::{CaSlot, Cluster, PeculiarityKind};
use crate::settings::{Component, ComponentProcess, Flag, Settings};
use crate::talos::yaml_tree::Tree;

/// By which way a cluster comes to Talos.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// The way.
    pub way: Way,
    /// Why it is this one, as a sentence without its end. Literals stand between backticks.
    pub reason: String,
}

/// The ways to Talos.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// Talos's control planes join the old ones, and the old ones leave: the API is never away.
    Join,
    /// A new etcd begins with a snapshot of the old one: the API is away in between.
    Restore,
    /// A new etcd begins empty: the trust is the same, and the objects come from elsewhere.
    Rebuild,
}

impl Way {
    /// Its name, for programs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Join => "join",
            Self::Restore => "restore",
            Self::Rebuild => "rebuild",
        }
    }

    /// What happens on it.
    #[must_use]
    pub const fn description(self) -> &'static str {
        match self {
            Self::Join => "Talos's control planes join the old ones, and these leave",
            Self::Restore => "Talos begins with a snapshot of etcd, and the API is away in between",
            Self::Rebuild => {
                "a new cluster with the same trust begins empty, and the objects are brought from \
                 a backup"
            }
        }
    }
}

impl Route {
    pub(super) fn of(cluster: &Cluster, settings: &Settings) -> Self {
        let rebuild = |reason| Self {
            way: Way::Rebuild,
            reason,
        };
        let restore = |reason| Self {
            way: Way::Restore,
            reason,
        };
        let elsewhere = cluster.peculiarity(PeculiarityKind::OtherDatastore);
        elsewhere
            .map(|elsewhere| rebuild(elsewhere.message.clone()))
            .or_else(|| barrier(cluster, settings).map(restore))
            .unwrap_or_else(|| Self {
                way: Way::Join,
                reason: "old and new nodes trust one CA of Kubernetes and one of etcd, and their \
                         keys are here"
                    .to_owned(),
            })
    }
}

/// What stands in the way of joining.
fn barrier(cluster: &Cluster, settings: &Settings) -> Option<String> {
    if cluster
        .peculiarity(PeculiarityKind::SplitAuthority)
        .is_some()
    {
        return Some(
            "servers and clients of the old cluster have a CA each, and Talos has one for both: old \
             nodes refuse what Talos issues, so the two cannot run side by side"
                .to_owned(),
        );
    }
    if let Some(peculiarity) = cluster.peculiarity(PeculiarityKind::EtcdCaMadeAnew) {
        return Some(peculiarity.message.clone());
    }
    if let Some(servers) = etcd_outside(cluster, settings) {
        let servers = servers.replace(',', ", ");
        let servers = servers.replace('`', "'");
        return Some(format!(
            "etcd runs at `{servers}`, outside of the control planes. Talos has etcd on its own \
             control planes and cannot join that one"
        ));
    }
    if let Some(barrier) = cluster.operations.etcd_barrier {
        return Some(barrier.to_owned());
    }
    let missing = [CaSlot::Etcd, CaSlot::Kubernetes].into_iter();
    let mut missing = missing.filter(|slot| !cluster.has_pair(*slot));
    missing.next().map(|slot| {
        format!(
            "the {slot} is not here with its key: Talos makes a new one, which old nodes refuse"
        )
    })
}

fn etcd_servers(settings: &Settings) -> Option<&str> {
    settings
        .component(Component::ApiServer)?
        .flag("etcd-servers")
}

/// The URLs of etcd where it runs on machines of its own, with commas between them. Each control plane of
/// Talos has a member of etcd, so that this one cannot be joined.
#[must_use]
pub fn etcd_outside<'a>(cluster: &Cluster, settings: &'a Settings) -> Option<&'a str> {
    if cluster
        .peculiarity(PeculiarityKind::OtherDatastore)
        .is_some()
    {
        return None;
    }
    let process = settings.component(Component::ApiServer)?;
    let servers = etcd_servers(settings)?;
    let own = process.flag("advertise-address").unwrap_or("127.0.0.1");
    let is_inside = |server: &str| {
        let host = server.rsplit_once("://").map_or(server, |(_, host)| host);
        let host = host.rsplit_once(':').map_or(host, |(host, _)| host);
        let host = host.trim_matches(['[', ']']);
        let mut nodes = settings.nodes.iter();
        matches!(host, "127.0.0.1" | "::1" | "localhost")
            || host == own
            || nodes.any(|node| node.is_control_plane && node.address.as_deref() == Some(host))
    };
    // A distribution that signs etcd by the Kubernetes CA runs it, whoever else is a member.
    let runs_here = settings.component(Component::Etcd).is_some()
        || cluster
            .peculiarity(PeculiarityKind::SharedBySeveralSlots)
            .is_some();
    (!runs_here && !servers.split(',').all(is_inside)).then_some(servers)
}

/// `--etcd-servers`
pub(super) fn of_etcd_servers(
    conversion: &mut Conversion<'_>,
    _: &ComponentProcess,
    _: &Flag,
) -> Outcome {
    let cluster = conversion.cluster;
    if cluster
        .peculiarity(PeculiarityKind::OtherDatastore)
        .is_some()
    {
        // The rule about it has been let through.
        return Outcome::kept("Talos has an etcd of its own, which begins empty");
    }
    if etcd_outside(cluster, conversion.settings).is_none() {
        return Outcome::kept("the API server of Talos speaks to the member on its own node");
    }
    Outcome::kept(
        "etcd runs outside, where Talos cannot join it: its own begins with a snapshot, which the steps of \
         the runbook take",
    )
}

/// kubeadm's `etcd.external`: the flag decides the route.
pub(super) fn of_etcd_outside(conversion: &mut Conversion<'_>, _: &Tree) -> Outcome {
    if etcd_outside(conversion.cluster, conversion.settings).is_some() {
        return Outcome::kept("the flag `--etcd-servers` says it, and is the truth");
    }
    Outcome::needs_person(
        "etcd runs outside, where Talos cannot join it, and the API servers do not say so: give a source \
         with their manifests",
    )
}

/// `--etcd-servers-overrides`: kinds that are stored elsewhere, as kops does with events.
pub(super) fn of_etcd_servers_overrides(
    _: &mut Conversion<'_>,
    _: &ComponentProcess,
    flag: &Flag,
) -> Outcome {
    let mut kinds = flag.value.split(',');
    if kinds.all(|kind| kind.starts_with("/events#")) {
        return Outcome::kept(
            "Talos has one etcd for all; events of before are lost, which they are after an hour \
             anyway",
        );
    }
    Outcome::needs_person(
        "Talos has one etcd for all: copy what these kinds have in another, or make it anew",
    )
}

/// What the route itself asks of a person.
pub(super) fn conclude(conversion: &mut Conversion<'_>) {
    // The settings of the distribution say exactly what its network is.
    if conversion.settings.distribution.is_some() {
        return;
    }
    if let Some(network) = conversion.cluster.operations.network {
        let how = if conversion.contract().kubernetes_documents() {
            "add a document KubeFlannelCNIConfig with `backendType: vxlan` and `backendPort: 4789` to \
             the configuration of control planes"
        } else {
            "take `cluster.network.cni` out of the configurations"
        };
        let outcome = Outcome::needs_person(format!("{network}: {how}"));
        conversion.note("the cluster", "the network plugin", outcome);
    }
}
