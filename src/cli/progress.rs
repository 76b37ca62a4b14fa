//! A sign of life for work that takes long.

use std::fmt::Write;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use super::printer::Printer;
use crate::report::MemberState;

/// Work shorter than this shows nothing.
const PATIENCE: Duration = Duration::from_millis(500);

/// How often the sign moves.
const TICK: Duration = Duration::from_millis(100);

/// Shows `message` with a spinner while `work` runs, once it has run for half a second, and only to
/// a person at a terminal.
pub(super) fn during<T>(message: &'static str, work: impl FnOnce() -> T) -> T {
    if !Printer::is_watched() {
        return work();
    }
    let (done, is_done) = channel();
    thread::scope(|scope| {
        scope.spawn(move || spin(message, &is_done));
        let result = work();
        drop(done);
        result
    })
}

/// Spins until the other end of `is_done` is dropped.
fn spin(message: &'static str, is_done: &Receiver<()>) {
    if is_done.recv_timeout(PATIENCE) != Err(RecvTimeoutError::Timeout) {
        return;
    }
    // It draws on standard error, and made any earlier it would draw at once.
    let spinner = ProgressBar::new_spinner().with_message(message);
    spinner.enable_steady_tick(TICK);
    let _ = is_done.recv();
    spinner.finish_and_clear();
}

/// How far a fleet is, which only a person at a terminal sees.
pub(super) struct FleetBar {
    bar: ProgressBar,
    refused: AtomicUsize,
    failed: AtomicUsize,
}

impl FleetBar {
    /// A bar for so many clusters.
    pub(super) fn of(count: usize) -> Self {
        let bar = if Printer::is_watched() {
            let bar = ProgressBar::new(count as u64);
            bar.set_style(Self::style());
            bar.enable_steady_tick(TICK);
            bar
        } else {
            ProgressBar::hidden()
        };
        Self {
            bar,
            refused: AtomicUsize::new(0),
            failed: AtomicUsize::new(0),
        }
    }

    fn style() -> ProgressStyle {
        let template =
            "{wide_bar} {human_pos} of {human_len} done{msg} · {per_sec:.0} · {eta} left";
        let style = ProgressStyle::with_template(template);
        style.map_or_else(
            |_| ProgressStyle::default_bar(),
            |style| style.progress_chars("━╸─"),
        )
    }

    /// One more is done, and came to `state`.
    pub(super) fn tick(&self, state: MemberState) {
        let counter = match state {
            MemberState::Refused => Some(&self.refused),
            MemberState::Failed => Some(&self.failed),
            MemberState::Sound | MemberState::Made | MemberState::Done => None,
        };
        if let Some(counter) = counter {
            counter.fetch_add(1, Ordering::Relaxed);
            let mut message = String::new();
            for (count, what) in [(&self.refused, "refused"), (&self.failed, "failed")] {
                let count = count.load(Ordering::Relaxed);
                if count > 0 {
                    let _ = write!(message, " · {count} {what}");
                }
            }
            self.bar.set_message(message);
        }
        self.bar.inc(1);
    }

    /// Does `print` without the bar in its way.
    pub(super) fn aside(&self, print: impl FnOnce()) {
        self.bar.suspend(print);
    }

    /// Takes the bar away.
    pub(super) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}
