//! Where the checks tell what Talos refuses.

use std::collections::HashSet;

use super::{EXCLUSIVE_FIELDS, REFUSED_VALUE};
use crate::check::finding::Finding;
use crate::check::talos_file::fields::REQUIRED_FIELD;
use crate::cluster::Origin;
use crate::talos::Contract;
use crate::talos::file::{Machine, Node};

/// What has been told so far, and for whom.
pub(super) struct Refusals<'a> {
    pub(super) machine: Machine,
    pub(super) contract: Contract,
    pub(super) told: &'a mut Vec<Finding>,
    /// The places of refused values.
    pub(super) places: HashSet<String>,
}

impl Refusals<'_> {
    /// `field` in `node` has a value that Talos refuses; without a field, `node` itself has. What
    /// `message` says of it is told once of a place.
    pub(super) fn refuse(&mut self, node: &Node<'_>, field: &str, message: &str) {
        let origin = node.origin_below(field);
        let place = origin.to_string();
        if !self.places.insert(place.clone()) {
            return;
        }
        let message = format!("`{}` {message}", origin.name());
        self.told.push(REFUSED_VALUE.finding(message).at(place));
    }

    /// `field` in `node` is missing.
    pub(super) fn require(&mut self, node: &Node<'_>, field: &str) {
        let name = node.origin_below(field).name().to_owned();
        self.require_one(node, field, &format!("`{name}` is missing"));
    }

    /// Something is missing, as `message` says; `field` in `node` is where it would stand.
    pub(super) fn require_one(&mut self, node: &Node<'_>, field: &str, message: &str) {
        let origin = node.origin_below(field);
        self.told.push(REQUIRED_FIELD.finding(message).at(origin));
    }

    /// Two fields of `node` do not go together.
    pub(super) fn clash(&mut self, node: &Node<'_>, one: &str, other: &str) {
        let places = [one, other].map(|field| node.origin_below(field));
        let [first, second] = &places;
        let message = format!("both `{}` and `{}` are set", first.name(), second.name());
        let finding = EXCLUSIVE_FIELDS.finding(message).at_each(places.to_vec());
        self.told.push(finding);
    }

    /// `field` in `node` does not go with what `place` of it says.
    pub(super) fn does_not_fit(&mut self, node: &Node<'_>, field: &str, message: &str) {
        let origin = node.origin_below(field);
        let message = format!("`{}` {message}", origin.name());
        self.told.push(EXCLUSIVE_FIELDS.finding(message).at(origin));
    }

    /// Two values do not go together, as `message` says.
    pub(super) fn refuse_both(&mut self, message: String, one: Origin, other: Origin) {
        let finding = REFUSED_VALUE.finding(message).at_each([one, other]);
        self.told.push(finding);
    }

    /// Two documents do not go together, as `message` says.
    pub(super) fn tell_of_both(&mut self, message: String, one: Origin, other: Origin) {
        let finding = EXCLUSIVE_FIELDS.finding(message).at_each([one, other]);
        self.told.push(finding);
    }
}
