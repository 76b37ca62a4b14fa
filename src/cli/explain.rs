//! `talos-pki explain`.

use super::arguments::{ExplainArguments, SchemaChoice};
use super::printer::Printer;
use super::{CommandError, Outcome};
use crate::{check, report};

pub(super) fn run(
    arguments: &ExplainArguments,
    printer: &mut Printer,
) -> Result<Outcome, CommandError> {
    let text = if arguments.markdown {
        report::rules_markdown()
    } else if let Some(command) = arguments.schema {
        let schema = match command {
            SchemaChoice::Scan => report::schema(),
            SchemaChoice::Validate => report::file_schema(),
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
