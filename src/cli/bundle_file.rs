//! A secrets bundle that a flag names.

use super::CommandError;
use crate::manifest;
use crate::source::{self, Location, SourceFile};
use crate::talos::file::{Machine, Places, TalosFile};
use crate::talos::{Bundle, BundleError};

/// The file at `location`, or the bundle in it if it is a Secret or state of Terraform that holds one.
pub(super) fn open(location: &Location) -> Result<SourceFile, CommandError> {
    Ok(manifest::bundle_in(source::read_one(location)?)?)
}

/// Reads the bundle at `location`.
pub(super) fn read(location: &Location) -> Result<Bundle, CommandError> {
    let file = open(location)?;
    Bundle::read(&file.bytes).map_err(|problems| {
        let read = TalosFile::read(&file.path, &file.bytes, file.mode, Places::Unknown).ok();
        let refused = read.and_then(|read| refuse_configuration(&read).err());
        refused.unwrap_or_else(|| unusable(&file.path, problems))
    })
}

/// The bundle in `file`.
pub(super) fn of(file: &TalosFile) -> Result<Bundle, CommandError> {
    Bundle::of_file(file).map_err(|problems| unusable(&file.name, problems))
}

/// Whoever gives a machine configuration for a bundle is told what takes it.
pub(super) fn refuse_configuration(file: &TalosFile) -> Result<(), CommandError> {
    match file.machine() {
        None | Some(Machine::Unsaid) => Ok(()),
        Some(_) => Err(CommandError::NotABundle(file.name.clone())),
    }
}

fn unusable(file: &str, problems: Vec<BundleError>) -> CommandError {
    CommandError::Bundle {
        file: file.to_owned(),
        problems,
    }
}
