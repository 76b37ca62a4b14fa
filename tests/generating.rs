//! The configurations of a cluster: `gen config`.
//!
//! That they are Talos's own to the byte is proven by `scripts/peers`; here is what can be seen
//! without it.

#![allow(
    clippy::unwrap_used,
    reason = "what a test needs and does not get is its failure"
)]

mod fixture;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Output;

use fixture::{TOKEN, copy_of, judge};
use insta::{Settings, assert_snapshot};
use tempfile::TempDir;

const NAME_AND_ENDPOINT: [&str; 4] = ["gen", "config", "prod", "https://10.0.0.1:6443"];

/// A folder with `secrets.yaml`, the bundle of a cluster that was imported.
fn folder_with_bundle() -> TempDir {
    let folder = copy_of("kubeadm/ecdsa-p256");
    let made = judge(&["gen", "secrets", "-p", "pki", "-t", TOKEN])
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert!(made.status.success(), "{}", text(&made.stderr));
    folder
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("UTF-8")
}

fn generate(folder: &Path, arguments: &[&str]) -> Output {
    let arguments = [&NAME_AND_ENDPOINT, arguments].concat();
    judge(&arguments).current_dir(folder).output().unwrap()
}

/// One configuration of the bundle in `folder`, on standard output.
fn config(folder: &Path, machine: &str, arguments: &[&str]) -> String {
    let arguments = [
        &["--with-secrets", "secrets.yaml", "-t", machine, "-o", "-"],
        arguments,
    ]
    .concat();
    let made = generate(folder, &arguments);
    assert!(made.status.success(), "{}", text(&made.stderr));
    text(&made.stdout)
}

