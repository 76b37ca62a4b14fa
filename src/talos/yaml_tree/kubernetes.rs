//! YAML as Kubernetes reads it: of a name that stands in a mapping twice.
//!
//! The library that both ways go through, `sigs.k8s.io/yaml` v1.6.0, is `YAMLToJSON` and
//! `YAMLToJSONStrict`. Talos reads by another, which refuses such a text: its files are read by
//! [`Tree::first_document`] and [`Tree::documents`], and rules find the names in them.

use std::collections::HashSet;

use super::{Tree, TreeError};

impl Tree {
    /// Reads the first document as kubelet reads static pods, and kubeadm, kubectl and etcd their
    /// configurations: the last counts.
    pub fn lenient(text: &[u8]) -> Result<Self, TreeError> {
        Self::first_document(text).map(Self::with_last_names)
    }

    /// Reads the first document as API servers and schedulers read what flags name
    /// (`serializer.EnableStrict`; those before Kubernetes 1.31 took the last): it is an error.
    pub fn strict(text: &[u8]) -> Result<Self, TreeError> {
        let tree = Self::first_document(text)?;
        match tree.duplicates().into_iter().next() {
            Some(path) => Err(TreeError::Twice(path)),
            None => Ok(tree),
        }
    }

    /// The same, without the earlier of names that stand in one mapping twice.
    #[must_use]
    pub fn with_last_names(self) -> Self {
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

    #[test]
    fn where_kubernetes_is_strict_it_is_an_error() {
        let error = Tree::strict(TWICE).unwrap_err();
        assert_eq!(error.to_string(), "`spec` stands in it twice");
        assert!(Tree::strict(b"a: 1\nb: {a: 1}\n").is_ok());
    }
}
