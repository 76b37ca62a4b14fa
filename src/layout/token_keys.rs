//! The files of keys by which the API server checks tokens, as its flags name them.

use crate::settings::{Component, Settings};

/// The flag; it may be there several times, and the tokens of every key in every file are accepted.
const FLAG: &str = "service-account-key-file";

/// A file that the flag names.
#[derive(Debug)]
pub(super) struct TokenKeyFile {
    /// Its path on the node.
    pub(super) host_path: String,
    /// Where the flag stands.
    pub(super) process: String,
    /// Its path in the source, if it is there.
    pub(super) path: Option<String>,
}

/// The files that a person named, in the order of the flags. What a distribution sets by itself has
/// its place in the table of the layout.
pub(super) fn read(settings: &Settings) -> Vec<TokenKeyFile> {
    let Some(process) = settings.component(Component::ApiServer) else {
        return Vec::new();
    };
    let flags = process.flags.iter();
    let flags = flags.filter(|flag| flag.name == FLAG && process.is_chosen(flag));
    let files = flags.map(|flag| TokenKeyFile {
        host_path: process.host_path(&flag.value),
        process: process.origin_of(flag).to_owned(),
        path: settings
            .file(process, &flag.value)
            .map(|file| file.path.clone()),
    });
    files.collect()
}
