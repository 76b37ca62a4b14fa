//! Rules about the files that Talos reads: what its own validation refuses, and what it lets
//! through to break later.

pub(super) mod authorities;
pub(super) mod fields;
pub(super) mod machine_config;
pub(super) mod syntax;
pub(super) mod talosconfig;
pub(super) mod values;

use super::rule::{Allow, Rule, Severity};
use crate::talos::file::TalosFile;

/// Whether the section that `path` stands in is there and is none, which has been told then.
fn stands_in_no_section(file: &TalosFile, path: &str) -> bool {
    let section = path
        .rsplit_once('.')
        .and_then(|(section, _)| file.documents.at(section));
    section.is_some_and(|section| !section.tree().is_mapping())
}

/// Whether a machine finds the others through the discovery service.
fn uses_discovery_service(file: &TalosFile) -> bool {
    let by_document = file.documents.of_kind("DiscoveryServiceConfig").is_some();
    by_document
        || is_true(file, "cluster.discovery.enabled")
            && !is_true(file, "cluster.discovery.registries.service.disabled")
}

fn is_true(file: &TalosFile, path: &str) -> bool {
    matches!(file.documents.text(path), Some("true" | "yes" | "on"))
}

/// A rule that Talos has, too: what it refuses cannot be let through.
const fn refused(
    name: &'static str,
    summary: &'static str,
    why: &'static str,
    help: &'static str,
) -> Rule {
    Rule {
        name,
        severity: Severity::Error,
        summary,
        why,
        help,
        allow: Allow::Never("Talos refuses the file"),
    }
}

/// A rule about what Talos lets through.
const fn let_through(
    name: &'static str,
    summary: &'static str,
    why: &'static str,
    help: &'static str,
) -> Rule {
    Rule {
        name,
        severity: Severity::Error,
        summary,
        why,
        help,
        allow: Allow::Yes("the file is taken as it is"),
    }
}

/// A rule that refuses nothing.
const fn told(
    severity: Severity,
    name: &'static str,
    summary: &'static str,
    why: &'static str,
    help: &'static str,
) -> Rule {
    Rule {
        name,
        severity,
        summary,
        why,
        help,
        allow: Allow::NotNeeded,
    }
}
