//! What is printed of a fleet.

use super::Task;
use crate::cli::printer::Printer;
use crate::cli::{CommandError, Outcome};
use crate::fleet::Member;
use crate::report::{self, FleetSum, FleetTable, MemberReport, MemberState};

/// From what became of the members to what is printed.
pub(super) struct Telling {
    /// Without one, it is JSON.
    table: Option<FleetTable>,
    sum: FleetSum,
    is_first: bool,
    /// Whether all could be printed. The work is not stopped when it cannot.
    printed: Result<(), CommandError>,
}

impl Telling {
    /// With a table for `members`, or as JSON.
    pub(super) fn of(task: &Task<'_>, members: &[Member<'_>]) -> Self {
        Self {
            table: (!task.json).then(|| FleetTable::of(members.iter().map(Member::name))),
            sum: FleetSum::new(task.closer_look),
            is_first: true,
            printed: Ok(()),
        }
    }

    pub(super) fn tell(&mut self, report: &MemberReport, printer: &mut Printer) {
        self.sum.add(report);
        let text = match &self.table {
            Some(table) if self.is_first => table.head() + &table.row(report),
            Some(table) => table.row(report),
            None => report::fleet_json_item(report, self.is_first),
        };
        self.is_first = false;
        self.print(&text, printer);
    }

    fn print(&mut self, text: &str, printer: &mut Printer) {
        if self.printed.is_ok() {
            self.printed = printer.report(text);
        }
    }

    /// Says how many clusters came to what, and how the command ended.
    pub(super) fn end(mut self, printer: &mut Printer) -> Result<Outcome, CommandError> {
        if self.table.is_none() {
            self.print(report::FLEET_JSON_END, printer);
        }
        printer.words(&format!("\n{}", self.sum.text()));
        self.printed?;
        match (
            self.sum.count(MemberState::Failed),
            self.sum.count(MemberState::Refused),
        ) {
            (0, 0) => Ok(Outcome::Done),
            (0, _) => Ok(Outcome::Refused),
            _ => Ok(Outcome::Failed),
        }
    }
}
