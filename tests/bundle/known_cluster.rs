//! A cluster with known keys and tokens, from a kubeadm fixture and a seeded generator.

use std::convert::Infallible;
use std::fs;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rand_core::{TryCryptoRng, TryRng};
use talos_pki::pki::{
    AuthorityProfile, CaPair, Certificate, KeyGeneration, PrivateKey, Secret, Subject, Validity,
    generate_key, pem,
};
use talos_pki::talos::{Bundle, EncryptionSecret};

pub(crate) const CLUSTER_ID: &str = "3bGXYN0kDOv+6QTMGmvlhw7jVSSRgj0ufhAGf8yZuAM=";
pub(crate) const CLUSTER_SECRET: &str = "Y2x1c3RlciBzZWNyZXQgb2YgdGhpcnR5LXR3byBieXQ=";
pub(crate) const BOOTSTRAP_TOKEN: &str = "abcdef.0123456789abcdef";
pub(crate) const TRUSTD_TOKEN: &str = "uvwxyz.fedcba9876543210";
pub(crate) const ENCRYPTION_SECRET: &str = "ZW5jcnlwdGlvbiBvZiB0aGlydHktdHdvIGJ5dGVzISE=";

/// A bundle with the CAs of the fixture `ecdsa-p256`.
pub(crate) fn bundle() -> Bundle {
    Bundle {
        cluster_id: CLUSTER_ID.to_owned(),
        cluster_secret: secret(CLUSTER_SECRET),
        bootstrap_token: secret(BOOTSTRAP_TOKEN),
        trustd_token: secret(TRUSTD_TOKEN),
        encryption: EncryptionSecret::Secretbox(secret(ENCRYPTION_SECRET)),
        etcd: pair("etcd/ca"),
        kubernetes: pair("ca"),
        aggregator: pair("front-proxy-ca"),
        service_account: key("sa.key"),
        os: os_authority(),
    }
}

pub(crate) fn secret(text: &str) -> Secret<String> {
    Secret::new(text.to_owned())
}

/// A file of the fixture's PKI.
pub(crate) fn fixture(name: &str) -> String {
    let path = format!(
        "{}/fixtures/kubeadm/ecdsa-p256/pki/{name}",
        env!("CARGO_MANIFEST_DIR")
    );
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

pub(crate) fn base64(text: &str) -> String {
    STANDARD.encode(text)
}

/// Every secret of [`bundle`] in every form in which a message could show it.
pub(crate) fn secrets() -> Vec<String> {
    let keys = ["ca.key", "etcd/ca.key", "front-proxy-ca.key", "sa.key"].map(fixture);
    let os = bundle().os.key().to_secret_pem().expose().clone();
    let of_keys = keys.into_iter().chain([os]).flat_map(|pem| {
        let body = pem.lines().nth(1).expect("a PEM has a body").to_owned();
        [base64(&pem)[..40].to_owned(), body]
    });
    let texts = [
        CLUSTER_SECRET,
        BOOTSTRAP_TOKEN,
        TRUSTD_TOKEN,
        ENCRYPTION_SECRET,
    ];
    of_keys.chain(texts.map(str::to_owned)).collect()
}

fn pair(name: &str) -> CaPair {
    let text = fixture(&format!("{name}.crt"));
    let block = pem::read(text.as_bytes()).blocks.remove(0);
    let certificate = Certificate::from_der(block.contents.expose()).expect("kubeadm made it");
    CaPair::prove(certificate, key(&format!("{name}.key"))).expect("kubeadm made both")
}

fn key(name: &str) -> PrivateKey {
    let block = pem::read(fixture(name).as_bytes()).blocks.remove(0);
    PrivateKey::from_block(&block, None)
        .expect("kubeadm made it")
        .0
}

fn os_authority() -> CaPair {
    let validity = Validity {
        not_before: "2026-01-01T00:00:00Z".parse().expect("it is a time"),
        not_after: "2035-12-30T00:00:00Z".parse().expect("it is a time"),
    };
    let profile = AuthorityProfile {
        subject: Subject {
            common_name: None,
            organizations: &["talos"],
        },
        dns_names: &[],
        ip_addresses: &[],
        validity,
    };
    let mut rng = Seeded::new(1);
    let key = generate_key(KeyGeneration::Ed25519, &mut rng).expect("Ed25519 takes any seed");
    profile.issue(key, &mut rng).expect("the profile is sound")
}

/// A generator (SplitMix64) that gives the same numbers each time.
pub(crate) struct Seeded(u64);

impl Seeded {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }
}

impl TryRng for Seeded {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        self.try_next_u64().map(|number| (number >> 32) as u32)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        Ok(mixed ^ (mixed >> 31))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        for chunk in bytes.chunks_mut(8) {
            let number = self.try_next_u64()?.to_le_bytes();
            chunk.copy_from_slice(&number[..chunk.len()]);
        }
        Ok(())
    }
}

impl TryCryptoRng for Seeded {}
