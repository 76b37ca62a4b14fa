//! The certificate as a whole: its fields in their order, from the version to the signature.
//!
//! Go reads what it needs and leaves the rest: bytes after the last field of a sequence are no
//! reason to refuse, except after the certificate itself.

use super::CertificateField as Field;
use super::der_cursor::{DerCursor, Element, Integer, Tag};
use super::distinguished_name;
use super::extension;
use super::object_identifier::ObjectIdentifier;
use super::public_key;
use super::refusal::Refusal;
use super::validity;

pub(super) fn check(der: &[u8]) -> Result<(), Refusal> {
    let mut input = DerCursor::new(der);
    let mut certificate = enter(&mut input, Tag::SEQUENCE, Field::Certificate)?;
    let mut to_be_signed = enter(&mut certificate, Tag::SEQUENCE, Field::TbsCertificate)?;

    let version = check_version(&mut to_be_signed)?;
    check_serial_number(&mut to_be_signed)?;
    check_signature_algorithm(&mut to_be_signed, &mut certificate)?;

    let issuer = enter(&mut to_be_signed, Tag::SEQUENCE, Field::Issuer)?;
    distinguished_name::check(issuer, Field::Issuer)?;
    validity::check(enter(&mut to_be_signed, Tag::SEQUENCE, Field::Validity)?)?;
    let subject = enter(&mut to_be_signed, Tag::SEQUENCE, Field::Subject)?;
    distinguished_name::check(subject, Field::Subject)?;
    check_subject_public_key_info(&mut to_be_signed)?;

    if version >= Version::V2 {
        skip_unique_identifiers(&mut to_be_signed)?;
    }
    if version == Version::V3 && to_be_signed.next_is(EXTENSIONS) {
        let explicit = &mut enter(&mut to_be_signed, EXTENSIONS, Field::Extensions)?;
        extension::check_all(enter(explicit, Tag::SEQUENCE, Field::Extensions)?)?;
    }

    certificate
        .read_bit_string()
        .ok_or(malformed(Field::SignatureValue))?;
    if input.is_empty() {
        Ok(())
    } else {
        Err(Refusal::TrailingData)
    }
}

fn check_version(to_be_signed: &mut DerCursor<'_>) -> Result<Version, Refusal> {
    if !to_be_signed.next_is(VERSION) {
        return Ok(Version::V1);
    }
    let mut explicit = enter(to_be_signed, VERSION, Field::Version)?;
    let number = explicit
        .read_integer()
        .filter(|_| explicit.is_empty())
        .and_then(Integer::to_i64)
        .ok_or(malformed(Field::Version))?;
    match number {
        // Go adds one before it compares, and the largest number wraps around. What it then takes
        // for the version has neither unique identifiers nor extensions, just like version 1.
        0 | i64::MAX => Ok(Version::V1),
        1 => Ok(Version::V2),
        2 => Ok(Version::V3),
        _ => Err(Refusal::UnsupportedVersion { number }),
    }
}

fn check_serial_number(to_be_signed: &mut DerCursor<'_>) -> Result<(), Refusal> {
    let serial_number = to_be_signed
        .read_integer()
        .ok_or(malformed(Field::SerialNumber))?;
    if serial_number.is_negative() {
        return Err(Refusal::NegativeSerialNumber);
    }
    Ok(())
}

/// Checks the algorithm inside the signed part together with the one beside the signature.
fn check_signature_algorithm(
    to_be_signed: &mut DerCursor<'_>,
    certificate: &mut DerCursor<'_>,
) -> Result<(), Refusal> {
    let inner = to_be_signed
        .read(Tag::SEQUENCE)
        .ok_or(malformed(Field::Signature))?;
    let outer = certificate
        .read(Tag::SEQUENCE)
        .ok_or(malformed(Field::SignatureAlgorithm))?;
    if inner != outer {
        return Err(Refusal::SignatureAlgorithmsDiffer);
    }
    AlgorithmIdentifier::read(DerCursor::new(inner))
        .map(|_| ())
        .ok_or(malformed(Field::Signature))
}

fn check_subject_public_key_info(to_be_signed: &mut DerCursor<'_>) -> Result<(), Refusal> {
    let field = Field::SubjectPublicKeyInfo;
    let mut information = enter(to_be_signed, Tag::SEQUENCE, field)?;
    let algorithm = enter(&mut information, Tag::SEQUENCE, field)?;
    let algorithm = AlgorithmIdentifier::read(algorithm).ok_or(malformed(field))?;
    let key = information.read_bit_string().ok_or(malformed(field))?;
    public_key::check(algorithm, key)
}

fn skip_unique_identifiers(to_be_signed: &mut DerCursor<'_>) -> Result<(), Refusal> {
    for (tag, field) in [
        (Tag::context(1), Field::IssuerUniqueId),
        (Tag::context(2), Field::SubjectUniqueId),
    ] {
        if to_be_signed.next_is(tag) {
            to_be_signed.read(tag).ok_or(malformed(field))?;
        }
    }
    Ok(())
}

fn enter<'der>(
    cursor: &mut DerCursor<'der>,
    tag: Tag,
    field: Field,
) -> Result<DerCursor<'der>, Refusal> {
    cursor.enter(tag).ok_or(malformed(field))
}

const fn malformed(field: Field) -> Refusal {
    Refusal::Malformed { field }
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Version {
    V1,
    V2,
    V3,
}

/// The content of an `AlgorithmIdentifier`.
#[derive(Clone, Copy)]
pub(super) struct AlgorithmIdentifier<'der> {
    pub(super) algorithm: ObjectIdentifier<'der>,
    pub(super) parameters: Option<Element<'der>>,
}

impl<'der> AlgorithmIdentifier<'der> {
    fn read(mut cursor: DerCursor<'der>) -> Option<Self> {
        let algorithm = cursor.read_object_identifier()?;
        let parameters = if cursor.is_empty() {
            None
        } else {
            Some(cursor.read_any()?)
        };
        Some(Self {
            algorithm,
            parameters,
        })
    }
}

const EXTENSIONS: Tag = Tag::context_constructed(3);
const VERSION: Tag = Tag::context_constructed(0);
