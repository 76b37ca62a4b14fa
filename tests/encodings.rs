//! Files of YAML as Windows writes them: with a byte order mark, or in UTF-16. Go reads them, and so
//! do Talos and Kubernetes; whoever reads them here is told the same as of UTF-8.

#![allow(
    clippy::unwrap_used,
    reason = "what a test needs and does not get is its failure"
)]

mod fixture;
mod kubernetes_objects;
mod talos_files;

use std::fs;
use std::path::Path;

use fixture::{TOKEN, copy_to, fixtures, judge};
use talos_pki::talos::yaml_tree::{Tree, TreeError};
use tempfile::TempDir;

/// A text in each encoding, the first as it is.
fn encodings(text: &str) -> [Vec<u8>; 4] {
    let utf_16 = |unit: fn(u16) -> [u8; 2]| {
        let units = "\u{feff}".encode_utf16().chain(text.encode_utf16());
        units.flat_map(unit).collect()
    };
    [
        text.as_bytes().to_vec(),
        format!("\u{feff}{text}").into_bytes(),
        utf_16(u16::to_le_bytes),
        utf_16(u16::to_be_bytes),
    ]
}

/// What a command says and writes in `folder`, with `text` in `file` in each encoding.
fn said(folder: &Path, file: &str, text: &str, arguments: &[&str]) -> Vec<String> {
    let run = |bytes: Vec<u8>| {
        fs::write(folder.join(file), bytes).unwrap();
        let output = judge(arguments).current_dir(folder).output().unwrap();
        assert_ne!(output.status.code(), Some(2), "{output:?}");
        String::from_utf8([output.stdout, output.stderr].concat()).unwrap()
    };
    encodings(text).into_iter().map(run).collect()
}

/// Nothing is said that is not said of UTF-8.
fn is_the_same(said: &[String]) {
    let (first, others) = said.split_first().unwrap();
    assert!(!first.is_empty());
    for other in others {
        assert_eq!(first, other);
    }
}

#[test]
fn files_of_talos_are_judged_and_their_findings_have_the_same_places() {
    let damaged = talos_files::bundle().replace(talos_files::BOOTSTRAP_TOKEN, "test-token");
    for text in [
        talos_files::bundle(),
        damaged,
        talos_files::control_plane_documents(),
        talos_files::worker_fields(),
        talos_files::talosconfig("admin"),
    ] {
        let folder = TempDir::new().unwrap();
        is_the_same(&said(
            folder.path(),
            "file.yaml",
            &text,
            &["validate", "file.yaml"],
        ));
    }
}

#[test]
fn a_bundle_is_used() {
    let folder = TempDir::new().unwrap();
    let arguments = [
        "gen",
        "config",
        "prod",
        "https://10.0.0.1:6443",
        "--with-secrets",
        "secrets.yaml",
        "-t",
        "worker",
        "-o",
        "-",
    ];
    let bundle = talos_files::bundle();
    is_the_same(&said(folder.path(), "secrets.yaml", &bundle, &arguments));
}

#[test]
fn configurations_in_a_folder_are_recognised() {
    let folder = TempDir::new().unwrap();
    copy_to(&fixtures().join("kubeadm/ecdsa-p256"), folder.path());
    let encryption = "apiVersion: apiserver.config.k8s.io/v1\nkind: EncryptionConfiguration\n\
                      resources:\n- resources: [secrets]\n  providers:\n  - secretbox: {keys: \
                      [{name: key1, secret: \
                      MDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDA=}]}\n  - identity: {}\n";
    let scan = ["scan", ".", "--format", "json"];
    is_the_same(&said(folder.path(), "encryption.yaml", encryption, &scan));
    for file in ["admin.conf", "manifests/kube-apiserver.yaml"] {
        let text = fs::read_to_string(folder.path().join(file)).unwrap();
        is_the_same(&said(folder.path(), file, &text, &scan));
    }
}

#[test]
fn what_kubectl_printed_is_read() {
    let folder = TempDir::new().unwrap();
    copy_to(
        &fixtures().join("kubeadm/ecdsa-p256"),
        &folder.path().join("kubernetes"),
    );
    let info = "kind: List\nitems:\n- kind: ConfigMap\n  metadata: {name: kubeadm-config}\n  data:\n    \
                ClusterConfiguration: |\n      apiVersion: kubeadm.k8s.io/v1beta4\n      kind: \
                ClusterConfiguration\n      networking: {podSubnet: 10.32.0.0/16}\n";
    let arguments = [
        "convert",
        "kubernetes",
        "--cluster-info",
        "info.yaml",
        "-t",
        TOKEN,
        "--dry-run",
        "--notes",
    ];
    is_the_same(&said(folder.path(), "info.yaml", info, &arguments));

    let objects = kubernetes_objects::cluster_api("default/prod", "rsa-2048");
    let texts = encodings(&kubernetes_objects::yaml_list(&objects));
    let said = texts.map(|text| {
        let output = judge(&["scan", "-"]).write_stdin(text).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    });
    is_the_same(&said);
}

#[test]
fn what_is_not_in_the_encoding_of_its_mark_is_not_yaml() {
    for bytes in [
        &b"\xff\xfea"[..],
        b"\xff\xfe\x00\xd8a\x00",
        b"\xfe\xff\xdc\x00",
    ] {
        let error = Tree::documents(bytes).unwrap_err();
        assert_eq!(error, TreeError::Syntax(None));
    }
}

#[test]
fn what_follows_the_first_document_has_the_mark_of_a_document() {
    for (text, is_read) in [
        ("a: b\n---\nc: d\n", true),
        ("a: b\n...\n---\nc: d\n", true),
        ("a: b\n...\n", true),
        ("---\na: b\n", true),
        (" a: b\nc: d\n", false),
        ("[a]\nb: c\n", false),
        ("# mine\n%YAML 1.2\n---\n a: b\nc: d\n", false),
        // Go does not look at it.
        ("a: b\n---\n c: d\ne: f\n", true),
        ("a: |\n  ---\n  b\n...\n: : :\n", true),
    ] {
        assert_eq!(
            Tree::first_document(text.as_bytes()).is_ok(),
            is_read,
            "{text:?}"
        );
    }
}
