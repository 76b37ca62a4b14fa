//! Fresh keys and self-signed authorities.

use std::time::Duration;

use der::asn1::{Any, BitString, ObjectIdentifier, OctetString, SetOfVec};
use der::{DateTime, Decode, Encode, Tag};
use jiff::Timestamp;
use rand_core::TryCryptoRng;
use spki::SubjectPublicKeyInfoRef;
use x509_cert::attr::AttributeTypeAndValue;
use x509_cert::builder::profile::BuilderProfile;
use x509_cert::builder::{Builder, CertificateBuilder};
use x509_cert::ext::Extension;
use x509_cert::name::{Name, RdnSequence, RelativeDistinguishedName};
use x509_cert::serial_number::SerialNumber;
use x509_cert::spki::SubjectPublicKeyInfoOwned;
use x509_cert::time::{Time, Validity as CertValidity};
use x509_cert::{TbsCertificate, builder};

use super::certificate::{Certificate, CertificateError, Validity};
use super::private_key::{KeyError, PrivateKey};
use super::public_key::Curve;
use super::{CaPair, Secret, rsa_key};

/// Why a key or certificate could not be made.
#[derive(Debug, thiserror::Error)]
pub enum IssueError {
    /// The certificate could not be encoded or signed.
    #[error("the certificate could not be built: {0}")]
    Build(String),
    /// The result cannot be read back.
    #[error("the new certificate cannot be read back")]
    Certificate(#[from] CertificateError),
    /// The key could not be made.
    #[error("the key could not be made: {0}")]
    Key(#[from] KeyError),
    /// The random number generator failed.
    #[error("the random number generator failed: {0}")]
    Random(String),
}

impl From<builder::Error> for IssueError {
    fn from(error: builder::Error) -> Self {
        Self::Build(error.to_string())
    }
}

impl From<der::Error> for IssueError {
    fn from(error: der::Error) -> Self {
        Self::Build(error.to_string())
    }
}

/// Which key to generate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyGeneration {
    /// ECDSA on P-256.
    EcdsaP256,
    /// Ed25519.
    Ed25519,
    /// RSA with this many bits. RSA-4096 takes from a tenth of a second to some seconds.
    Rsa(usize),
}

/// Generates a private key.
pub fn generate_key<R: TryCryptoRng>(
    kind: KeyGeneration,
    rng: &mut R,
) -> Result<PrivateKey, IssueError> {
    match kind {
        KeyGeneration::EcdsaP256 => loop {
            let scalar = random::<32, R>(rng)?;
            // One number in 2^32 is out of range for P-256.
            if let Ok(key) = PrivateKey::from_scalar(Curve::P256, scalar.expose()) {
                return Ok(key);
            }
        },
        KeyGeneration::Ed25519 => Ok(PrivateKey::from_ed25519_seed(
            random::<32, R>(rng)?.expose(),
        )?),
        KeyGeneration::Rsa(bits) => Ok(PrivateKey::from_rsa(rsa_key::generate(bits, rng)?)),
    }
}

/// A self-signed authority in the shape that Talos makes: a version 3 certificate with key usage,
/// extended key usage, basic constraints and subject key identifier, in this order
/// (`NewSelfSignedCertificateAuthority` in siderolabs/crypto).
#[derive(Debug, Clone)]
pub struct AuthorityProfile<'a> {
    /// The subject's common name, if it has one.
    pub common_name: Option<&'a str>,
    /// The subject's organization, if it has one.
    pub organization: Option<&'a str>,
    /// When it holds.
    pub validity: Validity,
}

