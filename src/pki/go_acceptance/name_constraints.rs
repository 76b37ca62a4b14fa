//! The name constraints of a CA: what names below it may, and may not, be.

use super::ExtensionKind::NameConstraints;
use super::der_cursor::{DerCursor, Element, Tag};
use super::domain_name;
use super::extension::malformed;
use super::internet_address;
use super::mailbox;
use super::refusal::{Refusal, excerpt};

pub(super) fn check(mut value: DerCursor<'_>) -> Result<(), Refusal> {
    let mut constraints = value
        .enter(Tag::SEQUENCE)
        .filter(|_| value.is_empty())
        .ok_or(malformed(NameConstraints))?;
    let permitted = read_subtrees(&mut constraints, PERMITTED)?;
    let excluded = read_subtrees(&mut constraints, EXCLUDED)?;
    if !constraints.is_empty() {
        return Err(malformed(NameConstraints));
    }
    if permitted.is_empty() && excluded.is_empty() {
        return Err(Refusal::EmptyNameConstraints);
    }
    check_subtrees(permitted)?;
    check_subtrees(excluded)
}

/// Reads the subtrees under this tag; absent ones are as good as empty ones.
fn read_subtrees<'der>(
    constraints: &mut DerCursor<'der>,
    tag: Tag,
) -> Result<DerCursor<'der>, Refusal> {
    if !constraints.next_is(tag) {
        return Ok(DerCursor::new(&[]));
    }
    constraints.enter(tag).ok_or(malformed(NameConstraints))
}

fn check_subtrees(mut subtrees: DerCursor<'_>) -> Result<(), Refusal> {
    while !subtrees.is_empty() {
        let base = subtrees
            .enter(Tag::SEQUENCE)
            .and_then(|mut subtree| subtree.read_any())
            .ok_or(malformed(NameConstraints))?;
        check_base(base)?;
    }
    Ok(())
}

fn check_base(base: Element<'_>) -> Result<(), Refusal> {
    let content = base.content;
    let (form, valid) = match base.tag {
        DNS_NAME => ("DNS name", domain_name::is_valid_constraint(content)),
        MAILBOX if content.contains(&b'@') => ("mailbox", mailbox::is_valid(content)),
        MAILBOX => ("mailbox", domain_name::is_valid_constraint(content)),
        URI if internet_address::is_address(content) => {
            return Err(Refusal::AddressAsUriConstraint {
                address: excerpt(content),
            });
        }
        URI => ("URI", domain_name::is_valid_constraint(content)),
        IP_RANGE => return check_range(content),
        _ => return Ok(()),
    };
    if valid {
        Ok(())
    } else {
        Err(Refusal::InvalidNameConstraint {
            constraint: excerpt(content),
            form,
        })
    }
}

/// Checks an address followed by a mask of the same length.
fn check_range(range: &[u8]) -> Result<(), Refusal> {
    let octets = range.len();
    let mask = match octets {
        8 => range.get(4..),
        32 => range.get(16..),
        _ => None,
    }
    .ok_or(Refusal::WrongAddressRangeLength { octets })?;
    if is_prefix_mask(mask) {
        Ok(())
    } else {
        Err(Refusal::InvalidAddressMask)
    }
}

/// Whether all the ones of the mask come before all its zeros.
fn is_prefix_mask(mask: &[u8]) -> bool {
    mask.iter()
        .flat_map(|octet| (0..u8::BITS).rev().map(move |bit| octet >> bit & 1))
        .is_sorted_by(|bit, next| bit >= next)
}

const DNS_NAME: Tag = Tag::context(2);
const EXCLUDED: Tag = Tag::context_constructed(1);
const IP_RANGE: Tag = Tag::context(7);
const MAILBOX: Tag = Tag::context(1);
const PERMITTED: Tag = Tag::context_constructed(0);
const URI: Tag = Tag::context(6);
