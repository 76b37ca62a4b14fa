//! What became of a fleet: a table with a line a cluster, and the same for programs. The schema is
//! published as `docs/fleet.schema.json`.
//!
//! Lines are made one by one, so that nothing has to be kept.

mod sum;
mod table;

use std::fmt;

use schemars::{JsonSchema, schema_for};
use serde::Serialize;

use crate::fleet::Summary;

pub use sum::FleetSum;
pub use table::FleetTable;

/// What became of a cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum MemberState {
    /// Nothing refuses it, and nothing was to be written.
    Sound,
    /// Its folder was made.
    Made,
    /// Its folder was made by an earlier run, and all is as it was.
    Done,
    /// Findings refuse it.
    Refused,
    /// It could not be read or written.
    Failed,
}

impl fmt::Display for MemberState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sound => "sound",
            Self::Made => "made",
            Self::Done => "done",
            Self::Refused => "refused",
            Self::Failed => "failed",
        })
    }
}

/// One cluster of a fleet.
#[derive(Debug, Serialize, JsonSchema)]
pub struct MemberReport {
    /// Its name, which is that of its folder, too.
    pub name: String,
    /// What became of it.
    pub state: MemberState,
    /// How the files were told apart: the distribution, such as `kubeadm`, or `by content`.
    pub layout: Option<String>,
    /// How many errors were found, unless it could not be read.
    pub errors: Option<usize>,
    /// How many warnings.
    pub warnings: Option<usize>,
    /// How many notes.
    pub notes: Option<usize>,
    /// When the first of its CAs ends (RFC 3339).
    pub ca_ends: Option<String>,
    /// Why it was refused or failed: the first reason of perhaps several.
    pub reason: Option<String>,
    /// Where it was read, as the arguments of `talos-pki scan` that tells everything about it.
    pub source: String,
    /// The folder that was made of it.
    pub folder: Option<String>,
}

impl MemberReport {
    /// The report on the cluster `name` that `source` is.
    #[must_use]
    pub fn new(name: &str, source: String, state: MemberState, summary: Option<&Summary>) -> Self {
        Self {
            name: name.to_owned(),
            state,
            layout: summary.and_then(|summary| summary.layout.clone()),
            errors: summary.map(|summary| summary.errors),
            warnings: summary.map(|summary| summary.warnings),
            notes: summary.map(|summary| summary.notes),
            ca_ends: summary.and_then(|summary| Some(summary.ca_ends?.to_string())),
            reason: None,
            source,
            folder: None,
        }
    }

    /// The same, with the reason why it did not end well.
    #[must_use]
    pub fn because(self, reason: String) -> Self {
        Self {
            reason: Some(reason),
            ..self
        }
    }

    /// The same, with the folder that was made of it.
    #[must_use]
    pub fn with_folder(self, folder: String) -> Self {
        Self {
            folder: Some(folder),
            ..self
        }
    }
}

/// The list of [`MemberReport`]s for programs, item by item: this one, and what is before it.
#[must_use]
pub fn fleet_json_item(member: &MemberReport, is_first: bool) -> String {
    let start = if is_first { "[\n" } else { ",\n" };
    let json = serde_json::json!(member);
    format!("{start}{json}")
}

/// What is behind the last item.
pub const FLEET_JSON_END: &str = "\n]\n";

/// The JSON schema of a list of [`MemberReport`]s, as `--fleet` prints it.
#[must_use]
pub fn fleet_schema() -> serde_json::Value {
    schema_for!(Vec<MemberReport>).to_value()
}
