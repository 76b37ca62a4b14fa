//! The folder of a fleet, with a folder for each cluster in it.
//!
//! The folder of a cluster is made under a temporary name and renamed: it is whole or not there. One
//! run at a time works in a folder, so temporary names that it finds are left from a run that was
//! killed.

use std::fs::{self, DirBuilder, File, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use super::fingerprint::Fingerprint;
use super::mark::Mark;
use crate::pki::Secret;
use crate::source::printable;

/// How temporary names begin.
const TEMPORARY: &str = ".talos-pki-fleet-";

/// A folder with the folders of a fleet, which is locked as long as this value is there.
#[derive(Debug)]
pub struct Output {
    path: PathBuf,
    /// Whether a folder that a fleet made, and that is not what would be made now, is replaced.
    replaces: bool,
    /// The folder itself: it is locked, and brought to the disk at the end.
    folder: File,
    temporaries: AtomicU64,
}

/// What stands where the folder of a cluster goes.
#[derive(Debug)]
pub enum Standing {
    /// Nothing.
    Nothing,
    /// What would be made: it is done.
    Done(Mark),
    /// Something else that a fleet made, and that may be replaced.
    Outdated(Mark),
}

/// Why a folder cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum OutputError {
    /// Another run has the lock.
    #[error("another talos-pki works in `{0}`; wait until it ends")]
    Busy(String),
    /// What was made is not what would be made now.
    #[error(
        "`{folder}` is there, and {difference}; --force makes it anew, and keeps the keys of a bundle \
         in it that the cluster does not have"
    )]
    Changed {
        /// The folder.
        folder: String,
        /// What is not the same.
        difference: String,
    },
    /// No fleet made what stands there.
    #[error("`{0}` is there, and no fleet made it; move it away")]
    Foreign(String),
    /// There are other files in a folder that is to be replaced.
    #[error(
        "`{folder}` is to be replaced, and talos-pki did not make `{file}` in it; move it away"
    )]
    ForeignFile {
        /// The folder.
        folder: String,
        /// A file in it.
        file: String,
    },
    /// Writing failed.
    #[error("cannot write `{path}`: {error}")]
    Io {
        /// What was being written.
        path: String,
        /// What the operating system says.
        error: io::Error,
    },
    /// A fleet would take what it writes for clusters.
    #[error(
        "`{0}` is in the folder of the fleet, whose entries are clusters; write to another place"
    )]
    WithinFleet(String),
}

