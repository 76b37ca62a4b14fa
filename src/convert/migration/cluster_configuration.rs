//! kubeadm's ClusterConfiguration, v1beta2 to v1beta4. The flags of the manifests are the truth;
//! what it says beside them is sorted here.

use super::conversion::Conversion;
use super::item::Outcome;
use super::unset::is_zero;
use super::{endpoint, networks, route};
use crate::settings::{Component, ConfigurationKind};
use crate::talos::yaml_tree::Tree;

/// What becomes of a field.
#[derive(Clone, Copy)]
enum Handling {
    Kept(&'static str),
    Person(&'static str),
    By(fn(&mut Conversion<'_>, &Tree) -> Outcome),
}

const KUBEADM_ALONE: Handling = Handling::Kept("it is for kubeadm, which Talos does not use");
const IN_MANIFEST: Handling = Handling::Kept("the manifest says it, and is the truth");
const COREDNS: Handling =
    Handling::Kept("CoreDNS stays as it runs: Talos does not replace objects that are there");

/// Fields by the beginning of their path; the longest counts.
const FIELDS: [(&str, Handling); 33] = [
    ("apiServer.certSANs", Handling::By(api_server_names)),
    ("apiServer.extraEnvs", IN_MANIFEST),
    ("apiServer.extraVolumes", IN_MANIFEST),
    ("apiServer.timeoutForControlPlane", KUBEADM_ALONE),
    ("apiVersion", KUBEADM_ALONE),
    ("caCertificateValidityPeriod", KUBEADM_ALONE),
    ("certificateValidityPeriod", KUBEADM_ALONE),
    ("certificatesDir", KUBEADM_ALONE),
    ("clusterName", Handling::By(endpoint::name)),
    ("controlPlaneEndpoint", Handling::By(endpoint::address)),
    ("controllerManager.extraEnvs", IN_MANIFEST),
    ("controllerManager.extraVolumes", IN_MANIFEST),
    ("dns", COREDNS),
    ("encryptionAlgorithm", KUBEADM_ALONE),
    ("etcd.external", Handling::By(route::of_etcd_outside)),
    (
        "etcd.local.dataDir",
        Handling::Kept("Talos keeps etcd at /var/lib/etcd"),
    ),
    ("etcd.local.extraEnvs", IN_MANIFEST),
    (
        "etcd.local.imageRepository",
        Handling::Kept("Talos brings its own etcd"),
    ),
    (
        "etcd.local.imageTag",
        Handling::Kept("Talos brings its own etcd"),
    ),
    (
        "etcd.local.peerCertSANs",
        Handling::Person(
            "Talos's etcd is known by the addresses of nodes alone; see who uses the name",
        ),
    ),
    (
        "etcd.local.serverCertSANs",
        Handling::Person(
            "Talos's etcd is known by the addresses of nodes alone; see who uses the name",
        ),
    ),
    ("etcd.local", IN_MANIFEST),
    ("featureGates", KUBEADM_ALONE),
    ("imageRepository", Handling::By(image_repository)),
    ("kind", KUBEADM_ALONE),
    (
        "kubernetesVersion",
        Handling::Kept("the images of the manifests say it"),
    ),
    ("networking.dnsDomain", Handling::By(dns_domain)),
    ("networking.podSubnet", Handling::By(pod_subnet)),
    ("networking.serviceSubnet", Handling::By(service_subnet)),
    (
        "proxy",
        Handling::Kept("kube-proxy's own configuration says it"),
    ),
    ("scheduler.extraEnvs", IN_MANIFEST),
    ("scheduler.extraVolumes", IN_MANIFEST),
    ("useHyperKubeImage", KUBEADM_ALONE),
];

/// Where flags stand.
const ARGUMENTS: [(&str, Component); 4] = [
    ("apiServer.extraArgs", Component::ApiServer),
    ("controllerManager.extraArgs", Component::ControllerManager),
    ("etcd.local.extraArgs", Component::Etcd),
    ("scheduler.extraArgs", Component::Scheduler),
];

pub(super) fn convert(conversion: &mut Conversion<'_>) {
    let settings = conversion.settings;
    let Some(configuration) = settings.configuration(ConfigurationKind::Cluster) else {
        return;
    };
    for (path, component) in ARGUMENTS {
        for (name, value) in arguments(configuration.tree.at(path)) {
            let outcome = argument(conversion, component, &name, &value);
            let what = format!("{path}: {name}={value}");
            conversion.note(&configuration.origin, what, outcome);
        }
    }
    let is_argument = |path: &str| {
        let mut paths = ARGUMENTS.iter();
        paths.any(|(known, _)| path.starts_with(known))
    };
    for (path, value) in configuration.tree.leaves() {
        if is_argument(&path) {
            continue;
        }
        let outcome = field(conversion, &path, value);
        let what = shown(&path, value);
        conversion.note(&configuration.origin, what.trim_end(), outcome);
    }
}

/// A field as it stands there. The value of a variable may be a secret, such as a proxy's password.
fn shown(path: &str, value: &Tree) -> String {
    let is_variable = path.contains(".extraEnvs[") && !path.ends_with("].name");
    match value.text() {
        Some(text) if !is_variable => format!("{path}: {text}"),
        _ => path.to_owned(),
    }
}

/// Flags: a mapping up to v1beta3, a list of names and values in v1beta4.
fn arguments(tree: Option<&Tree>) -> Vec<(String, String)> {
    match tree {
        Some(Tree::Mapping(entries)) => entries
            .iter()
            .filter_map(|(name, value)| Some((name.clone(), value.text()?.to_owned())))
            .collect(),
        Some(list) => list
            .items()
            .iter()
            .filter_map(|item| {
                let name = item.field("name")?.text()?.to_owned();
                Some((name, item.field("value")?.text()?.to_owned()))
            })
            .collect(),
        None => Vec::new(),
    }
}

fn argument(conversion: &Conversion<'_>, component: Component, name: &str, value: &str) -> Outcome {
    let process = conversion.settings.component(component);
    if Conversion::has_flag(process, name, value) {
        return Outcome::kept("the manifest has the flag, and is the truth");
    }
    Outcome::needs_person(format!(
        "the manifest of {component} does not have this flag: set it there, or take it out here, \
         before you move"
    ))
}

fn field(conversion: &mut Conversion<'_>, path: &str, value: &Tree) -> Outcome {
    let begins = |(known, _): &&(&str, Handling)| {
        let rest = path.strip_prefix(known);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
    };
    let rows = FIELDS.iter().filter(begins);
    match rows.max_by_key(|(known, _)| known.len()) {
        Some((_, Handling::Kept(why))) => Outcome::kept(*why),
        Some((_, Handling::Person(what))) => Outcome::needs_person(*what),
        Some((_, Handling::By(decide))) => decide(conversion, value),
        None if is_zero(value) => Outcome::kept("nothing is set"),
        None => {
            Outcome::needs_person("it is not known what it means for Talos; see kubeadm's page")
        }
    }
}

fn api_server_names(conversion: &mut Conversion<'_>, value: &Tree) -> Outcome {
    let Some(name) = value.text() else {
        return Outcome::kept("nothing is set");
    };
    let names = &mut conversion.kubernetes.api_server_sans;
    if !names.iter().any(|known| known == name) {
        names.push(name.to_owned());
    }
    Outcome::converted(endpoint::names_place(conversion))
}

fn image_repository(_: &mut Conversion<'_>, value: &Tree) -> Outcome {
    match value.text() {
        Some("registry.k8s.io" | "k8s.gcr.io") | None => {
            Outcome::kept("Talos takes the same images")
        }
        Some(_) => Outcome::needs_person(
            "Talos takes images from registry.k8s.io and ghcr.io: set registry mirrors",
        ),
    }
}

fn dns_domain(conversion: &mut Conversion<'_>, value: &Tree) -> Outcome {
    if let Some(domain) = value.text() {
        domain.clone_into(&mut conversion.dns_domain);
        conversion.knows_domain = true;
    }
    Outcome::converted(conversion.place("cluster.network.dnsDomain", "KubeNetworkConfig.dnsDomain"))
}

/// The flag of the controller manager is the truth, if there is one.
fn pod_subnet(conversion: &mut Conversion<'_>, value: &Tree) -> Outcome {
    let process = conversion.settings.component(Component::ControllerManager);
    if process.is_some_and(|process| process.flag("cluster-cidr").is_some()) {
        return IN_MANIFEST.into();
    }
    if let Some(subnets) = value.text().filter(|subnets| !subnets.is_empty()) {
        conversion.kubernetes.pod_subnets = networks::list(subnets);
    }
    Outcome::converted(networks::pods_place(conversion))
}

fn service_subnet(conversion: &mut Conversion<'_>, value: &Tree) -> Outcome {
    let process = conversion.settings.component(Component::ApiServer);
    if let Some(runs) = process.and_then(|process| process.flag("service-cluster-ip-range")) {
        return match value.text() {
            Some(told) if told != runs && !told.is_empty() => Outcome::needs_person(format!(
                "the API server runs with {runs}, which was converted: see whether this configuration is of this \
                 cluster"
            )),
            _ => IN_MANIFEST.into(),
        };
    }
    if let Some(subnets) = value.text().filter(|subnets| !subnets.is_empty()) {
        conversion.kubernetes.service_subnets = networks::list(subnets);
    }
    Outcome::converted(conversion.place(
        "cluster.network.serviceSubnets",
        "KubeNetworkConfig.serviceSubnets",
    ))
}

impl From<Handling> for Outcome {
    /// Of a handling that does not depend on anything.
    fn from(handling: Handling) -> Self {
        match handling {
            Handling::Person(what) => Self::needs_person(what),
            Handling::Kept(why) => Self::kept(why),
            Handling::By(_) => Self::kept(""),
        }
    }
}
