//! Who can read the private keys.

use super::Context;
use super::finding::Finding;
use super::rule::{Allow, Family, Judge, Rule, Severity};
use crate::cluster::Cluster;

/// Permission bits of everybody but the owner.
const OTHERS: u32 = 0o077;

pub(super) static FAMILY: Family = Family {
    title: "Permissions",
    rules: &[&KEY_READABLE_BY_OTHERS],
    judge: Judge::Cluster(check),
};

static KEY_READABLE_BY_OTHERS: Rule = Rule {
    name: "key-readable-by-others",
    severity: Severity::Warning,
    summary: "A private key can be read by others than its owner",
    why: "Whoever read it can issue certificates or tokens of this cluster, as long as the key \
          stays the same",
    help: "chmod 600 the files, here and on the nodes; if others may have read them, rotate the \
           CA",
    allow: Allow::NotNeeded,
};

fn check(cluster: &Cluster, _context: &Context, findings: &mut Vec<Finding>) {
    let readable: Vec<_> = cluster
        .key_files
        .iter()
        .filter_map(|file| Some((&file.path, file.mode?)))
        .filter(|(_, mode)| mode & OTHERS != 0)
        .collect();
    let message = match readable.as_slice() {
        [] => return,
        [(path, mode)] => format!("`{path}` can be read by others (mode {mode:04o})"),
        many => format!(
            "{} files with private keys can be read by others",
            many.len()
        ),
    };
    let places = readable
        .iter()
        .map(|(path, mode)| format!("{path}: mode {mode:04o}"));
    findings.push(KEY_READABLE_BY_OTHERS.finding(message).at_each(places));
}
