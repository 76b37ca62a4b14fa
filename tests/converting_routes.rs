//! `convert` on clusters that cannot be joined: what is written, and what is refused with the way on.

#![allow(
    clippy::unwrap_used,
    reason = "what a test needs and does not get is its failure"
)]

mod fixture;

use std::fs;
use std::path::Path;

use assert_cmd::Command;
use fixture::{copy_of, judge, write_private};
use serde_yaml::Value;
use talos_pki::pki::{Certificate, pem};
use tempfile::TempDir;

const TLS: &str = "var/lib/rancher/k3s/server/tls";
const DATABASE: &str = "var/lib/rancher/k3s/server/db";

/// A fixture of k3s with a manifest that says how the API server is run.
fn k3s(fixture: &str) -> TempDir {
    let copy = copy_of(&format!("layouts/{fixture}"));
    let manifest = "apiVersion: v1\nkind: Pod\nmetadata: {name: kube-apiserver}\nspec:\n  containers:\n  - \
                    name: kube-apiserver\n    image: registry.k8s.io/kube-apiserver:v1.36.3\n    command: \
                    [kube-apiserver, --advertise-address=192.0.2.10]\n";
    write_private(&copy.path().join("manifests/kube-apiserver.yaml"), manifest);
    copy
}

/// Moves the data of k3s into etcd, as `--cluster-init` does.
fn bring_into_etcd(folder: &Path) {
    fs::remove_file(folder.join(DATABASE).join("state.db")).unwrap();
    write_private(&folder.join(DATABASE).join("etcd/member/wal/0.wal"), "");
}

fn convert(folder: &Path, talos: &str, more: &[&str]) -> Command {
    let source = folder.to_str().unwrap();
    let mut command = judge(&["convert", source, "--talos-version", talos]);
    command.args(["--endpoint", "https://kube.example.org:6443"]);
    command.args(more);
    command
}

/// Every document of a file.
fn documents(path: &Path) -> Vec<Value> {
    use serde::Deserialize;
    let text = fs::read_to_string(path).unwrap();
    serde_yaml::Deserializer::from_str(&text)
        .map(|document| Value::deserialize(document).unwrap())
        .collect()
}

fn certificates(text: &str) -> Vec<Certificate> {
    let blocks = pem::read(text.as_bytes()).blocks.into_iter();
    let blocks = blocks.filter(|block| block.label == "CERTIFICATE");
    blocks
        .map(|block| Certificate::from_der(block.contents.expose()).unwrap())
        .collect()
}

/// What Talos issues from, of a slot.
fn issuing(folder: &Path, slot: &str) -> Certificate {
    let bundle = &documents(&folder.join("secrets.yaml"))[0];
    let certificate = bundle["certs"][slot]["crt"].as_str().unwrap();
    let [certificate] = <[_; 1]>::try_from(certificates(&decoded(certificate))).unwrap();
    certificate
}

/// The CAs of Kubernetes that control planes accept beside the one that issues.
fn accepted(folder: &Path, talos: &str) -> Vec<Certificate> {
    let documents = documents(&folder.join("controlplane.yaml"));
    let texts: Vec<String> = if talos == "v1.13" {
        let list = documents[0]["cluster"]["acceptedCAs"].as_sequence();
        let texts = list.unwrap().iter().map(|entry| entry["crt"].as_str());
        texts.map(|text| decoded(text.unwrap())).collect()
    } else {
        let mut documents = documents.iter();
        let document = documents.find(|one| one["kind"] == "KubeAPIServerCAConfig");
        let list = document.unwrap()["acceptedCAs"].as_sequence().unwrap();
        list.iter()
            .map(|text| text.as_str().unwrap().to_owned())
            .collect()
    };
    texts.iter().flat_map(|text| certificates(text)).collect()
}

fn decoded(text: &str) -> String {
    use base64::Engine;
    let bytes = base64::engine::general_purpose::STANDARD
        .decode(text)
        .unwrap();
    String::from_utf8(bytes).unwrap()
}

