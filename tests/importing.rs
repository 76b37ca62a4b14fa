//! What gets into a bundle: the files' bytes, custom CAs, kept secrets, and what is generated.

#![allow(
    clippy::unwrap_used,
    reason = "what a test needs and does not get is its failure"
)]

mod fixture;

use std::fs;
use std::path::Path;

use fixture::{NOW, TOKEN, copy_of, fixtures, judge, talos_pki};
use jiff::Timestamp;
use talos_pki::cluster::CaSlot;
use talos_pki::pki::KeyAlgorithm;
use talos_pki::talos::{Bundle, EncryptionSecret};
use tempfile::TempDir;

/// The bundle that `gen secrets` prints, with what it says on standard error.
fn generate(arguments: &[&str]) -> (Bundle, String) {
    let mut whole = vec!["gen", "secrets", "-o", "-"];
    whole.extend(arguments);
    let output = judge(&whole).output().unwrap();
    let words = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{words}");
    (Bundle::read(&output.stdout).expect("a bundle"), words)
}

fn refused(arguments: &[&str]) -> (i32, String) {
    let mut whole = vec!["gen", "secrets", "-o", "-"];
    whole.extend(arguments);
    let output = judge(&whole).output().unwrap();
    assert!(output.stdout.is_empty(), "a refusal prints no bundle");
    (
        output.status.code().unwrap(),
        String::from_utf8(output.stderr).unwrap(),
    )
}

fn path(folder: &Path, name: &str) -> String {
    folder.join(name).to_str().unwrap().to_owned()
}

#[test]
fn a_kubeadm_pki_is_imported_to_the_byte() {
    for variant in ["rsa-2048", "rsa-4096", "ecdsa-p256", "ecdsa-p384"] {
        let copy = copy_of(&format!("kubeadm/{variant}"));
        let (bundle, _) = generate(&["-p", copy.path().to_str().unwrap(), "-t", TOKEN]);
        let file = |name: &str| fs::read_to_string(copy.path().join("pki").join(name)).unwrap();
        for (slot, name) in [
            (CaSlot::Kubernetes, "ca"),
            (CaSlot::Etcd, "etcd/ca"),
            (CaSlot::Aggregator, "front-proxy-ca"),
        ] {
            let pair = bundle.authority(slot);
            assert_eq!(
                pair.certificate().to_pem(),
                file(&format!("{name}.crt")),
                "{variant}"
            );
            assert!(*pair.key().to_secret_pem().expose() == file(&format!("{name}.key")));
        }
        assert!(*bundle.service_account.to_secret_pem().expose() == file("sa.key"));
        assert!(bundle.bootstrap_token.expose() == TOKEN);
    }
}

#[test]
fn odd_forms_come_out_as_the_plain_one() {
    // The same key and certificate, however they were written, give the same PEM.
    for folder in [
        "crlf",
        "bom",
        "preamble",
        "trailing-garbage",
        "missing-final-newline",
        "pkcs8-key",
        "ec-parameters-first",
        "der-certificate",
        "der-key",
        "certificate-in-key-file",
        "key-in-certificate-file",
        "trusted-certificate-label",
        "trusted-certificate-with-aux",
        "x509-certificate-label",
        "pkcs8-under-rsa-label",
        "pkcs1-under-pkcs8-label",
        "sec1-without-public-key",
        "two-keys-wrong-first",
        "two-cas-old-first",
    ] {
        let copy = copy_of(&format!("broken/{folder}"));
        let (bundle, _) = generate(&["-p", copy.path().to_str().unwrap(), "-t", TOKEN]);
        let pair = bundle.authority(CaSlot::Kubernetes);
        let certificate = pair.certificate().to_pem();
        assert!(
            certificate.starts_with("-----BEGIN CERTIFICATE-----\n"),
            "{folder}"
        );
        assert!(
            certificate.ends_with("-----END CERTIFICATE-----\n"),
            "{folder}"
        );
        assert_eq!(certificate.matches("BEGIN").count(), 1, "{folder}");
        let key = pair.key().to_secret_pem();
        let label = pair.key().label();
        assert!(
            ["RSA PRIVATE KEY", "EC PRIVATE KEY"].contains(&label),
            "{folder}"
        );
        assert!(
            key.expose()
                .starts_with(&format!("-----BEGIN {label}-----\n")),
            "{folder}"
        );
        assert!(!key.expose().contains('\r'), "{folder}");
    }
}

