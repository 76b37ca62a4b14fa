//! The state of RKE1.

use std::fs;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::objects::{base64, documents, list, pki};
use super::{command, folder_with};
use crate::fixture::write_private;

/// RKE's names of a certificate with its key, and kubeadm's names of the same.
const ENTRIES: [(&str, &str, &str); 3] = [
    ("kube-ca", "ca.crt", "ca.key"),
    (
        "kube-apiserver-requestheader-ca",
        "front-proxy-ca.crt",
        "front-proxy-ca.key",
    ),
    ("kube-service-account-token", "apiserver.crt", "sa.key"),
];

fn text(name: &str) -> String {
    fs::read_to_string(pki("rsa-2048").join(name)).unwrap()
}

pub(crate) fn state() -> Value {
    let entry = |(name, certificate, key): (&str, &str, &str)| {
        let pem = json!({"certificatePEM": text(certificate), "keyPEM": text(key), "name": name});
        (name.to_owned(), pem)
    };
    let bundle: serde_json::Map<_, _> = ENTRIES.into_iter().map(entry).collect();
    json!({
        "desiredState": {"certificatesBundle": {"kube-ca": {"certificatePEM": "not this"}}},
        "currentState": {"certificatesBundle": bundle, "encryptionConfig": "kind: X\n"},
    })
}

/// What a scan says of the slots.
fn slots(folder: &TempDir, name: &str) -> (Value, Value) {
    let output = command(folder.path(), &["scan", name, "--format", "json"])
        .output()
        .unwrap();
    let report: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)));
    (
        report[0]["authorities"].clone(),
        report[0]["service_account"].clone(),
    )
}

/// What it says of the files that RKE has on a node.
fn slots_of_files() -> (Value, Value) {
    let folder = TempDir::new().unwrap();
    for (name, certificate, key) in ENTRIES {
        let path = |suffix: &str| folder.path().join(format!("ssl/{name}{suffix}.pem"));
        write_private(&path(""), &text(certificate));
        write_private(&path("-key"), &text(key));
    }
    slots(&folder, "ssl")
}

#[test]
fn the_state_of_rke_is_the_files_on_its_nodes() {
    let content = serde_json::to_string_pretty(&state()).unwrap();
    let object = |kind: &str, value: String| {
        json!({
            "apiVersion": "v1",
            "kind": kind,
            "metadata": {"name": "full-cluster-state", "namespace": "kube-system"},
            "data": {"full-cluster-state": value},
        })
    };
    let secret = object("Secret", base64(content.as_bytes()));
    let config_map = object("ConfigMap", content.clone());
    let expected = slots_of_files();
    let fingerprint = &expected.0[0]["certificate"]["fingerprint"];
    assert!(fingerprint.as_str().unwrap().starts_with("sha256:"));
    // A ConfigMap that was left behind is older than the Secret.
    let old = object("ConfigMap", "{}".to_owned());
    for text in [
        content,
        list(std::slice::from_ref(&secret)),
        documents(&[config_map]),
        documents(&[old, secret]),
    ] {
        let folder = folder_with(&text);
        assert_eq!(slots(&folder, "objects.yaml"), expected);
    }
}

#[test]
fn a_state_that_cannot_be_read_is_named() {
    for (value, expected) in [
        (
            "{",
            "field `full-cluster-state`: it cannot be read: it is not plain YAML",
        ),
        ("{}", "has no Secret with the PKI of a cluster"),
        ("", "has no Secret with the PKI of a cluster"),
    ] {
        let map = json!({
            "kind": "ConfigMap",
            "metadata": {"name": "full-cluster-state"},
            "data": {"full-cluster-state": value},
        });
        let folder = folder_with(&map.to_string());
        let output = command(folder.path(), &["scan", "objects.yaml"])
            .output()
            .unwrap();
        let words = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2));
        assert!(words.contains(expected), "{words}");
    }
}

#[test]
fn names_in_the_state_do_not_become_paths() {
    let mut state = state();
    state["currentState"]["certificatesBundle"]["../x"] = json!({"certificatePEM": "x"});
    let folder = folder_with(&state.to_string());
    assert_eq!(slots(&folder, "objects.yaml"), slots_of_files());
}

#[test]
fn what_is_hidden_in_base64_cannot_fill_the_memory() {
    let bomb = json!({
        "kind": "Secret",
        "metadata": {"name": "full-cluster-state"},
        "data": {"full-cluster-state": base64("- ".repeat(4 << 20).as_bytes())},
    });
    let folder = folder_with(&bomb.to_string());
    let output = command(folder.path(), &["scan", "objects.yaml"])
        .output()
        .unwrap();
    let words = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(words.contains("more than 500000 parts"), "{words}");
}
