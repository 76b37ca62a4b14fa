//! What Talos demands of a section as a whole: fields that go together, and values that depend on others.

mod bgp;
mod bonds;
mod containers;
mod images;
mod interfaces;
mod kube_network;
mod kubernetes;
mod labels;
mod links;
mod machine;
mod names;
mod network;
mod selectors;
mod storage;
mod volumes;

use super::refusals::Refusals;
use crate::check::talos_file::everything_at;
use crate::talos::file::document_kind::is_for_control_planes;
use crate::talos::file::{Machine, Node, TalosFile};

/// A check of one section.
type OfSection = fn(&Node<'_>, &mut Refusals<'_>);

/// A check of several at once.
type OfFile = fn(&TalosFile, &mut Refusals<'_>);

static SECTIONS: [(&str, OfSection); 71] = [
    ("BGPInstanceConfig", bgp::instance),
    ("BondConfig", links::link),
    ("BridgeConfig", links::link),
    ("CRICustomizationConfig", names::customization),
    ("ContainerConfig", containers::container),
    ("DHCPv4Config", links::dhcp),
    ("DHCPv6Config", links::dhcp),
    ("DummyLinkConfig", links::link),
    ("EnvironmentConfig.variables", names::environment),
    ("EtcFileConfig", names::etc_file),
    ("ExtensionServiceConfig", names::extension_service),
    ("HostnameConfig", network::host_name),
    ("ImageVerificationConfig.rules[]", images::rule),
    (
        "KubeAPIServerConfig.extraArgs",
        kubernetes::denied_arguments,
    ),
    ("KubeAPIServerConfig.resources", kubernetes::resources),
    ("KubeAuthorizerConfig", kubernetes::authorizer),
    (
        "KubeControllerManagerConfig",
        kubernetes::resources_unless_off,
    ),
    ("KubeFlannelCNIConfig.resources", kubernetes::resources),
    ("KubeNetworkConfig", kube_network::networks),
    ("KubeNodeConfig.annotations", labels::annotations),
    ("KubeNodeConfig.labels", labels::labels),
    ("KubeNodeConfig.taints", labels::taints),
    ("KubeProxyConfig", kubernetes::resources_unless_off),
    ("KubeSchedulerConfig", kubernetes::resources_unless_off),
    ("KubeletConfig.config", kubernetes::kubelet),
    ("LVMLogicalVolumeConfig", storage::logical_volume),
    ("LinkAliasConfig", links::alias),
    ("LinkConfig", links::link),
    ("NetworkRuleConfig.portSelector", network::ports),
    ("RawVolumeConfig.encryption", volumes::encryption),
    ("RawVolumeConfig.provisioning", volumes::sizes),
    ("RegistryTLSConfig", images::registry_tls),
    ("ResolverConfig", network::resolver),
    ("RoutingRuleConfig", links::routing_rule),
    ("SwapVolumeConfig.encryption", volumes::encryption),
    ("SwapVolumeConfig.provisioning", volumes::sizes),
    ("SysctlConfig.params", names::parameters),
    ("SysfsConfig.params", names::parameters),
    ("TimeSyncConfig", network::time_sync),
    ("UserVolumeConfig", volumes::user_volume),
    ("VLANConfig", links::link),
    ("VRFConfig", links::vrf),
    ("VethConfig", links::veth),
    ("VolumeConfig", volumes::system_volume),
    ("WireguardConfig", links::link),
    ("cluster.apiServer", kubernetes::api_server),
    (
        "cluster.apiServer.authorizationConfig[]",
        kubernetes::legacy_authorizer,
    ),
    ("cluster.apiServer.resources", kubernetes::resources),
    ("cluster.controllerManager.resources", kubernetes::resources),
    ("cluster.etcd", kubernetes::etcd),
    ("cluster.externalCloudProvider", kubernetes::cloud_provider),
    ("cluster.inlineManifests", kubernetes::inline_manifests),
    ("cluster.network", kubernetes::dns_domain),
    ("cluster.network.cni", kubernetes::cni),
    ("cluster.scheduler.resources", kubernetes::resources),
    ("machine", machine::machine),
    ("machine.disks[]", machine::disk),
    ("machine.features.hostDNS", network::legacy_host_dns),
    (
        "machine.features.kubernetesTalosAPIAccess",
        machine::api_access,
    ),
    ("machine.install", machine::install),
    ("machine.kubelet.extraConfig", kubernetes::kubelet),
    ("machine.network.interfaces[]", interfaces::interface),
    ("machine.network.interfaces[].bond", bonds::bond),
    ("machine.network.interfaces[].routes[]", interfaces::route),
    (
        "machine.network.interfaces[].wireguard.peers[]",
        interfaces::peer,
    ),
    ("machine.network.kubespan", machine::kubespan),
    ("machine.nodeAnnotations", labels::annotations),
    ("machine.nodeLabels", labels::labels),
    ("machine.nodeTaints", labels::taints),
    (
        "machine.systemDiskEncryption.ephemeral",
        machine::disk_encryption,
    ),
    (
        "machine.systemDiskEncryption.state",
        machine::disk_encryption,
    ),
];

static FILES: [OfFile; 6] = [
    containers::dependencies,
    interfaces::members,
    kubernetes::arguments,
    links::claimed_names,
    network::encrypted_dns,
    selectors::expressions,
];

/// Runs all checks.
pub(super) fn check(file: &TalosFile, refusals: &mut Refusals<'_>) {
    for (section, check) in SECTIONS {
        for node in everything_at(file, section) {
            // There it has to go, whatever is in it.
            let is_foreign = refusals.machine == Machine::Worker
                && node.kind().is_some_and(is_for_control_planes);
            if !is_foreign {
                check(&node, refusals);
            }
        }
    }
    if let Some(main) = file.documents.main() {
        machine::persist(&main, refusals);
    }
    for check in FILES {
        check(file, refusals);
    }
}
