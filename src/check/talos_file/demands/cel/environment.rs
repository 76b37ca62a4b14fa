//! What an expression can ask, by what it is for: `cel/celenv` in Talos's library (v1.14.1).

use super::kind::Kind::{self, Any, Bool, Bytes, Double, Duration, Int, Text, Uint};

/// What there is to ask.
pub(in super::super) struct Environment {
    /// Names with their kinds.
    names: &'static [(&'static str, Kind)],
    /// Further names, all of one kind.
    more: &'static [(&'static [&'static str], Kind)],
    /// Functions of its own.
    pub(super) functions: &'static [(&'static str, &'static [Kind], Kind)],
    /// What the expression has to give.
    pub(super) gives: Kind,
}

const GLOB: (&str, &[Kind], Kind) = ("glob", &[Text, Text], Bool);

/// Names of sizes.
const UNITS: &[&str] = &[
    "KiB", "MiB", "GiB", "TiB", "PiB", "EiB", "kB", "MB", "GB", "TB", "PB", "EB",
];
const CLASSES: &[&str] = &[
    "Besteffort",
    "Burstable",
    "Guaranteed",
    "Podruntime",
    "System",
];

static DISK: [(&str, Kind); 19] = [
    ("size", Uint),
    ("io_size", Uint),
    ("sector_size", Uint),
    ("readonly", Bool),
    ("model", Text),
    ("serial", Text),
    ("modalias", Text),
    ("wwid", Text),
    ("bus_path", Text),
    ("sub_system", Text),
    ("transport", Text),
    ("rotational", Bool),
    ("cdrom", Bool),
    ("dev_path", Text),
    ("pretty_size", Text),
    ("secondary_disks", Any),
    ("uuid", Text),
    ("symlinks", Any),
    ("firmware_version", Text),
];

static VOLUME: [(&str, Kind); 20] = [
    ("size", Uint),
    ("sector_size", Uint),
    ("io_size", Uint),
    ("name", Text),
    ("uuid", Text),
    ("label", Text),
    ("block_size", Uint),
    ("filesystem_block_size", Uint),
    ("probed_size", Uint),
    ("partition_uuid", Text),
    ("partition_type", Text),
    ("partition_label", Text),
    ("partition_index", Uint),
    ("type", Text),
    ("device_path", Text),
    ("parent", Text),
    ("dev_path", Text),
    ("parent_dev_path", Text),
    ("pretty_size", Text),
    ("offset", Uint),
];

static LINK: [(&str, Kind); 34] = [
    ("index", Uint),
    ("type", Int),
    ("link_index", Uint),
    ("flags", Uint),
    ("hardware_addr", Bytes),
    ("broadcast_addr", Bytes),
    ("mtu", Uint),
    ("queue_disc", Text),
    ("master_index", Uint),
    ("operational_state", Int),
    ("kind", Text),
    ("slave_kind", Text),
    ("bus_path", Text),
    ("pciid", Text),
    ("driver", Text),
    ("driver_version", Text),
    ("firmware_version", Text),
    ("product_id", Text),
    ("vendor_id", Text),
    ("product", Text),
    ("vendor", Text),
    ("link_state", Bool),
    ("speed_megabits", Int),
    ("port", Int),
    ("duplex", Int),
    ("vlan", Any),
    ("bridge_master", Any),
    ("bond_master", Any),
    ("wireguard", Any),
    ("permanent_addr", Bytes),
    ("alias", Text),
    ("alt_names", Any),
    ("vrf_master", Any),
    ("veth", Any),
];

pub(in super::super) static OF_DISKS: Environment = Environment {
    names: &[("disk", Kind::Thing(&DISK)), ("system_disk", Bool)],
    more: &[(UNITS, Uint)],
    functions: &[GLOB],
    gives: Bool,
};

pub(in super::super) static OF_VOLUMES: Environment = Environment {
    names: &[
        ("volume", Kind::Thing(&VOLUME)),
        ("disk", Kind::Thing(&DISK)),
    ],
    more: &[(UNITS, Uint)],
    functions: &[],
    gives: Bool,
};

pub(in super::super) static OF_MEMBERS: Environment = Environment {
    names: &[
        ("volume", Kind::Thing(&VOLUME)),
        ("disk", Kind::Thing(&DISK)),
        ("volume_id", Text),
        ("system_disk", Bool),
    ],
    more: &[(UNITS, Uint)],
    functions: &[GLOB],
    gives: Bool,
};

pub(in super::super) static OF_LINKS: Environment = Environment {
    names: &[("link", Kind::Thing(&LINK))],
    more: &[],
    functions: &[GLOB, ("mac", &[Bytes], Text)],
    gives: Bool,
};

pub(in super::super) static OF_OOM_TRIGGER: Environment = Environment {
    names: &[("time_since_trigger", Duration)],
    more: &[(UNITS, Uint), (CLASSES, Int)],
    functions: &[("multiply_qos_vectors", &[Any, Any], Double)],
    gives: Bool,
};

pub(in super::super) static OF_OOM_RANKING: Environment = Environment {
    names: &[
        ("memory_max", Any),
        ("memory_current", Any),
        ("memory_peak", Any),
        ("path", Text),
        ("class", Int),
    ],
    more: &[(UNITS, Uint), (CLASSES, Int)],
    functions: &[],
    gives: Double,
};

/// The parts of the names by which memory pressure is asked.
const OF_PRESSURE: [&str; 2] = ["memory_some_", "memory_full_"];
const SPANS: [&str; 4] = ["avg10", "avg60", "avg300", "total"];
const OF_CLASSES: [&str; 3] = ["memory_current", "memory_peak", "memory_max"];

impl Environment {
    /// The kind of what is called so.
    pub(super) fn name(&self, name: &str) -> Option<Kind> {
        let own = self.names.iter().find(|(known, _)| *known == name);
        let more = || self.more.iter().find(|(names, _)| names.contains(&name));
        let found = own
            .map(|(_, kind)| kind)
            .or_else(|| more().map(|(_, kind)| kind));
        found.cloned().or_else(|| self.pressure(name))
    }

    fn pressure(&self, name: &str) -> Option<Kind> {
        let is_trigger = self
            .functions
            .iter()
            .any(|(name, ..)| *name == "multiply_qos_vectors");
        let name = name.strip_prefix("d_").unwrap_or(name);
        let (name, is_of_class) = match name.strip_prefix("qos_") {
            Some(name) => (name, true),
            None => (name, false),
        };
        let span = OF_PRESSURE
            .iter()
            .find_map(|start| name.strip_prefix(start));
        let is_known = span.is_some_and(|span| SPANS.contains(&span))
            || is_of_class && OF_CLASSES.contains(&name);
        match (is_trigger && is_known, is_of_class) {
            (false, _) => None,
            (true, false) => Some(Double),
            (true, true) => Some(Kind::Map(Box::new(Int), Box::new(Double))),
        }
    }
}
