//! Clusters to report on: real ones of kubeadm, and some in which settings were changed.

use std::fs;
use std::path::Path;

use crate::fixture::{NOW, copy_of};
use talos_pki::check::{self, Findings, TokenChoice};
use talos_pki::cluster::Cluster;
use talos_pki::convert::migration::{Plan, Wishes, plan};
use talos_pki::layout::{self, Layout};
use talos_pki::report::migration::MigrationReport;
use talos_pki::settings::Settings;
use talos_pki::source::{self, Location};
use talos_pki::talos::Contract;
use tempfile::TempDir;

const FILES: [&str; 8] = [
    "secrets.yaml",
    "controlplane.yaml",
    "worker.yaml",
    "talosconfig",
    "bootstrap-token.yaml",
    "MIGRATION.md",
    "report.html",
    "report.json",
];

/// A cluster, as far as it was read.
pub(crate) struct Read {
    pub(crate) cluster: Cluster,
    pub(crate) settings: Settings,
    pub(crate) findings: Findings,
    pub(crate) plan: Plan,
    pub(crate) contract: Contract,
}

impl Read {
    /// What is in `folder`, which is called `/etc/kubernetes`.
    pub(crate) fn of(folder: &Path, talos: &str) -> Self {
        Self::allowing(folder, talos, &[])
    }

    /// The same, where these rules are let through.
    pub(crate) fn allowing(folder: &Path, talos: &str, rules: &[&str]) -> Self {
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
        let allowed: Vec<_> = rules
            .iter()
            .map(|name| check::rule(name).unwrap())
            .collect();
        let findings = check::check(&cluster, &context, &allowed);
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

    pub(crate) fn report(&self) -> MigrationReport<'_> {
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

pub(crate) fn fixture(name: &str, talos: &str) -> Read {
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
pub(crate) fn changed() -> TempDir {
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
    replace(
        folder,
        "manifests/kube-scheduler.yaml",
        "    imagePullPolicy",
        "    env:
    - name: HTTPS_PROXY
      value: http://me:protects-nothing@proxy.example.org
    - name: NODE
      valueFrom: {fieldRef: {fieldPath: spec.nodeName}}
    imagePullPolicy",
    );
    replace(
        folder,
        "manifests/kube-scheduler.yaml",
        "    volumeMounts:",
        "    volumeMounts:
    - {mountPath: /scratch, name: scratch}
    - {mountPath: /opt/policy, name: policy}",
    );
    replace(
        folder,
        "manifests/kube-scheduler.yaml",
        "  hostNetwork",
        "  - name: log-shipper
    image: example.org/log-shipper:v1
  hostNetwork",
    );
    replace(
        folder,
        "manifests/kube-scheduler.yaml",
        "  volumes:",
        "  volumes:
  - {name: scratch, emptyDir: {}}
  - {name: policy, hostPath: {path: /opt/policy}}",
    );
    fs::write(folder.join("manifests/notes.yaml"), "this is no pod\n").unwrap();
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

/// etcd runs elsewhere, and the person let its missing key through.
pub(crate) fn external_etcd() -> Read {
    let copy = copy_of("kubeadm/external-etcd");
    Read::allowing(copy.path(), "v1.14", &["missing-etcd-ca-key"])
}

/// Texts from outside that mean something to HTML, Markdown or a shell.
pub(crate) const HOSTILE: [&str; 6] = [
    "<script>alert(1)</script>",
    "\"><img src=http://evil.example/x onerror=alert(1)>",
    "`$(reboot)`|<b>x",
    "x'; reboot; '$(reboot)",
    "[a](http://evil.example)",
    "\n# heading\n```\n- <i>x\n\u{1b}[31m",
];

/// A cluster whose every name is hostile.
pub(crate) fn hostile() -> TempDir {
    let copy = copy_of("kubeadm/rsa-2048");
    let folder = copy.path();
    let quoted = |text: &str| serde_json::to_string(text).unwrap();
    let flags: Vec<String> = HOSTILE
        .iter()
        .map(|text| quoted(&format!("--event-ttl={text}")))
        .collect();
    let flags: Vec<&str> = flags.iter().map(String::as_str).collect();
    add_flags(folder, "kube-apiserver", &flags);
    let everything = HOSTILE.concat();
    let name = quoted(&format!("--name={everything}"));
    let members = quoted(&format!(
        "--initial-cluster=a=https://a:2380,{everything}=b"
    ));
    let data = quoted(&format!("--data-dir=/{everything}"));
    replace(
        folder,
        "manifests/etcd.yaml",
        "- --name=cp-1",
        &format!("- {name}"),
    );
    replace(
        folder,
        "manifests/etcd.yaml",
        "- --data-dir=/var/lib/etcd",
        &format!("- {data}"),
    );
    replace(
        folder,
        "manifests/etcd.yaml",
        "- --initial-cluster=cp-1=https://192.0.2.10:2380",
        &format!("- {members}"),
    );
    add_flags(
        folder,
        "kube-apiserver",
        &["--encryption-provider-config=/etc/kubernetes/encryption.yaml"],
    );
    let resources: Vec<String> = HOSTILE.iter().map(|text| quoted(text)).collect();
    fs::write(
        folder.join("encryption.yaml"),
        format!(
            "resources:\n- resources: [secrets, {}]\n  providers:\n  - identity: {{}}\n",
            resources.join(", ")
        ),
    )
    .unwrap();
    fs::write(
        folder.join("manifests/<b>`x`.yaml"),
        format!(
            "kind: Pod\nmetadata:\n  name: {}\nspec:\n  containers:\n  - name: x\n",
            quoted(&everything)
        ),
    )
    .unwrap();
    fs::write(
        folder.join("kubeadm-config.yaml"),
        format!(
            "kind: ClusterConfiguration\nclusterName: {0}\n{0}: {0}\nnetworking:\n  dnsDomain: {0}\n",
            quoted(&everything)
        ),
    )
    .unwrap();
    copy
}

/// Every case that the reports are looked at in.
pub(crate) fn all() -> Vec<(&'static str, Read)> {
    vec![
        ("rsa-2048", fixture("rsa-2048", "v1.14")),
        ("rsa-2048-v1.13", fixture("rsa-2048", "v1.13")),
        ("ecdsa-p256", fixture("ecdsa-p256", "v1.14")),
        ("external-ca", fixture("external-ca", "v1.14")),
        ("external-etcd", external_etcd()),
        ("external-etcd-refused", fixture("external-etcd", "v1.14")),
        ("changed", Read::of(changed().path(), "v1.14")),
        ("changed-v1.13", Read::of(changed().path(), "v1.13")),
        ("hostile", Read::of(hostile().path(), "v1.14")),
    ]
}

pub(crate) fn replace(folder: &Path, file: &str, from: &str, to: &str) {
    let path = folder.join(file);
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "{file} has no {from}");
    fs::write(path, text.replacen(from, to, 1)).unwrap();
}
