//! RSA private keys: read, proven consistent, written as PKCS#1, generated.

mod generate;

use crypto_bigint::{BoxedUint, ConcatenatingMul, NonZero};
use der::Encode;
use der::asn1::UintRef;
use pkcs1::{RsaPrivateKeyRef, RsaPublicKeyRef};
use rsa::PrivateKey as RsaPrivateKey;
use rsa::pkcs1::{DecodeRsaPrivateKey, EncodeRsaPrivateKey, EncodeRsaPublicKey};
use zeroize::Zeroizing;

use super::Secret;
use super::private_key::KeyError;
use super::public_key::{PublicKey, bit_length};
use super::signature::RSA_BITS;
pub(super) use generate::generate;

/// Reads a PKCS#1 RSAPrivateKey (RFC 8017 appendix A.1.2) and proves that its parts belong
/// together: the primes multiply to the modulus, the exponents are each other's inverse.
///
/// Wrong values for the Chinese remainder theorem, which Go tolerates and OpenSSL signs wrongly
/// with, are computed anew.
pub(super) fn read(der: &[u8]) -> Result<(Secret<Vec<u8>>, PublicKey), KeyError> {
    let key = RsaPrivateKeyRef::try_from(der)
        .map_err(|_| KeyError::Malformed("it is not a PKCS#1 RSA key".to_owned()))?;
    if key.other_prime_infos.is_some() {
        return Err(KeyError::UnsupportedAlgorithm(
            "RSA with more than two primes".to_owned(),
        ));
    }
    let numbers = [
        key.modulus,
        key.public_exponent,
        key.private_exponent,
        key.prime1,
        key.prime2,
        key.exponent1,
        key.exponent2,
        key.coefficient,
    ];
    // The proof takes time that grows with the square of the size: seconds for numbers of no real
    // key.
    if numbers
        .iter()
        .any(|number| bit_length(number.as_bytes()) > *RSA_BITS.end())
    {
        let reason = format!("its numbers have more than {} bits", RSA_BITS.end());
        return Err(KeyError::Inconsistent(reason));
    }
    // Go refuses both, whether or not the numbers belong together (`checkPublicKey` in
    // crypto/internal/fips140/rsa).
    let is_odd = key
        .modulus
        .as_bytes()
        .last()
        .is_some_and(|byte| byte % 2 == 1);
    if !is_odd || bit_length(key.public_exponent.as_bytes()) > 31 {
        let reason = "its modulus is even or its public exponent too large";
        return Err(KeyError::Inconsistent(reason.to_owned()));
    }
    if is_consistent(&key) {
        let public = RsaPublicKeyRef {
            modulus: key.modulus,
            public_exponent: key.public_exponent,
        };
        let public = public
            .to_der()
            .map_err(|error| KeyError::Malformed(error.to_string()))?;
        return Ok((Secret::new(der.to_vec()), public_key(&public)?));
    }
    let key = RsaPrivateKey::from_pkcs1_der(der).map_err(|_| {
        KeyError::Inconsistent("its modulus, primes and exponents do not fit together".to_owned())
    })?;
    encode(&key)
}

/// Whether every number of the key is what the others make it. Multiplying is much cheaper than
/// computing the numbers anew, since that takes an inverse.
fn is_consistent(key: &RsaPrivateKeyRef<'_>) -> bool {
    // All of them are wiped, the products too: most tell the private key.
    let number =
        |number: UintRef<'_>| Zeroizing::new(BoxedUint::from_be_slice_vartime(number.as_bytes()));
    let [modulus, e, d] = [key.modulus, key.public_exponent, key.private_exponent].map(number);
    let [p, q] = [key.prime1, key.prime2].map(number);
    let [dp, dq, inverse] = [key.exponent1, key.exponent2, key.coefficient].map(number);
    if *p == *q
        || *d >= *modulus
        || *dp >= *p
        || *dq >= *q
        || *inverse >= *p
        || *e < BoxedUint::from(3_u64)
    {
        return false;
    }
    let product = |a: &BoxedUint, b: &BoxedUint| Zeroizing::new(a.concatenating_mul(b));
    let are_inverse = |a: &BoxedUint, b: &BoxedUint, modulus: &BoxedUint| {
        let divisor = Option::<NonZero<BoxedUint>>::from(NonZero::new(modulus.clone()));
        divisor.map(Zeroizing::new).is_some_and(|divisor| {
            Zeroizing::new(product(a, b).rem_vartime(&divisor))
                .is_one()
                .into()
        })
    };
    let [p_less, q_less] =
        [&p, &q].map(|prime| Zeroizing::new(prime.wrapping_sub(BoxedUint::one())));
    // `d` and `dp` are the same modulo p - 1 if both are the inverse of `e` there.
    *product(&p, &q) == *modulus
        && are_inverse(&e, &d, &p_less)
        && are_inverse(&e, &d, &q_less)
        && are_inverse(&e, &dp, &p_less)
        && are_inverse(&e, &dq, &q_less)
        && are_inverse(&inverse, &q, &p)
}

