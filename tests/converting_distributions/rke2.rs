//! RKE2: static pods in a folder of its own, and config.yaml beside them.

use crate::{ENCRYPTION_SECRET, Node, document};

const TLS: &str = "/var/lib/rancher/rke2/server/tls";
const PODS: &str = "var/lib/rancher/rke2/agent/pod-manifests";

fn pod(name: &str, image: &str, flags: &[&str]) -> String {
    let flags = flags.iter().map(|flag| format!("    - --{flag}\n"));
    let flags = flags.collect::<Vec<_>>().concat();
    format!(
        "apiVersion: v1
kind: Pod
metadata: {{name: {name}, namespace: kube-system, labels: {{component: {name}, tier: control-plane}}}}
spec:
  containers:
  - name: {name}
    image: {image}
    command: [{name}]
    args:
{flags}    env:
    - {{name: FILE_HASH, value: '1234'}}
    volumeMounts:
    - {{name: dir0, mountPath: /etc/ssl/certs}}
    - {{name: dir1, mountPath: {TLS}}}
    - {{name: dir2, mountPath: /var/lib/rancher/rke2/server/cred}}
  hostNetwork: true
  volumes:
  - {{name: dir0, hostPath: {{path: /etc/ssl/certs}}}}
  - {{name: dir1, hostPath: {{path: {TLS}}}}}
  - {{name: dir2, hostPath: {{path: /var/lib/rancher/rke2/server/cred}}}}
"
    )
}

const KUBERNETES: &str = "index.docker.io/rancher/hardened-kubernetes:v1.36.3-rke2r1-build20260812";

fn node() -> Node {
    let api_server = pod(
        "kube-apiserver",
        KUBERNETES,
        &[
            "admission-control-config-file=/etc/rancher/rke2/rke2-pss.yaml",
            "advertise-address=192.0.2.10",
            "advertise-port=6443",
            "allow-privileged=true",
            "anonymous-auth=false",
            "api-audiences=https://kubernetes.default.svc.cluster.local,rke2",
            "authorization-mode=Node,RBAC",
            "bind-address=0.0.0.0",
            "cert-dir=/var/lib/rancher/rke2/server/tls/temporary-certs",
            &format!("client-ca-file={TLS}/client-ca.crt"),
            "egress-selector-config-file=/var/lib/rancher/rke2/server/etc/egress-selector-config.yaml",
            "enable-admission-plugins=NodeRestriction",
            "enable-aggregator-routing=true",
            "encryption-provider-config=/var/lib/rancher/rke2/server/cred/encryption-config.json",
            "encryption-provider-config-automatic-reload=true",
            &format!("etcd-cafile={TLS}/etcd/server-ca.crt"),
            "etcd-servers=https://127.0.0.1:2379",
            &format!("kubelet-client-certificate={TLS}/client-kube-apiserver.crt"),
            "requestheader-allowed-names=system:auth-proxy",
            &format!("requestheader-client-ca-file={TLS}/request-header-ca.crt"),
            "secure-port=6443",
            "service-account-issuer=https://kubernetes.default.svc.cluster.local",
            &format!("service-account-key-file={TLS}/service.key"),
            "service-cluster-ip-range=10.43.0.0/16",
            "service-node-port-range=30000-32767",
            "storage-backend=etcd3",
        ],
    );
    let controller_manager = pod(
        "kube-controller-manager",
        KUBERNETES,
        &[
            "permit-port-sharing=true",
            "allocate-node-cidrs=true",
            "cluster-cidr=10.42.0.0/16",
            &format!("cluster-signing-kubelet-client-cert-file={TLS}/client-ca.nochain.crt"),
            "configure-cloud-routes=false",
            "controllers=*,tokencleaner,-service,-route,-cloud-node-lifecycle",
            "secure-port=10257",
            "terminated-pod-gc-threshold=1000",
        ],
    );
    let etcd = pod(
        "etcd",
        "index.docker.io/rancher/hardened-etcd:v3.6.5-k3s1-build20260126",
        &["config-file=/var/lib/rancher/rke2/server/db/etcd/config"],
    );
    let proxy = pod("kube-proxy", KUBERNETES, &["cluster-cidr=10.42.0.0/16"]);
    Node::of("rke2")
        .with(&format!("{PODS}/kube-apiserver.yaml"), &api_server)
        .with(
            &format!("{PODS}/kube-controller-manager.yaml"),
            &controller_manager,
        )
        .with(&format!("{PODS}/etcd.yaml"), &etcd)
        .with(&format!("{PODS}/kube-proxy.yaml"), &proxy)
        .with("etc/rancher/rke2/rke2-pss.yaml", PSS)
        .with("etc/rancher/rke2/config.yaml", CONFIG)
        // What RKE2 installs into the cluster is no static pod.
        .with(
            "var/lib/rancher/rke2/server/manifests/rke2-coredns.yaml",
            "kind: HelmChart\n",
        )
}

