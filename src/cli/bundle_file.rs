//! A secrets bundle that a flag names.

use super::CommandError;
use crate::manifest;
use crate::source::{self, Location, SourceFile};
use crate::talos::Bundle;

/// The file at `location`, or the bundle in it if it is a Secret or state of Terraform that holds one.
pub(super) fn open(location: &Location) -> Result<SourceFile, CommandError> {
    Ok(manifest::bundle_in(source::read_one(location)?)?)
}

/// Reads the bundle at `location`.
pub(super) fn read(location: &Location) -> Result<Bundle, CommandError> {
    of(&open(location)?)
}

/// Reads the bundle in `file`.
pub(super) fn of(file: &SourceFile) -> Result<Bundle, CommandError> {
    Bundle::read(&file.bytes).map_err(|problems| CommandError::Bundle {
        file: file.path.clone(),
        problems,
    })
}
