//! The documents after the first, in their order.

use super::super::go_yaml::Node;
use super::{Inputs, KUBE_PRISM_PORT};
use super::{encryption, image, label, policies, v1alpha1};

/// Where members of clusters find each other.
const DISCOVERY_SERVICE: &str = "https://discovery.talos.dev/";

/// The fields of a document, in their order.
type Fields<'a> = Vec<(&'static str, Node<'a>)>;

/// One document.
pub(super) struct Document {
    kind: &'static str,
    /// Whether this version and these settings have it.
    written: fn(&Inputs<'_>) -> bool,
    /// Whether workers have it, too.
    workers: bool,
    fields: for<'a> fn(&Inputs<'a>) -> Fields<'a>,
}

impl Document {
    /// The document, if the machine has it.
    pub(super) fn node<'a>(&self, inputs: &Inputs<'a>) -> Option<Node<'a>> {
        let has_it = self.workers || inputs.is_control_plane();
        if !(has_it && (self.written)(inputs)) {
            return None;
        }
        let meta = [
            ("apiVersion", Node::text("v1alpha1")),
            ("kind", Node::text(self.kind)),
        ];
        let entries = meta.into_iter().chain((self.fields)(inputs));
        Some(Node::Mapping(
            entries.map(|(name, node)| (name.into(), node)).collect(),
        ))
    }
}

/// A document of all machines.
const fn of_all(
    kind: &'static str,
    written: fn(&Inputs<'_>) -> bool,
    fields: for<'a> fn(&Inputs<'a>) -> Fields<'a>,
) -> Document {
    Document {
        kind,
        written,
        workers: true,
        fields,
    }
}

/// A document about Kubernetes that control planes alone have.
const fn of_control_planes(
    kind: &'static str,
    fields: for<'a> fn(&Inputs<'a>) -> Fields<'a>,
) -> Document {
    Document {
        kind,
        written: KUBERNETES,
        workers: false,
        fields,
    }
}

const MACHINE: fn(&Inputs<'_>) -> bool = |inputs| inputs.contract().machine_documents();
const HARDENED: fn(&Inputs<'_>) -> bool = |inputs| inputs.contract().hardens_by_default();
const HOSTNAME: fn(&Inputs<'_>) -> bool = |inputs| inputs.contract().hostname_document();
const KUBERNETES: fn(&Inputs<'_>) -> bool = |inputs| inputs.contract().kubernetes_documents();

/// Every document, in the order of the file.
pub(super) static TABLE: [Document; 29] = [
    of_all("DiscoveryServiceConfig", discovers, discovery_service),
    of_all("DiscoveryIdentityConfig", MACHINE, discovery_identity),
    of_all("UnattendedInstallConfig", installs, unattended_install),
    of_all("ResolverConfig", MACHINE, resolver),
    of_all("VolumeConfig", HARDENED, ephemeral_volume),
    of_all("FilesystemTrimConfig", HARDENED, |_| {
        vec![("interval", Node::text("168h0m0s"))]
    }),
    of_all("SecurityProfileConfig", HARDENED, |_| {
        vec![("workloadIsolation", Node::Boolean(true))]
    }),
    of_all("HostnameConfig", HOSTNAME, |_| {
        vec![("auto", Node::text("stable"))]
    }),
    of_all("KubeSpanConfig", spans, kube_span),
    of_all("KubeClusterConfig", KUBERNETES, kube_cluster),
    of_all("KubeNodeConfig", KUBERNETES, kube_node),
    of_all("KubeletConfig", KUBERNETES, kubelet),
    of_all("KubeNetworkConfig", KUBERNETES, kube_network),
    of_all("KubeAPIServerCAConfig", KUBERNETES, kube_api_server_ca),
    of_all("KubePrismConfig", KUBERNETES, |_| {
        vec![("port", Node::Integer(KUBE_PRISM_PORT))]
    }),
    of_control_planes("KubeAggregatorCAConfig", |inputs| {
        vec![("issuingCA", inputs.material.aggregator.plain())]
    }),
    of_control_planes("KubeAdmissionControlConfig", |_| {
        vec![
            ("name", Node::text("PodSecurity")),
            ("configuration", policies::pod_security()),
        ]
    }),
    of_control_planes("KubeAuditPolicyConfig", |_| {
        vec![("configuration", policies::audit())]
    }),
    of_control_planes("KubeAuthenticationConfig", |_| {
        vec![("configuration", policies::authentication())]
    }),
    of_control_planes("KubeAuthorizerConfig", |_| authorizer("node", "Node")),
    of_control_planes("KubeAuthorizerConfig", |_| authorizer("rbac", "RBAC")),
    of_control_planes("KubeEtcdEncryptionConfig", |inputs| {
        vec![("config", encryption::configuration(inputs))]
    }),
    of_control_planes("KubeServiceAccountConfig", kube_service_account),
    of_control_planes("KubeAPIServerConfig", kube_api_server),
    of_control_planes("KubeControllerManagerConfig", |inputs| {
        vec![("image", inputs.image(image::CONTROLLER_MANAGER))]
    }),
    of_control_planes("KubeSchedulerConfig", |inputs| {
        vec![
            ("image", inputs.image(image::SCHEDULER)),
            ("config", Node::mapping([])),
        ]
    }),
    of_control_planes("KubeProxyConfig", |inputs| {
        vec![
            ("image", inputs.image(image::PROXY)),
            ("config", Node::mapping([])),
        ]
    }),
    of_control_planes("KubeFlannelCNIConfig", |_| {
        vec![
            ("backendType", Node::text("vxlan")),
            ("backendPort", Node::Integer(4789)),
        ]
    }),
    of_control_planes("KubeCoreDNSConfig", |_| {
        vec![("enabled", Node::Boolean(true))]
    }),
];

fn discovers(inputs: &Inputs<'_>) -> bool {
    MACHINE(inputs) && inputs.settings.discovery
}

fn discovery_service<'a>(_: &Inputs<'a>) -> Fields<'a> {
    vec![
        ("name", Node::text("default")),
        ("endpoint", Node::text(DISCOVERY_SERVICE)),
    ]
}

fn discovery_identity<'a>(inputs: &Inputs<'a>) -> Fields<'a> {
    vec![
        ("clusterID", Node::text(&inputs.bundle.cluster_id)),
        (
            "clusterSecret",
            Node::text(inputs.bundle.cluster_secret.expose()),
        ),
    ]
}

