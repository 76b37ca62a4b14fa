//! Subjects, as Go writes them.

use der::asn1::{AnyRef, ObjectIdentifier};
use der::{Decode, Encode, Reader, SliceReader, Tag};

use super::IssueError;
use super::asn1::AttributeTypeAndValue;

const ORGANIZATION: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.10");
const COMMON_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.3");

/// A subject as Go's `pkix.Name` writes it: the organizations together in one relative name, and
/// after it the common name. Either may be missing, and both: the subject of Talos's own aggregator
/// CA is empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Subject<'a> {
    /// Whose key it is. An empty one is left out.
    pub common_name: Option<&'a str>,
    /// The groups that it belongs to; the roles, for Talos.
    pub organizations: &'a [&'a str],
}

impl Subject<'_> {
    /// The DER of its `Name` (RFC 5280 section 4.1.2.4).
    pub(in crate::pki) fn to_der(self) -> Result<Vec<u8>, IssueError> {
        let common_name = self.common_name.filter(|name| !name.is_empty());
        let relative_names = [
            relative_name(ORGANIZATION, self.organizations)?,
            relative_name(COMMON_NAME, common_name.as_slice())?,
        ];
        Ok(AnyRef::new(Tag::Sequence, &relative_names.concat())?.to_der()?)
    }
}

/// One relative name with all `values`: a SET, whose elements DER sorts by their encoding (X.690
/// section 11.6). Without values there is none.
fn relative_name(oid: ObjectIdentifier, values: &[&str]) -> Result<Vec<u8>, IssueError> {
    if values.is_empty() {
        return Ok(Vec::new());
    }
    let attributes = values.iter().map(|value| {
        let value = AnyRef::new(string_type(value), value.as_bytes())?;
        AttributeTypeAndValue { oid, value }.to_der()
    });
    let mut attributes = attributes.collect::<Result<Vec<_>, _>>()?;
    attributes.sort();
    Ok(AnyRef::new(Tag::Set, &attributes.concat())?.to_der()?)
}

/// The DER of the `Name` in `name` without its organizations, and without relative names that had
/// nothing else.
pub(super) fn without_organizations(name: &[u8]) -> Result<Vec<u8>, IssueError> {
    let mut kept_names = Vec::new();
    for relative_name in elements(AnyRef::from_der(name)?.value())? {
        let mut kept = Vec::new();
        for attribute in elements(relative_name.value())? {
            if attribute.decode_as::<AttributeTypeAndValue<'_>>()?.oid != ORGANIZATION {
                kept.extend(attribute.to_der()?);
            }
        }
        if !kept.is_empty() {
            kept_names.extend(AnyRef::new(Tag::Set, &kept)?.to_der()?);
        }
    }
    Ok(AnyRef::new(Tag::Sequence, &kept_names)?.to_der()?)
}

/// The elements of a SEQUENCE or SET with this content.
fn elements(content: &[u8]) -> Result<Vec<AnyRef<'_>>, IssueError> {
    let mut reader = SliceReader::new(content)?;
    let mut elements = Vec::new();
    while !reader.is_finished() {
        elements.push(AnyRef::decode(&mut reader)?);
    }
    Ok(elements)
}

/// PrintableString if its alphabet (X.680 section 41.4) is enough, UTF8String otherwise.
fn string_type(text: &str) -> Tag {
    let is_printable = |byte: u8| byte.is_ascii_alphanumeric() || b" '()+,-./:=?".contains(&byte);
    if text.bytes().all(is_printable) {
        Tag::PrintableString
    } else {
        Tag::Utf8String
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn organizations_share_one_sorted_set_before_the_common_name() {
        let subject = Subject {
            common_name: Some("a*"),
            organizations: &["os:etcd:backup", "os:reader"],
        };
        // What Go 1.26 writes for the same `pkix.Name`.
        let expected = [
            &b"\x30\x38\x31\x29\x30\x10\x06\x03\x55\x04\x0a\x13\x09os:reader"[..],
            &b"\x30\x15\x06\x03\x55\x04\x0a\x13\x0eos:etcd:backup"[..],
            &b"\x31\x0b\x30\x09\x06\x03\x55\x04\x03\x0c\x02a*"[..],
        ];
        assert_eq!(subject.to_der().unwrap(), expected.concat());
    }

    #[test]
    fn organizations_can_be_taken_out() {
        let all = Subject {
            common_name: Some("node"),
            organizations: &["os:reader", "os:admin"],
        };
        let rest = Subject {
            organizations: &[],
            ..all
        };
        let left = without_organizations(&all.to_der().unwrap()).unwrap();
        assert_eq!(left, rest.to_der().unwrap());
    }

    #[test]
    fn a_subject_may_be_empty() {
        let subject = Subject {
            common_name: Some(""),
            organizations: &[],
        };
        assert_eq!(subject.to_der().unwrap(), [0x30, 0]);
    }
}
