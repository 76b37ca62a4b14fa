//! No output but the bundle itself has any byte of a private key, token or passphrase in it.

#![allow(
    clippy::unwrap_used,
    reason = "what a test needs and does not get is its failure"
)]

mod fixture;
mod kubernetes_objects;
mod talos_files;

use std::fs;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use fixture::{PASSPHRASE, TOKEN, copy_of, fixtures, judge, talos_pki};

/// Fewest characters of a secret that count as a leak.
const PIECE: usize = 32;

/// Everything in a folder that nobody may see: the lines of private keys, as text, as hexadecimal,
/// and within the base64 of kubeconfigs.
fn secrets_in(folder: &Path) -> Vec<String> {
    let mut secrets = Vec::new();
    for entry in walkdir::WalkDir::new(folder) {
        let entry = entry.expect("an entry");
        if !entry.file_type().is_file() {
            continue;
        }
        let bytes = fs::read(entry.path()).expect("a file");
        let text = String::from_utf8_lossy(&bytes).into_owned();
        secrets.extend(key_lines(&text));
        for line in text.lines() {
            if let Some(data) = line.trim().strip_prefix("client-key-data: ") {
                secrets.extend(data.as_bytes().chunks_exact(PIECE).map(lossy));
                let pem = STANDARD.decode(data).expect("base64");
                secrets.extend(key_lines(&String::from_utf8_lossy(&pem)));
            }
        }
    }
    secrets
}

fn key_lines(text: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let mut inside = false;
    for line in text.lines().map(str::trim) {
        if line.starts_with("-----BEGIN") {
            inside = line.contains("PRIVATE KEY");
        } else if line.starts_with("-----END") {
            inside = false;
        } else if inside && line.len() >= PIECE && !line.contains(':') {
            lines.push(line[..PIECE].to_owned());
            if let Ok(der) = STANDARD.decode(line) {
                let digits = der.iter().take(24).map(|byte| format!("{byte:02x}"));
                lines.push(digits.collect::<Vec<_>>().concat());
            }
        }
    }
    lines
}

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn assert_silent(what: &str, printed: &[u8], secrets: &[String]) {
    let printed = lossy(printed);
    for secret in secrets {
        assert!(
            !printed.contains(secret.as_str()),
            "{what}: a secret is printed"
        );
    }
}

fn folders() -> Vec<String> {
    let mut names = Vec::new();
    for group in ["kubeadm", "broken"] {
        for entry in fs::read_dir(fixtures().join(group)).expect("the fixtures") {
            let name = entry
                .expect("an entry")
                .file_name()
                .into_string()
                .expect("UTF-8");
            names.push(format!("{group}/{name}"));
        }
    }
    names
}

#[test]
fn no_command_prints_a_secret_of_any_fixture() {
    for name in folders() {
        let copy = copy_of(&name);
        let path = copy.path().to_str().unwrap();
        let mut secrets = secrets_in(copy.path());
        secrets.extend([TOKEN.to_owned(), PASSPHRASE.to_owned()]);
        let bundle = copy.path().join("out/secrets.yaml");
        fs::create_dir(bundle.parent().unwrap()).unwrap();
        let bundle = bundle.to_str().unwrap();
        let commands: [&[&str]; 4] = [
            &["scan", path, "--notes"],
            &["scan", path, "--format", "json", "--layout", "by-content"],
            &[
                "gen", "secrets", "-p", path, "-t", TOKEN, "-o", bundle, "--notes",
            ],
            &[
                "gen",
                "secrets",
                "-p",
                path,
                "-t",
                "malformed-TOKEN-0123456789",
                "-o",
                bundle,
                "-f",
            ],
        ];
        secrets.push("malformed-TOKEN-0123456789".to_owned());
        for arguments in commands {
            let output = judge(arguments)
                .env("TALOS_PKI_PASSPHRASE", PASSPHRASE)
                .output()
                .unwrap();
            assert!(output.status.code().is_some(), "{name}: killed");
            assert_silent(&format!("{name} {arguments:?}"), &output.stdout, &secrets);
            assert_silent(&format!("{name} {arguments:?}"), &output.stderr, &secrets);
        }
    }
}

