//! Who belongs to a fleet, and what its folder is called.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::fixture::{TOKEN, copy_to, fixtures, judge, write_private};
use crate::objects::{KEY, cluster_api, documents, kubeadm_certs, list};
use crate::{fleet, line, make, names_in, pairs, reports, run, states, words};

#[test]
fn each_cluster_in_manifests_is_a_member() {
    let folder = fleet(&[]);
    let objects = [
        cluster_api("eu/prod", "ecdsa-p256"),
        cluster_api("eu/stage", "rsa-2048"),
        cluster_api("us/prod", "ecdsa-p384"),
        vec![kubeadm_certs("ecdsa-p256")],
    ];
    for text in [list(&objects.concat()), documents(&objects.concat())] {
        write_private(&folder.path().join("clusters"), &text);
        let output = make(folder.path(), &["--json", "--certificate-key", KEY]);
        let expected = [
            "eu.prod",
            "eu.stage",
            "kube-system.kubeadm-certs",
            "us.prod",
        ];
        assert_eq!(output.status.code(), Some(0), "{}", words(&output));
        assert_eq!(names_in(&folder.path().join("out")), expected);
        for report in reports(&output) {
            let source = report["source"].as_str().unwrap();
            let (file, cluster) = source.split_once(" --cluster ").unwrap();
            let more = ["--certificate-key", KEY];
            let scan = [&["scan", file, "--cluster", cluster][..], &more].concat();
            assert_eq!(run(folder.path(), &scan).status.code(), Some(0), "{source}");
        }
    }
}

/// As `kubectl get secrets -A -o yaml` gives them.
#[test]
fn manifests_come_through_standard_input() {
    let folder = fleet(&[]);
    let text = list(
        &[
            cluster_api("eu/prod", "ecdsa-p256"),
            cluster_api("us/prod", "rsa-2048"),
        ]
        .concat(),
    );
    let arguments = ["gen", "secrets", "--fleet", "-", "-o", "out", "-t", TOKEN];
    // The second time there is nothing to do.
    for _ in 0..2 {
        let mut command = judge(&arguments);
        command.current_dir(folder.path()).write_stdin(text.clone());
        let output = command.output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", words(&output));
        let table = String::from_utf8(output.stdout).unwrap();
        assert!(
            table.contains("eu.prod") && table.contains("us.prod"),
            "{table}"
        );
    }
    assert_eq!(names_in(&folder.path().join("out")), ["eu.prod", "us.prod"]);
}

#[test]
fn the_bundle_of_a_member_names_its_cluster() {
    let folder = fleet(&[]);
    let text = list(&cluster_api("eu/prod", "ecdsa-p256"));
    write_private(&folder.path().join("clusters"), &text);
    make(folder.path(), &["--format", "capi-secret"]);
    let manifest = fs::read_to_string(folder.path().join("out/eu.prod/secrets.yaml")).unwrap();
    assert!(manifest.contains("name: prod-talos") && manifest.contains("namespace: eu"));
}

#[test]
fn manifests_of_several_clusters_are_no_single_member() {
    let folder = fleet(&[]);
    let objects = [
        cluster_api("a/x", "ecdsa-p256"),
        cluster_api("a/y", "ecdsa-p256"),
    ];
    let clusters = folder.path().join("clusters");
    write_private(&clusters.join("two.json"), &list(&objects.concat()));
    write_private(&clusters.join("one.json"), &list(&objects[0]));
    let output = make(folder.path(), &["--json"]);
    let expected = pairs(&[("one.json", "made"), ("two.json", "failed")]);
    assert_eq!(states(&output), expected);
    assert!(line(&output).contains("give the file to --fleet by itself"));
}

#[test]
fn no_name_leads_out_of_the_folder() {
    let folder = fleet(&[]);
    let mut objects = Vec::new();
    for name in [
        "..",
        "../../escaped",
        "/etc/absolute",
        "a\u{1b}[2Jb",
        ".hidden",
        "a b",
    ] {
        let mut secrets = cluster_api("eu/prod", "ecdsa-p256");
        for secret in &mut secrets {
            let suffix = secret["metadata"]["name"]
                .as_str()
                .unwrap()
                .replace("prod", "");
            secret["metadata"]["name"] = format!("{name}{suffix}").into();
            secret["metadata"]["labels"]["cluster.x-k8s.io/cluster-name"] = name.into();
            secret["metadata"]
                .as_object_mut()
                .unwrap()
                .remove("namespace");
        }
        objects.extend(secrets);
    }
    write_private(&folder.path().join("clusters"), &list(&objects));
    let output = make(folder.path(), &["--json"]);
    assert_eq!(output.status.code(), Some(0), "{}", words(&output));
    assert_eq!(names_in(folder.path()), ["clusters", "out"]);
    let expected = [
        "%2E.",
        "%2E.%2F..%2Fescaped",
        "%2Fetc%2Fabsolute",
        "%2Ehidden",
        "a%1B%5B2Jb",
        "a%20b",
    ];
    let mut expected = expected.to_vec();
    expected.sort_unstable();
    assert_eq!(names_in(&folder.path().join("out")), expected);
    let printed =
        String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap();
    assert!(!printed.contains('\u{1b}'));
}

