//! The bundle as a Secret.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use talos_pki::talos::Bundle;
use tempfile::TempDir;

use super::command;

/// The Secret that is written with `arguments`, and the bundle in its `field`.
fn written(arguments: &[&str], field: &str) -> (Value, Bundle) {
    let folder = TempDir::new().unwrap();
    let all = [&["gen", "secrets", "-o", "-"], arguments].concat();
    let output = command(folder.path(), &all).output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    let mut secret: Value = serde_yaml::from_slice(&output.stdout).unwrap();
    let data = secret.as_object_mut().unwrap().remove("data").unwrap();
    assert_eq!(data.as_object().unwrap().len(), 1);
    let text = STANDARD.decode(data[field].as_str().unwrap()).unwrap();
    let bundle = Bundle::read(&text).unwrap();
    assert_eq!(
        bundle.to_secret_yaml().expose().as_bytes(),
        text,
        "it is Talos's YAML"
    );
    (secret, bundle)
}

#[test]
fn the_bootstrap_provider_finds_its_secret() {
    let arguments = ["--format", "capi-secret", "--cluster", "machines/prod"];
    let (secret, _) = written(&arguments, "bundle");
    let expected = json!({
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {
            "name": "prod-talos",
            "namespace": "machines",
            "labels": {"cluster.x-k8s.io/cluster-name": "prod"},
        },
        "type": "Opaque",
    });
    assert_eq!(secret, expected);
}

#[test]
fn a_plain_secret_has_the_file() {
    for (more, metadata) in [
        (&[][..], json!({"name": "talos-secrets"})),
        (
            &["--cluster", "prod"],
            json!({"name": "prod-talos-secrets"}),
        ),
        (
            &["--cluster", "x/prod"],
            json!({"name": "prod-talos-secrets", "namespace": "x"}),
        ),
    ] {
        let arguments = [&["--format", "kubernetes-secret"], more].concat();
        let (secret, _) = written(&arguments, "secrets.yaml");
        assert_eq!(secret["metadata"], metadata);
    }
}

#[test]
fn a_name_that_kubernetes_would_refuse_is_refused() {
    let folder = TempDir::new().unwrap();
    let long = "a".repeat(64);
    for name in [
        "", "/", "a/", "/a", "a/b/c", "Prod", "-a", "a-", "a_b", "a\n", "ä", &long,
    ] {
        for form in ["capi-secret", "kubernetes-secret"] {
            let cluster = format!("--cluster={name}");
            let arguments = ["gen", "secrets", "-o", "-", "--format", form, &cluster];
            let output = command(folder.path(), &arguments).output().unwrap();
            assert_eq!(output.status.code(), Some(2), "{name:?}");
            assert!(output.stdout.is_empty());
            let words = String::from_utf8(output.stderr).unwrap();
            assert!(
                words.contains("error: --cluster: it is not NAME"),
                "{words}"
            );
        }
    }
    let output = command(
        folder.path(),
        &["gen", "secrets", "--output-format", "capi-secret"],
    );
    let words = String::from_utf8({ output }.output().unwrap().stderr).unwrap();
    assert!(
        words.contains("--format capi-secret needs --cluster"),
        "{words}"
    );
}
