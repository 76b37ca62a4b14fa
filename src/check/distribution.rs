//! What a distribution does in a way of its own: what Talos takes of it, and what not.

use super::Context;
use super::finding::Finding;
use super::rule::{Allow, Family, Judge, Rule, Severity};
use crate::cluster::{Cluster, PeculiarityKind};

pub(super) static FAMILY: Family = Family {
    title: "Distributions",
    rules: &[
        &REFUSED,
        &OTHER_DATASTORE,
        &ETCD_CA_MADE_ANEW,
        &AGGREGATOR_CA_MADE_ANEW,
        &SHARED_BY_OTHER_CLUSTERS,
        &SPLIT_AUTHORITY,
        &OF_ONE_NODE,
        &UNUSED,
        &TOKEN_ISSUER,
        &COPY_DIFFERS,
    ],
    judge: Judge::Import(check),
};

static REFUSED: Rule = Rule {
    name: "distribution-refused",
    severity: Severity::Error,
    summary: "The trust of this distribution cannot be brought to Talos",
    why: "Talos needs the private key of one Kubernetes CA that everything trusts, and this \
          distribution has no such key to give",
    help: "make a new Talos cluster, and move the workloads",
    allow: Allow::Never("there is nothing to import"),
};

static OTHER_DATASTORE: Rule = Rule {
    name: "other-datastore",
    severity: Severity::Error,
    summary: "What the cluster stores is not in etcd",
    why: "Talos runs etcd alone and starts with an etcd snapshot or with nothing. With the trust \
          alone, nodes and clients find a cluster that has none of their objects",
    help: "bring the data into an etcd first, or make the objects anew in the new cluster",
    allow: Allow::Yes("the trust is imported, and the new cluster starts empty"),
};

static ETCD_CA_MADE_ANEW: Rule = Rule {
    name: "etcd-ca-made-anew",
    severity: Severity::Warning,
    summary: "The etcd CA of the cluster is not taken, and Talos gets a new one",
    why: "Talos has one CA for members and clients of etcd. Where the old cluster has two, or none, \
          no Talos member can join the old ones. A snapshot needs no old CA",
    help: "move the data by a snapshot: talosctl bootstrap --recover-from",
    allow: Allow::NotNeeded,
};

pub(super) static AGGREGATOR_CA_MADE_ANEW: Rule = Rule {
    name: "aggregator-ca-made-anew",
    severity: Severity::Note,
    summary: "Talos gets a new aggregator CA",
    why: "Nothing is lost. Either the cluster has none, and no extension API server can have trusted \
          it; or it moves at once, and these servers learn the new CA from the new API servers",
    help: "nothing has to be done",
    allow: Allow::NotNeeded,
};

static SHARED_BY_OTHER_CLUSTERS: Rule = Rule {
    name: "shared-by-other-clusters",
    severity: Severity::Warning,
    summary: "Other clusters have the same Kubernetes CA",
    why: "Whoever administers one of them administers the Talos cluster as well",
    help: "rotate the CA after the move",
    allow: Allow::NotNeeded,
};

static SPLIT_AUTHORITY: Rule = Rule {
    name: "split-authority",
    severity: Severity::Warning,
    summary: "Servers and clients have a CA each, and Talos issues both from one",
    why: "Talos issues from the CA of servers, which every client trusts already. Certificates of \
          the other CA are good only as long as Talos accepts it. Old nodes know the CA of clients \
          alone, and refuse those that Talos issues",
    help: "`convert` accepts it; for a bundle alone, add the CA of clients to Talos's accepted \
           CAs (`cluster.acceptedCAs`, from 1.14 KubeAPIServerCAConfig), and move by a snapshot, not node by node",
    allow: Allow::NotNeeded,
};

static OF_ONE_NODE: Rule = Rule {
    name: "of-one-node",
    severity: Severity::Warning,
    summary: "A CA is this node's own, and every other control-plane node has another",
    why: "Talos has one for all. While both planes run, extension API servers know the front \
          proxies of one of them alone",
    help: "gather the CA of every controller, and add the others to Talos's accepted CAs",
    allow: Allow::NotNeeded,
};

static UNUSED: Rule = Rule {
    name: "unused-authority",
    severity: Severity::Note,
    summary: "A CA stands beside those of the cluster and is not one of them",
    why: "It is not imported: nothing in the cluster trusts it",
    help: "nothing has to be done",
    allow: Allow::NotNeeded,
};

pub(super) static TOKEN_ISSUER: Rule = Rule {
    name: "token-issuer",
    severity: Severity::Warning,
    summary: "Service-account tokens name an issuer that Talos would not choose",
    why: "Talos's API servers refuse tokens of an issuer that they do not know, and pods could not \
          reach the API server until they are restarted",
    help: "`convert` does it; for a bundle alone, set the issuer in Talos: up to 1.13 by the API \
           server's extraArgs, from 1.14 in KubeServiceAccountConfig",
    allow: Allow::NotNeeded,
};

static COPY_DIFFERS: Rule = Rule {
    name: "copy-differs",
    severity: Severity::Warning,
    summary: "A Secret of Cluster API has another CA than the secrets bundle beside it",
    why: "Talos's machines get what the bundle has, and Cluster API works by its copy. If the bundle \
          is the right one, its kubeconfigs are refused; if it is not, every node is locked out by it",
    help: "see which of the two is in use, and have that one in both",
    allow: Allow::NotNeeded,
};

/// The rule for a kind; none where another family tells it.
const fn rule_of(kind: PeculiarityKind) -> Option<&'static Rule> {
    Some(match kind {
        PeculiarityKind::Refused => &REFUSED,
        PeculiarityKind::OtherDatastore => &OTHER_DATASTORE,
        PeculiarityKind::EtcdCaMadeAnew => &ETCD_CA_MADE_ANEW,
        PeculiarityKind::AggregatorCaMadeAnew => &AGGREGATOR_CA_MADE_ANEW,
        PeculiarityKind::SharedByOtherClusters => &SHARED_BY_OTHER_CLUSTERS,
        PeculiarityKind::SplitAuthority => &SPLIT_AUTHORITY,
        PeculiarityKind::OfOneNode => &OF_ONE_NODE,
        PeculiarityKind::Unused => &UNUSED,
        PeculiarityKind::TokenIssuer => &TOKEN_ISSUER,
        PeculiarityKind::CopyDiffers => &COPY_DIFFERS,
        PeculiarityKind::SharedBySeveralSlots | PeculiarityKind::SharedSinceUpgrade => return None,
    })
}

fn check(cluster: &Cluster, _context: &Context, findings: &mut Vec<Finding>) {
    for peculiarity in &cluster.peculiarities {
        if let Some(rule) = rule_of(peculiarity.kind) {
            let finding = rule.finding(&peculiarity.message);
            let finding = finding.at_each(&peculiarity.places);
            findings.push(finding.help(&peculiarity.help));
        }
    }
}
