//! What plays no role in a slot, and what the other files of a tree tell.

use super::inventory::Inventory;
use super::item::Content;
use super::kubeadm;
use super::pieces::located;
use super::place::Place;
use super::single_files::key_file;
use super::trusted_files;
use crate::cluster::{Authority, Cluster, Counts, EncryptionEvidence, KeyFile, Origin};
use crate::settings::{ComponentProcess, ProcessSource};

/// Adds it to `cluster`, whose slots and leaves are filled.
pub(super) fn take(cluster: &mut Cluster, inventory: Inventory, place: Option<&Place>) {
    let is_used = |origin: &Origin| {
        cluster
            .authorities
            .iter()
            .any(|authority| is_of(authority, origin))
            || cluster.leaves.iter().any(|leaf| {
                leaf.certificate
                    .as_ref()
                    .is_ok_and(|certificate| certificate.origin == *origin)
            })
    };
    let others = inventory
        .certificates()
        .filter(|(origin, _)| !is_used(origin))
        .map(located);
    let others: Vec<_> = others.collect();
    let keys = inventory.files.iter().filter(|file| file.has_private_key());
    cluster.key_files = keys
        .map(key_file)
        .chain(
            inventory
                .kubeconfigs_with_key
                .iter()
                .map(|(path, mode)| KeyFile {
                    path: path.clone(),
                    mode: *mode,
                }),
        )
        .collect();
    cluster.other_certificates = others;
    if has_lost_key(cluster) {
        // Reading every key takes its time, so only when one has lost its certificate.
        cluster.other_keys = inventory.keys().map(located).collect();
    }
    let is_known = |content: &Content| !matches!(content, Content::Other);
    cluster.counts = Counts {
        certificates_and_keys: inventory
            .files
            .iter()
            .flat_map(|file| &file.items)
            .filter(|item| is_known(&item.content))
            .count(),
        static_pods: inventory.static_pods,
    };
    if let Some(process) = &inventory.api_server {
        take_api_server(cluster, process);
    }
    let mut configurations = inventory.encryption.into_iter();
    if let EncryptionEvidence::On(_) = &cluster.encryption {
        // A backup has a file of the same name, which says nothing.
        let in_use = inventory.encryption_in_use.as_ref();
        if let Some(found) = configurations.find(|found| Some(&found.path) == in_use) {
            if found.evidence == EncryptionEvidence::Off {
                cluster.encryption = found.evidence;
            }
            cluster.encryption_rules = Some(found.rules);
        }
    } else if let (EncryptionEvidence::Unknown, Some(place)) = (&cluster.encryption, place)
        // Without a static pod the distribution knows where the configuration would be.
        && let Some(path) = place.table.encryption.and_then(|name| place.path(name))
        && let Some(found) = configurations.find(|found| found.path == path)
    {
        cluster.encryption = found.evidence;
        cluster.encryption_rules = Some(found.rules);
    }
    cluster.kubeconfigs = inventory.kubeconfigs;
    let rows = place.map_or(kubeadm::KUBECONFIGS, |place| place.table.kubeconfigs);
    for kubeconfig in &mut cluster.kubeconfigs {
        let path = &kubeconfig.path;
        let role = rows.iter().find(|(_, name)| match place {
            Some(place) => place.path(name).as_ref() == Some(path),
            None => file_name(path) == file_name(name),
        });
        kubeconfig.role = role.map(|(role, _)| *role);
    }
    // Static pods of another distribution, such as kops, name what its nodes have, and not the source.
    let names_its_files = place.is_some_and(|place| place.table.runs_static_pods);
    let named = inventory.named.into_iter();
    let named = named.filter(|named| names_its_files || named.file.is_some());
    cluster.named = named.collect();
    cluster.cut_off = inventory.cut_off;
    cluster.unread = inventory.unread;
    let missed = trusted_files::missed(&inventory.trusted_files, cluster);
    cluster.unread.extend(missed);
}

/// What a distribution sets by itself tells of the distribution, not of this node.
fn take_api_server(cluster: &mut Cluster, process: &ComponentProcess) {
    let is_of_node = process.source != ProcessSource::Distribution;
    cluster.encryption = match process.flag("encryption-provider-config") {
        Some(path) => EncryptionEvidence::On(path.to_owned()),
        None if is_of_node => EncryptionEvidence::Off,
        None => EncryptionEvidence::Unknown,
    };
    if is_of_node {
        let signer = process.flag("service-account-signing-endpoint");
        cluster.token_signer = signer.map(str::to_owned);
        // The first issuer signs; tokens of the others are accepted.
        let mut issuers = process.values("service-account-issuer").map(str::to_owned);
        cluster.issuer = issuers.next();
        cluster.accepted_issuers = issuers.collect();
    }
}

fn file_name(path: &str) -> Option<&str> {
    path.rsplit('/').next()
}

fn is_of(authority: &Authority, origin: &Origin) -> bool {
    let mut pieces = authority.certificate.pieces();
    pieces.any(|piece| piece.origin == *origin)
}

fn has_lost_key(cluster: &Cluster) -> bool {
    cluster.authorities.iter().any(|authority| {
        match (&authority.certificate.chosen, &authority.key.chosen) {
            (Some(certificate), Some(key)) => {
                certificate.value.public_key != *key.value.public_key()
            }
            (Some(_), None) => true,
            _ => false,
        }
    })
}
