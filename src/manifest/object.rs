//! One object of Kubernetes.

use super::ManifestError;
use crate::pki::Secret;
use crate::source::{SourceFile, printable};
use crate::talos::encoded_pem::{self, EncodingError};
use crate::talos::yaml_tree::{Tree, TreeError};

/// What SOPS puts before a value that it encrypted.
const SOPS_MARK: &str = "ENC[";

/// What is wrong with a value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ValueProblem {
    /// It is not base64.
    #[error("{0}; read the Secret again from the cluster")]
    Encoding(#[from] EncodingError),
    /// It is a list, or has fields.
    #[error("it is not a text")]
    NotText,
    /// SOPS encrypted it.
    #[error("it was encrypted by SOPS; decrypt the file first, with `sops decrypt`")]
    Sops,
    /// It is not the YAML or JSON that it has to be.
    #[error("it cannot be read: {0}")]
    Syntax(TreeError),
    /// It stands there twice.
    #[error("it stands there twice; leave the one that holds")]
    Twice,
    /// It is too short to be what kubeadm encrypted.
    #[error(
        "it has {0} bytes, and whatever kubeadm encrypts has 28 more than it had; read the Secret \
         again from the cluster"
    )]
    Truncated(usize),
    /// It was encrypted with another key, or damaged.
    #[error(
        "the certificate key does not open it: it belongs to another upload, or the value is \
         damaged; `kubeadm init phase upload-certs --upload-certs` makes a new Secret and its key"
    )]
    DoesNotOpen,
}

/// An object in manifests.
#[derive(Debug, Clone, Copy)]
pub(super) struct Object<'a> {
    kind: &'a str,
    tree: &'a Tree,
}

/// All objects in `documents`, by themselves and in lists.
pub(super) fn in_documents(documents: &[Tree]) -> Vec<Object<'_>> {
    let mut objects = Vec::new();
    let mut pending: Vec<_> = documents.iter().rev().map(|tree| (None, tree)).collect();
    while let Some((kind_in_list, tree)) = pending.pop() {
        let Some(kind) = text(tree, "kind").or(kind_in_list) else {
            continue;
        };
        // `kubectl` makes a `List` of objects with a kind. The API server makes a `SecretList`, and
        // does not repeat the kind in it.
        match (kind.strip_suffix("List"), tree.field("items")) {
            (Some(kind_of_items), Some(items)) if !items.items().is_empty() => {
                let items = items.items().iter().rev();
                pending.extend(items.map(|item| (Some(kind_of_items), item)));
            }
            _ => objects.push(Object { kind, tree }),
        }
    }
    objects
}

fn text<'a>(tree: &'a Tree, field: &str) -> Option<&'a str> {
    tree.field(field)?.text()
}

impl<'a> Object<'a> {
    pub(super) fn is(self, kind: &str) -> bool {
        self.kind == kind
    }

    /// The name; empty if it has none.
    pub(super) fn name(self) -> &'a str {
        self.metadata("name").unwrap_or_default()
    }

    pub(super) fn namespace(self) -> Option<&'a str> {
        self.metadata("namespace")
    }

    pub(super) fn label(self, name: &str) -> Option<&'a str> {
        text(self.tree.field("metadata")?.field("labels")?, name)
    }

    /// What a Secret says that it is for.
    pub(super) fn secret_type(self) -> Option<&'a str> {
        text(self.tree, "type")
    }

    /// What an error calls it.
    pub(super) fn title(self) -> String {
        let namespace = self.namespace().map(|name| format!("{}/", printable(name)));
        let namespace = namespace.unwrap_or_default();
        let kind = printable(self.kind);
        format!("{kind} {namespace}{}", printable(self.name()))
    }

    /// Whether a Secret has a value for `key`.
    pub(super) fn has(self, key: &str) -> bool {
        let mut places = ["stringData", "data"].into_iter();
        places.any(|field| {
            self.tree
                .field(field)
                .and_then(|it| it.field(key))
                .is_some()
        })
    }

    /// The value of `key` in a Secret or ConfigMap; nothing if it is empty, as kubeadm writes what it has not.
    pub(super) fn value(
        self,
        key: &str,
        file: &SourceFile,
    ) -> Result<Option<Secret<Vec<u8>>>, ManifestError> {
        let failed =
            |(field, problem): (&str, _)| self.failed(&format!("{field}.{key}"), problem, file);
        self.read(key).map_err(failed)
    }

    /// As [`Self::value`]; what is wrong is told with `stringData` or `data`, where it stands.
    pub(super) fn read(
        self,
        key: &str,
    ) -> Result<Option<Secret<Vec<u8>>>, (&'static str, ValueProblem)> {
        // The API server puts `stringData` over `data`.
        for (field, is_plain) in [("stringData", true), ("data", self.is("ConfigMap"))] {
            let failed = |problem| (field, problem);
            let entries = self.tree.field(field).map_or(&[][..], Tree::entries);
            let mut values = entries.iter().filter(|(name, _)| name == key);
            let value = match values.next() {
                None | Some((_, Tree::Null)) => continue,
                Some((_, value)) => value.text(),
            };
            if values.next().is_some() {
                return Err(failed(ValueProblem::Twice));
            }
            let value = value.ok_or_else(|| failed(ValueProblem::NotText))?;
            if value.starts_with(SOPS_MARK) {
                return Err(failed(ValueProblem::Sops));
            }
            let decoded = if is_plain {
                Secret::new(value.as_bytes().to_vec())
            } else {
                encoded_pem::decode(value).map_err(|error| failed(error.into()))?
            };
            return Ok((!decoded.expose().is_empty()).then_some(decoded));
        }
        Ok(None)
    }

    /// The error about a field.
    pub(super) fn failed(
        self,
        field: &str,
        problem: ValueProblem,
        file: &SourceFile,
    ) -> ManifestError {
        ManifestError::Value {
            file: file.path.clone(),
            object: self.title(),
            field: field.to_owned(),
            problem,
        }
    }

    fn metadata(self, name: &str) -> Option<&'a str> {
        text(self.tree.field("metadata")?, name)
    }
}
