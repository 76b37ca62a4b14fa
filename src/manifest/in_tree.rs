//! Manifests or a state in a folder or archive: RKE's folder with `cluster.rkestate`, or the Secrets of a
//! cluster beside its `cluster-info.yaml`.

use memchr::memmem;

use super::{Choice, ManifestError, Manifests, Secrets, choose, listed_names};
use crate::settings::cluster_info_in;
use crate::source::{SourceFile, Tree};

/// How files of manifests and of states end.
const ENDINGS: [&str; 5] = [".yaml", ".yml", ".json", ".rkestate", ".tfstate"];

/// What stands in every file that has a PKI: a Secret, a state of RKE or of Terraform, or a bundle.
const WORDS: [&str; 4] = [
    "secret",
    "certificatesbundle",
    "terraform_version",
    "trustdinfo",
];

/// The beginning of a certificate or key in DER.
const DER: &[u8] = &[0x30, 0x82];

/// `tree` with the files of its manifests in their place, if nothing else in it is a certificate or key.
pub(super) fn unpack(tree: Tree, choice: &Choice) -> Result<Tree, ManifestError> {
    if tree.files.iter().any(is_material) {
        return Ok(tree);
    }
    let info = cluster_info_in(&tree).map(|file| file.path.clone());
    let is_info = |file: &SourceFile| Some(&file.path) == info.as_ref();
    let candidates = tree.files.iter();
    let candidates = candidates.filter(|file| !is_info(file) && may_be_manifests(file));
    let mut found: Vec<Manifests> = candidates
        .filter_map(|file| Manifests::read(file.clone()).ok())
        .filter(|manifests| manifests.candidates().is_ok())
        .collect();
    let Some(manifests) = found.pop() else {
        return Ok(tree);
    };
    if !found.is_empty() {
        let paths = found.iter().chain([&manifests]);
        let paths: Vec<String> = paths.map(|manifests| manifests.text.path.clone()).collect();
        return Err(ManifestError::SeveralFiles {
            source_name: tree.name,
            count: paths.len(),
            found: listed_names(&paths),
        });
    }
    let chosen = choose(
        &tree.name,
        manifests.candidates()?,
        choice.cluster.as_deref(),
    )?;
    let named = SourceFile {
        path: format!(
            "{}/{}",
            tree.name.trim_end_matches('/'),
            manifests.text.path
        ),
        ..manifests.text.clone()
    };
    let mut files = chosen.files(&named, choice.certificate_key.as_ref())?;
    // A bundle is the whole trust, and needs nothing beside it.
    let is_bundle = matches!(chosen.secrets, Secrets::Talos(..) | Secrets::Terraform(_));
    let is_kept = |file: &SourceFile| {
        let is_replaced = file.path == manifests.text.path
            || files.iter().any(|unpacked| unpacked.path == file.path);
        !is_replaced && (!is_bundle || is_info(file))
    };
    let others = tree.files.iter().filter(|file| is_kept(file));
    let others: Vec<SourceFile> = others.cloned().collect();
    files.extend(others);
    Ok(Tree {
        files: Tree::sorted_files(files),
        is_store: chosen.secrets.are_store(),
        ..tree
    })
}

fn is_material(file: &SourceFile) -> bool {
    let is_pem = || memmem::find(&file.bytes, b"-----BEGIN ").is_some();
    !has_ending(file) && (file.bytes.starts_with(DER) || is_pem())
}

fn may_be_manifests(file: &SourceFile) -> bool {
    let text = || file.bytes.to_ascii_lowercase();
    has_ending(file) && {
        let text = crate::pki::Wiped::new(text());
        let mut words = WORDS.iter();
        words.any(|word| memmem::find(&text, word.as_bytes()).is_some())
    }
}

fn has_ending(file: &SourceFile) -> bool {
    ENDINGS.iter().any(|ending| file.path.ends_with(ending))
}
