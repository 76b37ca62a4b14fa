//! The extensions: each one's frame, that none comes twice, and the contents of those Go reads.
//!
//! Subject alternative names, name constraints and policies have rooms of their own; the shorter
//! extensions are here. Extensions that Go does not know are taken as they are, critical or not.

use std::collections::BTreeSet;

use super::ExtensionKind::{
    self as Kind, AuthorityInformationAccess, AuthorityKeyIdentifier, BasicConstraints,
    CrlDistributionPoints, ExtendedKeyUsage, KeyUsage, SubjectKeyIdentifier,
};
use super::der_cursor::{DerCursor, Tag};
use super::object_identifier::ObjectIdentifier;
use super::part::CertificateField;
use super::refusal::Refusal;
use super::{name_constraints, policy, subject_alternative_name};

/// Checks the content of `Extensions`: first every frame, then every value, as Go does.
pub(super) fn check_all(mut extensions: DerCursor<'_>) -> Result<(), Refusal> {
    let mut seen = BTreeSet::new();
    let mut read = Vec::new();
    while !extensions.is_empty() {
        let extension = extensions
            .enter(Tag::SEQUENCE)
            .and_then(Extension::read)
            .ok_or(Refusal::Malformed {
                field: CertificateField::Extensions,
            })?;
        if !seen.insert(extension.identifier) {
            return Err(Refusal::RepeatedExtension {
                object_identifier: extension.identifier.to_string(),
            });
        }
        read.push(extension);
    }
    read.into_iter().try_for_each(Extension::check)
}

pub(super) const fn malformed(extension: Kind) -> Refusal {
    Refusal::MalformedExtension { extension }
}

#[derive(Clone, Copy)]
struct Extension<'der> {
    identifier: ObjectIdentifier<'der>,
    critical: bool,
    value: DerCursor<'der>,
}

impl<'der> Extension<'der> {
    fn read(mut cursor: DerCursor<'der>) -> Option<Self> {
        let identifier = cursor.read_object_identifier()?;
        let critical = cursor.next_is(Tag::BOOLEAN) && cursor.read_boolean()?;
        let value = cursor.enter(Tag::OCTET_STRING)?;
        Some(Self {
            identifier,
            critical,
            value,
        })
    }

    fn check(self) -> Result<(), Refusal> {
        let Some(kind) = Kind::from_object_identifier(self.identifier.content()) else {
            return Ok(());
        };
        if self.critical && kind.must_not_be_critical() {
            return Err(Refusal::CriticalExtension { extension: kind });
        }
        let value = self.value;
        let well_formed = match kind {
            AuthorityInformationAccess => authority_information_access(value),
            AuthorityKeyIdentifier => authority_key_identifier(value),
            BasicConstraints => basic_constraints(value),
            CrlDistributionPoints => crl_distribution_points(value),
            ExtendedKeyUsage => extended_key_usage(value),
            KeyUsage => key_usage(value),
            SubjectKeyIdentifier => subject_key_identifier(value),
            Kind::InhibitAnyPolicy => policy::inhibit_any_policy(value),
            Kind::PolicyConstraints => policy::policy_constraints(value),
            Kind::PolicyMappings => policy::policy_mappings(value),
            Kind::CertificatePolicies => return policy::check_certificate_policies(value),
            Kind::NameConstraints => return name_constraints::check(value),
            Kind::SubjectAlternativeName => return subject_alternative_name::check(value),
        };
        well_formed.ok_or(malformed(kind))
    }
}

fn authority_information_access(mut value: DerCursor<'_>) -> Option<()> {
    let mut descriptions = value.enter(Tag::SEQUENCE)?;
    while !descriptions.is_empty() {
        let mut description = descriptions.enter(Tag::SEQUENCE)?;
        description.read_object_identifier()?;
        if description.next_is(URI) {
            description.read(URI)?;
        }
    }
    Some(())
}

fn authority_key_identifier(mut value: DerCursor<'_>) -> Option<()> {
    let mut identifier = value.enter(Tag::SEQUENCE)?;
    if identifier.next_is(KEY_IDENTIFIER) {
        identifier.read(KEY_IDENTIFIER)?;
    }
    Some(())
}

fn basic_constraints(mut value: DerCursor<'_>) -> Option<()> {
    let mut constraints = value.enter(Tag::SEQUENCE)?;
    if constraints.next_is(Tag::BOOLEAN) {
        constraints.read_boolean()?;
    }
    if constraints.next_is(Tag::INTEGER) {
        let path_length = constraints.read_integer()?.to_i64()?;
        u64::try_from(path_length).ok()?;
    }
    Some(())
}

fn crl_distribution_points(mut value: DerCursor<'_>) -> Option<()> {
    let mut points = value.enter(Tag::SEQUENCE)?;
    while !points.is_empty() {
        let mut point = points.enter(Tag::SEQUENCE)?;
        if point.next_is(DISTRIBUTION_POINT) {
            let mut names = point.enter(DISTRIBUTION_POINT)?.enter(FULL_NAME)?;
            // Go reads the URIs that come first, and nothing behind another kind of name.
            while names.next_is(URI) {
                names.read(URI)?;
            }
        }
    }
    Some(())
}

fn extended_key_usage(mut value: DerCursor<'_>) -> Option<()> {
    let mut purposes = value.enter(Tag::SEQUENCE)?;
    while !purposes.is_empty() {
        purposes.read_object_identifier()?;
    }
    Some(())
}

fn key_usage(mut value: DerCursor<'_>) -> Option<()> {
    value.read_bit_string().map(|_| ())
}

fn subject_key_identifier(mut value: DerCursor<'_>) -> Option<()> {
    value.read(Tag::OCTET_STRING).map(|_| ())
}

const DISTRIBUTION_POINT: Tag = Tag::context_constructed(0);
const FULL_NAME: Tag = Tag::context_constructed(0);
const KEY_IDENTIFIER: Tag = Tag::context(0);
const URI: Tag = Tag::context(6);
