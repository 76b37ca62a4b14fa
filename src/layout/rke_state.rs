//! `cluster.rkestate`: the files of an RKE1 cluster in one JSON document.
//!
//! Source: `cluster/state.go` and `pki/pki.go` in rancher/rke.

use zeroize::Zeroizing;

use crate::source::SourceFile;
use crate::talos::yaml_tree::Tree;

/// How the file is called.
const EXTENSION: &str = ".rkestate";

/// Whether the file is one, by its name.
pub(super) fn looks_like_state(path: &str) -> bool {
    path.ends_with(EXTENSION)
}

/// The files that the current state stands for, with the names that they have on a node, in a folder
/// that is called as the document. Nothing if there is no current state.
pub(super) fn files(file: &SourceFile) -> Vec<SourceFile> {
    let Ok(document) = Tree::first_document(&file.bytes) else {
        return Vec::new();
    };
    let bundle = document.at("currentState.certificatesBundle");
    let entries = bundle.map(Tree::entries).unwrap_or_default().iter();
    let pieces = entries.flat_map(|(name, entry)| {
        [
            (format!("{name}.pem"), entry.field("certificatePEM")),
            (format!("{name}-key.pem"), entry.field("keyPEM")),
        ]
    });
    let encryption = document.at("currentState.encryptionConfig");
    let pieces = pieces.chain([("encryption.yaml".to_owned(), encryption)]);
    let written = pieces.filter_map(|(name, value)| {
        let text = value?.text().filter(|text| !text.is_empty())?;
        Some(SourceFile {
            path: format!("{}/{name}", file.path),
            bytes: Zeroizing::new(text.as_bytes().to_vec()),
            mode: file.mode,
        })
    });
    written.collect()
}
