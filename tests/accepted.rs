//! CAs that a cluster trusts beside those in the slots, and what another CA issued: what is told of
//! them, and how badly. All through the front door.

#![allow(
    clippy::unwrap_used,
    reason = "what a test needs and does not get is its failure"
)]

mod fixture;
#[path = "kubernetes_objects/mod.rs"]
mod objects;

use std::fs;
use std::path::PathBuf;
use std::process::Output;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use fixture::{TOKEN, copy_of, fixtures, judge};
use serde_json::Value;
use tempfile::TempDir;

/// The cluster, and the one whose CAs and certificates stand beside its own.
const OWN: &str = "kubeadm/rsa-2048";
const OTHER: &str = "kubeadm/ecdsa-p256";

struct Cluster(TempDir);

impl Cluster {
    fn new() -> Self {
        Self(copy_of(OWN))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    fn write(&self, name: &str, text: &str) {
        fixture::write_private(&self.path(name), text);
    }

    /// Puts a file of the other cluster to `name`.
    fn take(&self, from: &str, name: &str) {
        self.write(name, &other(from));
    }

    /// Puts `to` for `from` in a file.
    fn change(&self, name: &str, from: &str, to: &str) {
        let text = self.read(name);
        assert!(text.contains(from), "{name}");
        self.write(name, &text.replace(from, to));
    }

    /// Lets a flag name `file`, in which `cas` are.
    fn trusts(&self, process: &str, flag: &str, file: &str, cas: &str) {
        self.write(&format!("pki/{file}"), cas);
        let process = format!("manifests/{process}.yaml");
        let text = self.read(&process);
        let flag = format!(" --{flag}=/etc/kubernetes/pki/");
        let line = text.lines().find(|line| line.contains(&flag)).unwrap();
        let (before, _) = line.split_once(&flag).unwrap();
        self.write(
            &process,
            &text.replace(line, &format!("{before}{flag}{file}")),
        );
    }

    /// Lets every kubeconfig trust `cas`.
    fn is_trusted(&self, cas: &str) {
        for name in [
            "admin",
            "super-admin",
            "controller-manager",
            "scheduler",
            "kubelet",
        ] {
            let own = STANDARD.encode(self.read("pki/ca.crt"));
            self.change(&format!("{name}.conf"), &own, &STANDARD.encode(cas));
        }
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let mut command = judge(arguments);
        command.current_dir(self.0.path()).output().unwrap()
    }

    /// The findings of `scan`, with the severity of each before its rule.
    fn findings(&self) -> (Vec<String>, Value) {
        let output = self.run(&["scan", ".", "--format", "json"]);
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        let findings = report[0]["findings"].as_array().unwrap().clone();
        let names = findings.iter().map(|finding| {
            let word = |name: &str| finding[name].as_str().unwrap().to_owned();
            format!("{} {}", word("severity"), word("rule"))
        });
        (names.collect(), report[0].clone())
    }

    /// What `gen secrets` says, in one line.
    fn bundle(&self) -> (Option<i32>, String) {
        let output = self.run(&["gen", "secrets", "-p", ".", "-t", TOKEN, "-o", "new.yaml"]);
        let words = String::from_utf8(output.stderr).unwrap();
        let words: Vec<&str> = words.split_whitespace().collect();
        (output.status.code(), words.join(" "))
    }

    /// What `convert` says, and the configuration that it writes.
    fn converted(&self) -> (Option<i32>, String, String) {
        let output = self.run(&["convert", ".", "-t", TOKEN, "-o", "new"]);
        let words = String::from_utf8(output.stderr).unwrap();
        let written = fs::read_to_string(self.path("new/controlplane.yaml"));
        (output.status.code(), words, written.unwrap_or_default())
    }
}

fn other(name: &str) -> String {
    fs::read_to_string(fixtures().join(OTHER).join(name)).unwrap()
}

/// Two texts of PEM as one.
fn both(one: &str, other: &str) -> String {
    format!("{}\n{other}", one.trim_end())
}

// ---- CAs that a flag names beside that of the slot ----------------------------------------------

#[test]
fn a_ca_of_clients_in_the_file_of_the_flag_is_no_secret_of_the_bundle() {
    let cluster = Cluster::new();
    let cas = both(&cluster.read("pki/ca.crt"), &other("pki/ca.crt"));
    cluster.trusts("kube-apiserver", "client-ca-file", "client-cas.crt", &cas);
    let (code, words) = cluster.bundle();
    assert_eq!(code, Some(0), "{words}");
    assert!(
        words.contains(
            "warning[not-in-bundle]: the bundle cannot hold 1 CA that is trusted beside the \
             Kubernetes CA --> pki/client-cas.crt block 2"
        ),
        "{words}"
    );
    assert!(words.contains("KubeAPIServerCAConfig"), "{words}");
    // `scan` shows it, and has nothing to say against it.
    let (findings, report) = cluster.findings();
    assert_eq!(findings, Vec::<String>::new(), "{report}");
    let accepted = &report["authorities"][0]["accepted"];
    assert_eq!(accepted[0]["file"], "pki/client-cas.crt", "{report}");
    let shown = cluster.run(&["scan", "."]).stdout;
    let shown = String::from_utf8(shown).unwrap();
    assert!(
        shown.contains("accepted    CN=kubernetes beside the Kubernetes CA, by client-cas.crt"),
        "{shown}"
    );
    // `convert` takes it along.
    let (code, words, written) = cluster.converted();
    assert_eq!(code, Some(0), "{words}");
    assert!(!words.contains("not-in-bundle"), "{words}");
    let line = other("pki/ca.crt").lines().nth(2).unwrap().to_owned();
    assert_eq!(written.matches(&line).count(), 1);
}

#[test]
fn a_ca_of_front_proxies_and_one_of_etcd_are_told_too() {
    for (process, flag, ca, remedy) in [
        (
            "kube-apiserver",
            "requestheader-client-ca-file",
            "front-proxy-ca.crt",
            "KubeAggregatorCAConfig",
        ),
        ("etcd", "trusted-ca-file", "etcd/ca.crt", "snapshot"),
        ("etcd", "peer-trusted-ca-file", "etcd/ca.crt", "snapshot"),
        ("kube-apiserver", "etcd-cafile", "etcd/ca.crt", "snapshot"),
    ] {
        let cluster = Cluster::new();
        let ca = format!("pki/{ca}");
        cluster.trusts(
            process,
            flag,
            "cas.crt",
            &both(&cluster.read(&ca), &other(&ca)),
        );
        let (code, words) = cluster.bundle();
        assert_eq!(code, Some(0), "{flag}: {words}");
        assert!(words.contains("warning[not-in-bundle]"), "{flag}: {words}");
        assert!(words.contains("pki/cas.crt block 2"), "{flag}: {words}");
        assert!(words.contains(remedy), "{flag}: {words}");
    }
}

#[test]
fn the_same_ca_again_is_no_ca_beside_it() {
    let cluster = Cluster::new();
    let ca = cluster.read("pki/ca.crt");
    cluster.trusts(
        "kube-apiserver",
        "client-ca-file",
        "client-cas.crt",
        &both(&ca, &ca),
    );
    let (code, words) = cluster.bundle();
    assert_eq!(code, Some(0), "{words}");
    assert!(!words.contains("not-in-bundle"), "{words}");
}

#[test]
fn a_file_of_cas_that_was_not_given_is_missed() {
    for (flag, from) in [
        ("client-ca-file", "ca.crt"),
        ("requestheader-client-ca-file", "front-proxy-ca.crt"),
        ("etcd-cafile", "etcd/ca.crt"),
    ] {
        let cluster = Cluster::new();
        let path = "/etc/kubernetes/pki";
        cluster.change(
            "manifests/kube-apiserver.yaml",
            &format!(" --{flag}={path}/{from}"),
            &format!(" --{flag}={path}/more/cas.crt"),
        );
        let (code, words) = cluster.bundle();
        assert_eq!(code, Some(0), "{flag}: {words}");
        let warning = format!("warning[unread-file]: `{path}/more/cas.crt` was not read");
        assert!(words.contains(&warning), "{flag}: {words}");
    }
}

// ---- several CAs of etcd ------------------------------------------------------------------------

#[test]
fn flags_that_name_two_cas_of_etcd_are_refused() {
    // What is in the slot is a leftover with all that it issued, and one flag names another CA.
    for (process, flag) in [
        ("kube-apiserver", "etcd-cafile"),
        ("etcd", "trusted-ca-file"),
        ("etcd", "peer-trusted-ca-file"),
    ] {
        let cluster = Cluster::new();
        let used = cluster.read("pki/etcd/ca.crt");
        for name in ["ca", "server", "peer", "healthcheck-client"] {
            for end in ["crt", "key"] {
                let name = format!("pki/etcd/{name}.{end}");
                cluster.take(&name, &name);
            }
        }
        for name in [
            "pki/apiserver-etcd-client.crt",
            "pki/apiserver-etcd-client.key",
        ] {
            cluster.take(name, name);
        }
        assert_eq!(cluster.findings().0, Vec::<String>::new());
        cluster.trusts(process, flag, "etcd/used.crt", &used);
        let (findings, report) = cluster.findings();
        assert_eq!(findings, ["error flag-names-another"], "{flag}: {report}");
        let text = report.to_string();
        assert!(
            text.contains("Flags name the CA in the slot, too"),
            "{text}"
        );
        assert!(text.contains("snapshot"), "{text}");
        assert_eq!(cluster.bundle().0, Some(1));
        assert_eq!(cluster.converted().0, Some(1));
    }
}

#[test]
fn one_file_that_several_flags_name_is_told_once() {
    let cluster = Cluster::new();
    let flags = [
        ("kube-apiserver", "etcd-cafile"),
        ("etcd", "trusted-ca-file"),
        ("etcd", "peer-trusted-ca-file"),
    ];
    for (process, flag) in flags {
        cluster.trusts(process, flag, "etcd/used.crt", &other("pki/etcd/ca.crt"));
    }
    let (findings, report) = cluster.findings();
    assert_eq!(findings, ["error flag-names-another"], "{report}");
    let text = report.to_string();
    assert!(flags.iter().all(|(_, flag)| text.contains(flag)), "{text}");
}

// ---- what another CA issued ---------------------------------------------------------------------

#[test]
fn an_api_server_with_a_certificate_that_kubeconfigs_trust_is_no_error() {
    let cluster = Cluster::new();
    cluster.take("pki/apiserver.crt", "pki/apiserver.crt");
    cluster.take("pki/apiserver.key", "pki/apiserver.key");
    // Nobody trusts its CA: then it may be what is wrong.
    let (findings, report) = cluster.findings();
    assert_eq!(findings, ["error leaf-of-another-ca"], "{report}");
    assert!(report.to_string().contains("on purpose"), "{report}");
    cluster.is_trusted(&both(&cluster.read("pki/ca.crt"), &other("pki/ca.crt")));
    let (findings, report) = cluster.findings();
    assert_eq!(findings, ["warning server-of-another-ca"], "{report}");
    let (code, words, _) = cluster.converted();
    assert_eq!(code, Some(0), "{words}");
    assert!(words.contains("warning[server-of-another-ca]"), "{words}");
}

#[test]
fn a_client_of_kubelets_that_another_ca_issued_has_words_of_its_own() {
    let cluster = Cluster::new();
    let name = "pki/apiserver-kubelet-client.crt";
    cluster.take(name, name);
    let (findings, report) = cluster.findings();
    assert_eq!(findings, ["error leaf-of-another-ca"], "{report}");
    assert!(report.to_string().contains("clientCAFile"), "{report}");
}

#[test]
fn the_kubeconfig_of_a_person_is_not_kubeadms_to_renew() {
    for (name, says, never) in [
        ("alice.conf", "CertificateSigningRequest", "kubeadm init"),
        (
            "admin.conf",
            "kubeadm init phase kubeconfig",
            "CertificateSigningRequest",
        ),
    ] {
        let cluster = Cluster::new();
        let (own, theirs) = (cluster.read("pki/ca.crt"), other("pki/ca.crt"));
        cluster.take("admin.conf", name);
        // Its cluster is another, and its client as well.
        let (findings, report) = cluster.findings();
        let expected = [
            "warning kubeconfig-trusts-another-ca",
            "warning kubeconfig-of-another-ca",
        ];
        assert_eq!(findings, expected, "{report}");
        for finding in report["findings"].as_array().unwrap() {
            let help = finding["help"].as_str().unwrap();
            assert!(!help.contains(never), "{help}");
        }
        assert!(report.to_string().contains(says), "{report}");
        // It trusts this cluster's CA, and the API servers accept its client by the other.
        cluster.change(name, &STANDARD.encode(&theirs), &STANDARD.encode(&own));
        let (findings, _) = cluster.findings();
        assert_eq!(findings, ["warning kubeconfig-of-another-ca"]);
        cluster.trusts(
            "kube-apiserver",
            "client-ca-file",
            "cas.crt",
            &both(&own, &theirs),
        );
        let (findings, report) = cluster.findings();
        if name == "alice.conf" {
            assert_eq!(findings, Vec::<String>::new(), "{report}");
            let (code, words) = cluster.bundle();
            assert_eq!(code, Some(0), "{words}");
            assert!(words.contains("warning[not-in-bundle]"), "{words}");
        } else {
            // That of the cluster itself is out of date all the same.
            assert_eq!(findings, ["warning kubeconfig-of-another-ca"], "{report}");
        }
    }
}

#[test]
fn components_that_are_all_of_another_ca_tell_which_is_in_use() {
    // A PKI folder that was left, with all that it issued; the kubeconfigs trust whatever is in a file.
    let of_file = |cluster: &Cluster, name: &str| {
        let text = cluster.read(name);
        let lines = text.lines().map(
            |line| match line.split_once("certificate-authority-data:") {
                Some((indent, _)) => {
                    format!("{indent}certificate-authority: /etc/kubernetes/pki/ca.crt")
                }
                None => line.to_owned(),
            },
        );
        let text = lines.collect::<Vec<_>>().join("\n");
        cluster.write(name, &(text + "\n"));
    };
    let cluster = Cluster::new();
    let all = [
        "admin.conf",
        "super-admin.conf",
        "controller-manager.conf",
        "scheduler.conf",
        "kubelet.conf",
    ];
    for name in all {
        cluster.take(name, name);
        of_file(&cluster, name);
    }
    let (findings, report) = cluster.findings();
    assert_eq!(findings, ["error leaf-of-another-ca"], "{report}");
    assert_eq!(cluster.bundle().0, Some(1));
    // One that is of this CA tells that the others are out of date.
    let own = fs::read_to_string(fixtures().join(OWN).join("kubelet.conf")).unwrap();
    cluster.write("kubelet.conf", &own);
    let (findings, report) = cluster.findings();
    assert_eq!(findings, ["warning kubeconfig-of-another-ca"], "{report}");
    // During a rotation the file has both.
    cluster.take("kubelet.conf", "kubelet.conf");
    of_file(&cluster, "kubelet.conf");
    cluster.write(
        "pki/ca.crt",
        &both(&cluster.read("pki/ca.crt"), &other("pki/ca.crt")),
    );
    let (findings, report) = cluster.findings();
    assert_eq!(findings, ["warning extra-certificates"], "{report}");
    assert_eq!(cluster.bundle().0, Some(0));
}

#[test]
fn a_chain_that_leads_to_the_ca_in_the_slot_speaks_for_it() {
    // The root is in the slot, and a CA below it issued.
    let cluster = Cluster(copy_of("broken/subordinate-with-chain"));
    let chain = cluster.read("pki/ca.crt");
    let end = "-----END CERTIFICATE-----\n";
    let (below, root) = chain.split_once(end).unwrap();
    cluster.write("pki/ca.crt", root);
    let strange = || {
        let (mut findings, _) = cluster.findings();
        findings.retain(|finding| finding.ends_with("-of-another-ca"));
        findings
    };
    let of_leaves = "error leaf-of-another-ca";
    let of_kubeconfigs = "warning kubeconfig-of-another-ca";
    let kubeconfigs = [
        "admin",
        "super-admin",
        "controller-manager",
        "scheduler",
        "kubelet",
    ];
    // It tells of all that the CA in the slot did not issue.
    assert_eq!(strange(), [of_leaves]);
    for name in ["pki/apiserver.crt", "pki/apiserver-kubelet-client.crt"] {
        cluster.write(name, &format!("{}{below}{end}", cluster.read(name)));
    }
    assert_eq!(strange(), [of_kubeconfigs]);
    // A client sends the CA between along, too.
    for name in kubeconfigs {
        let name = format!("{name}.conf");
        let text = cluster.read(&name);
        let field = "client-certificate-data: ";
        let (before, rest) = text.split_once(field).unwrap();
        let (leaf, after) = rest.split_once('\n').unwrap();
        let leaf = String::from_utf8(STANDARD.decode(leaf).unwrap()).unwrap();
        let chain = STANDARD.encode(format!("{leaf}{below}{end}"));
        cluster.write(&name, &format!("{before}{field}{chain}\n{after}"));
    }
    assert!(strange().is_empty(), "{:?}", cluster.findings());
}

// ---- sources that never hold what was issued ----------------------------------------------------

#[test]
fn a_store_of_cas_needs_no_evidence() {
    let folder = TempDir::new().unwrap();
    let secrets = folder.path().join("secrets.yaml");
    let text = objects::documents(&objects::cluster_api("prod/prod", "rsa-2048"));
    fixture::write_private(&secrets, &text);
    let kops = fixtures().join("layouts/kops");
    // In a folder, too.
    for source in [secrets.as_path(), &kops, folder.path()] {
        let path = source.to_str().unwrap();
        let output = judge(&["scan", path, "--format", "json"]).output().unwrap();
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        let findings = report[0]["findings"].as_array().unwrap();
        let severity = |rule: &str| {
            let mut found = findings.iter();
            found
                .find(|one| one["rule"] == rule)
                .map(|one| one["severity"].clone())
        };
        assert_eq!(severity("no-evidence"), None, "{path}");
        assert_eq!(severity("evidence-not-kept"), Some("note".into()), "{path}");
    }
}
