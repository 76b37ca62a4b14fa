//! X.501 distinguished names, as a person reads them.

use std::borrow::Cow;
use std::fmt;

use x509_parser::der_parser::Oid;
use x509_parser::oid_registry as oid;
use x509_parser::x509::X509Name;

use crate::printable::printable;

/// The names of attributes: those of RFC 4514 section 3, and beside them OpenSSL's. The library's own
/// registry is a map of all that has an OID, which takes longer to make than a certificate to read.
static KINDS: [(Oid<'_>, &str); 14] = [
    (oid::OID_X509_COMMON_NAME, "CN"),
    (oid::OID_X509_ORGANIZATION_NAME, "O"),
    (oid::OID_X509_ORGANIZATIONAL_UNIT, "OU"),
    (oid::OID_X509_COUNTRY_NAME, "C"),
    (oid::OID_X509_STATE_OR_PROVINCE_NAME, "ST"),
    (oid::OID_X509_LOCALITY_NAME, "L"),
    (oid::OID_X509_STREET_ADDRESS, "STREET"),
    (oid::OID_DOMAIN_COMPONENT, "DC"),
    (oid::OID_USERID, "UID"),
    (oid::OID_X509_SERIALNUMBER, "serialNumber"),
    (oid::OID_X509_SURNAME, "SN"),
    (oid::OID_X509_GIVEN_NAME, "GN"),
    (oid::OID_X509_TITLE, "title"),
    (oid::OID_PKCS9_EMAIL_ADDRESS, "emailAddress"),
];

/// A subject or issuer (RFC 5280 section 4.1.2.4).
///
/// Two names are the same when their DER is: that is what Go compares when it builds a chain.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct DistinguishedName {
    der: Vec<u8>,
    attributes: Vec<(Cow<'static, str>, String)>,
}

impl DistinguishedName {
    pub(super) fn of(name: &X509Name<'_>) -> Self {
        let mut attributes = Vec::new();
        for attribute in name.iter_attributes() {
            let oid = attribute.attr_type();
            let kind = KINDS
                .iter()
                .find_map(|(known, kind)| (known == oid).then_some(Cow::Borrowed(*kind)))
                .unwrap_or_else(|| oid.to_id_string().into());
            let value = match attribute.as_str() {
                Ok(value) => value.to_owned(),
                Err(_) => String::from_utf8_lossy(attribute.attr_value().data).into_owned(),
            };
            attributes.push((kind, value));
        }
        Self {
            der: name.as_raw().to_vec(),
            attributes,
        }
    }

    /// The DER encoding, by which names are compared.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// The last common name, the one that Go's `pkix.Name` and Kubernetes take; empty without one.
    #[must_use]
    pub fn common_name(&self) -> &str {
        self.values("CN").last().unwrap_or_default()
    }

    /// Every organization, from single-valued and multi-valued RDNs alike: Go writes several
    /// organizations as one multi-valued RDN, and Kubernetes reads them as groups.
    #[must_use]
    pub fn organizations(&self) -> Vec<&str> {
        self.values("O").collect()
    }

    fn values<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a str> {
        self.attributes
            .iter()
            .filter(move |(key, _)| key == kind)
            .map(|(_, value)| value.as_str())
    }
}

impl fmt::Display for DistinguishedName {
    /// The attributes in the order of the certificate, as `O=system:masters, CN=admin`; one without a
    /// short name by its OID, in dots (RFC 4514 section 2.3). Hidden characters are escaped: a name comes
    /// from outside and goes to a terminal.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.attributes.is_empty() {
            return f.write_str("(empty name)");
        }
        for (position, (kind, value)) in self.attributes.iter().enumerate() {
            let separator = if position == 0 { "" } else { ", " };
            write!(f, "{separator}{kind}=")?;
            f.write_str(&printable(value))?;
        }
        Ok(())
    }
}
