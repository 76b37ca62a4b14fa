//! How the cluster is called and reached: its name, the address of its API, and the names in the
//! certificate of the API server.

use std::net::IpAddr;

use super::conversion::Conversion;
use super::item::Outcome;
use crate::cluster::{Cluster, KubeconfigRole, LeafRole, Located};
use crate::pki::Certificate;
use crate::settings::{Component, ConfigurationKind};
use crate::talos::yaml_tree::Tree;
use crate::talos::{API_SERVER_PORT, Endpoint};

/// Names that Talos gives every API server, with the domain of services behind the last.
const OWN_NAMES: [&str; 4] = [
    "localhost",
    "kubernetes",
    "kubernetes.default",
    "kubernetes.default.svc",
];

pub(super) fn conclude(conversion: &mut Conversion<'_>) {
    conversion.name = conversion.wishes.name.clone().or(conversion.name.take());
    conversion.endpoint = match &conversion.wishes.endpoint {
        Some(endpoint) => Some(endpoint.clone()),
        None => configured(conversion)
            .or_else(|| conversion.announced.take())
            .or_else(|| of_kubeconfigs(conversion))
            .or_else(|| conversion.announced_by_node.take()),
    };
    if conversion.endpoint.is_none() {
        let outcome = Outcome::refused(
            "neither a configuration nor a kubeconfig names an address at which others reach the \
             API",
            "give it by --endpoint https://HOST:6443",
        );
        conversion.note("the cluster", "the endpoint", outcome);
    }
    let origin = "the cluster";
    for (what, advice) in [
        ("the port of the endpoint", without_port(conversion)),
        ("the address of the endpoint", of_one_node(conversion)),
    ] {
        if let Some(advice) = advice {
            conversion.note(origin, what, Outcome::needs_person(advice));
        }
    }
    certificate_names(conversion);
}

fn without_port(conversion: &Conversion<'_>) -> Option<String> {
    let warning = conversion.endpoint.as_ref()?.port_warning()?;
    Some(format!(
        "{warning}. Old and new nodes have it in their configurations, so run `talos-pki convert` again \
         with `--endpoint` if something else is meant"
    ))
}

/// kubeadm takes the address of the first control plane where nobody says another.
fn of_one_node(conversion: &Conversion<'_>) -> Option<String> {
    let endpoint = conversion.endpoint.as_ref()?;
    conversion.settings.has_node_at(endpoint.host()).then(|| {
        format!(
            "{endpoint} leads to one old control plane alone, and that node goes. Decide before the first \
             step: either by an endpoint that stays, such as a load balancer or a name of DNS (run \
             `talos-pki convert` again with `--endpoint https://NAME:{API_SERVER_PORT} --force`, which \
             keeps the keys in `secrets.yaml`); or keep the address, which the control planes of Talos \
             take over at the end as their virtual IP, in the same layer-2 network"
        )
    })
}

/// kubeadm's `controlPlaneEndpoint`, a host with or without a port.
fn configured(conversion: &Conversion<'_>) -> Option<Endpoint> {
    let configuration = conversion
        .settings
        .configuration(ConfigurationKind::Cluster)?;
    let text = configuration.tree.field("controlPlaneEndpoint")?.text()?;
    let with_port = format!("https://{text}");
    match with_port.parse::<Endpoint>() {
        Ok(endpoint) if endpoint.port().is_some() => Some(endpoint),
        Ok(_) => format!("https://{text}:{API_SERVER_PORT}").parse().ok(),
        Err(_) => None,
    }
}

/// Where a kubeconfig leads: the administrator's, or else one that does not lead to a control plane
/// alone, as those of kubeadm's components do.
fn of_kubeconfigs(conversion: &Conversion<'_>) -> Option<Endpoint> {
    let kubeconfigs = conversion.cluster.kubeconfigs.iter();
    let servers = kubeconfigs.filter_map(|one| {
        let endpoint = one.server.as_ref()?.parse::<Endpoint>().ok()?;
        (!is_loopback(endpoint.host())).then_some((one.role, endpoint))
    });
    let rank = |(role, endpoint): &(Option<KubeconfigRole>, Endpoint)| {
        let is_administrators = matches!(
            role,
            Some(KubeconfigRole::Admin | KubeconfigRole::SuperAdmin)
        );
        (
            !is_administrators,
            conversion.settings.has_node_at(endpoint.host()),
        )
    };
    let (_, endpoint) = servers.min_by_key(rank)?;
    Some(endpoint)
}

