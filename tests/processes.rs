//! What the processes of a control plane are told, where it decides which tokens are accepted and what
//! of etcd can be read: as kubelet runs them, and whole. All through the front door.

#![allow(
    clippy::unwrap_used,
    reason = "what a test needs and does not get is its failure"
)]

mod fixture;

use std::fs;
use std::path::PathBuf;
use std::process::Output;

use fixture::{TOKEN, copy_of, judge, write_private};
use serde_json::Value;
use tempfile::TempDir;

const API_SERVER: &str = "manifests/kube-apiserver.yaml";
const ISSUER: &str = "https://kubernetes.default.svc.cluster.local";
const KEY: &str = "MDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDA=";

/// A control plane of kubeadm.
struct Cluster(TempDir);

impl Cluster {
    fn new() -> Self {
        Self(copy_of("kubeadm/ecdsa-p256"))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn manifest(&self) -> String {
        fs::read_to_string(self.path(API_SERVER)).unwrap()
    }

    fn with_manifest(self, text: &str) -> Self {
        write_private(&self.path(API_SERVER), text);
        self
    }

    fn told(self, from: &str, to: &str) -> Self {
        let manifest = self.manifest();
        assert!(manifest.contains(from), "{from}");
        self.with_manifest(&manifest.replace(from, to))
    }

    /// Encrypted at rest by this rule for `resources`.
    fn encrypting(self, resources: &str, providers: &str) -> Self {
        let text = format!(
            "apiVersion: apiserver.config.k8s.io/v1\nkind: EncryptionConfiguration\nresources:\n- resources: \
             {resources}\n  providers: {providers}\n"
        );
        write_private(&self.path("enc.yaml"), &text);
        self.told(
            "    - --etcd-cafile=",
            "    - --encryption-provider-config=/etc/kubernetes/enc.yaml\n    - --etcd-cafile=",
        )
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let output = judge(arguments).current_dir(self.0.path()).output();
        output.unwrap()
    }

    fn scan(&self) -> Value {
        let output = self.run(&["scan", ".", "--format", "json"]);
        let reports: Value = serde_json::from_slice(&output.stdout).expect("a report");
        reports[0].clone()
    }

    /// The status of `gen secrets`, its bundle, and what it says.
    fn bundle(&self, more: &[&str]) -> (i32, Value, String) {
        let fixed = ["gen", "secrets", "-p", ".", "-t", TOKEN, "-o", "-"];
        let output = self.run(&[&fixed[..], &["--format", "json"], more].concat());
        let words = String::from_utf8(output.stderr).unwrap();
        let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
        let bundle = serde_json::from_slice(&output.stdout).unwrap_or_default();
        (output.status.code().unwrap(), bundle, words)
    }
}

fn keys(provider: &str, name: &str) -> String {
    format!("{{{provider}: {{keys: [{{name: {name}, secret: {KEY}}}]}}}}")
}

// ---- manifests ----------------------------------------------------------------------------------

#[test]
fn a_manifest_that_was_cut_off_is_refused() {
    let whole = Cluster::new().manifest();
    let at = |text: &str| &whole[..whole.find(text).unwrap()];
    let flags = at("    - --service-account-issuer");
    let half_a_word = format!("{flags}    - \"--service");
    for (left, reason) in [
        (flags, "its container has no image"),
        (&half_a_word, "it is not the manifest of a pod"),
        (at("spec:"), "it is not the manifest of a pod"),
        ("", "it is not the manifest of a pod"),
    ] {
        let cluster = Cluster::new().with_manifest(left);
        let (status, _, words) = cluster.bundle(&[]);
        assert_eq!(status, 1, "{words}");
        let told = format!("error[manifest-cut-off]: `{API_SERVER}` is not whole");
        assert!(words.contains(&told), "{words}");
        assert!(
            words.contains(&format!("{API_SERVER}: {reason}")),
            "{words}"
        );
        assert_eq!(cluster.scan()["sound"], false);
        let (status, ..) = cluster.bundle(&["--allow", "manifest-cut-off"]);
        assert_eq!(status, 0);
    }
}

/// What kubelet makes of it: `sigs.k8s.io/yaml` takes the last.
#[test]
fn of_a_name_that_stands_there_twice_the_last_counts() {
    let other = "https://other.example";
    let manifest = Cluster::new().manifest();
    let spec = &manifest[manifest.find("\nspec:").unwrap() + 1..];
    let second = spec.replace(ISSUER, other);
    let cluster = Cluster::new().with_manifest(&format!("{manifest}{second}"));
    assert_eq!(cluster.scan()["service_account_issuer"], other);
    let commands = format!(
        "    command:\n    - kube-apiserver\n    - --service-account-issuer={other}\n    image:"
    );
    let cluster = Cluster::new().told("    image:", &commands);
    assert_eq!(cluster.scan()["service_account_issuer"], other);
}

#[test]
fn flags_have_the_values_of_the_variables_that_they_name() {
    let cluster = Cluster::new()
        .told(&format!("={ISSUER}"), "=https://$(NAME).$(ELSEWHERE).$$(NAME)")
        .told(
            "    image: registry.k8s.io/kube-apiserver",
            "    env:\n    - name: NAME\n      value: tokens\n    - name: ELSEWHERE\n      valueFrom: {}\n    \
             image: registry.k8s.io/kube-apiserver",
        );
    let issuer = "https://tokens.$(ELSEWHERE).$(NAME)";
    assert_eq!(cluster.scan()["service_account_issuer"], issuer);
}

#[test]
fn a_container_before_that_of_the_component_hides_nothing() {
    let cluster = Cluster::new().encrypting("[secrets]", &format!("[{}]", keys("aescbc", "key1")));
    let beside = "  containers:\n  - name: kms\n    image: kms:v1\n    command: [kms]\n  - command:\n    - kube-";
    let cluster = cluster.told("  containers:\n  - command:\n    - kube-", beside);
    assert_eq!(cluster.scan()["encryption_at_rest"], "on");
    assert_eq!(cluster.scan()["service_account_issuer"], ISSUER);
}

// ---- tokens -------------------------------------------------------------------------------------

#[test]
fn a_program_that_signs_tokens_is_told_for_no_bundle_has_its_key() {
    let signing = "    - --service-account-signing-key-file=/etc/kubernetes/pki/sa.key\n";
    let endpoint = "--service-account-signing-endpoint=/run/signer.sock";
    let cluster = Cluster::new()
        .told(
            "    - --service-account-key-file=/etc/kubernetes/pki/sa.pub\n",
            "",
        )
        .told(signing, &format!("    - {endpoint}\n"));
    let (status, _, words) = cluster.bundle(&[]);
    assert_eq!(status, 1, "{words}");
    let told =
        "error[tokens-signed-elsewhere]: tokens are signed by a program at `/run/signer.sock`";
    assert!(words.contains(told), "{words}");
    let allow = ["--allow", "tokens-signed-elsewhere"];
    assert_eq!(cluster.bundle(&allow).0, 0);
    // With both, no API server starts.
    let convert = [
        "convert",
        ".",
        "-t",
        TOKEN,
        "--endpoint",
        "https://kube.example.org:6443",
    ];
    let output = cluster.run(&[&convert[..], &allow, &["-o", "out"]].concat());
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let config = fs::read_to_string(cluster.path("out/controlplane.yaml")).unwrap();
    assert!(!config.contains("signer.sock"), "{config}");
}

// ---- encryption at rest -------------------------------------------------------------------------

#[test]
fn what_encrypts_is_told_with_what_talos_needs_of_it() {
    let of = |provider: &str, name: &str| format!("[{}, {{identity: {{}}}}]", keys(provider, name));
    let later = format!("[{{identity: {{}}}}, {}]", keys("aescbc", "key1"));
    let kms = "[{kms: {apiVersion: v2, name: a, endpoint: 'unix:///a.sock'}}, {identity: {}}]";
    let kind = "another key";
    for (resources, providers, told) in [
        (
            "[secrets]",
            of("aescbc", "key1"),
            [
                "with aescbc key1, and the bundle has another key",
                "secrets: aescbc key1, identity",
                "up to 1.13 the key `key1` in `cluster.aescbcEncryptionSecret`",
            ],
        ),
        (
            "[secrets]",
            of("secretbox", "key"),
            [
                "with secretbox key, and the bundle has another key",
                "secrets: secretbox key, identity",
                "has not the one key `key2`",
            ],
        ),
        (
            "[secrets]",
            of("aesgcm", "key1"),
            [
                kind,
                "secrets: aesgcm key1, identity",
                "where Talos has none",
            ],
        ),
        (
            "[secrets]",
            later,
            [
                "writes Secrets in plain, and by `/etc/kubernetes/enc.yaml` reads older ones",
                "secrets: identity, aescbc key1",
                "KubeEtcdEncryptionConfig",
            ],
        ),
        (
            "[configmaps]",
            of("aescbc", "key1"),
            [
                "encrypts other things than Secrets",
                "configmaps: aescbc key1, identity",
                "Talos's is for secrets alone",
            ],
        ),
        (
            "['*.*']",
            of("aescbc", "key1"),
            [
                "encrypts Secrets by",
                "*.*: aescbc key1",
                "KubeEtcdEncryptionConfig",
            ],
        ),
        (
            "[secrets]",
            kms.to_owned(),
            [
                "with kms",
                "secrets: kms, identity",
                "re-encrypt with a key first",
            ],
        ),
        (
            "[secrets]",
            "[{aescbc: {keys: [{name: key1, secret: MDAw}]}}]".to_owned(),
            [
                "with which no API server starts",
                "the key `key1` of `aescbc` is no whole key",
                "copy it anew",
            ],
        ),
        (
            "[secrets]\n  resources: [configmaps]",
            of("aescbc", "key1"),
            [
                "with which no API server starts",
                "`resources[0].resources` stands in it twice",
                "copy it anew",
            ],
        ),
    ] {
        let cluster = Cluster::new().encrypting(resources, &providers);
        let (status, _, words) = cluster.bundle(&[]);
        assert_eq!(status, 0, "{words}");
        for told in told {
            assert!(words.contains(told), "{told}: {words}");
        }
        assert!(!words.contains("MDAw"), "{words}");
    }
}

#[test]
fn identity_alone_encrypts_nothing() {
    let cluster = Cluster::new().encrypting("[secrets]", "[{identity: {}}]");
    assert_eq!(cluster.scan()["encryption_at_rest"], "off");
    let (_, _, words) = cluster.bundle(&[]);
    assert!(
        words.contains("the cluster does not encrypt Secrets"),
        "{words}"
    );
}

#[test]
fn a_configuration_that_was_not_given_is_asked_for() {
    let cluster = Cluster::new().encrypting("[secrets]", "[{identity: {}}]");
    // A copy of the same name says nothing: it may be of another time.
    let copy = cluster.path("backup/enc.yaml");
    fs::create_dir_all(copy.parent().unwrap()).unwrap();
    fs::rename(cluster.path("enc.yaml"), copy).unwrap();
    assert_eq!(cluster.scan()["encryption_at_rest"], "on");
    let (_, _, words) = cluster.bundle(&[]);
    assert!(words.contains("enc.yaml`, which was not read"), "{words}");
}

#[test]
fn the_key_by_which_talos_reads_what_was_written_is_in_the_bundle() {
    let providers = format!("[{}, {{identity: {{}}}}]", keys("secretbox", "key2"));
    let cluster = Cluster::new().encrypting("[secrets]", &providers);
    for (talos, is_told) in [("v1.13", false), ("v1.14", true)] {
        let (status, bundle, words) = cluster.bundle(&["--talos-version", talos]);
        assert_eq!(status, 0, "{words}");
        assert_eq!(
            bundle["Secrets"]["SecretboxEncryptionSecret"], KEY,
            "{talos}"
        );
        assert_eq!(words.contains("encryption-at-rest"), is_told, "{words}");
    }
    // Talos 1.2 has another kind of key in its bundle.
    let (_, bundle, words) = cluster.bundle(&["--talos-version", "v1.2"]);
    assert_ne!(bundle["Secrets"]["AESCBCEncryptionSecret"], KEY);
    assert!(words.contains("encryption-at-rest"), "{words}");
}

#[test]
fn names_of_keys_show_nothing_that_is_hidden() {
    let hidden = keys("aescbc", "\"a\\u202eb\\e[31m\"");
    let cluster = Cluster::new().encrypting("[secrets]", &format!("[{hidden}]"));
    let output = cluster.run(&["scan", "."]);
    let seen = String::from_utf8(output.stdout).unwrap() + &cluster.bundle(&[]).2;
    assert!(seen.contains("aescbc a\\u{202e}b"), "{seen}");
    assert!(!seen.contains(['\u{202e}', '\u{1b}']), "{seen}");
}

/// As a unit of systemd says it, whatever lies where the distribution usually has it.
#[test]
fn a_unit_says_what_encrypts_as_a_manifest_does() {
    let cluster = Cluster(copy_of("layouts/hard-way"));
    let unit = "[Service]\nExecStart=/usr/local/bin/kube-apiserver --service-account-issuer=https://a.example.org";
    let place = cluster.path("etc/systemd/system/kube-apiserver.service");
    fs::create_dir_all(place.parent().unwrap()).unwrap();
    for (flag, encrypts) in [
        ("", "off"),
        (
            " --encryption-provider-config=/etc/elsewhere/enc.yaml",
            "on",
        ),
    ] {
        write_private(&place, &format!("{unit}{flag}\n"));
        let report = cluster.scan();
        assert_eq!(report["encryption_at_rest"], encrypts);
        assert_eq!(report["service_account_issuer"], "https://a.example.org");
    }
}
