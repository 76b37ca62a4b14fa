//! How a file is written: what Talos's strict reader makes of names, kinds and documents.

pub(super) mod kinds;
mod runtime_spec;
mod schema;
mod spelling;

use std::collections::HashSet;

use self::schema::{BUNDLE_SECTIONS, LISTS, MAIN, SECTIONS, SINCE_1_14, TEXTS};
use super::{everything_at, is_main, refused, told};
use crate::check::Context;
use crate::check::finding::Finding;
use crate::check::rule::{Family, Judge, Rule, Severity};
use crate::talos::file::document_kind::{Standing, all_kinds, standing};
use crate::talos::file::{FileKind, Node, PemTrouble, TalosFile};
use crate::talos::yaml_tree::Tree;

/// The fields of sections and documents, but for those in [`schema`]: a line for each, as in `kinds.txt`,
/// with all names that Talos's library (v1.14.1) takes there, and the one that 1.13 had in place of another.
const NAMES: &str = include_str!("names.txt");

/// Every document has them.
const OF_EVERY_DOCUMENT: [&str; 2] = ["apiVersion", "kind"];

pub(in crate::check) static FAMILY: Family = Family {
    title: "Talos files: how they are written",
    rules: &[
        &DUPLICATE_NAME,
        &WRONG_KIND,
        &UNKNOWN_FIELD,
        &UNKNOWN_DOCUMENT,
        &DOCUMENT_TOO_NEW,
        &DUPLICATE_DOCUMENT,
        &CAPITALISED_NAMES,
    ],
    judge: Judge::File(check),
};

static DUPLICATE_NAME: Rule = refused(
    "duplicate-name",
    "A name stands in the same section twice",
    "Talos refuses the file: \"mapping key already defined\". Other programs take the first or \
     the last, and nobody sees which",
    "keep one of the two",
);

static WRONG_KIND: Rule = refused(
    "wrong-kind",
    "A field has a value of another kind than Talos reads there",
    "Talos cannot decode the file",
    "look whether the indentation is right",
);

static UNKNOWN_FIELD: Rule = refused(
    "unknown-field",
    "A section has a field that Talos does not know",
    "Talos reads machine configs strictly: \"unknown keys found during decoding\"",
    "see how the field is spelt; `cluster.ca` has `crt` and `key`, the documents of 1.14 have \
     `cert` and `key`",
);

static UNKNOWN_DOCUMENT: Rule = refused(
    "unknown-document",
    "A document is of no kind that Talos knows",
    "Talos refuses the whole file: \"not registered\", \"missing kind\" or \"missing apiVersion\"",
    "see how the kind is spelt; every document has `apiVersion: v1alpha1` and a `kind`",
);

static DOCUMENT_TOO_NEW: Rule = refused(
    "document-too-new",
    "A document is newer than the Talos version that is to read it",
    "Talos up to 1.13 does not know the documents of 1.14 and refuses the whole file",
    "upgrade Talos first, or have the settings under `cluster`; --talos-version says which version \
     to judge by",
);

static DUPLICATE_DOCUMENT: Rule = refused(
    "duplicate-document",
    "Two documents are of the same kind and name",
    "Talos refuses the whole file: \"duplicate document is not allowed\"",
    "keep one of the two",
);

static CAPITALISED_NAMES: Rule = told(
    Severity::Note,
    "capitalised-names",
    "The bundle has capitalised names, as Terraform, Omni and Cluster API keep it",
    "talosctl reads the lower-case names alone, and would take the bundle for an empty one: \
     \"cluster is required\"",
    "for talosctl, write it as YAML with the names `cluster`, `secrets`, `trustdinfo` and `certs`",
);

