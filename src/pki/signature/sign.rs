//! Makes signatures.

use der::Decode;
use ed25519_dalek::Signer;
use rsa::PrivateKey as RsaPrivateKey;
use rsa::pkcs1::DecodeRsaPrivateKey;
use sec1::EcPrivateKey;

use super::{SignatureAlgorithm, digest, pkcs1v15, prehash};
use crate::pki::private_key::PrivateKey;
use crate::pki::public_key::{Curve, KeyAlgorithm};

/// Signs `message` with `key`: RSA as PKCS#1 v1.5, ECDSA in DER (RFC 3279 section 2.2.3), Ed25519
/// in its 64 bytes. Nothing if the algorithm is not one of such a key.
///
/// ECDSA draws no random numbers: it takes its nonce from key and message (RFC 6979), so that a
/// weak random number generator cannot tell the key.
pub(in crate::pki) fn sign(
    key: &PrivateKey,
    algorithm: &SignatureAlgorithm,
    message: &[u8],
) -> Option<Vec<u8>> {
    match (algorithm, key.public_key().algorithm()) {
        (SignatureAlgorithm::Rsa(hash), KeyAlgorithm::Rsa(_)) => {
            let key = RsaPrivateKey::from_pkcs1_der(key.der().expose()).ok()?;
            key.sign(pkcs1v15(*hash), &digest(*hash, message)).ok()
        }
        (SignatureAlgorithm::Ecdsa(hash), KeyAlgorithm::Ecdsa(curve)) => {
            sign_ecdsa(*curve, key, &prehash(*curve, *hash, message))
        }
        (SignatureAlgorithm::Ed25519, KeyAlgorithm::Ed25519) => sign_ed25519(key, message),
        _ => None,
    }
}

fn sign_ecdsa(curve: Curve, key: &PrivateKey, digest: &[u8]) -> Option<Vec<u8>> {
    let scalar = EcPrivateKey::from_der(key.der().expose()).ok()?.private_key;
    macro_rules! sign {
        ($curve:ident) => {{
            use $curve::ecdsa::signature::hazmat::PrehashSigner;
            let key = $curve::ecdsa::SigningKey::from_slice(scalar).ok()?;
            let signature: $curve::ecdsa::Signature = key.sign_prehash(digest).ok()?;
            signature.to_der().as_bytes().to_vec()
        }};
    }
    Some(match curve {
        Curve::P224 => sign!(p224),
        Curve::P256 => sign!(p256),
        Curve::P384 => sign!(p384),
        Curve::P521 => sign!(p521),
    })
}

fn sign_ed25519(key: &PrivateKey, message: &[u8]) -> Option<Vec<u8>> {
    // Its PKCS#8 ends with the seed (RFC 8410 section 7).
    let seed = key.der().expose().last_chunk()?;
    #[cfg(feature = "aws-lc")]
    if let Some(signature) = crate::pki::aws_lc::sign_ed25519(seed, message) {
        return Some(signature);
    }
    let key = ed25519_dalek::SigningKey::from_bytes(seed);
    Some(key.sign(message).to_bytes().to_vec())
}
