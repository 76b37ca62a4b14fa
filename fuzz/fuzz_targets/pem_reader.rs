//! Whatever block is read, written anew it reads back the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use talos_pki::pki::pem;

fuzz_target!(|data: &[u8]| {
    for block in pem::read(data).blocks {
        let text = pem::write(&block.label, block.contents.expose());
        let again = pem::read(text.as_bytes());
        // A label with dashes or line ends in it cannot be told from the frame around it.
        if block.label.chars().all(|character| character.is_ascii_uppercase()) {
            assert_eq!(again.blocks.len(), 1);
            assert_eq!(again.blocks[0].contents.expose(), block.contents.expose());
            assert!(again.remarks.is_empty() && again.broken.is_empty());
        }
    }
});
