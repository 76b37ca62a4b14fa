//! Words that stand in several fields.

use super::value::Demand;

/// Modes of bonds.
pub(super) const BOND_MODES: &[&str] = &[
    "balance-rr",
    "active-backup",
    "balance-xor",
    "broadcast",
    "802.3ad",
    "balance-tlb",
    "balance-alb",
];

/// By what a bond with 802.3ad chooses its active links.
pub(super) const AD_SELECTIONS: &[&str] = &["stable", "bandwidth", "count"];

/// How many targets have to answer a bond's ARP.
pub(super) const ARP_TARGETS: &[&str] = &["any", "all"];

/// Which answers to a bond's ARP count.
pub(super) const ARP_VALIDATIONS: &[&str] = &[
    "none",
    "active",
    "backup",
    "all",
    "filter",
    "filter-active",
    "filter-backup",
];

/// By what a bond chooses the link for a packet.
pub(super) const HASH_POLICIES: &[&str] =
    &["layer2", "layer3+4", "layer2+3", "encap2+3", "encap3+4"];

/// Roles of Talos's API.
pub(super) const ROLE: Demand = Demand::OneOf(&[
    "os:admin",
    "os:operator",
    "os:reader",
    "os:etcd:backup",
    "os:image:verifier",
    "os:meta:writer",
    "os:impersonator",
]);
