//! Which piece fills a slot, where several could: nothing is taken by luck, and what is taken is the
//! one in use.

#![allow(
    clippy::unwrap_used,
    reason = "what a test needs and does not get is its failure"
)]

mod fixture;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use fixture::{NOW, TOKEN, copy_of, copy_to, fixtures, judge, write_private};
use getrandom::SysRng;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use talos_pki::pki::{
    AuthorityProfile, CaPair, Certificate, KeyGeneration, PrivateKey, Subject, Validity,
    generate_key, pem,
};
use tempfile::TempDir;

/// The control plane of `kubeadm/ecdsa-p256` in the folder `kubernetes` of a folder of its own.
struct Cluster(TempDir);

impl Cluster {
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let kubernetes = folder.path().join("kubernetes");
        copy_to(&fixtures().join("kubeadm/ecdsa-p256"), &kubernetes);
        Self(folder)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join("kubernetes").join(name)
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    fn write(&self, name: &str, text: &str) {
        write_private(&self.path(name), text);
    }

    fn remove(&self, names: &[&str]) {
        for name in names {
            fs::remove_file(self.path(name)).unwrap();
        }
    }

    fn rename(&self, from: &str, to: &str) {
        fs::create_dir_all(self.path(to).parent().unwrap()).unwrap();
        fs::rename(self.path(from), self.path(to)).unwrap();
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let mut command = judge(arguments);
        command.current_dir(self.0.path()).output().unwrap()
    }

    /// What `scan --format json` tells.
    fn scan(&self, arguments: &[&str]) -> Value {
        let fixed = ["scan", "kubernetes", "--format", "json"];
        let output = self.run(&[&fixed[..], arguments].concat());
        let reports: Value = serde_json::from_slice(&output.stdout).expect("a report");
        reports[0].clone()
    }

    /// The secrets bundle as JSON, and what is said of it.
    fn bundle(&self, arguments: &[&str]) -> (Value, String) {
        let output = self.gen_secrets(arguments);
        let words = words(&output);
        assert_eq!(output.status.code(), Some(0), "{words}");
        (serde_json::from_slice(&output.stdout).unwrap(), words)
    }

    /// Why there is no bundle.
    fn refusal(&self, arguments: &[&str]) -> String {
        let output = self.gen_secrets(arguments);
        let words = words(&output);
        assert_eq!(output.status.code(), Some(1), "{words}");
        assert!(output.stdout.is_empty(), "something was written");
        words
    }

    fn gen_secrets(&self, arguments: &[&str]) -> Output {
        let fixed = ["gen", "secrets", "-p", "kubernetes", "-t", TOKEN];
        let form = ["-o", "-", "--format", "json"];
        self.run(&[&fixed[..], &form, arguments].concat())
    }
}

fn words(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// The text without line breaks and the spaces that begin a line.
fn unwrapped(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn finding<'a>(report: &'a Value, rule: &str) -> &'a Value {
    let mut findings = report["findings"].as_array().unwrap().iter();
    findings
        .find(|finding| finding["rule"] == rule)
        .unwrap_or_else(|| panic!("no {rule} in {}", report["findings"]))
}

fn has(report: &Value, rule: &str) -> bool {
    let mut findings = report["findings"].as_array().unwrap().iter();
    findings.any(|finding| finding["rule"] == rule)
}

/// A key of another cluster, whose certificate is not here.
fn other_key(name: &str) -> String {
    fs::read_to_string(fixtures().join("kubeadm/ecdsa-p384/pki").join(name)).unwrap()
}

/// What stands in a field of the bundle, whose PEM is in base64.
fn in_bundle(bundle: &Value, slot: &str, half: &str) -> String {
    use base64::Engine;
    let text = bundle["Certs"][slot][half].as_str().unwrap();
    let bytes = base64::engine::general_purpose::STANDARD.decode(text);
    String::from_utf8(bytes.unwrap()).unwrap()
}

fn certificate(text: &str) -> Certificate {
    let block = pem::read(text.as_bytes()).blocks.remove(0);
    Certificate::from_der(block.contents.expose()).unwrap()
}

