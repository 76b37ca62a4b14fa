//! The networks of pods and services, and the domain of services.

use std::net::IpAddr;

use super::conversion::{Conversion, add_argument};
use super::endpoint;
use super::item::Outcome;
use crate::settings::{Component, ComponentProcess, ConfigurationKind, Flag};
use crate::talos::yaml_tree::Tree;

/// `--cluster-cidr`
pub(super) fn pods(conversion: &mut Conversion<'_>, _: &ComponentProcess, flag: &Flag) -> Outcome {
    conversion.kubernetes.pod_subnets = list(&flag.value);
    Outcome::converted(pods_place(conversion))
}

/// `--service-cluster-ip-range`
pub(super) fn services(
    conversion: &mut Conversion<'_>,
    process: &ComponentProcess,
    flag: &Flag,
) -> Outcome {
    if process.component != Some(Component::ApiServer) {
        return Outcome::kept("it is the API server's network");
    }
    conversion.kubernetes.service_subnets = list(&flag.value);
    Outcome::converted(conversion.place(
        "cluster.network.serviceSubnets",
        "KubeNetworkConfig.serviceSubnets",
    ))
}

pub(super) fn list(text: &str) -> Vec<String> {
    text.split(',').map(str::to_owned).collect()
}

pub(super) fn pods_place(conversion: &Conversion<'_>) -> String {
    conversion.place("cluster.network.podSubnets", "KubeNetworkConfig.podSubnets")
}

/// Without the flag, networks of nodes are the business of the network plugin alone. Talos would
/// begin to give them out.
fn keep_allocation(conversion: &mut Conversion<'_>) {
    let process = conversion.settings.component(Component::ControllerManager);
    if process.is_some_and(|process| process.flag("allocate-node-cidrs").is_none()) {
        let arguments = &mut conversion.kubernetes.controller_manager.arguments;
        add_argument(arguments, "allocate-node-cidrs", "false");
    }
}

/// Talos 1.14 demands as many networks of pods as of services (`KubeNetworkConfig`).
fn compare_families(conversion: &mut Conversion<'_>) {
    let (pods, services) = {
        let kubernetes = &conversion.kubernetes;
        (
            kubernetes.pod_subnets.join(", "),
            kubernetes.service_subnets.join(", "),
        )
    };
    let is_the_same = pods.matches(',').count() == services.matches(',').count();
    if is_the_same || !conversion.contract().kubernetes_documents() {
        return;
    }
    let outcome = Outcome::refused(
        format!(
            "Talos {} demands as many networks of pods as of services, and refuses {pods} with \
             {services}",
            conversion.contract()
        ),
        "use --talos-version v1.13; or give the cluster both families for both first",
    );
    conversion.note("the cluster", "the networks of pods and services", outcome);
}

/// Talos reads every network as Go's `netip.ParsePrefix` does, and a node with another text never
/// starts kubelet.
fn refuse_others(conversion: &mut Conversion<'_>) {
    let kubernetes = &conversion.kubernetes;
    let networks = [
        ("pods", &kubernetes.pod_subnets),
        ("services", &kubernetes.service_subnets),
    ];
    let others: Vec<_> = networks
        .into_iter()
        .filter_map(|(whose, subnets)| {
            let other = subnets.iter().find(|subnet| !is_network(subnet))?;
            let outcome = Outcome::refused(
                format!("`{other}` is no network that Talos reads"),
                "write it as ADDRESS/BITS, such as 10.96.0.0/12, where the old cluster has it",
            );
            Some((format!("the network of {whose}"), outcome))
        })
        .collect();
    for (what, outcome) in others {
        conversion.note("the cluster", what, outcome);
    }
}

