//! Reads whether a configuration of encryption at rest encrypts anything, and with which keys. The
//! keys themselves are not kept.

use memchr::memmem;

use crate::cluster::EncryptionEvidence;
use crate::pki::Fingerprint;
use crate::settings::{Component, Settings};
use crate::source::SourceFile;
use crate::talos::yaml_tree::Tree;

/// What a configuration says.
#[derive(Debug)]
pub(super) struct EncryptionConfig {
    /// The file.
    pub(super) path: String,
    /// Whether it encrypts anything.
    pub(super) evidence: EncryptionEvidence,
    /// Its providers in their order, with the names and the fingerprints of their keys.
    pub(super) providers: Vec<String>,
}

/// The path in the source of the configuration that the API server reads, if it is there.
pub(super) fn in_use(settings: &Settings) -> Option<String> {
    let process = settings.component(Component::ApiServer)?;
    let file = settings.file(process, process.flag("encryption-provider-config")?)?;
    Some(file.path.clone())
}

/// Whether the file says that it is one. k3s and RKE2 write JSON, the others YAML.
pub(super) fn looks_like_one(bytes: &[u8]) -> bool {
    memmem::find(bytes, b"EncryptionConfiguration").is_some()
        && memmem::find(bytes, b"providers").is_some()
}

/// A provider beside `identity` encrypts, or did: where it stands behind `identity`, what was
/// written before it was turned off may still be encrypted.
pub(super) fn read(file: &SourceFile) -> EncryptionConfig {
    let document = Tree::first_document(&file.bytes);
    let resources = document.as_ref().ok().and_then(|it| it.field("resources"));
    let providers = resources
        .map(Tree::items)
        .unwrap_or_default()
        .iter()
        .filter_map(|resource| resource.field("providers"))
        .flat_map(Tree::items)
        .flat_map(Tree::entries);
    let mut names = providers.clone().map(|(name, _)| name.as_str());
    let evidence = match document {
        Err(_) => EncryptionEvidence::Unknown,
        Ok(_) if names.any(|name| name != "identity") => EncryptionEvidence::On(file.path.clone()),
        Ok(_) => EncryptionEvidence::Off,
    };
    EncryptionConfig {
        path: file.path.clone(),
        evidence,
        providers: providers.map(provider).collect(),
    }
}

/// `secretbox key2 (sha256:…)`: every Secret in etcd begins with the name of its key.
fn provider((kind, settings): &(String, Tree)) -> String {
    let keys = settings.field("keys").map(Tree::items).unwrap_or_default();
    let keys = keys.iter().map(|key| {
        let text = |field| key.field(field).and_then(Tree::text).unwrap_or_default();
        let secret = Fingerprint::of(text("secret").as_bytes());
        format!(" {} ({secret})", text("name").escape_debug())
    });
    format!("{}{}", kind.escape_debug(), keys.collect::<String>())
}
