//! Interfaces under `machine.network`.

use std::collections::HashMap;

use crate::check::talos_file::demands::go;
use crate::check::talos_file::demands::refusals::Refusals;
use crate::check::talos_file::demands::{is_filled, is_on, text_of};
use crate::check::talos_file::everything_at;
use crate::talos::file::{Node, TalosFile};

/// An interface is told by its name or by a selector that selects something.
pub(super) fn interface(interface: &Node<'_>, refusals: &mut Refusals<'_>) {
    let selector = interface.at("deviceSelector");
    let selects = selector.is_some_and(|selector| selector.fields().next().is_some());
    if is_on(interface, "ignore") || selects || is_filled(interface, "interface") {
        return;
    }
    let origin = interface.origin();
    let message = format!(
        "`{}` has neither `interface` nor a `deviceSelector` with a value",
        origin.name()
    );
    refusals.require_one(interface, "", &message);
}

/// A route goes somewhere, or through somebody.
pub(super) fn route(route: &Node<'_>, refusals: &mut Refusals<'_>) {
    if !is_filled(route, "network") && !is_filled(route, "gateway") {
        let origin = route.origin();
        let message = format!("`{}` has neither `network` nor `gateway`", origin.name());
        refusals.require_one(route, "network", &message);
    }
}

/// A peer of WireGuard.
pub(super) fn peer(peer: &Node<'_>, refusals: &mut Refusals<'_>) {
    let has_port = |text: &str| {
        let host = text.rsplit_once(':').map_or("", |(host, _)| host);
        let inner = host
            .strip_prefix('[')
            .and_then(|host| host.strip_suffix(']'));
        let is_address = |host: &str| !host.contains(':') || go::address_with_zone(host).is_some();
        go::has_port(text) && is_address(inner.unwrap_or(host))
    };
    if text_of(peer, "endpoint").is_some_and(|text| !has_port(text)) {
        refusals.refuse(
            peer,
            "endpoint",
            "is no host with a port, as 10.0.0.1:51820",
        );
    }
}

/// Every interface is a member of one bond or bridge at most, and then has no addresses of its own.
pub(super) fn members(file: &TalosFile, refusals: &mut Refusals<'_>) {
    let interfaces = everything_at(file, "machine.network.interfaces[]");
    let mut owners: HashMap<&str, &str> = HashMap::new();
    for interface in &interfaces {
        let owner = text_of(interface, "interface").unwrap_or_default();
        for list in ["bond.interfaces", "bridge.interfaces"] {
            for member in interface
                .at(list)
                .map(|list| list.items())
                .unwrap_or_default()
            {
                let Some(name) = member.tree().text() else {
                    continue;
                };
                if owners
                    .insert(name, owner)
                    .is_some_and(|other| other != owner)
                {
                    refusals.refuse(&member, "", "is a member of another link already");
                }
            }
        }
    }
    for interface in &interfaces {
        let name = text_of(interface, "interface").unwrap_or_default();
        if !owners.contains_key(name) || is_on(interface, "ignore") {
            continue;
        }
        let with_addresses = ["addresses", "cidr", "vip"];
        let given = with_addresses.into_iter().find(|field| match *field {
            "addresses" => interface
                .at(field)
                .is_some_and(|list| !list.items().is_empty()),
            _ => is_filled(interface, field),
        });
        let given = given.or_else(|| is_on(interface, "dhcp").then_some("dhcp"));
        if let Some(field) = given {
            let message = "does not go with an interface that is a member of a bond or bridge";
            refusals.does_not_fit(interface, field, message);
        }
    }
}
