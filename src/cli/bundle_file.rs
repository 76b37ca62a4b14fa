//! A secrets bundle that a flag names.

use std::path::Path;

use super::CommandError;
use crate::source;
use crate::talos::Bundle;

/// Reads the bundle in the file at `path`, YAML or JSON.
pub(super) fn read(path: &Path) -> Result<Bundle, CommandError> {
    let file = source::read_file(path)?;
    Bundle::read(&file.bytes).map_err(|problems| CommandError::Bundle {
        file: file.path.clone(),
        problems,
    })
}
