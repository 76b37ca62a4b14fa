//! The first document: `machine` and `cluster`. Up to Talos 1.13 it holds nearly everything, from
//! 1.14 on what has no document of its own.

use std::borrow::Cow;

use super::super::go_yaml::Node;
use super::kubernetes::Component;
use super::{Inputs, KUBE_PRISM_PORT, arguments, encryption, image, label};
use crate::talos::yaml_tree::Tree;

/// The whole document.
pub(super) fn document<'a>(inputs: &Inputs<'a>) -> Node<'a> {
    Node::mapping([
        ("version", Node::text("v1alpha1")),
        ("debug", Node::Boolean(false)),
        ("persist", Node::Boolean(true)),
        ("machine", machine(inputs)),
        ("cluster", cluster(inputs)),
    ])
}

fn machine<'a>(inputs: &Inputs<'a>) -> Node<'a> {
    let contract = inputs.contract();
    let authority = if inputs.is_control_plane() {
        inputs.material.os.encoded()
    } else {
        inputs.material.os.encoded_without_key()
    };
    let keeps_away = inputs.is_control_plane()
        && contract.excludes_control_planes_from_load_balancers()
        && !contract.kubernetes_documents();
    let labels = Node::mapping([(label::EXCLUDE_FROM_LOAD_BALANCERS, Node::text(""))]);
    Node::mapping_of_some([
        ("type", Some(Node::text(inputs.machine.name()))),
        (
            "token",
            Some(Node::text(inputs.bundle.trustd_token.expose())),
        ),
        ("ca", Some(authority)),
        (
            "certSANs",
            Some(Node::texts(&inputs.settings.additional_sans)),
        ),
        (
            "kubelet",
            (!contract.kubernetes_documents()).then(|| kubelet(inputs)),
        ),
        (
            "network",
            (!contract.kube_span_document()).then(|| network(inputs)),
        ),
        (
            "install",
            (!contract.machine_documents()).then(|| install(inputs)),
        ),
        ("features", Some(features(inputs))),
        ("nodeLabels", keeps_away.then_some(labels)),
    ])
}

fn kubelet<'a>(inputs: &Inputs<'a>) -> Node<'a> {
    let kubelet = &inputs.kubernetes().kubelet;
    Node::mapping_of_some([
        ("image", Some(inputs.image(image::KUBELET))),
        ("clusterDNS", texts(&kubelet.cluster_dns)),
        ("extraArgs", arguments::arguments(&kubelet.arguments)),
        ("extraConfig", kubelet.config.as_ref().map(Node::from)),
        (
            "defaultRuntimeSeccompProfileEnabled",
            Some(Node::Boolean(true)),
        ),
        ("disableManifestsDirectory", Some(Node::Boolean(true))),
    ])
}

fn network<'a>(inputs: &Inputs<'a>) -> Node<'a> {
    let kube_span = inputs
        .settings
        .kube_span
        .map(|enabled| Node::mapping([("enabled", Node::Boolean(enabled))]));
    Node::mapping_of_some([("kubespan", kube_span)])
}

fn install<'a>(inputs: &Inputs<'a>) -> Node<'a> {
    Node::mapping_of_some([
        ("disk", non_empty(&inputs.settings.install_disk.0)),
        ("image", non_empty(&inputs.settings.install_image)),
        ("wipe", Some(Node::Boolean(false))),
        (
            "grubUseUKICmdline",
            yes_if(inputs.contract().grub_uses_uki_command_line()),
        ),
    ])
}

fn features<'a>(inputs: &Inputs<'a>) -> Node<'a> {
    let contract = inputs.contract();
    let kube_prism = Node::mapping([
        ("enabled", Node::Boolean(true)),
        ("port", Node::Integer(KUBE_PRISM_PORT)),
    ]);
    let has_kube_prism = contract.enables_kube_prism() && !contract.kubernetes_documents();
    let has_host_dns = contract.enables_host_dns() && !contract.machine_documents();
    Node::mapping_of_some([
        ("rbac", yes_if(contract.asks_for_role_checks())),
        ("stableHostname", yes_if(!contract.hostname_document())),
        (
            "apidCheckExtKeyUsage",
            yes_if(contract.asks_for_role_checks()),
        ),
        ("diskQuotaSupport", yes_if(contract.supports_disk_quotas())),
        ("kubePrism", has_kube_prism.then_some(kube_prism)),
        ("hostDNS", has_host_dns.then(|| host_dns(inputs))),
    ])
}

