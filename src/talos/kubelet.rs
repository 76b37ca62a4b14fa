//! What Talos leaves of kubelet's configuration to a person.

/// Fields that Talos sets by itself, and lets nobody set (`kubelet.ProtectedConfigurationFields` of
/// machinery).
pub const PROTECTED_FIELDS: [&str; 13] = [
    "apiVersion",
    "authentication",
    "authorization",
    "cgroupRoot",
    "kind",
    "kubeletCgroups",
    "port",
    "protectKernelDefaults",
    "resolvConf",
    "rotateCertificates",
    "seccompDefault",
    "staticPodPath",
    "systemCgroups",
];
