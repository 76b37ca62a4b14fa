//! Pipes that a person names, such as a shell's `<(pass show ca)`.

use std::fs::{File, Metadata};
use std::io::{self, ErrorKind};
use std::path::Path;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

/// How long somebody is waited for who writes to a pipe.
const PATIENCE: Duration = Duration::from_secs(10);

/// Whether it is a pipe, with or without a name.
#[cfg(unix)]
pub(super) fn is_pipe(metadata: &Metadata) -> bool {
    use std::os::unix::fs::FileTypeExt;
    metadata.file_type().is_fifo()
}

/// Other systems have no pipes in their folders.
#[cfg(not(unix))]
pub(super) fn is_pipe(_: &Metadata) -> bool {
    false
}

/// Opens the pipe at `path`. One that a shell made has its writer; opening one with a name (a FIFO) waits
/// until somebody opens it for writing, which may be never.
pub(super) fn open(path: &Path) -> io::Result<File> {
    let (sender, receiver) = mpsc::channel();
    let path = path.to_owned();
    // If nobody ever comes, the thread ends with the program.
    thread::spawn(move || sender.send(File::open(path)));
    let nobody = |_| {
        Err(io::Error::new(
            ErrorKind::TimedOut,
            "nobody writes to this pipe",
        ))
    };
    receiver.recv_timeout(PATIENCE).unwrap_or_else(nobody)
}
