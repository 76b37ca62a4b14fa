//! A secrets bundle that a flag names.

use super::CommandError;
use crate::manifest;
use crate::source::{self, Location, SourceFile};
use crate::talos::file::TalosFile;
use crate::talos::{Bundle, BundleError};

/// The file at `location`, or the bundle in it if it is a Secret or state of Terraform that holds one.
pub(super) fn open(location: &Location) -> Result<SourceFile, CommandError> {
    Ok(manifest::bundle_in(source::read_one(location)?)?)
}

/// Reads the bundle at `location`.
pub(super) fn read(location: &Location) -> Result<Bundle, CommandError> {
    let file = open(location)?;
    Bundle::read(&file.bytes).map_err(|problems| unusable(&file.path, problems))
}

/// The bundle in `file`.
pub(super) fn of(file: &TalosFile) -> Result<Bundle, CommandError> {
    Bundle::of_file(file).map_err(|problems| unusable(&file.name, problems))
}

fn unusable(file: &str, problems: Vec<BundleError>) -> CommandError {
    CommandError::Bundle {
        file: file.to_owned(),
        problems,
    }
}
