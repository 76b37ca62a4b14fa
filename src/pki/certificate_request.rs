//! Requests for certificates (PKCS#10, RFC 2986): read leniently, so that what is left out of the
//! certificate can be told.

use std::net::IpAddr;

use der::Decode;
use x509_parser::certification_request::X509CertificationRequest;
use x509_parser::cri_attributes::ParsedCriAttribute;
use x509_parser::extensions::{GeneralName, ParsedExtension, X509Extension};
use x509_parser::objects::{oid_registry, oid2sn};
use x509_parser::prelude::FromDer;

use super::certificate::address;
use super::distinguished_name::DistinguishedName;
use super::issue::Signed;
use super::pem;
use super::public_key::{PublicKey, PublicKeyError};
use super::signature::{self, SignatureAlgorithm, SignatureError};

/// A request that could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// The bytes are not a request.
    #[error("it is not a certificate request (PKCS#10): {0}")]
    Malformed(String),
    /// The public key in it cannot be read.
    #[error("its public key cannot be read: {0}")]
    PublicKey(#[from] PublicKeyError),
}

/// A request for a certificate.
#[derive(Debug, Clone)]
pub struct CertificateRequest {
    der: Vec<u8>,
    signed: Vec<u8>,
    signature: Vec<u8>,
    /// Whom the certificate shall be about.
    pub subject: DistinguishedName,
    /// The key that it is for.
    pub public_key: PublicKey,
    /// How it is signed.
    pub signature_algorithm: SignatureAlgorithm,
    /// Subject alternative DNS names.
    pub dns_names: Vec<String>,
    /// Subject alternative IP addresses.
    pub ip_addresses: Vec<IpAddr>,
    /// What is asked for beside these, and is never granted, as a person reads it: `email address
    /// admin@example.com`, `basicConstraints`.
    pub ignored: Vec<String>,
}

impl CertificateRequest {
    /// Whether a block with this label may hold a request. OpenSSL once wrote the second.
    #[must_use]
    pub fn is_label(label: &str) -> bool {
        ["CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST"].contains(&label)
    }

    /// Reads a request that is all of `der`.
    pub fn from_der(der: &[u8]) -> Result<Self, RequestError> {
        // The outermost structure strictly, since no signature protects it.
        let outermost = Signed::from_der(der)
            .ok()
            .filter(|signed| signed.signature.unused_bits() == 0)
            .ok_or_else(|| RequestError::Malformed("it is not DER".to_owned()))?;
        let (_, parsed) = X509CertificationRequest::from_der(der).map_err(|error| {
            RequestError::Malformed(match error {
                x509_parser::nom::Err::Incomplete(_) => "it ends too early".to_owned(),
                x509_parser::nom::Err::Error(error) | x509_parser::nom::Err::Failure(error) => {
                    error.to_string()
                }
            })
        })?;
        let info = &parsed.certification_request_info;
        let mut request = Self {
            der: der.to_vec(),
            signed: info.raw.to_vec(),
            signature: outermost.signature.raw_bytes().to_vec(),
            subject: DistinguishedName::of(&info.subject),
            public_key: PublicKey::from_spki(info.subject_pki.raw)?,
            signature_algorithm: SignatureAlgorithm::of(&parsed.signature_algorithm),
            dns_names: Vec::new(),
            ip_addresses: Vec::new(),
            ignored: Vec::new(),
        };
        for attribute in info.attributes() {
            match attribute.parsed_attribute() {
                ParsedCriAttribute::ExtensionRequest(asked) => {
                    for extension in &asked.extensions {
                        request.take_extension(extension)?;
                    }
                }
                ParsedCriAttribute::ChallengePassword(_) => {
                    request.ignored.push("challengePassword".to_owned());
                }
                ParsedCriAttribute::UnsupportedAttribute => {
                    let name = attribute.oid.to_id_string();
                    request.ignored.push(format!("attribute {name}"));
                }
            }
        }
        Ok(request)
    }

    fn take_extension(&mut self, extension: &X509Extension<'_>) -> Result<(), RequestError> {
        let ParsedExtension::SubjectAlternativeName(names) = extension.parsed_extension() else {
            let name = oid2sn(&extension.oid, oid_registry())
                .map_or_else(|_| extension.oid.to_id_string(), str::to_owned);
            self.ignored.push(name);
            return Ok(());
        };
        for name in &names.general_names {
            match name {
                GeneralName::DNSName(name) => self.dns_names.push((*name).to_owned()),
                GeneralName::IPAddress(bytes) => {
                    let address = address(bytes).ok_or_else(|| {
                        let length = bytes.len();
                        RequestError::Malformed(format!("an IP address in it has {length} bytes"))
                    })?;
                    self.ip_addresses.push(address);
                }
                GeneralName::RFC822Name(name) => {
                    self.ignored
                        .push(format!("email address {}", name.escape_debug()));
                }
                GeneralName::URI(name) => {
                    self.ignored.push(format!("URI {}", name.escape_debug()));
                }
                GeneralName::Invalid(..) => {
                    let reason = "a subject alternative name in it cannot be read";
                    return Err(RequestError::Malformed(reason.to_owned()));
                }
                _ => self.ignored.push("a name of a rare kind".to_owned()),
            }
        }
        Ok(())
    }

    /// Whether the key that it is for signed it: the proof that who asks has the private half.
    pub fn verify(&self) -> Result<(), SignatureError> {
        signature::verify(
            &self.public_key,
            &self.signature_algorithm,
            &self.signed,
            &self.signature,
        )
    }

    /// The DER encoding.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// One PEM block with the label `CERTIFICATE REQUEST`, LF, and one final newline.
    #[must_use]
    pub fn to_pem(&self) -> String {
        pem::write("CERTIFICATE REQUEST", &self.der)
    }
}
