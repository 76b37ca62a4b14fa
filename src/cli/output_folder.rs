//! The folder that a command writes several files to.

use std::fs;
use std::path::{Path, PathBuf};

use super::CommandError;
use crate::source::in_words;

/// A folder for files. If it was made for them and none is written, it goes again.
pub(super) struct OutputFolder {
    /// The folders that were made, the deepest first.
    made: Vec<PathBuf>,
}

impl OutputFolder {
    /// The folder of the file `name`, as far as it has one.
    pub(super) fn of_file(name: &str) -> Result<Option<Self>, CommandError> {
        let folder = Path::new(name).parent();
        let folder = folder.filter(|folder| !folder.as_os_str().is_empty());
        folder.map(Self::of).transpose()
    }

    /// The folder at `path`, which is made if it is not there.
    pub(super) fn of(path: &Path) -> Result<Self, CommandError> {
        if path.is_dir() {
            return Ok(Self { made: Vec::new() });
        }
        let failed = |why: &str| CommandError::Output {
            what: format!("cannot make the folder `{}`: {why}", path.display()),
        };
        if let Some(file) = path.ancestors().find(|folder| folder.is_file()) {
            let why = format!("`{}` is a file; give another name", file.display());
            return Err(failed(&why));
        }
        let leads_nowhere = |folder: &&Path| folder.is_symlink() && !folder.exists();
        if let Some(link) = path.ancestors().find(leads_nowhere) {
            let why = format!(
                "`{}` is a symbolic link that leads nowhere; make what it leads to, or remove it",
                link.display()
            );
            return Err(failed(&why));
        }
        let missing = path.ancestors().take_while(|folder| !folder.exists());
        let made = missing.map(Path::to_owned).collect();
        fs::create_dir_all(path).map_err(|error| failed(&in_words(&error)))?;
        Ok(Self { made })
    }
}

impl Drop for OutputFolder {
    fn drop(&mut self) {
        for folder in &self.made {
            // A folder with files in it is not removed: that is an error, and meant to be.
            let _ = fs::remove_dir(folder);
        }
    }
}
