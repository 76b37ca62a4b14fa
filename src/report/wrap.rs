//! Text within 80 columns.

use textwrap::core::display_width;
use textwrap::{Options, WordSplitter};

/// Columns of a terminal that everybody has.
const WIDTH: usize = 80;

/// Text after a long start goes on from here.
const DEEPEST_INDENT: usize = 14;

/// `text` in lines of at most 80 columns, the first after `start`, the others indented as far. A first
/// word that does not fit behind `start`, such as a path, begins the next line.
pub(crate) fn wrap(start: &str, text: &str) -> String {
    let indent = " ".repeat(display_width(start).min(DEEPEST_INDENT));
    let first = text.split(' ').next().map_or(0, display_width);
    if display_width(start) + first > WIDTH && indent.len() < display_width(start) {
        return format!("{}\n{}", start.trim_end(), fill(&indent, &indent, text));
    }
    fill(start, &indent, text)
}

fn fill(start: &str, indent: &str, text: &str) -> String {
    let options = Options::new(WIDTH)
        .initial_indent(start)
        .subsequent_indent(indent)
        // Paths, fingerprints and flags are copied from the screen; a hyphen in them is no place
        // to break at.
        .word_splitter(WordSplitter::NoHyphenation)
        .word_separator(textwrap::WordSeparator::AsciiSpace)
        .break_words(false);
    textwrap::fill(text, options)
}
