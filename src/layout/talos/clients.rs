//! What clients of the cluster have to know.

use super::fields::Fields;
use crate::cluster::ClientSettings;
use crate::pki::{Certificate, pem};
use crate::talos::encoded_pem;
use crate::talos::yaml_tree::Tree;

/// The further CAs of Kubernetes, before Talos 1.14 and since.
const ACCEPTED_AUTHORITIES: [&str; 2] =
    ["cluster.acceptedCAs", "KubeAPIServerCAConfig.acceptedCAs"];

/// Reads the settings.
pub(super) fn read(fields: &mut Fields<'_>) -> ClientSettings {
    let name = fields.text("cluster.clusterName", Some("KubeClusterConfig.clusterName"));
    let endpoint = fields.text(
        "cluster.controlPlane.endpoint",
        Some("KubeClusterConfig.endpoint"),
    );
    let lifetime = fields.text("cluster.adminKubeconfig.certLifetime", None);
    ClientSettings {
        name: name.map(str::to_owned),
        endpoint: endpoint.map(str::to_owned),
        admin_lifetime: lifetime.map(str::to_owned),
        accepted_authorities: accepted_authorities(fields),
    }
}

fn accepted_authorities(fields: &Fields<'_>) -> Result<Vec<Certificate>, String> {
    let mut accepted = Vec::new();
    for place in ACCEPTED_AUTHORITIES {
        let items = fields.at(place).map(Tree::items).unwrap_or_default();
        for (index, item) in items.iter().enumerate() {
            let read = certificates(item);
            accepted.extend(read.map_err(|reason| format!("`{place}[{index}]`: {reason}"))?);
        }
    }
    Ok(accepted)
}

/// The further CAs of Kubernetes in whatever of a configuration is in `documents`, such as a patch, in
/// which a kind may stand twice. What cannot be read is not among them.
pub(super) fn accepted_in(documents: &[Tree]) -> Vec<Certificate> {
    let mut accepted = Vec::new();
    for document in documents {
        let kind = document.field("kind").and_then(Tree::text);
        let list = ACCEPTED_AUTHORITIES.iter().find_map(|place| match kind {
            None => document.at(place),
            Some(kind) => document.at(place.strip_prefix(kind)?.strip_prefix('.')?),
        });
        let items = list.map(Tree::items).unwrap_or_default().iter();
        accepted.extend(items.filter_map(|item| certificates(item).ok()).flatten());
    }
    accepted
}

/// The certificates in one item: PEM, or base64 of it under `crt`.
fn certificates(item: &Tree) -> Result<Vec<Certificate>, String> {
    let decoded = match (item.text(), item.field("crt").and_then(Tree::text)) {
        (Some(text), _) => text.as_bytes().to_vec(),
        (None, Some(encoded)) => encoded_pem::decode(encoded)
            .map_err(|error| error.to_string())?
            .expose()
            .clone(),
        (None, None) => return Err("it is no certificate".to_owned()),
    };
    let blocks = pem::read(&decoded).blocks;
    let certificates = blocks
        .iter()
        .filter(|block| block.label == "CERTIFICATE")
        .map(|block| Certificate::from_der(block.contents.expose()));
    certificates
        .collect::<Result<_, _>>()
        .map_err(|error| error.to_string())
}
