//! What Talos demands of a machine that runs in a container.

use crate::check::finding::Finding;
use crate::check::rule::Rule;
use crate::check::talos_file::{is_true, refused};
use crate::check::{Context, Platform};
use crate::talos::file::{Machine, TalosFile};

pub(super) static HOST_DNS: Rule = refused(
    "host-dns-in-container",
    "A machine in a container does not resolve names for Kubernetes",
    "Talos refuses the file: \"hostDNS must be enabled in container mode\". Name servers of a container are \
     its engine's, which pods do not reach",
    "set `enabled` and `forwardKubeDNSToHost` to `true`: in the document ResolverConfig under `hostDNS`, up to \
     1.13 in `machine.features.hostDNS`",
);

const OWN: &str = "ResolverConfig.hostDNS";
const LEGACY: &str = "machine.features.hostDNS";

/// The document counts where it is on, and only from 1.14 on.
pub(super) fn host_dns(file: &TalosFile, machine: Machine, context: &Context) -> Option<Finding> {
    let has_document = context.contract.kubernetes_documents();
    if context.platform != Platform::Container || !has_document && machine == Machine::Unsaid {
        return None;
    }
    let is_on = |section: &str, name: &str| is_true(file, &format!("{section}.{name}"));
    let section = if has_document && is_on(OWN, "enabled") {
        OWN
    } else {
        LEGACY
    };
    let mut off = ["enabled", "forwardKubeDNSToHost"]
        .into_iter()
        .filter(|name| !is_on(section, name));
    let path = format!("{section}.{}", off.next()?);
    let message = format!("`{path}` is not on, in a container");
    Some(HOST_DNS.finding(message).at(file.documents.origin(&path)))
}
