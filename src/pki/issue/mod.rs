//! Makes keys, authorities and certificates in the shapes that Talos makes.
//!
//! The model is `siderolabs/crypto/x509`, which hands Go's `crypto/x509` a template: what is written
//! here, in which order and which string type, is what Go writes for it.

mod asn1;
mod authority_profile;
mod extensions;
mod key_generation;
mod leaf_profile;
mod request_profile;
mod requested_leaf;
mod signed;
mod subject;

use rand_core::TryCryptoRng;

use super::Secret;
use super::certificate::CertificateError;
use super::certificate_request::RequestError;
use super::private_key::KeyError;
pub(super) use asn1::Signed;
pub use authority_profile::AuthorityProfile;
pub use key_generation::{KeyGeneration, generate_key};
pub use leaf_profile::{LeafProfile, Purpose};
pub use request_profile::RequestProfile;
pub use requested_leaf::RequestedLeaf;
pub use subject::Subject;

/// Why a key or certificate could not be made.
#[derive(Debug, thiserror::Error)]
pub enum IssueError {
    /// The issuer may not issue.
    #[error("{0}; it cannot issue certificates")]
    Authority(String),
    /// The certificate could not be encoded or signed.
    #[error("the certificate could not be built: {0}")]
    Build(String),
    /// The result cannot be read back.
    #[error("the new certificate cannot be read back")]
    Certificate(#[from] CertificateError),
    /// Talos and Go issue only for keys of the issuer's own family.
    #[error("a CA with an {authority} key cannot issue for an {leaf} key: Talos takes one family")]
    Family {
        /// The algorithm of the CA's key.
        authority: String,
        /// The algorithm of the leaf's key.
        leaf: String,
    },
    /// The key could not be made.
    #[error("the key could not be made: {0}")]
    Key(#[from] KeyError),
    /// A name that a certificate cannot hold.
    #[error("a certificate cannot hold the name `{0}`: {1}")]
    Name(String, &'static str),
    /// A request that nothing is issued for.
    #[error("{0}")]
    Refused(String),
    /// The new request cannot be read back.
    #[error("the new request cannot be read back")]
    Request(#[from] RequestError),
    /// The random number generator failed.
    #[error("the random number generator failed: {0}")]
    Random(String),
}

impl From<der::Error> for IssueError {
    fn from(error: der::Error) -> Self {
        Self::Build(error.to_string())
    }
}

/// Fresh random bytes.
fn random<const N: usize, R: TryCryptoRng>(rng: &mut R) -> Result<Secret<[u8; N]>, IssueError> {
    let mut bytes = [0; N];
    rng.try_fill_bytes(&mut bytes)
        .map_err(|error| IssueError::Random(error.to_string()))?;
    Ok(Secret::new(bytes))
}
