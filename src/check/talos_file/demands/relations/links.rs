//! Documents about links of the network.

use std::collections::HashMap;

use crate::check::talos_file::demands::go;
use crate::check::talos_file::demands::refusals::Refusals;
use crate::check::talos_file::demands::{is_filled, text_of};
use crate::talos::file::{Node, TalosFile};

/// Kinds of links. No two have one name.
const LINKS: [&str; 8] = [
    "BondConfig",
    "BridgeConfig",
    "DummyLinkConfig",
    "LinkConfig",
    "VLANConfig",
    "VRFConfig",
    "VethConfig",
    "WireguardConfig",
];

/// Other kinds of which no two have one name.
const OTHERS: [[&str; 2]; 2] = [
    ["HCloudVIPConfig", "Layer2VIPConfig"],
    ["ExistingVolumeConfig", "UserVolumeConfig"],
];

/// Priorities of rules that Linux and KubeSpan have for themselves.
const RESERVED_PRIORITIES: [u32; 4] = [0, 32_500, 32_766, 32_767];

/// What every link may have.
pub(super) fn link(link: &Node<'_>, refusals: &mut Refusals<'_>) {
    for address in items(link, "addresses") {
        let network = text_of(&address, "address").and_then(go::network);
        match network {
            None if text_of(&address, "address").is_none() => refusals.require(&address, "address"),
            Some(network) if network.address.is_unspecified() => {
                refusals.refuse(&address, "address", "is the address of nobody");
            }
            _ => {}
        }
    }
    for route in items(link, "routes") {
        let destination = text_of(&route, "destination").and_then(go::network);
        if destination.is_some_and(|network| network.address.is_unspecified()) {
            let message = "is everything, for which a route has no `destination`";
            refusals.refuse(&route, "destination", message);
        }
        for field in ["gateway", "source"] {
            let address = text_of(&route, field).and_then(go::address_with_zone);
            if address.is_some_and(|address| address.is_unspecified()) {
                refusals.refuse(&route, field, "is the address of nobody");
            }
        }
    }
}

fn items<'a>(node: &Node<'a>, field: &str) -> Vec<Node<'a>> {
    node.at(field).map(|list| list.items()).unwrap_or_default()
}

/// VRFConfig
pub(super) fn vrf(document: &Node<'_>, refusals: &mut Refusals<'_>) {
    link(document, refusals);
    let table = text_of(document, "table").map(str::to_ascii_lowercase);
    if table.is_some_and(|table| ["unspec", "local", "main", "default"].contains(&table.as_str())) {
        refusals.refuse(
            document,
            "table",
            "is a table that the system has for itself",
        );
    }
}

/// VethConfig: two links at once.
pub(super) fn veth(document: &Node<'_>, refusals: &mut Refusals<'_>) {
    link(document, refusals);
    let peer = document.at("peer");
    if let Some(peer) = &peer {
        link(peer, refusals);
    }
    for field in ["name", "peer.name"] {
        let is_bad = |name: &str| {
            let is_hidden = |one: char| one.is_whitespace() || one.is_control();
            name.len() > 15
                || [".", ".."].contains(&name)
                || name.contains(['/', ':'])
                || name.chars().any(is_hidden)
        };
        if text_of(document, field).is_some_and(is_bad) {
            let message =
                "is no name of a link: at most 15 characters, without blanks, `/` and `:`";
            refusals.refuse(document, field, message);
        }
    }
    let name = text_of(document, "name");
    if name.is_some() && name == text_of(document, "peer.name") {
        refusals.refuse(document, "peer.name", "is the name of the link itself");
    }
}

/// DHCPv4Config and DHCPv6Config
pub(super) fn dhcp(document: &Node<'_>, refusals: &mut Refusals<'_>) {
    let identifier = text_of(document, "clientIdentifier").map(str::to_ascii_lowercase);
    let is_by_duid = identifier.as_deref() == Some("duid");
    match (is_by_duid, is_filled(document, "duidRaw")) {
        (true, false) => refusals.require(document, "duidRaw"),
        (false, true) => {
            refusals.does_not_fit(
                document,
                "duidRaw",
                "goes with `clientIdentifier: duid` alone",
            );
        }
        _ => {}
    }
}

/// LinkAliasConfig: a name, or a pattern that ends in `%d`.
pub(super) fn alias(document: &Node<'_>, refusals: &mut Refusals<'_>) {
    let pattern = text_of(document, "name").and_then(|name| name.split_once('%'));
    if pattern.is_some_and(|(before, after)| before.is_empty() || after != "d") {
        refusals.refuse(
            document,
            "name",
            "is a pattern that does not end in `%d` behind a name",
        );
    }
}

/// RoutingRuleConfig
pub(super) fn routing_rule(document: &Node<'_>, refusals: &mut Refusals<'_>) {
    let priority = text_of(document, "name");
    let is_fit = |text: &str| {
        let is_plain = text.bytes().all(|digit| digit.is_ascii_digit());
        let priority = text.parse::<u32>().ok().filter(|_| is_plain);
        priority.is_some_and(|priority| !RESERVED_PRIORITIES.contains(&priority))
    };
    if priority.is_some_and(|text| !is_fit(text)) {
        let message = "is no priority: a number, but not 0, 32500, 32766 or 32767";
        refusals.refuse(document, "name", message);
    }
    let is = |field: &str, words: &[&str]| {
        let text = text_of(document, field).map(str::to_ascii_lowercase);
        text.is_none_or(|text| words.contains(&text.as_str()))
    };
    if is("table", &["unspec"]) && is("action", &["unspec", "unicast"]) {
        let name = document.origin();
        let message = format!(
            "`{}` has neither a `table` nor an `action` beside unicast",
            name.name()
        );
        refusals.require_one(document, "table", &message);
    }
    let number = |field: &str| {
        text_of(document, field)
            .and_then(go::whole)
            .unwrap_or_default()
    };
    if number("fwMask") != 0 && number("fwMark") == 0 {
        refusals.does_not_fit(document, "fwMask", "goes with a `fwMark` alone");
    }
}

/// No two documents are about the same link or address.
pub(super) fn claimed_names(file: &TalosFile, refusals: &mut Refusals<'_>) {
    let groups = std::iter::once(&LINKS[..]).chain(OTHERS.iter().map(|kinds| &kinds[..]));
    for kinds in groups {
        let mut seen: HashMap<&str, Node<'_>> = HashMap::new();
        for root in file.documents.roots() {
            let Some(kind) = root.kind().filter(|kind| kinds.contains(kind)) else {
                continue;
            };
            let (name, peer) = (root.at("name"), root.at("peer.name"));
            // Up to 1.13 there are no pairs. One whose two names are the same is told as such.
            let peer = peer.filter(|peer| {
                kind == "VethConfig" && peer.text() != name.as_ref().and_then(Node::text)
            });
            for node in [name, peer].into_iter().flatten() {
                let Some(name) = node.text() else { continue };
                let Some(first) = seen.get(name) else {
                    seen.insert(name, node);
                    continue;
                };
                let (first, second) = (first.origin(), node.origin());
                // Two documents of one kind and name are told as such.
                if first.field != second.field || second.name().contains(".peer.") {
                    let message = format!(
                        "`{}` and `{}` are the same name",
                        first.name(),
                        second.name()
                    );
                    refusals.tell_of_both(message, first, second);
                }
            }
        }
    }
}
