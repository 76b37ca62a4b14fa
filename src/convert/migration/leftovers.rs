//! What was read and has no part in the rest: it is told, so that nobody takes it for forgotten.

use std::collections::BTreeSet;

use super::conversion::Conversion;
use super::item::Outcome;
use super::signing;
use crate::settings::{ComponentProcess, Configuration, Flag, Settings};

/// How many fields are named in which two configurations differ.
const MAX_FIELDS: usize = 6;

pub(super) fn convert(conversion: &mut Conversion<'_>) {
    second_processes(conversion);
    second_configurations(conversion);
    let cluster = conversion.cluster;
    let settings = conversion.settings;
    for certificate in &cluster.other_certificates {
        let what = certificate.value.subject.to_string();
        let path = cluster.path_on_node(&certificate.origin.file);
        let outcome = named_by_flag(settings, path)
            .unwrap_or_else(|| Outcome::kept("it plays no part in the cluster"));
        conversion.note(certificate.origin.to_string(), what, outcome);
    }
    for file in &cluster.key_files {
        if !conversion.has_noted(&file.path) {
            let outcome = named_by_flag(settings, cluster.path_on_node(&file.path));
            let outcome = outcome.unwrap_or_else(|| {
                Outcome::kept("it is neither a CA's nor signs tokens: Talos makes its own")
            });
            conversion.note(&file.path, "the private key", outcome);
        }
    }
    for (path, reason) in &settings.unread {
        conversion.note(path, format!("the file {path}"), unread(reason));
    }
}

/// What is said of a file that a flag of signers names.
fn named_by_flag(settings: &Settings, path: &str) -> Option<Outcome> {
    let processes = settings.processes.iter();
    let mut flags =
        processes.flat_map(|process| process.flags.iter().map(move |flag| (process, flag)));
    let (_, flag) = flags.find(|(process, flag)| {
        let file = settings.file(process, &flag.value);
        signing::is_of_signer(&flag.name) && file.is_some_and(|file| file.path == path)
    })?;
    Some(Outcome::kept(format!(
        "`--{}` names it, and says what becomes of it",
        flag.name
    )))
}

/// A file that was not read for this reason, and on which nothing depends for all that is known.
pub(super) fn unread(reason: &str) -> Outcome {
    Outcome::needs_person(format!(
        "see whether it sets something; it was not read: {reason}"
    ))
}

/// The first process of a component counts. Another that says the same is no news, nor a copy that says
/// less.
fn second_processes(conversion: &mut Conversion<'_>) {
    let settings = conversion.settings;
    for process in &settings.processes {
        let first = process.component.and_then(|one| settings.component(one));
        let Some(first) = first.filter(|first| !std::ptr::eq(*first, process)) else {
            continue;
        };
        let mut others = beyond(process, first);
        if process.stands_like(first) {
            others.extend(beyond(first, process));
        }
        let names: BTreeSet<_> = others
            .iter()
            .map(|flag| format!("--{}", flag.name))
            .collect();
        let noun = process.source.noun();
        let what = format!("the other {noun} of {}", process.name);
        let outcome = if process.runs_beside(first) {
            Outcome::needs_person(
                "it is an etcd beside the cluster's own, as one for events: Talos runs one alone, and \
                 what is in this one is not taken along",
            )
        } else if others.is_empty() {
            Outcome::kept(format!("`{}` says the same, and counts", first.origin))
        } else {
            Outcome::needs_person(format!(
                "`{}` was converted, and does not say the same about {}: see which is right",
                first.origin,
                names.into_iter().collect::<Vec<_>>().join(", ")
            ))
        };
        conversion.note(&process.origin, what, outcome);
    }
}

/// What somebody told `process`, and not `other`.
fn beyond<'a>(process: &'a ComponentProcess, other: &ComponentProcess) -> Vec<&'a Flag> {
    let says = |flag: &&Flag| other.values(&flag.name).any(|value| value == flag.value);
    let chosen = process.flags.iter().filter(|flag| process.is_chosen(flag));
    chosen.filter(|flag| !says(flag)).collect()
}

/// The first configuration of a kind counts: that of the running cluster, if it was given.
fn second_configurations(conversion: &mut Conversion<'_>) {
    let settings = conversion.settings;
    for configuration in &settings.configurations {
        let first = settings.configuration(configuration.kind);
        let is_first = first.is_some_and(|first| std::ptr::eq(first, configuration));
        if let Some(first) = first.filter(|_| !is_first) {
            let outcome = second_configuration(first, configuration);
            let what = format!("the other {}", configuration.kind.name());
            conversion.note(&configuration.origin, what, outcome);
        }
    }
}

/// What becomes of a configuration beside the `first` of its kind. One that was replaced, or stands
/// behind what the running cluster says, is no news, whatever it says.
fn second_configuration(first: &Configuration, other: &Configuration) -> Outcome {
    let fields = first.differs_in(other);
    if other.is_replaced() || first.is_running() || fields.is_empty() {
        return Outcome::kept(format!("that of `{}` counts", first.origin));
    }
    let more = fields.len().saturating_sub(MAX_FIELDS);
    let named = fields[..fields.len() - more].join(", ");
    let names = match more {
        0 => named,
        more => format!("{named} and {more} more"),
    };
    if first.is_equal_of(other) {
        return Outcome::refused(
            format!(
                "it does not say the same as `{}` about {names}, and any of them may be in use",
                first.origin
            ),
            "take away the one that is not in use, or give what the cluster says by --cluster-info",
        );
    }
    Outcome::needs_person(format!(
        "`{}` was converted, and does not say the same about {names}: see which is right",
        first.origin
    ))
}
