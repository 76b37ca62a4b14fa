//! Kubernetes the Hard Way: units of systemd.

use crate::{ENCRYPTION_SECRET, Node, document};

const API_SERVER: &str = r"[Unit]
Description=Kubernetes API Server

[Service]
ExecStart=/usr/local/bin/kube-apiserver \
  --allow-privileged=true \
  --apiserver-count=1 \
  --audit-log-maxage=30 \
  --audit-log-path=/var/log/audit.log \
  --authorization-mode=Node,RBAC \
  # A comment between the lines does not end them.
  --bind-address=0.0.0.0 \
  --client-ca-file=/var/lib/kubernetes/ca.crt \
  --enable-admission-plugins=NamespaceLifecycle,NodeRestriction,ServiceAccount \
  --etcd-servers=http://127.0.0.1:2379 \
  --event-ttl=1h \
  --encryption-provider-config=/var/lib/kubernetes/encryption-config.yaml \
  --kubelet-certificate-authority=/var/lib/kubernetes/ca.crt \
  --kubelet-client-certificate=/var/lib/kubernetes/kube-api-server.crt \
  --kubelet-client-key=/var/lib/kubernetes/kube-api-server.key \
  --runtime-config='api/all=true' \
  --service-account-key-file=/var/lib/kubernetes/service-accounts.crt \
  --service-account-signing-key-file=/var/lib/kubernetes/service-accounts.key \
  --service-account-issuer=https://server.kubernetes.local:6443 \
  --service-cluster-ip-range=10.32.0.0/24 \
  --service-node-port-range=30000-32767 \
  --tls-cert-file=/var/lib/kubernetes/kube-api-server.crt \
  --tls-private-key-file=/var/lib/kubernetes/kube-api-server.key \
  --v=2
Restart=on-failure

[Install]
WantedBy=multi-user.target
";

const CONTROLLER_MANAGER: &str = r"[Service]
ExecStart=/usr/local/bin/kube-controller-manager \
  --bind-address=0.0.0.0 \
  --cluster-cidr=10.200.0.0/16 \
  --cluster-name=kubernetes \
  --cluster-signing-cert-file=/var/lib/kubernetes/ca.crt \
  --cluster-signing-key-file=/var/lib/kubernetes/ca.key \
  --kubeconfig=/var/lib/kubernetes/kube-controller-manager.kubeconfig \
  --root-ca-file=/var/lib/kubernetes/ca.crt \
  --service-account-private-key-file=/var/lib/kubernetes/service-accounts.key \
  --service-cluster-ip-range=10.32.0.0/24 \
  --use-service-account-credentials=true \
  --v=2
";

const SCHEDULER: &str = "[Service]
ExecStart=/usr/local/bin/kube-scheduler --config=/etc/kubernetes/config/kube-scheduler.yaml --v=2
";

const SCHEDULER_CONFIG: &str = "apiVersion: kubescheduler.config.k8s.io/v1
kind: KubeSchedulerConfiguration
clientConnection: {kubeconfig: /var/lib/kubernetes/kube-scheduler.kubeconfig}
leaderElection: {leaderElect: true}
";

const ETCD: &str = r"[Service]
Type=notify
ExecStart=/usr/local/bin/etcd \
  --name controller \
  --listen-client-urls http://127.0.0.1:2379 \
  --initial-cluster controller=http://127.0.0.1:2380 \
  --data-dir=/var/lib/etcd
";

const KUBELET: &str = "[Service]
ExecStart=/usr/local/bin/kubelet --config=/var/lib/kubelet/kubelet-config.yaml --v=2
";

const KUBECONFIG: &str = "apiVersion: v1
kind: Config
clusters:
- name: kubernetes-the-hard-way
  cluster: {server: 'https://server.kubernetes.local:6443'}
";

pub(crate) fn node() -> Node {
    Node::of("hard-way")
        .with("etc/systemd/system/kube-apiserver.service", API_SERVER)
        .with(
            "etc/systemd/system/kube-controller-manager.service",
            CONTROLLER_MANAGER,
        )
        .with("etc/systemd/system/kube-scheduler.service", SCHEDULER)
        .with("etc/systemd/system/etcd.service", ETCD)
        .with("etc/systemd/system/kubelet.service", KUBELET)
        .with(
            "etc/kubernetes/config/kube-scheduler.yaml",
            SCHEDULER_CONFIG,
        )
        .with(
            "var/lib/kubernetes/kube-controller-manager.kubeconfig",
            KUBECONFIG,
        )
}

#[test]
fn units_say_how_the_cluster_is_run() {
    let plan = node().plan(&[]);
    assert!(plan.refused().is_empty(), "{:?}", plan.refused());
    plan.assert_reached(
        "https://server.kubernetes.local:6443",
        &["10.200.0.0/16"],
        &["10.32.0.0/24"],
    );
    assert_eq!(plan.cluster("encrypted_resources")[0], "secrets");
    plan.assert(
        "converted",
        &[
            "--service-account-issuer=https://server.kubernetes.local:6443",
            "--encryption-provider-config=/var/lib/kubernetes/encryption-config.yaml",
            "--runtime-config=api/all=true",
            "--config=/etc/kubernetes/config/kube-scheduler.yaml",
            "secrets: aescbc key1",
        ],
    );
    plan.assert(
        "kept",
        &[
            "--client-ca-file=/var/lib/kubernetes/ca.crt",
            "--service-account-key-file=/var/lib/kubernetes/service-accounts.crt",
            "--initial-cluster=controller=http://127.0.0.1:2380",
        ],
    );
    // What runs on every node is told, too.
    plan.assert("needs-person", &["the unit of kubelet"]);
    let unit = "etc/systemd/system/kube-apiserver.service";
    assert_eq!(
        plan.read_in(unit).len(),
        API_SERVER.matches("\n  --").count()
    );
}

