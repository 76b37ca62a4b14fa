//! What is said to become a flag of Kubernetes does become one: each such setting of every
//! distribution is given, and its flag is looked for.

use crate::{Node, Plan, k0s, k3s, rke1};

const FLAG: &str = "it becomes a flag of Kubernetes, which is told by itself";
const ENDPOINT: [&str; 2] = ["--endpoint", "https://kube.example.org:6443"];

/// Each setting is kept because of a flag, and the flag is there, told as read in the same file.
fn assert_made(plan: &Plan, all: &[(&str, &str)]) {
    for (setting, flag) in all {
        let item = plan.item(setting);
        assert_eq!(item["text"], FLAG, "{item}");
        let flags = plan
            .items()
            .iter()
            .filter(|flag| flag["origin"] == item["origin"]);
        let made = flags.filter(|item| item["what"].as_str().unwrap().starts_with(flag));
        assert_ne!(made.count(), 0, "{flag} of {setting}");
    }
}

#[test]
fn of_k3s() {
    let node = k3s::node(
        "cluster-cidr: 10.52.0.0/16
service-cidr: 10.53.0.0/16
service-node-port-range: 30000-30100
https-listen-port: 7443
secrets-encryption: true
kube-apiserver-arg: [max-requests-inflight=800]
kube-controller-manager-arg: [node-monitor-grace-period=20s]
kube-scheduler-arg: [v=3]
etcd-arg: [quota-backend-bytes=8589934592]
",
    );
    let plan = node.with(k3s::ENCRYPTION, &k3s::encrypted()).plan(&[]);
    assert_made(
        &plan,
        &[
            ("cluster-cidr: 10.52.0.0/16", "--cluster-cidr=10.52.0.0/16"),
            (
                "service-cidr: 10.53.0.0/16",
                "--service-cluster-ip-range=10.53.0.0/16",
            ),
            (
                "service-node-port-range: 30000-30100",
                "--service-node-port-range=30000-30100",
            ),
            ("https-listen-port: 7443", "--secure-port=7443"),
            ("secrets-encryption: true", "--encryption-provider-config="),
            (
                "cluster-init: true",
                "--etcd-servers=https://127.0.0.1:2379",
            ),
            (
                "kube-apiserver-arg: max-requests-inflight=800",
                "--max-requests-inflight=800",
            ),
            (
                "kube-controller-manager-arg: node-monitor-grace-period=20s",
                "--node-monitor-grace-period=20s",
            ),
            ("kube-scheduler-arg: v=3", "--v=3"),
            (
                "etcd-arg: quota-backend-bytes=8589934592",
                "--quota-backend-bytes=",
            ),
        ],
    );
    let outside = "datastore-endpoint: https://192.0.2.7:2379
datastore-cafile: /etc/rancher/k3s/ca.crt
datastore-certfile: /etc/rancher/k3s/client.crt
datastore-keyfile: /etc/rancher/k3s/client.key
";
    assert_made(
        &k3s::on_sqlite(outside).plan(&ENDPOINT),
        &[
            (
                "datastore-endpoint",
                "--etcd-servers=https://192.0.2.7:2379",
            ),
            (
                "datastore-cafile: /etc/rancher/k3s/ca.crt",
                "--etcd-cafile=",
            ),
            (
                "datastore-certfile: /etc/rancher/k3s/client.crt",
                "--etcd-certfile=",
            ),
            (
                "datastore-keyfile: /etc/rancher/k3s/client.key",
                "--etcd-keyfile=",
            ),
        ],
    );
}

