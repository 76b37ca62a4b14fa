//! Volumes on disks.

use super::machine::keys;
use crate::check::talos_file::demands::go::{self, Size};
use crate::check::talos_file::demands::refusals::Refusals;
use crate::check::talos_file::demands::{is_filled, is_on, text_of};
use crate::talos::file::Node;

/// Volumes that Talos has, and those that it has since 1.14.
const OLD: [&str; 3] = ["STATE", "EPHEMERAL", "IMAGECACHE"];
const NEW: [&str; 4] = ["ETCD", "CRI", "KUBELET", "LOG"];

/// `encryption`
pub(super) fn encryption(section: &Node<'_>, refusals: &mut Refusals<'_>) {
    let provider = text_of(section, "provider").unwrap_or("none");
    let has_keys = section
        .at("keys")
        .is_some_and(|list| !list.items().is_empty());
    if provider == "none" && !has_keys {
        return;
    }
    if provider == "none" {
        if is_filled(section, "provider") {
            refusals.refuse(section, "provider", "is not `luks2`");
        } else {
            refusals.require(section, "provider");
        }
    }
    keys(section, refusals);
    for key in section
        .at("keys")
        .map(|list| list.items())
        .unwrap_or_default()
    {
        let registers = key
            .at("tpm.options.pcrs")
            .map(|list| list.items())
            .unwrap_or_default();
        for register in registers {
            let number = register.text().and_then(go::whole);
            if number.is_some_and(|number| !(0..=23).contains(&number)) {
                refusals.refuse(&register, "", "is no number from 0 to 23");
            }
        }
    }
}

/// The size in a field, if it is one.
pub(super) fn size_of(node: &Node<'_>, field: &str) -> Option<Size> {
    Size::of(text_of(node, field)?)
}

/// `provisioning` of a volume that must have a size.
pub(super) fn sizes(section: &Node<'_>, refusals: &mut Refusals<'_>) {
    limits(section, refusals, true);
}

fn limits(section: &Node<'_>, refusals: &mut Refusals<'_>, is_required: bool) {
    let [least, most] = ["minSize", "maxSize"].map(|field| size_of(section, field));
    if let (Some(least), Some(most)) = (least, most)
        && !most.is_relative
        && !most.is_negative
        && least.amount > most.amount
    {
        refusals.refuse(section, "minSize", "is more than `maxSize`");
    }
    let is_set = |field: &str| is_filled(section, field);
    if is_required && !is_set("minSize") && !is_set("maxSize") {
        let name = section.origin();
        let message = format!("`{}` has neither `minSize` nor `maxSize`", name.name());
        refusals.require_one(section, "minSize", &message);
    }
    if least.is_some_and(|least| least.is_negative) {
        refusals.refuse(section, "minSize", "is negative");
    }
}

/// UserVolumeConfig
pub(super) fn user_volume(document: &Node<'_>, refusals: &mut Refusals<'_>) {
    let kind = match document.at("volumeType") {
        None => "partition",
        Some(_) => text_of(document, "volumeType").unwrap_or_default(),
    };
    let provisioning = document.at("provisioning");
    match kind {
        "directory" => {
            directory(document, refusals);
            return;
        }
        "partition" | "disk" => {}
        _ => {
            refusals.refuse(
                document,
                "volumeType",
                "is none of partition, disk, directory",
            );
            return;
        }
    }
    if !is_filled(document, "provisioning.diskSelector.match") {
        refusals.require(document, "provisioning.diskSelector.match");
    }
    if kind == "partition" {
        match &provisioning {
            Some(section) => limits(section, refusals, true),
            None => refusals.require(document, "provisioning.minSize"),
        }
    } else if let Some(section) = &provisioning {
        for field in ["minSize", "maxSize", "grow"] {
            if is_filled(section, field) {
                refusals.does_not_fit(section, field, "does not go with `volumeType: disk`");
            }
        }
    }
    filesystem(document, refusals);
    if let Some(section) = document.at("encryption") {
        encryption(&section, refusals);
    }
}

