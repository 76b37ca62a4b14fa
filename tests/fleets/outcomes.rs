//! What becomes of each cluster, and how it is told.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use serde_json::Value;
use talos_pki::talos::Bundle;

use crate::fixture::{TOKEN, copy_to, fixtures, judge, talos_pki, write_private};
use crate::{fleet, line, make, names_in, pairs, reports, run, states, words};

const MIXED: [(&str, &str); 3] = [
    ("good", "kubeadm/ecdsa-p256"),
    ("other", "kubeadm/rsa-2048"),
    ("refused", "kubeadm/ecdsa-p256"),
];

/// Two good clusters, one that is refused, one in an archive, and a file that is none.
fn mixed() -> tempfile::TempDir {
    let folder = fleet(&MIXED);
    let clusters = folder.path().join("clusters");
    let key = fixtures().join("kubeadm/ecdsa-p256/pki/etcd/ca.key");
    copy_to(&key, &clusters.join("refused/pki/ca.key"));
    let archive = clusters.join("archive.tar.gz");
    let mut tar = Command::new("tar");
    tar.arg("czf")
        .arg(&archive)
        .arg("-C")
        .arg(clusters.join("good"))
        .arg(".");
    assert!(tar.status().unwrap().success());
    write_private(&clusters.join("unreadable.yaml"), "- no object\n");
    folder
}

#[test]
fn one_bad_cluster_stops_no_other() {
    let folder = mixed();
    let output = make(folder.path(), &["--json"]);
    assert_eq!(output.status.code(), Some(2));
    let expected = [
        ("archive.tar.gz", "made"),
        ("good", "made"),
        ("other", "made"),
        ("refused", "refused"),
        ("unreadable.yaml", "failed"),
    ];
    assert_eq!(states(&output), pairs(&expected));
    let out = folder.path().join("out");
    assert_eq!(names_in(&out), ["archive.tar.gz", "good", "other"]);
    for name in ["archive.tar.gz", "good", "other"] {
        let bundle = fs::read(out.join(name).join("secrets.yaml")).unwrap();
        assert!(Bundle::read(&bundle).is_ok(), "{name}");
    }
    let told = line(&output);
    assert!(
        told.contains("refused: refused: [key-mismatch] `pki/ca.key`"),
        "{told}"
    );
    assert!(
        told.contains("see: talos-pki scan clusters/refused"),
        "{told}"
    );
    assert!(
        told.contains("failed: unreadable.yaml: `clusters/unreadable.yaml`"),
        "{told}"
    );
    assert!(
        told.ends_with("5 clusters: 3 made, 1 refused, 1 failed"),
        "{told}"
    );
}

#[test]
fn the_exit_status_tells_how_all_ended() {
    let good = fleet(&MIXED[..2]);
    assert_eq!(make(good.path(), &[]).status.code(), Some(0));
    let refused = mixed();
    fs::remove_file(refused.path().join("clusters/unreadable.yaml")).unwrap();
    assert_eq!(make(refused.path(), &[]).status.code(), Some(1));
    assert_eq!(make(mixed().path(), &[]).status.code(), Some(2));
}

#[test]
fn an_imported_bundle_is_that_of_the_single_command() {
    let folder = fleet(&MIXED[..1]);
    make(folder.path(), &[]);
    let arguments = [
        "gen",
        "secrets",
        "-p",
        "clusters/good",
        "-o",
        "alone.yaml",
        "-t",
        TOKEN,
    ];
    run(folder.path(), &arguments);
    let authorities = |path: &str| {
        let text = fs::read_to_string(folder.path().join(path)).unwrap();
        let (_, certificates) = text.split_once("certs:\n").unwrap();
        certificates.split_once("    os:\n").unwrap().0.to_owned()
    };
    assert_eq!(
        authorities("out/good/secrets.yaml"),
        authorities("alone.yaml")
    );
}

