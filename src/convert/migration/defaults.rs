//! What Talos does otherwise where the cluster said nothing.

use super::conversion::Conversion;
use crate::settings::{Component, ComponentProcess};

/// Something that is different after the move, though nobody set it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// What is different.
    pub what: &'static str,
    /// How it is in the cluster.
    pub before: &'static str,
    /// How it is on Talos.
    pub after: &'static str,
}

/// A difference that is there unless one of these flags of a component is set.
struct Row {
    component: Component,
    flags: &'static [&'static str],
    difference: Difference,
}

const ROWS: [Row; 6] = [
    Row {
        component: Component::ApiServer,
        flags: &["anonymous-auth"],
        difference: Difference {
            what: "requests without a name",
            before: "allowed, so that `kubeadm join` can read cluster-info",
            after: "refused, from Talos 1.14 on but for /livez, /readyz and /healthz: join no more \
                    kubeadm nodes through a Talos control plane",
        },
    },
    Row {
        component: Component::ApiServer,
        flags: &["audit-policy-file"],
        difference: Difference {
            what: "audit log of the API server",
            before: "none",
            after: "who asked what, without contents, at /var/log/audit/kube",
        },
    },
    Row {
        component: Component::ApiServer,
        flags: &["authorization-mode", "authorization-config"],
        difference: Difference {
            what: "who may do what",
            before: "everybody everything",
            after: "what roles allow (Node, RBAC): workloads and users without one are locked out",
        },
    },
    Row {
        component: Component::ApiServer,
        flags: &["profiling"],
        difference: Difference {
            what: "profiling of the control plane",
            before: "on",
            after: "off",
        },
    },
    Row {
        component: Component::ControllerManager,
        flags: &["terminated-pod-gc-threshold"],
        difference: Difference {
            what: "ended pods that are kept",
            before: "12500",
            after: "100",
        },
    },
    Row {
        component: Component::ApiServer,
        flags: &["tls-min-version"],
        difference: Difference {
            what: "oldest TLS of the API server",
            before: "1.2",
            after: "1.3 from Talos 1.14 on, 1.2 before",
        },
    },
];

pub(super) fn conclude(conversion: &mut Conversion<'_>) {
    for row in ROWS {
        let process = conversion.settings.component(row.component);
        let is_unset = |process: &ComponentProcess| {
            let mut flags = row.flags.iter();
            flags.all(|flag| process.flag(flag).is_none())
        };
        if process.is_some_and(is_unset) {
            conversion.differences.push(row.difference);
        }
    }
}
