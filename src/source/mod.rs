//! Where bytes come from: a folder, a tar archive, one file of text, or one of the last two on
//! standard input.
//!
//! The result is a [`Tree`] of files with path, bytes and mode, or a text of which `manifest` makes
//! one. This room gives no meaning to any
//! of them and depends on no other room. What it will not read is kept as a [`Skipped`], so that a
//! rule can say so; what makes the whole source unusable is a [`SourceError`].

mod archive;
mod folder;
mod pipe;
mod text;

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use crate::pki::Wiped;

pub(crate) use crate::printable::printable;

/// Largest file that is read, in bytes. A certificate is 2 KiB, a bundle of all public CAs
/// 300 KiB; a larger file is data, an image, or made to fill the memory.
pub const MAX_FILE_SIZE: u64 = 1 << 20;

/// Most bytes kept from one source, against a folder of very many files.
pub const MAX_TOTAL_SIZE: u64 = 64 << 20;

/// Most entries looked at in one source, against endless folders and archives.
pub const MAX_ENTRIES: usize = 100_000;

/// Deepest folder that is entered, against endless nesting.
pub const MAX_DEPTH: usize = 24;

/// Most bytes that an archive may unpack to, against a decompression bomb and an endless pipe.
pub const MAX_ARCHIVE_SIZE: u64 = 1 << 30;

/// Largest file of text, in bytes, against an endless pipe: what `kubectl get secrets -A` prints of
/// a large cluster is smaller.
pub const MAX_TEXT_SIZE: u64 = 32 << 20;

/// Where to read from, as a person names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Location {
    /// A folder or an archive file.
    Path(PathBuf),
    /// A tar archive or text on standard input, written `-`.
    StandardInput,
}

impl Location {
    /// The path, if it is one.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        match self {
            Self::Path(path) => Some(path),
            Self::StandardInput => None,
        }
    }

    /// How the location is shown.
    #[must_use]
    pub fn display(&self) -> String {
        match self {
            Self::Path(path) => printable(&path.to_string_lossy()),
            Self::StandardInput => "standard input".to_owned(),
        }
    }
}

impl From<&str> for Location {
    fn from(text: &str) -> Self {
        Self::from(OsString::from(text))
    }
}

/// A path need not be text.
impl From<OsString> for Location {
    fn from(name: OsString) -> Self {
        if name == "-" {
            Self::StandardInput
        } else {
            Self::Path(PathBuf::from(name))
        }
    }
}

/// One regular file.
#[derive(Clone)]
pub struct SourceFile {
    /// The path below the root of the tree, with `/`.
    pub path: String,
    /// The content. It may be a private key, so it is wiped when dropped.
    pub bytes: Wiped<Vec<u8>>,
    /// The Unix permission bits, where the source has them.
    pub mode: Option<u32>,
}

impl std::fmt::Debug for SourceFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ({} bytes)", self.path, self.bytes.len())
    }
}

/// Something in the source that was not read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skipped {
    /// The path below the root of the tree.
    pub path: String,
    /// Why.
    pub reason: SkipReason,
}

/// Why an entry was not read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SkipReason {
    /// A folder with a copy of what is in another folder, which is the one that a node uses.
    #[error("it stands beside `{0}`, which is the folder in use")]
    Beside(String),
    /// A symbolic link that leads nowhere.
    #[error("it is a symbolic link to `{0}`, which does not exist here")]
    BrokenLink(String),
    /// A symbolic link that leads out of the tree.
    #[error("it is a symbolic link to `{0}`, outside of what was given")]
    LinkOutside(String),
    /// A FIFO, device or socket, which may never end.
    #[error("it is a {0}, not a file")]
    NotAFile(&'static str),
    /// More than [`MAX_FILE_SIZE`].
    #[error("it has {0} bytes, more than any certificate or key")]
    TooLarge(u64),
    /// What should end an archive, two blocks of zeros, is not there.
    #[error("there is no end marker, so more may have been cut off; make the archive anew")]
    CutOff,
    /// The operating system refuses.
    #[error("{0}")]
    Unreadable(String),
}

impl From<io::Error> for SkipReason {
    fn from(error: io::Error) -> Self {
        Self::Unreadable(in_words(&error))
    }
}

/// The system's word for an error, without its number.
pub(crate) fn in_words(error: &io::Error) -> String {
    let text = error.to_string();
    let words = text.split(" (os error").next().unwrap_or_default();
    words.to_lowercase()
}

/// The files of one source.
#[derive(Debug, Clone, Default)]
pub struct Tree {
    /// How a person knows the root.
    pub name: String,
    /// The files, sorted by path.
    pub files: Vec<SourceFile>,
    /// What was not read, sorted by path.
    pub skipped: Vec<Skipped>,
    /// Links to folders of the tree: what is in them is met where it stands.
    pub folder_links: Vec<FolderLink>,
    /// Whether CAs are kept there for nodes, and never what they issued.
    pub is_store: bool,
}

/// A symbolic link to a folder of the same tree. Neither path ends in `/`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FolderLink {
    /// Where it stands.
    pub path: String,
    /// Where it leads.
    pub folder: String,
}

/// What a source is.
#[derive(Debug)]
pub enum Source {
    /// A folder or an archive.
    Files(Tree),
    /// One file of text. Its path is the name of the source.
    Text(SourceFile),
}

