//! Control planes of one cluster have to agree: one that was copied from elsewhere, or forgotten in
//! a rotation, would bring a wrong key.

use std::collections::BTreeMap;

use crate::cluster::{CaSlot, Cluster, PeculiarityKind};
use crate::settings::{Component, Settings};

/// Flags that each node has for itself.
const OF_NODES: [(Component, &str); 11] = [
    (Component::ApiServer, "advertise-address"),
    (Component::ApiServer, "etcd-servers"),
    (Component::Etcd, "advertise-client-urls"),
    (Component::Etcd, "initial-advertise-peer-urls"),
    (Component::Etcd, "initial-cluster"),
    (Component::Etcd, "initial-cluster-state"),
    (Component::Etcd, "listen-client-urls"),
    (Component::Etcd, "listen-metrics-urls"),
    (Component::Etcd, "listen-peer-urls"),
    (Component::Etcd, "name"),
    (Component::ControllerManager, "node-name"),
];

/// Flags that name a file which has to be the same everywhere.
const OF_SHARED_FILES: [&str; 9] = [
    "admission-control-config-file",
    "audit-policy-file",
    "authentication-config",
    "authorization-config",
    "client-ca-file",
    "encryption-provider-config",
    "oidc-ca-file",
    "requestheader-client-ca-file",
    "service-account-key-file",
];

/// One control plane.
#[derive(Debug)]
pub struct ControlPlane<'a> {
    /// Where it was read.
    pub name: &'a str,
    /// Its trust.
    pub cluster: &'a Cluster,
    /// How it is run.
    pub settings: &'a Settings,
}

/// Something that is not the same everywhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disagreement {
    /// What it is.
    pub what: String,
    /// What each control plane says, in their order. Never a secret: keys are named by their
    /// fingerprints.
    pub values: Vec<(String, String)>,
}

/// What the control planes do not agree about.
#[must_use]
pub fn disagreements(planes: &[ControlPlane<'_>]) -> Vec<Disagreement> {
    let facts: Vec<_> = planes.iter().map(facts).collect();
    let mut names: Vec<&String> = facts.iter().flat_map(BTreeMap::keys).collect();
    names.sort_unstable();
    names.dedup();
    let missing = "nothing".to_owned();
    let differs = |what: &&String| {
        let mut values = facts.iter().map(|facts| facts.get(*what));
        let first = values.next();
        values.any(|value| Some(value) != first)
    };
    let disagreement = |what: &String| {
        let values = planes.iter().zip(&facts);
        let value = |(plane, facts): (&ControlPlane<'_>, &BTreeMap<String, String>)| {
            let value = facts.get(what).unwrap_or(&missing);
            (plane.name.to_owned(), value.clone())
        };
        Disagreement {
            what: what.clone(),
            values: values.map(value).collect(),
        }
    };
    names
        .into_iter()
        .filter(differs)
        .map(disagreement)
        .collect()
}

/// Everything that has to be the same, by name.
fn facts(plane: &ControlPlane<'_>) -> BTreeMap<String, String> {
    let mut facts = BTreeMap::new();
    // k0s has an aggregator CA on each controller, and Talos takes that of the first.
    let of_one_node = plane.cluster.peculiarity(PeculiarityKind::OfOneNode);
    for slot in CaSlot::OF_KUBERNETES {
        if slot == CaSlot::Aggregator && of_one_node.is_some() {
            continue;
        }
        let authority = plane.cluster.authority(slot);
        let certificate = plane.cluster.certificate(slot);
        let key = authority.and_then(|authority| authority.key.chosen.as_ref());
        let certificate = certificate.map(|found| {
            let validity = found.value.validity.not_after;
            let key = found.value.public_key.fingerprint();
            format!("{}, key {key}, ends {validity}", found.value.subject)
        });
        facts.extend(certificate.map(|text| (format!("{slot}"), text)));
        let key = key.map(|key| key.value.public_key().fingerprint().to_string());
        facts.extend(key.map(|text| (format!("key of the {slot}"), text)));
    }
    let account = plane.cluster.service_account.as_ref();
    let key = account.and_then(|account| account.key.chosen.as_ref());
    let key = key.map(|key| format!("key id {}", key.value.public_key().key_id()));
    facts.extend(key.map(|text| ("service-account key".to_owned(), text)));
    for component in Component::ALL {
        facts.extend(flags(plane.settings, component));
    }
    facts
}

fn flags(settings: &Settings, component: Component) -> BTreeMap<String, String> {
    let mut flags: BTreeMap<String, String> = BTreeMap::new();
    let Some(process) = settings.component(component) else {
        return flags;
    };
    for flag in &process.flags {
        if OF_NODES.contains(&(component, flag.name.as_str())) {
            continue;
        }
        let what = format!("{component} --{}", flag.name);
        let file = OF_SHARED_FILES
            .contains(&flag.name.as_str())
            .then(|| settings.file(process, &flag.value));
        let value = match file {
            Some(Some(file)) => format!("{} ({})", flag.value, file.digest()),
            Some(None) => format!("{} (not read)", flag.value),
            None => flag.value.clone(),
        };
        let values = flags.entry(what).or_default();
        if !values.is_empty() {
            values.push_str(", ");
        }
        values.push_str(&value);
    }
    flags
}
