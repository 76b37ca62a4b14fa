//! No certificate makes the readers panic or the signature checks hang.
#![no_main]

use libfuzzer_sys::fuzz_target;
use talos_pki::pki::{Certificate, pem};

fuzz_target!(|data: &[u8]| {
    let blocks = pem::read(data).blocks;
    let ders = blocks.iter().map(|block| block.contents.expose().as_slice());
    for der in ders.chain([data]) {
        if let Ok(certificate) = Certificate::from_der(der) {
            let _ = certificate.verify_self_signature();
            let _ = (certificate.to_string(), certificate.public_key.fingerprint());
        }
    }
});