fn key(path: &Path) -> PrivateKey {
    let block = pem::read(&fs::read(path).unwrap()).blocks.remove(0);
    PrivateKey::from_block(&block, None).unwrap().0
}

/// A CA for `key` that ends `days` from now.
fn authority(name: &str, key: PrivateKey, days: i64) -> CaPair {
    let now: Timestamp = NOW.parse().unwrap();
    let day = SignedDuration::from_hours(24);
    let profile = AuthorityProfile {
        subject: Subject {
            common_name: Some(name),
            organizations: &[],
        },
        dns_names: &[],
        ip_addresses: &[],
        validity: Validity {
            not_before: now - day * 3_650,
            not_after: now
                .saturating_add(SignedDuration::from_hours(24 * days))
                .unwrap(),
        },
    };
    profile.issue(key, &mut SysRng).unwrap()
}

// ---- a key or CA that lies about ----------------------------------------------------------------

#[test]
fn a_key_that_lies_about_does_not_sign_tokens() {
    let cluster = Cluster::new();
    cluster.remove(&["pki/sa.key", "pki/sa.pub"]);
    cluster.write("pki/ingress.key", &other_key("sa.key"));
    for arguments in [&[][..], &["--layout", "kubeadm"]] {
        let refusal = cluster.refusal(arguments);
        assert!(
            refusal.contains("error[missing-service-account-key]"),
            "{refusal}"
        );
        // It is named, with the way to say that it is the one.
        assert!(refusal.contains("pki/ingress.key"), "{refusal}");
        assert!(refusal.contains("--service-account-key"), "{refusal}");
    }
    let named = ["--service-account-key", "kubernetes/pki/ingress.key"];
    let (bundle, _) = cluster.bundle(&named);
    let text = in_bundle(&bundle, "K8sServiceAccount", "Key");
    assert_eq!(text, other_key("sa.key"));
}

#[test]
fn a_public_half_beside_a_key_that_lies_about_proves_nothing() {
    let cluster = Cluster::new();
    cluster.remove(&["pki/sa.key"]);
    cluster.write("pki/cosign.key", &other_key("sa.key"));
    cluster.write("pki/cosign.pub", &other_key("sa.pub"));
    let refusal = cluster.refusal(&[]);
    assert!(
        refusal.contains("error[missing-service-account-key]"),
        "{refusal}"
    );
}

#[test]
fn a_renamed_service_account_key_is_proven_by_its_public_half() {
    let cluster = Cluster::new();
    let key = cluster.read("pki/sa.key");
    cluster.rename("pki/sa.key", "pki/tokens.key");
    cluster.write("pki/ingress.key", &other_key("sa.key"));
    let (bundle, words) = cluster.bundle(&[]);
    assert_eq!(in_bundle(&bundle, "K8sServiceAccount", "Key"), key);
    // What has not its usual name is said, without --notes.
    let words = unwrapped(&words);
    assert!(
        words.contains("service-account key (kubernetes/pki/tokens.key)")
            || words.contains("service-account key (pki/tokens.key)"),
        "{words}"
    );
    // Who names the layout wants its names.
    let refusal = cluster.refusal(&["--layout", "kubeadm"]);
    assert!(
        refusal.contains("error[missing-service-account-key]"),
        "{refusal}"
    );
}

#[test]
fn without_names_a_key_alone_is_likely_and_no_more() {
    let cluster = Cluster::new();
    let by_content = ["--layout", "by-content"];
    let proven = cluster.scan(&by_content);
    assert_eq!(finding(&proven, "found-by-content")["severity"], "note");
    cluster.remove(&["pki/sa.pub"]);
    let report = cluster.scan(&by_content);
    let found = finding(&report, "found-by-content");
    assert_eq!(found["severity"], "warning");
    assert!(
        found["message"]
            .as_str()
            .unwrap()
            .contains("service-account key")
    );
}

