//! The least that an import of a fleet can take: reading every file, one Ed25519 key with one signature
//! for each cluster, and one public key derived for each private key of a pair. Nothing is judged and
//! nothing written. `scripts/bench` measures it beside `gen secrets --fleet`.
//!
//!     cargo run --release --example fleet_floor -- FLEET

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a measurement")]

use std::fs;

use der::Decode;
use ed25519_dalek::{Signer, SigningKey};
use talos_pki::pki::{PrivateKey, pem};

/// The keys of a kubeadm PKI that become part of a bundle.
const KEYS: [&str; 4] = ["ca.key", "etcd/ca.key", "front-proxy-ca.key", "sa.key"];

fn main() {
    let fleet = std::env::args().nth(1).expect("the folder of a fleet");
    let (mut clusters, mut read, mut derived) = (0, 0, 0);
    for entry in fs::read_dir(fleet).unwrap() {
        let folder = entry.unwrap().path();
        clusters += 1;
        for file in walkdir::WalkDir::new(&folder) {
            let file = file.unwrap();
            if !file.file_type().is_file() {
                continue;
            }
            let bytes = fs::read(file.path()).unwrap();
            read += bytes.len();
            let name = file.path().strip_prefix(&folder).unwrap();
            if KEYS.iter().any(|key| name == std::path::Path::new(key)) {
                derived += public_key(&bytes).len();
            }
        }
        let mut seed = [0; 32];
        getrandom::fill(&mut seed).unwrap();
        let key = SigningKey::from_bytes(&seed);
        std::hint::black_box(key.sign(b"a certificate"));
    }
    println!("{clusters} clusters: {read} bytes read, {derived} bytes of public keys derived");
}

/// The public half: of an RSA key it stands there, of an ECDSA key it is computed.
fn public_key(bytes: &[u8]) -> Vec<u8> {
    let block = pem::read(bytes).blocks.remove(0);
    let contents = block.contents.expose();
    if block.label == "RSA PRIVATE KEY" {
        let key = pkcs1::RsaPrivateKeyRef::from_der(contents).unwrap();
        return key.modulus.as_bytes().to_vec();
    }
    let (key, _) = PrivateKey::from_der(contents).unwrap();
    key.public_key().spki().to_vec()
}
