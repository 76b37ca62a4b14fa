//! Sound files of Talos, as text to be damaged. The keys in them are of the fixtures.

#![allow(dead_code, reason = "no file of tests uses all of it")]

use std::fs;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::fixture::fixtures;

pub(crate) const CLUSTER_ID: &str = "3bGXYN0kDOv+6QTMGmvlhw7jVSSRgj0ufhAGf8yZuAM=";
pub(crate) const CLUSTER_SECRET: &str = "Y2x1c3RlciBzZWNyZXQgb2YgdGhpcnR5LXR3byBieXQ=";
pub(crate) const BOOTSTRAP_TOKEN: &str = "q1w2e3.r4t5y6u7i8o9p0a1";
pub(crate) const TRUSTD_TOKEN: &str = "uvwxyz.fedcba9876543210";
pub(crate) const ENCRYPTION_SECRET: &str = "ZW5jcnlwdGlvbiBvZiB0aGlydHktdHdvIGJ5dGVzISE=";

/// A file of the fixtures, such as `talosconfig/ca.crt`.
pub(crate) fn pem(name: &str) -> String {
    let path = fixtures().join(name);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The same in base64.
pub(crate) fn encoded(name: &str) -> String {
    STANDARD.encode(pem(name))
}

/// A certificate or key of the cluster, by its name in kubeadm's PKI.
pub(crate) fn of_cluster(name: &str) -> String {
    format!("kubeadm/ecdsa-p256/pki/{name}")
}

fn encoded_of_cluster(name: &str) -> String {
    encoded(&of_cluster(name))
}

/// PEM as a block of YAML, under a name that stands after `indent` blanks.
pub(crate) fn block(indent: usize, name: &str, pem: &str) -> String {
    let start = " ".repeat(indent);
    let lines = pem.lines().map(|line| format!("{start}    {line}\n"));
    format!("{start}{name}: |\n{}", lines.collect::<String>())
}

pub(crate) fn bundle() -> String {
    format!(
        "cluster:
    id: {CLUSTER_ID}
    secret: {CLUSTER_SECRET}
secrets:
    bootstraptoken: {BOOTSTRAP_TOKEN}
    secretboxencryptionsecret: {ENCRYPTION_SECRET}
trustdinfo:
    token: {TRUSTD_TOKEN}
certs:
    etcd:
        crt: {}
        key: {}
    k8s:
        crt: {}
        key: {}
    k8saggregator:
        crt: {}
        key: {}
    k8sserviceaccount:
        key: {}
    os:
        crt: {}
        key: {}
",
        encoded_of_cluster("etcd/ca.crt"),
        encoded_of_cluster("etcd/ca.key"),
        encoded_of_cluster("ca.crt"),
        encoded_of_cluster("ca.key"),
        encoded_of_cluster("front-proxy-ca.crt"),
        encoded_of_cluster("front-proxy-ca.key"),
        encoded_of_cluster("sa.key"),
        encoded("talosconfig/ca.crt"),
        encoded("talosconfig/ca.key"),
    )
}

/// A control plane's, as Talos up to 1.13 writes it.
pub(crate) fn control_plane_fields() -> String {
    format!(
        "version: v1alpha1
machine:
    type: controlplane
    token: {TRUSTD_TOKEN}
    ca:
        crt: {}
        key: {}
cluster:
    id: {CLUSTER_ID}
    secret: {CLUSTER_SECRET}
    controlPlane:
        endpoint: https://10.0.0.1:6443
    clusterName: prod
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
        encoded("talosconfig/ca.crt"),
        encoded("talosconfig/ca.key"),
        encoded_of_cluster("ca.crt"),
        encoded_of_cluster("ca.key"),
        encoded_of_cluster("front-proxy-ca.crt"),
        encoded_of_cluster("front-proxy-ca.key"),
        encoded_of_cluster("sa.key"),
        encoded_of_cluster("etcd/ca.crt"),
        encoded_of_cluster("etcd/ca.key"),
    )
}

/// A control plane's, as Talos from 1.14 on writes it.
pub(crate) fn control_plane_documents() -> String {
    format!(
        "version: v1alpha1
machine:
    type: controlplane
    token: {TRUSTD_TOKEN}
    ca:
        crt: {}
        key: {}
cluster:
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
{}{}---
apiVersion: v1alpha1
kind: KubeAggregatorCAConfig
issuingCA:
{}{}---
apiVersion: v1alpha1
kind: KubeEtcdEncryptionConfig
config:
    resources:
        - resources: [secrets]
          providers:
            - secretbox:
                keys:
                    - name: key2
                      secret: {ENCRYPTION_SECRET}
            - identity: {{}}
---
apiVersion: v1alpha1
kind: KubeServiceAccountConfig
issuer:
{}    issuerURL: https://10.0.0.1:6443
",
        encoded("talosconfig/ca.crt"),
        encoded("talosconfig/ca.key"),
        encoded_of_cluster("etcd/ca.crt"),
        encoded_of_cluster("etcd/ca.key"),
        block(4, "cert", &pem(&of_cluster("ca.crt"))),
        block(4, "key", &pem(&of_cluster("ca.key"))),
        block(4, "cert", &pem(&of_cluster("front-proxy-ca.crt"))),
        block(4, "key", &pem(&of_cluster("front-proxy-ca.key"))),
        block(4, "privateKey", &pem(&of_cluster("sa.key"))),
    )
}

/// A worker's, as Talos up to 1.13 writes it.
pub(crate) fn worker_fields() -> String {
    format!(
        "version: v1alpha1
machine:
    type: worker
    token: {TRUSTD_TOKEN}
    ca:
        crt: {}
        key: \"\"
cluster:
    id: {CLUSTER_ID}
    secret: {CLUSTER_SECRET}
    controlPlane:
        endpoint: https://10.0.0.1:6443
    clusterName: prod
    token: {BOOTSTRAP_TOKEN}
    ca:
        crt: {}
        key: \"\"
",
        encoded("talosconfig/ca.crt"),
        encoded_of_cluster("ca.crt"),
    )
}

/// A worker's, as Talos from 1.14 on writes it.
pub(crate) fn worker_documents() -> String {
    format!(
        "version: v1alpha1
machine:
    type: worker
    token: {TRUSTD_TOKEN}
    ca:
        crt: {}
        key: \"\"
cluster:
    token: {BOOTSTRAP_TOKEN}
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
acceptedCAs:
{}",
        encoded("talosconfig/ca.crt"),
        list_item(&pem(&of_cluster("ca.crt"))),
    )
}

/// PEM as an item of a list.
pub(crate) fn list_item(pem: &str) -> String {
    let lines = pem.lines().map(|line| format!("        {line}\n"));
    format!("    - |\n{}", lines.collect::<String>())
}

/// With one context, whose certificate is the fixture of this name.
pub(crate) fn talosconfig(certificate: &str) -> String {
    format!(
        "context: prod
contexts:
    prod:
        endpoints:
            - 10.0.0.1
        ca: {}
        crt: {}
        key: {}
",
        encoded("talosconfig/ca.crt"),
        encoded(&format!("talosconfig/{certificate}.crt")),
        encoded("talosconfig/admin.key"),
    )
}
