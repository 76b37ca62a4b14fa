//! Where a piece of a cluster came from.

use std::fmt;

/// A file, and what in it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Origin {
    /// The path as a person knows it.
    pub file: String,
    /// The field in it, such as `cluster.ca.crt`, if the file has fields.
    pub field: Option<String>,
    /// The line and the column of the field, both from 1, if they are known.
    pub position: Option<(usize, usize)>,
    /// The PEM block's number and its line, both from 1, if it is PEM.
    pub block: Option<(usize, usize)>,
}

impl Origin {
    /// A whole file.
    #[must_use]
    pub fn file(path: impl Into<String>) -> Self {
        Self {
            file: path.into(),
            field: None,
            position: None,
            block: None,
        }
    }

    /// A field of a file.
    #[must_use]
    pub fn field(path: impl Into<String>, field: impl Into<String>) -> Self {
        Self {
            file: path.into(),
            field: Some(field.into()),
            position: None,
            block: None,
        }
    }

    /// The same field, with the line and the column where it stands.
    #[must_use]
    pub fn positioned(self, position: Option<(usize, usize)>) -> Self {
        Self { position, ..self }
    }

    /// What a person calls it: the field if there is one, or else the file.
    #[must_use]
    pub fn name(&self) -> &str {
        self.field.as_deref().unwrap_or(&self.file)
    }

    /// A PEM block of what this origin names.
    #[must_use]
    pub fn block(&self, index: usize, line: usize) -> Self {
        Self {
            block: Some((index, line)),
            ..self.clone()
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if let Some((line, column)) = self.position {
            write!(f, ":{line}:{column}")?;
        }
        if let Some(field) = &self.field {
            write!(f, ": {field}")?;
        }
        match self.block {
            // A line within a base64 field helps nobody.
            Some((index, _)) if self.field.is_some() && index > 1 => write!(f, " block {index}"),
            Some((index, line)) if self.field.is_none() => {
                write!(f, " block {index} (line {line})")
            }
            _ => Ok(()),
        }
    }
}

/// A value and where it came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Located<T> {
    /// Where.
    pub origin: Origin,
    /// What.
    pub value: T,
}
