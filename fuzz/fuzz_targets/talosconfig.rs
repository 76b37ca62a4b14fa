//! Whatever talosconfig is accepted, what is written of it reads back as the same, and every context
//! can be judged.
#![no_main]

use libfuzzer_sys::fuzz_target;
use talos_pki::jiff::Timestamp;
use talos_pki::report::{self, TalosconfigReport};
use talos_pki::talos::{Contract, Talosconfig};

fuzz_target!(|data: &[u8]| {
    let Ok(config) = Talosconfig::read(data) else { return };
    let written = config.to_secret_yaml();
    let again = Talosconfig::read(written.expose().as_bytes()).expect("its own form");
    assert!(again.to_secret_yaml().expose() == written.expose());
    let report = TalosconfigReport::of("talosconfig", &config, Timestamp::UNIX_EPOCH, Contract::CURRENT);
    assert!(!report::talosconfig(&report).is_empty(), "something is always told");
});
