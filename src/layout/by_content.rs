//! Tells files apart by what they are, when names lie or are missing: who signed what, which key
//! belongs to which certificate, and what the subjects say.

use std::collections::BTreeMap;

use super::inventory::Inventory;
use super::pieces::renewal_rank;
use crate::cluster::{CaSlot, Candidate, LeafRole, OpenChoice, Origin, Slot};
use crate::pki::{Certificate, PublicKey};

/// The name of this layout.
pub(super) const NAME: &str = "by content";

/// A name that every API server has, since pods use it.
const API_SERVER_NAME: &str = "kubernetes.default.svc";

/// What distributions call their front proxy, beside kubeadm's name: k3s and RKE2, RKE1, kops.
const FRONT_PROXIES: [&str; 3] = [
    "system:auth-proxy",
    "kube-apiserver-proxy-client",
    "aggregator",
];

/// Pieces of subjects by which a person is told which CA it may be, when nothing is there that it
/// signed. They prove nothing: `kubernetes-dashboard-ca` has one as well.
const SUBJECT_HINTS: [(CaSlot, &[&str]); 3] = [
    (CaSlot::Etcd, &["etcd"]),
    (
        CaSlot::Aggregator,
        &[
            "front-proxy",
            "aggregator",
            "requestheader",
            "request-header",
        ],
    ),
    (CaSlot::Kubernetes, &["kubernetes", "kube-ca", "k8s"]),
];

/// What the content says about every slot.
#[derive(Debug, Default)]
pub(super) struct Evidence {
    /// The CA certificate of each slot.
    pub(super) authorities: BTreeMap<CaSlot, Origin>,
    /// CAs that are trusted beside it: those of clients, where servers have another.
    pub(super) accepted: BTreeMap<CaSlot, Vec<Origin>>,
    /// The leaf certificates and their roles.
    pub(super) leaves: Vec<(LeafRole, Origin)>,
    /// The service-account key.
    pub(super) service_account: Option<Origin>,
    /// What could fill a slot, and nothing proves it.
    pub(super) candidates: Vec<Candidate>,
    /// What is open.
    pub(super) open_choices: Vec<OpenChoice>,
}

/// Reads the evidence of a whole tree.
pub(super) fn evidence(inventory: &Inventory) -> Evidence {
    let mut evidence = Evidence::default();
    let mut votes = Votes::default();
    let mut servers = Votes::default();
    let authorities = distinct_authorities(inventory);
    for (origin, leaf) in inventory.certificates() {
        if leaf.is_authority() {
            continue;
        }
        if let Some(role) = role_of(leaf) {
            evidence.leaves.push((role, origin.clone()));
        }
        if is_api_server(leaf) {
            servers.cast_by_signature(&authorities, leaf, CaSlot::Kubernetes);
        }
        if let Some(slot) = slot_of(leaf) {
            votes.cast_by_signature(&authorities, leaf, slot);
        }
    }
    for kubeconfig in &inventory.kubeconfigs {
        for trusted in &kubeconfig.authorities {
            let same = |(_, ca): &&(&Origin, &Certificate)| ca.is_same_authority(&trusted.value);
            if let Some((origin, _)) = authorities.iter().find(same) {
                votes.cast(CaSlot::Kubernetes, origin);
            }
        }
        if let Some(client) = &kubeconfig.client {
            votes.cast_by_signature(&authorities, &client.value, CaSlot::Kubernetes);
        }
    }
    for slot in CaSlot::OF_KUBERNETES {
        // The CA of the API server is the one that every client trusts; a CA that signed clients
        // alone, as those of k3s and RKE2, is accepted beside it.
        let of_servers = servers.candidates(slot);
        let by_vote = if let [_] = of_servers.as_slice() {
            let voted = votes.voted(slot);
            let others = voted
                .into_iter()
                .filter(|origin| !of_servers.contains(origin));
            evidence.accepted.insert(slot, others.collect());
            of_servers
        } else {
            votes.candidates(slot)
        };
        if by_vote.is_empty() {
            let by_subject = by_subject(&authorities, &votes, slot);
            evidence.candidates.extend(by_subject);
        }
        let what = slot.title();
        let remedy = format!("name it with --{0}-crt and --{0}-key", slot.flag());
        if let Some(origin) = decide(&mut evidence.open_choices, what, by_vote, remedy) {
            evidence.authorities.insert(slot, origin);
        }
    }
    let keys = service_account_keys(inventory);
    evidence
        .candidates
        .extend(keys.iter().map(|(origin, key)| Candidate {
            slot: Slot::ServiceAccount,
            origin: origin.clone(),
            what: format!("{} key, key id {}", key.algorithm(), key.key_id()),
        }));
    evidence.service_account = decide(
        &mut evidence.open_choices,
        &Slot::ServiceAccount.to_string(),
        keys.into_iter().map(|(origin, _)| origin).collect(),
        "name it with --service-account-key".to_owned(),
    );
    evidence
}

