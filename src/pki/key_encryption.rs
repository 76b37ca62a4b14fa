//! Encrypted private keys: PKCS#8 with PBES2 (RFC 8018) and OpenSSL's traditional format.

use aes::{Aes128, Aes192, Aes256};
use cbc::cipher::block_padding::Pkcs7;
use cbc::cipher::{BlockModeDecrypt, KeyIvInit};
use des::{Des, TdesEde3};
use md5::{Digest, Md5};
use pkcs8::EncryptedPrivateKeyInfoRef;
use pkcs8::pkcs5::EncryptionScheme;
use pkcs8::pkcs5::pbes2::{Kdf, Parameters};

use super::Secret;
use super::encryption_scheme;
use super::pem::Block;
use super::private_key::KeyError;

/// Most PBKDF2 rounds that are tried. OpenSSL's default is 2,048 and careful people take a million;
/// a file that asks for more is made to keep a reader busy.
const MAX_PBKDF2_ROUNDS: u32 = 10_000_000;

/// Most memory that scrypt may ask for, in bytes (128 · N · r, RFC 7914 section 6).
const MAX_SCRYPT_MEMORY: u64 = 1 << 28;

/// Most lanes that scrypt may run, one after the other.
const MAX_SCRYPT_LANES: u64 = 16;

/// Decrypts `block`; nothing if it is not encrypted.
pub(super) fn decrypt(
    block: &Block,
    passphrase: Option<&Secret<String>>,
) -> Result<Option<Secret<Vec<u8>>>, KeyError> {
    if block.label == "ENCRYPTED PRIVATE KEY" {
        // Nobody is asked for a passphrase that would not help.
        let info = encrypted_pkcs8(block.contents.expose())?;
        let passphrase = passphrase.ok_or(KeyError::Encrypted)?;
        return decrypt_pkcs8(&info, passphrase.expose()).map(Some);
    }
    if block
        .header("Proc-Type")
        .is_some_and(|value| value.contains("ENCRYPTED"))
    {
        let passphrase = passphrase.ok_or(KeyError::Encrypted)?;
        return decrypt_traditional(block, passphrase.expose()).map(Some);
    }
    Ok(None)
}

fn encrypted_pkcs8(der: &[u8]) -> Result<EncryptedPrivateKeyInfoRef<'_>, KeyError> {
    let info = EncryptedPrivateKeyInfoRef::try_from(der);
    if let Ok(info) = info
        && let EncryptionScheme::Pbes2(parameters) = &info.encryption_algorithm
    {
        is_affordable(parameters)?;
        return Ok(info);
    }
    Err(match encryption_scheme::name(der) {
        Some(scheme) => KeyError::UnsupportedEncryption(scheme),
        None => KeyError::Malformed("it is not an encrypted PKCS#8 key".to_owned()),
    })
}

fn is_affordable(parameters: &Parameters) -> Result<(), KeyError> {
    let affordable = match &parameters.kdf {
        Kdf::Pbkdf2(pbkdf2) => pbkdf2.iteration_count <= MAX_PBKDF2_ROUNDS,
        Kdf::Scrypt(scrypt) => {
            let blocks = scrypt
                .cost_parameter
                .saturating_mul(u64::from(scrypt.block_size));
            blocks.saturating_mul(128) <= MAX_SCRYPT_MEMORY
                && u64::from(scrypt.parallelization) <= MAX_SCRYPT_LANES
        }
        _ => false,
    };
    if affordable {
        return Ok(());
    }
    let reason = "a key derivation that costs more than any real one";
    Err(KeyError::UnsupportedEncryption(reason.to_owned()))
}

fn decrypt_pkcs8(
    info: &EncryptedPrivateKeyInfoRef<'_>,
    passphrase: &str,
) -> Result<Secret<Vec<u8>>, KeyError> {
    match info.decrypt(passphrase) {
        Ok(document) => Ok(Secret::new(document.as_bytes().to_vec())),
        Err(pkcs8::Error::EncryptedPrivateKey(pkcs8::pkcs5::Error::UnsupportedAlgorithm {
            oid,
        })) => Err(KeyError::UnsupportedEncryption(encryption_scheme::name_of(
            &oid,
        ))),
        Err(_) => Err(KeyError::WrongPassphrase),
    }
}

/// OpenSSL's format of before PKCS#8: the cipher and its IV stand in the `DEK-Info` header, and the
/// key is one round of MD5 over passphrase and salt (`EVP_BytesToKey`).
fn decrypt_traditional(block: &Block, passphrase: &str) -> Result<Secret<Vec<u8>>, KeyError> {
    let info = block.header("DEK-Info").unwrap_or_default();
    let (cipher, iv) = info.split_once(',').unwrap_or((info, ""));
    let iv = hexadecimal(iv.trim())
        .ok_or_else(|| KeyError::Malformed("its DEK-Info header has no IV".to_owned()))?;
    let data = block.contents.expose();
    let plain = match cipher.trim() {
        "AES-128-CBC" => decrypt_cbc::<cbc::Decryptor<Aes128>>(data, passphrase, &iv, 16),
        "AES-192-CBC" => decrypt_cbc::<cbc::Decryptor<Aes192>>(data, passphrase, &iv, 24),
        "AES-256-CBC" => decrypt_cbc::<cbc::Decryptor<Aes256>>(data, passphrase, &iv, 32),
        "DES-CBC" => decrypt_cbc::<cbc::Decryptor<Des>>(data, passphrase, &iv, 8),
        "DES-EDE3-CBC" => decrypt_cbc::<cbc::Decryptor<TdesEde3>>(data, passphrase, &iv, 24),
        other => return Err(KeyError::UnsupportedEncryption(other.to_owned())),
    };
    // A wrong passphrase shows as bad padding, or, once in 256 times, as bytes that are no DER.
    plain
        .filter(|plain| plain.expose().first() == Some(&0x30))
        .ok_or(KeyError::WrongPassphrase)
}

fn decrypt_cbc<C: BlockModeDecrypt + KeyIvInit>(
    data: &[u8],
    passphrase: &str,
    iv: &[u8],
    key_length: usize,
) -> Option<Secret<Vec<u8>>> {
    let key = derive_key(passphrase, iv.get(..8)?, key_length);
    let cipher = C::new_from_slices(key.expose(), iv).ok()?;
    cipher
        .decrypt_padded_vec::<Pkcs7>(data)
        .ok()
        .map(Secret::new)
}

fn derive_key(passphrase: &str, salt: &[u8], length: usize) -> Secret<Vec<u8>> {
    let mut key = Vec::with_capacity(length + 16);
    let mut previous: Vec<u8> = Vec::new();
    while key.len() < length {
        let digest = Md5::new()
            .chain_update(&previous)
            .chain_update(passphrase.as_bytes())
            .chain_update(salt)
            .finalize();
        previous = digest.to_vec();
        key.extend_from_slice(&digest);
    }
    key.truncate(length);
    Secret::new(key)
}

fn hexadecimal(text: &str) -> Option<Vec<u8>> {
    if !text.is_ascii() || !text.len().is_multiple_of(2) || text.len() < 16 {
        return None;
    }
    let digits = (0..text.len()).step_by(2);
    digits
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).ok())
        .collect()
}
