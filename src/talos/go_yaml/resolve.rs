//! What a reader of YAML takes a bare text for: a number, a truth value, a time, or a text.

use super::timestamp;

/// Words with a meaning in the core schema.
const WORDS: [&str; 24] = [
    "", "~", "null", "Null", "NULL", "true", "True", "TRUE", "false", "False", "FALSE", ".nan",
    ".NaN", ".NAN", ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF", "-.inf", "-.Inf", "-.INF",
    "<<",
];

/// What of truth YAML 1.1 has beside `true` and `false`, in three cases each.
const OLD_TRUTH_VALUES: [(bool, [&str; 8]); 2] = [
    (true, ["y", "Y", "yes", "Yes", "YES", "on", "On", "ON"]),
    (false, ["n", "N", "no", "No", "NO", "off", "Off", "OFF"]),
];

/// Which truth value readers of YAML 1.1 take `text` for, although newer ones take it for a text.
pub(in crate::talos) fn old_truth_value(text: &str) -> Option<bool> {
    let mut values = OLD_TRUTH_VALUES.iter();
    values.find_map(|(value, words)| words.contains(&text).then_some(*value))
}

/// Whether readers of YAML 1.1 take `text` for something else than a text, although newer ones do
/// not: `on`, or `1:30` in base 60. Also the merge key, which the encoder treats alike.
pub(super) fn was_special_in_yaml_1_1(text: &str) -> bool {
    old_truth_value(text).is_some() || text == "<<" || is_base_60(text)
}

/// Whether `text`, written bare, is read as a text.
pub(in crate::talos) fn is_text(text: &str) -> bool {
    if WORDS.contains(&text) {
        return false;
    }
    let without_underscores = || text.replace('_', "");
    match text.as_bytes().first() {
        // This path of the encoder leaves underscores to Go's `ParseFloat`, which looks where they
        // stand; the other one takes them out first.
        Some(b'.') => !(has_underscores_in_digits(text) && is_decimal(&without_underscores())),
        Some(b'+' | b'-' | b'0'..=b'9') => {
            let number = without_underscores();
            !(timestamp::is_timestamp(text) || is_integer(&number) || is_decimal(&number))
        }
        _ => true,
    }
}

/// Whether each underscore stands between two digits.
fn has_underscores_in_digits(text: &str) -> bool {
    let mut groups = text.split('_').peekable();
    let mut after_underscore = false;
    while let Some(group) = groups.next() {
        let starts = group.starts_with(|first: char| first.is_ascii_digit());
        let ends = group.ends_with(|last: char| last.is_ascii_digit());
        if after_underscore && !starts || groups.peek().is_some() && !ends {
            return false;
        }
        after_underscore = true;
    }
    true
}

/// `[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?`
fn is_base_60(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    if !unsigned.starts_with(|first: char| first.is_ascii_digit()) {
        return false;
    }
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let mut places = whole.split(':');
    let first = places.next().unwrap_or_default();
    let is_digit_or_underscore = |byte: u8| byte.is_ascii_digit() || byte == b'_';
    let mut later = places.peekable();
    later.peek().is_some()
        && first.bytes().all(is_digit_or_underscore)
        && fraction.bytes().all(is_digit_or_underscore)
        && later.all(|place| match place.as_bytes() {
            [ones] => ones.is_ascii_digit(),
            [tens, ones] => matches!(tens, b'0'..=b'5') && ones.is_ascii_digit(),
            _ => false,
        })
}

/// A number with a prefix for its base that fits into 64 bits: `ParseInt` and `ParseUint` of Go,
/// with base 0. Numbers in base 10 are also decimal fractions, and left to [`is_decimal`].
fn is_integer(text: &str) -> bool {
    let (negative, unsigned) = match text.strip_prefix(['+', '-']) {
        Some(unsigned) => (text.starts_with('-'), unsigned),
        None => (false, text),
    };
    let is_signed = unsigned.len() != text.len();
    let (base, digits) = match unsigned.as_bytes() {
        [b'0', b'x' | b'X', ..] => (16, &unsigned[2..]),
        [b'0', b'o' | b'O', ..] => (8, &unsigned[2..]),
        [b'0', b'b' | b'B', ..] => (2, &unsigned[2..]),
        _ => return false,
    };
    // `from_str_radix` takes a sign of its own.
    if !digits.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return false;
    }
    let Ok(magnitude) = u64::from_str_radix(digits, base) else {
        return false;
    };
    // Only a number without a sign may use the upper half of 64 bits.
    !is_signed || magnitude <= i64::MAX as u64 + u64::from(negative)
}

/// `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`, unless it is beyond 64-bit floating point.
fn is_decimal(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let has_digits = !whole.is_empty() || fraction.is_some_and(|fraction| !fraction.is_empty());
    let has_exponent = exponent.is_none_or(|exponent| {
        let digits = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        !digits.is_empty() && is_digits(digits)
    });
    has_digits
        && has_exponent
        && is_digits(whole)
        && is_digits(fraction.unwrap_or_default())
        && text.parse::<f64>().is_ok_and(f64::is_finite)
}
