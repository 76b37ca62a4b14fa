//! Finds the configurations of encryption at rest, and reads whether they encrypt anything.

use memchr::memmem;

use crate::cluster::{EncryptionEvidence, EncryptionRule};
use crate::settings::{Component, Settings};
use crate::source::SourceFile;
use crate::talos::encryption_configuration;
use crate::talos::yaml_tree::Tree;

/// What a configuration says.
#[derive(Debug)]
pub(super) struct EncryptionConfig {
    /// The file.
    pub(super) path: String,
    /// Whether it encrypts anything.
    pub(super) evidence: EncryptionEvidence,
    /// What it says, or why no API server would start with it.
    pub(super) rules: Result<Vec<EncryptionRule>, String>,
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

impl EncryptionConfig {
    /// What it says, to be compared.
    pub(super) fn summary(&self) -> Result<String, &String> {
        self.rules.as_deref().map(EncryptionRule::summary)
    }
}

/// A file that cannot be read whole may have keys all the same.
pub(super) fn read(file: &SourceFile) -> EncryptionConfig {
    let document = Tree::strict(&file.bytes);
    let document = document.map_err(|error| error.to_string());
    let rules = document.and_then(|document| encryption_configuration::read(&document));
    let encrypts = |rules: &Vec<EncryptionRule>| rules.iter().any(EncryptionRule::encrypts);
    let evidence = match &rules {
        Ok(rules) if !encrypts(rules) => EncryptionEvidence::Off,
        _ => EncryptionEvidence::On(file.path.clone()),
    };
    EncryptionConfig {
        path: file.path.clone(),
        evidence,
        rules,
    }
}
