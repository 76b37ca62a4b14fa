//! Everything that was read, each item once: first what needs somebody, then what was converted to
//! what, and what needed no writing.

use super::{section, table_head};
use crate::convert::migration::Item;
use crate::report::migration::MigrationReport;
use crate::report::migration::element::Element;
use crate::report::migration::outcome::{
    CONVERTED, Ending, KEPT, NEEDS_PERSON, REFUSED, is_in_words, place, remedy, task_of, words,
};

/// What is refused, and what needs a person.
pub(super) fn first(report: &MigrationReport<'_>) -> Element {
    let parts: Vec<Element> = [REFUSED, NEEDS_PERSON]
        .into_iter()
        .filter_map(|ending| tasks(report, ending))
        .collect();
    let is_empty = parts.is_empty();
    let section = section("first", "What needs you first").children(parts);
    if is_empty {
        return section.child(Element::new("p").text("Nothing."));
    }
    section
}

fn tasks(report: &MigrationReport<'_>, ending: Ending) -> Option<Element> {
    let items = numbered(report, ending);
    if items.is_empty() {
        return None;
    }
    let is_refused = ending.name == REFUSED.name;
    let rows = items.iter().enumerate().map(|(index, (number, item))| {
        let name = if is_refused {
            format!("R{}", index + 1)
        } else {
            task_of(report.plan, item)
        };
        let mut what_to_do = Element::new("td").prose(words(&item.outcome));
        if let Some(help) = remedy(&item.outcome) {
            let help = Element::new("p").with("class", "help").prose(help);
            what_to_do = what_to_do.child(help);
        }
        row(*number)
            .child(Element::new("th").with("scope", "row").text(name))
            .child(what(item))
            .child(origin(item))
            .child(what_to_do)
    });
    let table = Element::new("table")
        .with("class", "tasks")
        .child(table_head(&["", "what", "where", ending.column]))
        .child(Element::new("tbody").children(rows));
    Some(
        Element::new("div")
            .with("id", ending.name)
            .with("class", ending.name)
            .child(Element::new("h3").text(ending.heading))
            .child(scrolling(table)),
    )
}

/// What was converted to what.
pub(super) fn converted(report: &MigrationReport<'_>) -> Option<Element> {
    by_source(report, CONVERTED, "What was converted to what")
}

/// What needed no writing.
pub(super) fn kept(report: &MigrationReport<'_>) -> Option<Element> {
    by_source(report, KEPT, "What needs no writing")
}

fn by_source(report: &MigrationReport<'_>, ending: Ending, title: &str) -> Option<Element> {
    let mut sources: Vec<(&str, Vec<(usize, &Item)>)> = Vec::new();
    for (number, item) in numbered(report, ending) {
        match sources
            .iter_mut()
            .find(|(origin, _)| *origin == place(item))
        {
            Some((_, items)) => items.push((number, item)),
            None => sources.push((place(item), vec![(number, item)])),
        }
    }
    if sources.is_empty() {
        return None;
    }
    let bodies = sources.into_iter().map(|(source, items)| {
        let head = Element::new("th")
            .with("scope", "rowgroup")
            .with("colspan", 2)
            .text(source);
        let rows = items.into_iter().map(|(number, item)| {
            row(number)
                .child(what(item))
                .child(Element::new("td").prose(words(&item.outcome)))
        });
        Element::new("tbody")
            .child(Element::new("tr").with("class", "source").child(head))
            .children(rows)
    });
    let table = Element::new("table")
        .with("class", "sources")
        .child(table_head(&["what", ending.column]))
        .children(bodies);
    Some(section(ending.name, title).child(scrolling(table)))
}

/// What is different on Talos, though nobody set it.
pub(super) fn differences(report: &MigrationReport<'_>) -> Option<Element> {
    let differences = &report.plan.differences;
    if differences.is_empty() {
        return None;
    }
    let rows = differences.iter().map(|one| {
        Element::new("tr")
            .child(Element::new("th").with("scope", "row").prose(one.what))
            .child(Element::new("td").prose(one.before))
            .child(Element::new("td").prose(one.after))
    });
    let table = Element::new("table")
        .child(table_head(&["what", "before", "on Talos"]))
        .child(Element::new("tbody").children(rows));
    let section = section("differences", "What Talos does otherwise")
        .child(Element::new("p").text("Nobody set these; set them if something counts on them."));
    Some(section.child(scrolling(table)))
}

/// The items of an ending, each with its number among all.
fn numbered<'a>(report: &MigrationReport<'a>, ending: Ending) -> Vec<(usize, &'a Item)> {
    let items = report.plan.items.iter().enumerate();
    items
        .filter(|(_, item)| (ending.is)(&item.outcome))
        .map(|(index, item)| (index + 1, item))
        .collect()
}

fn row(number: usize) -> Element {
    Element::new("tr").with("id", format!("item-{number}"))
}

fn what(item: &Item) -> Element {
    let cell = Element::new("td");
    if is_in_words(&item.what) {
        return cell.text(&item.what);
    }
    cell.child(Element::new("code").text(&item.what))
}

fn origin(item: &Item) -> Element {
    Element::new("td").with("class", "origin").text(place(item))
}

/// A table that scrolls by itself on a narrow screen, also by keyboard.
pub(super) fn scrolling(table: Element) -> Element {
    Element::new("div")
        .with("class", "wide")
        .with("tabindex", 0)
        .child(table)
}
