//! The demands: sections and documents by their path, with their fields.

use super::Demand::{
    self, Address, AddressOrNetwork, Filled, Network, NotEmpty, Number, ObjectName, OneOf, Service,
    Subnet, Url, WireguardKey,
};
use super::Row;

const fn must(field: &'static str, demand: Demand) -> Row {
    Row {
        field,
        demand,
        is_required: true,
    }
}

const fn may(field: &'static str, demand: Demand) -> Row {
    Row {
        field,
        demand,
        is_required: false,
    }
}

const PORT: Demand = Number(1, 65_535);
const NAMED: &[Row] = &[must("name", Filled)];
const SUBNETS: &[Row] = &[may("validSubnets[]", Subnet)];
const IMAGE: &[Row] = &[must("image", Filled)];

/// Documents of which nothing is asked where their `enabled` is off.
pub(super) const NOT_WHERE_OFF: [&str; 3] = [
    "KubeControllerManagerConfig",
    "KubeProxyConfig",
    "KubeSchedulerConfig",
];

pub(super) static DEMANDS: [(&str, &[Row]); 67] = [
    (
        "BGPInstanceConfig",
        &[must("name", Filled), must("localASN", Filled)],
    ),
    ("BlackholeRouteConfig", &[must("name", Network)]),
    (
        "BondConfig",
        &[
            must("name", Filled),
            must("links", NotEmpty),
            must("bondMode", Filled),
        ],
    ),
    ("BridgeConfig", NAMED),
    ("CRICustomizationConfig", NAMED),
    (
        "ContainerConfig",
        &[must("name", Filled), must("image", Filled)],
    ),
    ("DHCPv4Config", NAMED),
    ("DHCPv6Config", NAMED),
    (
        "DiscoveryServiceConfig",
        &[
            must("name", Filled),
            must("endpoint", Url(&["https", "http", "grpc"])),
        ],
    ),
    ("DummyLinkConfig", NAMED),
    ("EtcFileConfig", NAMED),
    ("EthernetConfig", NAMED),
    ("EventSinkConfig", &[must("endpoint", Filled)]),
    ("ExistingVolumeConfig", NAMED),
    ("ExtensionServiceConfig", NAMED),
    ("ExternalVolumeConfig", NAMED),
    (
        "HCloudVIPConfig",
        &[
            must("name", Address),
            must("link", Filled),
            must("apiToken", Filled),
        ],
    ),
    (
        "HTTPProbeConfig",
        &[must("name", Filled), must("url", Url(&["http", "https"]))],
    ),
    ("KernelModuleConfig", NAMED),
    (
        "KmsgLogConfig",
        &[must("name", Filled), must("url", Url(&["tcp", "udp"]))],
    ),
    ("KubeAPIServerConfig", IMAGE),
    ("KubeAdmissionControlConfig", NAMED),
    (
        "KubeAuthorizerConfig",
        &[
            must("name", Filled),
            must("type", OneOf(&["Node", "RBAC", "Webhook"])),
        ],
    ),
    ("KubeControllerManagerConfig", IMAGE),
    (
        "KubeExternalManifestConfig",
        &[
            must("name", ObjectName),
            must("url", Url(&["http", "https"])),
        ],
    ),
    ("KubeFlannelCNIConfig", &[must("backendType", Filled)]),
    ("KubeInlineManifestConfig", &[must("name", ObjectName)]),
    (
        "KubeNetworkConfig",
        &[
            must("podSubnets", NotEmpty),
            must("serviceSubnets", NotEmpty),
            may("podSubnets[]", Network),
            may("serviceSubnets[]", Network),
            may("nodeCIDRMaskSizeIPv4", Number(0, 32)),
            may("nodeCIDRMaskSizeIPv6", Number(0, 128)),
        ],
    ),
    ("KubePrismConfig", &[must("port", PORT)]),
    (
        "KubeProxyConfig",
        &[
            must("image", Filled),
            may("mode", OneOf(&["nftables", "iptables", "ipvs"])),
        ],
    ),
    ("KubeSchedulerConfig", IMAGE),
    (
        "KubeStaticPodConfig",
        &[must("name", ObjectName), must("pod", NotEmpty)],
    ),
    ("KubeletConfig", IMAGE),
    ("LVMLogicalVolumeConfig", NAMED),
    (
        "LVMVolumeGroupConfig",
        &[
            must("name", Filled),
            must("provisioning.volumeSelector.match", Filled),
        ],
    ),
    (
        "Layer2VIPConfig",
        &[must("name", Address), must("link", Filled)],
    ),
    (
        "LinkAliasConfig",
        &[must("name", Filled), must("selector.match", Filled)],
    ),
    ("LinkConfig", NAMED),
    (
        "NetworkRuleConfig",
        &[must("name", Filled), must("portSelector.ports", NotEmpty)],
    ),
    (
        "RAIDArrayConfig",
        &[
            must("name", Filled),
            must("provisioning.volumeSelector.match", Filled),
        ],
    ),
    ("RawVolumeConfig", NAMED),
    ("RegistryAuthConfig", NAMED),
    ("RegistryMirrorConfig", NAMED),
    ("RegistryTLSConfig", NAMED),
    (
        "RoutingRuleConfig",
        &[must("name", Number(0, 4_294_967_295))],
    ),
    (
        "SideroLinkConfig",
        &[must("apiUrl", Url(&["https", "grpc"]))],
    ),
    (
        "StaticHostConfig",
        &[must("name", Address), must("hostnames", NotEmpty)],
    ),
    ("SwapVolumeConfig", NAMED),
    (
        "TCPProbeConfig",
        &[must("name", Filled), must("endpoint", Filled)],
    ),
    ("UserVolumeConfig", NAMED),
    (
        "VLANConfig",
        &[
            must("name", Filled),
            must("vlanID", Number(1, 4094)),
            must("parent", Filled),
        ],
    ),
    ("VRFConfig", &[must("name", Filled), must("table", Filled)]),
    (
        "VethConfig",
        &[must("name", Filled), must("peer.name", Filled)],
    ),
    ("WatchdogTimerConfig", &[must("device", Filled)]),
    (
        "WireguardConfig",
        &[
            must("name", Filled),
            must("privateKey", WireguardKey),
            may("listenPort", Number(0, 65_535)),
        ],
    ),
    ("KubeNodeConfig.nodeIP", SUBNETS),
    ("KubeSpanConfig.filters", &[may("endpoints[]", Subnet)]),
    (
        "cluster.discovery.registries.service",
        &[may("endpoint", Service)],
    ),
    (
        "cluster.etcd",
        &[
            may("advertisedSubnets[]", Subnet),
            may("listenSubnets[]", Subnet),
        ],
    ),
    ("machine.kubelet.nodeIP", SUBNETS),
    (
        "machine.network.interfaces[].wireguard",
        &[must("privateKey", WireguardKey)],
    ),
    (
        "machine.network.interfaces[].wireguard.peers[]",
        &[must("publicKey", WireguardKey)],
    ),
    (
        "WireguardConfig.peers[]",
        &[
            must("publicKey", WireguardKey),
            may("presharedKey", WireguardKey),
        ],
    ),
    (
        "machine.network.interfaces[]",
        &[
            may("addresses[]", AddressOrNetwork),
            may("cidr", AddressOrNetwork),
        ],
    ),
    (
        "machine.network.interfaces[].routes[]",
        &[
            may("network", Network),
            may("gateway", Address),
            may("source", Address),
        ],
    ),
    ("machine.network.interfaces[].vip", &[must("ip", Address)]),
    (
        "machine.network.interfaces[].vlans[]",
        &[
            may("addresses[]", AddressOrNetwork),
            may("cidr", AddressOrNetwork),
        ],
    ),
];

/// Fields of one section of which there may be one alone.
pub(super) const EXCLUSIVE: [(&str, &str, &str); 6] = [
    ("RegistryAuthConfig", "username", "identityToken"),
    ("TimeSyncConfig", "ntp", "ptp"),
    ("machine.network.interfaces[]", "addresses", "cidr"),
    ("machine.network.interfaces[]", "bond", "bridge"),
    (
        "machine.network.interfaces[]",
        "interface",
        "deviceSelector",
    ),
    ("machine.network.interfaces[].vlans[]", "addresses", "cidr"),
];
