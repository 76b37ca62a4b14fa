//! Machine configurations of the known cluster, in the form of each generation of Talos.

use std::fmt::Write;

use talos_pki::cluster::{BeyondBundle, Cluster, TalosMaterial};
use talos_pki::layout::talos::{self, TalosConfigError};
use talos_pki::pki::Secret;
use talos_pki::source::SourceFile;
use zeroize::Zeroizing;

use crate::known_cluster::{
    BOOTSTRAP_TOKEN, CLUSTER_ID, CLUSTER_SECRET, ENCRYPTION_SECRET, TRUSTD_TOKEN, base64, bundle,
    fixture,
};

pub(crate) fn read(text: &str) -> Result<Cluster, TalosConfigError> {
    let bytes = Zeroizing::new(text.as_bytes().to_vec());
    talos::read(&SourceFile {
        path: "controlplane.yaml".to_owned(),
        bytes,
        mode: Some(0o600),
    })
}

pub(crate) fn refusal(text: &str) -> String {
    read(text).expect_err("it can be used").to_string()
}

/// What Talos up to 1.13 writes, as far as it matters.
pub(crate) fn old_configuration() -> String {
    let file = |name| base64(&fixture(name));
    format!(
        "version: v1alpha1
{machine}cluster:
    id: {CLUSTER_ID}
    secret: {CLUSTER_SECRET}
    controlPlane:
        endpoint: https://10.0.0.1:6443
    token: {BOOTSTRAP_TOKEN}
    secretboxEncryptionSecret: {ENCRYPTION_SECRET}
    ca:
        crt: {}
        key: {}
    aggregatorCA:
        crt: {}
        key: {}
    serviceAccount:
        key: {}
    etcd:
        ca:
            crt: {}
            key: {}
---
apiVersion: v1alpha1
kind: HostnameConfig
auto: stable
",
        file("ca.crt"),
        file("ca.key"),
        file("front-proxy-ca.crt"),
        file("front-proxy-ca.key"),
        file("sa.key"),
        file("etcd/ca.crt"),
        file("etcd/ca.key"),
        machine = machine(),
    )
}

/// What Talos 1.14 writes, as far as it matters.
pub(crate) fn new_configuration() -> String {
    let block = |name, indent: usize| {
        let lines = fixture(name);
        lines.lines().fold("|\n".to_owned(), |mut block, line| {
            writeln!(block, "{:indent$}{line}", "").expect("a String takes it");
            block
        })
    };
    format!(
        "version: v1alpha1
{machine}cluster:
    token: {BOOTSTRAP_TOKEN}
    etcd:
        ca:
            crt: {}
            key: {}
---
apiVersion: v1alpha1
kind: DiscoveryIdentityConfig
clusterID: {CLUSTER_ID}
clusterSecret: {CLUSTER_SECRET}
---
apiVersion: v1alpha1
kind: KubeClusterConfig
clusterName: prod
endpoint: https://10.0.0.1:6443
---
apiVersion: v1alpha1
kind: KubeAPIServerCAConfig
issuingCA:
    cert: {}    key: {}---
apiVersion: v1alpha1
kind: KubeAggregatorCAConfig
issuingCA:
    cert: {}    key: {}---
apiVersion: v1alpha1
kind: KubeEtcdEncryptionConfig
config:
    resources:
        - providers:
            - secretbox:
                keys:
                    - name: key2
                      secret: {ENCRYPTION_SECRET}
          resources:
            - secrets
---
apiVersion: v1alpha1
kind: KubeServiceAccountConfig
issuer:
    privateKey: {}    issuerURL: https://10.0.0.1:6443
",
        base64(&fixture("etcd/ca.crt")),
        base64(&fixture("etcd/ca.key")),
        block("ca.crt", 8),
        block("ca.key", 8),
        block("front-proxy-ca.crt", 8),
        block("front-proxy-ca.key", 8),
        block("sa.key", 8),
        machine = machine(),
    )
}

fn machine() -> String {
    let os = bundle().os;
    format!(
        "machine:
    type: controlplane
    token: {TRUSTD_TOKEN}
    ca:
        crt: {}
        key: {}
",
        base64(&os.certificate().to_pem()),
        base64(os.key().to_secret_pem().expose()),
    )
}

pub(crate) fn with(configuration: &str, known: &str, other: &str) -> String {
    assert!(configuration.contains(known), "{known}");
    configuration.replacen(known, other, 1)
}

pub(crate) fn material(text: &str) -> TalosMaterial {
    let cluster = read(text).unwrap_or_else(|error| panic!("{error}"));
    cluster
        .talos
        .expect("a Talos configuration has its material")
}

pub(crate) fn beyond(text: &str) -> Vec<(String, String)> {
    let beyond = material(text).beyond_bundle.into_iter();
    beyond
        .map(|BeyondBundle { place, what }| (place, what))
        .collect()
}

pub(crate) fn exposed(secret: Option<&Secret<String>>) -> Option<&str> {
    secret.map(|secret| secret.expose().as_str())
}
