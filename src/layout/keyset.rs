//! kops keeps each CA and key as a keyset: a YAML file with every generation of it, of which one is
//! primary and some may no longer be trusted.
//!
//! Source: `upup/pkg/fi/vfs_keystorereader.go`, `upup/pkg/fi/clientset_castore.go` (`FindPrimary`) and
//! `pkg/apis/kops/keyset.go` in kops.

use crate::pki::Wiped;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use memchr::memmem;

use crate::source::SourceFile;
use crate::talos::yaml_tree::Tree;

/// The fields with PEM in base64.
const MATERIALS: [&str; 2] = ["publicMaterial", "privateMaterial"];

/// Whether the file says that it is a keyset.
pub(super) fn looks_like_keyset(bytes: &[u8]) -> bool {
    memmem::find(bytes, b"kind: Keyset").is_some()
}

/// The certificates and the keys of a keyset, each as a file of its own: the primary first, then
/// the others that are trusted, in their order. Nothing if it is not a keyset.
pub(super) fn files(file: &SourceFile) -> Vec<SourceFile> {
    let Ok(document) = Tree::lenient(&file.bytes) else {
        return Vec::new();
    };
    let generations = document.at("spec.keys").map(Tree::items);
    let mut trusted: Vec<_> = generations
        .unwrap_or_default()
        .iter()
        .filter(|generation| generation.field("distrustTimestamp").is_none_or(is_null))
        .collect();
    let named = document.at("spec.primaryId").and_then(Tree::text);
    let primary = primary(&trusted, named);
    trusted.sort_by_key(|generation| id(generation) != primary);
    let materials = MATERIALS.into_iter().filter_map(|material| {
        let mut bytes = Wiped::new(Vec::new());
        for generation in &trusted {
            let text = generation.field(material).and_then(Tree::text);
            let compact: String = text?.split_ascii_whitespace().collect();
            bytes.extend(STANDARD.decode(compact).unwrap_or_default());
        }
        (!bytes.is_empty()).then(|| SourceFile {
            path: format!("{}: {material}", file.path),
            bytes,
            mode: file.mode,
        })
    });
    materials.collect()
}

/// The id of the generation that kops issues with: the one that is named, or else the highest, which
/// is the newest. Kops looks at no id that is not a number.
fn primary<'a>(trusted: &[&'a Tree], named: Option<&str>) -> Option<&'a str> {
    let numbered = trusted.iter().filter_map(|generation| {
        let id = id(generation)?;
        Some((Some(id) == named, id.parse::<u128>().ok()?, id))
    });
    numbered.max().map(|(.., id)| id)
}

fn id(generation: &Tree) -> Option<&str> {
    generation.field("id").and_then(Tree::text)
}

fn is_null(value: &Tree) -> bool {
    value
        .text()
        .is_none_or(|text| text.is_empty() || text == "null")
}
