//! k0s: its ClusterConfig, and the command line of its controller.

use crate::{ENCRYPTION_SECRET, Node, document};

const CONFIG: &str = "etc/k0s/k0s.yaml";

fn unit(arguments: &str) -> String {
    format!("[Service]\nExecStart=/usr/local/bin/k0s controller {arguments}\nRestart=always\n")
}

pub(crate) fn node(config: &str, arguments: &str) -> Node {
    Node::of("k0s")
        .with(CONFIG, config)
        .with("etc/systemd/system/k0scontroller.service", &unit(arguments))
}

/// As `k0s config create` writes it, with some of it changed.
pub(crate) const RICH: &str = "apiVersion: k0s.k0sproject.io/v1beta1
kind: ClusterConfig
metadata:
  name: prod
spec:
  api:
    address: 192.0.2.10
    externalAddress: kube.example.org
    port: 6443
    k0sApiPort: 9443
    sans: [192.0.2.10, api.example.org]
    extraArgs:
      encryption-provider-config: /var/lib/k0s/encryption.yaml
      max-requests-inflight: '800'
      anonymous-auth: 'true'
  controllerManager:
    extraArgs: {node-monitor-grace-period: 20s}
  scheduler: {}
  storage:
    type: etcd
    etcd: {peerAddress: 192.0.2.10, extraArgs: {quota-backend-bytes: '8589934592'}}
  network:
    provider: calico
    podCIDR: 10.52.0.0/16
    serviceCIDR: 10.53.0.0/16
    clusterDomain: k8s.example.org
    kubeProxy: {disabled: false, mode: ipvs}
    calico: {mode: vxlan}
  konnectivity: {agentPort: 8132}
  telemetry: {enabled: false}
  somethingNew: protects nothing
";

const ENCRYPTION: &str = "apiVersion: apiserver.config.k8s.io/v1
kind: EncryptionConfiguration
resources:
- resources: [secrets]
  providers:
  - secretbox: {keys: [{name: prod-2026, secret: SECRET}]}
  - identity: {}
";

#[test]
fn what_nobody_set_is_as_k0s_has_it() {
    let node = node(
        "apiVersion: k0s.k0sproject.io/v1beta1\nkind: ClusterConfig\n",
        "--config=/etc/k0s/k0s.yaml",
    );
    let plan = node.plan(&["--endpoint", "https://kube.example.org:6443"]);
    assert!(plan.refused().is_empty(), "{:?}", plan.refused());
    let issuer = "https://kubernetes.default.svc";
    plan.assert(
        "converted",
        &[
            &format!("--service-account-issuer={issuer}"),
            &format!("--api-audiences={issuer},system:konnectivity-server"),
            "--terminated-pod-gc-threshold=12500",
            "no encryption at rest",
        ],
    );
    plan.assert_reached(
        "https://kube.example.org:6443",
        &["10.244.0.0/16"],
        &["10.96.0.0/12"],
    );
    plan.assert(
        "needs-person",
        &["the tunnel to kubelets, konnectivity, whose server runs inside k0s"],
    );
    // Its etcd is one that others can join.
    plan.assert("kept", &["--trusted-ca-file=/var/lib/k0s/pki/etcd/ca.crt"]);
}

