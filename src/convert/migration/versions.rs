//! Which Kubernetes runs, and whether Talos runs it.

use super::conversion::Conversion;
use super::item::Outcome;
use crate::settings::{Component, ConfigurationKind};
use crate::talos::KubernetesVersion;
use crate::talos::yaml_tree::Tree;

/// Where Kubernetes' own images are.
const REGISTRY: &str = "registry.k8s.io/";

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
            (Component::Etcd, _) => Outcome::kept("Talos brings its own etcd"),
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
        let is_elsewhere = !image.starts_with(REGISTRY) && component != Component::Etcd;
        let outcome = match outcome {
            Outcome::Converted(_) | Outcome::Kept(_) if is_elsewhere => Outcome::needs_person(
                "Talos takes the image from registry.k8s.io: set a registry mirror, or another image",
            ),
            outcome => outcome,
        };
        conversion.note(&process.origin, format!("the image {image}"), outcome);
    }
    if conversion.kubernetes_version.is_none() {
        from_configuration(conversion);
    }
}

fn from_configuration(conversion: &mut Conversion<'_>) {
    let configuration = conversion
        .settings
        .configuration(ConfigurationKind::Cluster);
    let version = configuration
        .and_then(|configuration| configuration.tree.field("kubernetesVersion"))
        .and_then(Tree::text)
        .and_then(|version| version.parse::<KubernetesVersion>().ok());
    if let Some(version) = version {
        let outcome = check(conversion, &version);
        if outcome.is_refused() {
            conversion.note("the cluster", format!("Kubernetes {version}"), outcome);
        }
        conversion.kubernetes_version = Some(version);
    }
}

/// The version in the tag of an image, which may be followed by a digest.
fn version_of(image: &str) -> Option<KubernetesVersion> {
    let image = image.split('@').next().unwrap_or_default();
    let (_, tag) = image.rsplit_once(':')?;
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
