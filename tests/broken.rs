//! One folder a defect: each yields exactly the findings that it should, and no more.

#![allow(
    clippy::unwrap_used,
    reason = "what a test needs and does not get is its failure"
)]

mod fixture;

use std::collections::BTreeSet;
use std::fs;

use fixture::{PASSPHRASE, copy_of, fixtures, judge};

/// Folder under `fixtures/broken`, and the rules that find something in it.
const TABLE: &[(&str, &[&str])] = &[
    ("admin-without-group", &["unexpected-group"]),
    ("aggregator-ca-key-missing", &["missing-aggregator-ca-key"]),
    ("aggregator-ca-missing", &["missing-aggregator-ca"]),
    (
        "apiserver-etcd-client-of-another-ca",
        &["leaf-of-another-ca"],
    ),
    (
        "apiserver-kubelet-client-of-another-ca",
        &["leaf-of-another-ca"],
    ),
    ("apiserver-of-another-ca", &["leaf-of-another-ca"]),
    ("bad-base64", &["unreadable"]),
    ("bad-end-label", &["unreadable"]),
    ("bom", &["byte-order-mark"]),
    ("ca-ends-soon", &["ca-ends-soon"]),
    ("ca-expired", &["ca-expired"]),
    ("ca-not-yet-valid", &["ca-not-yet-valid"]),
    ("ca-usage-email-only", &["ca-extended-key-usage"]),
    ("certificate-in-key-file", &["certificate-in-key-file"]),
    ("controller-manager-with-another-name", &["unexpected-name"]),
    ("crlf", &["carriage-returns"]),
    ("der-certificate", &["der-file"]),
    ("der-key", &["der-file"]),
    ("dsa-ca", &["algorithm-unsupported"]),
    ("ec-parameters-first", &["ec-parameters"]),
    ("ed25519-ca", &["pkcs8-key"]),
    (
        "ed25519-service-account-key",
        &["pkcs8-key", "service-account-algorithm"],
    ),
    ("ed448-ca", &["algorithm-unsupported"]),
    ("empty-certificate", &["unreadable"]),
    ("empty-key", &["unreadable"]),
    ("encrypted-aria-key", &["key-encrypted-otherwise"]),
    ("encrypted-pkcs12-scheme-key", &["key-encrypted-otherwise"]),
    ("encrypted-pkcs8-key", &["key-encrypted"]),
    ("encrypted-pkcs8-scrypt-key", &["key-encrypted"]),
    ("encrypted-traditional-key", &["key-encrypted"]),
    ("etcd-ca-expired", &["ca-expired"]),
    ("etcd-ca-key-missing", &["missing-etcd-ca-key"]),
    ("etcd-ca-missing", &["missing-etcd-ca"]),
    ("etcd-peer-of-another-ca", &["leaf-of-another-ca"]),
    ("etcd-server-of-another-ca", &["leaf-of-another-ca"]),
    (
        "every-leaf-of-another-ca",
        &["no-kubeconfig-trusts-ca", "leaf-of-another-ca"],
    ),
    ("explicit-parameters-ca", &["algorithm-unsupported"]),
    ("front-proxy-client-of-another-ca", &["leaf-of-another-ca"]),
    (
        "front-proxy-client-with-another-name",
        &["front-proxy-name"],
    ),
    ("garbage-key", &["unreadable"]),
    ("inconsistent-rsa-key", &["unreadable"]),
    ("indented-pem", &["unreadable"]),
    (
        "key-first-in-certificate-file",
        &["key-in-certificate-file"],
    ),
    ("key-fits-old-ca", &["key-mismatch"]),
    ("key-in-certificate-file", &["key-in-certificate-file"]),
    ("key-of-another-algorithm", &["key-mismatch"]),
    ("key-of-another-ec-ca", &["key-mismatch"]),
    ("key-of-another-rsa-ca", &["key-mismatch"]),
    ("kubeconfig-expired", &["leaf-expired"]),
    ("kubeconfig-of-another-ca", &["kubeconfig-of-another-ca"]),
    (
        "kubeconfig-trusts-another-ca",
        &["kubeconfig-trusts-another-ca"],
    ),
    ("kubelet-client-with-another-group", &["unexpected-group"]),
    ("kubernetes-ca-key-missing", &["missing-kubernetes-ca-key"]),
    ("kubernetes-ca-missing", &["missing-kubernetes-ca"]),
    ("leaf-as-ca", &["not-a-ca"]),
    ("leaf-expired", &["leaf-expired"]),
    ("leaves-missing", &["no-evidence"]),
    ("md5-signed-ca", &["ca-signature-algorithm"]),
    ("missing-final-newline", &["no-final-newline"]),
    ("name-constraints", &["name-constraints"]),
    ("negative-serial-ca", &["go-refuses"]),
    ("no-basic-constraints", &["no-basic-constraints"]),
    ("no-key-cert-sign", &["no-key-cert-sign"]),
    ("node-with-another-group", &["unexpected-group"]),
    ("node-with-another-name-prefix", &["unexpected-name"]),
    ("one-ca-in-all-slots", &["shared-ca"]),
    ("one-ca-in-two-slots", &["shared-ca"]),
    ("one-key-in-two-cas", &["shared-key"]),
    ("p224-service-account-key", &["service-account-algorithm"]),
    ("p521-ca", &[]),
    ("path-length-zero", &[]),
    ("pkcs1-under-pkcs8-label", &["pem-label"]),
    ("pkcs8-key", &["pkcs8-key"]),
    ("pkcs8-under-rsa-label", &["pem-label"]),
    ("preamble", &["text-outside-pem"]),
    ("renamed-files", &["found-by-content"]),
    ("renamed-kubernetes-ca", &["found-by-content"]),
    ("request-in-place-of-certificate", &["unreadable"]),
    ("rsa-1024-ca", &["rsa-too-small"]),
    ("rsa-1024-service-account-key", &["rsa-too-small"]),
    ("rsa-pss-key-ca", &["algorithm-unsupported"]),
    ("rsa-pss-signed-ca", &["ca-signature-algorithm"]),
    ("same-ca-twice", &["extra-certificates"]),
    ("sec1-without-public-key", &[]),
    ("second-block-broken", &["broken-block"]),
    ("secp256k1-ca", &["algorithm-unsupported"]),
    ("self-signature-broken", &["self-signature"]),
    (
        "server-certificate-without-server-usage",
        &["unexpected-usage"],
    ),
    ("service-account-key-is-ca-key", &["shared-key"]),
    ("service-account-key-is-public", &["unreadable"]),
    (
        "service-account-key-missing",
        &["missing-service-account-key"],
    ),
    ("service-account-public-key-missing", &[]),
    (
        "service-account-public-key-of-another-key",
        &["service-account-public-key"],
    ),
    ("sha1-signed-ca", &["ca-signature-algorithm"]),
    (
        "subordinate-ec-under-rsa",
        &["ca-signature-family", "subordinate-ca"],
    ),
    ("subordinate-rsa", &["subordinate-ca"]),
    (
        "subordinate-with-chain",
        &["extra-certificates", "subordinate-ca"],
    ),
    ("swapped-kubernetes-and-aggregator", &["swapped-slots"]),
    ("swapped-kubernetes-and-etcd", &["swapped-slots"]),
    ("trailing-garbage", &["text-outside-pem"]),
    ("truncated-certificate", &["unreadable"]),
    ("truncated-der", &["unreadable"]),
    ("trusted-certificate-label", &["pem-label"]),
    ("trusted-certificate-with-aux", &["pem-label"]),
    ("two-candidates", &["found-by-content"]),
    ("two-cas-current-first", &["extra-certificates"]),
    (
        "two-cas-old-first",
        &["certificate-order", "extra-certificates"],
    ),
    ("two-keys", &["extra-keys"]),
    ("two-keys-wrong-first", &["extra-keys"]),
    ("unhandled-critical-extension", &["critical-extension"]),
    ("x509-certificate-label", &["pem-label"]),
    ("x509-v1", &["x509-v1"]),
];

