//! Secrets as Cluster API and kubeadm make them, of the files of a fixture.

#![allow(dead_code, reason = "no file of tests uses all of it")]

use std::fs;
use std::path::{Path, PathBuf};

use aes_gcm::aead::Aead;
use aes_gcm::{Aes256Gcm, KeyInit, Nonce};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::fixture::fixtures;

/// A certificate key. It protects nothing.
pub(crate) const KEY: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

/// Suffix of the Secret's name, and the files for `tls.crt` and `tls.key`.
const ROLES: [(&str, &str, &str); 4] = [
    ("ca", "ca.crt", "ca.key"),
    ("etcd", "etcd/ca.crt", "etcd/ca.key"),
    ("proxy", "front-proxy-ca.crt", "front-proxy-ca.key"),
    ("sa", "sa.pub", "sa.key"),
];

/// What kubeadm uploads.
const UPLOADED: [&str; 8] = [
    "ca.crt",
    "ca.key",
    "etcd/ca.crt",
    "etcd/ca.key",
    "front-proxy-ca.crt",
    "front-proxy-ca.key",
    "sa.key",
    "sa.pub",
];

pub(crate) fn pki(name: &str) -> PathBuf {
    fixtures().join("kubeadm").join(name).join("pki")
}

pub(crate) fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// The four Secrets of a cluster, as Cluster API makes them.
pub(crate) fn cluster_api(place: &str, fixture: &str) -> Vec<Value> {
    cluster_api_of(place, &pki(fixture))
}

/// The same of any folder with the files of a PKI.
pub(crate) fn cluster_api_of(place: &str, pki: &Path) -> Vec<Value> {
    let (namespace, cluster) = place.split_once('/').expect("a namespace");
    let file = |name: &str| base64(&fs::read(pki.join(name)).expect("a file"));
    let secret = |(suffix, certificate, key): (&str, &str, &str)| {
        json!({
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {
                "name": format!("{cluster}-{suffix}"),
                "namespace": namespace,
                "labels": {"cluster.x-k8s.io/cluster-name": cluster},
            },
            "type": "cluster.x-k8s.io/secret",
            "data": {"tls.crt": file(certificate), "tls.key": file(key)},
        })
    };
    ROLES.map(secret).into()
}

/// A Secret of cert-manager or of an administrator.
pub(crate) fn tls(name: &str, fixture: &str) -> Value {
    let mut secret = cluster_api(&format!("web/{name}"), fixture).remove(0);
    secret["type"] = "kubernetes.io/tls".into();
    secret["metadata"]
        .as_object_mut()
        .expect("its metadata")
        .remove("labels");
    secret
}

/// The Secret `kubeadm-certs`, encrypted with [`KEY`].
pub(crate) fn kubeadm_certs(fixture: &str) -> Value {
    let mut data = serde_json::Map::new();
    for (number, name) in UPLOADED.into_iter().enumerate() {
        let content = fs::read(pki(fixture).join(name)).unwrap_or_default();
        let value = match content.as_slice() {
            [] => String::new(),
            content => base64(&encrypted(
                content,
                u8::try_from(number).expect("a small number"),
            )),
        };
        data.insert(name.replace('/', "-"), value.into());
    }
    for name in [
        "external-etcd-ca.crt",
        "external-etcd.crt",
        "external-etcd.key",
    ] {
        data.insert(name.to_owned(), "".into());
    }
    json!({
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "kubeadm-certs", "namespace": "kube-system"},
        "type": "Opaque",
        "data": data,
    })
}

/// A nonce, and `content` encrypted with it and [`KEY`].
fn encrypted(content: &[u8], nonce: u8) -> Vec<u8> {
    let digits: Vec<_> = KEY
        .chars()
        .map(|digit| digit.to_digit(16).expect("a digit"))
        .collect();
    let bytes = digits
        .chunks(2)
        .map(|pair| u8::try_from(pair[0] * 16 + pair[1]).expect("a byte"));
    let key: Vec<u8> = bytes.collect();
    let cipher = Aes256Gcm::new_from_slice(&key).expect("a key");
    let nonce = [nonce; 12];
    let sealed = cipher
        .encrypt(&Nonce::from(nonce), content)
        .expect("it is encrypted");
    [nonce.as_slice(), &sealed].concat()
}

/// `kubectl get secrets -o json`.
pub(crate) fn list(objects: &[Value]) -> String {
    let list = json!({"apiVersion": "v1", "kind": "List", "items": objects});
    serde_json::to_string_pretty(&list).expect("JSON")
}

/// `kubectl get secrets -o yaml`.
pub(crate) fn yaml_list(objects: &[Value]) -> String {
    let list = json!({"apiVersion": "v1", "kind": "List", "items": objects});
    serde_yaml::to_string(&list).expect("YAML")
}

/// Files put behind each other, as in a Git repository.
pub(crate) fn documents(objects: &[Value]) -> String {
    let texts = objects
        .iter()
        .map(|object| serde_yaml::to_string(object).expect("YAML"));
    texts.collect::<Vec<_>>().join("---\n")
}
