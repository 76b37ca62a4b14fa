//! What a person sees, word for word: the scan of every fixture, the bundle, and every error.
//!
//! Fingerprints and days of the fixtures are masked, since `scripts/fixtures` makes new keys.

#![allow(
    clippy::unwrap_used,
    reason = "what a test needs and does not get is its failure"
)]

mod fixture;
mod talos_files;

use std::fs;
use std::path::Path;

use fixture::{TOKEN, copy_of, fixtures, judge, talos_pki};
use insta::{Settings, assert_snapshot};
use tempfile::TempDir;

/// Masks what differs from run to run and from one making of the fixtures to the next.
fn settings(folder: &Path) -> Settings {
    let mut settings = Settings::clone_current();
    let folder = folder.to_str().expect("a path in UTF-8");
    settings.add_filter(&regex_escape(folder), "[folder]");
    settings.add_filter(r"sha256:[0-9a-f]{6}…[0-9a-f]{2}", "sha256:[key]");
    settings.add_filter(r"sha256:[0-9a-f]{64}", "sha256:[whole key]");
    settings.add_filter(r"kid [A-Za-z0-9_-]{8}…", "kid [key id]…");
    settings.add_filter(
        r#""key_id": "[A-Za-z0-9_-]{43}""#,
        r#""key_id": "[key id]""#,
    );
    settings.add_filter(r"20[23]\d-\d\d-\d\d", "[a day]");
    settings.add_filter(r"\d\d:\d\d:\d\dZ", "[a time]");
    settings.set_omit_expression(true);
    settings.set_prepend_module_to_snapshot(false);
    settings
}

fn regex_escape(text: &str) -> String {
    let characters = text.chars().map(|character| format!("[{character}]"));
    characters.collect::<Vec<_>>().concat()
}

/// Standard output, standard error and exit status in one text. The folder's name is shortened
/// before lines are wrapped, by running in it.
fn run(folder: &Path, arguments: &[&str]) -> String {
    let output = judge(arguments)
        .current_dir(folder)
        .output()
        .expect("talos-pki runs");
    transcript(&output)
}

fn transcript(output: &std::process::Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("UTF-8");
    let status = output.status.code().expect("an exit status");
    format!(
        "{}--- stderr\n{}--- exit status {status}",
        text(&output.stdout),
        text(&output.stderr)
    )
}

fn scan_all(group: &str) {
    let mut folders: Vec<_> = fs::read_dir(fixtures().join(group))
        .expect("the fixtures")
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    folders.sort();
    assert!(!folders.is_empty());
    for name in folders {
        let copy = copy_of(&format!("{group}/{name}"));
        let text = run(copy.path(), &["scan", ".", "--notes"]);
        for line in text.lines() {
            // A word that has no place to break, as a path, may be longer.
            let is_wide = line.chars().count() > 80 && line.trim_start().contains(' ');
            assert!(!is_wide, "{name}: more than 80 columns: {line}");
        }
        settings(copy.path()).bind(|| assert_snapshot!(format!("scan_{group}_{name}"), text));
    }
}

#[test]
fn scan_of_every_kubeadm_cluster() {
    scan_all("kubeadm");
}

#[test]
fn scan_of_every_defect() {
    scan_all("broken");
}

#[test]
fn scan_of_every_archive() {
    let archives = fixtures().join("archives");
    let mut names: Vec<_> = fs::read_dir(&archives)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    for name in names {
        let text = run(&archives, &["scan", &name, "--notes"]);
        settings(&archives).bind(|| assert_snapshot!(format!("scan_archive_{name}"), text));
    }
}

#[test]
fn scan_as_json() {
    let copy = copy_of("broken/two-cas-old-first");
    let text = run(copy.path(), &["scan", ".", "--format", "json"]);
    settings(copy.path()).bind(|| assert_snapshot!(text));
}

