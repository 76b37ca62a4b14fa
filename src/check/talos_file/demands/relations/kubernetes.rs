//! Settings of Kubernetes.

use std::collections::HashSet;

use crate::check::talos_file::demands::go::Url;
use crate::check::talos_file::demands::refusals::Refusals;
use crate::check::talos_file::demands::{is_filled, is_off, is_on, text_of};
use crate::check::talos_file::everything_at;
use crate::talos::file::{Machine, Node, TalosFile};
use crate::talos::kubelet;
use crate::talos::yaml_tree::Tree;

/// How arguments begin that KubeAPIServerConfig must not have, and the document in place of them.
const DENIED: [(&str, &str); 6] = [
    ("anonymous-auth", "KubeAuthenticationConfig"),
    ("authentication-config", "KubeAuthenticationConfig"),
    ("authorization-config", "KubeAuthorizerConfig"),
    ("authorization-mode", "KubeAuthorizerConfig"),
    ("authorization-webhook-", "KubeAuthorizerConfig"),
    ("oidc-", "KubeAuthenticationConfig"),
];

const AUTHORIZERS: [&str; 3] = ["Node", "RBAC", "Webhook"];
const NETWORKS: [&str; 3] = ["flannel", "custom", "none"];

/// Sections with arguments of a program.
const ARGUMENTS: [&str; 11] = [
    "KubeAPIServerConfig.extraArgs",
    "KubeControllerManagerConfig.extraArgs",
    "KubeProxyConfig.extraArgs",
    "KubeSchedulerConfig.extraArgs",
    "KubeletConfig.extraArgs",
    "cluster.apiServer.extraArgs",
    "cluster.controllerManager.extraArgs",
    "cluster.etcd.extraArgs",
    "cluster.proxy.extraArgs",
    "cluster.scheduler.extraArgs",
    "machine.kubelet.extraArgs",
];

/// An argument has a text, or several.
pub(super) fn arguments(file: &TalosFile, refusals: &mut Refusals<'_>) {
    for section in ARGUMENTS.iter().flat_map(|path| everything_at(file, path)) {
        for (_, argument) in section.fields() {
            let is_text = |node: &Node<'_>| node.tree().text().is_some();
            let items = argument.items();
            let is_list = matches!(argument.tree(), Tree::Sequence(_));
            if !(is_text(&argument) || is_list && items.iter().all(is_text)) {
                refusals.refuse(&argument, "", "is neither a text nor a list of texts");
            }
        }
    }
}

/// Arguments of KubeAPIServerConfig.
pub(super) fn denied_arguments(arguments: &Node<'_>, refusals: &mut Refusals<'_>) {
    for (name, argument) in arguments.fields() {
        if let Some((_, document)) = DENIED.iter().find(|(start, _)| name.starts_with(start)) {
            refusals.refuse(
                &argument,
                "",
                &format!("is what the document {document} is for"),
            );
        }
    }
}

/// What a pod asks for, and its limits.
pub(super) fn resources(section: &Node<'_>, refusals: &mut Refusals<'_>) {
    for list in ["requests", "limits"] {
        for (name, value) in section.at(list).iter().flat_map(Node::fields) {
            if !["cpu", "memory"].contains(&name) {
                refusals.refuse(&value, "", "is neither `cpu` nor `memory`");
            }
        }
    }
}

/// The same of a document that can be off.
pub(super) fn resources_unless_off(document: &Node<'_>, refusals: &mut Refusals<'_>) {
    if let Some(section) = document
        .at("resources")
        .filter(|_| !is_off(document, "enabled"))
    {
        resources(&section, refusals);
    }
}

/// KubeAuthorizerConfig
pub(super) fn authorizer(document: &Node<'_>, refusals: &mut Refusals<'_>) {
    let has_settings = document
        .at("webhook")
        .is_some_and(|webhook| webhook.fields().next().is_some());
    if text_of(document, "type") == Some("Webhook") && !has_settings {
        refusals.require(document, "webhook");
    }
}

/// `cluster.apiServer.authorizationConfig[]`
pub(super) fn legacy_authorizer(authorizer: &Node<'_>, refusals: &mut Refusals<'_>) {
    for field in ["type", "name"] {
        if !is_filled(authorizer, field) {
            refusals.require(authorizer, field);
        }
    }
    if text_of(authorizer, "type").is_some_and(|kind| !AUTHORIZERS.contains(&kind)) {
        refusals.refuse(
            authorizer,
            "type",
            &format!("is none of {}", AUTHORIZERS.join(", ")),
        );
    }
}

