//! LVMLogicalVolumeConfig

use super::volumes::size_of;
use crate::check::talos_file::demands::go;
use crate::check::talos_file::demands::refusals::Refusals;
use crate::check::talos_file::demands::{is_filled, text_of};
use crate::talos::file::Node;

/// Which fields go with which types, and their least number.
static LAYOUTS: [(&str, [&str; 2], i128); 2] = [
    ("mirrors", ["raid1", "raid10"], 1),
    ("stripes", ["raid0", "raid10"], 2),
];

/// A logical volume.
pub(super) fn logical_volume(document: &Node<'_>, refusals: &mut Refusals<'_>) {
    let layout = text_of(document, "type")
        .unwrap_or("linear")
        .to_ascii_lowercase();
    for (field, layouts, least) in LAYOUTS {
        let Some(text) = text_of(document, field) else {
            continue;
        };
        if !layouts.contains(&layout.as_str()) {
            let message = format!("goes with `type: {}` alone", layouts.join("` or `"));
            refusals.does_not_fit(document, field, &message);
        } else if go::whole(text).is_some_and(|number| number < least) {
            refusals.refuse(document, field, &format!("is less than {least}"));
        }
    }
    for field in ["provisioning.volumeGroup", "provisioning.maxSize"] {
        if !is_filled(document, field) {
            refusals.require(document, field);
        }
    }
    let [least, most] =
        ["provisioning.minSize", "provisioning.maxSize"].map(|field| size_of(document, field));
    if most.is_some_and(|most| most.is_negative) {
        refusals.refuse(document, "provisioning.maxSize", "is negative");
    }
    if let (Some(least), Some(most)) = (least, most)
        && !most.is_relative
        && least.amount > most.amount
    {
        refusals.refuse(document, "provisioning.minSize", "is more than `maxSize`");
    }
}
