//! What Talos's own validation demands of single fields, and of two that exclude each other.

mod table;

use std::net::IpAddr;

use self::table::{DEMANDS, EXCLUSIVE, NOT_WHERE_OFF};
use super::fields::REQUIRED_FIELD;
use super::values::size;
use super::{everything_at, refused};
use crate::check::Context;
use crate::check::finding::Finding;
use crate::check::rule::{Family, Judge, Rule};
use crate::talos::encoded_pem::REDACTED;
use crate::talos::file::document_kind::is_for_control_planes;
use crate::talos::file::{FileKind, Machine, Node, TalosFile};

pub(in crate::check) static FAMILY: Family = Family {
    title: "Talos files: values",
    rules: &[&REFUSED_VALUE, &EXCLUSIVE_FIELDS],
    judge: Judge::File(check),
};

static REFUSED_VALUE: Rule = refused(
    "refused-value",
    "A field has a value that Talos refuses",
    "Talos refuses the file",
    "write the field as the message says",
);

static EXCLUSIVE_FIELDS: Rule = refused(
    "exclusive-fields",
    "Two fields stand side by side of which Talos takes one alone",
    "Talos refuses the file",
    "keep the one that is meant",
);

/// What a field has to have.
enum Demand {
    /// Any text.
    Filled,
    /// A list or section with something in it.
    NotEmpty,
    /// A whole number between two.
    Number(i64, i64),
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// An IP address.
    Address,
    /// An IP address, with or without the length of a network behind it.
    AddressOrNetwork,
    /// An IP address with the length of a network behind it.
    Network,
    /// An IP address or a network, or `!` before it: all but that.
    Subnet,
    /// A URL with a host, and one of these schemes.
    Url(&'static [&'static str]),
    /// A URL without a path, of any scheme.
    Service,
    /// What objects of Kubernetes may be called.
    ObjectName,
    /// 32 bytes in base64.
    WireguardKey,
}

/// A demand on the field of this name, or each item of the list if it ends in `[]`.
struct Row {
    field: &'static str,
    demand: Demand,
    is_required: bool,
}

fn check(file: &TalosFile, _: &Context, findings: &mut Vec<Finding>) {
    let FileKind::MachineConfig(machine, _) = file.kind else {
        return;
    };
    for (section, rows) in &DEMANDS {
        for node in everything_at(file, section) {
            // There it has to go, whatever is in it.
            if machine == Machine::Worker && node.kind().is_some_and(is_for_control_planes) {
                continue;
            }
            let is_off =
                |field: &str| matches!(text_of(&node, field), Some("false" | "no" | "off"));
            if NOT_WHERE_OFF.contains(section) && is_off("enabled") {
                continue;
            }
            for row in *rows {
                findings.extend(row.judge(&node, machine));
            }
        }
    }
    for (section, one, other) in EXCLUSIVE {
        for node in everything_at(file, section) {
            findings.extend(both(&node, one, other));
        }
    }
    for host in everything_at(file, "HostnameConfig") {
        findings.extend(host_name(&host, machine));
    }
    for interface in everything_at(file, "machine.network.interfaces[]") {
        findings.extend(interface_without_name(&interface, machine));
    }
    for network in everything_at(file, "KubeNetworkConfig") {
        findings.extend(families(&network));
    }
}

fn text_of<'a>(node: &Node<'a>, field: &str) -> Option<&'a str> {
    node.at(field)?.text()
}

/// Whether something stands there that is neither an empty text nor empty.
fn is_filled(node: &Node<'_>, field: &str) -> bool {
    node.at(field).is_some_and(|node| {
        node.text().is_some() || !node.items().is_empty() || node.tree().is_mapping()
    })
}

