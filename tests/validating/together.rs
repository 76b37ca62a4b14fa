//! Files that are given together: whether they are of one cluster.

use serde_json::Value;
use tempfile::TempDir;

use super::defect::change;
use super::fixture::{judge, write_private};
use super::talos_files::{
    BOOTSTRAP_TOKEN, CLUSTER_ID, CLUSTER_SECRET, ENCRYPTION_SECRET, TRUSTD_TOKEN, block, bundle,
    control_plane_documents, control_plane_fields, encoded, list_item, of_cluster, pem,
    talosconfig, worker_documents, worker_fields,
};

const DISAGREE: &str = "files-disagree";
const OF_ANOTHER_CLUSTER: &str = "file-of-another-cluster";

/// Another value of the same form for each text of the cluster.
const OTHERS: [(&str, &str, &str); 5] = [
    (
        "cluster ID",
        CLUSTER_ID,
        "AAGXYN0kDOv+6QTMGmvlhw7jVSSRgj0ufhAGf8yZuAM=",
    ),
    (
        "cluster secret",
        CLUSTER_SECRET,
        "AAByIGNsdXN0ZXIgc2VjcmV0IG9mIDMyIGJ5dGVzISE=",
    ),
    (
        "bootstrap token",
        BOOTSTRAP_TOKEN,
        "aaaaaa.r4t5y6u7i8o9p0a1",
    ),
    ("trustd token", TRUSTD_TOKEN, "bbbbbb.fedcba9876543210"),
    (
        "secretbox key",
        ENCRYPTION_SECRET,
        "AABvdGhlciBlbmNyeXB0aW9uIG9mIDMyIGJ5dGVzISE=",
    ),
];

/// The report on files with these names and texts, and the exit status.
fn validate(files: &[(&str, String)], more: &[&str]) -> (Value, Option<i32>, String) {
    let folder = TempDir::new().unwrap();
    for (name, text) in files {
        write_private(&folder.path().join(name), text);
    }
    let names: Vec<_> = files.iter().map(|(name, _)| *name).collect();
    let arguments = [&["validate", "--format", "json"], &names[..], more].concat();
    let output = judge(&arguments)
        .current_dir(folder.path())
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let reports = serde_json::from_str(&text).unwrap_or_else(|_| panic!("{text}"));
    (reports, output.status.code(), text)
}

/// What is found of files together: the index of the file, the rule, and the whole finding.
fn found(reports: &Value) -> Vec<(usize, &str, &Value)> {
    let reports = reports.as_array().unwrap().iter().enumerate();
    let findings = reports.flat_map(|(index, report)| {
        let findings = report["findings"].as_array().unwrap();
        findings.iter().map(move |finding| (index, finding))
    });
    findings
        .map(|(index, finding)| (index, finding["rule"].as_str().unwrap(), finding))
        .filter(|(_, rule, _)| [DISAGREE, OF_ANOTHER_CLUSTER].contains(rule))
        .collect()
}

fn of_one_cluster() -> Vec<(&'static str, String)> {
    vec![
        ("secrets.yaml", bundle()),
        ("old.yaml", control_plane_fields()),
        ("new.yaml", control_plane_documents()),
        ("old-worker.yaml", worker_fields()),
        ("new-worker.yaml", worker_documents()),
        ("talosconfig", talosconfig("admin")),
    ]
}

/// The files of another cluster, all of whose secrets are its own.
fn of_another_cluster() -> Vec<(&'static str, String)> {
    let made = |arguments: &[&str], folder: &TempDir| {
        let output = judge(arguments)
            .current_dir(folder.path())
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
    };
    let folder = TempDir::new().unwrap();
    made(&["gen", "secrets"], &folder);
    let config = ["gen", "config", "other", "https://10.0.0.2:6443"];
    made(
        &[&config[..], &["--with-secrets", "secrets.yaml"]].concat(),
        &folder,
    );
    let read = |name| std::fs::read_to_string(folder.path().join(name)).unwrap();
    vec![
        ("other.yaml", read("controlplane.yaml")),
        ("other-worker.yaml", read("worker.yaml")),
        ("other-talosconfig", read("talosconfig")),
    ]
}

