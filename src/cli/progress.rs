//! A sign of life for work that takes long.

use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use indicatif::ProgressBar;

use super::printer::Printer;

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
