//! The address of the Kubernetes API.

use std::fmt;
use std::net::Ipv6Addr;
use std::str::FromStr;

/// The port on which every control plane serves the Kubernetes API.
pub const API_SERVER_PORT: u16 = 6443;

/// The URL of the Kubernetes API. Nodes and workloads reach the cluster by it, and unless another
/// one is set it is the issuer of service-account tokens too: so its text is kept, to the last
/// slash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    text: String,
    host: String,
    port: Option<u16>,
}

/// Why a text is no endpoint.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EndpointError {
    /// It has no host.
    #[error("it names no host; write it as https://HOST:{API_SERVER_PORT}")]
    Host,
    /// Characters that a URL does not have, or parts that an endpoint does not have.
    #[error("{0}; write it as https://HOST:{API_SERVER_PORT}")]
    Malformed(&'static str),
    /// The port is no port.
    #[error("its port is not a number from 1 to 65535")]
    Port,
    /// It does not begin with `https://`.
    #[error("it does not begin with `https://`; try: {suggestion}")]
    Scheme {
        /// What was probably meant.
        suggestion: String,
    },
}

impl Endpoint {
    /// The host, without the brackets of an IPv6 address.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port, if one is named. Without one it is 443, and not [`API_SERVER_PORT`].
    #[must_use]
    pub fn port(&self) -> Option<u16> {
        self.port
    }

    /// What a person should know who names no port.
    #[must_use]
    pub fn port_warning(&self) -> Option<String> {
        self.port.is_none().then(|| {
            format!(
                "the endpoint `{self}` has no port, so it means port 443; control planes serve the \
                 Kubernetes API on {API_SERVER_PORT}"
            )
        })
    }

    /// The URL as it was given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl FromStr for Endpoint {
    type Err = EndpointError;

    fn from_str(text: &str) -> Result<Self, EndpointError> {
        let (scheme, rest) = text.split_once("://").unwrap_or(("", text));
        if !scheme.eq_ignore_ascii_case("https") {
            return Err(EndpointError::Scheme {
                suggestion: suggestion(rest),
            });
        }
        let is_plain =
            |character: char| character.is_ascii_graphic() && !"\"<>\\^`{|}%".contains(character);
        if !rest.chars().all(is_plain) {
            return Err(EndpointError::Malformed(
                "it has characters that no URL has",
            ));
        }
        if rest.contains(['?', '#', '@']) {
            return Err(EndpointError::Malformed(
                "it has a user, a query or a fragment, which an endpoint has not",
            ));
        }
        let authority = rest.split('/').next().unwrap_or_default();
        let (host, port) = split_authority(authority)?;
        if host.is_empty() {
            return Err(EndpointError::Host);
        }
        Ok(Self {
            // Go writes the scheme in lower case, and all else as it was.
            text: format!("https://{rest}"),
            host: host.to_owned(),
            port,
        })
    }
}

/// Splits `host:port`, where an IPv6 address stands in brackets.
fn split_authority(authority: &str) -> Result<(&str, Option<u16>), EndpointError> {
    let (host, port) = if let Some(bracketed) = authority.strip_prefix('[') {
        let (address, rest) = bracketed
            .split_once(']')
            .ok_or(EndpointError::Malformed("its bracket is not closed"))?;
        if address.parse::<Ipv6Addr>().is_err() {
            return Err(EndpointError::Malformed(
                "what stands in brackets is not an IPv6 address",
            ));
        }
        (address, rest)
    } else {
        let end = authority.find(':').unwrap_or(authority.len());
        let (host, rest) = authority.split_at(end);
        if rest.matches(':').count() > 1 {
            return Err(EndpointError::Malformed(
                "an IPv6 address must stand in brackets",
            ));
        }
        if host.contains(['[', ']']) {
            return Err(EndpointError::Malformed("it has a bracket in its host"));
        }
        (host, rest)
    };
    match port.strip_prefix(':') {
        // Go takes a colon without a port for no port.
        None | Some("") if port.len() <= 1 => Ok((host, None)),
        Some(digits) if digits.bytes().all(|byte| byte.is_ascii_digit()) => match digits.parse() {
            Ok(port) if port > 0 => Ok((host, Some(port))),
            _ => Err(EndpointError::Port),
        },
        _ => Err(EndpointError::Port),
    }
}

/// What was probably meant by a text without `https://`.
fn suggestion(rest: &str) -> String {
    let authority = rest.split('/').next().unwrap_or_default();
    let bare_ipv6 = authority.parse::<Ipv6Addr>().is_ok();
    match (bare_ipv6, split_authority(authority)) {
        (true, _) => format!("https://[{authority}]:{API_SERVER_PORT}"),
        (false, Ok((_, Some(_)))) => format!("https://{authority}"),
        (false, _) if authority.is_empty() => format!("https://HOST:{API_SERVER_PORT}"),
        (false, _) => format!("https://{authority}:{API_SERVER_PORT}"),
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}
