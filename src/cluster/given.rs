//! Files that a person names for single slots, in place of what an import has there.

use super::{Authority, Cluster, ServiceAccount, Slot};

/// A slot that a person filled with a file of their own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Given {
    /// The slot.
    pub slot: Slot,
    /// What it takes the place of, and where that was; nothing if the key is the same.
    pub replaces: Option<String>,
}

impl Cluster {
    /// Puts the CA that a person gave into its slot.
    pub fn give_authority(&mut self, authority: Authority) {
        let given = authority.certificate.chosen.as_ref();
        let key = given.map(|given| &given.value.public_key);
        let found = self.certificate(authority.slot);
        let replaced = found.filter(|found| Some(&found.value.public_key) != key);
        self.given.push(Given {
            slot: Slot::Ca(authority.slot),
            replaces: replaced.map(|found| format!("{}: {}", found.origin, found.value)),
        });
        self.set_authority(authority);
    }

    /// Puts the service-account key that a person gave into its slot. What the cluster verifies tokens
    /// with speaks for or against it.
    pub fn give_service_account(&mut self, mut account: ServiceAccount) {
        let found = self.service_account.take().unwrap_or_default();
        let public_key = |account: &ServiceAccount| {
            let key = account.key.chosen.as_ref()?;
            Some(key.value.public_key().fingerprint())
        };
        let replaced = public_key(&found).filter(|key| public_key(&account).as_ref() != Some(key));
        let origin = found.key.chosen.as_ref().map(|key| &key.origin);
        self.given.push(Given {
            slot: Slot::ServiceAccount,
            replaces: origin
                .zip(replaced)
                .map(|(origin, key)| format!("{origin}: key {key}")),
        });
        account.public_key = found.public_key;
        self.service_account = Some(account);
    }

    /// Whether a person filled `slot`.
    #[must_use]
    pub fn is_given(&self, slot: Slot) -> bool {
        self.given.iter().any(|given| given.slot == slot)
    }
}
