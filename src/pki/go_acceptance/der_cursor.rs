//! Reads DER one element at a time, exactly as strictly as Go's `cryptobyte` does.
//!
//! A general DER crate would be stricter or laxer here and there, and those differences are what
//! this module exists to tell apart. Lengths must be minimal and at most four octets long, tag
//! numbers at most 30, integers minimal, booleans `00` or `FF`. What follows an element is left
//! unread: whether that matters is for the caller to say, and Go often does not care.
//!
//! Every method returns `None` when the next element is absent, of another type or badly encoded.
//! A cursor that has returned `None` is of no further use.

use std::borrow::Cow;

use super::object_identifier::ObjectIdentifier;

/// A position inside DER, with everything that still follows.
#[derive(Clone, Copy)]
pub(super) struct DerCursor<'der> {
    rest: &'der [u8],
}

impl<'der> DerCursor<'der> {
    pub(super) fn new(der: &'der [u8]) -> Self {
        Self { rest: der }
    }

    pub(super) fn is_empty(self) -> bool {
        self.rest.is_empty()
    }

    /// Whether an element with this tag is next; its length and content may still be broken.
    pub(super) fn next_is(self, tag: Tag) -> bool {
        self.rest.first() == Some(&tag.0)
    }

    /// Reads an element with this tag and returns a cursor over its content.
    pub(super) fn enter(&mut self, tag: Tag) -> Option<Self> {
        self.read(tag).map(Self::new)
    }

    /// Reads an element with this tag and returns its content.
    pub(super) fn read(&mut self, tag: Tag) -> Option<&'der [u8]> {
        self.read_any()
            .filter(|element| element.tag == tag)
            .map(|element| element.content)
    }

    pub(super) fn read_any(&mut self) -> Option<Element<'der>> {
        let (&identifier, after_identifier) = self.rest.split_first()?;
        if identifier & Tag::NUMBER_BITS == Tag::NUMBER_BITS {
            return None;
        }
        let (length, after_length) = split_length(after_identifier)?;
        let header_length = self.rest.len().checked_sub(after_length.len())?;
        let total_length = header_length.checked_add(length)?;
        let (encoding, rest) = self.rest.split_at_checked(total_length)?;
        let content = encoding.get(header_length..)?;
        self.rest = rest;
        Some(Element {
            tag: Tag(identifier),
            content,
            encoding,
        })
    }

    pub(super) fn read_boolean(&mut self) -> Option<bool> {
        match self.read(Tag::BOOLEAN)? {
            [0x00] => Some(false),
            [0xff] => Some(true),
            _ => None,
        }
    }

    pub(super) fn read_integer(&mut self) -> Option<Integer<'der>> {
        self.read_integer_tagged(Tag::INTEGER)
    }

    /// Reads an integer under an implicit tag.
    pub(super) fn read_integer_tagged(&mut self, tag: Tag) -> Option<Integer<'der>> {
        Integer::from_content(self.read(tag)?)
    }

    pub(super) fn read_object_identifier(&mut self) -> Option<ObjectIdentifier<'der>> {
        ObjectIdentifier::from_content(self.read(Tag::OBJECT_IDENTIFIER)?)
    }

    pub(super) fn read_bit_string(&mut self) -> Option<BitString<'der>> {
        BitString::from_content(self.read(Tag::BIT_STRING)?)
    }
}

/// Splits a DER length from the bytes after it.
fn split_length(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let (&first, rest) = bytes.split_first()?;
    if first < 0x80 {
        return Some((usize::from(first), rest));
    }
    let octet_count = usize::from(first & 0x7f);
    if !(1..=4).contains(&octet_count) {
        return None;
    }
    let (octets, rest) = rest.split_at_checked(octet_count)?;
    let length = octets
        .iter()
        .fold(0_u32, |length, &octet| length << 8 | u32::from(octet));
    let minimal = length >= 0x80 && octets.first() != Some(&0);
    minimal.then_some((usize::try_from(length).ok()?, rest))
}

/// One element: its tag, its content, and the bytes of both with the length between them.
#[derive(Clone, Copy)]
pub(super) struct Element<'der> {
    pub(super) tag: Tag,
    pub(super) content: &'der [u8],
    pub(super) encoding: &'der [u8],
}

