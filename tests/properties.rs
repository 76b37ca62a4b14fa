//! What holds for every input, tried with many by chance.

#![allow(
    clippy::unwrap_used,
    reason = "what a test needs and does not get is its failure"
)]

mod fixture;
mod talos_files;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use der::asn1::{BitStringRef, ObjectIdentifier, OctetStringRef};
use der::{Decode, Encode};
use fixture::fixtures;
use getrandom::SysRng;
use jiff::{SignedDuration, Timestamp};
use pkcs8::PrivateKeyInfoRef;
use proptest::prelude::*;
use sec1::{EcParameters, EcPrivateKey};
use spki::{AlgorithmIdentifierRef, SubjectPublicKeyInfoRef};
use talos_pki::check::{self, Context, Platform, TokenChoice};
use talos_pki::cluster::{CaSlot, Cluster};
use talos_pki::convert::{self, BundleSettings};
use talos_pki::layout::{self, Layout};
use talos_pki::pki::{IssueTime, PrivateKey, Secret, pem};
use talos_pki::settings::Settings;
use talos_pki::source::{self, Location, SourceFile, Tree};
use talos_pki::talos::file::{Places, TalosFile};
use talos_pki::talos::{Bundle, Contract, EncryptionSecret};

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
        contract: Contract::CURRENT,
        writes_bundle: true,
        platform: Platform::Other,
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

const CURVES: [ObjectIdentifier; 3] = [
    ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7"),
    ObjectIdentifier::new_unwrap("1.3.132.0.34"),
    ObjectIdentifier::new_unwrap("1.3.132.0.35"),
];

const EC_PUBLIC_KEY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");

/// SEC1 and PKCS#8, each with the public key and without.
fn encodings_on(curve: ObjectIdentifier, scalar: &[u8]) -> Vec<Vec<u8>> {
    let sec1 = |parameters, public_key| {
        let key = EcPrivateKey {
            private_key: scalar,
            parameters,
            public_key,
        };
        key.to_der().expect("SEC1")
    };
    let pkcs8 = |public_key| {
        let algorithm = AlgorithmIdentifierRef {
            oid: EC_PUBLIC_KEY,
            parameters: Some((&curve).into()),
        };
        let key = sec1(None, public_key);
        let key = OctetStringRef::new(&key).expect("an octet string");
        PrivateKeyInfoRef::new(algorithm, key)
            .to_der()
            .expect("PKCS#8")
    };
    let parameters = Some(EcParameters::NamedCurve(curve));
    let bare = sec1(parameters, None);
    let (key, _) = PrivateKey::from_der(&bare).expect("a key");
    let spki = SubjectPublicKeyInfoRef::from_der(key.public_key().spki()).expect("a public key");
    let point = spki.subject_public_key.as_bytes();
    let whole = sec1(parameters, point);
    vec![bare, whole, pkcs8(None), pkcs8(point)]
}

/// PKCS#8 of version 0, and of version 1, which has the public key.
fn encodings_of_ed25519(seed: &[u8; 32]) -> Vec<Vec<u8>> {
    let mut octets = vec![0x04, 0x20];
    octets.extend(seed);
    let algorithm = AlgorithmIdentifierRef {
        oid: ED25519,
        parameters: None,
    };
    let key = OctetStringRef::new(&octets).expect("an octet string");
    let bare = PrivateKeyInfoRef::new(algorithm, key);
    let public = ed25519_dalek::SigningKey::from_bytes(seed).verifying_key();
    let public = BitStringRef::from_bytes(public.as_bytes()).expect("a bit string");
    let whole = PrivateKeyInfoRef {
        public_key: Some(public),
        ..bare.clone()
    };
    vec![
        bare.to_der().expect("version 0"),
        whole.to_der().expect("version 1"),
    ]
}

/// The bundle of a fixture.
static BUNDLE: LazyLock<Bundle> = LazyLock::new(|| {
    let cluster = layout::read(tree("ecdsa-p256"), Layout::Kubeadm, None).expect("a cluster");
    let findings = check::check(&cluster, &context(), &[]);
    let settings = BundleSettings {
        contract: Contract::CURRENT,
        bootstrap_token: None,
        encryption: None,
        earlier: None,
        issue_time: IssueTime::at(context().now),
    };
    let approval = findings.approval().expect("a sound cluster");
    let made = convert::bundle(&cluster, &approval, &settings, &mut SysRng).expect("a bundle");
    made.bundle
});

