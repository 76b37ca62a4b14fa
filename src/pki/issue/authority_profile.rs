//! Self-signed authorities.

use std::net::IpAddr;

use rand_core::TryCryptoRng;

use super::extensions::{self, KeyUse};
use super::signed::{EMPTY_NAME, Unsigned, serial_number};
use super::{IssueError, Subject, random};
use crate::pki::CaPair;
use crate::pki::certificate::Validity;
use crate::pki::private_key::PrivateKey;
use crate::pki::signature::SignatureAlgorithm;

/// A self-signed authority in the shape that Talos makes: a version 3 certificate with key usage,
/// extended key usage, basic constraints and subject key identifier, in this order, and names and
/// addresses after them if there are any (`NewSelfSignedCertificateAuthority` in
/// siderolabs/crypto).
#[derive(Debug, Clone)]
pub struct AuthorityProfile<'a> {
    /// Whom it is about, and who signed it.
    pub subject: Subject<'a>,
    /// Subject alternative DNS names.
    pub dns_names: &'a [&'a str],
    /// Subject alternative IP addresses.
    pub ip_addresses: &'a [IpAddr],
    /// When it holds.
    pub validity: Validity,
}

impl AuthorityProfile<'_> {
    /// Issues the authority for `key`, signed by the algorithm that
    /// [`SignatureAlgorithm::for_key`] says.
    pub fn issue<R: TryCryptoRng>(
        &self,
        key: PrivateKey,
        rng: &mut R,
    ) -> Result<CaPair, IssueError> {
        let subject = self.subject.to_der()?;
        let public_key = key.public_key();
        let algorithm = SignatureAlgorithm::for_key(public_key.algorithm())
            .ok_or_else(|| IssueError::Build("Talos cannot use the key".to_owned()))?;
        let serial_number = serial_number(rng)?;
        let identifier = random::<20, R>(rng)?;
        let mut extensions = vec![
            extensions::key_usage(&[KeyUse::DigitalSignature, KeyUse::KeyCertSign])?,
            extensions::extended_key_usage(&[extensions::SERVER_AUTH, extensions::CLIENT_AUTH])?,
            extensions::certificate_authority()?,
            extensions::subject_key_identifier(identifier.expose())?,
        ];
        extensions.extend(extensions::subject_alternative_name(
            self.dns_names,
            self.ip_addresses,
            subject == EMPTY_NAME,
        )?);
        let unsigned = Unsigned {
            issuer: &subject,
            subject: &subject,
            validity: self.validity,
            public_key,
            extensions,
            serial_number,
            algorithm,
        };
        let certificate = unsigned.sign(&key)?;
        CaPair::prove(certificate, key).map_err(|mismatch| IssueError::Build(mismatch.to_string()))
    }
}
