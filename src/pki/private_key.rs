//! Private keys: every encoding that administrators have, made into the one that Talos writes.

use der::asn1::{ObjectIdentifier, OctetStringRef};
use der::{Decode, Encode};
use pkcs8::PrivateKeyInfoRef;
use sec1::{EcParameters, EcPrivateKey};

use super::pem::{self, Block};
use super::public_key::{Curve, KeyAlgorithm, PublicKey, algorithm_name};
use super::{Secret, key_encryption, rsa_key};

/// PKCS#8 of an Ed25519 key, version 0 and without the public key (RFC 8410 section 7), up to the
/// 32 bytes of the seed. Talos writes exactly this.
const ED25519_PKCS8_PREFIX: [u8; 16] = [
    0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
];

/// A private key that could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// It is encrypted and no passphrase was given.
    #[error("it is encrypted")]
    Encrypted,
    /// Its parts do not belong together.
    #[error("it is damaged: {0}")]
    Inconsistent(String),
    /// The bytes are not a private key.
    #[error("{0}")]
    Malformed(String),
    /// It is a public key.
    #[error("it is a public key")]
    PublicKey,
    /// Talos cannot read this algorithm.
    #[error("it is a key for {0}")]
    UnsupportedAlgorithm(String),
    /// It is encrypted in a way that is not supported.
    #[error("it is encrypted with {0}")]
    UnsupportedEncryption(String),
    /// It is encrypted, and not with the passphrase given.
    #[error("the passphrase does not open it")]
    WrongPassphrase,
}

/// How a private key was written before it was normalised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyEncoding {
    /// The structure inside.
    pub structure: KeyStructure,
    /// Whether the PEM label is the one that belongs to the structure.
    pub label_fits: bool,
    /// Whether it had to be decrypted.
    pub encrypted: bool,
    /// Whether its bytes are already those that Talos would write.
    pub canonical: bool,
}

/// The ASN.1 structures of private keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyStructure {
    /// RSAPrivateKey (RFC 8017).
    Pkcs1,
    /// PrivateKeyInfo (RFC 5958).
    Pkcs8,
    /// ECPrivateKey (RFC 5915).
    Sec1,
}

/// A private key that is proven sound in itself, kept in the encoding that Talos writes.
#[derive(Debug, Clone)]
pub struct PrivateKey {
    public: PublicKey,
    der: Secret<Vec<u8>>,
}

impl PrivateKey {
    /// Whether a block with this label may hold a private key.
    #[must_use]
    pub fn is_label(label: &str) -> bool {
        label.ends_with("PRIVATE KEY")
    }

    /// Reads the key in `block`, decrypting it with `passphrase` where it is encrypted.
    pub fn from_block(
        block: &Block,
        passphrase: Option<&Secret<String>>,
    ) -> Result<(Self, KeyEncoding), KeyError> {
        let der = block.contents.expose();
        match block.label.as_str() {
            "DSA PRIVATE KEY" => return Err(KeyError::UnsupportedAlgorithm("DSA".to_owned())),
            "OPENSSH PRIVATE KEY" => {
                return Err(KeyError::Malformed(
                    "it is an OpenSSH key, not PKCS#1, PKCS#8 or SEC1".to_owned(),
                ));
            }
            label if label.ends_with("PUBLIC KEY") => return Err(KeyError::PublicKey),
            _ => {}
        }
        let decrypted = key_encryption::decrypt(block, passphrase)?;
        let encrypted = decrypted.is_some();
        let plain = decrypted
            .as_ref()
            .map_or(der.as_slice(), |plain| plain.expose());
        let (key, structure) = Self::from_der(plain)?;
        let expected: &[&str] = match structure {
            KeyStructure::Pkcs1 => &["RSA PRIVATE KEY"],
            KeyStructure::Sec1 => &["EC PRIVATE KEY"],
            KeyStructure::Pkcs8 => &[
                "PRIVATE KEY",
                "ENCRYPTED PRIVATE KEY",
                "ED25519 PRIVATE KEY",
            ],
        };
        let label_fits = expected.contains(&block.label.as_str());
        let canonical = !encrypted && block.label == key.label() && der == key.der.expose();
        Ok((
            key,
            KeyEncoding {
                structure,
                label_fits,
                encrypted,
                canonical,
            },
        ))
    }

