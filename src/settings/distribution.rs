//! What a distribution was told by its own names, such as `cluster-cidr` of k3s.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use super::standing::Standing;
use crate::pki::Secret;
use crate::talos::yaml_tree::Tree;

/// Most settings of one file. A configuration has a few hundred; one that is made to take time has
/// very many.
pub(super) const MAX_ENTRIES: usize = 5_000;

/// Why such a file is not read.
pub(super) const TOO_MANY: &str = "it has more settings than any cluster needs";

/// The settings of a distribution.
#[derive(Debug)]
pub struct DistributionSettings {
    /// Its name, as `--layout` has it.
    pub name: &'static str,
    /// Everything that it was told, in the order of the files.
    pub entries: Vec<Entry>,
    /// Where it may have been told more.
    pub missing: Vec<Missing>,
    /// Its files that could not be read, with the reason: what they say would be lost.
    pub unread: Vec<(String, String)>,
    /// Files of which any may be in use as well as the one that was read, and that say something else.
    pub rivals: Vec<(String, Vec<Entry>)>,
}

/// One setting.
#[derive(Debug)]
pub struct Entry {
    /// Where it stands.
    pub origin: String,
    /// Its name, with the names of what it stands in before it.
    pub name: String,
    /// Its value. It may be a token or a password.
    pub value: Secret<String>,
    /// The file that sets it otherwise, and counts.
    pub replaced_by: Option<String>,
}

/// Something that was not in the source, and would have told how the cluster is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Missing {
    /// What it is.
    pub what: &'static str,
    /// What to give.
    pub help: &'static str,
}

/// A file by its path, and the settings in it, or why they were not read.
pub(super) type Found<'a> = (&'a str, Result<Vec<Entry>, String>);

impl Entry {
    pub(super) fn new(origin: &str, name: impl Into<String>, value: &str) -> Self {
        Self {
            origin: origin.to_owned(),
            name: name.into(),
            value: Secret::new(value.to_owned()),
            replaced_by: None,
        }
    }

    /// Every value of `tree`, unless there are too many.
    pub(super) fn of_tree(origin: &str, tree: &Tree) -> Result<Vec<Self>, &'static str> {
        let leaves = tree.leaves();
        if leaves.len() > MAX_ENTRIES {
            return Err(TOO_MANY);
        }
        let entry = |(path, leaf): (String, &Tree)| {
            Self::new(origin, path, leaf.text().unwrap_or_default())
        };
        Ok(leaves.into_iter().map(entry).collect())
    }
}

impl DistributionSettings {
    /// Those of `name`, of which nothing is known yet.
    pub(super) fn new(name: &'static str) -> Self {
        Self {
            name,
            entries: Vec::new(),
            missing: Vec::new(),
            unread: Vec::new(),
            rivals: Vec::new(),
        }
    }

    /// The settings in the file that stands best, by `homes`, of those that were `found` with what they
    /// say, or why that was not read. Copies of it are told in `copies`; what stands as well and says
    /// something else is a rival.
    pub(super) fn of_best(
        name: &'static str,
        mut found: Vec<Found<'_>>,
        homes: &[&[&str]],
        copies: &mut Vec<(String, String)>,
    ) -> Self {
        let standing = |path: &str| Standing::of(path, homes);
        found.sort_by_key(|(path, said)| (Reverse(standing(path)), said.is_err()));
        let mut settings = Self::new(name);
        let mut best: Option<&str> = None;
        for (path, said) in found {
            let is_copy = best.is_some_and(|best| standing(best) > standing(path));
            match (said, best) {
                (Ok(entries), None) => {
                    settings.entries = entries;
                    best = Some(path);
                }
                (Ok(entries), Some(_)) if says_the_same(&settings.entries, &entries) => {}
                (_, Some(best)) if is_copy => copies.push((path.to_owned(), counts(best))),
                (Ok(entries), Some(_)) => settings.rivals.push((path.to_owned(), entries)),
                (Err(reason), _) => settings.unread.push((path.to_owned(), reason)),
            }
        }
        settings
    }

    /// The entries of `name` that count: those that stand in a list of that name, too.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Entry> {
        self.entries.iter().filter(move |entry| {
            let rest = entry.name.strip_prefix(name);
            let is_it = rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('['));
            is_it && entry.replaced_by.is_none()
        })
    }

    /// The value of `name`, unless it is empty.
    #[must_use]
    pub fn value<'a>(&'a self, name: &'a str) -> Option<&'a str> {
        let values = self.all(name).map(|entry| entry.value.expose().as_str());
        values.filter(|value| !value.is_empty()).last()
    }

    /// Whether `name` is set, and not to `false`.
    #[must_use]
    pub fn is_on(&self, name: &str) -> bool {
        self.value(name).is_some_and(|value| value != "false")
    }
}

fn says_the_same(one: &[Entry], other: &[Entry]) -> bool {
    let said = |entries: &[Entry]| -> BTreeSet<(String, String)> {
        let said = entries.iter();
        said.map(|entry| (entry.name.clone(), entry.value.expose().clone()))
            .collect()
    };
    said(one) == said(other)
}

/// Why a copy of `path` was not read.
pub(super) fn counts(path: &str) -> String {
    format!("`{path}` stands as a node has it, and counts")
}
