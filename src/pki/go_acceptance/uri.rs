//! URIs, as Go's `net/url` reads them, and the host inside them, as `crypto/x509` checks it.
//!
//! Go's notion of a URI is looser than RFC 3986: paths and queries may hold nearly anything, and
//! after a scheme without a slash nothing is looked at. It is the host that has rules.

use std::iter;

use thiserror::Error;

use super::{domain_name, internet_address};

/// What is wrong with a URI.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum UriFault {
    /// The first path segment of a reference without a scheme may not hold a colon.
    #[error("it has no valid scheme before the first colon")]
    ColonWithoutScheme,
    /// Control characters must be written with percent signs.
    #[error("it holds a control character")]
    ControlCharacter,
    /// The host holds a character that no host can have, plain or behind a percent sign.
    #[error("its host holds a forbidden character")]
    HostCharacter,
    /// The host is not a run of nonempty labels.
    #[error("its host is not a valid domain name")]
    HostDomain,
    /// A percent sign without two hexadecimal digits.
    #[error("a percent sign in it is not followed by two hexadecimal digits")]
    PercentEncoding,
    /// A port is a colon and digits.
    #[error("its port is not a number")]
    Port,
    /// Square brackets hold an IPv6 address, perhaps with a zone.
    #[error("square brackets in its host do not enclose an IPv6 address")]
    SquareBrackets,
    /// The user information before the `@` has a narrow alphabet.
    #[error("its user information holds a forbidden character")]
    UserInformation,
}

/// Checks a URI, which must be ASCII.
pub(super) fn check(uri: &str) -> Result<(), UriFault> {
    let (reference, fragment) = uri.split_once('#').unwrap_or((uri, ""));
    check_reference(reference)?;
    check_percent_encoding(fragment)
}

/// Checks everything before the fragment, which alone may hold control characters.
fn check_reference(reference: &str) -> Result<(), UriFault> {
    if reference.bytes().any(|octet| octet.is_ascii_control()) {
        return Err(UriFault::ControlCharacter);
    }
    let (scheme, rest) = split_scheme(reference)?;
    let hierarchy = rest
        .split_once('?')
        .map_or(rest, |(hierarchy, _query)| hierarchy);
    if !hierarchy.starts_with('/') {
        if !scheme.is_empty() {
            return Ok(());
        }
        let first_segment = hierarchy.split('/').next().unwrap_or_default();
        if first_segment.contains(':') {
            return Err(UriFault::ColonWithoutScheme);
        }
    }
    let path = match hierarchy.strip_prefix("//") {
        // Three slashes without a scheme begin a path; with one, an empty authority.
        Some(rest) if !scheme.is_empty() || !rest.starts_with('/') => {
            let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
            check_authority(scheme, authority)?;
            path
        }
        _ => hierarchy,
    };
    check_percent_encoding(path)
}

/// Splits the scheme off, which is empty if there is none.
fn split_scheme(reference: &str) -> Result<(&str, &str), UriFault> {
    match reference.split_once(':') {
        Some(("", _)) => Err(UriFault::ColonWithoutScheme),
        Some((scheme, rest)) if is_scheme(scheme) => Ok((scheme, rest)),
        _ => Ok(("", reference)),
    }
}

fn is_scheme(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text
            .bytes()
            .all(|octet| octet.is_ascii_alphanumeric() || b"+-.".contains(&octet))
}

fn check_authority(scheme: &str, authority: &str) -> Result<(), UriFault> {
    let (user_information, host) = authority.rsplit_once('@').unwrap_or(("", authority));
    let host = decode_host(scheme, host)?;
    if !user_information.bytes().all(is_user_information) {
        return Err(UriFault::UserInformation);
    }
    check_percent_encoding(user_information)?;
    if domain_name::is_valid(&host) {
        Ok(())
    } else {
        Err(UriFault::HostDomain)
    }
}

