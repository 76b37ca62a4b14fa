//! Flags of kube-controller-manager.

use super::conversion::{Conversion, add_argument};
use super::flags::{Handling, Row};
use super::item::Outcome;
use super::{authorities, networks};
use crate::settings::{ComponentProcess, Flag};

const TRUST: Handling = Handling::Kept("Talos writes the file from the secrets bundle");
const KUBECONFIG: Handling =
    Handling::Kept("Talos issues the controller manager its own kubeconfig");

/// Controllers that Talos runs, beside those that are on by default.
const ALL_BY_DEFAULT: &str = "*";

pub(super) static FLAGS: [Row; 19] = [
    ("allocate-node-cidrs", Handling::Default("true")),
    ("authentication-kubeconfig", KUBECONFIG),
    ("authorization-kubeconfig", KUBECONFIG),
    ("bind-address", Handling::Default("127.0.0.1")),
    (
        "client-ca-file",
        Handling::Kept("Talos's controller manager asks the API server about its clients"),
    ),
    ("cluster-cidr", Handling::By(networks::pods)),
    ("cluster-name", Handling::Default("kubernetes")),
    ("cluster-signing-cert-file", TRUST),
    ("cluster-signing-key-file", TRUST),
    ("controllers", Handling::By(controllers)),
    ("kubeconfig", KUBECONFIG),
    ("leader-elect", Handling::Default("true")),
    ("profiling", Handling::Default("false")),
    (
        "requestheader-client-ca-file",
        Handling::Kept("Talos's controller manager asks the API server about its clients"),
    ),
    ("root-ca-file", Handling::By(authorities::of_pods)),
    ("service-account-private-key-file", TRUST),
    ("service-cluster-ip-range", Handling::By(networks::services)),
    ("tls-min-version", Handling::Default("VersionTLS13")),
    ("use-service-account-credentials", Handling::Default("true")),
];

/// Talos adds the controllers of a flag to its own, so that `*` is not said twice.
fn controllers(conversion: &mut Conversion<'_>, _: &ComponentProcess, flag: &Flag) -> Outcome {
    let all = flag.value.split(',');
    let more: Vec<&str> = all.filter(|name| *name != ALL_BY_DEFAULT).collect();
    if more.is_empty() {
        return Outcome::kept("Talos sets the same");
    }
    let arguments = &mut conversion.kubernetes.controller_manager.arguments;
    add_argument(arguments, "controllers", &more.join(","));
    Outcome::converted(conversion.place(
        "cluster.controllerManager.extraArgs",
        "KubeControllerManagerConfig.extraArgs",
    ))
}
