//! Rules about the files that Talos reads: what its own validation refuses, and what it lets
//! through to break later.

pub(super) mod authorities;
pub(super) mod demands;
pub(super) mod fields;
pub(super) mod machine_config;
pub(super) mod syntax;
pub(super) mod talosconfig;
pub(super) mod together;
pub(super) mod values;

use super::rule::{Allow, Rule, Severity};
use crate::talos::file::{MAIN_SECTIONS, Node, TalosFile};
use crate::talos::yaml_tree::Tree;

/// What to do about a file that lacks `machine`.
const OF_A_PATCH: &str =
    "a patch is judged by what it makes: talosctl machineconfig patch FILE --patch @PATCH";

/// Whether the section that `path` stands in is there and is none, which has been told then.
fn stands_in_no_section(file: &TalosFile, path: &str) -> bool {
    let section = path
        .rsplit_once('.')
        .and_then(|(section, _)| file.documents.at(section));
    section.is_some_and(|section| !section.tree().is_mapping())
}

/// Whether Talos takes a document for the main one, which has no `kind`: it has one of its sections, or
/// at least their names.
fn is_main(root: &Node<'_>) -> bool {
    let mut sections = MAIN_SECTIONS.into_iter();
    root.kind().is_none() && sections.any(|name| root.has(name))
}

/// Everything at a path of names with dots between them. One that begins with a capital is in the
/// documents of that kind, and any other in the main one, which `.` is itself; `[]` behind a name means
/// each item of a list, and `*` any name.
fn everything_at<'a>(file: &'a TalosFile, path: &str) -> Vec<Node<'a>> {
    let (root, path) = if path.starts_with(char::is_uppercase) {
        let (kind, path) = path.split_once('.').unwrap_or((path, ""));
        (Some(kind), path)
    } else {
        (None, path)
    };
    let roots = file.documents.roots().filter(|node| node.kind() == root);
    let names = path.split('.').filter(|name| !name.is_empty());
    names.fold(roots.collect(), |nodes, name| {
        nodes.iter().flat_map(|node| below(node, name)).collect()
    })
}

/// What `name` means in `node`.
fn below<'a>(node: &Node<'a>, name: &str) -> Vec<Node<'a>> {
    if let Some(list) = name.strip_suffix("[]") {
        let lists = below(node, list).into_iter();
        let items = lists.flat_map(|list| list.items());
        return items
            .filter(|item| !matches!(item.tree(), Tree::Null))
            .collect();
    }
    match name {
        "*" => node.fields().map(|(_, field)| field).collect(),
        name => node.field(name).into_iter().collect(),
    }
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
