//! Defects of secrets bundles.

use crate::defect::{Defect, change, defect, without};
use crate::talos_files::{
    BOOTSTRAP_TOKEN, CLUSTER_ID, CLUSTER_SECRET, ENCRYPTION_SECRET, TRUSTD_TOKEN, bundle, encoded,
    of_cluster,
};

#[expect(clippy::too_many_lines, reason = "it is a table")]
pub(crate) fn defects() -> Vec<Defect> {
    let sound = bundle();
    let replaced = |from: &str, to: &str| change(&sound, &encoded(from), &encoded(to));
    let (kubernetes, etcd) = (of_cluster("ca.crt"), of_cluster("etcd/ca.crt"));
    let kubernetes_key = of_cluster("ca.key");
    vec![
        defect("sound", sound.clone(), &[]),
        defect(
            "no secrets section",
            {
                let start = sound.find("secrets:").unwrap();
                let end = sound.find("trustdinfo:").unwrap();
                format!("{}{}", &sound[..start], &sound[end..])
            },
            &["required-field"],
        ),
        defect("no id", without(&sound, "id:"), &["required-field"]),
        defect(
            "an empty token",
            change(&sound, TRUSTD_TOKEN, "\"\""),
            &["required-field"],
        ),
        defect(
            "no encryption key",
            without(&sound, "secretbox"),
            &["required-field"],
        ),
        defect(
            "two encryption keys",
            change(
                &sound,
                "trustdinfo:",
                &format!("    aescbcencryptionsecret: {ENCRYPTION_SECRET}\ntrustdinfo:"),
            ),
            &["required-field", "encryption-for-another-version"],
        ),
        defect(
            "an AES-CBC key for a Talos that drops it",
            change(&sound, "secretboxenc", "aescbcenc"),
            &["encryption-for-another-version"],
        ),
        defect(
            "a name twice",
            change(&sound, "    secret: ", "    id: again\n    secret: "),
            &["duplicate-name"],
        ),
        defect(
            "a list for a text",
            change(&sound, CLUSTER_ID, "[a]"),
            &["wrong-kind"],
        ),
        defect(
            "a text for a section",
            change(
                &sound,
                &format!("trustdinfo:\n    token: {TRUSTD_TOKEN}"),
                "trustdinfo: text",
            ),
            &["wrong-kind"],
        ),
        defect(
            "redacted",
            change(&sound, &encoded(&kubernetes_key), "'******'"),
            &["redacted-field"],
        ),
        defect(
            "not base64",
            change(&sound, &encoded(&kubernetes), "no base64!"),
            &["field-unreadable"],
        ),
        defect(
            "no PEM",
            change(&sound, &encoded(&kubernetes), "bm9uZQ=="),
            &["field-unreadable"],
        ),
        defect(
            "a key that is a certificate",
            replaced(&kubernetes_key, &kubernetes),
            &["field-unreadable"],
        ),
        defect(
            "an encrypted key",
            replaced(
                &kubernetes_key,
                "broken/encrypted-traditional-key/pki/ca.key",
            ),
            &["field-unreadable"],
        ),
        defect(
            "EC parameters first",
            replaced(&kubernetes_key, "broken/ec-parameters-first/pki/ca.key"),
            &["field-unreadable"],
        ),
        defect(
            "the key of another CA",
            replaced(&kubernetes_key, &of_cluster("etcd/ca.key")),
            &["key-mismatch", "shared-key"],
        ),
        defect(
            "one CA in two slots",
            change(
                &replaced(&etcd, &kubernetes),
                &encoded(&of_cluster("etcd/ca.key")),
                &encoded(&kubernetes_key),
            ),
            &["shared-ca", "ca-of-another-slot"],
        ),
        defect(
            "a CA that has ended",
            both_of(&sound, "broken/ca-expired/pki/ca"),
            &["ca-expired"],
        ),
        defect(
            "no CA",
            both_of(&sound, "broken/leaf-as-ca/pki/ca"),
            &["not-a-ca"],
        ),
        defect(
            "a CA that Talos cannot issue with",
            both_of(&sound, "broken/sha1-signed-ca/pki/ca"),
            &["ca-signature-algorithm"],
        ),
        defect(
            "a CA that Go refuses",
            both_of(&sound, "broken/negative-serial-ca/pki/ca"),
            &["field-unreadable"],
        ),
        defect(
            "a CA of an unknown algorithm",
            both_of(&sound, "broken/ed448-ca/pki/ca"),
            &["field-unreadable"],
        ),
        defect(
            "a small key",
            both_of(&sound, "broken/rsa-1024-ca/pki/ca"),
            &["rsa-too-small"],
        ),
        defect(
            "the CA's key in its certificate",
            both_of(&sound, "broken/key-in-certificate-file/pki/ca"),
            &["key-in-certificate-field"],
        ),
        defect(
            "two CAs, the wrong one first",
            both_of(&sound, "broken/two-cas-old-first/pki/ca"),
            &["extra-blocks", "key-mismatch"],
        ),
        defect(
            "another label",
            both_of(&sound, "broken/trusted-certificate-label/pki/ca"),
            &["certificate-label"],
        ),
        defect(
            "a service-account key that signs nothing",
            replaced(
                &of_cluster("sa.key"),
                "broken/ed25519-service-account-key/pki/sa.key",
            ),
            &["service-account-algorithm"],
        ),
        defect(
            "a bootstrap token of another form",
            change(&sound, BOOTSTRAP_TOKEN, "test-token"),
            &["bootstrap-token-form"],
        ),
        defect(
            "a trustd token of another form",
            change(&sound, TRUSTD_TOKEN, "test-token"),
            &["trustd-token-form"],
        ),
        defect(
            "a short cluster secret",
            change(&sound, CLUSTER_SECRET, "c2hvcnQ="),
            &["cluster-secret-size"],
        ),
        defect(
            "an id that is a name",
            change(&sound, CLUSTER_ID, "prod"),
            &["cluster-id-form"],
        ),
        defect(
            "a short encryption key",
            change(&sound, ENCRYPTION_SECRET, "c2hvcnQ="),
            &["encryption-key-size"],
        ),
        defect(
            "capitalised names",
            capitalised(&sound),
            &["capitalised-names"],
        ),
    ]
}

