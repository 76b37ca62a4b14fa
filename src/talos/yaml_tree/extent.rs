//! How far the first document of a text reaches.

/// The text up to the line that ends its first document: `...`, or the `---` of the next. No
/// scalar can have such a line in it.
///
/// A parser alone does not tell: where the indentation ends the document, it comes to an end, too,
/// and what follows is an error of a next one that nobody asks for.
pub(super) fn first_document(text: &[u8]) -> &[u8] {
    let mut has_begun = false;
    let mut start = 0;
    for line in text.split_inclusive(|byte| matches!(byte, b'\r' | b'\n')) {
        let is_marker = is_marker(line);
        if is_marker && has_begun {
            return &text[..start];
        }
        has_begun |= is_marker || !is_before_a_document(line);
        start += line.len();
    }
    text
}

fn is_marker(line: &[u8]) -> bool {
    let behind = [&b"---"[..], b"..."]
        .into_iter()
        .find_map(|marker| line.strip_prefix(marker));
    behind.is_some_and(|rest| rest.first().is_none_or(u8::is_ascii_whitespace))
}

/// Whether a document has not begun yet: blanks, a comment, or a directive.
fn is_before_a_document(line: &[u8]) -> bool {
    line.starts_with(b"%") || matches!(line.trim_ascii_start().first(), None | Some(b'#'))
}
