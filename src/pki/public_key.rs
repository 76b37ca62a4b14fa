//! Public keys: what they are, and the fingerprint by which a key is named.

use std::fmt::{self, Write};

use der::asn1::{BitStringRef, ObjectIdentifier};
use der::{Decode, Encode};
use pkcs1::RsaPublicKeyRef;
use sha2::{Digest, Sha256};
use spki::{AlgorithmIdentifier, SubjectPublicKeyInfoRef};

const RSA_ENCRYPTION: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
/// The first octet of an uncompressed point (SEC 1 section 2.3.3).
pub(super) const UNCOMPRESSED_POINT: u8 = 0x04;

const EC_PUBLIC_KEY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");

/// An elliptic curve that Go, and so Talos, knows (FIPS 186-4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Curve {
    /// secp224r1
    P224,
    /// secp256r1, also called prime256v1
    P256,
    /// secp384r1
    P384,
    /// secp521r1
    P521,
}

impl Curve {
    /// Every curve, smallest first.
    pub const ALL: [Self; 4] = [Self::P224, Self::P256, Self::P384, Self::P521];

    /// The object identifier of the curve (RFC 5480 section 2.1.1.1).
    #[must_use]
    pub fn oid(self) -> ObjectIdentifier {
        ObjectIdentifier::new_unwrap(match self {
            Self::P224 => "1.3.132.0.33",
            Self::P256 => "1.2.840.10045.3.1.7",
            Self::P384 => "1.3.132.0.34",
            Self::P521 => "1.3.132.0.35",
        })
    }

    /// The curve with this object identifier, if Go knows it.
    #[must_use]
    pub fn from_oid(oid: ObjectIdentifier) -> Option<Self> {
        Self::ALL.into_iter().find(|curve| curve.oid() == oid)
    }

    /// Length of a private scalar and of a coordinate, in bytes.
    #[must_use]
    pub fn field_length(self) -> usize {
        match self {
            Self::P224 => 28,
            Self::P256 => 32,
            Self::P384 => 48,
            Self::P521 => 66,
        }
    }
}

impl fmt::Display for Curve {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::P224 => "P-224",
            Self::P256 => "P-256",
            Self::P384 => "P-384",
            Self::P521 => "P-521",
        })
    }
}

/// Which kind of key it is, as shown to a person: `RSA-2048`, `ECDSA-P256`, `Ed25519`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum KeyAlgorithm {
    /// ECDSA on a curve that Go knows.
    Ecdsa(Curve),
    /// Ed25519 (RFC 8032).
    Ed25519,
    /// RSA with a modulus of this many bits.
    Rsa(usize),
    /// Anything that Talos cannot use, by its name or object identifier.
    Other(String),
}

impl fmt::Display for KeyAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ecdsa(curve) => write!(f, "ECDSA-{}", curve.to_string().replace('-', "")),
            Self::Ed25519 => f.write_str("Ed25519"),
            Self::Rsa(bits) => write!(f, "RSA-{bits}"),
            Self::Other(name) => f.write_str(name),
        }
    }
}

/// The SHA-256 of a public key's SubjectPublicKeyInfo: the only way in which a key is named, since
/// it says nothing of the private half. kubeadm's `--discovery-token-ca-cert-hash` is the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Fingerprint([u8; 32]);

impl Fingerprint {
    /// The fingerprint of anything: of a whole certificate, or of a secret, of which it tells nothing.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// The whole fingerprint, as `sha256:` and 64 hexadecimal digits.
    #[must_use]
    pub fn full(&self) -> String {
        self.0.iter().fold("sha256:".to_owned(), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
    }
}

impl fmt::Display for Fingerprint {
    /// The short form, enough to tell the keys of one cluster apart.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [first, second, third, .., last] = self.0;
        write!(f, "sha256:{first:02x}{second:02x}{third:02x}…{last:02x}")
    }
}

/// A public key that could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PublicKeyError {
    /// The bytes are not a SubjectPublicKeyInfo.
    #[error("it is not a public key: {0}")]
    Malformed(String),
}

/// A public key, in one canonical encoding however it was written before.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PublicKey {
    algorithm: KeyAlgorithm,
    spki: Vec<u8>,
    key: Vec<u8>,
}

impl PublicKey {
    /// Reads a SubjectPublicKeyInfo (RFC 5280 section 4.1.2.7). An algorithm that Talos cannot use
    /// is no error here: the key is kept as [`KeyAlgorithm::Other`].
    pub fn from_spki(der: &[u8]) -> Result<Self, PublicKeyError> {
        let malformed = |error: der::Error| PublicKeyError::Malformed(error.kind().to_string());
        let info = SubjectPublicKeyInfoRef::from_der(der).map_err(malformed)?;
        let key = info.subject_public_key.raw_bytes();
        let algorithm = match info.algorithm.oid {
            RSA_ENCRYPTION => {
                let rsa = RsaPublicKeyRef::from_der(key).map_err(malformed)?;
                KeyAlgorithm::Rsa(bit_length(rsa.modulus.as_bytes()))
            }
            EC_PUBLIC_KEY => match info.algorithm.parameters_oid() {
                Ok(oid) => match Curve::from_oid(oid) {
                    Some(curve) => KeyAlgorithm::Ecdsa(curve),
                    None => KeyAlgorithm::Other(format!("ECDSA {}", algorithm_name(oid))),
                },
                Err(_) => KeyAlgorithm::Other("explicit EC".to_owned()),
            },
            ED25519 => KeyAlgorithm::Ed25519,
            oid => KeyAlgorithm::Other(algorithm_name(oid)),
        };
        Ok(match algorithm {
            KeyAlgorithm::Rsa(_) => Self::from_pkcs1(key)?,
            KeyAlgorithm::Ecdsa(curve) => Self::from_point(curve, key),
            KeyAlgorithm::Ed25519 => Self::from_ed25519(key),
            KeyAlgorithm::Other(_) => Self {
                algorithm,
                spki: der.to_vec(),
                key: key.to_vec(),
            },
        })
    }