#[test]
fn a_folder_is_for_its_owner_alone() {
    let folder = fleet(&MIXED[..1]);
    make(folder.path(), &[]);
    let mode = |path: &str| {
        let metadata = fs::metadata(folder.path().join(path)).unwrap();
        metadata.permissions().mode() & 0o777
    };
    assert_eq!(mode("out/good"), 0o700);
    assert_eq!(mode("out/good/secrets.yaml"), 0o600);
    assert_eq!(mode("out/good/.talos-pki-fleet.json"), 0o600);
}

#[test]
fn a_fleet_is_converted_with_every_file_of_a_conversion() {
    let folder = fleet(&MIXED[..2]);
    let convert = |more: &[&str]| {
        let arguments = ["convert", "--fleet", "clusters", "-t", TOKEN];
        run(folder.path(), &[&arguments[..], more].concat())
    };
    let tried = convert(&["--dry-run", "--json"]);
    assert_eq!(
        states(&tried),
        pairs(&[("good", "sound"), ("other", "sound")])
    );
    assert_eq!(names_in(folder.path()), ["clusters"]);
    let output = convert(&["-o", "out"]);
    assert_eq!(output.status.code(), Some(0), "{}", words(&output));
    let alone = ["convert", "clusters/good", "-t", TOKEN, "-o", "alone"];
    assert_eq!(run(folder.path(), &alone).status.code(), Some(0));
    let mut expected = names_in(&folder.path().join("alone"));
    expected.insert(0, ".talos-pki-fleet.json".to_owned());
    expected.sort();
    for name in ["good", "other"] {
        assert_eq!(names_in(&folder.path().join("out").join(name)), expected);
    }
    let runbook = fs::read_to_string(folder.path().join("out/good/MIGRATION.md")).unwrap();
    assert!(
        runbook.contains("out/good/"),
        "the runbook names its folder"
    );
}

#[test]
fn what_each_cluster_says_of_itself_lies_beside_its_files() {
    let folder = fleet(&MIXED[..2]);
    let place = |name: &str| folder.path().join("clusters").join(name);
    let info = "kind: List\nitems:\n- kind: ConfigMap\n  metadata: {name: kubeadm-config}\n  data:\n    \
                ClusterConfiguration: |\n      apiVersion: kubeadm.k8s.io/v1beta4\n      kind: \
                ClusterConfiguration\n      networking: {podSubnet: 10.32.0.0/16}\n- kind: ConfigMap\n  \
                metadata: {name: kube-proxy}\n  data:\n    kubeconfig.conf: |\n      kind: Config\n      \
                clusters: []\n";
    write_private(&place("good").join("cluster-info.yaml"), info);
    write_private(&place("other").join("cluster-info.yaml"), "a: b\n");
    let arguments = ["convert", "--fleet", "clusters", "-t", TOKEN, "-o", "out"];
    let output = run(folder.path(), &arguments);
    assert_eq!(output.status.code(), Some(2), "{}", words(&output));
    let told = line(&output);
    assert!(
        told.contains("other: `cluster-info.yaml` has no object of Kubernetes"),
        "{told}"
    );
    let made = folder.path().join("out/good");
    let config = fs::read_to_string(made.join("controlplane.yaml")).unwrap();
    assert!(
        config.contains("10.32.0.0/16"),
        "the pod network is not the one that was told"
    );
    let report = fs::read_to_string(made.join("report.json")).unwrap();
    assert!(report.contains("cluster-info.yaml, ConfigMap kubeadm-config"));
    assert!(
        !report.contains("\"cluster-info.yaml\""),
        "it was taken for something else, too"
    );
}

#[test]
fn a_conversion_that_is_refused_says_which_setting() {
    let folder = fleet(&MIXED[..1]);
    let manifest = folder
        .path()
        .join("clusters/good/manifests/kube-apiserver.yaml");
    let text = fs::read_to_string(&manifest).unwrap();
    let flag = "    - --encryption-provider-config=/etc/kubernetes/gone.yaml\n";
    let (before, after) = text.split_once("    - --advertise-address").unwrap();
    let text = format!("{before}{flag}    - --advertise-address{after}");
    write_private(&manifest, &text);
    let output = run(
        folder.path(),
        &["convert", "--fleet", "clusters", "-o", "out"],
    );
    assert_eq!(output.status.code(), Some(1));
    let told = line(&output);
    assert!(told.contains("refused: good: "), "{told}");
    assert!(told.contains("/etc/kubernetes/gone.yaml"), "{told}");
    assert!(
        told.contains("see: talos-pki convert --dry-run clusters/good"),
        "{told}"
    );
}

