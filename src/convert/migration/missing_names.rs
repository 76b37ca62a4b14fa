//! Names by which nodes of Talos reach old API servers, and that are not in the certificates of these.

use std::net::{IpAddr, Ipv4Addr};

use super::conversion::Conversion;
use super::endpoint::api_server_certificates;
use super::item::Outcome;
use crate::pki::Certificate;

/// Where KubePrism listens, on every node of Talos.
const KUBE_PRISM: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// While old and new control planes are one cluster, a node of Talos meets old API servers at the
/// endpoint, and at 127.0.0.1, from where KubePrism leads to all of them. One whose certificate lacks
/// the name is refused, and the node waits for ever (siderolabs/talos#11105).
pub(super) fn conclude(conversion: &mut Conversion<'_>) {
    if !conversion.runs_side_by_side() {
        return;
    }
    let uses_kube_prism = conversion.contract().enables_kube_prism();
    let how = conversion.cluster.operations.certificate_names;
    let endpoint = conversion
        .endpoint
        .as_ref()
        .map(|one| one.host().to_owned());
    for certificate in api_server_certificates(conversion.cluster) {
        let mut missing = Vec::new();
        if uses_kube_prism && !certificate.value.ip_addresses.contains(&KUBE_PRISM) {
            missing.push(KUBE_PRISM.to_string());
        }
        missing.extend(
            endpoint
                .clone()
                .filter(|host| !is_named(&certificate.value, host)),
        );
        if missing.is_empty() {
            continue;
        }
        let names = missing.join(", ");
        let what = match missing.len() {
            1 => format!("the missing name {names}"),
            _ => format!("the missing names {names}"),
        };
        conversion.note(certificate.origin.to_string(), what, remedy(&names, how));
    }
}

fn remedy(names: &str, how: &str) -> Outcome {
    Outcome::needs_person(format!(
        "before the first Talos node, the certificate of every old API server has to have {names}: nodes of \
         Talos reach them by the endpoint and, through KubePrism, at 127.0.0.1, and may not come up where \
         the name is missing. To do that, {how}"
    ))
}

/// Whether Go's client takes `certificate` for that of `host`: a name of DNS may begin with `*.`, which
/// stands for one label.
fn is_named(certificate: &Certificate, host: &str) -> bool {
    if let Ok(address) = host.parse::<IpAddr>() {
        return certificate.ip_addresses.contains(&address);
    }
    let host = host.trim_end_matches('.');
    certificate.dns_names.iter().any(|name| {
        let behind_label = host.split_once('.').map(|(_, rest)| rest);
        let wildcard = name.strip_prefix("*.");
        name.eq_ignore_ascii_case(host)
            || matches!((wildcard, behind_label), (Some(of_name), Some(of_host))
                if of_name.eq_ignore_ascii_case(of_host))
    })
}
