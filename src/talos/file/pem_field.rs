//! A field that holds PEM, read as Talos reads it: the first block counts.

use crate::cluster::{CaSlot, Origin};
use crate::pki::pem::{self, Block};
use crate::pki::{Certificate, KeyError, PrivateKey, PublicKey, Secret};
use crate::talos::encoded_pem::{self, EncodingError, REDACTED};

/// What a field is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PemUse {
    /// The certificate of a CA.
    Certificate(CaSlot),
    /// The private key of a CA.
    Key(CaSlot),
    /// A CA that is trusted and issues nothing.
    Accepted(CaSlot),
    /// The key that signs service-account tokens.
    ServiceAccountKey,
    /// A key that verifies service-account tokens.
    ServiceAccountPublicKey,
    /// The CAs that a talosconfig trusts.
    ServerAuthority,
    /// The certificate of an administrator.
    ClientCertificate,
    /// The private key of an administrator.
    ClientKey,
}

/// How the PEM stands in its field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PemForm {
    /// In base64.
    Encoded,
    /// As it is, in the documents of Talos 1.14.
    Plain,
}

/// A field that holds PEM. A field that is missing or empty is none.
#[derive(Debug)]
pub struct PemField {
    /// Where it is.
    pub origin: Origin,
    /// What it is for.
    pub purpose: PemUse,
    /// How the PEM stands in it.
    pub form: PemForm,
    /// Its blocks, or why there are none.
    pub blocks: Result<Vec<PemBlock>, PemTrouble>,
}

/// One block.
#[derive(Debug)]
pub struct PemBlock {
    /// Its label.
    pub label: String,
    /// What is in it.
    pub content: PemContent,
}

/// What a block holds.
#[derive(Debug)]
pub enum PemContent {
    /// A certificate that Go reads, too.
    Certificate(Box<Certificate>),
    /// A private key under a label that Go takes for it.
    PrivateKey(Box<PrivateKey>),
    /// A public key.
    PublicKey(PublicKey),
    /// A certificate or key that cannot be read, and why.
    Unreadable(String),
}

/// Why a field has no blocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PemTrouble {
    /// It is a list or a mapping.
    #[error("it is not a text")]
    NotText,
    /// The PEM was taken out, or its base64 is broken, or there is none.
    #[error(transparent)]
    Encoding(#[from] EncodingError),
}

impl PemUse {
    /// Whether a private key belongs there.
    #[must_use]
    pub fn is_private_key(self) -> bool {
        matches!(
            self,
            Self::Key(_) | Self::ServiceAccountKey | Self::ClientKey
        )
    }
}

impl PemField {
    /// Reads the field at `origin`, which has this `text`, if it has any.
    pub(super) fn read(origin: Origin, purpose: PemUse, form: PemForm, text: Option<&str>) -> Self {
        let blocks = text.ok_or(PemTrouble::NotText).and_then(|text| {
            if text == REDACTED {
                return Err(EncodingError::Redacted.into());
            }
            let pem = match form {
                PemForm::Encoded => encoded_pem::decode(text)?,
                PemForm::Plain => Secret::new(text.as_bytes().to_vec()),
            };
            let blocks = pem::read(pem.expose()).blocks;
            if blocks.is_empty() {
                return Err(EncodingError::NoPem.into());
            }
            let is_first = |index: usize| index == 0;
            let read = blocks.iter().enumerate();
            let read = read.map(|(index, block)| read_block(block, purpose, is_first(index)));
            Ok(read.collect())
        });
        Self {
            origin,
            purpose,
            form,
            blocks,
        }
    }

    /// The certificate that Talos takes from it.
    #[must_use]
    pub fn certificate(&self) -> Option<&Certificate> {
        match &self.blocks.as_ref().ok()?.first()?.content {
            PemContent::Certificate(certificate) => Some(certificate),
            _ => None,
        }
    }

    /// Every certificate in it.
    pub fn certificates(&self) -> impl Iterator<Item = &Certificate> {
        let blocks = self.blocks.iter().flatten();
        blocks.filter_map(|block| match &block.content {
            PemContent::Certificate(certificate) => Some(certificate.as_ref()),
            _ => None,
        })
    }

    /// The private key that Talos takes from it.
    #[must_use]
    pub fn key(&self) -> Option<&PrivateKey> {
        match &self.blocks.as_ref().ok()?.first()?.content {
            PemContent::PrivateKey(key) => Some(key),
            _ => None,
        }
    }

    /// Whether there is a private key in it, wherever and in whatever state.
    #[must_use]
    pub fn has_private_key(&self) -> bool {
        let mut blocks = self.blocks.iter().flatten();
        blocks.any(|block| PrivateKey::is_label(&block.label))
    }

    /// Why Talos cannot use it, if so.
    #[must_use]
    pub fn trouble(&self) -> Option<String> {
        let blocks = match &self.blocks {
            Ok(blocks) => blocks,
            Err(trouble) => return Some(trouble.to_string()),
        };
        let first = blocks.first()?;
        match &first.content {
            PemContent::Unreadable(reason) => Some(reason.clone()),
            PemContent::Certificate(_) if self.purpose.is_private_key() => {
                Some("it is a certificate".to_owned())
            }
            PemContent::PublicKey(_) if self.purpose != PemUse::ServiceAccountPublicKey => {
                Some("it is a public key".to_owned())
            }
            PemContent::PrivateKey(_) if !self.purpose.is_private_key() => {
                Some("it begins with a private key".to_owned())
            }
            _ => None,
        }
    }
}

fn read_block(block: &Block, purpose: PemUse, is_first: bool) -> PemBlock {
    let unreadable = PemContent::Unreadable;
    let content = if PrivateKey::is_label(&block.label) {
        match PrivateKey::from_block(block, None) {
            Ok((key, encoding)) if encoding.label_fits => PemContent::PrivateKey(Box::new(key)),
            Ok(_) => unreadable("its PEM label is not the one for the key in it".to_owned()),
            Err(KeyError::Encrypted) => unreadable("it is encrypted".to_owned()),
            Err(error) => unreadable(error.to_string()),
        }
    } else if block.label.ends_with("PUBLIC KEY") {
        match PublicKey::from_spki(block.contents.expose()) {
            Ok(key) => PemContent::PublicKey(key),
            Err(error) => unreadable(error.to_string()),
        }
    } else if purpose.is_private_key() && is_first && block.label != "CERTIFICATE" {
        unreadable(format!("it is a `{}`", block.label.escape_debug()))
    } else {
        // Go does not look at the label of the first certificate.
        match Certificate::from_der(block.contents.expose()) {
            Ok(certificate) => match &certificate.go_refusal {
                None => PemContent::Certificate(Box::new(certificate)),
                Some(refusal) => unreadable(format!("Go refuses it: {refusal}")),
            },
            Err(error) => unreadable(error.to_string()),
        }
    };
    PemBlock {
        label: block.label.clone(),
        content,
    }
}
