//! What is read is what the files would have been.

use serde_json::Value;

use super::fixture::copy_of;
use super::objects::{KEY, cluster_api, documents, kubeadm_certs, list, pki, tls, yaml_list};
use super::{authorities_of, command, folder_with, imported};
use crate::fixture::TOKEN;

/// What an import of a fixture's files has.
fn of_files(fixture: &str) -> String {
    let copy = copy_of(&format!("kubeadm/{fixture}"));
    imported("pki", copy.path(), &[])
}

#[test]
fn secrets_of_cluster_api_are_the_files_that_they_hold() {
    for fixture in ["rsa-2048", "ecdsa-p384"] {
        let secrets = cluster_api("default/prod", fixture);
        let expected = of_files(fixture);
        for text in [list(&secrets), yaml_list(&secrets), documents(&secrets)] {
            let folder = folder_with(&text);
            assert_eq!(imported("objects.yaml", folder.path(), &[]), expected);
        }
    }
}

#[test]
fn a_list_of_secrets_and_a_list_in_a_document_are_read() {
    let secrets = cluster_api("default/prod", "ecdsa-p256");
    // As the API server answers, which kubectl completes.
    let bare = secrets.iter().cloned().map(|mut secret| {
        secret.as_object_mut().unwrap().remove("kind");
        secret
    });
    let bare: Vec<_> = bare.collect();
    let secret_list = list(&bare).replace("\"List\"", "\"SecretList\"");
    let (first, second) = secrets.split_at(2);
    let lists = format!("{}---\n{}", yaml_list(first), yaml_list(second));
    for text in [secret_list, lists] {
        let folder = folder_with(&text);
        assert_eq!(
            imported("objects.yaml", folder.path(), &[]),
            of_files("ecdsa-p256")
        );
    }
}

#[test]
fn manifests_come_through_standard_input() {
    let secrets = list(&cluster_api("default/prod", "ecdsa-p256"));
    let folder = folder_with("");
    let mut command = command(
        folder.path(),
        &["gen", "secrets", "-p", "-", "-t", TOKEN, "-o", "-"],
    );
    command.write_stdin(secrets);
    assert_eq!(authorities_of(command), of_files("ecdsa-p256"));
}

#[test]
fn values_that_are_not_applied_yet_are_read() {
    let mut secrets = cluster_api("default/prod", "ecdsa-p256");
    let plain = std::fs::read_to_string(pki("ecdsa-p256").join("ca.crt")).unwrap();
    // The API server puts it over what `data` has.
    secrets[0]["stringData"] = serde_json::json!({"tls.crt": plain});
    secrets[0]["data"]["tls.crt"] = "AAAA".into();
    let folder = folder_with(&documents(&secrets));
    assert_eq!(
        imported("objects.yaml", folder.path(), &[]),
        of_files("ecdsa-p256")
    );
}

#[test]
fn one_cluster_of_several_is_chosen_by_its_name() {
    let mut all = cluster_api("default/prod", "ecdsa-p256");
    all.extend(cluster_api("default/prod-etcd", "ecdsa-p384"));
    all.extend(cluster_api("other/prod", "rsa-2048"));
    let folder = folder_with(&yaml_list(&all));
    for (name, fixture) in [
        ("default/prod", "ecdsa-p256"),
        ("prod-etcd", "ecdsa-p384"),
        ("other/prod", "rsa-2048"),
    ] {
        let got = imported("objects.yaml", folder.path(), &["--cluster", name]);
        assert_eq!(got, of_files(fixture), "{name}");
    }
}

#[test]
fn a_secret_of_another_program_is_no_cluster() {
    let mut all = vec![tls("letsencrypt", "rsa-2048")];
    all.extend(cluster_api("default/prod", "ecdsa-p256"));
    let folder = folder_with(&list(&all));
    assert_eq!(
        imported("objects.yaml", folder.path(), &[]),
        of_files("ecdsa-p256")
    );
}

#[test]
fn secrets_that_an_administrator_made_for_cluster_api_are_read() {
    let mut secrets = cluster_api("web/prod", "ecdsa-p256");
    for secret in &mut secrets {
        secret["type"] = "kubernetes.io/tls".into();
        secret["metadata"].as_object_mut().unwrap().remove("labels");
    }
    secrets.push(tls("letsencrypt", "rsa-2048"));
    let folder = folder_with(&list(&secrets));
    assert_eq!(
        imported("objects.yaml", folder.path(), &[]),
        of_files("ecdsa-p256")
    );
}