/// An identifier octet: class, primitive or constructed, and a tag number up to 30.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Tag(u8);

impl Tag {
    pub(super) const BIT_STRING: Self = Self(0x03);
    pub(super) const BMP_STRING: Self = Self(0x1e);
    pub(super) const BOOLEAN: Self = Self(0x01);
    pub(super) const GENERALIZED_TIME: Self = Self(0x18);
    pub(super) const IA5_STRING: Self = Self(0x16);
    pub(super) const INTEGER: Self = Self(0x02);
    pub(super) const NUMERIC_STRING: Self = Self(0x12);
    pub(super) const OBJECT_IDENTIFIER: Self = Self(0x06);
    pub(super) const OCTET_STRING: Self = Self(0x04);
    pub(super) const PRINTABLE_STRING: Self = Self(0x13);
    pub(super) const SEQUENCE: Self = Self(0x30);
    pub(super) const SET: Self = Self(0x31);
    pub(super) const T61_STRING: Self = Self(0x14);
    pub(super) const UTC_TIME: Self = Self(0x17);
    pub(super) const UTF8_STRING: Self = Self(0x0c);

    const NUMBER_BITS: u8 = 0x1f;

    /// `[number]`, primitive.
    pub(super) const fn context(number: u8) -> Self {
        Self(0x80 | number)
    }

    /// `[number]`, constructed.
    pub(super) const fn context_constructed(number: u8) -> Self {
        Self(0xa0 | number)
    }

    pub(super) const fn octet(self) -> u8 {
        self.0
    }
}

/// A minimally encoded integer of any size.
#[derive(Clone, Copy)]
pub(super) struct Integer<'der> {
    /// Two's complement, never empty.
    content: &'der [u8],
}

impl<'der> Integer<'der> {
    fn from_content(content: &'der [u8]) -> Option<Self> {
        let minimal = match content {
            [] | [0x00, 0x00..=0x7f, ..] | [0xff, 0x80..=0xff, ..] => false,
            [_, ..] => true,
        };
        minimal.then_some(Self { content })
    }

    pub(super) fn is_negative(self) -> bool {
        self.content.first().is_some_and(|&octet| octet >= 0x80)
    }

    pub(super) fn is_positive(self) -> bool {
        !self.is_negative() && self.content != [0]
    }

    /// The value, if 64 bits hold it.
    pub(super) fn to_i64(self) -> Option<i64> {
        let padding = 8_usize.checked_sub(self.content.len())?;
        let fill = if self.is_negative() { 0xff } else { 0x00 };
        let mut octets = [fill; 8];
        octets.get_mut(padding..)?.copy_from_slice(self.content);
        Some(i64::from_be_bytes(octets))
    }
}

/// A bit string whose unused bits are all zero.
#[derive(Clone, Copy)]
pub(super) struct BitString<'der> {
    octets: &'der [u8],
    unused_bits: u8,
}

impl<'der> BitString<'der> {
    fn from_content(content: &'der [u8]) -> Option<Self> {
        let (&unused_bits, octets) = content.split_first()?;
        let unused_are_zero = match octets.last() {
            None => unused_bits == 0,
            Some(&last) => unused_bits < 8 && last.trailing_zeros() >= u32::from(unused_bits),
        };
        unused_are_zero.then_some(Self {
            octets,
            unused_bits,
        })
    }

    /// The octets, shifted so that the last bit is used and the unused ones stand in front.
    ///
    /// A key never has unused bits, but Go shifts the bits of one that has and reads on.
    pub(super) fn right_aligned(self) -> Cow<'der, [u8]> {
        let unused = u32::from(self.unused_bits);
        if unused == 0 {
            return Cow::Borrowed(self.octets);
        }
        let mut previous = 0;
        self.octets
            .iter()
            .map(|&octet| {
                let pair = u16::from_be_bytes([previous, octet]);
                previous = octet;
                // Of the sixteen bits, those that end `unused` places further left.
                let [_, aligned] = pair.wrapping_shr(unused).to_be_bytes();
                aligned
            })
            .collect()
    }
}
