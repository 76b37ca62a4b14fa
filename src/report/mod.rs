//! What a person or a program reads: the inventory and the findings of a cluster.

mod evidence;
mod fleet;
mod json;
pub mod migration;
mod plan;
mod rule_page;
mod talosconfig;
mod text;
mod wrap;

pub use fleet::{
    FLEET_JSON_END, FleetSum, FleetTable, MemberReport, MemberState, fleet_json_item, fleet_schema,
};
pub use json::{FileReport, ScanReport, file_schema, schema};
pub use plan::{disagreements, plan};
pub use rule_page::{explain, rules_markdown, rules_overview};
pub use talosconfig::{TalosconfigReport, talosconfig, talosconfig_schema};
pub use text::{bundle_made, files, findings, keys_alone, refusal, scan, verdict, warning};
pub(crate) use wrap::wrap;
