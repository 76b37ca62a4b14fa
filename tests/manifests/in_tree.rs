//! Manifests and states in a folder or archive, beside other files.

use std::fs;
use std::process::Command;

use serde_json::json;
use tempfile::TempDir;

use super::objects::{cluster_api, list};
use super::{command, imported, rke};
use crate::fixture::{judge, write_private};

/// What `kubectl get configmaps,secrets` prints of a cluster without any.
const CLUSTER_INFO: &str = "apiVersion: v1\nkind: List\nitems: []\n";

/// A folder `cluster` with these files.
fn cluster_with(files: &[(&str, &str)]) -> TempDir {
    let folder = TempDir::new().unwrap();
    for (name, text) in files {
        write_private(&folder.path().join("cluster").join(name), text);
    }
    folder
}

#[test]
fn the_folder_of_rke_is_what_its_state_is() {
    let state = rke::state().to_string();
    let folder = cluster_with(&[("cluster.rkestate", &state), ("cluster.yml", "nodes: []\n")]);
    let path = folder.path();
    let allowed = ["--allow", "service-account-public-key"];
    let of_state = imported("cluster/cluster.rkestate", path, &allowed);
    assert_eq!(imported("cluster", path, &allowed), of_state);
    let mut tar = Command::new("tar");
    tar.args(["-cf", "cluster.tar", "cluster"])
        .current_dir(path);
    assert!(tar.status().unwrap().success());
    // One folder deeper, as a tar of the folder has it.
    assert_eq!(imported("cluster.tar", path, &allowed), of_state);
}

#[test]
fn secrets_stand_beside_what_the_running_cluster_tells() {
    let secrets = list(&cluster_api("default/prod", "rsa-2048"));
    let folder = cluster_with(&[
        ("secrets.json", &secrets),
        ("cluster-info.yaml", CLUSTER_INFO),
    ]);
    let path = folder.path();
    assert_eq!(
        imported("cluster", path, &[]),
        imported("cluster/secrets.json", path, &[])
    );
    // A fleet has clusters of this kind, too.
    let scan = ["scan", "--fleet", ".", "--format", "json"];
    let output = judge(&scan).current_dir(path).output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.contains("\"state\":\"sound\""), "{said}");
}

#[test]
fn a_bundle_stands_beside_the_configurations_that_were_made_of_it() {
    let folder = cluster_with(&[("cluster-info.yaml", CLUSTER_INFO)]);
    let path = folder.path();
    let make = ["gen", "secrets", "-o", "cluster/bundle.yaml"];
    command(path, &make).assert().success();
    let controlplane = "version: v1alpha1\nmachine:\n  type: controlplane\n";
    write_private(&path.join("cluster/controlplane.yaml"), controlplane);
    let back = ["gen", "secrets", "-p", "cluster", "-o", "back.yaml"];
    command(path, &back).assert().success();
    let text = |name: &str| fs::read_to_string(path.join(name)).unwrap();
    assert_eq!(text("back.yaml"), text("cluster/bundle.yaml"));
}

#[test]
fn of_several_files_one_has_to_be_given() {
    let secrets = |name: &str| list(&cluster_api(name, "rsa-2048"));
    let folder = cluster_with(&[
        ("prod.json", &secrets("default/prod")),
        ("stage.json", &secrets("default/stage")),
    ]);
    let output = command(folder.path(), &["scan", "cluster"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8(output.stderr).unwrap();
    let expected = "error: `cluster` has 2 files with the PKI of a cluster: prod.json, stage.json; \
                    give one of them itself\n";
    assert_eq!(said, expected);
}

#[test]
fn secrets_beside_a_pki_are_none_of_it() {
    let folder = cluster_with(&[(
        "secrets.json",
        &list(&cluster_api("default/prod", "rsa-2048")),
    )]);
    let pki = super::fixture::fixtures().join("kubeadm/ecdsa-p256/pki");
    super::fixture::copy_to(&pki, &folder.path().join("cluster/pki"));
    let path = folder.path();
    assert_eq!(
        imported("cluster", path, &[]),
        imported("cluster/pki", path, &[])
    );
}

#[test]
fn what_is_no_pki_is_none_in_a_folder_either() {
    let secret = json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "other"}});
    let folder = cluster_with(&[
        ("secret.json", &secret.to_string()),
        ("a.yaml", "a: [Secret"),
    ]);
    let output = command(folder.path(), &["scan", "cluster"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(
        said.contains("there is no certificate or key in `cluster`"),
        "{said}"
    );
}
