//! In which form Talos's reader takes the value of a field.
//!
//! The table `forms.txt` has a line for each section, as `kinds.txt` has: its path, and the names of its
//! fields by their form. It was made of the types of the fields in Talos's library (v1.14.1).

use super::refusals::Refusals;
use super::value::Demand::{
    self, Address, AddressWithPort, AnyUrl, Base64, Bytes, ComparedBytes, Duration, Hexadecimal,
    Network, Number, OneOf, PlainBytes, RoutingTable, Size, Word,
};
use super::words::{AD_SELECTIONS, ARP_TARGETS, ARP_VALIDATIONS, BOND_MODES, HASH_POLICIES};
use crate::check::talos_file::{below, everything_at};
use crate::talos::file::TalosFile;

const TABLE: &str = include_str!("forms.txt");

/// The forms by their names in the table, and whether an empty text is as good as none.
static FORMS: [(&str, Demand, bool); 41] = [
    ("ad-select", Word(AD_SELECTIONS), false),
    ("address", Address, true),
    ("address-port", AddressWithPort, true),
    ("arp-targets", Word(ARP_TARGETS), false),
    ("arp-validate", Word(ARP_VALIDATIONS), false),
    ("auto", Word(&["off", "talos-addr", "stable"]), false),
    ("base64", Base64, true),
    ("bond-mode", Word(BOND_MODES), false),
    ("bytes", Bytes, true),
    ("client-identifier", Word(&["none", "mac", "duid"]), false),
    ("default-action", Word(&["accept", "block"]), false),
    ("dns", Word(&["do53", "dot", "doh"]), false),
    ("duration", Duration(None), false),
    ("encryption", OneOf(&["luks2", "none"]), false),
    (
        "fail-over",
        OneOf(&["none", "active", "follow", "0", "1", "2"]),
        true,
    ),
    (
        "filesystem",
        OneOf(&[
            "none", "xfs", "vfat", "ext4", "iso9660", "swap", "virtiofs", "btrfs",
        ]),
        false,
    ),
    ("hash-policy", Word(HASH_POLICIES), false),
    ("hex", Hexadecimal, true),
    ("i32", Number(-2_147_483_648, 2_147_483_647), false),
    ("i64", Number(i64::MIN as i128, i64::MAX as i128), false),
    ("lacp-rate", Word(&["slow", "fast"]), false),
    ("lvm", Word(&["linear", "raid1", "raid0", "raid10"]), false),
    ("md-level", Word(&["raid1"]), false),
    ("md-metadata", Word(&["1.0", "1.2"]), false),
    ("network", Network, true),
    ("on-off", Word(&["on", "off"]), false),
    ("plain-bytes", PlainBytes, false),
    ("protocol", Word(&["icmp", "tcp", "udp", "icmpv6"]), false),
    ("reselect", Word(&["always", "better", "failure"]), false),
    (
        "rule-action",
        Word(&["unspec", "unicast", "blackhole", "unreachable", "prohibit"]),
        false,
    ),
    ("size", Size, true),
    ("size-match", ComparedBytes, false),
    ("table", RoutingTable, false),
    ("u16", Number(0, 65_535), false),
    ("u32", Number(0, 4_294_967_295), false),
    ("u64", Number(0, u64::MAX as i128), false),
    ("u8", Number(0, 255), false),
    ("url", AnyUrl, true),
    ("vlan-mode", Word(&["802.1q", "802.1ad"]), false),
    (
        "volume",
        OneOf(&[
            "partition",
            "disk",
            "tmpfs",
            "directory",
            "symlink",
            "overlay",
            "external",
        ]),
        false,
    ),
    (
        "wake",
        Word(&[
            "phy",
            "unicast",
            "multicast",
            "broadcast",
            "magic",
            "magicsecure",
            "filter",
        ]),
        false,
    ),
];

/// Tells of every value that is in another form.
pub(super) fn check(file: &TalosFile, refusals: &mut Refusals<'_>) {
    for line in TABLE.lines() {
        let (section, fields) = line.split_once(' ').unwrap_or((line, ""));
        let sections = everything_at(file, section);
        if sections.is_empty() {
            continue;
        }
        let mut form = None;
        for word in fields.split(' ') {
            if let Some(name) = word.strip_suffix(':') {
                form = FORMS.iter().find(|(known, ..)| *known == name);
                continue;
            }
            let Some((_, demand, takes_empty)) = form else {
                continue;
            };
            for field in sections.iter().flat_map(|section| below(section, word)) {
                let is_empty = field.tree().text() == Some("");
                if !(is_empty && *takes_empty || demand.fits(field.tree())) {
                    refusals.refuse(&field, "", &format!("is {}", demand.in_words()));
                }
            }
        }
    }
}