#[test]
fn what_k3s_issued_is_trusted_by_the_bundle_and_the_configurations() {
    for fixture in ["k3s", "k3s-rotated"] {
        for talos in ["v1.13", "v1.14"] {
            let cluster = k3s(fixture);
            if fixture == "k3s" {
                bring_into_etcd(cluster.path());
            }
            let output = TempDir::new().unwrap();
            let output = output.path().join("migration");
            convert(cluster.path(), talos, &["-o", output.to_str().unwrap()])
                .assert()
                .success();
            let mut trusted = accepted(&output, talos);
            trusted.push(issuing(&output, "k8s"));
            for leaf in [
                "client-admin.crt",
                "client-controller.crt",
                "client-kube-apiserver.crt",
                "serving-kube-apiserver.crt",
            ] {
                let text = fs::read_to_string(cluster.path().join(TLS).join(leaf)).unwrap();
                let leaf = &certificates(&text)[0];
                let is_known = trusted.iter().any(|ca| leaf.is_issued_by(ca));
                assert!(is_known, "{fixture} {talos}: {}", leaf.subject);
                // Without the accepted ones, clients would be strangers.
                let is_server = leaf.subject.common_name() == "kube-apiserver";
                let is_issued = leaf.is_issued_by(&issuing(&output, "k8s"));
                assert!(is_server || !is_issued, "{fixture}: {}", leaf.subject);
            }
            // A snapshot needs no old CA of etcd, and two of them could not be one.
            let etcd = issuing(&output, "etcd");
            for old in ["server-ca.crt", "peer-ca.crt"] {
                let path = cluster.path().join(TLS).join("etcd").join(old);
                let old = certificates(&fs::read_to_string(path).unwrap());
                assert!(old.iter().all(|old| old.public_key != etcd.public_key));
            }
        }
    }
}

/// Without its key, the old CA no longer issues, and is trusted all the same.
#[test]
fn a_kubernetes_ca_without_its_key_is_accepted_beside_the_new_one() {
    for talos in ["v1.13", "v1.14"] {
        let cluster = copy_of("kubeadm/external-ca");
        let output = TempDir::new().unwrap();
        let output = output.path().join("migration");
        let folder = output.to_str().unwrap();
        let allow = ["-o", folder, "--allow", "missing-kubernetes-ca-key"];
        convert(cluster.path(), talos, &allow).assert().success();
        let old = fs::read_to_string(cluster.path().join("pki/ca.crt")).unwrap();
        let [old] = <[_; 1]>::try_from(certificates(&old)).unwrap();
        let new = issuing(&output, "k8s");
        assert_ne!(old.der(), new.der());
        let is_old = |one: &Certificate| one.der() == old.der();
        assert!(accepted(&output, talos).iter().any(is_old), "{talos}");
        let worker = fs::read_to_string(output.join("worker.yaml")).unwrap();
        let on_workers = if talos == "v1.13" {
            let documents = documents(&output.join("worker.yaml"));
            let entry = documents[0]["cluster"]["acceptedCAs"][0]["crt"].as_str();
            certificates(&decoded(entry.unwrap()))
        } else {
            let plain: Vec<&str> = worker.lines().map(str::trim_start).collect();
            certificates(&plain.join("\n"))
        };
        assert!(on_workers.iter().any(is_old), "{talos}");

        // Nobody is told that nothing changes.
        let report = fs::read_to_string(output.join("report.json")).unwrap();
        assert!(!report.contains("the CA is the same"), "{report}");
        assert!(report.contains("the new Kubernetes CA"), "{report}");
        let runbook = fs::read_to_string(output.join("MIGRATION.md")).unwrap();
        assert!(!runbook.contains("secrets.yaml: certs.k8s |"), "{runbook}");
        assert!(!runbook.contains("`CN=kubernetes` ends"), "{runbook}");

        // `new` of the runbook trusts what this makes.
        let mut lines = runbook.lines();
        let line = lines.find(|line| line.ends_with("> new-ca.crt")).unwrap();
        let mut shell = std::process::Command::new("sh");
        let status = shell.args(["-c", line]).current_dir(&output).status();
        assert!(status.unwrap().success());
        let written = fs::read_to_string(output.join("new-ca.crt")).unwrap();
        assert_eq!(certificates(&written)[0].der(), new.der());
        assert_eq!(
            runbook.matches("certificate-authority=new-ca.crt").count(),
            3
        );
    }
}

