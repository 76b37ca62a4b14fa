//! How an encrypted PKCS#8 key is encrypted, by name: of what cannot be decrypted here a person has to
//! know what it is.

use der::asn1::{ObjectIdentifier, OctetStringRef};
use der::{Decode, Sequence};
use spki::AlgorithmIdentifierRef;

const PBES2: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.5.13");

/// AES, triple DES and DES in CBC mode: what is decrypted here.
const DECRYPTED: [ObjectIdentifier; 5] = [
    ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.1.2"),
    ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.1.22"),
    ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.1.42"),
    ObjectIdentifier::new_unwrap("1.2.840.113549.3.7"),
    ObjectIdentifier::new_unwrap("1.3.14.3.2.7"),
];

/// What OpenSSL can encrypt with beyond that, as it calls it: PBES1 (RFC 8018, appendix A.3), PKCS#12
/// (RFC 7292, appendix C), and the ciphers of PBES2.
const NAMES: [(&str, &str); 22] = [
    ("1.2.840.113549.1.5.1", "PBE-MD2-DES"),
    ("1.2.840.113549.1.5.3", "PBE-MD5-DES"),
    ("1.2.840.113549.1.5.4", "PBE-MD2-RC2-64"),
    ("1.2.840.113549.1.5.6", "PBE-MD5-RC2-64"),
    ("1.2.840.113549.1.5.10", "PBE-SHA1-DES"),
    ("1.2.840.113549.1.5.11", "PBE-SHA1-RC2-64"),
    ("1.2.840.113549.1.12.1.1", "PBE-SHA1-RC4-128"),
    ("1.2.840.113549.1.12.1.2", "PBE-SHA1-RC4-40"),
    ("1.2.840.113549.1.12.1.3", "PBE-SHA1-3DES"),
    ("1.2.840.113549.1.12.1.4", "PBE-SHA1-2DES"),
    ("1.2.840.113549.1.12.1.5", "PBE-SHA1-RC2-128"),
    ("1.2.840.113549.1.12.1.6", "PBE-SHA1-RC2-40"),
    ("1.2.392.200011.61.1.1.1.2", "Camellia-128-CBC"),
    ("1.2.392.200011.61.1.1.1.3", "Camellia-192-CBC"),
    ("1.2.392.200011.61.1.1.1.4", "Camellia-256-CBC"),
    ("1.2.410.200046.1.1.2", "ARIA-128-CBC"),
    ("1.2.410.200046.1.1.7", "ARIA-192-CBC"),
    ("1.2.410.200046.1.1.12", "ARIA-256-CBC"),
    ("1.2.410.200004.1.4", "SEED-CBC"),
    ("1.2.156.10197.1.104.2", "SM4-CBC"),
    ("1.2.840.113549.3.2", "RC2-CBC"),
    ("1.2.840.113549.3.4", "RC4"),
];

/// `EncryptedPrivateKeyInfo` (RFC 5958).
#[derive(Sequence)]
struct EncryptedKey<'a> {
    algorithm: AlgorithmIdentifierRef<'a>,
    data: &'a OctetStringRef,
}

/// `PBES2-params` (RFC 8018, appendix A.4).
#[derive(Sequence)]
struct Pbes2Parameters<'a> {
    key_derivation: AlgorithmIdentifierRef<'a>,
    cipher: AlgorithmIdentifierRef<'a>,
}

/// What the key in `der` is encrypted with; nothing if it is no encrypted key.
pub(super) fn name(der: &[u8]) -> Option<String> {
    let key = EncryptedKey::from_der(der).ok()?;
    if key.algorithm.oid != PBES2 {
        return Some(name_of(&key.algorithm.oid));
    }
    let parameters: Pbes2Parameters<'_> = key.algorithm.parameters?.decode_as().ok()?;
    Some(if DECRYPTED.contains(&parameters.cipher.oid) {
        "a key derivation that is not known here".to_owned()
    } else {
        name_of(&parameters.cipher.oid)
    })
}

/// The name of an algorithm, or its number.
pub(super) fn name_of(algorithm: &ObjectIdentifier) -> String {
    let number = algorithm.to_string();
    let known = NAMES.iter().find(|(known, _)| *known == number);
    known.map_or_else(
        || format!("the algorithm {number}"),
        |(_, name)| (*name).to_owned(),
    )
}