#[test]
fn a_fleet_of_every_fixture_is_silent() {
    let folder = tempfile::TempDir::new().unwrap();
    let clusters = folder.path().join("clusters");
    for name in folders() {
        let target = clusters.join(name.replace('/', "-"));
        fixture::copy_to(&fixtures().join(&name), &target);
    }
    let mut secrets = secrets_in(&clusters);
    secrets.extend([TOKEN.to_owned(), PASSPHRASE.to_owned()]);
    let commands: [&[&str]; 5] = [
        &["scan"],
        &["scan", "--format", "json"],
        &["gen", "secrets", "-t", TOKEN, "-o", "bundles"],
        &["gen", "secrets", "-t", TOKEN, "-o", "bundles", "--json"],
        &["convert", "-t", TOKEN, "-o", "migrations", "--json"],
    ];
    for arguments in commands {
        let mut command = judge(&[arguments, &["--fleet", "clusters"]].concat());
        command.env("TALOS_PKI_PASSPHRASE", PASSPHRASE);
        let output = command.current_dir(folder.path()).output().unwrap();
        assert!(output.stdout.len() > 1_000, "{arguments:?}");
        assert_silent(&format!("{arguments:?}"), &output.stdout, &secrets);
        assert_silent(&format!("{arguments:?}"), &output.stderr, &secrets);
    }
    let mut marks = 0;
    for entry in walkdir::WalkDir::new(folder.path()) {
        let entry = entry.unwrap();
        if entry.file_name() == ".talos-pki-fleet.json" {
            marks += 1;
            assert_silent("a mark", &fs::read(entry.path()).unwrap(), &secrets);
        }
    }
    assert!(marks > 10, "{marks}");
}

#[test]
fn manifests_are_read_without_a_word_of_their_secrets() {
    use kubernetes_objects::{KEY, cluster_api, kubeadm_certs, list, pki};
    let folder = tempfile::TempDir::new().unwrap();
    let path = folder.path().join("objects.yaml");
    let mut secrets = secrets_in(&pki("ecdsa-p256"));
    secrets.extend([TOKEN, KEY, &KEY[..PIECE - 1]].map(str::to_owned));
    let sound = [
        cluster_api("a/prod", "ecdsa-p256"),
        vec![kubeadm_certs("ecdsa-p256")],
    ]
    .concat();
    for secret in &sound {
        let values = secret["data"].as_object().unwrap().iter();
        let values = values.filter(|(name, _)| name.ends_with("key"));
        let values = values.map(|(_, value)| value.as_str().unwrap());
        secrets.extend(values.flat_map(|value| value.as_bytes().chunks_exact(PIECE).map(lossy)));
    }
    let mut damaged = sound.clone();
    for secret in &mut damaged {
        for (_, value) in secret["data"].as_object_mut().unwrap() {
            *value = format!("*{}", value.as_str().unwrap()).into();
        }
    }
    let text = list(&sound);
    let texts = [
        text.clone(),
        list(&damaged),
        text[..text.len() / 2].to_owned(),
    ];
    for (number, text) in texts.iter().enumerate() {
        fixture::write_private(&path, text);
        let name = path.to_str().unwrap();
        let bundle = folder.path().join(number.to_string());
        let bundle = bundle.to_str().unwrap();
        for (cluster, key) in [
            ("prod", KEY),
            ("kubeadm-certs", KEY),
            ("kubeadm-certs", &KEY[1..]),
        ] {
            let more = ["--cluster", cluster, "--certificate-key", key, "--notes"];
            let scan = [&["scan", name][..], &more].concat();
            let make = [
                "gen", "secrets", "-p", name, "-t", TOKEN, "-f", "-o", bundle,
            ];
            for arguments in [scan, [&make[..], &more].concat()] {
                let output = judge(&arguments).output().unwrap();
                assert_silent(&format!("{arguments:?}"), &output.stdout, &secrets);
                assert_silent(&format!("{arguments:?}"), &output.stderr, &secrets);
            }
        }
    }
}