#[test]
fn every_setting_is_accounted_for_and_counts() {
    let encryption = ENCRYPTION.replace("SECRET", ENCRYPTION_SECRET);
    let node = node(RICH, "--config=/etc/k0s/k0s.yaml --enable-worker")
        .with("var/lib/k0s/encryption.yaml", &encryption);
    let plan = node.plan(&[]);
    assert!(plan.refused().is_empty(), "{:?}", plan.refused());
    plan.assert_reached(
        "https://kube.example.org:6443",
        &["10.52.0.0/16"],
        &["10.53.0.0/16"],
    );
    assert_eq!(plan.cluster("name"), "prod");
    assert_eq!(plan.cluster("dns_domain"), "k8s.example.org");
    plan.assert(
        "converted",
        &[
            "--max-requests-inflight=800",
            "--node-monitor-grace-period=20s",
            "--quota-backend-bytes=8589934592",
            "secrets: secretbox prod-2026",
            "spec.network.kubeProxy.mode: ipvs",
            "spec.api.sans[1]: api.example.org",
        ],
    );
    plan.assert(
        "kept",
        &[
            "--enable-worker: true",
            "spec.konnectivity.agentPort: 8132",
            "kind: ClusterConfig",
        ],
    );
    plan.assert("needs-person", &["spec.somethingNew"]);
    assert!(plan.has("--anonymous-auth=true") && !plan.has("--anonymous-auth=false"));
    let told = plan.read_in(CONFIG);
    let settings = told.iter().filter(|what| !what.starts_with("--"));
    assert_eq!(settings.count(), 27, "{told:#?}");
    let config = node.control_plane(&[]);
    let encryption = document(&config, "KubeEtcdEncryptionConfig");
    assert!(encryption.contains("name: prod-2026") && encryption.contains(ENCRYPTION_SECRET));
    assert!(!config.contains("/var/lib/k0s"));
}

#[test]
fn a_configuration_that_was_not_read_is_refused() {
    let plan = node("", "--config=/etc/k0s/k0s.yaml")
        .without(CONFIG)
        .plan(&[]);
    assert!(
        plan.refused().contains(&"the configuration of k0s"),
        "{:?}",
        plan.refused()
    );
    // Without the flag there is none.
    let plan = node("", "--enable-worker")
        .without(CONFIG)
        .plan(&["--endpoint", "https://kube.example.org:6443"]);
    assert!(plan.refused().is_empty(), "{:?}", plan.refused());
}

#[test]
fn a_configuration_that_is_no_yaml_is_refused() {
    let plan = node("spec: [\n", "--enable-worker").plan(&[]);
    let file = format!("the file {CONFIG}");
    assert!(
        plan.refused().contains(&file.as_str()),
        "{:?}",
        plan.refused()
    );
}

#[test]
fn a_single_controller_has_no_etcd_and_no_tunnel() {
    let config = "apiVersion: k0s.k0sproject.io/v1beta1\nkind: ClusterConfig\n";
    let plan = node(config, "--single").plan(&["--endpoint", "https://kube.example.org:6443"]);
    assert!(plan.has("--etcd-servers=unix://kine.sock"));
    assert!(plan.has("--api-audiences=https://kubernetes.default.svc"));
    assert!(!plan.has("--trusted-ca-file=/var/lib/k0s/pki/etcd/ca.crt"));
}

/// Its objects are below a prefix: without it Talos would find a cluster that has none.
#[test]
fn an_etcd_outside_is_told_with_all_that_k0s_makes_of_it() {
    let of_etcd = "    endpoints: ['https://192.0.2.7:2379', 'https://192.0.2.8:2379']
    etcdPrefix: /tenant-1
    caFile: /etc/pki/tenant/ca.crt
    clientCertFile: /etc/pki/tenant/client.crt
    clientKeyFile: /etc/pki/tenant/client.key
";
    let config = format!(
        "apiVersion: k0s.k0sproject.io/v1beta1\nkind: ClusterConfig\n\
         spec: \n storage: \n  type: etcd\n  etcd: \n   externalCluster: \n{of_etcd}"
    );
    let node = node(&config, "--enable-worker");
    std::fs::remove_dir_all(node.folder.path().join("var/lib/k0s/pki/etcd")).unwrap();
    let endpoint = ["--endpoint", "https://kube.example.org:6443"];
    let plan = node.plan(&endpoint);
    assert!(plan.refused().is_empty(), "{:?}", plan.refused());
    assert_eq!(plan.0["route"]["way"], "restore");
    let reason = plan.0["route"]["reason"].as_str().unwrap();
    assert!(reason.contains("192.0.2.8"), "{reason}");
    plan.assert("converted", &["--etcd-prefix=/tenant-1"]);
    plan.assert(
        "kept",
        &[
            "--etcd-cafile=/etc/pki/tenant/ca.crt",
            "--etcd-certfile=/etc/pki/tenant/client.crt",
            "--etcd-keyfile=/etc/pki/tenant/client.key",
            "--etcd-servers=https://192.0.2.7:2379,https://192.0.2.8:2379",
        ],
    );
    let config = node.control_plane(&[&endpoint[..], &["--allow", "missing-etcd-ca"]].concat());
    let api_server = document(&config, "KubeAPIServerConfig");
    assert!(
        api_server.contains("etcd-prefix: /tenant-1"),
        "{api_server}"
    );

    // One without TLS has no files.
    let plain = of_etcd.split_inclusive('\n');
    let plain: String = plain.filter(|line| !line.contains("File:")).collect();
    let config = node.read(CONFIG).replace(of_etcd, &plain);
    let plan = node.with(CONFIG, &config).plan(&endpoint);
    assert!(!plan.items().iter().any(|item| {
        let what = item["what"].as_str().unwrap();
        what.starts_with("--etcd-cafile") || what.starts_with("--etcd-keyfile")
    }));
}