/// Masks what is made anew with every bundle.
fn masked() -> Settings {
    let mut settings = Settings::clone_current();
    settings.add_filter(r"LS0t[A-Za-z0-9+/]{60,}=*", "[PEM in base64]");
    settings.add_filter(
        r"-----BEGIN ([A-Z ]+)-----\n(?:\s+[A-Za-z0-9+/=]+\n)+\s+-----END [A-Z ]+-----",
        "[$1]",
    );
    settings.add_filter(r#"token: "?[0-9a-z]{6}\.[0-9a-z]{16}"?"#, "token: [token]");
    settings.add_filter(r": [A-Za-z0-9+/]{43}=", ": [32 bytes]");
    settings.set_omit_expression(true);
    settings.set_prepend_module_to_snapshot(false);
    settings
}

#[test]
fn each_contract_has_its_documents() {
    let folder = folder_with_bundle();
    for machine in ["controlplane", "worker"] {
        let contracts: Vec<String> = (3..=15).map(|minor| format!("v1.{minor}")).collect();
        let of = |contract: &String| {
            let arguments = [
                "--talos-version",
                contract,
                "--kubernetes-version",
                "1.34.1",
            ];
            config(folder.path(), machine, &arguments)
        };
        let configs: Vec<String> = contracts.iter().map(of).collect();
        // Versions that are written the same share a snapshot.
        let mut start = 0;
        for end in 1..=configs.len() {
            if configs.get(end) == Some(&configs[start]) {
                continue;
            }
            let name = format!("{machine}_{}_to_{}", contracts[start], contracts[end - 1]);
            masked().bind(|| assert_snapshot!(name, configs[start]));
            start = end;
        }
    }
}

#[test]
fn every_option_has_its_place() {
    let folder = folder_with_bundle();
    for contract in ["v1.10", "v1.12", "v1.13", "v1.14"] {
        // KubeSpan needs discovery, so each of the two has a machine of its own.
        for (machine, network) in [
            ("controlplane", "--with-cluster-discovery=false"),
            ("worker", "--with-kubespan"),
        ] {
            let options = [
                network,
                "--talos-version",
                contract,
                "--kubernetes-version=v1.34.1",
                "--additional-sans=192.0.2.7,api.example.org",
                "--additional-sans=::1",
                "--dns-domain=k8s.example.org",
                "--install-disk=/dev/nvme0n1",
                "--install-image=example.org/installer:v1",
            ];
            let config = config(folder.path(), machine, &options);
            let name = format!("options_{machine}_{contract}");
            masked().bind(|| assert_snapshot!(name, config));
        }
    }
}

#[test]
fn the_bundle_comes_back_out_of_every_contract() {
    let folder = folder_with_bundle();
    let bundle = fs::read(folder.path().join("secrets.yaml")).unwrap();
    for minor in 3..=15 {
        let contract = format!("v1.{minor}");
        let config = config(
            folder.path(),
            "controlplane",
            &["--talos-version", &contract],
        );
        fs::write(folder.path().join("controlplane.yaml"), config).unwrap();
        let from = [
            "gen",
            "secrets",
            "--from-controlplane-config",
            "controlplane.yaml",
            "-o",
            "-",
        ];
        let back = judge(&from).current_dir(folder.path()).output().unwrap();
        assert_eq!(text(&back.stdout), text(&bundle), "{contract}");
    }
}

#[test]
fn three_files_are_written_for_their_owner_alone() {
    let folder = folder_with_bundle();
    let made = generate(
        folder.path(),
        &["--with-secrets", "secrets.yaml", "-o", "out/configs"],
    );
    assert!(made.status.success(), "{}", text(&made.stderr));
    assert_eq!(made.stdout, b"");
    for name in ["controlplane.yaml", "worker.yaml", "talosconfig"] {
        let file = folder.path().join("out/configs").join(name);
        assert_eq!(
            file.metadata().unwrap().permissions().mode() & 0o777,
            0o600,
            "{name}"
        );
    }
    assert_snapshot!("wrote_three_files", text(&made.stderr));
}

#[test]
fn they_are_readable_by_all_if_asked_for() {
    let folder = folder_with_bundle();
    let arguments = [
        "--with-secrets",
        "secrets.yaml",
        "-t",
        "worker",
        "-o",
        "w.yaml",
    ];
    let made = generate(
        folder.path(),
        &[&arguments[..], &["--world-readable"]].concat(),
    );
    assert!(made.status.success());
    let mode = folder
        .path()
        .join("w.yaml")
        .metadata()
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o644);
}

#[test]
fn one_file_in_the_way_keeps_all_from_being_written() {
    let folder = folder_with_bundle();
    fs::write(folder.path().join("talosconfig"), "mine").unwrap();
    let made = generate(folder.path(), &["--with-secrets", "secrets.yaml"]);
    assert_eq!(made.status.code(), Some(2));
    assert!(text(&made.stderr).contains("`talosconfig`: it exists already"));
    assert!(!folder.path().join("controlplane.yaml").exists());
    assert_eq!(
        fs::read(folder.path().join("talosconfig")).unwrap(),
        b"mine"
    );
    let forced = generate(
        folder.path(),
        &["--with-secrets", "secrets.yaml", "--force"],
    );
    assert!(forced.status.success());
    assert_ne!(
        fs::read(folder.path().join("talosconfig")).unwrap(),
        b"mine"
    );
}

#[test]
fn terraform_provider_talos_399_an_aescbc_key_stays_what_it_is() {
    let folder = TempDir::new().unwrap();
    let old = judge(&["gen", "secrets", "--talos-version", "v1.2"])
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert!(old.status.success());
    let bundle = fs::read_to_string(folder.path().join("secrets.yaml")).unwrap();
    let secret = bundle
        .lines()
        .find_map(|line| line.trim().strip_prefix("aescbcencryptionsecret: "))
        .unwrap();

    let kept = config(folder.path(), "controlplane", &["--talos-version", "v1.13"]);
    assert!(kept.contains(&format!("    aescbcEncryptionSecret: {secret}\n")));
    let kept = config(folder.path(), "controlplane", &["--talos-version", "v1.14"]);
    let (_, document) = kept.split_once("kind: KubeEtcdEncryptionConfig\n").unwrap();
    let (document, _) = document.split_once("---").unwrap();
    masked().bind(|| assert_snapshot!("aescbc_is_kept", document));

    let lost = ["--talos-version", "v1.13", "--lose-aescbc-key"];
    assert!(!config(folder.path(), "controlplane", &lost).contains(secret));
    let lost = ["--talos-version", "v1.14", "--lose-aescbc-key"];
    let lost = config(folder.path(), "controlplane", &lost);
    assert!(lost.contains("secretbox:") && !lost.contains("aescbc:"));
}

