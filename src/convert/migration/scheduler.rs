//! Flags of kube-scheduler.

use super::controller_manager::{OF_RKE2, SERVING};
use super::conversion::Conversion;
use super::flags::{Handling, Row};
use super::item::Outcome;
use crate::settings::{ComponentProcess, Flag};
use crate::talos::yaml_tree::Tree;

const KUBECONFIG: Handling = Handling::Kept("Talos issues the scheduler its own kubeconfig");

pub(super) static FLAGS: [Row; 12] = [
    ("authentication-kubeconfig", KUBECONFIG),
    ("authorization-kubeconfig", KUBECONFIG),
    ("bind-address", Handling::Default("127.0.0.1")),
    ("config", Handling::By(config)),
    ("kubeconfig", KUBECONFIG),
    ("leader-elect", Handling::Default("true")),
    ("permit-port-sharing", OF_RKE2),
    ("profiling", Handling::Default("false")),
    ("secure-port", Handling::Default("10259")),
    ("tls-cert-file", SERVING),
    ("tls-min-version", Handling::Default("VersionTLS13")),
    ("tls-private-key-file", SERVING),
];

/// The KubeSchedulerConfiguration in a file.
fn config(conversion: &mut Conversion<'_>, process: &ComponentProcess, flag: &Flag) -> Outcome {
    let Some(file) = conversion.settings.file(process, &flag.value) else {
        return super::file_missing(&flag.value);
    };
    let Ok(Tree::Mapping(mut entries)) = Tree::strict(&file.bytes) else {
        return super::file_unreadable(&flag.value);
    };
    // Talos sets these by itself.
    entries
        .retain(|(name, _)| !matches!(name.as_str(), "apiVersion" | "kind" | "clientConnection"));
    conversion.kubernetes.scheduler_config = Some(Tree::Mapping(entries));
    Outcome::converted(conversion.place("cluster.scheduler.config", "KubeSchedulerConfig.config"))
}
