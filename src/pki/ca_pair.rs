//! A certificate and the key that belongs to it.

use super::certificate::Certificate;
use super::private_key::PrivateKey;

/// A CA's certificate and private key, **proven** to belong together: there is no other way to make
/// one. A pair that does not match is accepted by Talos and fails on the node, when the first
/// certificate must be issued.
#[derive(Debug, Clone)]
pub struct CaPair {
    certificate: Certificate,
    key: PrivateKey,
}

/// The key is not the certificate's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the private key does not belong to the certificate")]
pub struct KeyMismatch;

impl CaPair {
    /// Joins the two if the key is the certificate's.
    pub fn prove(certificate: Certificate, key: PrivateKey) -> Result<Self, KeyMismatch> {
        if certificate.public_key == *key.public_key() {
            Ok(Self { certificate, key })
        } else {
            Err(KeyMismatch)
        }
    }

    /// The certificate.
    #[must_use]
    pub fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    /// The private key.
    #[must_use]
    pub fn key(&self) -> &PrivateKey {
        &self.key
    }
}
