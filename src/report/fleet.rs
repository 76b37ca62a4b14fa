//! What became of a fleet: a table with a line a cluster, and the same for programs. The schema is
//! published as `docs/fleet.schema.json`.
//!
//! Lines are made one by one, so that nothing has to be kept: the columns do not depend on what is in
//! them.

use std::fmt::{self, Write};

use anstyle::{AnsiColor, Style};
use schemars::{JsonSchema, schema_for};
use serde::Serialize;
use textwrap::core::display_width;

use super::text::counted;
use super::wrap::wrap;
use crate::check::validity::day;
use crate::fleet::Summary;

const RED: Style = AnsiColor::Red.on_default().bold();
const GREEN: Style = AnsiColor::Green.on_default().bold();

/// Columns of a name in the table.
const NAME_WIDTH: usize = 22;

/// Most clusters of which the reason is told again at the end, so that a fleet in which nothing is
/// right does not fill the memory.
const MAX_TOLD: usize = 100;

/// The table's heads and columns, behind the name. The numbers are on the right.
const COLUMNS: [(&str, usize, bool); 6] = [
    ("STATE", 7, false),
    ("LAYOUT", 10, false),
    ("ERRORS", 6, true),
    ("WARNINGS", 8, true),
    ("NOTES", 5, true),
    ("CA ENDS", 10, false),
];

/// What became of a cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum MemberState {
    /// Nothing refuses it, and nothing was to be written.
    Sound,
    /// Its folder was made.
    Made,
    /// Its folder was made by an earlier run, and all is as it was.
    Done,
    /// Findings refuse it.
    Refused,
    /// It could not be read or written.
    Failed,
}

impl fmt::Display for MemberState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sound => "sound",
            Self::Made => "made",
            Self::Done => "done",
            Self::Refused => "refused",
            Self::Failed => "failed",
        })
    }
}

/// One cluster of a fleet.
#[derive(Debug, Serialize, JsonSchema)]
pub struct MemberReport {
    /// Its name, which is that of its folder, too.
    pub name: String,
    /// What became of it.
    pub state: MemberState,
    /// How the files were told apart: the distribution, such as `kubeadm`, or `by content`.
    pub layout: Option<String>,
    /// How many errors were found, unless it could not be read.
    pub errors: Option<usize>,
    /// How many warnings.
    pub warnings: Option<usize>,
    /// How many notes.
    pub notes: Option<usize>,
    /// When the first of its CAs ends (RFC 3339).
    pub ca_ends: Option<String>,
    /// Why it was refused or failed: the first reason of perhaps several.
    pub reason: Option<String>,
    /// Where it was read, as the arguments of `talos-pki scan` that tells everything about it.
    pub source: String,
    /// The folder that was made of it.
    pub folder: Option<String>,
}

impl MemberReport {
    /// The report on the cluster `name` that `source` is.
    #[must_use]
    pub fn new(name: &str, source: String, state: MemberState, summary: Option<&Summary>) -> Self {
        Self {
            name: name.to_owned(),
            state,
            layout: summary.and_then(|summary| summary.layout.clone()),
            errors: summary.map(|summary| summary.errors),
            warnings: summary.map(|summary| summary.warnings),
            notes: summary.map(|summary| summary.notes),
            ca_ends: summary.and_then(|summary| Some(summary.ca_ends?.to_string())),
            reason: None,
            source,
            folder: None,
        }
    }

    /// The same, with the reason why it did not end well.
    #[must_use]
    pub fn because(self, reason: String) -> Self {
        Self {
            reason: Some(reason),
            ..self
        }
    }

    /// The same, with the folder that was made of it.
    #[must_use]
    pub fn with_folder(self, folder: String) -> Self {
        Self {
            folder: Some(folder),
            ..self
        }
    }
}

/// The list of [`MemberReport`]s for programs, item by item: this one, and what is before it.
#[must_use]
pub fn fleet_json_item(member: &MemberReport, is_first: bool) -> String {
    let start = if is_first { "[\n" } else { ",\n" };
    let json = serde_json::json!(member);
    format!("{start}{json}")
}

/// What is behind the last item.
pub const FLEET_JSON_END: &str = "\n]\n";

/// The JSON schema of a list of [`MemberReport`]s, as `--fleet` prints it.
#[must_use]
pub fn fleet_schema() -> serde_json::Value {
    schema_for!(Vec<MemberReport>).to_value()
}

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

/// How many clusters of a fleet came to what, and why those that did not end well did not.
#[derive(Debug)]
pub struct FleetSum {
    closer_look: &'static str,
    counts: [usize; 5],
    told: String,
    untold: usize,
}

impl FleetSum {
    const ORDER: [MemberState; 5] = [
        MemberState::Sound,
        MemberState::Made,
        MemberState::Done,
        MemberState::Refused,
        MemberState::Failed,
    ];

    /// Of nothing yet. `closer_look` is the command that tells everything about a cluster that was
    /// refused, when its source is put behind it.
    #[must_use]
    pub fn new(closer_look: &'static str) -> Self {
        Self {
            closer_look,
            counts: [0; 5],
            told: String::new(),
            untold: 0,
        }
    }

    /// Counts `member` in.
    pub fn add(&mut self, member: &MemberReport) {
        let place = Self::ORDER.iter().position(|state| *state == member.state);
        self.counts[place.unwrap_or_default()] += 1;
        let Some(reason) = &member.reason else {
            return;
        };
        if self.count(MemberState::Refused) + self.count(MemberState::Failed) > MAX_TOLD {
            self.untold += 1;
            return;
        }
        let start = format!("{}: {}: ", member.state, member.name);
        let head = start.trim_end();
        let text = wrap(&start, reason);
        self.told
            .push_str(&text.replacen(head, &format!("{RED}{head}{RED:#}"), 1));
        if member.state == MemberState::Refused {
            let _ = write!(
                self.told,
                "\n   = see: {} {}",
                self.closer_look, member.source
            );
        }
        self.told.push('\n');
    }

    /// How many came to `state`.
    #[must_use]
    pub fn count(&self, state: MemberState) -> usize {
        let states = Self::ORDER.iter().zip(self.counts);
        states
            .filter(|(other, _)| **other == state)
            .map(|(_, count)| count)
            .sum()
    }

    /// The clusters that did not end well, each with its reason, and the counts of all.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = self.told.clone();
        if self.untold > 0 {
            let more = counted(self.untold, "more cluster", "more clusters");
            let more = format!("and {more}; the JSON has the reason of each");
            let _ = writeln!(text, "{}", wrap("", &more));
        }
        if !text.is_empty() {
            text.push('\n');
        }
        let all: usize = self.counts.iter().sum();
        let counts = Self::ORDER.iter().zip(self.counts);
        let counts = counts.filter(|(_, count)| *count > 0);
        let counts: Vec<_> = counts
            .map(|(state, count)| format!("{count} {state}"))
            .collect();
        let style = if self.counts[3] + self.counts[4] == 0 {
            GREEN
        } else {
            RED
        };
        let all = counted(all, "cluster:", "clusters:");
        let _ = writeln!(text, "{style}{all}{style:#} {}", counts.join(", "));
        text
    }
}
