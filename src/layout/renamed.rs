//! A CA whose certificate was issued anew with its key and another name: which of the names counts.

use std::cmp::Reverse;

use super::gather::Gathering;
use super::inventory::InventoryFile;
use crate::pki::Certificate;

impl<'a> Gathering<'a> {
    /// Of CAs in `file` that are one key under several names the one that most certificates name as their
    /// issuer: a certificate does not hold under the other name.
    pub(super) fn named_by_most(&self, file: &'a InventoryFile) -> Option<&'a Certificate> {
        let all: Vec<&Certificate> = file.certificates().map(|(_, one)| one).collect();
        let is_renamed = |one: &Certificate| {
            let mut others = all.iter();
            others.any(|other| other.public_key == one.public_key && !other.is_same_authority(one))
        };
        let clients = self.inventory.kubeconfigs.iter();
        let clients = clients.filter_map(|kubeconfig| Some(&kubeconfig.client.as_ref()?.value));
        let leaves = self.inventory.certificates().map(|(_, one)| one);
        let leaves: Vec<&Certificate> = leaves
            .chain(clients)
            .filter(|leaf| !leaf.is_self_issued())
            .collect();
        let count = |one: &Certificate| {
            let named = leaves.iter().filter(|leaf| leaf.issuer == one.subject);
            named.count()
        };
        let renamed = all.iter().enumerate().filter(|(_, one)| is_renamed(one));
        let most = renamed.max_by_key(|(at, one)| (count(one), Reverse(*at)));
        most.map(|(_, one)| *one)
    }
}
