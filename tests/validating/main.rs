//! Files of Talos with one defect each: `validate` finds exactly that, and says where.

#![allow(
    clippy::unwrap_used,
    reason = "what a test needs and does not get is its failure"
)]

mod defect;
#[path = "../fixture/mod.rs"]
mod fixture;
mod in_bundle;
mod in_documents;
mod in_fields;
mod in_parts;
mod in_sections;
mod in_talosconfig;
mod in_values;
mod in_worker;
#[path = "../talos_files/mod.rs"]
mod talos_files;
mod together;

use std::collections::BTreeSet;
use std::fs;

use defect::{Defect, change, without};
use fixture::{judge, talos_pki, write_private};
use serde_json::Value;
use talos_files::{
    BOOTSTRAP_TOKEN, CLUSTER_SECRET, bundle, control_plane_documents, control_plane_fields,
};
use tempfile::TempDir;

fn all() -> Vec<(&'static str, Defect)> {
    let groups = [
        ("bundle", in_bundle::defects()),
        ("control plane, fields", in_fields::defects()),
        ("control plane, documents", in_documents::defects()),
        ("worker", in_worker::defects()),
        ("values", in_values::defects()),
        ("sections", in_sections::defects()),
        ("parts", in_parts::defects()),
        ("talosconfig", in_talosconfig::defects()),
    ];
    let named = groups
        .into_iter()
        .flat_map(|(of, defects)| defects.into_iter().map(move |defect| (of, defect)));
    named.collect()
}

/// A file that its owner alone can read, in a folder of its own.
fn written(text: &str) -> (TempDir, String) {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("file.yaml");
    write_private(&path, text);
    let path = path.to_str().unwrap().to_owned();
    (folder, path)
}

/// The report on a file with this text, and the exit status.
fn validate(text: &str, more: &[&str]) -> (Value, Option<i32>) {
    let (_folder, path) = written(text);
    let mut arguments = vec!["validate", path.as_str(), "--format", "json"];
    arguments.extend(more);
    let output = judge(&arguments).output().unwrap();
    let mut reports: Value =
        serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{output:?}"));
    assert!(reports[0].is_object(), "{output:?}");
    (reports[0].take(), output.status.code())
}

