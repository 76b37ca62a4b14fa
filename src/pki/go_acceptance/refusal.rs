//! Every reason for which Go refuses to parse a certificate.

use thiserror::Error;

use super::{CertificateField, ExtensionKind, UriFault};

/// Why Go would refuse to parse a certificate.
///
/// `Display` says what is wrong in the certificate, in a clause without a capital or a full stop.
/// Text out of the certificate is quoted, escaped and cut to a length that a person can read.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refusal {
    /// RFC 5280 wants domain names where URIs are constrained.
    #[error("a URI name constraint is the IP address {address:?}, but must be a domain name")]
    AddressAsUriConstraint {
        /// The address as written.
        address: String,
    },

    /// RFC 5280 forbids to mark this extension critical.
    #[error("the {extension} extension is marked critical, which it must not be")]
    CriticalExtension {
        /// Which extension.
        extension: ExtensionKind,
    },

    /// The extension neither permits nor excludes anything.
    #[error("the name constraints extension holds no constraint")]
    EmptyNameConstraints,

    /// The ones of the mask do not all stand before its zeros.
    #[error("an IP address name constraint has a mask that is no network prefix")]
    InvalidAddressMask,

    /// Go takes no such domain name or mailbox as a constraint.
    #[error("the {form} name constraint {constraint:?} is not valid")]
    InvalidNameConstraint {
        /// The constraint as written.
        constraint: String,
        /// The form of name that is constrained.
        form: &'static str,
    },

    /// The string holds characters that its type does not have.
    #[error("the {field} holds a {string_type} with characters that such a string cannot have")]
    InvalidString {
        /// Whose name it is.
        field: CertificateField,
        /// The ASN.1 type.
        string_type: &'static str,
    },

    /// Go cannot parse the URI, or its host is not a domain name.
    #[error("the subject alternative name {uri:?} is not a valid URI: {fault}")]
    InvalidUri {
        /// The URI as written.
        uri: String,
        /// What is wrong with it.
        fault: UriFault,
    },

    /// The field is absent or not DER of the right shape.
    #[error("the {field} is missing or badly encoded")]
    Malformed {
        /// Which field.
        field: CertificateField,
    },

    /// The value is not DER of the right shape, or holds a number out of range.
    #[error("the {extension} extension is badly encoded")]
    MalformedExtension {
        /// Which extension.
        extension: ExtensionKind,
    },

    /// The key is not DER of the right shape, or holds a number out of range.
    #[error("the {algorithm} public key is badly encoded")]
    MalformedKey {
        /// The key's algorithm.
        algorithm: &'static str,
    },

    /// The parameters are absent or not DER of the right shape.
    #[error("the parameters of the {algorithm} public key are missing or badly encoded")]
    MalformedKeyParameters {
        /// The key's algorithm.
        algorithm: &'static str,
    },

    /// The time is not spelled as it must be, or there is no such time.
    #[error("the {field} is not a valid time")]
    MalformedTime {
        /// Which time.
        field: CertificateField,
    },

    /// Serial numbers are positive.
    #[error("the serial number is negative")]
    NegativeSerialNumber,

    /// These names are ASCII; others are written in Punycode or with percent signs.
    #[error("a {form} among the subject alternative names is not plain ASCII")]
    NonAsciiAlternativeName {
        /// The form of the name.
        form: &'static str,
    },

    /// The public value and the domain parameters are positive.
    #[error("the DSA public key holds a number that is not positive")]
    NonPositiveDsaValue,

    /// Public exponents are positive.
    #[error("the public exponent of the RSA key is not positive")]
    NonPositiveRsaExponent,

    /// Moduli are positive.
    #[error("the modulus of the RSA key is not positive")]
    NonPositiveRsaModulus,

    /// The coordinates are out of range or do not satisfy the curve's equation.
    #[error("the public key is not a point on the curve {curve}")]
    PointNotOnCurve {
        /// The curve's name.
        curve: &'static str,
    },

    /// Go takes neither compressed points nor the point at infinity.
    #[error("the public key is not an uncompressed point of the curve {curve}")]
    PointNotUncompressed {
        /// The curve's name.
        curve: &'static str,
    },

    /// An extension may come only once.
    #[error("the extension {object_identifier} is present more than once")]
    RepeatedExtension {
        /// Which extension, as dotted numbers.
        object_identifier: String,
    },

    /// A policy may come only once.
    #[error("the certificate policy {object_identifier} is present more than once")]
    RepeatedPolicy {
        /// Which policy, as dotted numbers.
        object_identifier: String,
    },

    /// RFC 3279 section 2.3.1 wants a `NULL` here.
    #[error("the parameters of the RSA key are not NULL")]
    RsaParametersNotNull,

    /// The algorithm under the signature and the one beside it must be the same.
    #[error("the signed signature algorithm differs from the one beside the signature")]
    SignatureAlgorithmsDiffer,

    /// Nothing may follow the certificate.
    #[error("there is more data after the end of the certificate")]
    TrailingData,

    /// RFC 8410 section 3 wants no parameters here.
    #[error("the Ed25519 public key has parameters, but must have none")]
    UnexpectedEd25519Parameters,

    /// Go knows P-224, P-256, P-384 and P-521.
    #[error("the elliptic curve {object_identifier} of the public key is not supported")]
    UnsupportedCurve {
        /// Which curve, as dotted numbers.
        object_identifier: String,
    },

    /// Go reads BMP, IA5, numeric, printable, T61 and UTF-8 strings in names.
    #[error("the {field} holds a value of a type that is not supported there (tag {tag:#04x})")]
    UnsupportedStringType {
        /// Whose name it is.
        field: CertificateField,
        /// The DER identifier octet of the value.
        tag: u8,
    },

    /// Times are `UTCTime` or `GeneralizedTime`.
    #[error("the {field} is neither a UTCTime nor a GeneralizedTime")]
    UnsupportedTimeType {
        /// Which time.
        field: CertificateField,
    },

    /// Only versions 1, 2 and 3 exist.
    #[error("the version number {number} is none of 0, 1 and 2")]
    UnsupportedVersion {
        /// The number as encoded, one less than the version's name.
        number: i64,
    },

    /// Addresses are 4 or 16 octets long.
    #[error("an IP address among the subject alternative names is {octets} octets long")]
    WrongAddressLength {
        /// The length found.
        octets: usize,
    },

    /// Addresses with their masks are 8 or 32 octets long.
    #[error("an IP address name constraint is {octets} octets long, not 8 or 32")]
    WrongAddressRangeLength {
        /// The length found.
        octets: usize,
    },

    /// Ed25519 public keys are 32 octets long.
    #[error("the Ed25519 public key is {octets} octets long, not 32")]
    WrongEd25519Length {
        /// The length found.
        octets: usize,
    },
}

