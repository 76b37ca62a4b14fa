//! What was left of another cluster, or of another time, beside the PKI in use: the one in use is
//! taken, or the choice is a person's. All through the front door.

#![allow(
    clippy::unwrap_used,
    reason = "what a test needs and does not get is its failure"
)]

mod fixture;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use fixture::{TOKEN, copy_to, fixtures, judge};
use serde_json::Value;
use tempfile::TempDir;

/// The cluster in use, and the one of which something was left.
const USED: &str = "kubeadm/rsa-2048";
const LEFT: &str = "kubeadm/ecdsa-p256";

/// A tree that is put together from fixtures.
struct Tree(TempDir);

impl Tree {
    fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    /// With a copy of a fixture at `place`.
    fn with(self, fixture: &str, place: &str) -> Self {
        copy_to(&fixtures().join(fixture), &self.path(place));
        self
    }

    fn renamed(self, from: &str, to: &str) -> Self {
        fs::rename(self.path(from), self.path(to)).unwrap();
        self
    }

    fn without(self, place: &str) -> Self {
        let path = self.path(place);
        if path.is_dir() {
            fs::remove_dir_all(path).unwrap();
        } else {
            fs::remove_file(path).unwrap();
        }
        self
    }

    fn without_kubeconfigs(self) -> Self {
        [
            "admin",
            "super-admin",
            "controller-manager",
            "scheduler",
            "kubelet",
        ]
        .iter()
        .fold(self, |tree, name| tree.without(&format!("{name}.conf")))
    }

    /// Puts `to` for `from` in every manifest below `folder`.
    fn told(self, folder: &str, from: &str, to: &str) -> Self {
        for entry in fs::read_dir(self.path(folder).join("manifests")).unwrap() {
            let path = entry.unwrap().path();
            let text = fs::read_to_string(&path).unwrap();
            fs::write(&path, text.replace(from, to)).unwrap();
        }
        self
    }

    fn path(&self, place: &str) -> PathBuf {
        self.0.path().join(place)
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let mut command = judge(arguments);
        command.current_dir(self.0.path()).output().unwrap()
    }

    /// The rules that refuse the tree, what was said, and the report.
    fn errors(&self, more: &[&str]) -> (Vec<String>, Value) {
        let output = self.run(&[&["scan", ".", "--format", "json"], more].concat());
        let reports: Value = serde_json::from_slice(&output.stdout).expect("a report");
        let findings = reports[0]["findings"].as_array().unwrap().iter();
        let errors = findings.filter(|finding| finding["severity"] == "error");
        let errors = errors.map(|finding| finding["rule"].as_str().unwrap().to_owned());
        (errors.collect(), reports[0].clone())
    }

    fn assert_refused(&self, rules: &[&str], more: &[&str]) {
        let (mut errors, report) = self.errors(more);
        errors.dedup();
        assert_eq!(errors, rules, "{report}");
        let secrets = ["gen", "secrets", "-p", ".", "-t", TOKEN, "-o", "new.yaml"];
        assert_eq!(self.run(&[&secrets, more].concat()).status.code(), Some(1));
        assert!(!self.path("new.yaml").exists());
        let convert = ["convert", ".", "-t", TOKEN, "-o", "new"];
        assert_eq!(self.run(&[&convert, more].concat()).status.code(), Some(1));
        assert!(!self.path("new").exists());
    }

    /// That the tree is sound, and that the CA in the bundle is that at `place`.
    fn assert_taken(&self, place: &str, more: &[&str]) {
        let (errors, report) = self.errors(more);
        assert_eq!(errors, Vec::<String>::new(), "{report}");
        let secrets = ["gen", "secrets", "-p", ".", "-t", TOKEN, "-o", "-"];
        let json = ["--format", "json"];
        let output = self.run(&[&secrets, json.as_slice(), more].concat());
        let bundle: Value = serde_json::from_slice(&output.stdout).expect("a bundle");
        let taken = STANDARD.decode(bundle["Certs"]["K8s"]["Crt"].as_str().unwrap());
        let expected = fs::read_to_string(self.path(place)).unwrap();
        assert!(
            expected.contains(&String::from_utf8(taken.unwrap()).unwrap()),
            "{place}"
        );
    }
}

/// `/etc/kubernetes` whose PKI folder is `certs`, with another cluster's folder `pki`.
fn certificates_dir(used: &str) -> Tree {
    Tree::new()
        .with(used, "")
        .renamed("pki", "certs")
        .told("", "/etc/kubernetes/pki", "/etc/kubernetes/certs")
        .with(&format!("{LEFT}/pki"), "pki")
}

