//! Addresses and networks: `net/netip`, and `SplitHostPort` of `net`.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// An address and how many of its bits are the network's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) struct Network {
    pub(in super::super) address: IpAddr,
    pub(in super::super) bits: u32,
}

/// An IP address without a zone.
pub(in super::super) fn address(text: &str) -> Option<IpAddr> {
    text.parse().ok()
}

/// An IP address; one of IPv6 may name its link behind a `%`.
pub(in super::super) fn address_with_zone(text: &str) -> Option<IpAddr> {
    match text.split_once('%') {
        None => address(text),
        Some((_, "")) => None,
        Some((address, _)) => address.parse::<Ipv6Addr>().ok().map(IpAddr::V6),
    }
}

/// An IP address, `/`, and a number of bits.
pub(in super::super) fn network(text: &str) -> Option<Network> {
    let (text, bits) = text.rsplit_once('/')?;
    let address = address(text)?;
    let is_plain = bits == "0" || !bits.starts_with('0');
    let is_number = is_plain && bits.bytes().all(|digit| digit.is_ascii_digit());
    let bits = bits.parse().ok().filter(|_| is_number)?;
    let network = Network { address, bits };
    (bits <= network.width()).then_some(network)
}

/// A network, or one address.
pub(in super::super) fn subnet(text: &str) -> bool {
    network(text).is_some() || address_with_zone(text).is_some()
}

/// An IP address and a port, `[fd00::1]:80`.
pub(in super::super) fn address_with_port(text: &str) -> bool {
    let Some((host, port)) = text.rsplit_once(':') else {
        return false;
    };
    let host = match host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'))
    {
        Some(inner) => address_with_zone(inner).is_some_and(|address| address.is_ipv6()),
        None => host.parse::<Ipv4Addr>().is_ok(),
    };
    let is_number = port.bytes().all(|digit| digit.is_ascii_digit());
    host && is_number && port.parse::<u16>().is_ok()
}

/// Whether Go can split `text` into a host and a port, either of which may be empty.
pub(in super::super) fn has_port(text: &str) -> bool {
    let Some((host, port)) = text.rsplit_once(':') else {
        return false;
    };
    let host = match host.strip_prefix('[') {
        Some(host) => host.strip_suffix(']').filter(|host| !host.contains(']')),
        None => Some(host).filter(|host| !host.contains([':', ']'])),
    };
    host.is_some_and(|host| !host.contains('[')) && !port.contains(['[', ']'])
}

impl Network {
    /// How many bits an address of this family has.
    pub(in super::super) fn width(self) -> u32 {
        if self.address.is_ipv4() { 32 } else { 128 }
    }

    /// Whether the address has no bits beyond those of the network.
    pub(in super::super) fn is_masked(self) -> bool {
        self.first() == self.number()
    }

    /// Whether one of the two is in the other.
    pub(in super::super) fn overlaps(self, other: Self) -> bool {
        let bits = self.bits.min(other.bits);
        let [one, two] = [self, other].map(|network| Self { bits, ..network }.first());
        self.width() == other.width() && one == two
    }

    fn number(self) -> u128 {
        match self.address {
            IpAddr::V4(address) => u128::from(u32::from(address)),
            IpAddr::V6(address) => u128::from(address),
        }
    }

    fn first(self) -> u128 {
        let host = self.width() - self.bits;
        self.number()
            .checked_shr(host)
            .and_then(|bits| bits.checked_shl(host))
            .unwrap_or_default()
    }
}
