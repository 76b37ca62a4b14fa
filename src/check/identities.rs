//! Names, groups and usages: by them Kubernetes knows who a certificate speaks for.

use super::Context;
use super::finding::Finding;
use super::rule::{Allow, Family, Judge, Rule, Severity};
use crate::cluster::{Cluster, Kubeconfig, Leaf, LeafRole, Usage};
use crate::pki::Certificate;

pub(super) static FAMILY: Family = Family {
    title: "Names, groups and usages",
    rules: &[
        &UNEXPECTED_NAME,
        &FRONT_PROXY_NAME,
        &UNEXPECTED_GROUP,
        &UNEXPECTED_USAGE,
    ],
    judge: Judge::Import(check),
};

static UNEXPECTED_NAME: Rule = Rule {
    name: "unexpected-name",
    severity: Severity::Warning,
    summary: "A certificate has another common name than its role has",
    why: "Kubernetes' RBAC knows components by their common name; roles bound to the usual name \
          do not apply. After the migration Talos uses the usual names",
    help: "see which RBAC bindings name it (kubectl get clusterrolebindings -o wide) and keep \
           them until no old node is left",
    allow: Allow::NotNeeded,
};

static FRONT_PROXY_NAME: Rule = Rule {
    name: "front-proxy-name",
    severity: Severity::Warning,
    summary: "The front proxy's certificate is not called `front-proxy-client`",
    why: "Talos's API servers accept and present `front-proxy-client` alone \
          (--requestheader-allowed-names): while both planes run, each refuses the other's \
          requests to extension API servers",
    help: "`convert` does it; for a bundle alone, while both planes run, set \
           requestheader-allowed-names in Talos's API server extraArgs to both names",
    allow: Allow::NotNeeded,
};

static UNEXPECTED_GROUP: Rule = Rule {
    name: "unexpected-group",
    severity: Severity::Warning,
    summary: "A client certificate lacks the organization that gives it its rights",
    why: "Kubernetes reads the organizations of a certificate as groups; without the usual one \
          the user has no rights, or others than thought",
    help: "renew it with kubeadm, or see which RBAC bindings give it rights",
    allow: Allow::NotNeeded,
};

static UNEXPECTED_USAGE: Rule = Rule {
    name: "unexpected-usage",
    severity: Severity::Warning,
    summary: "A certificate may not be used for what it is used for",
    why: "TLS peers refuse it: \"certificate specifies an incompatible key usage\". The old \
          cluster cannot have run with it",
    help: "renew it with kubeadm, and make sure that these are the files of the running cluster",
    allow: Allow::NotNeeded,
};

fn check(cluster: &Cluster, _context: &Context, findings: &mut Vec<Finding>) {
    for leaf in &cluster.leaves {
        findings.extend(of_leaf(leaf));
    }
    for kubeconfig in &cluster.kubeconfigs {
        findings.extend(of_kubeconfig(kubeconfig));
    }
}

fn of_leaf(leaf: &Leaf) -> Vec<Finding> {
    let Ok(certificate) = &leaf.certificate else {
        return Vec::new();
    };
    let mut findings = Vec::new();
    let (value, place) = (&certificate.value, certificate.origin.to_string());
    let name = value.subject.common_name();
    let usual_name = leaf.usual_name.or(leaf.role.common_name());
    if let Some(expected) = usual_name.filter(|expected| *expected != name) {
        let message = format!(
            "`{}` is called `{name}`, not `{expected}`",
            certificate.origin.file
        );
        let rule = match leaf.role {
            LeafRole::FrontProxyClient => &FRONT_PROXY_NAME,
            _ => &UNEXPECTED_NAME,
        };
        findings.push(rule.finding(message).at(format!("{place}: {value}")));
    }
    // Up to 1.35 kubeadm made the kubelet client an administrator by group; since 1.36 it has no
    // group, and its rights by name.
    let has_group = !value.subject.organizations().is_empty();
    if let Some(expected) = leaf.role.organizations().filter(|_| has_group) {
        findings.extend(without_group(
            &certificate.origin.file,
            &place,
            value,
            expected,
        ));
    }
    let (server, client) = match leaf.role.usage() {
        Usage::Client => (false, true),
        Usage::Server => (true, false),
        Usage::Both => (true, true),
    };
    findings.extend(without_usage(
        &certificate.origin.file,
        &place,
        value,
        server,
        client,
    ));
    findings
}

fn of_kubeconfig(kubeconfig: &Kubeconfig) -> Vec<Finding> {
    let (Some(client), Some(role)) = (&kubeconfig.client, kubeconfig.role) else {
        return Vec::new();
    };
    let mut findings = Vec::new();
    let (value, place) = (&client.value, client.origin.to_string());
    let (name, expected) = (value.subject.common_name(), role.common_name());
    let fits = match expected.strip_suffix('*') {
        Some(start) => name.len() > start.len() && name.starts_with(start),
        None => name == expected,
    };
    if !fits {
        let message = format!(
            "`{}` speaks for `{name}`, not `{expected}`",
            kubeconfig.path
        );
        findings.push(
            UNEXPECTED_NAME
                .finding(message)
                .at(format!("{place}: {value}")),
        );
    }
    findings.extend(without_group(
        &kubeconfig.path,
        &place,
        value,
        role.organizations(),
    ));
    findings.extend(without_usage(&kubeconfig.path, &place, value, false, true));
    findings
}

fn without_group(
    file: &str,
    place: &str,
    certificate: &Certificate,
    expected: &[&str],
) -> Option<Finding> {
    let groups = certificate.subject.organizations();
    if expected.is_empty() || groups.iter().any(|group| expected.contains(group)) {
        return None;
    }
    let expected: Vec<_> = expected.iter().map(|group| format!("`{group}`")).collect();
    let message = format!("`{file}` is not in the group {}", expected.join(" or "));
    Some(
        UNEXPECTED_GROUP
            .finding(message)
            .at(format!("{place}: {certificate}")),
    )
}

fn without_usage(
    file: &str,
    place: &str,
    certificate: &Certificate,
    server: bool,
    client: bool,
) -> Option<Finding> {
    // Without the extension a certificate is good for everything (RFC 5280 section 4.2.1.12).
    let usage = certificate
        .extended_key_usage
        .as_ref()
        .filter(|usage| !usage.any)?;
    let missing = match (server && !usage.server_auth, client && !usage.client_auth) {
        (false, false) => return None,
        (true, false) => "serverAuth",
        (false, true) => "clientAuth",
        (true, true) => "serverAuth and clientAuth",
    };
    let message = format!("`{file}` may not be used for {missing}");
    Some(
        UNEXPECTED_USAGE
            .finding(message)
            .at(format!("{place}: {certificate}")),
    )
}
