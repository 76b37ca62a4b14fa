//! YAML in the layout of Talos: Go's `go.yaml.in/yaml` v4 as `yaml.Marshal` uses it, with an indent
//! of 4 and lines of any length.
//!
//! Which quotes a text gets is decided in three steps, as there: `resolve` tells whether a reader
//! would take the bare text for something else, `scalar` whether it may stand bare, and in which
//! form it is written. Where the encoder has quirks, they are kept: the aim is the same bytes.

mod name_order;
pub(in crate::talos) mod resolve;
mod scalar;
mod timestamp;

use std::borrow::Cow;

use crate::pki::Secret;

pub use name_order::in_order;

/// Spaces of one level.
const INDENT: usize = 4;

/// Spaces that `- ` takes before an item of a sequence.
const ITEM_INDENT: usize = 2;

/// What can be written.
#[derive(Debug, Clone, PartialEq)]
pub enum Node<'a> {
    /// `true` or `false`.
    Boolean(bool),
    /// A number.
    Integer(i64),
    /// Names and what they stand for, in this order. Names of more than 128 characters are written
    /// on one line too, where the encoder would put a `?` before them.
    Mapping(Vec<(Cow<'a, str>, Node<'a>)>),
    /// What is written without quotes: a number, a truth value or `null` as it stood in a file, or a text
    /// that never needs any.
    Plain(Cow<'a, str>),
    /// A list.
    Sequence(Vec<Node<'a>>),
    /// A text.
    Text(Cow<'a, str>),
}

impl<'a> Node<'a> {
    /// A mapping with names that are known beforehand.
    #[must_use]
    pub fn mapping<const N: usize>(entries: [(&'a str, Self); N]) -> Self {
        Self::Mapping(entries.map(|(name, value)| (name.into(), value)).into())
    }

    /// A mapping with those of `entries` that have a value: Go's `omitempty`.
    #[must_use]
    pub fn mapping_of_some<const N: usize>(entries: [(&'a str, Option<Self>); N]) -> Self {
        let entry = |(name, value): (&'a str, Option<Self>)| Some((name.into(), value?));
        Self::Mapping(entries.into_iter().filter_map(entry).collect())
    }

    /// A text.
    pub fn text(text: impl Into<Cow<'a, str>>) -> Self {
        Self::Text(text.into())
    }

    /// PEM in base64, which begins with `LS0tLS1CRUdJTiB` and so needs no quotes, however long it is.
    #[must_use]
    pub fn encoded_pem(text: &'a str) -> Self {
        debug_assert!(scalar::is_written_bare(text), "this is no PEM in base64");
        Self::Plain(text.into())
    }

    /// A list of texts.
    pub fn texts<T: Into<Cow<'a, str>>>(texts: impl IntoIterator<Item = T>) -> Self {
        Self::Sequence(texts.into_iter().map(Self::text).collect())
    }
}

/// Writes a document. It may hold secrets, so it is kept as one.
#[must_use]
pub fn write(root: &Node<'_>) -> Secret<String> {
    write_documents(std::slice::from_ref(root))
}

/// Writes documents with `---` between them. They may hold secrets, so they are kept as one.
#[must_use]
pub fn write_documents(documents: &[Node<'_>]) -> Secret<String> {
    let limit = documents.iter().map(|root| size_limit(root, 0) + 4).sum();
    let mut writer = Writer {
        text: String::with_capacity(limit),
        in_line: false,
    };
    for (position, root) in documents.iter().enumerate() {
        if position > 0 {
            writer.text.push_str("---\n");
        }
        match root {
            Node::Mapping(entries) if !entries.is_empty() => writer.mapping(entries, 0),
            Node::Sequence(items) if !items.is_empty() => writer.sequence(items, 0),
            // A text of several lines at the top is indented, as below a name.
            _ => writer.value(root, INDENT),
        }
        writer.end_line();
    }
    debug_assert!(writer.text.len() <= limit, "it was allocated twice");
    Secret::new(writer.text)
}

/// An upper bound of what `node` becomes, so that the text is allocated once and no copy of a
/// secret stays behind in memory.
fn size_limit(node: &Node<'_>, column: usize) -> usize {
    match node {
        // The longest number is `-9223372036854775808`.
        Node::Boolean(_) | Node::Integer(_) => 24,
        Node::Plain(text) => text.len() + 8,
        // A line is indented; quotes and hints come around.
        Node::Text(text) => scalar::size_limit(text, column + INDENT) + 8,
        Node::Sequence(items) => {
            let item = |item| column + ITEM_INDENT + 1 + size_limit(item, column + ITEM_INDENT);
            8 + items.iter().map(item).sum::<usize>()
        }
        Node::Mapping(entries) => {
            let entry = |(name, value): &(Cow<'_, str>, Node<'_>)| {
                scalar::size_limit(name, column) + 5 + size_limit(value, next_level(column))
            };
            8 + entries.iter().map(entry).sum::<usize>()
        }
    }
}

/// Where what is below a name begins: whatever the column, at a whole number of levels.
fn next_level(column: usize) -> usize {
    (column / INDENT + 1) * INDENT
}

struct Writer {
    text: String,
    /// Whether something stands in the current line.
    in_line: bool,
}

impl Writer {
    /// Entries that begin at `column`; the first one goes on in a line that reaches there already.
    fn mapping(&mut self, entries: &[(Cow<'_, str>, Node<'_>)], column: usize) {
        for (position, (name, value)) in entries.iter().enumerate() {
            self.begin(position, column);
            scalar::write_name(&mut self.text, name);
            self.text.push(':');
            self.in_line = true;
            let inner = next_level(column);
            match value {
                Node::Mapping(entries) if !entries.is_empty() => {
                    self.end_line();
                    indent(&mut self.text, inner);
                    self.mapping(entries, inner);
                }
                Node::Sequence(items) if !items.is_empty() => {
                    self.end_line();
                    indent(&mut self.text, inner);
                    self.sequence(items, inner);
                }
                value => {
                    self.text.push(' ');
                    self.value(value, inner);
                }
            }
        }
    }

    /// Items whose `-` stands at `column`.
    fn sequence(&mut self, items: &[Node<'_>], column: usize) {
        for (position, item) in items.iter().enumerate() {
            self.begin(position, column);
            self.text.push_str("- ");
            self.in_line = true;
            let inner = column + ITEM_INDENT;
            match item {
                Node::Mapping(entries) if !entries.is_empty() => self.mapping(entries, inner),
                Node::Sequence(items) if !items.is_empty() => self.sequence(items, inner),
                item => self.value(item, inner),
            }
        }
    }

    /// What stands behind a name or a `-`; its further lines begin at `column`.
    fn value(&mut self, value: &Node<'_>, column: usize) {
        self.in_line = true;
        match value {
            Node::Boolean(value) => self.text.push_str(if *value { "true" } else { "false" }),
            Node::Integer(number) => self.text.push_str(&number.to_string()),
            // Others than empty ones are written by their callers.
            Node::Mapping(_) => self.text.push_str("{}"),
            Node::Sequence(_) => self.text.push_str("[]"),
            Node::Plain(text) => self.text.push_str(text),
            Node::Text(text) => self.in_line = scalar::write(&mut self.text, text, column),
        }
    }

    /// Begins an entry or item at `column`, where the line of the first one already is.
    fn begin(&mut self, position: usize, column: usize) {
        if position > 0 {
            self.end_line();
            indent(&mut self.text, column);
        }
    }

    fn end_line(&mut self) {
        if self.in_line {
            self.text.push('\n');
            self.in_line = false;
        }
    }
}

fn indent(text: &mut String, column: usize) {
    text.extend(std::iter::repeat_n(' ', column));
}