fn installs(inputs: &Inputs<'_>) -> bool {
    MACHINE(inputs) && !inputs.settings.install_disk.0.is_empty()
}

/// Which disk Talos installs itself to.
fn unattended_install<'a>(inputs: &Inputs<'a>) -> Fields<'a> {
    let disk = &inputs.settings.install_disk.0;
    let image = inputs.settings.install_image.as_str();
    let image = (!image.is_empty()).then(|| Node::text(image));
    let selector = Node::text(format!("disk.dev_path == \"{disk}\""));
    vec![
        ("installer", Node::mapping_of_some([("image", image)])),
        (
            "provisioning",
            Node::mapping([
                ("diskSelector", Node::mapping([("match", selector)])),
                ("wipe", Node::Boolean(false)),
            ]),
        ),
    ]
}

fn resolver<'a>(inputs: &Inputs<'a>) -> Fields<'a> {
    vec![("hostDNS", v1alpha1::host_dns(inputs))]
}

fn ephemeral_volume<'a>(_: &Inputs<'a>) -> Fields<'a> {
    let mount = Node::mapping([("secure", Node::Boolean(true))]);
    vec![("name", Node::text("EPHEMERAL")), ("mount", mount)]
}

fn spans(inputs: &Inputs<'_>) -> bool {
    inputs.contract().kube_span_document() && inputs.settings.kube_span.is_some()
}

fn kube_span<'a>(inputs: &Inputs<'a>) -> Fields<'a> {
    let enabled = inputs.settings.kube_span.unwrap_or_default();
    vec![("enabled", Node::Boolean(enabled))]
}

fn kube_cluster<'a>(inputs: &Inputs<'a>) -> Fields<'a> {
    vec![
        ("clusterName", Node::text(&inputs.settings.name)),
        ("endpoint", Node::text(inputs.settings.endpoint.as_str())),
    ]
}

fn kube_node<'a>(inputs: &Inputs<'a>) -> Fields<'a> {
    let mut fields = vec![("nodeIP", Node::mapping([]))];
    if inputs.is_control_plane() {
        let labels = [
            (label::CONTROL_PLANE, Node::text("")),
            (label::EXCLUDE_FROM_LOAD_BALANCERS, Node::text("")),
        ];
        let taints = [(label::CONTROL_PLANE, Node::text("NoSchedule"))];
        fields.push(("labels", Node::mapping(labels)));
        fields.push(("taints", Node::mapping(taints)));
    }
    fields
}

fn kubelet<'a>(inputs: &Inputs<'a>) -> Fields<'a> {
    vec![
        ("image", inputs.image(image::KUBELET)),
        ("config", Node::mapping([])),
        ("defaultRuntimeSeccompProfileEnabled", Node::Boolean(true)),
    ]
}

fn kube_network<'a>(inputs: &Inputs<'a>) -> Fields<'a> {
    v1alpha1::subnets(inputs).into()
}

/// Control planes issue by the CA; workers are told whom to trust.
fn kube_api_server_ca<'a>(inputs: &Inputs<'a>) -> Fields<'a> {
    let authority = &inputs.material.kubernetes;
    vec![if inputs.is_control_plane() {
        ("issuingCA", authority.plain())
    } else {
        (
            "acceptedCAs",
            Node::Sequence(vec![authority.plain_certificate()]),
        )
    }]
}

fn authorizer<'a>(name: &'static str, kind: &'static str) -> Fields<'a> {
    vec![("name", Node::text(name)), ("type", Node::text(kind))]
}

fn kube_service_account<'a>(inputs: &Inputs<'a>) -> Fields<'a> {
    let issuer = [
        ("privateKey", inputs.material.service_account.plain()),
        ("issuerURL", Node::text(inputs.settings.endpoint.as_str())),
    ];
    vec![("issuer", Node::mapping(issuer))]
}

fn kube_api_server<'a>(inputs: &Inputs<'a>) -> Fields<'a> {
    let mut fields = vec![("image", inputs.image(image::API_SERVER))];
    let sans = inputs.api_server_sans();
    if !sans.is_empty() {
        fields.push(("certExtraSANs", Node::texts(sans)));
    }
    fields
}
