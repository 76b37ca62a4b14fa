//! What a context makes a client known by, read.

use super::Context;
use crate::pki::{Certificate, PrivateKey, pem};
use crate::talos::encoded_pem::{self, EncodingError};

/// The certificates and the key of a context, each of them readable.
#[derive(Debug)]
pub struct Credentials {
    /// The CAs that the server's certificate is judged by. Talos's API judges the client's by the
    /// same ones.
    pub authorities: Vec<Certificate>,
    /// The client's certificate.
    pub certificate: Certificate,
    /// What the client sends along, to lead from its certificate to a CA.
    pub intermediates: Vec<Certificate>,
    /// The client's key.
    pub key: PrivateKey,
}

/// Why there are no credentials in a context.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CredentialError {
    /// There is no value.
    #[error("`{0}` is missing")]
    Missing(&'static str),
    /// The value cannot be read.
    #[error("`{field}` cannot be read: {reason}")]
    Unreadable {
        /// The field.
        field: &'static str,
        /// Why.
        reason: String,
    },
}

impl Credentials {
    /// Reads those of `context`.
    pub fn read(context: &Context) -> Result<Self, Vec<CredentialError>> {
        let authorities = certificates("ca", context.authority());
        let chain = certificates("crt", context.certificate());
        let key = key("key", context.key());
        match (authorities, chain, key) {
            (Ok((first, more)), Ok((certificate, intermediates)), Ok(key)) => Ok(Self {
                authorities: std::iter::once(first).chain(more).collect(),
                certificate,
                intermediates,
                key,
            }),
            (authorities, chain, key) => Err([authorities.err(), chain.err(), key.err()]
                .into_iter()
                .flatten()
                .collect()),
        }
    }

    /// The first CA in `context`, whatever the rest of it is like.
    pub fn authority_of(context: &Context) -> Result<Certificate, CredentialError> {
        certificates("ca", context.authority()).map(|(authority, _)| authority)
    }

    /// The client's certificate in `context`, whatever the rest of it is like.
    pub fn certificate_of(context: &Context) -> Result<Certificate, CredentialError> {
        certificates("crt", context.certificate()).map(|(certificate, _)| certificate)
    }
}

/// The certificates in `field`, the first by itself.
fn certificates(
    field: &'static str,
    value: Option<&str>,
) -> Result<(Certificate, Vec<Certificate>), CredentialError> {
    let unreadable = |reason: String| CredentialError::Unreadable { field, reason };
    let value = value.ok_or(CredentialError::Missing(field))?;
    let text = encoded_pem::decode(value).map_err(|error| unreadable(error.to_string()))?;
    let mut certificates = Vec::new();
    let blocks = pem::read(text.expose()).blocks.into_iter();
    for block in blocks.filter(|block| block.label == "CERTIFICATE") {
        let certificate = Certificate::from_der(block.contents.expose())
            .map_err(|error| unreadable(error.to_string()))?;
        if let Some(refusal) = &certificate.go_refusal {
            return Err(unreadable(refusal.to_string()));
        }
        certificates.push(certificate);
    }
    let mut certificates = certificates.into_iter();
    let first = certificates
        .next()
        .ok_or_else(|| unreadable("there is no certificate in it".to_owned()))?;
    Ok((first, certificates.collect()))
}

/// The first key in `field`, whatever its label: that is what Go's TLS takes.
fn key(field: &'static str, value: Option<&str>) -> Result<PrivateKey, CredentialError> {
    let unreadable = |reason: String| CredentialError::Unreadable { field, reason };
    let value = value.ok_or(CredentialError::Missing(field))?;
    let text = encoded_pem::decode(value).map_err(|error| unreadable(error.to_string()))?;
    let blocks = pem::read(text.expose()).blocks;
    let mut keys = blocks
        .iter()
        .filter(|block| PrivateKey::is_label(&block.label));
    let block = keys
        .next()
        .ok_or_else(|| unreadable(EncodingError::NoPem.to_string()))?;
    let (key, _) =
        PrivateKey::from_block(block, None).map_err(|error| unreadable(error.to_string()))?;
    Ok(key)
}
