//! BGPInstanceConfig

use crate::check::talos_file::demands::go::{self, Network};
use crate::check::talos_file::demands::refusals::Refusals;
use crate::check::talos_file::demands::{is_filled, text_of};
use crate::talos::file::Node;

/// Networks that are compared with each other: more than anybody has.
const MOST_NETWORKS: usize = 2_000;

/// An instance with its neighbors and what it takes from other instances.
pub(super) fn instance(document: &Node<'_>, refusals: &mut Refusals<'_>) {
    let router = text_of(document, "routerID").and_then(go::address_with_zone);
    if router.is_some_and(|address| address.is_ipv6()) {
        refusals.refuse(document, "routerID", "is no address of IPv4");
    }
    neighbors(document, refusals);
    imports(document, refusals);
}

fn neighbors(document: &Node<'_>, refusals: &mut Refusals<'_>) {
    let mut seen: Vec<String> = Vec::new();
    for neighbor in items(document, "neighbors") {
        if neighbor.at("bfd").is_some() && is_filled(document, "vrf") {
            refusals.does_not_fit(&neighbor, "bfd", "does not go with a `vrf`");
        }
        let address = text_of(&neighbor, "address").and_then(go::address_with_zone);
        let key = match (text_of(&neighbor, "address"), text_of(&neighbor, "link")) {
            (Some(_), Some(_)) => {
                refusals.clash(&neighbor, "address", "link");
                continue;
            }
            (None, None) => {
                let name = neighbor.origin();
                let message = format!("`{}` has neither `address` nor `link`", name.name());
                refusals.require_one(&neighbor, "address", &message);
                continue;
            }
            (Some(text), None) => address.map_or(text.to_owned(), |address| address.to_string()),
            (None, Some(link)) => link.to_owned(),
        };
        if seen.contains(&key) {
            refusals.refuse(&neighbor, "", "is there twice");
        }
        seen.push(key);
    }
}

fn imports(document: &Node<'_>, refusals: &mut Refusals<'_>) {
    let name = text_of(document, "name");
    let mut sources: Vec<&str> = Vec::new();
    let mut networks: Vec<Network> = Vec::new();
    for route in items(document, "importRoutes") {
        match text_of(&route, "bgpInstance") {
            None => refusals.require(&route, "bgpInstance"),
            source if source == name => {
                refusals.refuse(&route, "bgpInstance", "is this instance itself");
            }
            Some(source) if sources.contains(&source) => {
                refusals.refuse(&route, "bgpInstance", "is there twice");
            }
            Some(source) => sources.push(source),
        }
        let prefixes = items(&route, "prefixes");
        if prefixes.is_empty() {
            refusals.require(&route, "prefixes");
        }
        for prefix in prefixes {
            if prefix.tree().text() == Some("") {
                refusals.refuse(&prefix, "", "is no network, as 10.0.0.0/16");
            }
            let Some(network) = prefix.text().and_then(go::network) else {
                continue;
            };
            if !network.is_masked() {
                refusals.refuse(&prefix, "", "has bits behind those of its network");
            }
            let mut others = networks.iter().take(MOST_NETWORKS);
            if others.any(|other| other.overlaps(network)) {
                refusals.refuse(&prefix, "", "overlaps another one");
            }
            networks.push(network);
        }
    }
}

fn items<'a>(node: &Node<'a>, field: &str) -> Vec<Node<'a>> {
    node.at(field).map(|list| list.items()).unwrap_or_default()
}
