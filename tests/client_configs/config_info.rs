//! `config info`: which contexts Talos's API takes, and why not the others.

use serde_json::Value;
use talos_pki::pki::{
    CaPair, Certificate, KeyGeneration, LeafProfile, PrivateKey, Purpose, Subject, Validity,
    generate_key,
};
use talos_pki::talos::{Context, Talosconfig};

use crate::cluster::{self, Cluster, authority, fails, succeeds, validity};
use crate::fixture::{NOW, talos_pki};
use crate::known_cluster::Seeded;

/// A client, as an attacker or a mistake could make it.
struct Client<'a> {
    issuer: &'a CaPair,
    trusted: &'a Certificate,
    organizations: &'a [&'a str],
    purpose: Purpose,
    validity: Validity,
}

impl Client<'_> {
    fn context(&self) -> Context {
        let (certificate, key) = self.issue();
        Context::new(self.trusted, &certificate, &key)
    }

    fn issue(&self) -> (Certificate, PrivateKey) {
        let profile = LeafProfile {
            subject: Subject {
                common_name: None,
                organizations: self.organizations,
            },
            dns_names: &[],
            ip_addresses: &[],
            key_encipherment: false,
            purpose: self.purpose,
            validity: self.validity,
        };
        let mut rng = Seeded::new(3);
        profile.issue_with_fresh_key(self.issuer, &mut rng).unwrap()
    }
}

/// What `config info` says of a talosconfig with this one context, and its exit status.
fn info(context: Context, more: &[&str]) -> (Value, i32) {
    let cluster = Cluster::new();
    let config = Talosconfig::new("c", context);
    cluster.write("talosconfig", config.to_secret_yaml().expose());
    let fixed = ["config", "info", "talosconfig", "--format", "json"];
    let output = cluster.run(&[&fixed, more].concat());
    let mut report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let status = output.status.code().unwrap();
    (report["contexts"][0].take(), status)
}

#[test]
fn a_client_is_refused_for_what_apid_refuses() {
    let os = cluster::bundle().os;
    let trusted = os.certificate();
    let year = validity("2026-06-01", "2027-06-01");
    let other = authority(
        5,
        KeyGeneration::Ed25519,
        validity("2026-01-01", "2035-01-01"),
    );
    let ended = authority(
        6,
        KeyGeneration::Ed25519,
        validity("2020-01-01", "2026-11-30"),
    );
    let good = || Client {
        issuer: &os,
        trusted,
        organizations: &["os:admin"],
        purpose: Purpose::Client,
        validity: year,
    };
    let with_role = |organizations| Client {
        organizations,
        ..good()
    };
    let cases = [
        (good(), vec![]),
        (with_role(&["", "os:reader", "custom"]), vec![]),
        (
            Client {
                purpose: Purpose::ServerAndClient,
                ..good()
            },
            vec![
                "`crt` is not for a TLS client alone: its extended key usage is not just \
                  clientAuth",
            ],
        ),
        (
            Client {
                purpose: Purpose::Server,
                organizations: &[],
                ..good()
            },
            vec![
                "`crt` is not for a TLS client alone: its extended key usage is not just \
                 clientAuth",
                "`crt` has no role that Talos v1.14 knows, so every call is denied",
            ],
        ),
        (
            Client {
                issuer: &other,
                ..good()
            },
            vec!["`crt` was not issued by the CA in `ca`"],
        ),
        (
            Client {
                validity: validity("2020-01-01", "2026-11-30"),
                ..good()
            },
            vec!["`crt` has ended"],
        ),
        (
            Client {
                validity: validity("2026-12-02", "2027-12-02"),
                ..good()
            },
            vec!["`crt` does not hold yet"],
        ),
        (
            Client {
                issuer: &ended,
                trusted: ended.certificate(),
                ..good()
            },
            vec!["the CA in `ca` does not hold at this time"],
        ),
        (
            with_role(&["custom"]),
            vec!["`crt` has no role that Talos v1.14 knows, so every call is denied"],
        ),
    ];
    for (client, expected) in cases {
        let (context, status) = info(client.context(), &[]);
        assert_eq!(context["refusals"], Value::from(expected.clone()));
        assert_eq!(context["accepted"], Value::from(expected.is_empty()));
        assert_eq!(status, i32::from(!expected.is_empty()));
    }
}

