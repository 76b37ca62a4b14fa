//! Text within 80 columns.

use std::borrow::Cow;

use textwrap::core::display_width;
use textwrap::{Options, WordSplitter};

/// Columns of a terminal that everybody has.
const WIDTH: usize = 80;

/// Text after a long start goes on from here.
const DEEPEST_INDENT: usize = 14;

/// The longest word that is shown whole, in characters: longer than any flag or path of a real node. A
/// name made to fill the screen would push all else from it.
const LONGEST_WORD: usize = 512;

/// Of a longer word, so many characters are shown at each end.
const END_OF_LONG_WORD: usize = 40;

/// `text` in lines of at most 80 columns, the first after `start`, the others indented as far. A first
/// word that does not fit behind `start`, such as a path, begins the next line.
pub(crate) fn wrap(start: &str, text: &str) -> String {
    let text = &*without_long_words(text);
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

/// `text` with the middle of words that are too long left out.
fn without_long_words(text: &str) -> Cow<'_, str> {
    let is_long = |word: &str| word.len() > LONGEST_WORD && word.chars().count() > LONGEST_WORD;
    if !text.split(' ').any(is_long) {
        return text.into();
    }
    let words = text.split(' ').map(|word| {
        if !is_long(word) {
            return word.to_owned();
        }
        let characters: Vec<char> = word.chars().collect();
        let (start, rest) = characters.split_at(END_OF_LONG_WORD);
        let (left_out, end) = rest.split_at(rest.len() - END_OF_LONG_WORD);
        let [start, end] = [start, end].map(|part| part.iter().collect::<String>());
        format!("{start}…({} characters)…{end}", left_out.len())
    });
    words.collect::<Vec<_>>().join(" ").into()
}
