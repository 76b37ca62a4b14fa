//! Reads single keys, certificates and requests, and says which file is wrong and why.

use std::path::{Path, PathBuf};

use clap::Args;

use super::error::IssuingError;
use crate::cli::{CommandError, passphrase};
use crate::pki::pem::{self, Block};
use crate::pki::{CaPair, Certificate, CertificateRequest, KeyError, PrivateKey, Secret};
use crate::source;

/// How to open encrypted keys.
#[derive(Debug, Args)]
pub(super) struct PassphraseArguments {
    /// A file with the passphrase of an encrypted key (or set TALOS_PKI_PASSPHRASE)
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
}

impl PassphraseArguments {
    /// The private key in the file `path`, the only one there. If it is encrypted and no passphrase
    /// was given, a person at the terminal is asked.
    pub(super) fn private_key(&self, path: &Path) -> Result<PrivateKey, CommandError> {
        let blocks = blocks(path, "a private key", |label| {
            PrivateKey::is_label(label) || label.ends_with("PUBLIC KEY")
        })?;
        let [block] = blocks.as_slice() else {
            let reason = "there are several keys in it; leave the one that is meant";
            return Err(unusable(path, reason).into());
        };
        let passphrase = passphrase::given(self.passphrase_file.as_deref())?;
        let read = |passphrase: Option<&Secret<String>>| {
            PrivateKey::from_block(block, passphrase).map(|(key, _)| key)
        };
        let mut key = read(passphrase.as_ref());
        if matches!(key, Err(KeyError::Encrypted))
            && let Some(passphrase) = passphrase::asked()?
        {
            key = read(Some(&passphrase));
        }
        key.map_err(|error| {
            let remedy = match &error {
                KeyError::Encrypted => {
                    "; give its passphrase by --passphrase-file or TALOS_PKI_PASSPHRASE"
                }
                KeyError::UnsupportedEncryption(_) => {
                    "; open it with OpenSSL first (umask 077; openssl pkey -in KEY -out PLAIN)"
                }
                KeyError::PublicKey => "; the private key is needed",
                _ => "",
            };
            in_block(path, block, &format!("{error}{remedy}")).into()
        })
    }

    /// The CA of two files. Of several certificates it is the one that the key belongs to.
    pub(super) fn authority(&self, certificate: &Path, key: &Path) -> Result<CaPair, CommandError> {
        let blocks = blocks(certificate, "a certificate", |label| {
            ["CERTIFICATE", "X509 CERTIFICATE", "TRUSTED CERTIFICATE"].contains(&label)
        })?;
        let certificates = blocks.iter().map(|block| {
            Certificate::from_der(block.contents.expose())
                .map_err(|error| in_block(certificate, block, &error.to_string()))
        });
        let certificates = certificates.collect::<Result<Vec<_>, _>>()?;
        let private_key = self.private_key(key)?;
        let wanted = certificates
            .first()
            .map(|certificate| certificate.public_key.fingerprint().to_string());
        let found = private_key.public_key().fingerprint().to_string();
        let pair = certificates
            .into_iter()
            .find_map(|certificate| CaPair::prove(certificate, private_key.clone()).ok());
        pair.ok_or_else(|| {
            IssuingError::KeyMismatch {
                key: key.display().to_string(),
                certificate: certificate.display().to_string(),
                found,
                wanted: wanted.unwrap_or_default(),
            }
            .into()
        })
    }
}

/// The request in the file `path`, the first as Talos reads it.
pub(super) fn request(path: &Path) -> Result<CertificateRequest, CommandError> {
    let blocks = blocks(path, "a certificate request", CertificateRequest::is_label)?;
    let block = &blocks[0];
    CertificateRequest::from_der(block.contents.expose())
        .map_err(|error| in_block(path, block, &error.to_string()).into())
}

/// The blocks of a file whose label is wanted, at least one.
fn blocks(
    path: &Path,
    what: &str,
    is_wanted: impl Fn(&str) -> bool,
) -> Result<Vec<Block>, CommandError> {
    let file = pem::read(&source::read_file(path)?.bytes);
    let labels: Vec<_> = file.blocks.iter().map(|block| &block.label).collect();
    let found = match (labels.as_slice(), file.broken.first()) {
        ([], Some(broken)) => format!("the block in line {}: {}", broken.line, broken.reason),
        ([], None) => "it is not PEM".to_owned(),
        ([label, ..], _) => format!("it has `{label}`"),
    };
    let mut blocks = file.blocks;
    blocks.retain(|block| is_wanted(&block.label));
    if blocks.is_empty() {
        return Err(unusable(path, &format!("{what} is expected, but {found}")).into());
    }
    Ok(blocks)
}

fn in_block(path: &Path, block: &Block, reason: &str) -> IssuingError {
    IssuingError::File {
        file: format!(
            "{} block {} (line {})",
            path.display(),
            block.index,
            block.line
        ),
        reason: reason.to_owned(),
    }
}

fn unusable(path: &Path, reason: &str) -> IssuingError {
    IssuingError::File {
        file: path.display().to_string(),
        reason: reason.to_owned(),
    }
}
