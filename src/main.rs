//! The `talos-pki` program: start, and the exit status. Everything else is in [`talos_pki::cli`].

use std::process::ExitCode;

fn main() -> ExitCode {
    talos_pki::cli::run()
}
