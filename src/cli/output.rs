//! Writes a secret: whole or not at all, for its owner alone, and over nothing by accident.

use std::fs::{self, File, Metadata};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use crate::pki::Wiped;
use memchr::memmem;
use tempfile::Builder;

use super::CommandError;
use super::printer::Printer;
use crate::source::in_words;

/// The mode of a secret.
const OWNER_ALONE: u32 = 0o600;

/// The mode of what everybody may read.
const EVERYBODY: u32 = 0o644;

/// How temporary files begin.
const TEMPORARY_PREFIX: &str = ".talos-pki-";

/// Where a secret goes.
#[derive(Debug)]
pub(super) enum Destination {
    /// Standard output.
    StandardOutput,
    /// A file that is made or replaced as a whole, with this mode.
    File {
        path: PathBuf,
        force: bool,
        mode: u32,
    },
    /// A pipe or device that is there already, such as `/dev/stdout`: it can only be written into.
    Device(PathBuf),
}

impl Destination {
    /// The destination that `name` means. A file in the way is told here, before any work is done;
    /// one that is `read` for what is written is in the way even with `force`: it may be all that
    /// there is of a cluster's secrets. Of a folder that is read, these are its certificates and keys.
    pub(super) fn of(name: &str, force: bool, read: &[&Path]) -> Result<Self, CommandError> {
        if name == "-" {
            return Ok(Self::StandardOutput);
        }
        let path = PathBuf::from(name);
        if name.is_empty() {
            return Err(failed(&path, "it is no name; give the path of a file"));
        }
        let would_be_lost = |target: &Metadata| {
            // A file that the shell gives as standard input is there to be read.
            let mut read = read.iter().copied().chain([Path::new("/dev/stdin")]);
            read.any(|read| is_source(read, &path, target).unwrap_or_default())
        };
        match fs::metadata(&path) {
            Err(_) if path.is_symlink() => Err(failed(
                &path,
                "it is a symbolic link that leads nowhere; make what it leads to, or remove it",
            )),
            Ok(metadata) if metadata.is_dir() => {
                Err(failed(&path, "it is a folder; give the path of a file"))
            }
            Ok(metadata) if !metadata.is_file() => Ok(Self::Device(path)),
            Ok(metadata) if would_be_lost(&metadata) => Err(failed(
                &path,
                "it would be overwritten by what is made from it; give another name",
            )),
            Ok(_) if !force => Err(exists(&path)),
            _ if !folder_of(&path).is_dir() => {
                let folder = folder_of(&path).display();
                Err(failed(&path, &format!("there is no folder `{folder}`")))
            }
            _ => Ok(Self::File {
                path,
                force,
                mode: OWNER_ALONE,
            }),
        }
    }

    /// The same, for everybody to read: what talosctl does with configurations.
    pub(super) fn readable_by_all(self) -> Self {
        match self {
            Self::File { path, force, .. } => Self::File {
                path,
                force,
                mode: EVERYBODY,
            },
            other => other,
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
                .map_err(|error| failed(path, &in_words(&error))),
            Self::File { path, force, mode } => write_file(path, data, *force, *mode),
        }
    }

    /// How the destination is told to a person; nothing for standard output, which they see.
    pub(super) fn describe(&self) -> Option<String> {
        match self {
            Self::StandardOutput => None,
            Self::Device(path) => Some(path.display().to_string()),
            Self::File { path, mode, .. } => Some(format!("{} ({mode:04o})", path.display())),
        }
    }
}

/// Whether the file `target` is read when `read` is.
fn is_source(read: &Path, target: &Path, metadata: &Metadata) -> io::Result<bool> {
    let source = fs::metadata(read)?;
    if source.is_dir() {
        let target = target.canonicalize()?;
        return Ok(target.starts_with(read.canonicalize()?) && holds_pem(&target)?);
    }
    // A file of two names loses only the one that is written to.
    Ok(source.is_file()
        && may_be_same(&source, metadata)
        && read.canonicalize()? == target.canonicalize()?)
}

/// Whether two files can be one.
#[cfg(unix)]
fn may_be_same(one: &Metadata, other: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    (one.dev(), one.ino()) == (other.dev(), other.ino())
}

/// Other systems have no numbers of files.
#[cfg(not(unix))]
fn may_be_same(_: &Metadata, _: &Metadata) -> bool {
    true
}

/// Whether the file begins with PEM, or has it not far from there.
fn holds_pem(path: &Path) -> io::Result<bool> {
    const FAR: u64 = 1 << 20;
    let mut start = Wiped::new(Vec::new());
    File::open(path)?.take(FAR).read_to_end(&mut start)?;
    Ok(memmem::find(&start, b"-----BEGIN ").is_some())
}

