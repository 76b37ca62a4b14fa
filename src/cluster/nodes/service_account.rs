//! The service-account key of a cluster that was read from several nodes.

use super::materials;
use super::{Nodes, SERVICE_ACCOUNT_KEY, disagreement};
use crate::cluster::{Cluster, Located, Material, ServiceAccount};
use crate::pki::{PrivateKey, PublicKey};

/// The first key; another one is noted.
pub(super) fn join(clusters: &mut [Cluster], nodes: &mut Nodes) -> Option<ServiceAccount> {
    let accounts = clusters
        .iter_mut()
        .map(|cluster| cluster.service_account.take());
    let accounts: Vec<Option<ServiceAccount>> = accounts.collect();
    if accounts.iter().all(Option::is_none) {
        return None;
    }
    let accounts = accounts.into_iter().map(Option::unwrap_or_default);
    let (keys, public_keys): (Vec<_>, Vec<_>) = accounts
        .map(|account| (account.key, account.public_key))
        .unzip();
    let shown = |key: &PublicKey| format!("{}, key id {}", key.algorithm(), key.key_id());
    let of_key =
        |material: &Material<PrivateKey>| Some(shown(material.chosen.as_ref()?.value.public_key()));
    let of_public_key =
        |material: &Material<PublicKey>| Some(shown(&material.chosen.as_ref()?.value));
    let differs = disagreement(SERVICE_ACCOUNT_KEY, nodes, keys.iter().map(of_key));
    let differs = differs.or_else(|| {
        let values = public_keys.iter().map(of_public_key);
        disagreement("public service-account key", nodes, values)
    });
    nodes.disagreements.extend(differs);
    let mut copies = Vec::new();
    let mut note = |origin: String, what: &str| copies.push((origin, what.to_owned()));
    let first = keys.iter().position(|material| material.chosen.is_some());
    let key = materials::join(
        keys,
        first.unwrap_or_default(),
        &mut |_, other: Located<PrivateKey>, ours: &Located<PrivateKey>| {
            if other.value.public_key() == ours.value.public_key() {
                note(other.origin.to_string(), SERVICE_ACCOUNT_KEY);
            }
            None
        },
        |one, other| one.public_key() == other.public_key(),
    );
    let first = public_keys
        .iter()
        .position(|material| material.chosen.is_some());
    let public_key = materials::join(
        public_keys,
        first.unwrap_or_default(),
        &mut |_, other: Located<PublicKey>, ours: &Located<PublicKey>| {
            if other.value == ours.value {
                note(other.origin.to_string(), "public service-account key");
            }
            None
        },
        |one, other| one == other,
    );
    nodes.copies.extend(copies);
    Some(ServiceAccount { key, public_key })
}
