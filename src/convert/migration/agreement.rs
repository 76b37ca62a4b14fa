//! Control planes of one cluster have to be run in the same way: by the same flags, with the same
//! files behind them. That they have the same trust is seen where they are joined into one cluster.

use std::collections::{BTreeMap, BTreeSet};

use crate::cluster::{Cluster, Disagreement};
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

/// Flags that name a file which has to be the same everywhere. Keys of encryption at rest are
/// compared with the trust.
const OF_SHARED_FILES: [&str; 8] = [
    "admission-control-config-file",
    "audit-policy-file",
    "authentication-config",
    "authorization-config",
    "client-ca-file",
    "oidc-ca-file",
    "requestheader-client-ca-file",
    "service-account-key-file",
];

/// One control plane.
#[derive(Debug)]
pub struct ControlPlane<'a> {
    /// Where it was read.
    pub name: &'a str,
    /// Its trust, as it was read there.
    pub cluster: &'a Cluster,
    /// How it is run.
    pub settings: &'a Settings,
}

/// What the control planes do not agree about. One without a component says nothing of it: a host of
/// etcd alone has no API server.
#[must_use]
pub fn disagreements(planes: &[ControlPlane<'_>]) -> Vec<Disagreement> {
    let of_component = |component| {
        let runs = |plane: &&ControlPlane<'_>| plane.settings.component(component).is_some();
        let planes: Vec<_> = planes.iter().filter(runs).collect();
        differences(&planes, component)
    };
    Component::ALL.into_iter().flat_map(of_component).collect()
}

fn differences(planes: &[&ControlPlane<'_>], component: Component) -> Vec<Disagreement> {
    let facts: Vec<_> = planes.iter().map(|plane| flags(plane, component)).collect();
    let names: BTreeSet<&String> = facts.iter().flat_map(BTreeMap::keys).collect();
    let value = |facts: &BTreeMap<String, String>, name: &String| {
        let missing = || "nothing".to_owned();
        facts.get(name).cloned().unwrap_or_else(missing)
    };
    let disagreements = names.into_iter().filter_map(|name| {
        let values = planes.iter().zip(&facts);
        let values = values.map(|(plane, facts)| (plane.name.to_owned(), value(facts, name)));
        let values: Vec<(String, String)> = values.collect();
        let differs = values.windows(2).any(|pair| pair[0].1 != pair[1].1);
        differs.then(|| Disagreement {
            what: name.clone(),
            values,
        })
    });
    disagreements.collect()
}

fn flags(plane: &ControlPlane<'_>, component: Component) -> BTreeMap<String, String> {
    let mut flags: BTreeMap<String, String> = BTreeMap::new();
    let settings = plane.settings;
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
            Some(Some(file)) if is_of_slot(plane.cluster, &file.path) => flag.value.clone(),
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

/// Whether a slot is filled from the file: then its content is compared with the trust.
fn is_of_slot(cluster: &Cluster, path: &str) -> bool {
    let is_it = |file: &Option<String>| file.as_deref() == Some(path);
    let account = cluster.service_account.as_ref();
    let mut authorities = cluster.authorities.iter();
    authorities.any(|authority| is_it(&authority.certificate.file))
        || account
            .is_some_and(|account| is_it(&account.public_key.file) || is_it(&account.key.file))
}