#[test]
fn a_worker_has_no_private_key_of_a_ca() {
    let folder = folder_with_bundle();
    for contract in ["v1.3", "v1.13", "v1.14"] {
        let config = config(folder.path(), "worker", &["--talos-version", contract]);
        assert!(!config.contains("PRIVATE KEY"), "{contract}");
        // "-----BEGIN EC P" and "-----BEGIN ED2" in base64.
        assert!(!config.contains("LS0tLS1CRUdJTiBFQ"), "{contract}");
        assert!(!config.contains("LS0tLS1CRUdJTiBFRDI"), "{contract}");
    }
}

#[test]
fn a_bundle_that_would_break_is_refused() {
    let folder = folder_with_bundle();
    let late = [
        &NAME_AND_ENDPOINT,
        &["--with-secrets", "secrets.yaml", "--now=2040-01-01"][..],
    ];
    let output = fixture::talos_pki(&late.concat())
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("error[ca-expired]"));
    assert!(!folder.path().join("controlplane.yaml").exists());
}

#[test]
fn what_is_odd_is_pointed_out_and_what_is_wrong_refused() {
    let folder = folder_with_bundle();
    fs::write(folder.path().join("no-bundle.yaml"), "cluster: {}\n").unwrap();
    fs::write(folder.path().join("file"), "").unwrap();
    let machine = config(folder.path(), "controlplane", &[]);
    fs::write(folder.path().join("machine.yaml"), machine).unwrap();
    let with = ["--with-secrets", "secrets.yaml", "-t", "worker"];
    let endpoint = |endpoint: &'static str| vec!["gen", "config", "prod", endpoint];
    let defaults = NAME_AND_ENDPOINT.to_vec();
    let cases: Vec<(&str, Vec<&str>)> = vec![
        (
            "no_port",
            [endpoint("https://10.0.0.1"), with.to_vec()].concat(),
        ),
        ("no_scheme", endpoint("10.0.0.1:6443")),
        ("no_scheme_and_no_port", endpoint("10.0.0.1")),
        ("plain_http", endpoint("http://10.0.0.1:6443")),
        ("ipv6_without_brackets", endpoint("https://fd00::1")),
        ("ipv6_alone", endpoint("fd00::1")),
        ("ipv6_open_bracket", endpoint("https://[fd00::1:6443")),
        ("port_zero", endpoint("https://10.0.0.1:0")),
        ("port_too_large", endpoint("https://10.0.0.1:65536")),
        ("no_host", endpoint("https://:6443")),
        ("a_user", endpoint("https://me@10.0.0.1:6443")),
        ("a_space", endpoint("https://10.0.0.1 :6443")),
        (
            "empty_name",
            vec!["gen", "config", "", "https://10.0.0.1:6443"],
        ),
        (
            "old_talos",
            [&defaults[..], &["--talos-version", "1.2"]].concat(),
        ),
        (
            "new_talos",
            [&defaults[..], &with, &["--talos-version", "1.99", "-f"]].concat(),
        ),
        (
            "kubernetes_too_new",
            [&defaults[..], &with, &["--talos-version", "1.10", "-f"]].concat(),
        ),
        (
            "kubernetes_no_version",
            [&defaults[..], &["--kubernetes-version", "latest"]].concat(),
        ),
        (
            "two_types_on_stdout",
            [&defaults[..], &["-o", "-"]].concat(),
        ),
        ("unknown_type", [&defaults[..], &["-t", "init"]].concat()),
        (
            "disk_with_quotes",
            [&defaults[..], &["--install-disk", "/dev/\"sda"]].concat(),
        ),
        (
            "no_bundle",
            [&defaults[..], &["--with-secrets", "no-bundle.yaml"]].concat(),
        ),
        (
            "missing_bundle",
            [&defaults[..], &["--with-secrets", "missing.yaml"]].concat(),
        ),
        (
            "machine_config_for_a_bundle",
            [&defaults[..], &["--with-secrets", "machine.yaml"]].concat(),
        ),
        (
            "kubespan_alone",
            [
                &defaults[..],
                &["--with-kubespan", "--with-cluster-discovery=false"],
            ]
            .concat(),
        ),
        ("comments", [&defaults[..], &["--with-docs"]].concat()),
        (
            "folder_is_a_file",
            [&defaults[..], &["-o", "file"]].concat(),
        ),
    ];
    for (name, arguments) in cases {
        let output = judge(&arguments)
            .current_dir(folder.path())
            .output()
            .unwrap();
        let _ = fs::remove_file(folder.path().join("worker.yaml"));
        let status = output.status.code().unwrap();
        let shown = format!("{}--- exit status {status}", text(&output.stderr));
        assert_eq!(output.stdout, b"", "{name}");
        masked().bind(|| assert_snapshot!(format!("gen_config_{name}"), shown));
    }
}