impl Row {
    fn judge(&self, section: &Node<'_>, machine: Machine) -> Vec<Finding> {
        if let Some(list) = self.field.strip_suffix("[]") {
            let items = section.at(list).map(|list| list.items());
            let items = items.unwrap_or_default().into_iter();
            return items.filter_map(|item| self.of_value(&item)).collect();
        }
        let value = section.at(self.field);
        let is_empty = value.as_ref().is_none_or(|value| match self.demand {
            Demand::NotEmpty => value.items().is_empty() && value.fields().next().is_none(),
            // A value of another kind has been told.
            _ => value.tree().text() == Some(""),
        });
        match value {
            Some(value) if !is_empty => self.of_value(&value).into_iter().collect(),
            // A part of a configuration need not have everything.
            _ if !self.is_required || machine == Machine::Unsaid => Vec::new(),
            _ => {
                let origin = section.origin_below(self.field);
                let message = format!("`{}` is missing", origin.name());
                vec![REQUIRED_FIELD.finding(message).at(origin)]
            }
        }
    }

    fn of_value(&self, value: &Node<'_>) -> Option<Finding> {
        let text = value.text()?;
        let is_fit = match self.demand {
            Demand::Filled | Demand::NotEmpty => true,
            // Go reads other forms, too, as `0x1F`; what is no number at all has been told.
            Demand::Number(least, most) => text
                .parse::<i64>()
                .map_or(true, |number| (least..=most).contains(&number)),
            Demand::OneOf(words) => words.contains(&text),
            Demand::Address => is_address(text),
            Demand::AddressOrNetwork => is_address(text) || is_network(text),
            Demand::Network => is_network(text),
            Demand::Subnet => {
                let text = text.strip_prefix('!').unwrap_or(text);
                is_address(text) || is_network(text)
            }
            Demand::Url(schemes) => scheme_and_rest(text)
                .is_some_and(|(scheme, rest)| schemes.contains(&scheme) && has_host(rest)),
            Demand::Service => scheme_and_rest(text).is_some_and(|(_, rest)| {
                let path = rest.split_once('/').map_or("", |(_, path)| path);
                path.is_empty()
            }),
            Demand::ObjectName => is_object_name(text),
            // What was taken out has been told.
            Demand::WireguardKey => text == REDACTED || size(text) == Some(32),
        };
        if is_fit {
            return None;
        }
        let origin = value.origin();
        let message = format!("`{}` is {}", origin.name(), self.demand.in_words());
        Some(REFUSED_VALUE.finding(message).at(origin))
    }
}

impl Demand {
    /// What a value is that does not have it.
    fn in_words(&self) -> String {
        match self {
            Self::Filled | Self::NotEmpty => "empty".to_owned(),
            Self::Number(least, most) => format!("no number from {least} to {most}"),
            Self::OneOf(words) => format!("none of {}", words.join(", ")),
            Self::Address => "no IP address".to_owned(),
            Self::AddressOrNetwork | Self::Subnet => "no IP address, and no network".to_owned(),
            Self::Network => "no network, as 10.0.0.0/16".to_owned(),
            Self::Url(schemes) => {
                let schemes: Vec<String> = schemes
                    .iter()
                    .map(|scheme| format!("{scheme}://HOST"))
                    .collect();
                format!("no URL that begins with {}", schemes.join(" or "))
            }
            Self::Service => "no URL without a path, as https://HOST/".to_owned(),
            Self::ObjectName => {
                "no name that Kubernetes takes: a-z, 0-9, `-` and `.`, and at the ends no sign"
                    .to_owned()
            }
            Self::WireguardKey => "no key of WireGuard: 32 bytes in base64".to_owned(),
        }
    }
}

fn is_address(text: &str) -> bool {
    // Go knows addresses of a link by its name.
    let address = text.split_once('%').map_or(text, |(address, _)| address);
    address.parse::<IpAddr>().is_ok()
}

fn is_network(text: &str) -> bool {
    let Some((address, length)) = text.split_once('/') else {
        return false;
    };
    let most = match address.parse::<IpAddr>() {
        Ok(IpAddr::V4(_)) => 32,
        Ok(IpAddr::V6(_)) => 128,
        Err(_) => return false,
    };
    length.parse::<u8>().is_ok_and(|length| length <= most)
}

