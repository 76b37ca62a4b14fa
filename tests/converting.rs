//! A whole cluster on its way to Talos: `convert`.
//!
//! That the result works is proven on real API servers by `scripts/real-cluster`; here is what can
//! be seen without them.

#![allow(
    clippy::unwrap_used,
    reason = "what a test needs and does not get is its failure"
)]

mod fixture;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use fixture::{TOKEN, copy_to, fixtures, judge, talos_pki};
use insta::{Settings, assert_snapshot};
use tempfile::TempDir;

/// Keys for encryption at rest that protect nothing.
const FIRST: &str = "MDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDA=";
const SECOND: &str = "MTExMTExMTExMTExMTExMTExMTExMTExMTExMTExMTE=";

const API_SERVER: &str = "manifests/kube-apiserver.yaml";

/// A cluster with something about it, in the folder `kubernetes` of a folder of its own; what is
/// written is beside it.
struct Cluster {
    folder: TempDir,
}

impl Cluster {
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let kubernetes = folder.path().join("kubernetes");
        copy_to(&fixtures().join("kubeadm/ecdsa-p256"), &kubernetes);
        Self { folder }
    }

    /// Where the cluster is.
    fn path(&self) -> PathBuf {
        self.folder.path().join("kubernetes")
    }

    /// Gives the API server flags.
    fn with_flags(self, flags: &[&str]) -> Self {
        let path = self.path().join(API_SERVER);
        let manifest = fs::read_to_string(&path).unwrap();
        let lines = flags.iter().map(|flag| {
            format!(
                "    - {flag}
"
            )
        });
        let lines = lines.collect::<Vec<_>>().concat();
        let anchor = "    - --etcd-cafile=";
        fs::write(
            path,
            manifest.replacen(anchor, &format!("{lines}{anchor}"), 1),
        )
        .unwrap();
        self
    }

    fn with_file(self, name: &str, text: &str) -> Self {
        fs::write(self.path().join(name), text).unwrap();
        self
    }

    /// Encrypts at rest by `providers`.
    fn encrypting(self, resources: &str, providers: &str) -> Self {
        let text = format!(
            "apiVersion: apiserver.config.k8s.io/v1\nkind: EncryptionConfiguration\nresources:\n\
             - resources: [{resources}]\n  providers:\n{providers}"
        );
        self.with_flags(&["--encryption-provider-config=/etc/kubernetes/enc.yaml"])
            .with_file("enc.yaml", &text)
    }

    fn convert(&self, arguments: &[&str]) -> Output {
        let fixed = ["convert", "kubernetes", "-o", "out", "-f", "-t", TOKEN];
        let endpoint: &[&str] = if arguments.contains(&"--endpoint") {
            &[]
        } else {
            &["--endpoint", "https://kube.example.org:6443"]
        };
        judge(&[&fixed[..], endpoint, arguments].concat())
            .current_dir(self.folder.path())
            .output()
            .unwrap()
    }

    /// The configuration of control planes that `convert` writes.
    fn control_plane(&self, arguments: &[&str]) -> String {
        let output = self.convert(arguments);
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        self.written("controlplane.yaml")
    }

    fn written(&self, name: &str) -> String {
        fs::read_to_string(self.folder.path().join("out").join(name)).unwrap()
    }

    /// Why it is refused; nothing may be written then.
    fn refusal(&self, arguments: &[&str]) -> String {
        let output = self.convert(arguments);
        assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
        let folder = self.folder.path().join("out");
        assert!(!folder.exists(), "something was written");
        text(&output.stderr)
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("UTF-8")
}

/// The document of `kind` in a configuration, without its first lines.
fn document(config: &str, kind: &str) -> String {
    let start = format!("apiVersion: v1alpha1\nkind: {kind}\n");
    let (_, rest) = config
        .split_once(&start)
        .unwrap_or_else(|| panic!("there is no {kind}"));
    rest.split("\n---\n").next().unwrap().to_owned()
}

fn masked() -> Settings {
    let mut settings = Settings::clone_current();
    settings.add_filter(r"[A-Za-z0-9_-]{43}", "[key id]");
    settings.set_omit_expression(true);
    settings.set_prepend_module_to_snapshot(false);
    settings
}

const AESCBC: &str = "  - aescbc: {keys: [{name: prod-2023, secret: FIRST}]}\n  - identity: {}\n";

fn keys(providers: &str) -> String {
    providers.replace("FIRST", FIRST).replace("SECOND", SECOND)
}

#[test]
fn talos_7475_a_cluster_that_does_not_encrypt_stays_so() {
    let cluster = Cluster::new();
    let config = cluster.control_plane(&[]);
    assert_snapshot!(
        "no_encryption",
        document(&config, "KubeEtcdEncryptionConfig")
    );
    let config = cluster.control_plane(&["--talos-version", "v1.13"]);
    assert!(!config.contains("EncryptionSecret"));
}

#[test]
fn talos_13885_encryption_is_kept_word_for_word() {
    let providers = "  - identity: {}\n  - secretbox: {keys: [{name: b, secret: FIRST}, {name: a, \
                     secret: SECOND}]}\n  - aesgcm: {keys: [{name: '1', secret: SECOND}]}\n";
    let cluster = Cluster::new().encrypting("'*.*', secrets", &keys(providers));
    let config = cluster.control_plane(&[]);
    assert_snapshot!(
        "encryption_kept",
        document(&config, "KubeEtcdEncryptionConfig")
    );
}

#[test]
fn encryption_under_talos_names_fits_into_fields() {
    for (providers, field, secret) in [
        (
            "  - secretbox: {keys: [{name: key2, secret: FIRST}]}\n",
            "secretbox",
            FIRST,
        ),
        (
            "  - aescbc: {keys: [{name: key1, secret: SECOND}]}\n",
            "aescbc",
            SECOND,
        ),
    ] {
        let providers = format!("{providers}  - identity: {{}}\n");
        let cluster = Cluster::new().encrypting("secrets", &keys(&providers));
        let config = cluster.control_plane(&["--talos-version", "v1.13"]);
        let line = format!("    {field}EncryptionSecret: {secret}\n");
        assert!(config.contains(&line), "{field}");
        assert_eq!(config.matches("EncryptionSecret:").count(), 1);
        // The bundle has the key too, so that configurations made of it later are right.
        assert!(cluster.written("secrets.yaml").contains(secret), "{field}");
    }
}

#[test]
fn encryption_that_fields_cannot_hold_is_refused() {
    let two_keys = "  - secretbox: {keys: [{name: key2, secret: FIRST}, {name: key1, secret: \
                    SECOND}]}\n  - identity: {}\n";
    let identity_first = "  - identity: {}\n  - secretbox: {keys: [{name: key2, secret: FIRST}]}\n";
    let no_identity = "  - secretbox: {keys: [{name: key2, secret: FIRST}]}\n";
    let key2 = "  - secretbox: {keys: [{name: key2, secret: FIRST}]}\n  - identity: {}\n";
    for (name, resources, providers) in [
        ("another_name", "secrets", AESCBC),
        ("two_keys", "secrets", two_keys),
        ("identity_first", "secrets", identity_first),
        ("no_identity", "secrets", no_identity),
        ("more_resources", "secrets, configmaps", key2),
        ("wildcard", "'*.*'", key2),
    ] {
        let cluster = Cluster::new().encrypting(resources, &keys(providers));
        let said = cluster.refusal(&["--talos-version", "v1.13"]);
        assert!(!said.contains(FIRST) && !said.contains(SECOND));
        assert_snapshot!(format!("encryption_refused_{name}"), said);
        cluster.control_plane(&["--talos-version", "v1.14"]);
    }
}

