//! `config new`: a certificate with the roles asked for, under the name that Talos gives it.

use talos_pki::pki::{KeyAlgorithm, KeyGeneration};
use talos_pki::talos::Talosconfig;

use crate::cluster::{
    self, Cluster, authority, certificate, credentials, fails, succeeds, validity,
};
use crate::fixture::{NOW, talos_pki};

#[test]
fn the_certificate_is_the_one_that_talos_would_issue() {
    let cluster = Cluster::new();
    let roles = "os:reader, os:etcd:backup";
    cluster.config_new(&["--name", "prod", "--roles", roles, "--crt-ttl", "36h"]);
    let config = cluster.talosconfig("talosconfig");
    let credentials = credentials(&config, "prod");
    let certificate = &credentials.certificate;
    assert_eq!(
        certificate.subject.organizations(),
        // DER puts the shorter one first.
        ["os:reader", "os:etcd:backup"]
    );
    assert_eq!(certificate.subject.common_name(), "");
    let usage = certificate.extended_key_usage.clone().unwrap();
    assert!(usage.client_auth && !usage.server_auth && !usage.any && usage.others == 0);
    assert!(certificate.basic_constraints.is_none());
    assert_eq!(certificate.validity.not_before, NOW.parse().unwrap());
    let end = "2026-12-02T12:00:00Z".parse().unwrap();
    assert_eq!(certificate.validity.not_after, end);
    let os = cluster::bundle().os;
    assert!(certificate.is_issued_by(os.certificate()));
    assert_eq!(credentials.authorities.len(), 1);
    assert_eq!(credentials.authorities[0].der(), os.certificate().der());
    assert_eq!(*credentials.key.public_key(), certificate.public_key);
}

#[test]
fn a_context_is_named_as_talos_names_it() {
    let cluster = Cluster::new();
    let name = |arguments: &[&str]| {
        let output = cluster.run(&[&["config", "new", "-"], arguments].concat());
        succeeds(&output);
        let config = Talosconfig::read(&output.stdout).unwrap();
        assert_eq!(config.contexts().count(), 1);
        config.current().to_owned()
    };
    let bundle = ["--with-secrets", "secrets.yaml"];
    let with_bundle = |more: &[&str]| name(&[&bundle, more].concat());
    assert_eq!(with_bundle(&["--name", "prod"]), "admin@prod");
    let backup = ["--name", "prod", "--roles", "os:etcd:backup"];
    assert_eq!(with_bundle(&backup), "etcd:backup@prod");
    let two = [
        "--name",
        "p",
        "--roles",
        "os:reader",
        "--roles",
        "os:operator",
    ];
    assert_eq!(with_bundle(&two), "p");
    let twice = ["--name", "p", "--roles", "os:reader,os:reader"];
    assert_eq!(with_bundle(&twice), "reader@p");
    assert_eq!(with_bundle(&["--context", "mine"]), "mine");
    for file in ["old.yaml", "new.yaml"] {
        let configuration = ["--from-controlplane-config", file];
        assert_eq!(name(&configuration), "admin@prod");
        let other = [&configuration[..], &["--name", "other"]].concat();
        assert_eq!(name(&other), "admin@other");
    }
}

#[test]
fn endpoints_and_nodes_are_written() {
    let cluster = Cluster::new();
    let lists = ["--endpoints", "10.0.0.1,10.0.0.2", "--nodes", "n1"];
    let more = ["--name", "prod", "--endpoints", "::1"];
    cluster.config_new(&[&lists[..], &more].concat());
    let config = cluster.talosconfig("talosconfig");
    let context = config.context("admin@prod").unwrap();
    assert_eq!(context.endpoints(), ["10.0.0.1", "10.0.0.2", "::1"]);
    assert_eq!(context.nodes(), ["n1"]);
}

#[test]
fn the_key_is_of_the_kind_that_talos_makes_under_the_ca() {
    let decade = validity("2026-01-01", "2035-01-01");
    for (kind, expected) in [
        (KeyGeneration::EcdsaP256, "ECDSA-P256"),
        (KeyGeneration::Rsa(2048), "RSA-4096"),
        (KeyGeneration::Ed25519, "Ed25519"),
    ] {
        let mut bundle = cluster::bundle();
        bundle.os = authority(7, kind, decade);
        let cluster = Cluster::of(&bundle);
        cluster.config_new(&["--name", "prod"]);
        let config = cluster.talosconfig("talosconfig");
        let certificate = certificate(config.context("admin@prod").unwrap());
        let algorithm: &KeyAlgorithm = certificate.public_key.algorithm();
        assert_eq!(algorithm.to_string(), expected);
        assert!(certificate.is_issued_by(bundle.os.certificate()));
        succeeds(&cluster.run(&["config", "info", "talosconfig"]));
    }
}

