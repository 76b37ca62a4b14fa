//! Who may ask the API server, for what, and what is logged: authentication, authorization,
//! admission and audit.

use super::api_server::as_argument;
use super::conversion::Conversion;
use super::item::Outcome;
use super::{file_missing, file_unreadable};
use crate::settings::{ComponentProcess, Flag};
use crate::talos::machine_config::Authorizer;
use crate::talos::yaml_tree::Tree;

/// `--anonymous-auth`: a flag up to Talos 1.13, a configuration from 1.14 on.
pub(super) fn anonymous(
    conversion: &mut Conversion<'_>,
    _: &ComponentProcess,
    flag: &Flag,
) -> Outcome {
    let has_documents = conversion.contract().kubernetes_documents();
    match (flag.value.as_str(), has_documents) {
        ("false", false) => return Outcome::same(),
        ("false", true) => {
            return Outcome::kept(
                "Talos sets the same, but for /livez, /readyz and /healthz, where kubelet asks for \
                 the health of the API server",
            );
        }
        (_, false) => return as_argument(conversion, flag),
        (_, true) => {}
    }
    let enabled = Tree::plain(&flag.value);
    let anonymous = Tree::Mapping(vec![("enabled".to_owned(), enabled)]);
    set_authentication(conversion, "anonymous", anonymous);
    Outcome::converted("KubeAuthenticationConfig.configuration.anonymous")
}

/// `--authentication-config`
pub(super) fn configuration(
    conversion: &mut Conversion<'_>,
    process: &ComponentProcess,
    flag: &Flag,
) -> Outcome {
    if !conversion.contract().kubernetes_documents() {
        return Outcome::refused(
            format!(
                "Talos {} has no place for an AuthenticationConfiguration, and users of its issuers \
                 would be refused",
                conversion.contract()
            ),
            "use --talos-version v1.14",
        );
    }
    let body = match document(conversion, process, flag) {
        Ok(body) => body,
        Err(outcome) => return outcome,
    };
    let anonymous = body.iter().find(|(name, _)| name == "anonymous");
    let is_off = match anonymous {
        Some((_, anonymous)) => anonymous.field("enabled").and_then(Tree::text) == Some("false"),
        None => process.flag("anonymous-auth") == Some("false"),
    };
    conversion.kubernetes.authentication = Some(Tree::Mapping(body));
    if is_off {
        set_authentication(conversion, "anonymous", health_checks_alone());
    }
    Outcome::converted("KubeAuthenticationConfig.configuration")
}

/// Flags of OpenID Connect: flags up to Talos 1.13, one issuer of the configuration from 1.14 on.
/// All of them are read when the first is met.
pub(super) fn oidc(
    conversion: &mut Conversion<'_>,
    process: &ComponentProcess,
    flag: &Flag,
) -> Outcome {
    if !conversion.contract().kubernetes_documents() {
        return as_argument(conversion, flag);
    }
    if flag.name == "oidc-signing-algs" {
        return Outcome::kept("the API server of Talos accepts every algorithm of RFC 7518");
    }
    let issuer = match oidc_issuer(conversion, process) {
        Ok(issuer) => issuer,
        Err(outcome) => return outcome,
    };
    set_authentication(conversion, "jwt", Tree::Sequence(vec![issuer]));
    if process.flag("anonymous-auth") != Some("true") {
        set_authentication(conversion, "anonymous", health_checks_alone());
    }
    Outcome::converted("KubeAuthenticationConfig.configuration.jwt")
}

