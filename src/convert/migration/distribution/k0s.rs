//! Settings of k0s: its ClusterConfig, and the command line of its controller.
//!
//! Source: `pkg/apis/k0s/v1beta1` and `cmd/controller` in k0sproject/k0s.

use super::{
    Embedded, Handling, OF_NODE, Row, Table, address, alternative_name, cluster_name, domain,
};
use crate::convert::migration::conversion::Conversion;
use crate::convert::migration::item::Outcome;

pub(super) static TABLE: Table = Table {
    name: "k0s",
    rows: ROWS,
    defaults: "k0s's defaults",
    embedded: &[Embedded {
        what: "the tunnel to kubelets, konnectivity, whose server runs inside k0s",
        when: |told| {
            let disabled = told.value("--disable-components").unwrap_or_default();
            !told.is_on("--single") && !disabled.contains("konnectivity-server")
        },
        decide: |_| {
            Outcome::needs_person(
                "Talos's API servers reach kubelets without it: when no controller of k0s is left, \
                 delete the DaemonSet konnectivity-agent in kube-system",
            )
        },
    }],
};

const OF_K0S: Handling = Handling::Kept("it is for k0s, which Talos does not use");
const NETWORK: Handling = Handling::Secret("the network plugin stays as it runs in the cluster");
const KUBE_PROXY: Handling =
    Handling::Person("set it for Talos's kube-proxy (`cluster.proxy`, from 1.14 KubeProxyConfig)");
const BALANCER: Handling = Handling::Hidden(
    "the balancer runs inside k0s and stays behind: use Talos's KubePrism, its virtual IP, or a \
     balancer outside the cluster",
);

const ROWS: &[Row] = &[
    ("--config", OF_K0S),
    ("--data-dir", OF_NODE),
    ("--debug", OF_K0S),
    (
        "--disable-components",
        Handling::Kept("what is missing in the cluster stays so"),
    ),
    (
        "--enable-dynamic-config",
        Handling::Person(
            "the cluster may have other settings in the object ClusterConfig of kube-system: compare \
             `kubectl -n kube-system get clusterconfig k0s -o yaml` with the file",
        ),
    ),
    ("--enable-worker", OF_NODE),
    (
        "--kube-controller-manager-extra-args",
        Handling::Person("set the flags for Talos's controller manager, too"),
    ),
    (
        "--kubelet-extra-args",
        Handling::Person(
            "set it for Talos's kubelet (`machine.kubelet.extraArgs`) if it is needed",
        ),
    ),
    (
        "--labels",
        Handling::Person("set the labels in `machine.nodeLabels` of the new node"),
    ),
    ("--no-taints", OF_NODE),
    ("--profile", OF_NODE),
    ("--single", OF_NODE),
    (
        "--taints",
        Handling::Person("set the taints in `machine.nodeTaints` of the new node"),
    ),
    (
        "--token-file",
        Handling::Secret("it joins nodes of the old kind"),
    ),
    ("--verbose", OF_K0S),
    ("apiVersion", OF_K0S),
    ("kind", OF_K0S),
    ("metadata", OF_K0S),
    ("metadata.name", Handling::By(cluster_name)),
    ("spec.api.address", Handling::By(address)),
    ("spec.api.ca", OF_K0S),
    ("spec.api.externalAddress", Handling::By(external_address)),
    ("spec.api.extraArgs", Handling::InFlag),
    ("spec.api.k0sApiPort", OF_K0S),
    ("spec.api.k0s_api_port", OF_K0S),
    (
        "spec.api.onlyBindToAddress",
        Handling::Kept("Talos listens on every address of the node"),
    ),
    ("spec.api.port", Handling::InFlag),
    ("spec.api.rawArgs", FLAGS_BY_HAND),
    ("spec.api.sans", Handling::By(alternative_name)),
    ("spec.api.tunneledNetworkingMode", OF_K0S),
    ("spec.controllerManager.extraArgs", Handling::InFlag),
    ("spec.controllerManager.rawArgs", FLAGS_BY_HAND),
    (
        "spec.extensions",
        Handling::Secret("what it installed stays in the cluster as it is"),
    ),
    (
        "spec.featureGates",
        Handling::Person("set the feature gate in the flags `feature-gates` of the components"),
    ),
    (
        "spec.images",
        Handling::Person(
            "Talos takes images from registry.k8s.io and ghcr.io: set registry mirrors if the nodes \
             cannot reach them",
        ),
    ),
    ("spec.installConfig", OF_K0S),
    (
        "spec.konnectivity",
        Handling::Kept("Talos's API servers reach kubelets without a tunnel"),
    ),
    ("spec.network.calico", NETWORK),
    ("spec.network.clusterDomain", Handling::By(domain)),
    ("spec.network.controlPlaneLoadBalancing", BALANCER),
    ("spec.network.coreDNS", NETWORK),
    ("spec.network.dualStack", Handling::InFlag),
    ("spec.network.kubeProxy", KUBE_PROXY),
    ("spec.network.kubeProxy.disabled", KUBE_PROXY),
    ("spec.network.kubeProxy.mode", Handling::By(kube_proxy_mode)),
    ("spec.network.kuberouter", NETWORK),
    ("spec.network.nodeLocalLoadBalancing", BALANCER),
    ("spec.network.podCIDR", Handling::InFlag),
    (
        "spec.network.provider",
        Handling::Kept("the network plugin stays as it runs in the cluster"),
    ),
    ("spec.network.serviceCIDR", Handling::InFlag),
    (
        "spec.podSecurityPolicy",
        Handling::Kept("Kubernetes has no such policies any more"),
    ),
    ("spec.scheduler.extraArgs", Handling::InFlag),
    ("spec.scheduler.rawArgs", FLAGS_BY_HAND),
    ("spec.storage.etcd", Handling::InFlag),
    ("spec.storage.etcd.ca", OF_K0S),
    ("spec.storage.etcd.rawArgs", FLAGS_BY_HAND),
    ("spec.storage.kine", Handling::SecretInFlag),
    ("spec.storage.type", Handling::InFlag),
    ("spec.telemetry", OF_K0S),
    (
        "spec.workerProfiles",
        Handling::Person(
            "set it in the KubeletConfiguration of the new nodes (`machine.kubelet.extraConfig`)",
        ),
    ),
];

const FLAGS_BY_HAND: Handling = Handling::Person("set the flag in the component's `extraArgs`");

/// The balancer before the API servers is a name of theirs, too.
fn external_address(conversion: &mut Conversion<'_>, value: &str) -> Outcome {
    conversion.announced = None;
    alternative_name(conversion, value)
}

fn kube_proxy_mode(conversion: &mut Conversion<'_>, value: &str) -> Outcome {
    conversion.kubernetes.kube_proxy.mode = Some(value.to_owned());
    Outcome::converted(conversion.place("cluster.proxy.mode", "KubeProxyConfig.mode"))
}
