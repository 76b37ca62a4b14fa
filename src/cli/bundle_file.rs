//! A secrets bundle that a flag names.

use super::CommandError;
use crate::source::{self, Location, SourceFile};
use crate::talos::Bundle;

/// Reads the bundle at `location`, YAML or JSON.
pub(super) fn read(location: &Location) -> Result<Bundle, CommandError> {
    of(&source::read_one(location)?)
}

/// Reads the bundle in `file`.
pub(super) fn of(file: &SourceFile) -> Result<Bundle, CommandError> {
    Bundle::read(&file.bytes).map_err(|problems| CommandError::Bundle {
        file: file.path.clone(),
        problems,
    })
}
