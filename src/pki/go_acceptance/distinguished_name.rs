//! The issuer's and the subject's names: their shape and the strings inside them.

use super::CertificateField;
use super::der_cursor::{DerCursor, Element, Tag};
use super::refusal::Refusal;

/// Checks the content of a `Name`; `field` tells whose name it is.
pub(super) fn check(mut name: DerCursor<'_>, field: CertificateField) -> Result<(), Refusal> {
    let malformed = || Refusal::Malformed { field };
    while !name.is_empty() {
        let mut relative_name = name.enter(Tag::SET).ok_or_else(malformed)?;
        while !relative_name.is_empty() {
            let mut attribute = relative_name.enter(Tag::SEQUENCE).ok_or_else(malformed)?;
            attribute.read_object_identifier().ok_or_else(malformed)?;
            let value = attribute.read_any().ok_or_else(malformed)?;
            check_value(value, field)?;
        }
    }
    Ok(())
}

fn check_value(value: Element<'_>, field: CertificateField) -> Result<(), Refusal> {
    let content = value.content;
    let (string_type, valid) = match value.tag {
        Tag::BMP_STRING => ("BMPString", is_bmp(content)),
        Tag::IA5_STRING => ("IA5String", content.is_ascii()),
        Tag::NUMERIC_STRING => ("NumericString", content.iter().copied().all(is_numeric)),
        Tag::PRINTABLE_STRING => ("PrintableString", content.iter().copied().all(is_printable)),
        Tag::UTF8_STRING => ("UTF8String", str::from_utf8(content).is_ok()),
        // Read as Latin-1, in which every octet is a character.
        Tag::T61_STRING => return Ok(()),
        _ => {
            return Err(Refusal::UnsupportedStringType {
                field,
                tag: value.tag.octet(),
            });
        }
    };
    if valid {
        Ok(())
    } else {
        Err(Refusal::InvalidString { field, string_type })
    }
}

/// Whether this is UCS-2 without surrogates and without the code points that are never characters.
fn is_bmp(content: &[u8]) -> bool {
    // Go drops one terminator at the end. U+0000 passes the check below, so it need not be dropped.
    let (code_units, odd_octet) = content.as_chunks::<2>();
    odd_octet.is_empty()
        && code_units.iter().all(|&code_unit| {
            !matches!(
                u16::from_be_bytes(code_unit),
                0xd800..=0xdfff | 0xfdd0..=0xfdef | 0xfffe | 0xffff
            )
        })
}

fn is_numeric(octet: u8) -> bool {
    octet.is_ascii_digit() || octet == b' '
}

/// The alphabet of `PrintableString`, and `*` and `&`, which real certificates hold all the same.
fn is_printable(octet: u8) -> bool {
    octet.is_ascii_alphanumeric() || b" '()+,-./:=?*&".contains(&octet)
}
