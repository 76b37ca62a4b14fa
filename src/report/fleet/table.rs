//! The table of a fleet. Its columns do not depend on what is in them, so that a line can be printed
//! before the next is known.

use std::fmt::Write;

use anstyle::{AnsiColor, Style};
use textwrap::core::display_width;

use super::{MemberReport, MemberState};
use crate::check::validity::day;

const RED: Style = AnsiColor::Red.on_default().bold();

/// Columns of a name in the table.
const NAME_WIDTH: usize = 22;

/// The table's heads and columns, behind the name. The numbers are on the right.
const COLUMNS: [(&str, usize, bool); 6] = [
    ("STATE", 7, false),
    ("LAYOUT", 10, false),
    ("ERRORS", 6, true),
    ("WARNINGS", 8, true),
    ("NOTES", 5, true),
    ("CA ENDS", 10, false),
];

/// A table of a fleet.
#[derive(Debug)]
pub struct FleetTable {
    name_width: usize,
}

impl FleetTable {
    /// A table for clusters with these names.
    pub fn of<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        let widest = names.into_iter().map(display_width).max();
        Self {
            name_width: widest.unwrap_or_default().clamp(4, NAME_WIDTH),
        }
    }

    /// The line with the heads of the columns.
    #[must_use]
    pub fn head(&self) -> String {
        self.line("NAME", COLUMNS.map(|(head, _, _)| head.to_owned()))
    }

    /// The line of a cluster.
    #[must_use]
    pub fn row(&self, member: &MemberReport) -> String {
        let dash = || "–".to_owned();
        let count = |count: Option<usize>| count.map_or_else(dash, |count| count.to_string());
        let ends = member.ca_ends.as_ref().and_then(|ends| ends.parse().ok());
        let cells = [
            member.state.to_string(),
            member.layout.clone().unwrap_or_else(dash),
            count(member.errors),
            count(member.warnings),
            count(member.notes),
            ends.map_or_else(dash, day),
        ];
        let line = self.line(&member.name, cells);
        let style = match member.state {
            MemberState::Refused | MemberState::Failed => RED,
            MemberState::Sound | MemberState::Made | MemberState::Done => return line,
        };
        // The style is put on afterwards, so that it does not count as columns.
        let start = name_cell(&member.name, self.name_width).len();
        let (name, rest) = line.split_at(start);
        let state = member.state.to_string();
        let styled = format!("{style}{state}{style:#}");
        format!("{name}{}", rest.replacen(&state, &styled, 1))
    }

    fn line(&self, name: &str, cells: [String; 6]) -> String {
        let mut line = name_cell(name, self.name_width);
        for (cell, (_, width, is_number)) in cells.into_iter().zip(COLUMNS) {
            let _ = if is_number {
                write!(line, "  {cell:>width$}")
            } else {
                write!(line, "  {cell:<width$}")
            };
        }
        format!("{}\n", line.trim_end())
    }
}

/// `name` in `width` columns: filled up, or cut, with `…` at its end.
fn name_cell(name: &str, width: usize) -> String {
    let mut cell = String::new();
    if display_width(name) <= width {
        cell.push_str(name);
    } else {
        let mut taken = 1;
        for character in name.chars() {
            taken += display_width(character.encode_utf8(&mut [0; 4]));
            if taken > width {
                break;
            }
            cell.push(character);
        }
        cell.push('…');
    }
    let missing = width.saturating_sub(display_width(&cell));
    cell + &" ".repeat(missing)
}
