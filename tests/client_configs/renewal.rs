//! `config new --if-expires-within`: renewed when it is due, and left alone otherwise.

use talos_pki::pki::KeyGeneration;

use crate::cluster::{self, Cluster, authority, certificate, fails, validity};
use crate::fixture::NOW;

/// Runs the renewal at `now`, and gives what it said and the exit status.
fn renew(cluster: &Cluster, now: &str, more: &[&str]) -> (String, i32) {
    let fixed = [
        "config",
        "new",
        "--with-secrets",
        "secrets.yaml",
        "--if-expires-within",
        "30d",
    ];
    let output = cluster.run_at(now, &[&fixed, more].concat());
    let words = String::from_utf8(output.stderr).unwrap();
    (words, output.status.code().unwrap())
}

/// A cluster with a talosconfig whose certificate ends on 2027-12-01.
fn with_talosconfig() -> Cluster {
    let cluster = Cluster::new();
    let lists = ["--endpoints", "10.0.0.1", "--nodes", "n1"];
    let names = ["--name", "prod", "--roles", "os:reader,os:operator"];
    cluster.config_new(&[lists, names].concat());
    cluster
}

#[test]
fn a_certificate_that_is_good_is_kept() {
    let cluster = with_talosconfig();
    let before = cluster.read("talosconfig");
    // The first moment at which 30 days are left, and no less.
    for now in [NOW, "2027-11-01T00:00:00Z"] {
        let (words, status) = renew(&cluster, now, &[]);
        assert_eq!(status, 0, "{words}");
        assert!(words.starts_with("kept "), "{words}");
        let (words, status) = renew(&cluster, now, &["--dry-run"]);
        assert_eq!(status, 1, "{words}");
    }
    assert_eq!(cluster.read("talosconfig"), before);
}

#[test]
fn one_that_ends_soon_is_renewed_with_its_roles_and_endpoints() {
    let cluster = with_talosconfig();
    let before = cluster.read("talosconfig");
    for now in ["2027-11-01T00:00:01Z", "2028-01-01T00:00:00Z"] {
        cluster.write("talosconfig", &before);
        let (words, status) = renew(&cluster, now, &["--dry-run"]);
        assert_eq!(status, 0, "{words}");
        assert!(words.starts_with("due "), "{words}");
        assert_eq!(cluster.read("talosconfig"), before);
        let (words, status) = renew(&cluster, now, &[]);
        assert_eq!(status, 0, "{words}");
        assert!(words.starts_with("renewed "), "{words}");
        let config = cluster.talosconfig("talosconfig");
        let context = config.context("prod").unwrap();
        let certificate = certificate(context);
        assert_eq!(certificate.validity.not_before, now.parse().unwrap());
        let roles = ["os:reader", "os:operator"];
        assert_eq!(certificate.subject.organizations(), roles);
        assert_eq!(context.endpoints(), ["10.0.0.1"]);
        assert_eq!(context.nodes(), ["n1"]);
        assert_eq!(config.contexts().count(), 1);
    }
}

#[test]
fn one_of_another_ca_is_renewed() {
    let cluster = with_talosconfig();
    let mut bundle = cluster::bundle();
    let decade = validity("2026-01-01", "2035-01-01");
    bundle.os = authority(9, KeyGeneration::Ed25519, decade);
    cluster.write("secrets.yaml", bundle.to_secret_yaml().expose());
    // Nobody vouches for the roles any more.
    let (words, status) = renew(&cluster, NOW, &[]);
    assert_eq!(status, 2, "{words}");
    assert!(words.contains("give --roles"), "{words}");
    let roles = ["--roles", "os:reader"];
    let (words, status) = renew(&cluster, NOW, &[&roles[..], &["--dry-run"]].concat());
    assert_eq!(status, 0, "{words}");
    assert!(words.contains("issued by another CA"), "{words}");
    renew(&cluster, NOW, &roles);
    let config = cluster.talosconfig("talosconfig");
    let certificate = certificate(config.context("prod").unwrap());
    assert!(certificate.is_issued_by(bundle.os.certificate()));
    let (words, status) = renew(&cluster, NOW, &["--dry-run"]);
    assert_eq!(status, 1, "{words}");
}

#[test]
fn roles_that_somebody_wrote_into_the_file_are_not_renewed() {
    let cluster = Cluster::new();
    let decade = validity("2026-01-01", "2035-01-01");
    let mut forged = cluster::bundle();
    forged.os = authority(11, KeyGeneration::Ed25519, decade);
    Cluster::of(&forged).config_new_into(cluster.path(), &["--context", "prod"]);
    for way in [&["--if-expires-within", "30d"][..], &["--replace"]] {
        let fixed = ["config", "new", "--with-secrets", "secrets.yaml"];
        let words = fails(&cluster.run(&[&fixed, way].concat()));
        assert!(words.contains("was not issued by this CA"), "{words}");
    }
}

#[test]
fn one_with_other_roles_than_asked_for_is_renewed() {
    let cluster = with_talosconfig();
    let (words, _) = renew(&cluster, NOW, &["--roles", "os:operator,os:reader"]);
    assert!(words.starts_with("kept "), "{words}");
    let (words, _) = renew(&cluster, NOW, &["--roles", "os:reader"]);
    assert!(words.starts_with("renewed "), "{words}");
}

#[test]
fn a_damaged_one_is_renewed() {
    let cluster = with_talosconfig();
    let text = cluster.read("talosconfig");
    let key = text.lines().find(|line| line.contains("key: ")).unwrap();
    cluster.write("talosconfig", text.replace(key, "        key: bm9uZQ=="));
    let (words, status) = renew(&cluster, NOW, &["--dry-run"]);
    assert_eq!(status, 0, "{words}");
    assert!(words.contains("`key` cannot be read"), "{words}");
}

#[test]
fn a_missing_file_or_context_is_made() {
    let cluster = Cluster::new();
    let name = ["--context", "prod"];
    let (words, status) = renew(&cluster, NOW, &[&name[..], &["--dry-run"]].concat());
    assert_eq!(status, 0, "{words}");
    assert!(words.contains("it is not there"), "{words}");
    let (words, status) = renew(&cluster, NOW, &name);
    assert_eq!(status, 0, "{words}");
    assert!(words.starts_with("made "), "{words}");
    let (words, _) = renew(&cluster, NOW, &["--context", "second"]);
    assert!(words.starts_with("made "), "{words}");
    let config = cluster.talosconfig("talosconfig");
    assert_eq!(config.contexts().count(), 2);
    assert_eq!(config.current(), "prod");
}

#[test]
fn a_lifetime_that_would_always_be_due_is_refused() {
    let cluster = with_talosconfig();
    let output = cluster.run(&[
        "config",
        "new",
        "--with-secrets",
        "secrets.yaml",
        "--if-expires-within",
        "30d",
        "--crt-ttl",
        "720h",
    ]);
    assert!(fails(&output).contains("each run would renew"));
}