#[test]
fn files_of_one_cluster_agree_in_whatever_form_and_order() {
    let mut files = of_one_cluster();
    for _ in 0..files.len() {
        files.rotate_left(1);
        let (reports, _, text) = validate(&files, &[]);
        assert_eq!(found(&reports), [], "{text}");
    }
}

#[test]
fn each_secret_that_differs_is_told_where_it_stands() {
    let texts = [
        ("old.yaml", control_plane_fields()),
        ("new.yaml", control_plane_documents()),
        ("old-worker.yaml", worker_fields()),
        ("new-worker.yaml", worker_documents()),
    ];
    for (what, value, other) in OTHERS {
        let mut told = 0;
        for (name, text) in &texts {
            if !text.contains(value) {
                // No worker has the key that encrypts.
                continue;
            }
            told += 1;
            let files = [
                ("secrets.yaml", bundle()),
                (name, change(text, value, other)),
            ];
            let (reports, status, printed) = validate(&files, &[]);
            let found = found(&reports);
            let [(1, DISAGREE, finding)] = found[..] else {
                panic!("{what}, {name}: {printed}");
            };
            assert_eq!(status, Some(1));
            let message = format!("`secrets.yaml` is of this cluster, too, and has another {what}");
            assert_eq!(finding["message"], message);
            let place = finding["places"][0].as_str().unwrap();
            let line = 1 + text.lines().position(|line| line.contains(value)).unwrap();
            assert!(place.starts_with(&format!("{name}:{line}:")), "{place}");
            assert!(
                !printed.contains(value) && !printed.contains(other),
                "{what}"
            );
        }
        assert!(told >= 2, "{what}");
    }
}

/// The text with the certificates and keys `names` of the cluster replaced by those of another, in
/// whatever form they stand in it.
fn with_others(text: &str, names: &[&str]) -> String {
    names.iter().fold(text.to_owned(), |text, name| {
        let (own, other) = (of_cluster(name), format!("kubeadm/ecdsa-p384/pki/{name}"));
        let blocks = ["cert", "key", "privateKey"].map(|field| {
            let written = |name: &str| block(4, field, &pem(name));
            (written(&own), written(&other))
        });
        let items = (list_item(&pem(&own)), list_item(&pem(&other)));
        let text = text.replace(&encoded(&own), &encoded(&other));
        let forms = blocks.into_iter().chain([items]);
        forms.fold(text, |text, (own, other)| text.replace(&own, &other))
    })
}

#[test]
fn each_ca_and_key_that_differs_is_told() {
    let texts = [
        ("secrets.json", as_json(&bundle())),
        ("old.yaml", control_plane_fields()),
        ("new.yaml", control_plane_documents()),
        ("old-worker.yaml", worker_fields()),
        ("new-worker.yaml", worker_documents()),
    ];
    let others: [(&str, &[&str], usize); 4] = [
        ("Kubernetes CA", &["ca.crt", "ca.key"], 5),
        ("etcd CA", &["etcd/ca.crt", "etcd/ca.key"], 3),
        (
            "Aggregator CA",
            &["front-proxy-ca.crt", "front-proxy-ca.key"],
            3,
        ),
        ("service-account key", &["sa.key"], 3),
    ];
    for (what, names, expected) in others {
        let mut told = 0;
        for (name, text) in &texts {
            let changed = with_others(text, names);
            if changed == *text {
                // No worker has it.
                continue;
            }
            told += 1;
            let files = [("secrets.yaml", bundle()), (name, changed)];
            let (reports, _, printed) = validate(&files, &[]);
            let found = found(&reports);
            let [(1, DISAGREE, finding)] = found[..] else {
                panic!("{what}, {name}: {printed}");
            };
            let message = format!("`secrets.yaml` is of this cluster, too, and has another {what}");
            assert_eq!(finding["message"], message, "{name}");
        }
        assert_eq!(told, expected, "{what}");
    }
}

