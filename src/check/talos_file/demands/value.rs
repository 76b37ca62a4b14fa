//! What a single field has to have.

use super::go::{self, Size, Url};
use crate::check::talos_file::syntax::kinds::looks_like_a_number;
use crate::check::talos_file::values::size;
use crate::talos::encoded_pem::REDACTED;
use crate::talos::yaml_tree::Tree;

/// What a field has to have.
pub(super) enum Demand {
    /// Any text.
    Filled,
    /// A list or section with something in it.
    NotEmpty,
    /// A whole number between two.
    Number(i128, i128),
    /// The same, where nothing is as good as none.
    Word(&'static [&'static str]),
    /// One of these words, in this case of letters.
    OneOf(&'static [&'static str]),
    /// An IP address.
    Address,
    /// An IP address, with or without the length of a network behind it.
    AddressOrNetwork,
    /// An IP address with the length of a network behind it.
    Network,
    /// An IP address or a network, or `!` before it: all but that.
    Subnet,
    /// An IP address with a port.
    AddressWithPort,
    /// A host and a port.
    HostWithPort,
    /// A URL with a host, and one of these schemes.
    Url(&'static [&'static str]),
    /// A URL with one of these schemes.
    Scheme(&'static [&'static str]),
    /// Anything that Go reads as a URL.
    AnyUrl,
    /// A URL without a path, of any scheme.
    Service,
    /// A URL without a path, with one of these schemes.
    Api(&'static [&'static str]),
    /// The same with a host and a port.
    Receiver(&'static [&'static str]),
    /// What objects of Kubernetes may be called.
    ObjectName,
    /// A name of these characters beside letters and digits, and at most that long.
    Name(&'static str, usize),
    /// The same without capitals.
    LowerCaseName(usize),
    /// A length of time of at least as many seconds.
    Duration(Option<i64>),
    /// A length of time of none, or at least as many seconds.
    NoneOrDuration(i64),
    /// A number of bytes, which may be negative.
    Bytes,
    /// A number of bytes.
    PlainBytes,
    /// A number of bytes behind a comparison.
    ComparedBytes,
    /// A number of bytes or percents, which may be negative.
    Size,
    /// Hexadecimal digits with colons.
    Hexadecimal,
    /// Base64.
    Base64,
    /// A table of routes: one of those with names, or a number.
    RoutingTable,
    /// 32 bytes in base64.
    WireguardKey,
    /// The same for AES-256.
    AesKey,
    /// A path that begins with a slash.
    AbsolutePath,
}

impl Demand {
    /// Whether a value has it. A value that is no single one has been told.
    pub(super) fn fits(&self, tree: &Tree) -> bool {
        let Some(text) = tree.text() else {
            return true;
        };
        match self {
            Self::Number(least, most) => {
                let is_decimal = text == "0" || !text.starts_with('0');
                let is_quoted = matches!(tree, Tree::Text(_))
                    && is_decimal
                    && text.bytes().all(|digit| digit.is_ascii_digit());
                // What is no number at all has been told.
                if !looks_like_a_number(text) {
                    return true;
                }
                let number = go::whole(text);
                number.is_some_and(|number| !is_quoted && (*least..=*most).contains(&number))
            }
            _ => self.fits_text(text),
        }
    }

    fn fits_text(&self, text: &str) -> bool {
        let url = || Url::parse(text);
        match self {
            Self::Filled => !text.is_empty(),
            Self::NotEmpty | Self::Number(..) => true,
            Self::Word(words) => words.contains(&text.to_ascii_lowercase().as_str()),
            Self::OneOf(words) => words.contains(&text),
            Self::Address => go::address_with_zone(text).is_some(),
            Self::AddressOrNetwork => go::address(text).is_some() || go::network(text).is_some(),
            Self::Network => go::network(text).is_some(),
            Self::Subnet => go::subnet(text.strip_prefix('!').unwrap_or(text)),
            Self::AddressWithPort => go::address_with_port(text),
            Self::HostWithPort => go::has_port(text),
            Self::Url(schemes) => {
                url().is_some_and(|url| url.has_scheme(schemes) && !url.host.is_empty())
            }
            Self::Scheme(schemes) => url().is_some_and(|url| url.has_scheme(schemes)),
            Self::AnyUrl => url().is_some(),
            Self::Service => url().is_some_and(|url| {
                url.has_no_path() && (!url.scheme.is_empty() || text.starts_with('/'))
            }),
            Self::Api(schemes) => {
                url().is_some_and(|url| url.has_scheme(schemes) && url.has_no_path())
            }
            Self::Receiver(schemes) => url().is_some_and(|url| {
                url.has_scheme(schemes) && url.has_no_path() && !url.port.is_empty()
            }),
            Self::ObjectName => is_object_name(text),
            Self::Name(others, most) => {
                let is_known = |one: char| one.is_ascii_alphanumeric() || others.contains(one);
                text.chars().all(is_known) && text.len() <= *most
            }
            Self::LowerCaseName(most) => {
                let is_known =
                    |one: char| one.is_ascii_lowercase() || one.is_ascii_digit() || one == '-';
                text.chars().all(is_known) && text.len() <= *most
            }
            Self::Duration(least) => go::nanoseconds(text)
                .is_some_and(|time| least.is_none_or(|least| time >= least.saturating_mul(SECOND))),
            Self::NoneOrDuration(least) => go::nanoseconds(text)
                .is_some_and(|time| time == 0 || time >= least.saturating_mul(SECOND)),
            Self::Bytes => Size::in_bytes(text).is_some(),
            Self::PlainBytes => go::bytes(text).is_some(),
            Self::ComparedBytes => {
                let size = text.trim_start().trim_start_matches("==");
                let signs = ["<=", ">=", "<", ">"];
                let sign = signs.iter().find_map(|sign| size.strip_prefix(sign));
                go::bytes(sign.unwrap_or(size).trim()).is_some()
            }
            Self::Size => Size::of(text).is_some(),
            Self::Hexadecimal => {
                let digits = text.replace(':', "");
                digits.len().is_multiple_of(2) && digits.bytes().all(|one| one.is_ascii_hexdigit())
            }
            // What was taken out has been told.
            Self::Base64 => text == REDACTED || size(text).is_some(),
            Self::WireguardKey | Self::AesKey => text == REDACTED || size(text) == Some(32),
            Self::RoutingTable => is_routing_table(text),
            Self::AbsolutePath => text.starts_with('/'),
        }
    }

