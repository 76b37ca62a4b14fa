//! What Talos's own validation demands of single fields, and of several that belong together.

mod cel;
mod forms;
pub(super) mod go;
mod refusals;
mod relations;
mod row;
mod table;
mod value;
mod words;

use std::collections::HashSet;

use self::refusals::Refusals;
use self::table::{DEMANDS, EXCLUSIVE, NOT_WHERE_OFF};
use super::{everything_at, refused};
use crate::check::Context;
use crate::check::finding::Finding;
use crate::check::rule::{Family, Judge, Rule};
use crate::talos::file::document_kind::is_for_control_planes;
use crate::talos::file::{FileKind, Machine, Node, TalosFile};

pub(in crate::check) static FAMILY: Family = Family {
    title: "Talos files: values",
    rules: &[&REFUSED_VALUE, &EXCLUSIVE_FIELDS],
    judge: Judge::File(check),
};

static REFUSED_VALUE: Rule = refused(
    "refused-value",
    "A field has a value that Talos refuses",
    "Talos refuses the file",
    "write the field as the message says",
);

static EXCLUSIVE_FIELDS: Rule = refused(
    "exclusive-fields",
    "Two fields do not go together, or one does not go without another",
    "Talos refuses the file",
    "keep the one that is meant",
);

fn check(file: &TalosFile, context: &Context, findings: &mut Vec<Finding>) {
    let FileKind::MachineConfig(machine, _) = file.kind else {
        return;
    };
    let mut told = Vec::new();
    let mut refusals = Refusals {
        machine,
        contract: context.contract,
        told: &mut told,
        places: HashSet::new(),
    };
    if !context.contract.is_newer_than_known() {
        forms::check(file, &mut refusals);
    }
    for (section, rows) in &DEMANDS {
        for node in everything_at(file, section) {
            // There it has to go, whatever is in it.
            if machine == Machine::Worker && node.kind().is_some_and(is_for_control_planes) {
                continue;
            }
            if NOT_WHERE_OFF.contains(section) && is_off(&node, "enabled") {
                continue;
            }
            for row in *rows {
                row.judge(&node, &mut refusals);
            }
        }
    }
    for (section, one, other) in EXCLUSIVE {
        for node in everything_at(file, section) {
            if is_filled(&node, one) && is_filled(&node, other) {
                refusals.clash(&node, one, other);
            }
        }
    }
    relations::check(file, &mut refusals);
    findings.append(&mut told);
}

fn text_of<'a>(node: &Node<'a>, field: &str) -> Option<&'a str> {
    node.at(field)?.text()
}

/// Whether something stands there that is neither an empty text nor empty.
fn is_filled(node: &Node<'_>, field: &str) -> bool {
    node.at(field).is_some_and(|node| {
        node.text().is_some() || !node.items().is_empty() || node.tree().is_mapping()
    })
}

fn is_on(node: &Node<'_>, field: &str) -> bool {
    let text = text_of(node, field).map(str::to_ascii_lowercase);
    matches!(text.as_deref(), Some("true" | "yes" | "on" | "y"))
}

fn is_off(node: &Node<'_>, field: &str) -> bool {
    let text = text_of(node, field).map(str::to_ascii_lowercase);
    matches!(text.as_deref(), Some("false" | "no" | "off" | "n"))
}
