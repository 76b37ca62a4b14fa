//! A tar archive, plain or compressed, known by its first bytes and not by its name.

use std::collections::BTreeMap;
use std::io::{self, BufReader, Read};

use crate::pki::Wiped;
use flate2::bufread::MultiGzDecoder;
use ruzstd::decoding::StreamingDecoder;
use tar::{Archive, Entry, EntryType};

use super::{
    FolderLink, MAX_ARCHIVE_SIZE, MAX_ENTRIES, MAX_FILE_SIZE, MAX_TOTAL_SIZE, SkipReason, Skipped,
    Source, SourceError, SourceFile, Tree, printable, text,
};

/// Most links that are followed from one entry, against links in a circle.
const MAX_LINK_HOPS: usize = 16;

const GZIP_MAGIC: &[u8] = &[0x1f, 0x8b];
const ZSTD_MAGIC: &[u8] = &[0x28, 0xb5, 0x2f, 0xfd];

/// How other archives begin, what packs them, and what unpacks them.
const OTHER_ARCHIVES: [(&[u8], &str, &str); 3] = [
    (
        &[0xfd, b'7', b'z', b'X', b'Z', 0],
        "xz",
        "`xz -dc ARCHIVE | talos-pki scan -`",
    ),
    (b"BZh", "bzip2", "`bzip2 -dc ARCHIVE | talos-pki scan -`"),
    (
        b"PK\x03\x04",
        "zip",
        "`(umask 077; unzip ARCHIVE -d FOLDER)`, and give the folder",
    ),
];

/// What is told to be cut off, in place of a path.
const END_OF_ARCHIVE: &str = "end of the archive";

/// Size of a block of a tar archive, which has at least one.
const BLOCK: usize = 512;

/// The archive in `input`, or its text if it is none.
pub(super) fn open(name: &str, mut input: impl Read) -> Result<Source, SourceError> {
    let mut start = Wiped::new(Vec::with_capacity(BLOCK));
    let read = input.by_ref().take(BLOCK as u64).read_to_end(&mut start);
    read.map_err(|error| SourceError::Io {
        name: name.to_owned(),
        error,
    })?;
    if start.is_empty() {
        return Err(SourceError::Empty(name.to_owned()));
    }
    let other = OTHER_ARCHIVES
        .iter()
        .find(|(magic, ..)| start.starts_with(magic));
    if let Some((_, program, remedy)) = other {
        let name = name.to_owned();
        return Err(SourceError::OtherArchive {
            name,
            program,
            remedy,
        });
    }
    let is_short = start.len() < BLOCK;
    let is_text = text::is_text(&start);
    let (is_gzip, is_zstd) = (start.starts_with(GZIP_MAGIC), start.starts_with(ZSTD_MAGIC));
    let input = BufReader::new(start.as_slice().chain(input));
    if is_gzip {
        let (tree, rest) = read_tar(name, MultiGzDecoder::new(input))?;
        check_sum(name, rest)?;
        Ok(Source::Files(tree))
    } else if is_zstd {
        let decoder = StreamingDecoder::new(input).map_err(|error| damaged(name, &error))?;
        read_tar(name, decoder).map(|(tree, _)| Source::Files(tree))
    } else if is_text {
        text::read(name, input).map(Source::Text)
    } else if is_short {
        Err(SourceError::NotASource(name.to_owned()))
    } else {
        read_tar(name, input).map(|(tree, _)| Source::Files(tree))
    }
}

/// Reads what is behind the last entry: gzip's sum stands there, and is compared when it is reached. A
/// sum that is missing proves nothing, nor does what other programs fill an archive up with.
fn check_sum(name: &str, mut rest: impl Read) -> Result<(), SourceError> {
    match io::copy(&mut rest, &mut io::sink()) {
        Err(error) if error.to_string().contains("checksum") || is_limit(&error) => {
            Err(unreadable(name, &error))
        }
        _ => Ok(()),
    }
}