#[test]
fn tokens_and_secrets_go_on_with_what_they_were_made_by() {
    let config = node().control_plane(&[]);
    let accounts = document(&config, "KubeServiceAccountConfig");
    assert!(accounts.contains("issuerURL: https://server.kubernetes.local:6443"));
    let encryption = document(&config, "KubeEtcdEncryptionConfig");
    assert!(encryption.contains("name: key1") && encryption.contains(ENCRYPTION_SECRET));
    let networks = document(&config, "KubeNetworkConfig");
    assert!(networks.contains("10.200.0.0/16") && networks.contains("10.32.0.0/24"));
    // Talos up to 1.13 calls an AES-CBC key as the Hard Way does.
    let config = node().control_plane(&["--talos-version", "v1.13"]);
    assert!(config.contains(&format!("aescbcEncryptionSecret: {ENCRYPTION_SECRET}")));
}

#[test]
fn a_file_that_a_unit_names_has_to_be_there() {
    let plan = node()
        .without("var/lib/kubernetes/encryption-config.yaml")
        .plan(&[]);
    let flag = "--encryption-provider-config=/var/lib/kubernetes/encryption-config.yaml";
    assert_eq!(plan.refused(), [flag]);
}

#[test]
fn a_source_may_begin_at_any_folder_of_the_node() {
    let whole = node();
    let unit = whole.read("etc/systemd/system/kube-apiserver.service");
    let below = Node::of("hard-way/var/lib/kubernetes").with("kube-apiserver.service", &unit);
    let above = Node::of("hard-way").with(
        "nodes/cp-1/etc/systemd/system/kube-apiserver.service",
        &unit,
    );
    for file in ["ca.crt", "service-accounts.crt", "encryption-config.yaml"] {
        let text = above.read(&format!("var/lib/kubernetes/{file}"));
        fs_copy(
            &above,
            &format!("nodes/cp-1/var/lib/kubernetes/{file}"),
            &text,
        );
    }
    for node in [below, above] {
        let plan = node.plan(&["--endpoint", "https://kube.example.org:6443"]);
        assert!(plan.refused().is_empty(), "{:?}", plan.refused());
        plan.assert("converted", &["secrets: aescbc key1"]);
    }
}

#[test]
fn the_unit_that_systemd_reads_counts_and_no_copy_of_it() {
    let old = API_SERVER
        .replace("encryption-config.yaml", "enc-old.yaml")
        .replace("server.kubernetes.local", "old.example.org")
        .replace("10.32.0.0/24", "10.99.0.0/24");
    let whole = node();
    let encryption = whole.read("var/lib/kubernetes/encryption-config.yaml");
    let encryption = encryption.replace("key1", "key-old");
    let words: Vec<&str> = API_SERVER.lines().filter_map(flag_of).collect();
    let pod = format!(
        "apiVersion: v1\nkind: Pod\nmetadata: {name}\nspec: {{containers: [{{name: a, command: \
         [kube-apiserver, {}]}}]}}\n",
        words
            .join(", ")
            .replace("encryption-config.yaml", "enc-old.yaml"),
        name = "{name: kube-apiserver}",
    );
    for (place, copy) in [
        ("backup/kube-apiserver.service", &old),
        ("backup/etc/systemd/system/kube-apiserver.service", &old),
        ("usr/lib/systemd/system/kube-apiserver.service", &old),
        ("root/test/manifests/kube-apiserver.yaml", &pod),
    ] {
        let node = node()
            .with("var/lib/kubernetes/enc-old.yaml", &encryption)
            .with(place, copy);
        let plan = node.plan(&[]);
        assert!(plan.refused().is_empty(), "{place}: {:?}", plan.refused());
        plan.assert("converted", &["secrets: aescbc key1"]);
        assert_eq!(
            plan.cluster("service_subnets")[0],
            "10.32.0.0/24",
            "{place}"
        );
        assert_eq!(plan.read_in(place).len(), 1, "{place}");
        assert!(!node.control_plane(&[]).contains("key-old"), "{place}");
    }
}

/// The flag in a line of a unit.
fn flag_of(line: &str) -> Option<&str> {
    let line = line.trim().trim_end_matches('\\').trim_end();
    line.starts_with("--").then_some(line)
}

#[test]
fn units_that_may_both_run_and_differ_about_trust_are_an_open_choice() {
    let place = "etc/systemd/system/kube-apiserver";
    let old = API_SERVER.replace("server.kubernetes.local", "old.example.org");
    let node = node().with(&format!("{place}-old.service"), &old);
    let output = node.convert(&["-o", "out"]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        said.contains("2 files could be the unit of kube-apiserver"),
        "{said}"
    );
    assert!(
        said.contains("--service-account-issuer=https://old.example.org:6443"),
        "{said}"
    );
    assert!(!node.out().exists());
}

fn fs_copy(node: &Node, path: &str, text: &str) {
    let path = node.folder.path().join(path);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

#[test]
fn kubelets_configuration_is_the_one_that_its_flag_names() {
    let of = |pods: u32| {
        let group = "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n";
        format!("{group}maxPods: {pods}\n")
    };
    let unit = "[Service]\nExecStart=/usr/local/bin/kubelet --config=/opt/kubelet/config.yaml\n";
    let node = node()
        .with("etc/systemd/system/kubelet.service", unit)
        .with("opt/kubelet/config.yaml", &of(210))
        .with("var/lib/kubelet/config.yaml", &of(50));
    let plan = node.plan(&[]);
    assert_eq!(plan.item("maxPods")["origin"], "opt/kubelet/config.yaml");
}
