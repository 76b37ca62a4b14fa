//! Whatever key is accepted, its own form reads back as the same key and is canonical.
#![no_main]

use libfuzzer_sys::fuzz_target;
use talos_pki::pki::{PrivateKey, Secret, pem};

fuzz_target!(|data: &[u8]| {
    let passphrase = Secret::new("protects nothing".to_owned());
    if let Ok((key, _)) = PrivateKey::from_der(data) {
        check(&key);
    }
    for block in pem::read(data).blocks {
        if let Ok((key, _)) = PrivateKey::from_block(&block, Some(&passphrase)) {
            check(&key);
        }
    }
});

fn check(key: &PrivateKey) {
    let blocks = pem::read(key.to_secret_pem().expose().as_bytes()).blocks;
    let (again, encoding) = PrivateKey::from_block(&blocks[0], None).expect("its own form");
    assert_eq!(again.public_key(), key.public_key());
    assert!(encoding.canonical);
}
