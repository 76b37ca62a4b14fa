//! What the person sees when a cluster has been converted: 80 columns, to standard error.

use std::fmt::Write;

use comfy_table::{ColumnConstraint, ContentArrangement, Table, Width, presets};

use super::outcome::{place, refusals, remedy, task, tasks, words};
use super::{MigrationReport, RUNBOOK};
use crate::convert::migration::{Item, Outcome};
use crate::report::{plan, wrap};

/// The counts, the route, what needs a person and where it is told, what is refused and why, and what was
/// written.
#[must_use]
pub fn summary(report: &MigrationReport<'_>) -> String {
    let route = plan::route(&report.plan.route);
    let mut text = format!("{}\n{route}\n", wrap("", &counts(report)));
    let people = tasks(report.plan);
    if !people.is_empty() {
        let _ = write!(text, "\n{}\n", table(&people, report.has_file(RUNBOOK)));
    }
    for group in refusals(report.plan) {
        let _ = write!(text, "\n{}", refused(&group));
    }
    let kept = report.made.map_or(&[][..], |made| &made.kept);
    if !kept.is_empty() {
        let of = "kept of secrets.yaml: ";
        let _ = write!(text, "\n{}\n", wrap(of, &kept.join(", ")));
    }
    if !report.files.is_empty() {
        let wrote = format!("wrote {}: ", report.folder);
        let _ = writeln!(text, "\n{}", wrap(&wrote, &report.files.join(" ")));
    }
    if report.has_file(RUNBOOK) {
        let folder = report.folder.trim_end_matches('/');
        let _ = writeln!(text, "next: open {folder}/{RUNBOOK}");
    }
    text
}

fn counts(report: &MigrationReport<'_>) -> String {
    let plan = report.plan;
    let needs = match plan.count(Outcome::needs_a_person) {
        1 => "1 needs a person".to_owned(),
        count => format!("{count} need a person"),
    };
    format!(
        "read {} settings: {} converted, {} need no writing, {needs}, {} refused",
        plan.items.len(),
        plan.count(Outcome::is_converted),
        plan.count(Outcome::is_kept),
        plan.count(Outcome::is_refused),
    )
}

fn table(tasks: &[Vec<&Item>], has_runbook: bool) -> String {
    let mut table = Table::new();
    table
        .load_style(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Dynamic);
    table.set_header(["needs a person", "where"]);
    for (index, items) in tasks.iter().enumerate() {
        let Some(item) = items.first() else { continue };
        let place = if has_runbook {
            format!("{RUNBOOK} {}", task(index))
        } else {
            place(item).to_owned()
        };
        table.add_row([item.what.as_str(), &place]);
    }
    // A path needs more room than the number of a task.
    let what = if has_runbook { 58 } else { 44 };
    for (column, width) in table.column_iter_mut().zip([what, 80 - what]) {
        column.set_padding((2, 0));
        column.set_constraint(ColumnConstraint::Absolute(Width::Fixed(width)));
    }
    let lines = table.to_string();
    let lines: Vec<&str> = lines.lines().map(str::trim_end).collect();
    lines.join("\n")
}

/// In the shape of a finding, whatever is refused for the same reason together.
fn refused(items: &[&Item]) -> String {
    let mut lines = Vec::new();
    for item in items {
        lines.push(("refused: ", item.what.as_str()));
        lines.push(("  --> ", place(item)));
    }
    if let Some(first) = items.first() {
        lines.push(("   = why: ", words(&first.outcome)));
        lines.push(("   = help: ", remedy(&first.outcome).unwrap_or_default()));
    }
    let lines = lines.iter();
    let lines = lines.map(|(start, text)| wrap(start, text) + "\n");
    lines.collect()
}
