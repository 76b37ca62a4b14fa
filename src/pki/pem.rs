//! A tolerant PEM reader with the semantics of Go's `encoding/pem`, and a strict writer.
//!
//! Talos reads PEM with Go, and only the first block that Go finds. So this reader finds exactly
//! the blocks that Go would find, and beyond that remembers what a person must know about the
//! file: where each block stands, which attempts at a block Go skips, and what is unusual in it.

use std::sync::LazyLock;

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::general_purpose::{GeneralPurpose, PAD};
use memchr::memmem;

use super::Secret;

/// Most blocks that one file may have. A CA bundle of a whole company has some hundreds; a file
/// with more is made to keep a reader busy.
pub const MAX_BLOCKS: usize = 1_000;

/// Characters of base64 in a line, as Go, OpenSSL and RFC 7468 section 2 write them.
const LINE_WIDTH: usize = 64;

/// Go's `base64.StdEncoding`: padding is demanded, loose bits before it are not looked at.
const BASE64: GeneralPurpose =
    GeneralPurpose::new(&STANDARD, PAD.with_decode_allow_trailing_bits(true));

const BEGIN: &[u8] = b"-----BEGIN ";
const END: &[u8] = b"\n-----END ";

// To prepare a search costs as much as to search through a certificate.
static FIND_BEGIN: LazyLock<memmem::Finder<'_>> = LazyLock::new(|| memmem::Finder::new(BEGIN));
static FIND_LAST_BEGIN: LazyLock<memmem::FinderRev<'_>> =
    LazyLock::new(|| memmem::FinderRev::new(BEGIN));
static FIND_END: LazyLock<memmem::Finder<'_>> = LazyLock::new(|| memmem::Finder::new(END));

const DASHES: &[u8] = b"-----";
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// What a PEM file holds.
#[derive(Debug, Default)]
pub struct PemFile {
    /// The blocks that Go would find, in order.
    pub blocks: Vec<Block>,
    /// Attempts at a block that Go skips.
    pub broken: Vec<BrokenBlock>,
    /// What is unusual about the file, in a fixed order, each at most once.
    pub remarks: Vec<Remark>,
}

/// One PEM block.
#[derive(Debug)]
pub struct Block {
    /// Which block of the file it is, from 1.
    pub index: usize,
    /// The line of its `BEGIN`, from 1.
    pub line: usize,
    /// The label, such as `CERTIFICATE`.
    pub label: String,
    /// RFC 1421 headers, such as `Proc-Type`.
    pub headers: Vec<(String, String)>,
    /// The decoded bytes. They may be a private key, so they are always kept as a secret.
    pub contents: Secret<Vec<u8>>,
}

impl Block {
    /// The value of the header `name`.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str())
    }
}

/// A `BEGIN` line from which no block could be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BrokenBlock {
    /// Its line, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub reason: BrokenReason,
}

/// Why a block is skipped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BrokenReason {
    /// The body is not base64.
    #[error("its body is not base64")]
    NotBase64,
    /// `BEGIN` does not stand at the start of a line.
    #[error("its BEGIN line is indented or has text before it")]
    NotAtLineStart,
    /// There is no matching `END` line.
    #[error("it has no matching END line")]
    WithoutEnd,
}

/// Something in a PEM file that Talos would keep or trip over, and that writing it anew removes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Remark {
    /// A UTF-8 byte order mark at the start, which hides the first block from Go.
    ByteOrderMark,
    /// Lines end in CR LF.
    CarriageReturns,
    /// Text before, between or after the blocks.
    TextOutsideBlocks,
    /// The last line has no line feed: two such certificates joined by Talos lose each other.
    NoFinalNewline,
}

/// Reads every PEM block of `bytes`. Input without a block gives an empty result.
#[must_use]
pub fn read(bytes: &[u8]) -> PemFile {
    let text = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
    let mut file = PemFile::default();
    let mut covered = Vec::new();
    let mut start = 0;
    while file.blocks.len() < MAX_BLOCKS {
        let Some(found) = next_block(text, start) else {
            break;
        };
        let line = line_of(text, found.begin);
        let index = file.blocks.len() + 1;
        covered.push(found.begin..found.end);
        start = found.end;
        file.blocks.push(Block {
            index,
            line,
            label: found.label,
            headers: found.headers,
            contents: Secret::new(found.contents),
        });
    }
    file.broken = broken_blocks(text, &covered);
    file.remarks = remarks(bytes, text, &covered, &file.broken);
    file
}

/// Writes `contents` as one PEM block: lines of 64 characters, LF, one final newline.
///
/// The result may be a private key; the caller keeps it accordingly.
#[must_use]
pub fn write(label: &str, contents: &[u8]) -> String {
    // Each 3 bytes become 4 characters, and each line has one line feed; reserving it all at once
    // keeps the allocator from leaving copies of a key behind.
    let body = contents.len().div_ceil(3) * 4;
    let mut text = String::with_capacity(body + body / LINE_WIDTH + 2 * label.len() + 40);
    text.push_str("-----BEGIN ");
    text.push_str(label);
    text.push_str("-----\n");
    for chunk in contents.chunks(LINE_WIDTH / 4 * 3) {
        BASE64.encode_string(chunk, &mut text);
        text.push('\n');
    }
    text.push_str("-----END ");
    text.push_str(label);
    text.push_str("-----\n");
    text
}

struct Found {
    begin: usize,
    end: usize,
    label: String,
    headers: Vec<(String, String)>,
    contents: Vec<u8>,
}

