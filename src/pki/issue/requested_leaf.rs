//! Certificates that somebody asked for.

use rand_core::TryCryptoRng;

use super::leaf_profile::{Leaf, check_family};
use super::subject::without_organizations;
use super::{IssueError, Purpose};
use crate::pki::CaPair;
use crate::pki::certificate::{Certificate, Validity};
use crate::pki::certificate_request::CertificateRequest;

/// What the issuer decides about a certificate, whatever was asked for.
#[derive(Debug, Clone, Copy)]
pub struct RequestedLeaf {
    /// Whether the key may encrypt other keys beside signing.
    pub key_encipherment: bool,
    /// Whether the subject keeps its organizations. Talos takes them from a server's, since on a
    /// client's certificate they are roles (`trustd`).
    pub keep_organizations: bool,
    /// What it is for.
    pub purpose: Purpose,
    /// When it holds. Like Talos this does not end it with its issuer.
    pub validity: Validity,
}

impl RequestedLeaf {
    /// Issues what `request` asks for: subject, DNS names and addresses are the request's, and so
    /// are key and signature algorithm; nothing else of it counts ([`CertificateRequest::ignored`]
    /// names the rest). The request must be signed with the key that it is for.
    ///
    /// What stays of the subject keeps its bytes. Go would write it anew, in its own order and
    /// string types, without attributes that it does not know.
    pub fn issue<R: TryCryptoRng>(
        &self,
        ca: &CaPair,
        request: &CertificateRequest,
        rng: &mut R,
    ) -> Result<Certificate, IssueError> {
        request.verify().map_err(|error| {
            IssueError::Refused(format!(
                "{error}, so whoever asks has not shown that the private key is theirs"
            ))
        })?;
        check_family(ca, request.public_key.algorithm())?;
        let algorithm = &request.signature_algorithm;
        if algorithm.identifier().is_none() {
            return Err(IssueError::Refused(format!(
                "it is signed as {algorithm}, and the certificate would be too"
            )));
        }
        let subject = if self.keep_organizations {
            request.subject.der().to_vec()
        } else {
            without_organizations(request.subject.der())?
        };
        let dns_names: Vec<_> = request.dns_names.iter().map(String::as_str).collect();
        let leaf = Leaf {
            subject: &subject,
            algorithm: algorithm.clone(),
            dns_names: &dns_names,
            ip_addresses: &request.ip_addresses,
            key_encipherment: self.key_encipherment,
            purpose: self.purpose,
            validity: self.validity,
        };
        leaf.issue(ca, &request.public_key, rng)
    }
}
