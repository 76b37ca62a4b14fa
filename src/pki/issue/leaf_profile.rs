//! Certificates that an authority issues.

use std::net::IpAddr;

use der::asn1::ObjectIdentifier;
use rand_core::TryCryptoRng;

use super::extensions::{self, CLIENT_AUTH, KeyUse, SERVER_AUTH};
use super::signed::{EMPTY_NAME, Unsigned, serial_number};
use super::{IssueError, KeyGeneration, Subject, generate_key};
use crate::pki::CaPair;
use crate::pki::certificate::{Certificate, Validity};
use crate::pki::private_key::PrivateKey;
use crate::pki::public_key::{KeyAlgorithm, PublicKey};
use crate::pki::signature::{Hash, SignatureAlgorithm};

/// Bits of the RSA keys that Talos makes.
const RSA_BITS: usize = 4_096;

/// What a leaf is for: its extended key usages (RFC 5280 section 4.2.1.12).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// A TLS client. Talos's API takes clients with this purpose and no other.
    Client,
    /// A TLS server.
    Server,
    /// Both, as the members of etcd.
    ServerAndClient,
}

impl Purpose {
    fn extended_key_usages(self) -> &'static [ObjectIdentifier] {
        match self {
            Self::Client => &[CLIENT_AUTH],
            Self::Server => &[SERVER_AUTH],
            Self::ServerAndClient => &[SERVER_AUTH, CLIENT_AUTH],
        }
    }
}

/// A leaf in the shape that Talos issues: a version 3 certificate with key usage, extended key
/// usage, authority key identifier, and names and addresses if there are any, in this order; it has
/// neither basic constraints nor a subject key identifier (`NewCertificateFromCSR` in
/// siderolabs/crypto).
#[derive(Debug, Clone)]
pub struct LeafProfile<'a> {
    /// Whom it is about.
    pub subject: Subject<'a>,
    /// Subject alternative DNS names.
    pub dns_names: &'a [&'a str],
    /// Subject alternative IP addresses.
    pub ip_addresses: &'a [IpAddr],
    /// Whether the key may encrypt other keys beside signing.
    pub key_encipherment: bool,
    /// What it is for.
    pub purpose: Purpose,
    /// When it holds. Like Talos this does not end it with its issuer.
    pub validity: Validity,
}

impl LeafProfile<'_> {
    /// Issues for a public key, which must be of the family of the CA's. The signature is of the
    /// kind that the leaf's own key makes, not the CA's: SHA-256 for a P-256 leaf under a P-384 CA
    /// (`NewCertificateFromCSR` takes over the request's).
    pub fn issue<R: TryCryptoRng>(
        &self,
        ca: &CaPair,
        key: &PublicKey,
        rng: &mut R,
    ) -> Result<Certificate, IssueError> {
        let leaf = Leaf {
            subject: &self.subject.to_der()?,
            algorithm: check_family(ca, key.algorithm())?,
            dns_names: self.dns_names,
            ip_addresses: self.ip_addresses,
            key_encipherment: self.key_encipherment,
            purpose: self.purpose,
            validity: self.validity,
        };
        leaf.issue(ca, key, rng)
    }

    /// Issues for a fresh key of the kind that Talos makes under this CA, which it tells by how the
    /// CA's certificate was signed, not by its key: RSA-4096, P-256 or Ed25519 (`NewKeyPair`).
    pub fn issue_with_fresh_key<R: TryCryptoRng>(
        &self,
        ca: &CaPair,
        rng: &mut R,
    ) -> Result<(Certificate, PrivateKey), IssueError> {
        let kind = match &ca.certificate().signature_algorithm {
            SignatureAlgorithm::Rsa(Hash::Sha256 | Hash::Sha384 | Hash::Sha512) => {
                KeyGeneration::Rsa(RSA_BITS)
            }
            SignatureAlgorithm::Ecdsa(Hash::Sha256 | Hash::Sha384 | Hash::Sha512) => {
                KeyGeneration::EcdsaP256
            }
            SignatureAlgorithm::Ed25519 => KeyGeneration::Ed25519,
            other => {
                let reason = format!("Talos makes no keys under a CA that is signed as {other}");
                return Err(IssueError::Authority(reason));
            }
        };
        if check_family(ca, &kind.algorithm()).is_err() {
            let [signed, own] = [
                ca.certificate().signature_algorithm.to_string(),
                ca.key().public_key().algorithm().to_string(),
            ];
            let fresh = kind.algorithm();
            let reason = format!(
                "Talos makes {fresh} keys under a CA that is signed as {signed}, and this one's own \
                 key is {own}"
            );
            return Err(IssueError::Authority(reason));
        }
        let key = generate_key(kind, rng)?;
        let certificate = self.issue(ca, key.public_key(), rng)?;
        Ok((certificate, key))
    }
}

