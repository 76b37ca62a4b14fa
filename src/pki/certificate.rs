//! X.509 certificates: read leniently, so that a bad one can be shown and explained.

use std::fmt;
use std::net::IpAddr;

use jiff::Timestamp;
use x509_parser::asn1_rs::Header;
use x509_parser::extensions::{GeneralName, ParsedExtension};
use x509_parser::oid_registry::Oid;
use x509_parser::prelude::{FromDer, X509Certificate};

use super::distinguished_name::DistinguishedName;
use super::go_acceptance::{self, Refusal};
use super::pem;
use super::public_key::{PublicKey, PublicKeyError};
use super::signature::{self, SignatureAlgorithm, SignatureError};

/// Extensions that Go 1.26 acts upon, so that they may be critical (`crypto/x509/parser.go`).
const HANDLED_EXTENSIONS: [&str; 12] = [
    "2.5.29.14",
    "2.5.29.15",
    "2.5.29.17",
    "2.5.29.19",
    "2.5.29.30",
    "2.5.29.31",
    "2.5.29.32",
    "2.5.29.33",
    "2.5.29.35",
    "2.5.29.36",
    "2.5.29.37",
    "2.5.29.54",
];

/// Extended key usages beside those of RFC 5280 that Go 1.26 knows: IPsec, and Microsoft's and
/// Netscape's own (`extKeyUsageOIDs` in `crypto/x509/x509.go`).
const FURTHER_USAGES: [&str; 7] = [
    "1.3.6.1.5.5.7.3.5",
    "1.3.6.1.5.5.7.3.6",
    "1.3.6.1.5.5.7.3.7",
    "1.3.6.1.4.1.311.10.3.3",
    "2.16.840.1.113730.4.1",
    "1.3.6.1.4.1.311.2.1.22",
    "1.3.6.1.4.1.311.61.1.1",
];

/// A certificate that could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CertificateError {
    /// The bytes are not a certificate.
    #[error("it is not an X.509 certificate: {0}")]
    Malformed(String),
    /// The public key in it cannot be read.
    #[error("its public key cannot be read: {0}")]
    PublicKey(#[from] PublicKeyError),
}

/// The version of the X.509 format (RFC 5280 section 4.1.2.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum X509Version {
    /// Without extensions: such a certificate cannot say that it is a CA.
    V1,
    /// With unique identifiers, never seen.
    V2,
    /// With extensions.
    V3,
}

/// From when until when a certificate holds, both ends included (RFC 5280 section 4.1.2.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Validity {
    /// The first second.
    pub not_before: Timestamp,
    /// The last second.
    pub not_after: Timestamp,
}

/// Basic constraints (RFC 5280 section 4.2.1.9).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BasicConstraints {
    /// Whether it is the certificate of a CA.
    pub ca: bool,
    /// How many CA certificates may follow below it.
    pub path_length: Option<u32>,
}

/// What the key may be used for (RFC 5280 section 4.2.1.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyUsage {
    /// To sign messages, which TLS needs.
    pub digital_signature: bool,
    /// To sign certificates.
    pub key_cert_sign: bool,
}

/// Extended key usages (RFC 5280 section 4.2.1.12).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ExtendedKeyUsage {
    /// TLS server.
    pub server_auth: bool,
    /// TLS client.
    pub client_auth: bool,
    /// Any use at all.
    pub any: bool,
    /// How many other uses there are that Go knows.
    pub others: usize,
}

