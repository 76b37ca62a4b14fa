//! Which Kubernetes runs, and whether Talos runs it.

use super::conversion::Conversion;
use super::item::Outcome;
use crate::settings::{Component, ConfigurationKind};
use crate::talos::KubernetesVersion;

/// Where Kubernetes' own images are.
const REGISTRY: &str = "registry.k8s.io/";

/// Images in which a distribution builds Kubernetes anew, with marks of its own in the tag.
const REBUILT: [&str; 2] = ["rancher/hardened-kubernetes", "rancher/hyperkube"];

pub(super) fn conclude(conversion: &mut Conversion<'_>) {
    let settings = conversion.settings;
    for component in Component::ALL {
        let Some(process) = settings.component(component) else {
            continue;
        };
        let Some(image) = &process.image else {
            continue;
        };
        let outcome = match (component, version_of(image)) {
            (Component::Etcd, _) => of_etcd(conversion, etcd_minor_of(image)),
            (Component::ApiServer, Some(version)) => {
                let outcome = check(conversion, &version);
                conversion.kubernetes_version = Some(version);
                outcome
            }
            (_, Some(version)) if Some(&version) == conversion.kubernetes_version.as_ref() => {
                Outcome::kept("it has the version of the API server")
            }
            _ => Outcome::needs_person(
                "its version is not the API server's: finish the upgrade before you move",
            ),
        };
        let is_rebuilt = REBUILT.iter().any(|rebuilt| image.contains(rebuilt));
        let is_elsewhere =
            !image.starts_with(REGISTRY) && !is_rebuilt && component != Component::Etcd;
        let outcome = match outcome {
            Outcome::Converted(_) | Outcome::Kept(_) if is_elsewhere => Outcome::needs_person(
                "Talos takes the image from registry.k8s.io: set a registry mirror, or another image",
            ),
            outcome => outcome,
        };
        conversion.note(&process.origin, format!("the image {image}"), outcome);
    }
    if conversion.kubernetes_version.is_none() {
        without_images(conversion);
    }
    let etcd = settings.component(Component::Etcd);
    if etcd.is_none_or(|process| process.image.is_none()) {
        let outcome = of_etcd(conversion, None);
        if !matches!(outcome, Outcome::Kept(_)) {
            conversion.note("the cluster", "the version of etcd", outcome);
        }
    }
}

/// Whether a member of Talos's etcd can join those that there are. One of 3.6 joins 3.5, and one of 3.7
/// joins 3.6; one of 3.7 panics in a cluster of 3.5 (`unmarshal should never fail`, seen with 3.7.1 and
/// 3.5.33), and etcd never goes back to an older minor version.
fn of_etcd(conversion: &Conversion<'_>, minor: Option<u32>) -> Outcome {
    let contract = conversion.contract();
    let own = contract.etcd_minor();
    let is_joined = conversion.runs_side_by_side();
    match minor {
        Some(minor) if minor > own => Outcome::refused(
            format!(
                "Talos {contract} runs etcd 3.{own}, and etcd does not go back from 3.{minor}, which \
                 the cluster runs"
            ),
            "choose a later Talos by --talos-version",
        ),
        Some(minor) if is_joined && minor + 1 < own => Outcome::refused(
            format!(
                "Talos {contract} runs etcd 3.{own}, whose members cannot join etcd 3.{minor}, which \
                 the cluster runs: they end in a panic"
            ),
            format!(
                "bring etcd to 3.{} first, or choose a Talos that runs it, by --talos-version",
                own - 1
            ),
        ),
        None if is_joined && own >= 7 => Outcome::needs_person(format!(
            "Talos {contract} runs etcd 3.{own}, whose members cannot join etcd 3.{} or older: see \
             that the old cluster runs 3.{} before a node joins (etcdctl endpoint status)",
            own - 2,
            own - 1
        )),
        _ => Outcome::kept("Talos brings its own etcd"),
    }
}

/// 6 of `registry.k8s.io/etcd:3.6.8-0` or `rancher/hardened-etcd:v3.6.5-k3s1-build20260126`.
fn etcd_minor_of(image: &str) -> Option<u32> {
    let (_, tag) = name_and_tag(image)?;
    let minor = tag.trim_start_matches('v').strip_prefix("3.")?;
    minor.split('.').next()?.parse().ok()
}

/// Without images, kubeadm's configuration says the version, or that of a distribution, or the nodes
/// of the running cluster.
fn without_images(conversion: &mut Conversion<'_>) {
    let found = from_configuration(conversion)
        .or_else(|| from_distribution(conversion))
        .or_else(|| from_nodes(conversion));
    let Some(version) = found else {
        let outcome = Outcome::refused(
            "nothing that was read names it",
            "give what `kubectl get nodes -o yaml` prints by --cluster-info FILE",
        );
        conversion.note("the cluster", "the version of Kubernetes", outcome);
        return;
    };
    let outcome = check(conversion, &version);
    if outcome.is_refused() {
        conversion.note("the cluster", format!("Kubernetes {version}"), outcome);
    }
    conversion.kubernetes_version = Some(version);
}

fn from_distribution(conversion: &Conversion<'_>) -> Option<KubernetesVersion> {
    let told = conversion.settings.distribution.as_ref()?;
    upstream(told.value("kubernetes_version")?)
}

/// The oldest of the control planes: those that are newer can run it, too.
fn from_nodes(conversion: &Conversion<'_>) -> Option<KubernetesVersion> {
    let nodes = conversion.settings.nodes.iter();
    let planes = nodes.filter(|node| node.is_control_plane);
    let versions = planes.filter_map(|node| upstream(node.kubelet_version.as_ref()?));
    versions.min_by_key(KubernetesVersion::minor)
}

/// The version of Kubernetes itself in that of a distribution, such as `v1.36.3+k3s1`.
fn upstream(version: &str) -> Option<KubernetesVersion> {
    version.split(['+', '-']).next()?.parse().ok()
}

fn from_configuration(conversion: &Conversion<'_>) -> Option<KubernetesVersion> {
    let settings = conversion.settings;
    let configuration = settings.configuration(ConfigurationKind::Cluster)?;
    let version = configuration.tree.field("kubernetesVersion")?;
    version.text().and_then(|version| version.parse().ok())
}

/// The name and the tag of an image, which may be followed by a digest.
fn name_and_tag(image: &str) -> Option<(&str, &str)> {
    image.split('@').next()?.rsplit_once(':')
}

/// The version in the tag of an image.
fn version_of(image: &str) -> Option<KubernetesVersion> {
    let (name, tag) = name_and_tag(image)?;
    if REBUILT.iter().any(|rebuilt| name.ends_with(rebuilt)) {
        return upstream(tag);
    }
    tag.parse().ok()
}

fn check(conversion: &Conversion<'_>, version: &KubernetesVersion) -> Outcome {
    let contract = conversion.contract();
    match contract.kubernetes_minors() {
        Some(minors) if !minors.contains(&version.minor()) => Outcome::refused(
            format!(
                "Talos {contract} runs Kubernetes 1.{} to 1.{}, and the cluster runs {version}",
                minors.start(),
                minors.end()
            ),
            "bring the cluster to a version that both know first, or choose another Talos by \
             --talos-version",
        ),
        _ => Outcome::converted("the image of every component"),
    }
}