fn is_network(text: &str) -> bool {
    let parts = text
        .split_once('/')
        .map(|(address, bits)| (address.parse::<IpAddr>(), bits));
    let Some((Ok(address), bits)) = parts else {
        return false;
    };
    let most = if address.is_ipv4() { 32 } else { 128 };
    let is_plain = bits.bytes().all(|byte| byte.is_ascii_digit()) && !bits.starts_with("00");
    is_plain && bits.parse::<u8>().is_ok_and(|bits| bits <= most)
}

/// kube-proxy knows the network of pods where the controller manager gives none out, as in MicroK8s.
fn of_kube_proxy(conversion: &mut Conversion<'_>) -> bool {
    let mut processes = conversion.settings.processes.iter();
    let process = processes.find(|process| process.name == "kube-proxy");
    let found = process.and_then(|process| Some((process, process.flag("cluster-cidr")?)));
    let Some((process, networks)) = found else {
        return false;
    };
    conversion.kubernetes.pod_subnets = list(networks);
    let outcome = Outcome::converted(pods_place(conversion));
    conversion.note(
        &process.origin,
        format!("--cluster-cidr={networks}"),
        outcome,
    );
    true
}

/// A network of services that nobody set is a guess, which the certificate of the API server proves:
/// it names the first address.
fn prove_services(conversion: &mut Conversion<'_>) {
    let process = conversion.settings.component(Component::ApiServer);
    let flag = process.and_then(|process| {
        let is_guess = |flag: &&Flag| !process.is_chosen(flag);
        let mut flags = process.flags.iter().filter(is_guess);
        flags.find(|flag| flag.name == "service-cluster-ip-range")
    });
    let certificate = endpoint::api_server_certificate(conversion.cluster);
    let (Some(flag), Some(certificate)) = (flag, certificate) else {
        return;
    };
    let subnets = list(&flag.value);
    let is_named = |subnet: &String| {
        let mut addresses = certificate.value.ip_addresses.iter();
        addresses.any(|address| endpoint::is_first(subnet, *address))
    };
    if subnets.iter().all(is_named) {
        return;
    }
    let outcome = Outcome::refused(
        format!(
            "nobody set it, so it would be {}; but the certificate of the API server does not name \
             the first address of that network",
            flag.value
        ),
        "see `kubectl get service kubernetes`, and bring the file of settings that names the network",
    );
    let origin = certificate.origin.to_string();
    conversion.note(origin, "the network of services", outcome);
}

/// Where neither a flag nor kubeadm's configuration names it, nobody knows the network of pods.
pub(super) fn conclude(conversion: &mut Conversion<'_>) {
    keep_allocation(conversion);
    let flag = conversion
        .settings
        .component(Component::ControllerManager)
        .and_then(|process| process.flag("cluster-cidr"));
    let configuration = conversion
        .settings
        .configuration(ConfigurationKind::Cluster);
    let configured = configuration
        .and_then(|configuration| configuration.tree.at("networking.podSubnet"))
        .and_then(Tree::text);
    if flag.is_none() && configured.is_none() && !of_kube_proxy(conversion) {
        let outcome = unknown_pods(conversion);
        conversion.note("the cluster", "the network of pods", outcome);
    } else {
        compare_families(conversion);
    }
    refuse_others(conversion);
    prove_services(conversion);
}

/// Talos has a network of pods of its own, of IPv4, where a person has to set the cluster's.
fn unknown_pods(conversion: &Conversion<'_>) -> Outcome {
    let services = &conversion.kubernetes.service_subnets;
    if services.iter().any(|subnet| subnet.contains(':')) {
        return Outcome::refused(
            format!(
                "nothing that was read names it, and Talos's own, {}, does not go with services in {}",
                conversion.kubernetes.pod_subnets.join(", "),
                services.join(", ")
            ),
            "find it in the configuration of the network plugin, and give it by --cluster-info FILE as \
             `networking.podSubnet` of kubeadm's ClusterConfiguration",
        );
    }
    Outcome::needs_person(format!(
        "find the network of pods in the configuration of the network plugin, and set it in {} of every \
         machine: nothing that was read names it",
        pods_place(conversion)
    ))
}
