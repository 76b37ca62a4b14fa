//! One thing that was read, and what becomes of it.

/// One thing that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Where it was read: a file, or a field of one.
    pub origin: String,
    /// What it is, such as `--profiling=false`. Never a secret.
    pub what: String,
    /// What becomes of it.
    pub outcome: Outcome,
}

/// What becomes of a setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It stands in what is written, at this place.
    Converted(String),
    /// Nothing has to be written; this is why.
    Kept(String),
    /// A person has to do this.
    NeedsPerson(String),
    /// The cluster cannot be converted as it is.
    Refused {
        /// What would break.
        why: String,
        /// What to do.
        help: String,
    },
}

impl Outcome {
    pub(super) fn converted(place: impl Into<String>) -> Self {
        Self::Converted(place.into())
    }

    pub(super) fn kept(why: impl Into<String>) -> Self {
        Self::Kept(why.into())
    }

    /// Talos has it without being told.
    pub(super) fn same() -> Self {
        Self::kept("Talos sets the same")
    }

    pub(super) fn needs_person(what: impl Into<String>) -> Self {
        Self::NeedsPerson(what.into())
    }

    pub(super) fn refused(why: impl Into<String>, help: impl Into<String>) -> Self {
        Self::Refused {
            why: why.into(),
            help: help.into(),
        }
    }

    /// Whether it is [`Outcome::Converted`].
    #[must_use]
    pub fn is_converted(&self) -> bool {
        matches!(self, Self::Converted(_))
    }

    /// Whether it is [`Outcome::Kept`].
    #[must_use]
    pub fn is_kept(&self) -> bool {
        matches!(self, Self::Kept(_))
    }

    /// Whether it is [`Outcome::NeedsPerson`].
    #[must_use]
    pub fn needs_a_person(&self) -> bool {
        matches!(self, Self::NeedsPerson(_))
    }

    /// Whether it is [`Outcome::Refused`].
    #[must_use]
    pub fn is_refused(&self) -> bool {
        matches!(self, Self::Refused { .. })
    }
}
