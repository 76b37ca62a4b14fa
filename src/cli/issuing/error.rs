//! Why a key, certificate or request was not made.

use std::path::Path;

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

impl IssuingError {
    /// What the library says, with the file that it speaks of: the CA's or the request's.
    pub(super) fn naming(error: IssueError, certificate: &Path, request: Option<&Path>) -> Self {
        let file = match (&error, request) {
            (IssueError::Authority(_), _) => certificate,
            (IssueError::Refused(_), Some(request)) => request,
            _ => return error.into(),
        };
        Self::File {
            file: file.display().to_string(),
            reason: error.to_string(),
        }
    }
}
