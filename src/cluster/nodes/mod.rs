//! Several nodes of one cluster, read as one cluster.
//!
//! What the nodes share is compared: certificates by their fingerprints, keys by their public
//! halves. A half that one node lacks is taken from another: kubespray has the key of the etcd CA on
//! the hosts of etcd alone. What each node has for itself, leaves, kubeconfigs and files, is all
//! kept. Everything that was read begins with the name of its node.

mod labels;
mod materials;
mod names;
mod service_account;
mod slots;

pub use self::names::names;
use super::{Cluster, Counts, EncryptionEvidence, EncryptionRule, Peculiarity, PeculiarityKind};

/// What a [`Disagreement`] calls it.
pub(crate) const ENCRYPTION_AT_REST: &str = "encryption at rest";
/// As [`ENCRYPTION_AT_REST`].
pub(crate) const SERVICE_ACCOUNT_KEY: &str = "service-account key";

/// What to do where each node has an aggregator CA of its own.
const OF_EACH_NODE: &str = "see that no control-plane node is missing here, and that the CAs of the others \
                            stand in KubeAggregatorCAConfig.acceptedCAs (Talos 1.14): a secrets bundle \
                            has no place for them, so add them by hand where `convert` has not";

/// What is known of the nodes of a cluster that was read from several. Empty if it was read from
/// one.
#[derive(Debug, Default)]
pub struct Nodes {
    /// Their names, in the order in which they were given.
    pub names: Vec<String>,
    /// What they have to have in common, and have not.
    pub disagreements: Vec<Disagreement>,
    /// CAs that were renewed with the same key, and not on every node.
    pub renewed: Vec<Disagreement>,
    /// Nodes that have the same certificates throughout, so that they may be one.
    pub alike: Vec<[String; 2]>,
    /// Certificates and keys that are the same as the one that was taken: where, and what.
    pub copies: Vec<(String, String)>,
}

/// Something that is not the same on all nodes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disagreement {
    /// What it is.
    pub what: String,
    /// What each node says, in their order. Never a secret: keys are named by their fingerprints.
    pub values: Vec<(String, String)>,
}

/// The clusters that were read on several nodes as one cluster. One alone stays as it is.
#[must_use]
pub fn join(mut clusters: Vec<Cluster>) -> Cluster {
    if clusters.len() < 2 {
        return clusters.pop().unwrap_or_default();
    }
    let places: Vec<&str> = clusters.iter().map(|node| node.name.as_str()).collect();
    let mut nodes = Nodes {
        names: names(&places),
        ..Nodes::default()
    };
    let name = places.join(", ");
    for (cluster, node) in clusters.iter_mut().zip(&nodes.names) {
        labels::put(cluster, node);
    }
    nodes.alike = alike(&clusters, &nodes.names);
    let encryption = encryption(&clusters, &nodes);
    let mut joined = base(&clusters);
    joined.name = name;
    joined.peculiarities = peculiarities(&clusters, &nodes);
    slots::fill(&mut joined, &mut clusters, &mut nodes);
    nodes.disagreements.extend(encryption);
    for cluster in clusters {
        joined.take_rest_of(cluster);
    }
    joined.drop_what_was_found();
    joined.nodes = nodes;
    joined
}

/// What is the cluster's and not a node's: as the first node tells it whose Kubernetes CA has its
/// usual name. A host of etcd alone knows less.
fn base(clusters: &[Cluster]) -> Cluster {
    let is_named = |cluster: &&Cluster| {
        let authority = cluster.authorities.first();
        authority.is_some_and(|authority| {
            authority.certificate.chosen.is_some() && !authority.certificate.by_content
        })
    };
    let Some(base) = clusters.iter().find(is_named).or(clusters.first()) else {
        return Cluster::default();
    };
    let known = |cluster: &&Cluster| cluster.encryption != EncryptionEvidence::Unknown;
    let encrypts = |cluster: &&Cluster| matches!(cluster.encryption, EncryptionEvidence::On(_));
    let encryption = clusters.iter().find(encrypts);
    let encryption = encryption.or_else(|| clusters.iter().find(known));
    let encryption = encryption.unwrap_or(base);
    Cluster {
        folder: base.folder.clone(),
        layout: base.layout,
        layout_evidence: base.layout_evidence.clone(),
        is_store: clusters.iter().all(|cluster| cluster.is_store),
        remedies: base.remedies,
        operations: base.operations,
        token_signer: (clusters.iter()).find_map(|cluster| cluster.token_signer.clone()),
        issuer: clusters.iter().find_map(|cluster| cluster.issuer.clone()),
        accepted_issuers: accepted_issuers(clusters),
        encryption: encryption.encryption.clone(),
        encryption_rules: encryption.encryption_rules.clone(),
        talos: clusters.iter().find_map(|cluster| cluster.talos.clone()),
        ..Cluster::default()
    }
}

