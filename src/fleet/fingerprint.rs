//! What tells whether a cluster, and what was asked for, are the same as before.

use std::fmt;

use sha2::{Digest, Sha256};

use crate::source::Tree;

/// The SHA-256 of everything in a source: paths, modes and bytes of files, and what was not read.
///
/// It lies beside what was made, readable by its owner alone. Nothing in it can be found by trying:
/// it covers private keys. Passphrases are not part of it, for what was made proves that they were right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fingerprint([u8; 32]);

impl Fingerprint {
    /// That of the files in `tree`, wherever the tree is.
    #[must_use]
    pub fn of(tree: &Tree) -> Self {
        let mut hash = Sha256::new();
        part(&mut hash, &tree.files.len().to_le_bytes());
        for file in &tree.files {
            part(&mut hash, file.path.as_bytes());
            part(&mut hash, format!("{:?}", file.mode).as_bytes());
            part(&mut hash, &file.bytes);
        }
        for skipped in &tree.skipped {
            part(&mut hash, skipped.path.as_bytes());
            part(&mut hash, skipped.reason.to_string().as_bytes());
        }
        Self(hash.finalize().into())
    }

    /// That of the file `name` that was made of the files of this one, with `bytes` in it. A token may be
    /// all that is secret in one, so that it is never hashed alone.
    #[must_use]
    pub fn of_made(self, name: &str, bytes: &[u8]) -> Self {
        let mut hash = Sha256::new();
        part(&mut hash, &self.0);
        part(&mut hash, name.as_bytes());
        part(&mut hash, bytes);
        Self(hash.finalize().into())
    }

    /// That of `settings` for the files of this one: never of settings alone, for one of them may be a
    /// token.
    #[must_use]
    pub fn of_settings(self, settings: &[(&str, String)]) -> Self {
        let mut hash = Sha256::new();
        part(&mut hash, &self.0);
        for (name, value) in settings {
            part(&mut hash, name.as_bytes());
            part(&mut hash, value.as_bytes());
        }
        Self(hash.finalize().into())
    }
}

/// Each part begins with its length, so that no two lists of parts are the same bytes.
fn part(hash: &mut Sha256, bytes: &[u8]) {
    hash.update((bytes.len() as u64).to_le_bytes());
    hash.update(bytes);
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("sha256:")?;
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}