#[test]
fn a_choice_that_a_person_made_is_open_no_more() {
    let cluster = Cluster::new();
    cluster.remove(&["pki/sa.pub"]);
    cluster.write("pki/ingress.key", &other_key("sa.key"));
    let by_content = ["--layout", "by-content"];
    assert!(cluster.refusal(&by_content).contains("error[open-choice]"));
    let named = ["--service-account-key", "kubernetes/pki/sa.key"];
    let (bundle, _) = cluster.bundle(&[&by_content[..], &named].concat());
    let text = in_bundle(&bundle, "K8sServiceAccount", "Key");
    assert_eq!(text, cluster.read("pki/sa.key"));
}

#[test]
fn a_subject_alone_makes_no_kubernetes_ca() {
    let cluster = Cluster::new();
    let leaves = [
        "pki/ca.crt",
        "pki/ca.key",
        "pki/apiserver.crt",
        "pki/apiserver-kubelet-client.crt",
        "admin.conf",
        "super-admin.conf",
        "kubelet.conf",
        "scheduler.conf",
        "controller-manager.conf",
    ];
    cluster.remove(&leaves);
    let dashboard = generate_key(KeyGeneration::EcdsaP256, &mut SysRng).unwrap();
    let dashboard = authority("kubernetes-dashboard-ca", dashboard, 365);
    cluster.write("pki/dash.crt", &dashboard.certificate().to_pem());
    cluster.write("pki/dash.key", dashboard.key().to_secret_pem().expose());
    for arguments in [
        &[][..],
        &["--layout", "kubeadm"],
        &["--layout", "by-content"],
    ] {
        let refusal = cluster.refusal(arguments);
        assert!(
            refusal.contains("error[missing-kubernetes-ca]"),
            "{refusal}"
        );
        assert!(refusal.contains("pki/dash.crt"), "{refusal}");
        assert!(refusal.contains("--kubernetes-ca-crt"), "{refusal}");
    }
}

#[test]
fn a_renamed_ca_is_told_by_what_it_signed_unless_the_layout_is_named() {
    let cluster = Cluster::new();
    cluster.rename("pki/ca.crt", "pki/cluster.pem");
    cluster.rename("pki/ca.key", "pki/cluster-key.pem");
    let (_, words) = cluster.bundle(&[]);
    let words = unwrapped(&words);
    assert!(
        words.contains("Kubernetes CA (pki/cluster.pem, pki/cluster-key.pem), etcd CA,"),
        "{words}"
    );
    let refusal = cluster.refusal(&["--layout", "kubeadm"]);
    assert!(
        refusal.contains("error[missing-kubernetes-ca]"),
        "{refusal}"
    );
    assert!(refusal.contains("pki/cluster.pem"), "{refusal}");
}

// ---- several in one file ------------------------------------------------------------------------

#[test]
fn one_file_of_everything_fills_each_slot_with_its_own() {
    let cluster = Cluster::new();
    let slots = [
        ("K8s", "ca"),
        ("Etcd", "etcd/ca"),
        ("K8sAggregator", "front-proxy-ca"),
    ];
    let files = |ending: &str| slots.map(|(_, name)| cluster.read(&format!("pki/{name}.{ending}")));
    let (certificates, keys) = (files("crt"), files("key"));
    let account = cluster.read("pki/sa.key");
    let all = |pieces: &[String]| pieces.iter().rev().cloned().collect::<String>();
    for (_, name) in slots {
        cluster.remove(&[&format!("pki/{name}.crt"), &format!("pki/{name}.key")]);
    }
    cluster.write("pki/all-cas.pem", &all(&certificates));
    cluster.write("pki/all-keys.pem", &(all(&keys) + &account));
    cluster.remove(&["pki/sa.key"]);
    for arguments in [&[][..], &["--layout", "by-content"]] {
        let (bundle, words) = cluster.bundle(arguments);
        for (position, (slot, _)) in slots.iter().enumerate() {
            assert_eq!(
                in_bundle(&bundle, slot, "Crt"),
                certificates[position],
                "{slot}"
            );
            assert_eq!(in_bundle(&bundle, slot, "Key"), keys[position], "{slot}");
        }
        assert_eq!(in_bundle(&bundle, "K8sServiceAccount", "Key"), account);
        // The others in the file are no CAs that are trusted beside it.
        assert!(!words.contains("extra-"), "{words}");
    }
    let report = cluster.scan(&[]);
    assert_eq!(report["sound"], true, "{report}");
    assert!(
        !has(&report, "shared-ca") && !has(&report, "unused-authority"),
        "{report}"
    );
}

