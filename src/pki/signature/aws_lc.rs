//! The same question, asked of AWS-LC first: its assembly answers in a third of the time or less.
//!
//! It can only say yes. What it does not accept, because the signature is bad or because it knows no
//! such key, is decided by the others, so that the two builds refuse the same for the same reason.

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA384_ASN1, ECDSA_P384_SHA256_ASN1, ECDSA_P384_SHA384_ASN1,
    ECDSA_P521_SHA256_ASN1, ECDSA_P521_SHA384_ASN1, ECDSA_P521_SHA512_ASN1, ED25519,
    RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512,
    UnparsedPublicKey, VerificationAlgorithm,
};

use super::{Hash, SignatureAlgorithm};
use crate::pki::public_key::{Curve, KeyAlgorithm, PublicKey};

/// Whether AWS-LC knows signatures of this kind and finds this one good.
pub(super) fn accepts(
    signer: &PublicKey,
    algorithm: &SignatureAlgorithm,
    message: &[u8],
    signature: &[u8],
) -> bool {
    implementation(algorithm, signer.algorithm()).is_some_and(|implementation| {
        UnparsedPublicKey::new(implementation, signer.key())
            .verify(message, signature)
            .is_ok()
    })
}

fn implementation(
    algorithm: &SignatureAlgorithm,
    key: &KeyAlgorithm,
) -> Option<&'static dyn VerificationAlgorithm> {
    use SignatureAlgorithm::{Ecdsa, Ed25519, Rsa};
    Some(match (algorithm, key) {
        (Rsa(Hash::Sha256), KeyAlgorithm::Rsa(_)) => &RSA_PKCS1_2048_8192_SHA256,
        (Rsa(Hash::Sha384), KeyAlgorithm::Rsa(_)) => &RSA_PKCS1_2048_8192_SHA384,
        (Rsa(Hash::Sha512), KeyAlgorithm::Rsa(_)) => &RSA_PKCS1_2048_8192_SHA512,
        (Ecdsa(Hash::Sha256), KeyAlgorithm::Ecdsa(Curve::P256)) => &ECDSA_P256_SHA256_ASN1,
        (Ecdsa(Hash::Sha384), KeyAlgorithm::Ecdsa(Curve::P256)) => &ECDSA_P256_SHA384_ASN1,
        (Ecdsa(Hash::Sha256), KeyAlgorithm::Ecdsa(Curve::P384)) => &ECDSA_P384_SHA256_ASN1,
        (Ecdsa(Hash::Sha384), KeyAlgorithm::Ecdsa(Curve::P384)) => &ECDSA_P384_SHA384_ASN1,
        (Ecdsa(Hash::Sha256), KeyAlgorithm::Ecdsa(Curve::P521)) => &ECDSA_P521_SHA256_ASN1,
        (Ecdsa(Hash::Sha384), KeyAlgorithm::Ecdsa(Curve::P521)) => &ECDSA_P521_SHA384_ASN1,
        (Ecdsa(Hash::Sha512), KeyAlgorithm::Ecdsa(Curve::P521)) => &ECDSA_P521_SHA512_ASN1,
        (Ed25519, KeyAlgorithm::Ed25519) => &ED25519,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use x509_parser::prelude::{FromDer, X509Certificate};

    use super::accepts;
    use crate::pki::{Certificate, pem};

    const AUTHORITIES: [&[u8]; 4] = [
        include_bytes!("../../../fixtures/kubeadm/rsa-2048/pki/ca.crt"),
        include_bytes!("../../../fixtures/kubeadm/rsa-4096/pki/ca.crt"),
        include_bytes!("../../../fixtures/kubeadm/ecdsa-p256/pki/ca.crt"),
        include_bytes!("../../../fixtures/kubeadm/ecdsa-p384/pki/ca.crt"),
    ];

    #[test]
    fn good_signatures_are_accepted_and_altered_ones_are_not() {
        for file in AUTHORITIES {
            let block = &pem::read(file).blocks[0];
            let authority = Certificate::from_der(block.contents.expose()).unwrap();
            let (_, parsed) = X509Certificate::from_der(authority.der()).unwrap();
            let message = parsed.tbs_certificate.as_ref();
            let signature = &parsed.signature_value.data;
            let mut altered = signature.to_vec();
            let last = altered.len() - 1;
            altered[last] ^= 1;
            let accepts = |signature: &[u8]| {
                let algorithm = &authority.signature_algorithm;
                accepts(&authority.public_key, algorithm, message, signature)
            };
            assert!(accepts(signature), "{}", authority.subject);
            assert!(!accepts(&altered), "{}", authority.subject);
        }
    }
}
