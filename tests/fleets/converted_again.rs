//! `convert --fleet` over what an earlier run made: nodes may have its keys by then.

use std::fs;
use std::path::Path;
use std::process::Output;

use crate::fixture::{copy_to, fixtures, write_private};
use crate::{files, fleet, line, pairs, run, states};

const ONE: [(&str, &str); 1] = [("prod", "kubeadm/rsa-2048")];

fn convert(folder: &Path, more: &[&str]) -> Output {
    let arguments = ["convert", "--fleet", "clusters", "-o", "out", "--json"];
    run(folder, &[&arguments[..], more].concat())
}

#[test]
fn a_changed_cluster_keeps_the_keys_that_nodes_may_have() {
    let folder = fleet(&ONE);
    let read = |file: &str| fs::read_to_string(folder.path().join("out/prod").join(file)).unwrap();
    assert_eq!(convert(folder.path(), &[]).status.code(), Some(0));
    let bundle = read("secrets.yaml");
    let info = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: kubeadm-config, namespace: \
                kube-system}\ndata:\n  ClusterConfiguration: |\n    apiVersion: \
                kubeadm.k8s.io/v1beta4\n    kind: ClusterConfiguration\n    clusterName: renamed\n";
    let path = folder.path().join("clusters/prod/cluster-info.yaml");
    write_private(&path, info);

    let output = convert(folder.path(), &[]);
    assert_eq!(output.status.code(), Some(2));
    let told = "--force makes it anew, and keeps the keys of a bundle in it that the cluster does \
                not have";
    assert!(line(&output).contains(told), "{}", line(&output));

    let output = convert(folder.path(), &["--force"]);
    assert_eq!(output.status.code(), Some(0), "{}", line(&output));
    assert_eq!(states(&output), pairs(&[("prod", "made")]));
    assert!(read("secrets.yaml") == bundle, "keys were made anew");
    assert!(read("talosconfig").contains("renamed"));
}

/// What Talos reads is done as long as it is as it was made; in the runbook a person ticks what is done.
#[test]
fn a_configuration_that_was_changed_is_told_and_notes_are_not() {
    let folder = fleet(&ONE);
    assert_eq!(convert(folder.path(), &[]).status.code(), Some(0));
    let path = |file: &str| folder.path().join("out/prod").join(file);
    let append = |file: &str| {
        let text = fs::read_to_string(path(file)).unwrap();
        fs::write(path(file), text + "# mine\n").unwrap();
    };
    append("MIGRATION.md");
    let output = convert(folder.path(), &["--force"]);
    assert_eq!(states(&output), pairs(&[("prod", "done")]));
    let bundle = fs::read_to_string(path("secrets.yaml")).unwrap();
    for file in ["controlplane.yaml", "talosconfig", "report.json"] {
        append(file);
        let output = convert(folder.path(), &[]);
        assert_eq!(output.status.code(), Some(2));
        let told = format!("`{file}` in it is not as it was made; --force makes it anew");
        assert!(line(&output).contains(&told), "{}", line(&output));
        assert!(
            fs::read_to_string(path(file))
                .unwrap()
                .ends_with("# mine\n")
        );
        let output = convert(folder.path(), &["--force"]);
        assert_eq!(
            states(&output),
            pairs(&[("prod", "made")]),
            "{}",
            line(&output)
        );
        assert!(!fs::read_to_string(path(file)).unwrap().contains("# mine"));
        assert!(fs::read_to_string(path("secrets.yaml")).unwrap() == bundle);
    }
}

#[test]
fn the_bundle_of_another_cluster_is_not_replaced() {
    let folder = fleet(&ONE);
    assert_eq!(convert(folder.path(), &[]).status.code(), Some(0));
    let before = files(&folder.path().join("out"));
    let member = folder.path().join("clusters/prod");
    fs::remove_dir_all(&member).unwrap();
    copy_to(&fixtures().join("kubeadm/ecdsa-p256"), &member);
    for more in [&["--force"][..], &["--force", "--dry-run"]] {
        let output = convert(folder.path(), more);
        assert_eq!(output.status.code(), Some(2));
        assert_eq!(states(&output), pairs(&[("prod", "failed")]));
        for words in [
            "`out/prod/secrets.yaml` would be written over",
            "Kubernetes CA is not that of this cluster",
            "Choose another folder, or remove it",
        ] {
            assert!(line(&output).contains(words), "{}", line(&output));
        }
        assert_eq!(files(&folder.path().join("out")), before);
    }

    // Who removes it gets the bundle of the new cluster.
    fs::remove_file(folder.path().join("out/prod/secrets.yaml")).unwrap();
    let output = convert(folder.path(), &["--force"]);
    assert_eq!(states(&output), pairs(&[("prod", "made")]));
}

/// The CAs and keys of an earlier run in which nothing of the cluster is, for it was here without any
/// key: what the control planes accept tells whose they are.
#[test]
fn a_cluster_without_any_key_keeps_what_was_made_for_it() {
    let keyless = |name: &str, fixture: &str, folder: &Path| {
        let member = folder.join("clusters").join(name);
        let _ = fs::remove_dir_all(&member);
        copy_to(&fixtures().join(fixture), &member);
        for key in ["ca.key", "etcd/ca.key", "front-proxy-ca.key", "sa.key"] {
            fs::remove_file(member.join("pki").join(key)).unwrap();
        }
    };
    let allow: Vec<&str> = [
        "missing-kubernetes-ca-key",
        "missing-etcd-ca-key",
        "missing-aggregator-ca-key",
        "missing-service-account-key",
    ]
    .iter()
    .flat_map(|rule| ["--allow", *rule])
    .collect();
    for form in [&[][..], &["--patches"]] {
        let first = [&allow[..], form].concat();
        let again = [&first[..], &["--force"]].concat();
        let folder = fleet(&ONE);
        keyless("prod", "kubeadm/rsa-2048", folder.path());
        let bundle = || fs::read_to_string(folder.path().join("out/prod/secrets.yaml")).unwrap();
        let output = convert(folder.path(), &first);
        assert_eq!(output.status.code(), Some(0), "{}", line(&output));
        let made = bundle();
        write_private(&folder.path().join("clusters/prod/note.txt"), "changed");
        let output = convert(folder.path(), &again);
        assert_eq!(
            states(&output),
            pairs(&[("prod", "made")]),
            "{}",
            line(&output)
        );
        assert!(bundle() == made, "keys were made anew");

        // Another cluster, of which there is no key either, is not this one.
        keyless("prod", "kubeadm/ecdsa-p256", folder.path());
        let output = convert(folder.path(), &again);
        assert_eq!(states(&output), pairs(&[("prod", "failed")]));
        assert!(line(&output).contains("it has no key of this cluster"));
        assert!(bundle() == made, "keys were made anew");
    }
}
