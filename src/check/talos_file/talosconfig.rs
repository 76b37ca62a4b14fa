//! talosconfigs: whether apid will let their administrators in.

use super::{let_through, told};
use crate::check::Context;
use crate::check::finding::Finding;
use crate::check::rule::{Allow, Family, Judge, Rule, Severity};
use crate::check::validity::{day, distance};
use crate::pki::Certificate;
use crate::talos::Contract;
use crate::talos::apid::{self, GrantedRoles};
use crate::talos::file::{FileKind, Node, PemField, TalosFile};

pub(in crate::check) static FAMILY: Family = Family {
    title: "Talos files: talosconfigs",
    rules: &[
        &CONTEXT_MISSING,
        &CONTEXT_INCOMPLETE,
        &CONTEXT_CA_UNUSABLE,
        &CLIENT_KEY_MISMATCH,
        &CLIENT_OF_ANOTHER_CA,
        &CLIENT_EXPIRED,
        &CLIENT_NOT_YET_VALID,
        &CLIENT_ENDS_SOON,
        &CLIENT_USAGE,
        &UNKNOWN_ROLE,
        &WITHOUT_ROLE,
        &WITHOUT_ENDPOINTS,
    ],
    judge: Judge::File(check),
};

static CONTEXT_MISSING: Rule = let_through(
    "context-missing",
    "The talosconfig's current context is not among its contexts",
    "talosctl stops without --context: \"context is not defined\"",
    "set it: talosctl config context NAME",
);

static CONTEXT_INCOMPLETE: Rule = let_through(
    "context-incomplete",
    "A context lacks a part of its credentials",
    "Without certificate and key apid lets nobody in; without a CA talosctl trusts no node",
    "make the context anew: talosctl config new on a machine that has access",
);

static CONTEXT_CA_UNUSABLE: Rule = let_through(
    "context-ca-unusable",
    "None of the CAs of a context can verify anything",
    "They have ended, do not hold yet, or are no CAs: talosctl refuses every node, and apid, which has \
     the same CAs, refuses the client",
    "make the context anew with the CA that is in use; if it is the cluster's CA that has ended, \
     rotate it",
);

static CLIENT_KEY_MISMATCH: Rule = Rule {
    name: "client-key-mismatch",
    severity: Severity::Error,
    summary: "The private key does not belong to the client certificate",
    why: "talosctl stops: \"tls: private key does not match public key\"",
    help: "take certificate and key from the same context",
    allow: Allow::Never("no connection could be made with such a pair"),
};

static CLIENT_OF_ANOTHER_CA: Rule = let_through(
    "client-of-another-ca",
    "The client certificate was not issued by the CA of its context",
    "apid trusts the CAs of the machine configuration; if they are those of the context, it \
     refuses the certificate: \"certificate signed by unknown authority\"",
    "make the context anew; in the middle of a CA rotation it can be right, then let it through",
);

static CLIENT_EXPIRED: Rule = let_through(
    "client-expired",
    "The client certificate has ended",
    "apid refuses it: \"certificate has expired\"",
    "make a new one from the bundle or a control plane: talosctl config new, or talosctl gen config \
     -t talosconfig --with-secrets",
);

static CLIENT_NOT_YET_VALID: Rule = let_through(
    "client-not-yet-valid",
    "The client certificate does not hold yet",
    "apid refuses it until then",
    "check the clock of this machine; `--now` judges by another moment",
);

static CLIENT_ENDS_SOON: Rule = told(
    Severity::Warning,
    "client-ends-soon",
    "The client certificate ends soon",
    "A client certificate holds for a year unless something else was asked for, and nobody renews \
     it; without one the machines are reached by no one",
    "make a new one before: talosctl config new",
);

static CLIENT_USAGE: Rule = let_through(
    "client-usage",
    "The client certificate's extended key usage is not clientAuth and nothing else",
    "apid demands exactly that, so that no server certificate can pose as a client: \"missing the \
     client auth extended key usage\"",
    "issue it anew with `extendedKeyUsage = clientAuth`",
);

