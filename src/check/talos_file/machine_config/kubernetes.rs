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
    let mut findings = Vec::new();
    let mut others = Vec::new();
    for (path, image) in images.filter(|(path, _)| !is_off(file, path)) {
        let origin = file.documents.origin(path);
        match version_of(image) {
            None => {
                let message = format!(
                    "`{path}` has no tag such as `:v1.37.0`, by which Talos knows its version"
                );
                findings.push(KUBERNETES_VERSION.finding(message).at(origin));
            }
            Some((1, minor)) if minors.contains(&minor) => {}
            Some((major, minor)) => others.push((path, format!("{major}.{minor}"), origin)),
        }
    }
    let what = match others.as_slice() {
        [] => return findings,
        [(path, version, _)] => format!("`{path}` is of Kubernetes {version}"),
        [(_, version, _), rest @ ..] if rest.iter().all(|(_, other, _)| other == version) => {
            format!("{} images are of Kubernetes {version}", others.len())
        }
        _ => format!("{} images are of another Kubernetes", others.len()),
    };
    let (first, last) = (minors.start(), minors.end());
    let message = format!("{what}, and Talos {contract} runs 1.{first} to 1.{last}");
    let places = others.into_iter().map(|(_, _, origin)| origin);
    findings.push(KUBERNETES_VERSION.finding(message).at_each(places));
    findings
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
