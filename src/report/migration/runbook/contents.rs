//! What was converted to what, and what needed no writing.

use crate::convert::migration::Item;
use crate::report::migration::MigrationReport;
use crate::report::migration::markdown::{Markdown, code, prose};
use crate::report::migration::outcome::{CONVERTED, KEPT, words};

pub(super) fn write(report: &MigrationReport<'_>, page: &mut Markdown) {
    let plan = report.plan;
    page.heading(2, "What was converted to what");
    let row = |item: &&Item| {
        [
            code(&item.what),
            code(&item.origin),
            prose(words(&item.outcome)),
        ]
    };
    let rows: Vec<_> = CONVERTED.items(plan).iter().map(row).collect();
    page.table(["was", "in", "is now in"], &rows);
    page.paragraph("The rest needs no writing, for these reasons:");
    let mut reasons: Vec<(&str, Vec<&Item>)> = Vec::new();
    for item in KEPT.items(plan) {
        let reason = words(&item.outcome);
        match reasons.iter_mut().find(|(known, _)| *known == reason) {
            Some((_, items)) => items.push(item),
            None => reasons.push((reason, vec![item])),
        }
    }
    let rows: Vec<[String; 2]> = reasons
        .into_iter()
        .map(|(reason, items)| [prose(reason), by_origin(&items)])
        .collect();
    page.table(["why nothing is lost", "what"], &rows);
    if !plan.differences.is_empty() {
        page.paragraph(
            "Nobody set these, and Talos does them otherwise. Set them in the configuration if \
             something counts on how it was:",
        );
        let rows: Vec<[String; 3]> = plan
            .differences
            .iter()
            .map(|one| [prose(one.what), prose(one.before), prose(one.after)])
            .collect();
        page.table(["what", "before", "on Talos"], &rows);
    }
}

/// Each file once, with everything of it.
fn by_origin(items: &[&Item]) -> String {
    let mut origins: Vec<(&str, Vec<String>)> = Vec::new();
    for item in items {
        let what = code(&item.what);
        match origins.iter_mut().find(|(known, _)| *known == item.origin) {
            Some((_, all)) => all.push(what),
            None => origins.push((&item.origin, vec![what])),
        }
    }
    let origins = origins
        .iter()
        .map(|(origin, all)| format!("{}: {}", code(origin), all.join(", ")));
    origins.collect::<Vec<_>>().join("; ")
}