#[test]
fn of_a_ca_that_was_renewed_the_one_that_holds_longest_is_taken() {
    let cluster = Cluster::new();
    let current = cluster.read("pki/ca.crt");
    let ended = authority("kubernetes", key(&cluster.path("pki/ca.key")), -30);
    assert!(
        ended
            .certificate()
            .is_same_authority(&certificate(&current))
    );
    let ended = ended.certificate().to_pem();
    for (first, second) in [(&ended, &current), (&current, &ended)] {
        cluster.write("pki/ca.crt", &format!("{first}{second}"));
        let (bundle, words) = cluster.bundle(&[]);
        assert_eq!(in_bundle(&bundle, "K8s", "Crt"), current);
        let words = unwrapped(&words);
        assert!(words.contains("warning[extra-certificates]"), "{words}");
        assert!(
            words.contains("the same CA, left out: it ends 2026-11-01"),
            "{words}"
        );
        assert!(!words.contains("would be refused"), "{words}");
        assert!(!words.contains("certificate-order"), "{words}");
    }
    // In files of their own, whatever comes first in the alphabet.
    cluster.remove(&["pki/ca.crt"]);
    for (first, second) in [(&ended, &current), (&current, &ended)] {
        cluster.write("pki/a.crt", first);
        cluster.write("pki/b.crt", second);
        let (bundle, _) = cluster.bundle(&[]);
        assert_eq!(in_bundle(&bundle, "K8s", "Crt"), current);
    }
}

#[test]
fn a_file_of_another_form_is_told_as_what_it_is() {
    let cluster = Cluster::new();
    let text = cluster.read("pki/ca.crt");
    let mut wide = vec![0xff, 0xfe];
    wide.extend(text.encode_utf16().flat_map(u16::to_le_bytes));
    let keystore = [0x30, 0x82, 0x0a, 0x00, 0x02, 0x01, 0x03, 0x30, 0x82];
    for (bytes, told) in [
        (
            wide.as_slice(),
            "pki/ca.crt: it is text in UTF-16: save it in UTF-8",
        ),
        (
            &keystore,
            "pki/ca.crt: it is a keystore (PKCS#12): take PEM out of it",
        ),
        (b"\n", "pki/ca.crt: it is empty"),
    ] {
        fs::write(cluster.path("pki/ca.crt"), bytes).unwrap();
        let words = unwrapped(&cluster.refusal(&[]));
        assert!(words.contains(told), "{words}");
    }
}

/// As `openssl x509 -req -signkey` renews it without a file of extensions.
#[test]
fn of_a_ca_that_was_renewed_without_being_one_the_other_is_taken() {
    let copy = copy_of("broken/no-basic-constraints");
    let path = copy.path().join("pki/ca.crt");
    let renewed = fs::read_to_string(&path).unwrap();
    let sound = authority("kubernetes", key(&copy.path().join("pki/ca.key")), 700);
    let sound = sound.certificate().to_pem();
    for (first, second) in [(&sound, &renewed), (&renewed, &sound)] {
        write_private(&path, &format!("{first}{second}"));
        let source = copy.path().to_str().unwrap();
        let gen_secrets = ["gen", "secrets", "-p", source, "-t", TOKEN, "-o", "-"];
        let output = judge(&[&gen_secrets[..], &["--format", "json"]].concat())
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", words(&output));
        let bundle = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(in_bundle(&bundle, "K8s", "Crt"), sound);
    }
}

