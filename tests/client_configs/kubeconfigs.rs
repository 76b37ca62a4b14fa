//! `kubeconfig`: as Talos's own, from a bundle and from both generations of configurations.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use talos_pki::pki::pem;
use talos_pki::talos::yaml_tree::Tree;

use crate::cluster::{self, Cluster, ENDPOINT, decoded, fails, only_certificate, succeeds};

const FROM_BUNDLE: [&str; 7] = [
    "kubeconfig",
    "--with-secrets",
    "secrets.yaml",
    "--name",
    "prod",
    "--endpoint",
    ENDPOINT,
];

/// The kubeconfig that a command writes to standard output.
fn made(cluster: &Cluster, arguments: &[&str]) -> (String, Tree) {
    let output = cluster.run(&[arguments, &["-"]].concat());
    succeeds(&output);
    let tree = Tree::first_document(&output.stdout).unwrap();
    (String::from_utf8(output.stdout).unwrap(), tree)
}

fn first<'a>(tree: &'a Tree, list: &str) -> &'a Tree {
    let items = tree.field(list).unwrap().items();
    assert_eq!(items.len(), 1);
    &items[0]
}

/// The text without what differs from one time to the next.
fn shape(text: &str) -> String {
    let lines = text.lines().map(|line| match line.split_once("-data: ") {
        Some((name, _)) => format!("{name}-data: …\n"),
        None => format!("{line}\n"),
    });
    lines.collect()
}

#[test]
fn all_sources_give_the_same_kubeconfig() {
    let cluster = Cluster::new();
    let (text, _) = made(&cluster, &FROM_BUNDLE);
    let expected = "\
apiVersion: v1
kind: Config
clusters:
- name: prod
  cluster:
    server: https://kube.example.org:6443
    certificate-authority-data: …
users:
- name: admin@prod
  user:
    client-certificate-data: …
    client-key-data: …
contexts:
- context:
    cluster: prod
    namespace: default
    user: admin@prod
  name: admin@prod
current-context: admin@prod
";
    assert_eq!(shape(&text), expected);
    for file in ["old.yaml", "new.yaml"] {
        let (text, _) = made(
            &cluster,
            &["kubeconfig", "--from-controlplane-config", file],
        );
        assert_eq!(shape(&text), expected, "{file}");
    }
}

#[test]
fn an_endpoint_without_a_port_is_told() {
    let cluster = Cluster::new();
    for (endpoint, is_told) in [("https://kube.example.org", true), (ENDPOINT, false)] {
        let mut arguments = FROM_BUNDLE;
        arguments[arguments.len() - 1] = endpoint;
        let output = cluster.run(&[&arguments[..], &["-"]].concat());
        succeeds(&output);
        let said = String::from_utf8(output.stderr).unwrap();
        let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(
            said.contains("has no port, so it means port 443"),
            is_told,
            "{said}"
        );
    }
}

#[test]
fn the_certificate_is_the_one_that_talos_would_issue() {
    let cluster = Cluster::new();
    let (_, tree) = made(&cluster, &FROM_BUNDLE);
    let user = first(&tree, "users");
    let certificate = only_certificate(&decoded(user, "user.client-certificate-data"));
    assert_eq!(
        certificate.subject.to_string(),
        "O=system:masters, CN=admin"
    );
    // Ten seconds for clocks that are behind.
    let begin = "2026-11-30T23:59:50Z".parse().unwrap();
    assert_eq!(certificate.validity.not_before, begin);
    let end = "2027-12-01T00:00:00Z".parse().unwrap();
    assert_eq!(certificate.validity.not_after, end);
    let usage = certificate.extended_key_usage.clone().unwrap();
    assert!(usage.client_auth && !usage.server_auth);
    let ca = cluster::bundle().kubernetes;
    assert!(certificate.is_issued_by(ca.certificate()));
    let trusted = decoded(
        first(&tree, "clusters"),
        "cluster.certificate-authority-data",
    );
    assert_eq!(trusted, ca.certificate().to_pem());
}

#[test]
fn user_groups_and_time_are_those_asked_for() {
    let cluster = Cluster::new();
    let asked = ["--user", "jane", "--groups", "dev,test", "--groups", "ops"];
    let (text, tree) = made(
        &cluster,
        &[&FROM_BUNDLE[..], &asked, &["--ttl", "8h"]].concat(),
    );
    let user = first(&tree, "users");
    let certificate = only_certificate(&decoded(user, "user.client-certificate-data"));
    assert_eq!(certificate.subject.common_name(), "jane");
    assert_eq!(certificate.subject.organizations(), ["dev", "ops", "test"]);
    let end = "2026-12-01T08:00:00Z".parse().unwrap();
    assert_eq!(certificate.validity.not_after, end);
    assert!(text.ends_with("current-context: jane@prod\n"));
}

#[test]
fn a_user_of_no_group_is_told() {
    let cluster = Cluster::new();
    let none = [
        "--user",
        "jane",
        "--groups",
        "",
        "--ttl",
        "8h",
        "jane.kubeconfig",
    ];
    let words = succeeds(&cluster.run(&[&FROM_BUNDLE[..], &none].concat()));
    let made = words.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        made.contains("context `jane@prod` of no group for https:"),
        "{words}"
    );
    assert!(made.contains("until 2026-12-01 08:00 UTC"), "{words}");
    let one_empty = ["--groups", "dev,,ops", "other.kubeconfig"];
    let words = fails(&cluster.run(&[&FROM_BUNDLE[..], &one_empty].concat()));
    assert!(words.contains("a group is empty"), "{words}");
}

