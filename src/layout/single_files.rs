//! Pieces from files that a person named one by one, and from the fields of another file.

use super::inventory::InventoryFile;
use super::pieces::{Preferred, keys, pair};
use crate::cluster::{Authority, CaSlot, KeyFile, Material, Origin, ServiceAccount};
use crate::pki::Secret;
use crate::source::SourceFile;

/// An authority from the files that a person named for its certificate and key, and those of them with
/// a private key.
#[must_use]
pub fn authority_from_files(
    slot: CaSlot,
    certificate: &SourceFile,
    key: &SourceFile,
    passphrase: Option<&Secret<String>>,
) -> (Authority, Vec<KeyFile>) {
    let files = [certificate, key].map(|file| InventoryFile::of(file, passphrase));
    let (certificate, key) = pair(Some(&files[0]), Some(&files[1]), Preferred::Renewed);
    let with_key = files.iter().filter(|file| file.has_private_key());
    let key_files = with_key.map(key_file).collect();
    let authority = Authority {
        slot,
        certificate,
        key,
    };
    (authority, key_files)
}

pub(super) fn key_file(file: &InventoryFile) -> KeyFile {
    KeyFile {
        path: file.path.clone(),
        mode: file.mode,
    }
}

/// The service-account key from a file that a person named, and the file if there is a private key in it.
#[must_use]
pub fn service_account_from_file(
    file: &SourceFile,
    passphrase: Option<&Secret<String>>,
) -> (ServiceAccount, Option<KeyFile>) {
    let file = InventoryFile::of(file, passphrase);
    let (key, public_key) = (keys(&file, |_| false), Material::default());
    // Its public half is no secret.
    let key_file = file.has_private_key().then(|| key_file(&file));
    (ServiceAccount { key, public_key }, key_file)
}

/// An authority from the fields of another file, each PEM.
pub(super) fn authority_from_pem(
    slot: CaSlot,
    certificate: Option<(Origin, &[u8])>,
    key: Option<(Origin, &[u8])>,
) -> Authority {
    let read = |(origin, bytes)| InventoryFile::of_bytes(origin, bytes, None);
    let (certificate_field, key_field) = (certificate.map(read), key.map(read));
    let (certificate, key) = pair(
        certificate_field.as_ref(),
        key_field.as_ref(),
        Preferred::First,
    );
    Authority {
        slot,
        certificate,
        key,
    }
}

/// The service-account key from a field of another file.
pub(super) fn service_account_from_pem(key: Option<(Origin, &[u8])>) -> ServiceAccount {
    let field = key.map(|(origin, bytes)| InventoryFile::of_bytes(origin, bytes, None));
    let key = field
        .map(|field| keys(&field, |_| false))
        .unwrap_or_default();
    ServiceAccount {
        key,
        public_key: Material::default(),
    }
}
