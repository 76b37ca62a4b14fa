//! What a rule is.

use std::fmt;

use super::Context;
use super::finding::Finding;
use crate::cluster::Cluster;
use crate::talos::file::TalosFile;

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The cluster would break: no bundle is written.
    Error,
    /// Something will not work as before, or works by luck.
    Warning,
    /// Good to know.
    Note,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        })
    }
}

/// Whether `--allow` lets a rule through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Allow {
    /// It does; this is what happens then.
    Yes(&'static str),
    /// It cannot; this is why.
    Never(&'static str),
    /// The rule refuses nothing.
    NotNeeded,
}

/// One rule. All texts are whole sentences without a final full stop, or several with.
#[derive(Debug)]
pub struct Rule {
    /// Its name, for `--allow` and `explain`.
    pub name: &'static str,
    /// How bad its findings are.
    pub severity: Severity,
    /// What it finds.
    pub summary: &'static str,
    /// What breaks, and how.
    pub why: &'static str,
    /// What to do.
    pub help: &'static str,
    /// Whether `--allow` lets it through.
    pub allow: Allow,
}

impl Rule {
    /// A finding of this rule.
    pub(super) fn finding(&'static self, message: impl Into<String>) -> Finding {
        Finding::new(self, message.into())
    }
}

/// Rules about one thing, in one file.
pub struct Family {
    /// What they are about.
    pub title: &'static str,
    /// The rules.
    pub rules: &'static [&'static Rule],
    /// Runs them.
    pub(super) judge: Judge,
}

/// What the rules of a family look at, and the function that runs them.
pub(super) enum Judge {
    /// A cluster, from whatever it was read.
    Cluster(fn(&Cluster, &Context, &mut Vec<Finding>)),
    /// A cluster that is brought to Talos: what is lost on the way, and what has to be made anew.
    Import(fn(&Cluster, &Context, &mut Vec<Finding>)),
    /// A file that Talos reads.
    File(fn(&TalosFile, &Context, &mut Vec<Finding>)),
    /// Files that Talos reads, beside each other: what is found goes to the file of the same index.
    Files(fn(&[TalosFile], &mut [Vec<Finding>])),
}

impl fmt::Debug for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.title)
    }
}