/// A leaf with its subject in DER, as a request brings it.
pub(super) struct Leaf<'a> {
    pub(super) subject: &'a [u8],
    /// How it is signed.
    pub(super) algorithm: SignatureAlgorithm,
    pub(super) dns_names: &'a [&'a str],
    pub(super) ip_addresses: &'a [IpAddr],
    pub(super) key_encipherment: bool,
    pub(super) purpose: Purpose,
    pub(super) validity: Validity,
}

impl Leaf<'_> {
    pub(super) fn issue<R: TryCryptoRng>(
        self,
        ca: &CaPair,
        key: &PublicKey,
        rng: &mut R,
    ) -> Result<Certificate, IssueError> {
        let authority = ca.certificate();
        check_authority(authority)?;
        let mut key_uses = vec![KeyUse::DigitalSignature];
        if self.key_encipherment {
            key_uses.push(KeyUse::KeyEncipherment);
        }
        let mut extensions = vec![
            extensions::key_usage(&key_uses)?,
            extensions::extended_key_usage(self.purpose.extended_key_usages())?,
        ];
        let issuer = authority.subject.der();
        // Go leaves it out where the names say that it signed itself.
        if let Some(identifier) = &authority.subject_key_identifier
            && issuer != self.subject
        {
            extensions.push(extensions::authority_key_identifier(identifier)?);
        }
        extensions.extend(extensions::subject_alternative_name(
            self.dns_names,
            self.ip_addresses,
            self.subject == EMPTY_NAME,
        )?);
        let unsigned = Unsigned {
            issuer,
            subject: self.subject,
            validity: self.validity,
            public_key: key,
            extensions,
            serial_number: serial_number(rng)?,
            algorithm: self.algorithm,
        };
        unsigned.sign(ca.key())
    }
}

/// Go signs with any certificate, and takes no certificate that such a one signed.
fn check_authority(certificate: &Certificate) -> Result<(), IssueError> {
    if let Some(refusal) = &certificate.go_refusal {
        let reason = format!("Go refuses the CA `{certificate}`: {refusal}");
        return Err(IssueError::Authority(reason));
    }
    let may_sign = certificate
        .key_usage
        .is_none_or(|usage| usage.key_cert_sign);
    let reason = if !certificate.is_authority() {
        format!("`{certificate}` is not a CA")
    } else if !may_sign {
        format!("`{certificate}` has a key usage without keyCertSign")
    } else {
        return Ok(());
    };
    Err(IssueError::Authority(reason))
}

/// The algorithm of the signature: the one of the leaf's key, which the CA's key must be able to
/// make too.
pub(super) fn check_family(
    ca: &CaPair,
    leaf: &KeyAlgorithm,
) -> Result<SignatureAlgorithm, IssueError> {
    let authority = ca.key().public_key().algorithm();
    let family = std::mem::discriminant::<KeyAlgorithm>;
    SignatureAlgorithm::for_key(leaf)
        .filter(|_| family(authority) == family(leaf))
        .ok_or_else(|| IssueError::Family {
            authority: authority.to_string(),
            leaf: leaf.to_string(),
        })
}
