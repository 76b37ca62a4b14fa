//! A demand on a field, as the tables have it.

use super::refusals::Refusals;
use super::value::Demand;
use crate::talos::file::Node;

/// A demand on the field of this name, or each item of the list if it ends in `[]`.
pub(super) struct Row {
    pub(super) field: &'static str,
    pub(super) demand: Demand,
    pub(super) is_required: bool,
}

impl Row {
    /// Tells what is wrong with the field in `section`.
    pub(super) fn judge(&self, section: &Node<'_>, refusals: &mut Refusals<'_>) {
        if let Some(list) = self.field.strip_suffix("[]") {
            for item in section
                .at(list)
                .map(|list| list.items())
                .unwrap_or_default()
            {
                self.of_value(&item, refusals);
            }
            return;
        }
        let value = section.at(self.field);
        let is_empty = value.as_ref().is_none_or(|value| match self.demand {
            Demand::NotEmpty => value.items().is_empty() && value.fields().next().is_none(),
            // A value of another kind has been told.
            _ => value.tree().text() == Some(""),
        });
        match value {
            Some(value) if !is_empty => self.of_value(&value, refusals),
            _ if self.is_required => refusals.require(section, self.field),
            _ => {}
        }
    }

    fn of_value(&self, value: &Node<'_>, refusals: &mut Refusals<'_>) {
        if !self.demand.fits(value.tree()) {
            refusals.refuse(value, "", &format!("is {}", self.demand.in_words()));
        }
    }
}
