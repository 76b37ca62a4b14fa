//! Sources that hold a whole secrets bundle: Secrets, and states of Terraform.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use insta::assert_snapshot;
use serde_json::{Map, Value, json};
use tempfile::TempDir;

use super::command;
use super::fixture::write_private;
use super::objects::{base64, cluster_api, list};

/// A folder with a fresh bundle in `secrets.yaml`.
fn fresh(version: &str) -> TempDir {
    let folder = TempDir::new().unwrap();
    made(folder.path(), "secrets.yaml", &["--talos-version", version]);
    folder
}

/// Makes `file` by `gen secrets`.
fn made(folder: &Path, file: &str, more: &[&str]) {
    let arguments = [&["gen", "secrets", "-o", file], more].concat();
    let output = command(folder, &arguments).output().unwrap();
    let words = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(0), "{words}");
}

/// Writes the bundle in `secrets.yaml` as the Secret of the cluster `machines/prod`, to `capi.yaml`.
fn made_for_cluster_api(folder: &Path) {
    let form = ["--format", "capi-secret", "--cluster", "machines/prod"];
    made(
        folder,
        "capi.yaml",
        &[&["-p", "secrets.yaml"], &form[..]].concat(),
    );
}

fn text(folder: &Path, file: &str) -> String {
    fs::read_to_string(folder.join(file)).unwrap()
}

/// Whether `source` gives back the bundle in `secrets.yaml`, byte for byte.
fn gives_it_back(folder: &Path, source: &str, more: &[&str]) {
    let arguments = [&["-p", source], more].concat();
    made(folder, "back.yaml", &[&arguments[..], &["-f"]].concat());
    assert_eq!(
        text(folder, "back.yaml"),
        text(folder, "secrets.yaml"),
        "{source}"
    );
}

/// The instance of `talos_machine_secrets` that the provider makes of a bundle.
fn machine_secrets(bundle: &str) -> Value {
    let bundle: Value = serde_yaml::from_str(bundle).unwrap();
    let certs = &bundle["certs"];
    let pair = |slot: &str| json!({"cert": certs[slot]["crt"], "key": certs[slot]["key"]});
    let secrets = &bundle["secrets"];
    json!({
        "cluster": bundle["cluster"],
        "secrets": {
            "aescbc_encryption_secret": secrets["aescbcencryptionsecret"],
            "bootstrap_token": secrets["bootstraptoken"],
            "secretbox_encryption_secret":
                secrets["secretboxencryptionsecret"].as_str().unwrap_or_default(),
        },
        "trustdinfo": bundle["trustdinfo"],
        "certs": {
            "etcd": pair("etcd"),
            "k8s": pair("k8s"),
            "k8s_aggregator": pair("k8saggregator"),
            "k8s_serviceaccount": {"key": certs["k8sserviceaccount"]["key"]},
            "os": pair("os"),
        },
    })
}

fn attributes(machine_secrets: &Value) -> Value {
    json!({
        "client_configuration": {"ca_certificate": "", "client_certificate": "", "client_key": ""},
        "id": "machine_secrets",
        "machine_secrets": machine_secrets,
        "talos_version": "v1.14",
    })
}

/// A resource with an instance for each of `instances`, which are `index_key`s.
fn resource(module: Option<&str>, instances: &[Value], machine_secrets: &Value) -> Value {
    let instances = instances.iter().map(|index| {
        let mut instance = json!({
            "schema_version": 1,
            "attributes": attributes(machine_secrets),
            "sensitive_attributes": [],
        });
        if !index.is_null() {
            instance["index_key"] = index.clone();
        }
        instance
    });
    let mut resource = Map::new();
    if let Some(module) = module {
        resource.insert("module".to_owned(), module.into());
    }
    resource.extend([
        ("mode".to_owned(), "managed".into()),
        ("type".to_owned(), "talos_machine_secrets".into()),
        ("name".to_owned(), "this".into()),
        (
            "provider".to_owned(),
            "provider[\"registry.terraform.io/siderolabs/talos\"]".into(),
        ),
        ("instances".to_owned(), instances.collect()),
    ]);
    resource.into()
}

