//! Textual IP addresses, as Go's `netip.ParseAddr` reads them.

use std::net::{IpAddr, Ipv6Addr};

/// Whether this is an IPv4 or IPv6 address without a zone.
pub(super) fn is_address(text: &[u8]) -> bool {
    parse::<IpAddr>(text)
}

/// Whether this is an IPv6 address, perhaps with a zone, such as `fe80::1%eth0`.
pub(super) fn is_ipv6(text: &[u8]) -> bool {
    let mut parts = text.splitn(2, |&octet| octet == b'%');
    let address = parts.next().unwrap_or_default();
    let zone_is_named = parts.next().is_none_or(|zone| !zone.is_empty());
    zone_is_named && parse::<Ipv6Addr>(address)
}

fn parse<Address: std::str::FromStr>(text: &[u8]) -> bool {
    str::from_utf8(text).is_ok_and(|text| text.parse::<Address>().is_ok())
}
