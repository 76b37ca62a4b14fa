//! Writes secrets whole or not at all, and several together: every file is on the disk before the first
//! takes its name. Half of them new and half old would be worse than none.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tempfile::{Builder, NamedTempFile};

use super::{Destination, exists, failed, folder_of};
use crate::cli::CommandError;
use crate::cli::printer::Printer;
use crate::source::in_words;

/// How temporary files begin.
const TEMPORARY_PREFIX: &str = ".talos-pki-";

/// Writes the data to the destinations. If one of them cannot be written, the others are left as they were.
pub(in crate::cli) fn write_all<'a>(
    files: impl IntoIterator<Item = (&'a Destination, &'a [u8])>,
    printer: &mut Printer,
) -> Result<(), CommandError> {
    let staged = files
        .into_iter()
        .map(|(destination, data)| Staged::of(destination, data))
        .collect::<Result<Vec<_>, _>>()?;
    let mut placed = Placed::default();
    for one in staged {
        if let Err(error) = one.place(&mut placed, printer) {
            return Err(placed.taken_back(error));
        }
    }
    placed.sync();
    Ok(())
}

/// What only has to be put in its place.
enum Staged<'a> {
    StandardOutput(&'a [u8]),
    Device(&'a Path, &'a [u8]),
    File(StagedFile<'a>),
}

impl<'a> Staged<'a> {
    fn of(destination: &'a Destination, data: &'a [u8]) -> Result<Self, CommandError> {
        match destination {
            Destination::StandardOutput => Ok(Self::StandardOutput(data)),
            Destination::Device(path) => Ok(Self::Device(path, data)),
            Destination::File { path, force, mode } => {
                let staged = StagedFile::of(path, data, *force, *mode);
                let staged = staged.map_err(|error| failed(path, &in_words(&error)))?;
                Ok(Self::File(staged))
            }
        }
    }

    fn place(self, placed: &mut Placed<'a>, printer: &mut Printer) -> Result<(), CommandError> {
        match self {
            Self::StandardOutput(data) => printer.data(data),
            Self::Device(path, data) => File::options()
                .write(true)
                .open(path)
                .and_then(|mut file| file.write_all(data))
                .map_err(|error| failed(path, &in_words(&error))),
            Self::File(file) => {
                let path = file.path;
                file.place(placed).map_err(|error| match error.kind() {
                    io::ErrorKind::AlreadyExists => exists(path),
                    _ => failed(path, &in_words(&error)),
                })
            }
        }
    }
}

/// A file that is whole on the disk, in its folder, and lacks its name.
///
/// It has none at all where the system can do that: a program that is killed leaves no copy of a secret
/// behind, but for the instant in which the new file takes the place of an old one. At every moment there is
/// the old file or the new, never half of one.
struct StagedFile<'a> {
    /// As it was asked for.
    path: &'a Path,
    /// Where it goes: a link is kept, and what it leads to replaced.
    target: PathBuf,
    force: bool,
    content: Content,
}

enum Content {
    Nameless(File),
    /// `tempfile` makes it with mode 0600, and removes it if it never gets its name.
    Named(NamedTempFile),
}

impl<'a> StagedFile<'a> {
    fn of(path: &'a Path, data: &[u8], force: bool, mode: u32) -> io::Result<Self> {
        let target = fs::read_link(path)
            .and_then(|_| path.canonicalize())
            .unwrap_or_else(|_| path.to_owned());
        let folder = folder_of(&target);
        let content = match nameless::make(folder) {
            Err(error) if error.kind() == io::ErrorKind::Unsupported => {
                let named = Builder::new().prefix(TEMPORARY_PREFIX).tempfile_in(folder);
                Content::Named(named?)
            }
            file => Content::Nameless(file?),
        };
        let mut file = match &content {
            Content::Nameless(file) => file,
            Content::Named(file) => file.as_file(),
        };
        file.write_all(data)?;
        set_mode(file, mode)?;
        file.sync_all()?;
        Ok(Self {
            path,
            target,
            force,
            content,
        })
    }

    fn place(self, placed: &mut Placed<'a>) -> io::Result<()> {
        let Self { path, target, .. } = self;
        let is_new = !self.force || !target.exists();
        match (self.content, self.force) {
            (Content::Nameless(file), force) => nameless::place(&file, &target, force)?,
            (Content::Named(file), true) => drop(file.persist(&target)?),
            (Content::Named(file), false) => drop(file.persist_noclobber(&target)?),
        }
        let files = if is_new {
            &mut placed.new
        } else {
            &mut placed.replaced
        };
        files.push((path, target));
        Ok(())
    }
}