// ---- what the flags of the control plane name is in use -----------------------------------------

#[test]
fn the_folder_that_the_flags_name_goes_before_the_one_with_the_usual_name() {
    let tree = certificates_dir(USED);
    tree.assert_taken("certs/ca.crt", &[]);
    let output = tree.run(&["convert", ".", "-t", TOKEN, "-o", "new"]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    // With an etcd of its own the leftover has more files than what is in use.
    let external = certificates_dir("kubeadm/external-etcd");
    external.assert_taken("certs/ca.crt", &["--allow", "missing-etcd-ca-key"]);
}

#[test]
fn without_manifests_the_kubeconfigs_tell_the_folder_in_use() {
    certificates_dir(USED)
        .without("manifests")
        .assert_taken("certs/ca.crt", &[]);
}

#[test]
fn a_leftover_of_kubespray_is_not_taken_for_the_cluster() {
    let tree = Tree::new()
        .with(USED, "kubernetes")
        .with(&format!("{LEFT}/pki"), "kubernetes/ssl");
    tree.assert_taken("kubernetes/pki/ca.crt", &[]);
    assert_eq!(tree.errors(&[]).1["layout"], "kubeadm");
    let tree = tree.without("kubernetes/manifests");
    tree.assert_taken("kubernetes/pki/ca.crt", &[]);
    // The name of a layout is no word on which folder is in use.
    tree.assert_taken("kubernetes/pki/ca.crt", &["--layout", "kubespray"]);
}

#[test]
fn the_leftover_of_another_distribution_is_a_choice_for_a_person() {
    for (fixture, place, layout) in [
        (
            "layouts/rke1/etc/kubernetes/ssl",
            "etc/kubernetes/ssl",
            "rke1",
        ),
        ("layouts/k3s-rotated/var", "var", "k3s"),
        ("layouts/k0s/var", "var", "k0s"),
        ("layouts/hard-way/var", "var", "hard-way"),
    ] {
        let tree = Tree::new()
            .with(USED, "etc/kubernetes")
            .with(fixture, place);
        tree.assert_refused(&["open-choice"], &[]);
        let said = tree.run(&["scan", "."]).stdout;
        let said = String::from_utf8(said).unwrap();
        for candidate in [
            format!(": {layout}"),
            "etc/kubernetes/pki/ca.crt: kubeadm".to_owned(),
        ] {
            assert!(said.contains(&candidate), "{said}");
        }
        tree.assert_taken("etc/kubernetes/pki/ca.crt", &["--layout", "kubeadm"]);
    }
}

#[test]
fn where_nothing_tells_a_person_chooses() {
    for other in ["ssl", "certs"] {
        let tree = Tree::new()
            .with(&format!("{USED}/pki"), "kubernetes/pki")
            .with(&format!("{LEFT}/pki"), &format!("kubernetes/{other}"));
        tree.assert_refused(&["open-choice"], &[]);
        // The name of a copy tells that it is one, and so does what is in it.
        let tree = tree.renamed(&format!("kubernetes/{other}"), "kubernetes/pki.bak");
        tree.assert_taken("kubernetes/pki/ca.crt", &[]);
    }
}

#[test]
fn a_folder_of_kubeadm_that_is_called_ssl_is_not_kubesprays() {
    let tree = Tree::new()
        .with(USED, "kubernetes")
        .renamed("kubernetes/pki", "kubernetes/ssl")
        .told("kubernetes", "/etc/kubernetes/pki", "/etc/kubernetes/ssl");
    tree.assert_taken("kubernetes/ssl/ca.crt", &[]);
    assert_eq!(tree.errors(&[]).1["layout"], "kubeadm");
    // Without a CA for etcd it is, and the remedy says where that is.
    let tree = tree.without("kubernetes/ssl/etcd");
    assert_eq!(tree.errors(&[]).1["layout"], "kubespray");
    // So it is with what only kubespray writes.
    fs::write(tree.path("kubernetes/kubelet.env"), "KUBELET_HOSTNAME=\n").unwrap();
    let tree = tree.with(&format!("{USED}/pki/etcd"), "kubernetes/ssl/etcd");
    assert_eq!(tree.errors(&[]).1["layout"], "kubespray");
}

#[test]
fn the_copy_of_a_folder_is_no_choice() {
    let tree = Tree::new()
        .with(USED, "kubernetes")
        .with(&format!("{USED}/pki"), "kubernetes/ssl");
    tree.assert_taken("kubernetes/pki/ca.crt", &[]);
}

#[test]
fn a_true_copy_of_the_whole_is_no_choice() {
    for copy in ["backup/etc/kubernetes", "zz/etc/kubernetes"] {
        let tree = Tree::new()
            .with(USED, "etc/kubernetes")
            .without("etc/kubernetes/manifests")
            .with(&format!("{USED}/pki"), &format!("{copy}/pki"))
            .with(&format!("{USED}/admin.conf"), &format!("{copy}/admin.conf"));
        tree.assert_taken("etc/kubernetes/pki/ca.crt", &[]);
        let (_, report) = tree.errors(&[]);
        let taken = &report["authorities"][0]["certificate"]["file"];
        assert_eq!(taken, "etc/kubernetes/pki/ca.crt");
        // The key alone makes it another: tokens would be refused.
        let other = format!("{LEFT}/pki/sa.key");
        let tree = tree.with(&other, &format!("{copy}/pki/sa.key"));
        tree.assert_refused(&["open-choice"], &[]);
    }
}

#[test]
fn the_layout_that_a_person_names_settles_which_folder_it_is() {
    let tree = Tree::new()
        .with("layouts/kubespray/etc", "etc")
        .with(&format!("{LEFT}/pki"), "etc/kubernetes/pki");
    let tree = tree.without("etc/kubernetes/admin.conf");
    tree.assert_refused(&["open-choice"], &[]);
    tree.assert_taken("etc/kubernetes/ssl/ca.crt", &["--layout", "kubespray"]);
}

#[test]
fn the_manifests_of_a_backup_are_not_those_in_use() {
    let issuer = "https://kubernetes.default.svc.cluster.local";
    // It comes before the folder in use by its name.
    let tree = Tree::new()
        .with(USED, "kubernetes")
        .with(&format!("{USED}/manifests"), "kubernetes/backup/manifests")
        .told("kubernetes/backup", issuer, "https://old.example.org");
    tree.assert_taken("kubernetes/pki/ca.crt", &[]);
    assert_eq!(tree.errors(&[]).1["service_account_issuer"], issuer);
}

// ---- an old copy of all of it -------------------------------------------------------------------

#[test]
fn a_full_copy_in_a_backup_is_not_in_use() {
    for (used, copies) in [
        (
            "etc/kubernetes",
            &[
                "root/backup-2023/etc/kubernetes",
                "backup/etc/kubernetes",
                "var/backups/etc/kubernetes",
                "home/u/x/etc/kubernetes",
            ][..],
        ),
        (
            "cp/etc/kubernetes",
            &["cp/backup/etc/kubernetes", "cp/root/etc/kubernetes"],
        ),
        (".", &["tmp/kubeadm-backup", "backup/etc/kubernetes"]),
    ] {
        for copy in copies {
            let tree = Tree::new().with(USED, used).with(LEFT, copy);
            tree.assert_taken(&format!("{used}/pki/ca.crt"), &[]);
            let (_, report) = tree.errors(&[]);
            let key = report["service_account"]["file"].as_str().unwrap();
            let used = format!("{used}/pki/sa.key");
            assert_eq!(key, used.trim_start_matches("./"), "{copy}");
        }
    }
}

#[test]
fn the_configuration_of_encryption_in_a_backup_is_not_in_use() {
    let configuration = |key: &str| {
        format!(
            "apiVersion: apiserver.config.k8s.io/v1\nkind: EncryptionConfiguration\nresources:\n\
             - resources: [secrets]\n  providers:\n  - aescbc:\n      keys:\n      - name: {key}\n        \
             secret: {}\n  - identity: {{}}\n",
            STANDARD.encode([7; 32])
        )
    };
    for copy in ["backup/etc/kubernetes", "root/old/etc/kubernetes"] {
        let mut tree = Tree::new();
        for (place, key) in [("etc/kubernetes", "in-use"), (copy, "outdated")] {
            tree = tree.with(USED, place).told(
                place,
                "- kube-apiserver\n",
                "- kube-apiserver\n    - --encryption-provider-config=/etc/kubernetes/pki/enc.yaml\n",
            );
            fs::write(tree.path(place).join("pki/enc.yaml"), configuration(key)).unwrap();
        }
        let output = tree.run(&["convert", ".", "-t", TOKEN, "-o", "new"]);
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        let written = fs::read_dir(tree.path("new")).unwrap();
        let written: String = written
            .filter_map(|entry| fs::read_to_string(entry.unwrap().path()).ok())
            .collect();
        assert!(written.contains("in-use"), "{copy}");
        assert!(!written.contains("outdated"), "{copy}");
    }
}

#[test]
fn a_snapshot_of_rke2_is_not_in_use() {
    let tls = "var/lib/rancher/rke2/server/tls";
    let manifest = format!(
        "kind: Pod\nmetadata: {{name: kube-apiserver}}\nspec:\n  containers:\n  - name: kube-apiserver\n    \
         image: kube-apiserver:v1.36.3\n    command: [kube-apiserver]\n    args:\n    - --client-ca-file=/{tls}/client-ca.crt\n    - \
         --requestheader-client-ca-file=/{tls}/request-header-ca.crt\n"
    );
    for copy in [".snapshots/1/snapshot", "zz"] {
        let mut tree = Tree::new();
        for place in [".", copy] {
            tree = tree.with("layouts/rke2/var", &format!("{place}/var"));
            let pods = format!("{place}/var/lib/rancher/rke2/agent/pod-manifests");
            fs::create_dir_all(tree.path(&pods)).unwrap();
            fs::write(tree.path(&pods).join("kube-apiserver.yaml"), &manifest).unwrap();
        }
        for name in ["ca.crt", "ca.key"] {
            let place = format!("{copy}/{tls}/client-{name}");
            tree = tree.with(&format!("{LEFT}/pki/{name}"), &place);
        }
        let (_, report) = tree.errors(&[]);
        let taken = &report["authorities"][0]["certificate"]["file"];
        assert_eq!(*taken, format!("{tls}/server-ca.crt"));
    }
}

#[test]
fn the_layout_that_a_person_names_settles_which_manifests_run() {
    let tls = "var/lib/rancher/rke2/server/tls";
    let pods = "var/lib/rancher/rke2/agent/pod-manifests/kube-apiserver.yaml";
    let issuer = "https://kubernetes.default.svc.cluster.local";
    let manifest = format!(
        "kind: Pod\nmetadata: {{name: kube-apiserver}}\nspec:\n  containers:\n  - name: kube-apiserver\n    \
         image: kube-apiserver:v1.36.3\n    command: [kube-apiserver]\n    args:\n    - --client-ca-file=/{tls}/client-ca.crt\n    - \
         --service-account-issuer={issuer}\n    - --requestheader-client-ca-file=/{tls}/request-header-ca.crt\n"
    );
    let tree = Tree::new()
        .with("layouts/rke2/var", "var")
        .with(USED, "etc/kubernetes")
        .told("etc/kubernetes", issuer, "https://old.example.org");
    fs::create_dir_all(tree.path(pods).parent().unwrap()).unwrap();
    fs::write(tree.path(pods), manifest).unwrap();
    tree.assert_refused(&["open-choice"], &[]);
    for (layout, taken, issues) in [
        ("rke2", format!("{tls}/server-ca.crt"), issuer),
        (
            "kubeadm",
            "etc/kubernetes/pki/ca.crt".to_owned(),
            "https://old.example.org",
        ),
    ] {
        let told = ["--layout", layout];
        tree.assert_taken(&taken, &told);
        assert_eq!(tree.errors(&told).1["service_account_issuer"], issues);
        // `convert` asks the same manifests, and nothing of the other distribution.
        let endpoint = ["--endpoint", "https://kube.example.org:6443"];
        let convert = ["convert", ".", "-t", TOKEN, "--dry-run"];
        let output = tree.run(&[&convert[..], &endpoint, &told].concat());
        let said = String::from_utf8(output.stdout).unwrap();
        let said = said + &String::from_utf8(output.stderr).unwrap();
        assert!(!said.contains("tokens are signed with"), "{said}");
    }
}

#[test]
fn of_two_copies_below_a_folder_the_deeper_is_the_copy() {
    // They say the same about trust.
    for copy in ["cp/backup/etc/kubernetes", "cp/root/etc/kubernetes"] {
        let tree = Tree::new()
            .with(USED, "cp/etc/kubernetes")
            .with(USED, copy)
            .told(copy, "10.96.0.0/12", "10.200.0.0/16");
        let output = tree.run(&["convert", ".", "-t", TOKEN, "-o", "new"]);
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        let written = fs::read_to_string(tree.path("new/controlplane.yaml")).unwrap();
        assert!(written.contains("10.96.0.0/12"), "{copy}");
        assert!(!written.contains("10.200.0.0/16"), "{copy}");
    }
}

#[cfg(unix)]
#[test]
fn the_revision_of_a_snap_that_runs_is_the_one_to_which_current_leads() {
    let snap = "var/snap/microk8s";
    let told = ["--allow", "other-datastore"];
    let of_two = |other: &str| {
        let tree = Tree::new();
        for revision in ["5891", "6089"] {
            let folder = format!("{snap}/{revision}");
            let fixture = format!("layouts/microk8s/{snap}/current");
            copy_to(&fixtures().join(fixture), &tree.path(&folder));
        }
        for name in ["ca.crt", "ca.key"] {
            let place = tree.path(&format!("{snap}/{other}/certs/{name}"));
            copy_to(&fixtures().join(LEFT).join("pki").join(name), &place);
        }
        tree
    };
    for (revision, other) in [("6089", "5891"), ("5891", "6089")] {
        let tree = of_two(other);
        // Nothing tells, and they are no nodes of one cluster.
        let (errors, report) = tree.errors(&told);
        assert!(errors.contains(&"open-choice".to_owned()), "{report}");
        assert!(!errors.contains(&"nodes-disagree".to_owned()), "{report}");
        std::os::unix::fs::symlink(revision, tree.path(&format!("{snap}/current"))).unwrap();
        tree.assert_taken(&format!("{snap}/{revision}/certs/ca.crt"), &told);
        let (_, report) = tree.errors(&told);
        let file = &report["authorities"][0]["certificate"]["file"];
        assert_eq!(*file, format!("{snap}/current/certs/ca.crt"));
        let left_out = format!("`{snap}/{other}/` was not read");
        assert!(report.to_string().contains(&left_out), "{report}");
        // So it is in an archive.
        let mut command = std::process::Command::new("tar");
        command
            .current_dir(tree.0.path())
            .args(["cf", "node.tar", "var"]);
        assert!(command.status().unwrap().success());
        let scan = tree.run(&[&["scan", "node.tar", "--format", "json"], &told[..]].concat());
        let reports: Value = serde_json::from_slice(&scan.stdout).unwrap();
        assert_eq!(reports[0]["authorities"], report["authorities"]);
    }
}

#[test]
fn rke2_881_a_cluster_that_came_from_k3s_has_the_folders_of_both() {
    let k3s = "var/lib/rancher/k3s/server/tls";
    let rke2 = "var/lib/rancher/rke2/server/tls";
    // RKE2 went on with the CAs of k3s: then it does not matter, and RKE2 runs.
    let tree = Tree::new().with("layouts/rke2/var", "var");
    let tls = format!("layouts/rke2/{rke2}");
    let tree = tree.with(&tls, k3s);
    tree.assert_taken(&format!("{rke2}/server-ca.crt"), &[]);
    assert_eq!(tree.errors(&[]).1["layout"], "rke2");
    // With CAs of its own, any of the two may run.
    let tree = Tree::new()
        .with("layouts/rke2/var", "var")
        .with(&format!("layouts/k3s-rotated/{k3s}"), k3s);
    tree.assert_refused(&["open-choice"], &[]);
    tree.assert_taken(&format!("{rke2}/server-ca.crt"), &["--layout", "rke2"]);
}

#[test]
fn rke2_562_one_ca_that_was_copied_to_every_place_is_told() {
    let tls = "var/lib/rancher/rke2/server/tls";
    let mut tree = Tree::new().with("layouts/rke2/var", "var");
    for place in [
        "server-ca",
        "client-ca",
        "request-header-ca",
        "etcd/server-ca",
        "etcd/peer-ca",
    ] {
        let from = "layouts/rke1/etc/kubernetes/ssl/kube-ca";
        tree = tree.with(&format!("{from}.pem"), &format!("{tls}/{place}.crt"));
        tree = tree.with(&format!("{from}-key.pem"), &format!("{tls}/{place}.key"));
    }
    let (errors, report) = tree.errors(&[]);
    assert!(errors.contains(&"shared-ca".to_owned()), "{report}");
    // Servers and clients have one CA then.
    assert!(!report.to_string().contains("split-authority"), "{report}");
    assert_eq!(report["encryption_at_rest"], "on", "{report}");
}

#[test]
fn a_backup_in_the_folder_of_manifests_runs_too() {
    let issuer = "https://kubernetes.default.svc.cluster.local";
    for name in [
        "kube-apiserver.yaml.bak",
        "kube-apiserver.yaml~",
        "kube-apiserver (copy).yaml",
        "a.old",
    ] {
        let copy = |tree: &Tree, from: &str, to: &str| {
            let text = fs::read_to_string(tree.path("manifests/kube-apiserver.yaml")).unwrap();
            fs::write(tree.path("manifests").join(name), text.replace(from, to)).unwrap();
        };
        // One that says the same is no choice, nor one that differs in other flags.
        let tree = Tree::new().with(USED, "");
        copy(&tree, "10.96.0.0/12", "10.200.0.0/16");
        tree.assert_taken("pki/ca.crt", &[]);
        let output = tree.run(&["convert", ".", "-t", TOKEN, "-o", "new"]);
        assert_eq!(output.status.code(), Some(0), "{name}: {output:?}");
        let written = fs::read_to_string(tree.path("new/controlplane.yaml")).unwrap();
        assert!(written.contains("10.96.0.0/12"), "{name}");
        let tree = Tree::new().with(USED, "");
        copy(&tree, issuer, "https://old.example.org");
        tree.assert_refused(&["open-choice"], &[]);
        let said = tree.errors(&[]).1.to_string();
        assert!(
            said.contains("kubelet runs every file in its folder"),
            "{said}"
        );
    }
    // What begins with a point it does not read.
    let tree = Tree::new().with(USED, "");
    let text = fs::read_to_string(tree.path("manifests/kube-apiserver.yaml")).unwrap();
    let other = text.replace(issuer, "https://old.example.org");
    fs::write(tree.path("manifests/.kube-apiserver.yaml"), other).unwrap();
    fs::write(
        tree.path("manifests/._etcd.yaml"),
        b"\0\x05\x16\x07Mac OS X",
    )
    .unwrap();
    tree.assert_taken("pki/ca.crt", &[]);
}

// ---- what contradicts the slots -----------------------------------------------------------------

#[test]
fn a_slot_whose_ca_no_flag_names_is_refused() {
    let tree = Tree::new()
        .with(USED, "kubernetes")
        .with("layouts/rke1/etc/kubernetes/ssl", "kubernetes/ssl");
    let told = ["--layout", "rke1"];
    tree.assert_refused(&["flag-names-another"], &told);
    let text = tree.errors(&told).1.to_string();
    assert!(text.contains("`kubernetes/pki/ca.crt` is in use"), "{text}");
    assert!(text.contains("kube-apiserver --client-ca-file=/etc/kubernetes/pki/ca.crt"));
}

#[test]
fn each_slot_is_compared_with_its_flag() {
    for (flag, file, from) in [
        ("--client-ca-file", "other.crt", "ca.crt"),
        ("--trusted-ca-file", "other.crt", "etcd/ca.crt"),
        (
            "--requestheader-client-ca-file",
            "other.crt",
            "front-proxy-ca.crt",
        ),
        ("--service-account-signing-key-file", "other.key", "sa.key"),
    ] {
        let tree = Tree::new()
            .with(USED, "")
            .with(&format!("{LEFT}/pki/{from}"), &format!("pki/{file}"))
            .told(
                "",
                &format!(" {flag}=/etc/kubernetes/pki/{from}"),
                &format!(" {flag}=/etc/kubernetes/pki/{file}"),
            );
        tree.assert_refused(&["flag-names-another"], &[]);
        tree.assert_taken("pki/ca.crt", &["--allow", "flag-names-another"]);
    }
}

#[test]
fn a_slot_whose_ca_no_kubeconfig_trusts_is_refused() {
    let tree = Tree::new()
        .with(USED, "")
        .without("manifests")
        .without("pki")
        .with(&format!("{LEFT}/pki"), "pki");
    tree.assert_refused(&["no-kubeconfig-trusts-ca"], &[]);
    tree.assert_taken("pki/ca.crt", &["--allow", "no-kubeconfig-trusts-ca"]);
    // One that is out of date among several is another thing.
    let one = Tree::new()
        .with(USED, "")
        .with(&format!("{LEFT}/admin.conf"), "admin.conf");
    one.assert_taken("pki/ca.crt", &[]);
}

#[test]
fn a_folder_that_was_not_given_is_missed() {
    let tree = certificates_dir(USED).without("certs");
    tree.assert_refused(&["no-kubeconfig-trusts-ca", "flag-names-elsewhere"], &[]);
    tree.without_kubeconfigs()
        .assert_refused(&["flag-names-elsewhere"], &[]);
}

#[test]
fn each_slot_whose_file_was_not_given_is_missed() {
    let flags: [(&str, &[(&str, &str)]); 3] = [
        (
            "Service-account key",
            &[("pki/sa.key", "keys/sa.key"), ("pki/sa.pub", "keys/sa.pub")],
        ),
        (
            "etcd CA",
            &[
                ("pki/etcd/", "etcd-pki/"),
                ("pki/apiserver-etcd-client", "etcd-pki/client"),
            ],
        ),
        (
            "Aggregator CA",
            &[
                ("pki/front-proxy-ca", "front-proxy/ca"),
                ("pki/front-proxy-client", "front-proxy/client"),
            ],
        ),
    ];
    for (slot, moved) in flags {
        // The certificates and the public key that are here are those of the leftover, too.
        let mut tree = Tree::new().with(USED, "");
        for (from, to) in moved {
            let [from, to] = [from, to].map(|path| format!("=/etc/kubernetes/{path}"));
            tree = tree.told("", &from, &to);
        }
        tree.assert_refused(&["flag-names-elsewhere"], &[]);
        let text = tree.errors(&[]).1.to_string();
        let said = format!("the {slot} in use is in a file that is not here");
        assert!(text.contains(&said), "{text}");
        tree.assert_taken("pki/ca.crt", &["--allow", "flag-names-elsewhere"]);
    }
}

#[test]
fn what_else_the_flags_name_speaks_for_what_is_in_the_slot() {
    for (from, to) in [
        ("pki/sa.key", "keys/sa.key"),
        ("pki/etcd/ca.crt", "etcd-pki/ca.crt"),
        ("pki/front-proxy-ca.crt", "front-proxy/ca.crt"),
    ] {
        let [from, to] = [from, to].map(|path| format!("=/etc/kubernetes/{path}"));
        let tree = Tree::new().with(USED, "").told("", &from, &to);
        tree.assert_taken("pki/ca.crt", &[]);
    }
    // So does a person who names the file.
    let elsewhere = "=/etc/kubernetes/keys/sa.";
    let tree = Tree::new()
        .with(USED, "")
        .told("", "=/etc/kubernetes/pki/sa.", elsewhere);
    let secrets = ["gen", "secrets", "-p", ".", "-t", TOKEN, "-o", "-"];
    let output = tree.run(&[&secrets[..], &["--service-account-key", "pki/sa.key"]].concat());
    assert_eq!(output.status.code(), Some(0), "{output:?}");
}

#[test]
fn the_remedy_is_that_of_the_slot_and_ends_the_matter() {
    let flag = " --service-account-signing-key-file=/etc/kubernetes/pki/";
    let tree = Tree::new()
        .with(USED, "")
        .with(&format!("{LEFT}/pki/sa.key"), "pki/new.key")
        .told("", &format!("{flag}sa.key"), &format!("{flag}new.key"));
    let text = tree.errors(&[]).1.to_string();
    assert!(
        text.contains("or the file by --service-account-key."),
        "{text}"
    );
    assert!(text.contains("every token of a service account would be refused"));
    let secrets = ["gen", "secrets", "-p", ".", "-t", TOKEN, "-o", "-"];
    let named = ["--service-account-key", "pki/new.key"];
    let allowed = ["--allow", "service-account-public-key"];
    let output = tree.run(&[&secrets[..], &named, &allowed].concat());
    assert!(!output.stdout.is_empty(), "{output:?}");
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(!said.contains("[flag-names-another]"), "{said}");
    assert!(!said.contains("[replaced-by-flag]"), "{said}");
}

#[test]
fn a_ca_of_clients_apart_does_not_take_the_place_of_that_of_servers() {
    let flag = " --client-ca-file=/etc/kubernetes/pki/";
    let tree = Tree::new()
        .with(USED, "")
        .with(&format!("{LEFT}/pki/ca.crt"), "pki/client-ca.crt")
        .told(
            "",
            &format!("{flag}ca.crt"),
            &format!("{flag}client-ca.crt"),
        );
    tree.assert_refused(&["flag-names-another"], &[]);
    let text = tree.errors(&[]).1.to_string();
    assert!(
        text.contains("servers and clients have a CA each"),
        "{text}"
    );
    assert!(!text.contains("--kubernetes-ca-crt"), "{text}");
}

// ---- what is sound stays sound ------------------------------------------------------------------

/// Both files one behind the other.
fn joined(first: &Path, second: &Path) -> String {
    [first, second]
        .map(|path| fs::read_to_string(path).unwrap())
        .concat()
}

#[test]
fn during_a_rotation_the_old_ca_and_the_new_are_both_in_use() {
    let other = fixtures().join(LEFT).join("pki/ca.crt");
    let rotating = || Tree::new().with(USED, "");
    // Both in `ca.crt`; the key is that of the one or of the other.
    for key in [USED, LEFT] {
        let tree = rotating();
        let both = joined(&tree.path("pki/ca.crt"), &other);
        fs::write(tree.path("pki/ca.crt"), both).unwrap();
        let tree = tree.with(&format!("{key}/pki/ca.key"), "pki/ca.key");
        let (errors, report) = tree.errors(&["--allow", "leaf-of-another-ca"]);
        assert_eq!(errors, Vec::<String>::new(), "{report}");
    }
    // Both in a file of its own.
    let tree = rotating();
    let both = joined(&other, &tree.path("pki/ca.crt"));
    fs::write(tree.path("pki/both.crt"), both).unwrap();
    let flag = "--client-ca-file=/etc/kubernetes/pki/";
    let tree = tree.told("", &format!("{flag}ca.crt"), &format!("{flag}both.crt"));
    tree.assert_taken("pki/ca.crt", &[]);
}

#[test]
fn an_etcd_with_a_pki_in_another_place_is_no_contradiction() {
    // Its folder has the same names, and is not in the source.
    let tree = Tree::new().with("kubeadm/external-etcd", "").told(
        "",
        "/etc/kubernetes/pki/etcd/",
        "/etc/etcd/pki/",
    );
    tree.assert_taken("pki/ca.crt", &["--allow", "missing-etcd-ca-key"]);
}

#[test]
fn a_folder_by_another_name_is_sound_where_the_kubeconfigs_trust_its_ca() {
    let tree = Tree::new().with(USED, "").renamed("pki", "copy-of-pki");
    tree.assert_taken("copy-of-pki/ca.crt", &[]);
    let tree = tree.renamed("copy-of-pki", "ssl");
    tree.assert_taken("ssl/ca.crt", &[]);
}

#[test]
fn files_that_were_put_together_by_hand_are_sound() {
    // The PKI folder with the manifests in it, and no kubeconfig.
    let tree = Tree::new()
        .with(&format!("{USED}/pki"), "")
        .with(&format!("{USED}/manifests"), "manifests");
    tree.assert_taken("ca.crt", &[]);
    let tree = Tree::new()
        .with("layouts/minikube/var/lib/minikube/certs", "certs")
        .with(&format!("{USED}/manifests"), "manifests")
        .told("", "/etc/kubernetes/pki", "/var/lib/minikube/certs");
    tree.assert_taken("certs/ca.crt", &[]);
}

#[test]
fn a_kubeconfig_whose_client_the_ca_issued_is_of_this_cluster() {
    // It trusts the certificate of a load balancer.
    let tree = Tree::new().with(USED, "");
    let other = fs::read(fixtures().join(LEFT).join("pki/ca.crt")).unwrap();
    let own = fs::read(tree.path("pki/ca.crt")).unwrap();
    for name in [
        "admin",
        "super-admin",
        "controller-manager",
        "scheduler",
        "kubelet",
    ] {
        let path = tree.path(&format!("{name}.conf"));
        let text = fs::read_to_string(&path).unwrap();
        let changed = text.replace(&STANDARD.encode(&own), &STANDARD.encode(&other));
        assert_ne!(text, changed, "{name}");
        fs::write(path, changed).unwrap();
    }
    tree.assert_taken("pki/ca.crt", &[]);
}

#[test]
fn a_ca_beside_the_one_in_the_slot_is_known_by_the_file_that_the_flag_names() {
    // The kubeconfigs know the old CA alone.
    let tree = Tree::new().with(USED, "");
    let other = fixtures().join(LEFT).join("pki");
    let both = joined(&tree.path("pki/ca.crt"), &other.join("ca.crt"));
    fs::write(tree.path("pki/both.crt"), both).unwrap();
    for name in ["ca.crt", "ca.key"] {
        fs::copy(other.join(name), tree.path("pki").join(name)).unwrap();
    }
    let flag = "--client-ca-file=/etc/kubernetes/pki/";
    let tree = tree.told("", &format!("{flag}ca.crt"), &format!("{flag}both.crt"));
    let (mut errors, report) = tree.errors(&[]);
    errors.dedup();
    assert_eq!(errors, ["leaf-of-another-ca"], "{report}");
}
