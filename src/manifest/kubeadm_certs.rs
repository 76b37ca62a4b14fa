//! The Secret `kubeadm-certs`, by which control planes that join get the PKI.
//!
//! Each value is a nonce and what AES-256-GCM made of a file; names have `-` for `/`, and a file
//! that is not there has an empty value. Source: `cmd/kubeadm/app/phases/copycerts` and
//! `cmd/kubeadm/app/util/crypto` in Kubernetes.

use crate::pki::Wiped;
use aes_gcm::aead::Aead;
use aes_gcm::{Aes256Gcm, KeyInit, Nonce};

use super::ManifestError;
use super::object::{Object, ValueProblem};
use crate::pki::Secret;
use crate::source::{SourceFile, Tree};

const NAME: &str = "kubeadm-certs";

/// Keys of the Secret, and the files that they are.
const FILES: [(&str, &str); 11] = [
    ("ca.crt", "ca.crt"),
    ("ca.key", "ca.key"),
    ("etcd-ca.crt", "etcd/ca.crt"),
    ("etcd-ca.key", "etcd/ca.key"),
    ("external-etcd-ca.crt", "external-etcd-ca.crt"),
    ("external-etcd.crt", "external-etcd.crt"),
    ("external-etcd.key", "external-etcd.key"),
    ("front-proxy-ca.crt", "front-proxy-ca.crt"),
    ("front-proxy-ca.key", "front-proxy-ca.key"),
    ("sa.key", "sa.key"),
    ("sa.pub", "sa.pub"),
];

/// Bytes of a nonce, before what is encrypted.
const NONCE_SIZE: usize = 12;

/// Bytes of the tag of AES-GCM, behind it.
const TAG_SIZE: usize = 16;

/// Hexadecimal digits of a key.
const KEY_DIGITS: usize = 64;

/// The key of the Secret: 32 bytes.
#[derive(Debug, Clone)]
pub struct CertificateKey(Secret<[u8; 32]>);

/// A text that is no certificate key. It is not quoted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "a certificate key has {KEY_DIGITS} hexadecimal digits, as `kubeadm init phase upload-certs \
     --upload-certs` prints it; this text is not one"
)]
pub struct CertificateKeyError;

impl CertificateKey {
    /// The key that is written in `text`, in hexadecimal digits. White space around it is overlooked.
    pub fn read(text: &str) -> Result<Self, CertificateKeyError> {
        let digits = text.trim().as_bytes();
        if digits.len() != KEY_DIGITS {
            return Err(CertificateKeyError);
        }
        let mut key = Wiped::new([0_u8; KEY_DIGITS / 2]);
        for (byte, pair) in key.iter_mut().zip(digits.chunks_exact(2)) {
            for digit in pair {
                let value = char::from(*digit).to_digit(16).ok_or(CertificateKeyError)?;
                *byte = *byte << 4 | u8::try_from(value).map_err(|_| CertificateKeyError)?;
            }
        }
        Ok(Self(Secret::new(*key)))
    }
}

pub(super) fn is_it(secret: Object<'_>) -> bool {
    secret.name() == NAME
}

/// The files in `secret`.
pub(super) fn files(
    secret: Object<'_>,
    text: &SourceFile,
    key: Option<&CertificateKey>,
) -> Result<Vec<SourceFile>, ManifestError> {
    let key = key.ok_or_else(|| ManifestError::NoCertificateKey {
        file: text.path.clone(),
        object: secret.title(),
    })?;
    let cipher = Aes256Gcm::new(key.0.expose().into());
    let mut files = Vec::new();
    for (field, path) in FILES {
        let Some(value) = secret.value(field, text)? else {
            continue;
        };
        let bytes = open(&cipher, value.expose());
        let bytes =
            bytes.map_err(|problem| secret.failed(&format!("data.{field}"), problem, text))?;
        files.push(SourceFile {
            path: path.to_owned(),
            bytes,
            // Without the key nobody can read it, whoever can read the file.
            mode: None,
        });
    }
    Ok(Tree::sorted_files(files))
}

fn open(cipher: &Aes256Gcm, value: &[u8]) -> Result<Wiped<Vec<u8>>, ValueProblem> {
    let truncated = || ValueProblem::Truncated(value.len());
    if value.len() < NONCE_SIZE + TAG_SIZE {
        return Err(truncated());
    }
    let (nonce, encrypted) = value.split_at(NONCE_SIZE);
    let nonce = Nonce::try_from(nonce).map_err(|_| truncated())?;
    let opened = cipher.decrypt(&nonce, encrypted);
    opened
        .map(Wiped::new)
        .map_err(|_| ValueProblem::DoesNotOpen)
}
