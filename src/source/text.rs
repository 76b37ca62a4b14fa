//! One file of text.

use std::io::Read;

use crate::pki::Wiped;

use super::{MAX_TEXT_SIZE, SourceError, SourceFile};

/// The byte order marks of UTF-16, which `PowerShell` 5 writes.
const UTF_16_MARKS: [&[u8]; 2] = [b"\xff\xfe", b"\xfe\xff"];

/// Whether a file that starts with `start` can be text. The header of a tar archive always has
/// zeros in it, and text never has, save in UTF-16.
pub(super) fn is_text(start: &[u8]) -> bool {
    let is_utf_16 = UTF_16_MARKS.iter().any(|mark| start.starts_with(mark));
    !start.is_empty() && (is_utf_16 || !start.contains(&0))
}

pub(super) fn read(name: &str, input: impl Read) -> Result<SourceFile, SourceError> {
    let mut bytes = Wiped::new(Vec::new());
    let read = input.take(MAX_TEXT_SIZE + 1).read_to_end(&mut bytes);
    read.map_err(|error| SourceError::Io {
        name: name.to_owned(),
        error,
    })?;
    if bytes.len() as u64 > MAX_TEXT_SIZE {
        let limit = format!("more than {} MiB of text", MAX_TEXT_SIZE >> 20);
        return Err(SourceError::TooLarge {
            name: name.to_owned(),
            limit,
        });
    }
    Ok(SourceFile {
        path: name.to_owned(),
        bytes,
        mode: None,
    })
}
