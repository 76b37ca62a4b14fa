//! The fields that Talos's reader knows, as far as they are about trust, and of which kind they are.
//! `names.txt` has those of all others.

/// Sections of a machine configuration whose fields are all known. A final `[]` means each item.
pub(super) const SECTIONS: [(&str, &[&str]); 21] = [
    (
        "machine",
        &[
            "acceptedCAs",
            "baseRuntimeSpecOverrides",
            "ca",
            "certSANs",
            "controlPlane",
            "disks",
            "env",
            "features",
            "files",
            "install",
            "kernel",
            "kubelet",
            "logging",
            "network",
            "nodeAnnotations",
            "nodeLabels",
            "nodeTaints",
            "pods",
            "registries",
            "seccompProfiles",
            "sysctls",
            "sysfs",
            "systemDiskEncryption",
            "time",
            "token",
            "type",
            "udev",
        ],
    ),
    ("machine.ca", CERTIFICATE_AND_KEY),
    ("machine.acceptedCAs[]", &["crt"]),
    (
        "cluster",
        &[
            "acceptedCAs",
            "adminKubeconfig",
            "aescbcEncryptionSecret",
            "aggregatorCA",
            "allowSchedulingOnControlPlanes",
            "allowSchedulingOnMasters",
            "apiServer",
            "ca",
            "clusterName",
            "controlPlane",
            "controllerManager",
            "coreDNS",
            "discovery",
            "etcd",
            "externalCloudProvider",
            "extraManifestHeaders",
            "extraManifests",
            "id",
            "inlineManifests",
            "network",
            "proxy",
            "scheduler",
            "secret",
            "secretboxEncryptionSecret",
            "serviceAccount",
            "token",
        ],
    ),
    ("cluster.controlPlane", &["endpoint", "localAPIServerPort"]),
    ("cluster.ca", CERTIFICATE_AND_KEY),
    ("cluster.acceptedCAs[]", &["crt"]),
    ("cluster.aggregatorCA", CERTIFICATE_AND_KEY),
    ("cluster.serviceAccount", &["key"]),
    (
        "cluster.etcd",
        &[
            "advertisedSubnets",
            "ca",
            "extraArgs",
            "image",
            "listenSubnets",
            "subnet",
        ],
    ),
    ("cluster.etcd.ca", CERTIFICATE_AND_KEY),
    ("KubeAPIServerCAConfig", AUTHORITY_DOCUMENT),
    ("KubeAPIServerCAConfig.issuingCA", &["cert", "key"]),
    ("KubeAggregatorCAConfig", AUTHORITY_DOCUMENT),
    ("KubeAggregatorCAConfig.issuingCA", &["cert", "key"]),
    (
        "KubeServiceAccountConfig",
        &["apiVersion", "kind", "issuer", "accepted"],
    ),
    (
        "KubeServiceAccountConfig.issuer",
        &["privateKey", "issuerURL"],
    ),
    (
        "KubeServiceAccountConfig.accepted",
        &["publicKeys", "issuers", "audiences"],
    ),
    (
        "KubeEtcdEncryptionConfig",
        &["apiVersion", "kind", "config"],
    ),
    (
        "KubeClusterConfig",
        &["apiVersion", "kind", "clusterName", "endpoint"],
    ),
    (
        "DiscoveryIdentityConfig",
        &["apiVersion", "kind", "clusterID", "clusterSecret"],
    ),
];

const CERTIFICATE_AND_KEY: &[&str] = &["crt", "key"];
const AUTHORITY_DOCUMENT: &[&str] = &["apiVersion", "kind", "issuingCA", "acceptedCAs"];

/// Fields of the main document.
pub(super) const MAIN: [&str; 5] = ["version", "debug", "persist", "machine", "cluster"];

/// Lists that Talos reads into pointers: an empty item is refused.
pub(super) const LISTS: [&str; 2] = ["machine.acceptedCAs", "cluster.acceptedCAs"];

/// Texts of a bundle and of a machine configuration beside those with PEM.
pub(super) const TEXTS: [&str; 18] = [
    "cluster.id",
    "cluster.secret",
    "cluster.token",
    "cluster.clusterName",
    "cluster.controlPlane.endpoint",
    "cluster.secretboxEncryptionSecret",
    "cluster.aescbcEncryptionSecret",
    "machine.token",
    "machine.type",
    "secrets.bootstraptoken",
    "secrets.secretboxencryptionsecret",
    "secrets.aescbcencryptionsecret",
    "trustdinfo.token",
    "KubeClusterConfig.clusterName",
    "KubeClusterConfig.endpoint",
    "KubeServiceAccountConfig.issuer.issuerURL",
    "DiscoveryIdentityConfig.clusterID",
    "DiscoveryIdentityConfig.clusterSecret",
];

/// Sections of a bundle.
pub(super) const BUNDLE_SECTIONS: [&str; 9] = [
    "cluster",
    "secrets",
    "trustdinfo",
    "certs",
    "certs.etcd",
    "certs.k8s",
    "certs.k8saggregator",
    "certs.k8sserviceaccount",
    "certs.os",
];

/// Fields that Talos 1.14 knows and 1.13 does not, in documents that both know.
pub(super) const SINCE_1_14: [(&str, &[&str]); 13] = [
    ("DHCPv4Config", &["ignoreRoutes"]),
    ("ExistingVolumeConfig", &["scrub", "trim"]),
    ("RawVolumeConfig.encryption", &["allowDiscards"]),
    ("ResolverConfig", &["hostDNS"]),
    (
        "ResolverConfig.nameservers[]",
        &["protocol", "tlsServerName"],
    ),
    ("SwapVolumeConfig.encryption", &["allowDiscards"]),
    ("TimeSyncConfig.ntp", &["useNTS"]),
    ("UserVolumeConfig", &["scrub", "trim"]),
    ("UserVolumeConfig.encryption", &["allowDiscards"]),
    ("UserVolumeConfig.filesystem", &["xfs"]),
    ("VolumeConfig", &["filesystem", "scrub", "trim"]),
    ("VolumeConfig.encryption", &["allowDiscards"]),
    ("VolumeConfig.mount", &["disableAccessTime"]),
];
