//! What every certificate has: version, serial number, issuer, validity and signature.

use der::asn1::{AnyRef, BitStringRef, UintRef};
use der::{Decode, Encode};
use rand_core::TryCryptoRng;

use super::asn1::{Extension, Signed, TbsCertificate, X509_V3};
use super::{IssueError, random};
use crate::pki::certificate::{Certificate, Validity};
use crate::pki::private_key::PrivateKey;
use crate::pki::public_key::PublicKey;
use crate::pki::signature::{self, SignatureAlgorithm};

/// The bytes of a serial number: as many random bits as Talos takes.
const SERIAL_LENGTH: usize = 16;

/// DER of a name without any part.
pub(super) const EMPTY_NAME: [u8; 2] = [0x30, 0];

/// A certificate before it is signed.
pub(super) struct Unsigned<'a> {
    /// DER of the issuer's name.
    pub(super) issuer: &'a [u8],
    /// DER of the subject's name.
    pub(super) subject: &'a [u8],
    pub(super) validity: Validity,
    pub(super) public_key: &'a PublicKey,
    pub(super) extensions: Vec<Extension>,
    pub(super) serial_number: [u8; SERIAL_LENGTH],
    pub(super) algorithm: SignatureAlgorithm,
}

impl Unsigned<'_> {
    /// Signs it with the issuer's `key`.
    pub(super) fn sign(self, key: &PrivateKey) -> Result<Certificate, IssueError> {
        let content = TbsCertificate {
            version: X509_V3,
            serial_number: UintRef::new(&self.serial_number)?,
            signature: identifier(&self.algorithm)?,
            issuer: AnyRef::from_der(self.issuer)?,
            validity: self.validity.try_into()?,
            subject: AnyRef::from_der(self.subject)?,
            subject_public_key_info: AnyRef::from_der(self.public_key.spki())?,
            extensions: self.extensions,
        };
        let der = sign(&content.to_der()?, &self.algorithm, key)?;
        let certificate = Certificate::from_der(&der)?;
        // The last word on what was asked for is Go's: a name, say, that is no DNS name.
        if let Some(refusal) = &certificate.go_refusal {
            return Err(IssueError::Build(refusal.to_string()));
        }
        // A signature that is wrong, by a broken processor or memory, can tell an RSA key.
        certificate
            .verify_signature_by(key.public_key())
            .map_err(|error| IssueError::Build(error.to_string()))?;
        Ok(certificate)
    }
}

/// `content`, DER, with its signature, as certificates and requests are made.
pub(super) fn sign(
    content: &[u8],
    algorithm: &SignatureAlgorithm,
    key: &PrivateKey,
) -> Result<Vec<u8>, IssueError> {
    let signature = signature::sign(key, algorithm, content).ok_or_else(|| {
        let key = key.public_key().algorithm();
        IssueError::Build(format!("a {key} key cannot sign as {algorithm}"))
    })?;
    let signed = Signed {
        content: AnyRef::from_der(content)?,
        algorithm: identifier(algorithm)?,
        signature: BitStringRef::from_bytes(&signature)?,
    };
    Ok(signed.to_der()?)
}

/// A fresh serial number.
pub(super) fn serial_number<R: TryCryptoRng>(
    rng: &mut R,
) -> Result<[u8; SERIAL_LENGTH], IssueError> {
    Ok(*random::<SERIAL_LENGTH, R>(rng)?.expose())
}

fn identifier(
    algorithm: &SignatureAlgorithm,
) -> Result<spki::AlgorithmIdentifier<AnyRef<'static>>, IssueError> {
    algorithm
        .identifier()
        .ok_or_else(|| IssueError::Build(format!("nothing is signed with {algorithm}")))
}
