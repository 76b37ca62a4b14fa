//! Clusters that are not kubeadm's: the trees of their fixtures, with a manifest that says how the API
//! server is run.

use std::fs;
use std::path::Path;

use tempfile::TempDir;

use crate::clusters::Read;
use crate::fixture::{copy_of, write_private};

const ENDPOINT: &str = "https://kube.example.org:6443";
const K3S: &str = "var/lib/rancher/k3s/server";
const MICROK8S: &str = "var/snap/microk8s";

/// A fixture, without what `without` names, and with the file `with` in place of it.
fn tree(fixture: &str, without: &str, with: &str) -> TempDir {
    let copy = copy_of(&format!("layouts/{fixture}"));
    if !without.is_empty() {
        let path = copy.path().join(without);
        if path.is_dir() {
            fs::remove_dir_all(path).unwrap();
        } else {
            fs::remove_file(path).unwrap();
        }
    }
    if !with.is_empty() {
        write_private(&copy.path().join(with), "");
    }
    copy
}

/// k3s whose data are in etcd.
pub(crate) fn k3s() -> TempDir {
    tree(
        "k3s",
        &format!("{K3S}/db/state.db"),
        &format!("{K3S}/db/etcd/member/wal/0.wal"),
    )
}

/// MicroK8s whose data are in etcd.
pub(crate) fn microk8s_with_etcd() -> TempDir {
    tree(
        "microk8s",
        &format!("{MICROK8S}/current/var"),
        &format!("{MICROK8S}/common/var/run/etcd/member/wal/0.wal"),
    )
}

/// k0s whose data are in SQLite: it has no etcd CA then.
pub(crate) fn k0s_with_sqlite() -> TempDir {
    tree("k0s", "var/lib/k0s/pki/etcd", "var/lib/k0s/db/state.db")
}

/// The cluster in `folder`, whose API server has `flags`.
pub(crate) fn read(folder: &Path, flags: &[&str], talos: &str, rules: &[&str]) -> Read {
    let flags = flags.iter().map(|flag| format!("    - --{flag}\n"));
    let manifest = format!(
        "apiVersion: v1\nkind: Pod\nmetadata:\n  name: kube-apiserver\nspec:\n  containers:\n  - \
         name: kube-apiserver\n    image: registry.k8s.io/kube-apiserver:v1.36.3\n    command:\n    - \
         kube-apiserver\n    - --advertise-address=192.0.2.10\n{}",
        flags.collect::<String>()
    );
    write_private(&folder.join("manifests/kube-apiserver.yaml"), &manifest);
    Read::with_endpoint(folder, talos, rules, Some(ENDPOINT))
}

const LOCAL_ETCD: &str = "etcd-servers=https://127.0.0.1:2379";
const CLUSTER_ISSUER: &str = "service-account-issuer=https://kubernetes.default.svc.cluster.local";

/// Each distribution in a way in which it can be moved.
pub(crate) fn all() -> Vec<(&'static str, Read)> {
    let fixture = |name: &str| copy_of(&format!("layouts/{name}"));
    let moved = |folder: TempDir, flags: &[&str]| read(folder.path(), flags, "v1.14", &[]);
    let k3s_flags = [
        LOCAL_ETCD,
        CLUSTER_ISSUER,
        "requestheader-allowed-names=system:auth-proxy",
    ];
    vec![
        ("k3s", moved(k3s(), &k3s_flags)),
        ("k3s-rotated", moved(fixture("k3s-rotated"), &k3s_flags)),
        ("rke2", moved(fixture("rke2"), &k3s_flags)),
        (
            "k3s-on-sqlite",
            read(
                fixture("k3s").path(),
                &["etcd-servers=unix://kine.sock", CLUSTER_ISSUER],
                "v1.14",
                &["other-datastore"],
            ),
        ),
        (
            "k3s-on-sqlite-refused",
            moved(fixture("k3s"), &["etcd-servers=unix://kine.sock"]),
        ),
        (
            "k0s",
            moved(
                fixture("k0s"),
                &[
                    LOCAL_ETCD,
                    "service-account-issuer=https://kubernetes.default.svc",
                ],
            ),
        ),
        (
            "kops",
            moved(
                fixture("kops"),
                &[
                    "etcd-servers=https://127.0.0.1:4001",
                    "service-account-issuer=https://api.internal.kops.example.org",
                    "requestheader-allowed-names=aggregator",
                ],
            ),
        ),
        (
            "rke1",
            moved(
                fixture("rke1"),
                &[
                    "etcd-servers=https://192.0.2.10:2379,https://192.0.2.11:2379",
                    "service-account-issuer=rke",
                    "api-audiences=unknown",
                    "requestheader-allowed-names=kube-apiserver-proxy-client",
                ],
            ),
        ),
        (
            "hard-way",
            moved(
                fixture("hard-way"),
                &[
                    "etcd-servers=http://127.0.0.1:2379",
                    "service-account-issuer=https://server.kubernetes.local:6443",
                ],
            ),
        ),
        (
            "microk8s-with-etcd",
            moved(
                microk8s_with_etcd(),
                &[
                    "etcd-servers=https://127.0.0.1:12379",
                    "service-account-issuer=https://kubernetes.default.svc",
                ],
            ),
        ),
        (
            "k8s-snap",
            moved(fixture("k8s-snap"), &[LOCAL_ETCD, CLUSTER_ISSUER]),
        ),
    ]
}
