//! What becomes of a cluster that moves, for a person.

use super::text::counted;
use super::wrap::wrap;
use crate::convert::migration::{Disagreement, Item, Outcome, Plan};

/// The items that a person has to know, and how many there are of each kind. With `all`, every
/// item.
#[must_use]
pub fn plan(plan: &Plan, all: bool) -> String {
    let mut text = String::new();
    for item in &plan.items {
        text.push_str(&shown(item, all));
    }
    let counts = [
        (plan.count(Outcome::is_converted), "converted"),
        (plan.count(Outcome::is_kept), "the same on Talos"),
        (plan.count(Outcome::needs_a_person), "for a person to do"),
        (plan.count(Outcome::is_refused), "refused"),
    ];
    let counts = counts.map(|(count, what)| format!("{count} {what}"));
    let read = counted(plan.items.len(), "setting", "settings");
    format!(
        "{text}{}\n",
        wrap(&format!("read {read}: "), &counts.join(", "))
    )
}

fn shown(item: &Item, all: bool) -> String {
    let (start, lines) = match &item.outcome {
        Outcome::Refused { why, help } => (
            "refused",
            vec![format!("why: {why}"), format!("help: {help}")],
        ),
        Outcome::NeedsPerson(what) => ("to do", vec![format!("help: {what}")]),
        Outcome::Converted(place) if all => ("converted", vec![format!("to {place}")]),
        Outcome::Kept(why) if all => ("kept", vec![why.clone()]),
        Outcome::Converted(_) | Outcome::Kept(_) => return String::new(),
    };
    let lines = lines.iter().map(|line| wrap("   = ", line));
    let lines: Vec<String> = lines.collect();
    let what = wrap(&format!("{start}: "), &item.what);
    format!("{what}\n  --> {}\n{}\n\n", item.origin, lines.join("\n"))
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
