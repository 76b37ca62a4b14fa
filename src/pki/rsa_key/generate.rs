//! Fresh RSA keys.

use std::num::NonZeroU32;
use std::thread;

use crypto_bigint::{BitOps, BoxedUint};
use crypto_primes::hazmat::SmallFactorsSieve;
use crypto_primes::{Flavor, is_prime};
use rand_core::TryCryptoRng;
use rsa::PrivateKey as RsaPrivateKey;
use rsa::traits::PrivateKeyParts;
use zeroize::Zeroizing;

use super::encode;
use crate::pki::Secret;
use crate::pki::private_key::KeyError;
use crate::pki::public_key::PublicKey;
use crate::pki::signature::RSA_BITS;

const PUBLIC_EXPONENT: u64 = 65_537;

/// Fewer bits can be factored.
const MIN_BITS: u32 = 1_024;

/// Generates a key of `bits` bits, an even number, with the public exponent 65537.
///
/// The primes are searched for at the same time, each on a thread, upwards from a random number.
/// What the generator gives is drawn before, so that it alone decides what the key is.
pub(in crate::pki) fn generate<R: TryCryptoRng>(
    bits: usize,
    rng: &mut R,
) -> Result<(Secret<Vec<u8>>, PublicKey), KeyError> {
    let prime_bits = u32::try_from(bits)
        .ok()
        .filter(|bits| *bits >= MIN_BITS && bits.is_multiple_of(2))
        .filter(|_| bits <= *RSA_BITS.end())
        .and_then(|bits| NonZeroU32::new(bits / 2))
        .ok_or_else(|| KeyError::UnsupportedAlgorithm(format!("RSA with {bits} bits")))?;
    loop {
        let [p, q] = [start(prime_bits, rng)?, start(prime_bits, rng)?];
        let (p, q) = thread::scope(|scope| {
            let p = scope.spawn(|| prime_from(&p, prime_bits));
            let q = prime_from(&q, prime_bits);
            (p.join(), q)
        });
        let p = p.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        if let (Some(p), Some(q)) = (p, q)
            && let Some(key) = assemble(&p, &q, prime_bits)
        {
            return encode(&key);
        }
    }
}

/// An odd number of `bits` bits, the two highest set: the product of two such has all the bits that
/// it can have.
fn start<R: TryCryptoRng>(bits: NonZeroU32, rng: &mut R) -> Result<Zeroizing<BoxedUint>, KeyError> {
    let bits = bits.get();
    let mut bytes = Zeroizing::new(vec![0; bits.div_ceil(8) as usize]);
    rng.try_fill_bytes(&mut bytes)
        .map_err(|error| KeyError::Malformed(format!("RSA key generation failed: {error}")))?;
    // What is too much of the highest byte goes.
    bytes[0] &= 0xff >> (bits.wrapping_neg() % 8);
    let mut number = Zeroizing::new(BoxedUint::from_be_slice_vartime(&bytes));
    for bit in [0, bits - 2, bits - 1] {
        number.set_bit_vartime(bit, true);
    }
    Ok(number)
}

/// The first prime from `start` on; nothing if there is none of this length, which happens once in
/// more tries than there are.
fn prime_from(start: &BoxedUint, bits: NonZeroU32) -> Option<Zeroizing<BoxedUint>> {
    let mut sieve = SmallFactorsSieve::new(start.clone(), bits, false).ok()?;
    sieve
        .find(|candidate| is_prime(Flavor::Any, candidate))
        .map(Zeroizing::new)
}

/// The key of two primes, if FIPS 186-5 appendix A.1 takes them: they are more than
/// 2^(`prime_bits` - 100) apart, the public exponent has an inverse, which `from_p_q` finds, and
/// this is more than 2^`prime_bits`.
fn assemble(p: &BoxedUint, q: &BoxedUint, prime_bits: NonZeroU32) -> Option<RsaPrivateKey> {
    let (larger, smaller) = if p > q { (p, q) } else { (q, p) };
    let distance = Zeroizing::new(larger.wrapping_sub(smaller));
    if distance.bit_width() <= prime_bits.get() - 100 {
        return None;
    }
    let exponent = BoxedUint::from(PUBLIC_EXPONENT);
    let key = RsaPrivateKey::from_p_q(p.clone(), q.clone(), exponent).ok()?;
    (key.d().bit_width() > prime_bits.get()).then_some(key)
}

#[cfg(test)]
mod tests {
    use getrandom::SysRng;
    use pkcs1::RsaPrivateKeyRef;

    use super::super::read;
    use super::*;

    #[test]
    fn a_fresh_key_has_all_its_bits_and_proves_sound() {
        for bits in [1_024, 1_026, 2_048] {
            let (der, public) = generate(bits, &mut SysRng).unwrap();
            let (again, read_public) = read(der.expose()).unwrap();
            assert!(der.expose() == again.expose());
            assert_eq!(public, read_public);
            assert_eq!(public.algorithm().to_string(), format!("RSA-{bits}"));
            let key = RsaPrivateKeyRef::try_from(der.expose().as_slice()).unwrap();
            let [p, q] = [key.prime1, key.prime2].map(|prime| prime.as_bytes().to_vec());
            assert!(p != q);
        }
    }

    #[test]
    fn sizes_that_are_too_small_too_large_or_odd_are_refused() {
        for bits in [0, 512, 1_025, 16_386, usize::MAX] {
            assert!(generate(bits, &mut SysRng).is_err(), "{bits}");
        }
    }

    #[test]
    fn primes_too_near_each_other_make_no_key() {
        let bits = NonZeroU32::new(512).unwrap();
        let p = prime_from(&start(bits, &mut SysRng).unwrap(), bits).unwrap();
        let next = Zeroizing::new(p.wrapping_add(BoxedUint::from(2_u64)));
        let q = prime_from(&next, bits).unwrap();
        assert!(assemble(&p, &q, bits).is_none());
    }
}
