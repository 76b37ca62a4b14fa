//! No file is read or judged with a panic, without end, or with a loss of memory.

#![no_main]

use libfuzzer_sys::fuzz_target;
use talos_pki::check::{Context, Platform, TokenChoice, check_file};
use talos_pki::jiff::{SignedDuration, Timestamp};
use talos_pki::talos::Contract;
use talos_pki::talos::file::{Places, TalosFile};

fuzz_target!(|bytes: &[u8]| {
    let Ok(file) = TalosFile::read("file.yaml", bytes, None, Places::Found) else {
        return;
    };
    let context = Context {
        now: Timestamp::UNIX_EPOCH,
        expires_within: SignedDuration::from_hours(8_760),
        token: TokenChoice::Kept,
        contract: Contract::CURRENT,
        writes_bundle: false,
        platform: Platform::Other,
    };
    let _ = check_file(&file, &context, &[]);
});
