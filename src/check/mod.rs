//! Is it sound? Rules, each with a name, a severity, a reason and a remedy, and the findings that
//! they yield on a [`Cluster`].
//!
//! One file a family; [`FAMILIES`] is the table of all rules, from which the documentation and
//! `talos-pki explain` are made. Every rule runs on every cluster, and all findings come at once.

mod algorithms;
mod authority;
mod beyond_bundle;
mod classification;
mod completeness;
mod distribution;
mod encoding;
mod encryption;
mod evidence;
mod finding;
mod identities;
mod in_use;
mod nodes;
mod pairs;
mod permissions;
mod reading;
mod rule;
mod settings;
mod talos_file;
pub(crate) mod validity;

use jiff::{SignedDuration, Timestamp};

pub use finding::{Approval, Finding, Findings};
use rule::Judge;
pub use rule::{Allow, Family, Rule, Severity};

use crate::cluster::Cluster;
use crate::talos::file::TalosFile;
use crate::talos::{Contract, random};

/// Every rule, by family, in the order of the documentation.
pub static FAMILIES: [&Family; 24] = [
    &nodes::FAMILY,
    &pairs::FAMILY,
    &authority::FAMILY,
    &validity::FAMILY,
    &algorithms::FAMILY,
    &evidence::FAMILY,
    &in_use::FAMILY,
    &identities::FAMILY,
    &completeness::FAMILY,
    &classification::FAMILY,
    &distribution::FAMILY,
    &reading::FAMILY,
    &encoding::FAMILY,
    &permissions::FAMILY,
    &settings::FAMILY,
    &beyond_bundle::FAMILY,
    &talos_file::syntax::FAMILY,
    &talos_file::fields::FAMILY,
    &talos_file::machine_config::FAMILY,
    &talos_file::demands::FAMILY,
    &talos_file::values::FAMILY,
    &talos_file::authorities::FAMILY,
    &talos_file::talosconfig::FAMILY,
    &talos_file::together::FAMILY,
];

/// What the rules need to know beside the cluster.
#[derive(Debug, Clone)]
pub struct Context {
    /// The moment to judge by.
    pub now: Timestamp,
    /// A CA that ends within this time is warned of.
    pub expires_within: SignedDuration,
    /// The bootstrap token that a person gave.
    pub token: TokenChoice,
    /// The Talos version that will read the file or the bundle.
    pub contract: Contract,
    /// Whether a bundle is to be written: rules about what the bundle adds ask this.
    pub writes_bundle: bool,
    /// On what a machine runs that has a configuration.
    pub platform: Platform,
}

/// On what a machine runs, which is known only if it was said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Platform {
    /// On metal: Talos is installed there.
    Metal,
    /// In a container.
    Container,
    /// Elsewhere, or it was not said.
    Other,
}

/// Whether a bootstrap token was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TokenChoice {
    /// Given, and of Kubernetes' form or not.
    Given {
        /// Whether it has the form `[a-z0-9]{6}.[a-z0-9]{16}`.
        well_formed: bool,
    },
    /// None was given, so a fresh one is generated.
    Generated,
    /// It came from a Talos machine configuration.
    Kept,
}

impl TokenChoice {
    /// `token` was given.
    #[must_use]
    pub fn of_given(token: &str) -> Self {
        Self::Given {
            well_formed: random::is_token(token),
        }
    }
}

/// Every rule.
pub fn rules() -> impl Iterator<Item = &'static Rule> {
    FAMILIES
        .iter()
        .flat_map(|family| family.rules.iter().copied())
}

/// The rule with this name.
#[must_use]
pub fn rule(name: &str) -> Option<&'static Rule> {
    rules().find(|rule| rule.name == name)
}

/// Runs every rule on `cluster`. Rules in `allowed` are lowered to warnings.
#[must_use]
pub fn check(cluster: &Cluster, context: &Context, allowed: &[&'static Rule]) -> Findings {
    let mut findings = Vec::new();
    for family in FAMILIES {
        match family.judge {
            Judge::Cluster(judge) | Judge::Import(judge) => judge(cluster, context, &mut findings),
            Judge::File(_) | Judge::Files(_) => {}
        }
    }
    Findings::ranked(findings, allowed)
}

/// Runs every rule about Talos's files on `file`, and those about the authorities in it. `allowed` is
/// as in [`check`].
#[must_use]
pub fn check_file(file: &TalosFile, context: &Context, allowed: &[&'static Rule]) -> Findings {
    Findings::ranked(findings_alone(file, context), allowed)
}

/// Runs every rule about Talos's files on each of `files`, as [`check_file`] does, and those about files
/// that are given together. The findings are in the order of the files.
#[must_use]
pub fn check_files(
    files: &[TalosFile],
    context: &Context,
    allowed: &[&'static Rule],
) -> Vec<Findings> {
    let mut findings: Vec<_> = files
        .iter()
        .map(|file| findings_alone(file, context))
        .collect();
    for family in FAMILIES {
        if let Judge::Files(judge) = family.judge {
            judge(files, &mut findings);
        }
    }
    let ranked = |findings| Findings::ranked(findings, allowed);
    findings.into_iter().map(ranked).collect()
}

/// What is found on a file whatever else is given.
fn findings_alone(file: &TalosFile, context: &Context) -> Vec<Finding> {
    let mut findings = Vec::new();
    for family in FAMILIES {
        match family.judge {
            Judge::Cluster(judge) => judge(&file.cluster, context, &mut findings),
            Judge::File(judge) => judge(file, context, &mut findings),
            Judge::Import(_) | Judge::Files(_) => {}
        }
    }
    findings
}
