//! In which encoding a text of YAML stands.
//!
//! Go's library tells it by a byte order mark, takes UTF-8 without one, and passes over the mark.
//! Windows writes marks: Notepad one of UTF-8, the `>` of `PowerShell` 5 one of UTF-16. The library
//! that reads a [`Tree`](super::Tree) counts a mark as a column, so that the first line is indented
//! and ends its mapping.

use std::ops::Deref;

use crate::pki::Wiped;

const UTF_8_MARK: &[u8] = b"\xef\xbb\xbf";
const UTF_16_LITTLE_ENDIAN_MARK: &[u8] = b"\xff\xfe";
const UTF_16_BIG_ENDIAN_MARK: &[u8] = b"\xfe\xff";

/// A text of YAML in UTF-8, without a mark. Whether it is valid is not said.
pub(crate) enum Utf8<'a> {
    /// As it was given.
    AsGiven(&'a [u8]),
    /// Another encoding was given. It may be a private key, so it is wiped when dropped.
    Decoded(Wiped<Vec<u8>>),
}

impl<'a> Utf8<'a> {
    /// Decodes `text` as its mark says. Nothing if it is not what the mark says.
    pub(crate) fn of(text: &'a [u8]) -> Option<Self> {
        if let Some(text) = text.strip_prefix(UTF_8_MARK) {
            Some(Self::AsGiven(text))
        } else if let Some(text) = text.strip_prefix(UTF_16_LITTLE_ENDIAN_MARK) {
            of_utf_16(text, u16::from_le_bytes)
        } else if let Some(text) = text.strip_prefix(UTF_16_BIG_ENDIAN_MARK) {
            of_utf_16(text, u16::from_be_bytes)
        } else {
            Some(Self::AsGiven(text))
        }
    }
}

fn of_utf_16(text: &[u8], unit: impl Fn([u8; 2]) -> u16) -> Option<Utf8<'static>> {
    let (pairs, rest) = text.as_chunks();
    if !rest.is_empty() {
        return None;
    }
    // A unit becomes three bytes at most: so the text never moves, and leaves no copy behind.
    let mut decoded = Wiped::new(Vec::with_capacity(3 * pairs.len()));
    for character in char::decode_utf16(pairs.iter().copied().map(unit)) {
        let mut bytes = Wiped::new([0; 4]);
        decoded.extend_from_slice(character.ok()?.encode_utf8(&mut *bytes).as_bytes());
    }
    Some(Utf8::Decoded(decoded))
}

impl Deref for Utf8<'_> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::AsGiven(text) => text,
            Self::Decoded(text) => text,
        }
    }
}
