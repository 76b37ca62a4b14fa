//! Encryption of Secrets at rest.
//!
//! Every Secret in etcd begins with the provider and the name of the key that it was written with,
//! as `k8s:enc:secretbox:v1:key2:`. A key under another name reads none of them.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::conversion::Conversion;
use super::item::Outcome;
use super::unknown_processes;
use crate::pki::Secret;
use crate::settings::{Component, ComponentProcess, Flag};
use crate::talos::EncryptionSecret;
use crate::talos::machine_config::EncryptionAtRest;
use crate::talos::yaml_tree::Tree;

const DOCUMENT: &str = "KubeEtcdEncryptionConfig";

/// `--encryption-provider-config`
pub(super) fn provider_config(
    conversion: &mut Conversion<'_>,
    process: &ComponentProcess,
    flag: &Flag,
) -> Outcome {
    let Some(file) = conversion.settings.file(process, &flag.value) else {
        return Outcome::refused(
            format!(
                "`{}` was not read: without its keys no Secret that was written with them can be \
                 read",
                flag.value
            ),
            super::BRING_THE_FILE,
        );
    };
    let Ok(tree @ Tree::Mapping(_)) = Tree::first_document(&file.bytes) else {
        return super::file_unreadable(&file.path);
    };
    let path = file.path.clone();
    let rules = match rules(&tree) {
        Ok(rules) => rules,
        Err(reason) => {
            return Outcome::refused(
                format!("`{path}` is nothing that an API server starts with: {reason}"),
                "copy it anew from the node, and whole: what is left out of it nobody can read any more",
            );
        }
    };
    let outcome = if let Some(rule) = rules.iter().find(|rule| rule.has("kms")) {
        Outcome::refused(
            format!(
                "{} are encrypted by a KMS plugin, which runs on the control planes beside the API \
                 server; Talos has no place for it",
                rule.resources.join(", ")
            ),
            "re-encrypt with secretbox first: put a secretbox provider before the KMS provider, \
             restart every API server, and write all of them anew (kubectl get secrets -A -o json \
             | kubectl replace -f -)",
        )
    } else if conversion.contract().kubernetes_documents() {
        as_document(conversion, &rules, &tree)
    } else {
        as_fields(conversion, &rules)
    };
    for rule in &rules {
        for provider in &rule.providers {
            let what = format!("{}: {provider}", rule.resources.join(", "));
            conversion.note(&path, what, outcome.clone());
        }
    }
    outcome
}

/// Kept word for word: resources, providers, keys, their names and their order.
fn as_document(conversion: &mut Conversion<'_>, rules: &[Rule], tree: &Tree) -> Outcome {
    let Tree::Mapping(entries) = tree else {
        return Outcome::kept("it is empty");
    };
    let entries = entries.iter();
    // Talos sets these by itself.
    let entries = entries.filter(|(name, _)| !matches!(name.as_str(), "apiVersion" | "kind"));
    let configuration = Tree::Mapping(entries.cloned().collect());
    conversion.kubernetes.encryption = EncryptionAtRest::Configuration(configuration);
    if let Ok(keys) = TalosKeys::of(rules) {
        conversion.encryption = keys.into_bundle();
    }
    Outcome::converted(DOCUMENT)
}

/// Up to Talos 1.13 the names of the keys are Talos's.
fn as_fields(conversion: &mut Conversion<'_>, rules: &[Rule]) -> Outcome {
    match TalosKeys::of(rules) {
        Ok(keys) if keys.secretbox.is_none() && keys.aescbc.is_none() => {
            conversion.kubernetes.encryption = EncryptionAtRest::Off;
            Outcome::kept("without an encryption key Talos does not encrypt")
        }
        Ok(keys) => {
            conversion.encryption = keys.clone().into_bundle();
            conversion.kubernetes.encryption = EncryptionAtRest::Fields {
                secretbox: keys.secretbox,
                aescbc: keys.aescbc,
            };
            Outcome::converted("cluster.secretboxEncryptionSecret, cluster.aescbcEncryptionSecret")
        }
        Err(reason) => Outcome::refused(
            format!("Talos {} cannot keep it: {reason}", conversion.contract()),
            "use --talos-version v1.14; or re-encrypt first: give the API servers a key of the name \
             `key2` for secretbox, or `key1` for aescbc, with `identity` behind it, restart them, \
             and write every Secret anew (kubectl get secrets -A -o json | kubectl replace -f -)",
        ),
    }
}

/// One rule of an EncryptionConfiguration.
struct Rule {
    resources: Vec<String>,
    providers: Vec<Provider>,
}

struct Provider {
    kind: String,
    keys: Vec<(String, Secret<String>)>,
}

impl Rule {
    fn has(&self, kind: &str) -> bool {
        self.providers.iter().any(|provider| provider.kind == kind)
    }
}

impl std::fmt::Display for Provider {
    /// The kind and the names of the keys. They are no secrets: they stand before every value.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.kind)?;
        let names: Vec<&str> = self.keys.iter().map(|(name, _)| name.as_str()).collect();
        if names.is_empty() {
            return Ok(());
        }
        write!(f, " {}", names.join(", "))
    }
}

/// The rules, or what in them an API server refuses (`ValidateEncryptionConfiguration` in
/// `pkg/apis/apiserver/validation` of Kubernetes): a file that was cut off may be YAML still.
fn rules(tree: &Tree) -> Result<Vec<Rule>, String> {
    let rules = tree.field("resources").map(Tree::items).unwrap_or_default();
    if rules.is_empty() {
        return Err("it has no `resources`".to_owned());
    }
    rules.iter().map(rule).collect()
}

