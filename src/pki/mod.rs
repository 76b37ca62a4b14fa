//! PEM, certificates, private keys, signatures and issuing.
//!
//! This room knows neither Kubernetes nor Talos. It reads no file, no clock and no global
//! randomness: bytes, times and random number generators are arguments. Every other room uses it;
//! it uses none.

#[cfg(feature = "aws-lc")]
mod aws_lc;
mod ca_pair;
mod certificate;
mod certificate_request;
mod distinguished_name;
mod encryption_scheme;
pub mod go_acceptance;
mod issue;
mod issue_time;
pub mod json_web_signature;
mod key_encryption;
pub mod pem;
mod private_key;
mod public_key;
mod rsa_key;
mod secret;
mod signature;

pub use ca_pair::{CaPair, KeyMismatch};
pub use certificate::{
    BasicConstraints, Certificate, CertificateError, ExtendedKeyUsage, KeyUsage, Validity,
    X509Version,
};
pub use certificate_request::{CertificateRequest, RequestError};
pub use distinguished_name::DistinguishedName;
pub use issue::{
    AuthorityProfile, IssueError, KeyGeneration, LeafProfile, Purpose, RequestProfile,
    RequestedLeaf, Subject, generate_key,
};
pub use issue_time::{BeginsLater, IssueTime};
pub use private_key::{KeyEncoding, KeyError, KeyStructure, PrivateKey};
pub use public_key::{Curve, Fingerprint, KeyAlgorithm, PublicKey, PublicKeyError};
pub use secret::{Secret, Wiped};
pub use signature::{Hash, SignatureAlgorithm, SignatureError};
