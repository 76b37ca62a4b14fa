//! A sign of life for work that takes long.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget};

use super::printer::Printer;

/// Work shorter than this shows nothing.
const PATIENCE: Duration = Duration::from_millis(500);

/// Shows `message` with a spinner while `work` runs, once it has run for half a second, and only to
/// a person at a terminal.
pub(super) fn during<T>(message: &'static str, work: impl FnOnce() -> T) -> T {
    if !Printer::is_watched() {
        return work();
    }
    let spinner = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
    spinner.set_message(message);
    let (done, is_done) = std::sync::mpsc::channel::<()>();
    std::thread::scope(|scope| {
        let shown = spinner.clone();
        scope.spawn(move || {
            if is_done
                .recv_timeout(PATIENCE)
                .is_err_and(|error| error == std::sync::mpsc::RecvTimeoutError::Timeout)
            {
                shown.enable_steady_tick(Duration::from_millis(100));
            }
        });
        let result = work();
        drop(done);
        spinner.finish_and_clear();
        result
    })
}
