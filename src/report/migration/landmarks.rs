//! What the runbook calls by name: the nodes, addresses and files of this cluster.

use super::MigrationReport;
use crate::cluster::{CaSlot, EncryptionEvidence, KubeconfigRole, OldNodes, Operations};
use crate::convert::migration::{Way, etcd_outside};
use crate::settings::{Component, ComponentProcess, ControlPlaneNode, ProcessSource};
use crate::talos::machine_config::EncryptionAtRest;
use crate::talos::yaml_tree::Tree;
use crate::talos::{API_SERVER_PORT, Endpoint};

/// Where the cluster keeps its data.
#[derive(Debug, Clone, Copy)]
pub(super) enum Etcd<'a> {
    /// On the control planes, as kubeadm does it.
    OnControlPlanes(&'a ComponentProcess),
    /// On machines of its own, at these URLs.
    Outside(&'a str),
    /// Nothing that was read tells.
    Unknown,
}

/// Nodes, addresses and files.
#[derive(Debug)]
pub(super) struct Landmarks<'a> {
    api_server: Option<&'a ComponentProcess>,
    /// By which way the cluster comes to Talos.
    pub(super) way: Way,
    /// How the old cluster is run.
    pub(super) operations: &'static Operations,
    /// What becomes of old nodes, if not all nodes are one cluster for a while.
    pub(super) old_nodes: OldNodes,
    /// Whether old clients and nodes know whom Talos issues.
    pub(super) has_kubernetes_ca: bool,
    pub(super) etcd: Etcd<'a>,
    /// The control plane whose files were read.
    pub(super) node: Option<&'a str>,
    /// Its address.
    pub(super) address: Option<&'a str>,
    /// Every control plane that is known.
    pub(super) control_planes: Vec<ControlPlaneNode<'a>>,
    /// The control plane whose own address the endpoint is, if it is one's.
    pub(super) endpoint_node: Option<ControlPlaneNode<'a>>,
    /// The address of a control plane at which old kubelets reach the API, so that they lose it with
    /// that node.
    pub(super) kubelets_lead_to: Option<Endpoint>,
    /// The port of every API server.
    pub(super) port: u16,
    /// Static pods that are no part of the control plane.
    pub(super) other_pods: Vec<&'a str>,
}

impl<'a> Landmarks<'a> {
    pub(super) fn of(report: &MigrationReport<'a>) -> Self {
        let settings = report.settings;
        let api_server = settings.component(Component::ApiServer);
        let etcd = etcd(report);
        let address = api_server.and_then(|process| process.flag("advertise-address"));
        let control_planes = settings.control_planes();
        let node = match etcd {
            Etcd::OnControlPlanes(process) => process.flag("name"),
            Etcd::Outside(_) | Etcd::Unknown => {
                named(&control_planes, address).or_else(|| of_kubelet(report))
            }
        };
        let endpoint = report.plan.endpoint.as_ref();
        let endpoint_node = endpoint
            .filter(|endpoint| settings.has_node_at(endpoint.host()))
            .map(|endpoint| ControlPlaneNode {
                name: named(&control_planes, Some(endpoint.host())),
                address: Some(endpoint.host()),
            });
        let pods = settings.processes.iter();
        let is_other = |pod: &&ComponentProcess| {
            pod.component.is_none() && pod.source == ProcessSource::StaticPod
        };
        let operations = report.cluster.operations;
        let has_kubernetes_ca = report.cluster.has_pair(CaSlot::Kubernetes);
        Self {
            api_server,
            way: report.plan.route.way,
            operations,
            old_nodes: match operations.old_nodes {
                OldNodes::ComeAlong if has_kubernetes_ca => OldNodes::ComeAlong,
                _ => OldNodes::AreSwitchedOff,
            },
            has_kubernetes_ca,
            etcd,
            node,
            address,
            kubelets_lead_to: kubelets_lead_to(report),
            endpoint_node,
            control_planes,
            port: report
                .plan
                .kubernetes
                .api_server_port
                .unwrap_or(API_SERVER_PORT),
            other_pods: pods
                .filter(is_other)
                .map(|process| process.name.as_str())
                .collect(),
        }
    }

    /// Whether old nodes are a part of the cluster while Talos's are, too.
    pub(super) fn keeps_old_nodes(&self) -> bool {
        match self.way {
            Way::Join => true,
            Way::Restore => self.old_nodes == OldNodes::ComeAlong,
            Way::Rebuild => false,
        }
    }

    /// Whether a step has switched every old machine off.
    pub(super) fn old_machines_are_off(&self) -> bool {
        self.way == Way::Restore && !self.keeps_old_nodes()
    }

