//! Writes a secret: whole or not at all, for its owner alone, and over nothing by accident.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tempfile::Builder;

use super::CommandError;
use super::printer::Printer;

/// Where a secret goes.
#[derive(Debug)]
pub(super) enum Destination {
    /// Standard output.
    StandardOutput,
    /// A file that is made or replaced as a whole.
    File { path: PathBuf, force: bool },
    /// A pipe or device that is there already, such as `/dev/stdout`: it can only be written into.
    Device(PathBuf),
}

impl Destination {
    /// The destination that `name` means. A file in the way is told here, before any work is done.
    pub(super) fn of(name: &str, force: bool) -> Result<Self, CommandError> {
        if name == "-" {
            return Ok(Self::StandardOutput);
        }
        let path = PathBuf::from(name);
        match fs::metadata(&path) {
            Ok(metadata) if metadata.is_dir() => {
                Err(failed(&path, "it is a folder; give the path of a file"))
            }
            Ok(metadata) if !metadata.is_file() => Ok(Self::Device(path)),
            Ok(_) if !force => Err(exists(&path)),
            _ => Ok(Self::File { path, force }),
        }
    }

    /// Writes `data`.
    pub(super) fn write(&self, data: &[u8], printer: &mut Printer) -> Result<(), CommandError> {
        match self {
            Self::StandardOutput => printer.data(data),
            Self::Device(path) => File::options()
                .write(true)
                .open(path)
                .and_then(|mut file| file.write_all(data))
                .map_err(|error| failed(path, &describe(&error))),
            Self::File { path, force } => write_file(path, data, *force),
        }
    }

    /// How the destination is told to a person; nothing for standard output, which they see.
    pub(super) fn describe(&self) -> Option<String> {
        match self {
            Self::StandardOutput => None,
            Self::Device(path) => Some(path.display().to_string()),
            Self::File { path, .. } => Some(format!("{} (0600)", path.display())),
        }
    }
}

/// A temporary file in the same folder gets the data, goes to the disk, and takes the name: at
/// every moment there is the old file or the new, never half of one.
fn write_file(path: &Path, data: &[u8], force: bool) -> Result<(), CommandError> {
    let describe = |error: io::Error| failed(path, &describe(&error));
    // A link is kept, and what it leads to replaced.
    let target = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let folder = target.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    // `tempfile` makes files with mode 0600 and removes them when anything fails.
    let mut temporary =
        Builder::new().prefix(".talos-pki-").tempfile_in(folder).map_err(describe)?;
    temporary.write_all(data).map_err(describe)?;
    temporary.as_file().sync_all().map_err(describe)?;
    if force {
        temporary.persist(&target).map_err(|error| describe(error.error))?;
    } else {
        temporary.persist_noclobber(&target).map_err(|error| {
            if error.error.kind() == io::ErrorKind::AlreadyExists {
                exists(path)
            } else {
                describe(error.error)
            }
        })?;
    }
    // The name is in the folder, and the folder too must reach the disk. Not every file system can.
    if let Ok(folder) = File::open(folder) {
        let _ = folder.sync_all();
    }
    Ok(())
}

/// The system's word for an error, without its number.
fn describe(error: &io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error").next().unwrap_or_default().to_lowercase()
}

fn exists(path: &Path) -> CommandError {
    failed(path, "it exists already; --force overwrites it")
}

fn failed(path: &Path, reason: &str) -> CommandError {
    CommandError::Output { what: format!("cannot write `{}`: {reason}", path.display()) }
}