/// Front proxies of old control planes have certificates of the old CA.
#[test]
fn an_aggregator_ca_without_its_key_is_accepted_or_told() {
    let cluster = copy_of("kubeadm/rsa-2048");
    fs::remove_file(cluster.path().join("pki/front-proxy-ca.key")).unwrap();
    let old = fs::read_to_string(cluster.path().join("pki/front-proxy-ca.crt")).unwrap();
    for (talos, outcome) in [("v1.14", "converted"), ("v1.13", "needs-person")] {
        let output = TempDir::new().unwrap();
        let output = output.path().join("migration");
        let folder = output.to_str().unwrap();
        let allow = ["-o", folder, "--allow", "missing-aggregator-ca-key"];
        convert(cluster.path(), talos, &allow).assert().success();
        let report = fs::read_to_string(output.join("report.json")).unwrap();
        let report: serde_json::Value = serde_json::from_str(&report).unwrap();
        let mut items = report["items"].as_array().unwrap().iter();
        let item = items.find(|item| item["what"] == "Aggregator CA, CN=front-proxy-ca");
        assert_eq!(item.unwrap()["outcome"], outcome, "{talos}");
        if talos == "v1.14" {
            let documents = documents(&output.join("controlplane.yaml"));
            let mut documents = documents.iter();
            let document = documents.find(|one| one["kind"] == "KubeAggregatorCAConfig");
            let accepted = document.unwrap()["acceptedCAs"][0].as_str().unwrap();
            assert_eq!(certificates(accepted)[0].der(), certificates(&old)[0].der());
        }
    }
}

/// The line that says when a CA of the bundle ends, as far as it is never broken.
fn in_the_calendar(name: &str, certificate: &Certificate) -> String {
    let end = certificate.validity.not_after.strftime("%Y-%m-%d");
    format!("put {end} into the calendar: the {name} ends")
}

#[test]
fn an_etcd_ca_without_its_key_is_said_to_be_made_anew() {
    let cluster = copy_of("kubeadm/external-etcd");
    let output = TempDir::new().unwrap();
    let output = output.path().join("migration");
    let folder = output.to_str().unwrap();
    let allow = ["-o", folder, "--allow", "missing-etcd-ca-key"];
    convert(cluster.path(), "v1.14", &allow).assert().success();
    assert_eq!(issuing(&output, "etcd").subject.to_string(), "O=etcd");
    let runbook = fs::read_to_string(output.join("MIGRATION.md")).unwrap();
    assert!(!runbook.contains("certs.etcd"), "{runbook}");
    assert!(
        runbook.contains(&in_the_calendar("etcd CA", &issuing(&output, "etcd"))),
        "{runbook}"
    );
    let report = fs::read_to_string(output.join("report.json")).unwrap();
    assert!(report.contains("it is made anew for Talos"), "{report}");
}

#[test]
fn k3s_on_sqlite_is_refused_with_the_way_on_and_can_be_let_through() {
    let cluster = k3s("k3s");
    let output = TempDir::new().unwrap();
    let folder = output.path().join("migration");
    let folder = folder.to_str().unwrap();
    let refused = convert(cluster.path(), "v1.14", &["-o", folder])
        .assert()
        .code(1);
    let words = String::from_utf8(refused.get_output().stderr.clone()).unwrap();
    assert!(words.contains("--cluster-init") && words.contains("Nothing was written"));
    assert!(!Path::new(folder).join("secrets.yaml").exists());

    convert(
        cluster.path(),
        "v1.14",
        &["-o", folder, "--allow", "other-datastore"],
    )
    .assert()
    .success();
    let report = fs::read_to_string(Path::new(folder).join("report.json")).unwrap();
    let report: serde_json::Value = serde_json::from_str(&report).unwrap();
    assert_eq!(report["route"]["way"], "rebuild");
    assert_eq!(report["cluster"]["layout"], "k3s");
}

