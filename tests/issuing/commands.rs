//! The commands: what they write, where, and for whom.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use talos_pki::pki::{CaPair, Certificate, CertificateRequest, PrivateKey, pem};
use tempfile::TempDir;

use crate::fixture::{NOW, PASSPHRASE, copy_of, talos_pki};

const ALGORITHMS: [(&str, &str); 4] = [
    ("ed25519", "Ed25519"),
    ("ecdsa-p256", "ECDSA-P256"),
    ("ecdsa-p384", "ECDSA-P384"),
    ("rsa", "RSA-4096"),
];

/// Made by OpenSSL, with much that no CA of Talos grants. Its key protected nothing and is gone.
const GREEDY_REQUEST: &str = "\
-----BEGIN CERTIFICATE REQUEST-----
MIIBeTCCASsCAQAwJjERMA8GA1UECgwIb3M6YWRtaW4xETAPBgNVBAMMCHNvbWVi
b2R5MCowBQYDK2VwAyEABnne3Kjyx2DjzXEQp6Judg4GuKgMBudq/whK32ysjtWg
gdEwFgYJKoZIhvcNAQkCMQkMB25vdGhpbmcwHwYJKoZIhvcNAQkHMRIMEHByb3Rl
Y3RzIG5vdGhpbmcwgZUGCSqGSIb3DQEJDjGBhzCBhDAPBgNVHRMBAf8EBTADAQH/
MA4GA1UdDwEB/wQEAwICBDAdBgNVHSUEFjAUBggrBgEFBQcDAQYIKwYBBQUHAwIw
QgYDVR0RBDswOYINYS5leGFtcGxlLm9yZ4cEwAACAYENYUBleGFtcGxlLm9yZ4YT
aHR0cHM6Ly9leGFtcGxlLm9yZzAFBgMrZXADQQCynZ2jcKiJD/FxTnfrK3lBMrbL
gTSYk7iZaF6jOpc2srD+B+VgEND5AC2eqvk9rVBFV7ERccU+jLFglXBzbzYA
-----END CERTIFICATE REQUEST-----
";

/// Runs `talos-pki gen` in `folder`, which must succeed. Gives what was said.
fn made(folder: &Path, arguments: &[&str]) -> String {
    let output = talos_pki(&[&["gen"], arguments].concat())
        .current_dir(folder)
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{arguments:?}: {said}");
    said
}

fn block(path: &Path) -> pem::Block {
    let mut blocks = pem::read(&fs::read(path).unwrap()).blocks;
    assert_eq!(blocks.len(), 1);
    blocks.remove(0)
}

fn certificate(folder: &Path, name: &str) -> Certificate {
    Certificate::from_der(block(&folder.join(name)).contents.expose()).unwrap()
}

fn key(folder: &Path, name: &str) -> PrivateKey {
    let (key, encoding) = PrivateKey::from_block(&block(&folder.join(name)), None).unwrap();
    assert!(encoding.canonical, "{name} is as Talos writes it");
    key
}

