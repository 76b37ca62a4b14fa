//! Clusters whose objects are not in etcd, collected by the commands that their pages tell: `scan`,
//! `gen secrets` and `convert` have to say so alike.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;

use crate::fixture::{TOKEN, judge};
use crate::{Node, k0s, k3s, snaps};

const ENDPOINT: [&str; 2] = ["--endpoint", "https://kube.example.org:6443"];
const ALLOW: [&str; 2] = ["--allow", "other-datastore"];

/// The archive that the page of `layout` says to make, made of the files of `node`.
fn collected(layout: &str, node: &Node) -> PathBuf {
    let page = format!(
        "{}/docs/migrating-from-{layout}.md",
        env!("CARGO_MANIFEST_DIR")
    );
    let page = fs::read_to_string(page).unwrap();
    let (_, block) = page.split_once("```sh\ntar c -C / ").expect("a command");
    let (command, _) = block.split_once("\ntalos-pki scan").unwrap();
    let (arguments, archive) = command.rsplit_once('>').unwrap();
    let folder = node.folder.path().to_str().unwrap();
    let script = format!("tar c -C '{folder}' {arguments} > {}", archive.trim());
    let made = Command::new("sh")
        .args(["-c", &script])
        .current_dir(node.beside.path())
        .output()
        .unwrap();
    assert!(made.status.success(), "{layout}: {made:?}");
    node.beside.path().join(archive.trim())
}

/// What `convert` plans for `archive`, and with which status it ends.
fn plan(node: &Node, archive: &str, arguments: &[&str]) -> (Value, Option<i32>) {
    let output = judge(&["convert", archive, "--dry-run", "--json", "-t", TOKEN])
        .args(["--cluster-info", "nodes.yaml"])
        .args(ENDPOINT)
        .args(arguments)
        .current_dir(node.beside.path())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    let report = serde_json::from_slice(&output.stdout);
    (
        report.unwrap_or_else(|error| panic!("{error}: {said}")),
        output.status.code(),
    )
}

/// What every command says of a cluster without etcd: the remedy has `help` in it.
fn assert_is_without_etcd(layout: &str, node: &Node, help: &str) {
    let archive = collected(layout, node);
    let archive = archive.to_str().unwrap();
    let scan = judge(&["scan", archive, "--format", "json"])
        .output()
        .unwrap();
    assert_eq!(scan.status.code(), Some(1), "{layout}");
    let report: Value = serde_json::from_slice(&scan.stdout).unwrap();
    let findings = report[0]["findings"].as_array().unwrap();
    let errors = findings.iter().filter(|one| one["severity"] == "error");
    let errors: Vec<_> = errors.collect();
    let [error] = errors.as_slice() else {
        panic!("{layout}: {errors:#?}");
    };
    assert_eq!(error["rule"], "other-datastore", "{layout}");
    assert!(error["help"].as_str().unwrap().contains(help), "{error:#}");

    let bundle = |arguments: &[&str]| {
        let mut bundle = judge(&["gen", "secrets", "-p", archive, "-t", TOKEN, "-o", "-"]);
        bundle.args(arguments).output().unwrap().status.code()
    };
    assert_eq!(bundle(&[]), Some(1), "{layout}");
    assert_eq!(bundle(&ALLOW), Some(0), "{layout}");

    let (_, status) = plan(node, archive, &[]);
    assert_eq!(status, Some(1), "{layout}");
    let (report, status) = plan(node, archive, &ALLOW);
    assert_eq!(report["route"]["way"], "rebuild", "{layout}");
    assert_eq!(status, Some(0), "{layout}: {report:#}");
}

#[test]
fn k3s_on_sqlite() {
    let node = k3s::on_sqlite("");
    assert_is_without_etcd("k3s", &node, "--cluster-init");
}

/// kine before MySQL, PostgreSQL or NATS; the password in the URL is never shown.
#[test]
fn k3s_on_sql_by_kine() {
    let endpoint = "datastore-endpoint: mysql://k3s:protects-nothing@tcp(192.0.2.7:3306)/k3s\n";
    let node = k3s::on_sqlite(endpoint);
    assert_is_without_etcd("k3s", &node, "no way");
    let output = node.convert(&["--dry-run", "--notes", "--json"]);
    for said in [output.stdout, output.stderr] {
        assert!(
            !String::from_utf8(said)
                .unwrap()
                .contains("protects-nothing")
        );
    }
}

/// An etcd that somebody else runs is one, whatever is left of SQLite.
#[test]
fn k3s_with_an_etcd_outside_is_not_without_etcd() {
    let node = k3s::on_sqlite("datastore-endpoint: https://192.0.2.7:2379\n");
    let archive = collected("k3s", &node);
    let (report, status) = plan(&node, archive.to_str().unwrap(), &[]);
    assert_eq!(report["route"]["way"], "restore", "{report:#}");
    assert_eq!(status, Some(0), "{report:#}");
    let (report, _) = plan(&node, node.folder.path().to_str().unwrap(), &[]);
    assert_eq!(report["route"]["way"], "restore", "{report:#}");
}

#[test]
fn k0s_on_kine() {
    let config = "apiVersion: k0s.k0sproject.io/v1beta1\nkind: ClusterConfig\n";
    let of_type =
        format!("{config}spec: {{storage: {{type: kine, kine: {{dataSource: 'mysql://k0s'}}}}}}\n");
    for (config, arguments) in [(config, "--single"), (of_type.as_str(), "--enable-worker")] {
        let node = k0s::node(config, arguments);
        fs::remove_dir_all(node.folder.path().join("var/lib/k0s/pki/etcd")).unwrap();
        assert_is_without_etcd("k0s", &node, "k0s has no way");
    }
}

#[test]
fn canonical_kubernetes_on_dqlite() {
    let node = snaps::canonical(snaps::DQLITE);
    fs::remove_dir_all(node.folder.path().join("etc/kubernetes/pki/etcd")).unwrap();
    assert_is_without_etcd("k8s-snap", &node, "k8s-dqlite");
}

#[test]
fn microk8s_on_dqlite_and_on_etcd() {
    let node = snaps::microk8s("var/snap/microk8s/current");
    assert_is_without_etcd("microk8s", &node, "dqlite");
    let flags = "var/snap/microk8s/current/args/kube-apiserver";
    let socket = "unix://${SNAP_DATA}/var/kubernetes/backend/kine.sock:12379";
    let with_etcd = node.read(flags).replace(socket, "https://127.0.0.1:12379");
    let node = node.with(flags, &with_etcd);
    let archive = collected("microk8s", &node);
    let (report, status) = plan(&node, archive.to_str().unwrap(), &[]);
    assert_eq!(report["route"]["way"], "restore", "{report:#}");
    assert_eq!(status, Some(0), "{report:#}");
}
