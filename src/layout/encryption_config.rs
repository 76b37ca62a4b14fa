//! Reads whether a configuration of encryption at rest encrypts anything. The keys in it are not
//! looked at.

use memchr::memmem;

use crate::cluster::EncryptionEvidence;
use crate::source::SourceFile;
use crate::talos::yaml_tree::Tree;

/// Whether the file says that it is one. k3s and RKE2 write JSON, the others YAML.
pub(super) fn looks_like_one(bytes: &[u8]) -> bool {
    memmem::find(bytes, b"EncryptionConfiguration").is_some()
        && memmem::find(bytes, b"providers").is_some()
}

/// A provider beside `identity` encrypts, or did: where it stands behind `identity`, what was
/// written before it was turned off may still be encrypted.
pub(super) fn read(file: &SourceFile) -> EncryptionEvidence {
    let Ok(document) = Tree::first_document(&file.bytes) else {
        return EncryptionEvidence::Unknown;
    };
    let resources = document.field("resources").map(Tree::items);
    let providers = resources
        .unwrap_or_default()
        .iter()
        .filter_map(|resource| resource.field("providers"))
        .flat_map(Tree::items)
        .flat_map(Tree::entries);
    let mut names = providers.map(|(name, _)| name.as_str());
    if names.any(|name| name != "identity") {
        EncryptionEvidence::On(file.path.clone())
    } else {
        EncryptionEvidence::Off
    }
}
