//! A bundle or configuration on standard input, as `sops decrypt` or `age` gives it: it need be in
//! no file.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::cluster::{self, Cluster, ENDPOINT, fails, succeeds};
use crate::fixture::{NOW, talos_pki};

/// What the command writes if `file` is given to it, and if the same comes on standard input.
fn both_ways(cluster: &Cluster, arguments: &[&str], flag: &str, file: &str) -> [Vec<u8>; 2] {
    let from_file = cluster.run(&[arguments, &[flag, file]].concat());
    succeeds(&from_file);
    let mut command = talos_pki(&[arguments, &[flag, "-", "--now", NOW]].concat());
    command.current_dir(cluster.path());
    let from_input = command.write_stdin(cluster.read(file)).output().unwrap();
    succeeds(&from_input);
    [from_file.stdout, from_input.stdout]
}

#[test]
fn what_has_no_new_key_is_the_same() {
    let cluster = Cluster::new();
    let config = ["gen", "config", "prod", ENDPOINT, "-t", "worker", "-o", "-"];
    let secrets = ["gen", "secrets", "-o", "-"];
    for (arguments, flag, file) in [
        (&config[..], "--with-secrets", "secrets.yaml"),
        (&secrets[..], "--from-controlplane-config", "old.yaml"),
        (&secrets[..], "--from-controlplane-config", "new.yaml"),
    ] {
        let [from_file, from_input] = both_ways(&cluster, arguments, flag, file);
        assert!(!from_file.is_empty());
        assert_eq!(from_file, from_input, "{flag} {file}");
    }
}

#[test]
fn certificates_are_issued_by_the_same_authority() {
    let cluster = Cluster::new();
    let bundle = cluster::bundle();
    let talosconfig = ["config", "new", "-", "--name", "prod"];
    let kubeconfig = ["kubeconfig", "-"];
    for (arguments, flag, file, authority) in [
        (
            &talosconfig[..],
            "--with-secrets",
            "secrets.yaml",
            bundle.os,
        ),
        (
            &kubeconfig[..],
            "--from-controlplane-config",
            "new.yaml",
            bundle.kubernetes,
        ),
    ] {
        let authority = STANDARD.encode(authority.certificate().to_pem());
        for text in both_ways(&cluster, arguments, flag, file) {
            let text = String::from_utf8(text).unwrap();
            assert!(text.contains(&authority), "{arguments:?}");
        }
    }
}

#[test]
fn what_is_no_bundle_is_named_as_standard_input() {
    let arguments = [
        "config",
        "new",
        "-",
        "--name",
        "prod",
        "--with-secrets",
        "-",
    ];
    for junk in ["", "\u{0}", "a: [", "cluster: {}\n"] {
        let output = talos_pki(&arguments).write_stdin(junk).output().unwrap();
        let words = fails(&output);
        assert!(words.contains("standard input"), "{words}");
        assert!(output.stdout.is_empty());
    }
}
