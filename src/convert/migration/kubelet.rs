//! kubelet's configuration.

use super::conversion::{Conversion, Fields};
use super::item::Outcome;
use super::unset::is_unset;
use crate::settings::ConfigurationKind;
use crate::talos::kubelet;
use crate::talos::yaml_tree::Tree;

const CGROUP: &str = "it names a cgroup of the old system; kubelet ends where there is none";
const HEALTH: &str = "Talos asks for kubelet's health at 127.0.0.1:10248";
const RUNTIME: &str = "Talos has its own container runtime";
const SERVING: &str = "it names a file of the old node; kubelet makes its own serving certificate";

/// Fields that belong to the machine or to Talos, with the reason why they stay behind.
const KEPT: [(&str, &str); 14] = [
    ("address", "Talos's kubelet answers at every address"),
    ("cgroupDriver", "Talos's container runtime decides it"),
    (
        "clusterDomain",
        "Talos sets it to the domain of the cluster's services",
    ),
    ("containerRuntimeEndpoint", RUNTIME),
    ("healthzBindAddress", HEALTH),
    ("healthzPort", HEALTH),
    ("imageServiceEndpoint", RUNTIME),
    ("kubeReservedCgroup", CGROUP),
    (
        "podLogsDir",
        "Talos keeps the logs of pods in /var/log/pods",
    ),
    ("staticPodURL", "Talos sets it by itself"),
    ("staticPodURLHeader", "Talos sets by itself what it is for"),
    ("systemReservedCgroup", CGROUP),
    ("tlsCertFile", SERVING),
    ("tlsPrivateKeyFile", SERVING),
];

const MEMORY: &str = "kubelet starts only if `reservedMemory` is the sum of all that is reserved, and Talos \
                      reserves other amounts: set `memoryManagerPolicy` and `reservedMemory` together, when the \
                      nodes run Talos";

pub(super) const PROVIDER_ID: &str = "it is of the one node that was read: set it node by node, or leave it to \
                                      the cloud's controller";

/// Fields that a person has to see to: what is right for one node would be wrong for all.
const OF_A_PERSON: [(&str, &str); 3] = [
    ("memoryManagerPolicy", MEMORY),
    ("providerID", PROVIDER_ID),
    ("reservedMemory", MEMORY),
];

/// The taints of control planes, which Talos sets and takes away by itself.
const OF_CONTROL_PLANES: [&str; 2] = [
    "node-role.kubernetes.io/control-plane",
    "node-role.kubernetes.io/master",
];

/// The enforcements that need a cgroup of the old system, or a part of one.
const OF_CGROUPS: [&str; 2] = ["kube-reserved", "system-reserved"];

pub(super) fn convert(conversion: &mut Conversion<'_>) {
    let carried = conversion.carry_fields(ConfigurationKind::Kubelet, field);
    let Some(Tree::Mapping(carried)) = carried else {
        return;
    };
    for (name, value) in carried {
        set(conversion, &name, value);
    }
}

/// Sets a field of Talos's kubelet.
pub(super) fn set(conversion: &mut Conversion<'_>, name: &str, value: Tree) -> Outcome {
    let config = conversion.kubernetes.kubelet.config.take();
    let mut fields = match config {
        Some(Tree::Mapping(fields)) => fields,
        _ => Fields::new(),
    };
    fields.retain(|(known, _)| known != name);
    fields.push((name.to_owned(), value));
    conversion.kubernetes.kubelet.config = Some(Tree::Mapping(fields));
    Outcome::converted(conversion.place("machine.kubelet.extraConfig", "KubeletConfig.config"))
}

fn field(
    conversion: &mut Conversion<'_>,
    name: &str,
    value: &Tree,
    carried: &mut Fields,
) -> Outcome {
    if kubelet::PROTECTED_FIELDS.contains(&name) {
        return Outcome::kept("Talos sets it by itself");
    }
    if let Some((_, why)) = KEPT.iter().find(|(known, _)| *known == name) {
        return Outcome::kept(*why);
    }
    if is_unset(name, value) {
        return Outcome::kept("nothing is set");
    }
    let of_a_person = OF_A_PERSON.iter().find(|(known, _)| *known == name);
    match (name, of_a_person) {
        ("memoryManagerPolicy", _) if value.text() == Some("None") => {
            return Outcome::kept("it is kubelet's default");
        }
        (_, Some((_, what))) => return Outcome::needs_person(*what),
        ("clusterDNS", _) => {
            let addresses = value.items().iter();
            let addresses = addresses.filter_map(|address| address.text().map(str::to_owned));
            conversion.kubernetes.kubelet.cluster_dns = addresses.collect();
            return Outcome::converted(
                conversion.place("machine.kubelet.clusterDNS", "KubeletConfig.clusterDNS"),
            );
        }
        ("enforceNodeAllocatable", _) => {
            carried.push((name.to_owned(), without_cgroups(value)));
        }
        ("registerWithTaints", _) => match of_every_node(value) {
            Some(taints) => carried.push((name.to_owned(), taints)),
            None => return Outcome::kept("Talos taints control planes by itself"),
        },
        ("shutdownGracePeriodByPodPriority", _) => {
            carried.push((name.to_owned(), value.clone()));
            // kubelet refuses them beside it, and Talos sets what is not set.
            let unset = ["shutdownGracePeriod", "shutdownGracePeriodCriticalPods"];
            carried.extend(unset.map(|name| (name.to_owned(), Tree::text_of("0s"))));
        }
        _ => carried.push((name.to_owned(), value.clone())),
    }
    Outcome::converted(conversion.place("machine.kubelet.extraConfig", "KubeletConfig.config"))
}

/// The taints without those of control planes, which workers would have, too; nothing if that is all.
fn of_every_node(taints: &Tree) -> Option<Tree> {
    let is_of_every_node = |taint: &&Tree| {
        let key = taint.field("key").and_then(Tree::text);
        key.is_none_or(|key| !OF_CONTROL_PLANES.contains(&key))
    };
    let left = taints.items().iter().filter(is_of_every_node).cloned();
    let left: Vec<_> = left.collect();
    (!left.is_empty()).then_some(Tree::Sequence(left))
}

/// What is enforced without a cgroup of the old system.
fn without_cgroups(enforced: &Tree) -> Tree {
    let needs_cgroup = |item: &&Tree| {
        let name = item.text().unwrap_or_default();
        OF_CGROUPS.iter().any(|of| name.starts_with(of))
    };
    let items = enforced.items();
    let left: Vec<_> = items
        .iter()
        .filter(|item| !needs_cgroup(item))
        .cloned()
        .collect();
    if left.is_empty() && !items.is_empty() {
        return Tree::Sequence(vec![Tree::text_of("none")]);
    }
    Tree::Sequence(left)
}
