//! Tokens, identities and encryption keys: Talos takes most of them as any text.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE;

use super::{let_through, told};
use crate::check::Context;
use crate::check::finding::Finding;
use crate::check::rule::{Family, Judge, Rule, Severity};
use crate::cluster::covers_secrets;
use crate::talos::encoded_pem::{self, REDACTED};
use crate::talos::file::{FileKind, Node, TalosFile};
use crate::talos::random::is_token;

pub(in crate::check) static FAMILY: Family = Family {
    title: "Talos files: tokens and secrets",
    rules: &[
        &BOOTSTRAP_TOKEN_FORM,
        &TRUSTD_TOKEN_FORM,
        &CLUSTER_SECRET_SIZE,
        &CLUSTER_ID_FORM,
        &ENCRYPTION_KEY_SIZE,
        &ENCRYPTION_CONFIG,
        &ENCRYPTION_FOR_ANOTHER_VERSION,
        &WITHOUT_IDENTITY,
        &SECRETS_IN_PLAIN,
    ],
    judge: Judge::File(check),
};

static BOOTSTRAP_TOKEN_FORM: Rule = let_through(
    "bootstrap-token-form",
    "The bootstrap token is not of Kubernetes' form",
    "Talos takes any text, and then splits it at the point: with another form no kubelet can \
     join. The form is 6 characters, a point, 16 characters, each a-z or 0-9",
    "make one in the cluster: kubeadm token create --ttl 0; or a whole bundle: talos-pki gen \
     secrets",
);

static TRUSTD_TOKEN_FORM: Rule = told(
    Severity::Warning,
    "trustd-token-form",
    "The token for trustd is not of the form that Talos makes",
    "Any text works, if all machines have the same; but whoever guesses it gets a certificate \
     for any name, so it should be random",
    "use a token as Talos makes it: 6 characters, a point, 16 characters, each a-z or 0-9",
);

static CLUSTER_SECRET_SIZE: Rule = let_through(
    "cluster-secret-size",
    "The cluster's secret is not 32 bytes in base64",
    "It is the AES-256 key by which members find each other. Talos takes another one there, and discovery \
     fails; in the document DiscoveryIdentityConfig of 1.14 it refuses it",
    "take the secret from the cluster's bundle, or for a new cluster make one: openssl rand \
     -base64 32",
);

static CLUSTER_ID_FORM: Rule = told(
    Severity::Note,
    "cluster-id-form",
    "The cluster's id is not 32 bytes in base64",
    "It is a name and works as any text, if no other cluster has it; Talos makes it of 32 random \
     bytes so that none has",
    "nothing has to be done",
);

static ENCRYPTION_KEY_SIZE: Rule = let_through(
    "encryption-key-size",
    "A key for Secrets at rest has a size that its cipher does not take",
    "The API server does not start: secretbox takes 32 bytes, AES-CBC and AES-GCM take 16, 24 or \
     32, each in base64",
    "take the key from the cluster's bundle, or for a new cluster make one: openssl rand -base64 32",
);

static ENCRYPTION_CONFIG: Rule = let_through(
    "encryption-config",
    "The encryption of Secrets is configured in a way that the API server refuses",
    "Talos copies the document KubeEtcdEncryptionConfig as it is, and the API server does not start",
    "write it as Kubernetes' EncryptionConfiguration: `resources` is a list, each with a list of \
     `resources` and of `providers`, each provider with named keys",
);

static ENCRYPTION_FOR_ANOTHER_VERSION: Rule = told(
    Severity::Warning,
    "encryption-for-another-version",
    "Talos of this version does not keep the bundle's key for Secrets at rest",
    "`talosctl gen config` writes a secretbox key from the contract 1.3 on, an AES-CBC key up to \
     1.2: the other is dropped without a word, or from 1.14 on written as secretbox under a wrong \
     name. Secrets that were encrypted before cannot be read then",
    "generate the configuration for the version that the bundle was made for, or set \
     `cluster.aescbcEncryptionSecret` or KubeEtcdEncryptionConfig by hand",
);

