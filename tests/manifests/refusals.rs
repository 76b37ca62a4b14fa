//! What is not read, and what is said about it.

use std::fmt::Write;

use insta::{Settings, assert_snapshot};
use serde_json::{Value, json};

use super::objects::{KEY, base64, cluster_api, documents, kubeadm_certs, list, tls};
use super::{command, folder_with};

const ANOTHER_KEY: &str = "ff112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

/// What a scan of `text` says, and its exit status.
fn said(text: &str, more: &[&str]) -> String {
    let folder = folder_with(text);
    let mut arguments = vec!["scan", "objects.yaml"];
    arguments.extend(more);
    let output = command(folder.path(), &arguments).output().unwrap();
    let words = String::from_utf8(output.stderr).unwrap();
    for key in [KEY, ANOTHER_KEY] {
        assert!(!words.contains(&key[..16]), "the key is printed: {words}");
    }
    format!("{words}exit status {}\n", output.status.code().unwrap())
}

fn changed(mut secret: Value, field: &str, value: impl Into<Value>) -> String {
    secret["data"][field] = value.into();
    list(&[secret])
}

/// `secret` with one bit of a value turned.
fn damaged(secret: Value, field: &str) -> String {
    use base64::Engine;
    let engine = base64::engine::general_purpose::STANDARD;
    let mut bytes = engine
        .decode(secret["data"][field].as_str().unwrap())
        .unwrap();
    bytes[40] ^= 1;
    changed(secret, field, base64(&bytes))
}

#[test]
fn every_refusal_says_what_to_do() {
    let prod = || cluster_api("default/prod", "ecdsa-p256");
    let certs = || kubeadm_certs("ecdsa-p256");
    let mut several = prod();
    several.extend(cluster_api("default/stage", "ecdsa-p384"));
    several.extend(cluster_api("other/prod", "rsa-2048"));
    several.push(certs());
    let several = documents(&several);
    let many =
        (0..25).flat_map(|number| cluster_api(&format!("default/c{number:02}"), "ecdsa-p256"));
    let mut twice = prod();
    twice.push(prod().remove(0));
    let repeated = "kind: Secret\nmetadata: {name: prod-ca}\ntype: kubernetes.io/tls\n\
                    data:\n  tls.key: AAAA\n  tls.key: AAAA\n";
    let with_key = ["--certificate-key", KEY];
    let no_digits = KEY.replace('0', "x");
    let no_digits = ["--certificate-key", no_digits.as_str()];
    let cases: [(&str, String, &[&str]); 22] = [
        ("several clusters", several.clone(), &[]),
        (
            "several of one name",
            several.clone(),
            &["--cluster", "prod"],
        ),
        ("no such cluster", several, &["--cluster", "other/stage"]),
        ("very many clusters", list(&many.collect::<Vec<_>>()), &[]),
        ("two of a kind", list(&twice), &[]),
        ("a field twice", repeated.to_owned(), &[]),
        (
            "other objects",
            "kind: ConfigMap\nmetadata: {name: x}\n".to_owned(),
            &[],
        ),
        ("an empty list", list(&[]), &[]),
        ("no objects", "a: 1\n".to_owned(), &[]),
        ("no YAML", "a: [\n".to_owned(), &[]),
        (
            "not base64",
            changed(prod().remove(0), "tls.key", "AAA*"),
            &[],
        ),
        (
            "a value of SOPS",
            changed(prod().remove(0), "tls.key", "ENC[AES256_GCM,data:x]"),
            &[],
        ),
        (
            "redacted",
            changed(prod().remove(0), "tls.key", "******"),
            &[],
        ),
        (
            "no text",
            changed(prod().remove(0), "tls.key", json!(["x"])),
            &[],
        ),
        ("no key", list(&[certs()]), &[]),
        (
            "another key",
            list(&[certs()]),
            &["--certificate-key", ANOTHER_KEY],
        ),
        (
            "a short key",
            list(&[certs()]),
            &["--certificate-key", &KEY[..62]],
        ),
        ("no digits", list(&[certs()]), &no_digits),
        (
            "no key file",
            list(&[certs()]),
            &["--certificate-key-file", "nowhere"],
        ),
        (
            "cut off",
            changed(certs(), "etcd-ca.key", base64(&[7; 27])),
            &with_key,
        ),
        ("damaged", damaged(certs(), "sa.key"), &with_key),
        (
            "half of the key",
            list(&[certs()]),
            &["--certificate-key-file", "objects.yaml"],
        ),
    ];
    let mut all = String::new();
    for (name, text, more) in cases {
        let _ = write!(all, "# {name}\n{}\n", said(&text, more));
    }
    let mut settings = Settings::clone_current();
    settings.set_omit_expression(true);
    settings.set_prepend_module_to_snapshot(false);
    settings.set_snapshot_path("../snapshots");
    settings.bind(|| assert_snapshot!("manifests_refused", all));
}

#[test]
fn a_single_tls_secret_is_a_cluster_without_the_rest() {
    let text = said(&list(&[tls("prod", "ecdsa-p256")]), &[]);
    assert!(
        text.ends_with("exit status 0\n") || text.ends_with("exit status 1\n"),
        "{text}"
    );
}