/// Decodes a host together with its port: `crypto/x509` takes both for the domain name.
fn decode_host(scheme: &str, host: &str) -> Result<Vec<u8>, UriFault> {
    match host.rsplit_once('[') {
        Some(("", literal)) => return decode_ip_literal(literal),
        Some(_) => return Err(UriFault::SquareBrackets),
        None => {}
    }
    // Connection strings of databases list several hosts with ports, so only the web's own schemes
    // are held to one colon: https://go.dev/issue/75223 and https://go.dev/issue/78077.
    let is_web = ["http", "https"]
        .iter()
        .any(|web| scheme.eq_ignore_ascii_case(web));
    let port = if is_web {
        host.split_once(':')
    } else {
        host.rsplit_once(':')
    };
    if port.is_some_and(|(_host, digits)| !is_digits(digits)) {
        return Err(UriFault::Port);
    }
    decode(host, |octet| match octet {
        Octet::Plain(plain) => is_host(plain),
        // Go's reading of RFC 3986: only what is not ASCII may be escaped in a host.
        Octet::Escaped(escaped) => escaped == b'%' || !escaped.is_ascii(),
    })
}

/// Decodes what follows an opening bracket: an IPv6 address, the closing bracket, perhaps a port.
fn decode_ip_literal(literal: &str) -> Result<Vec<u8>, UriFault> {
    let (literal, port) = literal.rsplit_once(']').ok_or(UriFault::SquareBrackets)?;
    if !(port.is_empty() || port.strip_prefix(':').is_some_and(is_digits)) {
        return Err(UriFault::Port);
    }
    // RFC 6874: an escaped percent sign begins the zone.
    let (address, zone) = match literal.split_once("%25") {
        Some((address, zone)) => (address, Some(zone)),
        None => (literal, None),
    };
    let mut decoded = decode(address, |octet| match octet {
        Octet::Plain(plain) => is_host(plain),
        Octet::Escaped(escaped) => !escaped.is_ascii(),
    })?;
    if let Some(zone) = zone {
        decoded.push(b'%');
        decoded.extend(decode(zone, |octet| match octet {
            Octet::Plain(plain) => is_host(plain),
            Octet::Escaped(escaped) => is_host(escaped) || b"% ".contains(&escaped),
        })?);
    }
    if !internet_address::is_ipv6(&decoded) {
        return Err(UriFault::SquareBrackets);
    }
    Ok([b"[", decoded.as_slice(), b"]", port.as_bytes()].concat())
}

fn check_percent_encoding(text: &str) -> Result<(), UriFault> {
    octets(text).try_for_each(|octet| octet.map(|_| ()))
}

/// Undoes percent encoding in a host, every octet of which must be permitted.
fn decode(text: &str, permits: impl Fn(Octet) -> bool) -> Result<Vec<u8>, UriFault> {
    octets(text)
        .map(|octet| match octet? {
            octet if !permits(octet) => Err(UriFault::HostCharacter),
            Octet::Plain(value) | Octet::Escaped(value) => Ok(value),
        })
        .collect()
}

fn octets(text: &str) -> impl Iterator<Item = Result<Octet, UriFault>> {
    let mut rest = text.as_bytes();
    iter::from_fn(move || {
        let (octet, after) = match rest {
            [] => return None,
            [b'%', high, low, after @ ..] => (escaped(*high, *low), after),
            [b'%', after @ ..] => (Err(UriFault::PercentEncoding), after),
            [plain, after @ ..] => (Ok(Octet::Plain(*plain)), after),
        };
        rest = after;
        Some(octet)
    })
}

fn escaped(high: u8, low: u8) -> Result<Octet, UriFault> {
    let digit = |octet: u8| char::from(octet).to_digit(16);
    digit(high)
        .zip(digit(low))
        .and_then(|(high, low)| u8::try_from(high << 4 | low).ok())
        .map(Octet::Escaped)
        .ok_or(UriFault::PercentEncoding)
}

/// One octet of percent-encoded text.
#[derive(Clone, Copy)]
enum Octet {
    Escaped(u8),
    Plain(u8),
}

fn is_digits(text: &str) -> bool {
    text.bytes().all(|octet| octet.is_ascii_digit())
}

/// The unreserved characters and delimiters of RFC 3986 section 3.2.2, and `"`, `<` and `>`.
fn is_host(octet: u8) -> bool {
    octet.is_ascii_alphanumeric() || b"-_.~!$&'()*+,;=:[]<>\"".contains(&octet)
}

/// The alphabet of RFC 3986 section 3.2.1, and `@`, which stands unescaped in many passwords.
fn is_user_information(octet: u8) -> bool {
    octet.is_ascii_alphanumeric() || b"-._:~!$&'()*+,;=%@".contains(&octet)
}
