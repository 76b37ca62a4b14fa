//! The folder that a command writes several files to.

use std::fs;
use std::path::{Path, PathBuf};

use super::CommandError;

/// A folder for files. If it was made for them and none is written, it goes again.
pub(super) struct OutputFolder {
    path: PathBuf,
    is_new: bool,
}

impl OutputFolder {
    /// The folder at `path`, which is made if it is not there.
    pub(super) fn of(path: &Path) -> Result<Self, CommandError> {
        let is_new = !path.exists();
        fs::create_dir_all(path).map_err(|error| CommandError::Output {
            what: format!("cannot make the folder `{}`: {error}", path.display()),
        })?;
        Ok(Self {
            path: path.to_owned(),
            is_new,
        })
    }
}

impl Drop for OutputFolder {
    fn drop(&mut self) {
        if self.is_new {
            // A folder with files in it is not removed: that is an error, and meant to be.
            let _ = fs::remove_dir(&self.path);
        }
    }
}