fn check(file: &TalosFile, context: &Context, findings: &mut Vec<Finding>) {
    for origin in file.documents.duplicates() {
        let message = format!("`{}` stands there twice", origin.name());
        findings.push(DUPLICATE_NAME.finding(message).at(origin));
    }
    findings.extend(wrong_kinds(file));
    match file.kind {
        FileKind::MachineConfig(..) => {
            if !context.contract.is_newer_than_known() {
                let told: HashSet<_> = findings.iter().flat_map(|it| it.places.clone()).collect();
                let others = kinds::wrong(file).into_iter().map(wrong_kind);
                findings.extend(others.filter(|it| !it.places.iter().any(|at| told.contains(at))));
                findings.extend(unknown_fields(file));
                findings.extend(newer_fields(file, context));
            }
            findings.extend(documents(file, context));
        }
        FileKind::Bundle => findings.extend(capitalised(file)),
        FileKind::Talosconfig => {}
    }
}

fn wrong_kinds(file: &TalosFile) -> Vec<Finding> {
    let mut wrong: Vec<(Node<'_>, &str)> = Vec::new();
    let at = |path: &str| file.documents.at(path);
    let is_text = |node: &Node<'_>| node.tree().text().is_some();
    let texts = TEXTS.iter().filter_map(|path| at(path));
    wrong.extend(
        texts
            .filter(|node| !is_text(node))
            .map(|node| (node, "a text")),
    );
    let lists = LISTS.iter().filter_map(|path| at(path));
    for list in lists {
        if matches!(list.tree(), Tree::Sequence(_)) {
            let empty = list.items().into_iter();
            let empty = empty.filter(|item| matches!(item.tree(), Tree::Null));
            wrong.extend(empty.map(|item| (item, "empty")));
        } else {
            wrong.push((list, "a list"));
        }
    }
    let sections: Vec<_> = match file.kind {
        FileKind::Bundle => BUNDLE_SECTIONS.iter().filter_map(|path| at(path)).collect(),
        FileKind::MachineConfig(..) => SECTIONS
            .iter()
            .flat_map(|(path, _)| nodes_at(file, path))
            .filter(|node| !matches!(node.tree(), Tree::Null))
            .collect(),
        FileKind::Talosconfig => at("contexts").into_iter().collect(),
    };
    wrong.extend(
        sections
            .into_iter()
            .filter(|node| !node.tree().is_mapping())
            .map(|node| (node, "a section with names")),
    );
    let mut findings: Vec<_> = wrong.into_iter().map(wrong_kind).collect();
    let fields = file.pem_fields.iter();
    let not_text = fields.filter(|field| matches!(field.blocks, Err(PemTrouble::NotText)));
    findings.extend(not_text.map(|field| {
        WRONG_KIND
            .finding(format!("`{}` is not a text", field.origin.name()))
            .at(&field.origin)
    }));
    findings
}

fn wrong_kind((node, expected): (Node<'_>, &str)) -> Finding {
    let origin = node.origin();
    let message = match expected {
        "empty" => format!("`{}` is empty", origin.name()),
        _ => format!("`{}` is not {expected}", origin.name()),
    };
    WRONG_KIND.finding(message).at(origin)
}

fn nodes_at<'a>(file: &'a TalosFile, path: &str) -> Vec<Node<'a>> {
    match path.strip_suffix("[]") {
        None => file.documents.at(path).into_iter().collect(),
        Some(list) => file
            .documents
            .at(list)
            .map(|list| list.items())
            .unwrap_or_default(),
    }
}

/// Says in `finding` which of `known` the unknown `word` may have been meant to be.
fn or_meant<'a>(finding: Finding, word: &str, known: impl IntoIterator<Item = &'a str>) -> Finding {
    match spelling::meant(word, known) {
        Some(meant) => finding.help(format!("write `{meant}`, if that is meant")),
        None => finding,
    }
}

fn unknown_fields(file: &TalosFile) -> Vec<Finding> {
    let main = file.documents.main().filter(is_main);
    let main = main.map(|main| (main, &MAIN[..]));
    let sections = SECTIONS.iter().flat_map(|(path, known)| {
        let nodes = nodes_at(file, path).into_iter();
        nodes.map(|node| (node, *known))
    });
    let mut findings = Vec::new();
    for (section, known) in main.into_iter().chain(sections) {
        findings.extend(not_among(&section, known));
    }
    for line in NAMES.lines() {
        let mut names = line.split(' ');
        let sections = names.next().map(|path| everything_at(file, path));
        let sections = sections.unwrap_or_default().into_iter();
        let known: Vec<&str> = names.chain(OF_EVERY_DOCUMENT).collect();
        findings.extend(sections.flat_map(|section| not_among(&section, &known)));
    }
    findings
}