/// The bundle with another Kubernetes CA, certificate and key.
fn both_of(bundle: &str, path: &str) -> String {
    let certificate = encoded(&format!("{path}.crt"));
    let text = change(bundle, &encoded(&of_cluster("ca.crt")), &certificate);
    let key = encoded(&format!("{path}.key"));
    change(&text, &encoded(&of_cluster("ca.key")), &key)
}

fn capitalised(bundle: &str) -> String {
    let names = [
        ("cluster:", "Cluster:"),
        ("id:", "Id:"),
        ("secret:", "Secret:"),
        ("secrets:", "Secrets:"),
        ("bootstraptoken:", "BootstrapToken:"),
        ("secretboxencryptionsecret:", "SecretboxEncryptionSecret:"),
        ("trustdinfo:", "TrustdInfo:"),
        ("token:", "Token:"),
        ("certs:", "Certs:"),
        ("etcd:", "Etcd:"),
        ("k8s:", "K8s:"),
        ("k8saggregator:", "K8sAggregator:"),
        ("k8sserviceaccount:", "K8sServiceAccount:"),
        ("os:", "OS:"),
        ("crt:", "Crt:"),
        ("key:", "Key:"),
    ];
    let line = |line: &str| {
        let (start, name) = line.split_at(line.len() - line.trim_start().len());
        let new = names.iter().find(|(old, _)| name.starts_with(old)).unwrap();
        format!("{start}{}{}\n", new.1, &name[new.0.len()..])
    };
    bundle.lines().map(line).collect()
}
