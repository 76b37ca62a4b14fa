//! Sections in which fields have to go together: storage, links, containers and settings of Kubernetes.

use crate::defect::{Defect, change, defect, with_document};
use crate::talos_files::{control_plane_documents, control_plane_fields};

const REFUSED: &[&str] = &["refused-value"];
const REQUIRED: &[&str] = &["required-field"];
const EXCLUSIVE: &[&str] = &["exclusive-fields"];
const SOUND: &[&str] = &[];

/// A defect, or none, in a document that stands beside those of a control plane.
static DOCUMENTS: [(&str, &[&str]); 62] = [
    (
        "BondConfig\nname: b\nlinks: [a]\nbondMode: 802.3ad\nmiimon: 100",
        SOUND,
    ),
    ("BondConfig\nname: b\nlinks: [a]\nbondMode: fast", REFUSED),
    (
        "BondConfig\nname: b\nlinks: [a]\nbondMode: 802.3ad\nmtu: -1",
        REFUSED,
    ),
    (
        "LinkConfig\nname: a\naddresses: [{address: 0.0.0.0/0}]",
        REFUSED,
    ),
    (
        "LinkConfig\nname: a\naddresses: [{address: 10.0.0.2}]",
        REFUSED,
    ),
    ("LinkConfig\nname: a\nroutes: [{gateway: gateway}]", REFUSED),
    (
        "LinkConfig\nname: a\nroutes: [{destination: 0.0.0.0/0, gateway: 10.0.0.1}]",
        REFUSED,
    ),
    (
        "LinkConfig\nname: a\n---\napiVersion: v1alpha1\nkind: DummyLinkConfig\nname: a",
        EXCLUSIVE,
    ),
    (
        "Layer2VIPConfig\nname: 10.0.0.9\nlink: a\n---\napiVersion: v1alpha1\nkind: HCloudVIPConfig\n\
      name: 10.0.0.9\nlink: a\napiToken: b",
        EXCLUSIVE,
    ),
    ("DHCPv4Config\nname: a\nclientIdentifier: duid", REQUIRED),
    (
        "DHCPv4Config\nname: a\nclientIdentifier: mac\nduidRaw: '00:01'",
        EXCLUSIVE,
    ),
    ("VRFConfig\nname: a\ntable: main", REFUSED),
    ("VethConfig\nname: a\npeer: {name: a}", REFUSED),
    (
        "LinkAliasConfig\nname: net%d\nselector: {match: 'link.mtu > 1500u'}",
        SOUND,
    ),
    (
        "LinkAliasConfig\nname: net%s\nselector: {match: 'link.mtu > 1500u'}",
        REFUSED,
    ),
    ("RoutingRuleConfig\nname: '1000'\ntable: '100'", SOUND),
    ("RoutingRuleConfig\nname: '32766'\ntable: '100'", REFUSED),
    ("RoutingRuleConfig\nname: '1000'", REQUIRED),
    (
        "WireguardConfig\nname: a\nprivateKey: S2V5cyBmb3IgdGVzdHMgcHJvdGVjdCBub3RoaW5nISE=\n\
      peers: [{publicKey: a}]",
        REFUSED,
    ),
    (
        "NetworkRuleConfig\nname: a\nportSelector: {ports: [80, 100-200], protocol: tcp}",
        SOUND,
    ),
    (
        "NetworkRuleConfig\nname: a\nportSelector: {ports: [80, 70-90], protocol: tcp}",
        REFUSED,
    ),
    (
        "ResolverConfig\nnameservers: [{address: 10.0.0.53, protocol: DoT}]\nhostDNS: {enabled: true}",
        REQUIRED,
    ),
    (
        "ResolverConfig\nnameservers: [{address: 10.0.0.53, protocol: DoT, tlsServerName: a}]",
        EXCLUSIVE,
    ),
    (
        "ResolverConfig\nhostDNS: {resolveMemberNames: true}",
        EXCLUSIVE,
    ),
    (
        "TimeSyncConfig\nntp: {useNTS: true, servers: [10.0.0.4]}",
        REFUSED,
    ),
    ("TimeSyncConfig\nbootTimeout: -1m", REFUSED),
    (
        "BGPInstanceConfig\nname: a\nlocalASN: 1\nneighbors: [{link: a, address: 10.0.0.1}]",
        EXCLUSIVE,
    ),
    (
        "BGPInstanceConfig\nname: a\nlocalASN: 1\nimportRoutes: [{bgpInstance: b, prefixes: [10.0.0.1/8]}]",
        REFUSED,
    ),
    (
        "UserVolumeConfig\nname: a\nprovisioning: {diskSelector: {match: '!system_disk'}, minSize: 1GiB}",
        SOUND,
    ),
    (
        "UserVolumeConfig\nname: a b\nprovisioning: {diskSelector: {match: '!system_disk'}, minSize: 1GiB}",
        REFUSED,
    ),
    (
        "UserVolumeConfig\nname: a\nprovisioning: {diskSelector: {match: '!system_disk'}}",
        REQUIRED,
    ),
    (
        "UserVolumeConfig\nname: a\nprovisioning: {diskSelector: {match: disk.size > 1}, minSize: 1GiB}",
        REFUSED,
    ),
    (
        "UserVolumeConfig\nname: a\nprovisioning: {diskSelector: {match: disk.sise > 1u}, minSize: 1GiB}",
        REFUSED,
    ),
    (
        "UserVolumeConfig\nname: a\nprovisioning: {diskSelector: {match: (disk.cdrom}, minSize: 1GiB}",
        REFUSED,
    ),
    (
        "UserVolumeConfig\nname: a\nprovisioning: {diskSelector: {match: '!system_disk'}, minSize: 2GiB, \
      maxSize: 1GiB}",
        REFUSED,
    ),
    (
        "UserVolumeConfig\nname: a\nvolumeType: directory\nfilesystem: {type: xfs}",
        EXCLUSIVE,
    ),
    (
        "VolumeConfig\nname: EPHEMERAL\nencryption: {provider: luks2, keys: [{nodeID: {}, slot: 0}]}",
        SOUND,
    ),
    (
        "VolumeConfig\nname: EPHEMERAL\nencryption: {provider: luks2, keys: [{slot: 0}]}",
        REQUIRED,
    ),
    (
        "VolumeConfig\nname: EPHEMERAL\nencryption: {provider: luks2, keys: [{nodeID: {}}, {nodeID: {}}]}",
        REFUSED,
    ),
    ("VolumeConfig\nname: DATA", REFUSED),
    (
        "VolumeConfig\nname: STATE\nprovisioning: {grow: true}",
        EXCLUSIVE,
    ),
    (
        "RawVolumeConfig\nname: a\nprovisioning: {diskSelector: {match: '!system_disk'}, maxSize: lots}",
        REFUSED,
    ),
    ("SwapVolumeConfig\nname: a", REQUIRED),
    (
        "ExistingVolumeConfig\nname: a\ndiscovery: {volumeSelector: {match: volume.label == 'A'}}\n\
      scrub: {interval: 1s}",
        REFUSED,
    ),
    (
        "LVMLogicalVolumeConfig\nname: a\ntype: linear\nmirrors: 1\nprovisioning: {volumeGroup: b, maxSize: 1GiB}",
        EXCLUSIVE,
    ),
    (
        "ContainerConfig\nname: a\nimage: registry.example.org/agent:v1",
        SOUND,
    ),
    (
        "ContainerConfig\nname: a\nimage: agent\nmounts: [{tmpfs: {destination: tmp}}]",
        REFUSED,
    ),
    (
        "ContainerConfig\nname: a\nimage: aa\ndependsOn: {containers: [b]}",
        REFUSED,
    ),
    ("EtcFileConfig\nname: hosts\ncontents: a", REFUSED),
    ("EnvironmentConfig\nvariables: {1A: b}", REFUSED),
    ("ExtensionServiceConfig\nname: a", REQUIRED),
    (
        "ImageVerificationConfig\nrules: [{image: '*', skip: true, deny: true}]",
        EXCLUSIVE,
    ),
    (
        "RegistryMirrorConfig\nname: a\nendpoints: [{url: ftp://a}]",
        REFUSED,
    ),
    ("RegistryTLSConfig\nname: a\nca: certificate", REFUSED),
    ("KubeNodeConfig\nlabels: {-a: b}", REFUSED),
    (
        "KubeNodeConfig\nannotations: {talos.dev/owned-labels: b}",
        REFUSED,
    ),
    ("KubeNodeConfig\ntaints: {a: b}", REFUSED),
    ("KubeAuthorizerConfig\nname: a\ntype: Webhook", REQUIRED),
    (
        "KubeNetworkConfig\npodSubnets: [10.244.0.0/30]\nserviceSubnets: [10.96.0.0/12]",
        REFUSED,
    ),
    (
        "KubeNetworkConfig\npodSubnets: [10.244.0.1/16]\nserviceSubnets: [10.96.0.0/12]",
        REFUSED,
    ),
    (
        "KubeletConfig\nimage: a:v1.37.0\nconfig: {staticPodPath: /a}",
        REFUSED,
    ),
    (
        "KubeAPIServerConfig\nimage: a:v1.37.0\nextraArgs: {oidc-issuer-url: https://a}",
        REFUSED,
    ),
];

