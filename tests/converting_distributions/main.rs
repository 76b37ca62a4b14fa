//! Clusters that are not kubeadm's on their way to Talos: the PKI of each distribution, with the
//! files in which it says how Kubernetes is run, as it writes them.

#![allow(
    clippy::unwrap_used,
    reason = "what a test needs and does not get is its failure"
)]

mod cluster_api;
mod documented_sources;
#[path = "../fixture/mod.rs"]
mod fixture;
mod hard_way;
mod k0s;
mod k3s;
mod kops;
mod kubeadm_elsewhere;
#[path = "../kubernetes_objects/mod.rs"]
mod kubernetes_objects;
mod made_of_settings;
mod rke1;
mod rke2;
mod snaps;

use std::fs;
use std::path::PathBuf;
use std::process::Output;

use fixture::{TOKEN, copy_of, judge};
use serde_json::Value;
use tempfile::TempDir;

/// What `kubectl get nodes -o yaml` tells.
const NODES: &str = "apiVersion: v1
kind: List
items:
- apiVersion: v1
  kind: Node
  metadata:
    name: cp-1
    labels: {node-role.kubernetes.io/control-plane: 'true'}
  status:
    addresses: [{type: InternalIP, address: 192.0.2.10}]
    nodeInfo: {kubeletVersion: v1.36.3+k3s1}
";

/// The files of a node, in a folder of their own.
struct Node {
    folder: TempDir,
    beside: TempDir,
}

impl Node {
    /// A node with the PKI of the fixture `layout`.
    fn of(layout: &str) -> Self {
        let beside = TempDir::new().unwrap();
        fs::write(beside.path().join("nodes.yaml"), NODES).unwrap();
        Self {
            folder: copy_of(&format!("layouts/{layout}")),
            beside,
        }
    }

    fn with(self, path: &str, text: &str) -> Self {
        let path = self.folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        self
    }

    fn without(self, path: &str) -> Self {
        fs::remove_file(self.folder.path().join(path)).unwrap();
        self
    }

    fn read(&self, path: &str) -> String {
        fs::read_to_string(self.folder.path().join(path)).unwrap()
    }

    /// `convert` of this node, with the nodes of the cluster told.
    fn convert(&self, arguments: &[&str]) -> Output {
        let folder = self.folder.path().to_str().unwrap();
        judge(&[
            "convert",
            folder,
            "--cluster-info",
            "nodes.yaml",
            "-t",
            TOKEN,
        ])
        .args(arguments)
        .current_dir(self.beside.path())
        .output()
        .unwrap()
    }

    /// What would become of everything.
    fn plan(&self, arguments: &[&str]) -> Plan {
        let output = self.convert(&[&["--dry-run", "--json"], arguments].concat());
        let report = serde_json::from_slice(&output.stdout);
        let said = String::from_utf8_lossy(&output.stderr);
        Plan(report.unwrap_or_else(|error| panic!("{error}: {said}")))
    }

    /// The configuration of control planes that `convert` writes.
    fn control_plane(&self, arguments: &[&str]) -> String {
        let output = self.convert(&[&["-o", "out", "-f"], arguments].concat());
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(0), "{said}");
        let config = fs::read_to_string(self.out().join("controlplane.yaml")).unwrap();
        keep(&config);
        config
    }

    fn out(&self) -> PathBuf {
        self.beside.path().join("out")
    }
}

/// Leaves a configuration for the peers, which start nodes with it: by the name of the test, in the
/// folder that KEEP_CONFIGS_IN names.
fn keep(config: &str) {
    let Some(folder) = std::env::var_os("KEEP_CONFIGS_IN") else {
        return;
    };
    let test = std::thread::current().name().unwrap().replace("::", ".");
    let mut names =
        (1..).map(|number| PathBuf::from(&folder).join(format!("{test}-{number}.yaml")));
    let path = names.find(|path| !path.exists()).unwrap();
    fs::write(path, config).unwrap();
}

/// The report of a plan.
struct Plan(Value);

impl Plan {
    fn items(&self) -> &[Value] {
        self.0["items"].as_array().unwrap()
    }

    /// The item of this name.
    fn item(&self, what: &str) -> &Value {
        let mut items = self.items().iter();
        items.find(|item| item["what"] == what).unwrap_or_else(|| {
            let all: Vec<_> = self
                .items()
                .iter()
                .map(|item| item["what"].to_string())
                .collect();
            panic!("no {what} in {all:#?}")
        })
    }

    /// What becomes of it.
    fn outcome(&self, what: &str) -> &str {
        self.item(what)["outcome"].as_str().unwrap()
    }