#[test]
fn a_kms_plugin_is_refused() {
    let providers = "  - kms: {apiVersion: v2, name: vault, endpoint: unix:///run/kms.sock}\n  - \
                     identity: {}\n";
    let cluster = Cluster::new().encrypting("secrets", providers);
    assert_snapshot!("kms", cluster.refusal(&[]));
}

/// A file that was cut off may be YAML still: Secrets of a lost key could not be read, and an API server
/// does not start with what is left.
#[test]
fn encryption_that_was_cut_off_is_refused() {
    let half = &FIRST[..20];
    for (providers, reason) in [
        ("", "secrets have no `providers`"),
        ("  -", "one of its `providers` is of no kind"),
        ("  - secretbox:", "its provider `secretbox` has no `keys`"),
        (
            "  - aescbc:\n      keys:\n      - name: a",
            "the key `a` of `aescbc` is no whole key",
        ),
        (
            &format!("  - aescbc:\n      keys:\n      - name: a\n        secret: {FIRST}\n      -"),
            "a key of `aescbc` has no name",
        ),
        (
            &format!("  - secretbox: {{keys: [{{name: b, secret: {half}}}]}}"),
            "the key `b` of `secretbox` is no whole key",
        ),
    ] {
        for talos in ["v1.13", "v1.14"] {
            let cluster = Cluster::new().encrypting("secrets", providers);
            let said = cluster.refusal(&["--talos-version", talos]);
            let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
            let told = format!("`enc.yaml` is nothing that an API server starts with: {reason}");
            assert!(said.contains(&told), "{said}");
            assert!(!said.contains(half), "a secret is told");
        }
    }
}

#[test]
fn a_missing_encryption_file_is_refused() {
    let cluster =
        Cluster::new().with_flags(&["--encryption-provider-config=/etc/kubernetes/enc.yaml"]);
    assert_snapshot!("encryption_file_missing", cluster.refusal(&[]));
}

#[test]
fn without_manifests_nobody_knows_about_encryption() {
    let cluster = Cluster::new();
    fs::remove_dir_all(cluster.path().join("manifests")).unwrap();
    assert!(
        cluster
            .refusal(&[])
            .contains("no manifest of the API server")
    );
}

/// What the cluster told may be another cluster's, or what kubeadm was told years ago.
#[test]
fn what_a_cluster_told_that_does_not_fit_what_was_read_is_told() {
    let node = |name: &str, address: &str| {
        format!(
            "apiVersion: v1\nkind: Node\nmetadata: {{name: {name}, labels: \
             {{node-role.kubernetes.io/control-plane: ''}}}}\nstatus: {{nodeInfo: {{kubeletVersion: v1.36.3}}, \
             addresses: [{{type: InternalIP, address: {address}}}]}}\n"
        )
    };
    let configuration = |networking: &str| {
        format!(
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: kubeadm-config, namespace: \
             kube-system}}\ndata:\n  ClusterConfiguration: |\n    apiVersion: \
             kubeadm.k8s.io/v1beta4\n    kind: ClusterConfiguration\n    networking: {{{networking}}}\n"
        )
    };
    let told = |info: &str| {
        let cluster = Cluster::new().with_file("info.yaml", info);
        let output = cluster.convert(&["--dry-run", "--cluster-info", "kubernetes/info.yaml"]);
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        text_of(&output)
    };
    let of_nodes = "none that the cluster told of has the name or the address";
    assert!(told(&node("other-1", "198.51.100.1")).contains(of_nodes));
    assert!(!told(&node("cp-1", "198.51.100.1")).contains(of_nodes));
    assert!(!told(&node("other-1", "192.0.2.10")).contains(of_nodes));
    let of_domain =
        "a setting says other.local, which was converted, and this certificate cluster.local";
    assert!(told(&configuration("dnsDomain: other.local")).contains(of_domain));
    assert!(!told(&configuration("dnsDomain: cluster.local")).contains("a setting says"));
    let of_services = "the API server runs with 10.96.0.0/12, which was converted";
    assert!(told(&configuration("serviceSubnet: 10.99.0.0/16")).contains(of_services));
    assert!(!told(&configuration("serviceSubnet: 10.96.0.0/12")).contains(of_services));
}

/// With what is left the API server would not start, on Talos no more than before.
#[test]
fn files_of_flags_that_were_cut_off_are_refused() {
    let audit = "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n";
    let authorization = "apiVersion: apiserver.config.k8s.io/v1\nkind: AuthorizationConfiguration\n\
                         authorizers:\n";
    let webhook = format!("{authorization}- name: hook\n  type: Webhook\n");
    for (flag, text) in [
        ("audit-policy-file", audit),
        ("authorization-config", authorization),
        ("authorization-config", &webhook),
    ] {
        let flags = [format!("--{flag}=/etc/kubernetes/file.yaml")];
        let cluster = Cluster::new()
            .with_flags(&[&flags[0]])
            .with_file("file.yaml", text);
        let said = cluster.refusal(&[]);
        assert!(said.contains(&format!("refused: {}", flags[0])), "{said}");
        assert!(
            said.contains("the API server would not start with it"),
            "{said}"
        );
    }
}

/// What was copied in part may be YAML still, and lacks flags.
#[test]
fn a_manifest_that_was_cut_off_is_not_believed() {
    let cluster = Cluster::new();
    let nodes = "apiVersion: v1\nkind: Node\nmetadata: {name: cp-1, labels: \
                 {node-role.kubernetes.io/control-plane: ''}}\nstatus: {nodeInfo: {kubeletVersion: \
                 v1.36.3}}\n";
    let cluster = cluster.with_file("nodes.yaml", nodes);
    let path = cluster.path().join(API_SERVER);
    let manifest = fs::read_to_string(&path).unwrap();
    let flags = manifest.find("    - --service-account-issuer=").unwrap();
    for end in [flags, flags + 20] {
        fs::write(&path, &manifest[..end]).unwrap();
        let said = cluster.refusal(&["--cluster-info", "kubernetes/nodes.yaml"]);
        assert!(
            said.contains("refused: the manifest of kube-apiserver"),
            "{said}"
        );
        assert!(said.contains("its container has no image"), "{said}");
        assert!(!said.contains("the version of Kubernetes"), "{said}");
    }
}