#[test]
fn talos_10277_a_key_in_pkcs8_comes_out_as_every_talos_reads_it() {
    let copy = copy_of("broken/pkcs8-key");
    let given = fs::read_to_string(copy.path().join("pki/ca.key")).unwrap();
    assert!(given.starts_with("-----BEGIN PRIVATE KEY-----"), "PKCS#8");
    let (bundle, _) = generate(&["-p", copy.path().to_str().unwrap(), "-t", TOKEN]);
    let key = bundle.authority(CaSlot::Kubernetes).key().to_secret_pem();
    assert!(key.expose().starts_with("-----BEGIN EC PRIVATE KEY-----"));
}

#[test]
fn a_fresh_bundle_is_as_talos_makes_it() {
    let (bundle, words) = generate(&["--talos-version", "v1.6"]);
    assert!(words.starts_with("generated"), "{words}");
    let subjects = CaSlot::ALL.map(|slot| {
        let certificate = bundle.authority(slot).certificate();
        assert!(certificate.is_self_issued() && certificate.verify_self_signature().is_ok());
        assert_eq!(certificate.go_refusal, None);
        (
            certificate.subject.to_string(),
            certificate.public_key.algorithm().to_string(),
        )
    });
    let expected = [
        ("O=kubernetes", "ECDSA-P256"),
        ("O=etcd", "ECDSA-P256"),
        ("CN=front-proxy", "ECDSA-P256"),
        ("O=talos", "Ed25519"),
    ];
    assert_eq!(
        subjects,
        expected.map(|(subject, key)| (subject.to_owned(), key.to_owned()))
    );
}

#[test]
fn each_contract_has_its_encryption_and_its_service_account_key() {
    for (version, is_secretbox, is_rsa) in [
        ("v1.2", false, false),
        ("1.3", true, false),
        ("v1.6.9", true, false),
        ("v1.7", true, true),
    ] {
        let (bundle, _) = generate(&["--talos-version", version]);
        let secretbox = matches!(bundle.encryption, EncryptionSecret::Secretbox(_));
        assert_eq!(secretbox, is_secretbox, "{version}");
        let algorithm = bundle.service_account.public_key().algorithm();
        assert_eq!(*algorithm == KeyAlgorithm::Rsa(4_096), is_rsa, "{version}");
    }
}

#[test]
fn custom_authorities_fill_single_slots() {
    let copy = copy_of("kubeadm/ecdsa-p256");
    let pki = copy.path().join("pki");
    let other = copy_of("kubeadm/ecdsa-p384");
    let custom = other.path().join("pki");
    let of_talos = fixtures().join("talosconfig");
    for (flag, folder, name, slot) in [
        ("kubernetes-ca", &custom, "ca", CaSlot::Kubernetes),
        ("etcd-ca", &custom, "etcd/ca", CaSlot::Etcd),
        (
            "aggregator-ca",
            &custom,
            "front-proxy-ca",
            CaSlot::Aggregator,
        ),
        ("os-ca", &of_talos, "ca", CaSlot::Os),
    ] {
        let certificate = path(folder, &format!("{name}.crt"));
        let key = path(folder, &format!("{name}.key"));
        let flags = [
            format!("--{flag}-crt"),
            certificate.clone(),
            format!("--{flag}-key"),
            key,
        ];
        let mut arguments: Vec<&str> = flags.iter().map(String::as_str).collect();
        arguments.extend(["--talos-version", "v1.6"]);
        let (bundle, _) = generate(&arguments);
        let expected = fs::read_to_string(certificate).unwrap();
        assert_eq!(bundle.authority(slot).certificate().to_pem(), expected);
    }
    // With an import, the flag's slot is the flag's and the others are the import's.
    let (bundle, _) = generate(&[
        "-p",
        pki.to_str().unwrap(),
        "-t",
        TOKEN,
        "--aggregator-ca-crt",
        &path(&custom, "front-proxy-ca.crt"),
        "--aggregator-ca-key",
        &path(&custom, "front-proxy-ca.key"),
        "--service-account-key",
        &path(&custom, "sa.key"),
        // The old front proxy and `sa.pub` speak against them, and are overruled.
        "--allow",
        "leaf-of-another-ca",
        "--allow",
        "service-account-public-key",
    ]);
    let read = |folder: &Path, name| fs::read_to_string(folder.join(name)).unwrap();
    let aggregator = bundle.authority(CaSlot::Aggregator).certificate().to_pem();
    assert_eq!(aggregator, read(&custom, "front-proxy-ca.crt"));
    let kubernetes = bundle.authority(CaSlot::Kubernetes).certificate().to_pem();
    assert_eq!(kubernetes, read(&pki, "ca.crt"));
    assert!(*bundle.service_account.to_secret_pem().expose() == read(&custom, "sa.key"));
}

