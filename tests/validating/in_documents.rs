//! Defects of control planes with the documents of 1.14.

use crate::defect::{Defect, change, defect, with_document, without, without_document};
use crate::talos_files::{
    BOOTSTRAP_TOKEN, CLUSTER_SECRET, ENCRYPTION_SECRET, block, control_plane_documents, encoded,
    of_cluster, pem,
};

#[expect(clippy::too_many_lines, reason = "it is a table")]
pub(crate) fn defects() -> Vec<Defect> {
    let sound = control_plane_documents();
    let certificate = block(4, "cert", &pem(&of_cluster("ca.crt")));
    let key = block(4, "key", &pem(&of_cluster("ca.key")));
    let secret = "    bootstrap";
    assert!(!sound.contains(secret));
    vec![
        defect("sound", sound.clone(), &[]),
        defect(
            "no API server CA",
            without_document(&sound, "KubeAPIServerCAConfig"),
            &["incomplete"],
        ),
        defect(
            "no aggregator CA",
            without_document(&sound, "KubeAggregatorCAConfig"),
            &["incomplete"],
        ),
        defect(
            "no service account",
            without_document(&sound, "KubeServiceAccountConfig"),
            &["incomplete"],
        ),
        defect(
            "no encryption",
            without_document(&sound, "KubeEtcdEncryptionConfig"),
            &["encryption-required"],
        ),
        defect(
            "no cluster",
            without_document(&sound, "KubeClusterConfig"),
            &["endpoint"],
        ),
        defect(
            "an API server CA without a certificate",
            change(&sound, &certificate, ""),
            &["required-field"],
        ),
        defect(
            "an API server CA without a key",
            change(&sound, &key, ""),
            &["required-field"],
        ),
        defect(
            "an aggregator that issues nothing",
            {
                let start = sound.find("kind: KubeAggregatorCAConfig\n").unwrap();
                let end = sound
                    .find("---\napiVersion: v1alpha1\nkind: KubeEtcd")
                    .unwrap();
                let start = start + "kind: KubeAggregatorCAConfig\n".len();
                format!("{}{}", &sound[..start], &sound[end..])
            },
            &["required-field"],
        ),
        defect(
            "base64 in a document",
            change(
                &sound,
                &certificate,
                &format!("    cert: {}\n", encoded(&of_cluster("ca.crt"))),
            ),
            &["field-unreadable"],
        ),
        defect(
            "`crt` in a document",
            change(&sound, "    cert: |", "    crt: |"),
            &["unknown-field", "required-field"],
        ),
        defect(
            "a key in a certificate",
            change(
                &sound,
                &certificate,
                &block(
                    4,
                    "cert",
                    &format!(
                        "{}{}",
                        pem(&of_cluster("ca.crt")),
                        pem(&of_cluster("ca.key"))
                    ),
                ),
            ),
            &["key-in-certificate-field"],
        ),
        defect(
            "another label",
            change(
                &sound,
                &certificate,
                &certificate.replace("CERTIFICATE", "TRUSTED CERTIFICATE"),
            ),
            &["certificate-label"],
        ),
        defect(
            "the key of another CA",
            change(
                &sound,
                &key,
                &block(4, "key", &pem(&of_cluster("etcd/ca.key"))),
            ),
            &["key-mismatch", "shared-key"],
        ),
        defect(
            "no issuer",
            without(&sound, "issuerURL"),
            &["required-field"],
        ),
        defect(
            "an issuer that is no URL",
            change(&sound, "issuerURL: https://", "issuerURL: "),
            &["issuer-url"],
        ),
        defect(
            "a short cluster secret",
            change(&sound, CLUSTER_SECRET, "c2hvcnQ="),
            &["refused-value"],
        ),
        defect(
            "encryption without identity",
            without(&sound, "- identity"),
            &["without-identity"],
        ),
        defect(
            "an unknown provider",
            change(&sound, "- secretbox:", "- secretBox:"),
            &["encryption-config"],
        ),
        defect(
            "a key without a name",
            change(
                &sound,
                "- name: key2\n                      secret",
                "- secret",
            ),
            &["encryption-config"],
        ),
        defect(
            "an encryption key of another size",
            change(&sound, ENCRYPTION_SECRET, "c2hvcnQ="),
            &["encryption-key-size"],
        ),
        defect(
            "a port that is no number",
            with_document(&sound, "kind: KubePrismConfig\nport: many\n"),
            &["wrong-kind"],
        ),
        defect(
            "a list in a document that is none",
            with_document(
                &sound,
                "kind: LinkConfig\nname: eth0\naddresses: {address: 10.0.0.2/24}\n",
            ),
            &["wrong-kind"],
        ),
        defect(
            "encryption of nothing",
            change(&sound, "resources:\n", "resource:\n"),
            &["encryption-config"],
        ),
        defect(
            "an accepted CA beside the document",
            change(
                &sound,
                "    etcd:\n",
                &format!(
                    "    acceptedCAs:\n        - crt: {}\n    etcd:\n",
                    encoded(&of_cluster("ca.crt"))
                ),
            ),
            &["ignored-field"],
        ),
        defect(
            "no Kubernetes",
            {
                let start = sound.find("    etcd:\n").unwrap();
                sound[..start].replace(
                    &format!("    token: {BOOTSTRAP_TOKEN}\n"),
                    "    proxy: {}\n",
                )
            },
            &["without-kubernetes"],
        ),
    ]
}
