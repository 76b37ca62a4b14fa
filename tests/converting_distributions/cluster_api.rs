//! Clusters of Cluster API, which names all three CAs `kubernetes`.

use std::fs;
use std::path::Path;

use crate::fixture::{TOKEN, copy_to, fixtures, judge};
use crate::{Node, kubernetes_objects};

const ENDPOINT: [&str; 2] = ["--endpoint", "https://kube.example.org:6443"];

fn succeeds(folder: &Path, arguments: &[&str]) -> String {
    let output = judge(arguments).current_dir(folder).output().unwrap();
    let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    assert_eq!(output.status.code(), Some(0), "{said}");
    said
}

#[test]
fn a_node_is_converted() {
    let node = Node::of("cluster-api");
    let plan = node.plan(&ENDPOINT);
    assert!(plan.refused().is_empty(), "{:?}", plan.refused());
    node.control_plane(&ENDPOINT);
    let files = [
        "validate",
        "out/secrets.yaml",
        "out/controlplane.yaml",
        "out/worker.yaml",
    ];
    let said = succeeds(node.beside.path(), &files);
    assert!(!said.contains("ca-of-another-slot"), "{said}");
}

#[test]
fn the_bundle_of_its_secrets_is_sound_and_used() {
    let node = Node::of("cluster-api");
    let folder = node.beside.path();
    let pki = fixtures().join("layouts/cluster-api/pki");
    let secrets = kubernetes_objects::cluster_api_of("default/prod", &pki);
    let text = kubernetes_objects::yaml_list(&secrets);
    fs::write(folder.join("secrets-of-capi.yaml"), text).unwrap();
    let import = ["gen", "secrets", "-p", "secrets-of-capi.yaml", "-t", TOKEN];
    succeeds(folder, &import);
    succeeds(folder, &["validate", "secrets.yaml"]);
    let config = ["gen", "config", "prod", "https://kube.example.org:6443"];
    succeeds(
        folder,
        &[&config[..], &["--with-secrets", "secrets.yaml"]].concat(),
    );
    succeeds(folder, &["validate", "controlplane.yaml", "worker.yaml"]);
}

/// The name `kubernetes` tells something as soon as the Kubernetes CA has another.
#[test]
fn a_ca_that_stands_in_the_wrong_slot_is_still_found() {
    let node = Node::of("cluster-api");
    let folder = node.beside.path();
    let kubernetes = fixtures().join("kubeadm/rsa-2048/pki/etcd/ca");
    let etcd = fixtures().join("layouts/cluster-api/pki/etcd/ca");
    let file = |base: &Path, ending| base.with_extension(ending).to_str().unwrap().to_owned();
    let arguments = [
        "gen",
        "secrets",
        "--kubernetes-ca-crt",
        &file(&kubernetes, "crt"),
        "--kubernetes-ca-key",
        &file(&kubernetes, "key"),
        "--etcd-ca-crt",
        &file(&etcd, "crt"),
        "--etcd-ca-key",
        &file(&etcd, "key"),
        "--allow",
        "ca-of-another-slot",
    ];
    succeeds(folder, &arguments);
    let mut command = judge(&["validate", "secrets.yaml"]);
    let output = command.current_dir(folder).output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(
        said.matches("error[ca-of-another-slot]").count(),
        2,
        "{said}"
    );
}

/// A Kubernetes CA of one's own leaves the name `kubernetes` to two others.
#[test]
fn a_kubernetes_ca_of_ones_own_beside_those_of_cluster_api_is_sound() {
    let node = Node::of("cluster-api");
    let folder = node.beside.path();
    let pki = folder.join("pki");
    copy_to(&fixtures().join("layouts/cluster-api/pki"), &pki);
    let ca = ["gen", "ca", "--organization", "Example Corp"];
    let kind = ["--algorithm", "ecdsa-p256", "--name", "own"];
    succeeds(folder, &[ca, kind].concat());
    for ending in ["crt", "key"] {
        let own = folder.join("own").with_extension(ending);
        fs::copy(own, pki.join("ca").with_extension(ending)).unwrap();
    }
    let secrets = kubernetes_objects::cluster_api_of("default/prod", &pki);
    let text = kubernetes_objects::yaml_list(&secrets);
    fs::write(folder.join("capi.yaml"), text).unwrap();
    let said = succeeds(folder, &["scan", "capi.yaml"]);
    assert!(!said.contains("ca-of-another-slot"), "{said}");
    succeeds(folder, &["gen", "secrets", "-p", "capi.yaml", "-t", TOKEN]);
    succeeds(folder, &["validate", "secrets.yaml"]);
}
