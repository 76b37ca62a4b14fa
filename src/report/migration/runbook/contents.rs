//! What was converted to what, and what Talos does otherwise.

use crate::convert::migration::Item;
use crate::report::migration::markdown::{Markdown, prose};
use crate::report::migration::outcome::{CONVERTED, KEPT, shown_place, title, words};
use crate::report::migration::{MigrationReport, PAGE};

pub(super) fn write(report: &MigrationReport<'_>, page: &mut Markdown) {
    let plan = report.plan;
    page.heading(2, "What was converted to what");
    let row = |item: &&Item| [title(item), shown_place(item), prose(words(&item.outcome))];
    let rows: Vec<_> = CONVERTED.items(plan).iter().map(row).collect();
    page.table(["was", "in", "is now in"], &rows);
    page.paragraph(&format!(
        "{} more settings need no writing: Talos does the same by itself, or has no use for them. \
         `{PAGE}` has each of them, with the reason.",
        plan.count(KEPT.is)
    ));
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
