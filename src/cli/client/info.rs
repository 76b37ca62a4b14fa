//! `talos-pki config info`.

use std::env;
use std::path::PathBuf;

use jiff::Timestamp;

use super::arguments::InfoArguments;
use super::error::ClientError;
use super::new::read_talosconfig;
use crate::cli::arguments::ReportFormat;
use crate::cli::printer::Printer;
use crate::cli::{CommandError, Outcome};
use crate::report::{self, TalosconfigReport};

pub(super) fn run(
    arguments: &InfoArguments,
    printer: &mut Printer,
) -> Result<Outcome, CommandError> {
    let path = match arguments.path.as_ref().or(arguments.talosconfig.as_ref()) {
        Some(path) => path.clone(),
        None => default_path().ok_or(ClientError::NoDefaultPath)?,
    };
    let config = read_talosconfig(&path)?;
    let now = arguments.now.unwrap_or_else(Timestamp::now);
    let name = path.display().to_string();
    let report = TalosconfigReport::of(&name, &config, now, arguments.talos_version);
    let text = match arguments.format {
        ReportFormat::Text => report::talosconfig(&report),
        ReportFormat::Json => {
            let json = serde_json::to_string_pretty(&report);
            let json = json.map_err(|error| CommandError::Output {
                what: error.to_string(),
            })?;
            format!("{json}\n")
        }
    };
    printer.report(&text)?;
    Ok(if report.is_accepted() {
        Outcome::Done
    } else {
        Outcome::Refused
    })
}

/// Where talosctl looks (`GetDefaultPaths` in its machinery), as far as a person has something there.
fn default_path() -> Option<PathBuf> {
    let set = |name: &str| {
        env::var_os(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    let in_home = || set("HOME").map(|home| home.join(".talos"));
    let folder = || {
        set("TALOS_HOME")
            .filter(|path| path.is_absolute())
            .or_else(in_home)
    };
    let named = set("TALOSCONFIG").filter(|path| path.exists());
    named.or_else(|| folder().map(|folder| folder.join("config")))
}