#[test]
fn the_rules_judge_custom_authorities_too() {
    let fixtures = fixtures();
    for (folder, rule) in [
        ("key-of-another-rsa-ca", "key-mismatch"),
        ("ca-expired", "ca-expired"),
        ("leaf-as-ca", "not-a-ca"),
        ("subordinate-rsa", "subordinate-ca"),
        ("sha1-signed-ca", "ca-signature-algorithm"),
    ] {
        let pki = fixtures.join("broken").join(folder).join("pki");
        let (status, words) = refused(&[
            "--kubernetes-ca-crt",
            &path(&pki, "ca.crt"),
            "--kubernetes-ca-key",
            &path(&pki, "ca.key"),
        ]);
        assert_eq!(status, 1, "{folder}: {words}");
        assert!(
            words.contains(&format!("error[{rule}]")),
            "{folder}: {words}"
        );
    }
}

#[test]
fn where_no_certificate_speaks_the_name_of_a_ca_does() {
    // The files that talosctl reads, and two of them changed by mistake.
    let copy = copy_of("kubeadm/rsa-2048");
    let pki = copy.path().join("pki");
    let folder = TempDir::new().unwrap();
    fs::create_dir(folder.path().join("etcd")).unwrap();
    for (from, to) in [
        ("ca", "etcd/ca"),
        ("etcd/ca", "ca"),
        ("front-proxy-ca", "front-proxy-ca"),
        ("sa", "sa"),
    ] {
        for ending in ["crt", "key"] {
            let from = pki.join(format!("{from}.{ending}"));
            if from.exists() {
                fs::copy(from, folder.path().join(format!("{to}.{ending}"))).unwrap();
            }
        }
    }
    let import = ["-p", folder.path().to_str().unwrap(), "-t", TOKEN];
    let (status, words) = refused(&import);
    assert_eq!(status, 1, "{words}");
    for (owner, slot) in [("etcd CA", "Kubernetes CA"), ("Kubernetes CA", "etcd CA")] {
        let told =
            format!("error[ca-of-another-slot]: the {owner} stands in the slot of the {slot}");
        assert!(words.contains(&told), "{words}");
    }
    assert!(words.contains("warning[no-evidence]"), "{words}");
    // A person may have such names.
    generate(&[&import[..], &["--allow", "ca-of-another-slot"]].concat());
    let (certificate, key) = (path(&pki, "etcd/ca.crt"), path(&pki, "etcd/ca.key"));
    let (_, words) = refused(&[
        "--aggregator-ca-crt",
        &certificate,
        "--aggregator-ca-key",
        &key,
    ]);
    assert!(words.contains("error[ca-of-another-slot]"), "{words}");
    // What a CA has issued counts more than what it is called.
    let leaves = copy_of("broken/swapped-kubernetes-and-etcd");
    let (_, words) = refused(&["-p", leaves.path().to_str().unwrap(), "-t", TOKEN]);
    assert!(!words.contains("ca-of-another-slot"), "{words}");
}

#[test]
fn every_error_refuses_the_bundle_and_says_so() {
    let copy = copy_of("broken/swapped-kubernetes-and-etcd");
    let (status, words) = refused(&["-p", copy.path().to_str().unwrap(), "-t", TOKEN]);
    assert_eq!(status, 1);
    assert!(
        words.ends_with("Refused: 1 error. Nothing was written\n"),
        "{words}"
    );
}

