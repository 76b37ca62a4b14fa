//! One piece of a file: a certificate or key, in PEM or as the whole file in DER.

use std::cell::OnceCell;

use crate::cluster::Origin;
use crate::pki::pem::Block;
use crate::pki::{
    Certificate, CertificateError, KeyEncoding, KeyError, PrivateKey, PublicKey, Secret,
};

/// One piece of a file.
#[derive(Debug)]
pub(super) struct Item {
    pub(super) origin: Origin,
    pub(super) label: String,
    pub(super) content: Content,
}

#[derive(Debug)]
pub(super) enum Content {
    Certificate(Box<Result<Certificate, CertificateError>>),
    PrivateKey(Box<LazyKey>),
    PublicKey(Result<PublicKey, String>),
    Other,
}

/// A private key that is read when somebody asks: a cluster has many keys, and only few matter.
#[derive(Debug)]
pub(super) struct LazyKey {
    block: Block,
    passphrase: Option<Secret<String>>,
    read: OnceCell<Result<(PrivateKey, KeyEncoding), KeyError>>,
}

impl LazyKey {
    pub(super) fn read(&self) -> &Result<(PrivateKey, KeyEncoding), KeyError> {
        self.read
            .get_or_init(|| PrivateKey::from_block(&self.block, self.passphrase.as_ref()))
    }
}

pub(super) fn item(origin: &Origin, block: Block, passphrase: Option<&Secret<String>>) -> Item {
    let origin = origin.block(block.index, block.line);
    let label = block.label.clone();
    let content = if PrivateKey::is_label(&label) {
        Content::PrivateKey(lazy_key(block, passphrase))
    } else if label.ends_with("CERTIFICATE") {
        Content::Certificate(Box::new(Certificate::from_der(block.contents.expose())))
    } else if label.ends_with("PUBLIC KEY") {
        Content::PublicKey(public_key(block.contents.expose()))
    } else {
        Content::Other
    };
    Item {
        origin,
        label,
        content,
    }
}

fn lazy_key(block: Block, passphrase: Option<&Secret<String>>) -> Box<LazyKey> {
    Box::new(LazyKey {
        block,
        passphrase: passphrase.cloned(),
        read: OnceCell::new(),
    })
}

/// `PUBLIC KEY` is SPKI and `RSA PUBLIC KEY` is PKCS#1, but kops writes SPKI under the second.
fn public_key(der: &[u8]) -> Result<PublicKey, String> {
    PublicKey::from_spki(der)
        .or_else(|error| PublicKey::from_pkcs1(der).map_err(|_| error))
        .map_err(|error| error.to_string())
}

/// What a file is that has no PEM in it, as its first bytes tell: nothing, text of Windows, or a keystore of
/// PKCS#12, which begins with its version (RFC 7292 section 4).
pub(super) fn instead(bytes: &[u8]) -> Option<&'static str> {
    const KEYSTORE: &[u8] = &[0x02, 0x01, 0x03];
    let is_keystore = || {
        let length = *bytes.strip_prefix(&[0x30])?.first()?;
        let octets = if length < 0x80 { 0 } else { length & 0x7f };
        Some(bytes.get(2 + usize::from(octets)..)?.starts_with(KEYSTORE))
    };
    if bytes.trim_ascii().is_empty() {
        Some("it is empty")
    } else if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        Some("it is text in UTF-16: save it in UTF-8, or copy it in binary mode")
    } else if is_keystore().unwrap_or_default() {
        Some("it is a keystore (PKCS#12): take PEM out of it by openssl pkcs12, with umask 077")
    } else {
        None
    }
}

/// A file without PEM may be one certificate or key in DER.
pub(super) fn der_item(origin: &Origin, bytes: &[u8]) -> Option<Item> {
    if bytes.first() != Some(&0x30) {
        return None;
    }
    let label = "DER".to_owned();
    if let Ok(certificate) = Certificate::from_der(bytes) {
        let content = Content::Certificate(Box::new(Ok(certificate)));
        return Some(Item {
            origin: origin.clone(),
            label,
            content,
        });
    }
    let (key, _) = PrivateKey::from_der(bytes).ok()?;
    let block = Block {
        index: 1,
        line: 1,
        label: key.label().to_owned(),
        headers: Vec::new(),
        contents: key.der().clone(),
    };
    Some(Item {
        origin: origin.clone(),
        label,
        content: Content::PrivateKey(lazy_key(block, None)),
    })
}
