//! Which kind of value a runtime specification has in each of its fields.
//!
//! Talos gives what stands there to Go's reader of JSON, which is stricter than that of YAML: a number is no
//! text to it, nor a text a number. The table `runtime_spec.txt` is written as `kinds.txt`, and has the fields
//! of `Spec` in `runtime-spec/specs-go` (v1.3.0, with Talos 1.13 and 1.14). Other fields are overlooked.

use crate::check::talos_file::demands::go;
use crate::talos::yaml_tree::Tree;

pub(super) const TABLE: &str = include_str!("runtime_spec.txt");

/// Where one stands.
pub(super) const ROOTS: [&str; 2] = [
    "machine.baseRuntimeSpecOverrides.",
    "CRIBaseRuntimeSpecConfig.overrides.",
];

/// A kind of value in JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum StrictKind {
    Text,
    Truth,
    /// Whether it has a sign, and its bits.
    Whole(bool, u32),
}

impl StrictKind {
    pub(super) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "text" => Self::Text,
            "bool" => Self::Truth,
            "u16" => Self::Whole(false, 16),
            "u32" => Self::Whole(false, 32),
            "u64" => Self::Whole(false, 64),
            "i32" => Self::Whole(true, 32),
            "i64" => Self::Whole(true, 64),
            _ => return None,
        })
    }

    pub(super) fn in_words(self) -> &'static str {
        match self {
            Self::Text => "a text, which a number or `true` is in quotes alone",
            Self::Truth => "`true` or `false`, without quotes",
            Self::Whole(true, _) => "a whole number of its size, without quotes",
            Self::Whole(false, _) => "a whole number from 0 and of its size, without quotes",
        }
    }

    pub(super) fn fits(self, tree: &Tree) -> bool {
        match (self, tree) {
            (Self::Truth, Tree::Plain(text)) => is_truth(text.expose()),
            (Self::Text, Tree::Text(_)) => true,
            (Self::Whole(is_signed, bits), Tree::Plain(text)) => {
                number(text.expose()).is_some_and(|number| {
                    let (least, most) = if is_signed {
                        (-(1_i128 << (bits - 1)), (1_i128 << (bits - 1)) - 1)
                    } else {
                        (0, (1_i128 << bits) - 1)
                    };
                    (least..=most).contains(&number)
                })
            }
            (Self::Whole(..), Tree::Text(text)) => may_be_plain(text.expose()),
            _ => false,
        }
    }
}

/// Whether a text may stand there without quotes and be a number to Go: it knows more forms than the library
/// here, such as `0644` and `1_000`.
fn may_be_plain(text: &str) -> bool {
    let is_decimal = text.bytes().all(|digit| digit.is_ascii_digit());
    let is_known = is_decimal && (text == "0" || !text.starts_with('0'));
    !is_known && go::whole(text).is_some()
}

fn is_truth(text: &str) -> bool {
    ["true", "True", "TRUE", "false", "False", "FALSE"].contains(&text)
}

/// A whole number, which may be written as `1e3` or `1000.0`.
fn number(text: &str) -> Option<i128> {
    go::whole(text).or_else(|| {
        let number: f64 = text.parse().ok()?;
        // From there on Go writes it with an exponent, and reads it as no whole number.
        let is_whole = number.fract() == 0.0 && number.abs() < 1e21;
        is_whole.then(|| format!("{number:.0}").parse().ok())?
    })
}
