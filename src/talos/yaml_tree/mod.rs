//! YAML as a tree in which every scalar is still the text that stood in the file.
//!
//! A reader that gives numbers turns the token `123456.7890123456789012` into another one. And one
//! that fills structs stops at the first field of a wrong kind, with a message that quotes it; here
//! the kinds can be wrong, and the caller finds all that is.

mod encoding;
mod extent;
mod kubernetes;
mod mistake;
mod node;
mod positions;
mod readers;
mod simple;

use std::collections::HashSet;

use memchr::{memchr_iter, memchr2_iter};
use serde::de::DeserializeSeed;
use serde_yaml::Deserializer as Yaml;

pub(crate) use self::encoding::Utf8;
pub use self::positions::Positions;
use self::readers::{Budget, DocumentReader, FirstReader, PlainReader};
use crate::pki::Secret;

/// Most brackets that may be open at once. The YAML library gives up at 128 levels, but only after
/// it has read all tokens, in a time that grows with the square of the open brackets: minutes for a
/// megabyte of `[`. Brackets in quotes and comments are counted, too; nobody has so many of them.
const MAX_OPEN_BRACKETS: usize = 200;

/// Most lines that begin with `%`, which are directives or a mistake. The library compares each
/// `%TAG` with all before.
const MAX_DIRECTIVES: usize = 20;

/// A part of a document.
#[derive(Debug, Clone)]
pub enum Tree {
    /// Nothing: `null`, `~`, or no value.
    Null,
    /// A scalar without quotes that YAML takes for a number or a truth value, as it stood there.
    Plain(Secret<String>),
    /// Any other scalar. Which of them are secrets is for the caller to know.
    Text(Secret<String>),
    /// A list.
    Sequence(Vec<Tree>),
    /// Names and values, in the order of the file. A name may stand there twice.
    Mapping(Vec<(String, Tree)>),
}

/// A text that cannot be read as YAML. It has the place alone: what the YAML library says quotes
/// the file, and the file has private keys in it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TreeError {
    /// It is not YAML, or uses tags.
    #[error("it is not plain YAML{}", in_words(*.0))]
    Syntax(Option<Place>),
    /// The same, where it is seen why.
    #[error("{}: {seen}", Self::Syntax(Some(*.place)))]
    Mistake {
        /// Where.
        place: Place,
        /// Why.
        seen: &'static str,
    },
    /// A name stands in one mapping twice, where that is refused.
    #[error("`{0}` stands in it twice")]
    Twice(String),
    /// It has much more of something than anybody needs.
    #[error("it has too many {0}")]
    Excess(&'static str),
    /// Its aliases repeat so much that it would fill the memory.
    #[error("its aliases (`*name`) make more of it than stands in it")]
    Aliases,
}

/// A place in a text, both numbers from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The line.
    pub line: usize,
    /// The column.
    pub column: usize,
}

impl From<Place> for (usize, usize) {
    fn from(place: Place) -> Self {
        (place.line, place.column)
    }
}

fn in_words(place: Option<Place>) -> String {
    place.map_or_else(String::new, |Place { line, column }| {
        format!(" (line {line}, column {column})")
    })
}

impl Tree {
    /// A text.
    #[must_use]
    pub fn text_of(text: &str) -> Self {
        Self::Text(Secret::new(text.to_owned()))
    }

    /// A number or a truth value.
    #[must_use]
    pub fn plain(text: &str) -> Self {
        Self::Plain(Secret::new(text.to_owned()))
    }

    /// Reads the first document, as Go's decoder does, whatever documents follow. An empty text is
    /// [`Tree::Null`].
    ///
    /// What follows without the mark of a document is an error. Go reads over it: of a file whose
    /// first line alone is indented, it takes that line, without a word about the rest.
    pub fn first_document(text: &[u8]) -> Result<Self, TreeError> {
        let text = Utf8::of(text).ok_or(TreeError::Syntax(None))?;
        let documents = Self::read(extent::first_document(&text))?;
        Ok(documents.into_iter().next().unwrap_or(Self::Null))
    }

    /// Reads every document of a text in UTF-8, or in UTF-16 with a byte order mark.
    pub fn documents(text: &[u8]) -> Result<Vec<Self>, TreeError> {
        let text = Utf8::of(text).ok_or(TreeError::Syntax(None))?;
        Self::read(&text)
    }

    fn read(text: &[u8]) -> Result<Vec<Self>, TreeError> {
        match simple::read(text) {
            Some(document) => Ok(vec![document]),
            None => Self::read_by_library(text),
        }
    }

    fn read_by_library(text: &[u8]) -> Result<Vec<Self>, TreeError> {
        // No more are open at once than there are.
        let are_many = memchr2_iter(b'[', b'{', text)
            .nth(MAX_OPEN_BRACKETS)
            .is_some();
        if are_many && most_open_brackets(text) > MAX_OPEN_BRACKETS {
            return Err(TreeError::Excess("open brackets"));
        }
        let begins_a_line = |at: &usize| matches!(text[..*at].last(), None | Some(b'\r' | b'\n'));
        let directives = memchr_iter(b'%', text).filter(begins_a_line);
        if directives.count() > MAX_DIRECTIVES {
            return Err(TreeError::Excess("directives (`%`)"));
        }
        let (parts, bytes) = (Budget::of(text), Budget::of(text));
        let failed = |error: &serde_yaml::Error| {
            if parts.is_exceeded() || bytes.is_exceeded() {
                return TreeError::Aliases;
            }
            let place = error.location().map(|place| Place {
                line: place.line(),
                column: place.column(),
            });
            let seen = place.and_then(|place| Some((place, mistake::in_line(text, place.line)?)));
            seen.map_or(TreeError::Syntax(place), |(place, seen)| {
                TreeError::Mistake { place, seen }
            })
        };
        let reader = FirstReader {
            parts: &parts,
            bytes: &bytes,
        };
        let mut documents = Vec::new();
        for document in Yaml::from_slice(text) {
            let tree = DocumentReader(reader).deserialize(document);
            documents.push(tree.map_err(|error| failed(&error))?);
        }
        if documents.iter().any(Self::has_plain) {
            for (tree, document) in documents.iter_mut().zip(Yaml::from_slice(text)) {
                if tree.has_plain() {
                    let bytes = &bytes;
                    let filled = PlainReader { tree, bytes }.deserialize(document);
                    filled.map_err(|error| failed(&error))?;
                }
            }
        }
        Ok(documents)
    }

