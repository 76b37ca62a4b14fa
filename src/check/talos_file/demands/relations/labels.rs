//! Labels, annotations and taints of a node, as Kubernetes takes them.

use crate::check::talos_file::demands::refusals::Refusals;
use crate::check::talos_file::demands::value::is_object_name;
use crate::talos::file::Node;

/// Annotations that Talos keeps for itself.
const RESERVED: [&str; 3] = [
    "talos.dev/owned-annotations",
    "talos.dev/owned-labels",
    "talos.dev/owned-taints",
];

/// Bytes of all annotations together.
const MOST_ANNOTATIONS: usize = 256 * 1024;

const EFFECTS: [&str; 3] = ["NoSchedule", "PreferNoSchedule", "NoExecute"];

const NO_NAME: &str = "is no name that Kubernetes takes: at most 63 characters of a-z, A-Z, 0-9, `-`, `_` \
                       and `.`, with a letter or digit at both ends, and before it perhaps DOMAIN/";
const NO_VALUE: &str = "is no value that Kubernetes takes: at most 63 characters of a-z, A-Z, 0-9, `-`, `_` \
                        and `.`, with a letter or digit at both ends";

/// Labels.
pub(super) fn labels(section: &Node<'_>, refusals: &mut Refusals<'_>) {
    for (name, label) in section.fields() {
        if !is_qualified_name(name) {
            refusals.refuse(&label, "", NO_NAME);
        } else if label
            .tree()
            .text()
            .is_some_and(|text| !is_label_value(text))
        {
            refusals.refuse(&label, "", NO_VALUE);
        }
    }
}

/// Annotations.
pub(super) fn annotations(section: &Node<'_>, refusals: &mut Refusals<'_>) {
    let mut size = 0;
    for (name, annotation) in section.fields() {
        if !is_qualified_name(name) {
            refusals.refuse(&annotation, "", NO_NAME);
        } else if RESERVED.contains(&name) {
            refusals.refuse(
                &annotation,
                "",
                "is an annotation that Talos keeps for itself",
            );
        }
        size += name.len() + annotation.tree().text().unwrap_or_default().len();
    }
    if size > MOST_ANNOTATIONS {
        refusals.refuse(section, "", "has more than 256 KiB in it");
    }
}

/// Taints: an effect, perhaps with a value before it.
pub(super) fn taints(section: &Node<'_>, refusals: &mut Refusals<'_>) {
    for (name, taint) in section.fields() {
        let Some(text) = taint.tree().text() else {
            continue;
        };
        let (value, effect) = text.split_once(':').unwrap_or(("", text));
        if !is_qualified_name(name) {
            refusals.refuse(&taint, "", NO_NAME);
        } else if !EFFECTS.contains(&effect) || !is_label_value(value) {
            let message = format!(
                "is no effect, and no VALUE:EFFECT with one of {}",
                EFFECTS.join(", ")
            );
            refusals.refuse(&taint, "", &message);
        }
    }
}

/// A name with perhaps a domain before it.
pub(super) fn is_qualified_name(text: &str) -> bool {
    let (domain, name) = text.split_once('/').unwrap_or(("domain", text));
    is_object_name(domain) && !name.is_empty() && is_label_value(name)
}

fn is_label_value(text: &str) -> bool {
    let is_known = |one: char| one.is_ascii_alphanumeric() || "-_.".contains(one);
    let ends = [text.chars().next(), text.chars().last()];
    let are_ends_fit = ends.iter().flatten().all(char::is_ascii_alphanumeric);
    text.len() <= 63 && text.chars().all(is_known) && are_ends_fit
}
