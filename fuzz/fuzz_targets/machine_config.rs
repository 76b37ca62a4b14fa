//! No machine configuration makes the reader panic or hang.
#![no_main]

use libfuzzer_sys::fuzz_target;
use talos_pki::layout::talos;
use talos_pki::source::SourceFile;

fuzz_target!(|data: &[u8]| {
    let bytes = data.to_vec().into();
    let file = SourceFile { path: "controlplane.yaml".to_owned(), bytes, mode: None };
    let _ = talos::read(&file);
});
