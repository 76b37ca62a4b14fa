//! The documents after the first, in their order.

use super::super::go_yaml::Node;
use super::kubernetes::Authorizer;
use super::{Inputs, KUBE_PRISM_PORT, arguments, encryption, image, label, policies, v1alpha1};
use crate::talos::yaml_tree::Tree;

/// Where members of clusters find each other.
const DISCOVERY_SERVICE: &str = "https://discovery.talos.dev/";

/// The fields of a document, in their order.
type Fields<'a> = Vec<(&'static str, Node<'a>)>;

/// Documents of one kind.
pub(super) struct Document {
    kind: &'static str,
    /// Whether this version and these settings have it.
    written: fn(&Inputs<'_>) -> bool,
    /// Whether workers have it, too.
    workers: bool,
    bodies: Bodies,
}

/// What stands in documents of a kind.
enum Bodies {
    /// There is one.
    One(for<'a> fn(&Inputs<'a>) -> Fields<'a>),
    /// There are as many as there are of these.
    Each(for<'a> fn(&Inputs<'a>) -> Vec<Fields<'a>>),
}

impl Document {
    /// The documents that the machine has.
    pub(super) fn nodes<'a>(&self, inputs: &Inputs<'a>) -> Vec<Node<'a>> {
        let has_it = self.workers || inputs.is_control_plane();
        if !(has_it && (self.written)(inputs)) {
            return Vec::new();
        }
        let bodies = match self.bodies {
            Bodies::One(body) => vec![body(inputs)],
            Bodies::Each(bodies) => bodies(inputs),
        };
        let nodes = bodies.into_iter().map(|body| self.node(body));
        nodes.collect()
    }

    fn node<'a>(&self, body: Fields<'a>) -> Node<'a> {
        let meta = [
            ("apiVersion", Node::text("v1alpha1")),
            ("kind", Node::text(self.kind)),
        ];
        let entries = meta.into_iter().chain(body);
        Node::Mapping(entries.map(|(name, node)| (name.into(), node)).collect())
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
        bodies: Bodies::One(fields),
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
        bodies: Bodies::One(fields),
    }
}

/// Documents about Kubernetes that control planes alone have, as many as the settings want.
const fn each_of_control_planes(
    kind: &'static str,
    bodies: for<'a> fn(&Inputs<'a>) -> Vec<Fields<'a>>,
) -> Document {
    Document {
        kind,
        written: KUBERNETES,
        workers: false,
        bodies: Bodies::Each(bodies),
    }
}

const MACHINE: fn(&Inputs<'_>) -> bool = |inputs| inputs.contract().machine_documents();
const HARDENED: fn(&Inputs<'_>) -> bool = |inputs| inputs.contract().hardens_by_default();
const HOSTNAME: fn(&Inputs<'_>) -> bool = |inputs| inputs.contract().hostname_document();
const KUBERNETES: fn(&Inputs<'_>) -> bool = |inputs| inputs.contract().kubernetes_documents();

/// Every document, in the order of the file.
pub(super) static TABLE: [Document; 28] = [
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
        let accepted = inputs.material.accepted_aggregator_plain();
        with_list(
            vec![("issuingCA", inputs.material.aggregator.plain())],
            "acceptedCAs",
            accepted,
        )
    }),
    each_of_control_planes("KubeAdmissionControlConfig", |inputs| {
        let plugins = inputs.admission().into_iter();
        let document = |(name, configuration)| {
            vec![("name", Node::text(name)), ("configuration", configuration)]
        };
        plugins.map(document).collect()
    }),
    of_control_planes("KubeAuditPolicyConfig", |inputs| {
        vec![("configuration", inputs.audit_policy())]
    }),
    of_control_planes("KubeAuthenticationConfig", |inputs| {
        let own = inputs.kubernetes().authentication.as_ref();
        let configuration = own.map_or_else(policies::authentication, Node::from);
        vec![("configuration", configuration)]
    }),
    each_of_control_planes("KubeAuthorizerConfig", authorizers),
    of_control_planes("KubeEtcdEncryptionConfig", |inputs| {
        vec![("config", encryption::configuration(inputs))]
    }),
    of_control_planes("KubeServiceAccountConfig", kube_service_account),
    of_control_planes("KubeAPIServerConfig", kube_api_server),
    of_control_planes("KubeControllerManagerConfig", |inputs| {
        let component = &inputs.kubernetes().controller_manager;
        some_of([
            ("image", Some(inputs.image(image::CONTROLLER_MANAGER))),
            ("extraArgs", arguments::arguments(&component.arguments)),
            ("env", arguments::environment(&component.environment)),
        ])
    }),
    of_control_planes("KubeSchedulerConfig", |inputs| {
        let kubernetes = inputs.kubernetes();
        let component = &kubernetes.scheduler;
        some_of([
            ("image", Some(inputs.image(image::SCHEDULER))),
            (
                "config",
                Some(configuration(kubernetes.scheduler_config.as_ref())),
            ),
            ("extraArgs", arguments::arguments(&component.arguments)),
            ("env", arguments::environment(&component.environment)),
        ])
    }),
    of_control_planes("KubeProxyConfig", |inputs| {
        let kube_proxy = &inputs.kubernetes().kube_proxy;
        some_of([
            ("image", Some(inputs.image(image::PROXY))),
            ("mode", kube_proxy.mode.as_ref().map(Node::text)),
            ("config", Some(configuration(kube_proxy.config.as_ref()))),
            ("extraArgs", arguments::arguments(&kube_proxy.arguments)),
        ])
    }),
    Document {
        kind: "KubeFlannelCNIConfig",
        written: |inputs| KUBERNETES(inputs) && inputs.kubernetes().flannel,
        workers: false,
        bodies: Bodies::One(|_| {
            vec![
                ("backendType", Node::text("vxlan")),
                ("backendPort", Node::Integer(4789)),
            ]
        }),
    },
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
    let kubelet = &inputs.kubernetes().kubelet;
    let dns = &kubelet.cluster_dns;
    some_of([
        ("image", Some(inputs.image(image::KUBELET))),
        ("config", Some(configuration(kubelet.config.as_ref()))),
        ("extraArgs", arguments::arguments(&kubelet.arguments)),
        ("clusterDNS", (!dns.is_empty()).then(|| Node::texts(dns))),
        (
            "defaultRuntimeSeccompProfileEnabled",
            Some(Node::Boolean(true)),
        ),
    ])
}

fn kube_network<'a>(inputs: &Inputs<'a>) -> Fields<'a> {
    v1alpha1::subnets(inputs).into()
}

