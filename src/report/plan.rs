//! What becomes of a cluster that moves, for a person.

use super::text::counted;
use super::wrap::wrap;
use crate::cluster::Disagreement;
use crate::convert::migration::{Item, Outcome, Plan, Route};

/// The items that a person has to know, and how many there are of each kind. With `all`, every
/// item.
#[must_use]
pub fn plan(plan: &Plan, all: bool) -> String {
    let mut text = String::new();
    for is in [
        Outcome::is_refused,
        Outcome::needs_a_person,
        Outcome::is_converted,
        Outcome::is_kept,
    ] {
        let items = plan.items.iter().filter(|item| is(&item.outcome));
        for group in with_the_same_outcome(items) {
            text.push_str(&shown(&group, all));
        }
    }
    let counts = [
        (plan.count(Outcome::is_converted), "converted"),
        (plan.count(Outcome::is_kept), "the same on Talos"),
        (plan.count(Outcome::needs_a_person), "for a person to do"),
        (plan.count(Outcome::is_refused), "refused"),
    ];
    let counts = counts.map(|(count, what)| format!("{count} {what}"));
    let read = counted(plan.items.len(), "setting", "settings");
    let sum = wrap("", &format!("read {read}: {}", counts.join(", ")));
    format!("{text}{sum}\n{}\n", route(&plan.route))
}

/// By which way the cluster comes to Talos, and why.
pub(super) fn route(route: &Route) -> String {
    let way = route.way.description();
    wrap("route: ", &format!("{way}, because {}", route.reason))
}

/// What has the same reason is told together.
fn with_the_same_outcome<'a>(items: impl Iterator<Item = &'a Item>) -> Vec<Vec<&'a Item>> {
    let mut groups: Vec<Vec<&Item>> = Vec::new();
    for item in items {
        let mut known = groups.iter_mut();
        match known.find(|group| group[0].outcome == item.outcome) {
            Some(group) => group.push(item),
            None => groups.push(vec![item]),
        }
    }
    groups
}

fn shown(group: &[&Item], all: bool) -> String {
    let Some(first) = group.first() else {
        return String::new();
    };
    let (start, lines) = match &first.outcome {
        Outcome::Refused { why, help } => (
            "refused",
            vec![format!("why: {why}"), format!("help: {help}")],
        ),
        Outcome::NeedsPerson(what) => ("to do", vec![format!("help: {what}")]),
        Outcome::Converted(place) if all => ("converted", vec![format!("to {place}")]),
        Outcome::Kept(why) if all => ("kept", vec![why.clone()]),
        Outcome::Converted(_) | Outcome::Kept(_) => return String::new(),
    };
    let items = group.iter().map(|item| {
        let what = wrap(&format!("{start}: "), &item.what);
        format!("{what}\n  --> {}\n", item.origin)
    });
    let items: String = items.collect();
    let lines = lines.iter().map(|line| wrap("   = ", line));
    let lines: Vec<String> = lines.collect();
    format!("{items}{}\n\n", lines.join("\n"))
}

/// What control planes do not agree about, side by side.
#[must_use]
pub fn disagreements(disagreements: &[Disagreement]) -> String {
    let shown = |disagreement: &Disagreement| {
        let what = wrap(
            "error: ",
            &format!("control planes do not agree: {}", disagreement.what),
        );
        let values = disagreement.values.iter();
        let values = values.map(|(plane, value)| wrap(&format!("  --> {plane}: "), value));
        let values: Vec<String> = values.collect();
        let help = wrap(
            "   = help: ",
            "see which is the cluster's, and bring the other in line before you move",
        );
        format!("{what}\n{}\n{help}\n\n", values.join("\n"))
    };
    disagreements.iter().map(shown).collect()
}
