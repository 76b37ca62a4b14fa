//! Sections under `machine`.

use std::collections::HashSet;

use crate::check::talos_file::demands::go;
use crate::check::talos_file::demands::refusals::Refusals;
use crate::check::talos_file::demands::value::Demand;
use crate::check::talos_file::demands::words::ROLE;
use crate::check::talos_file::demands::{is_filled, is_off, is_on, text_of};
use crate::talos::file::{Machine, Node};

/// The least MTU of KubeSpan's link.
const LEAST_MTU: i128 = 1_280;

/// Kinds of keys for a disk.
const KEYS: [&str; 4] = ["static", "nodeID", "kms", "tpm"];

/// Kinds of disks.
const DISKS: [&str; 4] = ["nvme", "sd", "hdd", "ssd"];

/// `machine`
pub(super) fn machine(machine: &Node<'_>, refusals: &mut Refusals<'_>) {
    let algorithm = text_of(machine, "features.nodeAddressSortAlgorithm");
    if algorithm.is_some_and(|word| !["v1", "v2"].contains(&word.to_ascii_lowercase().as_str())) {
        let field = "features.nodeAddressSortAlgorithm";
        refusals.refuse(machine, field, "is neither `v1` nor `v2`");
    }
}

/// `machine.install`
pub(super) fn install(section: &Node<'_>, refusals: &mut Refusals<'_>) {
    let selector = section.at("diskSelector");
    if selector.is_none() && !is_filled(section, "disk") {
        let name = section.origin();
        let message = format!("`{}` has neither `disk` nor `diskSelector`", name.name());
        refusals.require_one(section, "disk", &message);
    }
    if let Some(selector) = &selector {
        if is_filled(selector, "name") {
            refusals.refuse(selector, "name", "is not supported");
        }
        if text_of(selector, "type").is_some_and(|kind| !DISKS.contains(&kind)) {
            refusals.refuse(
                selector,
                "type",
                &format!("is none of {}", DISKS.join(", ")),
            );
        }
    }
    let has_arguments = section
        .at("extraKernelArgs")
        .is_some_and(|list| !list.items().is_empty());
    if has_arguments && is_on(section, "grubUseUKICmdline") {
        refusals.clash(section, "extraKernelArgs", "grubUseUKICmdline");
    }
    let mut seen = HashSet::new();
    for extension in section
        .at("extensions")
        .map(|list| list.items())
        .unwrap_or_default()
    {
        if !seen.insert(text_of(&extension, "image").unwrap_or_default()) {
            refusals.refuse(&extension, "", "is there twice");
        }
    }
}

/// Of the partitions of a disk, the last may take what is left.
pub(super) fn disk(disk: &Node<'_>, refusals: &mut Refusals<'_>) {
    let partitions = disk
        .at("partitions")
        .map(|list| list.items())
        .unwrap_or_default();
    let Some((_, others)) = partitions.split_last() else {
        return;
    };
    for partition in others {
        let size = partition
            .at("size")
            .and_then(|size| go::bytes(size.tree().text()?));
        if partition.at("size").is_none() || size == Some(0.0) {
            let message = "has no size, and is not the last partition of its disk";
            refusals.refuse(partition, "", message);
        }
    }
}

/// `machine.network.kubespan`, of which nothing is asked where it is off.
pub(super) fn kubespan(section: &Node<'_>, refusals: &mut Refusals<'_>) {
    if !is_on(section, "enabled") {
        return;
    }
    let mtu = text_of(section, "mtu").and_then(go::whole);
    if mtu.is_some_and(|mtu| mtu != 0 && mtu < LEAST_MTU) {
        refusals.refuse(section, "mtu", "is less than 1280");
    }
    let lists = [
        ("filters.endpoints", Demand::Subnet),
        ("filters.excludeAdvertisedNetworks", Demand::Network),
    ];
    for (list, demand) in lists {
        for item in section
            .at(list)
            .map(|list| list.items())
            .unwrap_or_default()
        {
            if !demand.fits(item.tree()) {
                refusals.refuse(&item, "", &format!("is {}", demand.in_words()));
            }
        }
    }
}

/// `machine.features.kubernetesTalosAPIAccess`
pub(super) fn api_access(section: &Node<'_>, refusals: &mut Refusals<'_>) {
    if !is_on(section, "enabled") {
        return;
    }
    if refusals.machine == Machine::Worker {
        refusals.refuse(section, "enabled", "is for control planes alone");
    }
    for role in section
        .at("allowedRoles")
        .map(|list| list.items())
        .unwrap_or_default()
    {
        if !ROLE.fits(role.tree()) {
            refusals.refuse(&role, "", "is no role that Talos knows");
        }
    }
}

/// The keys of one partition under `machine.systemDiskEncryption`.
pub(super) fn disk_encryption(section: &Node<'_>, refusals: &mut Refusals<'_>) {
    keys(section, refusals);
}

/// Keys in slots of their own.
pub(super) fn keys(section: &Node<'_>, refusals: &mut Refusals<'_>) {
    let keys = section
        .at("keys")
        .map(|list| list.items())
        .unwrap_or_default();
    if keys.is_empty() {
        refusals.require(section, "keys");
    }
    let mut slots = HashSet::new();
    for key in keys {
        let slot = text_of(&key, "slot")
            .and_then(go::whole)
            .unwrap_or_default();
        if !slots.insert(slot) {
            refusals.refuse(&key, "", "is in the slot of another key");
        }
        if !KEYS.iter().any(|kind| key.at(kind).is_some()) {
            let name = key.origin();
            let message = format!("`{}` has none of {}", name.name(), KEYS.join(", "));
            refusals.require_one(&key, "nodeID", &message);
        }
    }
}

/// `persist`, which stands beside `machine`.
pub(super) fn persist(main: &Node<'_>, refusals: &mut Refusals<'_>) {
    if is_off(main, "persist") {
        refusals.refuse(main, "persist", "is off, which Talos no longer knows");
    }
}