/// Files of every kind, each with something wrong, in a folder.
fn files_of_talos() -> TempDir {
    let folder = TempDir::new().unwrap();
    let write = |name: &str, text: &str| fixture::write_private(&folder.path().join(name), text);
    let bundle = talos_files::bundle().replace(talos_files::BOOTSTRAP_TOKEN, "test-token");
    write("secrets.yaml", &bundle);
    let other = talos_files::encoded("broken/ca-expired/pki/ca.crt");
    let control_plane = talos_files::control_plane_fields();
    let own = talos_files::encoded(&talos_files::of_cluster("etcd/ca.crt"));
    write("controlplane.yaml", &control_plane.replace(&own, &other));
    let control_plane = talos_files::control_plane_documents();
    write("controlplane-1.14.yaml", &control_plane);
    let own = talos_files::encoded(&talos_files::of_cluster("ca.crt"));
    let leaking = talos_files::encoded("broken/key-in-certificate-file/pki/ca.crt");
    let worker = talos_files::worker_fields().replace(&own, &leaking);
    write("worker.yaml", &worker);
    write("talosconfig", &talos_files::talosconfig("ending"));
    folder
}

const FILES_OF_TALOS: [&str; 5] = [
    "secrets.yaml",
    "controlplane.yaml",
    "controlplane-1.14.yaml",
    "worker.yaml",
    "talosconfig",
];

#[test]
fn validation_of_files() {
    let folder = files_of_talos();
    let arguments = [&["validate", "--notes"], &FILES_OF_TALOS[..]].concat();
    let text = run(folder.path(), &arguments);
    settings(folder.path()).bind(|| assert_snapshot!(text));
}

#[test]
fn validation_of_files_as_json() {
    let folder = files_of_talos();
    let arguments = [&["validate", "--format", "json"], &FILES_OF_TALOS[..]].concat();
    let text = run(folder.path(), &arguments);
    settings(folder.path()).bind(|| assert_snapshot!(text));
}

#[test]
fn validation_of_what_is_not_talos() {
    let copy = copy_of("kubeadm/ecdsa-p256");
    fs::write(copy.path().join("broken.yaml"), "certs: [\n").unwrap();
    let arguments = ["validate", "admin.conf", "pki", "nowhere", "broken.yaml"];
    let text = run(copy.path(), &arguments);
    settings(copy.path()).bind(|| assert_snapshot!(text));
}

#[test]
fn bundle_of_a_kubeadm_cluster() {
    let copy = copy_of("kubeadm/rsa-2048");
    let arguments = ["gen", "secrets", "-p", "pki", "-t", TOKEN, "-o", "-"];
    let output = judge(&arguments).current_dir(copy.path()).output().unwrap();
    let yaml = String::from_utf8(output.stdout).unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    let shortened: Vec<_> = yaml.lines().map(shortened).collect();
    let text = format!("{}\n--- stderr\n{stderr}", shortened.join("\n"));
    settings(copy.path()).bind(|| assert_snapshot!(text));
}

/// A line of the bundle with its value as label and length of the PEM inside, or as its length.
fn shortened(line: &str) -> String {
    use base64::Engine;
    let Some((key, value)) = line.split_once(": ") else {
        return line.to_owned();
    };
    if value == TOKEN {
        return line.to_owned();
    }
    let decoded = base64::engine::general_purpose::STANDARD
        .decode(value)
        .unwrap_or_default();
    match std::str::from_utf8(&decoded)
        .ok()
        .and_then(|pem| pem.lines().next())
    {
        Some(first) if first.starts_with("-----") => format!("{key}: [{first}]"),
        _ => format!("{key}: [{} characters]", value.len()),
    }
}

#[test]
fn refusal_of_a_bundle() {
    let copy = copy_of("broken/key-of-another-rsa-ca");
    let text = run(copy.path(), &["gen", "secrets", "-p", ".", "-t", TOKEN]);
    assert!(!copy.path().join("secrets.yaml").exists());
    settings(copy.path()).bind(|| assert_snapshot!(text));
}

#[test]
fn an_error_that_is_let_through() {
    let copy = copy_of("kubeadm/external-etcd");
    let arguments = [
        "gen",
        "secrets",
        "-p",
        ".",
        "-t",
        TOKEN,
        "-o",
        "s.yaml",
        "--allow",
        "missing-etcd-ca-key",
    ];
    let text = run(copy.path(), &arguments);
    settings(copy.path()).bind(|| assert_snapshot!(text));
}