/// Control planes issue by the CA; workers are told whom to trust.
fn kube_api_server_ca<'a>(inputs: &Inputs<'a>) -> Fields<'a> {
    let authority = &inputs.material.kubernetes;
    let mut accepted = inputs.material.accepted_plain();
    let mut fields = Vec::new();
    if inputs.is_control_plane() {
        fields.push(("issuingCA", authority.plain()));
    } else {
        accepted.insert(0, authority.plain_certificate());
    }
    with_list(fields, "acceptedCAs", accepted)
}

fn authorizers<'a>(inputs: &Inputs<'a>) -> Vec<Fields<'a>> {
    let Some(authorizers) = &inputs.kubernetes().authorizers else {
        let document = |(name, kind)| vec![("name", Node::text(name)), ("type", Node::text(kind))];
        return [("node", "Node"), ("rbac", "RBAC")].map(document).into();
    };
    let document = |authorizer: &'a Authorizer| {
        some_of([
            ("name", Some(Node::text(&authorizer.name))),
            ("type", Some(Node::text(&authorizer.kind))),
            ("webhook", authorizer.webhook.as_ref().map(Node::from)),
        ])
    };
    authorizers.iter().map(document).collect()
}

fn kube_service_account<'a>(inputs: &Inputs<'a>) -> Fields<'a> {
    let accounts = &inputs.kubernetes().service_accounts;
    let endpoint = inputs.settings.endpoint.as_str();
    let url = accounts.issuer.as_deref().unwrap_or(endpoint);
    let issuer = [
        ("privateKey", inputs.material.service_account.plain()),
        ("issuerURL", Node::text(url)),
    ];
    let texts = |texts: &'a [String]| (!texts.is_empty()).then(|| Node::texts(texts));
    let accepted = some_of([
        ("publicKeys", texts(&accounts.accepted_public_keys)),
        ("issuers", texts(&accounts.accepted_issuers)),
        ("audiences", texts(&accounts.accepted_audiences)),
    ]);
    let accepted = (!accepted.is_empty()).then(|| {
        Node::Mapping(
            accepted
                .into_iter()
                .map(|(name, node)| (name.into(), node))
                .collect(),
        )
    });
    some_of([
        ("issuer", Some(Node::mapping(issuer))),
        ("accepted", accepted),
    ])
}

fn kube_api_server<'a>(inputs: &Inputs<'a>) -> Fields<'a> {
    let kubernetes = inputs.kubernetes();
    let component = &kubernetes.api_server;
    let sans = inputs.api_server_sans();
    some_of([
        ("image", Some(inputs.image(image::API_SERVER))),
        ("extraArgs", arguments::arguments(&component.arguments)),
        ("env", arguments::environment(&component.environment)),
        (
            "apiPort",
            kubernetes
                .api_server_port
                .map(|port| Node::Integer(port.into())),
        ),
        (
            "certExtraSANs",
            (!sans.is_empty()).then(|| Node::texts(sans)),
        ),
    ])
}

/// A free-form configuration, which is written even if it is empty.
fn configuration(tree: Option<&Tree>) -> Node<'_> {
    tree.map_or_else(|| Node::mapping([]), Node::from)
}

fn some_of<'a, const N: usize>(fields: [(&'static str, Option<Node<'a>>); N]) -> Fields<'a> {
    let field = |(name, node): (&'static str, Option<Node<'a>>)| Some((name, node?));
    fields.into_iter().filter_map(field).collect()
}

fn with_list<'a>(mut fields: Fields<'a>, name: &'static str, items: Vec<Node<'a>>) -> Fields<'a> {
    if !items.is_empty() {
        fields.push((name, Node::Sequence(items)));
    }
    fields
}