fn rule(rule: &Tree) -> Result<Rule, String> {
    let resources = texts(rule.field("resources"));
    if resources.is_empty() {
        return Err("a rule in it is for no `resources`".to_owned());
    }
    let providers = rule.field("providers").map(Tree::items).unwrap_or_default();
    if providers.is_empty() {
        return Err(format!("{} have no `providers`", resources.join(", ")));
    }
    Ok(Rule {
        providers: providers.iter().map(provider).collect::<Result<_, _>>()?,
        resources,
    })
}

fn provider(tree: &Tree) -> Result<Provider, String> {
    let Tree::Mapping(entries) = tree else {
        return Err("one of its `providers` is of no kind".to_owned());
    };
    let [(kind, settings)] = entries.as_slice() else {
        return Err("one of its `providers` is not of one kind".to_owned());
    };
    let sizes: &[usize] = match kind.as_str() {
        "secretbox" => &[32],
        "aescbc" | "aesgcm" => &[16, 24, 32],
        _ => &[],
    };
    let keys = settings.field("keys").map(Tree::items).unwrap_or_default();
    if keys.is_empty() && !sizes.is_empty() {
        return Err(format!("its provider `{kind}` has no `keys`"));
    }
    let key = |key: &Tree| {
        let name = key.field("name").and_then(Tree::text);
        let name = name.ok_or_else(|| format!("a key of `{kind}` has no name"))?;
        let secret = key.field("secret").and_then(Tree::text).unwrap_or_default();
        let bytes = STANDARD.decode(secret).map(Secret::new);
        if !sizes.is_empty() && !bytes.is_ok_and(|bytes| sizes.contains(&bytes.expose().len())) {
            return Err(format!("the key `{name}` of `{kind}` is no whole key"));
        }
        Ok((name.to_owned(), Secret::new(secret.to_owned())))
    };
    Ok(Provider {
        kind: kind.clone(),
        keys: keys.iter().map(key).collect::<Result<_, _>>()?,
    })
}

fn texts(tree: Option<&Tree>) -> Vec<String> {
    let items = tree.map(Tree::items).unwrap_or_default();
    items
        .iter()
        .filter_map(|item| item.text().map(str::to_owned))
        .collect()
}

/// A configuration that the fields of Talos 1.13 can express: for `secrets` alone, secretbox `key2`
/// and then AES-CBC `key1`, of which either may be missing, and `identity` at the end.
#[derive(Clone, Default)]
struct TalosKeys {
    secretbox: Option<Secret<String>>,
    aescbc: Option<Secret<String>>,
}

impl TalosKeys {
    fn of(rules: &[Rule]) -> Result<Self, String> {
        let [rule] = rules else {
            return Err("it has more than one rule".to_owned());
        };
        if rule.resources != ["secrets"] {
            return Err(format!(
                "it is for {}, and Talos's is for secrets alone",
                rule.resources.join(", ")
            ));
        }
        let mut keys = Self::default();
        let mut providers = rule.providers.iter().peekable();
        if let Some(provider) = providers.next_if(|provider| provider.kind == "secretbox") {
            keys.secretbox = Some(only_key(provider, "key2")?);
        }
        if let Some(provider) = providers.next_if(|provider| provider.kind == "aescbc") {
            keys.aescbc = Some(only_key(provider, "key1")?);
        }
        match (providers.next(), providers.next()) {
            (Some(last), None) if last.kind == "identity" => Ok(keys),
            (None, _) => Err("it has no `identity` at the end, and Talos's has".to_owned()),
            (Some(provider), _) => Err(format!(
                "the provider `{provider}` stands where Talos has none"
            )),
        }
    }

    /// The key that a bundle can hold: it has one alone.
    fn into_bundle(self) -> Option<EncryptionSecret> {
        match (self.secretbox, self.aescbc) {
            (Some(secret), _) => Some(EncryptionSecret::Secretbox(secret)),
            (None, Some(secret)) => Some(EncryptionSecret::Aescbc(secret)),
            (None, None) => None,
        }
    }
}

fn only_key(provider: &Provider, name: &str) -> Result<Secret<String>, String> {
    match provider.keys.as_slice() {
        [(known, secret)] if known == name => Ok(secret.clone()),
        _ => Err(format!(
            "the provider `{provider}` has not the one key `{name}`"
        )),
    }
}

/// An API server without the flag does not encrypt; without a manifest, nobody knows.
pub(super) fn conclude(conversion: &mut Conversion<'_>) {
    let what = "encryption at rest";
    let Some(process) = conversion.settings.component(Component::ApiServer) else {
        let (why, help) = unknown_processes::of_api_server(conversion);
        let outcome = Outcome::refused(
            format!("{why}, so nobody knows whether Secrets are encrypted"),
            help,
        );
        conversion.note("the cluster", what, outcome);
        return;
    };
    if process.flag("encryption-provider-config").is_some() {
        return;
    }
    conversion.kubernetes.encryption = EncryptionAtRest::Off;
    let outcome = if conversion.contract().kubernetes_documents() {
        Outcome::converted(format!("{DOCUMENT}, with `identity` alone"))
    } else {
        Outcome::kept("without an encryption key Talos does not encrypt")
    };
    conversion.note(&process.origin, format!("no {what}"), outcome);
}
