//! The bundle of an earlier run: what Talos has of its own in it must not change once a node has it,
//! or neither the node nor the new talosconfig would know the other.

use crate::cluster::{CaSlot, Cluster};
use crate::pki::PublicKey;
use crate::talos::Bundle;

/// Why the bundle of an earlier run is not this cluster's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EarlierBundleError {
    /// It has another key.
    #[error("its {0} is not that of this cluster")]
    AnotherKey(&'static str),
    /// Nothing that was read of the cluster is in it.
    #[error("it has no key of this cluster")]
    NothingInCommon,
    /// It has a key that the cluster as it was read lacks.
    #[error("it has the key of the {0}, which was not read now and would be made anew")]
    KeyNotRead(CaSlot),
}

/// Whether `bundle` was made of `cluster`: whatever was read of it has the keys that are in the bundle,
/// and something was read, or the bundle could be any cluster's.
///
/// # Errors
///
/// What does not agree. Keys are compared, and certificates by theirs.
pub fn agrees(bundle: &Bundle, cluster: &Cluster) -> Result<(), EarlierBundleError> {
    let mut is_known = false;
    for authority in &cluster.authorities {
        let slot = authority.slot;
        let earlier = &bundle.authority(slot).certificate().public_key;
        let read = authority.certificate.chosen.as_ref();
        let is_same = read.map(|read| read.value.public_key == *earlier);
        match (is_same, cluster.has_pair(slot)) {
            (Some(false), true) => return Err(EarlierBundleError::AnotherKey(slot.title())),
            (Some(true), false) => return Err(EarlierBundleError::KeyNotRead(slot)),
            (Some(true), true) => is_known = true,
            // A CA of the cluster without its key is not in the bundle.
            (Some(false) | None, _) => {}
        }
    }
    let account = cluster.service_account.as_ref();
    let read = account.and_then(|account| account.key.chosen.as_ref());
    let earlier: &PublicKey = bundle.service_account.public_key();
    match read.map(|read| read.value.public_key() == earlier) {
        Some(false) => Err(EarlierBundleError::AnotherKey("service-account key")),
        None if !is_known => Err(EarlierBundleError::NothingInCommon),
        Some(true) | None => Ok(()),
    }
}
