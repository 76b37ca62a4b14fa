//! How objects are encrypted at rest, as an EncryptionConfiguration says it.

use std::fmt;

use crate::pki::{Fingerprint, Secret};

/// What the source tells about encryption at rest.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum EncryptionEvidence {
    /// The API server encrypts nothing.
    Off,
    /// It has a configuration in this file by which it encrypts something, or did.
    On(String),
    /// Nothing tells how the API server is run.
    #[default]
    Unknown,
}

/// One rule: of those for a resource the first counts.
#[derive(Debug, Clone)]
pub struct EncryptionRule {
    /// For what it is, such as `secrets`.
    pub resources: Vec<String>,
    /// Its providers: the first writes, and each reads what begins with its kind and a name of its keys.
    pub providers: Vec<EncryptionProvider>,
}

/// One provider.
#[derive(Debug, Clone)]
pub struct EncryptionProvider {
    /// Its kind, such as `aescbc`.
    pub kind: String,
    /// The keys, with their names.
    pub keys: Vec<(String, Secret<String>)>,
}

impl EncryptionRule {
    /// Whether it has a provider of this kind.
    #[must_use]
    pub fn has(&self, kind: &str) -> bool {
        self.providers.iter().any(|provider| provider.kind == kind)
    }

    /// Whether it encrypts anything, or did: what was written before encryption was turned off may be
    /// encrypted still.
    #[must_use]
    pub fn encrypts(&self) -> bool {
        let mut providers = self.providers.iter();
        providers.any(|provider| !provider.is_identity())
    }

    /// Whether it is for Secrets.
    #[must_use]
    pub fn is_for_secrets(&self) -> bool {
        let mut resources = self.resources.iter();
        resources.any(|resource| covers_secrets(resource))
    }

    /// The providers of all `rules`, with the name and the fingerprint of each key.
    #[must_use]
    pub fn summary(rules: &[Self]) -> String {
        let providers = rules.iter().flat_map(|rule| &rule.providers);
        let providers = providers.map(|provider| {
            let keys = provider.keys.iter().map(|(name, secret)| {
                let secret = Fingerprint::of(secret.expose().as_bytes());
                format!(" {} ({secret})", name.escape_debug())
            });
            let kind = provider.kind.escape_debug();
            format!("{kind}{}", keys.collect::<String>())
        });
        providers.collect::<Vec<_>>().join(", ")
    }
}

/// Whether a resource of a rule means Secrets: themselves, the whole core group, or everything.
#[must_use]
pub fn covers_secrets(resource: &str) -> bool {
    matches!(resource, "secrets" | "*." | "*.*")
}

impl EncryptionProvider {
    /// Whether it leaves everything as it is.
    #[must_use]
    pub fn is_identity(&self) -> bool {
        self.kind == "identity"
    }
}

impl fmt::Display for EncryptionRule {
    /// `secrets: aescbc key1, identity`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let providers = self.providers.iter().map(ToString::to_string);
        let providers = providers.collect::<Vec<_>>().join(", ");
        write!(f, "{}: {providers}", self.resources.join(", "))
    }
}

impl fmt::Display for EncryptionProvider {
    /// The kind and the names of the keys. They are no secrets: they stand before every value.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.kind)?;
        let names: Vec<&str> = self.keys.iter().map(|(name, _)| name.as_str()).collect();
        if names.is_empty() {
            return Ok(());
        }
        write!(f, " {}", names.join(", "))
    }
}
