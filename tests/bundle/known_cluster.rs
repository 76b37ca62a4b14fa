//! The cluster of `talos_files`, as the bundle that its files are to be read as.

#[path = "seeded.rs"]
mod seeded;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use talos_pki::pki::{CaPair, Certificate, PrivateKey, Secret, pem};
use talos_pki::talos::{Bundle, EncryptionSecret};

pub(crate) use self::seeded::Seeded;
use crate::talos_files;
pub(crate) use crate::talos_files::{
    BOOTSTRAP_TOKEN, CLUSTER_ID, CLUSTER_SECRET, ENCRYPTION_SECRET, TRUSTD_TOKEN,
};

/// A bundle with the CAs of the fixture `ecdsa-p256`.
pub(crate) fn bundle() -> Bundle {
    Bundle {
        cluster_id: CLUSTER_ID.to_owned(),
        cluster_secret: secret(CLUSTER_SECRET),
        bootstrap_token: secret(BOOTSTRAP_TOKEN),
        trustd_token: secret(TRUSTD_TOKEN),
        encryption: EncryptionSecret::Secretbox(secret(ENCRYPTION_SECRET)),
        etcd: pair("etcd/ca"),
        kubernetes: pair("ca"),
        aggregator: pair("front-proxy-ca"),
        service_account: key("sa.key"),
        os: os_authority(),
    }
}

pub(crate) fn secret(text: &str) -> Secret<String> {
    Secret::new(text.to_owned())
}

/// A file of the fixture's PKI.
pub(crate) fn fixture(name: &str) -> String {
    talos_files::pem(&talos_files::of_cluster(name))
}

pub(crate) fn base64(text: &str) -> String {
    STANDARD.encode(text)
}

/// Every secret of [`bundle`] in every form in which a message could show it.
pub(crate) fn secrets() -> Vec<String> {
    let keys = ["ca.key", "etcd/ca.key", "front-proxy-ca.key", "sa.key"].map(fixture);
    let os = bundle().os.key().to_secret_pem().expose().clone();
    let of_keys = keys.into_iter().chain([os]).flat_map(|pem| {
        let body = pem.lines().nth(1).expect("a PEM has a body").to_owned();
        [base64(&pem)[..40].to_owned(), body]
    });
    let texts = [
        CLUSTER_SECRET,
        BOOTSTRAP_TOKEN,
        TRUSTD_TOKEN,
        ENCRYPTION_SECRET,
    ];
    of_keys.chain(texts.map(str::to_owned)).collect()
}

fn pair(name: &str) -> CaPair {
    pair_of(
        &fixture(&format!("{name}.crt")),
        &fixture(&format!("{name}.key")),
    )
}

/// Talos's own authority is of no kubeadm.
fn os_authority() -> CaPair {
    pair_of(
        &talos_files::pem("talosconfig/ca.crt"),
        &talos_files::pem("talosconfig/ca.key"),
    )
}

fn pair_of(certificate: &str, key: &str) -> CaPair {
    let block = pem::read(certificate.as_bytes()).blocks.remove(0);
    let certificate = Certificate::from_der(block.contents.expose()).expect("it is a certificate");
    CaPair::prove(certificate, key_of(key)).expect("both are of one pair")
}

fn key(name: &str) -> PrivateKey {
    key_of(&fixture(name))
}

fn key_of(text: &str) -> PrivateKey {
    let block = pem::read(text.as_bytes()).blocks.remove(0);
    PrivateKey::from_block(&block, None).expect("it is a key").0
}
