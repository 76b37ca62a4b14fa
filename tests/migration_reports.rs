//! The reports of a migration, through the library: for real clusters of kubeadm, and for clusters
//! with settings that somebody changed.

#![allow(
    clippy::unwrap_used,
    reason = "what a test needs and does not get is its failure"
)]

mod fixture;

use std::fs;
use std::path::Path;

use fixture::{NOW, copy_of};
use talos_pki::check::{self, Findings, TokenChoice};
use talos_pki::cluster::Cluster;
use talos_pki::convert::migration::{Plan, Wishes, plan};
use talos_pki::layout::{self, Layout};
use talos_pki::report::migration::{self, MigrationReport};
use talos_pki::settings::Settings;
use talos_pki::source::{self, Location};
use talos_pki::talos::Contract;
use tempfile::TempDir;

const FILES: [&str; 7] = [
    "secrets.yaml",
    "controlplane.yaml",
    "worker.yaml",
    "talosconfig",
    "bootstrap-token.yaml",
    "MIGRATION.md",
    "report.html",
];

/// A cluster, as far as it was read.
struct Read {
    cluster: Cluster,
    settings: Settings,
    findings: Findings,
    plan: Plan,
    contract: Contract,
}

impl Read {
    /// What is in `folder`, which is called `/etc/kubernetes`.
    fn of(folder: &Path, talos: &str) -> Self {
        let mut tree = source::read(&Location::Path(folder.to_owned())).unwrap();
        "/etc/kubernetes".clone_into(&mut tree.name);
        let settings = Settings::read(&tree);
        let cluster = layout::read(tree, Layout::Detect, None).unwrap();
        let contract: Contract = talos.parse().unwrap();
        let context = check::Context {
            now: NOW.parse().unwrap(),
            expires_within: jiff::SignedDuration::from_hours(24 * 90),
            token: TokenChoice::Generated,
            writes_bundle: false,
            contract,
        };
        let findings = check::check(&cluster, &context, &[]);
        let wishes = Wishes {
            contract,
            name: None,
            endpoint: None,
            has_token: false,
            tokens_to_check: Vec::new(),
            now: NOW.parse().unwrap(),
        };
        let plan = plan(&cluster, &settings, &wishes);
        Self {
            cluster,
            settings,
            findings,
            plan,
            contract,
        }
    }

    fn report(&self) -> MigrationReport<'_> {
        let is_possible = self.findings.is_sound() && self.plan.is_possible();
        MigrationReport {
            cluster: &self.cluster,
            settings: &self.settings,
            findings: &self.findings,
            plan: &self.plan,
            contract: self.contract,
            made: None,
            now: NOW.parse().unwrap(),
            folder: "migration/",
            files: if is_possible { &FILES } else { &[] },
        }
    }
}

fn fixture(name: &str, talos: &str) -> Read {
    Read::of(copy_of(&format!("kubeadm/{name}")).path(), talos)
}

/// Puts flags behind the program in a manifest.
fn add_flags(folder: &Path, component: &str, flags: &[&str]) {
    let path = folder.join(format!("manifests/{component}.yaml"));
    let text = fs::read_to_string(&path).unwrap();
    let first = format!("    - {component}\n");
    assert!(text.contains(&first));
    let lines: String = flags.iter().map(|flag| format!("    - {flag}\n")).collect();
    fs::write(path, text.replacen(&first, &(first.clone() + &lines), 1)).unwrap();
}

/// A cluster in which much was set by hand. Its keys protect nothing.
fn changed() -> TempDir {
    let copy = copy_of("kubeadm/rsa-2048");
    let folder = copy.path();
    add_flags(
        folder,
        "kube-apiserver",
        &[
            "--encryption-provider-config=/etc/kubernetes/encryption.yaml",
            "--service-account-issuer=https://old.example.org",
            "--oidc-issuer-url=https://login.example.org",
            "--oidc-client-id=kubernetes",
            "--audit-webhook-config-file=/etc/kubernetes/audit-webhook.yaml",
            "--max-requests-inflight=800",
        ],
    );
    add_flags(folder, "kube-scheduler", &["--v=4"]);
    fs::write(
        folder.join("encryption.yaml"),
        "apiVersion: apiserver.config.k8s.io/v1
kind: EncryptionConfiguration
resources:
- resources: [secrets, configmaps]
  providers:
  - aescbc:
      keys:
      - name: prod-2023
        secret: cHJvdGVjdHMgbm90aGluZyBwcm90ZWN0cyBub3RoaW4=
  - identity: {}
",
    )
    .unwrap();
    fs::write(
        folder.join("manifests/kube-vip.yaml"),
        "apiVersion: v1
kind: Pod
metadata:
  name: kube-vip
spec:
  containers:
  - name: kube-vip
    image: ghcr.io/kube-vip/kube-vip:v1.0.0
    args: [manager, --lease=kube-vip]
    env:
    - name: address
      value: 192.0.2.1
",
    )
    .unwrap();
    fs::write(
        folder.join("kubeadm-config.yaml"),
        "apiVersion: kubeadm.k8s.io/v1beta4
kind: ClusterConfiguration
clusterName: prod
controlPlaneEndpoint: kube.example.org:6443
kubernetesVersion: v1.36.3
networking:
  dnsDomain: cluster.local
  podSubnet: 10.244.0.0/16
  serviceSubnet: 10.96.0.0/12
apiServer:
  certSANs: [api.example.org]
  extraArgs:
  - name: max-requests-inflight
    value: \"800\"
  extraEnvs:
  - name: HTTPS_PROXY
    value: http://me:protects-nothing@proxy.example.org
imageRepository: mirror.example.org/kubernetes
",
    )
    .unwrap();
    fs::write(
        folder.join("kubelet-config.yaml"),
        "apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
clusterDNS: [10.96.0.10]
clusterDomain: cluster.local
maxPods: 200
rotateCertificates: true
---
apiVersion: kubeproxy.config.k8s.io/v1alpha1
kind: KubeProxyConfiguration
mode: ipvs
bindAddress: 0.0.0.0
conntrack:
  min: 1000
",
    )
    .unwrap();
    copy
}

/// Texts from outside that mean something to HTML, Markdown or a shell.
const HOSTILE: [&str; 4] = [
    "<script>alert(1)</script>",
    "\"><img src=http://evil.example/x>",
    "`$(reboot)`|<b>",
    "[a](http://evil.example)",
];

#[test]
#[ignore = "writes the page to look at it: WRITE_REPORT_TO=FOLDER"]
fn write_reports() {
    let folder = std::env::var("WRITE_REPORT_TO").unwrap();
    let folder = Path::new(&folder);
    for (name, read) in [
        ("rsa-2048", fixture("rsa-2048", "v1.14")),
        ("rsa-2048-v1.13", fixture("rsa-2048", "v1.13")),
        ("external-etcd", fixture("external-etcd", "v1.14")),
        ("external-ca", fixture("external-ca", "v1.14")),
        ("changed", Read::of(changed().path(), "v1.14")),
        ("changed-v1.13", Read::of(changed().path(), "v1.13")),
    ] {
        let report = read.report();
        fs::write(
            folder.join(format!("{name}.html")),
            migration::html(&report),
        )
        .unwrap();
        fs::write(
            folder.join(format!("{name}.md")),
            migration::runbook(&report),
        )
        .unwrap();
        fs::write(
            folder.join(format!("{name}.txt")),
            migration::summary(&report),
        )
        .unwrap();
        let json = serde_json::to_string_pretty(&migration::json(&report)).unwrap();
        fs::write(folder.join(format!("{name}.json")), json).unwrap();
    }
}