#[test]
fn the_table_fits_a_terminal() {
    let folder = mixed();
    let long = "a-cluster-with-a-name-that-is-longer-than-its-column-köln";
    let clusters = folder.path().join("clusters");
    fs::rename(clusters.join("other"), clusters.join(long)).unwrap();
    let output = run(folder.path(), &["scan", "--fleet", "clusters"]);
    assert_eq!(output.status.code(), Some(2));
    let table = String::from_utf8(output.stdout.clone()).unwrap();
    for line in table.lines().chain(words(&output).lines()) {
        let is_name = line.contains(long);
        assert!(is_name || line.chars().count() <= 80, "{line}");
    }
    insta::assert_snapshot!(format!("{table}{}", words(&output)));
}

#[test]
fn the_report_for_programs_keeps_its_schema() {
    let folder = mixed();
    let schema = talos_pki(&["explain", "--schema=fleet"]).output().unwrap();
    let schema: Value = serde_json::from_slice(&schema.stdout).unwrap();
    let definition = &schema["$defs"]["MemberReport"];
    let known = definition["properties"].as_object().unwrap();
    let required = definition["required"].as_array().unwrap();
    let states: Vec<_> = states_in(&schema);
    for arguments in [
        &["scan", "--fleet", "clusters", "--format", "json"][..],
        &[
            "gen", "secrets", "--fleet", "clusters", "-o", "out", "--json",
        ],
        &[
            "gen", "secrets", "--fleet", "clusters", "-o", "out", "--json",
        ],
    ] {
        for report in reports(&run(folder.path(), arguments)) {
            let fields = report.as_object().unwrap();
            assert!(fields.keys().all(|field| known.contains_key(field)));
            assert!(
                required
                    .iter()
                    .all(|field| fields.contains_key(field.as_str().unwrap()))
            );
            assert!(states.contains(&report["state"].as_str().unwrap().to_owned()));
            let is_bad = ["refused", "failed"].contains(&report["state"].as_str().unwrap());
            assert_eq!(report["reason"].is_string(), is_bad, "{report}");
        }
    }
}

fn states_in(schema: &Value) -> Vec<String> {
    let variants = schema["$defs"]["MemberState"]["oneOf"].as_array().unwrap();
    let names = variants
        .iter()
        .map(|variant| variant["const"].as_str().unwrap().to_owned());
    names.collect()
}

#[test]
fn the_number_of_threads_changes_nothing_but_the_time() {
    let folder = mixed();
    let scan = |jobs: &str| {
        let arguments = [
            "scan", "--fleet", "clusters", "--format", "json", "--jobs", jobs,
        ];
        run(folder.path(), &arguments).stdout
    };
    let one = scan("1");
    assert!(!one.is_empty());
    assert_eq!(one, scan("2"));
    assert_eq!(one, scan("16"));
}

