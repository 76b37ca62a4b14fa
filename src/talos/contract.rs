//! Version contracts: for which Talos something is written.

use std::fmt;
use std::ops::RangeInclusive;
use std::str::FromStr;

/// A Talos version by its two first numbers. What differs between versions is asked by name; no
/// other place compares versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Contract {
    major: u32,
    minor: u32,
}

/// A text that is no Talos version.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{text:?} is not a Talos version; write it with two numbers, such as {}",
    Contract::CURRENT
)]
pub struct ContractError {
    text: String,
}

impl Contract {
    /// The version that is meant if none is named: the newest that is released.
    pub const CURRENT: Self = Self::of(1, 14);

    /// The newest version whose contract has been looked at.
    const NEWEST_KNOWN: Self = Self::of(1, 15);

    /// The oldest version that a machine configuration is written for.
    pub const OLDEST_MACHINE_CONFIG: Self = Self::of(1, 3);

    const fn of(major: u32, minor: u32) -> Self {
        Self { major, minor }
    }

    /// Whether a bundle has a secretbox key for Secrets at rest, and not an AES-CBC key.
    #[must_use]
    pub fn uses_secretbox(self) -> bool {
        self > Self::of(1, 2)
    }

    /// Whether the service-account key is RSA, and not ECDSA: AWS and others take no other.
    #[must_use]
    pub fn uses_rsa_service_account_key(self) -> bool {
        self > Self::of(1, 6)
    }

    /// Whether the machine configuration has the settings of Kubernetes in documents of their own,
    /// and not under `cluster`.
    #[must_use]
    pub fn kubernetes_documents(self) -> bool {
        self >= Self::of(1, 14)
    }

    /// The minor version of etcd 3 that this version runs unless another is named
    /// (`DefaultEtcdVersion` in `constants` of Talos's library).
    #[must_use]
    pub fn etcd_minor(self) -> u32 {
        match self {
            _ if self >= Self::of(1, 14) => 7,
            _ if self >= Self::of(1, 11) => 6,
            _ => 5,
        }
    }

    /// Whether a machine configuration is written for this version: that of an older one is not
    /// known here.
    #[must_use]
    pub fn has_known_machine_config(self) -> bool {
        self >= Self::OLDEST_MACHINE_CONFIG
    }

    /// Whether file systems count what containers use (`diskQuotaSupport`).
    #[must_use]
    pub fn supports_disk_quotas(self) -> bool {
        self >= Self::of(1, 5)
    }

    /// Whether nodes reach the Kubernetes API through a proxy of their own, KubePrism.
    #[must_use]
    pub fn enables_kube_prism(self) -> bool {
        self >= Self::of(1, 6)
    }

    /// Whether nodes resolve names for themselves (`hostDNS`).
    #[must_use]
    pub fn enables_host_dns(self) -> bool {
        self >= Self::of(1, 7)
    }

    /// Whether CoreDNS asks the node for names outside the cluster.
    #[must_use]
    pub fn forwards_kube_dns_to_host(self) -> bool {
        self >= Self::of(1, 8)
    }

    /// Whether workers are told the name of the cluster.
    #[must_use]
    pub fn names_cluster_on_workers(self) -> bool {
        self >= Self::of(1, 8)
    }

    /// Whether load balancers outside the cluster are kept from control planes.
    #[must_use]
    pub fn excludes_control_planes_from_load_balancers(self) -> bool {
        self >= Self::of(1, 8)
    }

    /// Whether the checks of Talos's API by role and by key usage must be switched on: from 1.12 on
    /// they cannot be off.
    #[must_use]
    pub fn asks_for_role_checks(self) -> bool {
        self < Self::of(1, 12)
    }

    /// Whether the pod security policies that Kubernetes once had must be switched off.
    #[must_use]
    pub fn disables_pod_security_policy(self) -> bool {
        self < Self::of(1, 12)
    }