#[test]
fn of_k0s() {
    let config = "apiVersion: k0s.k0sproject.io/v1beta1
kind: ClusterConfig
spec:
  api: {port: 7443, extraArgs: {max-requests-inflight: '800'}}
  controllerManager: {extraArgs: {node-monitor-grace-period: 20s}}
  scheduler: {extraArgs: {v: '3'}}
  storage: {type: etcd, etcd: {peerAddress: 192.0.2.10}}
  network:
    podCIDR: 10.52.0.0/16
    serviceCIDR: 10.53.0.0/16
    dualStack: {enabled: true, IPv6podCIDR: 'fd00::/108', IPv6serviceCIDR: 'fd01::/108'}
";
    let node = k0s::node(config, "--enable-worker");
    assert_made(
        &node.plan(&ENDPOINT),
        &[
            ("spec.api.port: 7443", "--secure-port=7443"),
            (
                "spec.api.extraArgs.max-requests-inflight: 800",
                "--max-requests-inflight=800",
            ),
            (
                "spec.controllerManager.extraArgs.node-monitor-grace-period: 20s",
                "--node-monitor-grace-period=20s",
            ),
            ("spec.scheduler.extraArgs.v: 3", "--v=3"),
            (
                "spec.storage.type: etcd",
                "--etcd-servers=https://127.0.0.1:2379",
            ),
            (
                "spec.storage.etcd.peerAddress: 192.0.2.10",
                "--listen-peer-urls=",
            ),
            (
                "spec.network.podCIDR: 10.52.0.0/16",
                "--cluster-cidr=fd00::/108,10.52.0.0/16",
            ),
            (
                "spec.network.serviceCIDR: 10.53.0.0/16",
                "--service-cluster-ip-range=10.53.0.0/16",
            ),
            ("spec.network.dualStack.enabled: true", "--cluster-cidr="),
            (
                "spec.network.dualStack.IPv6podCIDR: fd00::/108",
                "--cluster-cidr=fd00::/108",
            ),
            (
                "spec.network.dualStack.IPv6serviceCIDR: fd01::/108",
                "--service-cluster-ip-range=",
            ),
        ],
    );
    let kine = config.replace(
        "{type: etcd, etcd: {peerAddress: 192.0.2.10}}",
        "{type: kine, kine: {dataSource: 'mysql://k0s'}}",
    );
    assert_made(
        &k0s::node(&kine, "--enable-worker").plan(&ENDPOINT),
        &[
            ("spec.storage.type: kine", "--etcd-servers=unix:"),
            ("spec.storage.kine.dataSource", "--etcd-servers=unix:"),
        ],
    );
}

#[test]
fn of_rke1() {
    let services = "authorization: {mode: rbac}
services:
  kube-api:
    service_cluster_ip_range: 10.53.0.0/16
    service_node_port_range: 30000-30100
    always_pull_images: true
    event_rate_limit: {enabled: true}
    extra_args: {max-requests-inflight: '800'}
    audit_log:
      enabled: true
      configuration:
        max_age: 6
        max_backup: 7
        max_size: 8
        path: /var/log/kube-audit/audit-log.json
        format: json
        policy: {apiVersion: audit.k8s.io/v1, kind: Policy, rules: [{level: None}]}
  kube-controller:
    cluster_cidr: 10.52.0.0/16
    service_cluster_ip_range: 10.53.0.0/16
  scheduler: {extra_args: {v: '3'}}
  etcd: {extra_args: {quota-backend-bytes: '8589934592'}}
";
    let audit = "services.kube-api.audit_log.configuration";
    let node = || {
        rke1::configured(services)
            .with(
                "etc/kubernetes/audit-policy.yaml",
                "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{level: None}]\n",
            )
            .with(
                "etc/kubernetes/admission.yaml",
                "apiVersion: apiserver.config.k8s.io/v1\nkind: AdmissionConfiguration\nplugins: []\n",
            )
    };
    let plan = node().plan(&[]);
    assert!(plan.refused().is_empty(), "{:?}", plan.refused());
    assert_made(
        &plan,
        &[
            ("authorization.mode: rbac", "--authorization-mode=Node,RBAC"),
            (
                "services.kube-api.always_pull_images: true",
                "--enable-admission-plugins=",
            ),
            (
                "services.kube-api.event_rate_limit.enabled: true",
                "--admission-control-config-file=",
            ),
            (
                "services.kube-api.audit_log.enabled: true",
                "--audit-policy-file=",
            ),
            (&format!("{audit}.max_age: 6"), "--audit-log-maxage=6"),
            (&format!("{audit}.max_backup: 7"), "--audit-log-maxbackup=7"),
            (&format!("{audit}.max_size: 8"), "--audit-log-maxsize=8"),
            (&format!("{audit}.format: json"), "--audit-log-format=json"),
            (
                &format!("{audit}.path: /var/log/kube-audit/audit-log.json"),
                "--audit-log-path=",
            ),
            (
                &format!("{audit}.policy.rules[0].level: None"),
                "--audit-policy-file=",
            ),
            (
                "services.kube-api.service_cluster_ip_range: 10.53.0.0/16",
                "--service-cluster-ip-range=10.53.0.0/16",
            ),
            (
                "services.kube-api.service_node_port_range: 30000-30100",
                "--service-node-port-range=30000-30100",
            ),
            (
                "services.kube-api.extra_args.max-requests-inflight: 800",
                "--max-requests-inflight=800",
            ),
            (
                "services.kube-controller.cluster_cidr: 10.52.0.0/16",
                "--cluster-cidr=",
            ),
            ("services.scheduler.extra_args.v: 3", "--v=3"),
            (
                "services.etcd.extra_args.quota-backend-bytes: 8589934592",
                "--quota-backend-bytes=",
            ),
        ],
    );
    plan.assert(
        "converted",
        &["--audit-log-maxage=6", "--audit-log-format=json"],
    );
}