/// How a node resolves names, here and in `ResolverConfig`.
pub(super) fn host_dns<'a>(inputs: &Inputs<'a>) -> Node<'a> {
    Node::mapping_of_some([
        ("enabled", Some(Node::Boolean(true))),
        (
            "forwardKubeDNSToHost",
            yes_if(inputs.contract().forwards_kube_dns_to_host()),
        ),
    ])
}

fn cluster<'a>(inputs: &Inputs<'a>) -> Node<'a> {
    let contract = inputs.contract();
    let bundle = inputs.bundle;
    let control_plane = inputs.is_control_plane();
    // What Talos 1.14 has in documents of their own.
    let in_fields = !contract.kubernetes_documents();
    let control_plane_field = in_fields && control_plane;
    let named = in_fields && (control_plane || contract.names_cluster_on_workers());
    let [aescbc, secretbox] = encryption::fields(inputs)
        .map(|(name, secret)| (name, secret.filter(|_| control_plane_field)));
    let kubernetes_ca = || {
        if control_plane {
            inputs.material.kubernetes.encoded()
        } else {
            inputs.material.kubernetes.encoded_without_key()
        }
    };
    let kubernetes = inputs.kubernetes();
    let etcd = || {
        Node::mapping_of_some([
            ("ca", Some(inputs.material.etcd.encoded())),
            (
                "extraArgs",
                arguments::arguments(&kubernetes.etcd_arguments),
            ),
        ])
    };
    Node::mapping_of_some([
        ("id", in_fields.then(|| Node::text(&bundle.cluster_id))),
        (
            "secret",
            in_fields.then(|| Node::text(bundle.cluster_secret.expose())),
        ),
        (
            "controlPlane",
            in_fields.then(|| control_plane_address(inputs)),
        ),
        (
            "clusterName",
            named.then(|| Node::text(&inputs.settings.name)),
        ),
        ("network", in_fields.then(|| cluster_network(inputs))),
        ("token", Some(Node::text(bundle.bootstrap_token.expose()))),
        aescbc,
        secretbox,
        ("ca", in_fields.then(kubernetes_ca)),
        (
            "acceptedCAs",
            inputs.material.accepted_encoded().filter(|_| in_fields),
        ),
        (
            "aggregatorCA",
            control_plane_field.then(|| inputs.material.aggregator.encoded()),
        ),
        (
            "serviceAccount",
            control_plane_field
                .then(|| Node::mapping([("key", inputs.material.service_account.encoded())])),
        ),
        ("apiServer", control_plane_field.then(|| api_server(inputs))),
        (
            "controllerManager",
            control_plane_field.then(|| {
                component(
                    inputs,
                    image::CONTROLLER_MANAGER,
                    &kubernetes.controller_manager,
                    None,
                )
            }),
        ),
        ("proxy", control_plane_field.then(|| kube_proxy(inputs))),
        (
            "scheduler",
            control_plane_field.then(|| {
                component(
                    inputs,
                    image::SCHEDULER,
                    &kubernetes.scheduler,
                    kubernetes.scheduler_config.as_ref(),
                )
            }),
        ),
        (
            "discovery",
            (!contract.machine_documents()).then(|| discovery(inputs)),
        ),
        ("etcd", control_plane.then(etcd)),
    ])
}

fn control_plane_address<'a>(inputs: &Inputs<'a>) -> Node<'a> {
    let port = inputs.kubernetes().api_server_port;
    let port = port.filter(|_| inputs.is_control_plane());
    Node::mapping_of_some([
        (
            "endpoint",
            Some(Node::text(inputs.settings.endpoint.as_str())),
        ),
        (
            "localAPIServerPort",
            port.map(|port| Node::Integer(port.into())),
        ),
    ])
}