/// A certificate. What it says is not necessarily true or useful; the rules judge that.
#[derive(Debug, Clone)]
pub struct Certificate {
    der: Vec<u8>,
    signed: std::ops::Range<usize>,
    signature: Vec<u8>,
    /// The format version.
    pub version: X509Version,
    /// Whom it is about.
    pub subject: DistinguishedName,
    /// Who signed it, by its own word.
    pub issuer: DistinguishedName,
    /// When it holds.
    pub validity: Validity,
    /// The key that it vouches for.
    pub public_key: PublicKey,
    /// How it was signed.
    pub signature_algorithm: SignatureAlgorithm,
    /// Whether it is a CA, if it says so at all.
    pub basic_constraints: Option<BasicConstraints>,
    /// What its key may do, if it says so at all.
    pub key_usage: Option<KeyUsage>,
    /// What it may be used for, if it says so at all.
    pub extended_key_usage: Option<ExtendedKeyUsage>,
    /// The subject key identifier (RFC 5280 section 4.2.1.2).
    pub subject_key_identifier: Option<Vec<u8>>,
    /// The key identifier of its issuer (RFC 5280 section 4.2.1.1).
    pub authority_key_identifier: Option<Vec<u8>>,
    /// Subject alternative DNS names.
    pub dns_names: Vec<String>,
    /// Subject alternative IP addresses.
    pub ip_addresses: Vec<IpAddr>,
    /// Whether it restricts the names below it (RFC 5280 section 4.2.1.10).
    pub name_constraints: bool,
    /// Critical extensions that Go does not know, by object identifier.
    pub unhandled_critical: Vec<String>,
    /// Why Go, and so Talos and Kubernetes, refuses to parse it, if so.
    pub go_refusal: Option<Refusal>,
}

impl Certificate {
    /// Reads one certificate. Bytes after it are left out.
    pub fn from_der(der: &[u8]) -> Result<Self, CertificateError> {
        let (rest, parsed) = X509Certificate::from_der(der).map_err(|error| {
            CertificateError::Malformed(match error {
                x509_parser::nom::Err::Incomplete(_) => "it ends too early".to_owned(),
                x509_parser::nom::Err::Error(error) | x509_parser::nom::Err::Failure(error) => {
                    error.to_string()
                }
            })
        })?;
        let der = &der[..der.len() - rest.len()];
        let signed = parsed.tbs_certificate.as_ref();
        // What is signed is the first thing in the outer SEQUENCE (RFC 5280 section 4.1).
        let start = Header::from_der(der).map_or(0, |(content, _)| der.len() - content.len());
        let mut certificate = Self {
            der: der.to_vec(),
            signed: start..start + signed.len(),
            signature: parsed.signature_value.data.to_vec(),
            version: match parsed.version().0 {
                0 => X509Version::V1,
                1 => X509Version::V2,
                _ => X509Version::V3,
            },
            subject: DistinguishedName::of(parsed.subject()),
            issuer: DistinguishedName::of(parsed.issuer()),
            validity: Validity {
                not_before: timestamp(parsed.validity().not_before.timestamp()),
                not_after: timestamp(parsed.validity().not_after.timestamp()),
            },
            public_key: PublicKey::from_spki(parsed.public_key().raw)?,
            signature_algorithm: SignatureAlgorithm::of(&parsed.signature_algorithm),
            basic_constraints: None,
            key_usage: None,
            extended_key_usage: None,
            subject_key_identifier: None,
            authority_key_identifier: None,
            dns_names: Vec::new(),
            ip_addresses: Vec::new(),
            name_constraints: false,
            unhandled_critical: Vec::new(),
            go_refusal: go_acceptance::refusal(der),
        };
        for extension in parsed.extensions() {
            certificate.take_extension(extension.parsed_extension());
            let oid = extension.oid.to_id_string();
            if extension.critical && !HANDLED_EXTENSIONS.contains(&oid.as_str()) {
                certificate.unhandled_critical.push(oid);
            }
        }
        Ok(certificate)
    }

