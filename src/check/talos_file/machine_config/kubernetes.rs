//! Which Kubernetes the images name, which Talos judges on the node alone.

use crate::check::finding::Finding;
use crate::check::rule::{Rule, Severity};
use crate::check::talos_file::told;
use crate::talos::Contract;
use crate::talos::file::{Machine, TalosFile};

pub(super) static KUBERNETES_VERSION: Rule = told(
    Severity::Warning,
    "kubernetes-version",
    "An image is of no Kubernetes that this Talos runs",
    "The file is passed by talosctl, and refused by the node to which it is applied: it reads the version out of \
     the tag, and each Talos runs some minor versions of Kubernetes",
    "name an image of a version that this Talos runs, with its tag as v1.37.0; --talos-version says which Talos it \
     is",
);

/// Images that every machine runs.
const OF_MACHINES: [&str; 3] = [
    "machine.kubelet.image",
    "KubeletConfig.image",
    "KubeProxyConfig.image",
];

/// Those of control planes, and the documents' that can be off.
const OF_CONTROL_PLANES: [&str; 6] = [
    "cluster.apiServer.image",
    "cluster.controllerManager.image",
    "cluster.scheduler.image",
    "KubeAPIServerConfig.image",
    "KubeControllerManagerConfig.image",
    "KubeSchedulerConfig.image",
];

/// Images of another Kubernetes than `contract` runs. About a newer Talos than is known, nothing is said.
pub(super) fn versions(file: &TalosFile, machine: Machine, contract: Contract) -> Vec<Finding> {
    let Some(minors) = contract.kubernetes_minors() else {
        return Vec::new();
    };
    let of_control_planes = OF_CONTROL_PLANES
        .iter()
        .filter(|_| machine == Machine::ControlPlane);
    let images = OF_MACHINES.iter().chain(of_control_planes);
    let images = images.filter_map(|path| Some((path, file.documents.text(path)?)));
    let findings = images.filter(|(path, _)| !is_off(file, path));
    let findings = findings.filter_map(|(path, image)| {
        let message = match version_of(image) {
            None => {
                format!("`{path}` has no tag such as `:v1.37.0`, by which Talos knows its version")
            }
            Some((1, minor)) if minors.contains(&minor) => return None,
            Some((major, minor)) => format!(
                "`{path}` is of Kubernetes {major}.{minor}, and Talos {contract} runs 1.{} to 1.{}",
                minors.start(),
                minors.end()
            ),
        };
        let origin = file.documents.origin(path);
        Some(KUBERNETES_VERSION.finding(message).at(origin))
    });
    findings.collect()
}

fn is_off(file: &TalosFile, image: &str) -> bool {
    let document = image.strip_suffix(".image").unwrap_or(image);
    let enabled = file.documents.text(&format!("{document}.enabled"));
    matches!(enabled, Some("false" | "no" | "off"))
}

/// The first two numbers of the version in an image's tag, as Talos reads them: of
/// `registry.k8s.io/kube-apiserver:v1.37.0@sha256:…`, 1 and 37.
fn version_of(image: &str) -> Option<(u32, u32)> {
    let (_, tag) = image.rsplit_once(":v")?;
    let version = tag.split('@').next()?;
    let (numbers, suffix) = version.split_once('-').unwrap_or((version, ""));
    let is_known = |one: char| one.is_ascii_alphanumeric() || matches!(one, '-' | '.');
    let numbers = numbers.split('.').map(|digits| digits.parse().ok());
    let numbers: Vec<u32> = numbers.collect::<Option<_>>()?;
    match numbers[..] {
        _ if !suffix.chars().all(is_known) => None,
        [major] => Some((major, 0)),
        [major, minor] | [major, minor, _] => Some((major, minor)),
        _ => None,
    }
}