/// Why a whole source cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// Reading failed.
    #[error("cannot read `{name}`: {error}")]
    Io {
        /// The source.
        name: String,
        /// What the operating system says.
        error: io::Error,
    },
    /// It is not a folder, not an archive, and not text.
    #[error(
        "`{0}` is neither a folder, nor a tar archive (.tar, .tar.gz, .tar.zst), nor Kubernetes \
         manifests in YAML or JSON"
    )]
    NotASource(String),
    /// There is nothing in it.
    #[error("`{0}` is empty; see whether the command that should write it failed")]
    Empty(String),
    /// It is packed in a way that is not read.
    #[error("`{name}` is packed with {program}, which is not read here; unpack it first: {remedy}")]
    OtherArchive {
        /// The source.
        name: String,
        /// What packs so.
        program: &'static str,
        /// The command that unpacks it.
        remedy: &'static str,
    },
    /// The archive is damaged.
    #[error("`{name}` is not a whole tar archive: {reason}")]
    DamagedArchive {
        /// The source.
        name: String,
        /// What is wrong.
        reason: String,
    },
    /// An archive entry would lead out of the archive.
    #[error("`{name}` has an entry `{entry}` that leads out of the archive; nothing was read")]
    PathTraversal {
        /// The source.
        name: String,
        /// The entry's path.
        entry: String,
    },
    /// The source exceeds one of the limits above.
    #[error("`{name}` has {limit}")]
    TooLarge {
        /// The source.
        name: String,
        /// Which limit, in words.
        limit: String,
    },
}

/// Opens the source at `location` and reads all of it.
pub fn open(location: &Location) -> Result<Source, SourceError> {
    let name = location.display();
    let Location::Path(path) = location else {
        return archive::open(&name, io::stdin().lock());
    };
    let failed = |error| SourceError::Io {
        name: name.clone(),
        error,
    };
    let metadata = path.metadata().map_err(failed)?;
    if metadata.is_dir() {
        return folder::read(&name, path).map(Source::Files);
    }
    if pipe::is_pipe(&metadata) {
        return archive::open(&name, pipe::open(path).map_err(failed)?);
    }
    if !metadata.is_file() {
        return Err(SourceError::NotASource(name));
    }
    let file = File::open(path).map_err(failed)?;
    let mut source = archive::open(&name, file)?;
    if let Source::Text(text) = &mut source {
        text.mode = folder::permissions(&metadata);
    }
    Ok(source)
}

/// Reads the folder or archive at `location`.
pub fn read(location: &Location) -> Result<Tree, SourceError> {
    files_of(open(location)?)
}

/// Reads an archive from bytes in memory, as [`read`] does from a file.
pub fn read_archive(name: &str, input: impl Read) -> Result<Tree, SourceError> {
    files_of(archive::open(name, input)?)
}

fn files_of(source: Source) -> Result<Tree, SourceError> {
    match source {
        Source::Files(tree) => Ok(tree),
        Source::Text(text) => Err(SourceError::NotASource(text.path)),
    }
}

/// Reads one file that was named by itself, whatever it is, up to [`MAX_FILE_SIZE`].
pub fn read_file(path: &Path) -> Result<SourceFile, SourceError> {
    let name = printable(&path.to_string_lossy());
    let failed = |error| SourceError::Io {
        name: name.clone(),
        error,
    };
    // Opening a device may do anything, so the kind is asked first.
    let metadata = path.metadata().map_err(failed)?;
    let content = if pipe::is_pipe(&metadata) {
        let content = pipe::open(path)
            .and_then(folder::content_of)
            .map_err(failed)?;
        // The mode of a pipe says nothing of who may read what went through it.
        content.map(|(bytes, _)| (bytes, None))
    } else if metadata.is_file() {
        folder::read_content(path).map_err(failed)?
    } else {
        return Err(failed(io::Error::other("it is neither a file nor a pipe")));
    };
    match content {
        Ok((bytes, mode)) => Ok(SourceFile {
            path: name,
            bytes,
            mode,
        }),
        Err(size) => {
            let limit = format!("{size} bytes, more than any certificate, key or configuration");
            Err(SourceError::TooLarge { name, limit })
        }
    }
}

/// Reads the one file at `location`, or all of standard input, up to [`MAX_FILE_SIZE`].
pub fn read_one(location: &Location) -> Result<SourceFile, SourceError> {
    let name = location.display();
    let Location::Path(path) = location else {
        let mut bytes = Wiped::new(Vec::new());
        let input = io::stdin().lock();
        let read = input.take(MAX_FILE_SIZE + 1).read_to_end(&mut bytes);
        read.map_err(|error| SourceError::Io {
            name: name.clone(),
            error,
        })?;
        if bytes.len() as u64 > MAX_FILE_SIZE {
            let limit =
                format!("more than {MAX_FILE_SIZE} bytes, and no configuration has so many");
            return Err(SourceError::TooLarge { name, limit });
        }
        return Ok(SourceFile {
            path: name,
            bytes,
            mode: None,
        });
    };
    read_file(path)
}

impl Tree {
    /// `files` in their order.
    pub(crate) fn sorted_files(mut files: Vec<SourceFile>) -> Vec<SourceFile> {
        files.sort_by(|a, b| a.path.cmp(&b.path));
        files
    }

    /// Puts files and skipped entries into their order.
    fn sorted(mut self) -> Self {
        self.files = Self::sorted_files(self.files);
        self.skipped.sort_by(|a, b| a.path.cmp(&b.path));
        self
    }
}
