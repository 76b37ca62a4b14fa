//! MicroK8s and Canonical Kubernetes: files of flags.

use crate::{Node, document};

/// As MicroK8s 1.36 has them, without the longest.
const API_SERVER: &str = "--cert-dir=${SNAP_DATA}/certs
--service-cluster-ip-range=10.152.183.0/24
--authorization-mode=RBAC,Node
--service-account-key-file=${SNAP_DATA}/certs/serviceaccount.key
--client-ca-file=${SNAP_DATA}/certs/ca.crt
--tls-cert-file=${SNAP_DATA}/certs/server.crt
--tls-private-key-file=${SNAP_DATA}/certs/server.key
--kubelet-client-certificate=${SNAP_DATA}/certs/apiserver-kubelet-client.crt
--secure-port=16443
--etcd-servers=\"unix://${SNAP_DATA}/var/kubernetes/backend/kine.sock:12379\"
--allow-privileged=true
--service-account-issuer='https://kubernetes.default.svc'
--service-account-signing-key-file=${SNAP_DATA}/certs/serviceaccount.key
--event-ttl=5m
--profiling=false

# Enable the aggregation layer
--requestheader-client-ca-file=${SNAP_DATA}/certs/front-proxy-ca.crt
--requestheader-allowed-names=front-proxy-client
--proxy-client-cert-file=${SNAP_DATA}/certs/front-proxy-client.crt
#~Enable the aggregation layer
--enable-admission-plugins=EventRateLimit
--admission-control-config-file=${SNAP_DATA}/args/admission-control-config-file.yaml
";

const ADMISSION: &str = "apiVersion: apiserver.config.k8s.io/v1
kind: AdmissionConfiguration
plugins:
- name: EventRateLimit
  configuration: {kind: Configuration, limits: [{type: Server, qps: 5000, burst: 20000}]}
";

const CONTROLLER_MANAGER: &str = "--kubeconfig=${SNAP_DATA}/credentials/controller.config
--service-account-private-key-file=${SNAP_DATA}/certs/serviceaccount.key
--root-ca-file=${SNAP_DATA}/certs/ca.crt
--use-service-account-credentials
";

pub(crate) fn microk8s(folder: &str) -> Node {
    Node::of("microk8s")
        .with(&format!("{folder}/args/kube-apiserver"), API_SERVER)
        .with(
            &format!("{folder}/args/admission-control-config-file.yaml"),
            ADMISSION,
        )
        .with(
            &format!("{folder}/args/kube-controller-manager"),
            CONTROLLER_MANAGER,
        )
        .with(
            &format!("{folder}/args/kube-proxy"),
            "--cluster-cidr=10.1.0.0/16\n",
        )
        .with(
            &format!("{folder}/args/kubelet"),
            "--cluster-domain=cluster.local\n",
        )
}

const ENDPOINT: [&str; 2] = ["--endpoint", "https://kube.example.org:16443"];

#[test]
fn microk8s_is_told_by_its_files_of_flags() {
    let node = microk8s("var/snap/microk8s/current");
    let plan = node.plan(&ENDPOINT);
    assert!(plan.refused().is_empty(), "{:?}", plan.refused());
    // kube-proxy alone knows the network of pods.
    plan.assert_reached(ENDPOINT[1], &["10.1.0.0/16"], &["10.152.183.0/24"]);
    let file = "var/snap/microk8s/current/args/kube-apiserver";
    let flags = API_SERVER.lines().filter(|line| line.starts_with("--"));
    // And that nothing is encrypted is said of it, too.
    assert_eq!(plan.read_in(file).len(), flags.count() + 1);
    plan.assert(
        "converted",
        &[
            "--secure-port=16443",
            "--service-account-issuer=https://kubernetes.default.svc",
            "--admission-control-config-file=/var/snap/microk8s/current/args/admission-control-config-file.yaml",
            "no encryption at rest",
        ],
    );
    plan.assert(
        "kept",
        &[
            "--service-account-key-file=/var/snap/microk8s/current/certs/serviceaccount.key",
            "--client-ca-file=/var/snap/microk8s/current/certs/ca.crt",
        ],
    );
    plan.assert("kept", &["--authorization-mode=RBAC,Node"]);
    plan.assert("needs-person", &["the argument file of kubelet"]);
    assert!(plan.has(
        "--etcd-servers=unix:///var/snap/microk8s/current/var/kubernetes/backend/kine.sock:12379"
    ));
    // Objects cannot come over, but trust can.
    let config = node.control_plane(&[&ENDPOINT[..], &["--allow", "other-datastore"]].concat());
    let accounts = document(&config, "KubeServiceAccountConfig");
    let issuer = "issuerURL: https://kubernetes.default.svc";
    assert!(
        accounts.lines().any(|line| line.trim() == issuer),
        "{accounts}"
    );
    let admission = document(&config, "KubeAdmissionControlConfig");
    assert!(admission.contains("EventRateLimit"));
    assert!(!config.contains("SNAP_DATA") && !config.contains("/var/snap"));
}

/// Without the add-on `rbac` nobody needed a role; on Talos everybody does.
#[test]
fn microk8s_that_allows_everything_says_who_is_locked_out() {
    let node = microk8s("var/snap/microk8s/current");
    let flags = "var/snap/microk8s/current/args/kube-apiserver";
    let open = node.read(flags).replace("RBAC,Node", "AlwaysAllow");
    let plan = node.with(flags, &open).plan(&ENDPOINT);
    let item = plan.item("--authorization-mode=AlwaysAllow");
    assert_eq!(item["outcome"], "needs-person");
    let text = item["text"].as_str().unwrap();
    assert!(text.contains("workloads and users"), "{text}");
}

