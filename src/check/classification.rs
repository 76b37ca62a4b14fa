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
    why: "The certificates that a CA signed, key fingerprints and subjects say which it is",
    help: "see that the table shows the right files",
    allow: Allow::NotNeeded,
};

fn check(cluster: &Cluster, _context: &Context, findings: &mut Vec<Finding>) {
    for choice in &cluster.open_choices {
        let what = &choice.what;
        let count = choice.candidates.len();
        findings.push(
            OPEN_CHOICE
                .finding(format!("{count} files could be the {what}"))
                .at_each(&choice.candidates)
                .help(&choice.remedy),
        );
    }
    findings.extend(found_by_content(cluster));
}

fn found_by_content(cluster: &Cluster) -> Option<Finding> {
    let mut places = Vec::new();
    for authority in &cluster.authorities {
        let (certificate, key) = (&authority.certificate, &authority.key);
        if let Some(chosen) = certificate
            .chosen
            .as_ref()
            .filter(|_| certificate.by_content)
        {
            places.push(format!("{}: {}", chosen.origin, authority.slot));
        }
        if let Some(chosen) = key.chosen.as_ref().filter(|_| key.by_content) {
            places.push(format!("{}: key of the {}", chosen.origin, authority.slot));
        }
    }
    if let Some(account) = &cluster.service_account
        && let Some(chosen) = account
            .key
            .chosen
            .as_ref()
            .filter(|_| account.key.by_content)
    {
        places.push(format!("{}: service-account key", chosen.origin));
    }
    let message = match places.len() {
        0 => return None,
        1 => "a file was told by what it is, not by its name".to_owned(),
        count => format!("{count} files were told by what they are, not by their names"),
    };
    Some(FOUND_BY_CONTENT.finding(message).at_each(places))
}
