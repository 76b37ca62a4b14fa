//! The four extensions about certificate policies.

use std::collections::BTreeSet;

use super::ExtensionKind::CertificatePolicies;
use super::der_cursor::{DerCursor, Tag};
use super::extension::malformed;
use super::object_identifier::{dotted, is_well_formed};
use super::refusal::Refusal;

pub(super) fn check_certificate_policies(mut value: DerCursor<'_>) -> Result<(), Refusal> {
    let malformed = || malformed(CertificatePolicies);
    let mut seen = BTreeSet::new();
    let mut policies = value.enter(Tag::SEQUENCE).ok_or_else(malformed)?;
    while !policies.is_empty() {
        // Arcs of any size are fine here, unlike everywhere else: Go keeps the identifier encoded.
        let identifier = policies
            .enter(Tag::SEQUENCE)
            .and_then(|mut policy| policy.read(Tag::OBJECT_IDENTIFIER))
            .filter(|identifier| is_well_formed(identifier))
            .ok_or_else(malformed)?;
        if !seen.insert(identifier) {
            return Err(Refusal::RepeatedPolicy {
                object_identifier: dotted(identifier),
            });
        }
    }
    Ok(())
}

pub(super) fn inhibit_any_policy(mut value: DerCursor<'_>) -> Option<()> {
    value.read_integer()?.to_i64().map(|_| ())
}

pub(super) fn policy_constraints(mut value: DerCursor<'_>) -> Option<()> {
    let mut constraints = value.enter(Tag::SEQUENCE)?;
    for tag in [REQUIRE_EXPLICIT_POLICY, INHIBIT_POLICY_MAPPING] {
        if constraints.next_is(tag) {
            constraints.read_integer_tagged(tag)?.to_i64()?;
        }
    }
    Some(())
}

pub(super) fn policy_mappings(mut value: DerCursor<'_>) -> Option<()> {
    let mut mappings = value.enter(Tag::SEQUENCE)?;
    while !mappings.is_empty() {
        let mut mapping = mappings.enter(Tag::SEQUENCE)?;
        // The issuer's policy and the subject's; Go does not look inside these identifiers.
        mapping.read(Tag::OBJECT_IDENTIFIER)?;
        mapping.read(Tag::OBJECT_IDENTIFIER)?;
    }
    Some(())
}

const INHIBIT_POLICY_MAPPING: Tag = Tag::context(1);
const REQUIRE_EXPLICIT_POLICY: Tag = Tag::context(0);