#[test]
fn a_configuration_sets_the_lifetime() {
    let cluster = Cluster::new();
    let text = cluster.read("old.yaml");
    let lifetime = "cluster:\n    adminKubeconfig:\n        certLifetime: 1h30m0s\n";
    cluster.write("short.yaml", text.replacen("cluster:\n", lifetime, 1));
    let arguments = ["kubeconfig", "--from-controlplane-config", "short.yaml"];
    let end = |arguments: &[&str]| {
        let (_, tree) = made(&cluster, arguments);
        let user = first(&tree, "users");
        let certificate = only_certificate(&decoded(user, "user.client-certificate-data"));
        certificate.validity.not_after.to_string()
    };
    assert_eq!(end(&arguments), "2026-12-01T01:30:00Z");
    let longer = [&arguments[..], &["--ttl", "2h"]].concat();
    assert_eq!(end(&longer), "2026-12-01T02:00:00Z");
    let bad = lifetime.replace("1h30m0s", "soon");
    cluster.write("bad.yaml", text.replacen("cluster:\n", &bad, 1));
    let words = fails(&cluster.run(&["kubeconfig", "--from-controlplane-config", "bad.yaml"]));
    assert!(words.contains("give --ttl"), "{words}");
}

#[test]
fn accepted_cas_are_trusted_too_and_joined_by_one_line_feed() {
    let cluster = Cluster::new();
    let bundle = cluster::bundle();
    let issuing = bundle.kubernetes.certificate().to_pem();
    let accepted = bundle.etcd.certificate().to_pem();
    let without_newline = STANDARD.encode(accepted.trim_end());
    let issuing_again = STANDARD.encode(&issuing);
    let old = format!(
        "cluster:\n    acceptedCAs:\n        - crt: {without_newline}\n        - crt: \
         {issuing_again}\n"
    );
    cluster.write(
        "accepting-old.yaml",
        cluster.read("old.yaml").replacen("cluster:\n", &old, 1),
    );
    let block: String = accepted
        .lines()
        .map(|line| ["        ", line, "\n"].concat())
        .collect();
    let new = format!("kind: KubeAPIServerCAConfig\nacceptedCAs:\n    - |-\n{block}");
    let kind = "kind: KubeAPIServerCAConfig\n";
    cluster.write(
        "accepting-new.yaml",
        cluster.read("new.yaml").replacen(kind, &new, 1),
    );
    for file in ["accepting-old.yaml", "accepting-new.yaml"] {
        let (_, tree) = made(
            &cluster,
            &["kubeconfig", "--from-controlplane-config", file],
        );
        let trusted = decoded(
            first(&tree, "clusters"),
            "cluster.certificate-authority-data",
        );
        assert_eq!(trusted, format!("{issuing}{accepted}"), "{file}");
        assert_eq!(pem::read(trusted.as_bytes()).blocks.len(), 2);
    }
    let damaged = old.replace(&without_newline, "bm9uZQ==!");
    cluster.write(
        "damaged.yaml",
        cluster.read("old.yaml").replacen("cluster:\n", &damaged, 1),
    );
    let words = fails(&cluster.run(&["kubeconfig", "--from-controlplane-config", "damaged.yaml"]));
    assert!(words.contains("`cluster.acceptedCAs[0]`"), "{words}");
}

#[test]
fn a_name_that_yaml_would_misread_is_quoted() {
    let cluster = Cluster::new();
    let mut arguments = FROM_BUNDLE;
    arguments[4] = "it's: #1";
    let (_, tree) = made(&cluster, &arguments);
    let name = first(&tree, "clusters").at("name").and_then(Tree::text);
    assert_eq!(name, Some("it's: #1"));
    let current = tree.at("current-context").and_then(Tree::text);
    assert_eq!(current, Some("admin@it's: #1"));
    arguments[4] = "two\nlines";
    let words = fails(&cluster.run(&arguments));
    assert!(words.contains("control characters"), "{words}");
}

#[test]
fn an_ended_ca_issues_nothing() {
    let cluster = Cluster::new();
    let words = fails(&cluster.run_at("2050-01-01", &FROM_BUNDLE));
    assert!(words.contains("Kubernetes CA ended on"), "{words}");
    assert!(!cluster.path().join("kubeconfig").exists());
}

/// As `talosctl kubeconfig .`
#[test]
fn in_a_folder_the_file_has_its_usual_name() {
    let cluster = Cluster::new();
    succeeds(&cluster.run(&[&FROM_BUNDLE[..], &["."]].concat()));
    assert!(cluster.read("kubeconfig").starts_with("apiVersion: v1\n"));
    let words = fails(&cluster.run(&[&FROM_BUNDLE[..], &["."]].concat()));
    assert!(words.contains("it exists already"), "{words}");
    succeeds(&cluster.run(&[&FROM_BUNDLE[..], &["new/folder/file"]].concat()));
    assert!(
        cluster
            .read("new/folder/file")
            .starts_with("apiVersion: v1\n")
    );
}