/// The same in the `machine` section of the main document.
static MACHINE: [(&str, &[&str]); 20] = [
    (
        "network: {interfaces: [{interface: b, bond: {interfaces: [a], mode: 802.3ad, lacpRate: fast}}]}",
        SOUND,
    ),
    (
        "network: {interfaces: [{interface: b, bond: {interfaces: [a], lacpRate: fast}}]}",
        EXCLUSIVE,
    ),
    (
        "network: {interfaces: [{interface: b, bond: {interfaces: [a], miimon: 100, updelay: 150}}]}",
        REFUSED,
    ),
    (
        "network: {interfaces: [{interface: b, bond: {interfaces: [a]}}, {interface: a, dhcp: true}]}",
        EXCLUSIVE,
    ),
    (
        "network: {interfaces: [{interface: b, bridge: {interfaces: [a]}}, {interface: c, bridge: {interfaces: [a]}}]}",
        REFUSED,
    ),
    (
        "network: {interfaces: [{interface: a, routes: [{metric: 1}]}]}",
        REQUIRED,
    ),
    (
        "network: {interfaces: [{interface: a, mtu: '1500'}]}",
        REFUSED,
    ),
    ("install: {wipe: true}", REQUIRED),
    (
        "install: {diskSelector: {size: '>= 10GB', type: floppy}}",
        REFUSED,
    ),
    (
        "disks: [{device: /dev/sdb, partitions: [{mountpoint: /var/a}, {size: 1GB, mountpoint: /var/b}]}]",
        REFUSED,
    ),
    (
        "systemDiskEncryption: {state: {provider: luks2, keys: [{slot: 0}]}}",
        REQUIRED,
    ),
    (
        "logging: {destinations: [{endpoint: 'http://10.0.0.9', format: json_lines}]}",
        REFUSED,
    ),
    ("nodeLabels: {a: 'b c'}", REFUSED),
    ("nodeTaints: {a: NoSchedule}", SOUND),
    (
        "features: {kubernetesTalosAPIAccess: {enabled: true, allowedRoles: [os:king]}}",
        REFUSED,
    ),
    (
        "features: {hostDNS: {enabled: false, forwardKubeDNSToHost: true}}",
        EXCLUSIVE,
    ),
    ("features: {nodeAddressSortAlgorithm: v3}", REFUSED),
    (
        "kubelet: {extraConfig: {rotateCertificates: false}}",
        REFUSED,
    ),
    ("time: {bootTimeout: soon}", REFUSED),
    ("kubelet: {extraArgs: {v: {a: b}}}", REFUSED),
];