static WITHOUT_IDENTITY: Rule = told(
    Severity::Note,
    "without-identity",
    "Secrets that are not encrypted cannot be read",
    "KubeEtcdEncryptionConfig has no provider `identity` for Secrets. That is how Talos 1.14 makes \
     it, and right for a cluster that has always encrypted; one that comes from elsewhere, or from \
     before, needs it",
    "add `identity: {}` as the last provider, if Secrets were ever written in plain",
);

static SECRETS_IN_PLAIN: Rule = told(
    Severity::Note,
    "secrets-in-plain",
    "New Secrets are not encrypted",
    "The first provider of KubeEtcdEncryptionConfig, by which Secrets are written, is `identity`",
    "nothing has to be done if it is meant; otherwise put another provider first",
);

const BOOTSTRAP_TOKENS: [&str; 2] = ["secrets.bootstraptoken", "cluster.token"];
const TRUSTD_TOKENS: [&str; 2] = ["trustdinfo.token", "machine.token"];
const CLUSTER_IDS: [&str; 2] = ["cluster.id", "DiscoveryIdentityConfig.clusterID"];
/// What else Talos of 1.14 has in a document, its validation judges.
const CLUSTER_SECRETS: [&str; 1] = ["cluster.secret"];

/// Keys for Secrets at rest outside of the document, and their cipher.
const ENCRYPTION_KEYS: [(&str, &str); 4] = [
    ("secrets.secretboxencryptionsecret", "secretbox"),
    ("secrets.aescbcencryptionsecret", "aescbc"),
    ("cluster.secretboxEncryptionSecret", "secretbox"),
    ("cluster.aescbcEncryptionSecret", "aescbc"),
];

/// The resources in the document about encryption.
const RESOURCES: &str = "KubeEtcdEncryptionConfig.config.resources";

/// Providers that Kubernetes knows.
const PROVIDERS: [&str; 5] = ["aescbc", "aesgcm", "identity", "kms", "secretbox"];

fn check(file: &TalosFile, context: &Context, findings: &mut Vec<Finding>) {
    if file.kind == FileKind::Talosconfig {
        return;
    }
    let mut ask = |paths: &[&str], rule: &'static Rule, what: &str, is_good: fn(&str) -> bool| {
        for path in paths {
            let text = file.documents.text(path).filter(|text| *text != REDACTED);
            if text.is_some_and(|text| !is_good(text)) {
                let message = format!("`{path}` is not {what}");
                findings.push(rule.finding(message).at(file.documents.origin(path)));
            }
        }
    };
    let token = "of the form `abcdef.0123456789abcdef`";
    let bytes = "32 bytes in base64";
    ask(&BOOTSTRAP_TOKENS, &BOOTSTRAP_TOKEN_FORM, token, is_token);
    ask(&TRUSTD_TOKENS, &TRUSTD_TOKEN_FORM, token, is_token);
    ask(&CLUSTER_SECRETS, &CLUSTER_SECRET_SIZE, bytes, |text| {
        size(text) == Some(32)
    });
    ask(&CLUSTER_IDS, &CLUSTER_ID_FORM, bytes, |text| {
        size(text) == Some(32) || URL_SAFE.decode(text).is_ok_and(|bytes| bytes.len() == 32)
    });
    for (path, cipher) in ENCRYPTION_KEYS {
        if let Some(node) = file.documents.at(path) {
            findings.extend(key_size(&node, cipher));
        }
    }
    if file.kind == FileKind::Bundle {
        findings.extend(another_version(file, context));
    }
    if file.documents.of_kind("KubeEtcdEncryptionConfig").is_some() {
        findings.extend(document(file));
    }
}

/// How many bytes there are in `text`, if Go takes it for base64.
pub(super) fn size(text: &str) -> Option<usize> {
    let bytes = encoded_pem::decode(text).ok()?;
    Some(bytes.expose().len())
}

fn key_size(node: &Node<'_>, cipher: &str) -> Option<Finding> {
    let text = node.text().filter(|text| *text != REDACTED)?;
    let sizes: &[usize] = match cipher {
        "secretbox" => &[32],
        _ => &[16, 24, 32],
    };
    let size = size(text);
    if size.is_some_and(|size| sizes.contains(&size)) {
        return None;
    }
    let origin = node.origin();
    let found = match size {
        Some(size) => format!("has {size} bytes"),
        None => "is not base64".to_owned(),
    };
    let message = format!("`{}`, a key for {cipher}, {found}", origin.name());
    Some(ENCRYPTION_KEY_SIZE.finding(message).at(origin))
}

