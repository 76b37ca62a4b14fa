//! Signature algorithms, and whether a signature is good.

use std::fmt;

use ed25519_dalek::Verifier;
use md5::Md5;
use rsa::traits::SignatureScheme;
use rsa::{BoxedUint, Pkcs1v15Sign, Pss, PublicKey as RsaPublicKey};
use sha1::Sha1;
use sha2::{Digest, Sha224, Sha256, Sha384, Sha512};
use x509_parser::signature_algorithm::SignatureAlgorithm as ParsedAlgorithm;
use x509_parser::x509::AlgorithmIdentifier;

use super::public_key::{Curve, KeyAlgorithm, PublicKey};

/// RSA moduli, in bits, that a signature is checked with. Go's TLS stops at 8,192; a
/// larger one costs seconds.
pub(super) const RSA_BITS: std::ops::RangeInclusive<usize> = 512..=16_384;

/// The hash function of a signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Hash {
    /// MD5, broken.
    Md5,
    /// SHA-1, broken.
    Sha1,
    /// SHA-224, which Go does not verify certificates with.
    Sha224,
    /// SHA-256.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Md5 => "MD5",
            Self::Sha1 => "SHA-1",
            Self::Sha224 => "SHA-224",
            Self::Sha256 => "SHA-256",
            Self::Sha384 => "SHA-384",
            Self::Sha512 => "SHA-512",
        })
    }
}

/// How a certificate was signed.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum SignatureAlgorithm {
    /// ECDSA (RFC 5758).
    Ecdsa(Hash),
    /// Ed25519 (RFC 8410).
    Ed25519,
    /// RSA PKCS#1 v1.5 (RFC 8017 section 8.2).
    Rsa(Hash),
    /// RSASSA-PSS (RFC 4055), with the length of the salt in bytes.
    RsaPss(Hash, usize),
    /// Anything else, by its name or object identifier.
    Other(String),
}

impl SignatureAlgorithm {
    pub(super) fn of(algorithm: &AlgorithmIdentifier<'_>) -> Self {
        let oid = algorithm.algorithm.to_id_string();
        match oid.as_str() {
            "1.2.840.113549.1.1.4" => Self::Rsa(Hash::Md5),
            "1.2.840.113549.1.1.5" => Self::Rsa(Hash::Sha1),
            "1.2.840.113549.1.1.11" => Self::Rsa(Hash::Sha256),
            "1.2.840.113549.1.1.12" => Self::Rsa(Hash::Sha384),
            "1.2.840.113549.1.1.13" => Self::Rsa(Hash::Sha512),
            "1.2.840.113549.1.1.14" => Self::Rsa(Hash::Sha224),
            "1.2.840.10045.4.1" => Self::Ecdsa(Hash::Sha1),
            "1.2.840.10045.4.3.1" => Self::Ecdsa(Hash::Sha224),
            "1.2.840.10045.4.3.2" => Self::Ecdsa(Hash::Sha256),
            "1.2.840.10045.4.3.3" => Self::Ecdsa(Hash::Sha384),
            "1.2.840.10045.4.3.4" => Self::Ecdsa(Hash::Sha512),
            "1.3.101.112" => Self::Ed25519,
            "1.3.101.113" => Self::Other("Ed448".to_owned()),
            "1.2.840.10040.4.3" => Self::Other("DSA with SHA-1".to_owned()),
            "2.16.840.1.101.3.4.3.2" => Self::Other("DSA with SHA-256".to_owned()),
            "1.2.840.113549.1.1.10" => {
                let (hash, salt) = pss_parameters(algorithm);
                Self::RsaPss(hash, salt)
            }
            _ => Self::Other(oid),
        }
    }
}

impl fmt::Display for SignatureAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ecdsa(hash) => write!(f, "ECDSA with {hash}"),
            Self::Ed25519 => f.write_str("Ed25519"),
            Self::Rsa(hash) => write!(f, "RSA with {hash}"),
            Self::RsaPss(hash, _) => write!(f, "RSA-PSS with {hash}"),
            Self::Other(name) => f.write_str(name),
        }
    }
}

/// Why a signature is not accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// The signature is not by this key over these bytes.
    #[error("the signature is not by this key")]
    Bad,
    /// Signatures of this kind cannot be checked here.
    #[error("a signature by {0} cannot be checked")]
    Unsupported(String),
}

