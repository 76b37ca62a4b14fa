//! Requests for certificates.

use std::net::IpAddr;

use der::asn1::{AnyRef, ObjectIdentifier};
use der::{Decode, Encode, Tag, TagNumber};

use super::asn1::{Attribute, CertificationRequestInfo};
use super::extensions;
use super::signed::sign;
use super::{IssueError, Subject};
use crate::pki::certificate_request::CertificateRequest;
use crate::pki::private_key::PrivateKey;
use crate::pki::signature::SignatureAlgorithm;

/// `extensionRequest` (RFC 2985 section 5.4.2).
const EXTENSION_REQUEST: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.14");

/// A request as Talos makes it: a subject, and names and addresses if there are any. It asks for no
/// usage (`NewCertificateSigningRequest` in siderolabs/crypto).
#[derive(Debug, Clone)]
pub struct RequestProfile<'a> {
    /// Whom the certificate will be about.
    pub subject: Subject<'a>,
    /// Subject alternative DNS names.
    pub dns_names: &'a [&'a str],
    /// Subject alternative IP addresses.
    pub ip_addresses: &'a [IpAddr],
}

impl RequestProfile<'_> {
    /// Makes the request for `key`, which signs it by the algorithm that
    /// [`SignatureAlgorithm::for_key`] says.
    pub fn sign(&self, key: &PrivateKey) -> Result<CertificateRequest, IssueError> {
        let subject = self.subject.to_der()?;
        let attributes = self.attributes()?;
        let attributes_tag = Tag::ContextSpecific {
            constructed: true,
            number: TagNumber(0),
        };
        let info = CertificationRequestInfo {
            version: 0,
            subject: AnyRef::from_der(&subject)?,
            subject_public_key_info: AnyRef::from_der(key.public_key().spki())?,
            attributes: AnyRef::new(attributes_tag, &attributes)?,
        };
        let algorithm = SignatureAlgorithm::for_key(key.public_key().algorithm())
            .ok_or_else(|| IssueError::Build("Talos cannot use the key".to_owned()))?;
        let der = sign(&info.to_der()?, &algorithm, key)?;
        Ok(CertificateRequest::from_der(&der)?)
    }

    /// DER of the only attribute; empty without names.
    fn attributes(&self) -> Result<Vec<u8>, IssueError> {
        // In a request Go never says that the extension is critical.
        let names = extensions::subject_alternative_name(self.dns_names, self.ip_addresses, false)?;
        let Some(names) = names else {
            return Ok(Vec::new());
        };
        let extensions = vec![names].to_der()?;
        let attribute = Attribute {
            oid: EXTENSION_REQUEST,
            values: AnyRef::new(Tag::Set, &extensions)?,
        };
        Ok(attribute.to_der()?)
    }
}
