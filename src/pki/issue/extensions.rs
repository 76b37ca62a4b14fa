//! The extensions that are issued, in Go's order: key usage, extended key usage, basic constraints,
//! subject key identifier, authority key identifier, subject alternative name
//! (`buildCertExtensions` in `crypto/x509`).

use std::net::IpAddr;

use der::asn1::{Any, BitString, ObjectIdentifier, OctetString, OctetStringRef};
use der::{Encode, Tag, TagNumber};

use super::IssueError;
use super::asn1::{AuthorityKeyIdentifier, BasicConstraints, Extension};

pub(super) const SERVER_AUTH: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.1");
pub(super) const CLIENT_AUTH: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.2");

/// Numbers of `GeneralName` alternatives (RFC 5280 section 4.2.1.6).
const DNS_NAME: TagNumber = TagNumber(2);
const IP_ADDRESS: TagNumber = TagNumber(7);

/// A use of a key (RFC 5280 section 4.2.1.3), by its number as a bit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum KeyUse {
    DigitalSignature = 0,
    KeyEncipherment = 2,
    KeyCertSign = 5,
}

/// What the key may be used for: critical, without the zero bits at its end (X.690 section 11.2.2).
pub(super) fn key_usage(uses: &[KeyUse]) -> Result<Extension, IssueError> {
    let bits = uses
        .iter()
        .fold(0_u8, |bits, usage| bits | 0x80 >> *usage as u8);
    let unused = u8::try_from(bits.trailing_zeros()).unwrap_or_default();
    extension("2.5.29.15", true, &BitString::new(unused, [bits])?)
}

/// What the certificate may be used for.
pub(super) fn extended_key_usage(uses: &[ObjectIdentifier]) -> Result<Extension, IssueError> {
    extension("2.5.29.37", false, &uses.to_vec())
}

/// That it is a CA, of whatever depth: critical.
pub(super) fn certificate_authority() -> Result<Extension, IssueError> {
    extension("2.5.29.19", true, &BasicConstraints { ca: true })
}

pub(super) fn subject_key_identifier(identifier: &[u8]) -> Result<Extension, IssueError> {
    extension("2.5.29.14", false, &OctetStringRef::new(identifier)?)
}

pub(super) fn authority_key_identifier(identifier: &[u8]) -> Result<Extension, IssueError> {
    let key_identifier = OctetStringRef::new(identifier)?;
    extension(
        "2.5.29.35",
        false,
        &AuthorityKeyIdentifier { key_identifier },
    )
}

/// The names that the certificate is good for: DNS names first, then addresses, in the order given.
/// Nothing without any. It is critical if the subject is empty (RFC 5280 section 4.2.1.6).
pub(super) fn subject_alternative_name(
    dns_names: &[&str],
    ip_addresses: &[IpAddr],
    critical: bool,
) -> Result<Option<Extension>, IssueError> {
    let mut names = Vec::new();
    for name in dns_names {
        if !name.is_ascii() {
            let reason = "a DNS name is ASCII, else in punycode";
            return Err(IssueError::Name((*name).to_owned(), reason));
        }
        names.push(general_name(DNS_NAME, name.as_bytes())?);
    }
    for address in ip_addresses {
        // Go writes an IPv4 address that is wrapped in IPv6 as what it is.
        let octets = match address.to_canonical() {
            IpAddr::V4(address) => address.octets().to_vec(),
            IpAddr::V6(address) => address.octets().to_vec(),
        };
        names.push(general_name(IP_ADDRESS, &octets)?);
    }
    if names.is_empty() {
        return Ok(None);
    }
    extension("2.5.29.17", critical, &names).map(Some)
}

fn general_name(number: TagNumber, content: &[u8]) -> Result<Any, IssueError> {
    let constructed = false;
    let tag = Tag::ContextSpecific {
        constructed,
        number,
    };
    Ok(Any::new(tag, content)?)
}

fn extension(
    oid: &'static str,
    critical: bool,
    value: &impl Encode,
) -> Result<Extension, IssueError> {
    Ok(Extension {
        oid: ObjectIdentifier::new_unwrap(oid),
        critical,
        value: OctetString::new(value.to_der()?)?,
    })
}
