//! Every distribution by its own tree: which file fills which slot, by what it was told, and what is
//! said of its ways. All through the front door.

#![allow(
    clippy::unwrap_used,
    reason = "what a test needs and does not get is its failure"
)]

mod fixture;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use fixture::{TOKEN, copy_of, fixtures, judge, talos_pki};
use insta::{Settings, assert_snapshot};
use serde_json::Value;
use tempfile::TempDir;

const SLOTS: [&str; 3] = ["k8s", "etcd", "k8saggregator"];

/// What `scan --format json` tells of a folder.
fn scan(folder: &Path, arguments: &[&str]) -> Value {
    let folder = folder.to_str().unwrap();
    let output = judge(&["scan", folder, "--format", "json"])
        .args(arguments)
        .output()
        .unwrap();
    let reports: Value = serde_json::from_slice(&output.stdout).expect("a report");
    reports[0].clone()
}

fn layout(name: &str) -> Value {
    scan(copy_of(&format!("layouts/{name}")).path(), &[])
}

fn slot<'a>(report: &'a Value, slot: &str) -> Option<&'a Value> {
    let mut authorities = report["authorities"].as_array().unwrap().iter();
    authorities.find(|authority| authority["slot"] == slot)
}

/// The file names of the certificates in the slots, and of the service-account key.
fn files(report: &Value) -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    for authority in report["authorities"].as_array().unwrap() {
        if let Some(file) = authority["certificate"]["file"].as_str() {
            files.insert(
                authority["slot"].as_str().unwrap().to_owned(),
                file.to_owned(),
            );
        }
    }
    if let Some(file) = report["service_account"]["file"].as_str() {
        files.insert("sa".to_owned(), file.to_owned());
    }
    files
}

fn assert_files(name: &str, folder: &str, expected: &[(&str, &str)]) -> Value {
    let report = layout(name);
    let expected: BTreeMap<_, _> = expected
        .iter()
        .map(|(slot, file)| ((*slot).to_owned(), format!("{folder}{file}")))
        .collect();
    assert_eq!(files(&report), expected, "{name}");
    report
}

/// The rules of the findings, with their severity.
fn rules(report: &Value) -> Vec<(String, String)> {
    let findings = report["findings"].as_array().unwrap().iter();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    findings
        .map(|finding| (text(&finding["rule"]), text(&finding["severity"])))
        .collect()
}

fn finding<'a>(report: &'a Value, rule: &str) -> &'a Value {
    let mut findings = report["findings"].as_array().unwrap().iter();
    findings
        .find(|finding| finding["rule"] == rule)
        .unwrap_or_else(|| panic!("no {rule} in {:?}", rules(report)))
}

fn has(report: &Value, rule: &str) -> bool {
    rules(report).iter().any(|(name, _)| name == rule)
}

fn help(report: &Value, rule: &str) -> String {
    finding(report, rule)["help"].as_str().unwrap().to_owned()
}

/// Makes the bundle, and gives its JSON and what was said; nothing if it is refused.
fn bundle(folder: &Path, arguments: &[&str]) -> (Option<Value>, String) {
    let folder = folder.to_str().unwrap();
    let output = judge(&["gen", "secrets", "-p", folder, "-t", TOKEN, "-o", "-"])
        .args(["--format", "json"])
        .args(arguments)
        .output()
        .unwrap();
    let words = String::from_utf8(output.stderr).unwrap();
    (serde_json::from_slice(&output.stdout).ok(), words)
}

/// What stands in a file of the bundle, whose PEM is in base64.
fn pem(value: &Value) -> String {
    use base64::Engine;
    let bytes = base64::engine::general_purpose::STANDARD.decode(value.as_str().unwrap());
    String::from_utf8(bytes.unwrap()).unwrap()
}

// ---- which file is which ------------------------------------------------------------------------

#[test]
fn every_distribution_is_told_by_evidence_and_the_evidence_is_shown() {
    for (name, layout_name, evidence) in [
        ("kind", "kind", "kind-control-plane:6443"),
        ("minikube", "minikube", "minikubeCA"),
        ("kubespray", "kubespray", "etc/ssl/etcd/ssl/ca.pem"),
        ("k0s", "k0s", "k0s/pki"),
        ("k3s", "k3s", "k3s/server/tls"),
        ("k3s-rotated", "k3s", "k3s/server/tls"),
        ("rke2", "rke2", "rke2/server/tls"),
        ("rke1", "rke1", "kube-ca.pem"),
        ("microk8s", "microk8s", "microk8s/current/certs"),
        ("kops", "kops", "kubernetes-ca/keyset.yaml"),
        ("hard-way", "hard-way", "service-accounts.key"),
        ("k8s-snap", "k8s-snap", "client-ca.crt"),
        ("charmed", "charmed", "known_tokens.csv"),
        ("openshift", "openshift", "static-pod-resources"),
    ] {
        let report = layout(name);
        assert_eq!(report["layout"], layout_name, "{name}");
        let shown = report["layout_evidence"].as_str().unwrap();
        assert!(shown.contains(evidence), "{name}: {shown}");
    }
    let kubeadm = scan(copy_of("kubeadm/rsa-2048").path(), &[]);
    assert_eq!(kubeadm["layout"], "kubeadm");
}