/// The kubeconfig of k3s leads to its own machine, where no other finds the API.
#[test]
fn a_loopback_address_is_no_endpoint() {
    let cluster = k3s("k3s-rotated");
    let source = cluster.path().to_str().unwrap();
    let refused = judge(&["convert", source, "--dry-run"]).assert().code(1);
    let words = String::from_utf8(refused.get_output().stderr.clone()).unwrap();
    assert!(words.contains("give it by --endpoint"), "{words}");
}

/// What joins no old etcd is told nothing of other members, and of a CA that is not the cluster's.
#[test]
fn where_the_kubernetes_ca_is_made_anew_all_is_told_of_the_new_one() {
    let cluster = copy_of("kubeadm/external-ca");
    let output = TempDir::new().unwrap();
    let output = output.path().join("migration");
    let folder = output.to_str().unwrap();
    let allow = ["-o", folder, "--allow", "missing-kubernetes-ca-key"];
    convert(cluster.path(), "v1.14", &allow).assert().success();
    let report = fs::read_to_string(output.join("report.json")).unwrap();
    let report: serde_json::Value = serde_json::from_str(&report).unwrap();
    for (flag, told) in [
        ("--data-dir=", "the data comes from the snapshot"),
        ("--initial-cluster=", "begins with one member of its own"),
        ("--root-ca-file=", "Talos gives pods the issuing CA alone"),
        (
            "--cluster-signing-cert-file=",
            "accepts what this one signed",
        ),
    ] {
        let mut items = report["items"].as_array().unwrap().iter();
        let item = items.find(|item| item["what"].as_str().unwrap().starts_with(flag));
        let text = item.unwrap()["text"].as_str().unwrap();
        assert!(text.contains(told), "{flag} {text}");
    }
    let runbook = fs::read_to_string(output.join("MIGRATION.md")).unwrap();
    for (name, slot) in [("Kubernetes CA", "k8s"), ("Talos OS CA", "os")] {
        let line = in_the_calendar(name, &issuing(&output, slot));
        assert!(runbook.contains(&line), "{line}: {runbook}");
    }
}

/// Extension API servers are pods, which nobody reaches before there are workers; and no old machine
/// goes before what takes its place is there, nor its Node before the machine.
#[test]
fn a_restore_has_its_steps_in_an_order_in_which_they_succeed() {
    let along = copy_of("kubeadm/external-etcd");
    let off = k3s("k3s-rotated");
    let along_order = [
        "bootstrap --recover-from",
        "the old workers become",
        "each new one is a member",
        "ssh root@\"$OLD\" kubeadm reset",
        "kubectl delete node \"$NODE\"",
        ": the workers",
        "get apiservices",
        "kubectl drain",
    ];
    let off_order = [
        "bootstrap --recover-from",
        "no workload runs until the workers",
        "shutdown -h now",
        "new delete node",
        "each new one is a member",
        ": the workers",
        "get apiservices",
    ];
    for (cluster, order) in [(along, &along_order[..]), (off, &off_order)] {
        let output = TempDir::new().unwrap();
        let output = output.path().join("migration");
        let folder = output.to_str().unwrap();
        let allow = ["-o", folder, "--allow", "missing-etcd-ca-key"];
        convert(cluster.path(), "v1.14", &allow).assert().success();
        let runbook = fs::read_to_string(output.join("MIGRATION.md")).unwrap();
        let mut rest = runbook.replace('\n', " ");
        for words in order {
            assert_eq!(rest.matches(words).count(), 1, "{words}: {runbook}");
            rest = rest[rest.find(words).unwrap()..].to_owned();
        }
    }
}
