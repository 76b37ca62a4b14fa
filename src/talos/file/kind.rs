//! What a file is, by what stands in it.

use std::fmt;

use super::document_kind::all_kinds;
use super::documents::{Documents, Node};

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileKind {
    /// A secrets bundle.
    Bundle,
    /// A machine configuration.
    MachineConfig(Machine, Form),
    /// A talosconfig: contexts, each with a client certificate.
    Talosconfig,
}

/// For which kind of machine a configuration is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Machine {
    /// A control plane.
    ControlPlane,
    /// A worker.
    Worker,
    /// A kind that Talos does not know.
    Unknown,
    /// Nothing says it: there is no `machine`.
    Unsaid,
}

/// In which form a configuration has the trust of Kubernetes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Under `cluster`, as Talos up to 1.13 writes it.
    Fields,
    /// In documents of their own, as Talos from 1.14 on writes it.
    Documents,
    /// Some in the one way and some in the other.
    Both,
    /// It has none.
    Neither,
}

/// Fields under `cluster` that Talos 1.14 has a document for.
pub const LEGACY_FIELDS: [&str; 7] = [
    "cluster.id",
    "cluster.secret",
    "cluster.ca",
    "cluster.acceptedCAs",
    "cluster.aggregatorCA",
    "cluster.serviceAccount",
    "cluster.secretboxEncryptionSecret",
];

/// Documents with the trust of Kubernetes, since Talos 1.14.
pub const TRUST_DOCUMENTS: [&str; 5] = [
    "DiscoveryIdentityConfig",
    "KubeAPIServerCAConfig",
    "KubeAggregatorCAConfig",
    "KubeEtcdEncryptionConfig",
    "KubeServiceAccountConfig",
];

/// By one of them Talos knows the main document of a machine configuration, be it empty.
pub const MAIN_SECTIONS: [&str; 4] = ["machine", "cluster", "debug", "persist"];

/// Sections that a bundle and no other file has.
const BUNDLE_SECTIONS: [&str; 3] = ["certs", "secrets", "trustdinfo"];

impl FileKind {
    /// What `documents` are, if they are anything that Talos has.
    pub(super) fn of(documents: &Documents) -> Option<Self> {
        let main = documents.main();
        let has = |root: &Node<'_>, wanted: &[&str]| {
            root.fields().any(|(name, _)| wanted.contains(&name))
        };
        let is_of_bundle = |(name, _): (&str, Node<'_>)| {
            let mut sections = BUNDLE_SECTIONS.iter();
            sections.any(|section| section.eq_ignore_ascii_case(name))
        };
        if let Some(root) = &main {
            if root.has("machine") {
                return Some(Self::MachineConfig(machine(documents), Form::of(documents)));
            }
            if has(root, &["contexts"]) && !has(root, &["apiVersion"]) {
                return Some(Self::Talosconfig);
            }
            if root.fields().any(is_of_bundle) {
                return Some(Self::Bundle);
            }
        }
        let mut sections = MAIN_SECTIONS.into_iter();
        let is_config = main.is_some_and(|root| sections.any(|name| root.has(name)))
            || documents.roots().any(|root| is_ours(&root));
        is_config.then(|| Self::MachineConfig(Machine::Unsaid, Form::of(documents)))
    }
}

/// Whether a document is one of Talos's, be it written badly: of its version, or of a kind that it has.
fn is_ours(root: &Node<'_>) -> bool {
    let is_of = |name: &str| {
        root.at(name)
            .is_some_and(|version| version.text() == Some("v1alpha1"))
    };
    ["apiVersion", "version"].into_iter().any(is_of)
        || all_kinds().any(|kind| root.kind() == Some(kind))
}

fn machine(documents: &Documents) -> Machine {
    if documents.at("machine").is_none() {
        return Machine::Unsaid;
    }
    match documents.text("machine.type") {
        Some("controlplane" | "init") => Machine::ControlPlane,
        // Talos takes a configuration without a type for a worker's.
        Some("worker" | "join") | None => Machine::Worker,
        Some(_) => Machine::Unknown,
    }
}

impl Form {
    fn of(documents: &Documents) -> Self {
        let fields = LEGACY_FIELDS
            .iter()
            .any(|field| documents.at(field).is_some());
        let own = TRUST_DOCUMENTS
            .iter()
            .any(|kind| documents.of_kind(kind).is_some());
        match (fields, own) {
            (true, true) => Self::Both,
            (true, false) => Self::Fields,
            (false, true) => Self::Documents,
            (false, false) => Self::Neither,
        }
    }
}

impl fmt::Display for FileKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bundle => f.write_str("secrets bundle"),
            Self::MachineConfig(machine, form) => {
                f.write_str(match machine {
                    Machine::ControlPlane => "machine config of a control plane",
                    Machine::Worker => "machine config of a worker",
                    Machine::Unknown => "machine config of an unknown kind of machine",
                    Machine::Unsaid => "part of a machine config",
                })?;
                f.write_str(match form {
                    Form::Fields => " (1.13 fields)",
                    Form::Documents => " (1.14 documents)",
                    Form::Both => " (1.13 fields and 1.14 documents)",
                    Form::Neither => "",
                })
            }
            Self::Talosconfig => f.write_str("talosconfig"),
        }
    }
}