/// A file of every kind that says how a cluster is run.
const SETTINGS: [(&str, &str); 8] = [
    (
        "etc/kubernetes/manifests/kube-apiserver.manifest",
        "kind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: a, image: 'b:v1', command: [/bin/sh, \
         -c, 'exec kube-apiserver --a=b']}]}\n",
    ),
    (
        "etc/k0s/k0s.yaml",
        "apiVersion: k0s.k0sproject.io/v1beta1\nkind: ClusterConfig\nspec: {api: {sans: [a]}}\n",
    ),
    (
        "etc/rancher/k3s/config.yaml",
        "tls-san: [a]\nkube-apiserver-arg: [a=b, a+=c, a-=d]\n",
    ),
    (
        "etc/systemd/system/etcd.service",
        "[Service]\nEnvironment=A='b c'\nExecStart=/usr/bin/etcd \\\n --name $A \\\n",
    ),
    (
        "etc/systemd/system/k3s.service",
        "[Service]\nEnvironmentFile=-%N.env\nExecStart=/k3s server '--data-dir=/x/'\n",
    ),
    (
        "var/lib/rancher/k3s/server/db/etcd/config",
        "name: a\nclient-transport-security: {cert-file: b}\n",
    ),
    (
        "var/snap/microk8s/current/args/kube-apiserver",
        "--a=\"${SNAP_DATA}/b\"\n# c\n--d\n",
    ),
    (
        "x.rkestate",
        r#"{"currentState": {"rkeConfig": {"nodes": [{"address": "a", "role": ["etcd"]}]}}}"#,
    ),
];

fn file(path: &str, bytes: &[u8]) -> SourceFile {
    SourceFile {
        path: path.to_owned(),
        bytes: bytes.to_vec().into(),
        mode: None,
    }
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

    /// Files that say how a cluster is run, damaged anywhere: none of them makes a reader panic.
    #[test]
    fn damaged_settings_are_read_or_told(
        which in 0..SETTINGS.len(),
        at in any::<prop::sample::Index>(),
        bytes in prop::collection::vec(any::<u8>(), 0..12),
        keeps_rest in any::<bool>(),
    ) {
        let (path, text) = SETTINGS[which];
        let mut damaged = text.as_bytes().to_vec();
        let at = at.index(damaged.len());
        let rest = damaged.split_off(at);
        damaged.extend(bytes);
        if keeps_rest {
            damaged.extend(rest);
        }
        let others = SETTINGS.iter().filter(|(other, _)| *other != path);
        let mut files: Vec<SourceFile> = others.map(|(path, text)| file(path, text.as_bytes())).collect();
        files.push(file(path, &damaged));
        files.sort_by(|a, b| a.path.cmp(&b.path));
        let tree = Tree { name: "settings".to_owned(), files, ..Tree::default() };
        let settings = Settings::read(&tree, None);
        // The others are still read.
        prop_assert!(!settings.processes.is_empty());
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
    fn no_damaged_file_of_talos_makes_a_panic(
        which in 0..6_usize,
        edits in prop::collection::vec(
            (any::<prop::sample::Index>(), 0..40_usize, "[\\[\\]{}:&*!|>'\"%#~?,@` \n\t\\-a-z]{0,6}"),
            1..6,
        ),
    ) {
        let mut text = [
            talos_files::bundle(),
            talos_files::control_plane_fields(),
            talos_files::control_plane_documents(),
            talos_files::worker_fields(),
            talos_files::worker_documents(),
            talos_files::talosconfig("admin"),
        ][which].clone();
        for (position, length, new) in edits {
            // All of these files are ASCII.
            let start = position.index(text.len());
            let end = (start + length).min(text.len());
            text.replace_range(start..end, &new);
        }
        if let Ok(file) = TalosFile::read("file.yaml", text.as_bytes(), None, Places::Found) {
            let _ = check::check_file(&file, &context(), &[]);
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

    #[test]
    fn every_encoding_of_a_key_has_one_form(seed in any::<[u8; 32]>(), kind in 0..4_usize) {
        let encodings = match CURVES.get(kind) {
            Some(curve) => encodings_on(*curve, &seed),
            None => encodings_of_ed25519(&seed),
        };
        let pems: Vec<String> = encodings
            .iter()
            .map(|der| {
                let (key, _) = PrivateKey::from_der(der).expect("a key");
                key.to_secret_pem().expose().clone()
            })
            .collect();
        prop_assert!(pems.iter().all(|pem| *pem == pems[0]));
        let blocks = pem::read(pems[0].as_bytes()).blocks;
        let (_, encoding) = PrivateKey::from_block(&blocks[0], None).expect("its own form");
        prop_assert!(encoding.canonical);
    }

    #[test]
    fn a_bundle_reads_back_from_both_of_its_forms(texts in prop::array::uniform5("[^\\p{C}]{1,40}")) {
        let mut bundle = BUNDLE.clone();
        let [id, secret, bootstrap, trustd, encryption] = texts;
        bundle.cluster_id = id;
        bundle.cluster_secret = Secret::new(secret);
        bundle.bootstrap_token = Secret::new(bootstrap);
        bundle.trustd_token = Secret::new(trustd);
        bundle.encryption = EncryptionSecret::Secretbox(Secret::new(encryption));
        let yaml = bundle.to_secret_yaml();
        let json = bundle.to_secret_json();
        for text in [&yaml, &json] {
            let again = Bundle::read(text.expose().as_bytes());
            let again = again.map_err(|errors| TestCaseError::fail(format!("{errors:?}")))?;
            prop_assert_eq!(&again.cluster_id, &bundle.cluster_id);
            prop_assert!(again.to_secret_yaml().expose() == yaml.expose());
            prop_assert!(again.to_secret_json().expose() == json.expose());
        }
    }
}
