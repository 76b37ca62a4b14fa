//! X.501 distinguished names, as a person reads them.

use std::fmt;

use x509_parser::objects::{oid_registry, oid2abbrev};
use x509_parser::x509::X509Name;

use crate::printable::printable;

/// A subject or issuer (RFC 5280 section 4.1.2.4).
///
/// Two names are the same when their DER is: that is what Go compares when it builds a chain.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct DistinguishedName {
    der: Vec<u8>,
    attributes: Vec<(String, String)>,
}

impl DistinguishedName {
    pub(super) fn of(name: &X509Name<'_>) -> Self {
        let mut attributes = Vec::new();
        for attribute in name.iter_attributes() {
            let kind = oid2abbrev(attribute.attr_type(), oid_registry())
                .map_or_else(|_| attribute.attr_type().to_id_string(), str::to_owned);
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
    /// The attributes in the order of the certificate, as `O=system:masters, CN=admin`. Hidden
    /// characters are escaped: a name comes from outside and goes to a terminal.
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
