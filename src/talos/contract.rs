//! Version contracts: for which Talos something is written.

use std::fmt;
use std::str::FromStr;

/// A Talos version by its two first numbers. What differs between versions is asked by name; no
/// other place compares versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Contract {
    major: u32,
    minor: u32,
}

/// A text that is no Talos version.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{text:?} is not a Talos version; write it with two numbers, such as {}",
    Contract::CURRENT
)]
pub struct ContractError {
    text: String,
}

impl Contract {
    /// The version that is meant if none is named: the newest that is released.
    pub const CURRENT: Self = Self::of(1, 14);

    /// The newest version whose contract has been looked at.
    const NEWEST_KNOWN: Self = Self::of(1, 15);

    const fn of(major: u32, minor: u32) -> Self {
        Self { major, minor }
    }

    /// Whether a bundle has a secretbox key for Secrets at rest, and not an AES-CBC key.
    #[must_use]
    pub fn uses_secretbox(self) -> bool {
        self > Self::of(1, 2)
    }

    /// Whether the service-account key is RSA, and not ECDSA: AWS and others take no other.
    #[must_use]
    pub fn uses_rsa_service_account_key(self) -> bool {
        self > Self::of(1, 6)
    }

    /// Whether the machine configuration has the settings of Kubernetes in documents of their own,
    /// and not under `cluster`.
    #[must_use]
    pub fn kubernetes_documents(self) -> bool {
        self >= Self::of(1, 14)
    }

    /// Whether a control plane that runs the API server must say how Secrets are encrypted, be it
    /// not at all.
    #[must_use]
    pub fn demands_encryption(self) -> bool {
        self >= Self::of(1, 14)
    }

    /// Whether the API knows the roles `os:image:verifier` and `os:meta:writer`.
    #[must_use]
    pub fn has_verifier_and_meta_roles(self) -> bool {
        self >= Self::of(1, 13)
    }

    /// Whether this version may want something that nobody knew when this was written. Talos takes
    /// any number without a word.
    #[must_use]
    pub fn is_newer_than_known(self) -> bool {
        self > Self::NEWEST_KNOWN
    }
}

impl Default for Contract {
    fn default() -> Self {
        Self::CURRENT
    }
}

impl FromStr for Contract {
    type Err = ContractError;

    /// Reads what Talos reads, `^v(\d+)\.(\d+)($|\.)`, where the `v` may be left out. `v0.0` means
    /// the current version, as it does there.
    fn from_str(text: &str) -> Result<Self, ContractError> {
        let numbers = text.strip_prefix('v').unwrap_or(text);
        let mut parts = numbers.split('.');
        let mut number = || parts.next().and_then(number);
        match (number(), number()) {
            (Some(0), Some(0)) => Ok(Self::CURRENT),
            (Some(major), Some(minor)) => Ok(Self { major, minor }),
            _ => Err(ContractError {
                text: text.to_owned(),
            }),
        }
    }
}

/// A decimal number without a sign. One that is too large is as large as can be, as in Go.
fn number(digits: &str) -> Option<u32> {
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| digits.parse().unwrap_or(u32::MAX))
}

impl fmt::Display for Contract {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "v{}.{}", self.major, self.minor)
    }
}