impl AuthorityProfile<'_> {
    /// Issues the authority for `key`, an ECDSA P-256 or Ed25519 key.
    pub fn issue<R: TryCryptoRng>(
        &self,
        key: PrivateKey,
        rng: &mut R,
    ) -> Result<CaPair, IssueError> {
        let serial = random::<16, R>(rng)?;
        let subject_key_identifier = random::<20, R>(rng)?.expose().to_vec();
        let profile = Profile {
            subject: self.subject()?,
            subject_key_identifier,
        };
        let info = SubjectPublicKeyInfoOwned::from_der(key.public_key().spki())?;
        let validity = CertValidity::new(
            time(self.validity.not_before)?,
            time(self.validity.not_after)?,
        );
        let serial = SerialNumber::new(serial.expose())?;
        let builder = CertificateBuilder::new(profile, serial, validity, info)?;
        let certificate = sign(builder, &key)?;
        let certificate = Certificate::from_der(&certificate)?;
        CaPair::prove(certificate, key).map_err(|mismatch| IssueError::Build(mismatch.to_string()))
    }

    /// The subject as Go writes it: a PrintableString, organization before common name.
    fn subject(&self) -> Result<Name, IssueError> {
        const ORGANIZATION: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.10");
        const COMMON_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.3");
        let parts = [
            (ORGANIZATION, self.organization),
            (COMMON_NAME, self.common_name),
        ];
        let mut names = RdnSequence::default();
        for (oid, value) in parts {
            let Some(value) = value else { continue };
            let value = Any::new(Tag::PrintableString, value.as_bytes())?;
            let attribute = AttributeTypeAndValue { oid, value };
            names.push(RelativeDistinguishedName::from(SetOfVec::try_from([
                attribute,
            ])?));
        }
        // `Name` is only made by parsing: the crate checks the string types there.
        Ok(Name::from_der(&names.to_der()?)?)
    }
}

struct Profile {
    subject: Name,
    subject_key_identifier: Vec<u8>,
}

impl BuilderProfile for Profile {
    fn get_issuer(&self, subject: &Name) -> Name {
        subject.clone()
    }

    fn get_subject(&self) -> Name {
        self.subject.clone()
    }

    fn build_extensions(
        &self,
        _subject_key: SubjectPublicKeyInfoRef<'_>,
        _issuer_key: SubjectPublicKeyInfoRef<'_>,
        _certificate: &TbsCertificate,
    ) -> builder::Result<Vec<Extension>> {
        const KEY_USAGE: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.15");
        const EXTENDED_KEY_USAGE: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.37");
        const BASIC_CONSTRAINTS: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.19");
        const SUBJECT_KEY_IDENTIFIER: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.14");
        const SERVER_AUTH: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.1");
        const CLIENT_AUTH: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.2");
        // digitalSignature is bit 0 and keyCertSign bit 5, so two bits at the end are unused.
        let usage = BitString::new(2, [0b1000_0100])?;
        let extended = vec![SERVER_AUTH, CLIENT_AUTH];
        let constraints = x509_cert::ext::pkix::BasicConstraints {
            ca: true,
            path_len_constraint: None,
        };
        let identifier = OctetString::new(self.subject_key_identifier.as_slice())?;
        Ok(vec![
            extension(KEY_USAGE, true, &usage)?,
            extension(EXTENDED_KEY_USAGE, false, &extended)?,
            extension(BASIC_CONSTRAINTS, true, &constraints)?,
            extension(SUBJECT_KEY_IDENTIFIER, false, &identifier)?,
        ])
    }
}

fn extension(oid: ObjectIdentifier, critical: bool, value: &impl Encode) -> der::Result<Extension> {
    let extn_value = OctetString::new(value.to_der()?)?;
    Ok(Extension {
        extn_id: oid,
        critical,
        extn_value,
    })
}

fn sign<P: BuilderProfile>(
    builder: CertificateBuilder<P>,
    key: &PrivateKey,
) -> Result<Vec<u8>, IssueError> {
    let der = key.der().expose();
    let certificate = if let Ok(sec1) = sec1::EcPrivateKey::from_der(der) {
        let key = p256::ecdsa::SigningKey::from_slice(sec1.private_key)
            .map_err(|_| IssueError::Build("the signing key is not on P-256".to_owned()))?;
        builder.build::<_, p256::ecdsa::DerSignature>(&key)?
    } else {
        let key: ed25519_dalek::SigningKey = pkcs8::DecodePrivateKey::from_pkcs8_der(der)
            .map_err(|_| IssueError::Build("the signing key is not Ed25519".to_owned()))?;
        builder.build::<_, ed25519_dalek::Signature>(&key)?
    };
    Ok(certificate.to_der()?)
}

/// Fresh random bytes.
fn random<const N: usize, R: TryCryptoRng>(rng: &mut R) -> Result<Secret<[u8; N]>, IssueError> {
    let mut bytes = [0; N];
    rng.try_fill_bytes(&mut bytes)
        .map_err(|error| IssueError::Random(error.to_string()))?;
    Ok(Secret::new(bytes))
}

fn time(moment: Timestamp) -> Result<Time, IssueError> {
    let seconds = u64::try_from(moment.as_second())
        .map_err(|_| IssueError::Build("a certificate cannot begin before 1970".to_owned()))?;
    Ok(DateTime::from_unix_duration(Duration::from_secs(seconds))?.into())
}
