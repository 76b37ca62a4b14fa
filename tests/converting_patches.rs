//! Patches in place of complete configurations: `convert --patches`.
//!
//! That they make the complete configurations is proven by `scripts/peers` with Talos's own library;
//! here is what can be seen without it.

#![allow(
    clippy::unwrap_used,
    reason = "what a test needs and does not get is its failure"
)]

mod fixture;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Output;

use fixture::{TOKEN, copy_of, judge};
use insta::{Settings, assert_snapshot};
use tempfile::TempDir;

/// A key for encryption at rest that protects nothing.
const SECRET: &str = "MDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDA=";

/// A cluster that is converted into patches.
struct Cluster {
    folder: TempDir,
}

impl Cluster {
    fn new() -> Self {
        Self {
            folder: copy_of("kubeadm/ecdsa-p256"),
        }
    }

    /// Encrypts at rest by an AES-CBC key of this name.
    fn encrypting_by(self, name: &str) -> Self {
        let path = self.folder.path().join("manifests/kube-apiserver.yaml");
        let manifest = fs::read_to_string(&path).unwrap();
        let anchor = "    - --etcd-cafile=";
        let flag = "    - --encryption-provider-config=/etc/kubernetes/enc.yaml\n";
        fs::write(
            path,
            manifest.replacen(anchor, &format!("{flag}{anchor}"), 1),
        )
        .unwrap();
        let text = format!(
            "apiVersion: apiserver.config.k8s.io/v1\nkind: EncryptionConfiguration\nresources:\n\
             - resources: [secrets]\n  providers:\n  - aescbc: {{keys: [{{name: {name}, secret: \
             {SECRET}}}]}}\n  - identity: {{}}\n"
        );
        fs::write(self.folder.path().join("enc.yaml"), text).unwrap();
        self
    }

    /// Configures kubelet.
    fn with_kubelet(self, settings: &str) -> Self {
        let text = format!(
            "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n{settings}"
        );
        fs::write(self.folder.path().join("kubelet.yaml"), text).unwrap();
        self
    }

    fn convert(&self, arguments: &[&str]) -> Output {
        let fixed = ["convert", ".", "-o", "out", "-t", TOKEN, "--patches"];
        let endpoint = ["--endpoint", "https://kube.example.org:6443"];
        judge(&[&fixed[..], &endpoint, arguments].concat())
            .current_dir(self.folder.path())
            .output()
            .unwrap()
    }

    /// What `convert` writes for a version: the files by name.
    fn written(&self, version: &str) -> Vec<(String, String)> {
        let output = self.convert(&["--talos-version", version]);
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(0), "{said}");
        let mut files: Vec<_> = self.paths().iter().map(|path| read(path)).collect();
        files.sort();
        files
    }

    fn paths(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(self.folder.path().join("out")).unwrap();
        entries.map(|entry| entry.unwrap().path()).collect()
    }
}

fn read(path: &Path) -> (String, String) {
    let text = fs::read_to_string(path).unwrap();
    (
        path.file_name().unwrap().to_string_lossy().into_owned(),
        text,
    )
}

fn file<'f>(files: &'f [(String, String)], wanted: &str) -> &'f str {
    let (_, text) = files.iter().find(|(name, _)| name == wanted).unwrap();
    text
}

fn masked() -> Settings {
    let mut settings = Settings::clone_current();
    settings.add_filter(
        r"-----BEGIN ([A-Z ]+)-----\n(?:\s+[A-Za-z0-9+/=]+\n)+\s+-----END [A-Z ]+-----",
        "[$1]",
    );
    settings.set_omit_expression(true);
    settings.set_prepend_module_to_snapshot(false);
    settings
}

#[test]
fn patches_stand_in_place_of_configurations_and_of_the_talosconfig() {
    let cluster = Cluster::new();
    let files = cluster.written("v1.14");
    let names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
    let expected = [
        "MIGRATION.md",
        "controlplane.patch.yaml",
        "report.html",
        "report.json",
        "secrets.yaml",
        "worker.patch.yaml",
    ];
    assert_eq!(names, expected);
    for path in cluster.paths() {
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{}", path.display());
    }
}

#[test]
fn they_hold_what_talosctl_would_not_do_by_itself() {
    for version in ["v1.13", "v1.14"] {
        let cluster = Cluster::new().with_kubelet("maxPods: 250\n");
        let files = cluster.written(version);
        for machine in ["controlplane", "worker"] {
            let patch = file(&files, &format!("{machine}.patch.yaml"));
            masked().bind(|| assert_snapshot!(format!("patch_{machine}_{version}"), patch));
        }
    }
}

#[test]
fn encryption_takes_the_place_of_talosctls_own() {
    for (version, name) in [("v1.13", "key1"), ("v1.14", "prod-2023")] {
        let cluster = Cluster::new().encrypting_by(name);
        let files = cluster.written(version);
        let patch = file(&files, "controlplane.patch.yaml");
        let documents: Vec<&str> = patch.split("---\n").filter(about_encryption).collect();
        let documents = documents.join("---\n");
        masked().bind(|| assert_snapshot!(format!("patch_encryption_{version}"), documents));
    }
}

fn about_encryption(document: &&str) -> bool {
    document.to_ascii_lowercase().contains("encryption")
}

#[test]
fn no_secret_that_was_made_anew_is_in_them() {
    for version in ["v1.13", "v1.14"] {
        let files = Cluster::new().written(version);
        let bundle = file(&files, "secrets.yaml");
        let made = [
            "secretboxencryptionsecret: ",
            "trustdinfo:
    token: ",
            "    secret: ",
        ];
        for name in ["controlplane.patch.yaml", "worker.patch.yaml"] {
            for label in made {
                let (_, rest) = bundle
                    .split_once(label)
                    .unwrap_or_else(|| panic!("{label}"));
                let secret = rest.lines().next().unwrap();
                assert!(secret.len() > 20, "{label}{}", secret.len());
                assert!(
                    !file(&files, name).contains(secret),
                    "{version} {name} {label}"
                );
            }
        }
    }
}

#[test]
fn a_patch_that_changes_nothing_is_no_empty_file() {
    let files = Cluster::new().written("v1.14");
    let patch = file(&files, "worker.patch.yaml");
    assert_eq!(patch, "machine:\n    type: worker\n");
}

#[test]
fn the_runbook_says_how_they_are_used() {
    let files = Cluster::new().written("v1.13");
    let runbook = file(&files, "MIGRATION.md");
    let (_, command) = runbook.split_once("talosctl gen config ").unwrap();
    let (command, _) = command.split_once("\n```").unwrap();
    masked().bind(|| assert_snapshot!("patch_command", command));
}

#[test]
fn a_setting_that_talosctl_would_obey_is_refused() {
    let cluster = Cluster::new().with_kubelet("evictionHard: {$patch: delete}\n");
    let output = cluster.convert(&[]);
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{said}");
    let (_, error) = said.split_once("error:").unwrap();
    masked().bind(|| assert_snapshot!("patch_instruction", error.trim()));
    assert!(
        !cluster.folder.path().join("out").exists(),
        "something was written"
    );
}
