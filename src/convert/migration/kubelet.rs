//! kubelet's configuration.

use super::conversion::{Conversion, Fields};
use super::item::Outcome;
use super::unset::is_unset;
use crate::settings::ConfigurationKind;
use crate::talos::kubelet;
use crate::talos::yaml_tree::Tree;

const HEALTH: &str = "Talos asks for kubelet's health at 127.0.0.1:10248";

/// Fields that belong to the machine or to Talos, with the reason why they stay behind.
const KEPT: [(&str, &str); 6] = [
    ("cgroupDriver", "Talos's container runtime decides it"),
    (
        "clusterDomain",
        "Talos sets it to the domain of the cluster's services",
    ),
    (
        "containerRuntimeEndpoint",
        "Talos has its own container runtime",
    ),
    ("healthzBindAddress", HEALTH),
    ("healthzPort", HEALTH),
    (
        "imageServiceEndpoint",
        "Talos has its own container runtime",
    ),
];

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
    if name == "clusterDNS" {
        let addresses = value.items().iter();
        let addresses = addresses.filter_map(|address| address.text().map(str::to_owned));
        conversion.kubernetes.kubelet.cluster_dns = addresses.collect();
        return Outcome::converted(
            conversion.place("machine.kubelet.clusterDNS", "KubeletConfig.clusterDNS"),
        );
    }
    carried.push((name.to_owned(), value.clone()));
    Outcome::converted(conversion.place("machine.kubelet.extraConfig", "KubeletConfig.config"))
}