fn rules(report: &Value) -> BTreeSet<String> {
    let findings = report["findings"].as_array().expect("findings");
    findings
        .iter()
        .map(|finding| finding["rule"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn every_defect_yields_exactly_its_findings() {
    let mut wrong = Vec::new();
    let all = all();
    for (of, defect) in &all {
        let (report, status) = validate(&defect.text, &[]);
        let found = rules(&report);
        let expected: BTreeSet<String> = defect.rules.iter().map(ToString::to_string).collect();
        let (of, name) = (of, defect.name);
        if found != expected {
            let findings = &report["findings"];
            wrong.push(format!(
                "{of}: {name}: found {found:?}, expected {expected:?}: {findings:#}"
            ));
        }
        let refuses = expected.iter().any(|name| {
            let rule = talos_pki::check::rule(name).expect("a rule");
            rule.severity == talos_pki::check::Severity::Error
        });
        if status != Some(i32::from(refuses)) {
            wrong.push(format!("{of}: {name}: exit status {status:?}"));
        }
    }
    let counts = format!("{} of {}", wrong.len(), all.len());
    assert!(wrong.is_empty(), "{counts}:\n{}", wrong.join("\n"));
}

#[test]
fn what_the_program_makes_is_sound() {
    for (version, kubernetes) in [("v1.6", "1.29.0"), ("v1.13", "1.36.0"), ("v1.14", "1.37.0")] {
        let folder = TempDir::new().unwrap();
        let in_folder = |arguments: &[&str]| {
            let mut command = judge(arguments);
            command.current_dir(folder.path()).output().unwrap()
        };
        let version = ["--talos-version", version];
        let secrets = [&["gen", "secrets"], &version[..]].concat();
        assert!(in_folder(&secrets).status.success());
        let config = ["gen", "config", "prod", "https://10.0.0.1:6443"];
        let with_secrets = ["--with-secrets", "secrets.yaml"];
        let kubernetes = ["--kubernetes-version", kubernetes];
        let config = [&config[..], &with_secrets, &kubernetes, &version].concat();
        let output = in_folder(&config);
        assert!(output.status.success(), "{output:?}");
        let files = [
            "secrets.yaml",
            "controlplane.yaml",
            "worker.yaml",
            "talosconfig",
        ];
        let output = in_folder(&[&["validate"], &files[..], &version].concat());
        let report = String::from_utf8(output.stdout).unwrap();
        assert_eq!(output.status.code(), Some(0), "{report}");
        assert!(report.contains("Sound. 0 errors, 0 warnings"), "{report}");
    }
}

#[test]
fn every_rule_about_files_has_a_defect() {
    let all = all();
    let covered: BTreeSet<&str> = all
        .iter()
        .flat_map(|(_, defect)| defect.rules.iter().copied())
        .collect();
    // What depends on the version that is asked for, or on other files, has tests of its own.
    let elsewhere = [
        "document-too-new",
        "file-of-another-cluster",
        "files-disagree",
        "host-dns-in-container",
        "refused-after-update",
    ];
    let of_files = talos_pki::check::FAMILIES
        .iter()
        .filter(|family| family.title.starts_with("Talos files: "));
    let missing: Vec<_> = of_files
        .flat_map(|family| family.rules)
        .map(|rule| rule.name)
        .filter(|name| !covered.contains(name) && !elsewhere.contains(name))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn a_finding_names_file_line_column_and_field() {
    let text = bundle().replace(BOOTSTRAP_TOKEN, "test-token");
    let (report, _) = validate(&text, &[]);
    let place = report["findings"][0]["places"][0].as_str().unwrap();
    let expected = "file.yaml:5:5: secrets.bootstraptoken";
    assert!(place.ends_with(expected), "{place}");

    let text = control_plane_documents();
    let line = 1 + text
        .lines()
        .position(|line| line.contains("issuerURL"))
        .unwrap();
    let (report, _) = validate(&change(&text, "issuerURL: https://", "issuerURL: "), &[]);
    let place = report["findings"][0]["places"][0].as_str().unwrap();
    let expected = format!("file.yaml:{line}:5: KubeServiceAccountConfig.issuer.issuerURL");
    assert!(place.ends_with(&expected), "{place}");
}

#[test]
fn a_name_that_stands_there_twice_is_told_where_it_stands_again() {
    let text = change(&bundle(), "    secret: ", "    id: again\n    secret: ");
    let (report, _) = validate(&text, &[]);
    let place = report["findings"][0]["places"][0].as_str().unwrap();
    assert!(place.ends_with("file.yaml:3:5: cluster.id"), "{place}");
}

#[test]
fn a_missing_field_is_told_where_it_should_stand() {
    let place = |text: &str| {
        let (report, _) = validate(text, &[]);
        report["findings"][0]["places"][0]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let of_section = place(&without(&bundle(), "token: "));
    assert!(
        of_section.ends_with("file.yaml:7:1: trustdinfo"),
        "{of_section}"
    );
    let in_section = place(&without(&bundle(), "bootstraptoken: "));
    let expected = "file.yaml:4:1: secrets.bootstraptoken";
    assert!(in_section.ends_with(expected), "{in_section}");
}

#[test]
fn the_documents_of_1_14_are_too_new_for_1_13() {
    let text = control_plane_documents();
    let (report, status) = validate(&text, &["--talos-version", "v1.13"]);
    assert_eq!(
        rules(&report),
        BTreeSet::from(["document-too-new".to_owned()])
    );
    let findings = report["findings"].as_array().unwrap();
    assert_eq!(findings.len(), 1);
    assert_eq!(findings[0]["places"].as_array().unwrap().len(), 6);
    assert_eq!(status, Some(1));
}

#[test]
fn up_to_1_13_nothing_has_to_be_said_about_encryption_until_the_update() {
    let text = without(&control_plane_fields(), "secretboxEncryptionSecret");
    let (report, status) = validate(&text, &["--talos-version", "v1.13"]);
    assert_eq!(
        rules(&report),
        BTreeSet::from(["refused-after-update".to_owned()])
    );
    assert_eq!(status, Some(0));
}

#[test]
fn arguments_of_etcd_are_judged_by_the_etcd_of_the_version() {
    let with = |argument: &str, version: &str| {
        let section = format!("    etcd:\n        extraArgs: {{{argument}}}\n");
        let text = change(&control_plane_fields(), "    etcd:\n", &section);
        rules(&validate(&text, &["--talos-version", version]).0)
    };
    let (wrong, later) = ("etcd-argument", "refused-after-update");
    let cases = [
        ("experimental-max-learners: '2'", "v1.13", Some(later)),
        ("experimental-max-learners: '2'", "v1.14", Some(wrong)),
        (
            "experimental-initial-corrupt-check: 'true'",
            "v1.13",
            Some(wrong),
        ),
        ("tls-min-version: TLS1.2", "v1.13", Some(later)),
        ("tls-min-version: TLS1.2", "v1.14", Some(wrong)),
        (
            "cipher-suites: TLS_AES_128_GCM_SHA256",
            "v1.13",
            Some(later),
        ),
        (
            "cipher-suites: TLS_AES_128_GCM_SHA256",
            "v1.14",
            Some(wrong),
        ),
        ("data-dir: /a", "v1.13", Some(wrong)),
        ("log-output: stdout", "v1.13", Some(wrong)),
        ("election-timeout: '5000'", "v1.13", None),
        ("max-learners: '2'", "v1.14", None),
    ];
    for (argument, version, rule) in cases {
        let expected = rule.into_iter().map(str::to_owned).collect();
        assert_eq!(with(argument, version), expected, "{argument}, {version}");
    }
}

#[test]
fn expressions_of_any_length_and_depth_come_to_an_end() {
    for (begin, middle, end) in [
        ("!", "true", ""),
        ("-", "1 > 0", ""),
        ("(", "true", ")"),
        ("true ? ", "true", ""),
        ("1 + ", "1 == 2", ""),
        ("", "disk", ".a"),
        ("", "disk", "(0)"),
    ] {
        let many = 20_000;
        let expression = [&begin.repeat(many), middle, &end.repeat(many)].concat();
        let document = format!(
            "kind: UserVolumeConfig\nname: a\nprovisioning: {{diskSelector: {{match: '{expression}'}}, \
             minSize: 1GiB}}\n"
        );
        let text = defect::with_document(&control_plane_fields(), &document);
        let (_, status) = validate(&text, &[]);
        assert!(
            matches!(status, Some(0 | 1)),
            "{begin}{middle}{end}: {status:?}"
        );
    }
}

#[test]
fn a_name_of_any_length_leaves_the_rest_on_the_screen() {
    let kind = "Ä".repeat(20_000);
    let (_folder, path) = written(&format!("apiVersion: v1alpha1\nkind: {kind}\n"));
    let output = judge(&["validate", &path]).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.len() < 2_000, "{} bytes", text.len());
    assert!(text.contains("error[unknown-document]"), "{text}");
    assert!(
        text.lines().all(|line| line.chars().count() <= 80),
        "{text}"
    );
    // A program gets it whole.
    let (report, _) = validate(&format!("apiVersion: v1alpha1\nkind: {kind}\n"), &[]);
    assert!(report.to_string().contains(&kind));
}

#[test]
fn the_tls_of_an_api_server_cannot_be_set_after_1_13() {
    let head = "\ncluster:\n";
    let section =
        format!("{head}    apiServer:\n        extraArgs: {{tls-min-version: VersionTLS13}}\n");
    let text = change(&control_plane_fields(), head, &section);
    let (report, status) = validate(&text, &["--talos-version", "v1.13"]);
    let expected = BTreeSet::from(["refused-after-update".to_owned()]);
    assert_eq!((rules(&report), status), (expected, Some(0)));
}

#[test]
fn fields_that_came_with_1_14_are_unknown_to_1_13() {
    let document = "kind: UserVolumeConfig\nname: a\nprovisioning: {diskSelector: {match: '!system_disk'}, \
                    minSize: 1GiB}\nfilesystem: {type: btrfs}\ntrim: {enabled: true}\n";
    let text = defect::with_document(&control_plane_fields(), document);
    assert_eq!(rules(&validate(&text, &[]).0), BTreeSet::new());
    let (report, _) = validate(&text, &["--talos-version", "v1.13"]);
    let expected = ["refused-value", "unknown-field"].map(str::to_owned);
    assert_eq!(rules(&report), BTreeSet::from(expected));
}

#[test]
fn a_disk_has_no_firmware_before_1_14() {
    let document = "kind: RawVolumeConfig\nname: a\nprovisioning: {diskSelector: {match: \
                    'disk.firmware_version == \"1\"'}, minSize: 1GiB}\n";
    let text = defect::with_document(&control_plane_fields(), document);
    assert_eq!(rules(&validate(&text, &[]).0), BTreeSet::new());
    let (report, _) = validate(&text, &["--talos-version", "v1.13"]);
    assert_eq!(rules(&report), BTreeSet::from(["refused-value".to_owned()]));
}

#[test]
fn onto_metal_talos_1_13_is_installed() {
    let text = control_plane_fields();
    let of = |mode: &str, version: &str| {
        rules(&validate(&text, &["--mode", mode, "--talos-version", version]).0)
    };
    assert_eq!(
        of("metal", "v1.13"),
        BTreeSet::from(["required-field".to_owned()])
    );
    assert_eq!(of("cloud", "v1.13"), BTreeSet::new());
    assert_eq!(of("metal", "v1.14"), BTreeSet::new());
}

#[test]
fn in_a_container_kubernetes_asks_the_name_servers_of_the_machine() {
    let head = "machine:\n";
    let with = |settings: &str| {
        let section = format!("{head}    features: {{hostDNS: {{{settings}}}}}\n");
        change(&control_plane_fields(), head, &section)
    };
    let document = "kind: ResolverConfig\nhostDNS: {enabled: true, forwardKubeDNSToHost: true}\n";
    let document = defect::with_document(&control_plane_fields(), document);
    let refused = Some("host-dns-in-container");
    let cases = [
        ("v1.13", control_plane_fields(), refused),
        ("v1.13", with("enabled: true"), refused),
        (
            "v1.13",
            with("enabled: true, forwardKubeDNSToHost: true"),
            None,
        ),
        ("v1.14", control_plane_fields(), refused),
        (
            "v1.14",
            with("enabled: true, forwardKubeDNSToHost: true"),
            None,
        ),
        ("v1.14", document, None),
    ];
    for (version, text, rule) in cases {
        let expected = rule.into_iter().map(str::to_owned).collect();
        let asked = ["--mode", "container", "--talos-version", version];
        assert_eq!(
            rules(&validate(&text, &asked).0),
            expected,
            "{version}: {text}"
        );
        let asked = ["--mode", "cloud", "--talos-version", version];
        assert_eq!(
            rules(&validate(&text, &asked).0),
            BTreeSet::new(),
            "{version}: {text}"
        );
    }
}

#[test]
fn what_is_misspelt_is_told_how_it_may_be_meant() {
    let cases = [
        (
            "apiVersion: v1alpha1\nkind: linkconfig\nname: eth0\n",
            Some("write `LinkConfig`"),
        ),
        (
            "apiVersion: v1alpha1\nkind: LinkConfig\nname: eth0\nadresses: []\n",
            Some("write `addresses`"),
        ),
        (
            "apiVersion: v1alpha1\nkind: LinkConfig\nname: eth0\nmoon: a\n",
            None,
        ),
        ("apiVersion: v1alpha1\nkind: Moon\n", None),
    ];
    for (text, meant) in cases {
        let (report, _) = validate(text, &[]);
        let help = report["findings"][0]["help"].as_str().unwrap();
        assert_eq!(help.starts_with("write "), meant.is_some(), "{help}");
        assert!(help.starts_with(meant.unwrap_or_default()), "{help}");
    }
}

#[test]
fn what_is_no_yaml_is_told_why_where_it_is_seen() {
    let sound = control_plane_documents();
    let broken = |from: &str, to: &str| change(&sound, from, to);
    let cases = [
        (broken("    token: ", "\ttoken: "), "a tab"),
        (
            broken("    token: ", "\u{a0}   token: "),
            "a no-break space",
        ),
        (
            broken("    token: ", "<<<<<<< HEAD\n    token: "),
            "a merge",
        ),
        (format!("{sound}>>>>>>> theirs\n"), "a merge"),
        (broken("\n---\n", "\n ---\n"), "`---` begins"),
        (
            broken("endpoint: https://", "endpoint: {{ host }}"),
            "a template",
        ),
    ];
    for (text, why) in cases {
        let (_folder, path) = written(&text);
        let output = judge(&["validate", path.as_str()]).output().unwrap();
        let told = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{told}");
        let told = told.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(
            told.contains("it is not plain YAML (line ") && told.contains(why),
            "{told}"
        );
    }
}

#[test]
fn the_secret_of_a_document_cannot_be_let_through() {
    let text = change(&control_plane_documents(), CLUSTER_SECRET, "c2hvcnQ=");
    let (_, status) = validate(&text, &["--allow", "cluster-secret-size"]);
    assert_eq!(status, Some(1));
}

/// RKE has one CA for Kubernetes and etcd, and its CAs have names of their own.
#[test]
fn the_ca_that_rke_shares_is_a_warning() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("secrets.yaml");
    let path = path.to_str().unwrap();
    let rke = fixture::fixtures().join("layouts/rke1");
    let rke = rke.to_str().unwrap();
    let token = ["-t", "abcdef.0123456789abcdef"];
    let arguments = [&["gen", "secrets", "-p", rke, "-o", path], &token[..]].concat();
    assert!(judge(&arguments).output().unwrap().status.success());
    let (report, status) = validate(&fs::read_to_string(path).unwrap(), &[]);
    assert_eq!(rules(&report), BTreeSet::from(["shared-ca".to_owned()]));
    assert_eq!(report["findings"][0]["severity"], "warning");
    assert_eq!(status, Some(0));
}

#[test]
fn what_a_newer_talos_may_know_is_not_unknown() {
    let text = change(&control_plane_fields(), "HostnameConfig", "QuantumConfig");
    let (report, _) = validate(&text, &["--talos-version", "v1.99"]);
    assert_eq!(rules(&report), BTreeSet::new());
}

#[test]
fn a_bundle_is_read_as_json_too() {
    let (_folder, path) = written(&bundle());
    let read = talos_pki::talos::Bundle::read(&fs::read(&path).unwrap()).unwrap();
    let json = read.to_secret_json();
    let (report, status) = validate(json.expose(), &[]);
    assert_eq!(
        rules(&report),
        BTreeSet::from(["capitalised-names".to_owned()])
    );
    assert_eq!(report["kind"], "bundle");
    assert_eq!(status, Some(0));
    let short = change(json.expose(), CLUSTER_SECRET, "c2hvcnQ=");
    let (report, _) = validate(&short, &[]);
    let place = report["findings"][0]["places"][0].as_str().unwrap();
    assert!(place.ends_with(": Cluster.Secret"), "{place}");
    assert!(place.contains("file.yaml:1:"), "{place}");
}

#[test]
fn an_error_that_is_allowed_is_a_warning() {
    let text = bundle().replace(BOOTSTRAP_TOKEN, "test-token");
    let (report, status) = validate(&text, &["--allow", "bootstrap-token-form"]);
    assert_eq!(report["findings"][0]["severity"], "warning");
    assert_eq!(report["findings"][0]["allowed"], true);
    assert_eq!(status, Some(0));
}

#[test]
fn what_talos_refuses_cannot_be_allowed() {
    let output = talos_pki(&["validate", "x", "--allow", "duplicate-name"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn standard_input_is_read() {
    let mut command = judge(&["validate", "-"]);
    let output = command.write_stdin(bundle()).output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(
        text.contains("standard input: secrets bundle: sound"),
        "{text}"
    );
}

#[test]
fn one_unreadable_file_does_not_hide_the_next() {
    let (_first, not_yaml) = written("certs: [\n");
    let (_second, of_others) = written("apiVersion: v1\nkind: Secret\n");
    let (_third, empty) = written("");
    let (_fourth, sound) = written(&bundle());
    let files = [&not_yaml, &of_others, "missing.yaml", &empty, &sound];
    let arguments: Vec<_> = ["validate"]
        .into_iter()
        .chain(files.map(|file| file as &str))
        .collect();
    let output = judge(&arguments).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let (words, report) = (
        String::from_utf8(output.stderr).unwrap(),
        String::from_utf8(output.stdout).unwrap(),
    );
    for reason in [
        "cannot be read",
        "none of Talos's files",
        "missing.yaml",
        "is empty",
    ] {
        assert!(words.contains(reason), "{words}");
    }
    assert!(report.contains("secrets bundle: sound"), "{report}");
}

#[test]
fn what_the_api_wraps_up_is_told_with_the_way_out() {
    let spec = control_plane_fields();
    let lines = spec.lines().map(|line| format!("    {line}\n"));
    let spec: String = lines.collect();
    let text = format!(
        "node: 10.0.0.2\nmetadata:\n    namespace: config\n    type: \
         MachineConfigs.config.talos.dev\n    id: v1alpha1\nspec: |\n{spec}"
    );
    let (_folder, path) = written(&text);
    let output = judge(&["validate", &path]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let words = String::from_utf8(output.stderr).unwrap();
    assert!(words.contains("-o jsonpath='{.spec}'"), "{words}");
}

#[test]
fn of_a_machine_config_not_everything_is_judged_and_that_is_said() {
    let closing = |text: String| {
        let output = judge(&["validate", "-"])
            .write_stdin(text)
            .output()
            .unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    let rest = "Judged: trust, and what Talos refuses before a node sees it\n";
    assert!(closing(control_plane_fields()).ends_with(rest));
    assert!(!closing(bundle()).contains(rest));
}

/// As in scripts for `talosctl validate`.
#[test]
fn talosctls_flags_name_a_file_and_let_warnings_refuse() {
    let (_folder, path) = written(&control_plane_fields());
    let sound = change(
        &control_plane_fields(),
        "https://10.0.0.1:6443",
        "https://10.0.0.1",
    );
    let (_other, warned) = written(&sound);
    let status = |more: &[&str]| {
        let output = judge(&[&["validate", "--mode", "metal"], more].concat())
            .output()
            .unwrap();
        let words = String::from_utf8(output.stderr).unwrap();
        (output.status.code().unwrap(), words)
    };
    assert_eq!(status(&["--config", &path, "--strict"]), (0, String::new()));
    assert_eq!(status(&["-c", &warned]), (0, String::new()));
    let (code, words) = status(&["-c", &warned, "--strict"]);
    assert_eq!(code, 1);
    assert!(words.contains("Refused by --strict"), "{words}");
    assert_eq!(status(&[]).0, 2);
}

#[test]
fn hostile_yaml_is_refused_in_no_time() {
    let start = std::time::Instant::now();
    let mut laughs = "a: &a [x,x,x,x,x,x,x,x,x]\n".to_owned();
    for name in b'b'..=b'p' {
        let (name, before) = (char::from(name), char::from(name - 1));
        let list = vec![format!("*{before}"); 9].join(",");
        let line = format!("{name}: &{name} [{list}]\n");
        laughs.push_str(&line);
    }
    let texts = [
        laughs,
        "certs: ".to_owned() + &"[".repeat(100_000),
        "certs:\n".to_owned() + &"- ".repeat(100_000),
        "certs: {".to_owned() + &"a: b, ".repeat(100_000) + "}",
        "certs: ".to_owned() + &"x".repeat(1_000_000),
        "certs: \"".to_owned() + &"\\n".repeat(400_000) + "\"",
        "certs:\n".to_owned() + &"  a: &x *x\n".repeat(10_000),
    ];
    for text in texts {
        let (_folder, path) = written(&text);
        let output = judge(&["validate", &path]).output().unwrap();
        assert!(output.status.code().is_some_and(|code| code > 0));
    }
    assert!(start.elapsed().as_secs() < 60, "{:?}", start.elapsed());
}
