//! The words for what becomes of a setting, the same in every report.

use super::markdown::{code, prose};
use crate::convert::migration::{Item, Outcome, Plan};

/// One of the ways in which an item ends, in the order in which a person wants to know of them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ending {
    /// For programs.
    pub(super) name: &'static str,
    /// Over a list of them.
    pub(super) heading: &'static str,
    /// Behind a count.
    pub(super) counted: &'static str,
    /// What the words of the outcome are.
    pub(super) column: &'static str,
    /// Whether an outcome is of this ending.
    pub(super) is: fn(&Outcome) -> bool,
}

pub(super) const REFUSED: Ending = Ending {
    name: "refused",
    heading: "Refused",
    counted: "refused",
    column: "why, and what to do",
    is: Outcome::is_refused,
};

pub(super) const NEEDS_PERSON: Ending = Ending {
    name: "needs-person",
    heading: "Needs a person",
    counted: "for a person",
    column: "what to do",
    is: Outcome::needs_a_person,
};

pub(super) const CONVERTED: Ending = Ending {
    name: "converted",
    heading: "Converted",
    counted: "converted",
    column: "where it is now",
    is: Outcome::is_converted,
};

pub(super) const KEPT: Ending = Ending {
    name: "kept",
    heading: "Nothing to write",
    counted: "need no writing",
    column: "why nothing is lost",
    is: Outcome::is_kept,
};

pub(super) const ENDINGS: [Ending; 4] = [REFUSED, NEEDS_PERSON, CONVERTED, KEPT];

impl Ending {
    /// The ending of `outcome`.
    pub(super) fn of(outcome: &Outcome) -> Self {
        match outcome {
            Outcome::Refused { .. } => REFUSED,
            Outcome::NeedsPerson(_) => NEEDS_PERSON,
            Outcome::Converted(_) => CONVERTED,
            Outcome::Kept(_) => KEPT,
        }
    }

    /// The items of `plan` that end this way.
    pub(super) fn items(self, plan: &Plan) -> Vec<&Item> {
        let items = plan.items.iter();
        items.filter(|item| (self.is)(&item.outcome)).collect()
    }
}

/// What is refused, by the reason: one reason often has several places.
pub(super) fn refusals(plan: &Plan) -> Vec<Vec<&Item>> {
    grouped(REFUSED.items(plan), |one, other| {
        one.outcome == other.outcome
    })
}

/// What a person has to do: the same thing in several places is one task.
pub(super) fn tasks(plan: &Plan) -> Vec<Vec<&Item>> {
    grouped(NEEDS_PERSON.items(plan), |one, other| {
        (&one.what, &one.outcome) == (&other.what, &other.outcome)
    })
}

/// Whatever is alike, together, in the order of the first of each.
fn grouped(items: Vec<&Item>, are_alike: fn(&Item, &Item) -> bool) -> Vec<Vec<&Item>> {
    let mut groups: Vec<Vec<&Item>> = Vec::new();
    for item in items {
        match groups.iter_mut().find(|group| are_alike(group[0], item)) {
            Some(group) => group.push(item),
            None => groups.push(vec![item]),
        }
    }
    groups
}

/// Where it is, why it stays, what to do, or why it is refused.
pub(super) fn words(outcome: &Outcome) -> &str {
    match outcome {
        Outcome::Converted(text) | Outcome::Kept(text) | Outcome::NeedsPerson(text) => text,
        Outcome::Refused { why, .. } => why,
    }
}

/// What to do about a refusal.
pub(super) fn remedy(outcome: &Outcome) -> Option<&str> {
    match outcome {
        Outcome::Refused { help, .. } => Some(help),
        Outcome::Converted(_) | Outcome::Kept(_) | Outcome::NeedsPerson(_) => None,
    }
}

/// Where it was read. Of a file with one PEM block, the file is enough.
pub(super) fn place(item: &Item) -> &str {
    let origin = &item.origin;
    origin.strip_suffix(" block 1 (line 1)").unwrap_or(origin)
}

/// What it is, for Markdown: a literal, unless it is said in words.
pub(super) fn title(item: &Item) -> String {
    literal_or_words(&item.what)
}

/// [`place`], for Markdown.
pub(super) fn shown_place(item: &Item) -> String {
    literal_or_words(place(item))
}

fn literal_or_words(text: &str) -> String {
    if is_in_words(text) {
        prose(&text.replace('`', "'"))
    } else {
        code(text)
    }
}

/// Whether it is said in words, and not as it stands in a file.
pub(super) fn is_in_words(text: &str) -> bool {
    ["the ", "no ", "key of the ", "another CA "]
        .iter()
        .any(|start| text.starts_with(start))
}

/// The number of the task that `item` is a part of.
pub(super) fn task_of(plan: &Plan, item: &Item) -> String {
    let tasks = tasks(plan);
    let has_item = |task: &Vec<&Item>| task.contains(&item);
    task(tasks.iter().position(has_item).unwrap_or_default())
}

/// How the runbook calls the task of the person with this number, counted from 0.
pub(super) fn task(index: usize) -> String {
    format!("P{}", index + 1)
}
