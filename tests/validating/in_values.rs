//! Values that Talos's own validation refuses, whatever they are about.

use crate::defect::{Defect, change, defect, with_document};
use crate::talos_files::{control_plane_documents, control_plane_fields, worker_fields};

const KEY: &str = "S2V5cyBmb3IgdGVzdHMgcHJvdGVjdCBub3RoaW5nISE=";

/// A control plane with this section in its `machine`.
fn machine(section: &str) -> String {
    change(
        &control_plane_fields(),
        "machine:\n",
        &format!("machine:\n{section}\n"),
    )
}

fn interface(text: &str) -> String {
    machine(&format!("    network: {{interfaces: [{{{text}}}]}}"))
}

fn document(text: &str) -> String {
    with_document(&control_plane_documents(), &format!("kind: {text}\n"))
}

#[expect(clippy::too_many_lines, reason = "it is a table")]
pub(crate) fn defects() -> Vec<Defect> {
    let refused: &[&str] = &["refused-value"];
    let required: &[&str] = &["required-field"];
    let exclusive: &[&str] = &["exclusive-fields"];
    let unknown: &[&str] = &["unknown-field"];
    let conflict: &[&str] = &["field-and-document"];
    let on_worker = change(
        &worker_fields(),
        "machine:\n",
        "machine:\n    network: {interfaces: [{interface: eth0, vip: {ip: 10.0.0.9}}]}\n",
    );
    let documents = [
        ("HostnameConfig\nhostname: a", &[][..]),
        ("HostnameConfig\nauto: off\nhostname: a.example.org", &[]),
        ("HostnameConfig\nauto: stable", &[]),
        ("HostnameConfig\nauto: stable\nhostname: a", exclusive),
        ("HostnameConfig\nauto: addr", refused),
        ("HostnameConfig\nauto: off\nhostname: .a", refused),
        ("HostnameConfig", required),
        ("KubePrismConfig\nport: 7445", &[]),
        ("KubePrismConfig\nport: 65536", refused),
        ("KubePrismConfig", required),
        ("LinkConfig\nname: eth0", &[]),
        ("LinkConfig", required),
        (
            "LinkConfig\nname: eth0\naddresses: [{address: 10.0.0.2/24}]",
            &[],
        ),
        ("LinkConfig\nname: eth0\nadresses: []", unknown),
        (
            "LinkConfig\nname: eth0\naddresses: [{adress: 10.0.0.2/24}]",
            &["unknown-field", "required-field"],
        ),
        ("SysctlConfig\nname: a", unknown),
        ("EnvironmentConfig\nvariables: {any: name}", &[]),
        ("Layer2VIPConfig\nname: 10.0.0.9\nlink: eth0", &[]),
        ("Layer2VIPConfig\nname: fd00::9\nlink: eth0", &[]),
        ("Layer2VIPConfig\nname: vip\nlink: eth0", refused),
        ("Layer2VIPConfig\nname: 10.0.0.9", required),
        ("BlackholeRouteConfig\nname: 10.0.0.0/33", refused),
        ("VLANConfig\nname: a\nvlanID: 4095\nparent: eth0", refused),
        ("StaticHostConfig\nname: 10.0.0.9\nhostnames: []", required),
        ("KmsgLogConfig\nname: a\nurl: tcp://10.0.0.9:514", &[]),
        ("KmsgLogConfig\nname: a\nurl: http://10.0.0.9", refused),
        ("TimeSyncConfig\nntp: {}\nptp: {}", exclusive),
        ("KubeProxyConfig\nimage: a:v1.37.0\nmode: fast", refused),
        ("KubeProxyConfig\nenabled: false", &[]),
        ("KubeStaticPodConfig\nname: a_b\npod: {a: b}", refused),
        (
            "KubeNetworkConfig\npodSubnets: [10.244.0.0/16, fd00::/48]\nserviceSubnets: [10.96.0.0/12]",
            refused,
        ),
    ];
    let documents = documents.map(|(text, rules)| defect(text, document(text), rules));
    let interfaces = [
        (
            "interface: eth0, addresses: [10.0.0.2/24, 'fd00::2']",
            &[][..],
        ),
        ("deviceSelector: {driver: virtio}, dhcp: true", &[]),
        ("ignore: true", &[]),
        ("interface: eth0, dhpc: true", unknown),
        (
            "interface: eth0, routes: [{netwerk: 10.0.0.0/8}]",
            &["unknown-field", "required-field"],
        ),
        ("dhcp: true", required),
        ("deviceSelector: {}, dhcp: true", required),
        (
            "interface: eth0, deviceSelector: {driver: virtio}",
            exclusive,
        ),
        ("interface: eth0, addresses: [eth0]", refused),
        ("interface: eth0, routes: [{network: 10.0.0.0}]", refused),
        ("interface: eth0, routes: [{gateway: gateway}]", refused),
        ("interface: eth0, vip: {ip: vip}", refused),
        ("interface: wg0, wireguard: {privateKey: a}", refused),
    ];
    let interfaces = interfaces.map(|(text, rules)| defect(text, interface(text), rules));
    let discovery = [
        ("https://discovery.example.org/", &[][..]),
        ("discovery.example.org", refused),
        ("https://discovery.example.org/path", refused),
    ];
    let discovery = discovery.map(|(endpoint, rules)| {
        let section = format!(
            "cluster:\n    discovery: {{enabled: true, registries: {{service: {{endpoint: '{endpoint}'}}}}}}\n"
        );
        let text = change(&control_plane_fields(), "cluster:\n", &section);
        defect(endpoint, text, rules)
    });
    let others = [
        defect(
            "a discovery service by another scheme",
            document("DiscoveryServiceConfig\nname: a\nendpoint: ftp://discovery.example.org"),
            refused,
        ),
        defect(
            "a virtual IP on a worker",
            on_worker,
            &["control-plane-only"],
        ),
        defect(
            "a key of WireGuard",
            interface(&format!("interface: wg0, wireguard: {{privateKey: {KEY}}}")),
            &[],
        ),
        defect(
            "a kubelet with a field that is misspelt",
            machine("    kubelet: {extraMount: []}"),
            unknown,
        ),
        defect(
            "a registry of any name",
            machine(
                "    registries: {config: {any.example.org: {tls: {insecureSkipVerify: true}}}}",
            ),
            &[],
        ),
        defect(
            "kubelet in both",
            with_document(
                &machine("    kubelet: {}"),
                "kind: KubeletConfig\nimage: a:v1.37.0\n",
            ),
            conflict,
        ),
        defect(
            "a name in both",
            machine("    network: {hostname: a}"),
            conflict,
        ),
        defect(
            "a patch, which is no configuration to Talos",
            "apiVersion: v1alpha1\nkind: KubeletConfig\nextraArgs: {v: '4'}\n".to_owned(),
            &["required-field"],
        ),
    ];
    let all = documents.into_iter().chain(interfaces).chain(discovery);
    all.chain(others).collect()
}
