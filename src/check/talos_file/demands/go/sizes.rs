//! Sizes: `ParseBytes` of go-humanize, and what Talos has around it.

/// Units, in lower case, with their factors.
const UNITS: [(&str, f64); 26] = [
    ("", 1.0),
    ("b", 1.0),
    ("k", 1e3),
    ("kb", 1e3),
    ("m", 1e6),
    ("mb", 1e6),
    ("g", 1e9),
    ("gb", 1e9),
    ("t", 1e12),
    ("tb", 1e12),
    ("p", 1e15),
    ("pb", 1e15),
    ("e", 1e18),
    ("eb", 1e18),
    ("ki", 1024.0),
    ("kib", 1024.0),
    ("mi", 1_048_576.0),
    ("mib", 1_048_576.0),
    ("gi", 1_073_741_824.0),
    ("gib", 1_073_741_824.0),
    ("ti", 1_099_511_627_776.0),
    ("tib", 1_099_511_627_776.0),
    ("pi", 1_125_899_906_842_624.0),
    ("pib", 1_125_899_906_842_624.0),
    ("ei", 1_152_921_504_606_846_976.0),
    ("eib", 1_152_921_504_606_846_976.0),
];

/// As many as a number of 64 bits holds.
const MOST: f64 = 18_446_744_073_709_551_615.0;

/// A size in bytes, or by percent.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in super::super) struct Size {
    /// The bytes, or the percents.
    pub(in super::super) amount: f64,
    pub(in super::super) is_relative: bool,
    pub(in super::super) is_negative: bool,
}

/// How many bytes `text` means, such as `10GiB` or `1,000 kB`.
pub(in super::super) fn bytes(text: &str) -> Option<f64> {
    let is_digit = |one: char| one.is_ascii_digit() || one == '.' || one == ',';
    let end = text.find(|one| !is_digit(one)).unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let number: f64 = number.replace(',', "").parse().ok()?;
    let unit = unit.trim().to_lowercase();
    let (_, factor) = UNITS.iter().find(|(name, _)| *name == unit)?;
    let amount = number * factor;
    (amount < MOST).then_some(amount)
}

impl Size {
    /// A size that may be negative, in bytes.
    pub(in super::super) fn in_bytes(text: &str) -> Option<Self> {
        let (is_negative, text) = without_sign(text);
        Some(Self {
            amount: bytes(text)?,
            is_relative: false,
            is_negative,
        })
    }

    /// A size that may be negative, in bytes or by percent.
    pub(in super::super) fn of(text: &str) -> Option<Self> {
        if !text.contains('%') {
            return Self::in_bytes(text);
        }
        let (is_negative, text) = without_sign(text);
        let amount = text.strip_suffix('%')?.parse::<f64>().ok()?;
        (0.0..=100.0).contains(&amount).then_some(Self {
            amount,
            is_relative: true,
            is_negative,
        })
    }
}

fn without_sign(text: &str) -> (bool, &str) {
    match text.strip_prefix('-') {
        Some(text) => (true, text),
        None => (false, text),
    }
}