/// Gathered by hand they say the same as where kubelet reads them.
#[test]
fn manifests_in_a_folder_of_another_name_are_read() {
    let flags = ["--audit-log-maxage=7"];
    let cluster = Cluster::new().with_flags(&flags);
    let expected = cluster.control_plane(&[]);
    let folders = ["manifests", "static-pods", "again"].map(|folder| cluster.path().join(folder));
    let [manifests, gathered, again] = folders;
    fs::rename(manifests, &gathered).unwrap();
    assert_eq!(
        settings_alone(&cluster.control_plane(&[])),
        settings_alone(&expected)
    );

    // Of two such folders nobody knows which is right, whichever of them says more.
    copy_to(&gathered, &again);
    let text = |folder: &Path| fs::read_to_string(folder.join("kube-apiserver.yaml")).unwrap();
    let plain = text(&gathered).replace("    - --audit-log-maxage=7\n", "");
    for folder in [&gathered, &again] {
        fs::write(folder.join("kube-apiserver.yaml"), &plain).unwrap();
        let said = text_of(&cluster.convert(&["--dry-run"]));
        assert!(
            said.contains("does not say the same about --audit-log-maxage"),
            "{said}"
        );
        let other = if folder == &gathered {
            &again
        } else {
            &gathered
        };
        copy_to(other, folder);
    }
    let issuer = "--service-account-issuer=https://";
    let foreign = text(&again).replace(issuer, "--service-account-issuer=https://other.");
    fs::write(again.join("kube-apiserver.yaml"), foreign).unwrap();
    let said = text_of(&cluster.convert(&["--dry-run"]));
    assert!(
        said.contains("2 files could be the manifest of kube-apiserver"),
        "{said}"
    );

    // What is no pod, or another's, is not the API server's; what kubeadm put aside does not run.
    fs::remove_dir_all(&again).unwrap();
    fs::write(gathered.join("kube-apiserver.yaml"), "kind: Pod\n").unwrap();
    let aside = cluster.path().join("tmp/kubeadm-backup-manifests-2026");
    copy_to(&fixtures().join("kubeadm/ecdsa-p256/manifests"), &aside);
    fs::remove_dir_all(cluster.folder.path().join("out")).unwrap();
    assert!(
        cluster
            .refusal(&[])
            .contains("no manifest of the API server")
    );
}

