//! Whole numbers as YAML has them.

/// The number, in one of the forms that Talos's reader knows: `12`, `0x1F`, `0o17`, `017`, `1_000`.
pub(in crate::check::talos_file) fn whole(text: &str) -> Option<i128> {
    let (is_negative, digits) = match text.strip_prefix(['+', '-']) {
        Some(digits) => (text.starts_with('-'), digits),
        None => (false, text),
    };
    let digits = digits.replace('_', "");
    let (digits, radix) = [
        ("0x", 16),
        ("0X", 16),
        ("0o", 8),
        ("0O", 8),
        ("0b", 2),
        ("0B", 2),
    ]
    .into_iter()
    .find_map(|(prefix, radix)| Some((digits.strip_prefix(prefix)?, radix)))
    .unwrap_or_else(|| match digits.strip_prefix('0') {
        Some(rest) if !rest.is_empty() => (rest, 8),
        _ => (digits.as_str(), 10),
    });
    let is_digit = |one: char| one.is_digit(radix);
    let number = i128::from_str_radix(digits, radix).ok();
    let number = number.filter(|_| digits.chars().all(is_digit))?;
    Some(if is_negative { -number } else { number })
}