static UNKNOWN_ROLE: Rule = told(
    Severity::Warning,
    "unknown-role",
    "The client certificate has a role that Talos does not know",
    "apid takes the certificate, and the role gives no rights at all",
    "issue it anew with one of the roles of this Talos version, such as os:admin, os:operator, \
     os:reader or os:etcd:backup",
);

static WITHOUT_ROLE: Rule = let_through(
    "without-role",
    "The client certificate has no role that Talos knows",
    "The roles of an administrator are the organizations of the certificate; without one apid lets \
     it in and permits nothing",
    "issue it anew with a role: talosctl config new --roles os:admin",
);

static WITHOUT_ENDPOINTS: Rule = told(
    Severity::Note,
    "without-endpoints",
    "A context has no endpoints",
    "talosctl needs the addresses of control planes, in the talosconfig or by -e",
    "set them: talosctl config endpoint ADDRESS",
);

/// A client certificate holds for a year, so the year that is soon for a CA is no measure for it.
const SOON: jiff::SignedDuration = jiff::SignedDuration::from_hours(30 * 24);

fn check(file: &TalosFile, context: &Context, findings: &mut Vec<Finding>) {
    if file.kind != FileKind::Talosconfig {
        return;
    }
    let contexts = file.documents.at("contexts");
    let contexts: Vec<_> = contexts.iter().flat_map(Node::fields).collect();
    findings.extend(current(file, &contexts));
    for (name, node) in &contexts {
        of_context(file, name, node, context, findings);
    }
}

