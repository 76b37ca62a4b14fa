//! kubelet's flags, where kubeadm and a person set them by variables of its unit.

use super::EXTERNAL_CLOUD_PROVIDER;
use super::conversion::Conversion;
use super::flags::{Handling, Row};
use super::item::Outcome;
use super::kubelet;
use crate::settings::{ComponentProcess, Flag};

const OF_NODE: Handling = Handling::Kept("it is of the old node; Talos sets its own");
const RUNTIME: Handling = Handling::Kept("Talos has its own container runtime");

pub(super) const FLAGS: [Row; 27] = [
    ("bootstrap-kubeconfig", OF_NODE),
    ("cert-dir", OF_NODE),
    ("cgroup-driver", RUNTIME),
    ("cgroup-root", OF_NODE),
    ("client-ca-file", OF_NODE),
    ("cloud-provider", Handling::By(cloud_provider)),
    ("config", Handling::Kept("the file is told by itself")),
    ("container-runtime", RUNTIME),
    ("container-runtime-endpoint", RUNTIME),
    (
        "hostname-override",
        Handling::Kept("a node of Talos is called by its own host name"),
    ),
    ("image-service-endpoint", RUNTIME),
    ("kubeconfig", OF_NODE),
    ("kubelet-cgroups", OF_NODE),
    ("logtostderr", OF_NODE),
    ("network-plugin", RUNTIME),
    (
        "node-ip",
        Handling::Person(
            "Talos takes the first address that is not of pods or services: choose another network by \
             `machine.kubelet.nodeIP.validSubnets`",
        ),
    ),
    (
        "node-labels",
        Handling::Person("set them in `machine.nodeLabels` of the nodes that have them"),
    ),
    ("pod-infra-container-image", RUNTIME),
    ("pod-manifest-path", OF_NODE),
    ("provider-id", Handling::Person(kubelet::PROVIDER_ID)),
    (
        "register-with-taints",
        Handling::Person(
            "they are of the one node that was read: Talos taints control planes by itself; set those of \
             others in `machine.nodeTaints`",
        ),
    ),
    ("resolv-conf", OF_NODE),
    ("root-dir", OF_NODE),
    ("runtime-cgroups", OF_NODE),
    ("tls-cert-file", OF_NODE),
    ("tls-private-key-file", OF_NODE),
    ("v", OF_NODE),
];

/// What becomes of a flag that is in no row.
pub(super) const WHAT_IF_UNLISTED: &str =
    "set it for Talos's kubelet (`machine.kubelet.extraConfig` or `extraArgs`) if it is needed";

/// Without it nothing waits for the controllers of a cloud, and nodes have no addresses from it.
fn cloud_provider(_: &mut Conversion<'_>, _: &ComponentProcess, flag: &Flag) -> Outcome {
    if flag.value == "external" {
        return Outcome::needs_person(EXTERNAL_CLOUD_PROVIDER);
    }
    Outcome::kept("no kubelet of today has a cloud provider in it")
}