#[test]
fn files_of_talos_are_judged_without_a_word_of_their_secrets() {
    let folder = tempfile::TempDir::new().unwrap();
    let with_key = "broken/key-in-certificate-file/pki/ca.crt";
    let leaking = |text: &str| {
        let own = talos_files::encoded(&talos_files::of_cluster("ca.crt"));
        text.replace(&own, &talos_files::encoded(with_key))
    };
    let mut secrets: Vec<String> = [
        talos_files::BOOTSTRAP_TOKEN,
        talos_files::TRUSTD_TOKEN,
        talos_files::CLUSTER_SECRET,
        talos_files::ENCRYPTION_SECRET,
    ]
    .map(str::to_owned)
    .into();
    let keys = ["ca.key", "etcd/ca.key", "front-proxy-ca.key", "sa.key"];
    let keys = keys.map(talos_files::of_cluster).into_iter();
    let keys =
        keys.chain(["talosconfig/ca.key", "talosconfig/admin.key", with_key].map(str::to_owned));
    for key in keys {
        secrets.extend(key_lines(&talos_files::pem(&key)));
        // The first bytes are the same for every key.
        let encoded = &talos_files::encoded(&key)[60..];
        secrets.extend(encoded.as_bytes().chunks_exact(PIECE).map(lossy));
    }
    let sound = [
        talos_files::bundle(),
        talos_files::control_plane_fields(),
        talos_files::control_plane_documents(),
        talos_files::worker_fields(),
        talos_files::worker_documents(),
        talos_files::talosconfig("admin"),
    ];
    let path = folder.path().join("file.yaml");
    for text in sound {
        // Every value in the place of every other: as a name, a list, a kind of document.
        let damaged = [
            text.clone(),
            leaking(&text),
            text.replace("key: ", "key: x"),
            text.replace("key: ", "key: - "),
            text.replace("key: |", "key: >"),
            text.replace("token: ", "kind: "),
            text.replace("token: ", "name: {kind: x}\n    token: x"),
            text.replace("    secret: ", "    ? "),
            text.replace(": LS0t", ": &a LS0t"),
            text.replace("crt: ", "key: ").replace("cert: ", "key: "),
            text.replace("machine:", "kind: machine\nmachine:"),
            text.replace("type: ", "type: x"),
            format!("{text}---\n{text}"),
        ];
        for (position, text) in damaged.iter().enumerate() {
            fs::write(&path, text).unwrap();
            let mut arguments = vec!["validate", path.to_str().unwrap(), "--notes"];
            // Both forms tell the same.
            arguments.extend(["--format", ["text", "json"][position % 2]]);
            let output = judge(&arguments).output().unwrap();
            assert!(output.status.code().is_some(), "killed");
            assert_silent("validate", &output.stdout, &secrets);
            assert_silent("validate", &output.stderr, &secrets);
        }
    }
}

#[test]
fn what_is_generated_is_in_the_bundle_alone() {
    let folder = tempfile::TempDir::new().unwrap();
    let path = folder.path().join("secrets.yaml");
    let arguments = [
        "gen",
        "secrets",
        "--talos-version",
        "v1.6",
        "--notes",
        "-o",
        path.to_str().unwrap(),
    ];
    let output = judge(&arguments).output().unwrap();
    assert!(output.status.success());
    let bundle = fs::read_to_string(&path).unwrap();
    let values = bundle.lines().filter_map(|line| line.split_once(": "));
    let secrets: Vec<_> = values
        .map(|(_, value)| value[..value.len().min(PIECE)].to_owned())
        .collect();
    assert!(secrets.len() > 10);
    assert_silent("gen secrets", &output.stdout, &secrets);
    assert_silent("gen secrets", &output.stderr, &secrets);
}

