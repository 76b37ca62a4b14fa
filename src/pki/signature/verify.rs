//! Whether a signature is good.

use ed25519_dalek::Verifier;
use rsa::traits::SignatureScheme;
use rsa::{BoxedUint, Pss, PublicKey as RsaPublicKey};
use sha2::{Sha256, Sha384, Sha512};

use super::{Hash, RSA_BITS, SignatureAlgorithm, SignatureError, digest, pkcs1v15, prehash};
use crate::pki::public_key::{Curve, KeyAlgorithm, PublicKey};

/// Checks `signature` over `message` with the public key `signer`.
pub(in crate::pki) fn verify(
    signer: &PublicKey,
    algorithm: &SignatureAlgorithm,
    message: &[u8],
    signature: &[u8],
) -> Result<(), SignatureError> {
    #[cfg(feature = "aws-lc")]
    if crate::pki::aws_lc::accepts(signer, algorithm, message, signature) {
        return Ok(());
    }
    let good = match (algorithm, signer.algorithm()) {
        (SignatureAlgorithm::Rsa(hash), KeyAlgorithm::Rsa(_)) => {
            let digest = digest(*hash, message);
            verify_rsa(signer, pkcs1v15(*hash), &digest, signature)
        }
        (SignatureAlgorithm::RsaPss(hash, salt), KeyAlgorithm::Rsa(_)) => {
            let digest = digest(*hash, message);
            match hash {
                Hash::Sha256 => verify_rsa(
                    signer,
                    Pss::<Sha256>::new_with_salt(*salt),
                    &digest,
                    signature,
                ),
                Hash::Sha384 => verify_rsa(
                    signer,
                    Pss::<Sha384>::new_with_salt(*salt),
                    &digest,
                    signature,
                ),
                Hash::Sha512 => verify_rsa(
                    signer,
                    Pss::<Sha512>::new_with_salt(*salt),
                    &digest,
                    signature,
                ),
                Hash::Md5 | Hash::Sha1 | Hash::Sha224 => {
                    return Err(SignatureError::Unsupported(algorithm.to_string()));
                }
            }
        }
        (SignatureAlgorithm::Ecdsa(hash), KeyAlgorithm::Ecdsa(curve)) => verify_ecdsa(
            *curve,
            signer.key(),
            &prehash(*curve, *hash, message),
            signature,
        ),
        (SignatureAlgorithm::Ed25519, KeyAlgorithm::Ed25519) => {
            verify_ed25519(signer.key(), message, signature)
        }
        (SignatureAlgorithm::Other(name), _) | (_, KeyAlgorithm::Other(name)) => {
            return Err(SignatureError::Unsupported(name.clone()));
        }
        _ => None,
    };
    good.ok_or(SignatureError::Bad)
}

fn verify_rsa(
    signer: &PublicKey,
    scheme: impl SignatureScheme,
    digest: &[u8],
    signature: &[u8],
) -> Option<()> {
    let key = pkcs1::RsaPublicKeyRef::try_from(signer.key()).ok()?;
    let modulus = BoxedUint::from_be_slice_vartime(key.modulus.as_bytes());
    let exponent = BoxedUint::from_be_slice_vartime(key.public_exponent.as_bytes());
    let key = RsaPublicKey::new_with_size_limits(modulus, exponent, RSA_BITS).ok()?;
    key.verify(scheme, digest, signature).ok()
}

fn verify_ecdsa(curve: Curve, point: &[u8], digest: &[u8], signature: &[u8]) -> Option<()> {
    macro_rules! verify {
        ($curve:ident) => {{
            use $curve::ecdsa::signature::hazmat::PrehashVerifier;
            let key = $curve::ecdsa::VerifyingKey::from_sec1_bytes(point).ok()?;
            let signature = $curve::ecdsa::Signature::from_der(signature).ok()?;
            key.verify_prehash(digest, &signature).ok()
        }};
    }
    match curve {
        Curve::P224 => verify!(p224),
        Curve::P256 => verify!(p256),
        Curve::P384 => verify!(p384),
        Curve::P521 => verify!(p521),
    }
}

fn verify_ed25519(key: &[u8], message: &[u8], signature: &[u8]) -> Option<()> {
    let key = ed25519_dalek::VerifyingKey::from_bytes(key.try_into().ok()?).ok()?;
    let signature = ed25519_dalek::Signature::from_slice(signature).ok()?;
    key.verify(message, &signature).ok()
}
