//! When certificates hold.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::Context;
use super::finding::Finding;
use super::rule::{Allow, Family, Judge, Rule, Severity};
use crate::cluster::{Cluster, Located};
use crate::pki::Certificate;

pub(super) static FAMILY: Family = Family {
    title: "Validity",
    rules: &[&CA_EXPIRED, &CA_NOT_YET_VALID, &CA_ENDS_SOON, &LEAF_EXPIRED],
    judge: Judge::Cluster(check),
};

static CA_EXPIRED: Rule = Rule {
    name: "ca-expired",
    severity: Severity::Error,
    summary: "The CA has ended",
    why: "Talos would issue certificates with it, and every one of them would be refused",
    help: "renew the CA certificate for the same key, or rotate the CA",
    allow: Allow::Yes("the ended CA is taken as it is"),
};

static CA_NOT_YET_VALID: Rule = Rule {
    name: "ca-not-yet-valid",
    severity: Severity::Error,
    summary: "The CA does not hold yet",
    why: "Talos would issue certificates with it, and every one of them would be refused until \
          then",
    help: "check the clock of this machine; `--now` judges by another moment",
    allow: Allow::Yes("the CA is taken as it is"),
};

static CA_ENDS_SOON: Rule = Rule {
    name: "ca-ends-soon",
    severity: Severity::Warning,
    summary: "The CA ends soon",
    why: "Talos renews certificates by itself, but not this CA: it issues them for a year (for \
          etcd ten) whether the CA lasts that long or not, and on that day the cluster stops",
    help: "rotate the CA right after the migration, and put the day into the calendar",
    allow: Allow::NotNeeded,
};

static LEAF_EXPIRED: Rule = Rule {
    name: "leaf-expired",
    severity: Severity::Warning,
    summary: "A certificate of the old cluster has ended",
    why: "Talos makes its own, so the import is not touched; but a control plane whose \
          certificates have ended does not run, and nodes cannot be moved one by one",
    help: "if the old cluster shall run meanwhile, renew it there",
    allow: Allow::NotNeeded,
};

fn check(cluster: &Cluster, context: &Context, findings: &mut Vec<Finding>) {
    for authority in &cluster.authorities {
        if let Some(certificate) = &authority.certificate.chosen {
            findings.extend(authority_validity(certificate, context));
        }
    }
    findings.extend(ended_leaves(cluster, context));
}

fn authority_validity(certificate: &Located<Certificate>, context: &Context) -> Option<Finding> {
    let validity = certificate.value.validity;
    let file = certificate.origin.name();
    let (rule, message) = if validity.not_after < context.now {
        let ended = day(validity.not_after);
        (
            &CA_EXPIRED,
            format!(
                "`{file}` ended on {ended}, {}",
                distance(context.now, validity.not_after)
            ),
        )
    } else if context.now < validity.not_before {
        let begins = day(validity.not_before);
        let distance = distance(context.now, validity.not_before);
        (
            &CA_NOT_YET_VALID,
            format!("`{file}` begins on {begins}, {distance}"),
        )
    } else if validity.not_after.duration_since(context.now) < context.expires_within {
        let ends = day(validity.not_after);
        let distance = distance(context.now, validity.not_after);
        (
            &CA_ENDS_SOON,
            format!("`{file}` ends on {ends}, {distance}"),
        )
    } else {
        return None;
    };
    let place = format!("{}: {}", certificate.origin, certificate.value);
    Some(rule.finding(message).at(place))
}

fn ended_leaves(cluster: &Cluster, context: &Context) -> Option<Finding> {
    let leaves = cluster
        .leaves
        .iter()
        .filter_map(|leaf| leaf.certificate.as_ref().ok());
    let clients = cluster
        .kubeconfigs
        .iter()
        .filter_map(|kubeconfig| kubeconfig.client.as_ref());
    let ended: Vec<_> = leaves
        .chain(clients)
        .filter(|certificate| certificate.value.validity.not_after < context.now)
        .collect();
    let message = match ended.as_slice() {
        [] => return None,
        [one] => format!("the certificate in `{}` has ended", one.origin.file),
        many => format!("{} certificates of the old cluster have ended", many.len()),
    };
    Some(
        LEAF_EXPIRED
            .finding(message)
            .at_each(ended.iter().map(|certificate| {
                let ended = day(certificate.value.validity.not_after);
                format!(
                    "{}: {}, ended {ended}",
                    certificate.origin, certificate.value
                )
            }))
            .help(format!(
                "if the old cluster shall run meanwhile: {}",
                cluster.operations.certificates
            )),
    )
}

/// The day of a moment in UTC, as `2034-03-01`.
pub(crate) fn day(moment: Timestamp) -> String {
    TimeZone::UTC.to_datetime(moment).date().to_string()
}

/// How far `moment` is from `now`, in the largest unit that gives at least two: `in 7 y`,
/// `5 months ago`.
pub(crate) fn distance(now: Timestamp, moment: Timestamp) -> String {
    const DAY: i64 = 86_400;
    const UNITS: [(i64, &str); 4] = [
        (365 * DAY, "y"),
        (30 * DAY, "months"),
        (DAY, "days"),
        (3_600, "hours"),
    ];
    let seconds = moment.as_second().saturating_sub(now.as_second());
    let magnitude = seconds.saturating_abs();
    let unit = UNITS.iter().find(|(length, _)| magnitude >= 2 * length);
    let amount = unit.map_or("less than 2 hours".to_owned(), |(length, name)| {
        format!("{} {name}", magnitude / length)
    });
    if seconds < 0 {
        format!("{amount} ago")
    } else {
        format!("in {amount}")
    }
}