/// A state of version 4, with a resource of another provider in it.
fn state(resources: &[Value]) -> String {
    let other = json!({
        "mode": "managed",
        "type": "random_id",
        "name": "this",
        "provider": "provider[\"registry.terraform.io/hashicorp/random\"]",
        "instances": [{"schema_version": 0, "attributes": {"hex": "00"}}],
    });
    let resources: Vec<&Value> = [&other].into_iter().chain(resources).collect();
    let state = json!({
        "version": 4,
        "terraform_version": "1.13.0",
        "serial": 7,
        "lineage": "7490ef49-8634-ac56-596b-6f2f4259bece",
        "outputs": {},
        "resources": resources,
        "check_results": null,
    });
    serde_json::to_string_pretty(&state).unwrap()
}

#[test]
fn a_bundle_comes_back_from_each_secret_byte_for_byte() {
    for version in ["v1.14", "v1.2"] {
        let folder = fresh(version);
        let folder = folder.path();
        gives_it_back(folder, "secrets.yaml", &[]);
        made_for_cluster_api(folder);
        gives_it_back(folder, "capi.yaml", &[]);
        gives_it_back(folder, "capi.yaml", &["--cluster", "prod"]);
        gives_it_back(folder, "capi.yaml", &["--cluster", "machines/prod"]);
        for (file, more) in [
            ("plain.yaml", &[][..]),
            ("named.yaml", &["--cluster", "x/prod"]),
        ] {
            let plain = ["-p", "secrets.yaml", "--format", "kubernetes-secret"];
            made(folder, file, &[&plain[..], more].concat());
            gives_it_back(folder, file, &[]);
        }
    }
}

#[test]
fn two_bundles_of_one_cluster_have_names_of_their_own() {
    let folder = fresh("v1.14");
    let folder = folder.path();
    let other = fresh("v1.14");
    let secret = |folder: &Path, form: &str| {
        let arguments = [
            "-p",
            "secrets.yaml",
            "--format",
            form,
            "--cluster",
            "x/prod",
        ];
        made(folder, form, &arguments);
        text(folder, form)
    };
    let all = [
        secret(folder, "capi-secret"),
        secret(other.path(), "kubernetes-secret"),
    ];
    write_private(&folder.join("all.yaml"), &all.join("---\n"));
    gives_it_back(folder, "all.yaml", &["--cluster", "prod"]);
    let cluster = ["--cluster", "x/prod-talos-secrets"];
    let arguments = [&["-p", "all.yaml", "-f"], &cluster[..]].concat();
    made(folder, "back.yaml", &arguments);
    assert_eq!(
        text(folder, "back.yaml"),
        text(other.path(), "secrets.yaml")
    );
}

#[test]
fn a_secret_of_any_name_with_the_file_in_it_is_read() {
    let folder = fresh("v1.14");
    let folder = folder.path();
    let secret = json!({
        "kind": "Secret",
        "metadata": {"name": "backup"},
        "data": {"secrets.yaml": base64(text(folder, "secrets.yaml").as_bytes())},
    });
    let other = json!({
        "kind": "Secret",
        "metadata": {"name": "chart"},
        "data": {"secrets.yaml": base64(b"password: none\n")},
    });
    write_private(&folder.join("all.yaml"), &list(&[other, secret]));
    gives_it_back(folder, "all.yaml", &[]);
    gives_it_back(folder, "all.yaml", &["--cluster", "backup"]);
}

#[test]
fn a_bundle_comes_back_from_a_state_byte_for_byte() {
    for version in ["v1.14", "v1.2"] {
        let folder = fresh(version);
        let folder = folder.path();
        let secrets = machine_secrets(&text(folder, "secrets.yaml"));
        let resources = [resource(None, &[Value::Null], &secrets)];
        write_private(&folder.join("terraform.tfstate"), &state(&resources));
        gives_it_back(folder, "terraform.tfstate", &[]);
        let address = ["--cluster", "talos_machine_secrets.this"];
        gives_it_back(folder, "terraform.tfstate", &address);
        // As the provider kept it before its version 0.2.
        let old = Value::from(text(folder, "secrets.yaml"));
        let resources = [resource(None, &[Value::Null], &old)];
        write_private(&folder.join("old.tfstate"), &state(&resources));
        gives_it_back(folder, "old.tfstate", &[]);
    }
}