/// The only candidate; several are an open choice.
fn decide(
    open_choices: &mut Vec<OpenChoice>,
    what: &str,
    mut candidates: Vec<Origin>,
    remedy: String,
) -> Option<Origin> {
    if candidates.len() < 2 {
        return candidates.pop();
    }
    open_choices.push(OpenChoice {
        what: what.to_owned(),
        candidates: candidates.iter().map(ToString::to_string).collect(),
        remedy,
    });
    None
}

/// How many certificates say of a CA that it fills a slot.
#[derive(Default)]
struct Votes(BTreeMap<(CaSlot, Origin), usize>);

impl Votes {
    fn cast(&mut self, slot: CaSlot, authority: &Origin) {
        *self.0.entry((slot, authority.clone())).or_default() += 1;
    }

    fn cast_by_signature(
        &mut self,
        authorities: &[(&Origin, &Certificate)],
        leaf: &Certificate,
        slot: CaSlot,
    ) {
        if let Some((origin, _)) = authorities.iter().find(|(_, ca)| leaf.is_issued_by(ca)) {
            self.cast(slot, origin);
        }
    }

    /// The CAs with the most votes for `slot`.
    fn candidates(&self, slot: CaSlot) -> Vec<Origin> {
        let of_slot = || self.0.iter().filter(|((voted, _), _)| *voted == slot);
        let most = of_slot().map(|(_, count)| *count).max().unwrap_or_default();
        let winners = of_slot().filter(|(_, count)| **count == most);
        winners.map(|((_, origin), _)| origin.clone()).collect()
    }

    /// Every CA with a vote for `slot`.
    fn voted(&self, slot: CaSlot) -> Vec<Origin> {
        let of_slot = self.0.keys().filter(|(voted, _)| *voted == slot);
        of_slot.map(|(_, origin)| origin.clone()).collect()
    }

    fn has_voted_for(&self, authority: &Origin) -> bool {
        self.0.keys().any(|(_, origin)| origin == authority)
    }
}

/// CAs that nothing speaks for, by their subject.
fn by_subject(
    authorities: &[(&Origin, &Certificate)],
    votes: &Votes,
    slot: CaSlot,
) -> Vec<Candidate> {
    let hinted = authorities.iter().filter(|(origin, certificate)| {
        let subject = certificate.subject.to_string().to_lowercase();
        let hint = SUBJECT_HINTS
            .iter()
            .find(|(_, words)| words.iter().any(|word| subject.contains(word)));
        !votes.has_voted_for(origin) && hint.is_some_and(|(hinted, _)| *hinted == slot)
    });
    let candidates = hinted.map(|(origin, certificate)| Candidate {
        slot: Slot::Ca(slot),
        origin: (*origin).clone(),
        what: format!("{certificate}, by its subject alone"),
    });
    candidates.collect()
}