/// A backup may hold the folder of the revision, to which `current` is a link.
#[test]
fn a_revision_of_microk8s_is_as_good_as_the_current_one() {
    let node = microk8s("var/snap/microk8s/current");
    let folder = node.folder.path().join("var/snap/microk8s");
    std::fs::rename(folder.join("current"), folder.join("8000")).unwrap();
    let plan = node.plan(&ENDPOINT);
    assert!(plan.refused().is_empty(), "{:?}", plan.refused());
    plan.assert(
        "kept",
        &["--client-ca-file=/var/snap/microk8s/current/certs/ca.crt"],
    );
}

#[test]
fn a_file_that_a_snap_names_has_to_be_there() {
    let folder = "var/snap/microk8s/current/args";
    let file = format!("{folder}/admission-control-config-file.yaml");
    let plan = microk8s("var/snap/microk8s/current")
        .without(&file)
        .plan(&ENDPOINT);
    assert_eq!(
        plan.refused(),
        [format!("--admission-control-config-file=/{file}")]
    );
}

/// As `UpdateServiceArguments` of k8sd writes them.
const K8S_API_SERVER: &str = "--allow-privileged=\"true\"
--anonymous-auth=\"false\"
--authorization-mode=\"Node,RBAC\"
--client-ca-file=\"/etc/kubernetes/pki/client-ca.crt\"
--enable-admission-plugins=\"NodeRestriction\"
--etcd-servers=\"https://192.0.2.10:2379\"
--etcd-cafile=\"/etc/kubernetes/pki/etcd/ca.crt\"
--kubelet-certificate-authority=\"/etc/kubernetes/pki/ca.crt\"
--kubelet-preferred-address-types=\"InternalIP,Hostname,InternalDNS,ExternalDNS,ExternalIP\"
--requestheader-allowed-names=\"front-proxy-client\"
--requestheader-client-ca-file=\"/etc/kubernetes/pki/front-proxy-ca.crt\"
--secure-port=\"6443\"
--service-account-issuer=\"https://kubernetes.default.svc\"
--service-account-key-file=\"/etc/kubernetes/pki/serviceaccount.key\"
--service-cluster-ip-range=\"10.152.183.0/24\"
";

const K8S_KUBECONFIG: &str = "apiVersion: v1
kind: Config
clusters:
- name: k8s
  cluster: {server: 'https://192.0.2.10:6443'}
";

const K8S_FLAGS: &str = "var/snap/k8s/common/args";

/// Where its datastore of before answers.
pub(crate) const DQLITE: &str = "unix:///var/snap/k8s/common/var/lib/k8s-dqlite/k8s-dqlite.sock";

/// A node whose API server has its objects at `datastore`.
pub(crate) fn canonical(datastore: &str) -> Node {
    let flags = K8S_API_SERVER.replace("https://192.0.2.10:2379", datastore);
    let is_kept = |line: &&str| !line.contains("etcd-cafile") || datastore.starts_with("https");
    let flags: Vec<&str> = flags.lines().filter(is_kept).collect();
    Node::of("k8s-snap")
        .with(&format!("{K8S_FLAGS}/kube-apiserver"), &flags.join("\n"))
        .with(
            &format!("{K8S_FLAGS}/kube-controller-manager"),
            "--cluster-cidr=\"10.1.0.0/16\"\n--terminated-pod-gc-threshold=\"12500\"\n",
        )
        .with("etc/kubernetes/admin.conf", K8S_KUBECONFIG)
}

#[test]
fn canonical_kubernetes_is_told_by_its_files_of_flags() {
    let folder = K8S_FLAGS;
    let node = canonical("https://192.0.2.10:2379").with(
        &format!("{folder}/etcd"),
        "--name=\"cp-1\"\n--data-dir=\"/var/snap/k8s/common/etcd\"\n",
    );
    let plan = node.plan(&[]);
    assert!(plan.refused().is_empty(), "{:?}", plan.refused());
    plan.assert_reached(
        "https://192.0.2.10:6443",
        &["10.1.0.0/16"],
        &["10.152.183.0/24"],
    );
    plan.assert(
        "converted",
        &[
            "--service-account-issuer=https://kubernetes.default.svc",
            "--terminated-pod-gc-threshold=12500",
        ],
    );
    plan.assert(
        "kept",
        &[
            "--client-ca-file=/etc/kubernetes/pki/client-ca.crt",
            "--name=cp-1",
        ],
    );
    assert_eq!(plan.read_in(&format!("{folder}/kube-apiserver")).len(), 16);
    let config = node.control_plane(&[]);
    assert!(document(&config, "KubeAPIServerCAConfig").contains("acceptedCAs"));
}

#[test]
fn microk8s_4308_a_backup_of_dqlite_is_no_way_to_etcd() {
    let path = crate::fixture::fixtures().join("layouts/microk8s");
    let scan = crate::fixture::judge(&["scan", path.to_str().unwrap()])
        .output()
        .unwrap();
    assert_eq!(scan.status.code(), Some(1));
    let said = String::from_utf8(scan.stdout).unwrap();
    let said: Vec<&str> = said.split_whitespace().collect();
    assert!(
        said.join(" ").contains("`microk8s dbctl backup` is none"),
        "{said:?}"
    );
}
