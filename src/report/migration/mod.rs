//! The reports of a migration: what the person sees at its end, the runbook, a page to look at, and
//! the same for programs. Each is a function of [`MigrationReport`] alone.

mod certificates;
mod element;
mod html;
mod json;
mod landmarks;
mod markdown;
mod outcome;
mod runbook;
mod summary;

use jiff::Timestamp;

use crate::check::Findings;
use crate::cluster::Cluster;
use crate::convert::MadeBundle;
use crate::convert::migration::Plan;
use crate::pki::Certificate;
use crate::settings::Settings;
use crate::talos::Contract;

pub use html::html;
pub use json::{ConvertReport, json, schema};
pub use runbook::runbook;
pub use summary::summary;

/// The file of the runbook.
pub const RUNBOOK: &str = "MIGRATION.md";

/// The file of the page.
pub const PAGE: &str = "report.html";

/// The file of the report for programs.
pub const PROGRAM_REPORT: &str = "report.json";

/// The secrets bundle.
pub const BUNDLE: &str = "secrets.yaml";

/// The talosconfig, which is written with complete configurations.
pub const TALOSCONFIG: &str = "talosconfig";

/// The manifest of the bootstrap token, written when the cluster is not known to have it.
pub const TOKEN_MANIFEST: &str = "bootstrap-token.yaml";

/// The patch that is written in place of `controlplane.yaml` if only patches are asked for.
pub const CONTROL_PLANE_PATCH: &str = "controlplane.patch.yaml";

/// The patch that is written in place of `worker.yaml` then.
pub const WORKER_PATCH: &str = "worker.patch.yaml";

/// Everything that is known when a cluster has been converted, or refused.
#[derive(Debug, Clone, Copy)]
pub struct MigrationReport<'a> {
    /// The cluster that was read.
    pub cluster: &'a Cluster,
    /// How it is run.
    pub settings: &'a Settings,
    /// What the rules found.
    pub findings: &'a Findings,
    /// What becomes of every setting.
    pub plan: &'a Plan,
    /// For which Talos.
    pub contract: Contract,
    /// The secrets bundle, if one was made.
    pub made: Option<&'a MadeBundle>,
    /// The client of the talosconfig, if one was made.
    pub client: Option<&'a Certificate>,
    /// The moment of the judgement.
    pub now: Timestamp,
    /// Where the files are, as the person named it, such as `migration/`.
    pub folder: &'a str,
    /// The names of the files, in the order in which they are shown; none if nothing is written.
    pub files: &'a [&'a str],
}

impl MigrationReport<'_> {
    fn has_file(&self, name: &str) -> bool {
        self.files.contains(&name)
    }

    /// Whether nothing forbids the move: neither a rule nor a setting.
    fn is_possible(&self) -> bool {
        self.findings.is_sound() && self.plan.is_possible()
    }
}