/// Kubeconfigs of a node often lead to the node itself, which no other finds there.
fn is_loopback(host: &str) -> bool {
    let address = host.trim_matches(['[', ']']).parse::<IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

/// Names that clients know the API server by, and that Talos would not put into its certificate.
fn certificate_names(conversion: &mut Conversion<'_>) {
    let Some(certificate) = api_server_certificate(conversion.cluster) else {
        return;
    };
    let origin = certificate.origin.to_string();
    for name in names(&certificate.value) {
        if conversion.kubernetes.api_server_sans.contains(&name) {
            continue;
        }
        let what = format!("the name {name}");
        let outcome = if let Some(why) = kept(conversion, &name) {
            Outcome::kept(why)
        } else {
            conversion.kubernetes.api_server_sans.push(name);
            Outcome::converted(names_place(conversion))
        };
        conversion.note(&origin, what, outcome);
    }
}

/// The certificate that the API server presents.
pub(super) fn api_server_certificate(cluster: &Cluster) -> Option<&Located<Certificate>> {
    api_server_certificates(cluster).next()
}

/// Those of all control planes that were read.
pub(super) fn api_server_certificates(
    cluster: &Cluster,
) -> impl Iterator<Item = &Located<Certificate>> {
    let leaves = cluster.leaves.iter();
    let leaves = leaves.filter(|leaf| leaf.role == LeafRole::ApiServer);
    leaves.filter_map(|leaf| leaf.certificate.as_ref().ok())
}

pub(super) fn names_place(conversion: &Conversion<'_>) -> String {
    conversion.place(
        "cluster.apiServer.certSANs",
        "KubeAPIServerConfig.certExtraSANs",
    )
}

fn names(certificate: &Certificate) -> Vec<String> {
    let addresses = certificate.ip_addresses.iter().map(ToString::to_string);
    certificate
        .dns_names
        .iter()
        .cloned()
        .chain(addresses)
        .collect()
}

/// Why a name needs no mention, if it needs none.
fn kept(conversion: &Conversion<'_>, name: &str) -> Option<&'static str> {
    let is_service = OWN_NAMES.contains(&name)
        || name.strip_prefix("kubernetes.default.svc.") == Some(&conversion.dns_domain);
    if is_service || matches!(name, "127.0.0.1" | "::1") {
        return Some("Talos puts it into every certificate");
    }
    let endpoint = conversion.endpoint.as_ref();
    if endpoint.is_some_and(|endpoint| endpoint.host() == name) {
        return Some("it is the endpoint's");
    }
    let address = name.parse::<IpAddr>().ok();
    let services = &conversion.kubernetes.service_subnets;
    if address.is_some_and(|address| services.iter().any(|subnet| is_first(subnet, address))) {
        return Some("it is the first address of services, which Talos puts in by itself");
    }
    let of_node = |component: Component, flag: &str| {
        let process = conversion.settings.component(component);
        process.and_then(|process| process.flag(flag)) == Some(name)
    };
    if of_node(Component::ApiServer, "advertise-address") || of_node(Component::Etcd, "name") {
        return Some("it is the old node's own");
    }
    None
}

/// Whether `address` is the first host of `subnet`, as in `10.96.0.0/12`.
pub(super) fn is_first(subnet: &str, address: IpAddr) -> bool {
    let network = subnet.split('/').next().unwrap_or_default();
    match (network.parse::<IpAddr>(), address) {
        (Ok(IpAddr::V4(network)), IpAddr::V4(address)) => {
            u32::from(network).checked_add(1) == Some(u32::from(address))
        }
        (Ok(IpAddr::V6(network)), IpAddr::V6(address)) => {
            u128::from(network).checked_add(1) == Some(u128::from(address))
        }
        _ => false,
    }
}

/// kubeadm's `clusterName`, and `controlPlaneEndpoint`, which is read at the end.
pub(super) fn name(conversion: &mut Conversion<'_>, value: &Tree) -> Outcome {
    conversion.name = value.text().map(str::to_owned);
    Outcome::converted(conversion.place("cluster.clusterName", "KubeClusterConfig.clusterName"))
}

pub(super) fn address(conversion: &mut Conversion<'_>, _: &Tree) -> Outcome {
    if conversion.wishes.endpoint.is_some() {
        return Outcome::kept("another endpoint was given by --endpoint");
    }
    Outcome::converted(conversion.place(
        "cluster.controlPlane.endpoint",
        "KubeClusterConfig.endpoint",
    ))
}
