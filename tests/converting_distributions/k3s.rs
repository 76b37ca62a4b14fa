//! k3s: config.yaml, its parts, and the unit.

use crate::{ENCRYPTION_SECRET, Node, Plan, document};

const CONFIG: &str = "etc/rancher/k3s/config.yaml";
const UNIT: &str = "etc/systemd/system/k3s.service";
const CERTIFICATE: &str = "var/lib/rancher/k3s/server/tls/serving-kube-apiserver.crt";
pub(crate) const ENCRYPTION: &str = "var/lib/rancher/k3s/server/cred/encryption-config.json";

/// A unit as the installer of k3s writes it.
fn unit(arguments: &str) -> String {
    format!(
        "[Unit]
Description=Lightweight Kubernetes
After=network-online.target

[Service]
Type=notify
EnvironmentFile=-/etc/default/%N
EnvironmentFile=-/etc/sysconfig/%N
EnvironmentFile=-/etc/systemd/system/k3s.service.env
KillMode=process
ExecStartPre=-/sbin/modprobe br_netfilter
ExecStart=/usr/local/bin/k3s \\
    server \\
{arguments}
"
    )
}

/// The kubeconfig that k3s writes beside its configuration.
const KUBECONFIG: &str = "apiVersion: v1
kind: Config
clusters:
- name: default
  cluster: {server: 'https://127.0.0.1:6443'}
";

const SERVER: &str = "\t'--cluster-init' \\\n\t'--tls-san=kube.example.org' \\\n";

/// A server that runs etcd, with `config` as its configuration.
pub(crate) fn node(config: &str) -> Node {
    Node::of("k3s")
        // The certificate of the fixture names 10.96.0.1, and k3s would have made it for 10.43.0.1.
        .without(CERTIFICATE)
        .without("var/lib/rancher/k3s/server/db/state.db")
        .with("var/lib/rancher/k3s/server/db/etcd/config", ETCD)
        .with("etc/rancher/k3s/k3s.yaml", KUBECONFIG)
        .with(CONFIG, config)
        .with(UNIT, &unit(SERVER))
        .with(
            "etc/systemd/system/k3s.service.env",
            "K3S_TOKEN='protects nothing'\n",
        )
}

/// A server as it is installed without flags, with its database.
pub(crate) fn on_sqlite(config: &str) -> Node {
    Node::of("k3s")
        .without(CERTIFICATE)
        .with("etc/rancher/k3s/k3s.yaml", KUBECONFIG)
        .with(CONFIG, config)
        .with(UNIT, &unit(""))
        .with("etc/systemd/system/k3s.service.env", "")
}

const ETCD: &str = "name: cp-1-a1b2c3d4
data-dir: /var/lib/rancher/k3s/server/db/etcd
advertise-client-urls: https://192.0.2.10:2379
listen-client-http-urls: https://127.0.0.1:2382
initial-cluster: cp-1-a1b2c3d4=https://192.0.2.10:2380
client-transport-security:
  cert-file: /var/lib/rancher/k3s/server/tls/etcd/server-client.crt
  key-file: /var/lib/rancher/k3s/server/tls/etcd/server-client.key
  client-cert-auth: true
  trusted-ca-file: /var/lib/rancher/k3s/server/tls/etcd/server-ca.crt
peer-transport-security:
  client-cert-auth: true
  trusted-ca-file: /var/lib/rancher/k3s/server/tls/etcd/peer-ca.crt
snapshot-count: 10000
heartbeat-interval: 500
";

/// A configuration with a setting of every kind.
pub(crate) const RICH: &str = "cluster-cidr: 10.52.0.0/16
service-cidr:
- 10.53.0.0/16
cluster-domain: k8s.example.org
cluster-dns: 10.53.0.10
secrets-encryption: true
write-kubeconfig-mode: '0644'
disable: [traefik, servicelb]
flannel-backend: none
disable-network-policy: true
kube-apiserver-arg:
- max-requests-inflight=800
- api-audiences+=vault
- anonymous-auth=true
kube-controller-manager-arg: [node-monitor-grace-period=20s]
kubelet-arg: [max-pods=250]
datastore-cafile: ''
some-new-setting: protects nothing
";

