//! The bundle of an earlier run: what Talos has of its own in it must not change once a node has it,
//! or neither the node nor the new talosconfig would know the other.

use crate::cluster::{CaSlot, Cluster};
use crate::pki::{Certificate, PublicKey};
use crate::talos::Bundle;

/// What an earlier run made.
#[derive(Debug, Clone)]
pub struct Earlier {
    /// The bundle.
    pub bundle: Bundle,
    /// The CAs that its configuration of control planes accepts beside that of the bundle: where the
    /// cluster's CA was not here with its key, they alone tell whose bundle it is.
    pub accepted: Vec<Certificate>,
}

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

impl EarlierBundleError {
    /// What a person can do who wants the keys of the bundle to stay: the beginning of a sentence.
    #[must_use]
    pub fn remedy(&self) -> Option<&'static str> {
        match self {
            Self::KeyNotRead(_) => Some("Put that key where the source had it"),
            Self::AnotherKey(_) | Self::NothingInCommon => None,
        }
    }
}

impl Earlier {
    /// Whether it was made of `cluster`: whatever was read of it has the keys that are in the bundle,
    /// or is accepted beside them, and something was read, or the bundle could be any cluster's.
    ///
    /// # Errors
    ///
    /// What does not agree. Keys are compared, and certificates by theirs.
    pub fn agrees(&self, cluster: &Cluster) -> Result<(), EarlierBundleError> {
        let mut is_known = false;
        for authority in &cluster.authorities {
            let slot = authority.slot;
            let Some(read) = &authority.certificate.chosen else {
                continue;
            };
            let read = &read.value.public_key;
            let is_same = *read == self.bundle.authority(slot).certificate().public_key;
            match (is_same, cluster.has_pair(slot)) {
                (false, true) => return Err(EarlierBundleError::AnotherKey(slot.title())),
                (true, false) => return Err(EarlierBundleError::KeyNotRead(slot)),
                (true, true) => is_known = true,
                // A CA of the cluster without its key is not in the bundle.
                (false, false) => {
                    let mut accepted = self.accepted.iter();
                    is_known |= accepted.any(|accepted| accepted.public_key == *read);
                }
            }
        }
        let account = cluster.service_account.as_ref();
        let read = account.and_then(|account| account.key.chosen.as_ref());
        let earlier: &PublicKey = self.bundle.service_account.public_key();
        match read.map(|read| read.value.public_key() == earlier) {
            Some(false) => Err(EarlierBundleError::AnotherKey("service-account key")),
            None if !is_known => Err(EarlierBundleError::NothingInCommon),
            Some(true) | None => Ok(()),
        }
    }
}
