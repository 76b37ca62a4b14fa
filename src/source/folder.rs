//! A folder on disk.

use std::fs::{self, File, Metadata};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use crate::pki::Wiped;
use walkdir::{DirEntry, WalkDir};

use super::{
    FolderLink, MAX_DEPTH, MAX_ENTRIES, MAX_FILE_SIZE, MAX_TOTAL_SIZE, SkipReason, Skipped,
    SourceError, SourceFile, Tree, printable,
};

pub(super) fn read(name: &str, folder: &Path) -> Result<Tree, SourceError> {
    let failed = |error| SourceError::Io {
        name: name.to_owned(),
        error,
    };
    let root = folder.canonicalize().map_err(failed)?;
    let mut tree = Tree {
        name: name.to_owned(),
        ..Tree::default()
    };
    let mut total = 0;
    // One level deeper than allowed, so that the limit is noticed and not just kept.
    let walk = WalkDir::new(&root)
        .max_depth(MAX_DEPTH + 1)
        .sort_by_file_name();
    for (count, entry) in walk.into_iter().enumerate() {
        if count > MAX_ENTRIES {
            return Err(too_large(name, format!("more than {MAX_ENTRIES} entries")));
        }
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) if error.depth() == 0 => return Err(failed(error.into())),
            Err(error) => {
                let path = error
                    .path()
                    .map(|path| relative(&root, path))
                    .unwrap_or_default();
                let reason = SkipReason::from(io::Error::from(error));
                tree.skipped.push(Skipped { path, reason });
                continue;
            }
        };
        if entry.depth() > MAX_DEPTH {
            return Err(too_large(
                name,
                format!("folders more than {MAX_DEPTH} levels deep"),
            ));
        }
        let path = relative(&root, entry.path());
        match look_at(&root, &entry) {
            Ok(Found::Folder) => {}
            Ok(Found::LinkTo(folder)) => tree.folder_links.push(FolderLink { path, folder }),
            Ok(Found::File((bytes, mode))) => {
                total += bytes.len() as u64;
                if total > MAX_TOTAL_SIZE {
                    let limit = format!("more than {} MiB of files", MAX_TOTAL_SIZE >> 20);
                    return Err(too_large(name, limit));
                }
                tree.files.push(SourceFile { path, bytes, mode });
            }
            Err(reason) => tree.skipped.push(Skipped { path, reason }),
        }
    }
    Ok(tree.sorted())
}

type Content = (Wiped<Vec<u8>>, Option<u32>);

/// What an entry is.
enum Found {
    Folder,
    /// A link to this folder of the tree. Its files are met where they stand; following it could go round
    /// in circles.
    LinkTo(String),
    File(Content),
}

fn look_at(root: &Path, entry: &DirEntry) -> Result<Found, SkipReason> {
    if entry.file_type().is_dir() {
        return Ok(Found::Folder);
    }
    let mut path = entry.path().to_owned();
    if entry.file_type().is_symlink() {
        let target = fs::read_link(&path).map_err(SkipReason::from)?;
        path = resolved(root, &path, &target)?;
        if path.is_dir() {
            return Ok(Found::LinkTo(relative(root, &path)));
        }
    }
    let path = path.as_path();
    let metadata = fs::metadata(path).map_err(SkipReason::from)?;
    if let Some(kind) = special_kind(&metadata) {
        return Err(SkipReason::NotAFile(kind));
    }
    match read_content(path).map_err(SkipReason::from)? {
        Ok(content) => Ok(Found::File(content)),
        Err(size) => Err(SkipReason::TooLarge(size)),
    }
}

/// Where the link at `path` leads to, which must be below `root`. In a folder that begins at `/` of a node,
/// as a backup of it does, an absolute link leads to what is in the folder.
fn resolved(root: &Path, path: &Path, target: &Path) -> Result<PathBuf, SkipReason> {
    let is_inside = |path: &PathBuf| path.starts_with(root);
    let followed = path.canonicalize();
    let in_root = || {
        let below = target.strip_prefix("/").ok()?;
        root.join(below).canonicalize().ok().filter(is_inside)
    };
    let shown = || printable(&target.to_string_lossy());
    match followed {
        Ok(followed) if is_inside(&followed) => Ok(followed),
        Ok(_) => in_root().ok_or_else(|| SkipReason::LinkOutside(shown())),
        Err(_) => in_root().ok_or_else(|| SkipReason::BrokenLink(shown())),
    }
}

/// The bytes and mode of a regular file, or its size if it is too large. A file that says that it
/// is small and never ends, as some in `/proc`, is too large as well.
pub(super) fn read_content(path: &Path) -> io::Result<Result<Content, u64>> {
    content_of(File::open(path)?)
}

/// The same of a file that is open.
pub(super) fn content_of(file: File) -> io::Result<Result<Content, u64>> {
    let metadata = file.metadata()?;
    if metadata.len() > MAX_FILE_SIZE {
        return Ok(Err(metadata.len()));
    }
    let capacity = usize::try_from(metadata.len()).unwrap_or_default() + 1;
    let mut bytes = Wiped::new(Vec::with_capacity(capacity));
    file.take(MAX_FILE_SIZE + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_FILE_SIZE {
        return Ok(Err(bytes.len() as u64));
    }
    Ok(Ok((bytes, permissions(&metadata))))
}

#[cfg(unix)]
#[expect(
    clippy::unnecessary_wraps,
    reason = "other systems have no permission bits"
)]
pub(super) fn permissions(metadata: &Metadata) -> Option<u32> {
    use std::os::unix::fs::PermissionsExt;
    Some(metadata.permissions().mode() & 0o7777)
}

#[cfg(not(unix))]
pub(super) fn permissions(_metadata: &Metadata) -> Option<u32> {
    None
}

#[cfg(unix)]
fn special_kind(metadata: &Metadata) -> Option<&'static str> {
    use std::os::unix::fs::FileTypeExt;
    let kind = metadata.file_type();
    let kinds = [
        (kind.is_fifo(), "FIFO"),
        (kind.is_socket(), "socket"),
        (kind.is_char_device(), "device"),
        (kind.is_block_device(), "device"),
    ];
    kinds.into_iter().find(|(is, _)| *is).map(|(_, name)| name)
}

#[cfg(not(unix))]
fn special_kind(metadata: &Metadata) -> Option<&'static str> {
    (!metadata.is_file()).then_some("special file")
}

fn relative(root: &Path, path: &Path) -> String {
    let below = path.strip_prefix(root).unwrap_or(path);
    let parts: Vec<_> = below.iter().map(|part| part.to_string_lossy()).collect();
    printable(&parts.join("/"))
}

fn too_large(name: &str, limit: String) -> SourceError {
    SourceError::TooLarge {
        name: name.to_owned(),
        limit,
    }
}
