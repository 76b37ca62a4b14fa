//! Signatures of JSON Web Tokens (RFC 7515, algorithms of RFC 7518 section 3).

use der::Encode;
use der::asn1::UintRef;

use super::public_key::PublicKey;
use super::signature::{self, Hash, SignatureAlgorithm, SignatureError};

/// The algorithms by which API servers sign tokens.
const ALGORITHMS: [(&str, SignatureAlgorithm); 6] = [
    ("ES256", SignatureAlgorithm::Ecdsa(Hash::Sha256)),
    ("ES384", SignatureAlgorithm::Ecdsa(Hash::Sha384)),
    ("ES512", SignatureAlgorithm::Ecdsa(Hash::Sha512)),
    ("RS256", SignatureAlgorithm::Rsa(Hash::Sha256)),
    ("RS384", SignatureAlgorithm::Rsa(Hash::Sha384)),
    ("RS512", SignatureAlgorithm::Rsa(Hash::Sha512)),
];

/// Checks `signature` over `message`, by the name of the algorithm in the token's header.
pub fn verify(
    signer: &PublicKey,
    algorithm: &str,
    message: &[u8],
    signature: &[u8],
) -> Result<(), SignatureError> {
    let (_, algorithm) = ALGORITHMS
        .iter()
        .find(|(name, _)| *name == algorithm)
        .ok_or_else(|| SignatureError::Unsupported(algorithm.escape_debug().to_string()))?;
    match algorithm {
        SignatureAlgorithm::Ecdsa(_) => {
            let signature = ecdsa_to_der(signature).ok_or(SignatureError::Bad)?;
            signature::verify(signer, algorithm, message, &signature)
        }
        algorithm => signature::verify(signer, algorithm, message, signature),
    }
}

/// The two numbers, which stand side by side here (RFC 7518 section 3.4), as certificates have them.
fn ecdsa_to_der(signature: &[u8]) -> Option<Vec<u8>> {
    let (r, s) = signature.split_at(signature.len() / 2);
    if r.len() != s.len() {
        return None;
    }
    let numbers = [UintRef::new(r).ok()?, UintRef::new(s).ok()?];
    numbers.to_vec().to_der().ok()
}
