//! What a machine cannot do without, and Talos's validation does not ask for.

use super::{is_filled, is_there};
use crate::check::finding::Finding;
use crate::check::rule::{Rule, Severity};
use crate::check::talos_file::{let_through, stands_in_no_section, told};
use crate::talos::file::{Machine, TalosFile};

pub(super) static INCOMPLETE: Rule = let_through(
    "incomplete",
    "Something is missing that Talos does not miss, until the machine starts",
    "Talos's validation passes the file. A control plane without one of the CAs or the \
     service-account key never starts Kubernetes; without its token a machine cannot join",
    "take it from the secrets bundle, or make the configuration anew: talosctl gen config \
     --with-secrets",
);

pub(super) static WITHOUT_KUBERNETES: Rule = told(
    Severity::Note,
    "without-kubernetes",
    "The configuration has nothing of Kubernetes in it",
    "Talos runs without Kubernetes then, which is possible and seldom meant",
    "nothing has to be done if it is meant",
);

/// Something that a machine needs: what, where it stands, and where its key stands if it is a CA.
struct Need {
    what: &'static str,
    places: &'static [&'static str],
    key: &'static [&'static str],
}

const fn need(what: &'static str, places: &'static [&'static str]) -> Need {
    Need {
        what,
        places,
        key: &[],
    }
}

const CONTROL_PLANE_NEEDS: [Need; 8] = [
    // That its key is there Talos demands itself.
    need("certificate of the Talos OS CA", &["machine.ca.crt"]),
    Need {
        what: "Kubernetes CA",
        places: &["cluster.ca.crt", "KubeAPIServerCAConfig.issuingCA"],
        key: &["cluster.ca.key", "KubeAPIServerCAConfig.issuingCA"],
    },
    Need {
        what: "aggregator CA",
        places: &["cluster.aggregatorCA.crt", "KubeAggregatorCAConfig"],
        key: &["cluster.aggregatorCA.key", "KubeAggregatorCAConfig"],
    },
    need(
        "service-account key",
        &["cluster.serviceAccount.key", "KubeServiceAccountConfig"],
    ),
    Need {
        what: "etcd CA",
        places: &["cluster.etcd.ca.crt"],
        key: &["cluster.etcd.ca.key"],
    },
    need("bootstrap token", &["cluster.token"]),
    need("trustd token", &["machine.token"]),
    need(
        "cluster's endpoint",
        &["cluster.controlPlane.endpoint", "KubeClusterConfig"],
    ),
];

const WORKER_NEEDS: [Need; 3] = [
    need(
        "Kubernetes CA",
        &[
            "cluster.ca.crt",
            "cluster.acceptedCAs",
            "KubeAPIServerCAConfig.issuingCA",
            "KubeAPIServerCAConfig.acceptedCAs",
        ],
    ),
    need("bootstrap token", &["cluster.token"]),
    need("trustd token", &["machine.token"]),
];

/// What a machine has that runs Kubernetes.
const KUBERNETES: [&str; 11] = [
    "cluster.token",
    "cluster.controlPlane",
    "cluster.ca",
    "cluster.acceptedCAs",
    "cluster.aggregatorCA",
    "cluster.serviceAccount",
    "cluster.etcd",
    "KubeAPIServerCAConfig",
    "KubeAggregatorCAConfig",
    "KubeServiceAccountConfig",
    "KubeClusterConfig",
];

/// What `machine` needs and `file` does not have.
pub(super) fn missing(file: &TalosFile, machine: Machine) -> Vec<Finding> {
    let needs: &[Need] = match machine {
        Machine::ControlPlane => &CONTROL_PLANE_NEEDS,
        Machine::Worker => &WORKER_NEEDS,
        Machine::Unknown | Machine::Unsaid => return Vec::new(),
    };
    if !KUBERNETES.iter().any(|path| is_there(file, path)) {
        let origin = file.documents.origin("cluster");
        let message = "the configuration has nothing of Kubernetes in it";
        return vec![WITHOUT_KUBERNETES.finding(message).at(origin)];
    }
    let lacks = |places: &[&str]| {
        places
            .first()
            .is_some_and(|first| !is_told(file, machine, first))
            && !places.iter().any(|place| is_filled(file, place))
    };
    let missing = needs.iter().filter_map(|Need { what, places, key }| {
        let (message, places) = match (lacks(places), lacks(key)) {
            (false, false) => return None,
            (false, true) => (format!("the key of the {what} is missing"), key),
            (true, false) if !key.is_empty() => {
                (format!("the certificate of the {what} is missing"), places)
            }
            (true, _) => (format!("the {what} is missing"), places),
        };
        let place = file.documents.origin(places.first()?);
        let place = match places {
            [_, others @ ..] if !others.is_empty() => {
                format!("{place} (or {})", others.join(", or "))
            }
            _ => place.to_string(),
        };
        Some(INCOMPLETE.finding(message).at(place))
    });
    missing.collect()
}

/// Whether another rule has said that this is missing.
fn is_told(file: &TalosFile, machine: Machine, place: &str) -> bool {
    if stands_in_no_section(file, place) {
        return true;
    }
    match place {
        "machine.ca.crt" => !is_there(file, "machine.ca"),
        "cluster.controlPlane.endpoint" => {
            is_there(file, "cluster.controlPlane")
                || ["cluster.ca", "cluster.acceptedCAs", "KubeAPIServerCAConfig"]
                    .into_iter()
                    .any(|path| is_there(file, path))
        }
        "cluster.etcd.ca.crt" | "cluster.etcd.ca.key" => {
            machine == Machine::ControlPlane
                && is_there(file, "cluster.etcd")
                && !is_there(file, "cluster.etcd.ca")
        }
        _ => false,
    }
}