#[test]
fn a_pki_folder_alone_is_told_by_what_is_in_it() {
    for (name, folder, layout_name) in [
        ("k3s", "var/lib/rancher/k3s/server/tls", "k3s"),
        ("rke2", "var/lib/rancher/rke2/server/tls", "rke2"),
        ("k0s", "var/lib/k0s/pki", "k0s"),
        ("microk8s", "var/snap/microk8s/current/certs", "microk8s"),
        ("minikube", "var/lib/minikube/certs", "minikube"),
        ("rke1", "etc/kubernetes/ssl", "rke1"),
        ("hard-way", "var/lib/kubernetes", "hard-way"),
    ] {
        let alone = copy_of(&format!("layouts/{name}/{folder}"));
        let report = scan(alone.path(), &[]);
        assert_eq!(report["layout"], layout_name, "{name}");
        assert!(slot(&report, "k8s").unwrap()["key"].is_object(), "{name}");
    }
}

#[test]
fn the_layout_that_a_person_names_goes_before_the_evidence() {
    let copy = copy_of("layouts/minikube");
    assert_eq!(scan(copy.path(), &[])["layout"], "minikube");
    let told = scan(copy.path(), &["--layout", "kubeadm"]);
    assert_eq!(told["layout"], "kubeadm");
    let output = judge(&["scan", copy.path().to_str().unwrap(), "--layout", "k3s"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    let words = String::from_utf8(output.stderr).unwrap();
    assert!(words.contains("has no k3s PKI"), "{words}");
    assert!(words.contains("server-ca.crt"), "{words}");
}

#[test]
fn kubeadms_names_are_those_of_kind() {
    let expected = [
        ("k8s", "ca.crt"),
        ("etcd", "etcd/ca.crt"),
        ("k8saggregator", "front-proxy-ca.crt"),
        ("sa", "sa.key"),
    ];
    let report = assert_files("kind", "pki/", &expected);
    assert_eq!(report["sound"], true);
    assert_eq!(rules(&report), []);
}

// ---- minikube, kubespray, k0s -------------------------------------------------------------------

#[test]
fn minikubes_decoy_is_not_the_aggregator_ca() {
    let expected = [
        ("k8s", "ca.crt"),
        ("etcd", "etcd/ca.crt"),
        ("k8saggregator", "front-proxy-ca.crt"),
        ("sa", "sa.key"),
    ];
    let report = assert_files("minikube", "var/lib/minikube/certs/", &expected);
    assert_eq!(finding(&report, "unused-authority")["severity"], "note");
    assert!(
        !has(&report, "unexpected-name"),
        "the API server is called `minikube`"
    );
}

/// As on the machine of a person, or where the aggregator CA was left out.
#[test]
fn minikubes_decoy_does_not_take_the_place_of_what_is_missing() {
    let copy = copy_of("layouts/minikube");
    let certificates = copy.path().join("var/lib/minikube/certs");
    for name in ["ca.crt", "ca.key", "client.crt"] {
        fs::remove_file(certificates.join(format!("front-proxy-{name}"))).unwrap();
    }
    let report = scan(copy.path(), &[]);
    let missing = finding(&report, "missing-aggregator-ca");
    assert!(
        !missing.to_string().contains("proxy-client-ca"),
        "{missing}"
    );
    assert_eq!(report["sound"], false);
}

#[test]
fn minikubes_ca_is_that_of_every_profile() {
    let report = layout("minikube");
    assert_eq!(
        finding(&report, "shared-by-other-clusters")["severity"],
        "warning"
    );
}

#[test]
fn kubespray_keeps_etcds_ca_on_the_host() {
    let report = layout("kubespray");
    assert_eq!(report["sound"], true);
    let etcd = slot(&report, "etcd").unwrap();
    assert_eq!(etcd["certificate"]["file"], "etc/ssl/etcd/ssl/ca.pem");
    assert_eq!(etcd["key"]["file"], "etc/ssl/etcd/ssl/ca-key.pem");
    assert!(has(&report, "pkcs8-key"), "openssl genrsa writes PKCS#8");
    assert!(
        !has(&report, "no-evidence"),
        "members' certificates speak for it"
    );
}

#[test]
fn kubespray_with_kubeadms_etcd_has_kubeadms_names() {
    let copy = copy_of("layouts/kubespray");
    let etcd = copy.path().join("etc/kubernetes/ssl/etcd");
    fs::create_dir(&etcd).unwrap();
    for (from, to) in [("ca.pem", "ca.crt"), ("ca-key.pem", "ca.key")] {
        let from = copy.path().join("etc/ssl/etcd/ssl").join(from);
        fs::rename(from, etcd.join(to)).unwrap();
    }
    let report = scan(copy.path(), &[]);
    let file = &slot(&report, "etcd").unwrap()["certificate"]["file"];
    assert_eq!(file, "etc/kubernetes/ssl/etcd/ca.crt");
}

#[test]
fn kubeadm_710_before_1_10_etcd_had_the_kubernetes_ca() {
    let folder = copy_of("kubeadm/rsa-2048");
    let pki = folder.path().join("pki");
    for file in ["ca.crt", "ca.key"] {
        fs::copy(pki.join(file), pki.join("etcd").join(file)).unwrap();
    }
    let report = scan(folder.path(), &["--layout", "kubeadm"]);
    assert!(has(&report, "shared-ca"), "{report}");
    // Certificates that the lost CA of etcd issued are told, too.
    assert!(has(&report, "leaf-of-another-ca"), "{report}");
}

#[test]
fn the_public_key_of_kops_may_say_that_it_is_rsa() {
    let folder = copy_of("kubeadm/rsa-2048");
    let path = folder.path().join("pki/sa.pub");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replace("PUBLIC KEY", "RSA PUBLIC KEY")).unwrap();
    let (bundle, said) = bundle(folder.path(), &["--layout", "kubeadm"]);
    assert!(bundle.is_some(), "{said}");
    assert!(said.contains("service-account key"), "{said}");
}

#[test]
fn kubespray_3205_kubesprays_etcd_key_is_on_etcd_hosts_alone() {
    let report = layout("kubespray-without-etcd-key");
    assert_eq!(report["sound"], false);
    let help = help(&report, "missing-etcd-ca-key");
    assert!(help.contains("group `etcd`"), "{help}");
}

#[test]
fn k0s_has_an_aggregator_ca_for_each_controller() {
    let expected = [
        ("k8s", "ca.crt"),
        ("etcd", "etcd/ca.crt"),
        ("k8saggregator", "front-proxy-ca.crt"),
        ("sa", "sa.key"),
    ];
    let report = assert_files("k0s", "var/lib/k0s/pki/", &expected);
    assert!(help(&report, "of-one-node").contains("acceptedCAs"));
    assert!(!has(&report, "unexpected-name"), "k0s has names of its own");
}

#[test]
fn k0s_on_sqlite_is_refused_with_the_way_on() {
    let copy = copy_of("layouts/k0s");
    fs::create_dir(copy.path().join("var/lib/k0s/db")).unwrap();
    fs::write(copy.path().join("var/lib/k0s/db/state.db"), "SQLite").unwrap();
    let report = scan(copy.path(), &[]);
    assert_eq!(finding(&report, "other-datastore")["severity"], "error");
}

// ---- k3s and RKE2 -------------------------------------------------------------------------------

/// Of two configurations nobody knows which one is in use; it matters where they differ about what a bundle
/// is made of, or whether the cluster can move at all.
#[test]
fn two_configurations_of_k0s_that_differ_about_trust_are_a_choice() {
    let with = |first: &str, second: &str| {
        let copy = copy_of("layouts/k0s");
        for (name, spec) in [("a.yaml", first), ("b.yaml", second)] {
            let text = "apiVersion: k0s.k0sproject.io/v1beta1\nkind: ClusterConfig\nspec: ";
            fs::write(copy.path().join(name), format!("{text}{spec}\n")).unwrap();
        }
        let report = scan(copy.path(), &[]);
        (has(&report, "open-choice"), bundle(copy.path(), &[]))
    };
    let accounts = |key| format!("{{api: {{extraArgs: {{service-account-key-file: {key}}}}}}}");
    for (first, second, name) in [
        (
            "{storage: {type: etcd}}",
            "{storage: {type: kine}}",
            "spec.storage.type",
        ),
        (
            &accounts("/a.pub"),
            &accounts("/b.pub"),
            "spec.api.extraArgs.service-account-key-file",
        ),
    ] {
        let (is_open, (made, said)) = with(first, second);
        assert!(is_open && made.is_none(), "{said}");
        assert!(
            said.contains(&format!("a.yaml: they differ about {name}")),
            "{said}"
        );
        assert!(!with(first, first).0);
    }
    let (is_open, (made, said)) = with(
        "{network: {podCIDR: 10.1.0.0/16}}",
        "{network: {podCIDR: 10.7.0.0/16}}",
    );
    assert!(!is_open && made.is_some(), "{said}");
}

#[test]
fn k3s_issues_from_the_ca_of_servers_and_accepts_that_of_clients() {
    let tls = "var/lib/rancher/k3s/server/tls/";
    let expected = [
        ("k8s", "server-ca.crt"),
        ("k8saggregator", "request-header-ca.crt"),
        ("sa", "service.key"),
    ];
    let report = assert_files("k3s", tls, &expected);
    let accepted = slot(&report, "k8s").unwrap()["accepted"]
        .as_array()
        .unwrap();
    let files: Vec<_> = accepted
        .iter()
        .map(|ca| ca["file"].as_str().unwrap())
        .collect();
    assert_eq!(files, [format!("{tls}client-ca.crt")]);
    assert!(help(&report, "split-authority").contains("client-ca.crt"));
    assert!(
        !has(&report, "leaf-of-another-ca"),
        "clients are signed by client-ca"
    );
}

#[test]
fn k3s_has_two_etcd_cas_and_talos_gets_a_new_one() {
    let report = layout("rke2");
    assert!(slot(&report, "etcd").is_none());
    let help = help(&report, "etcd-ca-made-anew");
    assert!(help.contains("rke2 etcd-snapshot save"), "{help}");
    let copy = copy_of("layouts/rke2");
    let (bundle, words) = bundle(copy.path(), &[]);
    assert!(words.contains("generated  etcd CA"), "{words}");
    let bundle = bundle.expect("a bundle");
    let tls = copy.path().join("var/lib/rancher/rke2/server/tls");
    let server_ca = fs::read_to_string(tls.join("server-ca.crt")).unwrap();
    assert_eq!(pem(&bundle["Certs"]["K8s"]["Crt"]), server_ca);
}

#[test]
fn kine_88_k3s_on_sqlite_is_refused_and_on_etcd_it_is_not() {
    let report = layout("k3s");
    assert_eq!(report["sound"], false);
    assert!(help(&report, "other-datastore").contains("--cluster-init"));
    for name in ["k3s-rotated", "rke2"] {
        let report = layout(name);
        assert!(!has(&report, "other-datastore"), "{name}");
        assert_eq!(report["sound"], true, "{name}: {:?}", rules(&report));
    }
    let copy = copy_of("layouts/k3s");
    let (refused, _) = bundle(copy.path(), &[]);
    assert!(refused.is_none());
    let (allowed, _) = bundle(copy.path(), &["--allow", "other-datastore"]);
    assert!(allowed.is_some());
}

#[test]
fn a_rotated_k3s_issues_from_the_new_root_and_accepts_the_rest() {
    let report = layout("k3s-rotated");
    let kubernetes = slot(&report, "k8s").unwrap();
    let subject = kubernetes["certificate"]["subject"].as_str().unwrap();
    assert_eq!(subject, "CN=k3s-server-root@1764100000");
    assert_eq!(kubernetes["certificate"]["issuer"], subject);
    assert_eq!(
        kubernetes["certificate"]["fingerprint"],
        kubernetes["key"]["fingerprint"]
    );
    // The CA below the root, the root as the old CA signed it, the old CA; and the four of clients.
    assert_eq!(kubernetes["accepted"].as_array().unwrap().len(), 7);
    assert!(!has(&report, "subordinate-ca") && !has(&report, "leaf-of-another-ca"));
}

/// As its page says: the names of RKE's CAs tell in a bundle, too, that sharing one is RKE's way. CAs of
/// other names have to be let through.
#[test]
fn the_bundle_of_rke1_is_known_by_the_names_of_its_authorities() {
    let copy = copy_of("layouts/rke1");
    let folder = copy.path().to_str().unwrap();
    let shared = fixtures().join("broken/one-ca-in-two-slots");
    let beside = TempDir::new().unwrap();
    let code = |arguments: &[&str], more: &[&str]| {
        let mut command = judge(arguments);
        command.args(more).current_dir(beside.path());
        command.output().unwrap().status.code()
    };
    let bundle = |folder: &str, name: &str, more: &[&str]| {
        let bundle = ["gen", "secrets", "-p", folder, "-t", TOKEN, "-o", name];
        assert_eq!(code(&bundle, more), Some(0), "{folder}");
    };
    bundle(folder, "rke.yaml", &[]);
    bundle(
        shared.to_str().unwrap(),
        "other.yaml",
        &["--allow", "shared-ca"],
    );
    for (name, expected) in [("rke.yaml", 0), ("other.yaml", 1)] {
        let config = [
            "gen",
            "config",
            "prod",
            "https://k:6443",
            "-o",
            name.trim_end_matches(".yaml"),
        ];
        let config = [&config[..], &["--with-secrets", name]].concat();
        for arguments in [&config[..], &["validate", name]] {
            assert_eq!(code(arguments, &[]), Some(expected), "{arguments:?}");
        }
    }
}

#[test]
fn of_several_service_account_keys_the_one_that_signs_is_taken() {
    let copy = copy_of("layouts/k3s-rotated");
    let tls = copy.path().join("var/lib/rancher/k3s/server/tls");
    let report = scan(copy.path(), &[]);
    let account = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .find(|finding| {
            let message = finding["message"].as_str().unwrap();
            finding["rule"] == "extra-keys" && message.contains("service.key")
        });
    // Tokens of the other name it, and nothing of a certificate helps them.
    let account = account.unwrap();
    let why = account["why"].as_str().unwrap();
    assert!(
        why.contains("every token of the others is refused"),
        "{why}"
    );
    let taken = report["service_account"]["key_id"].as_str().unwrap();
    assert!(account["places"][0].as_str().unwrap().contains(taken));
    assert!(
        account["help"]
            .as_str()
            .unwrap()
            .contains("accepted.publicKeys")
    );
    let both = fs::read_to_string(tls.join("service.key")).unwrap();
    let second = &both[both.rfind("-----BEGIN").unwrap()..];
    let first_fingerprint = report["service_account"]["fingerprint"].clone();
    // With the other key as the one that signs, the other is taken.
    fs::write(tls.join("service.current.key"), second).unwrap();
    let other = scan(copy.path(), &[]);
    assert_ne!(other["service_account"]["fingerprint"], first_fingerprint);
    assert_eq!(
        other["service_account"]["file"],
        report["service_account"]["file"]
    );
}

#[test]
fn rke2_encrypts_always_and_k3s_where_its_configuration_is() {
    assert_eq!(layout("rke2")["encryption_at_rest"], "on");
    assert_eq!(layout("k3s-rotated")["encryption_at_rest"], "on");
    assert_eq!(layout("k3s")["encryption_at_rest"], "unknown");
    let copy = copy_of("layouts/rke2");
    let (_, words) = bundle(copy.path(), &[]);
    assert!(words.contains("cred/encryption-config.json"), "{words}");
}

#[test]
fn the_front_proxy_of_k3s_and_rke1_has_another_name() {
    for name in ["k3s", "rke2", "rke1"] {
        assert!(has(&layout(name), "front-proxy-name"), "{name}");
    }
}

#[test]
fn k3s_with_cas_of_ones_own_is_told_by_file_names() {
    let alone = TempDir::new().unwrap();
    let rke = fixtures().join("layouts/rke1/etc/kubernetes/ssl");
    let request_header = "kube-apiserver-requestheader-ca";
    for (from, to) in [
        ("kube-ca", "server-ca"),
        (request_header, "request-header-ca"),
    ] {
        let copy =
            |from: String, to: String| fixture::copy_to(&rke.join(from), &alone.path().join(to));
        copy(format!("{from}.pem"), format!("{to}.crt"));
        copy(format!("{from}-key.pem"), format!("{to}.key"));
    }
    let report = scan(alone.path(), &[]);
    assert_eq!(report["layout"], "k3s");
    let evidence = report["layout_evidence"].as_str().unwrap();
    assert!(evidence.contains("is there"), "{evidence}");
}

// ---- others -------------------------------------------------------------------------------------

/// An upgrade from RKE1 puts its CA in the place of every CA of RKE2.
#[test]
fn an_rke2_that_was_rke1_is_told_what_to_do_about_its_one_ca() {
    let copy = copy_of("layouts/rke2");
    let tls = copy.path().join("var/lib/rancher/rke2/server/tls");
    let old = fixtures().join("layouts/rke1/etc/kubernetes/ssl");
    for ca in [
        "server-ca",
        "client-ca",
        "request-header-ca",
        "etcd/server-ca",
        "etcd/peer-ca",
    ] {
        fs::copy(old.join("kube-ca.pem"), tls.join(format!("{ca}.crt"))).unwrap();
        fs::copy(old.join("kube-ca-key.pem"), tls.join(format!("{ca}.key"))).unwrap();
    }
    for folder in [copy.path(), &tls] {
        let report = scan(folder, &[]);
        assert_eq!(report["layout"], "rke2");
        let help = help(&report, "shared-ca");
        assert!(
            help.contains("the upgrade from RKE1 has put its CA"),
            "{help}"
        );
        assert!(
            help.contains("--aggregator-ca-crt aggregator.crt"),
            "{help}"
        );
    }
    let made = TempDir::new().unwrap();
    let mut ca = talos_pki(&["gen", "ca", "--organization", "aggregator"]);
    ca.args([
        "--algorithm",
        "ecdsa-p256",
        "-o",
        made.path().to_str().unwrap(),
    ]);
    assert!(ca.output().unwrap().status.success());
    let given = ["crt", "key"].map(|half| made.path().join(format!("aggregator.{half}")));
    let [certificate, key] = given.each_ref().map(|path| path.to_str().unwrap());
    let own = [
        "--aggregator-ca-crt",
        certificate,
        "--aggregator-ca-key",
        key,
    ];
    assert!(bundle(copy.path(), &[]).1.contains("shared-ca"));
    assert!(!bundle(copy.path(), &own).1.contains("shared-ca"));
}

#[test]
fn rke1_signs_etcd_with_the_kubernetes_ca_by_design() {
    let expected = [
        ("k8s", "kube-ca.pem"),
        ("etcd", "kube-ca.pem"),
        ("k8saggregator", "kube-apiserver-requestheader-ca.pem"),
        ("sa", "kube-service-account-token-key.pem"),
    ];
    let report = assert_files("rke1", "etc/kubernetes/ssl/", &expected);
    assert_eq!(finding(&report, "shared-ca")["severity"], "warning");
    assert_eq!(report["sound"], true);
    let (bundle, _) = bundle(copy_of("layouts/rke1").path(), &[]);
    let certificates = bundle.expect("a bundle")["Certs"].clone();
    assert_eq!(certificates["K8s"]["Crt"], certificates["Etcd"]["Crt"]);
}

#[test]
fn rke1_signs_tokens_as_rke() {
    let report = layout("rke1");
    assert!(help(&report, "token-issuer").contains("`rke`"));
}

#[test]
fn an_old_rke1_signs_tokens_with_the_key_of_the_api_server() {
    let copy = copy_of("layouts/rke1");
    for name in [
        "kube-service-account-token.pem",
        "kube-service-account-token-key.pem",
    ] {
        fs::remove_file(copy.path().join("etc/kubernetes/ssl").join(name)).unwrap();
    }
    let report = scan(copy.path(), &[]);
    let file = &report["service_account"]["file"];
    assert_eq!(file, "etc/kubernetes/ssl/kube-apiserver-key.pem");
}

#[test]
fn the_state_file_of_rke1_has_the_same_as_its_folder() {
    let ssl = fixtures().join("layouts/rke1/etc/kubernetes/ssl");
    let read = |name: String| fs::read_to_string(ssl.join(name)).unwrap();
    let mut bundle = serde_json::Map::new();
    for name in [
        "kube-ca",
        "kube-apiserver",
        "kube-apiserver-requestheader-ca",
        "kube-apiserver-proxy-client",
        "kube-service-account-token",
    ] {
        let (certificate, key) = (read(format!("{name}.pem")), read(format!("{name}-key.pem")));
        let entry = serde_json::json!({ "certificatePEM": certificate, "keyPEM": key });
        bundle.insert(name.to_owned(), entry);
    }
    let encryption = read("encryption.yaml".to_owned());
    let current =
        serde_json::json!({ "certificatesBundle": bundle, "encryptionConfig": encryption });
    let state = serde_json::json!({ "desiredState": {}, "currentState": current });
    let folder = TempDir::new().unwrap();
    fixture::write_private(&folder.path().join("cluster.rkestate"), &state.to_string());
    let state = folder.path().join("cluster.rkestate");
    let (report, of_folder) = (scan(&state, &[]), layout("rke1"));
    assert_eq!(report["layout"], "rke1");
    for name in SLOTS {
        let key = |report: &Value| slot(report, name).unwrap()["key"]["fingerprint"].clone();
        assert_eq!(key(&report), key(&of_folder), "{name}");
    }
    let account = |report: &Value| report["service_account"]["fingerprint"].clone();
    assert_eq!(account(&report), account(&of_folder));
    assert_eq!(report["encryption_at_rest"], "on");
    assert_eq!(report["sound"], true);
}

#[test]
fn an_rke1_with_external_etcd_has_no_key_for_it() {
    let copy = copy_of("layouts/rke1");
    let ssl = copy.path().join("etc/kubernetes/ssl");
    let other = fixtures().join("layouts/kubespray/etc/ssl/etcd/ssl/ca.pem");
    fs::copy(other, ssl.join("kube-etcd-client-ca.pem")).unwrap();
    let report = scan(copy.path(), &[]);
    assert!(help(&report, "missing-etcd-ca-key").contains("not RKE's own"));
    assert!(!has(&report, "shared-ca"));
}

#[test]
fn a_disabled_encryption_of_rke1_still_counts() {
    // `identity` stands first, and what was written before may still be encrypted.
    assert_eq!(layout("rke1")["encryption_at_rest"], "on");
}

#[test]
fn microk8s_has_no_etcd_and_dqlites_certificate_is_no_ca() {
    let expected = [
        ("k8s", "ca.crt"),
        ("k8saggregator", "front-proxy-ca.crt"),
        ("sa", "serviceaccount.key"),
    ];
    let report = assert_files("microk8s", "var/snap/microk8s/current/certs/", &expected);
    assert_eq!(finding(&report, "other-datastore")["severity"], "error");
    assert!(has(&report, "unused-authority"));
    assert!(has(&report, "pkcs8-key"));
    let copy = copy_of("layouts/microk8s");
    let (bundle, words) = bundle(copy.path(), &["--allow", "other-datastore"]);
    let bundle = bundle.expect("a bundle");
    // Talos before 1.10.3 reads no PKCS#8.
    let key = pem(&bundle["Certs"]["K8s"]["Key"]);
    assert!(key.starts_with("-----BEGIN RSA PRIVATE KEY-----"));
    assert!(words.contains("generated  etcd CA"), "{words}");
}

#[test]
fn microk8s_2051_microk8s_with_etcd_moves_by_a_snapshot() {
    let copy = copy_of("layouts/microk8s");
    let etcd = copy.path().join("var/snap/microk8s/common/var/run/etcd");
    fs::create_dir_all(&etcd).unwrap();
    fs::write(etcd.join("0.wal"), "wal").unwrap();
    let report = scan(copy.path(), &[]);
    assert!(!has(&report, "other-datastore"));
    assert!(has(&report, "etcd-ca-made-anew"));
}

#[test]
fn of_a_kops_keyset_the_primary_is_taken_and_what_is_distrusted_is_left_out() {
    let expected = [
        ("k8s", "kubernetes-ca/keyset.yaml: publicMaterial"),
        (
            "k8saggregator",
            "apiserver-aggregator-ca/keyset.yaml: publicMaterial",
        ),
        ("sa", "service-account/keyset.yaml: privateMaterial"),
    ];
    let report = assert_files("kops", "pki/private/", &expected);
    assert_eq!(report["layout"], "kops");
    assert_eq!(report["sound"], true, "{:?}", rules(&report));
    let kubernetes = slot(&report, "k8s").unwrap();
    // The primary is the second of three generations, the first is distrusted.
    assert_eq!(kubernetes["certificate"]["block"], 1);
    assert_eq!(kubernetes["accepted"].as_array().unwrap().len(), 1);
    assert!(has(&report, "etcd-ca-made-anew"));
    let keyset = fixtures().join("layouts/kops/pki/private/kubernetes-ca/keyset.yaml");
    let keyset = fs::read_to_string(keyset).unwrap();
    let mut publics = keyset
        .lines()
        .filter_map(|line| line.trim().strip_prefix("publicMaterial: "));
    let (bundle, _) = bundle(copy_of("layouts/kops").path(), &[]);
    let taken = bundle.expect("a bundle")["Certs"]["K8s"]["Crt"].clone();
    assert_eq!(
        taken.as_str(),
        publics.nth(1),
        "the same PEM in the same base64"
    );
}

#[test]
fn a_kops_keyset_that_names_no_primary_is_used_by_its_newest_generation() {
    let copy = copy_of("layouts/kops");
    let path = copy.path().join("pki/private/kubernetes-ca/keyset.yaml");
    let text = fs::read_to_string(&path).unwrap();
    let (keys, _) = text.split_once("  primaryId:").unwrap();
    fs::write(&path, format!("{keys}  type: Keypair\n")).unwrap();
    let taken = |report: &Value| slot(report, "k8s").unwrap()["certificate"]["fingerprint"].clone();
    let named = layout("kops");
    let newest = slot(&named, "k8s").unwrap()["accepted"][0]["fingerprint"].clone();
    let report = scan(copy.path(), &[]);
    assert_eq!(taken(&report), newest);
    // By number, not by its first digits.
    let older = "id: \"7711807951298372265113801572\"";
    assert!(keys.contains(older));
    let shorter = keys.replace(older, "id: \"9\"");
    fs::write(&path, format!("{shorter}  type: Keypair\n")).unwrap();
    assert_eq!(taken(&scan(copy.path(), &[])), newest);
}

#[test]
fn an_old_kops_has_other_names() {
    let copy = copy_of("layouts/kops");
    let private = copy.path().join("pki/private");
    fs::rename(private.join("kubernetes-ca"), private.join("ca")).unwrap();
    fs::rename(private.join("service-account"), private.join("master")).unwrap();
    let report = scan(copy.path(), &[]);
    let files = files(&report);
    assert_eq!(files["k8s"], "pki/private/ca/keyset.yaml: publicMaterial");
    assert_eq!(
        files["sa"],
        "pki/private/master/keyset.yaml: privateMaterial"
    );
}

#[test]
fn the_hard_way_has_one_ca_and_its_encryption_key() {
    let expected = [("k8s", "ca.crt"), ("sa", "service-accounts.key")];
    let report = assert_files("hard-way", "var/lib/kubernetes/", &expected);
    assert_eq!(report["encryption_at_rest"], "on");
    assert_eq!(report["sound"], true);
    assert!(has(&report, "etcd-ca-made-anew") && has(&report, "aggregator-ca-made-anew"));
}

#[test]
fn canonical_kubernetes_has_a_ca_for_clients() {
    let expected = [
        ("k8s", "ca.crt"),
        ("etcd", "etcd/ca.crt"),
        ("k8saggregator", "front-proxy-ca.crt"),
        ("sa", "serviceaccount.key"),
    ];
    let report = assert_files("k8s-snap", "etc/kubernetes/pki/", &expected);
    let accepted = slot(&report, "k8s").unwrap()["accepted"]
        .as_array()
        .unwrap();
    assert_eq!(accepted.len(), 1);
}

#[test]
fn charmed_kubernetes_and_openshift_are_refused_and_cannot_be_let_through() {
    for name in ["charmed", "openshift"] {
        let report = layout(name);
        assert_eq!(
            rules(&report),
            [("distribution-refused".to_owned(), "error".to_owned())]
        );
        assert!(
            help(&report, "distribution-refused").contains("Velero"),
            "{name}"
        );
        let copy = copy_of(&format!("layouts/{name}"));
        let (none, words) = bundle(copy.path(), &[]);
        assert!(
            none.is_none() && words.contains("Nothing was written"),
            "{words}"
        );
        let (none, _) = bundle(copy.path(), &["--allow", "distribution-refused"]);
        assert!(none.is_none(), "{name}");
    }
}

// ---- without names, and word for word -----------------------------------------------------------

/// Every file under a name that tells nothing.
fn shuffled(name: &str) -> TempDir {
    let copy = copy_of(&format!("layouts/{name}"));
    let folder = TempDir::new().unwrap();
    let files = walkdir::WalkDir::new(copy.path()).sort_by_file_name();
    let files = files.into_iter().map(Result::unwrap);
    let files: Vec<_> = files.filter(|entry| entry.file_type().is_file()).collect();
    let count = files.len();
    for (position, entry) in files.iter().enumerate() {
        let name = format!(
            "{:03}",
            (position * 7 + 3) % count + count * (position * 7 / count)
        );
        fs::copy(entry.path(), folder.path().join(name)).unwrap();
    }
    folder
}

/// Whether it is open which file is `what`.
fn is_open(report: &Value, what: &str) -> bool {
    let mut findings = report["findings"].as_array().unwrap().iter();
    findings.any(|finding| {
        let message = finding["message"].as_str().unwrap();
        finding["rule"] == "open-choice" && message.ends_with(&format!(" could be the {what}"))
    })
}

#[test]
fn without_names_the_same_slots_are_found_or_a_choice_is_open() {
    for name in [
        "kind",
        "minikube",
        "kubespray",
        "k0s",
        "k3s",
        "k3s-rotated",
        "rke2",
        "rke1",
        "microk8s",
        "kops",
        "hard-way",
        "k8s-snap",
    ] {
        let named = layout(name);
        let folder = shuffled(name);
        let report = scan(folder.path(), &["--layout", "by-content"]);
        assert_eq!(report["layout"], "by content", "{name}");
        for (slot_name, title) in SLOTS
            .iter()
            .zip(["Kubernetes CA", "etcd CA", "Aggregator CA"])
        {
            let Some(expected) = slot(&named, slot_name) else {
                continue;
            };
            let found = slot(&report, slot_name).unwrap();
            let key = |authority: &Value| authority["certificate"]["fingerprint"].clone();
            let candidates = report["findings"].as_array().unwrap().iter();
            let mut candidates = candidates.map(|finding| finding["found"].to_string());
            // Of kops's store nothing was signed by the CAs, so a person is told which they may be.
            let is_named =
                name == "kops" && candidates.any(|found| found.contains("--etcd-ca-crt"));
            let is_open = is_open(&report, title) || is_named;
            // Which of a chain is the root is told by k3s's names alone; without them a rule refuses.
            let is_rotated = name == "k3s-rotated" && has(&report, "subordinate-ca");
            assert!(
                key(found) == key(expected) || (key(found).is_null() && is_open) || is_rotated,
                "{name}: {slot_name}: {:?}",
                rules(&report)
            );
        }
        let account = |report: &Value| report["service_account"]["fingerprint"].clone();
        // RKE1 signs tokens with the key of the API server, and only a name tells that it does.
        let is_untold = name == "rke1" && has(&report, "missing-service-account-key");
        assert!(
            account(&report) == account(&named)
                || is_open(&report, "Service-account key")
                || is_untold,
            "{name}: service account: {:?}",
            rules(&report)
        );
    }
}

#[test]
fn without_names_the_certificates_of_k0s_for_both_uses_are_not_all_etcds() {
    let folder = shuffled("k0s");
    let report = scan(folder.path(), &["--layout", "by-content"]);
    let etcd = slot(&report, "etcd").unwrap();
    assert_eq!(etcd["certificate"]["subject"], "CN=etcd-ca");
    assert!(!has(&report, "shared-ca") && !has(&report, "leaf-of-another-ca"));
    // Of the key of etcd's own tokens nothing tells that it is not that of service accounts.
    assert!(is_open(&report, "Service-account key"));
}

#[test]
fn without_names_a_ca_is_in_its_own_file_not_behind_what_it_signed() {
    let copy = copy_of("layouts/k3s");
    let report = scan(copy.path(), &["--layout", "by-content"]);
    let aggregator = slot(&report, "k8saggregator").unwrap();
    let file = aggregator["certificate"]["file"].as_str().unwrap();
    assert!(file.ends_with("tls/request-header-ca.crt"), "{file}");
    assert!(!has(&report, "certificate-order"));
}

#[test]
fn what_a_person_sees_of_each_distribution() {
    let mut settings = Settings::clone_current();
    settings.add_filter(r"sha256:[0-9a-f]{6}…[0-9a-f]{2}", "sha256:[key]");
    settings.add_filter(r"kid [A-Za-z0-9_-]{8}…", "kid [key id]…");
    settings.add_filter(r"kid(\s+)[A-Za-z0-9_-]{43}", "kid${1}[whole key id]");
    settings.add_filter(r"2\d\d\d-\d\d-\d\d", "[a day]");
    settings.set_omit_expression(true);
    settings.set_prepend_module_to_snapshot(false);
    for entry in fs::read_dir(fixtures().join("layouts")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let folder = TempDir::new().unwrap();
        fixture::copy_to(
            &fixtures().join("layouts").join(&name),
            &folder.path().join(&name),
        );
        let output = judge(&["scan", &name, "--notes"])
            .current_dir(folder.path())
            .output()
            .unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        settings.bind(|| assert_snapshot!(format!("layout_{name}"), text));
    }
}

#[test]
fn ended_certificates_are_renewed_as_the_distribution_does_it() {
    for (layout, words) in [
        ("k3s", "restart k3s"),
        ("rke2", "restart rke2-server"),
        ("microk8s", "microk8s refresh-certs"),
        ("k0s", "restart its controllers"),
        ("kind", "kubeadm certs renew all"),
    ] {
        let copy = copy_of(&format!("layouts/{layout}"));
        let mut command = talos_pki(&["scan", copy.path().to_str().unwrap()]);
        let output = command
            .args(["--now", "2029-12-01T00:00:00Z"])
            .output()
            .unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(said.contains("warning[leaf-expired]"), "{layout}: {said}");
        let help = format!("if the old cluster shall run meanwhile: {words}");
        assert!(said.replace('`', "").contains(&help), "{layout}: {said}");
    }
}
