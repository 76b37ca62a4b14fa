//! Which CA stands in which slot of a file, and whether those that are accepted can verify anything.

use super::{let_through, told};
use crate::check::Context;
use crate::check::finding::Finding;
use crate::check::rule::{Family, Judge, Rule, Severity};
use crate::check::validity::{day, distance};
use crate::cluster::{CaSlot, Cluster};
use crate::pki::Certificate;
use crate::talos::file::{PemField, PemUse, TalosFile};

pub(in crate::check) static FAMILY: Family = Family {
    title: "Talos files: authorities",
    rules: &[&CA_OF_ANOTHER_SLOT, &ACCEPTED_CA_UNUSABLE, &NOTHING_TRUSTED],
    judge: Judge::File(check),
};

static CA_OF_ANOTHER_SLOT: Rule = let_through(
    "ca-of-another-slot",
    "A CA stands in the slot of another, by its name",
    "Talos takes any CA in any slot, and the cluster comes up: with certificates of the one good \
     for the other, and foreign to every node that knows the right one",
    "put it into the slot of its name; a CA that only has an odd name can be let through",
);

static ACCEPTED_CA_UNUSABLE: Rule = told(
    Severity::Warning,
    "accepted-ca-unusable",
    "An accepted CA can verify nothing",
    "It has ended, does not hold yet, or is no CA: certificates that it issued are refused",
    "take it out of the list",
);

static NOTHING_TRUSTED: Rule = let_through(
    "nothing-trusted",
    "None of the CAs that the machine trusts can verify anything",
    "Talos takes the file, and then refuses every peer",
    "give the CA that is in use",
);

/// Organizations and common names of CAs, and whose they are: Talos's and kubeadm's.
const NAMES: [(CaSlot, &[&str]); 4] = [
    (CaSlot::Kubernetes, &["kubernetes", "kubernetes-ca"]),
    (CaSlot::Etcd, &["etcd", "etcd-ca"]),
    (
        CaSlot::Aggregator,
        &["front-proxy", "front-proxy-ca", "kubernetes-front-proxy-ca"],
    ),
    (CaSlot::Os, &["talos"]),
];

fn check(file: &TalosFile, context: &Context, findings: &mut Vec<Finding>) {
    findings.extend(misplaced(&file.cluster, |_| true));
    for slot in CaSlot::ALL {
        let accepted: Vec<_> = file.pem_fields_for(PemUse::Accepted(slot)).collect();
        let issuing = file.pem_fields_for(PemUse::Certificate(slot)).count();
        let unusable: Vec<_> = accepted
            .iter()
            .filter_map(|field| unusable(field, context))
            .collect();
        let (all, count) = (accepted.len(), unusable.len());
        findings.extend(unusable);
        if all > 0 && count == all && issuing == 0 {
            let message = format!("no accepted {slot} can verify anything");
            let places = accepted.iter().map(|field| &field.origin);
            findings.push(NOTHING_TRUSTED.finding(message).at_each(places));
        }
    }
}

/// The CAs that have the name of another slot's. A name tells nothing where CAs in several slots have
/// it, each with a key of its own: Cluster API calls all that it makes `kubernetes`.
fn misplaced(cluster: &Cluster, is_asked: impl Fn(CaSlot) -> bool) -> Vec<Finding> {
    let mut findings = Vec::new();
    for authority in &cluster.authorities {
        let Some(certificate) = &authority.certificate.chosen else {
            continue;
        };
        let owners = owners_of(&certificate.value);
        let Some(&owner) = owners.first() else {
            continue;
        };
        let mut others = CaSlot::ALL
            .iter()
            .filter_map(|slot| cluster.certificate(*slot));
        let is_namesake = others.any(|other| {
            owners_of(&other.value).contains(&owner)
                && other.value.public_key != certificate.value.public_key
        });
        if owners.contains(&authority.slot) || is_namesake || !is_asked(authority.slot) {
            continue;
        }
        let origin = &certificate.origin;
        let message = format!(
            "the {owner} stands in the slot of the {}: `{}`",
            authority.slot,
            origin.name()
        );
        let place = format!("{origin}: {}", certificate.value);
        findings.push(CA_OF_ANOTHER_SLOT.finding(message).at(place));
    }
    findings
}

/// The slots of which a CA has the name.
fn owners_of(certificate: &Certificate) -> Vec<CaSlot> {
    let subject = &certificate.subject;
    let mut names = subject.organizations();
    names.push(subject.common_name());
    let owns = |known: &[&str]| names.iter().any(|name| known.contains(name));
    NAMES
        .iter()
        .filter(|(_, known)| owns(known))
        .map(|(slot, _)| *slot)
        .collect()
}

fn unusable(field: &PemField, context: &Context) -> Option<Finding> {
    let certificate = field.certificate()?;
    let validity = certificate.validity;
    let trouble = if validity.not_after < context.now {
        let ended = distance(context.now, validity.not_after);
        format!("ended on {}, {ended}", day(validity.not_after))
    } else if context.now < validity.not_before {
        let begins = distance(context.now, validity.not_before);
        format!("begins on {}, {begins}", day(validity.not_before))
    } else if !certificate.is_authority() {
        "is no CA".to_owned()
    } else {
        return None;
    };
    let origin = &field.origin;
    let message = format!("`{}` {trouble}", origin.name());
    let place = format!("{origin}: {certificate}");
    Some(ACCEPTED_CA_UNUSABLE.finding(message).at(place))
}

/// What names say of the CAs of a cluster that is imported, where no certificate says anything: those
/// of the `unproven` slots. That one CA stands in several slots is the business of `shared-ca`.
pub(in crate::check) fn by_name_alone(cluster: &Cluster, unproven: &[CaSlot]) -> Vec<Finding> {
    misplaced(cluster, |slot| {
        let key = |slot| Some(&cluster.certificate(slot)?.value.public_key);
        let is_shared = |other: &CaSlot| *other != slot && key(*other) == key(slot);
        unproven.contains(&slot) && !CaSlot::ALL.iter().any(is_shared)
    })
}
