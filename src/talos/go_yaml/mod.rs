//! YAML in the layout of Talos: Go's `go.yaml.in/yaml` v4 as `yaml.Marshal` uses it, with an indent
//! of 4 and lines of any length.
//!
//! Which quotes a text gets is decided in three steps, as there: `resolve` tells whether a reader
//! would take the bare text for something else, `scalar` whether it may stand bare, and in which
//! form it is written. Where the encoder has quirks, they are kept: the aim is the same bytes.

mod resolve;
mod scalar;
mod timestamp;

use crate::pki::Secret;

/// Spaces of one level.
const INDENT: usize = 4;

/// What can be written.
#[derive(Debug)]
pub enum Node<'a> {
    /// Names and what they stand for, in this order. The names are written as they are, so they
    /// must be such that YAML needs no quotes for them.
    Mapping(Vec<(&'static str, Node<'a>)>),
    /// A text.
    Text(&'a str),
}

/// Writes a document. It may hold secrets, so it is kept as one.
#[must_use]
pub fn write(root: &Node<'_>) -> Secret<String> {
    let limit = size_limit(root, 1);
    let mut writer = Writer {
        text: String::with_capacity(limit),
        in_line: false,
    };
    match root {
        Node::Mapping(entries) if entries.is_empty() => writer.text.push_str("{}\n"),
        Node::Mapping(entries) => writer.mapping(entries, 0),
        Node::Text(text) => writer.in_line = scalar::write(&mut writer.text, text, 1),
    }
    writer.end_line();
    debug_assert!(writer.text.len() <= limit, "it was allocated twice");
    Secret::new(writer.text)
}

/// An upper bound of what `node` becomes, so that the text is allocated once and no copy of a
/// secret stays behind in memory.
fn size_limit(node: &Node<'_>, level: usize) -> usize {
    match node {
        // A byte becomes 4 at most, `\x07`; a line is indented; quotes and hints come around.
        Node::Text(text) => {
            4 * text.len() + level * INDENT * (1 + text.matches(scalar::LINE_BREAKS).count()) + 8
        }
        Node::Mapping(entries) => {
            let entry = |(name, value): &(&str, Node<'_>)| {
                level * INDENT + name.len() + 3 + size_limit(value, level + 1)
            };
            8 + entries.iter().map(entry).sum::<usize>()
        }
    }
}

struct Writer {
    text: String,
    /// Whether something stands in the current line.
    in_line: bool,
}

impl Writer {
    fn mapping(&mut self, entries: &[(&'static str, Node<'_>)], level: usize) {
        for (name, value) in entries {
            self.end_line();
            indent(&mut self.text, level);
            self.text.push_str(name);
            self.text.push(':');
            self.in_line = true;
            match value {
                Node::Mapping(inner) if inner.is_empty() => self.text.push_str(" {}"),
                Node::Mapping(inner) => self.mapping(inner, level + 1),
                Node::Text(text) => {
                    self.text.push(' ');
                    self.in_line = scalar::write(&mut self.text, text, level + 1);
                }
            }
        }
    }

    fn end_line(&mut self) {
        if self.in_line {
            self.text.push('\n');
            self.in_line = false;
        }
    }
}

fn indent(text: &mut String, level: usize) {
    text.extend(std::iter::repeat_n(' ', level * INDENT));
}