#[test]
fn of_several_instances_one_is_chosen_by_its_address() {
    let folder = fresh("v1.14");
    let folder = folder.path();
    let ours = machine_secrets(&text(folder, "secrets.yaml"));
    let other = fresh("v1.14");
    let theirs = machine_secrets(&text(other.path(), "secrets.yaml"));
    let resources = [
        resource(None, &[Value::Null], &theirs),
        resource(Some("module.talos[\"eu\"]"), &["a".into()], &ours),
        resource(Some("module.other"), &[0.into(), 1.into()], &theirs),
    ];
    write_private(&folder.join("state.json"), &state(&resources));
    let address = "module.talos[\"eu\"].talos_machine_secrets.this[\"a\"]";
    gives_it_back(folder, "state.json", &["--cluster", address]);
    let output = command(folder, &["scan", "state.json"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert_snapshot!(
        "state_with_several",
        String::from_utf8(output.stderr).unwrap()
    );
}

#[test]
fn a_deposed_instance_is_left_out() {
    let folder = fresh("v1.14");
    let folder = folder.path();
    let secrets = machine_secrets(&text(folder, "secrets.yaml"));
    let mut resource = resource(None, &[Value::Null, Value::Null], &secrets);
    resource["instances"][1]["deposed"] = "00000001".into();
    write_private(&folder.join("state.json"), &state(&[resource]));
    gives_it_back(folder, "state.json", &[]);
}

#[test]
fn what_terraform_show_prints_is_read() {
    let folder = fresh("v1.14");
    let folder = folder.path();
    let secrets = machine_secrets(&text(folder, "secrets.yaml"));
    let resource = json!({
        "address": "module.talos.talos_machine_secrets.this",
        "mode": "managed",
        "type": "talos_machine_secrets",
        "name": "this",
        "schema_version": 1,
        "values": attributes(&secrets),
        "sensitive_values": {},
    });
    let shown = json!({
        "format_version": "1.0",
        "terraform_version": "1.13.0",
        "values": {"root_module": {"child_modules": [
            {"address": "module.talos", "resources": [resource]},
        ]}},
    });
    write_private(&folder.join("shown.json"), &shown.to_string());
    gives_it_back(folder, "shown.json", &[]);
    let output = command(folder, &["scan", "shown.json"]).output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    let name = "shown.json (module.talos.talos_machine_secrets.this)";
    let first = said.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        first.starts_with(&format!("talos cluster at {name} (")),
        "{said}"
    );
}

#[test]
fn the_bundle_counts_before_the_secrets_beside_it() {
    let folder = fresh("v1.14");
    let folder = folder.path();
    made_for_cluster_api(folder);
    let all = format!(
        "{}---\n{}",
        text(folder, "capi.yaml"),
        list(&cluster_api("machines/prod", "ecdsa-p256"))
    );
    write_private(&folder.join("all.yaml"), &all);
    gives_it_back(folder, "all.yaml", &["--cluster", "machines/prod"]);
    let output = command(folder, &["scan", "all.yaml"]).output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(
        said.starts_with("talos cluster at all.yaml (Secret machines/prod-talos) ("),
        "{said}"
    );
}

/// One of the two is not the CA of the machines, and locks out everything that has it.
#[test]
fn another_ca_beside_the_bundle_is_told_side_by_side() {
    let folder = fresh("v1.14");
    let folder = folder.path();
    made_for_cluster_api(folder);
    let differing = |others: &[Value]| {
        let bundle = text(folder, "capi.yaml");
        write_private(
            &folder.join("all.yaml"),
            &format!("{bundle}---\n{}", list(others)),
        );
        let output = command(folder, &["scan", "all.yaml", "--format", "json"]);
        let output = { output }.output().unwrap();
        assert_eq!(output.status.code(), Some(0));
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        let findings = report[0]["findings"].as_array().unwrap().clone();
        let mut findings: Vec<_> = findings.into_iter().collect();
        findings.retain(|finding| finding["rule"] == "copy-differs");
        findings
    };
    let others = cluster_api("machines/prod", "ecdsa-p256");
    let findings = differing(&others);
    assert_eq!(findings.len(), 3, "{findings:#?}");
    assert_eq!(findings[0]["severity"], "warning");
    let places = findings[0]["places"].as_array().unwrap();
    let place = |index: usize| places[index].as_str().unwrap();
    assert!(place(0).contains("certs.k8s.crt") && place(0).contains("key sha256:"));
    assert!(place(1).contains("the Secret NAME-ca") && place(1).contains("key sha256:"));

    // The copy that the provider makes is the same, and there is nothing to tell.
    let bundle: Value = serde_yaml::from_str(&text(folder, "secrets.yaml")).unwrap();
    let mut copy = others[0].clone();
    copy["data"]["tls.crt"] = bundle["certs"]["k8s"]["crt"].clone();
    copy["data"]["tls.key"] = bundle["certs"]["k8s"]["key"].clone();
    assert_eq!(differing(&[copy]).len(), 0);
}

#[test]
fn a_bundle_shows_every_slot() {
    let folder = fresh("v1.14");
    let folder = folder.path();
    let output = command(folder, &["scan", "secrets.yaml", "--format", "json"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let authorities = report[0]["authorities"].as_array().unwrap().iter();
    let files: Vec<_> = authorities
        .map(|slot| slot["certificate"]["file"].as_str().unwrap())
        .collect();
    let expected = ["k8s", "etcd", "k8saggregator", "os"]
        .map(|slot| format!("secrets.yaml: certs.{slot}.crt"));
    assert_eq!(files, expected);
}

#[test]
fn with_secrets_tells_why_a_state_cannot_be_used() {
    let folder = fresh("v1.14");
    let folder = folder.path();
    let encrypted = r#"{"encrypted_data": "x", "encryption_version": "v0"}"#;
    write_private(&folder.join("e.tfstate"), encrypted);
    let arguments = ["gen", "config", "prod", "https://kube.example.org:6443"];
    let arguments = [&arguments[..], &["--with-secrets", "e.tfstate"]].concat();
    let output = command(folder, &arguments).output().unwrap();
    let words = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{words}");
    assert!(words.contains("it was encrypted by OpenTofu"), "{words}");
}

#[test]
fn with_secrets_takes_what_holds_a_bundle() {
    let folder = fresh("v1.14");
    let folder = folder.path();
    made_for_cluster_api(folder);
    let secrets = machine_secrets(&text(folder, "secrets.yaml"));
    let resources = [resource(None, &[Value::Null], &secrets)];
    write_private(&folder.join("one.tfstate"), &state(&resources));
    let config = |source: &str| {
        let fixed = [
            "gen",
            "config",
            "prod",
            "https://kube.example.org:6443",
            "-t",
            "controlplane",
        ];
        let arguments = [&fixed[..], &["-o", "-", "--with-secrets", source]].concat();
        let output = command(folder, &arguments).output().unwrap();
        let words = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(0), "{source}: {words}");
        String::from_utf8(output.stdout).unwrap()
    };
    let expected = config("secrets.yaml");
    for source in ["capi.yaml", "one.tfstate"] {
        assert_eq!(config(source), expected, "{source}");
        let arguments = [
            "kubeconfig",
            "new.kubeconfig",
            "-f",
            "--with-secrets",
            source,
        ];
        let more = [
            "--name",
            "prod",
            "--endpoint",
            "https://kube.example.org:6443",
        ];
        let all = [&arguments[..], &more].concat();
        let output = command(folder, &all).output().unwrap();
        assert_eq!(
            output.status.code(),
            Some(0),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
    let resources = [resource(None, &[0.into(), 1.into()], &secrets)];
    write_private(&folder.join("two.tfstate"), &state(&resources));
    let arguments = [
        "gen",
        "config",
        "a",
        "https://b:6443",
        "--with-secrets",
        "two.tfstate",
    ];
    let output = command(folder, &arguments).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert_snapshot!(
        "with_several_bundles",
        String::from_utf8(output.stderr).unwrap()
    );
}

#[test]
fn validate_judges_the_bundle_within() {
    let folder = fresh("v1.14");
    let folder = folder.path();
    let bundle = text(folder, "secrets.yaml");
    let mut secrets = machine_secrets(&bundle);
    let sound = state(&[resource(None, &[Value::Null], &secrets)]);
    write_private(&folder.join("sound.tfstate"), &sound);
    secrets["certs"]["k8s"]["key"] = secrets["certs"]["etcd"]["key"].clone();
    let swapped = state(&[resource(None, &[Value::Null], &secrets)]);
    write_private(&folder.join("swapped.tfstate"), &swapped);
    let run = |file: &str| {
        let output = command(folder, &["validate", file]).output().unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        (output.status.code(), said)
    };
    let (status, said) = run("sound.tfstate");
    let verdict = "sound.tfstate (talos_machine_secrets.this): secrets bundle: sound\n";
    assert!(said.starts_with(verdict), "{said}");
    assert_eq!(status, Some(0));
    let (status, said) = run("swapped.tfstate");
    assert!(said.contains("error[key-mismatch]"), "{said}");
    assert_eq!(status, Some(1));
}

/// Every key, token and secret of a bundle, by its first characters.
fn secrets_of(bundle: &Value) -> Vec<String> {
    let mut secrets = Vec::new();
    let mut pending = vec![(String::new(), bundle)];
    while let Some((name, value)) = pending.pop() {
        if let Some(fields) = value.as_object() {
            pending.extend(fields.iter().map(|(name, value)| (name.clone(), value)));
        } else if !["crt", "id"].contains(&name.as_str()) {
            // All keys of a kind begin with the same words in base64.
            let common = if name == "key" { 60 } else { 0 };
            secrets.push(value.as_str().unwrap()[common..common + 16].to_owned());
        }
    }
    secrets
}

#[test]
fn nothing_secret_of_a_bundle_is_told() {
    let folder = fresh("v1.14");
    let folder = folder.path();
    let bundle = text(folder, "secrets.yaml");
    let resources = [resource(None, &[Value::Null], &machine_secrets(&bundle))];
    write_private(&folder.join("terraform.tfstate"), &state(&resources));
    let secrets = secrets_of(&serde_yaml::from_str(&bundle).unwrap());
    assert_eq!(secrets.len(), 9, "five keys, two tokens, two secrets");
    for source in ["secrets.yaml", "terraform.tfstate"] {
        let runs: [&[&str]; 4] = [
            &["scan", source, "--notes"],
            &["scan", source, "--format", "json"],
            &[
                "gen",
                "secrets",
                "-p",
                source,
                "-f",
                "--notes",
                "-o",
                "back.yaml",
            ],
            &["convert", source, "--dry-run", "--notes"],
        ];
        for arguments in runs {
            let output = command(folder, arguments).output().unwrap();
            let said = [output.stdout, output.stderr].concat();
            let said = String::from_utf8(said).unwrap();
            assert!(!said.is_empty());
            let told = secrets.iter().find(|secret| said.contains(secret.as_str()));
            assert_eq!(told, None, "{arguments:?}");
        }
    }
}

#[test]
fn every_source_without_a_usable_bundle_says_what_to_do() {
    let folder = fresh("v1.14");
    let bundle = text(folder.path(), "secrets.yaml");
    let secrets = machine_secrets(&bundle);
    let key = secrets["certs"]["k8s"]["key"].as_str().unwrap().to_owned();
    let one = |secrets: &Value| state(&[resource(None, &[Value::Null], secrets)]);
    let mut swapped = secrets.clone();
    swapped["certs"]["k8s"]["key"] = secrets["certs"]["etcd"]["key"].clone();
    let mut partial = secrets.clone();
    partial["trustdinfo"]["token"] = Value::Null;
    partial["certs"]["os"] = Value::Null;
    let encrypted = json!({
        "serial": 3,
        "lineage": "7490ef49-8634-ac56-596b-6f2f4259bece",
        "meta": {"key_provider.pbkdf2.mine": "e30="},
        "encrypted_data": "AAAA",
        "encryption_version": "v0",
    });
    let mut by_sops: Value = serde_json::from_str(&one(&secrets)).unwrap();
    by_sops["version"] = "ENC[AES256_GCM,data:AA==]".into();
    by_sops["sops"] = json!({"version": "3.9.0"});
    let old_version = json!({"version": 3, "terraform_version": "0.11.0", "modules": []});
    let no_version = json!({"terraform_version": "1.13.0", "lineage": "x", "version": [1]});
    let old_secret = json!({
        "kind": "Secret",
        "metadata": {"name": "prod-talos", "namespace": "machines"},
        "data": {"certs": base64(b"os: {}\n"), "kubeSecrets": "e30K", "trustdInfo": "e30K"},
    });
    let capi = |value: &str| {
        let secret = json!({
            "kind": "Secret",
            "metadata": {"name": "prod-talos", "namespace": "machines"},
            "data": {"bundle": value},
        });
        list(&[secret])
    };
    let cut = bundle.lines().take(6).collect::<Vec<_>>().join("\n");
    let cases: [(&str, String, &[&str]); 14] = [
        (
            "a state that OpenTofu encrypted",
            encrypted.to_string(),
            &[],
        ),
        ("a state that SOPS encrypted", by_sops.to_string(), &[]),
        ("a state of an old version", old_version.to_string(), &[]),
        ("a state without a version", no_version.to_string(), &[]),
        (
            "a state without the resource",
            state(&[]),
            &["--cluster", "x"],
        ),
        (
            "a state with no instance",
            state(&[resource(None, &[], &secrets)]),
            &[],
        ),
        (
            "another address",
            one(&secrets),
            &["--cluster", "talos_machine_secrets.that"],
        ),
        ("a state with keys that were swapped", one(&swapped), &[]),
        ("a state with a part of a bundle", one(&partial), &[]),
        ("a state with a number for a bundle", one(&7.into()), &[]),
        ("the old form of the Secret", list(&[old_secret]), &[]),
        (
            "a Secret with half a bundle",
            capi(&base64(cut.as_bytes())),
            &[],
        ),
        ("a Secret that is no base64", capi("*"), &[]),
        (
            "a Secret that SOPS encrypted",
            capi("ENC[AES256_GCM,data:AA==]"),
            &[],
        ),
    ];
    let mut all = String::new();
    for (what, text, more) in cases {
        write_private(&folder.path().join("source"), &text);
        let arguments = [&["scan", "source"], more].concat();
        let output = command(folder.path(), &arguments).output().unwrap();
        let words = String::from_utf8(output.stderr).unwrap();
        assert!(!words.contains(&key[..40]), "{what}: a key is printed");
        let status = output.status.code().unwrap();
        write!(all, "# {what}\n{words}exit status {status}\n\n").unwrap();
    }
    assert_snapshot!("bundles_refused", all);
}

#[test]
fn a_machine_configuration_is_no_source_and_the_way_is_told() {
    for version in ["v1.13", "v1.14"] {
        let folder = TempDir::new().unwrap();
        let path = folder.path();
        let config = ["gen", "config", "prod", "https://kube.example.org:6443"];
        let version = ["--talos-version", version];
        let made = command(path, &[&config[..], &version].concat()).output();
        assert_eq!(made.unwrap().status.code(), Some(0));
        for file in ["controlplane.yaml", "worker.yaml"] {
            let output = command(path, &["scan", file]).output().unwrap();
            assert_eq!(output.status.code(), Some(2));
            let said = String::from_utf8(output.stderr).unwrap();
            let expected = format!(
                "error: `{file}` is a machine configuration of Talos; to judge it: talos-pki validate \
                 FILE; to take the secrets bundle out of that of a control plane: talos-pki gen secrets \
                 --from-controlplane-config FILE\n"
            );
            assert_eq!(said, expected);
        }
    }
}