/// Checks `signature` over `message` with the public key `signer`.
pub(super) fn verify(
    signer: &PublicKey,
    algorithm: &SignatureAlgorithm,
    message: &[u8],
    signature: &[u8],
) -> Result<(), SignatureError> {
    let good = match (algorithm, signer.algorithm()) {
        (SignatureAlgorithm::Rsa(hash), KeyAlgorithm::Rsa(_)) => {
            let digest = digest(*hash, message);
            let scheme = match hash {
                Hash::Md5 => Pkcs1v15Sign::new::<Md5>(),
                Hash::Sha1 => Pkcs1v15Sign::new::<Sha1>(),
                Hash::Sha224 => Pkcs1v15Sign::new::<Sha224>(),
                Hash::Sha256 => Pkcs1v15Sign::new::<Sha256>(),
                Hash::Sha384 => Pkcs1v15Sign::new::<Sha384>(),
                Hash::Sha512 => Pkcs1v15Sign::new::<Sha512>(),
            };
            verify_rsa(signer, scheme, &digest, signature)
        }
        (SignatureAlgorithm::RsaPss(hash, salt), KeyAlgorithm::Rsa(_)) => {
            let digest = digest(*hash, message);
            match hash {
                Hash::Sha256 => verify_rsa(
                    signer,
                    Pss::<Sha256>::new_with_salt(*salt),
                    &digest,
                    signature,
                ),
                Hash::Sha384 => verify_rsa(
                    signer,
                    Pss::<Sha384>::new_with_salt(*salt),
                    &digest,
                    signature,
                ),
                Hash::Sha512 => verify_rsa(
                    signer,
                    Pss::<Sha512>::new_with_salt(*salt),
                    &digest,
                    signature,
                ),
                Hash::Md5 | Hash::Sha1 | Hash::Sha224 => {
                    return Err(SignatureError::Unsupported(algorithm.to_string()));
                }
            }
        }
        (SignatureAlgorithm::Ecdsa(hash), KeyAlgorithm::Ecdsa(curve)) => {
            verify_ecdsa(*curve, signer.key(), &digest(*hash, message), signature)
        }
        (SignatureAlgorithm::Ed25519, KeyAlgorithm::Ed25519) => {
            verify_ed25519(signer.key(), message, signature)
        }
        (SignatureAlgorithm::Other(name), _) | (_, KeyAlgorithm::Other(name)) => {
            return Err(SignatureError::Unsupported(name.clone()));
        }
        _ => None,
    };
    good.ok_or(SignatureError::Bad)
}

fn verify_rsa(
    signer: &PublicKey,
    scheme: impl SignatureScheme,
    digest: &[u8],
    signature: &[u8],
) -> Option<()> {
    let key = pkcs1::RsaPublicKeyRef::try_from(signer.key()).ok()?;
    let modulus = BoxedUint::from_be_slice_vartime(key.modulus.as_bytes());
    let exponent = BoxedUint::from_be_slice_vartime(key.public_exponent.as_bytes());
    let key = RsaPublicKey::new_with_size_limits(modulus, exponent, RSA_BITS).ok()?;
    key.verify(scheme, digest, signature).ok()
}

fn verify_ecdsa(curve: Curve, point: &[u8], digest: &[u8], signature: &[u8]) -> Option<()> {
    macro_rules! verify {
        ($curve:ident) => {{
            use $curve::ecdsa::signature::hazmat::PrehashVerifier;
            let key = $curve::ecdsa::VerifyingKey::from_sec1_bytes(point).ok()?;
            let signature = $curve::ecdsa::Signature::from_der(signature).ok()?;
            key.verify_prehash(digest, &signature).ok()
        }};
    }
    match curve {
        Curve::P224 => verify!(p224),
        Curve::P256 => verify!(p256),
        Curve::P384 => verify!(p384),
        Curve::P521 => verify!(p521),
    }
}

fn verify_ed25519(key: &[u8], message: &[u8], signature: &[u8]) -> Option<()> {
    let key = ed25519_dalek::VerifyingKey::from_bytes(key.try_into().ok()?).ok()?;
    let signature = ed25519_dalek::Signature::from_slice(signature).ok()?;
    key.verify(message, &signature).ok()
}

fn digest(hash: Hash, message: &[u8]) -> Vec<u8> {
    match hash {
        Hash::Md5 => Md5::digest(message).to_vec(),
        Hash::Sha1 => Sha1::digest(message).to_vec(),
        Hash::Sha224 => Sha224::digest(message).to_vec(),
        Hash::Sha256 => Sha256::digest(message).to_vec(),
        Hash::Sha384 => Sha384::digest(message).to_vec(),
        Hash::Sha512 => Sha512::digest(message).to_vec(),
    }
}

/// Hash and salt length of RSASSA-PSS; the defaults are SHA-1 and 20 (RFC 4055 section 3.1).
fn pss_parameters(algorithm: &AlgorithmIdentifier<'_>) -> (Hash, usize) {
    let Ok(ParsedAlgorithm::RSASSA_PSS(parameters)) = ParsedAlgorithm::try_from(algorithm) else {
        return (Hash::Sha1, 20);
    };
    let hash = match parameters.hash_algorithm_oid().to_id_string().as_str() {
        "2.16.840.1.101.3.4.2.1" => Hash::Sha256,
        "2.16.840.1.101.3.4.2.2" => Hash::Sha384,
        "2.16.840.1.101.3.4.2.3" => Hash::Sha512,
        "2.16.840.1.101.3.4.2.4" => Hash::Sha224,
        _ => Hash::Sha1,
    };
    // A salt longer than the largest modulus fits no signature.
    let salt = usize::try_from(parameters.salt_length()).unwrap_or(usize::MAX);
    (hash, salt.min(RSA_BITS.end() / 8))
}
