//! `talos-pki validate`.

use clap::Args;
use jiff::{SignedDuration, Timestamp};

use super::arguments::{ReportFormat, contract};
use super::printer::Printer;
use super::{CommandError, Outcome, allowed_rules, bundle_file, duration};
use crate::check::{self, Context, Platform, Severity, TokenChoice};
use crate::report::{self, FileReport};
use crate::source::Location;
use crate::talos::Contract;
use crate::talos::file::{Places, TalosFile};

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  talos-pki validate secrets.yaml controlplane.yaml worker.yaml talosconfig
  talos-pki validate controlplane.yaml --talos-version v1.13 --notes
  talosctl get machineconfig -o jsonpath='{.spec}' | talos-pki validate -")]
pub(super) struct ValidateArguments {
    /// What to check; `-` is standard input
    #[arg(required_unless_present = "config", value_name = "FILE")]
    files: Vec<String>,

    /// How to print
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    format: ReportFormat,

    /// The Talos version that will use the files, such as v1.14
    #[arg(long, value_name = "VERSION", default_value_t, value_parser = contract)]
    talos_version: Contract,

    /// Let a rule through that would refuse, as a warning (repeatable)
    #[arg(long, value_name = "RULE", help_heading = "Judgement")]
    allow: Vec<String>,

    /// Show notes, not errors and warnings alone
    #[arg(long, help_heading = "Judgement")]
    notes: bool,

    /// Warn of a CA that ends within this time, such as 90d or 1y (client certificates: 30d at most)
    #[arg(
        long,
        value_name = "TIME",
        default_value = "1y",
        value_parser = duration::parse,
        help_heading = "Judgement"
    )]
    expires_within: SignedDuration,

    /// Judge by this moment instead of the clock, as 2027-01-01 or 2027-01-01T12:00:00Z
    #[arg(
        long,
        value_name = "MOMENT",
        value_parser = duration::parse_moment,
        help_heading = "Judgement"
    )]
    now: Option<Timestamp>,

    /// Another way to name a file (repeatable)
    #[arg(short, long, value_name = "FILE", help_heading = "As talosctl does")]
    config: Vec<String>,

    /// On what the machine runs: onto metal Talos is installed, and up to 1.13 has to be told so
    #[arg(
        short,
        long,
        value_name = "MODE",
        value_parser = ["metal", "cloud", "container"],
        help_heading = "As talosctl does"
    )]
    mode: Option<String>,

    /// Let warnings refuse, as errors do
    #[arg(long, help_heading = "As talosctl does")]
    strict: bool,
}

pub(super) fn run(
    arguments: &ValidateArguments,
    printer: &mut Printer,
) -> Result<Outcome, CommandError> {
    let allowed = allowed_rules(&arguments.allow)?;
    let context = Context {
        now: arguments.now.unwrap_or_else(Timestamp::now),
        expires_within: arguments.expires_within,
        token: TokenChoice::Kept,
        contract: arguments.talos_version,
        writes_bundle: false,
        platform: match arguments.mode.as_deref() {
            Some("metal") => Platform::Metal,
            Some("container") => Platform::Container,
            _ => Platform::Other,
        },
    };
    let mut files = Vec::new();
    let mut failure = None;
    for name in arguments.files.iter().chain(&arguments.config) {
        match read(name) {
            Ok(file) => files.push(file),
            // One bad file does not hide the next; the last trouble is told by who called.
            Err(error) => {
                if let Some(earlier) = failure.replace(error) {
                    printer.error(&earlier);
                }
            }
        }
    }
    let findings = check::check_files(&files, &context, &allowed);
    let warnings = findings.iter().map(|one| one.count(Severity::Warning));
    let warnings: usize = warnings.filter(|_| arguments.strict).sum();
    let is_sound = findings.iter().all(check::Findings::is_sound);
    let outcome = if is_sound && warnings == 0 {
        Outcome::Done
    } else {
        Outcome::Refused
    };
    let judged: Vec<_> = files.iter().zip(findings).collect();
    match arguments.format {
        ReportFormat::Json => {
            let reports = judged
                .iter()
                .map(|(file, findings)| FileReport::of(file, findings, &context));
            let reports: Vec<_> = reports.collect();
            let json =
                serde_json::to_string_pretty(&reports).map_err(|error| CommandError::Output {
                    what: error.to_string(),
                })?;
            printer.report(&format!("{json}\n"))?;
        }
        ReportFormat::Text if judged.is_empty() => {}
        ReportFormat::Text => printer.report(&report::files(&judged, arguments.notes))?,
    }
    if is_sound && warnings > 0 {
        printer.words("Refused by --strict, for the warnings\n");
    }
    failure.map_or(Ok(outcome), Err)
}

fn read(name: &str) -> Result<TalosFile, CommandError> {
    let file = bundle_file::open(&Location::from(name))?;
    Ok(TalosFile::read(
        &file.path,
        &file.bytes,
        file.mode,
        Places::Found,
    )?)
}
