//! Text within 80 columns.

use textwrap::{Options, WordSplitter};

/// Columns of a terminal that everybody has.
const WIDTH: usize = 80;

/// Text after a long start goes on from here.
const DEEPEST_INDENT: usize = 14;

/// `text` in lines of at most 80 columns, the first after `start`, the others indented as far.
pub(crate) fn wrap(start: &str, text: &str) -> String {
    let indent = " ".repeat(textwrap::core::display_width(start).min(DEEPEST_INDENT));
    let options = Options::new(WIDTH)
        .initial_indent(start)
        .subsequent_indent(&indent)
        // Paths, fingerprints and flags are copied from the screen; a hyphen in them is no place
        // to break at.
        .word_splitter(WordSplitter::NoHyphenation)
        .word_separator(textwrap::WordSeparator::AsciiSpace)
        .break_words(false);
    textwrap::fill(text, options)
}
