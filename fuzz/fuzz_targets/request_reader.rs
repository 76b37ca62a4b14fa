//! No request for a certificate makes the reader panic or the signature check hang.
#![no_main]

use libfuzzer_sys::fuzz_target;
use talos_pki::pki::{CertificateRequest, pem};

fuzz_target!(|data: &[u8]| {
    let blocks = pem::read(data).blocks;
    let ders = blocks.iter().map(|block| block.contents.expose().as_slice());
    for der in ders.chain([data]) {
        if let Ok(request) = CertificateRequest::from_der(der) {
            let _ = request.verify();
            let _ = (request.subject.to_string(), request.to_pem());
        }
    }
});
