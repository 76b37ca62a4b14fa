//! A whole cluster on its way to Talos: what becomes of every setting.
//!
//! [`plan`] looks at everything that was found and sorts it: converted, kept because Talos does the
//! same, in need of a person, or refused. Nothing that was read is left out. It makes no key and
//! writes nothing; a plan that refuses nothing is carried out by the caller.
//!
//! One file a part of the control plane, each a table of flags with what becomes of them; below the
//! tables stand the few that need thought.

mod agreement;
mod api_server;
mod authentication;
mod authorities;
mod cluster_configuration;
mod controller_manager;
mod conversion;
mod defaults;
mod distribution;
mod domain;
mod encryption;
mod endpoint;
mod etcd;
mod flags;
mod item;
mod kube_proxy;
mod kubelet;
mod kubelet_flags;
mod leftovers;
mod missing_names;
mod networks;
mod nodes;
mod obstacle;
mod route;
mod scheduler;
mod service_accounts;
mod signing;
mod token_check;
mod tokens;
mod unknown_processes;
mod unset;
mod versions;

use jiff::Timestamp;

use self::conversion::Conversion;
use crate::cluster::Cluster;
use crate::settings::{Component, Settings};
use crate::talos::machine_config::KubernetesSettings;
use crate::talos::{Contract, EncryptionSecret, Endpoint, KubernetesVersion};

pub use agreement::{ControlPlane, disagreements};
pub use defaults::Difference;
pub use item::{Item, Outcome};
pub use obstacle::Obstacle;
pub use route::{Route, Way, etcd_outside};
pub use token_check::TokenToCheck;

/// What a person wants of a migration.
#[derive(Debug, Clone)]
pub struct Wishes {
    /// For which Talos.
    pub contract: Contract,
    /// The name of the cluster, if it is not to be the one that was found.
    pub name: Option<String>,
    /// The address of the Kubernetes API, if it is not to be the one that was found.
    pub endpoint: Option<Endpoint>,
    /// Whether a bootstrap token was given.
    pub has_token: bool,
    /// Tokens of service accounts that have to be accepted afterwards.
    pub tokens_to_check: Vec<TokenToCheck>,
    /// The moment to judge by.
    pub now: Timestamp,
}

/// What becomes of a cluster.
#[derive(Debug)]
pub struct Plan {
    /// By which way it comes to Talos.
    pub route: Route,
    /// Everything that was read, and what becomes of it.
    pub items: Vec<Item>,
    /// What Talos does otherwise where the cluster said nothing.
    pub differences: Vec<Difference>,
    /// What stands in an update of Talos's way.
    pub obstacles: Vec<Obstacle>,
    /// The name of the cluster.
    pub name: String,
    /// The address of the Kubernetes API, if it is known.
    pub endpoint: Option<Endpoint>,
    /// Which Kubernetes runs, if it is known.
    pub kubernetes_version: Option<KubernetesVersion>,
    /// The domain of the cluster's services.
    pub dns_domain: String,
    /// How Kubernetes is to run on Talos.
    pub kubernetes: KubernetesSettings,
    /// The key for encryption at rest that the bundle should have, if the cluster has one of a kind
    /// that a bundle can hold.
    pub encryption: Option<EncryptionSecret>,
}

impl Plan {
    /// How many items ended in `outcome`'s way.
    #[must_use]
    pub fn count(&self, is: fn(&Outcome) -> bool) -> usize {
        self.items.iter().filter(|item| is(&item.outcome)).count()
    }

    /// Whether nothing is refused.
    #[must_use]
    pub fn is_possible(&self) -> bool {
        self.count(Outcome::is_refused) == 0
    }
}

/// Sorts everything that was found about a cluster.
#[must_use]
pub fn plan(cluster: &Cluster, settings: &Settings, wishes: &Wishes) -> Plan {
    let mut conversion = Conversion::new(cluster, settings, wishes);
    authorities::convert(&mut conversion);
    for component in Component::ALL {
        flags::convert(&mut conversion, component);
    }
    flags::other_processes(&mut conversion);
    distribution::convert(&mut conversion);
    cluster_configuration::convert(&mut conversion);
    kubelet::convert(&mut conversion);
    kube_proxy::convert(&mut conversion);
    tokens::convert(&mut conversion);
    networks::conclude(&mut conversion);
    domain::conclude(&mut conversion);
    endpoint::conclude(&mut conversion);
    missing_names::conclude(&mut conversion);
    versions::conclude(&mut conversion);
    nodes::conclude(&mut conversion);
    service_accounts::conclude(&mut conversion);
    token_check::convert(&mut conversion);
    encryption::conclude(&mut conversion);
    defaults::conclude(&mut conversion);
    route::conclude(&mut conversion);
    leftovers::convert(&mut conversion);
    conversion.into_plan()
}

/// What to do where a file is not in the source: paths in flags begin at the node's root.
const BRING_THE_FILE: &str = "give a source that has it at its place on the node, such as an archive from the \
                              root on: tar -C / -cz FOLDER FILE";

/// What a person does where the controllers of a cloud run beside Kubernetes, wherever that was said.
const EXTERNAL_CLOUD_PROVIDER: &str = "set the external cloud provider (`cluster.externalCloudProvider`, or \
                                       kubelet's `cloud-provider` flag)";

/// A flag names a file that the source does not have.
fn file_missing(path: &str) -> Outcome {
    Outcome::refused(
        format!("`{path}` was not read, and what it says would be lost"),
        BRING_THE_FILE,
    )
}

/// A flag names a file that is not what it should be.
fn file_unreadable(path: &str) -> Outcome {
    Outcome::refused(
        format!("`{path}` cannot be understood, and what it says would be lost"),
        "see what it is; the API server would not start with it",
    )
}
