//! Which fields of kubelet's and kube-proxy's configuration say nothing. kubeadm writes what nobody set
//! as the zero of its kind, such as `fileCheckFrequency: 0s`; where Go tells a zero from nothing, it says
//! something.
//!
//! Source: `k8s.io/kubelet/config/v1beta1` and `k8s.io/kube-proxy/config/v1alpha1`, v0.37.0.

use crate::talos::yaml_tree::Tree;

/// Fields behind a pointer, and those whose default takes the place of nothing alone: what stands there
/// was set.
const SET_BY_PRESENCE: [&str; 44] = [
    "containerLogMaxFiles",
    "containerLogMaxWorkers",
    "containerLogMonitorInterval",
    "cgroupsPerQOS",
    "cpuCFSQuota",
    "cpuCFSQuotaPeriod",
    "enableControllerAttachDetach",
    "enableDebugFlagsHandler",
    "enableDebuggingHandlers",
    "enableProfilingHandler",
    "enableServer",
    "enableSystemLogHandler",
    "enableSystemLogQuery",
    "enforceNodeAllocatable",
    "eventRecordQPS",
    "evictionHard",
    "failSwapOn",
    "imageGCHighThresholdPercent",
    "imageGCLowThresholdPercent",
    "iptablesDropBit",
    "iptablesMasqueradeBit",
    "kubeAPIQPS",
    "localStorageCapacityIsolation",
    "localhostNodePorts",
    "makeIPTablesUtilChains",
    "masqueradeBit",
    "maxContainerRestartPeriod",
    "maxParallelImagePulls",
    "maxPerCore",
    "memoryThrottlingFactor",
    "mergeDefaultEvictionSettings",
    "min",
    "nodeStatusMaxImages",
    "oomScoreAdj",
    "podPidsLimit",
    "registerNode",
    "registryPullQPS",
    "samplingRatePerMillion",
    "serializeImagePulls",
    "singleProcessOOMKill",
    "tcpCloseWaitTimeout",
    "tcpEstablishedTimeout",
    "tracing",
    "userNamespaces",
];

/// Fields with names of their own choice: every one in it was set, as `featureGates: {Some: false}`.
const MAPS: [&str; 11] = [
    "cpuManagerPolicyOptions",
    "defaultPodSysctls",
    "evictionMinimumReclaim",
    "evictionSoft",
    "evictionSoftGracePeriod",
    "featureGates",
    "kubeReserved",
    "qosReserved",
    "staticPodURLHeader",
    "systemReserved",
    "topologyManagerPolicyOptions",
];

/// Whether the field says nothing.
pub(super) fn is_unset(name: &str, value: &Tree) -> bool {
    match value {
        Tree::Null => true,
        _ if SET_BY_PRESENCE.contains(&name) => false,
        Tree::Plain(_) | Tree::Text(_) => is_zero(value),
        Tree::Sequence(items) => items.iter().all(is_zero),
        Tree::Mapping(entries) if MAPS.contains(&name) => entries.is_empty(),
        Tree::Mapping(entries) => entries.iter().all(|(name, value)| is_unset(name, value)),
    }
}

/// Whether a value is what Go has when nothing is set, whatever it is the value of.
pub(super) fn is_zero(value: &Tree) -> bool {
    match value {
        Tree::Null => true,
        Tree::Plain(_) | Tree::Text(_) => {
            matches!(value.text(), Some("" | "0" | "0s" | "false" | "null"))
        }
        Tree::Sequence(items) => items.iter().all(is_zero),
        Tree::Mapping(entries) => entries.iter().all(|(_, value)| is_zero(value)),
    }
}
