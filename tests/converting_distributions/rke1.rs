//! RKE1: the state of the cluster, or the configuration that it was made of.

use crate::fixture::{judge, write_private};
use crate::{ENCRYPTION_SECRET, Node, Plan, document};
use serde_json::{Value, json};

/// The part of `cluster.rkestate` that says how the cluster is run.
fn state() -> String {
    let configuration = json!({
        "nodes": [
            {"address": "192.0.2.10", "internalAddress": "10.0.0.10", "hostnameOverride": "cp-1",
             "role": ["controlplane", "etcd"], "user": "rke", "sshKeyPath": "~/.ssh/id_rsa"},
            {"address": "192.0.2.11", "role": ["worker"], "user": "rke"},
        ],
        "services": {
            "etcd": {"snapshot": true, "extraArgs": {"election-timeout": "5000"},
                     "backupConfig": {"s3backupconfig": {"secretKey": "protects nothing"}}},
            "kubeApi": {
                "serviceClusterIpRange": "10.53.0.0/16",
                "serviceNodePortRange": "30000-32767",
                "extraArgs": {"maxRequests": "1", "max-requests-inflight": "800"},
                "extraArgsArray": {"tls-sni-cert-key": ["a.crt,a.key", "b.crt,b.key"]},
                "secretsEncryptionConfig": {"enabled": true},
            },
            "kubeController": {"clusterCidr": "10.52.0.0/16", "serviceClusterIpRange": "10.53.0.0/16"},
            "kubelet": {"clusterDomain": "k8s.example.org", "clusterDnsServer": "10.53.0.10"},
        },
        "network": {"plugin": "canal"},
        "authentication": {"strategy": "x509", "sans": ["kube.example.org"]},
        "authorization": {"mode": "rbac"},
        "kubernetesVersion": "v1.35.4-rancher1-1",
        "clusterName": "prod",
        "somethingNew": "protects nothing",
    });
    json!({"desiredState": {}, "currentState": {"rkeConfig": configuration}}).to_string()
}

pub(crate) const CONFIGURATION: &str = "cluster_name: prod
nodes:
- {address: 192.0.2.10, role: [controlplane, etcd], user: rke}
authentication: {sans: [kube.example.org]}
kubernetes_version: v1.35.4-rancher1-1
";

/// A node of a cluster that `cluster.yml` tells of, with `more` in it.
pub(crate) fn configured(more: &str) -> Node {
    // The certificate of the fixture names another network of services than RKE's.
    Node::of("rke1")
        .without("etc/kubernetes/ssl/kube-apiserver.pem")
        .with("cluster.yml", &format!("{CONFIGURATION}{more}"))
}

pub(crate) fn node() -> Node {
    Node::of("rke1").with("cluster.rkestate", &state())
}

#[test]
fn the_state_says_how_the_cluster_is_run() {
    let plan = node().plan(&[]);
    assert!(plan.refused().is_empty(), "{:?}", plan.refused());
    plan.assert_reached(
        "https://kube.example.org:6443",
        &["10.52.0.0/16"],
        &["10.53.0.0/16"],
    );
    assert_eq!(plan.cluster("name"), "prod");
    assert_eq!(plan.cluster("dns_domain"), "k8s.example.org");
    assert_eq!(plan.cluster("kubernetes_version"), "1.35.4");
    plan.assert(
        "converted",
        &[
            "--service-account-issuer=rke",
            "--api-audiences=unknown",
            "--requestheader-allowed-names=kube-apiserver-proxy-client",
            "--max-requests-inflight=800",
            "--maxRequests=1",
            "--tls-sni-cert-key=a.crt,a.key",
            "--tls-sni-cert-key=b.crt,b.key",
            "secrets: identity",
            "secrets: aescbc k-xyzzy",
            "services.kubelet.cluster_domain: k8s.example.org",
        ],
    );
    plan.assert(
        "kept",
        &[
            "--trusted-ca-file=/etc/kubernetes/ssl/kube-ca.pem",
            "--initial-cluster=etcd-cp-1=https://10.0.0.10:2380",
            "nodes[0].address",
            "services.kube-api.secrets_encryption_config.enabled",
        ],
    );
    plan.assert("needs-person", &["something_new"]);
    let told = plan.read_in("cluster.rkestate");
    let settings = told.iter().filter(|what| !what.starts_with("--"));
    assert_eq!(settings.count(), 31, "{told:#?}");
}

