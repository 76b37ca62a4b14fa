//! What an earlier run left in a folder: nodes may have its keys by then, so it is not written over by
//! other ones.

use std::path::{Path, PathBuf};

use super::{CommandError, bundle_file};
use crate::cluster::Cluster;
use crate::convert::{ConvertError, Earlier, EarlierBundleError};
use crate::layout;
use crate::pki::Certificate;
use crate::report::migration::CONTROL_PLANE_PATCH;
use crate::source::{self, Location};

pub(super) use crate::report::migration::BUNDLE;

/// The bundle as JSON.
pub(super) const JSON_BUNDLE: &str = "secrets.json";

/// A folder of a fleet is replaced as a whole, whichever of them it has.
pub(super) const ANY_BUNDLE: &[&str] = &[BUNDLE, JSON_BUNDLE];

/// The configuration of control planes.
pub(super) const CONTROL_PLANE: &str = "controlplane.yaml";

/// What a run made, and the file of its bundle.
pub(super) struct EarlierRun {
    bundle: PathBuf,
    pub(super) made: Earlier,
}

impl EarlierRun {
    /// The one that wrote a bundle of one of these `names` to `folder`, if there is one.
    pub(super) fn in_folder(folder: &Path, names: &[&str]) -> Result<Option<Self>, CommandError> {
        let mut paths = names.iter().map(|name| folder.join(name));
        let Some(path) = paths.find(|path| path.exists()) else {
            return Ok(None);
        };
        match bundle_file::read(&Location::Path(path.clone())) {
            Ok(bundle) => Ok(Some(Self {
                bundle: path,
                made: Earlier {
                    bundle,
                    accepted: accepted(folder),
                },
            })),
            Err(error) => Err(kept_elsewhere(&path, &error, None)),
        }
    }

    /// Refuses a `folder` whose bundle is not that of `cluster`, as writing to it does.
    pub(super) fn refuse_another(
        folder: &Path,
        names: &[&str],
        cluster: &Cluster,
    ) -> Result<(), CommandError> {
        let Some(run) = Self::in_folder(folder, names)? else {
            return Ok(());
        };
        let agreement = run.made.agrees(cluster);
        agreement.map_err(|error| run.refused(&error))
    }

    /// `error`, by which no bundle could be made where `run` had made one before.
    pub(super) fn refusal(run: Option<&Self>, error: ConvertError) -> CommandError {
        match (run, error) {
            (Some(run), ConvertError::Earlier(error)) => run.refused(&error),
            (_, error) => error.into(),
        }
    }

    fn refused(&self, error: &EarlierBundleError) -> CommandError {
        kept_elsewhere(&self.bundle, error, error.remedy())
    }
}

/// The CAs that the configurations of control planes in `folder` accept. They are asked whether the bundle
/// beside them is the cluster's: one that cannot be read does not say so.
fn accepted(folder: &Path) -> Vec<Certificate> {
    let files = [CONTROL_PLANE, CONTROL_PLANE_PATCH].into_iter();
    let files = files.filter_map(|name| source::read_file(&folder.join(name)).ok());
    files
        .flat_map(|file| layout::talos::accepted_authorities(&file))
        .collect()
}

/// Nodes may have what is in the bundle at `path`, so it is not written over by another.
fn kept_elsewhere(
    path: &Path,
    error: &dyn std::error::Error,
    remedy: Option<&str>,
) -> CommandError {
    let remedy = match remedy {
        Some(remedy) => format!("{remedy}, choose another folder, or remove the file"),
        None => "Choose another folder, or remove it".to_owned(),
    };
    CommandError::Settings(format!(
        "`{}` would be written over, and its keys be lost for nodes that have them: {error}. {remedy}",
        path.display()
    ))
}