/// The issuer that the flags describe, as kube-apiserver itself translates them.
fn oidc_issuer(conversion: &Conversion<'_>, process: &ComponentProcess) -> Result<Tree, Outcome> {
    let text = |text: &str| Tree::text_of(text);
    let mapping = |entries: Vec<(&str, Tree)>| {
        let entries = entries.into_iter();
        Tree::Mapping(
            entries
                .map(|(name, value)| (name.to_owned(), value))
                .collect(),
        )
    };
    let url = process.flag("oidc-issuer-url").unwrap_or_default();
    let audience = process.flag("oidc-client-id").unwrap_or_default();
    let mut issuer = vec![
        ("url", text(url)),
        ("audiences", Tree::Sequence(vec![text(audience)])),
    ];
    if let Some(path) = process.flag("oidc-ca-file") {
        let Some(file) = conversion.settings.file(process, path) else {
            return Err(file_missing(path));
        };
        let Ok(pem) = std::str::from_utf8(&file.bytes) else {
            return Err(file_unreadable(path));
        };
        issuer.push(("certificateAuthority", text(pem)));
    }
    let claim = process.flag("oidc-username-claim").unwrap_or("sub");
    // Without a prefix, names are told apart by the issuer, but for mail addresses.
    let prefix = match process.flag("oidc-username-prefix") {
        Some("-") => String::new(),
        Some(prefix) => prefix.to_owned(),
        None if claim == "email" => String::new(),
        None => format!("{url}#"),
    };
    let mut claims = vec![(
        "username",
        mapping(vec![("claim", text(claim)), ("prefix", text(&prefix))]),
    )];
    if let Some(claim) = process.flag("oidc-groups-claim") {
        let prefix = process.flag("oidc-groups-prefix").unwrap_or_default();
        let groups = mapping(vec![("claim", text(claim)), ("prefix", text(prefix))]);
        claims.push(("groups", groups));
    }
    let required = process
        .values("oidc-required-claim")
        .flat_map(|all| all.split(','));
    let required: Vec<Tree> = required
        .filter_map(|rule| rule.split_once('='))
        .map(|(claim, value)| mapping(vec![("claim", text(claim)), ("requiredValue", text(value))]))
        .collect();
    let mut jwt = vec![
        ("issuer", mapping(issuer)),
        ("claimMappings", mapping(claims)),
    ];
    if !required.is_empty() {
        jwt.push(("claimValidationRules", Tree::Sequence(required)));
    }
    Ok(mapping(jwt))
}

/// Requests without a name, as Talos allows them unless told otherwise: for the health of the API
/// server. Without a word about them, all would be allowed; without any of them, the probes that
/// Talos 1.14 gives the API server fail, and kubelet restarts it for ever (siderolabs/talos#13544).
fn health_checks_alone() -> Tree {
    let mapping = |name: &str, value| Tree::Mapping(vec![(name.to_owned(), value)]);
    let paths = ["/livez", "/readyz", "/healthz"];
    let conditions = paths.map(|path| mapping("path", Tree::text_of(path)));
    Tree::Mapping(vec![
        ("enabled".to_owned(), Tree::plain("true")),
        ("conditions".to_owned(), Tree::Sequence(conditions.into())),
    ])
}

/// Sets one part of the authentication configuration, and keeps the others.
fn set_authentication(conversion: &mut Conversion<'_>, name: &str, value: Tree) {
    let configuration = &mut conversion.kubernetes.authentication;
    let configuration = configuration.get_or_insert_with(|| Tree::Mapping(Vec::new()));
    if let Tree::Mapping(entries) = configuration {
        entries.retain(|(known, _)| known != name);
        entries.push((name.to_owned(), value));
    }
}

/// `--authorization-mode`
pub(super) fn authorization_modes(
    _: &mut Conversion<'_>,
    _: &ComponentProcess,
    flag: &Flag,
) -> Outcome {
    match flag.value.as_str() {
        "Node,RBAC" | "RBAC,Node" => Outcome::same(),
        "RBAC" => Outcome::kept("Talos adds Node, which kubelets need"),
        modes if modes.split(',').any(|mode| mode == "AlwaysAllow") => Outcome::needs_person(
            "everything was allowed to everybody, and Talos asks roles (Node, RBAC): workloads and users \
             whom nobody had to give any are locked out. Make them before the move, for each service \
             account that asks the API, and try them: `kubectl auth can-i VERB RESOURCE \
             --as=system:serviceaccount:NAMESPACE:NAME`",
        ),
        _ => Outcome::needs_person(
            "Talos asks Node and RBAC; write other authorizers as KubeAuthorizerConfig documents \
             (Talos 1.14) or as `cluster.apiServer.authorizationConfig` (before), or move their \
             rules to RBAC",
        ),
    }
}