#[test]
fn what_rke_gives_every_kubelet_goes_on_unless_a_person_said_another() {
    let config = configured("").control_plane(&[]);
    let kubelet = document(&config, "KubeletConfig");
    assert!(kubelet.contains("eventRecordQPS: 0\n"), "{kubelet}");
    let idle = "streamingConnectionIdleTimeout: 30m0s\n";
    assert!(kubelet.contains(idle), "{kubelet}");
    let chosen = "services: {kubelet: {extra_args: {event-qps: '5'}}}\n";
    let config = configured(chosen).control_plane(&[]);
    let kubelet = document(&config, "KubeletConfig");
    assert!(!kubelet.contains("eventRecordQPS"), "{kubelet}");
    assert!(kubelet.contains(idle), "{kubelet}");
}

#[test]
fn tokens_and_secrets_go_on_with_what_they_were_made_by() {
    let output = node().convert(&["--dry-run", "--json", "--notes"]);
    assert!(
        !String::from_utf8(output.stdout)
            .unwrap()
            .contains("protects nothing")
    );
    // The configuration is given to real servers, too, which know no such flag.
    let known = state().replace(r#""maxRequests":"1","#, "");
    let config = node().with("cluster.rkestate", &known).control_plane(&[]);
    let accounts = document(&config, "KubeServiceAccountConfig");
    assert!(accounts.contains("issuerURL: rke\n") && accounts.contains("- unknown"));
    // While both planes run, each lets in the front proxy of the other.
    let names = "requestheader-allowed-names: kube-apiserver-proxy-client,front-proxy-client";
    assert!(document(&config, "KubeAPIServerConfig").contains(names));
    // `identity` first: Secrets are written plain, and old ones can still be read.
    let encryption = document(&config, "KubeEtcdEncryptionConfig");
    let identity = encryption.find("identity").unwrap();
    assert!(identity < encryption.find("name: k-xyzzy").unwrap());
    assert!(encryption.contains(ENCRYPTION_SECRET));
}

#[test]
fn without_a_state_the_configuration_says_it_with_rkes_defaults() {
    // The certificate of the fixture names another network of services than RKE's.
    let node = Node::of("rke1").without("etc/kubernetes/ssl/kube-apiserver.pem");
    let plan = node.with("cluster.yml", CONFIGURATION).plan(&[]);
    assert!(plan.refused().is_empty(), "{:?}", plan.refused());
    plan.assert_reached(
        "https://kube.example.org:6443",
        &["10.42.0.0/16"],
        &["10.43.0.0/16"],
    );
    assert_eq!(
        plan.item("--service-account-issuer=rke")["origin"],
        "RKE's defaults"
    );
    // RKE's etcd waits longer than etcd does by itself, and all members have to wait alike.
    plan.assert(
        "converted",
        &[
            "--election-timeout=5000",
            "--heartbeat-interval=500",
            "--node-monitor-grace-period=40s",
        ],
    );
    // The file of the keys is there, whatever the configuration says.
    plan.assert("converted", &["secrets: aescbc k-xyzzy"]);
    let plan = self::node().with("cluster.yml", CONFIGURATION).plan(&[]);
    plan.assert("needs-person", &["the file cluster.yml"]);
    assert_eq!(plan.cluster("service_subnets")[0], "10.53.0.0/16");
}

#[test]
fn a_file_of_keys_that_is_missing_is_refused() {
    let plan = node()
        .without("etc/kubernetes/ssl/encryption.yaml")
        .plan(&[]);
    let flag = "--encryption-provider-config=/etc/kubernetes/ssl/encryption.yaml";
    assert_eq!(plan.refused(), [flag]);
}

/// As the file is, or the Secret full-cluster-state of kube-system has it.
#[test]
fn the_state_alone_is_a_source_with_pki_and_settings() {
    let folder = Node::of("rke1");
    let pem = |file: &str| folder.read(&format!("etc/kubernetes/ssl/{file}.pem"));
    let names = [
        "kube-ca",
        "kube-apiserver-requestheader-ca",
        "kube-service-account-token",
    ];
    let bundle = names.map(|name| {
        let entry = json!({"certificatePEM": pem(name), "keyPEM": pem(&format!("{name}-key"))});
        (name.to_owned(), entry)
    });
    let mut state: Value = serde_json::from_str(&state()).unwrap();
    let current = &mut state["currentState"];
    current["certificatesBundle"] = Value::Object(bundle.into_iter().collect());
    current["encryptionConfig"] = folder.read("etc/kubernetes/ssl/encryption.yaml").into();
    let secret = json!({
        "apiVersion": "v1", "kind": "Secret",
        "metadata": {"name": "full-cluster-state", "namespace": "kube-system"},
        "stringData": {"full-cluster-state": state.to_string()},
    });
    for (name, text) in [
        ("prod.rkestate", state.to_string()),
        ("secret.yaml", secret.to_string()),
    ] {
        let file = folder.beside.path().join(name);
        write_private(&file, &text);
        let output = judge(&["convert", file.to_str().unwrap(), "--dry-run", "--json"])
            .output()
            .unwrap();
        let plan = Plan(serde_json::from_slice(&output.stdout).unwrap());
        assert!(plan.refused().is_empty(), "{:?}", plan.refused());
        plan.assert_reached(
            "https://kube.example.org:6443",
            &["10.52.0.0/16"],
            &["10.53.0.0/16"],
        );
        plan.assert(
            "converted",
            &["secrets: aescbc k-xyzzy", "--service-account-issuer=rke"],
        );
    }
}

/// Where an etcd of others has the objects: without it Talos would find a cluster that has none.
#[test]
fn the_path_in_an_etcd_outside_is_kept() {
    let etcd = "services: {etcd: {path: /etcdcluster, external_urls: ['https://192.0.2.7:2379'], \
                ca_cert: A, cert: B, key: C}}\n";
    let node = configured(etcd);
    let authority = node.read("etc/kubernetes/ssl/kube-ca.pem");
    let node = node.with("etc/kubernetes/ssl/kube-etcd-client-ca.pem", &authority);
    let plan = node.plan(&[]);
    plan.assert("converted", &["--etcd-prefix=/etcdcluster"]);
    let allow = ["--allow", "missing-etcd-ca-key", "--allow", "shared-ca"];
    let config = node.control_plane(&allow);
    let api_server = document(&config, "KubeAPIServerConfig");
    assert!(
        api_server.contains("etcd-prefix: /etcdcluster"),
        "{api_server}"
    );
}

#[test]
fn of_several_states_the_one_at_the_top_counts() {
    let other = state().replace("10.52.0.0/16", "10.7.0.0/16");
    for copy in ["backup/cluster.rkestate", "a/old.rkestate"] {
        let plan = node().with(copy, &other).plan(&[]);
        assert!(plan.refused().is_empty(), "{copy}: {:?}", plan.refused());
        plan.assert("converted", &["--cluster-cidr=10.52.0.0/16"]);
        plan.assert("needs-person", &[&format!("the file {copy}")]);
    }
    // Of two at one place nothing tells.
    let plan = node().with("another.rkestate", &other).plan(&[]);
    assert_eq!(plan.refused(), ["the file cluster.rkestate"]);
    let copied = node().with("another.rkestate", &state()).plan(&[]);
    assert!(copied.refused().is_empty(), "{:?}", copied.refused());
    let other = CONFIGURATION.replace("kube.example.org", "old.example.org");
    let plan = configured("").with("backup/cluster.yml", &other).plan(&[]);
    plan.assert("needs-person", &["the file backup/cluster.yml"]);
    let plan = configured("").with("rancher-cluster.yml", &other).plan(&[]);
    assert!(
        plan.refused().contains(&"the file rancher-cluster.yml"),
        "{:?}",
        plan.refused()
    );
}
