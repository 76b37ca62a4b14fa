//! Settings of RKE1, by the names of `cluster.yml`.
//!
//! Source: `types/rke_types.go` in rancher/rke.

use super::{
    Embedded, Handling, OF_NODE, Row, Table, alternative_name, cluster_name, dns_addresses, domain,
};
use crate::convert::migration::EXTERNAL_CLOUD_PROVIDER;

use crate::convert::migration::conversion::Conversion;
use crate::convert::migration::item::Outcome;
use crate::convert::migration::kubelet;
use crate::pki::Secret;
use crate::settings::DistributionSettings;
use crate::talos::yaml_tree::Tree;

pub(super) static TABLE: Table = Table {
    name: "rke1",
    rows: ROWS,
    defaults: "RKE's defaults",
    embedded: KUBELET,
};

/// What RKE gives every kubelet, in all versions of Kubernetes that it knows (`K8sVersionServiceOptions` in
/// its data). A flag of a person's own comes in its place, and is told by itself.
const KUBELET: &[Embedded] = &[
    Embedded {
        what: "kubelet's --event-qps=0",
        when: |told| has_no_flag(told, "event-qps"),
        decide: |conversion| {
            let value = Secret::new("0".to_owned());
            kubelet::set(conversion, "eventRecordQPS", Tree::Plain(value))
        },
    },
    Embedded {
        what: "kubelet's --streaming-connection-idle-timeout=30m",
        when: |told| has_no_flag(told, "streaming-connection-idle-timeout"),
        decide: |conversion| {
            let value = Secret::new("30m0s".to_owned());
            kubelet::set(
                conversion,
                "streamingConnectionIdleTimeout",
                Tree::Text(value),
            )
        },
    },
    Embedded {
        what: "kubelet's other flags by RKE",
        when: |_| true,
        decide: |_| {
            Outcome::kept(
                "Talos's kubelet asks the API server who may do what, knows no anonymous clients and has no \
                 port without TLS, as RKE's; the others are the old node's own",
            )
        },
    },
];

fn has_no_flag(told: &DistributionSettings, name: &str) -> bool {
    ["extra_args", "extra_args_array"].iter().all(|place| {
        let place = format!("services.kubelet.{place}.{name}");
        let mut entries = told.entries.iter();
        !entries.any(|entry| entry.name.split('[').next() == Some(place.as_str()))
    })
}

const OF_RKE: Handling = Handling::Kept("it is for RKE, which Talos does not use");
const INSTALLED: Handling = Handling::Secret("what it installed stays in the cluster as it is");
const ACCESS: Handling = Handling::Secret("it is how RKE reaches the old nodes");
const BINDS: Handling = Handling::Person(
    "bring what it mounts onto the control planes if the component still needs it",
);
const VARIABLES: Handling =
    Handling::Hidden("set the variable for the component on Talos (`env`) if it is needed");
const CLOUD: Handling = Handling::Secret(
    "the cloud provider of the old cluster stays behind; see the flags `cloud-provider`",
);