    /// Whether the host of the endpoint must be named for the API server's certificate: from 1.12 on
    /// the node adds it by itself.
    #[must_use]
    pub fn names_endpoint_in_certificate(self) -> bool {
        self < Self::of(1, 12)
    }

    /// Whether the host name is set in a document, and not under `machine.features`.
    #[must_use]
    pub fn hostname_document(self) -> bool {
        self >= Self::of(1, 12)
    }

    /// Whether a virtual IP is set in a document, and not at an interface.
    #[must_use]
    pub fn virtual_ip_document(self) -> bool {
        self >= Self::of(1, 12)
    }

    /// Whether GRUB takes the kernel's command line from the boot image.
    #[must_use]
    pub fn grub_uses_uki_command_line(self) -> bool {
        self >= Self::of(1, 12)
    }

    /// Whether KubeSpan is set in a document, and `machine.network` is left out.
    #[must_use]
    pub fn kube_span_document(self) -> bool {
        self >= Self::of(1, 13)
    }

    /// Whether a flag of a component can have several values.
    #[must_use]
    pub fn repeats_arguments(self) -> bool {
        self >= Self::of(1, 13)
    }

    /// Whether the control plane demands TLS 1.3.
    #[must_use]
    pub fn demands_tls_1_3(self) -> bool {
        self >= Self::of(1, 14)
    }

    /// Whether installation, discovery and name resolution have documents of their own.
    #[must_use]
    pub fn machine_documents(self) -> bool {
        self >= Self::of(1, 14)
    }

    /// Whether unused blocks of file systems are given back, workloads isolated, and `/var` mounted
    /// with care.
    #[must_use]
    pub fn hardens_by_default(self) -> bool {
        self >= Self::of(1, 14)
    }

    /// The minor versions of Kubernetes 1 that this version runs (the packages
    /// `compatibility/talosNNN` of Talos's library); nothing if it is newer than known.
    #[must_use]
    pub fn kubernetes_minors(self) -> Option<RangeInclusive<u32>> {
        if self > Self::CURRENT || self < Self::OLDEST_MACHINE_CONFIG {
            return None;
        }
        let newest = self.minor + 23;
        let span = if self >= Self::of(1, 6) { 5 } else { 2 };
        Some(newest - span..=newest)
    }

    /// Whether there are roles for verifying images and writing META values.
    #[must_use]
    pub fn has_image_and_meta_roles(self) -> bool {
        self >= Self::of(1, 13)
    }

    /// Whether a control plane that runs the API server must say how Secrets are encrypted, be it
    /// not at all.
    #[must_use]
    pub fn demands_encryption(self) -> bool {
        self >= Self::of(1, 14)
    }

    /// Whether this version may want something that nobody knew when this was written. Talos takes
    /// any number without a word.
    #[must_use]
    pub fn is_newer_than_known(self) -> bool {
        self > Self::NEWEST_KNOWN
    }
}

impl Default for Contract {
    fn default() -> Self {
        Self::CURRENT
    }
}

impl FromStr for Contract {
    type Err = ContractError;

    /// Reads what Talos reads, `^v(\d+)\.(\d+)($|\.)`, where the `v` may be left out. `v0.0` means
    /// the current version, as it does there.
    fn from_str(text: &str) -> Result<Self, ContractError> {
        let numbers = text.strip_prefix('v').unwrap_or(text);
        let mut parts = numbers.split('.');
        let mut number = || parts.next().and_then(number);
        match (number(), number()) {
            (Some(0), Some(0)) => Ok(Self::CURRENT),
            (Some(major), Some(minor)) => Ok(Self { major, minor }),
            _ => Err(ContractError {
                text: text.to_owned(),
            }),
        }
    }
}

/// A decimal number without a sign. One that is too large is as large as can be, as in Go.
fn number(digits: &str) -> Option<u32> {
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| digits.parse().unwrap_or(u32::MAX))
}

impl fmt::Display for Contract {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "v{}.{}", self.major, self.minor)
    }
}