    /// Whether a number or a truth value stands in it.
    fn has_plain(&self) -> bool {
        match self {
            Self::Null | Self::Text(_) => false,
            Self::Plain(_) => true,
            Self::Sequence(items) => items.iter().any(Self::has_plain),
            Self::Mapping(entries) => entries.iter().any(|(_, value)| value.has_plain()),
        }
    }

    /// The value of `name`, if this is a mapping that has it: the last, if it stands there twice.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&Self> {
        let Self::Mapping(entries) = self else {
            return None;
        };
        entries
            .iter()
            .rfind(|(key, _)| key == name)
            .map(|(_, value)| value)
    }

    /// The value at a path of names with dots between them.
    #[must_use]
    pub fn at(&self, path: &str) -> Option<&Self> {
        path.split('.').try_fold(self, Self::field)
    }

    /// The text of a scalar, whatever YAML takes it for.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Plain(text) | Self::Text(text) => Some(text.expose().as_str()),
            Self::Null | Self::Sequence(_) | Self::Mapping(_) => None,
        }
    }

    /// The items, if it is a list.
    #[must_use]
    pub fn items(&self) -> &[Self] {
        let Self::Sequence(items) = self else {
            return &[];
        };
        items
    }

    /// The names and values, if it is a mapping.
    #[must_use]
    pub fn entries(&self) -> &[(String, Self)] {
        let Self::Mapping(entries) = self else {
            return &[];
        };
        entries
    }

    /// Whether it is a mapping.
    #[must_use]
    pub fn is_mapping(&self) -> bool {
        matches!(self, Self::Mapping(_))
    }

    /// The paths of names that stand in a mapping twice.
    #[must_use]
    pub fn duplicates(&self) -> Vec<String> {
        let mut found = Vec::new();
        self.walk("", &mut |path, tree| {
            let Self::Mapping(entries) = tree else { return };
            let mut seen = HashSet::new();
            let twice = entries
                .iter()
                .filter(|(name, _)| !seen.insert(name.as_str()));
            found.extend(twice.map(|(name, _)| join(path, name)));
        });
        found
    }

    /// The paths of texts that are `wanted`.
    #[must_use]
    pub fn paths_of(&self, wanted: &str) -> Vec<String> {
        let mut found = Vec::new();
        self.walk("", &mut |path, tree| {
            if tree.text() == Some(wanted) {
                found.push(path.to_owned());
            }
        });
        found
    }

    /// Every value at the end of a path; a list or mapping without anything in it is one. Names
    /// are as they stand there.
    #[must_use]
    pub fn leaves(&self) -> Vec<(String, &Self)> {
        let mut found = Vec::new();
        self.gather_leaves("", &mut found);
        found
    }

    fn gather_leaves<'a>(&'a self, path: &str, found: &mut Vec<(String, &'a Self)>) {
        match self {
            Self::Mapping(entries) if !entries.is_empty() => {
                for (name, value) in entries {
                    let dot = if path.is_empty() { "" } else { "." };
                    value.gather_leaves(&format!("{path}{dot}{name}"), found);
                }
            }
            Self::Sequence(items) if !items.is_empty() => {
                for (index, item) in items.iter().enumerate() {
                    item.gather_leaves(&format!("{path}[{index}]"), found);
                }
            }
            leaf => found.push((path.to_owned(), leaf)),
        }
    }

    /// Visits this and everything below it. The depth is limited by the YAML library.
    fn walk(&self, path: &str, visit: &mut impl FnMut(&str, &Self)) {
        visit(path, self);
        match self {
            Self::Null | Self::Plain(_) | Self::Text(_) => {}
            Self::Sequence(items) => {
                for (index, item) in items.iter().enumerate() {
                    item.walk(&format!("{path}[{index}]"), visit);
                }
            }
            Self::Mapping(entries) => {
                for (name, value) in entries {
                    value.walk(&join(path, name), visit);
                }
            }
        }
    }
}

fn most_open_brackets(text: &[u8]) -> usize {
    let (mut open, mut most) = (0_usize, 0);
    for byte in text {
        match byte {
            b'[' | b'{' => open += 1,
            b']' | b'}' => open = open.saturating_sub(1),
            _ => {}
        }
        most = most.max(open);
    }
    most
}

/// The path of `name` in what stands at `path`.
pub(crate) fn join(path: &str, name: &str) -> String {
    let mut joined = String::with_capacity(path.len() + 1 + name.len());
    joined.push_str(path);
    if !path.is_empty() {
        joined.push('.');
    }
    if name.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        joined.push_str(name);
    } else {
        // A name comes from the file: without control characters, as it is going to be printed.
        joined.extend(name.escape_debug());
    }
    joined
}