fn directory(document: &Node<'_>, refusals: &mut Refusals<'_>) {
    let of_mount: &[&str] = if refusals.contract.kubernetes_documents() {
        &["mount.disableAccessTime"]
    } else {
        &["mount.disableAccessTime", "mount.secure"]
    };
    let others = [
        "provisioning.diskSelector.match",
        "provisioning.grow",
        "provisioning.minSize",
        "provisioning.maxSize",
        "encryption.keys",
        "filesystem.projectQuotaSupport",
        "filesystem.xfs",
    ];
    let mut given: Vec<&str> = others.iter().chain(of_mount).copied().collect();
    given.retain(|field| {
        document.at(field).is_some_and(|node| match *field {
            "encryption.keys" => !node.items().is_empty(),
            _ => node.tree().text() != Some(""),
        })
    });
    let named = [("encryption.provider", "none"), ("filesystem.type", "none")];
    let named = named
        .into_iter()
        .filter(|(field, none)| text_of(document, field).is_some_and(|text| text != *none));
    given.extend(named.map(|(field, _)| field));
    for field in given {
        refusals.does_not_fit(document, field, "does not go with `volumeType: directory`");
    }
}

fn filesystem(document: &Node<'_>, refusals: &mut Refusals<'_>) {
    let Some(section) = document.at("filesystem") else {
        return;
    };
    let kind = text_of(&section, "type").unwrap_or("none");
    let mut known = vec!["none", "xfs", "ext4"];
    known.extend(refusals.contract.kubernetes_documents().then_some("btrfs"));
    if !known.contains(&kind) {
        refusals.refuse(
            &section,
            "type",
            &format!("is none of {}", known.join(", ")),
        );
        return;
    }
    // Without a type it is xfs.
    if ["none", "xfs"].contains(&kind) {
        return;
    }
    if is_on(&section, "projectQuotaSupport") {
        refusals.does_not_fit(
            &section,
            "projectQuotaSupport",
            "goes with `type: xfs` alone",
        );
    }
    if section.at("xfs").is_some() {
        refusals.does_not_fit(&section, "xfs", "goes with `type: xfs` alone");
    }
}

/// VolumeConfig
pub(super) fn system_volume(document: &Node<'_>, refusals: &mut Refusals<'_>) {
    let is_new = refusals.contract.kubernetes_documents();
    let name = text_of(document, "name").unwrap_or_default();
    let mut known = OLD.to_vec();
    known.extend(NEW.iter().filter(|_| is_new));
    if !known.contains(&name) {
        refusals.refuse(
            document,
            "name",
            &format!("is none of {}", known.join(", ")),
        );
        return;
    }
    let provisioning = document.at("provisioning");
    let fields = ["diskSelector.match", "grow", "minSize", "maxSize"];
    let is_provisioned = provisioning
        .as_ref()
        .is_some_and(|section| fields.iter().any(|field| is_filled(section, field)));
    let mounts = ["mount.secure", "mount.disableAccessTime"];
    let mount = mounts.into_iter().find(|field| is_filled(document, field));
    let forbids_mount = match name {
        "STATE" | "IMAGECACHE" => is_new,
        "EPHEMERAL" => false,
        _ => !is_provisioned,
    };
    if let Some(field) = mount.filter(|_| forbids_mount) {
        refusals.does_not_fit(
            document,
            field,
            &format!("does not go with the volume {name}"),
        );
    }
    if name == "IMAGECACHE" && document.at("filesystem.xfs").is_some() {
        refusals.does_not_fit(
            document,
            "filesystem.xfs",
            "does not go with the volume IMAGECACHE",
        );
    }
    if name == "STATE" {
        if is_provisioned {
            refusals.does_not_fit(
                document,
                "provisioning",
                "does not go with the volume STATE",
            );
        }
        for key in document
            .at("encryption.keys")
            .map(|list| list.items())
            .unwrap_or_default()
        {
            if is_on(&key, "lockToState") {
                refusals.does_not_fit(&key, "lockToState", "does not go with the volume STATE");
            }
        }
    }
    if let Some(section) = &provisioning {
        limits(section, refusals, false);
    }
    if let Some(section) = document.at("encryption") {
        encryption(&section, refusals);
    }
}