/// `cluster.apiServer`: who may do what is said in one place.
pub(super) fn api_server(section: &Node<'_>, refusals: &mut Refusals<'_>) {
    if section
        .at("authorizationConfig")
        .is_none_or(|list| list.items().is_empty())
    {
        return;
    }
    for (name, argument) in section.at("extraArgs").iter().flat_map(Node::fields) {
        if name == "authorization-mode" || name.starts_with("authorization-webhook-") {
            refusals.does_not_fit(&argument, "", "does not go with `authorizationConfig`");
        }
    }
}

/// Settings of kubelet's configuration.
pub(super) fn kubelet(settings: &Node<'_>, refusals: &mut Refusals<'_>) {
    for (name, value) in settings.fields() {
        if kubelet::PROTECTED_FIELDS.contains(&name) {
            refusals.refuse(&value, "", "is what Talos sets itself");
        }
    }
}

/// `cluster.etcd`
pub(super) fn etcd(section: &Node<'_>, refusals: &mut Refusals<'_>) {
    let has_list = section
        .at("advertisedSubnets")
        .is_some_and(|list| !list.items().is_empty());
    if has_list && is_filled(section, "subnet") {
        refusals.clash(section, "subnet", "advertisedSubnets");
    }
}

/// `cluster.externalCloudProvider`
pub(super) fn cloud_provider(section: &Node<'_>, refusals: &mut Refusals<'_>) {
    let manifests = section
        .at("manifests")
        .map(|list| list.items())
        .unwrap_or_default();
    if !is_on(section, "enabled") {
        if !manifests.is_empty() {
            refusals.does_not_fit(section, "manifests", "goes with `enabled: true` alone");
        }
        return;
    }
    for manifest in manifests {
        has_host(&manifest, refusals);
    }
}

fn has_host(node: &Node<'_>, refusals: &mut Refusals<'_>) {
    let Some(text) = node.tree().text() else {
        return;
    };
    if !Url::parse(text).is_some_and(|url| !url.host.is_empty() && is_port(url.port)) {
        refusals.refuse(node, "", "is no URL with a host");
    }
}

fn is_port(text: &str) -> bool {
    text.is_empty() || text.parse::<u16>().is_ok_and(|port| port > 0)
}

/// `cluster.inlineManifests`
pub(super) fn inline_manifests(list: &Node<'_>, refusals: &mut Refusals<'_>) {
    let mut seen = HashSet::new();
    for manifest in list.items() {
        let name = manifest.at("name");
        let name = name
            .as_ref()
            .and_then(|name| name.tree().text())
            .unwrap_or_default();
        if name.trim().is_empty() {
            refusals.require(&manifest, "name");
        } else if !seen.insert(name) {
            refusals.refuse(&manifest, "name", "is there twice");
        }
    }
}

/// `cluster.network.dnsDomain`
pub(super) fn dns_domain(section: &Node<'_>, refusals: &mut Refusals<'_>) {
    let is_label = |label: &str| {
        let is_known = |one: char| one.is_ascii_alphanumeric() || one == '_' || one == '-';
        (1..=63).contains(&label.len()) && label.chars().all(is_known) && !label.starts_with('-')
    };
    let is_domain = |text: &str| {
        let plain = text.strip_suffix(['.', '_']).unwrap_or(text);
        text.len() - text.matches('.').count() <= 255 && plain.split('.').all(is_label)
    };
    if text_of(section, "dnsDomain").is_some_and(|text| !is_domain(text)) {
        refusals.refuse(section, "dnsDomain", "is no name of a domain");
    }
}

/// `cluster.network.cni`, which is looked at on control planes alone.
pub(super) fn cni(section: &Node<'_>, refusals: &mut Refusals<'_>) {
    if refusals.machine != Machine::ControlPlane {
        return;
    }
    let name = text_of(section, "name").unwrap_or_default();
    if !NETWORKS.contains(&name) {
        refusals.refuse(
            section,
            "name",
            &format!("is none of {}", NETWORKS.join(", ")),
        );
        return;
    }
    let urls = section
        .at("urls")
        .map(|list| list.items())
        .unwrap_or_default();
    if name == "custom" {
        for url in &urls {
            has_host(url, refusals);
        }
    } else if !urls.is_empty() {
        refusals.does_not_fit(section, "urls", "goes with `name: custom` alone");
    }
    let Some(flannel) = section.at("flannel").filter(|_| name != "flannel") else {
        return;
    };
    if flannel
        .at("extraArgs")
        .is_some_and(|list| !list.items().is_empty())
    {
        refusals.does_not_fit(&flannel, "extraArgs", "goes with `name: flannel` alone");
    }
    if is_on(&flannel, "kubeNetworkPoliciesEnabled") {
        let message = "goes with `name: flannel` alone";
        refusals.does_not_fit(&flannel, "kubeNetworkPoliciesEnabled", message);
    }
}
