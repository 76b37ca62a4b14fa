//! The subject alternative names: DNS names, mailboxes, URIs and IP addresses.
//!
//! DNS names and mailboxes need only be ASCII here; what they are good for shows when a host is
//! verified. Names of other kinds are passed over.

use super::ExtensionKind::SubjectAlternativeName;
use super::der_cursor::{DerCursor, Element, Tag};
use super::extension::malformed;
use super::refusal::{Refusal, excerpt};
use super::uri;

pub(super) fn check(mut value: DerCursor<'_>) -> Result<(), Refusal> {
    let malformed = || malformed(SubjectAlternativeName);
    let mut names = value.enter(Tag::SEQUENCE).ok_or_else(malformed)?;
    while !names.is_empty() {
        check_name(names.read_any().ok_or_else(malformed)?)?;
    }
    Ok(())
}

fn check_name(name: Element<'_>) -> Result<(), Refusal> {
    let content = name.content;
    match name.tag {
        DNS_NAME => ascii(content, "DNS name").map(|_| ()),
        MAILBOX => ascii(content, "mailbox").map(|_| ()),
        URI => {
            let uri = ascii(content, "URI")?;
            uri::check(uri).map_err(|fault| Refusal::InvalidUri {
                uri: excerpt(content),
                fault,
            })
        }
        IP_ADDRESS => match content.len() {
            4 | 16 => Ok(()),
            octets => Err(Refusal::WrongAddressLength { octets }),
        },
        _ => Ok(()),
    }
}

fn ascii<'der>(content: &'der [u8], form: &'static str) -> Result<&'der str, Refusal> {
    str::from_utf8(content)
        .ok()
        .filter(|text| text.is_ascii())
        .ok_or(Refusal::NonAsciiAlternativeName { form })
}

const DNS_NAME: Tag = Tag::context(2);
const IP_ADDRESS: Tag = Tag::context(7);
const MAILBOX: Tag = Tag::context(1);
const URI: Tag = Tag::context(6);
