//! Reads a talosconfig and lists everything that is wrong with it.

use super::{Context, Talosconfig};
use crate::talos::yaml_tree::{Tree, TreeError};

/// Most bytes of a name. One that is a little longer is written by Talos in a form of its own, and
/// YAML knows no longer ones than 1,024 in the common form.
const MAX_NAME_LENGTH: usize = 200;

/// Something that is wrong with a talosconfig.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TalosconfigError {
    /// A name stands in a mapping twice.
    #[error("`{0}` stands there twice")]
    Duplicate(String),
    /// There is nothing in it.
    #[error("it is empty")]
    Empty,
    /// A field has the wrong kind of value.
    #[error("`{field}` is not {expected}")]
    Kind {
        /// The field.
        field: String,
        /// What it should be.
        expected: &'static str,
    },
    /// It is something else.
    #[error("it is not a talosconfig, which has `context` and `contexts`")]
    NotATalosconfig,
    /// It has a name that would be lost on the way through.
    #[error("it has {0}, which cannot be kept")]
    Name(&'static str),
    /// It cannot be read as YAML.
    #[error("{0}")]
    Syntax(#[from] TreeError),
}

/// Reads the talosconfig in the first document of `text`.
pub(super) fn read(text: &[u8]) -> Result<Talosconfig, Vec<TalosconfigError>> {
    let root = Tree::first_document(text).map_err(|error| vec![error.into()])?;
    let duplicates = root.duplicates().into_iter();
    let mut problems: Vec<_> = duplicates.map(TalosconfigError::Duplicate).collect();
    problems.extend(unkept_name(&root).map(TalosconfigError::Name));
    let is_known = root.field("context").is_some() || root.field("contexts").is_some();
    let entries = match root {
        Tree::Null => return Err(vec![TalosconfigError::Empty]),
        Tree::Mapping(entries) if is_known || entries.is_empty() => entries,
        _ => return Err(vec![TalosconfigError::NotATalosconfig]),
    };
    let mut config = Talosconfig::default();
    for (name, value) in entries {
        match (name.as_str(), value) {
            ("context" | "contexts", Tree::Null) => {}
            ("context", value) => match value.text() {
                Some(current) => current.clone_into(&mut config.current),
                None => problems.push(wrong_kind("context", "a text")),
            },
            ("contexts", Tree::Mapping(contexts)) => {
                config.contexts = read_contexts(contexts, &mut problems);
            }
            ("contexts", _) => problems.push(wrong_kind("contexts", "a mapping")),
            (_, value) => config.unknown.push((name, value)),
        }
    }
    if problems.is_empty() {
        Ok(config)
    } else {
        Err(problems)
    }
}

/// A name that could not be written again with the same meaning. The depth is limited by the YAML
/// library.
fn unkept_name(tree: &Tree) -> Option<&'static str> {
    match tree {
        Tree::Null | Tree::Plain(_) | Tree::Text(_) => None,
        Tree::Sequence(items) => items.iter().find_map(unkept_name),
        Tree::Mapping(entries) => entries
            .iter()
            .find_map(|(name, value)| match name.as_str() {
                "<<" => Some("a merge key (`<<`)"),
                name if name.len() > MAX_NAME_LENGTH => Some("a name of more than 200 bytes"),
                _ => unkept_name(value),
            }),
    }
}

fn read_contexts(
    contexts: Vec<(String, Tree)>,
    problems: &mut Vec<TalosconfigError>,
) -> Vec<(String, Context)> {
    let mut read = Vec::new();
    for (name, value) in contexts {
        // A name comes from the file: without control characters, as it is going to be printed.
        let path = format!("contexts.{}", name.escape_debug());
        match value {
            Tree::Mapping(fields) => {
                read.push((name, Context::read(&path, fields, problems)));
            }
            _ => problems.push(wrong_kind(&path, "a mapping")),
        }
    }
    read
}

fn wrong_kind(field: &str, expected: &'static str) -> TalosconfigError {
    TalosconfigError::Kind {
        field: field.to_owned(),
        expected,
    }
}