#[test]
fn of_one_key_under_two_names_the_one_that_certificates_name_is_taken() {
    let cluster = Cluster::new();
    let current = cluster.read("pki/ca.crt");
    let renamed = authority("kubernetes-2026", key(&cluster.path("pki/ca.key")), 3_650);
    let renamed = renamed.certificate().to_pem();
    for (first, second) in [(&renamed, &current), (&current, &renamed)] {
        cluster.write("pki/ca.crt", &format!("{first}{second}"));
        let (bundle, words) = cluster.bundle(&[]);
        assert_eq!(in_bundle(&bundle, "K8s", "Crt"), current);
        assert!(
            unwrapped(&words).contains("CN=kubernetes-2026, key sha256"),
            "{words}"
        );
    }
    // Alone it is refused, and no other CA is looked for: its key is the right one.
    cluster.write("pki/ca.crt", &renamed);
    let words = unwrapped(&cluster.refusal(&[]));
    for told in [
        "7 certificates were not issued by the Kubernetes CA, but by its key under another name: \
         CN=kubernetes, not CN=kubernetes-2026",
        "openssl x509 -in old-ca.crt -signkey ca.key",
    ] {
        assert!(words.contains(told), "{words}");
    }
    assert!(!words.contains("find the CA in use"), "{words}");
}

#[test]
fn a_renewed_etcd_ca_refuses_no_migration() {
    let cluster = Cluster::new();
    let current = cluster.read("pki/etcd/ca.crt");
    let soon = authority("etcd-ca", key(&cluster.path("pki/etcd/ca.key")), 30);
    cluster.write("pki/etcd/ca.crt", &(soon.certificate().to_pem() + &current));
    let endpoint = ["--endpoint", "https://kube.example.org:6443"];
    let convert = ["convert", "kubernetes", "-o", "out", "-t", TOKEN];
    let output = cluster.run(&[&convert[..], &endpoint].concat());
    assert_eq!(output.status.code(), Some(0), "{}", words(&output));
}

// ---- keys by which tokens are checked -----------------------------------------------------------

/// The key id in the token header of the key in a file of `kubeadm/ecdsa-p384`.
fn other_key_id() -> String {
    let key = key(&fixtures().join("kubeadm/ecdsa-p384/pki/sa.key"));
    key.public_key().key_id()
}

#[test]
fn every_key_of_sa_pub_is_accepted_and_the_bundle_has_one() {
    let cluster = Cluster::new();
    let (own, other) = (cluster.read("pki/sa.pub"), other_key("sa.pub"));
    for (first, second) in [(&own, &other), (&other, &own)] {
        cluster.write("pki/sa.pub", &format!("{first}{second}"));
        let (_, words) = cluster.bundle(&[]);
        let words = unwrapped(&words);
        assert!(
            words.contains(
                "warning[not-in-bundle]: the bundle cannot hold 1 accepted service-account key"
            ),
            "{words}"
        );
        assert!(words.contains(&other_key_id()), "{words}");
        let output = cluster.run(&["scan", "kubernetes"]);
        let report = String::from_utf8(output.stdout).unwrap();
        assert!(
            report.contains("accepted    tokens of another key, kid"),
            "{report}"
        );
        // Configurations can have it.
        let output = cluster.convert("kubernetes");
        assert_eq!(output.status.code(), Some(0), "{}", self::words(&output));
        assert!(!self::words(&output).contains("not-in-bundle"));
        let config = fs::read_to_string(cluster.0.path().join("out/controlplane.yaml")).unwrap();
        let line = other.lines().nth(1).unwrap();
        assert_eq!(config.matches(line).count(), 1, "once");
    }
    cluster.write("pki/sa.pub", &(other.clone() + &other));
    let refusal = cluster.refusal(&[]);
    assert!(
        refusal.contains("error[service-account-public-key]"),
        "{refusal}"
    );
}

impl Cluster {
    /// Gives the API server a flag more.
    fn with_flag(&self, flag: &str) {
        let manifest = self.read(API_SERVER);
        let anchor = "    - --etcd-cafile=";
        self.write(
            API_SERVER,
            &manifest.replacen(anchor, &format!("    - {flag}\n{anchor}"), 1),
        );
    }
}

#[test]
fn keys_that_flags_name_are_accepted_too() {
    let cluster = Cluster::new();
    cluster.with_flag("--service-account-key-file=/etc/kubernetes/pki/sa-old.pub");
    // It is not in the source.
    let (_, words) = cluster.bundle(&[]);
    let words = unwrapped(&words);
    assert!(
        words.contains("warning[unread-file]: `/etc/kubernetes/pki/sa-old.pub` was not read"),
        "{words}"
    );
    cluster.write("pki/sa-old.pub", &other_key("sa.pub"));
    let (_, words) = cluster.bundle(&[]);
    assert!(
        words.contains("warning[not-in-bundle]") && words.contains(&other_key_id()),
        "{words}"
    );
    assert!(!words.contains("unread-file"), "{words}");
    // A private key stands for its public half.
    cluster.write("pki/sa-old.pub", &other_key("sa.key"));
    let (_, words) = cluster.bundle(&[]);
    assert!(
        words.contains("warning[not-in-bundle]") && words.contains(&other_key_id()),
        "{words}"
    );
}