/// A runtime specification, and whether JSON's reader takes it.
static SPECIFICATIONS: [(&str, bool); 12] = [
    (
        "process: {rlimits: [{type: RLIMIT_NOFILE, hard: 1024, soft: 1e3}]}",
        true,
    ),
    (
        "process: {rlimits: [{type: RLIMIT_NOFILE, hard: '1024', soft: 1024}]}",
        false,
    ),
    (
        "process: {rlimits: [{type: RLIMIT_NOFILE, hard: -1, soft: 1024}]}",
        false,
    ),
    ("process: {rlimits: {type: RLIMIT_NOFILE}}", false),
    ("process: {noNewPrivileges: yes}", false),
    ("process: {oomScoreAdj: -900, user: {umask: 0o22}}", true),
    ("annotations: {a: 7}", false),
    ("annotations: {a: '7', b: null}", true),
    ("linux: {resources: {blockIO: {weight: 70000}}}", false),
    ("linux: {sysctl: {net.ipv4.ip_forward: 1}}", false),
    ("mounts: [{destination: /a, options: rbind}]", false),
    ("moon: [a]", true),
];

/// The same in `cluster`.
static CLUSTER: [(&str, &[&str]); 9] = [
    ("network: {cni: {name: calico}}", REFUSED),
    (
        "network: {cni: {name: none, urls: ['https://example.org/a.yaml']}}",
        EXCLUSIVE,
    ),
    ("network: {dnsDomain: a..b}", REFUSED),
    (
        "inlineManifests: [{name: a, contents: b}, {name: a, contents: c}]",
        REFUSED,
    ),
    (
        "externalCloudProvider: {enabled: false, manifests: ['https://example.org']}",
        EXCLUSIVE,
    ),
    ("apiServer: {resources: {limits: {disk: 1}}}", REFUSED),
    (
        "apiServer: {authorizationConfig: [{type: Person, name: a}]}",
        REFUSED,
    ),
    (
        "apiServer: {authorizationConfig: [{type: Node, name: a}], extraArgs: {authorization-mode: RBAC}}",
        EXCLUSIVE,
    ),
    ("scheduler: {extraArgs: {v: '2'}}", SOUND),
];

