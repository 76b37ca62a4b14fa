//! The rules explained: one for a person at a terminal, all of them for the documentation.

use std::fmt::Write;

use super::wrap::wrap;
use crate::check::{Allow, FAMILIES, Rule};

/// One rule, whole.
#[must_use]
pub fn explain(rule: &Rule) -> String {
    let mut text = format!("{}[{}]\n", rule.severity, rule.name);
    let allow = allow(rule);
    let parts = [
        ("  what     ", rule.summary),
        ("  why      ", rule.why),
        ("  help     ", rule.help),
        ("  --allow  ", allow.as_str()),
    ];
    for (start, part) in parts {
        let _ = writeln!(text, "\n{}", wrap(start, part));
    }
    text
}

fn allow(rule: &Rule) -> String {
    match rule.allow {
        Allow::Yes(consequence) => format!("lets it through: {consequence}"),
        Allow::Never(reason) => format!("does not let it through: {reason}"),
        Allow::NotNeeded => "is not needed: it refuses nothing".to_owned(),
    }
}

/// Every rule in a line.
#[must_use]
pub fn rules_overview() -> String {
    let mut text = String::new();
    for family in FAMILIES {
        let _ = writeln!(text, "{}", family.title);
        for rule in family.rules {
            let start = format!("  {:<8} {:<29} ", rule.severity, rule.name);
            let _ = writeln!(text, "{}", wrap(&start, rule.summary));
        }
        text.push('\n');
    }
    text.push_str("talos-pki explain RULE tells the reason, the consequence and the remedy\n");
    text
}

/// `docs/rules.md`.
#[must_use]
pub fn rules_markdown() -> String {
    let mut text = String::from(
        "# Rules\n\n\
         Every rule that `talos-pki scan`, `talos-pki gen secrets` and `talos-pki validate` check. \
         An *error* refuses the bundle or file, a *warning* does not, a *note* informs. `--allow \
         RULE` lets an error through where that makes sense. This page is made from the table of \
         rules by `talos-pki explain --markdown`.\n",
    );
    for family in FAMILIES {
        let _ = write!(text, "\n## {}\n", family.title);
        for rule in family.rules {
            let _ = write!(
                text,
                "\n### `{}`\n\n*{}*: {}.\n\n{}.\n\nRemedy: {}.\n\n`--allow` {}.\n",
                rule.name,
                rule.severity,
                rule.summary,
                rule.why,
                rule.help,
                allow(rule),
            );
        }
    }
    text
}