fn cluster_network<'a>(inputs: &Inputs<'a>) -> Node<'a> {
    let cni = Node::mapping([("name", Node::text("none"))]);
    let cni = (!inputs.kubernetes().flannel).then_some(cni);
    let [domain, pods, services] = subnets(inputs).map(|(name, node)| (name, Some(node)));
    Node::mapping_of_some([("cni", cni), domain, pods, services])
}

/// The networks of pods and services, here and in `KubeNetworkConfig`.
pub(super) fn subnets<'a>(inputs: &Inputs<'a>) -> [(&'static str, Node<'a>); 3] {
    let kubernetes = inputs.kubernetes();
    [
        ("dnsDomain", Node::text(&inputs.settings.dns_domain)),
        ("podSubnets", Node::texts(&kubernetes.pod_subnets)),
        ("serviceSubnets", Node::texts(&kubernetes.service_subnets)),
    ]
}

fn api_server<'a>(inputs: &Inputs<'a>) -> Node<'a> {
    let kubernetes = inputs.kubernetes();
    let plugins = inputs.admission();
    let plugins: Vec<_> = plugins
        .into_iter()
        .map(|(name, configuration)| {
            Node::mapping([("name", Node::text(name)), ("configuration", configuration)])
        })
        .collect();
    let authorizers = kubernetes.authorizers.iter().flatten();
    let authorizers: Vec<_> = authorizers
        .map(|authorizer| {
            Node::mapping_of_some([
                ("type", Some(Node::text(&authorizer.kind))),
                ("name", Some(Node::text(&authorizer.name))),
                ("webhook", authorizer.webhook.as_ref().map(Node::from)),
            ])
        })
        .collect();
    Node::mapping_of_some([
        ("image", Some(inputs.image(image::API_SERVER))),
        (
            "extraArgs",
            arguments::arguments(&kubernetes.api_server.arguments),
        ),
        (
            "env",
            arguments::environment(&kubernetes.api_server.environment),
        ),
        ("certSANs", texts(inputs.api_server_sans())),
        (
            "disablePodSecurityPolicy",
            yes_if(inputs.contract().disables_pod_security_policy()),
        ),
        ("admissionControl", list(plugins)),
        ("auditPolicy", Some(inputs.audit_policy())),
        ("authorizationConfig", list(authorizers)),
    ])
}

fn kube_proxy<'a>(inputs: &Inputs<'a>) -> Node<'a> {
    let kube_proxy = &inputs.kubernetes().kube_proxy;
    Node::mapping_of_some([
        ("image", Some(inputs.image(image::PROXY))),
        ("mode", kube_proxy.mode.as_ref().map(Node::text)),
        ("extraArgs", arguments::arguments(&kube_proxy.arguments)),
    ])
}

fn component<'a>(
    inputs: &Inputs<'a>,
    image: &str,
    component: &'a Component,
    config: Option<&'a Tree>,
) -> Node<'a> {
    Node::mapping_of_some([
        ("image", Some(inputs.image(image))),
        ("extraArgs", arguments::arguments(&component.arguments)),
        ("env", arguments::environment(&component.environment)),
        ("config", config.map(Node::from)),
    ])
}

fn discovery<'a>(inputs: &Inputs<'a>) -> Node<'a> {
    let registries = [
        (
            "kubernetes",
            Node::mapping([("disabled", Node::Boolean(true))]),
        ),
        ("service", Node::mapping([])),
    ];
    Node::mapping([
        ("enabled", Node::Boolean(inputs.settings.discovery)),
        ("registries", Node::mapping(registries)),
    ])
}

fn yes_if<'a>(condition: bool) -> Option<Node<'a>> {
    condition.then_some(Node::Boolean(true))
}

fn non_empty(text: &str) -> Option<Node<'_>> {
    (!text.is_empty()).then(|| Node::text(text))
}

fn texts<'a, T: Into<Cow<'a, str>>>(texts: impl IntoIterator<Item = T>) -> Option<Node<'a>> {
    list(texts.into_iter().map(Node::text).collect())
}

fn list(items: Vec<Node<'_>>) -> Option<Node<'_>> {
    (!items.is_empty()).then_some(Node::Sequence(items))
}
