//! The ASN.1 of what is issued: RFC 5280 section 4.1 and RFC 2986 section 4.

use std::time::Duration;

use der::asn1::{
    AnyRef, BitStringRef, GeneralizedTime, ObjectIdentifier, OctetString, OctetStringRef, UintRef,
    UtcTime,
};
use der::{Choice, DateTime, Sequence};
use jiff::Timestamp;
use spki::AlgorithmIdentifier;

use super::IssueError;

/// The version number of X.509 v3.
pub(super) const X509_V3: u8 = 2;

/// `Certificate` and `CertificationRequest` alike: something, and a signature over its DER.
#[derive(Sequence)]
pub(in crate::pki) struct Signed<'a> {
    pub(in crate::pki) content: AnyRef<'a>,
    pub(in crate::pki) algorithm: AlgorithmIdentifier<AnyRef<'a>>,
    pub(in crate::pki) signature: BitStringRef<'a>,
}

#[derive(Sequence)]
pub(super) struct TbsCertificate<'a> {
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT")]
    pub(super) version: u8,
    pub(super) serial_number: UintRef<'a>,
    pub(super) signature: AlgorithmIdentifier<AnyRef<'a>>,
    pub(super) issuer: AnyRef<'a>,
    pub(super) validity: Validity,
    pub(super) subject: AnyRef<'a>,
    pub(super) subject_public_key_info: AnyRef<'a>,
    #[asn1(context_specific = "3", tag_mode = "EXPLICIT")]
    pub(super) extensions: Vec<Extension>,
}

/// A request (RFC 2986 section 4.1), whose attributes are an implicit `[0] SET OF`.
#[derive(Sequence)]
pub(super) struct CertificationRequestInfo<'a> {
    pub(super) version: u8,
    pub(super) subject: AnyRef<'a>,
    pub(super) subject_public_key_info: AnyRef<'a>,
    pub(super) attributes: AnyRef<'a>,
}

#[derive(Sequence)]
pub(super) struct Attribute<'a> {
    pub(super) oid: ObjectIdentifier,
    pub(super) values: AnyRef<'a>,
}

#[derive(Sequence)]
pub(super) struct Validity {
    not_before: Time,
    not_after: Time,
}

impl TryFrom<crate::pki::Validity> for Validity {
    type Error = IssueError;

    fn try_from(validity: crate::pki::Validity) -> Result<Self, IssueError> {
        Ok(Self {
            not_before: Time::of(validity.not_before)?,
            not_after: Time::of(validity.not_after)?,
        })
    }
}

/// A moment: `UTCTime` through 2049, `GeneralizedTime` from 2050 (RFC 5280 section 4.1.2.5).
#[derive(Choice)]
pub(super) enum Time {
    #[asn1(type = "UTCTime")]
    Utc(UtcTime),
    #[asn1(type = "GeneralizedTime")]
    General(GeneralizedTime),
}

impl Time {
    fn of(moment: Timestamp) -> Result<Self, IssueError> {
        let seconds = u64::try_from(moment.as_second())
            .map_err(|_| IssueError::Build("a certificate cannot begin before 1970".to_owned()))?;
        let moment = DateTime::from_unix_duration(Duration::from_secs(seconds))?;
        Ok(match UtcTime::from_date_time(moment) {
            Ok(time) => Self::Utc(time),
            Err(_) => Self::General(GeneralizedTime::from_date_time(moment)),
        })
    }
}

#[derive(Sequence)]
pub(super) struct AttributeTypeAndValue<'a> {
    pub(super) oid: ObjectIdentifier,
    pub(super) value: AnyRef<'a>,
}

#[derive(Sequence)]
pub(super) struct Extension {
    pub(super) oid: ObjectIdentifier,
    #[asn1(default = "Default::default")]
    pub(super) critical: bool,
    pub(super) value: OctetString,
}

#[derive(Sequence)]
pub(super) struct BasicConstraints {
    #[asn1(default = "Default::default")]
    pub(super) ca: bool,
}

#[derive(Sequence)]
pub(super) struct AuthorityKeyIdentifier<'a> {
    #[asn1(context_specific = "0", tag_mode = "IMPLICIT")]
    pub(super) key_identifier: &'a OctetStringRef,
}