    fn take_extension(&mut self, extension: &ParsedExtension<'_>) {
        match extension {
            ParsedExtension::BasicConstraints(constraints) => {
                self.basic_constraints = Some(BasicConstraints {
                    ca: constraints.ca,
                    path_length: constraints.path_len_constraint,
                });
            }
            ParsedExtension::KeyUsage(usage) => {
                self.key_usage = Some(KeyUsage {
                    digital_signature: usage.digital_signature(),
                    key_cert_sign: usage.key_cert_sign(),
                });
            }
            ParsedExtension::ExtendedKeyUsage(usage) => {
                self.extended_key_usage = Some(ExtendedKeyUsage {
                    server_auth: usage.server_auth,
                    client_auth: usage.client_auth,
                    any: usage.any,
                    others: [
                        usage.code_signing,
                        usage.email_protection,
                        usage.time_stamping,
                        usage.ocsp_signing,
                    ]
                    .into_iter()
                    .chain(usage.other.iter().map(is_known_usage))
                    .filter(|is_there| *is_there)
                    .count(),
                });
            }
            ParsedExtension::SubjectKeyIdentifier(identifier) => {
                self.subject_key_identifier = Some(identifier.0.to_vec());
            }
            ParsedExtension::AuthorityKeyIdentifier(identifier) => {
                self.authority_key_identifier = identifier
                    .key_identifier
                    .as_ref()
                    .map(|identifier| identifier.0.to_vec());
            }
            ParsedExtension::NameConstraints(_) => self.name_constraints = true,
            ParsedExtension::SubjectAlternativeName(names) => {
                for name in &names.general_names {
                    match name {
                        GeneralName::DNSName(name) => self.dns_names.push((*name).to_owned()),
                        GeneralName::IPAddress(bytes) => self.ip_addresses.extend(address(bytes)),
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }

    /// The DER encoding, exactly as it was read.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// One PEM block with the label `CERTIFICATE`, LF, and one final newline.
    #[must_use]
    pub fn to_pem(&self) -> String {
        pem::write("CERTIFICATE", &self.der)
    }

    /// Whether subject and issuer are the same, as in a root.
    #[must_use]
    pub fn is_self_issued(&self) -> bool {
        self.subject == self.issuer
    }

    /// Whether its own key signed it.
    pub fn verify_self_signature(&self) -> Result<(), SignatureError> {
        self.verify_signature_by(&self.public_key)
    }

    /// Whether `key` signed it.
    pub fn verify_signature_by(&self, key: &PublicKey) -> Result<(), SignatureError> {
        let message = &self.der[self.signed.clone()];
        signature::verify(key, &self.signature_algorithm, message, &self.signature)
    }

    /// Whether `authority` issued it: the names meet and the signature is good.
    #[must_use]
    pub fn is_issued_by(&self, authority: &Self) -> bool {
        self.issuer == authority.subject && self.verify_signature_by(&authority.public_key).is_ok()
    }

    /// Whether it is the same CA as `other`, issued anew: what one of them issued holds under both,
    /// since chains are built by name and key.
    #[must_use]
    pub fn is_same_authority(&self, other: &Self) -> bool {
        self.subject == other.subject && self.public_key == other.public_key
    }

    /// Whether Go would accept it as the issuer of others: a v3 certificate must say that it is a
    /// CA, an older one cannot (`CheckSignatureFrom` in `crypto/x509`).
    #[must_use]
    pub fn is_authority(&self) -> bool {
        match self.basic_constraints {
            Some(constraints) => constraints.ca,
            None => self.version != X509Version::V3 && self.is_self_issued(),
        }
    }
}

impl fmt::Display for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.subject.fmt(f)
    }
}

fn is_known_usage(usage: &Oid<'_>) -> bool {
    FURTHER_USAGES.contains(&usage.to_id_string().as_str())
}

/// A moment in seconds since 1970. `jiff` ends a day before X.509's `99991231235959Z`, "no end"
/// (RFC 5280 section 4.1.2.5), so the ends are met, not refused.
fn timestamp(seconds: i64) -> Timestamp {
    let extreme = if seconds < 0 {
        Timestamp::MIN
    } else {
        Timestamp::MAX
    };
    Timestamp::from_second(seconds).unwrap_or(extreme)
}

/// The address in an iPAddress of a subject alternative name (RFC 5280 section 4.2.1.6).
pub(super) fn address(bytes: &[u8]) -> Option<IpAddr> {
    if let Ok(octets) = <[u8; 4]>::try_from(bytes) {
        return Some(octets.into());
    }
    <[u8; 16]>::try_from(bytes).ok().map(IpAddr::from)
}
