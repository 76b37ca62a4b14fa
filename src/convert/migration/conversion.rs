//! The work in progress: what has been sorted, and what Talos will be told.

use super::{Difference, Item, Obstacle, Outcome, Plan, Route, Way, Wishes};
use crate::cluster::Cluster;
use crate::settings::{ComponentProcess, ConfigurationKind, Settings};
use crate::talos::machine_config::{Arguments, KubernetesSettings};
use crate::talos::yaml_tree::Tree;
use crate::talos::{Contract, EncryptionSecret, Endpoint, KubernetesVersion};

/// The domain of services, where nobody says another.
const DNS_DOMAIN: &str = "cluster.local";

/// Fields of a configuration, each with its value.
pub(super) type Fields = Vec<(String, Tree)>;

pub(super) struct Conversion<'a> {
    pub(super) cluster: &'a Cluster,
    pub(super) settings: &'a Settings,
    pub(super) wishes: &'a Wishes,
    /// By which way the cluster comes to Talos: what old nodes need counts only while they run.
    pub(super) route: Route,
    pub(super) kubernetes: KubernetesSettings,
    pub(super) differences: Vec<Difference>,
    /// What is right for the contract, and not for Talos 1.14.
    pub(super) obstacles: Vec<Obstacle>,
    pub(super) name: Option<String>,
    pub(super) endpoint: Option<Endpoint>,
    /// Where a distribution says that its API is reached by all.
    pub(super) announced: Option<Endpoint>,
    /// Where the API of this node is reached.
    pub(super) announced_by_node: Option<Endpoint>,
    pub(super) kubernetes_version: Option<KubernetesVersion>,
    pub(super) dns_domain: String,
    /// Whether a setting named the domain.
    pub(super) knows_domain: bool,
    pub(super) encryption: Option<EncryptionSecret>,
    /// Issuers of service-account tokens, in the order of the flags.
    pub(super) issuers: Vec<String>,
    /// Audiences of service-account tokens, if a flag names any.
    pub(super) audiences: Option<Vec<String>>,
    items: Vec<Item>,
}

impl<'a> Conversion<'a> {
    pub(super) fn new(cluster: &'a Cluster, settings: &'a Settings, wishes: &'a Wishes) -> Self {
        let kubernetes = KubernetesSettings {
            // The old cluster's network stays until a person changes it: two at once break both.
            flannel: false,
            // What a cluster does not demand of its pods, it must not demand of a sudden.
            admission: Some(Vec::new()),
            ..KubernetesSettings::default()
        };
        Self {
            cluster,
            settings,
            wishes,
            route: Route::of(cluster, settings),
            kubernetes,
            differences: Vec::new(),
            obstacles: Vec::new(),
            name: None,
            endpoint: None,
            announced: None,
            announced_by_node: None,
            kubernetes_version: None,
            dns_domain: DNS_DOMAIN.to_owned(),
            knows_domain: false,
            encryption: None,
            issuers: Vec::new(),
            audiences: None,
            items: Vec::new(),
        }
    }

    pub(super) fn contract(&self) -> Contract {
        self.wishes.contract
    }

    /// Whether old and new control planes are one cluster for a while.
    pub(super) fn runs_side_by_side(&self) -> bool {
        self.route.way == Way::Join
    }

    /// The place of a setting: a field up to Talos 1.13, a document from 1.14 on.
    pub(super) fn place(&self, field: &str, document: &str) -> String {
        let place = if self.contract().kubernetes_documents() {
            document
        } else {
            field
        };
        place.to_owned()
    }

    /// Notes what becomes of something that was read.
    pub(super) fn note(
        &mut self,
        origin: impl Into<String>,
        what: impl Into<String>,
        outcome: Outcome,
    ) {
        self.items.push(Item {
            origin: origin.into(),
            what: what.into(),
            outcome,
        });
    }

    /// Sorts every field of a configuration, and gives those that `field` carries on as they are.
    pub(super) fn carry_fields(
        &mut self,
        kind: ConfigurationKind,
        field: fn(&mut Self, &str, &Tree, &mut Fields) -> Outcome,
    ) -> Option<Tree> {
        let configuration = self.settings.configuration(kind)?;
        let Tree::Mapping(entries) = &configuration.tree else {
            return None;
        };
        let mut carried = Fields::new();
        for (name, value) in entries {
            let outcome = field(self, name, value, &mut carried);
            self.note(&configuration.origin, name.as_str(), outcome);
        }
        (!carried.is_empty()).then_some(Tree::Mapping(carried))
    }

    /// Whether something in `file` was noted.
    pub(super) fn has_noted(&self, file: &str) -> bool {
        self.items.iter().any(|item| {
            let rest = item.origin.strip_prefix(file);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', ':']))
        })
    }

    /// Whether the manifest of `pod`'s component has the flag `name` with this value.
    pub(super) fn has_flag(process: Option<&ComponentProcess>, name: &str, value: &str) -> bool {
        process.is_some_and(|process| process.values(name).any(|known| known == value))
    }

    pub(super) fn into_plan(self) -> Plan {
        Plan {
            route: self.route,
            items: self.items,
            differences: self.differences,
            obstacles: self.obstacles,
            name: self.name.unwrap_or_else(|| "kubernetes".to_owned()),
            endpoint: self.endpoint,
            kubernetes_version: self.kubernetes_version,
            dns_domain: self.dns_domain,
            kubernetes: self.kubernetes,
            encryption: self.encryption,
        }
    }
}

/// Adds a flag; one that is there already gets another value.
pub(super) fn add_argument(arguments: &mut Arguments, name: &str, value: &str) {
    match arguments.iter_mut().find(|(known, _)| known == name) {
        Some((_, values)) => values.push(value.to_owned()),
        None => arguments.push((name.to_owned(), vec![value.to_owned()])),
    }
}
