//! Names, time, name servers and the firewall.

use crate::check::talos_file::demands::go;
use crate::check::talos_file::demands::refusals::Refusals;
use crate::check::talos_file::demands::{is_filled, is_on, text_of};
use crate::check::talos_file::everything_at;
use crate::talos::file::{Node, TalosFile};

/// `hostname` goes with `auto: off` alone, and one of them has to be there.
pub(super) fn host_name(document: &Node<'_>, refusals: &mut Refusals<'_>) {
    let (auto, name) = (text_of(document, "auto"), text_of(document, "hostname"));
    let auto = auto.map(str::to_ascii_lowercase);
    match (auto.as_deref(), name) {
        (None, None) => {
            let origin = document.origin();
            let message = format!("`{}` has neither `auto` nor `hostname`", origin.name());
            refusals.require_one(document, "", &message);
        }
        (Some("stable"), Some(_)) => refusals.clash(document, "auto", "hostname"),
        (Some(word), _) if !["stable", "off"].contains(&word) => {
            refusals.refuse(document, "auto", "is neither `stable` nor `off`");
        }
        (_, Some(name)) => {
            let first = name.split('.').next().unwrap_or_default();
            let told = "begins with no name of 1 to 63 characters, or is longer than 253";
            if name.len() > 253 || !(1..=63).contains(&first.len()) {
                refusals.refuse(document, "hostname", told);
            }
        }
        (Some(_), None) => {}
    }
}

/// TimeSyncConfig: the certificates of NTS are for names.
pub(super) fn time_sync(document: &Node<'_>, refusals: &mut Refusals<'_>) {
    if !is_on(document, "ntp.useNTS") {
        return;
    }
    for server in document
        .at("ntp.servers")
        .map(|list| list.items())
        .unwrap_or_default()
    {
        if server
            .text()
            .is_some_and(|text| go::address(text).is_some())
        {
            refusals.refuse(&server, "", "is an address, and NTS needs names");
        }
    }
}

/// ResolverConfig
pub(super) fn resolver(document: &Node<'_>, refusals: &mut Refusals<'_>) {
    if let Some(settings) = document.at("hostDNS") {
        host_dns(
            &settings,
            &["forwardKubeDNSToHost", "resolveMemberNames"],
            refusals,
        );
    }
    if !refusals.contract.kubernetes_documents() {
        return;
    }
    for server in document
        .at("nameservers")
        .map(|list| list.items())
        .unwrap_or_default()
    {
        if !is_filled(&server, "address") {
            refusals.require(&server, "address");
        }
        match (is_encrypted(&server), is_filled(&server, "tlsServerName")) {
            (true, false) => refusals.require(&server, "tlsServerName"),
            (false, true) => refusals.does_not_fit(
                &server,
                "tlsServerName",
                "goes with `protocol: DoT` or `DoH` alone",
            ),
            _ => {}
        }
    }
}

fn is_encrypted(server: &Node<'_>) -> bool {
    text_of(server, "protocol")
        .is_some_and(|protocol| ["dot", "doh"].contains(&protocol.to_ascii_lowercase().as_str()))
}

/// `machine.features.hostDNS`
pub(super) fn legacy_host_dns(settings: &Node<'_>, refusals: &mut Refusals<'_>) {
    host_dns(settings, &["forwardKubeDNSToHost"], refusals);
}

fn host_dns(settings: &Node<'_>, needing: &[&str], refusals: &mut Refusals<'_>) {
    if is_on(settings, "enabled") {
        return;
    }
    for field in needing.iter().filter(|field| is_on(settings, field)) {
        refusals.does_not_fit(settings, field, "goes with `enabled: true` alone");
    }
}

/// Name servers that are asked through TLS need Talos's own resolver.
pub(super) fn encrypted_dns(file: &TalosFile, refusals: &mut Refusals<'_>) {
    let is_host_dns_on = ["ResolverConfig.hostDNS", "machine.features.hostDNS"]
        .into_iter()
        .flat_map(|path| everything_at(file, path))
        .any(|settings| is_on(&settings, "enabled"));
    if is_host_dns_on || !refusals.contract.kubernetes_documents() {
        return;
    }
    let servers = everything_at(file, "ResolverConfig.nameservers[]");
    if let Some(server) = servers.iter().find(|server| is_encrypted(server)) {
        refusals.does_not_fit(
            server,
            "protocol",
            "goes with `hostDNS.enabled: true` alone",
        );
    }
}

/// Ports of the firewall: numbers and ranges that do not overlap.
pub(super) fn ports(selector: &Node<'_>, refusals: &mut Refusals<'_>) {
    let mut seen: Vec<(u16, u16)> = Vec::new();
    for item in selector
        .at("ports")
        .map(|list| list.items())
        .unwrap_or_default()
    {
        let Some(text) = item.tree().text() else {
            continue;
        };
        let Some(range) = range(&item, text) else {
            refusals.refuse(&item, "", "is no port, and no range as 1000-2000");
            continue;
        };
        let overlaps = |(low, high): &(u16, u16)| *low <= range.1 && range.0 <= *high;
        if range.0 > range.1 {
            refusals.refuse(&item, "", "is a range that ends before it begins");
        } else if seen.iter().any(overlaps) {
            refusals.refuse(&item, "", "overlaps another one");
        } else {
            seen.push(range);
        }
    }
}

fn range(item: &Node<'_>, text: &str) -> Option<(u16, u16)> {
    let port = |text: &str| {
        let is_plain = text.bytes().all(|digit| digit.is_ascii_digit());
        text.parse::<u16>().ok().filter(|_| is_plain)
    };
    match text.split_once('-') {
        Some((low, high)) => Some((port(low)?, port(high)?)),
        None if matches!(item.tree(), crate::talos::yaml_tree::Tree::Plain(_)) => {
            let port = u16::try_from(go::whole(text)?).ok()?;
            Some((port, port))
        }
        None => None,
    }
}
