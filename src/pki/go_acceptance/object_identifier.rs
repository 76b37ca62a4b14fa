//! Object identifiers: which encodings Go takes, and how to write one for a person.

use std::fmt::{self, Display};

/// A well-formed object identifier each of whose encoded arcs fits into 31 bits.
///
/// Go keeps arcs in 32-bit integers on every platform, so an identifier under `2.25`, whose second
/// part is a UUID, is no identifier to it wherever it uses this type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct ObjectIdentifier<'der> {
    content: &'der [u8],
}

impl<'der> ObjectIdentifier<'der> {
    pub(super) fn from_content(content: &'der [u8]) -> Option<Self> {
        let small = arcs(content).all(|arc| arc.is_some_and(|arc| arc < 1 << 31));
        (is_well_formed(content) && small).then_some(Self { content })
    }

    pub(super) fn content(self) -> &'der [u8] {
        self.content
    }
}

impl Display for ObjectIdentifier<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&dotted(self.content))
    }
}

/// Whether this content is a sequence of whole, minimally encoded arcs of any size.
///
/// This is all that Go asks of the identifier of a certificate policy.
pub(super) fn is_well_formed(content: &[u8]) -> bool {
    let ends_whole = content.last().is_some_and(|&octet| ends_arc(octet));
    ends_whole
        && content
            .split_inclusive(|&octet| ends_arc(octet))
            .all(|arc| arc.first() != Some(&0x80))
}

/// Writes the content of an object identifier as dotted numbers, such as `2.5.29.17`.
///
/// An identifier with very many arcs is cut short, since a person is to read it.
pub(super) fn dotted(content: &[u8]) -> String {
    let mut numbers = Vec::new();
    for (position, arc) in arcs(content).take(LONGEST_SHOWN).enumerate() {
        // The first arc packs two: forty times the first number plus the second.
        let (packed, arc) = match (position, arc) {
            (0, Some(arc @ ..40)) => (Some("0"), Some(arc)),
            (0, Some(arc @ 40..80)) => (Some("1"), arc.checked_sub(40)),
            (0, arc) => (Some("2"), arc.and_then(|arc| arc.checked_sub(80))),
            (_, arc) => (None, arc),
        };
        numbers.extend(packed.map(str::to_owned));
        numbers.push(arc.map_or_else(|| "?".to_owned(), |arc| arc.to_string()));
    }
    if arcs(content).nth(LONGEST_SHOWN).is_some() {
        numbers.push("…".to_owned());
    }
    numbers.join(".")
}

/// The encoded arcs, `None` for one beyond 128 bits.
fn arcs(content: &[u8]) -> impl Iterator<Item = Option<u128>> {
    content
        .split_inclusive(|&octet| ends_arc(octet))
        .map(|octets| {
            octets.iter().try_fold(0_u128, |arc, octet| {
                Some(arc.checked_mul(0x80)? | u128::from(octet & 0x7f))
            })
        })
}

fn ends_arc(octet: u8) -> bool {
    octet & 0x80 == 0
}

/// How many arcs a person gets to see.
const LONGEST_SHOWN: usize = 32;