/// RKE asks roles unless it is told not to, and Talos always does.
#[test]
fn rke1_without_roles_says_who_is_locked_out() {
    let plan = rke1::configured("authorization: {mode: none}\n").plan(&[]);
    assert!(!plan.has("--authorization-mode=Node,RBAC"));
    plan.assert("needs-person", &["--authorization-mode=AlwaysAllow"]);
    let item = plan.item("--authorization-mode=AlwaysAllow");
    let help = item["text"].as_str().unwrap();
    assert!(
        help.contains("locked out") && help.contains("kubectl auth can-i"),
        "{help}"
    );
}

#[test]
fn rke1_with_a_level_of_pod_security_needs_its_file() {
    let level = |level: &str| {
        let services = format!("services: {{kube-api: {{pod_security_configuration: {level}}}}}\n");
        rke1::configured(&services).plan(&[])
    };
    let file = "--admission-control-config-file=/etc/kubernetes/admission.yaml";
    assert_eq!(level("restricted").refused(), [file]);
    let plan = level("privileged");
    assert!(plan.refused().is_empty(), "{:?}", plan.refused());
    plan.assert(
        "kept",
        &["services.kube-api.pod_security_configuration: privileged"],
    );
}

#[test]
fn rke1_with_a_webhook_for_tokens_says_so_and_hides_it() {
    let webhook = "authentication: {strategy: x509|webhook, sans: [kube.example.org], \
                   webhook: {config_file: protects-nothing, cache_timeout: 5s}}\n";
    let node = Node::of("rke1").without("etc/kubernetes/ssl/kube-apiserver.pem");
    let config =
        rke1::CONFIGURATION.replace("authentication: {sans: [kube.example.org]}\n", webhook);
    let plan = node.with("cluster.yml", &config).plan(&[]);
    let flag =
        "--authentication-token-webhook-config-file=/etc/kubernetes/kube-api-authn-webhook.yaml";
    plan.assert("needs-person", &[flag]);
    plan.assert(
        "converted",
        &["--authentication-token-webhook-cache-ttl=5s"],
    );
    assert!(!plan.0.to_string().contains("protects-nothing"));
}

/// What is new in a service, or of no effect, is nobody's flag.
#[test]
fn a_setting_of_which_no_flag_was_made_is_for_a_person() {
    let plan = rke1::configured("services: {kube-api: {something_new: 1}}\n").plan(&[]);
    plan.assert("needs-person", &["services.kube-api.something_new: 1"]);
}
