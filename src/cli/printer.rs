//! Standard output and standard error: data to the one, words to the other.

use std::error::Error;
use std::fmt::Write as _;
use std::io::{self, ErrorKind, IsTerminal, Write};

use anstyle::{AnsiColor, Style};

use super::CommandError;
use crate::report::wrap;

const ERROR: Style = AnsiColor::Red.on_default().bold();

/// The only place that prints.
#[derive(Debug, Default)]
pub(super) struct Printer {
    reader_left: bool,
}

impl Printer {
    /// A report, in colour if standard output is a terminal. A reader who has read enough, as
    /// `head`, is no failure.
    pub(super) fn report(&mut self, text: &str) -> Result<(), CommandError> {
        if self.reader_left {
            return Ok(());
        }
        let mut stream = anstream::stdout().lock();
        match stream
            .write_all(text.as_bytes())
            .and_then(|()| stream.flush())
        {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => self.reader_left = true,
            Err(error) => return Err(failed("standard output", &error)),
            Ok(()) => {}
        }
        Ok(())
    }

    /// Data, byte for byte. All of it must arrive.
    #[expect(clippy::unused_self, reason = "printing goes through the printer")]
    pub(super) fn data(&mut self, data: &[u8]) -> Result<(), CommandError> {
        let mut stream = io::stdout().lock();
        stream
            .write_all(data)
            .and_then(|()| stream.flush())
            .map_err(|error| failed("standard output", &error))
    }

    /// Words for the person, on standard error.
    #[expect(clippy::unused_self, reason = "printing goes through the printer")]
    pub(super) fn words(&mut self, text: &str) {
        // If standard error is closed there is nobody to tell.
        let _ = anstream::stderr().lock().write_all(text.as_bytes());
    }

    /// The error that ended the program: for a person within the width of all words, for a program
    /// on one line.
    pub(super) fn error(&mut self, error: &CommandError) {
        let line = |start: &str, error: &dyn Error| {
            if Self::is_watched() {
                wrap(start, &error.to_string())
            } else {
                format!("{start}{error}")
            }
        };
        let plain = line("error: ", error);
        let rest = plain.strip_prefix("error:").unwrap_or_default();
        let mut text = format!("{ERROR}error:{ERROR:#}{rest}\n");
        let mut source = error.source();
        while let Some(error) = source {
            let _ = writeln!(text, "{}", line("  caused by: ", error));
            source = error.source();
        }
        self.words(&text);
    }

    /// Whether a person watches standard error.
    pub(super) fn is_watched() -> bool {
        io::stderr().is_terminal()
    }
}

fn failed(what: &str, error: &io::Error) -> CommandError {
    let what = match error.kind() {
        ErrorKind::BrokenPipe => format!("{what} was closed before everything was written"),
        _ => format!("cannot write to {what}: {error}"),
    };
    CommandError::Output { what }
}
