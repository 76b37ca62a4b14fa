//! How a fleet ended.

use std::fmt::Write;

use anstyle::{AnsiColor, Style};

use super::{MemberReport, MemberState};
use crate::report::text::counted;
use crate::report::wrap;

const RED: Style = AnsiColor::Red.on_default().bold();
const GREEN: Style = AnsiColor::Green.on_default().bold();

/// Most clusters of which the reason is told again at the end, so that a fleet in which nothing is
/// right does not fill the memory.
const MAX_TOLD: usize = 100;

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