/// Scripts for talosctl say so, which writes comments otherwise.
#[test]
fn without_comments_is_the_only_way() {
    let folder = folder_with_bundle();
    let flags = ["--with-docs=false", "--with-examples=false"];
    assert_eq!(
        config(folder.path(), "worker", &flags),
        config(folder.path(), "worker", &[])
    );
}

#[test]
fn a_folder_that_was_there_stays_and_a_new_one_goes_if_nothing_is_written() {
    let folder = TempDir::new().unwrap();
    fs::write(folder.path().join("junk.yaml"), "cluster: {}\n").unwrap();
    fs::create_dir(folder.path().join("old")).unwrap();
    for name in ["old", "new"] {
        let arguments = ["--with-secrets", "junk.yaml", "-o", name];
        let mut command = judge(&[&NAME_AND_ENDPOINT[..], &arguments].concat());
        command.current_dir(folder.path()).assert().failure();
    }
    assert!(folder.path().join("old").is_dir());
    assert!(!folder.path().join("new").exists());
}

/// As scripts say it where a variable is empty: talosctl takes it for no name.
#[test]
fn an_empty_list_of_names_is_none() {
    let folder = folder_with_bundle();
    for machine in ["controlplane", "worker"] {
        let none = config(folder.path(), machine, &[]);
        let empty = config(folder.path(), machine, &["--additional-sans="]);
        assert_eq!(empty, none, "{machine}");
    }
    let names = ["--additional-sans=a.example.org,", "--additional-sans="];
    let named = config(folder.path(), "controlplane", &names);
    let one = ["--additional-sans=a.example.org"];
    assert_eq!(named, config(folder.path(), "controlplane", &one));
}

#[test]
fn the_folder_of_a_single_file_is_made() {
    let folder = folder_with_bundle();
    let arguments = ["--with-secrets", "secrets.yaml", "-t", "worker", "-o"];
    let made = generate(
        folder.path(),
        &[&arguments[..], &["new/er/w.yaml"]].concat(),
    );
    assert!(made.status.success(), "{}", text(&made.stderr));
    let written = fs::read_to_string(folder.path().join("new/er/w.yaml")).unwrap();
    assert_eq!(written, config(folder.path(), "worker", &[]));
}
