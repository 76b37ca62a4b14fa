//! Fresh tokens and secrets, in the formats of Talos.
//!
//! Names carry no secret, yet are drawn from the same generator: a cluster's identity must not be
//! guessed by another cluster.

use crate::pki::Wiped;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rand_core::TryCryptoRng;

use crate::pki::Secret;

/// The characters of tokens. kubeadm demands the same (`[a-z0-9]{6}\.[a-z0-9]{16}`).
const TOKEN_ALPHABET: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";

/// Characters before and after the dot of a token.
const TOKEN_LENGTHS: (usize, usize) = (6, 16);

/// The largest multiple of 36 in a byte. Bytes from here on are thrown away: with them the first
/// four characters would come more often than the others.
const TOKEN_BYTE_LIMIT: u8 = 252;

/// A bootstrap token, or a token for trustd: `[0-9a-z]{6}.[0-9a-z]{16}`.
pub fn token<R: TryCryptoRng>(rng: &mut R) -> Result<Secret<String>, R::Error> {
    let (id_length, secret_length) = TOKEN_LENGTHS;
    let mut token = Wiped::new(String::with_capacity(id_length + 1 + secret_length));
    push_characters(rng, &mut token, id_length)?;
    token.push('.');
    push_characters(rng, &mut token, secret_length)?;
    Ok(Secret::new(std::mem::take(&mut *token)))
}

/// Whether `text` has the format of a token. Talos does not ask; Kubernetes does.
#[must_use]
pub fn is_token(text: &str) -> bool {
    let Some((id, secret)) = text.split_once('.') else {
        return false;
    };
    let (id_length, secret_length) = TOKEN_LENGTHS;
    let in_alphabet = |part: &str| part.bytes().all(|byte| TOKEN_ALPHABET.contains(&byte));
    id.len() == id_length && secret.len() == secret_length && in_alphabet(id) && in_alphabet(secret)
}

/// 32 random bytes as base64: a cluster secret, or a key for secretbox or AES-CBC.
pub fn secret_32<R: TryCryptoRng>(rng: &mut R) -> Result<Secret<String>, R::Error> {
    Ok(Secret::new(base64_of_32(rng)?))
}

/// The identity of a cluster for the discovery service: 32 random bytes as base64. Talos before
/// 1.14 wrote `-` and `_` in it where this has `+` and `/`; nobody decodes it.
pub fn cluster_id<R: TryCryptoRng>(rng: &mut R) -> Result<String, R::Error> {
    base64_of_32(rng)
}

fn push_characters<R: TryCryptoRng>(
    rng: &mut R,
    text: &mut String,
    count: usize,
) -> Result<(), R::Error> {
    let end = text.len() + count;
    let mut bytes = Wiped::new([0; TOKEN_LENGTHS.1]);
    while text.len() < end {
        // As many as are missing: each draw asks the kernel.
        let drawn = &mut bytes[..end - text.len()];
        rng.try_fill_bytes(drawn)?;
        let usable = drawn.iter().filter(|byte| **byte < TOKEN_BYTE_LIMIT);
        text.extend(usable.map(|byte| {
            let index = usize::from(*byte) % TOKEN_ALPHABET.len();
            char::from(TOKEN_ALPHABET[index])
        }));
    }
    Ok(())
}

fn base64_of_32<R: TryCryptoRng>(rng: &mut R) -> Result<String, R::Error> {
    let mut bytes = Wiped::new([0; 32]);
    rng.try_fill_bytes(&mut *bytes)?;
    Ok(STANDARD.encode(*bytes))
}