/// Finds the next block as Go 1.26 does: the first `END` line, then the last `BEGIN` before it, and
/// on any fault in between, the next `END` line.
fn next_block(text: &[u8], mut start: usize) -> Option<Found> {
    loop {
        let end_line = start + FIND_END.find(&text[start..])?;
        let resume = end_line + END.len();
        // `END` begins with the line feed that ends the line before it.
        let begin = FIND_LAST_BEGIN
            .rfind(&text[start..end_line])
            .map(|at| start + at);
        let found = begin
            .filter(|&begin| begin == 0 || begin == start || text[begin - 1] == b'\n')
            .and_then(|begin| block_between(text, begin, end_line));
        if found.is_some() {
            return found;
        }
        start = resume;
    }
}

fn block_between(text: &[u8], begin: usize, end_line: usize) -> Option<Found> {
    let (first, mut body) = line_at(text, begin);
    let label = first.get(BEGIN.len()..)?.strip_suffix(DASHES)?;
    let mut headers = Vec::new();
    while body <= end_line {
        let (line, next) = line_at(text, body);
        let Some(colon) = line.iter().position(|&byte| byte == b':') else {
            break;
        };
        let (key, value) = (line[..colon].trim_ascii(), line[colon + 1..].trim_ascii());
        headers.push((lossy(key), lossy(value)));
        body = next;
    }
    if !headers.is_empty() && body > end_line {
        return None;
    }
    let (last, after) = line_at(text, end_line + 1);
    let end_label = last.get(END.len() - 1..)?.strip_suffix(DASHES)?;
    if end_label != label {
        return None;
    }
    let contents = decode(text.get(body..end_line).unwrap_or_default())?;
    Some(Found {
        begin,
        end: after,
        label: lossy(label),
        headers,
        contents,
    })
}

/// Standard base64 with padding; white space within is skipped, as Go skips it.
fn decode(body: &[u8]) -> Option<Vec<u8>> {
    let is_space = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\r');
    let mut compact = Vec::with_capacity(body.len());
    let mut start = 0;
    for end in memchr::memchr_iter(b'\n', body).chain([body.len()]) {
        let line = &body[start..end];
        // Hardly any line has a space, and one without is copied whole.
        if line.iter().any(is_space) {
            compact.extend(line.iter().filter(|byte| !is_space(byte)));
        } else {
            compact.extend_from_slice(line);
        }
        start = end + 1;
    }
    BASE64.decode(Secret::new(compact).expose()).ok()
}

/// The line that starts at `start`, without trailing white space, and where the next one starts.
fn line_at(text: &[u8], start: usize) -> (&[u8], usize) {
    let rest = text.get(start..).unwrap_or_default();
    let length = rest
        .iter()
        .position(|&byte| byte == b'\n')
        .unwrap_or(rest.len());
    let next = (start + length + 1).min(text.len());
    let mut line = &rest[..length];
    line = line.strip_suffix(b"\r").unwrap_or(line);
    while let Some(shorter) = line.strip_suffix(b" ").or_else(|| line.strip_suffix(b"\t")) {
        line = shorter;
    }
    (line, next)
}

fn broken_blocks(text: &[u8], covered: &[std::ops::Range<usize>]) -> Vec<BrokenBlock> {
    let mut broken = Vec::new();
    let mut start = 0;
    while let Some(begin) = FIND_BEGIN.find(&text[start..]).map(|at| start + at) {
        start = begin + BEGIN.len();
        if covered.iter().any(|range| range.contains(&begin)) {
            continue;
        }
        if broken.len() == MAX_BLOCKS {
            break;
        }
        broken.push(BrokenBlock {
            line: line_of(text, begin),
            reason: broken_reason(text, begin),
        });
    }
    broken
}

fn broken_reason(text: &[u8], begin: usize) -> BrokenReason {
    if begin > 0 && text[begin - 1] != b'\n' {
        return BrokenReason::NotAtLineStart;
    }
    let (first, body) = line_at(text, begin);
    let label = first
        .get(BEGIN.len()..)
        .and_then(|rest| rest.strip_suffix(DASHES));
    let end = text
        .get(body.saturating_sub(1)..)
        .and_then(|rest| FIND_END.find(rest));
    match (label, end) {
        (Some(label), Some(end)) => {
            let (last, _) = line_at(text, body.saturating_sub(1) + end + 1);
            let matches = last
                .get(END.len() - 1..)
                .and_then(|rest| rest.strip_suffix(DASHES));
            if matches == Some(label) {
                BrokenReason::NotBase64
            } else {
                BrokenReason::WithoutEnd
            }
        }
        _ => BrokenReason::WithoutEnd,
    }
}

fn remarks(
    bytes: &[u8],
    text: &[u8],
    covered: &[std::ops::Range<usize>],
    broken: &[BrokenBlock],
) -> Vec<Remark> {
    let mut remarks = Vec::new();
    if covered.is_empty() {
        return remarks;
    }
    if bytes.len() != text.len() {
        remarks.push(Remark::ByteOrderMark);
    }
    if covered
        .iter()
        .any(|range| text[range.clone()].contains(&b'\r'))
    {
        remarks.push(Remark::CarriageReturns);
    }
    let mut gaps = Vec::with_capacity(covered.len() + 1);
    let mut start = 0;
    for range in covered {
        gaps.push(&text[start..range.start]);
        start = range.end;
    }
    gaps.push(&text[start..]);
    // What stands around a broken block is reported with that block.
    if broken.is_empty() && gaps.iter().any(|gap| !gap.trim_ascii().is_empty()) {
        remarks.push(Remark::TextOutsideBlocks);
    }
    if !text.ends_with(b"\n") {
        remarks.push(Remark::NoFinalNewline);
    }
    remarks
}

fn line_of(text: &[u8], position: usize) -> usize {
    1 + memchr::memchr_iter(b'\n', &text[..position]).count()
}

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
