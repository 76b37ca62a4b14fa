//! Distributions of kubeadm's: its manifests, and files in folders of their own.

use crate::{ENCRYPTION_SECRET, Node, document};

fn manifest(flags: &[&str], folder: &str) -> String {
    let flags = flags.iter().map(|flag| format!("    - --{flag}\n"));
    let flags = flags.collect::<Vec<_>>().concat();
    format!(
        "apiVersion: v1
kind: Pod
metadata: {{name: kube-apiserver, namespace: kube-system}}
spec:
  containers:
  - name: kube-apiserver
    image: registry.k8s.io/kube-apiserver:v1.36.3
    command:
    - kube-apiserver
{flags}    volumeMounts: [{{name: certs, mountPath: {folder}}}]
  volumes: [{{name: certs, hostPath: {{path: {folder}}}}}]
"
    )
}

const ENDPOINT: [&str; 2] = ["--endpoint", "https://kube.example.org:6443"];

/// kubespray calls its key `key`, which no Talos before 1.14 can keep.
#[test]
fn kubespray_encrypts_by_a_file_beside_its_certificates() {
    let encryption = format!(
        "apiVersion: apiserver.config.k8s.io/v1\nkind: EncryptionConfiguration\nresources:\n\
         - resources: [secrets]\n  providers:\n  - secretbox: {{keys: [{{name: key, secret: \
         {ENCRYPTION_SECRET}}}]}}\n  - identity: {{}}\n"
    );
    let flags = [
        "client-ca-file=/etc/kubernetes/ssl/ca.crt",
        "encryption-provider-config=/etc/kubernetes/ssl/secrets_encryption.yaml",
        "requestheader-client-ca-file=/etc/kubernetes/ssl/front-proxy-ca.crt",
        "etcd-servers=https://192.0.2.10:2379",
        "service-account-issuer=https://kubernetes.default.svc.cluster.local",
        "service-account-key-file=/etc/kubernetes/ssl/sa.pub",
        "service-cluster-ip-range=10.233.0.0/18",
    ];
    let manifest = manifest(&flags, "/etc/kubernetes/ssl");
    let node = Node::of("kubespray")
        .with("etc/kubernetes/manifests/kube-apiserver.yaml", &manifest)
        .with("etc/kubernetes/ssl/secrets_encryption.yaml", &encryption);
    let plan = node.plan(&ENDPOINT);
    assert!(plan.refused().is_empty(), "{:?}", plan.refused());
    let config = node.control_plane(&ENDPOINT);
    let encryption = document(&config, "KubeEtcdEncryptionConfig");
    assert!(encryption.contains("name: key\n") && encryption.contains(ENCRYPTION_SECRET));
    let plan = node.plan(&[&ENDPOINT[..], &["--talos-version", "v1.13"]].concat());
    assert!(
        plan.refused().contains(&"secrets: secretbox key"),
        "{:?}",
        plan.refused()
    );
}

#[test]
fn minikube_has_its_certificates_outside_of_etc_kubernetes() {
    let flags = [
        "client-ca-file=/var/lib/minikube/certs/ca.crt",
        "requestheader-client-ca-file=/var/lib/minikube/certs/front-proxy-ca.crt",
        "service-account-issuer=https://kubernetes.default.svc.cluster.local",
        "service-account-key-file=/var/lib/minikube/certs/sa.pub",
        "service-cluster-ip-range=10.96.0.0/12",
    ];
    let manifest = manifest(&flags, "/var/lib/minikube/certs");
    let path = "etc/kubernetes/manifests/kube-apiserver.yaml";
    let plan = Node::of("minikube").with(path, &manifest).plan(&ENDPOINT);
    assert!(plan.refused().is_empty(), "{:?}", plan.refused());
    plan.assert(
        "kept",
        &[
            "--client-ca-file=/var/lib/minikube/certs/ca.crt",
            "--service-account-key-file=/var/lib/minikube/certs/sa.pub",
        ],
    );
    plan.assert("converted", &["no encryption at rest"]);
}
