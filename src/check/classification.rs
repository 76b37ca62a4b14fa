//! How it was found out which file is which.

use super::Context;
use super::finding::Finding;
use super::rule::{Allow, Family, Judge, Rule, Severity};
use crate::cluster::Cluster;

pub(super) static FAMILY: Family = Family {
    title: "Which file is which",
    rules: &[&OPEN_CHOICE, &FOUND_BY_CONTENT],
    judge: Judge::Import(check),
};

static OPEN_CHOICE: Rule = Rule {
    name: "open-choice",
    severity: Severity::Error,
    summary: "Several files could fill a slot, and nothing tells which is right",
    why: "The wrong one locks every node out, so it is not guessed",
    help: "name the right one",
    allow: Allow::Never("the choice must be made by a person"),
};

static FOUND_BY_CONTENT: Rule = Rule {
    name: "found-by-content",
    severity: Severity::Note,
    summary: "A file was told by what it is, since its usual name is missing",
    why: "The certificates that a CA signed, and the public halves of keys, say which it is. A \
          service-account key whose public half is not here is only likely: that is a warning",
    help: "see that the table shows the right files",
    allow: Allow::NotNeeded,
};

fn check(cluster: &Cluster, _context: &Context, findings: &mut Vec<Finding>) {
    let choices = cluster.open_choices.iter();
    for choice in choices.filter(|choice| !cluster.has_filled(choice)) {
        let what = &choice.what;
        let count = choice.candidates.len();
        let are = if what.contains("folder") {
            "folders"
        } else {
            "files"
        };
        findings.push(
            OPEN_CHOICE
                .finding(format!("{count} {are} could be the {what}"))
                .at_each(&choice.candidates)
                .help(&choice.remedy),
        );
    }
    findings.extend(found_by_content(cluster));
}

/// One finding on what is proven, and one on what is only likely: a key whose public half nobody
/// has.
fn found_by_content(cluster: &Cluster) -> Vec<Finding> {
    let mut proven = Vec::new();
    for authority in &cluster.authorities {
        let (certificate, key) = (&authority.certificate, &authority.key);
        if let Some(chosen) = certificate
            .chosen
            .as_ref()
            .filter(|_| certificate.by_content)
        {
            proven.push(format!("{}: {}", chosen.origin, authority.slot));
        }
        if let Some(chosen) = key.chosen.as_ref().filter(|_| key.by_content) {
            proven.push(format!("{}: key of the {}", chosen.origin, authority.slot));
        }
    }
    let mut unproven = None;
    if let Some(account) = &cluster.service_account
        && let Some(chosen) = account
            .key
            .chosen
            .as_ref()
            .filter(|_| account.key.by_content)
    {
        let place = format!("{}: service-account key", chosen.origin);
        if account.is_proven() {
            proven.push(place);
        } else {
            unproven = Some(place);
        }
    }
    let message = match proven.len() {
        1 => "a file was told by what it is, not by its name".to_owned(),
        count => format!("{count} files were told by what they are, not by their names"),
    };
    let proven = (!proven.is_empty()).then(|| FOUND_BY_CONTENT.finding(message).at_each(proven));
    let unproven = unproven.map(|place| Finding {
        severity: Severity::Warning,
        ..FOUND_BY_CONTENT
            .finding("the service-account key is the only key without a certificate, and no more")
            .at(place)
            .why("Nothing proves that tokens are signed with it: its public half is not here")
            .help(
                "compare its key id with that in the header of a token (`kid`), or give a source \
                 that has sa.pub, too",
            )
    });
    unproven.into_iter().chain(proven).collect()
}
