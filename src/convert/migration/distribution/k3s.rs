//! Settings of k3s and RKE2.
//!
//! Source: `pkg/cli/cmds/server.go` and `pkg/cli/cmds/agent.go` in k3s-io/k3s, `pkg/cli/cmds` in
//! rancher/rke2.

use super::{
    Embedded, Handling, OF_NODE, Row, Table, address, alternative_name, dns_addresses, domain,
    joined_server,
};
use crate::convert::migration::EXTERNAL_CLOUD_PROVIDER;
use crate::convert::migration::conversion::Conversion;
use crate::convert::migration::item::Outcome;
use crate::settings::DistributionSettings;

pub(super) static K3S: Table = Table {
    name: "k3s",
    rows: ROWS,
    defaults: "k3s's defaults",
    embedded: &[
        Embedded {
            what: "the network plugin Flannel, which runs inside k3s",
            when: |told| told.value("flannel-backend").is_none_or(|it| it == "vxlan"),
            decide: flannel,
        },
        Embedded {
            what: "network policies, which k3s enforces by itself",
            when: |told| has_flannel(told) && !told.is_on("disable-network-policy"),
            decide: |_| {
                Outcome::needs_person(
                    "if there are NetworkPolicies (kubectl get networkpolicies -A), have something \
                     enforce them: Talos's Flannel can from 1.13 on (kubeNetworkPoliciesEnabled), or \
                     take another network plugin",
                )
            },
        },
        Embedded {
            what: "the balancer of Services, ServiceLB, which runs inside k3s",
            when: |told| !is_disabled(told, "servicelb"),
            decide: |_| {
                Outcome::needs_person(
                    "Services of type LoadBalancer need another, such as MetalLB; then delete the \
                     DaemonSets svclb-… in kube-system",
                )
            },
        },
        HELM,
    ],
};

pub(super) static RKE2: Table = Table {
    name: "rke2",
    rows: ROWS,
    defaults: "RKE2's defaults",
    embedded: &[HELM],
};

const HELM: Embedded = Embedded {
    what: "the controller of HelmChart objects, which runs inside the server",
    when: |told| !told.is_on("disable-helm-controller"),
    decide: |_| {
        Outcome::needs_person(
            "what its charts installed stays as it is; see to their upgrades (kubectl get helmcharts \
             -A) by helm itself, or install helm-controller",
        )
    },
};

fn has_flannel(told: &DistributionSettings) -> bool {
    told.value("flannel-backend") != Some("none")
}

fn is_disabled(told: &DistributionSettings, component: &str) -> bool {
    let mut disabled = told.all("disable");
    disabled.any(|entry| {
        entry
            .value
            .expose()
            .split(',')
            .any(|name| name.trim() == component)
    })
}

/// Talos's Flannel speaks VXLAN, too, by the networks that the nodes have in the cluster.
fn flannel(conversion: &mut Conversion<'_>) -> Outcome {
    conversion.kubernetes.flannel = true;
    Outcome::converted(conversion.place("cluster.network.cni", "KubeFlannelCNIConfig"))
}

fn flannel_backend(_: &mut Conversion<'_>, value: &str) -> Outcome {
    match value {
        "vxlan" => Outcome::kept("Talos's Flannel does the same"),
        "none" => Outcome::kept("the network plugin of the cluster stays as it is"),
        _ => Outcome::needs_person(
            "this Flannel runs inside k3s and stays behind, and Talos's speaks VXLAN: let Talos \
             install it all the same (`cluster.network.cni`, from 1.14 KubeFlannelCNIConfig), or \
             another network plugin",
        ),
    }
}

const JOINING: Handling =
    Handling::Secret("it joins nodes of the old kind; Talos has its own tokens");
const SNAPSHOT: Handling = Handling::Kept("it is about snapshots of the old etcd");
const SNAPSHOT_SECRET: Handling = Handling::Secret("it is about snapshots of the old etcd");
const RUNTIME: Handling = Handling::Kept("Talos has its own container runtime");
const KUBECONFIG: Handling = Handling::Kept("it is about the old node's kubeconfig");
const LOGGING: Handling = Handling::Kept("it is about the log of the old server");
const EMBEDDED: Handling =
    Handling::Kept("it is about what runs inside the server and stays behind");
const INSTALLED: Handling = Handling::Kept("what is installed in the cluster stays as it is");
const FLANNEL: Handling =
    Handling::Person("set the same for Talos's Flannel (`cluster.network.cni.flannel.extraArgs`)");

