//! `convert` over what an earlier run has written: nodes may have its keys by then.

#![allow(
    clippy::unwrap_used,
    reason = "what a test needs and does not get is its failure"
)]

mod fixture;

use std::fs;
use std::path::Path;

use fixture::{NOW, copy_of, judge, talos_pki};
use tempfile::TempDir;

/// Converts the fixture to `folder`: the exit status, and what was said.
fn convert(fixture: &str, folder: &Path, more: &[&str]) -> (i32, String) {
    let source = copy_of(fixture);
    let mut command = judge(&["convert", source.path().to_str().unwrap()]);
    command.args(["-o", folder.to_str().unwrap()]).args(more);
    let output = command.output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    (output.status.code().unwrap(), said)
}

fn read(folder: &Path, file: &str) -> String {
    fs::read_to_string(folder.join(file)).unwrap()
}

#[test]
fn another_endpoint_leaves_the_keys_that_nodes_may_have() {
    let output = TempDir::new().unwrap();
    let folder = output.path();
    assert_eq!(convert("kubeadm/rsa-2048", folder, &[]).0, 0);
    let bundle = read(folder, "secrets.yaml");
    let elsewhere = ["--force", "--endpoint", "https://lb.example.org:6443"];
    let (status, said) = convert("kubeadm/rsa-2048", folder, &elsewhere);
    assert_eq!(status, 0, "{said}");
    assert!(said.contains("kept of secrets.yaml: Talos OS CA, trustd token"));
    assert_eq!(read(folder, "secrets.yaml"), bundle);
    assert!(read(folder, "worker.yaml").contains("https://lb.example.org:6443"));
    // The new talosconfig is known to the nodes of the first run, for the CA is theirs.
    let ca = |text: &str| {
        let line = text
            .lines()
            .find(|line| line.trim_start().starts_with("ca:"));
        line.unwrap().trim().trim_start_matches("ca: ").to_owned()
    };
    let os = &bundle[bundle.find("    os:").unwrap()..];
    assert!(os.contains(&ca(&read(folder, "talosconfig"))));
}

/// By the files of a run with other flags, or with an older endpoint, nobody may go on.
#[test]
fn files_that_a_second_run_does_not_write_are_told() {
    let output = TempDir::new().unwrap();
    let folder = output.path();
    let run = |more: &[&str]| {
        let (status, said) = convert("kubeadm/rsa-2048", folder, more);
        assert_eq!(status, 0, "{said}");
        said.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let told = |said: &str| {
        let (names, _) = said.split_once(" not made by this run")?;
        let (names, _) = names.rsplit_once(" in ")?;
        Some(names.rsplit_once("warning: ")?.1.to_owned())
    };
    assert_eq!(told(&run(&[])), None);
    assert_eq!(told(&run(&["--force"])), None);
    let patches = run(&["--force", "--patches"]);
    assert_eq!(
        told(&patches).unwrap(),
        "controlplane.yaml, worker.yaml, talosconfig"
    );
    let given = ["--force", "-t", "abcdef.0123456789abcdef"];
    assert_eq!(
        told(&run(&given)).unwrap(),
        "bootstrap-token.yaml, controlplane.patch.yaml, worker.patch.yaml"
    );
}

/// Also what was generated because the cluster lacks it.
#[test]
fn a_ca_that_was_made_anew_stays_the_same() {
    let output = TempDir::new().unwrap();
    let folder = output.path();
    let allow = ["--allow", "missing-kubernetes-ca-key", "--force"];
    assert_eq!(convert("kubeadm/external-ca", folder, &allow).0, 0);
    let bundle = read(folder, "secrets.yaml");
    let (status, said) = convert("kubeadm/external-ca", folder, &allow);
    assert_eq!(status, 0, "{said}");
    assert!(
        said.contains("kept of secrets.yaml: Kubernetes CA"),
        "{said}"
    );
    assert_eq!(read(folder, "secrets.yaml"), bundle);
}

/// The page shows when everything ends that is there after the move: also what the bundle has anew, in the
/// first run and in those that keep it, and no CA twice.
#[test]
fn the_page_shows_what_was_made() {
    let made = |text: &str| {
        let labels = text.split("\">new: ").skip(1);
        let labels = labels.map(|label| label.split('<').next().unwrap().to_owned());
        labels.collect::<Vec<_>>()
    };
    for (more, expected) in [
        (
            &[][..],
            &["Kubernetes CA", "Talos OS CA", "talosconfig"][..],
        ),
        (&["--patches"], &["Kubernetes CA", "Talos OS CA"]),
    ] {
        let output = TempDir::new().unwrap();
        let folder = output.path();
        let allow = ["--allow", "missing-kubernetes-ca-key", "--force"];
        for _ in 0..2 {
            let (status, said) =
                convert("kubeadm/external-ca", folder, &[&allow[..], more].concat());
            assert_eq!(status, 0, "{said}");
            let page = read(folder, "report.html");
            assert_eq!(made(&page), expected);
            assert!(page.contains("<code>secrets.yaml</code></th><td>O=talos</td>"));
            assert_eq!(page.contains("<td>O=os:admin</td>"), more.is_empty());
        }
    }
}

#[test]
fn the_bundle_of_another_cluster_is_not_written_over() {
    let output = TempDir::new().unwrap();
    let folder = output.path();
    assert_eq!(convert("kubeadm/rsa-2048", folder, &[]).0, 0);
    let bundle = read(folder, "secrets.yaml");
    let (status, said) = convert("kubeadm/ecdsa-p256", folder, &["--force"]);
    assert_eq!(status, 2);
    for words in [
        "secrets.yaml",
        "Kubernetes CA is not that of this cluster",
        "Choose another folder, or remove it",
    ] {
        assert!(said.contains(words), "{said}");
    }
    assert_eq!(read(folder, "secrets.yaml"), bundle);

    fs::write(folder.join("secrets.yaml"), "certs: {}\n").unwrap();
    let (status, said) = convert("kubeadm/rsa-2048", folder, &["--force"]);
    assert_eq!(status, 2);
    assert!(said.contains("is not a usable secrets bundle"), "{said}");
    assert!(said.contains("or remove it"), "{said}");
}

/// What a bundle has and the cluster lacks now would be told as made anew.
#[test]
fn a_key_that_is_not_read_again_is_told() {
    let output = TempDir::new().unwrap();
    let folder = output.path();
    assert_eq!(convert("kubeadm/rsa-2048", folder, &[]).0, 0);
    let source = copy_of("kubeadm/rsa-2048");
    fs::remove_file(source.path().join("pki/etcd/ca.key")).unwrap();
    let mut command = judge(&["convert", source.path().to_str().unwrap(), "--force"]);
    command.args(["-o", folder.to_str().unwrap()]);
    command.args(["--allow", "missing-etcd-ca-key"]);
    let output = command.output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains("it has the key of the etcd CA"), "{said}");
    assert!(
        said.contains("Put that key where the source had it"),
        "{said}"
    );
}