impl Refusal {
    /// The section of RFC 5280 about the part of the certificate that is wrong.
    #[must_use]
    pub const fn rfc5280_section(&self) -> &'static str {
        match self {
            Self::CriticalExtension { extension } | Self::MalformedExtension { extension } => {
                extension.rfc5280_section()
            }
            Self::InvalidString { field, .. }
            | Self::Malformed { field }
            | Self::MalformedTime { field }
            | Self::UnsupportedStringType { field, .. }
            | Self::UnsupportedTimeType { field } => field.rfc5280_section(),
            Self::AddressAsUriConstraint { .. }
            | Self::EmptyNameConstraints
            | Self::InvalidAddressMask
            | Self::InvalidNameConstraint { .. }
            | Self::WrongAddressRangeLength { .. } => "4.2.1.10",
            Self::InvalidUri { .. }
            | Self::NonAsciiAlternativeName { .. }
            | Self::WrongAddressLength { .. } => "4.2.1.6",
            Self::MalformedKey { .. }
            | Self::MalformedKeyParameters { .. }
            | Self::NonPositiveDsaValue
            | Self::NonPositiveRsaExponent
            | Self::NonPositiveRsaModulus
            | Self::PointNotOnCurve { .. }
            | Self::PointNotUncompressed { .. }
            | Self::RsaParametersNotNull
            | Self::UnexpectedEd25519Parameters
            | Self::UnsupportedCurve { .. }
            | Self::WrongEd25519Length { .. } => "4.1.2.7",
            Self::NegativeSerialNumber => "4.1.2.2",
            Self::RepeatedExtension { .. } => "4.2",
            Self::RepeatedPolicy { .. } => "4.2.1.4",
            Self::SignatureAlgorithmsDiffer => "4.1.1.2",
            Self::TrailingData => "4.1",
            Self::UnsupportedVersion { .. } => "4.1.2.1",
        }
    }
}

/// Text out of a certificate, cut to a length that a person can read.
pub(super) fn excerpt(text: &[u8]) -> String {
    let text = String::from_utf8_lossy(text.get(..LONGEST_EXCERPT).unwrap_or(text));
    text.into_owned()
}

/// In octets; the longest host name has 253.
const LONGEST_EXCERPT: usize = 256;