pub(crate) fn defects() -> Vec<Defect> {
    let document = |text: &str| {
        let text = format!("kind: {text}\n");
        with_document(&control_plane_documents(), &text)
    };
    let within = |section: &str, text: &str| {
        let head = format!("{section}:\n");
        change(
            &control_plane_fields(),
            &head,
            &format!("{head}    {text}\n"),
        )
    };
    let documents = DOCUMENTS
        .iter()
        .map(|(text, rules)| defect(text, document(text), rules));
    let machine = MACHINE
        .iter()
        .map(|(text, rules)| defect(text, within("machine", text), rules));
    let cluster = CLUSTER
        .iter()
        .map(|(text, rules)| defect(text, within("cluster", text), rules));
    let specifications = SPECIFICATIONS.iter().flat_map(|(text, is_sound)| {
        let rules: &[&str] = if *is_sound { &[] } else { &["wrong-kind"] };
        let own = document(&format!("CRIBaseRuntimeSpecConfig\noverrides: {{{text}}}"));
        let legacy = within("machine", &format!("baseRuntimeSpecOverrides: {{{text}}}"));
        [own, legacy].map(|file| defect(text, file, rules))
    });
    let etcd = [
        ("what Talos sets of etcd", "name: a"),
        (
            "a flag that etcd 3.7 does not have",
            "experimental-max-learners: '2'",
        ),
    ];
    let etcd = etcd.map(|(name, argument)| {
        let head = "    etcd:\n";
        let section = format!("{head}        extraArgs: {{{argument}}}\n");
        defect(
            name,
            change(&control_plane_fields(), head, &section),
            &["etcd-argument"],
        )
    });
    documents
        .chain(machine)
        .chain(cluster)
        .chain(specifications)
        .chain(etcd)
        .collect()
}
