//! The subject's public key: RSA, DSA, the four NIST curves and Ed25519.
//!
//! A key of any other algorithm, X25519 and RSA-PSS keys among them, is taken as it is: Go leaves
//! it unparsed.

use super::certificate::AlgorithmIdentifier;
use super::der_cursor::{BitString, DerCursor, Integer, Tag};
use super::refusal::Refusal;
use crate::pki::public_key::UNCOMPRESSED_POINT;

pub(super) fn check(algorithm: AlgorithmIdentifier<'_>, key: BitString<'_>) -> Result<(), Refusal> {
    let parameters = algorithm
        .parameters
        .map_or_else(Default::default, |parameters| parameters.encoding);
    let check = match algorithm.algorithm.content() {
        DSA => check_dsa,
        ED25519 => check_ed25519,
        ELLIPTIC_CURVE => check_elliptic_curve,
        RSA => check_rsa,
        _ => return Ok(()),
    };
    check(parameters, &key.right_aligned())
}

fn check_dsa(parameters: &[u8], key: &[u8]) -> Result<(), Refusal> {
    let public_value = DerCursor::new(key)
        .read_integer()
        .ok_or(Refusal::MalformedKey { algorithm: "DSA" })?;
    let malformed = Refusal::MalformedKeyParameters { algorithm: "DSA" };
    let domain = DerCursor::new(parameters)
        .enter(Tag::SEQUENCE)
        .and_then(|mut domain| {
            Some([
                domain.read_integer()?,
                domain.read_integer()?,
                domain.read_integer()?,
            ])
        })
        .ok_or(malformed)?;
    if public_value.is_positive() && domain.into_iter().all(Integer::is_positive) {
        Ok(())
    } else {
        Err(Refusal::NonPositiveDsaValue)
    }
}

fn check_ed25519(parameters: &[u8], key: &[u8]) -> Result<(), Refusal> {
    if !parameters.is_empty() {
        return Err(Refusal::UnexpectedEd25519Parameters);
    }
    if key.len() != ED25519_LENGTH {
        return Err(Refusal::WrongEd25519Length { octets: key.len() });
    }
    Ok(())
}

fn check_elliptic_curve(parameters: &[u8], key: &[u8]) -> Result<(), Refusal> {
    let curve = DerCursor::new(parameters)
        .read_object_identifier()
        .ok_or(Refusal::MalformedKeyParameters { algorithm: "EC" })?;
    let (curve, on_curve): (_, fn(&[u8]) -> bool) = match curve.content() {
        P224 => ("P-224", |key| p224::PublicKey::from_sec1_bytes(key).is_ok()),
        P256 => ("P-256", |key| p256::PublicKey::from_sec1_bytes(key).is_ok()),
        P384 => ("P-384", |key| p384::PublicKey::from_sec1_bytes(key).is_ok()),
        P521 => ("P-521", |key| p521::PublicKey::from_sec1_bytes(key).is_ok()),
        _ => {
            return Err(Refusal::UnsupportedCurve {
                object_identifier: curve.to_string(),
            });
        }
    };
    if key.first() != Some(&UNCOMPRESSED_POINT) {
        return Err(Refusal::PointNotUncompressed { curve });
    }
    if on_curve(key) {
        Ok(())
    } else {
        Err(Refusal::PointNotOnCurve { curve })
    }
}

fn check_rsa(parameters: &[u8], key: &[u8]) -> Result<(), Refusal> {
    if parameters != NULL {
        return Err(Refusal::RsaParametersNotNull);
    }
    let malformed = || Refusal::MalformedKey { algorithm: "RSA" };
    let mut key = DerCursor::new(key)
        .enter(Tag::SEQUENCE)
        .ok_or_else(malformed)?;
    let modulus = key.read_integer().ok_or_else(malformed)?;
    let exponent = key
        .read_integer()
        .and_then(Integer::to_i64)
        .ok_or_else(malformed)?;
    if !modulus.is_positive() {
        return Err(Refusal::NonPositiveRsaModulus);
    }
    if exponent <= 0 {
        return Err(Refusal::NonPositiveRsaExponent);
    }
    Ok(())
}

/// `id-dsa`, 1.2.840.10040.4.1
const DSA: &[u8] = b"\x2a\x86\x48\xce\x38\x04\x01";
/// `id-Ed25519`, 1.3.101.112
const ED25519: &[u8] = b"\x2b\x65\x70";
const ED25519_LENGTH: usize = 32;
/// `id-ecPublicKey`, 1.2.840.10045.2.1
const ELLIPTIC_CURVE: &[u8] = b"\x2a\x86\x48\xce\x3d\x02\x01";
const NULL: &[u8] = b"\x05\x00";
/// `secp224r1`, 1.3.132.0.33
const P224: &[u8] = b"\x2b\x81\x04\x00\x21";
/// `secp256r1`, 1.2.840.10045.3.1.7
const P256: &[u8] = b"\x2a\x86\x48\xce\x3d\x03\x01\x07";
/// `secp384r1`, 1.3.132.0.34
const P384: &[u8] = b"\x2b\x81\x04\x00\x22";
/// `secp521r1`, 1.3.132.0.35
const P521: &[u8] = b"\x2b\x81\x04\x00\x23";
/// `rsaEncryption`, 1.2.840.113549.1.1.1
const RSA: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01";
