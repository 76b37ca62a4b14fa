//! Whatever bundle is accepted, both of its forms read back as the same bundle.
#![no_main]

use libfuzzer_sys::fuzz_target;
use talos_pki::talos::Bundle;

fuzz_target!(|data: &[u8]| {
    let Ok(bundle) = Bundle::read(data) else { return };
    let yaml = bundle.to_secret_yaml();
    let json = bundle.to_secret_json();
    for text in [&yaml, &json] {
        let again = Bundle::read(text.expose().as_bytes()).expect("its own form");
        assert!(again.to_secret_yaml().expose() == yaml.expose());
        assert!(again.to_secret_json().expose() == json.expose());
    }
});
