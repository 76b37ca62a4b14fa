//! No archive makes the reader, the layouts or the rules panic or hang.
#![no_main]

use libfuzzer_sys::fuzz_target;
use talos_pki::check::{self, Context, TokenChoice};
use talos_pki::cluster;
use talos_pki::jiff::{SignedDuration, Timestamp};
use talos_pki::layout::{self, Layout};
use talos_pki::source;

fuzz_target!(|data: &[u8]| {
    let context = Context {
        now: Timestamp::UNIX_EPOCH,
        expires_within: SignedDuration::from_hours(8_760),
        token: TokenChoice::Generated,
        contract: talos_pki::talos::Contract::CURRENT,
        writes_bundle: true,
        platform: check::Platform::Other,
    };
    for layout in [Layout::Detect, Layout::ByContent] {
        let Ok(tree) = source::read_archive("archive", data) else { return };
        for file in &tree.files {
            assert!(!file.path.split('/').any(|part| part == ".."));
        }
        let nodes = layout::nodes(tree, layout).into_iter();
        let nodes: Vec<_> = nodes.filter_map(|tree| layout::read(tree, layout, None).ok()).collect();
        let _ = check::check(&cluster::join(nodes), &context, &[]);
    }
});
