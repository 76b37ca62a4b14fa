//! `talos-pki explain`.

use super::arguments::{ExplainArguments, ReportKind};
use super::printer::Printer;
use super::{CommandError, Outcome};
use crate::{check, report};

pub(super) fn run(
    arguments: &ExplainArguments,
    printer: &mut Printer,
) -> Result<Outcome, CommandError> {
    let text = if arguments.markdown {
        report::rules_markdown()
    } else if let Some(kind) = arguments.schema {
        let schema = match kind {
            ReportKind::ConfigInfo => report::talosconfig_schema(),
            ReportKind::Fleet => report::fleet_schema(),
            ReportKind::Convert => report::migration::schema(),
            ReportKind::Scan => report::schema(),
            ReportKind::Validate => report::file_schema(),
        };
        format!("{schema:#}\n")
    } else if let Some(name) = &arguments.rule {
        let rule = check::rule(name).ok_or_else(|| CommandError::UnknownRule(name.clone()))?;
        report::explain(rule)
    } else {
        report::rules_overview()
    };
    printer.report(&text)?;
    Ok(Outcome::Done)
}
