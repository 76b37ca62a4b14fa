//! Whether Go 1.26 would refuse to parse a certificate, and why.
//!
//! Talos, etcd, the Kubernetes API server and the kubelet read every certificate with Go's
//! `x509.ParseCertificate`. It is stricter than OpenSSL in some places (negative serial numbers,
//! an authority key identifier marked critical) and laxer in others (it never looks at what
//! follows an extension's value). A certificate that it refuses stops a node from booting, so the
//! question is asked here, before anything is migrated.
//!
//! [`refusal()`] walks the certificate in the order in which Go does and stops at the first thing
//! that Go would refuse. Each room below answers for one part of the certificate; [`Refusal`]
//! lists every reason. Nothing here recurses, and memory stays proportional to the input.
//!
//! The answer is about parsing only: whether a chain verifies is another question, as is whether
//! the certificate suits the place where it is used. It holds for programs whose main module says
//! `go 1.26` or later and that set no `GODEBUG`: an older `go` line turns `urlstrictcolons` off, and
//! one before 1.23 lets negative serial numbers pass.

mod certificate;
mod der_cursor;
mod distinguished_name;
mod domain_name;
mod extension;
mod internet_address;
mod mailbox;
mod name_constraints;
mod object_identifier;
mod part;
mod policy;
mod public_key;
mod refusal;
mod subject_alternative_name;
mod uri;
mod validity;

#[cfg(test)]
mod tests;

pub use self::part::{CertificateField, ExtensionKind};
pub use self::refusal::Refusal;
pub use self::uri::UriFault;

/// Tells why Go 1.26's `x509.ParseCertificate` would refuse this DER, or `None` if it would not.
///
/// `der` is the whole certificate and nothing else, as it stands inside a PEM block. Any bytes at
/// all may be passed: what is no certificate is refused as such.
#[must_use]
pub fn refusal(der: &[u8]) -> Option<Refusal> {
    certificate::check(der).err()
}