#[test]
fn a_key_of_another_certificate_is_refused() {
    let os = cluster::bundle().os;
    let client = Client {
        issuer: &os,
        trusted: os.certificate(),
        organizations: &["os:admin"],
        purpose: Purpose::Client,
        validity: validity("2026-06-01", "2027-06-01"),
    };
    let (certificate, _) = client.issue();
    let other = generate_key(KeyGeneration::Ed25519, &mut Seeded::new(99)).unwrap();
    let (report, _) = info(Context::new(os.certificate(), &certificate, &other), &[]);
    assert_eq!(
        report["refusals"],
        Value::from(vec!["`key` is not the key of `crt`"])
    );
}

#[test]
fn a_role_is_unknown_to_a_talos_that_is_too_old() {
    let os = cluster::bundle().os;
    let client = Client {
        issuer: &os,
        trusted: os.certificate(),
        organizations: &["os:meta:writer"],
        purpose: Purpose::Client,
        validity: validity("2026-06-01", "2027-06-01"),
    };
    let (report, status) = info(client.context(), &["--talos-version", "v1.13"]);
    let known = &report["certificate"]["roles"];
    assert_eq!((known, status), (&Value::from(vec!["os:meta:writer"]), 0));
    let (report, status) = info(client.context(), &["--talos-version", "v1.12"]);
    let unknown = &report["certificate"]["unknown_roles"];
    assert_eq!((unknown, status), (&Value::from(vec!["os:meta:writer"]), 1));
}

#[test]
fn other_logins_are_not_judged() {
    let cluster = Cluster::new();
    let text = "\
context: omni
contexts:
  omni:
    endpoints: [https://example.omni.siderolabs.io]
    auth: {siderov1: {identity: jane@example.org}}
";
    cluster.write("talosconfig", text);
    let output = cluster.run(&["config", "info", "talosconfig"]);
    let shown = String::from_utf8(output.stdout.clone()).unwrap();
    succeeds(&output);
    assert!(shown.contains("by other means"), "{shown}");
    cluster.write("talosconfig", text.replace("auth", "other"));
    let output = cluster.run(&["config", "info", "talosconfig"]);
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn the_file_is_looked_for_where_talosctl_looks() {
    let cluster = Cluster::new();
    cluster.config_new(&["--name", "named"]);
    let path = cluster.path().join("talosconfig");
    let home = cluster.path().join("home");
    std::fs::create_dir_all(home.join(".talos")).unwrap();
    let shown = |variables: &[(&str, &std::path::Path)]| {
        let mut command = talos_pki(&["config", "info", "--now", NOW]);
        command.envs(variables.iter().copied());
        let output = command.output().unwrap();
        succeeds(&output);
        String::from_utf8(output.stdout).unwrap()
    };
    assert!(shown(&[("TALOSCONFIG", &path)]).contains("admin@named"));
    std::fs::rename(&path, home.join(".talos/config")).unwrap();
    assert!(shown(&[("HOME", &home)]).contains("admin@named"));
    // As talosctl, it goes on to the next place if there is nothing at the first.
    assert!(shown(&[("TALOSCONFIG", &path), ("HOME", &home)]).contains("admin@named"));
    let folder = home.join(".talos");
    assert!(shown(&[("TALOS_HOME", &folder)]).contains("admin@named"));
    let nowhere = talos_pki(&["config", "info"]).output().unwrap();
    assert!(fails(&nowhere).contains("$HOME"));
}

#[test]
fn a_name_from_the_file_does_nothing_to_the_terminal() {
    let cluster = Cluster::new();
    let text = "contexts:\n  \"\\e[31mred\": {endpoints: [\"\\e[2J\"]}\n";
    cluster.write("talosconfig", text);
    let output = cluster.run(&["config", "info", "talosconfig"]);
    assert!(!output.stdout.contains(&0x1b));
}

/// As `talosctl config info` takes it.
#[test]
fn talosctls_flag_names_the_file() {
    let cluster = Cluster::new();
    succeeds(&cluster.run(&[
        "config",
        "new",
        "--with-secrets",
        "secrets.yaml",
        "--name",
        "prod",
    ]));
    let told = |path: &[&str]| {
        let arguments = [&["config", "info"], path].concat();
        let output = cluster.run(&arguments);
        (
            output.status.code(),
            String::from_utf8(output.stdout).unwrap(),
        )
    };
    assert_eq!(
        told(&["--talosconfig", "talosconfig"]),
        told(&["talosconfig"])
    );
    assert_eq!(told(&["talosconfig"]).0, Some(0));
}
