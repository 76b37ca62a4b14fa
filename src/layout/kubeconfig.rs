//! Reads kubeconfigs: which certificate they present and which CA they trust.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use memchr::memmem;

use super::inventory::certificates_in_pem;
use crate::cluster::{Kubeconfig, Located, Origin};
use crate::pki::Certificate;
use crate::source::SourceFile;
use crate::talos::yaml_tree::Tree;

/// Whether the file says that it is a kubeconfig.
pub(super) fn looks_like_kubeconfig(bytes: &[u8]) -> bool {
    // Not a list of ConfigMaps, of which one has a kubeconfig.
    let says_so = |line: &[u8]| line.trim_ascii_end() == b"kind: Config";
    memmem::find(bytes, b"clusters:").is_some() && bytes.split(|&byte| byte == b'\n').any(says_so)
}

/// Reads one kubeconfig, and tells whether it has an embedded private key.
pub(super) fn read(file: &SourceFile) -> (Kubeconfig, bool) {
    let mut kubeconfig = Kubeconfig {
        path: file.path.clone(),
        role: None,
        client: None,
        chain: Vec::new(),
        authorities: Vec::new(),
        server: None,
        problem: None,
    };
    let document = match Tree::lenient(&file.bytes) {
        Ok(document) => document,
        Err(error) => {
            kubeconfig.problem = Some(error.to_string());
            return (
                kubeconfig,
                memmem::find(&file.bytes, b"client-key-data").is_some(),
            );
        }
    };
    let clusters = document.field("clusters").map(Tree::items);
    let first = clusters.and_then(|clusters| clusters.first());
    kubeconfig.server = first
        .and_then(|cluster| cluster.at("cluster.server"))
        .and_then(Tree::text)
        .map(str::to_owned);
    let users = document.field("users").map(Tree::items).unwrap_or_default();
    let has_key = users
        .iter()
        .any(|user| user.at("user.client-key-data").is_some());
    let mut embedded = |list: &str, entry: &str, field: &str| {
        let first = document.field(list).and_then(|list| list.items().first());
        let data = first?.field(entry)?.field(field)?.text()?;
        let certificates = certificates(file, field, data);
        if certificates.is_empty() {
            kubeconfig.problem = Some(format!("its `{field}` is not a certificate"));
        }
        Some(certificates)
    };
    let trusted = embedded("clusters", "cluster", "certificate-authority-data");
    let presented = embedded("users", "user", "client-certificate-data");
    kubeconfig.authorities = trusted.unwrap_or_default();
    let mut presented = presented.unwrap_or_default().into_iter();
    kubeconfig.client = presented.next();
    kubeconfig.chain = presented.collect();
    (kubeconfig, has_key)
}

/// The certificates in the base64 of a field; none if it is damaged.
fn certificates(file: &SourceFile, field: &str, data: &str) -> Vec<Located<Certificate>> {
    let compact: String = data.split_ascii_whitespace().collect();
    let pem = STANDARD.decode(compact).unwrap_or_default();
    certificates_in_pem(&Origin::field(&file.path, field), &pem)
}
