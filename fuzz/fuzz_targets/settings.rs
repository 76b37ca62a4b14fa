//! Whatever says how a cluster is run makes no reader of settings panic or hang, and a plan can be made
//! of it. The first byte chooses the file.
#![no_main]

use libfuzzer_sys::fuzz_target;
use talos_pki::cluster::Cluster;
use talos_pki::convert::migration::{self, Wishes};
use talos_pki::settings::Settings;
use talos_pki::source::{SourceFile, Tree};
use talos_pki::talos::Contract;

/// One file of each reader.
const PATHS: [&str; 10] = [
    "etc/kubernetes/manifests/kube-apiserver.yaml",
    "etc/kubernetes/kubeadm-config.yaml",
    "etc/systemd/system/kube-apiserver.service",
    "etc/systemd/system/k3s.service",
    "etc/rancher/k3s/config.yaml",
    "var/snap/microk8s/current/args/kube-apiserver",
    "etc/k0s/k0s.yaml",
    "cluster.rkestate",
    "cluster.yml",
    "var/lib/rancher/k3s/server/db/etcd/config",
];

fuzz_target!(|data: &[u8]| {
    let Some((choice, text)) = data.split_first() else {
        return;
    };
    let tree = Tree {
        files: vec![SourceFile {
            path: PATHS[usize::from(*choice) % PATHS.len()].to_owned(),
            bytes: text.to_vec().into(),
            mode: None,
        }],
        ..Tree::default()
    };
    let settings = Settings::read(&tree, None);
    let wishes = Wishes {
        contract: Contract::CURRENT,
        name: None,
        endpoint: None,
        has_token: false,
        tokens_to_check: Vec::new(),
        now: "2026-12-01T00:00:00Z".parse().unwrap(),
    };
    let _ = migration::plan(&Cluster::default(), &settings, &wishes);
});