/// The rules that found something, and whether the scan refused.
fn scan(folder: &str, more: &[&str]) -> (BTreeSet<String>, bool) {
    let copy = copy_of(folder);
    let path = copy.path().to_str().expect("a path in UTF-8");
    let mut arguments = vec!["scan", path, "--format", "json"];
    arguments.extend(more);
    let output = judge(&arguments).output().expect("talos-pki runs");
    let reports: serde_json::Value =
        serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{folder}: {output:?}"));
    let findings = reports[0]["findings"].as_array().expect("findings");
    let rules = findings
        .iter()
        .map(|finding| finding["rule"].as_str().unwrap().to_owned());
    (rules.collect(), output.status.code() == Some(1))
}

#[test]
fn every_defect_yields_exactly_its_findings() {
    let mut wrong = Vec::new();
    for (folder, expected) in TABLE {
        let (found, refused) = scan(&format!("broken/{folder}"), &[]);
        let expected: BTreeSet<String> = expected.iter().map(ToString::to_string).collect();
        if found != expected {
            wrong.push(format!("{folder}: found {found:?}, expected {expected:?}"));
        }
        let errors = expected.iter().any(|name| {
            talos_pki::check::rule(name).expect("a rule").severity
                == talos_pki::check::Severity::Error
        });
        if refused != errors {
            wrong.push(format!(
                "{folder}: refused {refused}, but has errors {errors}"
            ));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {}:\n{}",
        wrong.len(),
        TABLE.len(),
        wrong.join("\n")
    );
}

#[test]
fn every_folder_is_in_the_table() {
    let folders = fs::read_dir(fixtures().join("broken")).expect("the fixtures");
    let folders: BTreeSet<String> = folders
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    let table: BTreeSet<String> = TABLE.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(folders, table);
    assert!(table.len() >= 60);
}

#[test]
fn every_error_rule_has_a_folder_or_a_test_of_its_own() {
    // What cannot be a folder: links, modes, archives, flags, machine configurations; and what
    // `tests/layouts.rs` asks of other distributions, `tests/leftovers.rs` of other folders, and `tests/nodes.rs` of several nodes.
    const ELSEWHERE: &[&str] = &[
        "distribution-refused",
        "flag-names-another",
        "flag-names-elsewhere",
        // `tests/processes.rs`
        "manifest-cut-off",
        "tokens-signed-elsewhere",
        // `tests/importing_configurations.rs`
        "missing-os-ca",
        "missing-trustd-token",
        "nodes-disagree",
        "open-choice",
        "other-datastore",
        "token-format",
        "unread-slot",
        "wrong-passphrase",
    ];
    // `tests/validating` has a file for each of these.
    let families = talos_pki::check::FAMILIES.iter();
    let of_files: BTreeSet<&str> = families
        .filter(|family| family.title.starts_with("Talos files: "))
        .flat_map(|family| family.rules.iter().map(|rule| rule.name))
        .collect();
    let covered: BTreeSet<&str> = TABLE
        .iter()
        .flat_map(|(_, rules)| rules.iter().copied())
        .collect();
    let missing: Vec<_> = talos_pki::check::rules()
        .filter(|rule| rule.severity == talos_pki::check::Severity::Error)
        .map(|rule| rule.name)
        .filter(|name| !of_files.contains(name))
        .filter(|name| !covered.contains(name) && !ELSEWHERE.contains(name))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn encrypted_keys_open_with_their_passphrase() {
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), format!("{PASSPHRASE}\n")).unwrap();
    let passphrase = ["--passphrase-file", file.path().to_str().unwrap()];
    for folder in [
        "encrypted-pkcs8-key",
        "encrypted-pkcs8-scrypt-key",
        "encrypted-traditional-key",
    ] {
        let (found, refused) = scan(&format!("broken/{folder}"), &passphrase);
        assert_eq!(
            found,
            BTreeSet::from(["decrypted-key".to_owned()]),
            "{folder}"
        );
        assert!(!refused);
    }
}

#[test]
fn a_wrong_passphrase_is_told() {
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), "opens nothing").unwrap();
    let passphrase = ["--passphrase-file", file.path().to_str().unwrap()];
    for folder in [
        "encrypted-pkcs8-key",
        "encrypted-pkcs8-scrypt-key",
        "encrypted-traditional-key",
    ] {
        let (found, refused) = scan(&format!("broken/{folder}"), &passphrase);
        assert_eq!(
            found,
            BTreeSet::from(["wrong-passphrase".to_owned()]),
            "{folder}"
        );
        assert!(refused);
    }
}
