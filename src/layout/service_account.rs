//! The key that signs tokens of service accounts, and those by which they are checked.

use super::gather::Gathering;
use super::inventory::InventoryFile;
use super::pieces::{keys, public_keys};
use super::place::Place;
use super::trusted_files::Trust;
use crate::cluster::{Located, Material, ServiceAccount};
use crate::pki::{PrivateKey, PublicKey};

impl<'a> Gathering<'a> {
    /// The key that signs tokens, and those by which they are checked.
    pub(super) fn service_account(&mut self) -> ServiceAccount {
        let row = self.place.and_then(|place| {
            let mut rows = place.table.service_account.iter();
            let there = rows.find(|row| self.has(place.path(row.key)));
            there.or_else(|| place.table.service_account.first())
        });
        let place = self.place;
        let path = |name| place.and_then(|place| place.path(name));
        let key_path = row.and_then(|row| path(row.key));
        let public_path = row.and_then(|row| row.public).and_then(path);
        let public_path = public_path.as_deref();
        let named = self.named(key_path.as_deref());
        let mut account = if named.is_none() && self.may_tell(key_path.as_deref()) {
            self.service_account_by_content(public_path)
        } else {
            let signing = row.and_then(|row| row.signing).and_then(path);
            let has_several = row.is_some_and(|row| row.signing.is_some());
            let key = self.key_by_name(named, signing.as_deref());
            self.service_account_of(named, key, has_several, public_path)
        };
        account.key.file = key_path.or(account.key.file);
        account
    }

    /// The key in `file`; of several that of the file `signing`.
    fn key_by_name(
        &self,
        file: Option<&InventoryFile>,
        signing: Option<&str>,
    ) -> Material<PrivateKey> {
        let signing = self.named(signing).and_then(|file| file.keys().next());
        let signs = |key: &PrivateKey| {
            signing.is_some_and(|(_, signing)| signing.public_key() == key.public_key())
        };
        file.map(|file| keys(file, signs)).unwrap_or_default()
    }

    /// The service account whose `key` is in `file`, which may have others by which tokens are checked.
    fn service_account_of(
        &self,
        file: Option<&InventoryFile>,
        key: Material<PrivateKey>,
        has_several: bool,
        public_path: Option<&str>,
    ) -> ServiceAccount {
        let own = key.chosen.as_ref().map(|key| key.value.public_key());
        let mut files = self.public_files(public_path, own);
        let is_key_file = |one: &&InventoryFile| file.is_some_and(|file| file.path == one.path);
        let is_checked_by_key_file = has_several || files.iter().any(is_key_file);
        files.retain(|one| !is_key_file(one));
        let mut public_key = public_keys(&files, |key| Some(key) == own);
        if is_checked_by_key_file {
            let others = key.others.iter().map(|other| Located {
                origin: other.origin.clone(),
                value: other.value.public_key().clone(),
            });
            public_key.others.extend(others);
        }
        ServiceAccount { key, public_key }
    }

    /// The service account whose key no file has by its name.
    fn service_account_by_content(&mut self, public_path: Option<&str>) -> ServiceAccount {
        let mut files = self.public_files(public_path, None);
        let Some(own) = self.key_by_content(&files) else {
            let public_key = public_keys(&files, |_| false);
            return ServiceAccount {
                key: Material::default(),
                public_key,
            };
        };
        if files.is_empty() {
            files.extend(self.inventory.file_of_public_key(&own));
        }
        let file = self.inventory.file_of_key(|key| *key == own);
        let key = file.map(|file| keys(file, |key| *key.public_key() == own));
        let mut key = key.unwrap_or_default();
        key.by_content = key.chosen.is_some();
        // In a file of everything there are the keys of certificates, too.
        key.others.retain(|other| {
            let mut certificates = self.inventory.certificates();
            !certificates.any(|(_, one)| one.public_key == *other.value.public_key())
        });
        let public_key = public_keys(&files, |key| *key == own);
        ServiceAccount { key, public_key }
    }

    /// The files of keys by which tokens are checked: those that flags name, or else that of the
    /// layout. Flags that know neither the folder nor the `key` in it are those of another cluster.
    fn public_files(
        &self,
        public_path: Option<&str>,
        key: Option<&PublicKey>,
    ) -> Vec<&'a InventoryFile> {
        let flags = self.inventory.trusted_files.iter();
        let flags = flags.filter(|file| file.trust == Trust::Tokens);
        let flags = flags.filter_map(|file| self.named(file.path.as_deref()));
        let flags: Vec<&InventoryFile> = flags.collect();
        let root = self.place.map(Place::root).unwrap_or_default();
        let knows = |file: &&InventoryFile| {
            let keys = public_keys(&[file], |_| false);
            file.path.starts_with(root) || keys.pieces().any(|one| Some(&one.value) == key)
        };
        if !flags.is_empty() && (key.is_none() || flags.iter().any(knows)) {
            return flags;
        }
        self.named(public_path).into_iter().collect()
    }

    /// The key that signs tokens, where no file has its name. In a layout it is the one whose public
    /// half is in `public_files`: any key may lie about in a folder of keys.
    fn key_by_content(&mut self, public_files: &[&InventoryFile]) -> Option<PublicKey> {
        if self.place.is_none() {
            let origin = self.evidence().service_account.clone()?;
            let mut keys = self.inventory.keys();
            let (_, key) = keys.find(|(other, _)| **other == origin)?;
            return Some(key.public_key().clone());
        }
        let public = public_keys(public_files, |_| false);
        let is_there = |key: &&PublicKey| self.inventory.file_of_key(|one| one == *key).is_some();
        let keys = public.pieces().map(|key| &key.value).filter(is_there);
        // Of several, nothing tells which signs.
        match keys.collect::<Vec<_>>().as_slice() {
            [key] => Some((*key).clone()),
            _ => None,
        }
    }
}