#[test]
fn what_is_configured_is_in_the_files_alone() {
    let copy = copy_of("kubeadm/ecdsa-p256");
    let run = |arguments: &[&str]| {
        let output = judge(arguments).current_dir(copy.path()).output().unwrap();
        assert!(output.status.success(), "{arguments:?}");
        output
    };
    run(&["gen", "secrets", "-p", "pki", "-t", TOKEN]);
    let bundle = fs::read_to_string(copy.path().join("secrets.yaml")).unwrap();
    let values = bundle.lines().filter_map(|line| line.split_once(": "));
    let secrets: Vec<_> = values
        .map(|(_, value)| value[..value.len().min(PIECE)].to_owned())
        .collect();
    let endpoint = "https://10.0.0.1:6443";
    for bundle in [&["--with-secrets", "secrets.yaml"][..], &[]] {
        let arguments = [&["gen", "config", "prod", endpoint, "-f"], bundle].concat();
        let output = run(&arguments);
        let key = fs::read_to_string(copy.path().join("talosconfig")).unwrap();
        let key = key
            .lines()
            .find_map(|line| line.trim().strip_prefix("key: "));
        let mut secrets = secrets.clone();
        secrets.push(key.unwrap()[100..100 + PIECE].to_owned());
        assert_silent("gen config", &output.stdout, &secrets);
        assert_silent("gen config", &output.stderr, &secrets);
    }
}

#[test]
fn no_command_that_issues_prints_a_key() {
    let copy = copy_of("broken/encrypted-pkcs8-key");
    let folder = copy.path();
    fs::write(folder.join("passphrase"), PASSPHRASE).unwrap();
    let commands: [&[&str]; 10] = [
        &["ca", "--organization", "talos"],
        &["ca", "--organization", "talos"],
        &["ca", "--organization", "rsa", "--rsa"],
        &["key", "--name", "admin", "--algorithm", "ecdsa-p256"],
        &["csr", "--key", "admin.key"],
        &["crt", "--ca", "talos", "--csr", "admin.csr", "--name", "x"],
        &["crt", "--ca", "talos", "--csr", "admin.key", "--name", "x"],
        &["keypair", "--organization", "pair"],
        &["keypair", "--ca", "talos", "--name", "leaf"],
        &[
            "keypair",
            "--ca",
            "pki/ca",
            "--name",
            "x",
            "--passphrase-file",
            "passphrase",
        ],
    ];
    for command in commands {
        let arguments = [&["gen"], command].concat();
        let output = talos_pki(&arguments).current_dir(folder).output().unwrap();
        let mut secrets = secrets_in(folder);
        secrets.push(PASSPHRASE.to_owned());
        assert!(secrets.len() > 10);
        assert_silent(&format!("{command:?}"), &output.stdout, &secrets);
        assert_silent(&format!("{command:?}"), &output.stderr, &secrets);
    }
}

#[test]
fn a_damaged_bundle_config_or_kubeconfig_is_not_quoted() {
    let copy = copy_of("kubeadm/ecdsa-p256");
    let secrets = secrets_in(copy.path());
    let kubeconfig = copy.path().join("admin.conf");
    let text = fs::read_to_string(&kubeconfig).unwrap();
    for damaged in [
        text.replace("client-key-data: ", "client-key-data: [ "),
        text.replace("client-key-data: ", "client-key-data:\n  - {"),
        text.replace("client-key-data: ", "client-certificate-data: "),
        text.replace("client-key-data:", "client-key-data"),
    ] {
        fs::write(&kubeconfig, damaged).unwrap();
        let path = copy.path().to_str().unwrap();
        let config = kubeconfig.to_str().unwrap();
        for arguments in [
            &["scan", path][..],
            &[
                "gen",
                "secrets",
                "-o",
                "-",
                "--from-controlplane-config",
                config,
            ],
        ] {
            let output = talos_pki(arguments).output().unwrap();
            assert_silent("a damaged file", &output.stdout, &secrets);
            assert_silent("a damaged file", &output.stderr, &secrets);
        }
    }
}