#[test]
fn the_secret_of_kubeadm_opens_with_its_key() {
    let secret = kubeadm_certs("rsa-2048");
    let expected = of_files("rsa-2048");
    let folder = folder_with(&yaml_list(&[secret]));
    let key_file = folder.path().join("key");
    std::fs::write(&key_file, format!("{KEY}\n")).unwrap();
    for arguments in [
        ["--certificate-key", KEY],
        ["--certificate-key-file", "key"],
    ] {
        assert_eq!(
            imported("objects.yaml", folder.path(), &arguments),
            expected
        );
    }
    let arguments = [
        "gen",
        "secrets",
        "-p",
        "objects.yaml",
        "-t",
        TOKEN,
        "-o",
        "-",
    ];
    let mut with_environment = command(folder.path(), &arguments);
    with_environment.env("TALOS_PKI_CERTIFICATE_KEY", KEY.to_uppercase());
    assert_eq!(authorities_of(with_environment), expected);
}

#[test]
fn an_external_etcd_is_what_it_is_in_files() {
    let copy = copy_of("kubeadm/external-etcd");
    let folder = folder_with(&list(&[kubeadm_certs("external-etcd")]));
    let rules = |folder, arguments: &[&str]| {
        let output = command(folder, arguments).output().unwrap();
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        let findings = report[0]["findings"].as_array().unwrap().clone();
        let severe = findings
            .into_iter()
            .filter(|finding| finding["severity"] == "error");
        severe
            .map(|finding| finding["rule"].to_string())
            .collect::<Vec<_>>()
    };
    let of_files = rules(copy.path(), &["scan", "pki", "--format", "json"]);
    let of_secret = rules(
        folder.path(),
        &[
            "scan",
            "objects.yaml",
            "--format",
            "json",
            "--certificate-key",
            KEY,
        ],
    );
    assert_eq!(of_secret, of_files);
}

#[test]
fn a_cluster_is_found_beside_the_secret_of_its_management_cluster() {
    let mut all = cluster_api("default/prod", "ecdsa-p256");
    all.push(kubeadm_certs("rsa-2048"));
    let folder = folder_with(&list(&all));
    let prod = imported("objects.yaml", folder.path(), &["--cluster", "prod"]);
    assert_eq!(prod, of_files("ecdsa-p256"));
    let arguments = ["--cluster", "kubeadm-certs", "--certificate-key", KEY];
    let own = imported("objects.yaml", folder.path(), &arguments);
    assert_eq!(own, of_files("rsa-2048"));
}

#[test]
fn keys_that_others_can_read_are_told_unless_they_are_encrypted() {
    #[cfg(unix)]
    for (text, expected) in [
        (list(&cluster_api("default/prod", "ecdsa-p256")), true),
        (list(&[kubeadm_certs("ecdsa-p256")]), false),
    ] {
        use std::os::unix::fs::PermissionsExt;
        let folder = folder_with(&text);
        let path = folder.path().join("objects.yaml");
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o644)).unwrap();
        let arguments = ["scan", "objects.yaml", "--certificate-key", KEY];
        let output = command(folder.path(), &arguments).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        assert_eq!(text.contains("key-readable-by-others"), expected, "{text}");
    }
}

/// The provider for RKE2 has a CA for servers as `-ca`, one for clients as `-cca`, and no others. As
/// kubeadm's, every certificate of a client would be refused.
#[test]
fn secrets_of_the_provider_for_rke2_are_those_of_rke2() {
    let mut secrets = cluster_api("default/prod", "ecdsa-p256");
    secrets.truncate(1);
    let mut clients = cluster_api("default/prod", "ecdsa-p384").remove(0);
    clients["metadata"]["name"] = "prod-cca".into();
    secrets.push(clients);
    let folder = folder_with(&list(&secrets));
    let scan = ["scan", "objects.yaml", "--format", "json"];
    let output = command(folder.path(), &scan).output().unwrap();
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report[0]["layout"], "rke2");
    let kubernetes = &report[0]["authorities"][0];
    assert_eq!(
        kubernetes["certificate"]["file"],
        "var/lib/rancher/rke2/server/tls/server-ca.crt"
    );
    assert_eq!(kubernetes["accepted"].as_array().unwrap().len(), 1);
    let findings = report[0]["findings"].as_array().unwrap();
    let help = |rule: &str| {
        let found = findings.iter().find(|finding| finding["rule"] == rule);
        found.unwrap()["help"].as_str().unwrap()
    };
    assert!(help("split-authority").contains("client-ca"));
    // The nodes of RKE2 make the key of tokens themselves.
    assert!(help("missing-service-account-key").contains("/var/lib/rancher/rke2/server/tls"));
}