#[test]
fn what_means_one_cluster_is_refused() {
    let folder = fleet(&MIXED[..1]);
    let fleet = ["--fleet", "clusters"];
    let commands: [&[&str]; 12] = [
        &["scan", "clusters/good"],
        &["scan", "--cluster", "a"],
        &["scan", "--jobs", "0"],
        &["gen", "secrets", "-o", "out", "-p", "clusters/good"],
        &["gen", "secrets", "-o", "out", "--service-account-key", "x"],
        &[
            "gen",
            "secrets",
            "-o",
            "out",
            "--from-controlplane-config",
            "x",
        ],
        &["gen", "secrets", "-o", "-"],
        &["gen", "secrets"],
        &["convert", "-o", "out", "--name", "prod"],
        &["convert", "-o", "out", "--endpoint", "https://a:6443"],
        &[
            "convert",
            "-o",
            "out",
            "--etcd-ca-crt",
            "a",
            "--etcd-ca-key",
            "b",
        ],
        &["convert", "-o", "out", "--cluster-info", "x"],
    ];
    for arguments in commands {
        let output = run(folder.path(), &[arguments, &fleet].concat());
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(
            words(&output).contains("--"),
            "{arguments:?}: {}",
            words(&output)
        );
        assert_eq!(names_in(folder.path()), ["clusters"], "{arguments:?}");
    }
    let output = run(folder.path(), &["scan", "--jobs", "2", "clusters"]);
    assert_eq!(output.status.code(), Some(2), "--jobs without --fleet");
    let archive = judge(&["scan", "--fleet", "-"])
        .write_stdin(fs::read(fixtures().join("archives/ecdsa-p256.tar.gz")).unwrap())
        .output()
        .unwrap();
    assert!(
        words(&archive).contains("`standard input` is an archive"),
        "{}",
        words(&archive)
    );
}

#[test]
fn nobody_sees_a_bar_who_is_no_person() {
    let folder = fleet(&MIXED[..2]);
    let output = make(folder.path(), &[]);
    let told = words(&output);
    assert!(
        !told.contains('\r') && !told.contains('\u{1b}') && !told.contains('━'),
        "{told:?}"
    );
}

/// `script` runs the program at a terminal.
#[test]
fn a_person_sees_how_far_it_is() {
    let folder = fleet(&MIXED);
    let program = env!("CARGO_BIN_EXE_talos-pki");
    let command = format!("'{program}' scan --fleet clusters --now 2026-12-01");
    let output = Command::new("script")
        .args(["--quiet", "--return", "--command", &command, "/dev/null"])
        .current_dir(folder.path())
        .env("NO_COLOR", "1")
        .output()
        .expect("`script` of util-linux");
    let shown = String::from_utf8(output.stdout).unwrap();
    assert!(shown.contains(" of 3 done"), "{shown}");
    assert!(shown.contains("3 clusters:"), "{shown}");
}

#[test]
fn a_reader_who_has_read_enough_stops_nothing() {
    let folder = fleet(&MIXED);
    let program = env!("CARGO_BIN_EXE_talos-pki");
    let line = format!(
        "'{program}' gen secrets --fleet clusters -o out -t {TOKEN} --now 2026-12-01 | true"
    );
    let status = Command::new("sh")
        .args(["-c", &line])
        .current_dir(folder.path())
        .status();
    assert!(status.unwrap().success());
    assert_eq!(
        names_in(&folder.path().join("out")),
        ["good", "other", "refused"]
    );
}

#[test]
fn a_single_cluster_says_what_a_fleet_says() {
    let folder = mixed();
    let all = run(
        folder.path(),
        &["scan", "--fleet", "clusters", "--format", "json"],
    );
    for report in reports(&all)
        .iter()
        .filter(|report| report["state"] != "failed")
    {
        let source = report["source"].as_str().unwrap();
        let alone = judge(&["scan", source, "--format", "json"]);
        let alone = { alone }.current_dir(folder.path()).output().unwrap();
        let alone: Vec<Value> = serde_json::from_slice(&alone.stdout).unwrap();
        let alone = &alone[0];
        assert_eq!(report["layout"], alone["layout"]);
        assert_eq!(report["state"] == "sound", alone["sound"] == true);
        let count = |severity: &str| {
            let findings = alone["findings"].as_array().unwrap().iter();
            findings
                .filter(|finding| finding["severity"] == severity)
                .count()
        };
        assert_eq!(report["errors"], count("error"));
        assert_eq!(report["warnings"], count("warning"));
        assert_eq!(report["notes"], count("note"));
        let ends = alone["authorities"].as_array().unwrap().iter();
        let ends = ends.filter_map(|authority| authority["certificate"]["not_after"].as_str());
        assert_eq!(report["ca_ends"].as_str(), ends.min());
    }
    assert!(Path::new(folder.path()).is_dir());
}
