//! Kinds of values.

use std::fmt;

/// What an expression gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    /// It is not known here.
    Any,
    Bool,
    Int,
    Uint,
    Double,
    Text,
    Bytes,
    Duration,
    Null,
    List(Box<Kind>),
    Map(Box<Kind>, Box<Kind>),
    /// A thing with these fields.
    Thing(&'static [(&'static str, Kind)]),
}

impl Kind {
    /// Whether one can stand where the other does.
    pub(super) fn agrees(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Any, _) | (_, Self::Any) | (Self::Map(..), Self::Map(..)) => true,
            (Self::List(one), Self::List(two)) => one.agrees(two),
            _ => self == other,
        }
    }

    /// Whether it is one of these, or not known.
    pub(super) fn is_among(&self, kinds: &[Self]) -> bool {
        *self == Self::Any || kinds.contains(self)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Any => "something",
            Self::Bool => "`true` or `false`",
            Self::Int => "a number",
            Self::Uint => "a number without a sign, as `10u`",
            Self::Double => "a number with a point, as `1.0`",
            Self::Text => "a text",
            Self::Bytes => "bytes",
            Self::Duration => "a length of time",
            Self::Null => "`null`",
            Self::List(_) => "a list",
            Self::Map(..) => "a map",
            Self::Thing(_) => "a thing with fields",
        })
    }
}
