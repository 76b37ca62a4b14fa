//! URLs: `url.Parse` of `net/url`, as far as Talos's validation asks.

use std::net::Ipv6Addr;

/// The parts of a URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) struct Url<'a> {
    /// As it is written; Go knows it in lower case.
    pub(in super::super) scheme: &'a str,
    /// Without the brackets of an IPv6 address.
    pub(in super::super) host: &'a str,
    pub(in super::super) port: &'a str,
    pub(in super::super) path: &'a str,
    /// Everything behind the scheme, if that does not begin with a slash.
    pub(in super::super) opaque: &'a str,
}

impl<'a> Url<'a> {
    /// The parts of `text`, if Go takes it for a URL, which may be a path alone.
    pub(in super::super) fn parse(text: &'a str) -> Option<Self> {
        let (text, fragment) = text.split_once('#').unwrap_or((text, ""));
        if text.chars().any(|one| one.is_ascii_control()) || !is_escaped_well(fragment) {
            return None;
        }
        let (scheme, rest) = split_scheme(text)?;
        let (rest, _) = rest.split_once('?').unwrap_or((rest, ""));
        let mut url = Self {
            scheme,
            host: "",
            port: "",
            path: rest,
            opaque: "",
        };
        if !rest.starts_with('/') {
            if !scheme.is_empty() {
                return Some(Self {
                    path: "",
                    opaque: rest,
                    ..url
                });
            }
            let first = rest.split('/').next().unwrap_or_default();
            if first.contains(':') {
                return None;
            }
        }
        let behind = rest.strip_prefix("//");
        if let Some(rest) = behind.filter(|rest| !scheme.is_empty() || !rest.starts_with('/')) {
            let end = rest.find('/').unwrap_or(rest.len());
            let (authority, path) = rest.split_at(end);
            let (user, host) = authority.rsplit_once('@').unwrap_or(("", authority));
            if !is_escaped_well(user) || user.contains(' ') {
                return None;
            }
            (url.host, url.port) = split_port(host)?;
            url.path = path;
        }
        is_escaped_well(url.path).then_some(url)
    }

    /// Whether the scheme is one of these.
    pub(in super::super) fn has_scheme(&self, schemes: &[&str]) -> bool {
        let mut schemes = schemes.iter();
        schemes.any(|scheme| scheme.eq_ignore_ascii_case(self.scheme))
    }

    /// Whether there is no path, or `/` alone.
    pub(in super::super) fn has_no_path(&self) -> bool {
        matches!(self.path, "" | "/")
    }
}

fn split_scheme(text: &str) -> Option<(&str, &str)> {
    let is_of_scheme = |one: char| one.is_ascii_alphanumeric() || "+-.".contains(one);
    match text.split_once(':') {
        Some(("", _)) => None,
        Some((scheme, rest))
            if scheme.starts_with(|first: char| first.is_ascii_alphabetic())
                && scheme.chars().all(is_of_scheme) =>
        {
            Some((scheme, rest))
        }
        _ => Some(("", text)),
    }
}

/// The host and the port of what stands between the slashes.
fn split_port(text: &str) -> Option<(&str, &str)> {
    if let Some(rest) = text.strip_prefix('[') {
        let (address, after) = rest.rsplit_once(']')?;
        let plain = address
            .split_once("%25")
            .map_or(address, |(address, _)| address);
        let port = match after {
            "" => "",
            after => after.strip_prefix(':')?,
        };
        return (plain.parse::<Ipv6Addr>().is_ok() && is_port(port)).then_some((address, port));
    }
    let (host, port) = text.rsplit_once(':').unwrap_or((text, ""));
    let is_known = |one: char| {
        one.is_ascii_alphanumeric() || "-_.~!$&'()*+,;=:<>\"%".contains(one) || !one.is_ascii()
    };
    (is_port(port) && host.chars().all(is_known) && is_escaped_well(host)).then_some((host, port))
}

fn is_port(text: &str) -> bool {
    text.bytes().all(|digit| digit.is_ascii_digit())
}

/// Whether two hexadecimal digits follow each percent sign.
fn is_escaped_well(text: &str) -> bool {
    text.split('%').skip(1).all(|after| {
        let digits = after.as_bytes();
        digits.len() >= 2 && digits.iter().take(2).all(u8::is_ascii_hexdigit)
    })
}