fn names_in(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<_> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn a_ca_of_every_algorithm_has_three_files_for_its_owner_alone() {
    for (flag, algorithm) in ALGORITHMS {
        let folder = TempDir::new().unwrap();
        let folder = folder.path();
        made(
            folder,
            &["ca", "--organization", "talos", "--algorithm", flag],
        );
        assert_eq!(names_in(folder), ["talos.crt", "talos.key", "talos.sha256"]);
        for name in names_in(folder) {
            let mode = fs::metadata(folder.join(&name))
                .unwrap()
                .permissions()
                .mode();
            assert_eq!(mode & 0o777, 0o600, "{name}");
        }
        let ca = certificate(folder, "talos.crt");
        assert_eq!(ca.subject.to_string(), "O=talos");
        assert_eq!(ca.public_key.algorithm().to_string(), algorithm);
        let lasts = ca.validity.not_after.duration_since(ca.validity.not_before);
        assert_eq!(lasts.as_secs(), 87_600 * 3_600);
        // Without a newline, as talosctl writes it.
        let pin = fs::read_to_string(folder.join("talos.sha256")).unwrap();
        assert_eq!(pin, ca.public_key.fingerprint().full());
        assert!(CaPair::prove(ca, key(folder, "talos.key")).is_ok());
    }
}

#[test]
fn talosctls_flag_for_rsa_is_kept() {
    let folder = TempDir::new().unwrap();
    made(folder.path(), &["ca", "--organization", "talos", "--rsa"]);
    let ca = certificate(folder.path(), "talos.crt");
    assert_eq!(ca.public_key.algorithm().to_string(), "RSA-4096");
    assert_eq!(ca.signature_algorithm.to_string(), "RSA with SHA-512");
}

#[test]
fn a_client_of_every_algorithm_is_issued_by_key_request_and_certificate() {
    for (flag, _) in ALGORITHMS {
        let folder = TempDir::new().unwrap();
        let folder = folder.path();
        made(
            folder,
            &["ca", "--organization", "talos", "--algorithm", flag],
        );
        made(folder, &["key", "--name", "admin", "--algorithm", flag]);
        let csr = ["csr", "--key", "admin.key", "--ip", "127.0.0.1"];
        made(folder, &csr);
        let crt = [
            "crt",
            "--ca",
            "talos",
            "--csr",
            "admin.csr",
            "--name",
            "admin",
        ];
        made(folder, &crt);
        let leaf = certificate(folder, "admin.crt");
        assert!(leaf.is_issued_by(&certificate(folder, "talos.crt")));
        assert_eq!(leaf.subject.to_string(), "O=os:admin");
        assert_eq!(
            leaf.ip_addresses,
            ["127.0.0.1".parse::<std::net::IpAddr>().unwrap()]
        );
        assert_eq!(leaf.public_key, *key(folder, "admin.key").public_key());
        let lasts = leaf
            .validity
            .not_after
            .duration_since(leaf.validity.not_before);
        assert_eq!(lasts.as_secs(), 24 * 3_600);
        let usage = leaf.extended_key_usage.unwrap();
        assert!(usage.client_auth && !usage.server_auth);
        let request = block(&folder.join("admin.csr"));
        let request = CertificateRequest::from_der(request.contents.expose()).unwrap();
        assert!(request.verify().is_ok() && request.ignored.is_empty());
    }
}

#[test]
fn a_pair_that_signs_itself_is_a_ca_with_names() {
    for (flag, algorithm) in ALGORITHMS {
        let folder = TempDir::new().unwrap();
        let arguments = [
            "keypair",
            "--organization",
            "example",
            "--algorithm",
            flag,
            "--ip",
            "10.0.0.2,::1",
            "--dns",
            "node-1",
        ];
        made(folder.path(), &arguments);
        assert_eq!(names_in(folder.path()), ["example.crt", "example.key"]);
        let pair = certificate(folder.path(), "example.crt");
        assert!(pair.is_authority() && pair.verify_self_signature().is_ok());
        assert_eq!(pair.public_key.algorithm().to_string(), algorithm);
        assert_eq!(pair.dns_names, ["node-1"]);
        assert_eq!(pair.ip_addresses.len(), 2);
    }
}

#[test]
fn a_server_has_names_and_no_roles() {
    let folder = TempDir::new().unwrap();
    let folder = folder.path();
    made(folder, &["ca", "--organization", "talos"]);
    let identity = [
        "--common-name",
        "node-1",
        "--dns",
        "node-1",
        "--ip",
        "10.0.0.2",
    ];
    let pair = ["keypair", "--ca", "talos", "--name", "pair", "--server"];
    made(folder, &[&pair[..], &identity].concat());
    made(folder, &["key", "--name", "node"]);
    let csr = ["csr", "--key", "node.key", "--roles", "os:admin"];
    made(folder, &[&csr[..], &identity].concat());
    let crt = [
        "crt", "--ca", "talos", "--csr", "node.csr", "--name", "node",
    ];
    let said = made(folder, &[&crt[..], &["--server"]].concat());
    assert!(said.contains("ignored    O=os:admin\n"), "{said}");
    for name in ["pair.crt", "node.crt"] {
        let leaf = certificate(folder, name);
        assert_eq!(leaf.subject.to_string(), "CN=node-1", "{name}");
        assert_eq!(leaf.dns_names, ["node-1"]);
        let usage = leaf.extended_key_usage.unwrap();
        assert!(usage.server_auth && !usage.client_auth, "{name}");
    }
}

#[test]
fn a_server_without_a_common_name_is_no_administrator() {
    let folder = TempDir::new().unwrap();
    let folder = folder.path();
    made(folder, &["ca", "--organization", "talos"]);
    let pair = ["keypair", "--ca", "talos", "--dns", "node-1", "--name"];
    for purpose in ["server", "server-and-client"] {
        made(
            folder,
            &[&pair[..], &[purpose, "--purpose", purpose]].concat(),
        );
        let leaf = certificate(folder, &format!("{purpose}.crt"));
        assert!(leaf.subject.organizations().is_empty(), "{purpose}");
        assert_eq!(leaf.dns_names, ["node-1"]);
    }
    made(folder, &[&pair[..], &["client"]].concat());
    let leaf = certificate(folder, "client.crt");
    assert_eq!(leaf.subject.organizations(), ["os:admin"]);
}

#[test]
fn a_lifetime_is_written_as_in_the_other_commands() {
    let folder = TempDir::new().unwrap();
    let folder = folder.path();
    for (text, end) in [
        ("5m", "2026-12-01 00:05 UTC"),
        ("1h30m", "2026-12-01 01:30 UTC"),
        ("8760h0m0s", "2027-12-01 00:00 UTC"),
        ("90d", "2027-03-01 00:00 UTC"),
    ] {
        let ca = ["ca", "--organization", "talos", "-f", "--now", NOW, "--ttl"];
        let said = made(folder, &[&ca[..], &[text]].concat());
        assert!(said.contains(&format!("until {end}\n")), "{said}");
    }
}

#[test]
fn what_a_request_asks_for_beyond_names_is_told_and_not_granted() {
    let folder = TempDir::new().unwrap();
    let folder = folder.path();
    fs::write(folder.join("greedy.csr"), GREEDY_REQUEST).unwrap();
    made(folder, &["ca", "--organization", "talos"]);
    let crt = [
        "crt",
        "--ca",
        "talos",
        "--csr",
        "greedy.csr",
        "--name",
        "leaf",
    ];
    let said = made(folder, &crt);
    for ignored in [
        "attribute 1.2.840.113549.1.9.2",
        "challengePassword",
        "basicConstraints",
        "keyUsage",
        "extendedKeyUsage",
        "email address a@example.org",
        "URI https://example.org",
    ] {
        assert!(said.contains(&format!("ignored    {ignored}\n")), "{said}");
    }
    let leaf = certificate(folder, "leaf.crt");
    assert_eq!(leaf.subject.to_string(), "O=os:admin, CN=somebody");
    assert_eq!(leaf.dns_names, ["a.example.org"]);
    assert!(leaf.basic_constraints.is_none());
    assert!(!leaf.key_usage.unwrap().key_cert_sign);
    assert!(!leaf.extended_key_usage.unwrap().server_auth);
}

#[test]
fn a_ca_is_read_in_every_encoding() {
    for fixture in [
        "kubeadm/rsa-2048",
        "kubeadm/ecdsa-p384",
        "broken/ec-parameters-first",
        "broken/encrypted-pkcs8-key",
        "broken/encrypted-traditional-key",
        "broken/pkcs8-key",
        "broken/sec1-without-public-key",
        "broken/two-cas-old-first",
    ] {
        let copy = copy_of(fixture);
        let folder = copy.path();
        fs::write(folder.join("passphrase"), PASSPHRASE).unwrap();
        let arguments = [
            "keypair",
            "--ca",
            "pki/ca",
            "--name",
            "leaf",
            "--now",
            NOW,
            "--passphrase-file",
            "passphrase",
        ];
        made(folder, &arguments);
        let leaf = certificate(folder, "leaf.crt");
        let authorities = pem::read(&fs::read(folder.join("pki/ca.crt")).unwrap()).blocks;
        let is_issuer = |block: &pem::Block| {
            leaf.is_issued_by(&Certificate::from_der(block.contents.expose()).unwrap())
        };
        assert!(authorities.iter().any(is_issuer), "{fixture}");
    }
}

#[test]
fn roles_are_those_of_the_version() {
    let folder = TempDir::new().unwrap();
    let folder = folder.path();
    made(folder, &["key", "--name", "a"]);
    made(
        folder,
        &[
            "csr",
            "--key",
            "a.key",
            "--roles",
            "os:reader,os:meta:writer",
        ],
    );
    let request = block(&folder.join("a.csr"));
    let request = CertificateRequest::from_der(request.contents.expose()).unwrap();
    let roles = request.subject.organizations();
    assert_eq!(roles, ["os:reader", "os:meta:writer"]);
    let older = [
        "gen",
        "csr",
        "--key",
        "a.key",
        "--name",
        "b",
        "--roles",
        "os:meta:writer",
    ];
    let output = talos_pki(&[&older[..], &["--talos-version", "v1.12"]].concat())
        .current_dir(folder)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(!folder.join("b.csr").exists());
}

#[test]
fn nothing_is_overwritten_and_nothing_written_by_half() {
    let folder = TempDir::new().unwrap();
    let folder = folder.path();
    for in_the_way in ["talos.crt", "talos.key", "talos.sha256"] {
        fs::write(folder.join(in_the_way), "keep").unwrap();
        let ca = ["gen", "ca", "--organization", "talos"];
        let output = talos_pki(&ca).current_dir(folder).output().unwrap();
        assert_eq!(output.status.code(), Some(2));
        assert_eq!(names_in(folder), [in_the_way]);
        assert_eq!(fs::read(folder.join(in_the_way)).unwrap(), b"keep");
        fs::remove_file(folder.join(in_the_way)).unwrap();
    }
    made(folder, &["ca", "--organization", "talos"]);
    let before = fs::read(folder.join("talos.key")).unwrap();
    made(folder, &["ca", "--organization", "talos", "--force"]);
    assert!(fs::read(folder.join("talos.key")).unwrap() != before);
}

#[test]
fn files_go_where_they_are_told() {
    let folder = TempDir::new().unwrap();
    let folder = folder.path();
    fs::create_dir(folder.join("out")).unwrap();
    fs::create_dir(folder.join("in")).unwrap();
    made(folder, &["key", "--name", "node.example", "-o", "in"]);
    // A request is beside its key, without the last ending alone.
    made(folder, &["csr", "--key", "in/node.example.key"]);
    assert_eq!(
        names_in(&folder.join("in")),
        ["node.example.csr", "node.example.key"]
    );
    made(
        folder,
        &[
            "csr",
            "--key",
            "in/node.example.key",
            "-o",
            "out",
            "--name",
            "a",
        ],
    );
    assert_eq!(names_in(&folder.join("out")), ["a.csr"]);
}

#[test]
fn standard_output_has_pem_and_nothing_else() {
    let folder = TempDir::new().unwrap();
    let arguments = ["gen", "ca", "--organization", "talos", "-o", "-"];
    let output = talos_pki(&arguments)
        .current_dir(folder.path())
        .output()
        .unwrap();
    let file = pem::read(&output.stdout);
    let labels: Vec<_> = file.blocks.iter().map(|block| &block.label).collect();
    assert_eq!(labels, ["CERTIFICATE", "ED25519 PRIVATE KEY"]);
    assert!(file.remarks.is_empty());
    assert!(names_in(folder.path()).is_empty());
}