    /// Reads PKCS#8, PKCS#1 or SEC1, whichever `der` is.
    pub fn from_der(der: &[u8]) -> Result<(Self, KeyStructure), KeyError> {
        if let Ok(info) = PrivateKeyInfoRef::try_from(der) {
            return Ok((Self::from_pkcs8(&info)?, KeyStructure::Pkcs8));
        }
        if let Ok(key) = EcPrivateKey::from_der(der) {
            return Ok((Self::from_sec1(&key, None)?, KeyStructure::Sec1));
        }
        if pkcs1::RsaPrivateKeyRef::try_from(der).is_ok() {
            let (der, public) = rsa_key::read(der)?;
            return Ok((Self { public, der }, KeyStructure::Pkcs1));
        }
        Err(Self::explain_unreadable(der))
    }

    fn from_pkcs8(info: &PrivateKeyInfoRef<'_>) -> Result<Self, KeyError> {
        let key = info.private_key.as_bytes();
        match info.algorithm.oid.to_string().as_str() {
            "1.2.840.113549.1.1.1" => {
                let (der, public) = rsa_key::read(key)?;
                Ok(Self { public, der })
            }
            "1.2.840.10045.2.1" => {
                let oid = info
                    .algorithm
                    .parameters_oid()
                    .map_err(|_| explicit_parameters())?;
                let sec1 = EcPrivateKey::from_der(key)
                    .map_err(|_| KeyError::Malformed("its PKCS#8 holds no EC key".to_owned()))?;
                Self::from_sec1(&sec1, Some(oid))
            }
            "1.3.101.112" => {
                let seed = <&OctetStringRef>::from_der(key).map_err(|_| {
                    KeyError::Malformed("its PKCS#8 holds no Ed25519 seed".to_owned())
                })?;
                Self::from_ed25519_seed(seed.as_bytes())
            }
            _ => Err(KeyError::UnsupportedAlgorithm(algorithm_name(
                info.algorithm.oid,
            ))),
        }
    }

    fn from_sec1(
        key: &EcPrivateKey<'_>,
        outer: Option<ObjectIdentifier>,
    ) -> Result<Self, KeyError> {
        let inner = key.parameters.and_then(EcParameters::named_curve);
        let oid = outer.or(inner).ok_or_else(|| {
            KeyError::Malformed("it is an EC key that does not name its curve".to_owned())
        })?;
        let curve = Curve::from_oid(oid).ok_or_else(|| {
            KeyError::UnsupportedAlgorithm(format!("ECDSA {}", algorithm_name(oid)))
        })?;
        let key_with_point = Self::from_scalar(curve, key.private_key, key.public_key)?;
        match key.public_key {
            Some(point) if point != key_with_point.public.key() => Err(KeyError::Inconsistent(
                "the public key stored in it does not belong to its private key".to_owned(),
            )),
            _ => Ok(key_with_point),
        }
    }

    /// The key with this private scalar, big-endian. Leading zero bytes may be missing or too many. A
    /// point that is said to belong to it is taken if it does.
    pub(super) fn from_scalar(
        curve: Curve,
        scalar: &[u8],
        said: Option<&[u8]>,
    ) -> Result<Self, KeyError> {
        let out_of_range =
            || KeyError::Inconsistent(format!("its number is not a private key on {curve}"));
        let significant = scalar
            .iter()
            .position(|&byte| byte != 0)
            .unwrap_or(scalar.len());
        let digits = &scalar[significant..];
        let length = curve.field_length();
        let missing = length.checked_sub(digits.len()).ok_or_else(out_of_range)?;
        let mut padded = Secret::new(vec![0; missing]).expose().clone();
        padded.reserve_exact(digits.len());
        padded.extend_from_slice(digits);
        let padded = Secret::new(padded);
        let with = |point: &[u8]| {
            let structure = EcPrivateKey {
                private_key: padded.expose(),
                parameters: Some(EcParameters::NamedCurve(curve.oid())),
                public_key: Some(point),
            };
            let der = structure.to_der();
            Ok(Self {
                public: PublicKey::from_point(curve, point),
                der: Secret::new(der.map_err(|error| KeyError::Malformed(error.to_string()))?),
            })
        };
        // To see that a point belongs to a number is less work than to find it.
        #[cfg(feature = "aws-lc")]
        if let Some(point) =
            said.filter(|point| point.first() == Some(&super::public_key::UNCOMPRESSED_POINT))
            && let Ok(key) = with(point)
            && super::aws_lc::is_consistent(curve, key.der.expose())
        {
            return Ok(key);
        }
        #[cfg(not(feature = "aws-lc"))]
        let _ = said;
        with(&point_of(curve, padded.expose()).ok_or_else(out_of_range)?)
    }

