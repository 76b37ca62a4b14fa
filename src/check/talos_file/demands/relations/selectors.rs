//! Expressions that select disks, volumes and links.

use crate::check::talos_file::demands::cel::{
    self, Environment, OF_DISKS, OF_LINKS, OF_MEMBERS, OF_OOM_RANKING, OF_OOM_TRIGGER, OF_VOLUMES,
};
use crate::check::talos_file::demands::refusals::Refusals;
use crate::check::talos_file::everything_at;
use crate::talos::file::TalosFile;

static EXPRESSIONS: [(&str, &str, &Environment); 11] = [
    (
        "ExistingVolumeConfig",
        "discovery.volumeSelector.match",
        &OF_VOLUMES,
    ),
    (
        "LVMVolumeGroupConfig",
        "provisioning.volumeSelector.match",
        &OF_MEMBERS,
    ),
    ("LinkAliasConfig", "selector.match", &OF_LINKS),
    ("OOMConfig", "cgroupRankingExpression", &OF_OOM_RANKING),
    ("OOMConfig", "triggerExpression", &OF_OOM_TRIGGER),
    (
        "RAIDArrayConfig",
        "provisioning.volumeSelector.match",
        &OF_MEMBERS,
    ),
    (
        "RawVolumeConfig",
        "provisioning.diskSelector.match",
        &OF_DISKS,
    ),
    (
        "SwapVolumeConfig",
        "provisioning.diskSelector.match",
        &OF_DISKS,
    ),
    (
        "UnattendedInstallConfig",
        "provisioning.diskSelector.match",
        &OF_DISKS,
    ),
    (
        "UserVolumeConfig",
        "provisioning.diskSelector.match",
        &OF_DISKS,
    ),
    ("VolumeConfig", "provisioning.diskSelector.match", &OF_DISKS),
];

/// What an older Talos does not know of a disk.
const SINCE_1_14: &str = "disk.firmware_version";

/// Every expression can be read, and asks what is there.
pub(super) fn expressions(file: &TalosFile, refusals: &mut Refusals<'_>) {
    for (kind, path, environment) in EXPRESSIONS {
        for document in everything_at(file, kind) {
            let Some(node) = document.at(path) else {
                continue;
            };
            let text = node.text().unwrap_or_default();
            if !refusals.contract.kubernetes_documents() && text.contains(SINCE_1_14) {
                let message = format!("asks `{SINCE_1_14}`, which Talos knows from 1.14 on");
                refusals.refuse(&node, "", &message);
            } else if let Some(trouble) =
                node.text().and_then(|text| cel::trouble(text, environment))
            {
                refusals.refuse(
                    &node,
                    "",
                    &format!("is no expression that can be asked: {trouble}"),
                );
            }
        }
    }
}
