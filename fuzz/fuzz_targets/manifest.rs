//! No manifests make their reader panic or hang, and none of their names leads out of the tree.
#![no_main]

use libfuzzer_sys::fuzz_target;
use talos_pki::layout::{self, Layout};
use talos_pki::manifest::{self, CertificateKey, Choice};
use talos_pki::source::SourceFile;

fuzz_target!(|data: &[u8]| {
    let text = SourceFile {
        path: "manifests.yaml".to_owned(),
        bytes: data.to_vec().into(),
        mode: None,
    };
    let choice = Choice {
        cluster: None,
        certificate_key: CertificateKey::read(&"0".repeat(64)).ok(),
    };
    if let Ok(tree) = manifest::unpack(text.clone(), &choice) {
        for file in &tree.files {
            assert!(!file.path.split('/').any(|part| part.is_empty() || part == ".."));
        }
        let _ = layout::read(tree, Layout::Detect, None);
    }
    let _ = manifest::bundle_in(text);
});
