//! An EncryptionConfiguration of Kubernetes: what stands in it, and what of that Talos can say in fields of
//! its own.
//!
//! Every Secret in etcd begins with the provider and the name of the key that it was written with,
//! as `k8s:enc:secretbox:v1:key2:`. A key under another name reads none of them.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::yaml_tree::Tree;
use super::{Contract, EncryptionSecret};
use crate::cluster::{EncryptionProvider, EncryptionRule};
use crate::pki::Secret;

/// The rules, or what in them an API server refuses (`ValidateEncryptionConfiguration` in
/// `pkg/apis/apiserver/validation` of Kubernetes): a file that was cut off may be YAML still.
pub fn read(tree: &Tree) -> Result<Vec<EncryptionRule>, String> {
    let rules = tree.field("resources").map(Tree::items).unwrap_or_default();
    if rules.is_empty() {
        return Err("it has no `resources`".to_owned());
    }
    rules.iter().map(rule).collect()
}

fn rule(rule: &Tree) -> Result<EncryptionRule, String> {
    let resources = texts(rule.field("resources"));
    if resources.is_empty() {
        return Err("a rule in it is for no `resources`".to_owned());
    }
    let providers = rule.field("providers").map(Tree::items).unwrap_or_default();
    if providers.is_empty() {
        return Err(format!("{} have no `providers`", resources.join(", ")));
    }
    Ok(EncryptionRule {
        providers: providers.iter().map(provider).collect::<Result<_, _>>()?,
        resources,
    })
}

fn provider(tree: &Tree) -> Result<EncryptionProvider, String> {
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
    Ok(EncryptionProvider {
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
#[derive(Debug, Clone, Default)]
pub struct TalosKeys {
    /// The key of secretbox, which Talos calls `key2`.
    pub secretbox: Option<Secret<String>>,
    /// The key of AES-CBC, which Talos calls `key1`.
    pub aescbc: Option<Secret<String>>,
}

impl TalosKeys {
    /// Those of `rules`, or what in them the fields cannot express.
    pub fn of(rules: &[EncryptionRule]) -> Result<Self, String> {
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
    #[must_use]
    pub fn into_bundle(self) -> Option<EncryptionSecret> {
        match (self.secretbox, self.aescbc) {
            (Some(secret), _) => Some(EncryptionSecret::Secretbox(secret)),
            (None, Some(secret)) => Some(EncryptionSecret::Aescbc(secret)),
            (None, None) => None,
        }
    }
}

fn only_key(provider: &EncryptionProvider, name: &str) -> Result<Secret<String>, String> {
    match provider.keys.as_slice() {
        [(known, secret)] if known == name => Ok(secret.clone()),
        _ => Err(format!(
            "the provider `{provider}` has not the one key `{name}`"
        )),
    }
}

/// The key in `rules` that a bundle can hold so that Talos finds by it what was written before: of the kind
/// that `contract` has in bundles, and the only one.
#[must_use]
pub fn bundle_key(rules: &[EncryptionRule], contract: Contract) -> Option<EncryptionSecret> {
    let keys = TalosKeys::of(rules).ok()?;
    match (contract.uses_secretbox(), &keys.secretbox, &keys.aescbc) {
        (true, Some(_), None) | (false, None, Some(_)) => keys.into_bundle(),
        _ => None,
    }
}