const ROWS: &[Row] = &[
    ("advertise-address", Handling::By(address)),
    (
        "advertise-port",
        Handling::Kept("Talos advertises the port that it listens on"),
    ),
    ("agent-token", JOINING),
    ("agent-token-file", JOINING),
    ("airgap-extra-registry", RUNTIME),
    ("alsologtostderr", LOGGING),
    (
        "audit-policy-file",
        Handling::Kept("the manifest of the API server names it, and is the truth"),
    ),
    ("bind-address", OF_NODE),
    (
        "cloud-provider-config",
        Handling::Person("set up the cloud provider on Talos, and give it this configuration"),
    ),
    (
        "cloud-provider-name",
        Handling::Person(EXTERNAL_CLOUD_PROVIDER),
    ),
    ("cluster-cidr", Handling::InFlag),
    ("cluster-dns", Handling::By(dns_addresses)),
    ("cluster-domain", Handling::By(domain)),
    ("cluster-init", Handling::InFlag),
    ("cluster-reset", OF_NODE),
    ("cluster-reset-restore-path", OF_NODE),
    ("cni", INSTALLED),
    ("config", Handling::Kept("it is where the configuration is")),
    ("container-runtime-endpoint", RUNTIME),
    ("control-plane-resource-limits", OF_NODE),
    ("control-plane-resource-requests", OF_NODE),
    (
        "data-dir",
        Handling::Kept("it is where the old node has its files"),
    ),
    ("datastore-cafile", Handling::InFlag),
    ("datastore-certfile", Handling::InFlag),
    ("datastore-endpoint", Handling::SecretInFlag),
    ("datastore-keyfile", Handling::InFlag),
    ("debug", LOGGING),
    ("default-local-storage-path", INSTALLED),
    ("default-runtime", RUNTIME),
    ("disable", INSTALLED),
    (
        "disable-agent",
        Handling::Kept("control planes of Talos run a kubelet, too"),
    ),
    ("disable-apiserver", DIVIDED),
    ("disable-cloud-controller", EMBEDDED),
    ("disable-controller-manager", DIVIDED),
    ("disable-default-registry-endpoint", RUNTIME),
    ("disable-etcd", DIVIDED),
    ("disable-helm-controller", EMBEDDED),
    (
        "disable-kube-proxy",
        Handling::Person(
            "disable Talos's, too (`cluster.proxy.disabled`, from 1.14 KubeProxyConfig)",
        ),
    ),
    ("disable-network-policy", EMBEDDED),
    ("disable-scheduler", DIVIDED),
    ("docker", RUNTIME),
    (
        "egress-selector-mode",
        Handling::Kept("Talos's API servers reach kubelets without a tunnel"),
    ),
    ("embedded-registry", RUNTIME),
    ("enable-pprof", LOGGING),
    (
        "enable-servicelb",
        Handling::Person("Services of type LoadBalancer need another balancer, such as MetalLB"),
    ),
    ("etcd-arg", Handling::InFlag),
    ("etcd-disable-snapshots", SNAPSHOT),
    (
        "etcd-expose-metrics",
        Handling::Person(
            "let Talos's etcd serve metrics (`cluster.etcd.extraArgs`: listen-metrics-urls)",
        ),
    ),
    ("etcd-s3", SNAPSHOT),
    ("etcd-s3-access-key", SNAPSHOT_SECRET),
    ("etcd-s3-bucket", SNAPSHOT),
    ("etcd-s3-config-secret", SNAPSHOT),
    ("etcd-s3-endpoint", SNAPSHOT),
    ("etcd-s3-endpoint-ca", SNAPSHOT),
    ("etcd-s3-folder", SNAPSHOT),
    ("etcd-s3-insecure", SNAPSHOT),
    ("etcd-s3-proxy", SNAPSHOT_SECRET),
    ("etcd-s3-region", SNAPSHOT),
    ("etcd-s3-secret-key", SNAPSHOT_SECRET),
    ("etcd-s3-session-token", SNAPSHOT_SECRET),
    ("etcd-s3-skip-ssl-verify", SNAPSHOT),
    ("etcd-s3-timeout", SNAPSHOT),
    (
        "etcd-snapshot-compress",
        Handling::Person(
            "its snapshots end in .zip: unpack the one for Talos before it begins with it, which takes \
             none that is compressed",
        ),
    ),
    ("etcd-snapshot-dir", SNAPSHOT),
    ("etcd-snapshot-name", SNAPSHOT),
    ("etcd-snapshot-retention", SNAPSHOT),
    ("etcd-snapshot-schedule-cron", SNAPSHOT),
    ("flannel-backend", Handling::By(flannel_backend)),
    ("flannel-cni-conf", FLANNEL),
    ("flannel-conf", FLANNEL),
    ("flannel-external-ip", FLANNEL),
    ("flannel-iface", FLANNEL),
    ("flannel-ipv6-masq", FLANNEL),
    ("helm-job-image", EMBEDDED),
    ("https-listen-port", Handling::InFlag),
    ("image-credential-provider-bin-dir", RUNTIME),
    ("image-credential-provider-config", RUNTIME),
    ("image-service-endpoint", RUNTIME),
    ("ingress-controller", INSTALLED),
    ("kube-apiserver-arg", Handling::InFlag),
    (
        "kube-cloud-controller-manager-arg",
        Handling::Kept("the cloud controller of the old server stays behind"),
    ),
    ("kube-controller-manager-arg", Handling::InFlag),
    (
        "kube-proxy-arg",
        Handling::Person(
            "set it for Talos's kube-proxy (`cluster.proxy.extraArgs`) if it is needed",
        ),
    ),
    ("kube-scheduler-arg", Handling::InFlag),
    (
        "kubelet-arg",
        Handling::Person(
            "set it for Talos's kubelet (`machine.kubelet.extraArgs`) if it is needed",
        ),
    ),
    ("kubeconfig-mode", KUBECONFIG),
    ("kubeconfig-output", KUBECONFIG),
    ("lb-server-port", OF_NODE),
    ("log", LOGGING),
    ("node-external-dns", OF_NODE),
    ("node-external-ip", Handling::By(address)),
    ("node-internal-dns", OF_NODE),
    ("node-ip", Handling::By(address)),
    (
        "node-label",
        Handling::Person("set the label in `machine.nodeLabels` of the new node"),
    ),
    ("node-name", OF_NODE),
    (
        "node-taint",
        Handling::Person("set the taint in `machine.nodeTaints` of the new node"),
    ),
    ("nonroot-devices", RUNTIME),
    ("pause-image", RUNTIME),
    (
        "pod-security-admission-config-file",
        Handling::Kept("the manifest of the API server names it, and is the truth"),
    ),
    ("prefer-bundled-bin", OF_NODE),
    ("private-registry", REGISTRY),
    (
        "profile",
        Handling::Kept("what it sets are flags, which are told by themselves"),
    ),
    (
        "protect-kernel-defaults",
        Handling::Kept("Talos sets it by itself"),
    ),
    (
        "resolv-conf",
        Handling::Kept("Talos writes its own, with the name servers of the machine"),
    ),
    ("rootless", OF_NODE),
    ("secrets-encryption", Handling::InFlag),
    (
        "secrets-encryption-provider",
        Handling::Kept("the file of the keys says it, and is kept word for word"),
    ),
    ("selinux", OF_NODE),
    ("server", Handling::By(joined_server)),
    ("service-cidr", Handling::InFlag),
    ("service-node-port-range", Handling::InFlag),
    ("servicelb-namespace", EMBEDDED),
    ("snapshotter", RUNTIME),
    ("supervisor-metrics", EMBEDDED),
    ("system-default-registry", REGISTRY),
    ("tls-san", Handling::By(alternative_name)),
    ("tls-san-security", EMBEDDED),
    ("token", JOINING),
    ("token-file", JOINING),
    ("v", LOGGING),
    ("vmodule", LOGGING),
    ("vpn-auth", VPN),
    ("vpn-auth-file", VPN),
    ("with-node-id", OF_NODE),
    ("write-kubeconfig", KUBECONFIG),
    ("write-kubeconfig-group", KUBECONFIG),
    ("write-kubeconfig-mode", KUBECONFIG),
];

const DIVIDED: Handling = Handling::Person(
    "give a server that runs the whole control plane: this one runs a part of it, and Talos has no \
     such nodes",
);
const REGISTRY: Handling = Handling::Person(
    "Talos takes images from registry.k8s.io and ghcr.io, and those of pods from where they say: set \
     registry mirrors",
);
const VPN: Handling = Handling::Secret("Talos connects nodes by KubeSpan or extensions of its own");
