//! The demands: sections and documents by their path, with their fields.

use super::row::Row;
use super::value::Demand::{
    self, Address, AddressOrNetwork, AesKey, Api, Duration, Filled, HostWithPort, LowerCaseName,
    Name, Network, NoneOrDuration, NotEmpty, Number, ObjectName, OneOf, Receiver, Scheme, Service,
    Subnet, Url, WireguardKey,
};
use super::words::{AD_SELECTIONS, ARP_TARGETS, ARP_VALIDATIONS, BOND_MODES, HASH_POLICIES, ROLE};

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
const PROBE: &[Row] = &[
    may("interval", NOT_NEGATIVE),
    may("timeout", NOT_NEGATIVE),
    may("failureThreshold", Number(0, i64::MAX as i128)),
];
const TRIM: &[Row] = &[may("interval", NOT_NEGATIVE)];
const SCRUB: &[Row] = &[may("interval", NoneOrDuration(10))];
const NOT_NEGATIVE: Demand = Duration(Some(0));
/// What comes before the name of a volume fills two of the 36 characters.
const VOLUME_NAME: Demand = Name("-", 34);
const STORAGE_NAME: Demand = Name("-_", 63);
const SELECTED: Row = must("provisioning.diskSelector.match", Filled);
const MEMBERS: Row = must("provisioning.volumeSelector.match", Filled);

const SIZED_VOLUME: &[Row] = &[must("name", VOLUME_NAME), SELECTED, SIZE];
/// Without it there is nothing in which a size could be missing.
const SIZE: Row = must("provisioning", NotEmpty);

/// Documents of which nothing is asked where their `enabled` is off.
pub(super) const NOT_WHERE_OFF: [&str; 3] = [
    "KubeControllerManagerConfig",
    "KubeProxyConfig",
    "KubeSchedulerConfig",
];