fn encode(key: &RsaPrivateKey) -> Result<(Secret<Vec<u8>>, PublicKey), KeyError> {
    let failed = |_| KeyError::Malformed("its numbers cannot be encoded".to_owned());
    let private = key.to_pkcs1_der().map_err(failed)?;
    let public = key.to_public_key().to_pkcs1_der().map_err(failed)?;
    Ok((
        Secret::new(private.as_bytes().to_vec()),
        public_key(public.as_bytes())?,
    ))
}

fn public_key(der: &[u8]) -> Result<PublicKey, KeyError> {
    PublicKey::from_pkcs1(der).map_err(|error| KeyError::Malformed(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pki::pem;

    fn fixture() -> Vec<u8> {
        let text = include_bytes!("../../../fixtures/kubeadm/rsa-2048/pki/sa.key");
        pem::read(text).blocks[0].contents.expose().clone()
    }

    /// The key with one of its eight numbers replaced by itself and one.
    fn altered(number: usize) -> Vec<u8> {
        let der = fixture();
        let key = RsaPrivateKeyRef::try_from(der.as_slice()).unwrap();
        let mut numbers = [
            key.modulus,
            key.public_exponent,
            key.private_exponent,
            key.prime1,
            key.prime2,
            key.exponent1,
            key.exponent2,
            key.coefficient,
        ]
        .map(|number| number.as_bytes().to_vec());
        // An odd number becomes even, an even one odd; neither carries.
        *numbers[number].last_mut().unwrap() ^= 1;
        encoded(&numbers)
    }

    fn encoded(numbers: &[Vec<u8>; 8]) -> Vec<u8> {
        let number = |index: usize| UintRef::new(&numbers[index]).unwrap();
        let key = RsaPrivateKeyRef {
            modulus: number(0),
            public_exponent: number(1),
            private_exponent: number(2),
            prime1: number(3),
            prime2: number(4),
            exponent1: number(5),
            exponent2: number(6),
            coefficient: number(7),
            other_prime_infos: None,
        };
        key.to_der().unwrap()
    }

    #[test]
    fn a_sound_key_keeps_its_bytes() {
        let (der, _) = read(&fixture()).unwrap();
        assert!(*der.expose() == fixture());
    }

    #[test]
    fn a_wrong_modulus_exponent_or_prime_is_refused() {
        for number in 0..5 {
            let result = read(&altered(number));
            assert!(
                matches!(result, Err(KeyError::Inconsistent(_))),
                "number {number}"
            );
        }
    }

    #[test]
    fn consistent_numbers_that_go_refuses_are_refused() {
        // n, e, d, p, q, dp, dq and the inverse: small, but they belong together.
        let even: [u64; 8] = [36, 5, 5, 4, 9, 2, 5, 1];
        let large_exponent = [77, 0x1_0000_0001, 23, 7, 11, 5, 3, 2];
        for numbers in [even, large_exponent] {
            let der = encoded(&numbers.map(|number| number.to_be_bytes().to_vec()));
            let key = RsaPrivateKeyRef::try_from(der.as_slice()).unwrap();
            assert!(is_consistent(&key));
            assert!(matches!(read(&der), Err(KeyError::Inconsistent(_))));
        }
    }

    #[test]
    fn wrong_values_for_the_remainder_theorem_are_computed_anew() {
        for number in 5..8 {
            let (der, _) = read(&altered(number)).unwrap();
            assert!(*der.expose() == fixture(), "number {number}");
        }
    }

    #[test]
    fn numbers_of_no_real_key_are_refused_at_once() {
        let (large, small) = (vec![0xff; 80_000], [3]);
        let (large, small) = (UintRef::new(&large).unwrap(), UintRef::new(&small).unwrap());
        let key = RsaPrivateKeyRef {
            modulus: large,
            public_exponent: small,
            private_exponent: large,
            prime1: large,
            prime2: large,
            exponent1: large,
            exponent2: large,
            coefficient: large,
            other_prime_infos: None,
        };
        let result = read(&key.to_der().unwrap());
        assert!(matches!(result, Err(KeyError::Inconsistent(reason)) if reason.contains("16384")));
    }
}
