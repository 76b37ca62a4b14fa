//! The parts of a certificate that a refusal can point at.

use std::fmt::{self, Display};

/// A field of a certificate, RFC 5280 section 4.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CertificateField {
    /// The certificate as a whole.
    Certificate,
    /// The list of extensions, or the frame of one of them.
    Extensions,
    /// The issuer's name.
    Issuer,
    /// The issuer's unique identifier.
    IssuerUniqueId,
    /// The end of the validity period.
    NotAfter,
    /// The start of the validity period.
    NotBefore,
    /// The serial number.
    SerialNumber,
    /// The signature algorithm inside the signed part.
    Signature,
    /// The signature algorithm beside the signature.
    SignatureAlgorithm,
    /// The signature itself.
    SignatureValue,
    /// The subject's name.
    Subject,
    /// The subject's public key and its algorithm.
    SubjectPublicKeyInfo,
    /// The subject's unique identifier.
    SubjectUniqueId,
    /// The signed part.
    TbsCertificate,
    /// The validity period.
    Validity,
    /// The version number.
    Version,
}

impl CertificateField {
    /// The section of RFC 5280 that defines this field.
    #[must_use]
    pub const fn rfc5280_section(self) -> &'static str {
        match self {
            Self::Certificate => "4.1",
            Self::Extensions => "4.1.2.9",
            Self::Issuer => "4.1.2.4",
            Self::IssuerUniqueId | Self::SubjectUniqueId => "4.1.2.8",
            Self::NotAfter | Self::NotBefore | Self::Validity => "4.1.2.5",
            Self::SerialNumber => "4.1.2.2",
            Self::Signature => "4.1.2.3",
            Self::SignatureAlgorithm => "4.1.1.2",
            Self::SignatureValue => "4.1.1.3",
            Self::Subject => "4.1.2.6",
            Self::SubjectPublicKeyInfo => "4.1.2.7",
            Self::TbsCertificate => "4.1.1.1",
            Self::Version => "4.1.2.1",
        }
    }
}

impl Display for CertificateField {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Certificate => "certificate",
            Self::Extensions => "list of extensions",
            Self::Issuer => "issuer name",
            Self::IssuerUniqueId => "issuer unique identifier",
            Self::NotAfter => "end of the validity period",
            Self::NotBefore => "start of the validity period",
            Self::SerialNumber => "serial number",
            Self::Signature => "signature algorithm in the signed part",
            Self::SignatureAlgorithm => "signature algorithm beside the signature",
            Self::SignatureValue => "signature",
            Self::Subject => "subject name",
            Self::SubjectPublicKeyInfo => "subject public key",
            Self::SubjectUniqueId => "subject unique identifier",
            Self::TbsCertificate => "signed part of the certificate",
            Self::Validity => "validity period",
            Self::Version => "version",
        })
    }
}

/// An extension whose value Go reads, RFC 5280 section 4.2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ExtensionKind {
    /// Where the issuer's certificate and its OCSP responder are.
    AuthorityInformationAccess,
    /// Which key signed the certificate.
    AuthorityKeyIdentifier,
    /// Whether the subject is a CA.
    BasicConstraints,
    /// The policies under which the certificate was issued.
    CertificatePolicies,
    /// Where revocation lists are.
    CrlDistributionPoints,
    /// The purposes of the key.
    ExtendedKeyUsage,
    /// From where on `anyPolicy` stops matching.
    InhibitAnyPolicy,
    /// The operations that the key is for.
    KeyUsage,
    /// The names that the CA may certify.
    NameConstraints,
    /// From where on policies must be explicit or unmapped.
    PolicyConstraints,
    /// The issuer's policies that equal the subject's.
    PolicyMappings,
    /// The subject's DNS names, addresses, mailboxes and URIs.
    SubjectAlternativeName,
    /// Which key the certificate is about.
    SubjectKeyIdentifier,
}

impl ExtensionKind {
    /// The section of RFC 5280 that defines this extension.
    #[must_use]
    pub const fn rfc5280_section(self) -> &'static str {
        match self {
            Self::AuthorityInformationAccess => "4.2.2.1",
            Self::AuthorityKeyIdentifier => "4.2.1.1",
            Self::BasicConstraints => "4.2.1.9",
            Self::CertificatePolicies => "4.2.1.4",
            Self::CrlDistributionPoints => "4.2.1.13",
            Self::ExtendedKeyUsage => "4.2.1.12",
            Self::InhibitAnyPolicy => "4.2.1.14",
            Self::KeyUsage => "4.2.1.3",
            Self::NameConstraints => "4.2.1.10",
            Self::PolicyConstraints => "4.2.1.11",
            Self::PolicyMappings => "4.2.1.5",
            Self::SubjectAlternativeName => "4.2.1.6",
            Self::SubjectKeyIdentifier => "4.2.1.2",
        }
    }

    /// Finds the extension by the content of its DER-encoded object identifier.
    pub(super) const fn from_object_identifier(content: &[u8]) -> Option<Self> {
        Some(match content {
            // Under id-ce, 2.5.29.
            [0x55, 0x1d, 14] => Self::SubjectKeyIdentifier,
            [0x55, 0x1d, 15] => Self::KeyUsage,
            [0x55, 0x1d, 17] => Self::SubjectAlternativeName,
            [0x55, 0x1d, 19] => Self::BasicConstraints,
            [0x55, 0x1d, 30] => Self::NameConstraints,
            [0x55, 0x1d, 31] => Self::CrlDistributionPoints,
            [0x55, 0x1d, 32] => Self::CertificatePolicies,
            [0x55, 0x1d, 33] => Self::PolicyMappings,
            [0x55, 0x1d, 35] => Self::AuthorityKeyIdentifier,
            [0x55, 0x1d, 36] => Self::PolicyConstraints,
            [0x55, 0x1d, 37] => Self::ExtendedKeyUsage,
            [0x55, 0x1d, 54] => Self::InhibitAnyPolicy,
            // id-pe-authorityInfoAccess, 1.3.6.1.5.5.7.1.1.
            [0x2b, 6, 1, 5, 5, 7, 1, 1] => Self::AuthorityInformationAccess,
            _ => return None,
        })
    }

    /// Whether Go holds the CA to the rule that this extension must not be critical.
    ///
    /// RFC 5280 says so of more extensions than these three.
    pub(super) const fn must_not_be_critical(self) -> bool {
        matches!(
            self,
            Self::AuthorityInformationAccess
                | Self::AuthorityKeyIdentifier
                | Self::SubjectKeyIdentifier
        )
    }
}

impl Display for ExtensionKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::AuthorityInformationAccess => "authority information access",
            Self::AuthorityKeyIdentifier => "authority key identifier",
            Self::BasicConstraints => "basic constraints",
            Self::CertificatePolicies => "certificate policies",
            Self::CrlDistributionPoints => "CRL distribution points",
            Self::ExtendedKeyUsage => "extended key usage",
            Self::InhibitAnyPolicy => "inhibit any policy",
            Self::KeyUsage => "key usage",
            Self::NameConstraints => "name constraints",
            Self::PolicyConstraints => "policy constraints",
            Self::PolicyMappings => "policy mappings",
            Self::SubjectAlternativeName => "subject alternative name",
            Self::SubjectKeyIdentifier => "subject key identifier",
        })
    }
}
