//! The documents after the first, in their order.

use super::super::go_yaml::Node;
use super::{Contract, Inputs, KUBE_PRISM_PORT};
use super::{encryption, image, label, policies, v1alpha1};

/// Where members of clusters find each other.
const DISCOVERY_SERVICE: &str = "https://discovery.talos.dev/";

/// The fields of a document, or nothing if the settings leave the document out.
type Fields<'a> = Option<Vec<(&'static str, Node<'a>)>>;

/// One document.
pub(super) struct Document {
    kind: &'static str,
    /// Whether a version has it.
    pub(super) written: fn(Contract) -> bool,
    /// Whether workers have it, too.
    pub(super) workers: bool,
    fields: for<'a> fn(&Inputs<'a>) -> Fields<'a>,
}

impl Document {
    /// The document, if the settings want it.
    pub(super) fn node<'a>(&self, inputs: &Inputs<'a>) -> Option<Node<'a>> {
        let fields = (self.fields)(inputs)?;
        let meta = [
            ("apiVersion", Node::text("v1alpha1")),
            ("kind", Node::text(self.kind)),
        ];
        let entries = meta.into_iter().chain(fields);
        Some(Node::Mapping(
            entries.map(|(name, node)| (name.into(), node)).collect(),
        ))
    }
}

/// A document of all machines.
const fn of_all(
    kind: &'static str,
    written: fn(Contract) -> bool,
    fields: for<'a> fn(&Inputs<'a>) -> Fields<'a>,
) -> Document {
    Document {
        kind,
        written,
        workers: true,
        fields,
    }
}

/// A document of control planes, of those about Kubernetes.
const fn of_control_planes(
    kind: &'static str,
    fields: for<'a> fn(&Inputs<'a>) -> Fields<'a>,
) -> Document {
    Document {
        kind,
        written: Contract::kubernetes_documents,
        workers: false,
        fields,
    }
}

const MACHINE: fn(Contract) -> bool = Contract::machine_documents;
const HARDENED: fn(Contract) -> bool = Contract::hardens_by_default;
const KUBERNETES: fn(Contract) -> bool = Contract::kubernetes_documents;

/// Every document, in the order of the file.
pub(super) static TABLE: [Document; 29] = [
    of_all("DiscoveryServiceConfig", MACHINE, discovery_service),
    of_all("DiscoveryIdentityConfig", MACHINE, discovery_identity),
    of_all("UnattendedInstallConfig", MACHINE, unattended_install),
    of_all("ResolverConfig", MACHINE, resolver),
    of_all("VolumeConfig", HARDENED, ephemeral_volume),
    of_all("FilesystemTrimConfig", HARDENED, |_| {
        Some(vec![("interval", Node::text("168h0m0s"))])
    }),
    of_all("SecurityProfileConfig", HARDENED, |_| {
        Some(vec![("workloadIsolation", Node::Boolean(true))])
    }),
    of_all("HostnameConfig", Contract::hostname_document, |_| {
        Some(vec![("auto", Node::text("stable"))])
    }),
    of_all("KubeSpanConfig", Contract::kube_span_document, |inputs| {
        let enabled = inputs.settings.kube_span?;
        Some(vec![("enabled", Node::Boolean(enabled))])
    }),
    of_all("KubeClusterConfig", KUBERNETES, kube_cluster),
    of_all("KubeNodeConfig", KUBERNETES, kube_node),
    of_all("KubeletConfig", KUBERNETES, kubelet),
    of_all("KubeNetworkConfig", KUBERNETES, kube_network),
    of_all("KubeAPIServerCAConfig", KUBERNETES, kube_api_server_ca),
    of_all("KubePrismConfig", KUBERNETES, |_| {
        Some(vec![("port", Node::Integer(KUBE_PRISM_PORT))])
    }),
    of_control_planes("KubeAggregatorCAConfig", |inputs| {
        Some(vec![("issuingCA", inputs.material.aggregator.plain())])
    }),
    of_control_planes("KubeAdmissionControlConfig", |_| {
        Some(vec![
            ("name", Node::text("PodSecurity")),
            ("configuration", policies::pod_security()),
        ])
    }),
    of_control_planes("KubeAuditPolicyConfig", |_| {
        Some(vec![("configuration", policies::audit())])
    }),
    of_control_planes("KubeAuthenticationConfig", |_| {
        Some(vec![("configuration", policies::authentication())])
    }),
    of_control_planes("KubeAuthorizerConfig", |_| authorizer("node", "Node")),
    of_control_planes("KubeAuthorizerConfig", |_| authorizer("rbac", "RBAC")),
    of_control_planes("KubeEtcdEncryptionConfig", |inputs| {
        Some(vec![("config", encryption::configuration(inputs))])
    }),
    of_control_planes("KubeServiceAccountConfig", kube_service_account),
    of_control_planes("KubeAPIServerConfig", kube_api_server),
    of_control_planes("KubeControllerManagerConfig", |inputs| {
        Some(vec![("image", inputs.image(image::CONTROLLER_MANAGER))])
    }),
    of_control_planes("KubeSchedulerConfig", |inputs| {
        Some(vec![
            ("image", inputs.image(image::SCHEDULER)),
            ("config", Node::mapping([])),
        ])
    }),
    of_control_planes("KubeProxyConfig", |inputs| {
        Some(vec![
            ("image", inputs.image(image::PROXY)),
            ("config", Node::mapping([])),
        ])
    }),
    of_control_planes("KubeFlannelCNIConfig", |_| {
        Some(vec![
            ("backendType", Node::text("vxlan")),
            ("backendPort", Node::Integer(4789)),
        ])
    }),
    of_control_planes("KubeCoreDNSConfig", |_| {
        Some(vec![("enabled", Node::Boolean(true))])
    }),
];

