//! What is refused, word for word.

use std::fs;
use std::path::Path;

use insta::{Settings, assert_snapshot};
use talos_pki::pki::pem;
use tempfile::TempDir;

use crate::fixture::{NOW, copy_of, talos_pki};

/// What is said, and the exit status. Nothing is written to standard output.
fn said(folder: &Path, arguments: &[&str]) -> String {
    let output = talos_pki(&[&["gen"], arguments].concat())
        .current_dir(folder)
        .output()
        .unwrap();
    assert!(output.stdout.is_empty());
    let words = String::from_utf8(output.stderr).unwrap();
    let status = output.status.code().unwrap();
    format!(
        "$ talos-pki gen {}\n{words}[{status}]\n",
        arguments.join(" ")
    )
}

/// A folder with the CA `talos`, a key, and a request of it.
fn workplace() -> TempDir {
    let folder = TempDir::new().unwrap();
    for arguments in [
        &["ca", "--organization", "talos", "--now", NOW][..],
        &["ca", "--organization", "rsa", "--rsa", "--now", NOW],
        &["key", "--name", "admin"],
        &["csr", "--key", "admin.key"],
    ] {
        let said = said(folder.path(), arguments);
        assert!(said.ends_with("[0]\n"), "{said}");
    }
    folder
}

fn settings() -> Settings {
    let mut settings = Settings::clone_current();
    settings.add_filter(r"sha256:[0-9a-f]{6}…[0-9a-f]{2}", "sha256:[key]");
    settings.set_omit_expression(true);
    settings.set_prepend_module_to_snapshot(false);
    settings
}

fn crt<'a>(more: &[&'a str]) -> Vec<&'a str> {
    let common = [
        "crt",
        "--ca",
        "talos",
        "--csr",
        "admin.csr",
        "--name",
        "leaf",
    ];
    [&common[..], more].concat()
}

#[test]
fn wrong_wishes() {
    let folder = workplace();
    let cases: [&[&str]; 16] = [
        &["ca"],
        &["ca", "--organization", ""],
        &["ca", "--organization", "talos"],
        &["ca", "--organization", "a/b"],
        &["ca", "--organization", "x", "--hours", "0"],
        &["ca", "--organization", "x", "--hours", "-1"],
        &["ca", "--organization", "x", "--ttl", "0d"],
        &[
            "ca",
            "--organization",
            "x",
            "--ttl",
            "1y",
            "--now",
            "1960-01-01",
        ],
        &["ca", "--organization", "x", "--rsa", "--algorithm", "rsa"],
        &["csr", "--key", "admin.key", "--roles", "os:root", "-f"],
        &[
            "csr",
            "--key",
            "admin.key",
            "--dns",
            "münchen.example",
            "-f",
        ],
        &["csr", "--key", "admin.key", "--dns", "", "-f"],
        &["keypair"],
        &["keypair", "--organization", "x", "--roles", "os:admin"],
        &["keypair", "--ca", "talos"],
        &[
            "keypair", "--ca", "talos", "--name", "x", "--server", "--roles", "os:admin",
        ],
    ];
    let text: String = cases.iter().map(|case| said(folder.path(), case)).collect();
    settings().bind(|| assert_snapshot!("issuing_wrong_wishes", text));
}

#[test]
fn wrong_files() {
    let folder = workplace();
    let path = folder.path();
    fs::write(path.join("text.csr"), "not PEM\n").unwrap();
    let request = fs::read_to_string(path.join("admin.csr")).unwrap();
    let half: String = request.lines().take(3).collect::<Vec<_>>().join("\n");
    fs::write(path.join("half.csr"), half).unwrap();
    let block = pem::read(request.as_bytes()).blocks.remove(0);
    let mut der = block.contents.expose().clone();
    // A byte of the role: who asks for `os:admin` did not sign for `ms:admin`.
    let role = der
        .windows(8)
        .position(|bytes| bytes == b"os:admin")
        .unwrap();
    der[role] = b'm';
    let altered = pem::write("CERTIFICATE REQUEST", &der);
    fs::write(path.join("altered.csr"), altered).unwrap();
    let request = |name| ["crt", "--ca", "talos", "--csr", name, "--name", "leaf"].to_vec();
    let key = |name| {
        let ca = ["crt", "--ca-crt", "talos.crt", "--ca-key", name];
        [&ca[..], &["--csr", "admin.csr", "--name", "leaf"]].concat()
    };
    let cases = [
        request("missing.csr"),
        request("text.csr"),
        request("half.csr"),
        request("altered.csr"),
        request("talos.crt"),
        key("admin.key"),
        key("talos.crt"),
        vec!["crt", "--ca", "rsa", "--csr", "admin.csr", "--name", "leaf"],
        vec![
            "crt",
            "--ca",
            "talos",
            "--csr",
            "admin.csr",
            "--name",
            "talos",
            "-f",
        ],
        vec!["csr", "--key", "talos.crt", "--name", "x"],
    ];
    let text: String = cases.iter().map(|case| said(path, case)).collect();
    assert!(!path.join("leaf.crt").exists());
    settings().bind(|| assert_snapshot!("issuing_wrong_files", text));
}

#[test]
fn authorities_that_cannot_issue() {
    let mut text = String::new();
    for fixture in [
        "encrypted-pkcs8-key",
        "key-of-another-rsa-ca",
        "leaf-as-ca",
        "no-key-cert-sign",
        "rsa-pss-signed-ca",
        "sha1-signed-ca",
        "subordinate-ec-under-rsa",
        "two-keys",
    ] {
        let copy = copy_of(&format!("broken/{fixture}"));
        let arguments = ["keypair", "--ca", "pki/ca", "--name", "leaf", "--now", NOW];
        text.extend([fixture, "\n", &said(copy.path(), &arguments)]);
        assert!(!copy.path().join("leaf.key").exists());
    }
    settings().bind(|| assert_snapshot!("issuing_authorities_that_cannot_issue", text));
}

#[test]
fn what_is_issued_with_a_warning() {
    let folder = workplace();
    let csr = [
        "csr",
        "--key",
        "admin.key",
        "--name",
        "admin",
        "-f",
        "--common-name",
        "node",
    ];
    let cases = [
        crt(&["--now", NOW, "--ttl", "20y"]),
        csr.to_vec(),
        crt(&["--now", NOW, "--server", "-f"]),
        crt(&["--now", "2026-11-30", "-f"]),
    ];
    let text: String = cases.iter().map(|case| said(folder.path(), case)).collect();
    settings().bind(|| assert_snapshot!("issuing_with_a_warning", text));
}
