//! Secrets that hold a whole secrets bundle of Talos, and a bundle by itself.
//!
//! The bootstrap provider for Talos of Cluster API keeps the bundle of a cluster in the Secret
//! `NAME-talos`, and makes of it everything that its machines get; the `NAME-ca` beside it is a copy
//! for Cluster API. So the bundle counts, where both are. Source: `controllers/secrets.go` in
//! `siderolabs/cluster-api-bootstrap-provider-talos`.

use memchr::memmem;

use super::object::Object;
use super::{Candidate, ManifestError, Secrets};
use crate::source::SourceFile;
use crate::talos::yaml_tree::Tree;
use crate::talos::{BUNDLE_IN_CLUSTER_API, BUNDLE_IN_SECRET};

/// The fields of the provider's Secret before it kept the bundle as one text.
const OLD_FIELDS: [&str; 2] = ["certs", "kubeSecrets"];

/// A bundle has it, and nothing else.
const MARK: &[u8] = b"trustdinfo";

/// Where a bundle is.
#[derive(Debug, Clone, Copy)]
pub(super) enum Place<'a> {
    /// It is the whole text.
    Document,
    /// A field of a Secret.
    Field(Object<'a>, &'static str),
    /// A Secret with the parts of a bundle, of which the cluster's identity is missing.
    OldSecret(Object<'a>),
}

/// The bundles in `secrets`, and the one that `documents` are.
pub(super) fn candidates<'a>(documents: &'a [Tree], secrets: &[Object<'a>]) -> Vec<Candidate<'a>> {
    let has = |name| {
        move |tree: &Tree| {
            tree.entries()
                .iter()
                .any(|(key, _)| key.eq_ignore_ascii_case(name))
        }
    };
    let is_bundle = |tree: &Tree| has("certs")(tree) && has("trustdinfo")(tree);
    let by_itself = matches!(documents, [tree] if is_bundle(tree)).then(|| Candidate {
        namespace: None,
        name: "secrets bundle".into(),
        secrets: Secrets::Talos(Place::Document, Vec::new()),
    });
    let in_secrets = secrets.iter().filter_map(|secret| {
        let (name, place) = in_secret(*secret)?;
        Some(Candidate {
            namespace: secret.namespace(),
            name: name.into(),
            secrets: Secrets::Talos(place, Vec::new()),
        })
    });
    by_itself.into_iter().chain(in_secrets).collect()
}

/// The bundle in `secret`, and its name: that of the cluster in Cluster API, or of the Secret.
fn in_secret(secret: Object<'_>) -> Option<(&str, Place<'_>)> {
    let name = secret.name();
    let (suffix, field) = BUNDLE_IN_CLUSTER_API;
    let cluster = name.strip_suffix(suffix);
    let cluster = cluster.and_then(|cluster| cluster.strip_suffix('-'));
    if let Some(cluster) = cluster.filter(|cluster| !cluster.is_empty()) {
        if secret.has(field) {
            return Some((cluster, Place::Field(secret, field)));
        }
        if OLD_FIELDS.iter().all(|field| secret.has(field)) {
            return Some((cluster, Place::OldSecret(secret)));
        }
    }
    let (suffix, field) = BUNDLE_IN_SECRET;
    let is_bundle = || match secret.read(field) {
        Ok(Some(value)) => memmem::find(&value.expose().to_ascii_lowercase(), MARK).is_some(),
        Ok(None) | Err(_) => false,
    };
    let found = secret.has(field) && (name.ends_with(suffix) || is_bundle());
    found.then_some((name, Place::Field(secret, field)))
}

impl Place<'_> {
    /// The object with the bundle, as an error calls it.
    pub(super) fn title(self) -> Option<String> {
        match self {
            Self::Document => None,
            Self::Field(object, _) | Self::OldSecret(object) => Some(object.title()),
        }
    }
}

/// The bundle, as the file that `talosctl gen secrets` writes.
pub(super) fn files(place: Place<'_>, text: &SourceFile) -> Result<Vec<SourceFile>, ManifestError> {
    let bytes = match place {
        Place::Document => text.bytes.clone(),
        Place::Field(object, field) => {
            let value = object.value(field, text)?;
            let nothing = || ManifestError::NoCluster(text.path.clone());
            value.ok_or_else(nothing)?.expose().clone().into()
        }
        Place::OldSecret(object) => {
            return Err(ManifestError::OldBundle {
                file: text.path.clone(),
                object: object.title(),
            });
        }
    };
    Ok(vec![SourceFile {
        path: BUNDLE_IN_SECRET.1.to_owned(),
        bytes,
        mode: text.mode,
    }])
}