/// The scheme of a URL, and what comes behind `://`.
fn scheme_and_rest(text: &str) -> Option<(&str, &str)> {
    text.split_once("://")
}

fn has_host(rest: &str) -> bool {
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    !authority.is_empty() && !authority.starts_with(':')
}

fn is_object_name(text: &str) -> bool {
    let is_label = |label: &str| {
        let ends = [label.chars().next(), label.chars().last()];
        let is_sign = |end: &Option<char>| end.is_none_or(|end| end == '-');
        let is_known = |one: char| one.is_ascii_lowercase() || one.is_ascii_digit() || one == '-';
        label.chars().all(is_known) && !ends.iter().any(is_sign)
    };
    text.len() <= 253 && text.split('.').all(is_label)
}

fn both(node: &Node<'_>, one: &str, other: &str) -> Option<Finding> {
    if !is_filled(node, one) || !is_filled(node, other) {
        return None;
    }
    let places = [one, other].map(|field| node.origin_below(field));
    let [first, second] = &places;
    let message = format!("both `{}` and `{}` are set", first.name(), second.name());
    Some(EXCLUSIVE_FIELDS.finding(message).at_each(places.to_vec()))
}

/// `hostname` goes with `auto: off` alone, and one of them has to be there.
fn host_name(document: &Node<'_>, machine: Machine) -> Option<Finding> {
    let (auto, name) = (text_of(document, "auto"), text_of(document, "hostname"));
    let refused = |field: &str, message: &str| {
        let origin = document.origin_below(field);
        let message = format!("`{}` {message}", origin.name());
        Some(REFUSED_VALUE.finding(message).at(origin))
    };
    match (auto, name) {
        (None, None) if machine == Machine::Unsaid => None,
        (None, None) => {
            let origin = document.origin();
            let message = format!("`{}` has neither `auto` nor `hostname`", origin.name());
            Some(REQUIRED_FIELD.finding(message).at(origin))
        }
        (Some("stable"), Some(_)) => both(document, "auto", "hostname"),
        (Some(word), _) if !["stable", "off"].contains(&word) => {
            refused("auto", "is neither `stable` nor `off`")
        }
        (_, Some(name)) => {
            let first = name.split('.').next().unwrap_or_default();
            let is_fit = name.len() <= 253 && (1..=63).contains(&first.len());
            let told = "begins with no name of 1 to 63 characters, or is longer than 253";
            if is_fit {
                None
            } else {
                refused("hostname", told)
            }
        }
        (Some(_), None) => None,
    }
}

/// There are as many networks of pods as of services: one, or one of each family.
fn families(document: &Node<'_>) -> Option<Finding> {
    let fields = ["podSubnets", "serviceSubnets"];
    let [pods, services] = fields.map(|field| document.at(field).map(|list| list.items().len()));
    // A list that is empty or missing has been told.
    if pods == services
        || pods.is_none_or(|count| count == 0)
        || services.is_none_or(|count| count == 0)
    {
        return None;
    }
    let places = fields.map(|field| document.origin_below(field));
    let [pods, services] = &places;
    let message = format!(
        "`{}` and `{}` are not equally many",
        pods.name(),
        services.name()
    );
    Some(REFUSED_VALUE.finding(message).at_each(places.to_vec()))
}

/// An interface is told by its name or by a selector that selects something.
fn interface_without_name(interface: &Node<'_>, machine: Machine) -> Option<Finding> {
    let is_ignored = matches!(text_of(interface, "ignore"), Some("true" | "yes" | "on"));
    let selector = interface.at("deviceSelector");
    let selects = selector.is_some_and(|selector| selector.fields().next().is_some());
    if is_ignored || selects || is_filled(interface, "interface") || machine == Machine::Unsaid {
        return None;
    }
    let origin = interface.origin();
    let message = format!(
        "`{}` has neither `interface` nor a `deviceSelector` with a value",
        origin.name()
    );
    Some(REQUIRED_FIELD.finding(message).at(origin))
}