#[test]
fn an_allowed_missing_slot_is_generated() {
    for (folder, rule, slot) in [
        ("etcd-ca-missing", "missing-etcd-ca", CaSlot::Etcd),
        (
            "aggregator-ca-missing",
            "missing-aggregator-ca",
            CaSlot::Aggregator,
        ),
        (
            "kubernetes-ca-key-missing",
            "missing-kubernetes-ca-key",
            CaSlot::Kubernetes,
        ),
    ] {
        let copy = copy_of(&format!("broken/{folder}"));
        let folder = copy.path().to_str().unwrap();
        assert_eq!(refused(&["-p", folder, "-t", TOKEN]).0, 1);
        let (bundle, words) = generate(&["-p", folder, "-t", TOKEN, "--allow", rule]);
        let (organization, common_name) = slot.subject();
        let subject = &bundle.authority(slot).certificate().subject;
        assert_eq!(
            subject.organizations(),
            organization.into_iter().collect::<Vec<_>>()
        );
        assert_eq!(subject.common_name(), common_name.unwrap_or_default());
        assert!(
            words.contains("allowed: this error is let through by --allow"),
            "{words}"
        );
    }
}

#[test]
fn a_warning_tells_what_a_bundle_adds() {
    let copy = copy_of("kubeadm/ecdsa-p256");
    let folder = copy.path().to_str().unwrap();
    let (_, words) = generate(&["-p", folder]);
    assert!(words.contains("warning[token-unknown]"), "{words}");
    assert!(words.contains("warning[encryption-at-rest]: the cluster does not encrypt Secrets"));
    let manifest = copy.path().join("manifests/kube-apiserver.yaml");
    let flag = "    - --encryption-provider-config=/etc/kubernetes/enc.yaml\n    - --tls-cert-file";
    let text = fs::read_to_string(&manifest)
        .unwrap()
        .replace("    - --tls-cert-file", flag);
    fs::write(&manifest, text).unwrap();
    let (_, words) = generate(&["-p", folder, "-t", TOKEN]);
    assert!(!words.contains("token-unknown"), "{words}");
    assert!(
        words.contains("by\n              `/etc/kubernetes/enc.yaml`"),
        "{words}"
    );
}

#[test]
fn the_issuer_of_tokens_is_told_unless_it_is_the_endpoint() {
    let copy = copy_of("kubeadm/ecdsa-p256");
    let folder = copy.path().to_str().unwrap();
    let manifest = copy.path().join("manifests/kube-apiserver.yaml");
    let whole = fs::read_to_string(&manifest).unwrap();
    let flag = "    - --service-account-issuer=";
    let usual = format!("{flag}https://kubernetes.default.svc.cluster.local\n");
    let admin = fs::read_to_string(copy.path().join("admin.conf")).unwrap();
    let server = admin
        .split_once("server: ")
        .unwrap()
        .1
        .lines()
        .next()
        .unwrap();
    let own = format!("{flag}{server}\n");
    for (flags, told) in [
        (
            usual.clone(),
            Some("the issuer `https://kubernetes.default.svc.cluster.local`, not the endpoint"),
        ),
        // kubeadm's guide to Talos: the endpoint first, so that nothing changes.
        (own.clone(), None),
        (own + &usual, Some("tokens of 2 issuers are accepted")),
        (
            String::new(),
            Some("which issuer service-account tokens name is unknown here"),
        ),
    ] {
        fs::write(&manifest, whole.replacen(&usual, &flags, 1)).unwrap();
        let (_, words) = generate(&["-p", folder, "-t", TOKEN]);
        let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
        let rule = "warning[token-issuer]: ";
        assert_eq!(words.contains(rule), told.is_some(), "{words}");
        assert!(told.is_none_or(|told| words.contains(told)), "{words}");
        assert!(words.contains("attention a bundle holds keys alone; `talos-pki convert`"));
    }
}

#[test]
fn who_judges_by_another_moment_gets_certificates_of_today() {
    let copy = copy_of("kubeadm/ecdsa-p256");
    let folder = copy.path().to_str().unwrap();
    let made = |more: &[&str]| {
        let arguments = ["gen", "secrets", "-o", "-", "-p", folder, "-t", TOKEN];
        let output = talos_pki(&[&arguments, more].concat()).output().unwrap();
        let bundle = Bundle::read(&output.stdout).unwrap();
        bundle.authority(CaSlot::Os).certificate().validity
    };
    let begins = made(&["--now", "2030-01-01"]).not_before;
    assert!(begins <= Timestamp::now(), "no node accepts it: {begins}");
}

