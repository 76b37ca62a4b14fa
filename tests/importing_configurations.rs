//! `gen secrets --from-controlplane-config`: what a configuration lacks is not made up in silence.

#![allow(
    clippy::unwrap_used,
    reason = "what a test needs and does not get is its failure"
)]

mod fixture;
mod talos_files;

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;

use fixture::{copy_of, judge};
use talos_files::{
    BOOTSTRAP_TOKEN, CLUSTER_ID, CLUSTER_SECRET, ENCRYPTION_SECRET, TRUSTD_TOKEN,
    control_plane_documents, control_plane_fields,
};
use talos_pki::cluster::CaSlot;
use talos_pki::talos::Bundle;
use tempfile::TempDir;

/// The rules that found something, the exit status, and what was printed.
struct Run {
    rules: BTreeSet<String>,
    status: i32,
    bundle: Vec<u8>,
    words: String,
}

impl Run {
    /// Whether it says `text`, in whichever lines.
    fn says(&self, text: &str) -> bool {
        let words: Vec<_> = self.words.split_whitespace().collect();
        words.join(" ").contains(text)
    }
}

fn import(configuration: &str, more: &[&str]) -> Run {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("controlplane.yaml");
    fs::write(&file, configuration).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    let file = file.to_str().unwrap();
    let arguments = [
        "gen",
        "secrets",
        "-o",
        "-",
        "--from-controlplane-config",
        file,
    ];
    let output = judge(&[&arguments, more].concat()).output().unwrap();
    let words = String::from_utf8(output.stderr).unwrap();
    let rules = words.lines().filter_map(|line| {
        let rest = line
            .strip_prefix("error[")
            .or(line.strip_prefix("warning["))?;
        Some(rest.split_once("]: ")?.0.to_owned())
    });
    Run {
        rules: rules.collect(),
        status: output.status.code().unwrap(),
        bundle: output.stdout,
        words,
    }
}

/// Without the first line that has `piece` in it, whose field is then missing.
fn without(configuration: &str, piece: &str) -> String {
    let (before, after) = configuration.split_once(piece).expect(piece);
    let line = before.rfind('\n').map_or(0, |end| end + 1);
    let rest = after.split_once('\n').map_or("", |(_, rest)| rest);
    format!("{}{rest}", &before[..line])
}

fn of(rules: &[&str]) -> BTreeSet<String> {
    rules.iter().map(ToString::to_string).collect()
}

#[test]
fn what_a_configuration_lacks_is_told() {
    for (whole, usual) in [
        (control_plane_fields(), &[][..]),
        // Its provider `identity` has no place in a bundle.
        (control_plane_documents(), &["not-in-bundle"]),
    ] {
        let run = import(&whole, &[]);
        assert_eq!((&run.rules, run.status), (&of(usual), 0), "{}", run.words);
        for (piece, rule, status) in [
            (TRUSTD_TOKEN, "missing-trustd-token", 1),
            (BOOTSTRAP_TOKEN, "token-unknown", 0),
            (CLUSTER_ID, "missing-cluster-identity", 0),
            (CLUSTER_SECRET, "missing-cluster-identity", 0),
            (ENCRYPTION_SECRET, "encryption-at-rest", 0),
        ] {
            // Neither what is not there nor what is empty is a value.
            for configuration in [without(&whole, piece), whole.replacen(piece, "''", 1)] {
                let run = import(&configuration, &[]);
                let mut expected = of(usual);
                expected.insert(rule.to_owned());
                if piece == ENCRYPTION_SECRET && !usual.is_empty() {
                    // A key without a secret is told as well.
                    assert!(run.says("a key without a secret"), "{}", run.words);
                }
                assert_eq!(
                    (&run.rules, run.status),
                    (&expected, status),
                    "{}",
                    run.words
                );
            }
        }
    }
}

#[test]
fn a_new_token_for_trustd_has_to_be_asked_for() {
    let configuration = without(&control_plane_fields(), TRUSTD_TOKEN);
    let run = import(&configuration, &["--allow", "missing-trustd-token"]);
    assert_eq!(run.status, 0, "{}", run.words);
    let token = Bundle::read(&run.bundle).unwrap().trustd_token;
    assert!(talos_pki::talos::random::is_token(token.expose()));
    assert!(token.expose() != TRUSTD_TOKEN);
}