/// Fields that this version of Talos does not know yet.
fn newer_fields(file: &TalosFile, context: &Context) -> Vec<Finding> {
    if context.contract.kubernetes_documents() {
        return Vec::new();
    }
    let sections = SINCE_1_14.iter().flat_map(|(path, names)| {
        let sections = everything_at(file, path).into_iter();
        sections.flat_map(|section| names.iter().filter_map(move |name| section.at(name)))
    });
    let findings = sections.map(|field| {
        let origin = field.origin();
        let message = format!(
            "Talos {} does not know `{}` yet",
            context.contract,
            origin.name()
        );
        UNKNOWN_FIELD.finding(message).at(origin)
    });
    findings.collect()
}

/// The fields of `section` that are not `known`.
fn not_among(section: &Node<'_>, known: &[&str]) -> Vec<Finding> {
    // An alias by `<<` is another way to write fields that are read.
    let unknown = section
        .fields()
        .filter(|(name, _)| !known.contains(name) && *name != "<<");
    let findings = unknown.map(|(name, field)| {
        let origin = field.origin();
        let message = format!("`{}` is no field that Talos knows", origin.name());
        let finding = UNKNOWN_FIELD.finding(message).at(origin);
        let free = known.iter().filter(|known| section.at(known).is_none());
        or_meant(finding, name, free.copied())
    });
    findings.collect()
}

fn documents(file: &TalosFile, context: &Context) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut seen = HashSet::new();
    let mut has_main = false;
    let mut too_new = Vec::new();
    for root in file.documents.roots() {
        let origin = root.origin();
        let text = |name: &str| root.at(name).and_then(|node| node.text());
        let kind = root.kind().unwrap_or_default();
        if !root.tree().is_mapping() {
            let message = "a document is not a section with names";
            findings.push(WRONG_KIND.finding(message).at(origin));
            continue;
        }
        if kind.is_empty() {
            let is_main = is_main(&root);
            if !is_main {
                let message = "a document has no `kind`";
                findings.push(UNKNOWN_DOCUMENT.finding(message).at(origin));
            } else if has_main {
                let message = "there are two documents without a kind";
                findings.push(DUPLICATE_DOCUMENT.finding(message).at(origin));
            }
            has_main |= is_main;
            continue;
        }
        let shown = kind.escape_debug();
        if text("apiVersion") != Some("v1alpha1") {
            let message = format!("`{shown}` is not of `apiVersion: v1alpha1`");
            findings.push(UNKNOWN_DOCUMENT.finding(message).at(&origin));
        }
        match standing(kind, context.contract) {
            Standing::Known => {}
            Standing::TooNew => too_new.push((shown.to_string(), origin.clone())),
            Standing::Unknown => {
                let message = format!("`{shown}` is no kind of document that Talos knows");
                let finding = UNKNOWN_DOCUMENT.finding(message).at(&origin);
                findings.push(or_meant(finding, kind, all_kinds()));
            }
        }
        if !seen.insert((kind, text("name"))) {
            let message = format!("`{shown}` stands there twice");
            findings.push(DUPLICATE_DOCUMENT.finding(message).at(&origin));
        }
    }
    let what = match too_new.as_slice() {
        [] => return findings,
        [(kind, _)] => format!("`{kind}`"),
        many => format!("{} of the documents", many.len()),
    };
    let message = format!("Talos {} does not know {what}", context.contract);
    let places = too_new.into_iter().map(|(_, origin)| origin);
    findings.push(DOCUMENT_TOO_NEW.finding(message).at_each(places));
    findings
}

fn capitalised(file: &TalosFile) -> Option<Finding> {
    let main = file.documents.main()?;
    let (name, node) = main
        .fields()
        .find(|(name, _)| name.starts_with(char::is_uppercase))?;
    let message = format!("the bundle has capitalised names, such as `{name}`");
    Some(CAPITALISED_NAMES.finding(message).at(node.origin()))
}
