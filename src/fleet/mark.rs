//! The file by which a folder of a fleet tells that it is one, and what it was made from.

use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::fingerprint::Fingerprint;
use super::summary::Summary;
use crate::pki::Secret;
use crate::source::{self, printable};

/// The program and version that makes folders.
const MAKER: &str = concat!("talos-pki ", env!("CARGO_PKG_VERSION"));

/// What a folder was made from. There is no secret in it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Mark {
    made_by: String,
    command: String,
    input: String,
    settings: String,
    files: Vec<MadeFile>,
    summary: Summary,
}

/// A file that was made.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct MadeFile {
    name: String,
    /// What is in it; nothing if a person is to write in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    content: Option<String>,
}

impl Mark {
    /// The name of the file.
    pub(super) const FILE: &str = ".talos-pki-fleet.json";

    /// The mark of what `command` makes of the `input` with `settings`: these `files`, of which `notebook`
    /// is the one that a person writes in.
    #[must_use]
    pub fn new(
        command: &str,
        input: Fingerprint,
        settings: &[(&str, String)],
        files: &[(&str, Secret<String>)],
        notebook: Option<&str>,
        summary: Summary,
    ) -> Self {
        let files = files.iter().map(|(name, text)| MadeFile {
            name: (*name).to_owned(),
            content: (Some(*name) != notebook)
                .then(|| input.of_made(name, text.expose().as_bytes()).to_string()),
        });
        Self {
            made_by: MAKER.to_owned(),
            command: command.to_owned(),
            input: input.to_string(),
            settings: input.of_settings(settings).to_string(),
            files: files.collect(),
            summary,
        }
    }

    /// The mark in `folder`; nothing if there is none that can be understood.
    pub(super) fn read(folder: &Path) -> Option<Self> {
        let file = source::read_file(&folder.join(Self::FILE)).ok()?;
        let mark: Self = serde_json::from_slice(&file.bytes).ok()?;
        // Files are looked for, and removed, by these names.
        let is_plain = |name: &str| !name.contains('/') && name != ".." && name != Self::FILE;
        let are_plain = mark.files().all(is_plain);
        are_plain.then_some(mark)
    }

    pub(super) fn to_json(&self) -> io::Result<Vec<u8>> {
        Ok(serde_json::to_vec(self)?)
    }

    /// The names of the files that were made.
    pub(super) fn files(&self) -> impl Iterator<Item = &str> {
        self.files.iter().map(|file| file.name.as_str())
    }

    /// What of the files of `input` in `folder` is not as it was made; nothing if all is.
    pub(super) fn damage(&self, folder: &Path, input: Fingerprint) -> Option<String> {
        self.files.iter().find_map(|MadeFile { name, content }| {
            let path = folder.join(name);
            let what = if !path.is_file() {
                "is gone"
            } else if content.as_ref().is_some_and(|content| {
                let file = source::read_file(&path).ok();
                file.is_none_or(|file| input.of_made(name, &file.bytes).to_string() != *content)
            }) {
                "is not as it was made"
            } else {
                return None;
            };
            Some(format!("`{}` in it {what}", printable(name)))
        })
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
