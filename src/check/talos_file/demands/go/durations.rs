//! Lengths of time: `time.ParseDuration`.

/// Units with their nanoseconds. One that another begins with stands behind that.
const UNITS: [(&str, i128); 8] = [
    ("ns", 1),
    ("us", 1_000),
    ("µs", 1_000),
    ("μs", 1_000),
    ("ms", 1_000_000),
    ("s", 1_000_000_000),
    ("m", 60 * 1_000_000_000),
    ("h", 3_600 * 1_000_000_000),
];

/// The nanoseconds that `text` means, such as `1h30m` or `-1.5s`.
pub(in super::super) fn nanoseconds(text: &str) -> Option<i64> {
    let (sign, mut rest) = match text.strip_prefix(['+', '-']) {
        Some(rest) => (if text.starts_with('-') { -1 } else { 1 }, rest),
        None => (1, text),
    };
    if rest == "0" {
        return Some(0);
    }
    if rest.is_empty() {
        return None;
    }
    let mut sum: i128 = 0;
    while !rest.is_empty() {
        let (whole, after) = digits(rest);
        let (part, after) = match after.strip_prefix('.') {
            Some(after) => digits(after),
            None => ("", after),
        };
        if whole.is_empty() && part.is_empty() {
            return None;
        }
        let (name, unit) = UNITS.iter().find(|(name, _)| after.starts_with(name))?;
        rest = after.strip_prefix(name)?;
        if rest.starts_with(|next: char| !next.is_ascii_digit() && next != '.') {
            return None;
        }
        let whole: i128 = if whole.is_empty() {
            0
        } else {
            whole.parse().ok()?
        };
        sum = sum.checked_add(whole.checked_mul(*unit)?)?;
        sum = sum.checked_add(fraction(part, *unit))?;
        i64::try_from(sum).ok()?;
    }
    i64::try_from(sign * sum).ok()
}

fn digits(text: &str) -> (&str, &str) {
    let end = text.find(|one: char| !one.is_ascii_digit());
    text.split_at(end.unwrap_or(text.len()))
}

/// What the digits behind the point are of `unit`.
fn fraction(digits: &str, unit: i128) -> i128 {
    let mut unit = unit;
    digits
        .bytes()
        .map(|digit| i128::from(digit - b'0'))
        .fold(0, |sum, digit| {
            unit /= 10;
            sum + digit * unit
        })
}
