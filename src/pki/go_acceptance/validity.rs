//! The validity period: which spellings of a time Go takes.
//!
//! RFC 5280 section 4.1.2.5 wants seconds and a `Z`. Go also takes a `UTCTime` without seconds and
//! either kind of time with an offset from UTC, if it would have written the offset that way
//! itself.

use super::CertificateField;
use super::der_cursor::{DerCursor, Tag};
use super::refusal::Refusal;

pub(super) fn check(mut validity: DerCursor<'_>) -> Result<(), Refusal> {
    check_time(&mut validity, CertificateField::NotBefore)?;
    check_time(&mut validity, CertificateField::NotAfter)
}

fn check_time(validity: &mut DerCursor<'_>, field: CertificateField) -> Result<(), Refusal> {
    let element = validity.read_any().ok_or(Refusal::Malformed { field })?;
    let valid = match element.tag {
        Tag::UTC_TIME => utc_time(element.content),
        Tag::GENERALIZED_TIME => generalized_time(element.content),
        _ => return Err(Refusal::UnsupportedTimeType { field }),
    };
    valid.ok_or(Refusal::MalformedTime { field })
}

fn utc_time(mut text: &[u8]) -> Option<()> {
    let year = number(&mut text, 2)?;
    // Only leap years matter here, so Go's window of 1969 to 2068 and the 1950 to 2049 of RFC 5280
    // come to the same.
    let century = if year < 69 { 2_000 } else { 1_900 };
    date(&mut text, year.checked_add(century)?)?;
    hour_and_minute(&mut text)?;
    if text.first().is_some_and(u8::is_ascii_digit) {
        second(&mut text)?;
    }
    zone(text)
}

fn generalized_time(mut text: &[u8]) -> Option<()> {
    let year = number(&mut text, 4)?;
    date(&mut text, year)?;
    hour_and_minute(&mut text)?;
    second(&mut text)?;
    zone(text)
}

fn date(text: &mut &[u8], year: u32) -> Option<()> {
    let month = number(text, 2)?;
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let last_day = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => return None,
    };
    let day = number(text, 2)?;
    (1..=last_day).contains(&day).then_some(())
}

fn hour_and_minute(text: &mut &[u8]) -> Option<()> {
    let hour = number(text, 2)?;
    let minute = number(text, 2)?;
    (hour < 24 && minute < 60).then_some(())
}

fn second(text: &mut &[u8]) -> Option<()> {
    (number(text, 2)? < 60).then_some(())
}

/// Takes `Z`, or an offset of up to a day that is not zero, and nothing after it.
fn zone(text: &[u8]) -> Option<()> {
    let mut offset = match text {
        b"Z" => return Some(()),
        [b'+' | b'-', offset @ ..] => offset,
        _ => return None,
    };
    let hours = number(&mut offset, 2)?;
    let minutes = number(&mut offset, 2)?;
    // Go writes an offset of zero as `Z`, and so does not take it as `+0000`.
    let canonical = hours <= 24 && minutes < 60 && (hours, minutes) != (0, 0);
    (canonical && offset.is_empty()).then_some(())
}

/// Takes exactly this many decimal digits off the front.
fn number(text: &mut &[u8], digits: usize) -> Option<u32> {
    let (number, rest) = text.split_at_checked(digits)?;
    *text = rest;
    if !number.iter().all(u8::is_ascii_digit) {
        return None;
    }
    str::from_utf8(number).ok()?.parse().ok()
}
