//! What holds for every input, tried with many by chance.

#![allow(
    clippy::unwrap_used,
    reason = "what a test needs and does not get is its failure"
)]

mod fixture;

use std::collections::BTreeMap;

use fixture::fixtures;
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use talos_pki::check::{self, Context, TokenChoice};
use talos_pki::cluster::{CaSlot, Cluster};
use talos_pki::layout::{self, Layout};
use talos_pki::pki::{PrivateKey, pem};
use talos_pki::source::{self, Location, SourceFile, Tree};

fn tree(variant: &str) -> Tree {
    let folder = fixtures().join("kubeadm").join(variant);
    source::read(&Location::Path(folder)).expect("the fixture")
}

fn context() -> Context {
    Context {
        now: "2026-12-01T00:00:00Z"
            .parse::<Timestamp>()
            .expect("a moment"),
        expires_within: SignedDuration::from_hours(8_760),
        token: TokenChoice::Generated,
        writes_bundle: true,
    }
}

/// The key fingerprints in the slots.
fn slots(cluster: &Cluster) -> BTreeMap<String, String> {
    let mut slots = BTreeMap::new();
    for slot in CaSlot::OF_KUBERNETES {
        let authority = cluster.authority(slot).expect("the slot");
        let certificate = authority
            .certificate
            .chosen
            .as_ref()
            .expect("its certificate");
        let key = authority.key.chosen.as_ref().expect("its key");
        slots.insert(
            format!("{slot}"),
            certificate.value.public_key.fingerprint().full(),
        );
        slots.insert(
            format!("{slot} key"),
            key.value.public_key().fingerprint().full(),
        );
    }
    let key = cluster
        .service_account
        .as_ref()
        .and_then(|account| account.key.chosen.as_ref());
    let key = key
        .expect("the service-account key")
        .value
        .public_key()
        .fingerprint()
        .full();
    slots.insert("service account".to_owned(), key);
    slots
}

/// What Go's reader tolerates around and within a block.
fn decorated() -> impl Strategy<Value = (Vec<Vec<u8>>, Vec<u8>)> {
    let block = (
        proptest::collection::vec(any::<u8>(), 0..200),
        any::<[bool; 3]>(),
        "[a-z ]{0,20}",
    );
    proptest::collection::vec(block, 1..5).prop_map(|blocks| {
        let mut text = Vec::new();
        let mut contents = Vec::new();
        for (content, [crlf, blanks, preamble], words) in blocks {
            let mut block = pem::write("CERTIFICATE", &content);
            if blanks {
                block = block.replace('\n', " \t\n");
            }
            if crlf {
                block = block.replace('\n', "\r\n");
            }
            if preamble {
                text.extend(format!("{words}\n").into_bytes());
            }
            text.extend(block.into_bytes());
            contents.push(content);
        }
        (contents, text)
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn blocks_read_back_through_everything_that_go_tolerates((contents, text) in decorated()) {
        let file = pem::read(&text);
        let read: Vec<_> = file.blocks.iter().map(|block| block.contents.expose().clone()).collect();
        prop_assert_eq!(read, contents);
        prop_assert!(file.broken.is_empty());
        for block in &file.blocks {
            let line = text.split(|byte| *byte == b'\n').nth(block.line - 1).unwrap_or_default();
            prop_assert!(line.starts_with(b"-----BEGIN CERTIFICATE-----"));
        }
    }

    #[test]
    fn names_do_not_matter_by_content(order in Just((0..40_usize).collect::<Vec<_>>()).prop_shuffle()) {
        let by_name = layout::read(tree("ecdsa-p256"), Layout::Kubeadm, None).expect("by name");
        let mut renamed = tree("ecdsa-p256");
        for (file, number) in renamed.files.iter_mut().zip(order) {
            if file.path.starts_with("pki/") {
                file.path = format!("some/{number:02}.pem");
            }
        }
        let by_content = layout::read(renamed, Layout::ByContent, None).expect("by content");
        prop_assert_eq!(slots(&by_content), slots(&by_name));
        prop_assert!(by_content.open_choices.is_empty());
    }

    #[test]
    fn no_damage_makes_a_panic(
        file in 0..40_usize,
        position in any::<prop::sample::Index>(),
        byte in any::<u8>(),
        is_cut in any::<bool>(),
    ) {
        let mut damaged = tree("ecdsa-p256");
        let count = damaged.files.len();
        let SourceFile { bytes, .. } = &mut damaged.files[file % count];
        let at = position.index(bytes.len());
        if is_cut {
            bytes.truncate(at);
        } else {
            bytes[at] = byte;
        }
        if let Ok(cluster) = layout::read(damaged, Layout::Detect, None) {
            let findings = check::check(&cluster, &context(), &[]);
            prop_assert!(findings.iter().all(|finding| !finding.message.is_empty()));
        }
    }

    #[test]
    fn no_archive_makes_a_panic(position in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut archive = std::fs::read(fixtures().join("archives/ecdsa-p256.tar")).expect("it");
        let at = position.index(archive.len());
        archive[at] = byte;
        if let Ok(tree) = source::read_archive("archive", archive.as_slice()) {
            let _ = layout::read(tree, Layout::Detect, None);
        }
    }

    #[test]
    fn a_key_has_one_form_whatever_it_was(seed in any::<[u8; 32]>(), leading in 0..3_usize) {
        // The scalar of a P-256 key in PKCS#8, with too many or too few leading zero bytes.
        let mut scalar = seed.to_vec();
        scalar.splice(0..leading, std::iter::repeat_n(0, leading));
        let sec1 = |scalar: &[u8]| {
            let mut key = vec![0x02, 0x01, 0x01, 0x04, u8::try_from(scalar.len()).expect("short")];
            key.extend_from_slice(scalar);
            key.extend([0xa0, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07]);
            let mut der = vec![0x30, u8::try_from(key.len()).expect("short")];
            der.extend(key);
            der
        };
        let whole = PrivateKey::from_der(&sec1(&scalar));
        let shortened = PrivateKey::from_der(&sec1(&scalar[leading..]));
        match (whole, shortened) {
            (Ok((whole, _)), Ok((shortened, _))) => {
                prop_assert!(whole.to_secret_pem().expose() == shortened.to_secret_pem().expose());
                let blocks = pem::read(whole.to_secret_pem().expose().as_bytes()).blocks;
                let (_, encoding) = PrivateKey::from_block(&blocks[0], None).expect("its own form");
                prop_assert!(encoding.canonical);
            }
            (whole, shortened) => prop_assert!(whole.is_err() && shortened.is_err()),
        }
    }
}