/// `--authorization-config`
pub(super) fn authorization(
    conversion: &mut Conversion<'_>,
    process: &ComponentProcess,
    flag: &Flag,
) -> Outcome {
    let body = match document(conversion, process, flag) {
        Ok(body) => Tree::Mapping(body),
        Err(outcome) => return outcome,
    };
    let authorizers = body
        .field("authorizers")
        .map(Tree::items)
        .unwrap_or_default();
    let authorizer = |tree: &Tree| {
        Some(Authorizer {
            name: tree.field("name")?.text()?.to_owned(),
            kind: tree.field("type")?.text()?.to_owned(),
            webhook: tree.field("webhook").cloned(),
        })
    };
    let authorizers: Option<Vec<Authorizer>> = authorizers.iter().map(authorizer).collect();
    // The API server demands one, and what a webhook is.
    let is_whole = |one: &Authorizer| {
        one.kind != "Webhook" || one.webhook.as_ref().is_some_and(Tree::is_mapping)
    };
    let authorizers = authorizers.filter(|all| !all.is_empty() && all.iter().all(is_whole));
    let Some(authorizers) = authorizers else {
        return file_unreadable(&flag.value);
    };
    let known = ["Node", "RBAC", "Webhook"];
    let stranger = authorizers
        .iter()
        .find(|one| !known.contains(&one.kind.as_str()));
    if let Some(stranger) = stranger {
        return Outcome::needs_person(format!(
            "Talos knows Node, RBAC and Webhook, and not {}: move its rules to RBAC",
            stranger.kind
        ));
    }
    let has_webhook = authorizers.iter().any(|one| one.webhook.is_some());
    conversion.kubernetes.authorizers = Some(authorizers);
    let place = conversion.place(
        "cluster.apiServer.authorizationConfig",
        "KubeAuthorizerConfig",
    );
    if has_webhook {
        return Outcome::needs_person(format!(
            "it stands in {place}; bring the kubeconfigs of its webhooks onto the control planes"
        ));
    }
    Outcome::converted(place)
}

/// `--admission-control-config-file`
pub(super) fn admission(
    conversion: &mut Conversion<'_>,
    process: &ComponentProcess,
    flag: &Flag,
) -> Outcome {
    let body = match document(conversion, process, flag) {
        Ok(body) => Tree::Mapping(body),
        Err(outcome) => return outcome,
    };
    let plugins = body.field("plugins").map(Tree::items).unwrap_or_default();
    let mut carried = Vec::new();
    for plugin in plugins {
        let Some(name) = plugin.field("name").and_then(Tree::text) else {
            return file_unreadable(&flag.value);
        };
        match plugin.field("configuration") {
            Some(configuration) => carried.push((name.to_owned(), configuration.clone())),
            None => {
                return Outcome::needs_person(format!(
                    "the plugin {name} has its configuration in another file: write it into {}",
                    conversion.place(
                        "cluster.apiServer.admissionControl",
                        "KubeAdmissionControlConfig"
                    )
                ));
            }
        }
    }
    conversion.kubernetes.admission = Some(carried);
    Outcome::converted(conversion.place(
        "cluster.apiServer.admissionControl",
        "KubeAdmissionControlConfig",
    ))
}

/// `--audit-policy-file`
pub(super) fn audit_policy(
    conversion: &mut Conversion<'_>,
    process: &ComponentProcess,
    flag: &Flag,
) -> Outcome {
    let Some(file) = conversion.settings.file(process, &flag.value) else {
        return file_missing(&flag.value);
    };
    // One without a rule is "illegal" for the API server.
    let policy = Tree::lenient(&file.bytes).ok();
    let has_rules = |policy: &Tree| {
        policy
            .field("rules")
            .is_some_and(|rules| !rules.items().is_empty())
    };
    let Some(policy) = policy.filter(has_rules) else {
        return file_unreadable(&flag.value);
    };
    conversion.kubernetes.audit_policy = Some(policy);
    Outcome::converted(conversion.place(
        "cluster.apiServer.auditPolicy",
        "KubeAuditPolicyConfig.configuration",
    ))
}

/// What stands in the file that `flag` names, without what Talos sets by itself.
fn document(
    conversion: &Conversion<'_>,
    process: &ComponentProcess,
    flag: &Flag,
) -> Result<Vec<(String, Tree)>, Outcome> {
    let file = conversion.settings.file(process, &flag.value);
    let file = file.ok_or_else(|| file_missing(&flag.value))?;
    match Tree::strict(&file.bytes) {
        Ok(Tree::Mapping(mut entries)) => {
            entries.retain(|(name, _)| !matches!(name.as_str(), "apiVersion" | "kind"));
            Ok(entries)
        }
        _ => Err(file_unreadable(&flag.value)),
    }
}