/// The tree in an archive, and what is behind it.
fn read_tar<R: Read>(name: &str, input: R) -> Result<(Tree, Limited<R>), SourceError> {
    let limited = Limited {
        input,
        left: MAX_ARCHIVE_SIZE,
        final_zeros: 0,
    };
    let mut archive = Archive::new(limited);
    let mut contents = Contents::default();
    let mut total = 0;
    let entries = archive
        .entries()
        .map_err(|error| unreadable(name, &error))?;
    for (count, entry) in entries.enumerate() {
        if count > MAX_ENTRIES {
            let limit = format!("more than {MAX_ENTRIES} entries");
            return Err(SourceError::TooLarge {
                name: name.to_owned(),
                limit,
            });
        }
        let mut entry = entry.map_err(|error| {
            // The first header decides whether it is a tar archive at all.
            if count == 0 && error.kind() != io::ErrorKind::UnexpectedEof && !is_limit(&error) {
                SourceError::NotASource(name.to_owned())
            } else {
                unreadable(name, &error)
            }
        })?;
        let raw = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        let Some(path) = inside(&raw) else {
            let entry = printable(&raw);
            return Err(SourceError::PathTraversal {
                name: name.to_owned(),
                entry,
            });
        };
        total += contents.take(name, path, &mut entry)?;
        if total > MAX_TOTAL_SIZE {
            let limit = format!("more than {} MiB of files", MAX_TOTAL_SIZE >> 20);
            return Err(SourceError::TooLarge {
                name: name.to_owned(),
                limit,
            });
        }
    }
    // Some programs write one block of zeros, and a file is filled up with less than one.
    let rest = archive.into_inner();
    if rest.final_zeros < BLOCK {
        contents.skip(END_OF_ARCHIVE, SkipReason::CutOff);
    }
    Ok((contents.into_tree(name), rest))
}

/// What an archive holds, before its links are resolved.
#[derive(Default)]
struct Contents {
    files: BTreeMap<String, SourceFile>,
    links: BTreeMap<String, Link>,
    skipped: Vec<Skipped>,
}

struct Link {
    target: String,
    symbolic: bool,
}

impl Contents {
    /// Takes one entry and returns how many bytes it keeps of it. As with `tar`, a later entry of
    /// the same path replaces an earlier one.
    fn take<R: Read>(
        &mut self,
        name: &str,
        path: String,
        entry: &mut Entry<'_, R>,
    ) -> Result<u64, SourceError> {
        let kind = entry.header().entry_type();
        match kind {
            EntryType::Regular | EntryType::Continuous | EntryType::GNUSparse => {
                let size = entry.size();
                if size > MAX_FILE_SIZE {
                    self.skip(&path, SkipReason::TooLarge(size));
                    return Ok(0);
                }
                let capacity = usize::try_from(size).unwrap_or_default();
                let mut bytes = Wiped::new(Vec::with_capacity(capacity));
                entry
                    .read_to_end(&mut bytes)
                    .map_err(|error| unreadable(name, &error))?;
                let mode = entry.header().mode().ok().map(|mode| mode & 0o7777);
                let file = SourceFile {
                    path: printable(&path),
                    bytes,
                    mode,
                };
                self.files.insert(path, file);
                return Ok(size);
            }
            EntryType::Symlink | EntryType::Link => {
                let target = entry.link_name_bytes().unwrap_or_default();
                let target = String::from_utf8_lossy(&target).into_owned();
                let link = Link {
                    target,
                    symbolic: kind == EntryType::Symlink,
                };
                self.links.insert(path, link);
            }
            EntryType::Fifo => self.skip(&path, SkipReason::NotAFile("FIFO")),
            EntryType::Char | EntryType::Block => self.skip(&path, SkipReason::NotAFile("device")),
            _ => {}
        }
        Ok(0)
    }

    fn skip(&mut self, path: &str, reason: SkipReason) {
        self.skipped.push(Skipped {
            path: printable(path),
            reason,
        });
    }