pub(super) static DEMANDS: [(&str, &[Row]); 94] = [
    (
        "BGPInstanceConfig",
        &[
            must("name", Filled),
            must("localASN", Number(1, 4_294_967_295)),
        ],
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
    (
        "BGPInstanceConfig.neighbors[]",
        &[may("holdTime", NOT_NEGATIVE)],
    ),
    (
        "BGPInstanceConfig.neighbors[].bfd",
        &[
            may("transmitInterval", NOT_NEGATIVE),
            may("receiveInterval", NOT_NEGATIVE),
        ],
    ),
    ("CRICustomizationConfig", NAMED),
    (
        "ContainerConfig",
        &[
            must("name", LowerCaseName(63)),
            must("image", Filled),
            may("network.mode", OneOf(&["none", "host"])),
            may("security.profile", OneOf(&["restricted", "privileged"])),
            may("runAs.uid", Number(0, 2_147_483_647)),
            may("runAs.gid", Number(0, 2_147_483_647)),
        ],
    ),
    (
        "ContainerConfig.dependsOn",
        &[
            may("paths[]", Demand::AbsolutePath),
            may(
                "networks[]",
                OneOf(&["addresses", "connectivity", "hostname", "etcfiles"]),
            ),
        ],
    ),
    ("DHCPv4Config", NAMED),
    ("DHCPv6Config", NAMED),
    ("DiscoveryIdentityConfig", &[may("clusterSecret", AesKey)]),
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
    ("EventSinkConfig", &[must("endpoint", HostWithPort)]),
    (
        "ExistingVolumeConfig",
        &[
            must("name", Name("-", usize::MAX)),
            must("discovery.volumeSelector.match", Filled),
        ],
    ),
    ("ExistingVolumeConfig.scrub", SCRUB),
    ("ExistingVolumeConfig.trim", TRIM),
    ("ExtensionServiceConfig", NAMED),
    (
        "ExternalVolumeConfig",
        &[
            must("name", VOLUME_NAME),
            must("filesystemType", OneOf(&["virtiofs"])),
            must("mount.virtiofs.tag", Filled),
        ],
    ),
    ("FilesystemScrubConfig", SCRUB),
    ("FilesystemTrimConfig", TRIM),
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
    ("HTTPProbeConfig", PROBE),
    ("KernelModuleConfig", NAMED),
    (
        "KmsgLogConfig",
        &[must("name", Filled), must("url", Receiver(&["tcp", "udp"]))],
    ),
    ("KubeAPIServerCAConfig", &[may("acceptedCAs[]", Filled)]),
    ("KubeAPIServerConfig", IMAGE),
    ("KubeAggregatorCAConfig", &[may("acceptedCAs[]", Filled)]),
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
            must("url", Scheme(&["http", "https"])),
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
    ("KubeTalosAPIAccessConfig", &[may("allowedRoles[]", ROLE)]),
    ("KubeletConfig", IMAGE),
    ("LVMLogicalVolumeConfig", &[must("name", STORAGE_NAME)]),
    (
        "LVMVolumeGroupConfig",
        &[must("name", STORAGE_NAME), MEMBERS],
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
    ("NetworkRuleConfig.ingress[]", &[must("subnet", Network)]),
    ("OOMConfig", &[may("sampleInterval", NOT_NEGATIVE)]),
    ("RAIDArrayConfig", &[must("name", Name("-_", 32)), MEMBERS]),
    ("RawVolumeConfig", SIZED_VOLUME),
    ("RegistryAuthConfig", NAMED),
    ("RegistryMirrorConfig", NAMED),
    (
        "RegistryMirrorConfig.endpoints[]",
        &[must("url", Scheme(&["http", "https"]))],
    ),
    ("RegistryTLSConfig", NAMED),
    ("RoutingRuleConfig", NAMED),
    (
        "SideroLinkConfig",
        &[must("apiUrl", Api(&["https", "grpc"]))],
    ),
    (
        "StaticHostConfig",
        &[must("name", Address), must("hostnames", NotEmpty)],
    ),
    ("SwapVolumeConfig", SIZED_VOLUME),
    (
        "TCPProbeConfig",
        &[must("name", Filled), must("endpoint", Filled)],
    ),
    ("TCPProbeConfig", PROBE),
    ("TimeSyncConfig", &[may("bootTimeout", NOT_NEGATIVE)]),
    ("UnattendedInstallConfig", &[SELECTED]),
    ("UserVolumeConfig", &[must("name", VOLUME_NAME)]),
    ("UserVolumeConfig.scrub", SCRUB),
    ("UserVolumeConfig.trim", TRIM),
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
    ("VolumeConfig", NAMED),
    ("VolumeConfig.scrub", SCRUB),
    ("VolumeConfig.trim", TRIM),
    (
        "WatchdogTimerConfig",
        &[must("device", Filled), may("timeout", NoneOrDuration(10))],
    ),
    (
        "WireguardConfig",
        &[
            must("name", Filled),
            must("privateKey", WireguardKey),
            may("listenPort", Number(0, 65_535)),
        ],
    ),
    ("ZswapConfig", &[may("maxPoolPercent", Number(0, 100))]),
    ("KubeNodeConfig.nodeIP", SUBNETS),
    (
        "KubeSpanConfig",
        &[may("mtu", Number(1_280, 4_294_967_295))],
    ),
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
        &[
            must("publicKey", WireguardKey),
            may("allowedIPs[]", Network),
        ],
    ),
    (
        "machine.logging.destinations[]",
        &[
            must("endpoint", Url(&["tcp", "udp"])),
            must("format", OneOf(&["json_lines"])),
        ],
    ),
    (
        "WireguardConfig.peers[]",
        &[
            must("publicKey", WireguardKey),
            may("presharedKey", WireguardKey),
            may("persistentKeepaliveInterval", NOT_NEGATIVE),
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
        "machine.network.interfaces[].bond",
        &[
            may("adSelect", OneOf(AD_SELECTIONS)),
            may("arpAllTargets", OneOf(ARP_TARGETS)),
            may("arpValidate", OneOf(ARP_VALIDATIONS)),
            may("failOverMac", OneOf(&["none", "active", "follow"])),
            may("lacpRate", OneOf(&["slow", "fast"])),
            may("mode", OneOf(BOND_MODES)),
            may("primaryReselect", OneOf(&["always", "better", "failure"])),
            may("xmitHashPolicy", OneOf(HASH_POLICIES)),
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
pub(super) const EXCLUSIVE: [(&str, &str, &str); 8] = [
    ("RegistryAuthConfig", "auth", "identityToken"),
    ("RegistryAuthConfig", "auth", "username"),
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
