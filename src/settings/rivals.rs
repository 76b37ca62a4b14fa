//! Several processes of one component of which any may be the one that runs.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::standing::Standing;
use super::{Component, ComponentProcess, Entry, ProcessSource, Settings, static_pod};

/// Flags with another value of which tokens or certificates are refused, or Secrets unreadable.
const OF_TRUST: [&str; 24] = [
    "api-audiences",
    "authentication-config",
    "client-ca-file",
    "cluster-signing-cert-file",
    "cluster-signing-key-file",
    "cluster-signing-kube-apiserver-client-cert-file",
    "cluster-signing-kube-apiserver-client-key-file",
    "cluster-signing-kubelet-client-cert-file",
    "cluster-signing-kubelet-client-key-file",
    "cluster-signing-kubelet-serving-cert-file",
    "cluster-signing-kubelet-serving-key-file",
    "cluster-signing-legacy-unknown-cert-file",
    "cluster-signing-legacy-unknown-key-file",
    "encryption-provider-config",
    "etcd-cafile",
    "oidc-ca-file",
    "peer-trusted-ca-file",
    "requestheader-client-ca-file",
    "root-ca-file",
    "service-account-issuer",
    "service-account-key-file",
    "service-account-private-key-file",
    "service-account-signing-key-file",
    "trusted-ca-file",
];

/// Where distributions are told what keeps their objects.
const OF_DATASTORES: [&str; 2] = ["spec.storage", "services.etcd"];

/// Processes or configurations that do not say the same about trust.
#[derive(Debug)]
pub(crate) struct Rivals {
    /// What they are, such as `manifest of kube-apiserver`.
    pub(crate) what: String,
    /// Each with its path and what it says otherwise.
    pub(crate) candidates: Vec<String>,
}

/// Puts the processes that run before copies of them, a component before what is run by the same
/// program for something else, as an etcd for events, and a manifest with its usual name before others.
pub(super) fn sort(settings: &mut Settings) {
    settings.processes.sort_by_key(|process| {
        let (origin, name) = (&process.origin, &process.name);
        let program = process.component.map(Component::name);
        let is_other = program.is_some_and(|program| *name != program);
        let is_renamed = process.source == ProcessSource::StaticPod
            && !static_pod::has_usual_name(origin, program.unwrap_or(name));
        let standing = Standing::of_process(process);
        (
            Reverse(standing),
            is_other,
            standing.depth(origin),
            is_renamed,
        )
    });
}

impl Settings {
    /// Every component of which it is not clear what runs.
    pub(crate) fn rivals(&self) -> Vec<Rivals> {
        let components = Component::ALL.into_iter();
        let components = components.filter_map(|one| self.rivals_of(one));
        components.chain(self.rival_configurations()).collect()
    }

    /// Configurations of a distribution of which it is not clear which one it is run with, unless what runs
    /// is told.
    fn rival_configurations(&self) -> Option<Rivals> {
        let process = self.component(Component::ApiServer);
        if process.is_some_and(|process| process.source != ProcessSource::Distribution) {
            return None;
        }
        let told = self.distribution.as_ref()?;
        let mut all = vec![(&told.entries.first()?.origin, trust_in(&told.entries))];
        all.extend(
            told.rivals
                .iter()
                .map(|(path, entries)| (path, trust_in(entries))),
        );
        let first = all[0].1.clone();
        let names: BTreeSet<&str> = all
            .iter()
            .flat_map(|(_, says)| says.keys().copied())
            .collect();
        let names = names.into_iter();
        let differing = names.filter(|name| {
            all.iter()
                .any(|(_, says)| says.get(name) != first.get(name))
        });
        let names = differing.collect::<Vec<_>>().join(", ");
        (!names.is_empty()).then(|| Rivals {
            what: format!("configuration of {}", told.name),
            candidates: all
                .iter()
                .map(|(path, _)| format!("{path}: they differ about {names}"))
                .collect(),
        })
    }

    fn rivals_of(&self, component: Component) -> Option<Rivals> {
        let first = self.component(component)?;
        let standing = Standing::of_process(first);
        let is_rival = |process: &&ComponentProcess| {
            process.component == Some(component)
                && process.source != ProcessSource::Distribution
                && Standing::of_process(process) == standing
                && !process.runs_beside(first)
        };
        let rivals: Vec<_> = self.processes.iter().filter(is_rival).collect();
        let differs = |name: &&str| {
            let mut pairs = rivals.windows(2);
            pairs.any(|two| says(two[0], name) != says(two[1], name))
        };
        let names: Vec<&str> = OF_TRUST.into_iter().filter(differs).collect();
        if names.is_empty() {
            return None;
        }
        let nouns: BTreeSet<&str> = rivals.iter().map(|rival| rival.source.noun()).collect();
        let nouns: Vec<&str> = nouns.into_iter().collect();
        let candidate = |rival: &&ComponentProcess| {
            let says: Vec<String> = names.iter().map(|name| says(rival, name)).collect();
            format!("{}: {}", rival.origin, says.join(", "))
        };
        Some(Rivals {
            what: format!("{} of {component}", nouns.join(" or ")),
            candidates: rivals.iter().map(candidate).collect(),
        })
    }
}

impl ComponentProcess {
    /// Whether nothing about the places of their files tells which of the two runs.
    pub(crate) fn stands_like(&self, other: &Self) -> bool {
        let is_distribution = |one: &Self| one.source == ProcessSource::Distribution;
        !is_distribution(self)
            && !is_distribution(other)
            && Standing::of_process(self) == Standing::of_process(other)
    }

    /// Whether it is an etcd by another name than `first`: a node may run several, as one for events.
    pub(crate) fn runs_beside(&self, first: &Self) -> bool {
        self.component == Some(Component::Etcd)
            && self.source == ProcessSource::StaticPod
            && self.name != first.name
    }
}

/// What a configuration says of where the objects are, and of flags of trust. The values may be secret.
fn trust_in(entries: &[Entry]) -> BTreeMap<&str, &str> {
    let is_of_trust = |name: &str| {
        let mut parts = name.split('.');
        OF_DATASTORES.iter().any(|place| name.starts_with(place))
            || parts.any(|part| OF_TRUST.contains(&part))
    };
    let entries = entries.iter().filter(|entry| is_of_trust(&entry.name));
    let said = entries.map(|entry| (entry.name.as_str(), entry.value.expose().as_str()));
    said.collect()
}

fn says(process: &ComponentProcess, name: &str) -> String {
    let values = process.values(name);
    let values: Vec<String> = values.map(|value| format!("--{name}={value}")).collect();
    if values.is_empty() {
        format!("no --{name}")
    } else {
        values.join(", ")
    }
}