fn discovery_service<'a>(inputs: &Inputs<'a>) -> Fields<'a> {
    inputs.settings.discovery.then(|| {
        vec![
            ("name", Node::text("default")),
            ("endpoint", Node::text(DISCOVERY_SERVICE)),
        ]
    })
}

fn discovery_identity<'a>(inputs: &Inputs<'a>) -> Fields<'a> {
    Some(vec![
        ("clusterID", Node::text(&inputs.bundle.cluster_id)),
        (
            "clusterSecret",
            Node::text(inputs.bundle.cluster_secret.expose()),
        ),
    ])
}

/// Which disk Talos installs itself to; left out without a disk.
fn unattended_install<'a>(inputs: &Inputs<'a>) -> Fields<'a> {
    let disk = &inputs.settings.install_disk.0;
    let image = inputs.settings.install_image.as_str();
    let image = (!image.is_empty()).then(|| Node::text(image));
    let selector = Node::text(format!("disk.dev_path == \"{disk}\""));
    (!disk.is_empty()).then(|| {
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
    })
}

fn resolver<'a>(inputs: &Inputs<'a>) -> Fields<'a> {
    Some(vec![("hostDNS", v1alpha1::host_dns(inputs))])
}

fn ephemeral_volume<'a>(_: &Inputs<'a>) -> Fields<'a> {
    let mount = Node::mapping([("secure", Node::Boolean(true))]);
    Some(vec![("name", Node::text("EPHEMERAL")), ("mount", mount)])
}

fn kube_cluster<'a>(inputs: &Inputs<'a>) -> Fields<'a> {
    Some(vec![
        ("clusterName", Node::text(&inputs.settings.name)),
        ("endpoint", Node::text(inputs.settings.endpoint.as_str())),
    ])
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
    Some(fields)
}

fn kubelet<'a>(inputs: &Inputs<'a>) -> Fields<'a> {
    Some(vec![
        ("image", inputs.image(image::KUBELET)),
        ("config", Node::mapping([])),
        ("defaultRuntimeSeccompProfileEnabled", Node::Boolean(true)),
    ])
}

fn kube_network<'a>(inputs: &Inputs<'a>) -> Fields<'a> {
    Some(v1alpha1::subnets(inputs).into())
}

/// Control planes issue by the CA; workers are told whom to trust.
fn kube_api_server_ca<'a>(inputs: &Inputs<'a>) -> Fields<'a> {
    let authority = &inputs.material.kubernetes;
    Some(vec![if inputs.is_control_plane() {
        ("issuingCA", authority.plain())
    } else {
        (
            "acceptedCAs",
            Node::Sequence(vec![authority.plain_certificate()]),
        )
    }])
}

fn authorizer<'a>(name: &'static str, kind: &'static str) -> Fields<'a> {
    Some(vec![("name", Node::text(name)), ("type", Node::text(kind))])
}

fn kube_service_account<'a>(inputs: &Inputs<'a>) -> Fields<'a> {
    let issuer = [
        ("privateKey", inputs.material.service_account.plain()),
        ("issuerURL", Node::text(inputs.settings.endpoint.as_str())),
    ];
    Some(vec![("issuer", Node::mapping(issuer))])
}

fn kube_api_server<'a>(inputs: &Inputs<'a>) -> Fields<'a> {
    let mut fields = vec![("image", inputs.image(image::API_SERVER))];
    let sans = inputs.api_server_sans();
    if !sans.is_empty() {
        fields.push(("certExtraSANs", Node::texts(sans)));
    }
    Some(fields)
}