#[test]
fn a_key_management_service_cannot_come_into_a_bundle() {
    let known =
        "            - secretbox:\n                keys:\n                    - name: key2\n";
    let kms = "            - kms:\n                apiVersion: v2\n                name: vault\n                endpoint: unix:///run/kms.sock\n";
    let configuration = without(&control_plane_documents(), ENCRYPTION_SECRET);
    assert!(configuration.contains(known));
    let run = import(&configuration.replacen(known, kms, 1), &[]);
    assert_eq!(run.rules, of(&["encryption-at-rest", "not-in-bundle"]));
    assert!(run.says("the provider `kms`"), "{}", run.words);
}

#[test]
fn a_missing_ca_is_an_error_that_a_flag_or_a_person_can_answer() {
    let copy = copy_of("kubeadm/ecdsa-p384");
    let pki = copy.path().join("pki");
    let certificate = pki.join("ca.crt");
    let key = pki.join("ca.key");
    let files = [certificate.to_str().unwrap(), key.to_str().unwrap()];
    for (piece, rule, place, flag, slot) in [
        (
            "machine.ca.crt",
            "missing-os-ca",
            "machine.ca.crt",
            "os-ca",
            CaSlot::Os,
        ),
        (
            "cluster.ca.key",
            "missing-kubernetes-ca-key",
            "cluster.ca.key",
            "kubernetes-ca",
            CaSlot::Kubernetes,
        ),
    ] {
        let whole = control_plane_fields();
        let (section, field) = piece.rsplit_once(".ca.").unwrap();
        let start = whole.find(&format!("\n{section}:")).unwrap();
        let ca = start + whole[start..].find("\n    ca:\n").unwrap();
        let field = ca + whole[ca..].find(&format!("        {field}: ")).unwrap();
        let end = field + whole[field..].find('\n').unwrap();
        let configuration = format!("{}{}", &whole[..field], &whole[end + 1..]);

        let run = import(&configuration, &[]);
        assert_eq!((&run.rules, run.status), (&of(&[rule]), 1), "{}", run.words);
        assert!(run.says(&format!("there is no `{place}`")), "{}", run.words);
        assert!(run.bundle.is_empty());
        let run = import(&configuration, &["--allow", rule]);
        assert_eq!(run.status, 0, "{}", run.words);
        let made = Bundle::read(&run.bundle).unwrap();
        assert!(
            made.authority(slot)
                .certificate()
                .validity
                .not_before
                .to_string()
                .starts_with("2026-12-01")
        );

        let flags = [format!("--{flag}-crt"), format!("--{flag}-key")];
        let run = import(&configuration, &[&flags[0], files[0], &flags[1], files[1]]);
        assert_eq!(run.status, 0, "{}", run.words);
        // The certificate was there, and is replaced with its key.
        let replaces = slot == CaSlot::Kubernetes;
        assert_eq!(run.says("replaced-by-flag"), replaces, "{}", run.words);
        let given = Bundle::read(&run.bundle).unwrap();
        let pem = given.authority(slot).certificate().to_pem();
        assert_eq!(pem, fs::read_to_string(&certificate).unwrap());
    }
}

#[test]
fn what_a_flag_gives_is_told_apart_from_what_is_imported() {
    let copy = copy_of("kubeadm/ecdsa-p384");
    let pki = copy.path().join("pki");
    let file = |name| pki.join(name).to_str().unwrap().to_owned();
    let (certificate, key, account) = (file("ca.crt"), file("ca.key"), file("sa.key"));
    let flags = [
        ["--kubernetes-ca-crt", &certificate],
        ["--kubernetes-ca-key", &key],
        ["--service-account-key", &account],
    ];
    let run = import(&control_plane_fields(), &flags.concat());
    assert_eq!(run.status, 0, "{}", run.words);
    assert_eq!(run.rules, of(&["replaced-by-flag"]));
    for said in [
        "the Kubernetes CA of the cluster is replaced by the one of a flag",
        "controlplane.yaml: cluster.ca.crt: CN=kubernetes",
        "controlplane.yaml: cluster.serviceAccount.key: key sha256:",
        "imported etcd CA, Aggregator CA, Talos OS CA, trustd token",
        "given Kubernetes CA, service-account key",
    ] {
        assert!(run.says(said), "{said}: {}", run.words);
    }
    // The same key is the same trust.
    let own = copy_of("kubeadm/ecdsa-p256");
    let own = own.path().join("pki/sa.key");
    let run = import(
        &control_plane_fields(),
        &["--service-account-key", own.to_str().unwrap()],
    );
    assert_eq!(run.rules, of(&[]), "{}", run.words);
    assert!(run.says("given service-account key"), "{}", run.words);
}
