//! What is no whole configuration, and what is misspelt in one.

use crate::defect::{Defect, change, defect, with_document};
use crate::talos_files::{CLUSTER_SECRET, control_plane_documents, control_plane_fields};

const LINK: &str = "apiVersion: v1alpha1\nkind: LinkConfig\nname: eth0\n";
const ALONE: &[&str] = &["control-plane-only"];
const MISSING: &[&str] = &["required-field"];
const UNKNOWN: &[&str] = &["unknown-document"];
const VERSION: &[&str] = &["kubernetes-version"];

pub(crate) fn defects() -> Vec<Defect> {
    let parts = [
        ("a cluster alone", "cluster: {}\n", MISSING),
        ("an empty cluster alone", "cluster:\n", MISSING),
        (
            "no machine",
            "version: v1alpha1\nmachine:\ncluster: {}\n",
            MISSING,
        ),
        ("a setting of the program alone", "debug: true\n", MISSING),
        ("a version alone", "version: v1alpha1\n", UNKNOWN),
        ("a document alone", LINK, &[]),
        (
            "a document alone, without its name",
            "apiVersion: v1alpha1\nkind: LinkConfig\n",
            MISSING,
        ),
        (
            "a document of control planes alone",
            "apiVersion: v1alpha1\nkind: KubeSchedulerConfig\nimage: registry.k8s.io/kube-scheduler:v1.37.0\n",
            ALONE,
        ),
        (
            "no version of a document",
            "kind: LinkConfig\nname: eth0\n",
            UNKNOWN,
        ),
        ("no kind", "apiVersion: v1alpha1\nname: eth0\n", UNKNOWN),
        (
            "an empty kind",
            "apiVersion: v1alpha1\nkind:\nname: eth0\n",
            UNKNOWN,
        ),
        (
            "another version of a document",
            "apiVersion: v1\nkind: LinkConfig\nname: eth0\n",
            UNKNOWN,
        ),
        (
            "a misspelt kind",
            "apiVersion: v1alpha1\nkind: LinkConfg\nname: eth0\n",
            UNKNOWN,
        ),
    ];
    let parts = parts.map(|(name, text, rules)| defect(name, text.to_owned(), rules));
    let twice = defect(
        "two links of one name",
        format!("{LINK}---\n{LINK}"),
        &["duplicate-document"],
    );
    let images = [
        ("ghcr.io/siderolabs/kubelet:v1.36.2", &[][..]),
        ("ghcr.io/siderolabs/kubelet:v1.36.2@sha256:0123", &[]),
        ("localhost:5000/kubelet:v1.37.0-beta.1", &[]),
        ("ghcr.io/siderolabs/kubelet:v1.31.9", VERSION),
        ("ghcr.io/siderolabs/kubelet:v1.38.0", VERSION),
        ("ghcr.io/siderolabs/kubelet:1.37.0", VERSION),
        ("ghcr.io/siderolabs/kubelet@sha256:0123", VERSION),
    ];
    let images = images.map(|(image, rules)| {
        let setting = format!("machine:\n    kubelet: {{image: '{image}'}}\n");
        let text = change(&control_plane_fields(), "machine:\n", &setting);
        defect(image, text, rules)
    });
    let document = |name, text: &str, rules| {
        let text = with_document(&control_plane_documents(), text);
        defect(name, text, rules)
    };
    let image = "kube-scheduler:v1.20.0";
    let documents = [
        document(
            "an old scheduler",
            &format!("kind: KubeSchedulerConfig\nimage: {image}\n"),
            VERSION,
        ),
        document(
            "an old scheduler that is off",
            &format!("kind: KubeSchedulerConfig\nenabled: false\nimage: {image}\n"),
            &[],
        ),
    ];
    // Go reads over the ends of lines in base64.
    let (begin, end) = CLUSTER_SECRET.split_at(20);
    let folded = format!("\"{begin}\\n{end}\"");
    let folded = defect(
        "a cluster secret on two lines",
        change(&control_plane_documents(), CLUSTER_SECRET, &folded),
        &[],
    );
    let all = parts.into_iter().chain([twice, folded]);
    all.chain(images).chain(documents).collect()
}
