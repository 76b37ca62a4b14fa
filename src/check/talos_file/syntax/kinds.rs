//! Which kind of value Talos's reader takes in each field of a machine configuration.
//!
//! The table `kinds.txt` has a line for each section: its path, and the names of its fields by their
//! kind. `.` is the root of the main document, a path that begins with a capital that of a document
//! of this kind; a final `[]` means each item of a list, `*` any name. The fields are those that
//! Talos 1.13 and 1.14 document, and the older ones of networks, times and registries. Each was given
//! values of every kind, and has the kind of those that Talos's library (v1.14.1) took; a field that
//! takes several kinds is not there.

use super::runtime_spec::{self, StrictKind};
use crate::check::talos_file::{below, everything_at};
use crate::talos::file::{Node, TalosFile};
use crate::talos::yaml_tree::Tree;

const TABLE: &str = include_str!("kinds.txt");

/// A kind of value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Section,
    List,
    Truth,
    Number,
    Value,
    Strict(StrictKind),
}

/// Fields with a value of another kind, and what they should be. `null` is as good as nothing.
pub(super) fn wrong(file: &TalosFile) -> Vec<(Node<'_>, &'static str)> {
    let mut wrong = wrong_by(TABLE, "", file);
    for root in runtime_spec::ROOTS {
        if !everything_at(file, root).is_empty() {
            wrong.extend(wrong_by(runtime_spec::TABLE, root, file));
        }
    }
    wrong
}

/// The same by the sections of a table, which stand in `root`.
fn wrong_by<'a>(
    table: &'static str,
    root: &str,
    file: &'a TalosFile,
) -> Vec<(Node<'a>, &'static str)> {
    let mut wrong = Vec::new();
    for line in table.lines() {
        let (section, fields) = line.split_once(' ').unwrap_or((line, ""));
        let sections = everything_at(file, &format!("{root}{section}"));
        if sections.is_empty() {
            continue;
        }
        for (kind, name) in kinds(fields) {
            let fields = sections.iter().flat_map(|section| below(section, name));
            wrong.extend(
                fields
                    .filter(|field| !kind.fits(field.tree()))
                    .map(|field| (field, kind.in_words())),
            );
        }
    }
    wrong
}

/// The fields of a line with their kinds.
fn kinds(fields: &'static str) -> impl Iterator<Item = (Kind, &'static str)> {
    let words = fields.split(' ');
    let with_kind = words.scan(Kind::Value, |kind, word| {
        let named = word.strip_suffix(':').and_then(Kind::named);
        *kind = named.unwrap_or(*kind);
        Some(named.is_none().then_some((*kind, word)))
    });
    with_kind.flatten()
}

impl Kind {
    fn named(name: &str) -> Option<Self> {
        Some(match name {
            "section" => Self::Section,
            "list" => Self::List,
            "truth" => Self::Truth,
            "number" => Self::Number,
            "value" => Self::Value,
            _ => return StrictKind::named(name).map(Self::Strict),
        })
    }

    fn in_words(self) -> &'static str {
        match self {
            Self::Section => "a section with names",
            Self::List => "a list",
            Self::Truth => "`true` or `false`",
            Self::Number => "a number",
            Self::Value => "one value",
            Self::Strict(kind) => kind.in_words(),
        }
    }

    fn fits(self, tree: &Tree) -> bool {
        match (self, tree) {
            (Self::Section, tree) => tree.is_mapping(),
            (Self::List, tree) => matches!(tree, Tree::Sequence(_)),
            (Self::Truth, Tree::Plain(text)) => ["true", "True", "TRUE", "false", "False", "FALSE"]
                .contains(&text.expose().as_str()),
            (Self::Truth, Tree::Text(text)) => {
                let text = text.expose();
                let words = ["y", "yes", "on", "n", "no", "off"];
                words.contains(&text.to_ascii_lowercase().as_str())
            }
            // Go knows more forms of numbers than the library here: `0644`, `1_000`.
            (Self::Number, tree) => tree.text().is_some_and(looks_like_a_number),
            (Self::Value, tree) => tree.text().is_some(),
            (Self::Truth, _) => false,
            (Self::Strict(kind), tree) => kind.fits(tree),
        }
    }
}

/// Whether `text` begins as a number does, and has nothing in it that none has.
pub(in crate::check::talos_file) fn looks_like_a_number(text: &str) -> bool {
    let digits = text.trim_start_matches(['+', '-', '.']);
    digits.starts_with(|first: char| first.is_ascii_digit())
        && digits
            .chars()
            .all(|digit| digit.is_ascii_hexdigit() || "xXoO_.+-".contains(digit))
}
