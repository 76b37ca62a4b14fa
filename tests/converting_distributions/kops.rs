//! kops: keysets in the state store, and static pods that end in `.manifest`.

use crate::{Node, document};

/// As kops writes it: the program behind one that keeps its log, and a container for its health.
const API_SERVER: &str = "apiVersion: v1
kind: Pod
metadata: {name: kube-apiserver, namespace: kube-system}
spec:
  containers:
  - name: kube-apiserver
    image: registry.k8s.io/kube-apiserver:v1.36.3
    command: [/go-runner]
    args:
    - --log-file=/var/log/kube-apiserver.log
    - --also-stdout
    - /usr/local/bin/kube-apiserver
    - --allow-privileged=true
    - --anonymous-auth=false
    - --api-audiences=kubernetes.svc.default
    - --authorization-mode=Node,RBAC
    - --client-ca-file=/srv/kubernetes/ca.crt
    - --encryption-provider-config=/srv/kubernetes/kube-apiserver/encryptionconfig.yaml
    - --etcd-servers=https://127.0.0.1:4001
    - --etcd-servers-overrides=/events#https://127.0.0.1:4002
    - --requestheader-allowed-names=aggregator
    - --secure-port=443
    - --service-account-issuer=https://api.internal.prod.example.org
    - --service-account-key-file=/srv/kubernetes/kube-apiserver/service-account.pub
    - --service-cluster-ip-range=100.64.0.0/13
    volumeMounts:
    - {name: logfile, mountPath: /var/log/kube-apiserver.log}
    - {name: etcssl, mountPath: /etc/ssl, readOnly: true}
    - {name: usrlocalopenssl, mountPath: /usr/local/openssl, readOnly: true}
    - {name: srvkube, mountPath: /srv/kubernetes/kube-apiserver}
  - name: healthcheck
    image: registry.k8s.io/kops/kube-apiserver-healthcheck:1.34.0
    args: [--ca-cert=/secrets/ca.crt, --client-cert=/secrets/client.crt]
  volumes:
  - {name: logfile, hostPath: {path: /var/log/kube-apiserver.log}}
  - {name: etcssl, hostPath: {path: /etc/ssl}}
  - {name: usrlocalopenssl, hostPath: {path: /usr/local/openssl}}
  - {name: srvkube, hostPath: {path: /srv/kubernetes/kube-apiserver}}
";

const CONTROLLER_MANAGER: &str = "apiVersion: v1
kind: Pod
metadata: {name: kube-controller-manager, namespace: kube-system}
spec:
  containers:
  - name: kube-controller-manager
    image: registry.k8s.io/kube-controller-manager:v1.36.3
    command:
    - /bin/sh
    - -c
    - exec /usr/local/bin/kube-controller-manager --allocate-node-cidrs=true \
      --cluster-cidr=100.96.0.0/11 \
      --tls-cert-file=/srv/kubernetes/kube-controller-manager/server.crt > /tmp/pipe 2>&1
";

const ETCD: &str = "apiVersion: v1
kind: Pod
metadata: {name: etcd-manager-main, namespace: kube-system}
spec:
  containers:
  - name: etcd-manager
    image: registry.k8s.io/etcd-manager/etcd-manager-slim:v3.0
    command: [/ko-app/etcd-manager, --cluster-name=etcd]
";

const ENCRYPTION: &str = "apiVersion: apiserver.config.k8s.io/v1
kind: EncryptionConfiguration
resources:
- resources: [secrets]
  providers: [{aesgcm: {keys: [{name: mine, secret: cHJvdGVjdHMgbm90aGluZw==}]}}, {identity: {}}]
";

fn node() -> Node {
    let node = Node::of("kops");
    let keyset = node.read("pki/private/kubernetes-ca/keyset.yaml");
    let public = node.read("pki/private/service-account/keyset.yaml");
    node.with(
        "etc/kubernetes/manifests/kube-apiserver.manifest",
        API_SERVER,
    )
    .with(
        "etc/kubernetes/manifests/kube-controller-manager.manifest",
        CONTROLLER_MANAGER,
    )
    .with("etc/kubernetes/manifests/etcd-main.manifest", ETCD)
    .with(
        "srv/kubernetes/ca.crt",
        &material(&keyset, "publicMaterial"),
    )
    .with(
        "srv/kubernetes/kube-apiserver/service-account.pub",
        &material(&public, "privateMaterial"),
    )
    .with(
        "srv/kubernetes/kube-apiserver/encryptionconfig.yaml",
        ENCRYPTION,
    )
}

