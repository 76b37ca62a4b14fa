//! Defects of control planes with the fields of 1.13.

use crate::defect::{Defect, change, defect, with_document, without};
use crate::talos_files::{
    BOOTSTRAP_TOKEN, CLUSTER_ID, CLUSTER_SECRET, control_plane_fields, encoded, of_cluster,
};

#[expect(clippy::too_many_lines, reason = "it is a table")]
pub(crate) fn defects() -> Vec<Defect> {
    let sound = control_plane_fields();
    let endpoint = "        endpoint: https://10.0.0.1:6443\n";
    vec![
        defect("sound", sound.clone(), &[]),
        defect(
            "no Talos CA",
            {
                let start = sound.find("    ca:\n").unwrap();
                format!(
                    "{}{}",
                    &sound[..start],
                    &sound[sound.find("cluster:\n").unwrap()..]
                )
            },
            &["required-field"],
        ),
        defect(
            "no key of the Talos CA",
            change(&sound, &encoded("talosconfig/ca.key"), "\"\""),
            &["required-field"],
        ),
        defect(
            "no certificate of the Talos CA",
            change(&sound, &encoded("talosconfig/ca.crt"), "\"\""),
            &["incomplete"],
        ),
        defect(
            "no endpoint",
            change(&sound, endpoint, "        localAPIServerPort: 6443\n"),
            &["required-field"],
        ),
        defect(
            "no section of the endpoint",
            change(&sound, &format!("    controlPlane:\n{endpoint}"), ""),
            &["endpoint"],
        ),
        defect(
            "an endpoint without https",
            change(&sound, "https://10", "http://10"),
            &["endpoint"],
        ),
        defect(
            "an endpoint without a port",
            change(&sound, "https://10.0.0.1:6443", "https://10.0.0.1"),
            &["endpoint-port"],
        ),
        defect(
            "an endpoint that is no URL",
            change(&sound, "https://10", "10"),
            &["endpoint"],
        ),
        defect(
            "an endpoint without a host",
            change(&sound, "10.0.0.1", ""),
            &["endpoint"],
        ),
        defect(
            "a port that is none",
            change(&sound, ":6443", ":70000"),
            &["endpoint"],
        ),
        defect(
            "no key of etcd",
            change(&sound, &encoded(&of_cluster("etcd/ca.key")), "\"\""),
            &["incomplete"],
        ),
        defect(
            "no service account",
            without(
                &change(&sound, "    serviceAccount:\n", ""),
                &format!("key: {}", encoded(&of_cluster("sa.key"))),
            ),
            &["incomplete"],
        ),
        defect(
            "no encryption",
            without(&sound, "secretboxEncryptionSecret"),
            &["encryption-required"],
        ),
        defect(
            "no bootstrap token",
            without(&sound, &format!("token: {BOOTSTRAP_TOKEN}")),
            &["incomplete"],
        ),
        defect(
            "a misspelt field",
            change(&sound, "aggregatorCA", "aggregatorCa"),
            &["unknown-field", "incomplete"],
        ),
        defect(
            "the field of a document in its place",
            change(&sound, "        crt: ", "        cert: "),
            &["unknown-field", "incomplete"],
        ),
        defect(
            "an unknown machine",
            change(&sound, "controlplane", "bastion"),
            &["machine-type"],
        ),
        defect(
            "an unknown document",
            change(&sound, "HostnameConfig", "HostNameConfig"),
            &["unknown-document"],
        ),
        defect(
            "a document without a version",
            change(&sound, "apiVersion: v1alpha1\nkind: Host", "kind: Host"),
            &["unknown-document"],
        ),
        defect(
            "a document twice",
            with_document(&sound, "kind: HostnameConfig\nauto: off\n"),
            &["duplicate-document"],
        ),
        defect("a null document", format!("{sound}---\n"), &[]),
        defect(
            "an empty accepted CA",
            change(&sound, "cluster:\n", "    acceptedCAs:\n    -\ncluster:\n"),
            &["wrong-kind"],
        ),
        defect(
            "an accepted CA that has ended",
            change(
                &sound,
                "cluster:\n",
                &format!(
                    "    acceptedCAs:\n        - crt: {}\ncluster:\n",
                    encoded("broken/ca-expired/pki/ca.crt")
                ),
            ),
            &["accepted-ca-unusable"],
        ),
        defect(
            "the field and the document of discovery",
            with_document(
                &sound,
                &format!(
                    "kind: DiscoveryIdentityConfig\nclusterID: {CLUSTER_ID}\nclusterSecret: {CLUSTER_SECRET}\n"
                ),
            ),
            &["field-and-document"],
        ),
        defect(
            "the field and the document of a volume that is encrypted",
            with_document(
                &change(
                    &sound,
                    "machine:\n",
                    "machine:\n    systemDiskEncryption:\n        state: {provider: luks2, keys: [{slot: 0, nodeID: {}}]}\n",
                ),
                "kind: VolumeConfig\nname: STATE\nencryption: {provider: luks2, keys: [{slot: 0, nodeID: {}}]}\n",
            ),
            &["field-and-document"],
        ),
        defect(
            "the field and the document of encryption",
            with_document(
                &sound,
                "kind: KubeEtcdEncryptionConfig\nconfig:\n    resources:\n        - resources: [secrets]\n          \
             providers: [{identity: {}}]\n",
            ),
            &["field-and-document", "secrets-in-plain"],
        ),
        defect(
            "KubeSpan without discovery",
            with_document(&sound, "kind: KubeSpanConfig\nenabled: true\n"),
            &["kubespan-without-discovery"],
        ),
        defect(
            "KubeSpan in the old field, without the discovery service",
            change(
                &change(
                    &sound,
                    "machine:\n",
                    "machine:\n    network:\n        kubespan:\n            enabled: true\n",
                ),
                "cluster:\n",
                "cluster:\n    discovery:\n        enabled: true\n        registries:\n            \
                 service: {disabled: true}\n",
            ),
            &["kubespan-without-discovery"],
        ),
        defect(
            "KubeSpan with discovery",
            with_document(
                &change(
                    &sound,
                    "cluster:\n",
                    "cluster:\n    discovery: {enabled: true}\n",
                ),
                "kind: KubeSpanConfig\nenabled: true\n",
            ),
            &[],
        ),
        defect(
            "names that are no list",
            change(&sound, "machine:\n", "machine:\n    certSANs: 5\n"),
            &["wrong-kind"],
        ),
        defect(
            "a truth value that is none",
            format!("debug: maybe\n{sound}"),
            &["wrong-kind"],
        ),
        defect(
            "a truth value in quotes",
            format!("debug: \"true\"\n{sound}"),
            &["wrong-kind"],
        ),
        defect(
            "truth values as YAML 1.1 has them",
            format!("debug: yes\npersist: \"on\"\n{sound}"),
            &[],
        ),
        defect(
            "arguments that are a list",
            change(
                &sound,
                "cluster:\n",
                "cluster:\n    apiServer:\n        extraArgs: [a]\n",
            ),
            &["wrong-kind"],
        ),
        defect(
            "a domain that is a list",
            change(
                &sound,
                "cluster:\n",
                "cluster:\n    network:\n        dnsDomain: [x]\n",
            ),
            &["wrong-kind"],
        ),
        defect(
            "numbers of every form",
            change(
                &sound,
                "machine:\n",
                "machine:\n    files: [{path: /var/a, op: create, content: a, permissions: 0644}]\n    \
                 kubelet: {extraArgs: {}, disableManifestsDirectory: null}\n    \
                 sysctls: {}\n    network: {interfaces: [{interface: eth0, mtu: 0X5DC}]}\n",
            ),
            &[],
        ),
        defect(
            "an item of a list of another kind",
            change(
                &sound,
                "machine:\n",
                "machine:\n    network:\n        interfaces: [{interface: eth0, dhcp: maybe}]\n",
            ),
            &["wrong-kind"],
        ),
        defect(
            "the etcd CA in the slot of Kubernetes",
            swapped(&sound, "ca", "etcd/ca"),
            &["ca-of-another-slot"],
        ),
    ]
}

/// Two CAs of the cluster, each in the slot of the other.
fn swapped(text: &str, first: &str, second: &str) -> String {
    let mut text = text.to_owned();
    for end in ["crt", "key"] {
        let (first, second) = (format!("{first}.{end}"), format!("{second}.{end}"));
        let [first, second] = [first, second].map(|name| encoded(&of_cluster(&name)));
        text = text
            .replace(&first, "MEANWHILE")
            .replace(&second, &first)
            .replace("MEANWHILE", &second);
    }
    text
}