const ROWS: &[Row] = &[
    ("addon_job_timeout", OF_RKE),
    ("addons", INSTALLED),
    ("addons_include", INSTALLED),
    ("authentication.sans", Handling::By(alternative_name)),
    ("authentication.strategy", OF_RKE),
    ("authentication.webhook", Handling::SecretInFlag),
    ("authorization", Handling::InFlag),
    ("bastion_host", ACCESS),
    ("cloud_provider", CLOUD),
    (
        "cloud_provider.name",
        Handling::Person(EXTERNAL_CLOUD_PROVIDER),
    ),
    ("cluster_name", Handling::By(cluster_name)),
    ("dns", INSTALLED),
    ("enable_cri_dockerd", OF_NODE),
    ("ignore_docker_version", OF_RKE),
    ("ingress", INSTALLED),
    (
        "kubernetes_version",
        Handling::Kept("it is the version that Talos runs"),
    ),
    ("monitoring", INSTALLED),
    ("network", INSTALLED),
    ("nodes", ACCESS),
    ("prefix_path", OF_NODE),
    (
        "private_registries",
        Handling::Secret("Talos takes images from registry.k8s.io and ghcr.io"),
    ),
    ("restore", OF_RKE),
    ("rotate_certificates", OF_RKE),
    ("rotate_encryption_key", OF_RKE),
    ("services.etcd", Handling::InFlag),
    ("services.etcd.backup_config", ACCESS),
    ("services.etcd.ca_cert", ACCESS),
    ("services.etcd.cert", ACCESS),
    ("services.etcd.creation", OF_RKE),
    ("services.etcd.extra_binds", BINDS),
    ("services.etcd.extra_env", VARIABLES),
    ("services.etcd.gid", OF_NODE),
    ("services.etcd.image", OF_NODE),
    ("services.etcd.key", ACCESS),
    ("services.etcd.retention", OF_RKE),
    ("services.etcd.snapshot", OF_RKE),
    ("services.etcd.uid", OF_NODE),
    ("services.kube-api", Handling::InFlag),
    (
        "services.kube-api.admission_configuration",
        Handling::InFlag,
    ),
    ("services.kube-api.extra_binds", BINDS),
    ("services.kube-api.extra_env", VARIABLES),
    ("services.kube-api.image", OF_NODE),
    (
        "services.kube-api.pod_security_policy",
        Handling::Kept("Kubernetes has no such policies any more"),
    ),
    (
        "services.kube-api.secrets_encryption_config",
        Handling::Secret("the file of the keys is kept word for word"),
    ),
    (
        "services.kube-api.pod_security_configuration",
        Handling::By(pod_security),
    ),
    ("services.kube-controller", Handling::InFlag),
    ("services.kube-controller.extra_binds", BINDS),
    ("services.kube-controller.extra_env", VARIABLES),
    ("services.kube-controller.image", OF_NODE),
    (
        "services.kubelet.cluster_dns_server",
        Handling::By(dns_addresses),
    ),
    ("services.kubelet.cluster_domain", Handling::By(domain)),
    (
        "services.kubelet.extra_args",
        Handling::Person(
            "set it for Talos's kubelet (`machine.kubelet.extraArgs`) if it is needed",
        ),
    ),
    (
        "services.kubelet.extra_binds",
        Handling::Person(
            "mount it into Talos's kubelet (`machine.kubelet.extraMounts`) if it is needed",
        ),
    ),
    ("services.kubelet.extra_env", VARIABLES),
    ("services.kubelet.fail_swap_on", OF_NODE),
    ("services.kubelet.generate_serving_certificate", OF_NODE),
    ("services.kubelet.image", OF_NODE),
    ("services.kubelet.infra_container_image", OF_NODE),
    (
        "services.kubeproxy.extra_args",
        Handling::Person(
            "set it for Talos's kube-proxy (`cluster.proxy.extraArgs`) if it is needed",
        ),
    ),
    ("services.kubeproxy.extra_binds", BINDS),
    ("services.kubeproxy.extra_env", VARIABLES),
    ("services.kubeproxy.image", OF_NODE),
    ("services.scheduler", Handling::InFlag),
    ("services.scheduler.extra_binds", BINDS),
    ("services.scheduler.extra_env", VARIABLES),
    ("services.scheduler.image", OF_NODE),
    ("ssh_agent_auth", ACCESS),
    ("ssh_cert_path", ACCESS),
    ("ssh_key_path", ACCESS),
    (
        "system_images",
        Handling::Kept("Talos takes its own images"),
    ),
    ("upgrade_strategy", OF_RKE),
    ("win_prefix_path", OF_NODE),
];

/// The level of pod security; what RKE writes for the others is a file that a flag names.
fn pod_security(_: &mut Conversion<'_>, level: &str) -> Outcome {
    Outcome::kept(match level {
        "privileged" => "it demands nothing of pods, and Talos is told to demand nothing, too",
        _ => "it becomes a flag of Kubernetes, which is told by itself",
    })
}
