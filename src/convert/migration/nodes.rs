//! The nodes that are there, and whether their kubelets fit.

use super::conversion::Conversion;
use super::item::Outcome;
use crate::settings::Node;
use crate::talos::KubernetesVersion;

pub(super) fn conclude(conversion: &mut Conversion<'_>) {
    if conversion.settings.misses_own_node() {
        let outcome = Outcome::needs_person(
            "none that the cluster told of has the name or the address of a control plane that was read: see \
             whether that is of this cluster, and whole",
        );
        conversion.note("the cluster", "the nodes", outcome);
    }
    for node in &conversion.settings.nodes {
        let part = if node.is_control_plane {
            "control plane"
        } else {
            "worker"
        };
        let address = node.address.as_deref().unwrap_or("no address");
        let what = format!("the node {} ({part}, {address})", node.name);
        let outcome = outcome(conversion, node);
        conversion.note("the cluster", what, outcome);
    }
}

fn outcome(conversion: &Conversion<'_>, node: &Node) -> Outcome {
    let version = node.kubelet_version.as_ref();
    let version = version.and_then(|version| version.parse::<KubernetesVersion>().ok());
    match (version, &conversion.kubernetes_version) {
        (Some(of_node), Some(of_cluster)) if of_node.minor() != of_cluster.minor() => {
            Outcome::needs_person(format!(
                "its kubelet is {of_node}, and the API server {of_cluster}: finish the upgrade \
                 before you move"
            ))
        }
        _ => Outcome::kept("it stays as it is until it is drained; the runbook says when"),
    }
}