    /// Reads an RSAPublicKey (RFC 8017 appendix A.1.1), as a `RSA PUBLIC KEY` block holds it.
    pub fn from_pkcs1(der: &[u8]) -> Result<Self, PublicKeyError> {
        let rsa = RsaPublicKeyRef::from_der(der)
            .map_err(|error| PublicKeyError::Malformed(error.kind().to_string()))?;
        let bits = bit_length(rsa.modulus.as_bytes());
        let parameters = der::AnyRef::NULL;
        Ok(Self::assemble(
            KeyAlgorithm::Rsa(bits),
            RSA_ENCRYPTION,
            Some(parameters),
            der,
        ))
    }

    /// A point in SEC1 form (RFC 5480 section 2.2).
    pub(super) fn from_point(curve: Curve, point: &[u8]) -> Self {
        let oid = curve.oid();
        Self::assemble(
            KeyAlgorithm::Ecdsa(curve),
            EC_PUBLIC_KEY,
            Some((&oid).into()),
            point,
        )
    }

    pub(super) fn from_ed25519(key: &[u8]) -> Self {
        Self::assemble(KeyAlgorithm::Ed25519, ED25519, None, key)
    }

    fn assemble(
        algorithm: KeyAlgorithm,
        oid: ObjectIdentifier,
        parameters: Option<der::AnyRef<'_>>,
        key: &[u8],
    ) -> Self {
        let spki = BitStringRef::from_bytes(key)
            .and_then(|subject_public_key| {
                let algorithm = AlgorithmIdentifier { oid, parameters };
                SubjectPublicKeyInfoRef {
                    algorithm,
                    subject_public_key,
                }
                .to_der()
            })
            // The invariant: the parts were read from DER or made here, far below DER's limits.
            .unwrap_or_default();
        Self {
            algorithm,
            spki,
            key: key.to_vec(),
        }
    }

    /// Which kind of key it is.
    #[must_use]
    pub fn algorithm(&self) -> &KeyAlgorithm {
        &self.algorithm
    }

    /// The DER of its SubjectPublicKeyInfo.
    #[must_use]
    pub fn spki(&self) -> &[u8] {
        &self.spki
    }

    /// The key itself: PKCS#1 for RSA, the point for ECDSA, 32 bytes for Ed25519.
    pub(super) fn key(&self) -> &[u8] {
        &self.key
    }

    /// The SHA-256 of its SubjectPublicKeyInfo.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of(&self.spki)
    }

    /// The key id that Kubernetes puts into service-account tokens (`kid`): the base64url of the
    /// fingerprint (`keyIDFromPublicKey` in Kubernetes' `pkg/serviceaccount/jwt.go`).
    #[must_use]
    pub fn key_id(&self) -> String {
        use base64::Engine;
        base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(self.fingerprint().0)
    }
}

/// Bits of a big-endian number without leading zero bytes.
pub(super) fn bit_length(bytes: &[u8]) -> usize {
    let Some(start) = bytes.iter().position(|&byte| byte != 0) else {
        return 0;
    };
    (bytes.len() - start) * 8 - bytes[start].leading_zeros() as usize
}

/// The common name of an algorithm or curve that Talos cannot use, or else its identifier.
pub(super) fn algorithm_name(oid: ObjectIdentifier) -> String {
    const NAMES: [(&str, &str); 14] = [
        ("1.2.840.10040.4.1", "DSA"),
        ("1.2.840.113549.1.1.10", "RSASSA-PSS"),
        ("1.3.101.110", "X25519"),
        ("1.3.101.111", "X448"),
        ("1.3.101.112", "Ed25519"),
        ("1.3.101.113", "Ed448"),
        ("1.3.132.0.10", "secp256k1"),
        ("1.3.36.3.3.2.8.1.1.7", "brainpoolP256r1"),
        ("1.3.36.3.3.2.8.1.1.11", "brainpoolP384r1"),
        ("1.2.156.10197.1.301", "SM2"),
        ("2.16.840.1.101.3.4.3.17", "ML-DSA-44"),
        ("2.16.840.1.101.3.4.3.18", "ML-DSA-65"),
        ("2.16.840.1.101.3.4.3.19", "ML-DSA-87"),
        ("1.2.840.113549.1.1.1", "RSA"),
    ];
    let text = oid.to_string();
    NAMES
        .iter()
        .find(|(known, _)| *known == text)
        .map_or(text, |(_, name)| (*name).to_owned())
}
