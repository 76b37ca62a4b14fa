//! A secrets bundle that a flag names.

use super::CommandError;
use crate::source::{self, Location};
use crate::talos::file::TalosFile;
use crate::talos::{Bundle, BundleError};

/// Reads the bundle at `location`, YAML or JSON.
pub(super) fn read(location: &Location) -> Result<Bundle, CommandError> {
    let file = source::read_one(location)?;
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