#[test]
fn wrong_usage_and_unreadable_input() {
    const CASES: &[(&str, &[&str])] = &[
        ("no_such_path", &["scan", "nowhere"]),
        ("neither_folder_nor_archive", &["scan", "admin.conf"]),
        ("an_empty_folder", &["scan", "empty"]),
        ("unknown_rule", &["scan", ".", "--allow", "everything"]),
        (
            "rule_that_cannot_be_allowed",
            &["scan", ".", "--allow", "key-mismatch"],
        ),
        ("explain_unknown_rule", &["explain", "nonsense"]),
        (
            "bad_talos_version",
            &["gen", "secrets", "--talos-version", "latest"],
        ),
        ("bad_duration", &["scan", ".", "--expires-within", "soon"]),
        (
            "two_sources",
            &[
                "gen",
                "secrets",
                "-p",
                ".",
                "--from-controlplane-config",
                "x",
            ],
        ),
        (
            "certificate_without_key",
            &["gen", "secrets", "--etcd-ca-crt", "pki/etcd/ca.crt"],
        ),
        (
            "swapped_certificate_and_key",
            &[
                "gen",
                "secrets",
                "-o",
                "-",
                "--etcd-ca-crt",
                "pki/etcd/ca.key",
                "--etcd-ca-key",
                "pki/etcd/ca.crt",
            ],
        ),
        (
            "output_in_a_missing_folder",
            &["gen", "secrets", "-o", "missing/secrets.yaml"],
        ),
        (
            "output_is_a_folder",
            &["gen", "secrets", "-p", ".", "-o", "pki"],
        ),
        (
            "output_exists",
            &["gen", "secrets", "-p", ".", "-o", "admin.conf"],
        ),
        (
            "no_passphrase_file",
            &["scan", ".", "--passphrase-file", "nowhere"],
        ),
        (
            "config_is_no_config",
            &["gen", "secrets", "--from-controlplane-config", "admin.conf"],
        ),
        (
            "malformed_token",
            &[
                "gen",
                "secrets",
                "-p",
                ".",
                "-t",
                "test-token",
                "-o",
                "x.yaml",
            ],
        ),
        ("not_kubeadm", &["scan", "manifests", "--layout", "kubeadm"]),
    ];
    let copy = copy_of("kubeadm/ecdsa-p256");
    fs::create_dir(copy.path().join("empty")).unwrap();
    for (name, arguments) in CASES {
        let mut command = talos_pki(arguments);
        let text = transcript(&command.current_dir(copy.path()).output().unwrap());
        settings(copy.path()).bind(|| assert_snapshot!(format!("wrong_{name}"), text));
    }
}

#[test]
fn help_of_every_command() {
    for (name, arguments) in [
        ("program", &["--help"][..]),
        ("scan", &["scan", "--help"]),
        ("gen_secrets", &["gen", "secrets", "--help"]),
        ("gen_ca", &["gen", "ca", "--help"]),
        ("gen_key", &["gen", "key", "--help"]),
        ("gen_csr", &["gen", "csr", "--help"]),
        ("gen_crt", &["gen", "crt", "--help"]),
        ("gen_keypair", &["gen", "keypair", "--help"]),
        ("gen_config", &["gen", "config", "--help"]),
        ("convert", &["convert", "--help"]),
        ("explain", &["explain", "--help"]),
        ("validate", &["validate", "--help"]),
    ] {
        let text = transcript(&talos_pki(arguments).output().unwrap());
        settings(Path::new("/nowhere")).bind(|| assert_snapshot!(format!("help_{name}"), text));
    }
}

#[test]
fn explanations() {
    for rule in [
        "key-mismatch",
        "subordinate-ca",
        "missing-kubernetes-ca-key",
    ] {
        let text = transcript(&talos_pki(&["explain", rule]).output().unwrap());
        settings(Path::new("/nowhere")).bind(|| assert_snapshot!(format!("explain_{rule}"), text));
    }
    let text = transcript(&talos_pki(&["explain"]).output().unwrap());
    settings(Path::new("/nowhere")).bind(|| assert_snapshot!("explain_all", text));
}
