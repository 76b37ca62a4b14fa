//! The file by which a folder of a fleet tells that it is one, and what it was made from.

use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::fingerprint::Fingerprint;
use super::summary::Summary;
use crate::source;

/// The program and version that makes folders.
const MAKER: &str = concat!("talos-pki ", env!("CARGO_PKG_VERSION"));

/// What a folder was made from. There is no secret in it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Mark {
    made_by: String,
    command: String,
    input: String,
    settings: String,
    files: Vec<String>,
    summary: Summary,
}

impl Mark {
    /// The name of the file.
    pub(super) const FILE: &str = ".talos-pki-fleet.json";

    /// The mark of what `command` makes of the `input` with `settings`.
    #[must_use]
    pub fn new(
        command: &str,
        input: Fingerprint,
        settings: &[(&str, String)],
        files: Vec<String>,
        summary: Summary,
    ) -> Self {
        Self {
            made_by: MAKER.to_owned(),
            command: command.to_owned(),
            input: input.to_string(),
            settings: input.of_settings(settings).to_string(),
            files,
            summary,
        }
    }

    /// The mark in `folder`; nothing if there is none that can be understood.
    pub(super) fn read(folder: &Path) -> Option<Self> {
        let file = source::read_file(&folder.join(Self::FILE)).ok()?;
        let mark: Self = serde_json::from_slice(&file.bytes).ok()?;
        // Files are looked for, and removed, by these names.
        let is_plain = |name: &String| !name.contains('/') && name != ".." && name != Self::FILE;
        mark.files.iter().all(is_plain).then_some(mark)
    }

    pub(super) fn to_json(&self) -> io::Result<Vec<u8>> {
        Ok(serde_json::to_vec(self)?)
    }

    /// The files that were made.
    #[must_use]
    pub fn files(&self) -> &[String] {
        &self.files
    }

    /// What was told of the cluster.
    #[must_use]
    pub fn summary(&self) -> &Summary {
        &self.summary
    }

    /// What is not as it was when `command` would make the folder of `input` with `settings` now;
    /// nothing if all is the same.
    pub(super) fn difference(
        &self,
        command: &str,
        input: Fingerprint,
        settings: &[(&str, String)],
    ) -> Option<String> {
        if self.command != command {
            return Some(format!("`{}` made it", self.command));
        }
        if self.made_by != MAKER {
            return Some(format!("{} made it, and this is {MAKER}", self.made_by));
        }
        if self.input != input.to_string() {
            return Some("the files of the cluster have changed since it was made".to_owned());
        }
        let settings = input.of_settings(settings).to_string();
        (self.settings != settings).then(|| "it was made with other flags".to_owned())
    }
}