#[test]
fn names_of_files_need_not_be_text() {
    let folder = fleet(&[("good", "kubeadm/ecdsa-p256")]);
    let clusters = folder.path().join("clusters");
    let name = OsStr::from_bytes(b"odd\xff\n");
    fs::rename(clusters.join("good"), clusters.join(name)).unwrap();
    let output = make(folder.path(), &[]);
    assert_eq!(output.status.code(), Some(0), "{}", words(&output));
    assert_eq!(names_in(&folder.path().join("out")), ["odd%FF%0A"]);
}

#[test]
fn two_of_one_name_are_told() {
    let folder = fleet(&[]);
    let mut twice = kubeadm_certs("ecdsa-p256");
    twice["metadata"]["labels"] = serde_json::json!({"second": "true"});
    let objects = [kubeadm_certs("ecdsa-p256"), twice];
    write_private(&folder.path().join("clusters"), &list(&objects));
    let output = make(folder.path(), &["--json", "--certificate-key", KEY]);
    assert_eq!(output.status.code(), Some(2));
    let name = "kube-system.kubeadm-certs";
    assert_eq!(states(&output), pairs(&[(name, "made"), (name, "failed")]));
    assert!(line(&output).contains("give one of them another name"));
}

#[test]
fn hidden_entries_are_told_and_links_followed() {
    let folder = fleet(&[("good", "kubeadm/ecdsa-p256")]);
    let clusters = folder.path().join("clusters");
    write_private(&clusters.join(".notes"), "");
    symlink("good", clusters.join("link")).unwrap();
    symlink("gone", clusters.join("nowhere")).unwrap();
    let output = run(
        folder.path(),
        &["scan", "--fleet", "clusters", "--format", "json"],
    );
    let expected = [("good", "sound"), ("link", "sound"), ("nowhere", "failed")];
    assert_eq!(states(&output), pairs(&expected));
    assert!(line(&output).contains("left out, for they are hidden: .notes"));
}

#[test]
fn what_is_no_fleet_is_told() {
    let folder = fleet(&[]);
    fs::create_dir(folder.path().join("empty")).unwrap();
    copy_to(
        &fixtures().join("archives"),
        &folder.path().join("archives"),
    );
    let archives = names_in(&folder.path().join("archives"));
    let archive = archives
        .iter()
        .find(|name| name.ends_with(".tar.gz"))
        .unwrap();
    let archive = format!("archives/{archive}");
    for (fleet, told) in [
        ("empty", "there is no cluster in `empty`"),
        ("gone", "cannot read `gone`"),
        (archive.as_str(), "which is one cluster"),
    ] {
        let output = run(folder.path(), &["scan", "--fleet", fleet]);
        assert_eq!(output.status.code(), Some(2));
        assert!(line(&output).contains(told), "{}", line(&output));
    }
}

/// A FIFO blocks whoever opens it.
#[test]
fn what_never_ends_is_not_read() {
    let folder = fleet(&[("good", "kubeadm/ecdsa-p256")]);
    let pipe = folder.path().join("clusters/pipe");
    let made = std::process::Command::new("mkfifo")
        .arg(&pipe)
        .status()
        .unwrap();
    assert!(made.success());
    let output = run(
        folder.path(),
        &["scan", "--fleet", "clusters", "--format", "json"],
    );
    assert_eq!(
        states(&output),
        pairs(&[("good", "sound"), ("pipe", "failed")])
    );
}

#[test]
fn what_is_written_is_no_cluster_of_the_fleet() {
    let folder = fleet(&[("good", "kubeadm/ecdsa-p256")]);
    for out in ["clusters", "clusters/out", "./clusters/good"] {
        let arguments = ["gen", "secrets", "--fleet", "clusters", "-o", out];
        let output = run(folder.path(), &arguments);
        assert_eq!(output.status.code(), Some(2), "{out}");
        assert!(
            line(&output).contains("write to another place"),
            "{}",
            line(&output)
        );
        assert_eq!(names_in(&folder.path().join("clusters")), ["good"]);
    }
}

/// One parse for all: parsing once a cluster would take minutes.
#[test]
fn manifests_of_a_thousand_clusters_are_parsed_once() {
    let folder = fleet(&[]);
    let one = list(&cluster_api("a/prod", "ecdsa-p256"));
    let secrets: Value = serde_json::from_str(&one).unwrap();
    let secrets = secrets["items"].as_array().unwrap();
    let mut all = Vec::new();
    for number in 0..1_000 {
        for secret in secrets {
            let text = secret.to_string().replace("prod", &format!("c{number:04}"));
            all.push(serde_json::from_str(&text).unwrap());
        }
    }
    write_private(&folder.path().join("clusters"), &list(&all));
    let start = Instant::now();
    let arguments = ["scan", "--fleet", "clusters", "--format", "json"];
    let output = run(folder.path(), &arguments);
    assert_eq!(output.status.code(), Some(0), "{}", words(&output));
    assert_eq!(reports(&output).len(), 1_000);
    assert!(
        start.elapsed() < Duration::from_secs(120),
        "{:?}",
        start.elapsed()
    );
    assert!(!words(&output).contains(TOKEN));
}
