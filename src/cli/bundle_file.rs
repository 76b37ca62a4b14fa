//! A secrets bundle that a flag names.

use std::path::Path;

use super::CommandError;
use crate::source::{self, SourceFile};
use crate::talos::Bundle;

/// Reads the bundle in the file at `path`, YAML or JSON.
pub(super) fn read(path: &Path) -> Result<Bundle, CommandError> {
    of(&source::read_file(path)?)
}

/// Reads the bundle in `file`.
pub(super) fn of(file: &SourceFile) -> Result<Bundle, CommandError> {
    Bundle::read(&file.bytes).map_err(|problems| CommandError::Bundle {
        file: file.path.clone(),
        problems,
    })
}