pub(crate) fn encrypted() -> String {
    Node::of("rke2").read("var/lib/rancher/rke2/server/cred/encryption-config.json")
}

fn refused(node: &Node) -> Vec<String> {
    let Plan(report) = node.plan(&[]);
    let items = report["items"].as_array().unwrap().iter();
    let refused = items.filter(|item| item["outcome"] == "refused");
    refused
        .map(|item| item["what"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn what_nobody_set_is_as_k3s_has_it() {
    let plan = node("").plan(&[]);
    assert!(plan.refused().is_empty(), "{:?}", plan.refused());
    plan.assert_reached(
        "https://kube.example.org:6443",
        &["10.42.0.0/16"],
        &["10.43.0.0/16"],
    );
    assert_eq!(plan.cluster("dns_domain"), "cluster.local");
    assert_eq!(plan.cluster("kubernetes_version"), "1.36.3");
    let issuer = "https://kubernetes.default.svc.cluster.local";
    for flag in [
        format!("--service-account-issuer={issuer}"),
        format!("--api-audiences={issuer},k3s"),
        "the network plugin Flannel, which runs inside k3s".to_owned(),
    ] {
        plan.assert("converted", &[&flag]);
        assert_eq!(plan.item(&flag)["origin"], "k3s's defaults");
    }
    plan.assert(
        "converted",
        &["no encryption at rest", "tls-san: kube.example.org"],
    );
    plan.assert(
        "kept",
        &[
            "cluster-init: true",
            "--secure-port=6443",
            "token",
            // The old front proxies are gone when Talos begins.
            "--requestheader-allowed-names=system:auth-proxy",
        ],
    );
    plan.assert(
        "needs-person",
        &[
            "network policies, which k3s enforces by itself",
            "the balancer of Services, ServiceLB, which runs inside k3s",
            "the controller of HelmChart objects, which runs inside the server",
        ],
    );
}

#[test]
fn tokens_and_networks_go_on_as_they_are() {
    let config = node("").control_plane(&[]);
    let accounts = document(&config, "KubeServiceAccountConfig");
    let issuer = "https://kubernetes.default.svc.cluster.local";
    assert!(accounts.contains(&format!("issuerURL: {issuer}\n")));
    let (_, accepted) = accounts.split_once("audiences:").unwrap();
    assert!(accepted.contains(&format!("- {issuer}\n")) && accepted.contains("- k3s"));
    let networks = document(&config, "KubeNetworkConfig");
    assert!(networks.contains("10.42.0.0/16") && networks.contains("10.43.0.0/16"));
    assert!(document(&config, "KubeFlannelCNIConfig").contains("vxlan"));
    // Nothing of what k3s runs by itself comes along.
    for stranger in ["egress-selector", "/var/lib/rancher", "kine", "auth-proxy"] {
        assert!(!config.contains(stranger), "{stranger}");
    }
}

#[test]
fn every_setting_is_accounted_for_and_counts() {
    let node = node(RICH).with(ENCRYPTION, &encrypted());
    let plan = node.plan(&[]);
    assert!(plan.refused().is_empty(), "{:?}", plan.refused());
    plan.assert_reached(
        "https://kube.example.org:6443",
        &["10.52.0.0/16"],
        &["10.53.0.0/16"],
    );
    assert_eq!(plan.cluster("dns_domain"), "k8s.example.org");
    let issuer = "https://kubernetes.default.svc.k8s.example.org";
    plan.assert(
        "converted",
        &[
            &format!("--service-account-issuer={issuer}"),
            &format!("--api-audiences={issuer},k3s"),
            "--api-audiences=vault",
            "--max-requests-inflight=800",
            "--node-monitor-grace-period=20s",
            "cluster-dns: 10.53.0.10",
            "cluster-domain: k8s.example.org",
            "secrets: aescbc aescbckey",
        ],
    );
    plan.assert(
        "needs-person",
        &["kubelet-arg: max-pods=250", "some-new-setting"],
    );
    plan.assert(
        "kept",
        &[
            "flannel-backend: none",
            "datastore-cafile",
            "disable: traefik",
        ],
    );
    assert!(!plan.has("the balancer of Services, ServiceLB, which runs inside k3s"));
    assert!(!plan.has("network policies, which k3s enforces by itself"));
    // A flag that k3s sets by itself counts as the configuration has it.
    assert!(plan.has("--anonymous-auth=true") && !plan.has("--anonymous-auth=false"));
    let told = plan.read_in(CONFIG);
    let settings = told.iter().filter(|what| !what.starts_with("--"));
    assert_eq!(settings.count(), 17, "{told:#?}");
    let config = node.control_plane(&[]);
    let encryption = document(&config, "KubeEtcdEncryptionConfig");
    assert!(encryption.contains("name: aescbckey") && encryption.contains(ENCRYPTION_SECRET));
    assert!(!config.contains("KubeFlannelCNIConfig"));
}

#[test]
fn no_secret_among_the_settings_is_shown() {
    let node = node(&format!(
        "{RICH}datastore-endpoint: mysql://root:hunter2@tcp(db)/k3s\n"
    ))
    .with(ENCRYPTION, &encrypted());
    let output = node.convert(&["--dry-run", "--json", "--notes"]);
    for said in [output.stdout, output.stderr] {
        let said = String::from_utf8(said).unwrap();
        for secret in ["protects nothing", "hunter2", ENCRYPTION_SECRET] {
            assert!(!said.contains(secret), "{secret}");
        }
    }
}

#[test]
fn later_files_count_and_the_command_line_most() {
    let plan = node("cluster-cidr: 10.1.0.0/16\nservice-cidr: 10.2.0.0/16\n")
        .with(
            "etc/rancher/k3s/config.yaml.d/10-pods.yaml",
            "cluster-cidr: 10.3.0.0/16\n",
        )
        .with(
            "etc/rancher/k3s/config.yaml.d/20-names.yaml",
            "tls-san+: [api.example.org]\n",
        )
        .with(
            UNIT,
            &unit("\t'--service-cidr' \\\n\t'10.4.0.0/16' \\\n\t'--cluster-init' \\\n"),
        )
        .plan(&[]);
    plan.assert_reached(
        "https://api.example.org:6443",
        &["10.3.0.0/16"],
        &["10.4.0.0/16"],
    );
    let replaced = plan.item("cluster-cidr: 10.1.0.0/16");
    assert!(
        replaced["text"].as_str().unwrap().contains("10-pods.yaml"),
        "{replaced}"
    );
    let flag = plan.item("--service-cluster-ip-range=10.4.0.0/16");
    assert_eq!(flag["origin"], UNIT);
}

#[test]
fn a_server_without_a_configuration_is_known_by_its_empty_folder() {
    let plan = node("").without(CONFIG).plan(&[]);
    assert!(plan.refused().is_empty(), "{:?}", plan.refused());
}

#[test]
fn a_unit_or_configuration_that_was_not_read_is_refused() {
    let without_unit = node("").without(UNIT);
    let expected = ["the unit of k3s", "encryption at rest"];
    let said = refused(&without_unit);
    assert!(
        expected
            .iter()
            .all(|what| said.contains(&(*what).to_owned())),
        "{said:?}"
    );
    let without_folder = node("").without(CONFIG).without("etc/rancher/k3s/k3s.yaml");
    let said = refused(&without_folder);
    assert!(said.contains(&"config.yaml of k3s".to_owned()), "{said:?}");
    let elsewhere = node("").with(UNIT, &unit("\t'--config=/srv/k3s.yaml' \\\n"));
    let said = refused(&elsewhere);
    assert!(said.contains(&"config.yaml of k3s".to_owned()), "{said:?}");
}

#[test]
fn a_configuration_that_is_no_yaml_is_refused() {
    let broken = refused(&node("kube-apiserver-arg: [\n"));
    let file = format!("the file {CONFIG}");
    assert!(broken.contains(&file), "{broken:?}");
    let part = "etc/rancher/k3s/config.yaml.d/10-networks.yaml";
    let broken = refused(&node("").with(part, "\tcluster-cidr: 10.0.0.0/16\n"));
    assert!(broken.contains(&format!("the file {part}")), "{broken:?}");
}

#[test]
fn once_encrypted_secrets_need_their_keys_whatever_the_setting_says_today() {
    let plan = node("secrets-encryption: false\n")
        .with(ENCRYPTION, &encrypted())
        .plan(&[]);
    plan.assert("converted", &["secrets: aescbc aescbckey"]);
    let plan = node("secrets-encryption: true\n").plan(&[]);
    let flag = format!("--encryption-provider-config=/{ENCRYPTION}");
    assert_eq!(plan.refused(), [flag]);
}

#[test]
fn etcd_is_told_by_the_file_that_k3s_writes_for_it() {
    let plan = node("etcd-arg: [quota-backend-bytes=8589934592]\n").plan(&[]);
    let file = "var/lib/rancher/k3s/server/db/etcd/config";
    assert_eq!(plan.read_in(file).len(), 13);
    plan.assert(
        "kept",
        &[
            "--initial-cluster=cp-1-a1b2c3d4=https://192.0.2.10:2380",
            "--trusted-ca-file=/var/lib/rancher/k3s/server/tls/etcd/server-ca.crt",
            "--peer-trusted-ca-file=/var/lib/rancher/k3s/server/tls/etcd/peer-ca.crt",
        ],
    );
    plan.assert(
        "converted",
        &[
            "--quota-backend-bytes=8589934592",
            "--heartbeat-interval=500",
        ],
    );
}

#[test]
fn networks_that_nobody_set_have_to_fit_the_certificate() {
    let certificate = Node::of("k3s").read(CERTIFICATE);
    let plan = node("").with(CERTIFICATE, &certificate).plan(&[]);
    assert_eq!(plan.refused(), ["the network of services"]);
    let plan = node("service-cidr: 10.96.0.0/12\n")
        .with(CERTIFICATE, &certificate)
        .plan(&[]);
    assert!(plan.refused().is_empty(), "{:?}", plan.refused());
}

/// An address of the node is that of the API only where there is no other.
#[test]
fn the_address_is_a_name_for_all_before_that_of_the_node() {
    let unit = unit("\t'--cluster-init' \\\n");
    let plan = node("node-ip: 192.0.2.10\ntls-san: kube.example.org\n")
        .with(UNIT, &unit)
        .plan(&[]);
    assert_eq!(plan.cluster("endpoint"), "https://kube.example.org:6443");
    let plan = node("node-ip: 192.0.2.10\nhttps-listen-port: 8443\n")
        .with(UNIT, &unit)
        .plan(&[]);
    assert_eq!(plan.cluster("endpoint"), "https://192.0.2.10:8443");
    plan.assert("converted", &["--secure-port=8443"]);
}

#[test]
fn a_server_on_sqlite_says_so() {
    let plan = Node::of("k3s")
        .with("etc/rancher/k3s/k3s.yaml", KUBECONFIG)
        .with(UNIT, &unit(""))
        .plan(&["--endpoint", "https://kube.example.org:6443"]);
    assert!(plan.has("--etcd-servers=unix://kine.sock"));
}

/// What differs from server to server does not matter; what has to be the same does.
#[test]
fn servers_of_one_cluster_have_to_agree() {
    let first = node("cluster-cidr: 10.52.0.0/16\n");
    let joined = |config: &str| {
        node(&format!("{config}server: https://kube.example.org:6443\n"))
            .with(UNIT, &unit("\t'--node-ip=192.0.2.11' \\\n"))
            .with(
                "var/lib/rancher/k3s/server/db/etcd/config",
                &ETCD.replace("cp-1", "cp-2"),
            )
    };
    let second = joined("cluster-cidr: 10.52.0.0/16\n");
    let convert = |second: &Node| {
        let folder = second.folder.path().to_str().unwrap();
        first.convert(&[folder, "--dry-run"])
    };
    let output = convert(&second);
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(0), "{said}");
    let output = convert(&joined("cluster-cidr: 10.99.0.0/16\n"));
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(
        said.contains("--cluster-cidr") && said.contains("10.99.0.0/16"),
        "{said}"
    );
}

/// k3s answers nobody without a name. Kubelet of Talos 1.14 has none when it asks for the health of
/// the API server, and restarts one that does not answer.
#[test]
fn talos_13544_kubelet_is_answered_without_a_name() {
    let probes = |node: &Node| {
        let config = node.control_plane(&[]);
        let authentication = document(&config, "KubeAuthenticationConfig");
        for line in ["path: /livez", "path: /readyz", "enabled: true"] {
            assert!(authentication.contains(line), "{authentication}");
        }
        authentication
    };
    probes(&node(""));
    let oidc =
        "kube-apiserver-arg: [oidc-issuer-url=https://login.example.org, oidc-client-id=k3s]\n";
    assert!(probes(&node(oidc)).contains("https://login.example.org"));
    let file = "kube-apiserver-arg: [authentication-config=/etc/rancher/k3s/authentication.yaml]\n";
    for anonymous in ["", "anonymous: {enabled: false}\n"] {
        let configuration = format!(
            "apiVersion: apiserver.config.k8s.io/v1\nkind: AuthenticationConfiguration\n{anonymous}\
             jwt: [{{issuer: {{url: 'https://login.example.org', audiences: [k3s]}}}}]\n"
        );
        let node = node(file).with("etc/rancher/k3s/authentication.yaml", &configuration);
        assert!(probes(&node).contains("https://login.example.org"));
    }
}

#[test]
fn the_configuration_and_the_unit_in_use_count_and_no_copy_of_them() {
    let mysql = "datastore-endpoint: mysql://user:protects-nothing@tcp(192.0.2.9:3306)/k3s\n";
    let other =
        unit("\t'--datastore-endpoint=mysql://user:protects-nothing@tcp(192.0.2.9)/k3s' \\\n");
    for (copy, text) in [
        ("backup/k3s.service", other.as_str()),
        ("backup/etc/systemd/system/k3s.service", &other),
        ("backup/etc/rancher/k3s/config.yaml", mysql),
        ("backup/etc/rancher/k3s/config.yaml.d/10-data.yaml", mysql),
    ] {
        let node = node("cluster-cidr: 10.52.0.0/16\n").with(copy, text).with(
            "backup/etc/systemd/system/k3s.service.env",
            "K3S_DATASTORE_ENDPOINT='mysql://192.0.2.9/k3s'\n",
        );
        let plan = node.plan(&[]);
        assert!(plan.refused().is_empty(), "{copy}: {:?}", plan.refused());
        assert_eq!(plan.cluster("pod_subnets")[0], "10.52.0.0/16", "{copy}");
        assert_eq!(plan.read_in(copy).len(), 1, "{copy}");
        let config = node.control_plane(&["--endpoint", "https://kube.example.org:6443"]);
        assert!(config.contains("10.52.0.0/16"), "{copy}");
    }
}

#[test]
fn a_configuration_below_a_folder_is_that_of_the_server_beside_it() {
    let whole = node("cluster-cidr: 10.52.0.0/16\n");
    let node = Node::of("k3s");
    let (from, to) = (whole.folder.path(), node.folder.path());
    for entry in std::fs::read_dir(to).unwrap() {
        std::fs::remove_dir_all(entry.unwrap().path()).unwrap();
    }
    crate::fixture::copy_to(from, &to.join("cp-1"));
    let other = "cluster-cidr: 10.99.0.0/16\n";
    let node = node
        .with("backup/etc/rancher/k3s/config.yaml", other)
        .with("spare/etc/rancher/k3s/config.yaml", other);
    let plan = node.plan(&[]);
    assert_eq!(plan.cluster("pod_subnets")[0], "10.52.0.0/16");
}
