//! What a line that is no YAML often has in it.

/// What is wrong with the line of this number, or the one before it: the YAML library stops at either.
pub(super) fn in_line(text: &[u8], number: usize) -> Option<&'static str> {
    let before = number.saturating_sub(2);
    let lines = text.split(|byte| *byte == b'\n').skip(before);
    lines.take(number - before).find_map(of)
}

fn of(line: &[u8]) -> Option<&'static str> {
    let text = line.trim_ascii_start();
    let (indentation, _) = line.split_at(line.len() - text.len());
    let has = |wanted: &[u8]| line.windows(wanted.len()).any(|part| part == wanted);
    let marks = [&b"<<<<<<< "[..], b">>>>>>> ", b"======="];
    if marks.iter().any(|mark| line.starts_with(mark)) {
        Some("a merge left its marks there")
    } else if indentation.contains(&b'\t') {
        Some("a tab stands there, and only spaces indent")
    } else if text.starts_with("\u{a0}".as_bytes()) {
        Some("a no-break space stands there, and only plain spaces indent")
    } else if !indentation.is_empty() && text.trim_ascii_end() == b"---" {
        Some("`---` begins a document only at the beginning of a line")
    } else if has(b"{{") || has(b"{%") {
        Some("it is a template that was not filled in")
    } else {
        None
    }
}
