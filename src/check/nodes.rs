//! Whether the nodes of one cluster agree.

use super::Context;
use super::finding::Finding;
use super::rule::{Allow, Family, Judge, Rule, Severity};
use crate::cluster::{self, CaSlot, Cluster, Disagreement};

pub(super) static FAMILY: Family = Family {
    title: "Nodes of one cluster",
    rules: &[&NODES_DISAGREE, &CA_RENEWED_ON_SOME_NODES, &NODES_ALIKE],
    judge: Judge::Import(check),
};

static NODES_DISAGREE: Rule = Rule {
    name: "nodes-disagree",
    severity: Severity::Error,
    summary: "Nodes of one cluster do not have the same",
    why: "Of two CAs or keys one is stale, or from another cluster; with the wrong one every node \
          and every token of the other side is refused",
    help: "see which is in use (on each node: openssl verify -CAfile ca.crt apiserver.crt), bring \
           the other nodes in line or leave them out, and read them again",
    allow: Allow::Never("only a person can tell which is right"),
};

static CA_RENEWED_ON_SOME_NODES: Rule = Rule {
    name: "ca-renewed-on-some-nodes",
    severity: Severity::Warning,
    summary: "A CA was renewed with the same key, and not on every node",
    why: "What one of them issued verifies under the other: the key and the name are the same. The \
          one that holds longest is taken. Nodes and clients that have the other refuse everything \
          once it has ended",
    help: "copy the one that ends last to every node and into every kubeconfig",
    allow: Allow::NotNeeded,
};

static NODES_ALIKE: Rule = Rule {
    name: "nodes-alike",
    severity: Severity::Note,
    summary: "Two nodes have the same certificates throughout",
    why: "They may be one node that was read twice: then nothing was compared, and a node is \
          missing. RKE1 shares certificates between nodes; others give each node its own",
    help: "see that each is another node",
    allow: Allow::NotNeeded,
};

/// What breaks and what to do, closer to the case.
const CASES: [(&str, &str, &str); 3] = [
    (
        CaSlot::Kubernetes.title(),
        NODES_DISAGREE.why,
        "if these are two clusters, give the nodes of one, or tell them apart with --fleet; if they \
         are one, see which CA is in use (on each node: openssl verify -CAfile ca.crt \
         apiserver.crt), and bring the others in line",
    ),
    (
        cluster::SERVICE_ACCOUNT_KEY,
        "Tokens that one API server signs are refused by the other",
        "see which key the tokens in use name (their `kid` is the key id), and copy that one to \
         every node",
    ),
    (
        cluster::ENCRYPTION_AT_REST,
        "What one API server writes, the other cannot read. Talos gets one configuration for all",
        "give every API server the same configuration, restart them, and write every Secret anew \
         (kubectl get secrets -A -o json | kubectl replace -f -)",
    ),
];

fn check(cluster: &Cluster, _context: &Context, findings: &mut Vec<Finding>) {
    let nodes = &cluster.nodes;
    for disagreement in &nodes.disagreements {
        let message = format!("the nodes do not agree: {}", disagreement.what);
        let finding = side_by_side(&NODES_DISAGREE, message, disagreement);
        let mut cases = CASES.iter();
        let case = cases.find(|(what, ..)| *what == disagreement.what);
        findings.push(match case {
            Some((_, why, help)) => finding.why(*why).help(*help),
            None => finding,
        });
    }
    for renewed in &nodes.renewed {
        let message = format!(
            "not every node has the same certificate of the {}",
            renewed.what
        );
        findings.push(side_by_side(&CA_RENEWED_ON_SOME_NODES, message, renewed));
    }
    for [first, second] in &nodes.alike {
        let message = format!("{first} and {second} have the same certificates throughout");
        findings.push(NODES_ALIKE.finding(message));
    }
}

fn side_by_side(rule: &'static Rule, message: String, disagreement: &Disagreement) -> Finding {
    let values = disagreement.values.iter();
    let values = values.map(|(node, value)| format!("{node}: {value}"));
    rule.finding(message).at_each(values)
}
