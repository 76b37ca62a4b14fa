//! The state in which RKE1 keeps the PKI of a cluster: the file `cluster.rkestate`, and the same text
//! in the Secret or, before, ConfigMap `full-cluster-state` of the cluster.
//!
//! Source: `cluster/state.go` and `pki/pki.go` in rancher/rke.

use super::object::{Object, ValueProblem};
use super::{Candidate, ManifestError, Secrets, documents};
use crate::source::{SourceFile, Tree as Files};
use crate::talos::yaml_tree::Tree;

const NAME: &str = "full-cluster-state";

/// How the file of a state is called.
const STATE_FILE: &str = "cluster.rkestate";

/// The states in a file: what is deployed comes before what is to be.
const STATES: [&str; 2] = ["currentState", "desiredState"];

/// The fields of an entry of the bundle, and what the file has behind the name of the entry in RKE's
/// folder.
const PARTS: [(&str, &str); 2] = [("certificatePEM", ".pem"), ("keyPEM", "-key.pem")];

/// What the flag for encryption at rest names in RKE's folder.
const ENCRYPTION_FILE: &str = "encryption.yaml";

/// Where a state is.
#[derive(Debug, Clone, Copy)]
pub(super) enum State<'a> {
    Document(&'a Tree),
    Object(Object<'a>),
}

/// The states in `documents` and `objects`. A Secret counts before the ConfigMap that it replaced.
pub(super) fn candidates<'a>(documents: &'a [Tree], objects: &[Object<'a>]) -> Vec<Candidate<'a>> {
    let is_file = |document: &&Tree| document.field("kind").is_none() && bundle(document).is_some();
    let files = documents.iter().filter(is_file).map(State::Document);
    let of_kind = |kind: &'static str| {
        let found = objects.iter().copied();
        found.filter(move |object| object.name() == NAME && object.is(kind))
    };
    let mut found: Vec<_> = of_kind("Secret").collect();
    if found.is_empty() {
        found.extend(of_kind("ConfigMap"));
    }
    let states = files.chain(found.into_iter().map(State::Object));
    let candidate = |state| Candidate {
        namespace: match state {
            State::Document(_) => None,
            State::Object(object) => object.namespace(),
        },
        name: NAME.into(),
        secrets: Secrets::RkeState(state),
    };
    states.map(candidate).collect()
}

/// The state that counts, if it has a PKI.
fn bundle(document: &Tree) -> Option<(&'static str, &Tree)> {
    let state = |name: &&'static str| {
        let state = document.field(name)?;
        state
            .field("certificatesBundle")?
            .is_mapping()
            .then_some((*name, state))
    };
    STATES.iter().find_map(state)
}

/// The files that RKE has of it in its folder, and the state itself: it says how the cluster is run.
pub(super) fn files(state: State<'_>, text: &SourceFile) -> Result<Vec<SourceFile>, ManifestError> {
    let nothing = || ManifestError::NoCluster(text.path.clone());
    let whole = |bytes: &[u8]| SourceFile {
        path: STATE_FILE.to_owned(),
        bytes: bytes.to_vec().into(),
        mode: text.mode,
    };
    let object = match state {
        State::Document(document) => return files_in(document, whole(&text.bytes), text),
        State::Object(object) => object,
    };
    let value = object.value(NAME, text)?.ok_or_else(nothing)?;
    let documents = match documents(&text.path, value.expose()) {
        Err(ManifestError::Syntax { error, .. }) => {
            return Err(object.failed(NAME, ValueProblem::Syntax(error), text));
        }
        documents => documents?,
    };
    let document = documents.first().ok_or_else(nothing)?;
    files_in(document, whole(value.expose()), text)
}

fn files_in(
    document: &Tree,
    whole: SourceFile,
    text: &SourceFile,
) -> Result<Vec<SourceFile>, ManifestError> {
    let (name, state) =
        bundle(document).ok_or_else(|| ManifestError::NoCluster(text.path.clone()))?;
    if let Some(field) = state.duplicates().into_iter().next() {
        return Err(ManifestError::Value {
            file: text.path.clone(),
            object: "RKE's state".to_owned(),
            field: format!("{name}.{field}"),
            problem: ValueProblem::Twice,
        });
    }
    let file = |path: String, content: &str| SourceFile {
        path,
        bytes: content.as_bytes().to_vec().into(),
        mode: text.mode,
    };
    let mut files = vec![whole];
    let entries = state
        .field("certificatesBundle")
        .map_or(&[][..], Tree::entries);
    for (entry, fields) in entries.iter().filter(|(entry, _)| is_file_name(entry)) {
        for (field, suffix) in PARTS {
            let pem = fields.field(field).and_then(Tree::text).unwrap_or_default();
            if !pem.is_empty() {
                files.push(file(format!("{entry}{suffix}"), pem));
            }
        }
    }
    let encryption = state.field("encryptionConfig").and_then(Tree::text);
    let encryption = encryption.filter(|config| !config.is_empty());
    files.extend(encryption.map(|config| file(ENCRYPTION_FILE.to_owned(), config)));
    Ok(Files::sorted_files(files))
}

/// Names of entries become names of files, and RKE makes no others.
fn is_file_name(name: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    !name.is_empty() && name.bytes().all(is_plain)
}