/// A nameless file in the same folder gets the data, goes to the disk, and then takes the name: at
/// every moment there is the old file or the new, never half of one. A program that is killed leaves no
/// copy of a secret behind, but for the instant in which the new file takes the place of an old one.
fn write_file(path: &Path, data: &[u8], force: bool, mode: u32) -> Result<(), CommandError> {
    // A link is kept, and what it leads to replaced.
    let target = fs::read_link(path)
        .and_then(|_| path.canonicalize())
        .unwrap_or_else(|_| path.to_owned());
    let folder = folder_of(&target);
    let written = match nameless::write(&target, folder, data, force, mode) {
        Err(error) if error.kind() == io::ErrorKind::Unsupported => {
            named(&target, folder, data, force, mode)
        }
        written => written,
    };
    written.map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => exists(path),
        _ => failed(path, &in_words(&error)),
    })?;
    // The name is in the folder, and the folder too must reach the disk. Not every file system can.
    if let Ok(folder) = File::open(folder) {
        let _ = folder.sync_all();
    }
    Ok(())
}

/// With a temporary name, where the system has no nameless files. `tempfile` makes it with mode
/// 0600 and removes it when anything fails.
fn named(target: &Path, folder: &Path, data: &[u8], force: bool, mode: u32) -> io::Result<()> {
    let mut temporary = Builder::new()
        .prefix(TEMPORARY_PREFIX)
        .tempfile_in(folder)?;
    temporary.write_all(data)?;
    set_mode(temporary.as_file(), mode)?;
    temporary.as_file().sync_all()?;
    let persisted = if force {
        temporary.persist(target)
    } else {
        temporary.persist_noclobber(target)
    };
    persisted.map(drop).map_err(|error| error.error)
}

#[cfg(target_os = "linux")]
mod nameless {
    //! Files without a name (`O_TMPFILE`, since Linux 3.11).

    use std::fs::File;
    use std::io::{self, Write};
    use std::os::fd::AsRawFd;
    use std::path::Path;

    use rustix::fs::{AtFlags, CWD, Mode, OFlags, linkat, open};
    use rustix::io::Errno;
    use tempfile::Builder;

    use super::{TEMPORARY_PREFIX, set_mode};

    pub(super) fn write(
        target: &Path,
        folder: &Path,
        data: &[u8],
        force: bool,
        mode: u32,
    ) -> io::Result<()> {
        let flags = OFlags::TMPFILE | OFlags::WRONLY | OFlags::CLOEXEC;
        let file = open(folder, flags, Mode::RUSR | Mode::WUSR).map_err(|error| match error {
            // What file systems and kernels without nameless files answer.
            Errno::OPNOTSUPP | Errno::ISDIR | Errno::INVAL => io::ErrorKind::Unsupported.into(),
            error => io::Error::from(error),
        })?;
        let mut file = File::from(file);
        file.write_all(data)?;
        set_mode(&file, mode)?;
        file.sync_all()?;
        if !force {
            return give_name(&file, target);
        }
        // A name can only be taken over by a file that has one: for an instant it has another, by
        // chance, since one of a program that was killed in that instant may be there still.
        let temporary = Builder::new()
            .prefix(TEMPORARY_PREFIX)
            .make_in(folder, |name| give_name(&file, name))?;
        temporary.persist(target).map_err(|error| error.error)
    }

    fn give_name(file: &File, name: &Path) -> io::Result<()> {
        let descriptor = format!("/proc/self/fd/{}", file.as_raw_fd());
        linkat(CWD, descriptor, CWD, name, AtFlags::SYMLINK_FOLLOW).map_err(|error| match error {
            // Without /proc there is no way to give it a name.
            Errno::NOENT => io::ErrorKind::Unsupported.into(),
            error => error.into(),
        })
    }
}

#[cfg(not(target_os = "linux"))]
mod nameless {
    //! Other systems have no files without a name.

    use std::io;
    use std::path::Path;

    pub(super) fn write(_: &Path, _: &Path, _: &[u8], _: bool, _: u32) -> io::Result<()> {
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

fn folder_of(path: &Path) -> &Path {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    folder.unwrap_or(Path::new("."))
}

fn exists(path: &Path) -> CommandError {
    failed(path, "it exists already; --force overwrites it")
}

fn failed(path: &Path, reason: &str) -> CommandError {
    CommandError::Output {
        what: format!("cannot write `{}`: {reason}", path.display()),
    }
}