const PSS: &str = "apiVersion: apiserver.config.k8s.io/v1
kind: AdmissionConfiguration
plugins:
- name: PodSecurity
  configuration:
    apiVersion: pod-security.admission.config.k8s.io/v1
    kind: PodSecurityConfiguration
    defaults: {enforce: privileged, enforce-version: latest}
";

const CONFIG: &str = "server: https://kube.example.org:9345
token: protects nothing
cni: [canal]
tls-san: [kube.example.org]
kube-apiserver-arg: [event-ttl=24h]
";

#[test]
fn static_pods_are_the_truth_and_config_is_accounted_for() {
    let plan = node().plan(&[]);
    assert!(plan.refused().is_empty(), "{:?}", plan.refused());
    // 9345 is the port of RKE2's supervisor.
    plan.assert_reached(
        "https://kube.example.org:6443",
        &["10.42.0.0/16"],
        &["10.43.0.0/16"],
    );
    assert_eq!(plan.cluster("kubernetes_version"), "1.36.3");
    plan.assert(
        "converted",
        &[
            "--admission-control-config-file=/etc/rancher/rke2/rke2-pss.yaml",
            "--api-audiences=https://kubernetes.default.svc.cluster.local,rke2",
            "secrets: aescbc aescbckey",
            &format!("the image {KUBERNETES}"),
        ],
    );
    plan.assert(
        "kept",
        &[
            "--advertise-port=6443",
            "--cert-dir=/var/lib/rancher/rke2/server/tls/temporary-certs",
            "--egress-selector-config-file=/var/lib/rancher/rke2/server/etc/egress-selector-config.yaml",
            &format!("--etcd-cafile={TLS}/etcd/server-ca.crt"),
            "--permit-port-sharing=true",
            "cni: canal",
            "the static pod kube-proxy",
            "token",
            &format!("the mount {TLS}"),
        ],
    );
    let what = "the static pod rke2-coredns";
    assert!(!plan.has(what));
}

#[test]
fn what_the_manifest_does_not_know_of_config_is_told() {
    let plan = node().plan(&[]);
    let other = plan.item("the other configuration of kube-apiserver");
    assert_eq!(other["outcome"], "needs-person", "{other}");
    assert!(
        other["text"]
            .as_str()
            .unwrap()
            .contains("about --event-ttl"),
        "{other}"
    );
    plan.assert(
        "kept",
        &["the other configuration of kube-controller-manager"],
    );
}

#[test]
fn trust_and_secrets_go_on_as_they_are() {
    let config = node().control_plane(&[]);
    let accounts = document(&config, "KubeServiceAccountConfig");
    assert!(accounts.contains("- rke2"));
    let encryption = document(&config, "KubeEtcdEncryptionConfig");
    assert!(encryption.contains("name: aescbckey") && encryption.contains(ENCRYPTION_SECRET));
    assert!(document(&config, "KubeAPIServerCAConfig").contains("acceptedCAs"));
    assert!(!config.contains("/var/lib/rancher"));
}

/// Without them the defaults of RKE2 and of its profiles would have to be guessed.
#[test]
fn without_its_pods_rke2_is_refused() {
    let plan = Node::of("rke2")
        .with("etc/rancher/rke2/config.yaml", CONFIG)
        .plan(&[]);
    assert_eq!(plan.refused(), ["encryption at rest"]);
    let item = plan.item("encryption at rest");
    assert!(item["help"].as_str().unwrap().contains(PODS), "{item}");
}
