//! Arguments of servers, which Talos's validation does not look at, and the servers do.

use crate::check::finding::Finding;
use crate::check::rule::{Rule, Severity};
use crate::check::talos_file::{let_through, told};
use crate::talos::file::{Node, TalosFile};
use crate::talos::{Contract, etcd_flags};

const ARGUMENTS: &str = "cluster.etcd.extraArgs";

const API_SERVER_TLS: &str = "cluster.apiServer.extraArgs.tls-min-version";

pub(super) static ETCD_ARGUMENT: Rule = let_through(
    "etcd-argument",
    "etcd has an argument with which it does not start",
    "Talos's validation passes the file. Talos then starts no etcd, because it sets the flag itself, or etcd \
     ends, because it no longer has the flag",
    "take it out of `cluster.etcd.extraArgs`",
);

pub(super) static REFUSED_AFTER_UPDATE: Rule = told(
    Severity::Warning,
    "refused-after-update",
    "The machine does not come up any more when Talos is updated to 1.14",
    "Talos 1.14 demands what older versions do not: a control plane says how Secrets are encrypted, and its \
     etcd 3.7 speaks TLS 1.3 alone and has no flags that begin with `experimental-`",
    "change it before the update",
);

/// What is wrong with the arguments of etcd, and what will be.
pub(super) fn of_etcd(file: &TalosFile, contract: Contract) -> Vec<Finding> {
    let image = file.documents.text("cluster.etcd.image");
    let named = image.and_then(minor_of);
    let minor = named.unwrap_or_else(|| contract.etcd_minor());
    let arguments = file.documents.at(ARGUMENTS);
    let arguments = arguments.iter().flat_map(Node::fields);
    let findings = arguments.filter_map(|(name, argument)| {
        let origin = argument.origin();
        let shown = origin.name();
        let wrong = |message: String| Some(ETCD_ARGUMENT.finding(message).at(&origin));
        let later = |message: String| Some(REFUSED_AFTER_UPDATE.finding(message).at(&origin));
        let is_tls_1_3 = contract.demands_tls_1_3();
        let text = argument.text().unwrap_or_default();
        let is_old_tls = name == "cipher-suites" || name == "tls-max-version" && text == "TLS1.2";
        let will_be_set = etcd_flags::is_set_by_talos(name, Contract::CURRENT);
        let will_be_gone =
            named.is_none() && etcd_flags::is_gone(name, Contract::CURRENT.etcd_minor());
        if etcd_flags::is_set_by_talos(name, contract) {
            wrong(format!("`{shown}` is what Talos sets itself"))
        } else if etcd_flags::is_gone(name, minor) {
            let plain = etcd_flags::plain_name(name).filter(|_| etcd_flags::gate(name).is_none());
            let finding = wrong(format!("`{shown}` is no flag of etcd 3.{minor} any more"))?;
            Some(match plain {
                Some(plain) => finding.help(format!("call it `{plain}`")),
                None => finding,
            })
        } else if is_old_tls && is_tls_1_3 {
            wrong(format!(
                "`{shown}` does not go with TLS 1.3, which Talos sets"
            ))
        } else if is_tls_1_3 {
            None
        } else if will_be_set || will_be_gone || is_old_tls {
            later(format!(
                "`{shown}` is refused by Talos {} or its etcd",
                Contract::CURRENT
            ))
        } else {
            None
        }
    });
    findings.collect()
}

/// What Talos 1.14 no longer lets be said to an API server. It waits for ever to start one then.
pub(super) fn of_api_server(file: &TalosFile, contract: Contract) -> Option<Finding> {
    let argument = file.documents.at(API_SERVER_TLS)?;
    let refused = !contract.demands_tls_1_3();
    let message = format!(
        "`{API_SERVER_TLS}` is refused by Talos {}",
        Contract::CURRENT
    );
    refused.then(|| REFUSED_AFTER_UPDATE.finding(message).at(argument.origin()))
}

/// 6 of `registry.k8s.io/etcd:v3.6.8`
fn minor_of(image: &str) -> Option<u32> {
    let (_, tag) = image.rsplit_once(':')?;
    let minor = tag.trim_start_matches('v').strip_prefix("3.")?;
    minor.split('.').next()?.parse().ok()
}