impl Cluster {
    /// What each node has for itself.
    fn take_rest_of(&mut self, node: Self) {
        self.leaves.extend(node.leaves);
        self.kubeconfigs.extend(node.kubeconfigs);
        self.named.extend(node.named);
        self.other_certificates.extend(node.other_certificates);
        self.other_keys.extend(node.other_keys);
        self.key_files.extend(node.key_files);
        self.unread.extend(node.unread);
        self.cut_off.extend(node.cut_off);
        self.open_choices.extend(node.open_choices);
        self.candidates.extend(node.candidates);
        self.counts = Counts {
            certificates_and_keys: self.counts.certificates_and_keys
                + node.counts.certificates_and_keys,
            static_pods: self.counts.static_pods + node.counts.static_pods,
        };
    }

    /// What was open on one node is not, where another knows; and what fills a slot is nothing else.
    fn drop_what_was_found(&mut self) {
        let choices = std::mem::take(&mut self.open_choices).into_iter();
        self.open_choices = choices.filter(|choice| !self.has_filled(choice)).collect();
        let slots = self.authorities.iter().flat_map(|authority| {
            let chosen = authority.certificate.chosen.iter();
            chosen.chain(&authority.certificate.others)
        });
        let in_slots: Vec<Vec<u8>> = slots.map(|piece| piece.value.der().to_vec()).collect();
        self.other_certificates
            .retain(|other| !in_slots.iter().any(|der| der == other.value.der()));
    }
}

/// The further issuers of the first node that has any issuer.
fn accepted_issuers(clusters: &[Cluster]) -> Vec<String> {
    let first = clusters.iter().find(|cluster| cluster.issuer.is_some());
    first.map_or_else(Vec::new, |cluster| cluster.accepted_issuers.clone())
}

/// Each peculiarity once, with the places of all nodes.
fn peculiarities(clusters: &[Cluster], nodes: &Nodes) -> Vec<Peculiarity> {
    let mut joined: Vec<Peculiarity> = Vec::new();
    for peculiarity in clusters.iter().flat_map(|cluster| &cluster.peculiarities) {
        let same = |known: &&mut Peculiarity| {
            known.kind == peculiarity.kind && known.message == peculiarity.message
        };
        match joined.iter_mut().find(same) {
            Some(known) => known.places.extend(peculiarity.places.iter().cloned()),
            None => joined.push(peculiarity.clone()),
        }
    }
    for own in &mut joined {
        if own.kind == PeculiarityKind::OfOneNode {
            let count = nodes.names.len();
            own.message = format!(
                "each node has an aggregator CA of its own: of those of the {count} nodes the \
                 first issues, and the others are accepted"
            );
            OF_EACH_NODE.clone_into(&mut own.help);
        }
    }
    joined
}

/// Whether Secrets are encrypted at rest, and with which keys, where nodes tell it differently.
fn encryption(clusters: &[Cluster], nodes: &Nodes) -> Option<Disagreement> {
    let value = |cluster: &Cluster| match (&cluster.encryption, &cluster.encryption_rules) {
        (EncryptionEvidence::Unknown, _) => None,
        (EncryptionEvidence::Off, _) => Some("off".to_owned()),
        (EncryptionEvidence::On(_), Some(Ok(rules))) => Some(EncryptionRule::summary(rules)),
        (EncryptionEvidence::On(_), Some(Err(reason))) => Some(format!("unusable: {reason}")),
        (EncryptionEvidence::On(_), None) => Some("on, by a file that was not read".to_owned()),
    };
    let values = clusters.iter().map(value);
    disagreement(ENCRYPTION_AT_REST, nodes, values)
}

/// A disagreement, if nodes that say anything do not say the same.
fn disagreement(
    what: &str,
    nodes: &Nodes,
    values: impl Iterator<Item = Option<String>>,
) -> Option<Disagreement> {
    let named = nodes.names.iter().cloned().zip(values);
    let told = named.filter_map(|(node, value)| Some((node, value?)));
    let values: Vec<(String, String)> = told.collect();
    let differs = values.windows(2).any(|pair| pair[0].1 != pair[1].1);
    differs.then(|| Disagreement {
        what: what.to_owned(),
        values,
    })
}

/// Nodes whose leaves are all the same: each has its own, save where a distribution shares them.
fn alike(clusters: &[Cluster], names: &[String]) -> Vec<[String; 2]> {
    let leaves: Vec<Vec<&[u8]>> = clusters.iter().map(leaves).collect();
    let mut alike = Vec::new();
    for (second, theirs) in leaves.iter().enumerate() {
        let mut before = leaves[..second].iter();
        let first = before.position(|ours| !ours.is_empty() && ours == theirs);
        alike.extend(first.map(|first| [names[first].clone(), names[second].clone()]));
    }
    alike
}

fn leaves(cluster: &Cluster) -> Vec<&[u8]> {
    let leaves = cluster
        .leaves
        .iter()
        .filter_map(|leaf| leaf.certificate.as_ref().ok());
    leaves.map(|leaf| leaf.value.der()).collect()
}
