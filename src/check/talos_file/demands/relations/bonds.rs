//! Bonds under `machine.network.interfaces`.

use crate::check::talos_file::demands::go;
use crate::check::talos_file::demands::refusals::Refusals;
use crate::check::talos_file::demands::{is_filled, text_of};
use crate::talos::file::Node;

const LACP: &str = "802.3ad";
const BALANCED: [&str; 2] = ["balance-alb", "balance-tlb"];

/// Fields that are for some modes alone: with the least number that counts, or none for a text.
static FOR_MODES: [(&str, Option<i128>, &[&str]); 8] = [
    ("lacpRate", None, &[LACP]),
    (
        "arpValidate",
        None,
        &["balance-rr", "active-backup", "balance-xor", "broadcast"],
    ),
    (
        "primary",
        None,
        &["active-backup", "balance-alb", "balance-tlb"],
    ),
    (
        "arpInterval",
        Some(1),
        &["balance-rr", "active-backup", "balance-xor", "broadcast"],
    ),
    ("packetsPerSlave", Some(2), &["balance-rr"]),
    ("tlbDynamicLb", Some(1), &BALANCED),
    ("adActorSysPrio", Some(1), &[LACP]),
    ("adUserPortKey", Some(1), &[LACP]),
];

/// A bond.
pub(super) fn bond(bond: &Node<'_>, refusals: &mut Refusals<'_>) {
    let number = |field: &str| text_of(bond, field).and_then(go::whole).unwrap_or_default();
    let mode = text_of(bond, "mode").unwrap_or("balance-rr");
    for (field, least, modes) in FOR_MODES {
        let is_set = match least {
            None => is_filled(bond, field),
            Some(least) => number(field) >= least,
        };
        if is_set && !modes.contains(&mode) {
            let message = format!("goes with `mode: {}` alone", modes.join("` or `"));
            refusals.does_not_fit(bond, field, &message);
        }
    }
    let interval = number("miimon");
    for field in ["updelay", "downdelay"] {
        let delay = number(field);
        if interval == 0 && delay != 0 {
            refusals.does_not_fit(bond, field, "goes with a `miimon` alone");
        } else if interval > 0 && delay % interval != 0 {
            refusals.refuse(bond, field, "is no multiple of `miimon`");
        }
    }
    for field in ["arpIPTarget", "adActorSystem"] {
        if is_filled(bond, field) {
            refusals.refuse(bond, field, "is not supported");
        }
    }
    let members = |field: &str| bond.at(field).is_some_and(|list| !list.items().is_empty());
    if members("interfaces") && members("deviceSelectors") {
        refusals.clash(bond, "interfaces", "deviceSelectors");
    }
}