fn current(file: &TalosFile, contexts: &[(&str, Node<'_>)]) -> Option<Finding> {
    let message = match file.documents.text("context") {
        None => "no current context is set".to_owned(),
        Some(current) if contexts.iter().all(|(name, _)| *name != current) => {
            format!("there is no context `{}`", current.escape_debug())
        }
        Some(_) => return None,
    };
    let origin = file.documents.origin("context");
    Some(CONTEXT_MISSING.finding(message).at(origin))
}

fn of_context(
    file: &TalosFile,
    name: &str,
    node: &Node<'_>,
    context: &Context,
    findings: &mut Vec<Finding>,
) {
    let name = name.escape_debug().to_string();
    let field = |part: &str| {
        let node = node.at(part)?;
        file.pem_field_at(&node.origin())
    };
    let (authorities, certificate, key) = (field("ca"), field("crt"), field("key"));
    // Omni's contexts have a name in place of a certificate.
    let is_by_name = node.at("auth").is_some();
    let missing: Vec<_> = [("ca", authorities), ("crt", certificate), ("key", key)]
        .into_iter()
        .filter(|(_, field)| field.is_none() && !is_by_name)
        .map(|(part, _)| format!("`{part}`"))
        .collect();
    if !missing.is_empty() {
        let message = format!("the context `{name}` has no {}", missing.join(" and no "));
        findings.push(CONTEXT_INCOMPLETE.finding(message).at(node.origin()));
    }
    findings.extend(authorities.and_then(|field| authority(field, context)));
    if let Some(field) = certificate
        && let Some(certificate) = field.certificate()
    {
        findings.extend(pair(field, certificate, key));
        findings.extend(issuer(field, authorities));
        findings.extend(validity(field, certificate, context));
        findings.extend(usage(field, certificate));
        findings.extend(roles(field, certificate, context.contract));
    }
    let endpoints = node.at("endpoints").map(|list| list.items());
    if endpoints.unwrap_or_default().is_empty() && node.at("target").is_none() {
        let message = format!("the context `{name}` has no endpoints");
        findings.push(WITHOUT_ENDPOINTS.finding(message).at(node.origin()));
    }
}

fn place(field: &PemField, certificate: &Certificate) -> String {
    format!("{}: {certificate}", field.origin)
}

fn pair(field: &PemField, certificate: &Certificate, key: Option<&PemField>) -> Option<Finding> {
    let key_field = key?;
    let given = key_field.key()?.public_key();
    let wanted = &certificate.public_key;
    if given == wanted {
        return None;
    }
    let (name, key_name) = (field.origin.name(), key_field.origin.name());
    let message = format!("`{key_name}` is not the key of `{name}`");
    let of_key = |place: String, key: &crate::pki::PublicKey| {
        format!("{place}, {} key {}", key.algorithm(), key.fingerprint())
    };
    Some(
        CLIENT_KEY_MISMATCH
            .finding(message)
            .at(of_key(place(field, certificate), wanted))
            .at(of_key(key_field.origin.to_string(), given)),
    )
}

fn issuer(field: &PemField, authority: Option<&PemField>) -> Option<Finding> {
    let authority = authority?;
    let mut chain = field.certificates();
    let certificate = chain.next()?;
    let intermediates: Vec<_> = chain.collect();
    let authorities: Vec<_> = authority.certificates().collect();
    if authorities.is_empty() || apid::is_of_authorities(certificate, &intermediates, &authorities)
    {
        return None;
    }
    let (name, of) = (field.origin.name(), authority.origin.name());
    let message = format!("`{name}` was not issued by the CA in `{of}`");
    let issued = format!(
        "{}, issuer {}",
        place(field, certificate),
        certificate.issuer
    );
    let known = authorities.iter().map(|known| place(authority, known));
    Some(
        CLIENT_OF_ANOTHER_CA
            .finding(message)
            .at(issued)
            .at_each(known),
    )
}

/// Whether a node could be known by the CAs of the context.
fn authority(field: &PemField, context: &Context) -> Option<Finding> {
    let mut authorities = field.certificates().peekable();
    authorities.peek()?;
    let is_usable = |authority: &Certificate| {
        let validity = authority.validity;
        let holds = (validity.not_before..=validity.not_after).contains(&context.now);
        holds && authority.is_authority()
    };
    if authorities.any(is_usable) {
        return None;
    }
    let message = format!("no CA in `{}` can verify anything", field.origin.name());
    let places = field.certificates().map(|authority| {
        let ends = day(authority.validity.not_after);
        format!("{}, ends {ends}", place(field, authority))
    });
    Some(CONTEXT_CA_UNUSABLE.finding(message).at_each(places))
}

fn validity(field: &PemField, certificate: &Certificate, context: &Context) -> Option<Finding> {
    let (now, name) = (context.now, field.origin.name());
    let (begin, end) = (
        certificate.validity.not_before,
        certificate.validity.not_after,
    );
    let soon = context.expires_within.min(SOON);
    let (rule, message) = if end < now {
        let message = format!("`{name}` ended on {}, {}", day(end), distance(now, end));
        (&CLIENT_EXPIRED, message)
    } else if now < begin {
        let message = format!(
            "`{name}` begins on {}, {}",
            day(begin),
            distance(now, begin)
        );
        (&CLIENT_NOT_YET_VALID, message)
    } else if end.duration_since(now) < soon {
        let message = format!("`{name}` ends on {}, {}", day(end), distance(now, end));
        (&CLIENT_ENDS_SOON, message)
    } else {
        return None;
    };
    Some(rule.finding(message).at(place(field, certificate)))
}

fn usage(field: &PemField, certificate: &Certificate) -> Option<Finding> {
    if apid::is_for_client_alone(certificate) {
        return None;
    }
    let name = field.origin.name();
    let message = match &certificate.extended_key_usage {
        None => format!("`{name}` has no extended key usage"),
        Some(usage) if usage.client_auth => {
            format!("`{name}` may be used for more than clientAuth")
        }
        Some(_) => format!("`{name}` may not be used for clientAuth"),
    };
    Some(CLIENT_USAGE.finding(message).at(place(field, certificate)))
}

fn roles(field: &PemField, certificate: &Certificate, contract: Contract) -> Option<Finding> {
    let GrantedRoles { known, unknown } = GrantedRoles::of(certificate, contract);
    let name = field.origin.name();
    let (rule, message) = if known.is_empty() {
        let message = format!("`{name}` has no role that Talos {contract} knows");
        (&WITHOUT_ROLE, message)
    } else if let [_, ..] = unknown.as_slice() {
        let roles: Vec<_> = unknown
            .iter()
            .map(|role| format!("`{}`", role.escape_debug()))
            .collect();
        let roles = roles.join(", ");
        let message = format!("Talos {contract} does not know the role {roles} of `{name}`");
        (&UNKNOWN_ROLE, message)
    } else {
        return None;
    };
    Some(rule.finding(message).at(place(field, certificate)))
}
