//! What a distribution was told by its own names. The flags that it makes of them are told by
//! themselves; here is what becomes of each name, and of what runs inside the distribution and so
//! stays behind.
//!
//! One file a distribution, each a table of names.

mod k0s;
mod k3s;
mod rke1;

use std::net::IpAddr;

use super::conversion::Conversion;
use super::item::Outcome;
use super::{endpoint, leftovers, networks};
use crate::settings::{DistributionSettings, Entry, ProcessSource, Settings};
use crate::talos::{API_SERVER_PORT, Endpoint};

/// What becomes of a setting.
#[derive(Clone, Copy)]
enum Handling {
    /// Nothing has to be done; this is why.
    Kept(&'static str),
    /// The distribution makes a flag of it, which is told by itself.
    InFlag,
    /// As `InFlag`, and the value may be a secret.
    SecretInFlag,
    /// A person has to do this.
    Person(&'static str),
    /// As `Kept`, and the value may be a secret.
    Secret(&'static str),
    /// As `Person`, and the value may be a secret.
    Hidden(&'static str),
    /// It needs thought.
    By(fn(&mut Conversion<'_>, &str) -> Outcome),
}

/// The row of a name, and of every name that stands in it.
type Row = (&'static str, Handling);

/// Something that a distribution does by itself and that stays behind with it.
struct Embedded {
    what: &'static str,
    /// Whether it is there.
    when: fn(&DistributionSettings) -> bool,
    decide: fn(&mut Conversion<'_>) -> Outcome,
}

/// What is known of a distribution.
struct Table {
    name: &'static str,
    rows: &'static [Row],
    embedded: &'static [Embedded],
    /// What is given as origin of what it does by itself.
    defaults: &'static str,
}

static TABLES: [&Table; 4] = [&k3s::K3S, &k3s::RKE2, &k0s::TABLE, &rke1::TABLE];

const OF_NODE: Handling = Handling::Kept("it is the old node's own");
const UNKNOWN: &str = "it is not known what it means for Talos: see the distribution's page on it";

pub(super) fn convert(conversion: &mut Conversion<'_>) {
    let settings = conversion.settings;
    let Some(told) = &settings.distribution else {
        return;
    };
    let Some(table) = TABLES.iter().find(|table| table.name == told.name) else {
        return;
    };
    missing(conversion, told);
    for entry in &told.entries {
        let (what, outcome) = sort(conversion, table, entry);
        conversion.note(&entry.origin, what, outcome);
    }
    let embedded = table
        .embedded
        .iter()
        .filter(|embedded| (embedded.when)(told));
    for embedded in embedded {
        let outcome = (embedded.decide)(conversion);
        conversion.note(table.defaults, embedded.what, outcome);
    }
}

/// What was not read may change networks, tokens and encryption, unless what runs tells them.
fn missing(conversion: &mut Conversion<'_>, told: &DistributionSettings) {
    let component = crate::settings::Component::ApiServer;
    let process = conversion.settings.component(component);
    let is_known = process.is_some_and(|process| process.source != ProcessSource::Distribution);
    for (path, reason) in &told.unread {
        let outcome = if is_known {
            leftovers::unread(reason)
        } else {
            Outcome::refused(
                format!("it was not read, and what it says would be lost: {reason}"),
                format!("mend it: {} would not start with it", told.name),
            )
        };
        conversion.note(path, format!("the file {path}"), outcome);
    }
    if is_known {
        return;
    }
    let read = told.entries.first().map_or("", |entry| &entry.origin);
    for (path, _) in &told.rivals {
        let outcome = Outcome::refused(
            format!("it does not say the same as `{read}`, and either may be in use"),
            "take the one away that is not in use",
        );
        conversion.note(path, format!("the file {path}"), outcome);
    }
    for missing in &told.missing {
        let outcome = Outcome::refused(
            "it was not read, and may set networks, encryption at rest and who issues tokens",
            missing.help,
        );
        conversion.note("the cluster", missing.what, outcome);
    }
}

/// How an entry is shown, and what becomes of it. What is not known may be a secret.
fn sort(conversion: &mut Conversion<'_>, table: &Table, entry: &Entry) -> (String, Outcome) {
    let value = entry.value.expose().as_str();
    let begins = |(known, _): &&Row| {
        let rest = entry.name.strip_prefix(known);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
    };
    let rows = table.rows.iter().filter(begins);
    let row = rows.max_by_key(|(known, _)| known.len());
    let is_secret = matches!(
        row,
        None | Some((
            _,
            Handling::Secret(_) | Handling::SecretInFlag | Handling::Hidden(_)
        ))
    );
    let name = &entry.name;
    let what = if is_secret || value.is_empty() {
        name.clone()
    } else {
        format!("{name}: {value}")
    };
    let outcome = match (row.map(|(_, handling)| *handling), &entry.replaced_by) {
        (_, Some(file)) => Outcome::kept(format!("`{file}` sets it otherwise, and counts")),
        (Some(Handling::Kept(why) | Handling::Secret(why)), None) => Outcome::kept(why),
        (Some(Handling::InFlag | Handling::SecretInFlag), None)
            if is_in_flag(conversion.settings, entry) =>
        {
            Outcome::kept("it becomes a flag of Kubernetes, which is told by itself")
        }
        (_, None) if is_unset(value) => Outcome::kept("nothing is set"),
        (Some(Handling::InFlag | Handling::SecretInFlag), None) => Outcome::needs_person(
            "no flag of Kubernetes was made of it: see whether another setting counts in its place, \
             or set what it means for Talos",
        ),
        (Some(Handling::Person(help) | Handling::Hidden(help)), None) => {
            Outcome::needs_person(help)
        }
        (Some(Handling::By(decide)), None) => decide(conversion, value),
        (None, None) => Outcome::needs_person(UNKNOWN),
    };
    (what, outcome)
}

/// Whether a flag was made of `entry`. Where none was made at all, what is missing for it is refused.
fn is_in_flag(settings: &Settings, entry: &Entry) -> bool {
    let processes = settings.processes.iter();
    let of_distribution = processes.filter(|process| process.source == ProcessSource::Distribution);
    let mut flags = of_distribution
        .flat_map(|process| &process.flags)
        .peekable();
    flags.peek().is_none() || flags.any(|flag| flag.made_of.contains(&entry.name))
}

fn is_unset(value: &str) -> bool {
    matches!(value, "" | "0" | "0s" | "false" | "null")
}

/// The domain of services.
fn domain(conversion: &mut Conversion<'_>, value: &str) -> Outcome {
    value.clone_into(&mut conversion.dns_domain);
    conversion.knows_domain = true;
    Outcome::converted(conversion.place("cluster.network.dnsDomain", "KubeNetworkConfig.dnsDomain"))
}

/// The addresses of the cluster's DNS.
fn dns_addresses(conversion: &mut Conversion<'_>, value: &str) -> Outcome {
    let addresses = networks::list(value);
    conversion.kubernetes.kubelet.cluster_dns.extend(addresses);
    Outcome::converted(conversion.place("machine.kubelet.clusterDNS", "KubeletConfig.clusterDNS"))
}

/// A name for the certificate of the API server.
fn alternative_name(conversion: &mut Conversion<'_>, value: &str) -> Outcome {
    for name in networks::list(value) {
        announce(conversion, &name);
        let names = &mut conversion.kubernetes.api_server_sans;
        if !names.contains(&name) {
            names.push(name);
        }
    }
    Outcome::converted(endpoint::names_place(conversion))
}

/// An address of the node, which is that of the API where no other is.
fn address(conversion: &mut Conversion<'_>, value: &str) -> Outcome {
    let address = value.split(',').next().unwrap_or_default();
    if conversion.announced_by_node.is_none() {
        conversion.announced_by_node = endpoint_of(conversion, address);
    }
    Outcome::kept("it is the old node's own")
}

/// The URL of the server that this one joined. Its port may be the distribution's own.
fn joined_server(conversion: &mut Conversion<'_>, value: &str) -> Outcome {
    if let Ok(endpoint) = value.parse::<Endpoint>() {
        announce(conversion, endpoint.host());
    }
    Outcome::kept("it is where the API is reached, unless --endpoint says another")
}

fn announce(conversion: &mut Conversion<'_>, host: &str) {
    if conversion.announced.is_none() {
        conversion.announced = endpoint_of(conversion, host);
    }
}

/// The URL of the API at `host`, unless that leads a node to itself alone.
fn endpoint_of(conversion: &Conversion<'_>, host: &str) -> Option<Endpoint> {
    let host = match host.parse::<IpAddr>() {
        Ok(address) if address.is_loopback() => return None,
        Ok(IpAddr::V6(address)) => format!("[{address}]"),
        _ => host.to_owned(),
    };
    let port = conversion.kubernetes.api_server_port;
    let port = port.unwrap_or(API_SERVER_PORT);
    format!("https://{host}:{port}").parse().ok()
}

/// The name of the cluster.
fn cluster_name(conversion: &mut Conversion<'_>, value: &str) -> Outcome {
    conversion.name = Some(value.to_owned());
    Outcome::converted(conversion.place("cluster.clusterName", "KubeClusterConfig.clusterName"))
}
