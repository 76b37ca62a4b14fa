//! KubeNetworkConfig: networks of pods and services.

use crate::check::talos_file::demands::go::{self, Network};
use crate::check::talos_file::demands::refusals::Refusals;
use crate::check::talos_file::demands::text_of;
use crate::talos::file::Node;

/// Bits of the addresses in a network at least, and in one of services at most.
const LEAST_HOST_BITS: u32 = 4;
const MOST_SERVICE_BITS: u32 = 20;

/// How many bits longer than the network of all pods that of a node may be.
const MOST_NODE_BITS: u32 = 16;

/// The field with the length of a node's network, and the length without it.
const NODE_BITS: [(&str, u32); 2] = [("nodeCIDRMaskSizeIPv4", 24), ("nodeCIDRMaskSizeIPv6", 64)];

/// There are as many networks of pods as of services: one, or one of each family.
pub(super) fn networks(document: &Node<'_>, refusals: &mut Refusals<'_>) {
    let fields = ["podSubnets", "serviceSubnets"];
    let lists = fields.map(|field| {
        document
            .at(field)
            .map(|list| list.items())
            .unwrap_or_default()
    });
    for (field, list) in fields.into_iter().zip(&lists) {
        if list.len() > 2 {
            refusals.refuse(document, field, "has more than two networks");
        }
        let mut families = Vec::new();
        for item in list {
            if item.tree().text() == Some("") {
                refusals.refuse(item, "", "is no network, as 10.0.0.0/16");
            }
            let Some(network) = item.text().and_then(go::network) else {
                continue;
            };
            if families.contains(&network.width()) {
                refusals.refuse(item, "", "is the second of its family");
            }
            families.push(network.width());
            let trouble = if field == "podSubnets" {
                of_pods(document, network)
            } else {
                of_services(network)
            };
            if let Some(trouble) = of_any(network).map(str::to_owned).or(trouble) {
                refusals.refuse(item, "", &trouble);
            }
        }
    }
    let [pods, services] = lists.map(|list| list.len());
    // A list that is empty or missing has been told.
    if pods != services && pods > 0 && services > 0 {
        let [pods, services] = fields.map(|field| document.origin_below(field));
        let message = format!(
            "`{}` and `{}` are not equally many",
            pods.name(),
            services.name()
        );
        refusals.refuse_both(message, pods, services);
    }
}

fn of_any(network: Network) -> Option<&'static str> {
    if !network.is_masked() {
        return Some("has bits behind those of its network");
    }
    (network.width() - network.bits < LEAST_HOST_BITS).then_some("has fewer than 16 addresses")
}

fn of_pods(document: &Node<'_>, network: Network) -> Option<String> {
    let [ipv4, ipv6] = NODE_BITS;
    let (field, usual) = if network.address.is_ipv4() {
        ipv4
    } else {
        ipv6
    };
    let given = match text_of(document, field) {
        None => Some(0),
        // A number that is none has been told.
        Some(text) => go::whole(text).and_then(|bits| u32::try_from(bits).ok()),
    }?;
    let node = if given == 0 { usual } else { given };
    if node > network.width() {
        return None;
    }
    if network.bits > node {
        return Some(format!(
            "is smaller than the network of one node, which has the length {node}"
        ));
    }
    (node - network.bits > MOST_NODE_BITS).then(|| {
        format!(
            "is too large for nodes with networks of the length {node}: it needs at least /{}",
            node - MOST_NODE_BITS
        )
    })
}

fn of_services(network: Network) -> Option<String> {
    let least = network.width() - MOST_SERVICE_BITS;
    (network.bits < least).then(|| format!("is too large for services: it needs at least /{least}"))
}
