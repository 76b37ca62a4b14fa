//! A tree that was read, to be written again.

use super::Tree;
use crate::talos::go_yaml::Node;

impl<'a> From<&'a Tree> for Node<'a> {
    fn from(tree: &'a Tree) -> Self {
        match tree {
            Tree::Null => Self::Plain("null".into()),
            Tree::Plain(text) => Self::Plain(text.expose().into()),
            Tree::Text(text) => Self::text(text.expose()),
            Tree::Sequence(items) => Self::Sequence(items.iter().map(Self::from).collect()),
            Tree::Mapping(entries) => {
                let entry = |(name, value): &'a (String, Tree)| (name.into(), value.into());
                Self::Mapping(entries.iter().map(entry).collect())
            }
        }
    }
}