/// Every CA once, however many copies of it there are, and however often it was renewed. Files of leaves
/// may have their CA behind them, so a file that begins with it goes before those.
fn distinct_authorities(inventory: &Inventory) -> Vec<(&Origin, &Certificate)> {
    let mut distinct: Vec<(&Origin, &Certificate)> = Vec::new();
    let rank = |(origin, certificate): &(&Origin, &Certificate)| {
        let is_first = origin.block.is_none_or(|(number, _)| number == 1);
        (renewal_rank(certificate), is_first)
    };
    let authorities = inventory.certificates();
    for found in authorities.filter(|(_, certificate)| certificate.is_authority()) {
        let mut known = distinct.iter_mut();
        match known.find(|(_, known)| known.is_same_authority(found.1)) {
            Some(known) if rank(known) < rank(&found) => *known = found,
            Some(_) => {}
            None => distinct.push(found),
        }
    }
    distinct
}

/// Private keys that no certificate has: of a cluster's keys only the service-account key. One
/// whose public half stands beside it as a public key goes before those without.
fn service_account_keys(inventory: &Inventory) -> Vec<(Origin, PublicKey)> {
    // RKE1 and the Hard Way keep the public half in a certificate of that name.
    let is_account = |certificate: &Certificate| {
        certificate
            .subject
            .common_name()
            .contains("service-account")
    };
    let certified: Vec<&PublicKey> = inventory
        .certificates()
        .filter(|(_, certificate)| !is_account(certificate))
        .map(|(_, certificate)| &certificate.public_key)
        .collect();
    let mut free: Vec<(Origin, PublicKey)> = Vec::new();
    for (origin, key) in inventory.keys() {
        let public = key.public_key();
        let known = free.iter().any(|(_, other)| other == public);
        if !certified.contains(&public) && !known {
            free.push((origin.clone(), public.clone()));
        }
    }
    let is_published = |key: &PublicKey| inventory.file_of_public_key(key).is_some();
    if free.iter().any(|(_, key)| is_published(key)) {
        free.retain(|(_, key)| is_published(key));
    }
    free
}

/// The role of a leaf by its subject and usage.
fn role_of(leaf: &Certificate) -> Option<LeafRole> {
    let name = leaf.subject.common_name();
    let by_name = LeafRole::ALL
        .into_iter()
        .find(|role| role.common_name() == Some(name));
    let is_front_proxy = FRONT_PROXIES.contains(&name);
    // etcd's own certificates have the node's name, and are for both uses. So are all that k0s issues,
    // but of the others it is said what they are. Those of RKE1 have the names of the API server, too.
    let is_named = name.contains("etcd");
    let is_other = is_component(leaf) || is_api_server(leaf) && !is_named;
    let is_member = || is_for_both(leaf) && !is_other;
    by_name
        .or_else(|| is_front_proxy.then_some(LeafRole::FrontProxyClient))
        .or_else(|| is_member().then_some(LeafRole::EtcdPeer))
}

/// Whatever its subject, it has the name by which pods know the API server.
fn is_api_server(leaf: &Certificate) -> bool {
    let serves = leaf.extended_key_usage.as_ref();
    serves.is_none_or(|usage| usage.server_auth)
        && leaf.dns_names.iter().any(|name| name == API_SERVER_NAME)
}

fn is_for_both(leaf: &Certificate) -> bool {
    leaf.extended_key_usage
        .as_ref()
        .is_some_and(|usage| usage.server_auth && usage.client_auth)
}

/// The slot whose CA issues such a leaf.
fn slot_of(leaf: &Certificate) -> Option<CaSlot> {
    if let Some(role) = role_of(leaf) {
        return Some(role.slot());
    }
    is_component(leaf).then_some(CaSlot::Kubernetes)
}

/// Whether it is in the name of a component of Kubernetes, or of a group with rights there.
fn is_component(leaf: &Certificate) -> bool {
    let is_own = |name: &str| name.starts_with("system:");
    let groups = leaf.subject.organizations();
    is_own(leaf.subject.common_name()) || groups.iter().any(|group| is_own(group))
}
