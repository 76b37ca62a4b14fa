//! The choice of an algorithm.

use clap::ValueEnum;

use crate::pki::KeyGeneration;

/// Bits of an RSA key, as Talos makes them.
const RSA_BITS: usize = 4_096;

/// Algorithms that a Talos CA may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(super) enum Algorithm {
    /// Ed25519, as Talos's own CA
    #[default]
    Ed25519,
    /// ECDSA on P-256, as Talos's CAs for Kubernetes and etcd
    EcdsaP256,
    /// ECDSA on P-384
    EcdsaP384,
    /// RSA with 4,096 bits
    Rsa,
}

impl From<Algorithm> for KeyGeneration {
    fn from(algorithm: Algorithm) -> Self {
        match algorithm {
            Algorithm::Ed25519 => Self::Ed25519,
            Algorithm::EcdsaP256 => Self::EcdsaP256,
            Algorithm::EcdsaP384 => Self::EcdsaP384,
            Algorithm::Rsa => Self::Rsa(RSA_BITS),
        }
    }
}