#[test]
fn a_ca_that_does_not_hold_issues_nothing() {
    let cluster = Cluster::new();
    let arguments = [
        "config",
        "new",
        "--with-secrets",
        "secrets.yaml",
        "--name",
        "prod",
    ];
    let ended = fails(&cluster.run_at("2036-01-01", &arguments));
    assert!(ended.contains("ended on 2035-12-30"), "{ended}");
    let not_begun = fails(&cluster.run_at("2025-12-31", &arguments));
    assert!(not_begun.contains("begins on 2026-01-01"), "{not_begun}");
    assert!(!cluster.path().join("talosconfig").exists());
}

#[test]
fn what_is_empty_is_no_name_and_no_address() {
    let cluster = Cluster::new();
    let new = ["config", "new", "--with-secrets", "secrets.yaml"];
    for (empty, flag) in [
        (&["--name", ""][..], "--name"),
        (&["--name", "prod", "--context", ""], "--context"),
        (&["--name", "prod", "--endpoints", "a,,b"], "--endpoints"),
        (&["--name", "prod", "--nodes", ""], "--nodes"),
    ] {
        let words = fails(&cluster.run(&[&new[..], empty].concat()));
        assert!(words.contains(flag), "{words}");
    }
    assert!(!cluster.path().join("talosconfig").exists());
}

#[test]
fn of_a_short_lifetime_the_minute_is_told() {
    let cluster = Cluster::new();
    let words = cluster.config_new(&["--name", "prod", "--crt-ttl", "5m"]);
    assert!(words.contains("until 2026-12-01 00:05 UTC"), "{words}");
}

#[test]
fn a_certificate_that_outlives_its_ca_is_warned_of() {
    let cluster = Cluster::new();
    let words = cluster.config_new(&["--name", "prod", "--crt-ttl", "20y"]);
    assert!(words.contains("2035-12-30; from then on nobody"), "{words}");
    let words = cluster.config_new(&["--name", "prod", "--force"]);
    assert!(!words.contains("warning"), "{words}");
}

#[test]
fn roles_depend_on_the_version_of_talos() {
    let cluster = Cluster::new();
    let arguments = ["--name", "prod", "--roles", "os:meta:writer", "--force"];
    let version = |version| {
        let fixed = ["config", "new", "--with-secrets", "secrets.yaml"];
        let arguments = [&fixed[..], &arguments, &["--talos-version", version]].concat();
        cluster.run(&arguments)
    };
    succeeds(&version("v1.13"));
    let words = fails(&version("v1.12"));
    assert!(words.contains("it has os:admin, os:operator"), "{words}");
    assert!(!words.contains("os:image:verifier"), "{words}");
}

#[test]
fn one_source_and_no_two_are_needed() {
    for arguments in [
        &["config", "new"][..],
        &["kubeconfig"],
        &[
            "config",
            "new",
            "--with-secrets",
            "a",
            "--from-controlplane-config",
            "b",
        ],
    ] {
        fails(&talos_pki(arguments).output().unwrap());
    }
}

#[test]
fn a_folder_is_made_for_the_file_and_hosts_have_no_blanks() {
    let cluster = Cluster::new();
    let new = [
        "config",
        "new",
        "--with-secrets",
        "secrets.yaml",
        "--name",
        "prod",
    ];
    succeeds(&cluster.run(&[&new[..], &["new/folder/file"]].concat()));
    assert_eq!(
        cluster.talosconfig("new/folder/file").current(),
        "admin@prod"
    );
    for flag in ["--endpoints", "--nodes"] {
        for (hosts, told) in [("a, b", "no host has a blank"), ("a,,b", "it is empty")] {
            let words = fails(&cluster.run(&[&new[..], &[flag, hosts, "other"]].concat()));
            assert!(words.contains(told), "{words}");
        }
    }
}
