use std::collections::HashSet;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use talos_pki::talos::random;

use crate::known_cluster::Seeded;

#[test]
fn every_fresh_token_has_the_format_of_kubernetes() {
    let mut rng = Seeded::new(2);
    let mut characters = HashSet::new();
    for _ in 0..500 {
        let token = random::token(&mut rng).unwrap();
        assert!(random::is_token(token.expose()), "{}", token.expose());
        characters.extend(token.expose().chars());
    }
    assert_eq!(
        characters.len(),
        37,
        "each character of the alphabet, and the dot"
    );
}

#[test]
fn only_the_exact_format_is_a_token() {
    assert!(random::is_token("123456.7890123456789012"));
    for text in [
        "",
        ".",
        "abcdef0123456789abcdef",
        "abcdef.0123456789abcde",
        "abcdef.0123456789abcdef0",
        "abcde.00123456789abcdef",
        "ABCDEF.0123456789abcdef",
        "abcdef.0123456789abcde\n",
        "abcdef.01234567.9abcdef",
        "äbcde.0123456789abcdef",
        " abcdef.0123456789abcdef",
    ] {
        assert!(!random::is_token(text), "{text:?}");
    }
}

#[test]
fn fresh_secrets_are_32_bytes_in_the_standard_alphabet() {
    let mut rng = Seeded::new(3);
    let secret = random::secret_32(&mut rng).unwrap();
    let identity = random::cluster_id(&mut rng).unwrap();
    assert_eq!(STANDARD.decode(secret.expose()).unwrap().len(), 32);
    assert_eq!(STANDARD.decode(&identity).unwrap().len(), 32);
    assert_ne!(*secret.expose(), identity);
}