#[test]
fn of_two_keys_whose_tokens_are_accepted_none_is_taken_by_luck() {
    let cluster = Cluster::new();
    let both = other_key("sa.pub") + &cluster.read("pki/sa.pub");
    cluster.write("pki/sa.pub", &both);
    cluster.rename("pki/sa.key", "pki/tokens.key");
    let (bundle, _) = cluster.bundle(&[]);
    let own = cluster.read("pki/tokens.key");
    assert_eq!(in_bundle(&bundle, "K8sServiceAccount", "Key"), own);
    cluster.write("pki/old.key", &other_key("sa.key"));
    let refusal = cluster.refusal(&[]);
    assert!(
        refusal.contains("error[missing-service-account-key]"),
        "{refusal}"
    );
    assert!(
        refusal.contains("pki/tokens.key") && refusal.contains("pki/old.key"),
        "{refusal}"
    );
}

#[test]
fn a_key_that_no_flag_names_signs_no_tokens() {
    let cluster = Cluster::new();
    let manifest = cluster.read(API_SERVER);
    cluster.write(API_SERVER, &manifest.replace("pki/sa.", "pki/sa2."));
    cluster.write("pki/sa2.key", &other_key("sa.key"));
    cluster.write("pki/sa2.pub", &other_key("sa.pub"));
    let refusal = unwrapped(&cluster.refusal(&[]));
    assert!(
        refusal.contains("error[service-account-public-key]: `pki/sa2.pub` is not the public half of `pki/sa.key`"),
        "{refusal}"
    );
    // Under its own name it is known by the flags.
    cluster.remove(&["pki/sa.key", "pki/sa.pub"]);
    let (bundle, words) = cluster.bundle(&[]);
    assert_eq!(
        in_bundle(&bundle, "K8sServiceAccount", "Key"),
        other_key("sa.key")
    );
    assert!(!words.contains("not-in-bundle"), "{words}");
}

#[test]
fn what_signs_has_to_be_what_the_bundle_has() {
    // The controller manager signs with another key, and nobody said that its tokens are accepted.
    let cluster = Cluster::new();
    cluster.write("pki/sa2.key", &other_key("sa.key"));
    let manifest = cluster.read(CONTROLLER_MANAGER);
    let flag = "--service-account-private-key-file=/etc/kubernetes/pki/sa";
    cluster.write(
        CONTROLLER_MANAGER,
        &manifest.replace(&format!("{flag}.key"), &format!("{flag}2.key")),
    );
    let output = cluster.convert("kubernetes");
    assert_eq!(output.status.code(), Some(1), "{}", words(&output));
    let told = unwrapped(&words(&output));
    assert!(
        told.contains("tokens are signed with `pki/sa2.key`"),
        "{told}"
    );
    // If they are, they are with Talos, too.
    cluster.write(
        "pki/sa.pub",
        &(cluster.read("pki/sa.pub") + &other_key("sa.pub")),
    );
    let output = cluster.convert("kubernetes");
    assert_eq!(output.status.code(), Some(0), "{}", words(&output));
    let report = fs::read_to_string(cluster.0.path().join("out/report.json")).unwrap();
    assert!(report.contains("accepts the tokens of this"), "{report}");
}

