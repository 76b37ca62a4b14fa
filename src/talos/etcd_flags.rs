//! Flags of etcd: which of them Talos sets, and which the etcd that it runs no longer has.

use super::Contract;

/// Flags that Talos sets in every version, and no configuration can: etcd is then not started
/// (`argsForControlPlane` in internal/app/machined/pkg/system/services/etcd.go).
const SET: [&str; 14] = [
    "auto-tls",
    "cert-file",
    "client-cert-auth",
    "data-dir",
    "key-file",
    "listen-client-urls",
    "listen-peer-urls",
    "name",
    "peer-auto-tls",
    "peer-cert-file",
    "peer-client-cert-auth",
    "peer-key-file",
    "peer-trusted-ca-file",
    "trusted-ca-file",
];

/// And those that it sets up to 1.13, and from 1.14 on.
const SET_UNTIL_1_13: [&str; 3] = [
    "experimental-compact-hash-check-enabled",
    "experimental-initial-corrupt-check",
    "experimental-watch-progress-notify-interval",
];
const SET_SINCE_1_14: [&str; 4] = [
    "feature-gates",
    "listen-client-http-urls",
    "tls-min-version",
    "watch-progress-notify-interval",
];

/// Flags that etcd 3.6 no longer has.
const GONE: [&str; 10] = [
    "debug",
    "enable-v2",
    "log-output",
    "log-package-levels",
    "proxy",
    "proxy-dial-timeout",
    "proxy-failure-wait",
    "proxy-read-timeout",
    "proxy-refresh-interval",
    "proxy-write-timeout",
];

/// What became a feature gate when it lost `experimental-`.
const GATES: [(&str, &str); 4] = [
    ("experimental-enable-lease-checkpoint", "LeaseCheckpoint"),
    (
        "experimental-enable-lease-checkpoint-persist",
        "LeaseCheckpointPersist",
    ),
    (
        "experimental-stop-grpc-service-on-defrag",
        "StopGRPCServiceOnDefrag",
    ),
    (
        "experimental-txn-mode-write-with-shared-buffer",
        "TxnModeWriteWithSharedBuffer",
    ),
];

/// Whether Talos of this version sets the flag itself, and starts no etcd if a configuration does.
#[must_use]
pub fn is_set_by_talos(name: &str, contract: Contract) -> bool {
    let of_version: &[&str] = if contract.demands_tls_1_3() {
        &SET_SINCE_1_14
    } else {
        &SET_UNTIL_1_13
    };
    SET.contains(&name) || of_version.contains(&name)
}

/// Whether etcd 3.`minor` no longer has the flag. 3.7 has none of the names that begin with
/// `experimental-`.
#[must_use]
pub fn is_gone(name: &str, minor: u32) -> bool {
    minor >= 6 && GONE.contains(&name) || minor >= 7 && name.starts_with("experimental-")
}

/// What a flag whose name begins with `experimental-` is called since etcd 3.6.
#[must_use]
pub fn plain_name(name: &str) -> Option<&str> {
    name.strip_prefix("experimental-")
}

/// The feature gate that a flag became.
#[must_use]
pub fn gate(name: &str) -> Option<&'static str> {
    let gate = GATES.iter().find(|(flag, _)| *flag == name);
    gate.map(|(_, gate)| *gate)
}