/// For nodes with slow clocks; the talosconfig of a CA that is kept may begin before it.
#[test]
fn an_earlier_beginning_makes_nothing_that_has_ended() {
    let output = TempDir::new().unwrap();
    let folder = output.path().to_str().unwrap();
    let source = copy_of("kubeadm/rsa-2048");
    let source = source.path().to_str().unwrap();
    let convert = |begins: &str| {
        let mut command = talos_pki(&["convert", source, "-o", folder, "--force", "--now", NOW]);
        command.args(["--not-before", begins]).output().unwrap()
    };
    let later = convert("2040-01-01");
    assert_eq!(later.status.code(), Some(2));
    assert!(!output.path().join("secrets.yaml").exists());
    for begins in [NOW, "2020-01-01"] {
        assert_eq!(convert(begins).status.code(), Some(0));
        let talosconfig = output.path().join("talosconfig");
        let mut validate = talos_pki(&["validate", talosconfig.to_str().unwrap(), "--now", NOW]);
        let judged = validate.output().unwrap();
        let words = String::from_utf8([judged.stdout, judged.stderr].concat()).unwrap();
        assert_eq!(judged.status.code(), Some(0), "{begins}: {words}");
    }
}

/// Any bundle would fit a cluster of which no key was read.
#[test]
fn a_bundle_without_a_key_of_the_cluster_is_not_written_over() {
    let output = TempDir::new().unwrap();
    let folder = output.path();
    assert_eq!(convert("kubeadm/rsa-2048", folder, &[]).0, 0);
    let bundle = read(folder, "secrets.yaml");
    let source = copy_of("kubeadm/ecdsa-p256");
    for key in ["ca.key", "etcd/ca.key", "front-proxy-ca.key", "sa.key"] {
        fs::remove_file(source.path().join("pki").join(key)).unwrap();
    }
    let source = source.path().to_str().unwrap();
    let convert = |more: &[&str]| {
        let folder = folder.to_str().unwrap();
        let mut command = judge(&["convert", source, "-o", folder, "--force"]);
        for rule in [
            "missing-kubernetes-ca-key",
            "missing-etcd-ca-key",
            "missing-aggregator-ca-key",
            "missing-service-account-key",
        ] {
            command.args(["--allow", rule]);
        }
        let output = command.args(more).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        (output.status.code().unwrap(), said)
    };
    for more in [&[][..], &["--dry-run"]] {
        let (status, said) = convert(more);
        assert_eq!(status, 2, "{said}");
        assert!(said.contains("it has no key of this cluster"), "{said}");
        assert!(read(folder, "secrets.yaml") == bundle);
    }
    // Into a folder without a bundle it goes.
    fs::remove_file(folder.join("secrets.yaml")).unwrap();
    let (status, said) = convert(&["--dry-run"]);
    assert_eq!(status, 0, "{said}");
    let (status, said) = convert(&[]);
    assert_eq!(status, 0, "{said}");
}