/// What was said, in one line.
fn text_of(output: &Output) -> String {
    let said = text(&output.stderr);
    said.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn talos_9029_issuers_and_audiences_are_kept_in_their_order() {
    let cluster = Cluster::new().with_flags(&[
        "--service-account-issuer=https://first.example.org",
        "--service-account-issuer=https://second.example.org",
        "--api-audiences=https://first.example.org,vault",
    ]);
    let config = cluster.control_plane(&[]);
    let accounts = document(&config, "KubeServiceAccountConfig");
    let (_, accounts) = accounts
        .split_once("-----END EC PRIVATE KEY-----\n")
        .unwrap();
    assert_snapshot!("issuers_in_a_document", accounts);
    let config = cluster.control_plane(&["--talos-version", "v1.13"]);
    let (_, flags) = config.split_once("        extraArgs:\n").unwrap();
    let (flags, _) = flags.split_once("        auditPolicy:").unwrap();
    assert_snapshot!("issuers_in_flags", flags);
    assert_snapshot!("issuers_refused", cluster.refusal_of("v1.12"));
}

#[test]
fn talos_14348_the_issuer_is_the_old_clusters_whatever_the_endpoint_is() {
    let cluster = Cluster::new();
    let endpoint = ["--endpoint", "https://other.example.org:6443"];
    let config = cluster.control_plane(&[&endpoint[..], &["--talos-version", "v1.14"]].concat());
    let accounts = document(&config, "KubeServiceAccountConfig");
    let issuer = "issuerURL: https://kubernetes.default.svc.cluster.local";
    assert!(accounts.contains(issuer), "{accounts}");
    assert!(!accounts.contains(endpoint[1]), "{accounts}");
    assert!(document(&config, "KubeClusterConfig").contains(endpoint[1]));
}

#[test]
fn talos_11694_the_endpoint_stays_true_where_the_issuer_is_another() {
    let endpoint = "https://other.example.org:6443";
    let arguments = ["--endpoint", endpoint, "--talos-version", "v1.13"];
    let config = Cluster::new().control_plane(&arguments);
    assert!(
        config.contains(&format!("        endpoint: {endpoint}\n")),
        "{config}"
    );
    let issuer =
        "            service-account-issuer: https://kubernetes.default.svc.cluster.local\n";
    assert!(config.contains(issuer), "{config}");
}

#[test]
fn talos_pr_12607_flags_have_every_issuer_and_the_first_one_issues() {
    // Talos puts a person's flags in the place of its own, so these have to say everything.
    let cluster =
        Cluster::new().with_flags(&["--service-account-issuer=https://first.example.org"]);
    let config = cluster.control_plane(&["--talos-version", "v1.13"]);
    let (_, flags) = config.split_once("        extraArgs:\n").unwrap();
    let (flags, _) = flags.split_once("        auditPolicy:").unwrap();
    let both = "https://first.example.org\n                - https://kubernetes.default.svc.cluster.local\n";
    let issuers = format!("            service-account-issuer:\n                - {both}");
    assert!(flags.contains(&issuers), "{flags}");
    let audiences = "            api-audiences: https://first.example.org,https://kubernetes.default.svc.cluster.local\n";
    assert!(flags.contains(audiences), "{flags}");
}

impl Cluster {
    fn refusal_of(&self, version: &str) -> String {
        fs::remove_dir_all(self.folder.path().join("out")).unwrap();
        self.refusal(&["--talos-version", version, "--allow", "token-format"])
    }
}

#[test]
fn rancher_22172_tokens_of_an_old_key_are_accepted_or_refused_aloud() {
    let old = fs::read_to_string(fixtures().join("kubeadm/rsa-2048/pki/sa.pub")).unwrap();
    let cluster = Cluster::new()
        .with_file("pki/old-sa.pub", &old)
        .with_flags(&["--service-account-key-file=/etc/kubernetes/pki/old-sa.pub"]);
    let config = cluster.control_plane(&[]);
    let accounts = document(&config, "KubeServiceAccountConfig");
    let lines: Vec<&str> = old.lines().collect();
    assert!(
        lines.iter().all(|line| accounts.contains(line)),
        "{accounts}"
    );
    let refusal = cluster.refusal_of("v1.13");
    masked().bind(|| assert_snapshot!("old_key_refused", refusal));
}

#[test]
fn an_old_ca_is_accepted_beside_the_new() {
    let old = fs::read_to_string(fixtures().join("kubeadm/ecdsa-p384/pki/ca.crt")).unwrap();
    let cluster = Cluster::new();
    let path = cluster.path().join("pki/ca.crt");
    let new = fs::read_to_string(&path).unwrap();
    fs::write(path, format!("{new}{old}")).unwrap();
    let line = old.lines().nth(3).unwrap();
    let config = cluster.control_plane(&[]);
    let (issuing, accepted) = document(&config, "KubeAPIServerCAConfig")
        .split_once("acceptedCAs:")
        .map(|(issuing, accepted)| (issuing.to_owned(), accepted.to_owned()))
        .unwrap();
    assert!(!issuing.contains(line) && accepted.contains(line));
    assert!(document(&cluster.written("worker.yaml"), "KubeAPIServerCAConfig").contains(line));
    let config = cluster.control_plane(&["--talos-version", "v1.13"]);
    assert!(config.contains("    acceptedCAs:\n        - crt: LS0t"));
}

/// A cluster with a setting of every kind.
fn rich_cluster() -> Cluster {
    let admission = "apiVersion: apiserver.config.k8s.io/v1\nkind: AdmissionConfiguration\nplugins:\n\
                     - name: EventRateLimit\n  configuration:\n    kind: Configuration\n    limits:\n    \
                     - type: Server\n      qps: 50\n      burst: 100\n";
    let audit = "apiVersion: audit.k8s.io/v1\nkind: Policy\nomitStages: [RequestReceived]\nrules:\n\
                 - level: RequestResponse\n  verbs: [create]\n- level: None\n";
    let scheduler = "apiVersion: kubescheduler.config.k8s.io/v1\nkind: KubeSchedulerConfiguration\n\
                     clientConnection: {kubeconfig: /etc/kubernetes/scheduler.conf}\nprofiles:\n\
                     - schedulerName: packed\n  percentageOfNodesToScore: 30\n";
    let kubeadm = "apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\nclusterName: prod\n\
                   controlPlaneEndpoint: kube.example.org:8443\nkubernetesVersion: v1.36.3\n\
                   imageRepository: registry.k8s.io\ncertificatesDir: /etc/kubernetes/pki\n\
                   networking: {dnsDomain: k8s.example.org, podSubnet: 10.32.0.0/16, serviceSubnet: \
                   10.96.0.0/12}\napiServer:\n  certSANs: [api.example.org]\n  extraArgs:\n  - \
                   {name: profiling, value: 'false'}\n  - {name: event-ttl, value: 24h}\ndns: {}\n\
                   etcd: {local: {dataDir: /var/lib/etcd, peerCertSANs: [etcd.example.org]}}\n\
                   somethingNew: 1\n---\napiVersion: kubelet.config.k8s.io/v1beta1\nkind: \
                   KubeletConfiguration\ncgroupDriver: systemd\nclusterDNS: [10.96.0.10]\n\
                   clusterDomain: k8s.example.org\nmaxPods: 250\nevictionHard: {memory.available: \
                   200Mi}\nfileCheckFrequency: 0s\nstaticPodPath: /etc/kubernetes/manifests\n---\n\
                   apiVersion: kubeproxy.config.k8s.io/v1alpha1\nkind: KubeProxyConfiguration\n\
                   bindAddress: 0.0.0.0\nmode: ipvs\nipvs: {strictARP: true}\n";
    let vip = "apiVersion: v1\nkind: Pod\nmetadata: {name: kube-vip}\nspec:\n  containers:\n  - \
               {name: kube-vip, image: 'ghcr.io/kube-vip/kube-vip:v1', args: [manager]}\n";
    let cluster = Cluster::new()
        .with_flags(&[
            "--admission-control-config-file=/etc/kubernetes/admission.yaml",
            "--audit-policy-file=/etc/kubernetes/audit.yaml",
            "--audit-log-maxage=7",
            "--audit-webhook-config-file=/etc/kubernetes/webhook.yaml",
            "--max-requests-inflight=1000",
            "--oidc-issuer-url=https://id.example.org",
            "--oidc-client-id=kube",
            "--oidc-username-claim=email",
            "--oidc-groups-claim=groups",
            "--oidc-groups-prefix=id/",
            "--oidc-required-claim=hd=example.org",
            "--profiling=false",
            "--tls-min-version=VersionTLS12",
        ])
        .with_file("admission.yaml", admission)
        .with_file("audit.yaml", audit)
        .with_file("scheduler.yaml", scheduler)
        .with_file("kubeadm.yaml", kubeadm)
        .with_file("manifests/kube-vip.yaml", vip);
    let path = cluster.path().join("manifests/kube-scheduler.yaml");
    let manifest = fs::read_to_string(&path).unwrap();
    let flag = "    - --config=/etc/kubernetes/scheduler.yaml\n    - --leader-elect=true\n";
    fs::write(path, manifest.replace("    - --leader-elect=true\n", flag)).unwrap();
    cluster
}

#[test]
fn every_setting_has_its_place() {
    let cluster = rich_cluster();
    for version in ["v1.13", "v1.14"] {
        let output = cluster.convert(&["--talos-version", version]);
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        assert_snapshot!(format!("rich_cluster_{version}"), text(&output.stderr));
        for machine in ["controlplane", "worker"] {
            let config = settings_alone(&cluster.written(&format!("{machine}.yaml")));
            assert_snapshot!(format!("rich_{machine}_{version}"), config);
        }
    }
}

/// A configuration without what every cluster has of its own: certificates, keys and tokens.
fn settings_alone(config: &str) -> String {
    let mut masked = Vec::new();
    let mut in_pem = false;
    for line in config.lines() {
        in_pem |= line.contains("-----BEGIN");
        let (name, value) = line.split_once(": ").unwrap_or((line, ""));
        let is_secret = value.starts_with("LS0t")
            || (value.len() == 44 && value.ends_with('='))
            || name.trim_start() == "token";
        if is_secret {
            masked.push(format!("{name}: […]\n"));
        } else if !in_pem {
            masked.push(format!("{line}\n"));
        }
        in_pem &= !line.contains("-----END");
    }
    masked.concat()
}

/// Without the breaks of lines, which may be within a flag.
fn unbroken(text: &str) -> String {
    text.split_whitespace().collect()
}

#[test]
fn the_notes_account_for_everything_that_was_read() {
    let cluster = rich_cluster();
    let output = judge(&["convert", "kubernetes", "--dry-run", "--notes"])
        .current_dir(cluster.folder.path())
        .output()
        .unwrap();
    let said = unbroken(&text(&output.stderr));
    for line in fs::read_to_string(cluster.path().join(API_SERVER))
        .unwrap()
        .lines()
    {
        let Some(flag) = line.trim().strip_prefix("- --") else {
            continue;
        };
        assert!(said.contains(&unbroken(flag)), "{flag} has vanished");
    }
    assert!(
        !cluster.folder.path().join("out").exists(),
        "a dry run writes nothing"
    );
}

#[test]
fn programs_get_the_same_as_json() {
    let cluster = rich_cluster();
    let output = cluster.convert(&["--dry-run", "--json"]);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(text(&output.stderr), "");
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let written = cluster.convert(&["--json"]);
    assert_eq!(written.status.code(), Some(0));
    let file: serde_json::Value = serde_json::from_str(&cluster.written("report.json")).unwrap();
    assert!(report["items"] == file["items"], "the items differ");
    // What is refused is told, too.
    let refused = cluster.convert(&["--json", "--talos-version", "v1.10"]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(serde_json::from_slice::<serde_json::Value>(&refused.stdout).is_ok());
}

#[test]
fn charmed_582_a_token_is_checked_before_anything_is_written() {
    // Signed by nobody.
    let header = "eyJhbGciOiJFUzI1NiIsImtpZCI6IngifQ";
    let claims =
        "eyJpc3MiOiJodHRwczovL2V4YW1wbGUub3JnIiwic3ViIjoic3lzdGVtOnNlcnZpY2VhY2NvdW50OmE6YiJ9";
    let cluster = Cluster::new().with_file("token", &format!("{header}.{claims}.AAAA\n"));
    assert_snapshot!(
        "token_refused",
        cluster.refusal(&["--check-token", "kubernetes/token"])
    );
    let cluster = Cluster::new().with_file("token", "hello\n");
    assert_snapshot!(
        "token_is_none",
        cluster.refusal(&["--check-token", "kubernetes/token"])
    );
}

#[test]
fn a_token_that_the_cluster_does_not_know_comes_with_its_secret() {
    let cluster = Cluster::new();
    cluster.control_plane(&[]);
    let manifest = cluster.folder.path().join("out/bootstrap-token.yaml");
    assert!(
        !manifest.exists(),
        "who gives a token says that the cluster knows it"
    );
    let info = "kind: List\nitems:\n- kind: Secret\n  type: bootstrap.kubernetes.io/token\n  \
                stringData: {token-id: zzzzzz, token-secret: '0123456789abcdef'}\n";
    let cluster = Cluster::new().with_file("info.yaml", info);
    cluster.control_plane(&["--cluster-info", "kubernetes/info.yaml"]);
    assert_snapshot!("bootstrap_token", cluster.written("bootstrap-token.yaml"));
    let known = info.replace("zzzzzz", "abcdef");
    let cluster = Cluster::new().with_file("info.yaml", &known);
    cluster.control_plane(&["--cluster-info", "kubernetes/info.yaml"]);
    assert!(
        !cluster
            .folder
            .path()
            .join("out/bootstrap-token.yaml")
            .exists()
    );
}

#[test]
fn nodes_are_told_and_an_unfinished_upgrade_is_for_a_person() {
    let info = "kind: NodeList\nitems:\n- kind: Node\n  metadata: {name: cp-2, labels: \
                {node-role.kubernetes.io/control-plane: ''}}\n  status: {addresses: [{type: \
                InternalIP, address: 192.0.2.11}], nodeInfo: {kubeletVersion: v1.36.3}}\n- kind: \
                Node\n  metadata: {name: w-1}\n  status: {nodeInfo: {kubeletVersion: v1.35.1}}\n";
    let cluster = Cluster::new().with_file("info.yaml", info);
    let output = cluster.convert(&[
        "--cluster-info",
        "kubernetes/info.yaml",
        "--dry-run",
        "--notes",
    ]);
    let said = unbroken(&text(&output.stderr));
    assert!(
        said.contains("kept:thenodecp-2(controlplane,192.0.2.11)"),
        "{said}"
    );
    assert!(said.contains("todo:thenodew-1(worker,noaddress)"), "{said}");
}

#[test]
fn a_file_about_the_cluster_that_says_nothing_is_an_error() {
    for (name, text) in [("junk", "\u{1}: ["), ("empty", ""), ("other", "a: b\n")] {
        let cluster = Cluster::new().with_file("info.yaml", text);
        let output = cluster.convert(&["--cluster-info", "kubernetes/info.yaml"]);
        assert_eq!(output.status.code(), Some(2), "{name}");
        assert!(self::text(&output.stderr).starts_with("error: `kubernetes/info.yaml` "));
    }
}

#[test]
fn control_planes_have_to_agree() {
    let first = Cluster::new();
    let second = Cluster::new();
    for manifest in ["manifests/kube-apiserver.yaml", "manifests/etcd.yaml"] {
        let path = second.path().join(manifest);
        let text = fs::read_to_string(&path).unwrap();
        fs::write(path, text.replace("192.0.2.10", "192.0.2.11")).unwrap();
    }
    let run = |first: &Path, second: &Path| {
        let paths = [first.to_str().unwrap(), second.to_str().unwrap()];
        let arguments = [&["convert", "--dry-run"][..], &paths].concat();
        let output = judge(&arguments).output().unwrap();
        let said = text(&output.stderr)
            .replace(paths[0], "first")
            .replace(paths[1], "second");
        (output.status.code(), said)
    };
    let (status, said) = run(&first.path(), &second.path());
    assert_eq!(status, Some(0), "{said}");
    let third = Cluster::new().with_flags(&["--event-ttl=2h"]);
    let (status, said) = run(&first.path(), &third.path());
    assert_eq!(status, Some(1));
    assert!(
        said.contains("do not agree: kube-apiserver --event-ttl"),
        "{said}"
    );
}

#[test]
fn pods_and_services_of_different_families_are_refused() {
    let cluster = Cluster::new();
    let path = cluster
        .path()
        .join("manifests/kube-controller-manager.yaml");
    let manifest = fs::read_to_string(&path).unwrap();
    let flags = "    - --cluster-cidr=10.32.0.0/16,fd00::/48\n    - --leader-elect=true\n";
    fs::write(path, manifest.replace("    - --leader-elect=true\n", flags)).unwrap();
    assert_snapshot!("families_refused", cluster.refusal(&[]));
}

/// Talos's own network of pods is one of IPv4, which no person should have to take out of a configuration.
#[test]
fn networks_of_pods_that_nobody_names_are_not_guessed_beside_services_of_ipv6() {
    for (services, pods) in [
        ("fd00:10:96::/112", "fd00:10:32::/56"),
        (
            "10.96.0.0/12,fd00:10:96::/112",
            "10.32.0.0/16,fd00:10:32::/56",
        ),
    ] {
        let cluster = Cluster::new();
        let path = cluster.path().join(API_SERVER);
        let manifest = fs::read_to_string(&path).unwrap();
        assert!(manifest.contains("=10.96.0.0/12"));
        fs::write(
            &path,
            manifest.replace("=10.96.0.0/12", &format!("={services}")),
        )
        .unwrap();
        for talos in ["v1.13", "v1.14"] {
            let said = cluster.refusal(&["--talos-version", talos]);
            let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
            let told =
                "nothing that was read names it, and Talos's own, 10.244.0.0/16, does not go with";
            assert!(said.contains(told), "{said}");
            assert!(!said.contains("demands as many"), "{said}");
        }
        let info = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: kubeadm-config, namespace: \
                    kube-system}\ndata:\n  ClusterConfiguration: |\n    apiVersion: \
                    kubeadm.k8s.io/v1beta4\n    kind: ClusterConfiguration\n    networking: {podSubnet: \
                    \"PODS\"}\n";
        let cluster = cluster.with_file("info.yaml", &info.replace("PODS", pods));
        let config = cluster.control_plane(&["--cluster-info", "kubernetes/info.yaml"]);
        let networks = document(&config, "KubeNetworkConfig");
        for network in pods.split(',').chain(services.split(',')) {
            assert!(networks.contains(&format!("- {network}")), "{networks}");
        }
        assert!(!networks.contains("10.244."), "{networks}");
    }
}

/// An API server ends with "in enable-admission-plugins and disable-admission-plugins overlapped", and
/// without bootstrap tokens no kubelet of Talos could join.
#[test]
fn what_talos_needs_of_the_api_server_is_not_switched_off() {
    let arguments = |disabled: &str| {
        let cluster =
            Cluster::new().with_flags(&[&format!("--disable-admission-plugins={disabled}")]);
        let path = cluster.path().join(API_SERVER);
        let manifest = fs::read_to_string(&path).unwrap();
        let (on, off) = ["true", "false"]
            .map(|value| format!("--enable-bootstrap-token-auth={value}"))
            .into();
        assert!(manifest.contains(&on));
        fs::write(path, manifest.replace(&on, &off)).unwrap();
        document(&cluster.control_plane(&[]), "KubeAPIServerConfig")
    };
    let both = arguments("NodeRestriction,DefaultStorageClass");
    assert!(
        both.contains("disable-admission-plugins: DefaultStorageClass"),
        "{both}"
    );
    assert!(!both.contains("bootstrap"), "{both}");
    let one = arguments("NodeRestriction");
    assert!(!one.contains("admission"), "{one}");
}

/// Talos 1.13 lets a configuration set the oldest TLS of the API server and add ciphers to its own, but take
/// none off; Talos 1.14 has TLS 1.3, and takes ciphers as they are given.
#[test]
fn tls_of_the_api_server_is_set_as_far_as_talos_lets_it() {
    let told = |version: &str, flags: &[&str]| {
        let cluster = Cluster::new().with_flags(flags);
        let arguments = ["--talos-version", version];
        let set = cluster.control_plane(&arguments);
        let set = set
            .lines()
            .filter_map(|line| line.trim().strip_prefix("tls-"));
        let set = set.map(str::to_owned).collect::<Vec<_>>();
        let said = text(
            &cluster
                .convert(&[&arguments[..], &["--dry-run"]].concat())
                .stderr,
        );
        (set, said.split_whitespace().collect::<Vec<_>>().join(" "))
    };
    let (set, said) = told("v1.13", &["--tls-min-version=VersionTLS13"]);
    assert_eq!(set, ["min-version: VersionTLS13"]);
    assert!(!said.contains("tls-min-version"), "{said}");
    let (set, said) = told("v1.14", &["--tls-min-version=VersionTLS12"]);
    assert!(
        set.is_empty() && said.contains("Talos sets VersionTLS13, and nothing else"),
        "{said}"
    );

    let all = "TLS_AES_128_GCM_SHA256,TLS_AES_256_GCM_SHA384,TLS_CHACHA20_POLY1305_SHA256,\
               TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,\
               TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,\
               TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256";
    let ciphers = |list: &str| format!("--tls-cipher-suites={list}");
    let own = "TLS_RSA_WITH_AES_128_GCM_SHA256";
    let lost = "Talos v1.13 has suites of its own on, such as TLS_AES_128_GCM_SHA256";
    let (set, said) = told("v1.13", &[&ciphers(all)]);
    assert!(set.is_empty() && !said.contains("cipher"), "{said}");
    let (set, said) = told("v1.13", &[&ciphers(&format!("{all},{own}"))]);
    assert_eq!(set, [format!("cipher-suites: {own}")]);
    assert!(!said.contains("cipher"), "{said}");
    let (set, said) = told("v1.13", &[&ciphers(own)]);
    assert_eq!(set, [format!("cipher-suites: {own}")]);
    assert!(said.contains(lost), "{said}");
    let (set, said) = told("v1.14", &[&ciphers(own)]);
    assert_eq!(set, [format!("cipher-suites: {own}")]);
    assert!(!said.contains("cipher"), "{said}");
}

/// A member of etcd 3.7 ends in a panic when it joins a cluster of etcd 3.5, and etcd never goes back.
#[test]
fn an_etcd_that_the_one_of_talos_cannot_join_is_refused() {
    let cluster = |version: &str| {
        let cluster = Cluster::new();
        let path = cluster.path().join("manifests/etcd.yaml");
        let manifest = fs::read_to_string(&path).unwrap();
        let image = "registry.k8s.io/etcd:3.6.8-0";
        assert!(manifest.contains(image));
        let other = format!("registry.k8s.io/etcd:{version}");
        fs::write(path, manifest.replace(image, &other)).unwrap();
        cluster
    };
    let said = cluster("3.5.21-0").refusal(&[]);
    let words = "members cannot join etcd 3.5";
    assert!(
        said.split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
            .contains(words),
        "{said}"
    );
    cluster("3.5.21-0").control_plane(&["--talos-version", "v1.13"]);
    cluster("v3.7.0").control_plane(&[]);
    let said = cluster("3.7.0-0").refusal(&["--talos-version", "v1.13"]);
    assert!(said.contains("does not go back from 3.7"), "{said}");
}

/// Talos does not start etcd with a flag that it sets itself, and etcd 3.7 knows no flag that begins with
/// `experimental-`.
#[test]
fn flags_of_etcd_that_talos_would_not_start_it_with_are_left_out() {
    let line = "    - --data-dir=/var/lib/etcd\n";
    let flags = [
        "client-cert-auth=false",
        "feature-gates=InitialCorruptCheck=true,LeaseCheckpoint=true",
        "tls-min-version=TLS1.2",
        "auto-tls=true",
        "cipher-suites=TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
        "watch-progress-notify-interval=10s",
        "discovery-srv=example.org",
        "experimental-enable-lease-checkpoint=true",
        "experimental-compaction-batch-limit=500",
        "quota-backend-bytes=8589934592",
    ];
    let cluster = Cluster::new();
    let path = cluster.path().join("manifests/etcd.yaml");
    let manifest = fs::read_to_string(&path).unwrap();
    assert!(manifest.contains(line));
    let lines = flags.map(|flag| format!("    - --{flag}\n")).concat();
    let kept = manifest.replace("    - --client-cert-auth=true\n", "");
    fs::write(path, kept.replacen(line, &format!("{line}{lines}"), 1)).unwrap();
    let extra = |version| {
        let config = cluster.control_plane(&["--talos-version", version]);
        let from = config.find("        extraArgs:\n").unwrap();
        let lines = config[from..].lines().skip(1);
        let lines = lines.take_while(|line| line.starts_with("            "));
        lines.map(|line| line.trim().to_owned()).collect::<Vec<_>>()
    };
    let old = "tls-max-version=TLS1.2";
    let path = cluster.path().join("manifests/etcd.yaml");
    let manifest = fs::read_to_string(&path).unwrap();
    let renamed = "compaction-batch-limit: \"500\"";
    let quota = "quota-backend-bytes: \"8589934592\"";
    assert_eq!(extra("v1.14"), [renamed, quota]);
    fs::write(&path, manifest.replace("auto-tls=true", old)).unwrap();
    fs::remove_dir_all(cluster.folder.path().join("out")).unwrap();
    let said = cluster.refusal(&[]);
    assert!(said.contains("has etcd speak TLS 1.3 alone"), "{said}");
}

/// A node would wait for ever, without a word.
#[test]
fn a_network_that_talos_cannot_read_is_refused() {
    let pods = "    - --leader-elect=true\n";
    let services = "    - --service-cluster-ip-range=10.96.0.0/12\n";
    for (component, line, name, written) in [
        (
            "apiserver",
            services,
            "service-cluster-ip-range",
            "10.96.0.0",
        ),
        (
            "apiserver",
            services,
            "service-cluster-ip-range",
            "010.96.0.0/12",
        ),
        ("controller-manager", pods, "cluster-cidr", "10.244.0.0/33"),
        ("controller-manager", pods, "cluster-cidr", "10.244.0.0/+6"),
    ] {
        let cluster = Cluster::new();
        let path = format!("manifests/kube-{component}.yaml");
        let path = cluster.path().join(path);
        let manifest = fs::read_to_string(&path).unwrap();
        assert!(manifest.contains(line));
        let flag = format!("    - --{name}={written}\n");
        fs::write(path, manifest.replacen(line, &flag, 1)).unwrap();
        let said = cluster.refusal(&[]);
        assert!(
            said.contains(&format!("`{written}` is no network")),
            "{said}"
        );
    }
}

#[test]
fn kubernetes_that_talos_does_not_run_is_refused() {
    let said = Cluster::new().refusal(&["--talos-version", "v1.10"]);
    assert_snapshot!("kubernetes_refused", said);
}

/// What a person has to do about names of certificates, as `convert` of `cluster` tells it.
fn missing_names(cluster: &Cluster, arguments: &[&str]) -> Vec<String> {
    let output = cluster.convert(&[&["--dry-run", "--json"], arguments].concat());
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let items = report["items"].as_array().unwrap().iter();
    let missing = items.filter(|item| {
        item["what"]
            .as_str()
            .unwrap()
            .starts_with("the missing name")
    });
    missing
        .map(|item| {
            format!(
                "{} in {}: {}",
                item["what"], item["origin"], item["outcome"]
            )
        })
        .collect()
}

#[test]
fn talos_11105_old_api_servers_are_known_by_the_address_of_kube_prism() {
    let cluster = Cluster::new();
    let expected = "\"the missing name 127.0.0.1\" in \"pki/apiserver.crt block 1 (line 1)\": \
                    \"needs-person\"";
    assert_eq!(missing_names(&cluster, &[]), [expected]);
    // Talos 1.5 has no KubePrism.
    assert_eq!(
        missing_names(&cluster, &["--talos-version", "v1.5"]),
        [""; 0]
    );
    let pki = cluster.path().join("pki");
    for arguments in [
        &[
            "gen",
            "csr",
            "--key",
            "apiserver.key",
            "--common-name",
            "kube-apiserver",
        ][..],
        &[
            "gen",
            "crt",
            "--csr",
            "apiserver.csr",
            "--name",
            "apiserver",
            "--ca",
            "ca",
            "--server",
        ],
    ] {
        let more: &[&str] = match arguments[1] {
            "csr" => &[
                "--ip",
                "127.0.0.1,192.0.2.10",
                "--dns",
                "kubernetes,*.example.org",
            ],
            _ => &["--force"],
        };
        let mut command = talos_pki(&[arguments, more].concat());
        let output = command.current_dir(&pki).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    }
    // `kube.example.org`, the endpoint, is one of the names that `*.example.org` stands for.
    assert_eq!(missing_names(&cluster, &[]), [""; 0]);
    let elsewhere = missing_names(&cluster, &["--endpoint", "https://a.kube.example.org:6443"]);
    assert!(elsewhere[0].contains("the missing name a.kube.example.org"));
}

/// The first node of Talos reaches old API servers by the endpoint, and is refused if they lack its name.
#[test]
fn an_endpoint_that_old_api_servers_are_not_called_by_is_told() {
    let cluster = Cluster::new();
    for endpoint in ["https://lb.example.org:6443", "https://192.0.2.99:6443"] {
        let host = &endpoint["https://".len()..endpoint.len() - ":6443".len()];
        let missing = missing_names(&cluster, &["--endpoint", endpoint]);
        assert!(missing[0].contains(host), "{missing:?}");
        assert!(missing[0].contains("needs-person"), "{missing:?}");
    }
    for endpoint in ["https://kube.example.org:6443", "https://192.0.2.10:6443"] {
        let missing = missing_names(&cluster, &["--endpoint", endpoint]);
        assert!(!missing[0].contains(','), "{missing:?}");
    }
}

#[test]
fn an_endpoint_without_a_port_is_told() {
    let cluster = Cluster::new();
    let told = |endpoint: &str| {
        let output = cluster.convert(&["--dry-run", "--endpoint", endpoint]);
        text(&output.stderr).contains("the port of the endpoint")
    };
    assert!(told("https://kube.example.org"));
    assert!(!told("https://kube.example.org:6443"));
}

// ---- several configurations ---------------------------------------------------------------------

impl Cluster {
    /// The source as it is from `/` on, with more files.
    fn beginning_at_root(self, files: &[(&str, &str)]) -> Self {
        let etc = self.folder.path().join("etc");
        fs::create_dir(&etc).unwrap();
        fs::rename(self.path(), etc.join("kubernetes")).unwrap();
        fs::create_dir(self.path()).unwrap();
        fs::rename(etc, self.path().join("etc")).unwrap();
        for (path, text) in files {
            let path = self.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        self
    }
}

fn kubelet(dns: &str, pods: u16) -> String {
    format!(
        "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\nclusterDNS: [{dns}]\n\
         clusterDomain: cluster.local\nmaxPods: {pods}\n"
    )
}

fn kubeadm(name: &str) -> String {
    format!(
        "apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\nclusterName: {name}\n\
         controlPlaneEndpoint: {name}.example.org:6443\nkubernetesVersion: v1.36.3\n"
    )
}

/// kubelet reads YAML 1.1 and Talos does not: as texts these would keep kubelet from starting.
#[test]
fn words_that_kubelet_takes_for_truth_values_are_written_as_such() {
    let words = "protectKernelDefaults: Off\ncpuCFSQuota: no\nmakeIPTablesUtilChains: yes\n\
                 registryBurst: 2_0\nvolumePluginDir: 'yes'\nmaxPods: 110\n";
    let text = format!("{}{words}", kubelet("10.96.0.10", 250));
    let cluster = Cluster::new().beginning_at_root(&[("var/lib/kubelet/config.yaml", &text)]);
    let config = cluster.control_plane(&[]);
    for line in [
        "cpuCFSQuota: false",
        "makeIPTablesUtilChains: true",
        "registryBurst: 2_0",
        "volumePluginDir: 'yes'",
        // The last counts.
        "maxPods: 110",
    ] {
        assert!(
            config.contains(&format!("    {line}\n")),
            "{line}: {config}"
        );
    }
    assert!(!config.contains("maxPods: 250"));
}

/// kubeadm writes what nobody set as zero; behind a pointer of Go, and in a map, a zero was set.
#[test]
fn what_was_switched_off_is_no_setting_that_is_missing() {
    let set = [
        "failSwapOn: false",
        "serializeImagePulls: false",
        "eventRecordQPS: 0",
        "featureGates:\n        GracefulNodeShutdown: false",
        "kubeReserved:\n        ephemeral-storage: \"0\"",
        "enforceNodeAllocatable: []",
        "evictionHard: {}",
    ];
    let text = set.map(|field| field.replace("\n        ", "\n  ") + "\n");
    // Talos would take a kubelet that it cannot ask for an ill one.
    let own = "healthzPort: 0\n";
    let unset = "fileCheckFrequency: 0s\nmemorySwap: {}\nallowedUnsafeSysctls: []\nlogging:\n  \
                 flushFrequency: 0\n  options: {json: {infoBufferSize: '0'}}\n";
    let text = kubelet("10.96.0.10", 250) + &text.concat() + own + unset;
    let cluster = Cluster::new().beginning_at_root(&[("var/lib/kubelet/config.yaml", &text)]);
    let config = cluster.control_plane(&[]);
    for field in set {
        assert!(
            config.contains(&format!("\n    {field}\n")),
            "{field}: {config}"
        );
    }
    for name in [
        "fileCheckFrequency",
        "memorySwap",
        "allowedUnsafeSysctls",
        "healthzPort",
        "logging",
    ] {
        assert!(!config.contains(name), "{name}");
    }
}

#[test]
fn flags_of_kubelet_in_the_variables_of_its_unit_are_told() {
    let of_kubeadm = "KUBELET_KUBEADM_ARGS=\"--container-runtime-endpoint=unix:///run/containerd.sock \
                      --cloud-provider=external --node-labels=a=b\"\n";
    let of_a_person = "# a comment\nKUBELET_EXTRA_ARGS=--node-ip=10.0.0.7 --max-pods=250\n";
    let copy = "KUBELET_KUBEADM_ARGS=\"--image-gc-high-threshold=1\"\n";
    let cluster = Cluster::new().beginning_at_root(&[
        ("backup/kubeadm-flags.env", copy),
        ("var/lib/kubelet/kubeadm-flags.env", of_kubeadm),
        ("etc/default/kubelet", of_a_person),
        ("opt/kubelet", copy),
    ]);
    cluster.control_plane(&[]);
    let report: serde_json::Value = serde_json::from_str(&cluster.written("report.json")).unwrap();
    let items = report["items"].as_array().unwrap().iter();
    let of_kubelet = items.filter(|item| {
        let origin = item["origin"].as_str().unwrap();
        origin.ends_with("kubeadm-flags.env") || origin.ends_with("/kubelet")
    });
    let mut told: Vec<_> = of_kubelet
        .map(|item| {
            (
                item["what"].as_str().unwrap(),
                item["outcome"].as_str().unwrap(),
            )
        })
        .collect();
    told.sort_unstable();
    let expected = [
        ("--cloud-provider=external", "needs-person"),
        (
            "--container-runtime-endpoint=unix:///run/containerd.sock",
            "kept",
        ),
        ("--max-pods=250", "needs-person"),
        ("--node-ip=10.0.0.7", "needs-person"),
        ("--node-labels=a=b", "needs-person"),
    ];
    assert_eq!(told, expected);
}

/// With any of them a kubelet of Talos would not start, or all nodes would have what is of one.
#[test]
fn what_is_of_the_old_node_alone_is_not_carried_to_others() {
    let kept = [
        "address: 10.0.0.7",
        "kubeReservedCgroup: /kube.slice",
        "podLogsDir: /data/pods",
        "systemReservedCgroup: /system.slice",
        "tlsCertFile: /var/lib/kubelet/kubelet.pem",
        "tlsPrivateKeyFile: /var/lib/kubelet/kubelet-key.pem",
    ];
    let of_a_person = [
        "memoryManagerPolicy: Static",
        "providerID: aws:///eu-1a/i-0",
        "reservedMemory: [{numaNode: 0, limits: {memory: 1Gi}}]",
    ];
    let rest = "registerWithTaints:\n- {key: node-role.kubernetes.io/control-plane, effect: NoSchedule}\n\
                - {key: dedicated, effect: NoSchedule}\nenforceNodeAllocatable: [pods, system-reserved, kube-reserved-compressible]\n\
                shutdownGracePeriodByPodPriority: [{priority: 0, shutdownGracePeriodSeconds: 9}]\n";
    let lines = [&kept[..], &of_a_person].concat().join("\n");
    let text = format!("{}{lines}\n{rest}", kubelet("10.96.0.10", 250));
    let cluster = Cluster::new().beginning_at_root(&[("var/lib/kubelet/config.yaml", &text)]);
    let config = cluster.control_plane(&[]);
    let report = cluster.written("report.json");
    let report: serde_json::Value = serde_json::from_str(&report).unwrap();
    let outcome = |name: &str| {
        let items = report["items"].as_array().unwrap();
        let item = items.iter().find(|item| item["what"] == name);
        item.unwrap_or_else(|| panic!("{name}"))["outcome"].clone()
    };
    for (lines, expected) in [(&kept[..], "kept"), (&of_a_person, "needs-person")] {
        for line in lines {
            let (name, _) = line.split_once(':').unwrap();
            assert!(
                !config.contains(&format!("    {name}:")),
                "{name}: {config}"
            );
            assert_eq!(outcome(name), expected, "{name}");
        }
    }
    for line in [
        "enforceNodeAllocatable:\n        - pods\n    ",
        "registerWithTaints:\n        - key: dedicated\n          effect: NoSchedule\n    ",
        "shutdownGracePeriod: 0s",
        "shutdownGracePeriodCriticalPods: 0s",
    ] {
        assert!(config.contains(line), "{line}: {config}");
    }
}

#[test]
fn the_configuration_that_kubelet_reads_counts_and_none_that_kubeadm_replaced() {
    let replaced = "etc/kubernetes/tmp/kubeadm-kubelet-config2026-11-26-10-00-00/config.yaml";
    for copy in [replaced, "backup/var/lib/kubelet/config.yaml"] {
        let cluster = Cluster::new().beginning_at_root(&[
            (copy, &kubelet("10.96.0.77", 110)),
            ("var/lib/kubelet/config.yaml", &kubelet("10.96.0.10", 250)),
        ]);
        let config = cluster.control_plane(&[]);
        assert!(config.contains("maxPods: 250"), "{copy}");
        assert!(!config.contains("10.96.0.77"), "{copy}");
        let page = cluster.written("MIGRATION.md");
        let page = page.split_whitespace().collect::<Vec<_>>().join(" ");
        let asks = page.contains("does not say the same about clusterDNS\\[0\\], maxPods");
        assert_eq!(asks, copy != replaced, "{page}");
    }
}

#[test]
fn the_kubeadm_configuration_of_a_node_counts_and_no_copy_of_it() {
    let cluster = Cluster::new().beginning_at_root(&[
        ("etc/kubernetes/backup/kubeadm-config.yaml", &kubeadm("old")),
        ("etc/kubernetes/kubeadm-config.yaml", &kubeadm("prod")),
    ]);
    let config = cluster.control_plane(&["--endpoint", "https://prod.example.org:6443"]);
    assert!(config.contains("clusterName: prod"), "{config}");
}

#[test]
fn kubeadm_configurations_that_may_both_be_in_use_are_refused() {
    let of = |old: &str| {
        Cluster::new()
            .with_file("kubeadm-config.old.yaml", old)
            .with_file("kubeadm-config.yaml", &kubeadm("prod"))
    };
    let refusal = of(&kubeadm("old")).refusal(&[]);
    let refusal = refusal.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        refusal.contains("about clusterName, controlPlaneEndpoint, and any of them may be in use"),
        "{refusal}"
    );
    assert!(refusal.contains("kubeadm-config.old.yaml"), "{refusal}");
    // What says the same is no question, and what the cluster says answers it.
    let config = of(&kubeadm("prod")).control_plane(&[]);
    assert!(config.contains("clusterName: prod"), "{config}");
    let cluster = of(&kubeadm("old"));
    let told = kubeadm("prod").replace('\n', "\n      ");
    let told = format!(
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: kubeadm-config, namespace: kube-system}}\n\
         data:\n  ClusterConfiguration: |\n      {told}\n"
    );
    let info = cluster.folder.path().join("info.yaml");
    fs::write(&info, told).unwrap();
    let config = cluster.control_plane(&["--cluster-info", info.to_str().unwrap()]);
    assert!(config.contains("clusterName: prod"), "{config}");
}
