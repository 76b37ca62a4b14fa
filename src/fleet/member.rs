//! One cluster of a fleet.

use std::borrow::Cow;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use super::name::folder_name;
use crate::manifest::{self, Choice, ClusterManifests, ManifestError};
use crate::source::{self, Location, SourceError, Tree, printable};

/// A cluster of a fleet: its name, and where it is read. It holds nothing of the cluster.
#[derive(Debug)]
pub struct Member<'a> {
    name: Cow<'a, str>,
    is_namesake: bool,
    place: Place<'a>,
}

#[derive(Debug)]
enum Place<'a> {
    /// In a folder: a folder, an archive, or manifests of this cluster alone.
    Entry(&'a Path, &'a OsStr),
    /// One of the clusters in manifests.
    Manifests(Box<ClusterManifests<'a>>),
}

/// Why a member cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum MemberError {
    /// As any source.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// As any manifests.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// Another member has its name.
    #[error("another cluster of the fleet is called `{0}`, too; give one of them another name")]
    Namesake(String),
    /// Its manifests have several clusters.
    #[error(
        "`{file}` has {count} clusters: {found}; give the file to --fleet by itself, and each is \
         a member"
    )]
    SeveralClusters {
        /// The file.
        file: String,
        /// How many.
        count: usize,
        /// Their names.
        found: String,
    },
}

impl<'a> Member<'a> {
    pub(super) fn entry(folder: &'a Path, entry: &'a OsStr) -> Self {
        Self {
            name: folder_name(entry.as_encoded_bytes()),
            is_namesake: false,
            place: Place::Entry(folder, entry),
        }
    }

    pub(super) fn in_manifests(cluster: ClusterManifests<'a>) -> Self {
        // No namespace has a dot in it.
        let namespace = cluster.namespace().map(|namespace| format!("{namespace}."));
        let name = namespace.unwrap_or_default() + cluster.name();
        // A bundle by itself has none.
        let name = if name.is_empty() { "cluster" } else { &name };
        Self {
            name: folder_name(name.as_bytes()).into_owned().into(),
            is_namesake: false,
            place: Place::Manifests(Box::new(cluster)),
        }
    }

    /// Says that the member before it has the same name.
    pub(super) fn become_namesake(&mut self) {
        self.is_namesake = true;
    }

    /// The name, which is that of its folder, too: one part of a path, whatever the cluster is called.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The name as Cluster API knows it: with the namespace before it, if that is known.
    #[must_use]
    pub fn cluster(&self) -> String {
        match &self.place {
            Place::Entry(..) => self.name.clone().into_owned(),
            Place::Manifests(cluster) => match cluster.namespace() {
                Some(namespace) => format!("{namespace}/{}", cluster.name()),
                None => cluster.name().to_owned(),
            },
        }
    }

    /// What a person gives to `talos-pki scan` to see this member alone. `fleet` is what the fleet
    /// was read from.
    #[must_use]
    pub fn source(&self, fleet: &Path) -> String {
        match &self.place {
            Place::Entry(folder, entry) => {
                quoted(&printable(&folder.join(entry).to_string_lossy()))
            }
            Place::Manifests(_) => {
                let file = quoted(&printable(&fleet.to_string_lossy()));
                format!("{file} --cluster {}", quoted(&printable(&self.cluster())))
            }
        }
    }

    /// Reads its files.
    pub fn read(&self, choice: &Choice) -> Result<Tree, MemberError> {
        if self.is_namesake {
            return Err(MemberError::Namesake(self.name.clone().into_owned()));
        }
        let path: PathBuf = match &self.place {
            Place::Entry(folder, entry) => folder.join(entry),
            Place::Manifests(cluster) => {
                return Ok(cluster.files(choice.certificate_key.as_ref())?);
            }
        };
        match manifest::files(source::open(&Location::Path(path))?, choice) {
            Err(ManifestError::SeveralClusters {
                file, count, found, ..
            }) => Err(MemberError::SeveralClusters { file, count, found }),
            files => Ok(files?),
        }
    }
}

/// `text` as a shell takes it for one word.
fn quoted(text: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./+@=%:,".contains(&byte);
    if !text.is_empty() && text.bytes().all(is_plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}