    /// The Ed25519 key with this seed of 32 bytes (RFC 8032 section 5.1.5).
    pub(super) fn from_ed25519_seed(seed: &[u8]) -> Result<Self, KeyError> {
        let bytes: &[u8; 32] = seed
            .try_into()
            .map_err(|_| KeyError::Malformed("its Ed25519 seed is not 32 bytes long".to_owned()))?;
        let public = ed25519_public(bytes);
        let mut der = Vec::with_capacity(ED25519_PKCS8_PREFIX.len() + seed.len());
        der.extend_from_slice(&ED25519_PKCS8_PREFIX);
        der.extend_from_slice(seed);
        Ok(Self {
            public: PublicKey::from_ed25519(&public),
            der: Secret::new(der),
        })
    }

    pub(super) fn from_rsa(parts: (Secret<Vec<u8>>, PublicKey)) -> Self {
        let (der, public) = parts;
        Self { public, der }
    }

    /// Says as much as can be said about bytes that are no key that Go reads.
    fn explain_unreadable(der: &[u8]) -> KeyError {
        // `EcPrivateKey` knows named curves only, so a SEC1 key with explicit parameters ends here.
        let starts_as_sec1 = der.get(..2).is_some_and(|start| start[0] == 0x30)
            && der
                .windows(3)
                .take(6)
                .any(|window| window == [0x02, 0x01, 0x01]);
        if starts_as_sec1 {
            return explicit_parameters();
        }
        KeyError::Malformed("it is not a private key in PKCS#1, PKCS#8 or SEC1".to_owned())
    }

    /// The public half.
    #[must_use]
    pub fn public_key(&self) -> &PublicKey {
        &self.public
    }

    /// The DER that Talos writes: PKCS#1, SEC1, or PKCS#8 for Ed25519.
    #[must_use]
    pub fn der(&self) -> &Secret<Vec<u8>> {
        &self.der
    }

    /// The PEM label that Talos writes. `ED25519 PRIVATE KEY` is Talos's own, around PKCS#8.
    #[must_use]
    pub fn label(&self) -> &'static str {
        match self.public.algorithm() {
            KeyAlgorithm::Rsa(_) => "RSA PRIVATE KEY",
            KeyAlgorithm::Ecdsa(_) => "EC PRIVATE KEY",
            // The invariant: no constructor makes a key of another algorithm.
            KeyAlgorithm::Ed25519 | KeyAlgorithm::Other(_) => "ED25519 PRIVATE KEY",
        }
    }

    /// The key as Talos writes it into a bundle. This writes a secret.
    #[must_use]
    pub fn to_secret_pem(&self) -> Secret<String> {
        Secret::new(pem::write(self.label(), self.der.expose()))
    }
}

fn explicit_parameters() -> KeyError {
    KeyError::UnsupportedAlgorithm(
        "ECDSA with explicit curve parameters instead of a named curve".to_owned(),
    )
}

/// The public half of an Ed25519 key.
fn ed25519_public(seed: &[u8; 32]) -> [u8; 32] {
    #[cfg(feature = "aws-lc")]
    if let Some(public) = super::aws_lc::ed25519_public(seed) {
        return public;
    }
    let key = ed25519_dalek::SigningKey::from_bytes(seed);
    key.verifying_key().to_bytes()
}

/// The uncompressed point of a scalar, or nothing if the scalar is out of range.
fn point_of(curve: Curve, scalar: &[u8]) -> Option<Vec<u8>> {
    #[cfg(feature = "aws-lc")]
    if let Some(point) = super::aws_lc::point_of(curve, scalar) {
        return Some(point);
    }
    macro_rules! point {
        ($curve:ident) => {{
            use $curve::elliptic_curve::sec1::ToSec1Point;
            let key = $curve::SecretKey::from_slice(scalar).ok()?;
            key.public_key().to_sec1_point(false).as_bytes().to_vec()
        }};
    }
    Some(match curve {
        Curve::P224 => point!(p224),
        Curve::P256 => point!(p256),
        Curve::P384 => point!(p384),
        Curve::P521 => point!(p521),
    })
}