/// They begin with `/`, and no file has to be brought.
#[test]
fn values_that_look_like_files_and_are_none_go_on() {
    let config = "apiVersion: k0s.k0sproject.io/v1beta1\nkind: ClusterConfig\nspec:\n  \
                  api: {extraArgs: {cors-allowed-origins: '//kube[.]example[.]org$', etcd-prefix: /old}}\n  \
                  scheduler: {extraArgs: {authorization-always-allow-paths: '/livez,/readyz'}}\n";
    let endpoint = ["--endpoint", "https://kube.example.org:6443"];
    for talos in ["v1.13", "v1.14"] {
        let node = node(config, "--enable-worker");
        let arguments = [&endpoint[..], &["--talos-version", talos]].concat();
        let config = node.control_plane(&arguments);
        for flag in [
            "cors-allowed-origins: //kube[.]example[.]org$",
            "etcd-prefix: /old",
            "authorization-always-allow-paths: /livez,/readyz",
        ] {
            assert!(config.contains(flag), "{talos}: {config}");
        }
    }
}

#[test]
fn of_several_configurations_the_one_that_stands_as_k0s_has_it_counts() {
    let endpoint = ["--endpoint", "https://kube.example.org:6443"];
    let of = |pods: &str| {
        let group = "apiVersion: k0s.k0sproject.io/v1beta1\nkind: ClusterConfig\n";
        format!("{group}spec: {{network: {{podCIDR: {pods}}}}}\n")
    };
    let (used, other) = (of("10.1.0.0/16"), of("10.7.0.0/16"));
    // A copy comes before it in the alphabet, or behind it.
    for copy in [
        "backup/k0s.yaml",
        "etc/k0s/k0s.yaml.bak",
        "root/etc/k0s/k0s.yaml",
    ] {
        let node = node(&used, "").with(copy, &other);
        let plan = node.plan(&endpoint);
        assert!(plan.refused().is_empty(), "{copy}: {:?}", plan.refused());
        plan.assert("converted", &["--cluster-cidr=10.1.0.0/16"]);
        plan.assert("needs-person", &[&format!("the file {copy}")]);
    }
    // The unit names it.
    let named = node(&other, "--config=/srv/k0s/prod.yaml").with("srv/k0s/prod.yaml", &used);
    let plan = named.plan(&endpoint);
    plan.assert("converted", &["--cluster-cidr=10.1.0.0/16"]);
    let missed = node(&other, "--config=/srv/k0s/prod.yaml").plan(&endpoint);
    assert!(missed.refused().contains(&"the configuration of k0s"));
    // Nothing tells which of two is in use.
    let node = Node::of("k0s").with("a.yaml", &used).with("b.yaml", &other);
    assert_eq!(node.plan(&endpoint).refused(), ["the file b.yaml"]);
    let node = Node::of("k0s").with("a.yaml", &used).with("b.yaml", &used);
    assert!(node.plan(&endpoint).refused().is_empty());
}
