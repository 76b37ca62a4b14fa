//! RSA private keys: read, proven consistent, written as PKCS#1, generated.

use rand_core::TryCryptoRng;
use rsa::PrivateKey as RsaPrivateKey;
use rsa::pkcs1::{DecodeRsaPrivateKey, EncodeRsaPrivateKey, EncodeRsaPublicKey};

use super::Secret;
use super::private_key::KeyError;
use super::public_key::PublicKey;

/// Reads a PKCS#1 RSAPrivateKey (RFC 8017 appendix A.1.2) and proves that its parts belong
/// together: the primes multiply to the modulus, the exponents are each other's inverse.
///
/// The result is written anew, so that wrong or missing CRT values, which Go tolerates and OpenSSL
/// signs wrongly with, cannot pass.
pub(super) fn read(der: &[u8]) -> Result<(Secret<Vec<u8>>, PublicKey), KeyError> {
    let structure = pkcs1::RsaPrivateKeyRef::try_from(der)
        .map_err(|_| KeyError::Malformed("it is not a PKCS#1 RSA key".to_owned()))?;
    if structure.other_prime_infos.is_some() {
        return Err(KeyError::UnsupportedAlgorithm(
            "RSA with more than two primes".to_owned(),
        ));
    }
    let key = RsaPrivateKey::from_pkcs1_der(der).map_err(|_| {
        KeyError::Inconsistent("its modulus, primes and exponents do not fit together".to_owned())
    })?;
    encode(&key)
}

/// Generates a key of `bits` bits with the public exponent 65537.
pub(super) fn generate<R: TryCryptoRng>(
    bits: usize,
    rng: &mut R,
) -> Result<(Secret<Vec<u8>>, PublicKey), KeyError> {
    let key = RsaPrivateKey::new(rng, bits)
        .map_err(|error| KeyError::Malformed(format!("RSA key generation failed: {error}")))?;
    encode(&key)
}

fn encode(key: &RsaPrivateKey) -> Result<(Secret<Vec<u8>>, PublicKey), KeyError> {
    let failed = |_| KeyError::Malformed("its numbers cannot be encoded".to_owned());
    let private = key.to_pkcs1_der().map_err(failed)?;
    let public = key.to_public_key().to_pkcs1_der().map_err(failed)?;
    let public = PublicKey::from_pkcs1(public.as_bytes())
        .map_err(|error| KeyError::Malformed(error.to_string()))?;
    Ok((Secret::new(private.as_bytes().to_vec()), public))
}