/// What is made for nodes with slow clocks ends when it would end without that.
#[test]
fn an_earlier_beginning_leaves_the_end_as_it_is() {
    let copy = copy_of("kubeadm/ecdsa-p256");
    let folder = copy.path().to_str().unwrap();
    let made = |begins: &str| {
        let arguments = ["gen", "secrets", "-o", "-", "-p", folder, "-t", TOKEN];
        let mut command = talos_pki(&arguments);
        command
            .args(["--now", NOW, "--not-before", begins])
            .output()
            .unwrap()
    };
    for begins in ["2010-01-01T00:00:00Z", NOW] {
        let bundle = Bundle::read(&made(begins).stdout).unwrap();
        let validity = bundle.authority(CaSlot::Os).certificate().validity;
        assert_eq!(validity.not_before, begins.parse().unwrap());
        assert_eq!(validity.not_after, "2036-11-28T00:00:00Z".parse().unwrap());
    }
    let output = made("2026-12-01T00:00:01Z");
    let words = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{words}");
    assert!(output.stdout.is_empty());
    let told = "--not-before: what begins at 2026-12-01T00:00:01Z is accepted by nobody now, at \
                2026-12-01T00:00:00Z";
    let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains(told), "{words}");
}

#[test]
fn an_empty_token_is_none() {
    let (bundle, words) = generate(&["-t", "", "--talos-version", "v1.6"]);
    assert!(words.contains("bootstrap token"));
    assert!(talos_pki::talos::random::is_token(
        bundle.bootstrap_token.expose()
    ));
}

#[test]
fn a_talos_newer_than_known_is_a_warning() {
    let (_, words) = generate(&["--talos-version", "v1.99"]);
    assert!(
        words.starts_with("warning: Talos v1.99 is newer"),
        "{words}"
    );
}

#[test]
fn json_and_yaml_hold_the_same_fields() {
    let copy = copy_of("kubeadm/ecdsa-p256");
    let arguments = [
        "-p",
        copy.path().to_str().unwrap(),
        "-t",
        TOKEN,
        "--format",
        "json",
    ];
    let (bundle, _) = generate(&arguments);
    let (other, _) = generate(&arguments[..4]);
    for slot in CaSlot::OF_KUBERNETES {
        let pem = |bundle: &Bundle| bundle.authority(slot).certificate().to_pem();
        assert_eq!(pem(&bundle), pem(&other));
    }
}

#[test]
fn a_public_key_is_no_private_key_that_others_can_read() {
    let copy = copy_of("kubeadm/ecdsa-p256");
    let public = path(&copy.path().join("pki"), "sa.pub");
    let (status, words) = refused(&["--service-account-key", &public]);
    assert_eq!(status, 1);
    assert!(words.contains("error[unreadable]"), "{words}");
    assert!(!words.contains("key-readable-by-others"), "{words}");
}

#[test]
fn a_flag_of_the_api_server_may_have_its_older_names() {
    let copy = copy_of("kubeadm/ecdsa-p256");
    let manifest = copy.path().join("manifests/kube-apiserver.yaml");
    let whole = fs::read_to_string(&manifest).unwrap();
    for flag in [
        "encryption_provider_config",
        "experimental-encryption-provider-config",
    ] {
        let flag = format!("    - --{flag}=/etc/kubernetes/enc.yaml\n    - --tls-cert-file");
        fs::write(&manifest, whole.replacen("    - --tls-cert-file", &flag, 1)).unwrap();
        let (_, words) = generate(&["-p", copy.path().to_str().unwrap(), "-t", TOKEN]);
        assert!(words.contains("the cluster encrypts Secrets by"), "{words}");
    }
}

#[test]
fn a_name_does_not_turn_the_direction_of_writing() {
    let folder = TempDir::new().unwrap();
    let name = "kubernetes\u{202e}ac";
    let mut command = talos_pki(&["gen", "ca", "--organization", name]);
    command.current_dir(folder.path()).assert().success();
    let (certificate, key) = (
        path(folder.path(), &format!("{name}.crt")),
        path(folder.path(), &format!("{name}.key")),
    );
    let mut arguments = vec![
        "--kubernetes-ca-crt",
        &certificate,
        "--kubernetes-ca-key",
        &key,
    ];
    arguments.extend(["--expires-within", "30y", "--talos-version", "v1.6"]);
    let (_, words) = generate(&arguments);
    assert!(words.contains("O=kubernetes\\u{202e}ac"), "{words}");
    assert!(!words.contains('\u{202e}'), "{words}");
}
