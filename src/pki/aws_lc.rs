//! The questions that take the time of an import, asked of AWS-LC first: its assembly answers in a
//! third of the time or less.
//!
//! It can only say yes. What it does not accept, because the signature is bad or because it knows no
//! such key, is decided by the others, so that the two builds refuse the same for the same reason.

use aws_lc_rs::agreement::{self, ECDH_P256, ECDH_P384, ECDH_P521};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P256_SHA384_ASN1,
    ECDSA_P384_SHA256_ASN1, ECDSA_P384_SHA384_ASN1, ECDSA_P384_SHA384_ASN1_SIGNING,
    ECDSA_P521_SHA256_ASN1, ECDSA_P521_SHA384_ASN1, ECDSA_P521_SHA512_ASN1,
    ECDSA_P521_SHA512_ASN1_SIGNING, ED25519, EcdsaKeyPair, Ed25519KeyPair, KeyPair,
    RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512,
    UnparsedPublicKey, VerificationAlgorithm,
};

use super::public_key::{Curve, KeyAlgorithm, PublicKey};
use super::signature::{Hash, SignatureAlgorithm};

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

/// The uncompressed point of a scalar as long as the curve's field. It is the public half of an ECDH
/// key, which differs from an ECDSA key in nothing but its use.
pub(super) fn point_of(curve: Curve, scalar: &[u8]) -> Option<Vec<u8>> {
    let agreement = match curve {
        Curve::P224 => return None,
        Curve::P256 => &ECDH_P256,
        Curve::P384 => &ECDH_P384,
        Curve::P521 => &ECDH_P521,
    };
    let key = agreement::PrivateKey::from_private_key(agreement, scalar).ok()?;
    Some(key.compute_public_key().ok()?.as_ref().to_vec())
}

/// Whether the point in a SEC1 key of this curve belongs to its scalar.
pub(super) fn is_consistent(curve: Curve, sec1: &[u8]) -> bool {
    let signing = match curve {
        Curve::P224 => return false,
        Curve::P256 => &ECDSA_P256_SHA256_ASN1_SIGNING,
        Curve::P384 => &ECDSA_P384_SHA384_ASN1_SIGNING,
        Curve::P521 => &ECDSA_P521_SHA512_ASN1_SIGNING,
    };
    EcdsaKeyPair::from_private_key_der(signing, sec1).is_ok()
}

/// The public half of an Ed25519 key.
pub(super) fn ed25519_public(seed: &[u8; 32]) -> Option<[u8; 32]> {
    let pair = Ed25519KeyPair::from_seed_unchecked(seed).ok()?;
    pair.public_key().as_ref().try_into().ok()
}

/// The signature by an Ed25519 key. There is one alone for a message (RFC 8032).
pub(super) fn sign_ed25519(seed: &[u8; 32], message: &[u8]) -> Option<Vec<u8>> {
    let pair = Ed25519KeyPair::from_seed_unchecked(seed).ok()?;
    Some(pair.try_sign(message).ok()?.as_ref().to_vec())
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
    use der::{Decode, Encode};
    use ed25519_dalek::{Signer, SigningKey};
    use sec1::EcPrivateKey;
    use x509_parser::prelude::{FromDer, X509Certificate};

    use super::{accepts, ed25519_public, is_consistent, point_of, sign_ed25519};
    use crate::pki::{Certificate, Curve, KeyAlgorithm, pem};

    const AUTHORITIES: [&[u8]; 4] = [
        include_bytes!("../../fixtures/kubeadm/rsa-2048/pki/ca.crt"),
        include_bytes!("../../fixtures/kubeadm/rsa-4096/pki/ca.crt"),
        include_bytes!("../../fixtures/kubeadm/ecdsa-p256/pki/ca.crt"),
        include_bytes!("../../fixtures/kubeadm/ecdsa-p384/pki/ca.crt"),
    ];

    const ECDSA_PAIRS: [(&[u8], &[u8]); 2] = [
        (
            include_bytes!("../../fixtures/kubeadm/ecdsa-p256/pki/ca.crt"),
            include_bytes!("../../fixtures/kubeadm/ecdsa-p256/pki/ca.key"),
        ),
        (
            include_bytes!("../../fixtures/kubeadm/ecdsa-p384/pki/ca.crt"),
            include_bytes!("../../fixtures/kubeadm/ecdsa-p384/pki/ca.key"),
        ),
    ];

    #[test]
    fn a_point_belongs_to_its_own_number_alone() {
        let keys = ECDSA_PAIRS.map(|(_, key)| pem::read(key).blocks.remove(0).contents);
        let [p256, p384] = &keys;
        assert!(is_consistent(Curve::P256, p256.expose()));
        assert!(is_consistent(Curve::P384, p384.expose()));
        assert!(!is_consistent(Curve::P384, p256.expose()));
        let mut other = EcPrivateKey::from_der(p256.expose()).unwrap();
        let mut number = other.private_key.to_vec();
        number[31] ^= 1;
        other.private_key = &number;
        assert!(!is_consistent(Curve::P256, &other.to_der().unwrap()));
    }

    #[test]
    fn both_implementations_of_ed25519_make_the_same() {
        for byte in 0..32 {
            let seed = [byte; 32];
            let key = SigningKey::from_bytes(&seed);
            assert_eq!(ed25519_public(&seed), Some(key.verifying_key().to_bytes()));
            let signature = key.sign(&seed[..usize::from(byte)]).to_vec();
            assert_eq!(
                sign_ed25519(&seed, &seed[..usize::from(byte)]),
                Some(signature)
            );
        }
    }

    #[test]
    fn the_point_of_a_key_is_the_one_in_its_certificate() {
        for (certificate, key) in ECDSA_PAIRS {
            let first = |file| pem::read(file).blocks.remove(0).contents;
            let certificate = Certificate::from_der(first(certificate).expose()).unwrap();
            let key = first(key);
            let key = EcPrivateKey::from_der(key.expose()).unwrap();
            let KeyAlgorithm::Ecdsa(curve) = *certificate.public_key.algorithm() else {
                panic!("{} is not ECDSA", certificate.subject);
            };
            let point = point_of(curve, key.private_key);
            assert_eq!(
                point.as_deref(),
                Some(certificate.public_key.key()),
                "{curve}"
            );
        }
    }

    #[test]
    fn a_number_that_is_no_key_has_no_point() {
        for curve in Curve::ALL {
            let none = point_of(curve, &vec![0; curve.field_length()]);
            let beyond = point_of(curve, &vec![0xff; curve.field_length()]);
            assert_eq!((none, beyond), (None, None), "{curve}");
        }
    }

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
