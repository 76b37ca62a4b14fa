//! The command line: flags become settings, settings one call into the library, and its result is
//! printed. No PKI logic and no rule is here.

mod arguments;
mod bundle_file;
mod client;
mod convert;
mod custom;
mod deferred;
mod duration;
mod earlier;
mod explain;
mod fleet;
mod gen_config;
mod gen_secrets;
mod hosts;
mod issuing;
mod manifests;
mod output;
mod output_folder;
mod passphrase;
mod printer;
mod progress;
mod scan;
mod validate;

use std::collections::VecDeque;
use std::process::ExitCode;

use clap::{CommandFactory, Parser};

use crate::check;
use crate::convert::ConvertError;
use crate::fleet::{FleetError, MemberError, OutputError};
use crate::layout::LayoutError;
use crate::layout::talos::TalosConfigError;
use crate::manifest::ManifestError;
use crate::pki::IssueError;
use crate::settings::ClusterInfoError;
use crate::source::SourceError;
use crate::talos::file::TalosFileError;
use crate::talos::machine_config::PatchError;
use crate::talos::{BundleError, Contract};
use arguments::{Arguments, Command, Generate};
use printer::Printer;

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    /// Done: exit status 0.
    Done,
    /// Findings refuse it: exit status 1.
    Refused,
    /// Some of many could not be done, and each is told: exit status 2.
    Failed,
}

/// Why a command could not do its work: exit status 2.
#[derive(Debug, thiserror::Error)]
enum CommandError {
    #[error("--allow {rule}: {reason}")]
    Allow { rule: String, reason: String },
    #[error("`{file}` is not a usable secrets bundle: {}", BundleError::in_words(.problems))]
    Bundle {
        file: String,
        problems: Vec<BundleError>,
    },
    #[error("the client certificate cannot be made: {0}")]
    ClientCertificate(IssueError),
    #[error(transparent)]
    Client(#[from] client::ClientError),
    #[error(transparent)]
    ClusterInfo(#[from] ClusterInfoError),
    #[error(transparent)]
    Convert(#[from] ConvertError),
    #[error(transparent)]
    Fleet(#[from] FleetError),
    #[error(transparent)]
    FleetOutput(#[from] OutputError),
    #[error(transparent)]
    Issuing(#[from] issuing::IssuingError),
    #[error(transparent)]
    Layout(#[from] LayoutError),
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    #[error(transparent)]
    Member(#[from] MemberError),
    #[error(
        "`{0}` is a machine config and no secrets bundle; config new, kubeconfig and gen secrets \
         take it by --from-controlplane-config"
    )]
    NotABundle(String),
    #[error("{what}")]
    Output { what: String },
    #[error(transparent)]
    Patch(#[from] PatchError),
    #[error("cannot read the passphrase{from}: {reason}")]
    Passphrase { from: String, reason: String },
    #[error("{0}")]
    Settings(String),
    #[error(transparent)]
    Source(#[from] SourceError),
    #[error(transparent)]
    TalosConfig(#[from] TalosConfigError),
    #[error(transparent)]
    TalosFile(#[from] TalosFileError),
    #[error("there is no rule `{0}`; `talos-pki explain` lists them")]
    UnknownRule(String),
}

/// Runs the program with the arguments of the process.
#[must_use]
pub fn run() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            let failed = error.use_stderr();
            // A closed pipe is the reader's wish to stop; nothing else can go wrong here.
            let _ = error.print();
            return ExitCode::from(if failed { 2 } else { 0 });
        }
    };
    let mut printer = Printer::default();
    match dispatch(arguments, &mut printer) {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::Refused) => ExitCode::from(1),
        Ok(Outcome::Failed) => ExitCode::from(2),
        Err(error) => {
            printer.error(&error);
            ExitCode::from(2)
        }
    }
}

fn dispatch(arguments: Arguments, printer: &mut Printer) -> Result<Outcome, CommandError> {
    match arguments.command {
        Command::Scan(arguments) => scan::run(&arguments, printer),
        Command::Gen { command } => match *command {
            Generate::Secrets(arguments) => gen_secrets::run(&arguments, printer),
            Generate::Config(arguments) => gen_config::run(&arguments, printer),
            Generate::Ca(arguments) => issuing::ca(&arguments, printer),
            Generate::Key(arguments) => issuing::key(&arguments, printer),
            Generate::Csr(arguments) => issuing::csr(&arguments, printer),
            Generate::Crt(arguments) => issuing::crt(&arguments, printer),
            Generate::Keypair(arguments) => issuing::keypair(&arguments, printer),
        },
        Command::Convert(arguments) => convert::run(&arguments, printer),
        Command::Config { command } => client::config(&command, printer),
        Command::Kubeconfig(arguments) => client::kubeconfig(&arguments, printer),
        Command::Validate(arguments) => validate::run(&arguments, printer),
        Command::Explain(arguments) => explain::run(&arguments, printer),
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Arguments::command(), "talos-pki", &mut script);
            printer.data(&script)?;
            Ok(Outcome::Done)
        }
        Command::Man => {
            printer.data(&man_page()?)?;
            Ok(Outcome::Done)
        }
    }
}

/// One page for the whole program: each command is a section of it.
fn man_page() -> Result<Vec<u8>, CommandError> {
    let failed = |error: std::io::Error| CommandError::Output {
        what: error.to_string(),
    };
    let mut page = Vec::new();
    let mut command = Arguments::command();
    command.build();
    clap_mangen::Man::new(command.clone())
        .render(&mut page)
        .map_err(failed)?;
    let mut pending: VecDeque<clap::Command> = command.get_subcommands().cloned().collect();
    while let Some(command) = pending.pop_front() {
        let is_group = command.get_subcommands().next().is_some();
        pending.extend(command.get_subcommands().cloned());
        if is_group || command.get_name() == "help" {
            continue;
        }
        let man = clap_mangen::Man::new(command);
        man.render_name_section(&mut page).map_err(failed)?;
        man.render_synopsis_section(&mut page).map_err(failed)?;
        man.render_description_section(&mut page).map_err(failed)?;
        man.render_options_section(&mut page).map_err(failed)?;
        man.render_extra_section(&mut page).map_err(failed)?;
    }
    Ok(page)
}

/// Configurations can be written for the versions that have a known form of them.
fn refuse_without_machine_config(contract: Contract) -> Result<(), CommandError> {
    if contract.has_known_machine_config() {
        return Ok(());
    }
    Err(CommandError::Settings(format!(
        "--talos-version {contract}: configurations are written for Talos {} and later",
        Contract::OLDEST_MACHINE_CONFIG
    )))
}

/// The rules that `--allow` names.
fn allowed_rules(names: &[String]) -> Result<Vec<&'static check::Rule>, CommandError> {
    let rules = names.iter().map(|name| {
        let rule = check::rule(name).ok_or_else(|| CommandError::UnknownRule(name.clone()))?;
        match rule.allow {
            check::Allow::Never(reason) => Err(CommandError::Allow {
                rule: name.clone(),
                reason: reason.to_owned(),
            }),
            check::Allow::Yes(_) | check::Allow::NotNeeded => Ok(rule),
        }
    });
    rules.collect()
}
