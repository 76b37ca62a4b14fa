//! Reads kubeconfigs: which certificate they present and which CA they trust.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use memchr::memmem;
use serde::Deserialize;

use super::inventory::certificates_in_pem;
use crate::cluster::{Kubeconfig, Origin};
use crate::source::SourceFile;

#[derive(Deserialize)]
struct Document {
    #[serde(default)]
    clusters: Vec<NamedCluster>,
    #[serde(default)]
    users: Vec<NamedUser>,
}

#[derive(Deserialize)]
struct NamedCluster {
    cluster: ClusterEntry,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct ClusterEntry {
    certificate_authority_data: Option<String>,
}

#[derive(Deserialize)]
struct NamedUser {
    user: UserEntry,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct UserEntry {
    client_certificate_data: Option<String>,
    client_key_data: Option<serde::de::IgnoredAny>,
}

/// Whether the file says that it is a kubeconfig.
pub(super) fn looks_like_kubeconfig(bytes: &[u8]) -> bool {
    memmem::find(bytes, b"kind: Config").is_some() && memmem::find(bytes, b"clusters:").is_some()
}

/// Reads one kubeconfig, and tells whether it has an embedded private key.
pub(super) fn read(file: &SourceFile) -> (Kubeconfig, bool) {
    let mut kubeconfig = Kubeconfig {
        path: file.path.clone(),
        role: None,
        client: None,
        authorities: Vec::new(),
        problem: None,
    };
    let document: Document = match serde_yaml::from_slice(&file.bytes) {
        Ok(document) => document,
        Err(error) => {
            // The text of a YAML error quotes the file, and the file has a private key: tell the
            // place alone.
            let place = error
                .location()
                .map(|place| format!(" at line {}", place.line()));
            kubeconfig.problem = Some(format!("it is not YAML{}", place.unwrap_or_default()));
            return (
                kubeconfig,
                memmem::find(&file.bytes, b"client-key-data").is_some(),
            );
        }
    };
    let has_key = document
        .users
        .iter()
        .any(|user| user.user.client_key_data.is_some());
    if let Some(cluster) = document.clusters.first() {
        let field = "certificate-authority-data";
        let data = cluster.cluster.certificate_authority_data.as_deref();
        kubeconfig.authorities = embedded(&mut kubeconfig.problem, file, field, data);
    }
    if let Some(user) = document.users.first() {
        let field = "client-certificate-data";
        let data = user.user.client_certificate_data.as_deref();
        let certificates = embedded(&mut kubeconfig.problem, file, field, data);
        kubeconfig.client = certificates.into_iter().next();
    }
    (kubeconfig, has_key)
}

fn embedded(
    problem: &mut Option<String>,
    file: &SourceFile,
    field: &str,
    data: Option<&str>,
) -> Vec<crate::cluster::Located<crate::pki::Certificate>> {
    let Some(data) = data else { return Vec::new() };
    let compact: String = data.split_ascii_whitespace().collect();
    let certificates = STANDARD
        .decode(compact)
        .map(|pem| certificates_in_pem(&Origin::field(&file.path, field), &pem));
    match certificates {
        Ok(certificates) if !certificates.is_empty() => certificates,
        _ => {
            *problem = Some(format!("its `{field}` is not a certificate"));
            Vec::new()
        }
    }
}