    /// What a value is that does not have it.
    pub(super) fn in_words(&self) -> String {
        let text = match self {
            Self::Filled | Self::NotEmpty => "empty",
            Self::Number(least, most) => return format!("no number from {least} to {most}"),
            Self::Word(words) | Self::OneOf(words) => {
                return format!("none of {}", words.join(", "));
            }
            Self::Address => "no IP address",
            Self::AddressOrNetwork | Self::Subnet => "no IP address, and no network",
            Self::Network => "no network, as 10.0.0.0/16",
            Self::AddressWithPort => "no IP address with a port, as 10.0.0.1:51820",
            Self::HostWithPort => "no host with a port, as 10.0.0.1:8080",
            Self::Url(schemes) | Self::Scheme(schemes) => {
                return format!("no URL that begins with {}", listed(schemes));
            }
            Self::AnyUrl => "no URL",
            Self::Service => "no URL without a path, as https://HOST/",
            Self::Api(schemes) => {
                return format!("no URL without a path that begins with {}", listed(schemes));
            }
            Self::Receiver(schemes) => {
                return format!(
                    "no URL with a port, and without a path, that begins with {}",
                    listed(schemes)
                );
            }
            Self::ObjectName => {
                "no name that Kubernetes takes: a-z, 0-9, `-` and `.`, and at the ends no sign"
            }
            Self::Name(others, most) => {
                let signs: Vec<String> = others.chars().map(|one| format!("`{one}`")).collect();
                return format!(
                    "no name of 1 to {most} characters of a-z, A-Z, 0-9 and {}",
                    signs.join(", ")
                );
            }
            Self::LowerCaseName(most) => {
                return format!("no name of 1 to {most} characters of a-z, 0-9 and `-`");
            }
            Self::Duration(None) => "no length of time, as 1h30m",
            Self::Duration(Some(_)) => "no length of time, as 1h30m, or is negative",
            Self::NoneOrDuration(least) => {
                return format!("no length of time of at least {least} s, as 1h30m");
            }
            Self::Bytes | Self::PlainBytes => "no size, as 10GiB",
            Self::ComparedBytes => "no size, as `10GiB` or `<= 1TB`",
            Self::Size => "no size, as `10GiB` or `50%`",
            Self::Hexadecimal => "not pairs of hexadecimal digits, as 2e:3c:4d",
            Self::Base64 => "not base64",
            Self::RoutingTable => "no table: main, local, default, or a number from 1 to 252",
            Self::WireguardKey => "no key of WireGuard: 32 bytes in base64",
            Self::AesKey => "not 32 bytes in base64",
            Self::AbsolutePath => "no path that begins with `/`",
        };
        text.to_owned()
    }
}

/// In nanoseconds.
const SECOND: i64 = 1_000_000_000;

fn listed(schemes: &[&str]) -> String {
    let schemes: Vec<String> = schemes
        .iter()
        .map(|scheme| format!("{scheme}://HOST"))
        .collect();
    schemes.join(" or ")
}

/// What Talos calls a table: `unspec`, the three with names, and numbers.
fn is_routing_table(text: &str) -> bool {
    let is_plain = !text.starts_with(['0', '+']);
    let number = text.parse::<u8>().ok().filter(|_| is_plain);
    ["unspec", "default", "main", "local"].contains(&text.to_ascii_lowercase().as_str())
        || number.is_some_and(|number| (1..=252).contains(&number))
}

pub(super) fn is_object_name(text: &str) -> bool {
    let is_label = |label: &str| {
        let ends = [label.chars().next(), label.chars().last()];
        let is_sign = |end: &Option<char>| end.is_none_or(|end| end == '-');
        let is_known = |one: char| one.is_ascii_lowercase() || one.is_ascii_digit() || one == '-';
        label.chars().all(is_known) && !ends.iter().any(is_sign)
    };
    text.len() <= 253 && text.split('.').all(is_label)
}
