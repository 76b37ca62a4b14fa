//! Flags of kube-controller-manager.

use super::conversion::{Conversion, add_argument};
use super::flags::{Handling, Row};
use super::item::Outcome;
use super::{authorities, networks, signing};
use crate::settings::{ComponentProcess, Flag};

const TRUST: Handling = Handling::Kept("Talos writes the file from the secrets bundle");
const KUBECONFIG: Handling =
    Handling::Kept("Talos issues the controller manager its own kubeconfig");

const SIGNER: Handling = Handling::By(signing::of_certificates);
/// What becomes of a signer is told with its certificate.
const SIGNERS: Handling =
    Handling::Kept("Talos signs every kind of certificate by the CA of the bundle");

/// Kubernetes does without, and kops issues one.
pub(super) const SERVING: Handling =
    Handling::Kept("without it, the component makes itself a certificate when it starts");

/// RKE2 lets two controller managers run at once while it updates one.
pub(super) const OF_RKE2: Handling =
    Handling::Kept("it is for updates of the old control plane; Talos's has a port of its own");

/// Controllers that Talos runs, beside those that are on by default.
const ALL_BY_DEFAULT: &str = "*";

pub(super) static FLAGS: [Row; 34] = [
    ("allocate-node-cidrs", Handling::Default("true")),
    ("authentication-kubeconfig", KUBECONFIG),
    ("authorization-kubeconfig", KUBECONFIG),
    ("bind-address", Handling::Default("127.0.0.1")),
    (
        "client-ca-file",
        Handling::Kept("Talos's controller manager asks the API server about its clients"),
    ),
    (
        "cloud-provider",
        Handling::By(super::api_server::cloud_provider),
    ),
    ("cluster-cidr", Handling::By(networks::pods)),
    ("cluster-name", Handling::Default("kubernetes")),
    ("cluster-signing-cert-file", SIGNER),
    ("cluster-signing-key-file", TRUST),
    ("cluster-signing-kube-apiserver-client-cert-file", SIGNER),
    ("cluster-signing-kube-apiserver-client-key-file", SIGNERS),
    ("cluster-signing-kubelet-client-cert-file", SIGNER),
    ("cluster-signing-kubelet-client-key-file", SIGNERS),
    ("cluster-signing-kubelet-serving-cert-file", SIGNER),
    ("cluster-signing-kubelet-serving-key-file", SIGNERS),
    ("cluster-signing-legacy-unknown-cert-file", SIGNER),
    ("cluster-signing-legacy-unknown-key-file", SIGNERS),
    ("controllers", Handling::By(controllers)),
    // Where Kubernetes itself looks.
    (
        "flex-volume-plugin-dir",
        Handling::Default("/usr/libexec/kubernetes/kubelet-plugins/volume/exec/"),
    ),
    ("kubeconfig", KUBECONFIG),
    ("leader-elect", Handling::Default("true")),
    (
        "master",
        Handling::Kept("Talos's kubeconfig says where the API server is"),
    ),
    ("permit-port-sharing", OF_RKE2),
    ("profiling", Handling::Default("false")),
    (
        "requestheader-client-ca-file",
        Handling::Kept("Talos's controller manager asks the API server about its clients"),
    ),
    ("root-ca-file", Handling::By(authorities::of_pods)),
    ("secure-port", Handling::Default("10257")),
    (
        "service-account-private-key-file",
        Handling::By(signing::of_tokens),
    ),
    ("service-cluster-ip-range", Handling::By(networks::services)),
    ("tls-cert-file", SERVING),
    ("tls-min-version", Handling::Default("VersionTLS13")),
    ("tls-private-key-file", SERVING),
    ("use-service-account-credentials", Handling::Default("true")),
];

/// Talos adds the controllers of a flag to its own, so that `*` is not said twice.
fn controllers(conversion: &mut Conversion<'_>, _: &ComponentProcess, flag: &Flag) -> Outcome {
    let all = flag.value.split(',');
    let more: Vec<&str> = all.filter(|name| *name != ALL_BY_DEFAULT).collect();
    if more.is_empty() {
        return Outcome::same();
    }
    let arguments = &mut conversion.kubernetes.controller_manager.arguments;
    add_argument(arguments, "controllers", &more.join(","));
    Outcome::converted(conversion.place(
        "cluster.controllerManager.extraArgs",
        "KubeControllerManagerConfig.extraArgs",
    ))
}
