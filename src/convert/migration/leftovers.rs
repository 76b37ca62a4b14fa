//! What was read and has no part in the rest: it is told, so that nobody takes it for forgotten.

use super::conversion::Conversion;
use super::item::Outcome;

pub(super) fn convert(conversion: &mut Conversion<'_>) {
    second_manifests(conversion);
    second_configurations(conversion);
    let cluster = conversion.cluster;
    let settings = conversion.settings;
    let outcome = || Outcome::kept("it plays no part in the cluster");
    for certificate in &cluster.other_certificates {
        let what = certificate.value.subject.to_string();
        conversion.note(certificate.origin.to_string(), what, outcome());
    }
    for file in &cluster.key_files {
        if !conversion.has_noted(&file.path) {
            let outcome =
                Outcome::kept("it is neither a CA's nor signs tokens: Talos makes its own");
            conversion.note(&file.path, "the private key", outcome);
        }
    }
    for (path, reason) in &settings.unread {
        let outcome = Outcome::needs_person(format!(
            "see whether it sets something; it was not read: {reason}"
        ));
        conversion.note(path, format!("the file {path}"), outcome);
    }
}

/// The first manifest of a component counts.
fn second_manifests(conversion: &mut Conversion<'_>) {
    let settings = conversion.settings;
    for pod in &settings.static_pods {
        let Some(component) = pod.component else {
            continue;
        };
        let first = settings.component(component);
        if let Some(first) = first.filter(|first| first.path != pod.path) {
            let outcome = Outcome::needs_person(format!(
                "`{}` was converted: see that this one says nothing else",
                first.path
            ));
            let what = format!("the other manifest of {component}");
            conversion.note(&pod.path, what, outcome);
        }
    }
}

/// The first configuration of a kind counts: that of the running cluster, if it was given.
fn second_configurations(conversion: &mut Conversion<'_>) {
    let settings = conversion.settings;
    for configuration in &settings.configurations {
        let first = settings.configuration(configuration.kind);
        let is_first = first.is_some_and(|first| std::ptr::eq(first, configuration));
        if let Some(first) = first.filter(|_| !is_first) {
            let outcome = Outcome::kept(format!("that of `{}` counts", first.origin));
            let what = format!("the other {}", configuration.kind.name());
            conversion.note(&configuration.origin, what, outcome);
        }
    }
}
