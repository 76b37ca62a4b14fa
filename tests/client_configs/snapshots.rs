//! What a person sees, word for word.

use std::process::Output;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use insta::{Settings, assert_snapshot};

use crate::cluster::{Cluster, ENDPOINT};
use crate::fixture::talos_pki;

fn settings() -> Settings {
    let mut settings = Settings::clone_current();
    // The CA is always the same one, the client's key is not.
    settings.add_filter(
        r#""fingerprint": "sha256:[0-9a-f]{64}""#,
        r#""fingerprint": "sha256:[key]""#,
    );
    settings.set_omit_expression(true);
    settings.set_prepend_module_to_snapshot(false);
    settings.set_snapshot_path("../snapshots/client_configs");
    settings
}

/// Standard output with shortened PEM, standard error and exit status in one text.
fn transcript(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    let shortened: String = text(&output.stdout).lines().map(shortened).collect();
    let status = output.status.code().unwrap();
    let words = text(&output.stderr);
    format!("{shortened}--- stderr\n{words}--- exit status {status}")
}

/// A line with its value as the label of the PEM inside.
fn shortened(line: &str) -> String {
    let pem = line.split_once(": ").and_then(|(name, value)| {
        let decoded = String::from_utf8(STANDARD.decode(value).ok()?).ok()?;
        let label = decoded.lines().next()?.to_owned();
        label
            .starts_with("-----")
            .then(|| format!("{name}: [{label}]\n"))
    });
    pem.unwrap_or_else(|| format!("{line}\n"))
}

#[test]
fn talosconfig_and_kubeconfig() {
    let cluster = Cluster::new();
    let config = ["config", "new", "--from-controlplane-config", "new.yaml"];
    let lists = ["--endpoints", "10.0.0.1,10.0.0.2", "--nodes", "10.0.0.9"];
    let talosconfig = cluster.run(&[&config[..], &lists, &["-"]].concat());
    let kubeconfig = cluster.run(&["kubeconfig", "--from-controlplane-config", "old.yaml", "-"]);
    settings().bind(|| {
        assert_snapshot!("talosconfig", transcript(&talosconfig));
        assert_snapshot!("kubeconfig", transcript(&kubeconfig));
    });
}

#[test]
fn information_on_a_talosconfig() {
    let cluster = Cluster::new();
    let lists = ["--endpoints", "10.0.0.1,10.0.0.2", "--nodes", "10.0.0.9"];
    cluster.config_new(&[&lists[..], &["--name", "prod"]].concat());
    let all = "os:admin,os:operator,os:reader,os:etcd:backup,os:image:verifier,os:meta:writer";
    let merge = ["--merge", "--name", "prod", "--roles"];
    cluster.config_new(&[&merge[..], &[all]].concat());
    cluster.config_new(&[&merge[..], &["os:reader", "--crt-ttl", "12h"]].concat());
    let omni = "    omni:\n        endpoints:\n            - https://example.omni.siderolabs.io\n        auth:\n            siderov1:\n                identity: jane@example.org\n    prod:\n";
    let text = cluster.read("talosconfig").replace("    prod:\n", omni);
    cluster.write("talosconfig", text);
    let info = ["config", "info", "talosconfig"];
    let later = cluster.run_at("2026-12-02", &info);
    let shown = transcript(&later);
    assert!(
        shown.lines().all(|line| line.chars().count() <= 80),
        "{shown}"
    );
    let json = cluster.run(&[&info[..], &["--format", "json"]].concat());
    let old = cluster.run(&[&info[..], &["--talos-version", "v1.12"]].concat());
    settings().bind(|| {
        assert_snapshot!("info", shown);
        assert_snapshot!("info_json", transcript(&json));
        assert_snapshot!("info_old_talos", transcript(&old));
    });
}

#[test]
fn wrong_usage_and_unusable_input() {
    let cluster = Cluster::new();
    cluster.write("empty", "");
    cluster.write(
        "damaged",
        "contexts:\n  a:\n    endpoints: 5\n    nodes: {}\n",
    );
    cluster.write("no-bundle", "cluster: {}\n");
    let without_name = cluster.read("old.yaml");
    let without_name = without_name
        .lines()
        .filter(|line| !line.contains("clusterName") && !line.contains("endpoint: "));
    let without_name = without_name.collect::<Vec<_>>().join("\n");
    cluster.write("nameless.yaml", without_name);
    let bundle = ["--with-secrets", "secrets.yaml"];
    let nameless = ["--from-controlplane-config", "nameless.yaml"];
    let cases: &[(&str, &[&[&str]])] = &[
        ("no_source", &[&["config", "new"]]),
        ("no_name", &[&["config", "new"], &bundle]),
        ("no_name_in_configuration", &[&["config", "new"], &nameless]),
        (
            "unknown_role",
            &[
                &["config", "new", "--name", "p", "--roles", "os:reader,admin"],
                &bundle,
            ],
        ),
        (
            "unknown_role_of_old_talos",
            &[
                &["config", "new", "--name", "p", "--roles", "os:meta:writer"],
                &["--talos-version", "v1.12"],
                &bundle,
            ],
        ),
        (
            "bad_lifetime",
            &[
                &["config", "new", "--name", "p", "--crt-ttl", "0h"],
                &bundle,
            ],
        ),
        (
            "no_bundle",
            &[&[
                "config",
                "new",
                "--name",
                "p",
                "--with-secrets",
                "no-bundle",
            ]],
        ),
        (
            "no_file",
            &[&["config", "new", "--name", "p", "--with-secrets", "nowhere"]],
        ),
        (
            "exists",
            &[&["config", "new", "--name", "p", "old.yaml"], &bundle],
        ),
        ("info_empty", &[&["config", "info", "empty"]]),
        ("info_damaged", &[&["config", "info", "damaged"]]),
        ("info_other_file", &[&["config", "info", "secrets.yaml"]]),
        (
            "kubeconfig_no_endpoint",
            &[&["kubeconfig", "--name", "p"], &bundle],
        ),
        (
            "kubeconfig_no_endpoint_in_configuration",
            &[&["kubeconfig", "--name", "p"], &nameless],
        ),
        (
            "kubeconfig_http",
            &[
                &["kubeconfig", "--name", "p", "--endpoint", "http://a"],
                &bundle,
            ],
        ),
        (
            "kubeconfig_no_user",
            &[
                &[
                    "kubeconfig",
                    "--name",
                    "p",
                    "--user",
                    "",
                    "--endpoint",
                    ENDPOINT,
                ],
                &bundle,
            ],
        ),
    ];
    for (name, arguments) in cases {
        let output = cluster.run(&arguments.concat());
        settings().bind(|| assert_snapshot!(format!("wrong_{name}"), transcript(&output)));
    }
}

#[test]
fn help() {
    for (name, arguments) in [
        ("config", &["config", "--help"][..]),
        ("config_new", &["config", "new", "--help"]),
        ("config_info", &["config", "info", "--help"]),
        ("kubeconfig", &["kubeconfig", "--help"]),
    ] {
        let output = talos_pki(arguments).output().unwrap();
        settings().bind(|| assert_snapshot!(format!("help_{name}"), transcript(&output)));
    }
}