    fn assert(&self, outcome: &str, all: &[&str]) {
        for what in all {
            assert_eq!(self.outcome(what), outcome, "{}", self.item(what));
        }
    }

    fn has(&self, what: &str) -> bool {
        self.items().iter().any(|item| item["what"] == what)
    }

    /// The names of what is refused.
    fn refused(&self) -> Vec<&str> {
        let refused = self
            .items()
            .iter()
            .filter(|item| item["outcome"] == "refused");
        refused.map(|item| item["what"].as_str().unwrap()).collect()
    }

    /// Everything that was read in `origin`.
    fn read_in(&self, origin: &str) -> Vec<&str> {
        let items = self.items().iter().filter(|item| item["origin"] == origin);
        items.map(|item| item["what"].as_str().unwrap()).collect()
    }

    fn cluster(&self, field: &str) -> &Value {
        &self.0["cluster"][field]
    }

    /// The address, and the networks of pods and services.
    fn assert_reached(&self, endpoint: &str, pods: &[&str], services: &[&str]) {
        assert_eq!(self.cluster("endpoint"), endpoint);
        assert_eq!(self.cluster("pod_subnets"), &Value::from(pods));
        assert_eq!(self.cluster("service_subnets"), &Value::from(services));
    }
}

/// The document of `kind` in a configuration, without its first lines.
fn document(config: &str, kind: &str) -> String {
    let start = format!("apiVersion: v1alpha1\nkind: {kind}\n");
    let (_, rest) = config
        .split_once(&start)
        .unwrap_or_else(|| panic!("there is no {kind}"));
    rest.split("\n---\n").next().unwrap().to_owned()
}

/// The name and secret of the key in the fixtures that encrypt; they protect nothing.
const ENCRYPTION_SECRET: &str = "cHJvdGVjdHMgbm90aGluZyBwcm90ZWN0cyBub3RoaW4=";

#[test]
fn without_its_settings_every_distribution_is_refused_and_told_what_to_bring() {
    for (layout, file) in [
        ("k3s", "/etc/rancher/k3s"),
        ("rke2", "/var/lib/rancher/rke2/agent/pod-manifests"),
        ("k0s", "/etc/k0s/k0s.yaml"),
        ("rke1", "cluster.rkestate"),
        ("microk8s", "/var/snap/microk8s/current"),
        ("k8s-snap", "/var/snap/k8s/common/args"),
        ("kops", "/etc/kubernetes/manifests"),
        ("hard-way", "kube-apiserver.service"),
    ] {
        let node = Node::of(layout);
        let plan = node.plan(&["--endpoint", "https://kube.example.org:6443"]);
        assert_eq!(plan.refused(), ["encryption at rest"], "{layout}");
        let item = plan.item("encryption at rest");
        assert!(
            item["help"].as_str().unwrap().contains(file),
            "{layout}: {item}"
        );
        let output = node.convert(&["-o", "out"]);
        assert_eq!(output.status.code(), Some(1), "{layout}");
        assert!(!node.out().exists(), "{layout}");
    }
}

#[test]
fn without_images_the_version_is_that_of_the_nodes_or_has_to_be_told() {
    let node = hard_way::node();
    let plan = node.plan(&[]);
    assert_eq!(plan.cluster("kubernetes_version"), "1.36.3");
    let folder = node.folder.path().to_str().unwrap();
    let output = judge(&["convert", folder, "--dry-run"]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        said.contains("refused: the version of Kubernetes"),
        "{said}"
    );
    assert!(said.contains("kubectl get nodes -o yaml"), "{said}");
}

/// What a person reads of a cluster: what is refused, and with the settings what is left to do.
#[test]
fn every_word_of_what_is_refused_and_left_to_do() {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../snapshots/converting_distributions");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| {
        let nodes = [
            ("k3s-refused", Node::of("k3s")),
            ("rke1-refused", Node::of("rke1")),
            (
                "k3s",
                k3s::node(k3s::RICH).with(k3s::ENCRYPTION, &k3s::encrypted()),
            ),
            (
                "k0s",
                k0s::node(k0s::RICH, "--single").without("var/lib/k0s/pki/server.crt"),
            ),
            ("rke1", rke1::node()),
            ("hard-way", hard_way::node()),
        ];
        for (name, node) in nodes {
            let output = node.convert(&["--dry-run"]);
            let said = String::from_utf8(output.stderr).unwrap();
            // What the rules say of the PKI is looked at elsewhere.
            let plan = said
                .split_inclusive("\n\n")
                .filter(|part| !part.starts_with("warning[") && !part.starts_with("error["));
            insta::assert_snapshot!(name, plan.collect::<String>());
        }
    });
}
