//! Defects of workers.

use crate::defect::{Defect, change, defect, with_document, without};
use crate::talos_files::{
    TRUSTD_TOKEN, block, encoded, list_item, of_cluster, pem, worker_documents, worker_fields,
};

#[expect(clippy::too_many_lines, reason = "it is a table")]
pub(crate) fn defects() -> Vec<Defect> {
    let (fields, documents) = (worker_fields(), worker_documents());
    let with_key = |text: &str| {
        let key = encoded("talosconfig/ca.key");
        change(text, "key: \"\"", &format!("key: {key}"))
    };
    let accepted = list_item(&pem(&of_cluster("ca.crt")));
    vec![
        defect("sound, with fields", fields.clone(), &[]),
        defect("sound, with documents", documents.clone(), &[]),
        defect("without a type", without(&fields, "type:"), &[]),
        defect(
            "the key of the Talos CA",
            with_key(&fields),
            &["key-on-worker"],
        ),
        defect(
            "the key of the Kubernetes CA",
            change(
                &fields,
                &format!("{}\n        key: \"\"", encoded(&of_cluster("ca.crt"))),
                &format!(
                    "{}\n        key: {}",
                    encoded(&of_cluster("ca.crt")),
                    encoded(&of_cluster("ca.key"))
                ),
            ),
            &["key-on-worker"],
        ),
        defect(
            "a key within a certificate",
            change(
                &fields,
                &encoded(&of_cluster("ca.crt")),
                &encoded("broken/key-in-certificate-file/pki/ca.crt"),
            ),
            &["key-on-worker"],
        ),
        defect(
            "an issuing CA",
            change(
                &documents,
                "acceptedCAs:\n",
                &format!(
                    "issuingCA:\n{}{}acceptedCAs:\n",
                    block(4, "cert", &pem(&of_cluster("ca.crt"))),
                    block(4, "key", &pem(&of_cluster("ca.key"))),
                ),
            ),
            &["key-on-worker"],
        ),
        defect(
            "no Talos CA",
            {
                let start = fields.find("    ca:\n").unwrap();
                format!(
                    "{}{}",
                    &fields[..start],
                    &fields[fields.find("cluster:\n").unwrap()..]
                )
            },
            &["required-field"],
        ),
        defect(
            "no certificate of the Talos CA",
            change(&fields, &encoded("talosconfig/ca.crt"), "\"\""),
            &["required-field"],
        ),
        defect(
            "no Kubernetes CA",
            change(&documents, &format!("acceptedCAs:\n{accepted}"), ""),
            &["incomplete"],
        ),
        defect(
            "a document for control planes",
            with_document(&documents, "kind: KubeAPIServerConfig\n"),
            &["control-plane-only"],
        ),
        defect(
            "etcd",
            change(
                &fields,
                "    ca:\n        crt: ",
                "    etcd: {}\n    ca:\n        crt: ",
            )
            .replacen("    etcd: {}\n", "", 1)
                + "    etcd: {}\n",
            &["control-plane-only"],
        ),
        defect(
            "an accepted CA that has ended",
            change(
                &documents,
                &accepted,
                &list_item(&pem("broken/ca-expired/pki/ca.crt")),
            ),
            &["accepted-ca-unusable", "nothing-trusted"],
        ),
        defect(
            "an accepted CA that is a key",
            change(
                &documents,
                &accepted,
                &list_item(&pem(&of_cluster("ca.key"))),
            ),
            &["field-unreadable", "key-on-worker"],
        ),
        defect(
            "no trustd token",
            without(&fields, &format!("token: {TRUSTD_TOKEN}")),
            &["incomplete"],
        ),
    ]
}
