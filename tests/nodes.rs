//! Several nodes of one cluster, read as one: what they share has to agree, and what one lacks
//! another may have.

#![allow(
    clippy::unwrap_used,
    reason = "what a test needs and does not get is its failure"
)]

mod fixture;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use fixture::{TOKEN, copy_to, fixtures, judge};
use insta::assert_snapshot;
use tempfile::TempDir;

/// The nodes of a cluster, each in a folder of its own.
struct Nodes(TempDir);

impl Nodes {
    /// Folders with these names, each a copy of a fixture.
    fn of(nodes: &[(&str, &str)]) -> Self {
        let folder = TempDir::new().unwrap();
        for (name, fixture) in nodes {
            copy_to(&fixtures().join(fixture), &folder.path().join(name));
        }
        Self(folder)
    }

    /// The three control planes that kubeadm made.
    fn of_kubeadm() -> Self {
        Self::of(&[
            ("cp1", "kubeadm/ecdsa-p256"),
            ("cp2", "nodes/kubeadm-cp-2"),
            ("cp3", "nodes/kubeadm-cp-3"),
        ])
    }

    /// A control plane of kubespray, and a host of its group `etcd`.
    fn of_kubespray() -> Self {
        let nodes = Self::of(&[("control", "layouts/kubespray")]);
        let etcd = "etc/ssl/etcd/ssl";
        copy_to(
            &nodes.path(&format!("control/{etcd}")),
            &nodes.path(&format!("etcd/{etcd}")),
        );
        fs::remove_file(nodes.path(&format!("control/{etcd}/ca-key.pem"))).unwrap();
        nodes
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Puts a file of a fixture in place of one of a node.
    fn replace(self, file: &str, fixture: &str) -> Self {
        copy_to(&fixtures().join(fixture), &self.path(file));
        self
    }

    /// Puts `to` for `from` in a file of a node.
    fn edit(self, file: &str, from: &str, to: &str) -> Self {
        let text = fs::read_to_string(self.path(file)).unwrap();
        assert!(text.contains(from), "{file}");
        fs::write(self.path(file), text.replacen(from, to, 1)).unwrap();
        self
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let mut command = judge(arguments);
        command.current_dir(self.0.path()).output().unwrap()
    }

    /// What `scan --nodes` says of `nodes`, if it ends with `status`.
    fn scan(&self, status: i32, nodes: &[&str]) -> String {
        let output = self.run(&[&["scan", "--nodes"], nodes].concat());
        assert_eq!(output.status.code(), Some(status), "{}", all(&output));
        all(&output)
    }
}

fn all(output: &Output) -> String {
    let text = [output.stdout.as_slice(), &output.stderr].concat();
    String::from_utf8(text).unwrap()
}

/// The first lines of the findings: all that is wrong, and with which node.
fn findings(said: &str) -> String {
    let (_, findings) = said.split_once("\n\nerror[").expect("an error");
    format!("error[{findings}")
}

/// The bundle that is made of `nodes`, but for what is new each time.
fn imported(nodes: &Nodes, sources: &[&str]) -> String {
    let flags = sources.iter().flat_map(|source| ["-p", source]);
    let fixed = ["gen", "secrets", "-o", "-", "-t", TOKEN];
    let arguments: Vec<&str> = fixed.into_iter().chain(flags).collect();
    let output = nodes.run(&arguments);
    assert_eq!(output.status.code(), Some(0), "{}", all(&output));
    let text = String::from_utf8(output.stdout).unwrap();
    let (_, authorities) = text.split_once("certs:\n").unwrap();
    let (authorities, _) = authorities.split_once("    os:\n").unwrap();
    authorities.to_owned()
}

#[test]
fn control_planes_that_agree_are_one_cluster() {
    let nodes = Nodes::of_kubeadm();
    assert_snapshot!("nodes_that_agree", nodes.scan(0, &["cp1", "cp2"]));
    assert_eq!(
        imported(&nodes, &["cp1", "cp2"]),
        imported(&nodes, &["cp1"])
    );
}

#[test]
fn without_the_flag_each_path_is_a_cluster() {
    let nodes = Nodes::of_kubeadm();
    let output = nodes.run(&["scan", "cp1", "cp2"]);
    assert_eq!(all(&output).matches("kubeadm cluster at cp").count(), 2);
}

#[test]
fn the_ca_that_holds_longest_is_taken_of_those_with_one_key() {
    let nodes = Nodes::of_kubeadm();
    let said = nodes.scan(0, &["cp1", "cp2", "cp3"]);
    assert_snapshot!("nodes_ca_renewed", said);
    let renewed = imported(&nodes, &["cp3"]);
    assert_eq!(imported(&nodes, &["cp1", "cp2", "cp3"]), renewed);
    assert_ne!(imported(&nodes, &["cp1"]), renewed);
}

#[test]
fn one_stale_ca_of_three_is_told_side_by_side() {
    let nodes = Nodes::of_kubeadm()
        .replace("cp3/pki/ca.crt", "kubeadm/ecdsa-p384/pki/ca.crt")
        .replace("cp3/pki/ca.key", "kubeadm/ecdsa-p384/pki/ca.key");
    assert_snapshot!(
        "nodes_stale_ca",
        findings(&nodes.scan(1, &["cp1", "cp2", "cp3"]))
    );
    let output = nodes.run(&["gen", "secrets", "-p", "cp1", "-p", "cp3", "-o", "s.yaml"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(!nodes.path("s.yaml").exists());
    let output = nodes.run(&["convert", "cp1", "cp3", "-o", "out", "-t", TOKEN]);
    assert_eq!(output.status.code(), Some(1));
    assert!(all(&output).contains("error[nodes-disagree]"));
    assert!(!nodes.path("out").exists());
}

#[test]
fn a_disagreement_of_each_kind_is_told_side_by_side() {
    let other = "kubeadm/ecdsa-p384/pki";
    let files = |names: &[&str]| {
        names.iter().fold(Nodes::of_kubeadm(), |nodes, name| {
            nodes.replace(&format!("cp2/pki/{name}"), &format!("{other}/{name}"))
        })
    };
    let told = |nodes: Nodes| findings(&nodes.scan(1, &["cp1", "cp2"]));
    assert_snapshot!(
        "nodes_etcd_ca",
        told(files(&["etcd/ca.crt", "etcd/ca.key"]))
    );
    let aggregator = ["front-proxy-ca.crt", "front-proxy-ca.key"];
    assert_snapshot!("nodes_aggregator_ca", told(files(&aggregator)));
    assert_snapshot!(
        "nodes_service_account_key",
        told(files(&["sa.key", "sa.pub"]))
    );
    assert_snapshot!("nodes_public_key", told(files(&["sa.pub"])));
    assert_snapshot!("nodes_key_of_ca", told(files(&["ca.key"])));
}

/// A configuration of encryption at rest with a key that protects nothing.
fn encryption(name: &str, secret: &str) -> String {
    format!(
        "apiVersion: apiserver.config.k8s.io/v1\nkind: EncryptionConfiguration\nresources:\n\
         - resources: [secrets]\n  providers:\n  - secretbox:\n      keys:\n      - name: {name}\n\
         \x20       secret: {secret}\n  - identity: {{}}\n"
    )
}

#[test]
fn keys_of_encryption_at_rest_are_compared_by_name_and_fingerprint() {
    const SECRETS: [&str; 2] = [
        "MDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDA=",
        "MTExMTExMTExMTExMTExMTExMTExMTExMTExMTExMTE=",
    ];
    let encrypting = |nodes: Nodes, node: &str, name: &str, secret: &str| {
        fs::write(
            nodes.path(&format!("{node}/enc.yaml")),
            encryption(name, secret),
        )
        .unwrap();
        let flag =
            "    - --encryption-provider-config=/etc/kubernetes/enc.yaml\n    - --etcd-cafile=";
        let manifest = format!("{node}/manifests/kube-apiserver.yaml");
        nodes.edit(&manifest, "    - --etcd-cafile=", flag)
    };
    let first = || encrypting(Nodes::of_kubeadm(), "cp1", "key2", SECRETS[0]);
    let said = findings(&first().scan(1, &["cp1", "cp2"]));
    assert_snapshot!("nodes_encryption_on_one", said);
    let same = encrypting(first(), "cp2", "key2", SECRETS[0]);
    same.scan(0, &["cp1", "cp2"]);
    // The file that the flag names counts, and none of that name in a backup.
    let backups = encrypting(first(), "cp2", "key2", SECRETS[1]);
    for node in ["cp1", "cp2"] {
        let folder = backups.path(&format!("{node}/backup"));
        fs::create_dir(&folder).unwrap();
        fs::write(folder.join("enc.yaml"), encryption("key2", SECRETS[0])).unwrap();
    }
    backups.scan(1, &["cp1", "cp2"]);
    for (name, secret) in [("key1", SECRETS[0]), ("key2", SECRETS[1])] {
        let nodes = encrypting(first(), "cp2", name, secret);
        let said = findings(&nodes.scan(1, &["cp1", "cp2"]));
        assert_snapshot!(format!("nodes_encryption_{name}_{}", &secret[..2]), said);
        for secret in SECRETS {
            assert!(!said.contains(secret));
        }
    }
}

#[test]
fn a_key_that_one_node_lacks_is_taken_from_another() {
    let nodes = Nodes::of_kubespray();
    let said = nodes.run(&["scan", "control"]);
    assert!(all(&said).contains("error[missing-etcd-ca-key]"));
    assert_snapshot!("nodes_kubespray", nodes.scan(0, &["control", "etcd"]));
    let whole = Nodes::of(&[("whole", "layouts/kubespray")]);
    let expected = imported(&whole, &["whole"]);
    assert_eq!(imported(&nodes, &["control", "etcd"]), expected);
    assert_eq!(imported(&nodes, &["etcd", "control"]), expected);
}

#[test]
fn the_settings_of_the_first_control_plane_are_converted() {
    let etcd = "pki/etcd";
    let nodes = Nodes::of(&[("cp", "kubeadm/ecdsa-p256")]);
    copy_to(
        &nodes.path(&format!("cp/{etcd}")),
        &nodes.path(&format!("db/{etcd}")),
    );
    fs::remove_file(nodes.path(&format!("cp/{etcd}/ca.key"))).unwrap();
    let output = nodes.run(&["convert", "db", "cp", "-o", "out", "-t", TOKEN]);
    assert_eq!(output.status.code(), Some(0), "{}", all(&output));
    let runbook = fs::read_to_string(nodes.path("out/MIGRATION.md")).unwrap();
    assert!(runbook.contains("`db: pki/etcd/ca.key`"), "{runbook}");
}

#[test]
fn each_controller_of_k0s_has_an_aggregator_ca_of_its_own() {
    let nodes = Nodes::of(&[("c1", "layouts/k0s"), ("c2", "nodes/k0s-controller-2")]);
    assert_snapshot!("nodes_k0s", nodes.scan(0, &["c1", "c2"]));
    let output = nodes.run(&["scan", "--nodes", "c1", "c2", "--format", "json"]);
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report[0]["nodes"], serde_json::json!(["c1", "c2"]));
    let authorities = report[0]["authorities"].as_array().unwrap();
    let aggregator = authorities
        .iter()
        .find(|it| it["slot"] == "k8saggregator")
        .unwrap();
    let file = "var/lib/k0s/pki/front-proxy-ca.crt";
    assert_eq!(aggregator["certificate"]["file"], format!("c1: {file}"));
    assert_eq!(aggregator["accepted"][0]["file"], format!("c2: {file}"));
    assert_eq!(aggregator["accepted"].as_array().unwrap().len(), 1);
    // Without a manifest of the API server the rest cannot be converted.
    let output = nodes.run(&["convert", "c1", "c2", "--dry-run", "--notes"]);
    let said = all(&output);
    let accepted =
        format!("  --> c2: {file} block 1 (line 1)\n   = to KubeAggregatorCAConfig.acceptedCAs\n");
    assert!(said.contains(&accepted), "{said}");
}

#[test]
fn a_node_that_is_given_twice_is_refused() {
    let nodes = Nodes::of_kubeadm();
    let said = nodes.scan(2, &["cp1", "cp2", "./cp1"]);
    assert_eq!(said, "error: `./cp1` is given twice; give each node once\n");
    let output = nodes.run(&["gen", "secrets", "-p", "cp1", "-p", "cp1"]);
    assert_eq!(output.status.code(), Some(2));
    let output = nodes.run(&["convert", "cp1", "cp1", "--dry-run"]);
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn a_copy_of_a_node_is_told() {
    let nodes = Nodes::of(&[("cp1", "kubeadm/ecdsa-p256"), ("cp2", "kubeadm/ecdsa-p256")]);
    let said = nodes.scan(0, &["cp1", "cp2", "--notes"]);
    assert!(
        said.contains("note[nodes-alike]: cp1 and cp2 have"),
        "{said}"
    );
}

#[test]
fn one_path_that_cannot_be_read_does_not_hide_the_others() {
    let nodes = Nodes::of_kubeadm();
    let said = nodes.scan(2, &["cp1", "gone", "cp2"]);
    assert!(
        said.starts_with("kubeadm cluster of 2 nodes at cp1, cp2 "),
        "{said}"
    );
    assert!(said.ends_with("error: cannot read `gone`: No such file or directory (os error 2)\n"));
    let output = nodes.run(&["gen", "secrets", "-p", "cp1", "-p", "gone", "-o", "s.yaml"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(!nodes.path("s.yaml").exists());
}

#[test]
fn a_copy_that_is_broken_on_one_node_is_left_out() {
    let nodes = Nodes::of_kubeadm();
    fs::write(nodes.path("cp2/pki/ca.crt"), "broken").unwrap();
    let said = nodes.scan(0, &["cp1", "cp2", "--notes"]);
    assert!(said.contains("cp2: pki/ca.crt"), "{said}");
    assert_eq!(
        imported(&nodes, &["cp2", "cp1"]),
        imported(&nodes, &["cp1"])
    );
}

/// One folder with the whole `/etc` of each node.
fn backup(second: &str) -> Nodes {
    Nodes::of(&[
        ("backup/cp1/etc/kubernetes", "kubeadm/ecdsa-p256"),
        ("backup/cp2/etc/kubernetes", second),
    ])
}

#[test]
fn one_source_may_have_the_trees_of_several_nodes() {
    let nodes = backup("nodes/kubeadm-cp-2");
    let output = nodes.run(&["scan", "backup"]);
    assert_eq!(output.status.code(), Some(0), "{}", all(&output));
    assert_snapshot!("nodes_in_one_source", all(&output));
    let alone = imported(&nodes, &["backup/cp1/etc/kubernetes"]);
    assert_eq!(imported(&nodes, &["backup"]), alone);
    let output = nodes.run(&["convert", "backup", "-o", "out", "-t", TOKEN]);
    assert_eq!(output.status.code(), Some(0), "{}", all(&output));
    assert!(nodes.path("out/controlplane.yaml").exists());
}

#[test]
fn two_clusters_in_one_source_are_refused() {
    let nodes = backup("kubeadm/ecdsa-p384");
    let output = nodes.run(&["scan", "backup"]);
    assert_eq!(output.status.code(), Some(1));
    let said = all(&output);
    assert!(said.contains("error[nodes-disagree]: the nodes do not agree: Kubernetes CA"));
    let one_line = said.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        one_line.contains("if these are two clusters, give the nodes of one"),
        "{said}"
    );
}

#[test]
fn settings_that_differ_are_told_with_the_trust_that_does() {
    let nodes = Nodes::of_kubeadm()
        .replace("cp2/pki/sa.key", "kubeadm/ecdsa-p384/pki/sa.key")
        .edit(
            "cp2/manifests/kube-apiserver.yaml",
            "    - --etcd-cafile=",
            "    - --event-ttl=2h\n    - --etcd-cafile=",
        );
    let output = nodes.run(&["convert", "cp1", "cp2", "-o", "out", "-t", TOKEN]);
    assert_eq!(output.status.code(), Some(1));
    let said = all(&output);
    assert!(said.contains("error[nodes-disagree]: the nodes do not agree: service-account key"));
    assert!(
        said.contains("do not agree: kube-apiserver --event-ttl"),
        "{said}"
    );
    assert!(
        said.contains("  --> cp1: nothing\n  --> cp2: 2h\n"),
        "{said}"
    );
    assert!(!Path::new(&nodes.path("out")).exists());
}

/// Every control plane leaves, and not the first alone; what is the same to do on each is told once.
#[test]
fn the_runbook_of_several_nodes_names_them_all() {
    let nodes = Nodes::of_kubeadm();
    let output = nodes.run(&["convert", "cp1", "cp2", "cp3", "-o", "migration"]);
    assert_eq!(output.status.code(), Some(0), "{}", all(&output));
    let runbook = fs::read_to_string(nodes.path("migration/MIGRATION.md")).unwrap();
    for (node, leaves) in [
        ("`cp-2 (192.0.2.11)`", "NODE=cp-2 OLD=192.0.2.11\n"),
        ("`cp-3 (192.0.2.12)`", "NODE=cp-3 OLD=192.0.2.12\n"),
    ] {
        // At the top, and where the old control planes leave.
        assert_eq!(runbook.matches(node).count(), 1, "{node}");
        assert_eq!(runbook.matches(leaves).count(), 1, "{node}");
    }
    assert!(!runbook.contains("is the only control plane"));
    assert_eq!(runbook.matches("the missing name 127.0.0.1 in").count(), 1);
    let told = all(&output);
    assert_eq!(
        told.matches("the missing name 127.0.0.1").count(),
        1,
        "{told}"
    );
    // In the page each place has its row, with the number of the one task.
    let page = fs::read_to_string(nodes.path("migration/report.html")).unwrap();
    assert!(!page.contains(">P5<"), "as many numbers as tasks");
}

#[test]
fn an_etcd_with_a_folder_of_its_own_is_no_node() {
    let used = "kubeadm/external-etcd";
    let nodes = Nodes::of(&[("host/etc/kubernetes", used)]);
    let etcd = "host/etc/etcd/pki";
    copy_to(
        &fixtures().join("kubeadm/rsa-2048/pki/etcd"),
        &nodes.path(etcd),
    );
    for name in ["apiserver-etcd-client.crt", "apiserver-etcd-client.key"] {
        let from = fixtures().join("kubeadm/rsa-2048/pki").join(name);
        copy_to(&from, &nodes.path(&format!("{etcd}/{name}")));
    }
    let said = all(&nodes.run(&["scan", "host"]));
    assert!(
        said.starts_with("kubeadm cluster at host, in etc/kubernetes "),
        "{said}"
    );
    assert!(!said.contains("nodes-disagree"), "{said}");
    let kubernetes = nodes.run(&["scan", "host", "--format", "json"]);
    let kubernetes = all(&kubernetes);
    assert!(
        kubernetes.contains("\"file\": \"etc/kubernetes/pki/ca.crt\""),
        "{kubernetes}"
    );
}

#[test]
fn a_copy_beside_the_folder_in_use_is_no_node() {
    // It comes before the folder in use by its name, and has manifests, too.
    let nodes = Nodes::of(&[
        ("host/etc/kubernetes", "kubeadm/rsa-2048"),
        ("host/etc/kubernetes.bak", "kubeadm/ecdsa-p384"),
    ])
    .edit(
        "host/etc/kubernetes.bak/manifests/kube-apiserver.yaml",
        "    - --etcd-cafile=",
        "    - --event-ttl=2h\n    - --etcd-cafile=",
    );
    for source in ["host", "host/etc"] {
        let said = nodes.scan(0, &[source]);
        assert!(said.starts_with("kubeadm cluster at "), "{said}");
        assert!(said.contains("unread-file"), "{said}");
        assert!(said.contains("kubernetes.bak/: it stands beside"), "{said}");
        let alone = imported(&nodes, &["host/etc/kubernetes"]);
        assert_eq!(imported(&nodes, &[source]), alone);
    }
    let output = nodes.run(&["convert", "host", "-o", "out", "-t", TOKEN]);
    assert_eq!(output.status.code(), Some(0), "{}", all(&output));
    let configuration = fs::read_to_string(nodes.path("out/controlplane.yaml")).unwrap();
    assert!(!configuration.contains("event-ttl"));
}

#[test]
fn copies_on_some_nodes_hide_no_node() {
    let backup = |copies: &[&str]| {
        let nodes = Nodes::of(&[
            ("cluster/cp1/etc/kubernetes", "kubeadm/ecdsa-p256"),
            ("cluster/cp2/etc/kubernetes", "nodes/kubeadm-cp-2"),
            ("cluster/cp3/etc/kubernetes", "nodes/kubeadm-cp-3"),
        ])
        .replace(
            "cluster/cp2/etc/kubernetes/pki/sa.key",
            "kubeadm/ecdsa-p384/pki/sa.key",
        );
        for copy in copies {
            let place = nodes.path(&format!("cluster/{copy}"));
            copy_to(&fixtures().join("kubeadm/rsa-2048"), &place);
        }
        nodes
    };
    let disagree = findings(&backup(&[]).scan(1, &["cluster"]));
    for copies in [
        &["cp1/etc/kubernetes.bak"][..],
        &["cp3/etc/kubernetes-old", "cp1/etc/kubernetes.bak"],
        &["cp2/root/old/etc/kubernetes"],
        &["cp1/backup/kubernetes", "cp3/kubernetes"],
        &[
            "cp1/root/etc/kubernetes",
            "cp2/root/etc/kubernetes",
            "cp3/etc/kubernetes.1",
        ],
    ] {
        let said = backup(copies).scan(1, &["cluster"]);
        let error = |said: &str| said.split("warning[").next().unwrap().to_owned();
        assert_eq!(error(&findings(&said)), error(&disagree), "{copies:?}");
    }
}

/// They are neither in folders of the same shape, nor is one below the other.
#[test]
fn of_two_nodes_that_are_not_told_apart_none_is_taken_alone() {
    for second in ["kubeadm/ecdsa-p384", "nodes/kubeadm-cp-2"] {
        let nodes = Nodes::of(&[
            ("backup/cp1/etc/kubernetes", "kubeadm/ecdsa-p256"),
            ("backup/cp2/kubernetes", second),
        ]);
        let said = nodes.scan(1, &["backup"]);
        assert!(said.contains("could be the folder of the node"), "{said}");
        assert!(said.contains("  --> cp1/\n  --> cp2/\n"), "{said}");
        assert!(said.contains("scan --nodes A B"), "{said}");
    }
}

#[test]
fn old_revisions_of_a_snap_are_no_nodes() {
    let snap = "var/snap/microk8s";
    let nodes = Nodes::of(&[("host", "layouts/microk8s")]);
    copy_to(
        &nodes.path(&format!("host/{snap}/current")),
        &nodes.path(&format!("host/{snap}/5372")),
    );
    let said = nodes.scan(1, &["host"]);
    assert!(said.starts_with("microk8s cluster at host, in "), "{said}");
    assert!(said.contains("microk8s/current"), "{said}");
}
