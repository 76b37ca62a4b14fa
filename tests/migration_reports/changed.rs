//! A cluster in which much was set by hand.

use std::fs;

use tempfile::TempDir;

use crate::clusters::{add_flags, replace};
use crate::fixture::copy_of;

const ENCRYPTION: &str = "apiVersion: apiserver.config.k8s.io/v1
kind: EncryptionConfiguration
resources:
- resources: [secrets, configmaps]
  providers:
  - aescbc:
      keys:
      - name: prod-2023
        secret: cHJvdGVjdHMgbm90aGluZyBwcm90ZWN0cyBub3RoaW4=
  - identity: {}
";

const LOAD_BALANCER: &str = "apiVersion: v1
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
";

const CLUSTER_CONFIGURATION: &str = r#"apiVersion: kubeadm.k8s.io/v1beta4
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
    value: "800"
  extraEnvs:
  - name: HTTPS_PROXY
    value: http://me:protects-nothing@proxy.example.org
imageRepository: mirror.example.org/kubernetes
"#;

const KUBELET_AND_PROXY: &str = "apiVersion: kubelet.config.k8s.io/v1beta1
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
";

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
    fs::write(folder.join("encryption.yaml"), ENCRYPTION).unwrap();
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
    fs::write(folder.join("manifests/kube-vip.yaml"), LOAD_BALANCER).unwrap();
    fs::write(folder.join("kubeadm-config.yaml"), CLUSTER_CONFIGURATION).unwrap();
    fs::write(folder.join("kubelet-config.yaml"), KUBELET_AND_PROXY).unwrap();
    copy
}
