//! Signature algorithms; making signatures and checking them.

mod sign;
mod verify;

use std::fmt;

use der::AnyRef;
use der::asn1::ObjectIdentifier;
use md5::Md5;
use rsa::Pkcs1v15Sign;
use sha1::Sha1;
use sha2::{Digest, Sha224, Sha256, Sha384, Sha512};
use x509_parser::signature_algorithm::SignatureAlgorithm as ParsedAlgorithm;
use x509_parser::x509::AlgorithmIdentifier;

use super::public_key::{Curve, KeyAlgorithm};
pub(super) use sign::sign;
pub(super) use verify::verify;

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

    /// The algorithm that Talos has a key of this kind sign with, as `NewCertificateSigningRequest`
    /// in siderolabs/crypto chooses it; nothing for a key that Talos cannot use.
    #[must_use]
    pub fn for_key(key: &KeyAlgorithm) -> Option<Self> {
        Some(match key {
            KeyAlgorithm::Rsa(_) => Self::Rsa(Hash::Sha512),
            KeyAlgorithm::Ecdsa(Curve::P224 | Curve::P256) => Self::Ecdsa(Hash::Sha256),
            KeyAlgorithm::Ecdsa(Curve::P384) => Self::Ecdsa(Hash::Sha384),
            KeyAlgorithm::Ecdsa(Curve::P521) => Self::Ecdsa(Hash::Sha512),
            KeyAlgorithm::Ed25519 => Self::Ed25519,
            KeyAlgorithm::Other(_) => return None,
        })
    }

    /// How certificates name an algorithm that is signed with: RSA with parameters that are NULL,
    /// the others without any (RFC 4055 section 5, RFC 5758 section 3.2, RFC 8410 section 3).
    /// Nothing for those that are broken, and for RSA-PSS, which Talos has no keys for.
    pub(super) fn identifier(&self) -> Option<spki::AlgorithmIdentifier<AnyRef<'static>>> {
        let (oid, parameters) = match self {
            Self::Rsa(Hash::Sha256) => ("1.2.840.113549.1.1.11", Some(AnyRef::NULL)),
            Self::Rsa(Hash::Sha384) => ("1.2.840.113549.1.1.12", Some(AnyRef::NULL)),
            Self::Rsa(Hash::Sha512) => ("1.2.840.113549.1.1.13", Some(AnyRef::NULL)),
            Self::Ecdsa(Hash::Sha256) => ("1.2.840.10045.4.3.2", None),
            Self::Ecdsa(Hash::Sha384) => ("1.2.840.10045.4.3.3", None),
            Self::Ecdsa(Hash::Sha512) => ("1.2.840.10045.4.3.4", None),
            Self::Ed25519 => ("1.3.101.112", None),
            _ => return None,
        };
        let oid = ObjectIdentifier::new_unwrap(oid);
        Some(spki::AlgorithmIdentifier { oid, parameters })
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

fn pkcs1v15(hash: Hash) -> Pkcs1v15Sign {
    match hash {
        Hash::Md5 => Pkcs1v15Sign::new::<Md5>(),
        Hash::Sha1 => Pkcs1v15Sign::new::<Sha1>(),
        Hash::Sha224 => Pkcs1v15Sign::new::<Sha224>(),
        Hash::Sha256 => Pkcs1v15Sign::new::<Sha256>(),
        Hash::Sha384 => Pkcs1v15Sign::new::<Sha384>(),
        Hash::Sha512 => Pkcs1v15Sign::new::<Sha512>(),
    }
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

/// The digest as a number of the curve's length. A shorter digest is the same number with zeros
/// before it (FIPS 186-5 section 6.4.1); the curves refuse one of less than half their length,
/// such as SHA-256 on P-521, which is what a P-256 leaf of a P-521 CA is signed with.
fn prehash(curve: Curve, hash: Hash, message: &[u8]) -> Vec<u8> {
    let digest = digest(hash, message);
    let missing = curve.field_length().saturating_sub(digest.len());
    [vec![0; missing], digest].concat()
}
