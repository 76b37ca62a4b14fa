//! YAML as Kubernetes reads it: by version 1.1, in which `no` is a truth value, and with a rule for a
//! name that stands in a mapping twice.
//!
//! The library is `sigs.k8s.io/yaml` v1.6.0, and the two ways are its `YAMLToJSON` and
//! `YAMLToJSONStrict`. Talos reads by another, for which `no` is a text and which refuses such a mapping:
//! its files are read by [`Tree::first_document`] and [`Tree::documents`].

use std::collections::HashSet;

use saphyr_parser::{Event, Parser, ScalarStyle};

use super::{Tree, TreeError, Utf8};
use crate::talos::go_yaml::resolve;

impl Tree {
    /// Reads the first document by YAML 1.1.
    pub fn yaml_1_1(text: &[u8]) -> Result<Self, TreeError> {
        let mut tree = Self::first_document(text)?;
        resolve_bare_words(std::slice::from_mut(&mut tree), text);
        Ok(tree)
    }

    /// Reads the first document as kubelet reads static pods, and kubeadm, kubectl and etcd their
    /// configurations: of a name that stands there twice, the last counts.
    pub fn lenient(text: &[u8]) -> Result<Self, TreeError> {
        Self::yaml_1_1(text).map(Self::with_last_names)
    }

    /// Reads every document, as [`Tree::lenient`].
    pub fn lenient_documents(text: &[u8]) -> Result<Vec<Self>, TreeError> {
        let mut trees = Self::documents(text)?;
        resolve_bare_words(&mut trees, text);
        Ok(trees.into_iter().map(Self::with_last_names).collect())
    }

    /// Reads the first document as API servers and schedulers read what flags name
    /// (`serializer.EnableStrict`; those before Kubernetes 1.31 took the last): a name that stands there
    /// twice is an error.
    pub fn strict(text: &[u8]) -> Result<Self, TreeError> {
        let tree = Self::yaml_1_1(text)?;
        match tree.duplicates().into_iter().next() {
            Some(path) => Err(TreeError::Twice(path)),
            None => Ok(tree),
        }
    }

    /// The same, without the earlier of names that stand in one mapping twice.
    fn with_last_names(self) -> Self {
        match self {
            Self::Mapping(entries) => {
                let mut later = HashSet::new();
                let names = entries.iter().rev();
                let mut is_last: Vec<_> = names.map(|(name, _)| later.insert(name)).collect();
                is_last.reverse();
                let entries = entries.into_iter().zip(is_last);
                let kept = entries.filter_map(|((name, value), is_last)| {
                    is_last.then(|| (name, value.with_last_names()))
                });
                Self::Mapping(kept.collect())
            }
            Self::Sequence(items) => {
                Self::Sequence(items.into_iter().map(Self::with_last_names).collect())
            }
            scalar => scalar,
        }
    }
}

/// Makes truth values and numbers of those words that only YAML 1.1 takes for such. A text with aliases is
/// left as it is.
fn resolve_bare_words(trees: &mut [Tree], text: &[u8]) {
    // The tree has forgotten what was in quotes, and hardly any text has such a word.
    if !trees.iter().any(has_old_word) {
        return;
    }
    let Some(documents) = bare_scalars(text, trees.len()) else {
        return;
    };
    for (tree, bare) in trees.iter_mut().zip(documents) {
        if scalars(tree) == bare.len() {
            resolve_in(tree, &mut bare.into_iter());
        }
    }
}

/// What YAML 1.1 takes a bare `word` for, and the library for a text.
fn old_value(word: &str) -> Option<&str> {
    match resolve::old_truth_value(word) {
        Some(true) => Some("true"),
        Some(false) => Some("false"),
        None => (word.contains('_') && !resolve::is_text(word)).then_some(word),
    }
}

fn has_old_word(tree: &Tree) -> bool {
    match tree {
        Tree::Null | Tree::Plain(_) => false,
        Tree::Text(text) => old_value(text.expose()).is_some(),
        Tree::Sequence(items) => items.iter().any(has_old_word),
        Tree::Mapping(entries) => entries.iter().any(|(_, value)| has_old_word(value)),
    }
}

fn scalars(tree: &Tree) -> usize {
    match tree {
        Tree::Null | Tree::Plain(_) | Tree::Text(_) => 1,
        Tree::Sequence(items) => items.iter().map(scalars).sum(),
        Tree::Mapping(entries) => entries.iter().map(|(_, value)| scalars(value)).sum(),
    }
}