/// The PEM and the base64 in the values of a YAML file, as far as they are secret.
fn secret_values(text: &str) -> Vec<String> {
    let mut secrets = Vec::new();
    for line in text.lines() {
        let Some((name, value)) = line.split_once(": ") else {
            continue;
        };
        let pem = STANDARD.decode(value).unwrap_or_default();
        let pem = lossy(&pem);
        if pem.contains("PRIVATE KEY") {
            secrets.extend(key_lines(&pem));
            // What all keys of a kind begin and end with is no secret.
            let pieces = value.as_bytes().chunks_exact(PIECE).skip(2);
            let inner = pieces.filter(|piece| {
                let decoded = STANDARD.decode(piece).expect("a piece of base64");
                !decoded.contains(&b'-')
            });
            secrets.extend(inner.map(lossy));
        } else if name.ends_with("token") || name.ends_with("secret") {
            secrets.push(value[..value.len().min(PIECE)].to_owned());
        }
    }
    secrets
}

#[test]
fn client_configs_have_their_own_key_and_no_other_secret() {
    let folder = tempfile::TempDir::new().unwrap();
    let run = |arguments: &[&str]| {
        let mut command = judge(arguments);
        command.current_dir(folder.path()).output().unwrap()
    };
    let read = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
    run(&["gen", "secrets", "--talos-version", "v1.6"]);
    let secrets = secret_values(&read("secrets.yaml"));
    assert!(secrets.len() > 50);
    let source = ["--with-secrets", "secrets.yaml", "--name", "prod"];
    let endpoint = ["--endpoint", "https://kube.example.org:6443"];
    let commands: [&[&[&str]]; 6] = [
        &[&["config", "new"], &source],
        &[&["config", "new", "--merge"], &source],
        &[&["config", "new", "--if-expires-within", "30d"], &source],
        &[&["config", "info", "talosconfig"]],
        &[&["config", "info", "talosconfig", "--format", "json"]],
        &[&["kubeconfig"], &source, &endpoint],
    ];
    let mut outputs = Vec::new();
    for arguments in commands {
        let output = run(&arguments.concat());
        assert!(output.status.success(), "{arguments:?}");
        outputs.push(output);
    }
    for file in ["talosconfig", "kubeconfig"] {
        let text = read(file);
        assert_silent(file, text.as_bytes(), &secrets);
        let own = secret_values(&text);
        assert!(!own.is_empty(), "{file}");
        for output in &outputs {
            assert_silent(file, &output.stdout, &own);
            assert_silent(file, &output.stderr, &own);
        }
    }
    for output in &outputs {
        assert_silent("a client's file", &output.stdout, &secrets);
        assert_silent("a client's file", &output.stderr, &secrets);
    }
}

#[test]
fn a_damaged_talosconfig_is_not_quoted() {
    let folder = tempfile::TempDir::new().unwrap();
    let run = |arguments: &[&str]| {
        let mut command = judge(arguments);
        command.current_dir(folder.path()).output().unwrap()
    };
    run(&["gen", "secrets", "--talos-version", "v1.6"]);
    let source = ["--with-secrets", "secrets.yaml", "--name", "prod"];
    run(&[&["config", "new"][..], &source].concat());
    let path = folder.path().join("talosconfig");
    let text = fs::read_to_string(&path).unwrap();
    let secrets = secret_values(&text);
    assert!(!secrets.is_empty());
    for damaged in [
        text.replace("key: ", "key: [ "),
        text.replace("key: ", "key:\n  - {"),
        text.replace("key: ", "crt: "),
        text.replace("key: ", "nodes: "),
        text.replace("key: ", "key: \"\\x"),
        text.replace("key: ", "auth: "),
        text.replace("LS0t", "LS1t"),
    ] {
        fs::write(&path, damaged).unwrap();
        for arguments in [
            &["config", "info", "talosconfig"][..],
            &["config", "info", "talosconfig", "--format", "json"],
            &[&["config", "new", "--merge"][..], &source].concat(),
        ] {
            let output = run(arguments);
            assert_silent("a damaged file", &output.stdout, &secrets);
            assert_silent("a damaged file", &output.stderr, &secrets);
        }
    }
}
