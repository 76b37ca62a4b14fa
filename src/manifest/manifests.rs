//! Manifests of any number of clusters, parsed once.

use std::fmt;

use super::{Candidate, CertificateKey, ManifestError, candidates, documents, object};
use crate::source::{SourceFile, Tree};
use crate::talos::yaml_tree;

/// Manifests that have been parsed.
pub struct Manifests {
    pub(super) text: SourceFile,
    documents: Vec<yaml_tree::Tree>,
}

impl Manifests {
    /// Parses `text`, which is YAML or JSON.
    pub fn read(text: SourceFile) -> Result<Self, ManifestError> {
        let documents = documents(&text.path, &text.bytes)?;
        Ok(Self { text, documents })
    }

    /// The clusters; there is at least one.
    pub fn clusters(&self) -> Result<Vec<ClusterManifests<'_>>, ManifestError> {
        let cluster = |candidate| ClusterManifests {
            text: &self.text,
            candidate,
        };
        Ok(self.candidates()?.into_iter().map(cluster).collect())
    }

    pub(super) fn candidates(&self) -> Result<Vec<Candidate<'_>>, ManifestError> {
        let objects = object::in_documents(&self.documents);
        let candidates = candidates(&self.documents, &objects);
        let name = || self.text.path.clone();
        match (candidates.is_empty(), objects.is_empty()) {
            (false, _) => Ok(candidates),
            _ if self.documents.iter().any(is_machine_config) => {
                Err(ManifestError::MachineConfig(name()))
            }
            (true, false) => Err(ManifestError::NoCluster(name())),
            (true, true) => Err(ManifestError::NotManifests(name())),
        }
    }
}

/// Talos's first document has no `kind`.
fn is_machine_config(document: &yaml_tree::Tree) -> bool {
    document.field("kind").is_none() && document.at("machine.type").is_some()
}

/// What was parsed has secrets in it, and is not shown.
impl fmt::Debug for Manifests {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.text.fmt(f)
    }
}

/// The manifests of one cluster among those of several.
pub struct ClusterManifests<'a> {
    text: &'a SourceFile,
    candidate: Candidate<'a>,
}

impl ClusterManifests<'_> {
    /// The namespace of its Secrets, if they tell one.
    #[must_use]
    pub fn namespace(&self) -> Option<&str> {
        self.candidate.namespace
    }

    /// Its name, as it stands in the manifests: it may be anything, or nothing.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.candidate.name
    }

    /// Its files. `certificate_key` opens the Secret `kubeadm-certs`.
    pub fn files(&self, certificate_key: Option<&CertificateKey>) -> Result<Tree, ManifestError> {
        self.candidate.tree(self.text, certificate_key)
    }
}

impl fmt::Debug for ClusterManifests<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.text.path, self.candidate)
    }
}
