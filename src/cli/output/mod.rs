//! Where secrets go: for their owner alone, and over nothing by accident.

mod staged;

use std::fs::{self, File, Metadata};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use crate::pki::Wiped;
use memchr::memmem;

use super::CommandError;
use super::printer::Printer;
pub(super) use staged::write_all;

/// The mode of a secret.
const OWNER_ALONE: u32 = 0o600;

/// The mode of what everybody may read.
const EVERYBODY: u32 = 0o644;

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
        write_all([(self, data)], printer)
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