fn another_version(file: &TalosFile, context: &Context) -> Option<Finding> {
    let (path, cipher) = if context.contract.uses_secretbox() {
        ("secrets.aescbcencryptionsecret", "AES-CBC")
    } else {
        ("secrets.secretboxencryptionsecret", "secretbox")
    };
    file.documents.text(path)?;
    let message = format!(
        "Talos {} does not keep the bundle's {cipher} key",
        context.contract
    );
    let origin = file.documents.origin(path);
    Some(ENCRYPTION_FOR_ANOTHER_VERSION.finding(message).at(origin))
}

fn document(file: &TalosFile) -> Vec<Finding> {
    let mut findings = Vec::new();
    let entries = file.documents.at(RESOURCES);
    let entries = entries.map(|node| node.items()).unwrap_or_default();
    if entries.is_empty() {
        let message = format!("`{RESOURCES}` is no list with an entry");
        let origin = file.documents.origin(RESOURCES);
        return vec![ENCRYPTION_CONFIG.finding(message).at(origin)];
    }
    let mut is_first = true;
    for entry in &entries {
        let list = |name: &str| entry.at(name).map(|node| node.items()).unwrap_or_default();
        let (resources, providers) = (list("resources"), list("providers"));
        for (name, items) in [("resources", &resources), ("providers", &providers)] {
            if items.is_empty() {
                let origin = entry.origin();
                let message = format!("`{}` has no `{name}`", origin.name());
                findings.push(ENCRYPTION_CONFIG.finding(message).at(origin));
            }
        }
        for provider in &providers {
            findings.extend(of_provider(provider));
        }
        let covers = resources.iter().filter_map(Node::text).any(covers_secrets);
        // The API server takes the first entry that covers a resource.
        if covers && is_first {
            is_first = false;
            findings.extend(identity(entry, &providers));
        }
    }
    findings
}

fn of_provider(provider: &Node<'_>) -> Vec<Finding> {
    let fields: Vec<_> = provider.fields().collect();
    let origin = provider.origin();
    let refused = |message: String| ENCRYPTION_CONFIG.finding(message).at(&origin);
    // `identity:` without a value is none, as for Kubernetes.
    let [(name, settings)] = fields.as_slice() else {
        let message = format!("`{}` is not exactly one provider", origin.name());
        return vec![refused(message)];
    };
    if !PROVIDERS.contains(name) {
        let name = name.escape_debug();
        return vec![refused(format!(
            "`{name}` is no provider that Kubernetes knows"
        ))];
    }
    if matches!(*name, "identity" | "kms") {
        return Vec::new();
    }
    let keys = settings
        .at("keys")
        .map(|keys| keys.items())
        .unwrap_or_default();
    if keys.is_empty() {
        return vec![refused(format!(
            "`{}` has no keys",
            settings.origin().name()
        ))];
    }
    let mut findings = Vec::new();
    for key in &keys {
        let text = |field: &str| key.at(field).and_then(|node| node.text());
        if text("name").is_none() || text("secret").is_none() {
            let origin = key.origin();
            let message = format!("`{}` has no `name` or no `secret`", origin.name());
            findings.push(ENCRYPTION_CONFIG.finding(message).at(origin));
        } else if let Some(secret) = key.at("secret") {
            findings.extend(key_size(&secret, name));
        }
    }
    findings
}

fn identity(entry: &Node<'_>, providers: &[Node<'_>]) -> Option<Finding> {
    let position = providers
        .iter()
        .position(|provider| provider.at("identity").is_some());
    match position {
        None if providers.is_empty() => None,
        None => {
            let message = "Secrets that are not encrypted cannot be read";
            Some(WITHOUT_IDENTITY.finding(message).at(entry.origin()))
        }
        Some(0) => {
            let message = "new Secrets are not encrypted";
            Some(SECRETS_IN_PLAIN.finding(message).at(entry.origin()))
        }
        Some(_) => None,
    }
}
