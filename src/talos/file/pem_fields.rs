//! Which fields of which file hold PEM, and what for.

use super::documents::{Documents, Node};
use super::kind::FileKind;
use super::pem_field::{PemField, PemForm, PemUse};
use crate::cluster::CaSlot;
use crate::talos::yaml_tree::Tree;

use CaSlot::{Aggregator, Etcd, Kubernetes, Os};
use PemForm::{Encoded, Plain};
use PemUse::{Accepted, Certificate, Key, ServiceAccountKey, ServiceAccountPublicKey};

/// A place, with `[]` for each item of a list, and what stands there.
type Row = (&'static str, PemUse, PemForm);

const BUNDLE: [Row; 9] = [
    ("certs.etcd.crt", Certificate(Etcd), Encoded),
    ("certs.etcd.key", Key(Etcd), Encoded),
    ("certs.k8s.crt", Certificate(Kubernetes), Encoded),
    ("certs.k8s.key", Key(Kubernetes), Encoded),
    ("certs.k8saggregator.crt", Certificate(Aggregator), Encoded),
    ("certs.k8saggregator.key", Key(Aggregator), Encoded),
    ("certs.k8sserviceaccount.key", ServiceAccountKey, Encoded),
    ("certs.os.crt", Certificate(Os), Encoded),
    ("certs.os.key", Key(Os), Encoded),
];

const MACHINE_CONFIG: [Row; 19] = [
    ("machine.ca.crt", Certificate(Os), Encoded),
    ("machine.ca.key", Key(Os), Encoded),
    ("machine.acceptedCAs[].crt", Accepted(Os), Encoded),
    ("cluster.ca.crt", Certificate(Kubernetes), Encoded),
    ("cluster.ca.key", Key(Kubernetes), Encoded),
    ("cluster.acceptedCAs[].crt", Accepted(Kubernetes), Encoded),
    ("cluster.aggregatorCA.crt", Certificate(Aggregator), Encoded),
    ("cluster.aggregatorCA.key", Key(Aggregator), Encoded),
    ("cluster.serviceAccount.key", ServiceAccountKey, Encoded),
    ("cluster.etcd.ca.crt", Certificate(Etcd), Encoded),
    ("cluster.etcd.ca.key", Key(Etcd), Encoded),
    (
        "KubeAPIServerCAConfig.issuingCA.cert",
        Certificate(Kubernetes),
        Plain,
    ),
    (
        "KubeAPIServerCAConfig.issuingCA.key",
        Key(Kubernetes),
        Plain,
    ),
    (
        "KubeAPIServerCAConfig.acceptedCAs[]",
        Accepted(Kubernetes),
        Plain,
    ),
    (
        "KubeAggregatorCAConfig.issuingCA.cert",
        Certificate(Aggregator),
        Plain,
    ),
    (
        "KubeAggregatorCAConfig.issuingCA.key",
        Key(Aggregator),
        Plain,
    ),
    (
        "KubeAggregatorCAConfig.acceptedCAs[]",
        Accepted(Aggregator),
        Plain,
    ),
    (
        "KubeServiceAccountConfig.issuer.privateKey",
        ServiceAccountKey,
        Plain,
    ),
    (
        "KubeServiceAccountConfig.accepted.publicKeys[]",
        ServiceAccountPublicKey,
        Plain,
    ),
];

/// Of each context of a talosconfig.
const CONTEXT: [Row; 3] = [
    ("ca", PemUse::ServerAuthority, Encoded),
    ("crt", PemUse::ClientCertificate, Encoded),
    ("key", PemUse::ClientKey, Encoded),
];

/// Reads every field of the tables that is there and not empty.
pub(super) fn read(documents: &Documents, kind: FileKind) -> Vec<PemField> {
    let mut fields = Vec::new();
    match kind {
        FileKind::Bundle => read_rows(&BUNDLE, |path| documents.at(path), &mut fields),
        FileKind::MachineConfig(..) => {
            read_rows(&MACHINE_CONFIG, |path| documents.at(path), &mut fields);
        }
        FileKind::Talosconfig => {
            let contexts = documents.at("contexts");
            for (_, context) in contexts.iter().flat_map(Node::fields) {
                read_rows(&CONTEXT, |path| context.at(path), &mut fields);
            }
        }
    }
    fields
}

fn read_rows<'a>(rows: &[Row], at: impl Fn(&str) -> Option<Node<'a>>, fields: &mut Vec<PemField>) {
    for (path, purpose, form) in rows {
        let nodes = match path.split_once("[]") {
            None => at(path).into_iter().collect(),
            Some((list, rest)) => {
                let items = at(list).map(|list| list.items()).unwrap_or_default();
                let rest = rest.trim_start_matches('.');
                items.into_iter().filter_map(|item| item.at(rest)).collect()
            }
        };
        let nodes: Vec<Node<'a>> = nodes;
        let there = nodes.into_iter().filter(|node| !is_empty(node));
        fields.extend(
            there.map(|node| PemField::read(node.origin(), *purpose, *form, node.tree().text())),
        );
    }
}

fn is_empty(node: &Node<'_>) -> bool {
    matches!(node.tree(), Tree::Null) || node.tree().text() == Some("")
}