#[test]
fn a_ca_that_signs_requests_and_is_not_the_kubernetes_ca_needs_a_person() {
    let cluster = Cluster::new();
    let key = generate_key(KeyGeneration::EcdsaP256, &mut SysRng).unwrap();
    let signer = authority("signing-ca", key, 365);
    cluster.write("pki/signing.crt", &signer.certificate().to_pem());
    cluster.write("pki/signing.key", signer.key().to_secret_pem().expose());
    let manifest = cluster.read(CONTROLLER_MANAGER);
    let changed = [
        "cert-file=/etc/kubernetes/pki/ca.crt",
        "key-file=/etc/kubernetes/pki/ca.key",
    ];
    let manifest = changed.iter().fold(manifest, |text, flag| {
        let flag = format!("--cluster-signing-{flag}");
        assert!(text.contains(&flag), "{flag}");
        text.replace(&flag, &flag.replace("pki/ca.", "pki/signing."))
    });
    cluster.write(CONTROLLER_MANAGER, &manifest);
    let told = || {
        let output = cluster.convert("kubernetes");
        assert_eq!(output.status.code(), Some(0), "{}", words(&output));
        fs::read_to_string(cluster.0.path().join("out/report.json")).unwrap()
    };
    let report = told();
    assert!(report.contains("here CN=signing-ca signs"), "{report}");
    assert!(
        report.contains("`--cluster-signing-cert-file` names it"),
        "{report}"
    );
    assert!(
        report.contains("`--cluster-signing-key-file` names it"),
        "{report}"
    );
    // What API servers trust, Talos's trust.
    let both = cluster.read("pki/ca.crt") + &signer.certificate().to_pem();
    cluster.write("pki/ca.crt", &both);
    assert!(told().contains("accepts what this one signed"));
}

// ---- several manifests --------------------------------------------------------------------------

const API_SERVER: &str = "manifests/kube-apiserver.yaml";
const CONTROLLER_MANAGER: &str = "manifests/kube-controller-manager.yaml";
const ENCRYPTION: &str = "--encryption-provider-config=/etc/kubernetes/enc.yaml";

impl Cluster {
    /// Encrypts at rest; the manifest of before is given back.
    fn encrypting(&self) -> String {
        let before = self.read(API_SERVER);
        let anchor = "    - --etcd-cafile=";
        let flag = format!("    - {ENCRYPTION}\n{anchor}");
        self.write(API_SERVER, &before.replacen(anchor, &flag, 1));
        let key = "MDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDA=";
        self.write(
            "enc.yaml",
            &format!(
                "apiVersion: apiserver.config.k8s.io/v1\nkind: EncryptionConfiguration\nresources:\n\
                 - resources: [secrets]\n  providers:\n  - aescbc:\n      keys:\n      - name: key1\n\
                 \x20       secret: {key}\n  - identity: {{}}\n"
            ),
        );
        before
    }

    fn convert(&self, source: &str) -> Output {
        let endpoint = ["--endpoint", "https://kube.example.org:6443"];
        let convert = ["convert", source, "-o", "out", "-f", "-t", TOKEN];
        self.run(&[&convert[..], &endpoint].concat())
    }
}

#[test]
fn the_manifest_that_kubelet_runs_counts_and_no_copy_of_it() {
    for copy in ["backup/manifests", "manifests.old/etc/kubernetes/manifests"] {
        let cluster = Cluster::new();
        let before = cluster.encrypting();
        cluster.write(&format!("{copy}/kube-apiserver.yaml"), &before);
        let report = cluster.scan(&[]);
        assert_eq!(report["encryption_at_rest"], "on", "{copy}");
        assert_eq!(report["sound"], true, "{copy}");
        let (_, words) = cluster.bundle(&[]);
        let words = unwrapped(&words);
        assert!(words.contains("the cluster encrypts Secrets by"), "{words}");
        let output = cluster.convert("kubernetes");
        assert_eq!(output.status.code(), Some(0), "{}", self::words(&output));
        let config = fs::read_to_string(cluster.0.path().join("out/controlplane.yaml")).unwrap();
        assert!(config.contains("aescbc"), "{copy}");
    }
}

#[test]
fn the_manifest_of_a_node_counts_wherever_the_source_begins() {
    let cluster = Cluster::new();
    let before = cluster.encrypting();
    let etc = cluster.0.path().join("root/etc");
    fs::create_dir_all(&etc).unwrap();
    fs::rename(cluster.path(""), etc.join("kubernetes")).unwrap();
    write_private(
        &cluster
            .0
            .path()
            .join("root/backup/manifests/kube-apiserver.yaml"),
        &before,
    );
    for source in ["root", "root/etc", "root/etc/kubernetes"] {
        let output = cluster.run(&["scan", source, "--format", "json"]);
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(report[0]["encryption_at_rest"], "on", "{source}");
    }
}

