//! What must not stand in the main document and in one of its own at once.

/// Documents, and the fields that must not stand beside them.
pub(super) const CONFLICTS: [(&str, &[&str]); 29] = [
    (
        "CRIBaseRuntimeSpecConfig",
        &["machine.baseRuntimeSpecOverrides"],
    ),
    ("DiscoveryServiceConfig", &["cluster.discovery"]),
    ("HostnameConfig", &["machine.network.hostname"]),
    (
        "KubeAPIServerConfig",
        &[
            "cluster.apiServer",
            "cluster.controlPlane.localAPIServerPort",
        ],
    ),
    ("KubeAuditPolicyConfig", &["cluster.apiServer.auditPolicy"]),
    (
        "KubeControllerManagerConfig",
        &[
            "cluster.controllerManager",
            "machine.controlPlane.controllerManager",
        ],
    ),
    ("KubeCoreDNSConfig", &["cluster.coreDNS"]),
    ("KubeFlannelCNIConfig", &["cluster.network"]),
    ("KubeNetworkConfig", &["cluster.network"]),
    (
        "KubeNodeConfig",
        &[
            "cluster.allowSchedulingOnControlPlanes",
            "machine.nodeAnnotations",
            "machine.nodeLabels",
            "machine.nodeTaints",
        ],
    ),
    ("KubePrismConfig", &["machine.features.kubePrism"]),
    ("KubeProxyConfig", &["cluster.proxy"]),
    (
        "KubeSchedulerConfig",
        &["cluster.scheduler", "machine.controlPlane.scheduler"],
    ),
    ("KubeSpanConfig", &["machine.network.kubespan"]),
    ("KubeletConfig", &["machine.kubelet"]),
    (
        "ResolverConfig",
        &[
            "machine.network.nameservers",
            "machine.network.searchDomains",
        ],
    ),
    (
        "TimeSyncConfig",
        &["machine.time.bootTimeout", "machine.time.servers"],
    ),
    ("UnattendedInstallConfig", &["machine.install"]),
    ("KubeAPIServerCAConfig", &["cluster.ca"]),
    ("KubeAggregatorCAConfig", &["cluster.aggregatorCA"]),
    ("KubeServiceAccountConfig", &["cluster.serviceAccount"]),
    (
        "KubeEtcdEncryptionConfig",
        &[
            "cluster.secretboxEncryptionSecret",
            "cluster.aescbcEncryptionSecret",
        ],
    ),
    ("DiscoveryIdentityConfig", &["cluster.id", "cluster.secret"]),
    (
        "KubeClusterConfig",
        &["cluster.clusterName", "cluster.controlPlane.endpoint"],
    ),
    ("ImageCacheConfig", &["machine.features.imageCache"]),
    (
        "KubeAdmissionControlConfig",
        &["cluster.apiServer.admissionControl"],
    ),
    (
        "KubeAuthorizerConfig",
        &["cluster.apiServer.admissionControl"],
    ),
    ("KubeCredentialProviderConfig", &["machine.kubelet"]),
    (
        "KubeTalosAPIAccessConfig",
        &["machine.features.kubernetesTalosAPIAccess"],
    ),
];

/// The same with settings that count where they are on alone.
pub(super) const CONFLICTS_WHERE_ON: [(&str, &str); 2] = [
    ("HostnameConfig", "machine.features.stableHostname"),
    ("ResolverConfig", "machine.network.disableSearchDomain"),
];