/// The PEM of the first item of a keyset.
fn material(keyset: &str, field: &str) -> String {
    use base64::Engine;
    let keyset: serde_yaml::Value = serde_yaml::from_str(keyset).unwrap();
    let keys = keyset["spec"]["keys"].as_sequence().unwrap();
    let texts = keys.iter().map(|key| {
        let text = key[field].as_str().unwrap();
        base64::engine::general_purpose::STANDARD
            .decode(text)
            .unwrap()
    });
    String::from_utf8(texts.collect::<Vec<_>>().concat()).unwrap()
}

const ENDPOINT: [&str; 2] = ["--endpoint", "https://api.internal.prod.example.org:443"];

#[test]
fn manifests_of_kops_say_how_the_cluster_is_run() {
    let plan = node().plan(&ENDPOINT);
    plan.assert_reached(ENDPOINT[1], &["100.96.0.0/11"], &["100.64.0.0/13"]);
    assert_eq!(plan.cluster("kubernetes_version"), "1.36.3");
    plan.assert(
        "converted",
        &[
            "--api-audiences=kubernetes.svc.default",
            "--service-account-issuer=https://api.internal.prod.example.org",
            "--secure-port=443",
            "secrets: aesgcm mine",
        ],
    );
    plan.assert(
        "needs-person",
        &[
            "the container healthcheck",
            "the static pod etcd-manager-main",
        ],
    );
    // Talos does the same in its own way.
    plan.assert(
        "kept",
        &[
            "--etcd-servers-overrides=/events#https://127.0.0.1:4002",
            "--tls-cert-file=/srv/kubernetes/kube-controller-manager/server.crt",
            "the mount /var/log/kube-apiserver.log",
            "the mount /etc/ssl",
            "the mount /usr/local/openssl",
        ],
    );
    // What stands before the program, or belongs to another container, is no flag of it.
    for stranger in ["--also-stdout=true", "--ca-cert=/secrets/ca.crt"] {
        assert!(!plan.has(stranger), "{stranger}");
    }
}

#[test]
fn what_is_stored_elsewhere_but_events_is_for_a_person() {
    let path = "etc/kubernetes/manifests/kube-apiserver.manifest";
    let other = "/events#https://127.0.0.1:4002,/pods#https://127.0.0.1:4003";
    let manifest = API_SERVER.replace("/events#https://127.0.0.1:4002", other);
    let plan = node().with(path, &manifest).plan(&ENDPOINT);
    let flag = format!("--etcd-servers-overrides={other}");
    plan.assert("needs-person", &[flag.as_str()]);
}

#[test]
fn the_configuration_has_the_trust_and_the_flags() {
    let node = node();
    let plan = node.plan(&ENDPOINT);
    assert!(plan.refused().is_empty(), "{:?}", plan.refused());
    let config = node.control_plane(&ENDPOINT);
    let encryption = document(&config, "KubeEtcdEncryptionConfig");
    assert!(encryption.contains("aesgcm") && encryption.contains("name: mine"));
}

#[test]
fn kops_16488_the_issuer_is_that_of_the_flags_and_is_never_guessed() {
    // What kops chooses is not the same in all of its versions.
    for issuer in [
        "https://api.internal.prod.example.org",
        "https://discovery.example.org/prod",
    ] {
        let path = "etc/kubernetes/manifests/kube-apiserver.manifest";
        let old = "https://api.internal.prod.example.org";
        let manifest = API_SERVER.replace(
            &format!("--service-account-issuer={old}"),
            &format!("--service-account-issuer={issuer}"),
        );
        let plan = node().with(path, &manifest).plan(&ENDPOINT);
        plan.assert(
            "converted",
            &[&format!("--service-account-issuer={issuer}")],
        );
    }
    // From the store alone it is refused.
    let plan = Node::of("kops").plan(&ENDPOINT);
    assert!(!plan.refused().is_empty());
}