/// Files that have their names.
#[derive(Default)]
struct Placed<'a> {
    new: Vec<(&'a Path, PathBuf)>,
    replaced: Vec<(&'a Path, PathBuf)>,
}

impl Placed<'_> {
    /// The names must reach the disk, too, and not every file system can do that.
    fn sync(&self) {
        let targets = self.new.iter().chain(&self.replaced);
        let mut folders: Vec<_> = targets.map(|(_, target)| folder_of(target)).collect();
        folders.dedup();
        for folder in folders {
            let _ = File::open(folder).and_then(|folder| folder.sync_all());
        }
    }

    /// Removes what is new. What an old file was replaced by stays, and `error` says so.
    fn taken_back(self, error: CommandError) -> CommandError {
        for (_, target) in &self.new {
            let _ = fs::remove_file(target);
        }
        if self.replaced.is_empty() {
            return error;
        }
        let names = self.replaced.iter();
        let names: Vec<_> = names
            .map(|(path, _)| format!("`{}`", path.display()))
            .collect();
        CommandError::Output {
            what: format!("{error}; replaced before that: {}", names.join(", ")),
        }
    }
}

#[cfg(target_os = "linux")]
mod nameless {
    //! Files without a name (`O_TMPFILE`, since Linux 3.11).

    use std::fs::File;
    use std::io;
    use std::os::fd::AsRawFd;
    use std::path::{Path, PathBuf};

    use rustix::fs::{AtFlags, CWD, Mode, OFlags, linkat, open};
    use rustix::io::Errno;
    use tempfile::Builder;

    use super::{TEMPORARY_PREFIX, folder_of};

    pub(super) fn make(folder: &Path) -> io::Result<File> {
        let flags = OFlags::TMPFILE | OFlags::WRONLY | OFlags::CLOEXEC;
        let file = open(folder, flags, Mode::RUSR | Mode::WUSR).map_err(|error| match error {
            // What file systems and kernels without nameless files answer.
            Errno::OPNOTSUPP | Errno::ISDIR | Errno::INVAL => io::ErrorKind::Unsupported.into(),
            error => io::Error::from(error),
        })?;
        let file = File::from(file);
        if !descriptor(&file).is_symlink() {
            // Without /proc there is no way to give it a name.
            return Err(io::ErrorKind::Unsupported.into());
        }
        Ok(file)
    }

    pub(super) fn place(file: &File, target: &Path, force: bool) -> io::Result<()> {
        if !force {
            return give_name(file, target);
        }
        // A name can only be taken over by a file that has one: for an instant it has another, by
        // chance, since one of a program that was killed in that instant may be there still.
        let temporary = Builder::new()
            .prefix(TEMPORARY_PREFIX)
            .make_in(folder_of(target), |name| give_name(file, name))?;
        temporary.persist(target).map_err(|error| error.error)
    }

    fn give_name(file: &File, name: &Path) -> io::Result<()> {
        let file = descriptor(file);
        Ok(linkat(CWD, file, CWD, name, AtFlags::SYMLINK_FOLLOW)?)
    }

    /// The only name that the file has.
    fn descriptor(file: &File) -> PathBuf {
        format!("/proc/self/fd/{}", file.as_raw_fd()).into()
    }
}

#[cfg(not(target_os = "linux"))]
mod nameless {
    //! Other systems have no files without a name.

    use std::fs::File;
    use std::io;
    use std::path::Path;

    pub(super) fn make(_: &Path) -> io::Result<File> {
        Err(io::ErrorKind::Unsupported.into())
    }

    pub(super) fn place(_: &File, _: &Path, _: bool) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }
}

/// Sets the mode, whatever the process's mask is.
#[cfg(unix)]
fn set_mode(file: &File, mode: u32) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.set_permissions(fs::Permissions::from_mode(mode))
}

/// Other systems have no modes.
#[cfg(not(unix))]
fn set_mode(_: &File, _: u32) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_placed_takes_back_what_is_new_and_tells_what_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let [old, new, blocked] = ["old", "new", "blocked"].map(|name| folder.path().join(name));
        fs::write(&old, "before").unwrap();
        let destinations = [&old, &new, &blocked].map(|path| {
            let name = path.to_str().unwrap();
            Destination::of(name, true, &[]).unwrap()
        });
        // No folder was there when the destination was looked at.
        fs::create_dir(&blocked).unwrap();
        let files = destinations.iter().map(|one| (one, &b"after"[..]));
        let error = write_all(files, &mut Printer::default()).unwrap_err();
        let error = error.to_string();
        let start = format!("cannot write `{}`: ", blocked.display());
        assert!(error.starts_with(&start), "{error}");
        let end = format!("; replaced before that: `{}`", old.display());
        assert!(error.ends_with(&end), "{error}");
        assert_eq!(fs::read(&old).unwrap(), b"after");
        assert!(!new.exists());
        let left = fs::read_dir(folder.path()).unwrap().count();
        assert_eq!(left, 2, "a temporary file is left");
    }
}
