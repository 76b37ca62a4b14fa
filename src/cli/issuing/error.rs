//! Why a key, certificate or request was not made.

use crate::pki::IssueError;

/// Why a key, certificate or request was not made.
#[derive(Debug, thiserror::Error)]
pub(in crate::cli) enum IssuingError {
    /// The library refuses.
    #[error(transparent)]
    Issue(#[from] IssueError),
    /// A file is not what it should be.
    #[error("cannot use `{file}`: {reason}")]
    File {
        /// The file, and the block in it.
        file: String,
        /// What is wrong, and what to do.
        reason: String,
    },
    /// The CA's key is not the CA's.
    #[error(
        "`{key}` is not the key of `{certificate}`: its fingerprint is {found}, the certificate's \
         {wanted}"
    )]
    KeyMismatch {
        /// The file of the key.
        key: String,
        /// The file of the certificate.
        certificate: String,
        /// Fingerprint of the key.
        found: String,
        /// Fingerprint of the certificate's key.
        wanted: String,
    },
    /// A flag has a value that makes no sense.
    #[error("{flag}: {reason}")]
    Flag {
        /// The flag.
        flag: &'static str,
        /// What is wrong, and what to do.
        reason: String,
    },
}