    fn into_tree(mut self, name: &str) -> Tree {
        let mut linked = Vec::new();
        let mut folder_links = Vec::new();
        for (path, link) in &self.links {
            match self.resolve(path) {
                Ok(LinksTo::File(file)) => {
                    linked.push(SourceFile {
                        path: printable(path),
                        ..file.clone()
                    });
                }
                Ok(LinksTo::Folder(folder)) => folder_links.push(FolderLink {
                    path: printable(path),
                    folder: printable(&folder),
                }),
                Err(reason) => {
                    let reason = reason(printable(&link.target));
                    self.skipped.push(Skipped {
                        path: printable(path),
                        reason,
                    });
                }
            }
        }
        let mut files: Vec<_> = self.files.into_values().collect();
        files.append(&mut linked);
        Tree {
            name: name.to_owned(),
            files,
            skipped: self.skipped,
            folder_links,
            ..Tree::default()
        }
        .sorted()
    }

    /// Where the link at `path` leads to.
    fn resolve(&self, path: &str) -> Result<LinksTo<'_>, fn(String) -> SkipReason> {
        let mut current = path.to_owned();
        for _ in 0..MAX_LINK_HOPS {
            let Some(link) = self.links.get(&current) else {
                break;
            };
            // A symbolic link starts from its own folder, a hard link from the archive's root.
            let folder = current.rsplit_once('/').map_or("", |(folder, _)| folder);
            let base = if link.symbolic { folder } else { "" };
            let is_absolute = link.symbolic && link.target.starts_with('/');
            let target = if is_absolute {
                inside(&link.target)
            } else {
                inside(&format!("{base}/{}", link.target))
            };
            // An archive that begins at `/` has what an absolute link leads to.
            let target = target.filter(|target| !is_absolute || self.has(target));
            current = target.ok_or(SkipReason::LinkOutside as fn(String) -> SkipReason)?;
            if let Some(file) = self.files.get(&current) {
                return Ok(LinksTo::File(file));
            }
        }
        if self.has_folder(&current) {
            return Ok(LinksTo::Folder(current));
        }
        Err(SkipReason::BrokenLink)
    }

    fn has(&self, path: &str) -> bool {
        self.files.contains_key(path) || self.links.contains_key(path) || self.has_folder(path)
    }

    fn has_folder(&self, path: &str) -> bool {
        let folder = format!("{path}/");
        let mut below = self.files.range(folder.clone()..);
        below
            .next()
            .is_some_and(|(path, _)| path.starts_with(&folder))
    }
}

/// What a link leads to.
enum LinksTo<'a> {
    File(&'a SourceFile),
    Folder(String),
}

/// `path` without `.`, empty parts and resolved `..`; nothing if it would leave the archive. A
/// leading `/` is dropped, as `tar` drops it.
fn inside(path: &str) -> Option<String> {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// Fails, instead of ending, when more than `left` bytes are read.
struct Limited<R> {
    input: R,
    left: u64,
    /// How many zeros end what was read.
    final_zeros: usize,
}

impl<R: Read> Read for Limited<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.input.read(buffer)?;
        self.left = self.left.checked_sub(count as u64).ok_or_else(|| {
            let limit = format!("more than {} MiB of content", MAX_ARCHIVE_SIZE >> 20);
            io::Error::new(io::ErrorKind::FileTooLarge, limit)
        })?;
        let read = &buffer[..count];
        let zeros = read.iter().rev().take_while(|byte| **byte == 0).count();
        let earlier = if zeros == count { self.final_zeros } else { 0 };
        self.final_zeros = earlier + zeros;
        Ok(count)
    }
}

fn is_limit(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::FileTooLarge
}

fn unreadable(name: &str, error: &io::Error) -> SourceError {
    if is_limit(error) {
        return SourceError::TooLarge {
            name: name.to_owned(),
            limit: error.to_string(),
        };
    }
    damaged(name, error)
}

fn damaged(name: &str, error: &dyn std::error::Error) -> SourceError {
    SourceError::DamagedArchive {
        name: name.to_owned(),
        reason: printable(&error.to_string()),
    }
}
