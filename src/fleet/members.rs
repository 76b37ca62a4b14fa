//! Who belongs to a fleet.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::member::Member;
use crate::manifest::{ManifestError, Manifests};
use crate::source::{self, Location, Source, SourceError, printable};

/// Most members of a fleet, against a folder that never ends.
const MAX_MEMBERS: usize = 1_000_000;

/// Clusters in one place: in a folder, each entry one of them, or in manifests.
#[derive(Debug)]
pub struct Fleet {
    place: Place,
    hidden: Vec<String>,
}

#[derive(Debug)]
enum Place {
    Folder {
        path: PathBuf,
        entries: Vec<OsString>,
    },
    Manifests(Manifests),
}

/// Why there is no fleet.
#[derive(Debug, thiserror::Error)]
pub enum FleetError {
    /// An archive is one cluster.
    #[error(
        "`{0}` is an archive, which is one cluster; --fleet takes a folder with a cluster in each of \
         its entries, or Kubernetes manifests of several"
    )]
    Archive(String),
    /// There is nothing in it.
    #[error("there is no cluster in `{0}`: each entry that is not hidden is taken for one")]
    Empty(String),
    /// The folder cannot be listed.
    #[error("cannot read `{name}`: {error}")]
    Io {
        /// The folder.
        name: String,
        /// What the operating system says.
        error: io::Error,
    },
    /// As any manifests.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// As any source.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// More than anybody has.
    #[error("`{0}` has more than {MAX_MEMBERS} entries")]
    TooLarge(String),
}

impl Fleet {
    /// The fleet in the folder or in the manifests at `path`, which for standard input is `-`. Of a
    /// folder, nothing but the names is read.
    pub fn open(path: &Path) -> Result<Self, FleetError> {
        let location = Location::from(path.as_os_str().to_owned());
        let name = location.display();
        if location.path().is_some_and(Path::is_dir) {
            return Self::in_folder(name, path);
        }
        match source::open(&location)? {
            Source::Files(_) => Err(FleetError::Archive(name)),
            Source::Text(text) => Ok(Self {
                place: Place::Manifests(Manifests::read(text)?),
                hidden: Vec::new(),
            }),
        }
    }

    fn in_folder(name: String, folder: &Path) -> Result<Self, FleetError> {
        let failed = |error| FleetError::Io {
            name: name.clone(),
            error,
        };
        let mut entries = Vec::new();
        let mut hidden = Vec::new();
        for entry in fs::read_dir(folder).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let entry_name = entry.file_name();
            if entry_name.as_encoded_bytes().starts_with(b".") {
                hidden.push(printable(&entry_name.to_string_lossy()));
            } else {
                entries.push(entry_name);
            }
            if entries.len() + hidden.len() > MAX_MEMBERS {
                return Err(FleetError::TooLarge(name));
            }
        }
        if entries.is_empty() {
            return Err(FleetError::Empty(name));
        }
        hidden.sort();
        Ok(Self {
            place: Place::Folder {
                path: folder.to_owned(),
                entries,
            },
            hidden,
        })
    }

    /// The members in the order of their names. Everything that is not hidden is one: a file that is
    /// no cluster is told when it is read, and not overlooked.
    pub fn members(&self) -> Result<Vec<Member<'_>>, FleetError> {
        let mut members: Vec<Member<'_>> = match &self.place {
            Place::Folder { path, entries } => {
                let entries = entries.iter();
                entries.map(|entry| Member::entry(path, entry)).collect()
            }
            Place::Manifests(manifests) => {
                let clusters = manifests.clusters()?.into_iter();
                clusters.map(Member::in_manifests).collect()
            }
        };
        members.sort_by(|a, b| a.name().cmp(b.name()));
        for place in 1..members.len() {
            if members[place].name() == members[place - 1].name() {
                members[place].become_namesake();
            }
        }
        Ok(members)
    }

    /// The entries of the folder that are hidden, and so no members.
    #[must_use]
    pub fn hidden(&self) -> &[String] {
        &self.hidden
    }
}
