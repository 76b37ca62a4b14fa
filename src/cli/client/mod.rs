//! What clients log in with: `config new`, `config info` and `kubeconfig`.

mod arguments;
mod authorities;
mod error;
mod info;
mod kubeconfig;
mod new;
mod renewal;

use super::printer::Printer;
use super::{CommandError, Outcome};

pub(super) use arguments::{ConfigCommand, KubeconfigArguments};
pub(super) use error::ClientError;

/// Carries out one of the commands of `config`.
pub(super) fn config(
    command: &ConfigCommand,
    printer: &mut Printer,
) -> Result<Outcome, CommandError> {
    match command {
        ConfigCommand::Info(arguments) => info::run(arguments, printer),
        ConfigCommand::New(arguments) => new::run(arguments, printer),
    }
}

/// Makes a kubeconfig.
pub(super) fn kubeconfig(
    arguments: &KubeconfigArguments,
    printer: &mut Printer,
) -> Result<Outcome, CommandError> {
    kubeconfig::run(arguments, printer)
}