#[test]
fn an_aes_cbc_key_that_differs_is_told() {
    let (field, document) = ("secretboxEncryptionSecret", "secretbox:");
    let texts = [
        ("secrets.yaml", bundle(), "secretboxencryptionsecret"),
        ("old.yaml", control_plane_fields(), field),
        ("new.yaml", control_plane_documents(), document),
    ];
    let of_aescbc = texts.map(|(name, text, place)| {
        let aescbc = place.replace("secretbox", "aescbc");
        (name, change(&text, place, &aescbc))
    });
    let (reports, _, text) = validate(&of_aescbc, &[]);
    assert_eq!(found(&reports), [], "{text}");
    let [secrets, old, new] = of_aescbc;
    for (name, text) in [old, new] {
        let other = change(&text, ENCRYPTION_SECRET, OTHERS[4].2);
        let (reports, _, printed) = validate(&[secrets.clone(), (name, other)], &[]);
        let found = found(&reports);
        let [(1, DISAGREE, finding)] = found[..] else {
            panic!("{name}: {printed}");
        };
        let message = finding["message"].as_str().unwrap();
        assert!(message.ends_with("has another AES-CBC key"), "{message}");
    }
}

/// The bundle as `talosctl` prints it with `-o json`: the same names and values.
fn as_json(bundle: &str) -> String {
    let value: Value = serde_yaml::from_str(bundle).unwrap();
    serde_json::to_string_pretty(&value).unwrap()
}

#[test]
fn a_disagreement_can_be_let_through() {
    let worker = change(&worker_fields(), TRUSTD_TOKEN, OTHERS[3].2);
    let files = [("secrets.yaml", bundle()), ("worker.yaml", worker)];
    let (reports, status, _) = validate(&files, &["--allow", DISAGREE]);
    assert_eq!(found(&reports)[0].2["severity"], "warning");
    assert_eq!(status, Some(0));
}

#[test]
fn a_ca_that_is_rotated_is_accepted_by_one_side() {
    let (old, new) = (
        encoded("talosconfig/ca.crt"),
        encoded(&of_cluster("etcd/ca.crt")),
    );
    let rotated = change(&worker_fields(), &old, &new);
    let accepting = rotated.replace(
        "cluster:\n",
        &format!("    acceptedCAs:\n        - crt: {old}\n          key: \"\"\ncluster:\n"),
    );
    assert_ne!(accepting, rotated);
    let told = |worker: &str| {
        let files = [
            ("old.yaml", control_plane_fields()),
            ("worker.yaml", worker.to_owned()),
        ];
        let (reports, _, _) = validate(&files, &[]);
        let messages = found(&reports);
        let messages = messages
            .iter()
            .map(|(_, _, finding)| finding["message"].to_string());
        messages.collect::<Vec<_>>()
    };
    let expected = "\"`old.yaml` is of this cluster, too, and has another Talos OS CA\"";
    assert_eq!(told(&rotated), [expected]);
    assert!(told(&accepting).is_empty());
}

#[test]
fn a_stranger_is_told_once_for_its_cluster() {
    let files = [of_one_cluster(), of_another_cluster()].concat();
    let (reports, _, text) = validate(&files, &[]);
    let found = found(&reports);
    let [(6, OF_ANOTHER_CLUSTER, finding)] = found[..] else {
        panic!("{text}");
    };
    let message = finding["message"].as_str().unwrap();
    assert!(
        message.starts_with("`secrets.yaml` is of another cluster"),
        "{message}"
    );
}

#[test]
fn a_talosconfig_of_another_cluster_is_a_warning() {
    let other = of_another_cluster().remove(2);
    let files = [("secrets.yaml", bundle()), other];
    for (strict, expected) in [(&[][..], Some(0)), (&["--strict"], Some(1))] {
        let (reports, status, text) = validate(&files, strict);
        assert_eq!(found(&reports).len(), 1, "{text}");
        assert_eq!(status, expected, "{text}");
    }
}

#[test]
fn a_talosconfig_for_several_clusters_does_not_make_them_one() {
    let mut other = of_another_cluster();
    let (own_contexts, other_talosconfig) = (talosconfig("admin"), other.remove(2).1);
    let contexts = other_talosconfig.split_once("contexts:\n").unwrap().1;
    let both = format!("{own_contexts}{contexts}");
    let files = [
        ("secrets.yaml", bundle()),
        ("talosconfig", both),
        other.remove(0),
    ];
    let (reports, _, text) = validate(&files, &[]);
    let found = found(&reports);
    let [(2, OF_ANOTHER_CLUSTER, _)] = found[..] else {
        panic!("{text}");
    };
}