/// Resolves the words that are `bare`, which tells of every scalar in the order of the text.
fn resolve_in(tree: &mut Tree, bare: &mut impl Iterator<Item = bool>) {
    match tree {
        Tree::Null | Tree::Plain(_) => {
            bare.next();
        }
        Tree::Text(text) => {
            let is_bare = bare.next().unwrap_or_default();
            if let Some(value) = old_value(text.expose()).filter(|_| is_bare) {
                *tree = Tree::plain(value);
            }
        }
        Tree::Sequence(items) => items.iter_mut().for_each(|item| resolve_in(item, bare)),
        Tree::Mapping(entries) => entries
            .iter_mut()
            .for_each(|(_, value)| resolve_in(value, bare)),
    }
}

/// Of each of the first `count` documents whether its scalars, without names, stand there without quotes.
/// Nothing if the text has aliases, or collections for names.
fn bare_scalars(text: &[u8], count: usize) -> Option<Vec<Vec<bool>>> {
    let text = Utf8::of(text)?;
    let text = std::str::from_utf8(&text).ok()?;
    let mut documents = Vec::new();
    let mut bare = Vec::new();
    // Of a mapping, whether a name comes next.
    let mut open: Vec<Option<bool>> = Vec::new();
    for event in Parser::new_from_str(text) {
        if documents.len() == count {
            break;
        }
        match event.ok()?.0 {
            Event::Alias(_) => return None,
            Event::Scalar(_, style, ..) => {
                if is_name(&mut open) {
                    continue;
                }
                bare.push(style == ScalarStyle::Plain);
            }
            Event::SequenceStart(..) | Event::MappingStart(..) if is_name(&mut open) => {
                return None;
            }
            Event::SequenceStart(..) => open.push(None),
            Event::MappingStart(..) => open.push(Some(true)),
            Event::SequenceEnd | Event::MappingEnd => drop(open.pop()),
            Event::DocumentEnd => documents.push(std::mem::take(&mut bare)),
            _ => {}
        }
    }
    (documents.len() == count).then_some(documents)
}

/// Whether what comes is a name in the innermost mapping; after it comes the other of name and value.
fn is_name(open: &mut [Option<bool>]) -> bool {
    let Some(Some(next)) = open.last_mut() else {
        return false;
    };
    std::mem::replace(next, !*next)
}

#[cfg(test)]
mod tests {
    use super::*;

    // What sigs.k8s.io/yaml v1.6.0 makes of it: {"metadata":{"name":"b"},"spec":{"b":2}}
    const TWICE: &[u8] = b"spec:\n  a: 1\n  c: [x]\nmetadata: {name: a, name: b}\nspec:\n  b: 2\n";

    #[test]
    fn the_last_of_a_name_counts_whole() {
        let tree = Tree::lenient(TWICE).unwrap();
        assert_eq!(tree.at("metadata.name").and_then(Tree::text), Some("b"));
        assert!(tree.at("spec.a").is_none());
        assert_eq!(tree.leaves().len(), 2);
        assert!(tree.duplicates().is_empty());
    }

    // What sigs.k8s.io/yaml v1.6.0 makes of it: {"a":false,"b":"no","c":[true,"on","x"],"d":10,"e":"y"}
    const OLD_WORDS: &[u8] = b"a: no\nb: 'no'\nc: [On, \"on\", x, ]\nd: 1_0\ne: |-\n  y\n";

    #[test]
    fn a_bare_word_is_what_yaml_1_1_takes_it_for() {
        let tree = Tree::lenient(OLD_WORDS).unwrap();
        let is = |path: &str, text: &str, is_plain: bool| {
            let leaf = tree.at(path).unwrap();
            assert_eq!(leaf.text(), Some(text), "{path}");
            assert_eq!(matches!(leaf, Tree::Plain(_)), is_plain, "{path}");
        };
        is("a", "false", true);
        is("b", "no", false);
        is("d", "1_0", true);
        is("e", "y", false);
        let items: Vec<_> = tree.field("c").unwrap().items().iter().collect();
        assert!(matches!(items[0], Tree::Plain(text) if text.expose() == "true"));
        assert!(matches!(items[1], Tree::Text(text) if text.expose() == "on"));
        let both = Tree::lenient_documents(b"a: yes\n---\na: [{yes: no}]\n").unwrap();
        assert_eq!(both[0].at("a").and_then(Tree::text), Some("true"));
        let second = &both[1].field("a").unwrap().items()[0];
        assert_eq!(second.at("yes").and_then(Tree::text), Some("false"));
    }

    #[test]
    fn where_kubernetes_is_strict_it_is_an_error() {
        let error = Tree::strict(TWICE).unwrap_err();
        assert_eq!(error.to_string(), "`spec` stands in it twice");
        assert!(Tree::strict(b"a: 1\nb: {a: 1}\n").is_ok());
    }
}
