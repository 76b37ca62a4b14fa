//! Fresh private keys.

use rand_core::TryCryptoRng;

use super::{IssueError, random};
use crate::pki::private_key::PrivateKey;
use crate::pki::public_key::{Curve, KeyAlgorithm};
use crate::pki::rsa_key;

/// Which key to generate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyGeneration {
    /// ECDSA on P-256.
    EcdsaP256,
    /// ECDSA on P-384.
    EcdsaP384,
    /// ECDSA on P-521.
    EcdsaP521,
    /// Ed25519.
    Ed25519,
    /// RSA with this many bits. RSA-4096 takes from a tenth of a second to some seconds.
    Rsa(usize),
}

impl KeyGeneration {
    /// What the key will be.
    #[must_use]
    pub fn algorithm(self) -> KeyAlgorithm {
        match self {
            Self::EcdsaP256 => KeyAlgorithm::Ecdsa(Curve::P256),
            Self::EcdsaP384 => KeyAlgorithm::Ecdsa(Curve::P384),
            Self::EcdsaP521 => KeyAlgorithm::Ecdsa(Curve::P521),
            Self::Ed25519 => KeyAlgorithm::Ed25519,
            Self::Rsa(bits) => KeyAlgorithm::Rsa(bits),
        }
    }
}

/// Generates a private key.
pub fn generate_key<R: TryCryptoRng>(
    kind: KeyGeneration,
    rng: &mut R,
) -> Result<PrivateKey, IssueError> {
    match kind {
        KeyGeneration::EcdsaP256 => ecdsa::<32, R>(Curve::P256, rng),
        KeyGeneration::EcdsaP384 => ecdsa::<48, R>(Curve::P384, rng),
        KeyGeneration::EcdsaP521 => ecdsa::<66, R>(Curve::P521, rng),
        KeyGeneration::Ed25519 => Ok(PrivateKey::from_ed25519_seed(
            random::<32, R>(rng)?.expose(),
        )?),
        KeyGeneration::Rsa(bits) => Ok(PrivateKey::from_rsa(rsa_key::generate(bits, rng)?)),
    }
}

/// Draws until the number is one of the curve (FIPS 186-5 section A.2.2). For P-256 one in 2^32 is
/// not, for P-384 fewer.
fn ecdsa<const N: usize, R: TryCryptoRng>(
    curve: Curve,
    rng: &mut R,
) -> Result<PrivateKey, IssueError> {
    loop {
        let drawn = random::<N, R>(rng)?;
        let mut scalar = crate::pki::Wiped::new(*drawn.expose());
        if curve == Curve::P521 {
            // Its numbers have 521 bits, and 66 bytes have 528.
            scalar[0] &= 1;
        }
        if let Ok(key) = PrivateKey::from_scalar(curve, scalar.as_slice(), None) {
            return Ok(key);
        }
    }
}
