//! Flags and environment variables, as both generations of configurations have them.

use super::super::go_yaml::{Node, in_order};
use super::kubernetes::Arguments;

/// `extraArgs`: a flag with several values is a list. Nothing, if there are no flags.
pub(super) fn arguments(arguments: &Arguments) -> Option<Node<'_>> {
    let value = |values: &'_ [String]| match values {
        [value] => Node::text(value.clone()),
        values => Node::texts(values.to_vec()),
    };
    let entries = arguments
        .iter()
        .map(|(name, values)| (name.clone(), value(values)));
    mapping(entries)
}

/// `env`. Nothing, if there are no variables.
pub(super) fn environment(variables: &[(String, String)]) -> Option<Node<'_>> {
    let entries = variables
        .iter()
        .map(|(name, value)| (name.clone(), Node::text(value)));
    mapping(entries)
}

/// A mapping in the order in which Go writes one.
fn mapping<'a>(entries: impl Iterator<Item = (String, Node<'a>)>) -> Option<Node<'a>> {
    let entries = in_order(entries);
    let entries: Vec<_> = entries
        .into_iter()
        .map(|(name, node)| (name.into(), node))
        .collect();
    (!entries.is_empty()).then_some(Node::Mapping(entries))
}