#[test]
fn manifests_that_may_both_run_and_differ_about_trust_are_an_open_choice() {
    let cluster = Cluster::new();
    let before = cluster.encrypting();
    cluster.write("manifests/kube-apiserver-old.yaml", &before);
    let refusal = unwrapped(&cluster.refusal(&[]));
    assert!(
        refusal.contains("error[open-choice]: 2 files could be the manifest of kube-apiserver"),
        "{refusal}"
    );
    assert!(
        refusal.contains(&format!("kube-apiserver.yaml: {ENCRYPTION}")),
        "{refusal}"
    );
    let other = "kube-apiserver-old.yaml: no --encryption-provider-config";
    assert!(refusal.contains(other), "{refusal}");
    let output = cluster.convert("kubernetes");
    assert_eq!(output.status.code(), Some(1), "{}", words(&output));
    // What says the same about trust is no choice.
    let current = cluster.read(API_SERVER);
    let other = current.replace("--profiling=", "--v=2\n    - --profiling=");
    cluster.write("manifests/kube-apiserver-old.yaml", &other);
    assert_eq!(cluster.scan(&[])["sound"], true);
}

#[test]
fn a_second_etcd_and_how_long_certificates_hold_are_no_choice() {
    let cluster = Cluster::new();
    let etcd = cluster.read("manifests/etcd.yaml");
    let events = etcd
        .replace("name: etcd\n", "name: etcd-events\n")
        .replace("pki/etcd/ca.crt", "pki/etcd-events/ca.crt");
    assert_ne!(etcd, events);
    cluster.write("manifests/etcd-events.yaml", &events);
    assert_eq!(cluster.scan(&[])["sound"], true);
    let output = cluster.convert("kubernetes");
    assert_eq!(output.status.code(), Some(0), "{}", words(&output));
    // The component itself counts, not what comes before it by its name.
    let page = fs::read_to_string(cluster.0.path().join("out/MIGRATION.md")).unwrap();
    assert!(!page.contains("`--trusted-ca-file=/etc/kubernetes/pki/etcd-events/ca.crt`"));
    let manager = cluster.read(CONTROLLER_MANAGER);
    let anchor = "    - --cluster-signing-key-file=";
    let flag = format!("    - --cluster-signing-duration=720h\n{anchor}");
    let other = manager.replacen(anchor, &flag, 1);
    assert_ne!(manager, other);
    cluster.write("manifests/kube-controller-manager-old.yaml", &other);
    assert_eq!(cluster.scan(&[])["sound"], true);
}

// ---- a folder that was not read -----------------------------------------------------------------

#[cfg(unix)]
#[test]
fn a_copy_of_a_folder_that_was_not_read_is_not_taken_for_it() {
    let cluster = Cluster::new();
    let outside = cluster.0.path().join("outside");
    cluster.rename("pki", "pki.bak");
    copy_to(&cluster.path("pki.bak"), &outside);
    std::os::unix::fs::symlink(&outside, cluster.path("pki")).unwrap();
    cluster.write("pki.bak/sa.key", &other_key("sa.key"));
    cluster.write("pki.bak/sa.pub", &other_key("sa.pub"));
    let refusal = unwrapped(&cluster.refusal(&[]));
    assert!(
        refusal.contains("error[open-choice]: 2 folders could be the PKI folder"),
        "{refusal}"
    );
    assert!(refusal.contains("pki, which was not read: "), "{refusal}");
    // Either is taken where a person gives it.
    for folder in ["kubernetes/pki.bak", "outside"] {
        let output = cluster.run(&["scan", folder]);
        assert_eq!(output.status.code(), Some(0), "{folder}");
    }
    // A link by another name is no folder that is missed.
    fs::rename(cluster.path("pki"), cluster.path("certs")).unwrap();
    assert_eq!(cluster.scan(&[])["sound"], true);
}
