//! What speaks for the pieces in the slots, and what the API server does with them: the rows below the
//! table of a scan.

use super::text::counted;
use super::wrap::wrap;
use crate::cluster::{
    Authority, CaSlot, Cluster, EncryptionEvidence, Located, Origin, ServiceAccount,
};
use crate::pki::Certificate;
use crate::printable::printable;

/// A row: its title, and what it says.
type Row = (&'static str, String);

/// Every row, with the title once for those that have the same.
pub(super) fn evidence(cluster: &Cluster) -> String {
    let rows = [
        layout(cluster),
        issued(cluster),
        public_half(cluster),
        accepted_authorities(cluster),
        accepted_keys(cluster),
        encryption(cluster),
        issuers(cluster),
    ];
    let mut previous = "";
    let lines = rows.into_iter().flatten().map(|(title, text)| {
        let shown = if title == previous { "" } else { title };
        previous = title;
        wrap(&format!("{shown:<10}  "), &printable(&text))
    });
    let lines: Vec<_> = lines.collect();
    lines.join("\n")
}

/// kubeadm is what a cluster is without evidence for another distribution.
fn layout(cluster: &Cluster) -> Vec<Row> {
    let told = cluster.layout.zip(cluster.layout_evidence.as_ref());
    let told = told.filter(|(layout, _)| *layout != "kubeadm");
    let row = told.map(|(layout, evidence)| ("layout", format!("{layout}: {evidence}")));
    row.into_iter().collect()
}

/// What each CA issued.
fn issued(cluster: &Cluster) -> Vec<Row> {
    let rows = cluster.authorities.iter().filter_map(|authority| {
        let names = issued_by(cluster, authority);
        (!names.is_empty()).then(|| {
            let names = names.join(", ");
            ("evidence", format!("{names} ← {}", authority.slot))
        })
    });
    rows.collect()
}

fn issued_by(cluster: &Cluster, authority: &Authority) -> Vec<String> {
    let Some(certificate) = &authority.certificate.chosen else {
        return Vec::new();
    };
    let is_issued = |leaf: &&Located<Certificate>| leaf.value.is_issued_by(&certificate.value);
    let leaves = cluster.leaves.iter();
    let leaves = leaves.filter_map(|leaf| leaf.certificate.as_ref().ok());
    let mut names: Vec<String> = Vec::new();
    // Each node has its own.
    for leaf in leaves.filter(is_issued) {
        let name = file_name(cluster, &leaf.origin);
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let kubeconfigs = cluster.kubeconfigs.iter();
    let clients = kubeconfigs.filter_map(|kubeconfig| kubeconfig.client.as_ref());
    let clients = clients.filter(is_issued).count();
    if clients > 0 {
        names.push(counted(clients, "kubeconfig", "kubeconfigs"));
    }
    names
}

fn public_half(cluster: &Cluster) -> Vec<Row> {
    let account = cluster.service_account.as_ref();
    let halves = account.and_then(|account| {
        let key = account.key.chosen.as_ref();
        key.zip(account.public_key.chosen.as_ref())
    });
    let fitting = halves.filter(|(key, public)| *key.value.public_key() == public.value);
    let row = fitting.map(|(_, public)| {
        let name = file_name(cluster, &public.origin);
        ("evidence", format!("{name} ← Service account"))
    });
    row.into_iter().collect()
}

fn accepted_authorities(cluster: &Cluster) -> Vec<Row> {
    let slots = CaSlot::OF_KUBERNETES.into_iter();
    let rows = slots.flat_map(|slot| {
        cluster.trusted_elsewhere(slot).map(move |other| {
            let file = file_name(cluster, &other.origin);
            let text = format!("{} beside the {slot}, by {file}", other.value);
            ("accepted", text)
        })
    });
    rows.collect()
}

fn accepted_keys(cluster: &Cluster) -> Vec<Row> {
    let account = cluster.service_account.iter();
    let accepted = account.flat_map(ServiceAccount::accepted);
    let rows = accepted.map(|key| {
        let file = file_name(cluster, &key.origin);
        let id: String = key.value.key_id().chars().take(8).collect();
        let text = format!("tokens of another key, kid {id}…, by {file}");
        ("accepted", text)
    });
    rows.collect()
}

fn encryption(cluster: &Cluster) -> Vec<Row> {
    let text = match &cluster.encryption {
        EncryptionEvidence::Off => "none: Secrets are stored in plain".to_owned(),
        EncryptionEvidence::On(path) => match cluster.known_encryption() {
            Some(rules) => {
                let rules = rules.iter();
                let rows = rules.map(|rule| format!("{rule}, by {path}"));
                return rows.map(|row| ("encryption", row)).collect();
            }
            None => format!("by {path}"),
        },
        EncryptionEvidence::Unknown => return Vec::new(),
    };
    vec![("encryption", text)]
}

fn issuers(cluster: &Cluster) -> Vec<Row> {
    let Some(issuer) = &cluster.issuer else {
        return Vec::new();
    };
    let accepted = cluster.accepted_issuers.iter();
    let accepted = accepted.map(|accepted| format!("{accepted} (accepted)"));
    let all = std::iter::once(issuer.clone()).chain(accepted);
    all.map(|issuer| ("issuer", issuer)).collect()
}

/// `apiserver.crt`, or `etcd/server.crt`: the last part of a path, with etcd's folder.
fn file_name(cluster: &Cluster, origin: &Origin) -> String {
    let path = cluster.path_on_node(&origin.file);
    let parts: Vec<_> = path.rsplit('/').take(2).collect();
    match parts.as_slice() {
        [name, "etcd"] => format!("etcd/{name}"),
        [name, ..] => (*name).to_owned(),
        [] => String::new(),
    }
}