    /// The control planes beside the one whose files count.
    pub(super) fn other_control_planes(&self) -> impl Iterator<Item = ControlPlaneNode<'a>> {
        let planes = self.control_planes.iter().copied();
        planes.filter(|plane| {
            let is_first = self.address.is_some() && plane.address == self.address;
            !is_first && (plane.name.is_none() || plane.name != self.node)
        })
    }

    /// Every control plane in the order in which they leave: the one that was read behind the others,
    /// because the last resort begins anew on it, and last the one whose own address leads to the API.
    pub(super) fn leaving(&self) -> Vec<ControlPlaneNode<'a>> {
        let mut leaving: Vec<ControlPlaneNode<'a>> = self.other_control_planes().collect();
        leaving.push(ControlPlaneNode {
            name: self.node,
            address: self.address,
        });
        let endpoint = self.endpoint_node.and_then(|node| node.address);
        let server = self.kubelets_lead_to.as_ref().map(Endpoint::host);
        let leads_to_api = |plane: &ControlPlaneNode<'_>| {
            let mut hosts = endpoint.into_iter().chain(server);
            hosts.any(|host| plane.is_at(host))
        };
        leaving.sort_by_key(leads_to_api);
        leaving
    }

    /// A flag of the API server.
    pub(super) fn api_server_flag(&self, name: &str) -> Option<&'a str> {
        self.api_server?.flag(name)
    }

    /// The first issuer of service-account tokens, which issues them.
    pub(super) fn issuers(&self) -> Vec<&'a str> {
        self.api_server.map_or_else(Vec::new, |process| {
            process.values("service-account-issuer").collect()
        })
    }

    /// The name of the node for a sentence.
    pub(super) fn node_name(&self) -> &'a str {
        self.node
            .or(self.address)
            .unwrap_or("the old control plane")
    }
}

/// The name of the control plane at `address`.
fn named<'a>(planes: &[ControlPlaneNode<'a>], address: Option<&str>) -> Option<&'a str> {
    let address = address?;
    let plane = planes.iter().find(|plane| plane.address == Some(address))?;
    plane.name
}

/// The name of the node whose kubelet has its certificate in a kubeconfig.
fn of_kubelet<'a>(report: &MigrationReport<'a>) -> Option<&'a str> {
    let mut kubeconfigs = report.cluster.kubeconfigs.iter();
    let kubelet = kubeconfigs.find(|one| one.role == Some(KubeconfigRole::Kubelet))?;
    let client = kubelet.client.as_ref()?;
    client
        .value
        .subject
        .common_name()
        .strip_prefix("system:node:")
}

/// Kubelets have the address that the administrator has, unless it is that of one control plane and
/// another endpoint was set since.
fn kubelets_lead_to(report: &MigrationReport<'_>) -> Option<Endpoint> {
    let mut kubeconfigs = report.cluster.kubeconfigs.iter();
    let admin = kubeconfigs.find(|one| one.role == Some(KubeconfigRole::Admin));
    let server = admin.and_then(|admin| admin.server.as_ref()?.parse::<Endpoint>().ok());
    let server = server.or_else(|| report.plan.endpoint.clone())?;
    let is_nodes_own = report.settings.has_node_at(server.host());
    is_nodes_own.then_some(server)
}

fn etcd<'a>(report: &MigrationReport<'a>) -> Etcd<'a> {
    if let Some(process) = report.settings.component(Component::Etcd) {
        return Etcd::OnControlPlanes(process);
    }
    etcd_outside(report.cluster, report.settings).map_or(Etcd::Unknown, Etcd::Outside)
}

/// The networks of pods, if anything that was read names them.
pub(super) fn pod_subnets<'a>(report: &MigrationReport<'a>) -> &'a [String] {
    let plan = report.plan;
    let is_unknown = plan
        .items
        .iter()
        .any(|item| item.what == "the network of pods" && item.outcome.needs_a_person());
    if is_unknown {
        &[]
    } else {
        &plan.kubernetes.pod_subnets
    }
}

/// What is encrypted in etcd, as far as it is kept: resources of every rule that has a provider
/// beside `identity`.
pub(super) fn encrypted_resources(report: &MigrationReport<'_>) -> Vec<String> {
    match &report.plan.kubernetes.encryption {
        EncryptionAtRest::Configuration(tree) => {
            let rules = list(tree, "resources").iter();
            let rules = rules.filter(|rule| {
                let mut providers = list(rule, "providers").iter();
                providers.any(|provider| provider.field("identity").is_none())
            });
            let names = rules.flat_map(|rule| list(rule, "resources"));
            names
                .filter_map(|name| name.text().map(str::to_owned))
                .collect()
        }
        EncryptionAtRest::Fields { .. } => vec!["secrets".to_owned()],
        EncryptionAtRest::Off | EncryptionAtRest::OfBundle => Vec::new(),
    }
}

fn list<'a>(tree: &'a Tree, name: &str) -> &'a [Tree] {
    tree.field(name).map(Tree::items).unwrap_or_default()
}

/// Encryption at rest in a few words of ours.
pub(super) fn encryption(report: &MigrationReport<'_>) -> String {
    let resources = encrypted_resources(report);
    match &report.cluster.encryption {
        _ if matches!(report.plan.kubernetes.encryption, EncryptionAtRest::Off) => {
            "nothing".to_owned()
        }
        _ if !resources.is_empty() => format!("{}, kept with the keys", resources.join(", ")),
        EncryptionEvidence::On(path) if !report.plan.is_possible() => {
            format!("by {path}, see what is refused")
        }
        EncryptionEvidence::Unknown => "unknown".to_owned(),
        EncryptionEvidence::On(_) | EncryptionEvidence::Off => "nothing".to_owned(),
    }
}