impl Output {
    /// The folder at `path` for the fleet in `fleet`. It is made if it is not there, and locked, and
    /// what a killed run left in it is removed.
    pub fn open(path: &Path, fleet: &Path, replaces: bool) -> Result<Self, OutputError> {
        let failed = |error| failed(path, error);
        fs::create_dir_all(path).map_err(failed)?;
        let place = path.canonicalize().map_err(failed)?;
        let fleet = fleet.canonicalize();
        if fleet.is_ok_and(|fleet| fleet.is_dir() && place.starts_with(fleet)) {
            // If it was made just now, it goes again.
            let _ = fs::remove_dir(path);
            return Err(OutputError::WithinFleet(shown(path)));
        }
        let folder = File::open(path).map_err(failed)?;
        match folder.try_lock() {
            Err(TryLockError::WouldBlock) => return Err(OutputError::Busy(shown(path))),
            // Not every file system has locks.
            Ok(()) | Err(TryLockError::Error(_)) => {}
        }
        for entry in fs::read_dir(path).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let name = entry.file_name();
            let is_temporary = name.as_encoded_bytes().starts_with(TEMPORARY.as_bytes());
            if is_temporary && entry.file_type().map_err(failed)?.is_dir() {
                remove_made(&entry.path()).map_err(|error| self::failed(&entry.path(), error))?;
            }
        }
        Ok(Self {
            path: path.to_owned(),
            replaces,
            folder,
            temporaries: AtomicU64::new(0),
        })
    }

    /// The folder of the cluster `name`, as a person reads it.
    #[must_use]
    pub fn folder(&self, name: &str) -> String {
        shown(&self.path.join(name))
    }

    /// What stands where `command` puts what it makes of the `input` with `settings`.
    pub fn standing(
        &self,
        name: &str,
        command: &str,
        input: Fingerprint,
        settings: &[(&str, String)],
    ) -> Result<Standing, OutputError> {
        let folder = self.path.join(name);
        match folder.symlink_metadata() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Standing::Nothing),
            Err(error) => return Err(failed(&folder, error)),
            Ok(metadata) if !metadata.is_dir() => return Err(OutputError::Foreign(shown(&folder))),
            Ok(_) => {}
        }
        let mark = Mark::read(&folder).ok_or_else(|| OutputError::Foreign(shown(&folder)))?;
        let difference = mark.difference(command, input, settings);
        match difference.or_else(|| mark.damage(&folder, input)) {
            None => Ok(Standing::Done(mark)),
            Some(_) if self.replaces => {
                no_other_files(&folder, &mark)?;
                Ok(Standing::Outdated(mark))
            }
            Some(difference) => Err(OutputError::Changed {
                folder: shown(&folder),
                difference,
            }),
        }
    }

    /// Makes the folder `name` with `files`, which are readable by their owner alone, in place of
    /// what stands there.
    pub fn write(
        &self,
        name: &str,
        files: &[(&str, Secret<String>)],
        mark: &Mark,
        standing: &Standing,
    ) -> Result<(), OutputError> {
        let folder = self.path.join(name);
        let failed = |error| failed(&folder, error);
        let temporary = self.temporary().map_err(failed)?;
        // The mark comes first: by it, a run that finds the rest knows that it may remove it.
        let mark = mark.to_json().map_err(failed)?;
        write_file(&temporary.0.join(Mark::FILE), &mark).map_err(failed)?;
        for (file, text) in files {
            let written = write_file(&temporary.0.join(file), text.expose().as_bytes());
            written.map_err(failed)?;
        }
        // Not every file system can bring a folder to the disk.
        let _ = File::open(&temporary.0).and_then(|folder| folder.sync_all());
        match standing {
            Standing::Outdated(_) => {
                let aside = self.temporary().map_err(failed)?;
                swap(&temporary.0, &folder, &aside.0).map_err(failed)
            }
            Standing::Nothing | Standing::Done(_) => {
                fs::rename(&temporary.0, &folder).map_err(failed)
            }
        }
    }

    /// Brings the names of all folders to the disk.
    pub fn finish(self) {
        // Not every file system can.
        let _ = self.folder.sync_all();
    }

    fn temporary(&self) -> io::Result<Temporary> {
        let number = self.temporaries.fetch_add(1, Ordering::Relaxed);
        let path = self.path.join(format!("{TEMPORARY}{number}"));
        let mut builder = DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&path)?;
        Ok(Temporary(path))
    }
}

/// A folder with a temporary name, which goes with whatever is in it, unless it got another name.
struct Temporary(PathBuf);

impl Drop for Temporary {
    fn drop(&mut self) {
        let _ = remove_made(&self.0);
    }
}

fn write_file(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(content)?;
    file.sync_all()
}

/// Puts `new` in the place of `old`, which gets the name `aside` or that of `new`.
fn swap(new: &Path, old: &Path, aside: &Path) -> io::Result<()> {
    #[cfg(target_os = "linux")]
    {
        use rustix::fs::{CWD, RenameFlags, renameat_with};
        if renameat_with(CWD, new, CWD, old, RenameFlags::EXCHANGE).is_ok() {
            return Ok(());
        }
    }
    // Other systems and file systems cannot exchange two names at once.
    fs::rename(old, aside)?;
    fs::rename(new, old).inspect_err(|_| {
        let _ = fs::rename(aside, old);
    })
}

/// Removes a folder that a fleet made, and whatever its mark tells of it. Other files are kept, and
/// the folder with them.
fn remove_made(folder: &Path) -> io::Result<()> {
    let remove = |name: &str| match fs::remove_file(folder.join(name)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    };
    if let Some(mark) = Mark::read(folder) {
        mark.files().try_for_each(remove)?;
    }
    remove(Mark::FILE)?;
    match fs::remove_dir(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn no_other_files(folder: &Path, mark: &Mark) -> Result<(), OutputError> {
    let is_made = |name: &str| name == Mark::FILE || mark.files().any(|file| file == name);
    for entry in fs::read_dir(folder).map_err(|error| failed(folder, error))? {
        let name = entry.map_err(|error| failed(folder, error))?.file_name();
        let name = name.to_string_lossy();
        if !is_made(&name) {
            return Err(OutputError::ForeignFile {
                folder: shown(folder),
                file: printable(&name),
            });
        }
    }
    Ok(())
}

fn shown(path: &Path) -> String {
    printable(&path.to_string_lossy())
}

fn failed(path: &Path, error: io::Error) -> OutputError {
    OutputError::Io {
        path: shown(path),
        error,
    }
}
