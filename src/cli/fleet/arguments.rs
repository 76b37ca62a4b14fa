//! The flags of a fleet.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::Args;

use crate::cli::arguments::Judgement;

#[derive(Debug, Args)]
#[command(next_help_heading = "Many clusters")]
pub(in crate::cli) struct FleetArguments {
    /// Do it for every cluster in PATH: a folder with one in each of its entries, or manifests of
    /// several, or `-` for these on standard input
    #[arg(long, value_name = "PATH", conflicts_with = "cluster")]
    pub(in crate::cli) fleet: Option<PathBuf>,

    /// How many clusters to work on at a time, if not one for each core
    #[arg(long, value_name = "NUMBER", requires = "fleet")]
    pub(super) jobs: Option<NonZeroUsize>,
}

/// Flags by which a folder of the fleet would be another, by name and value.
pub(in crate::cli) type Settings = Vec<(&'static str, String)>;

impl Judgement {
    /// Those among how to read and how to judge.
    pub(in crate::cli) fn settings(&self) -> Settings {
        let Self {
            allow,
            notes: _,
            expires_within,
            now,
            layout,
            passphrase_file: _,
            manifests: _,
        } = self;
        vec![
            ("allow", format!("{allow:?}")),
            ("expires-within", expires_within.to_string()),
            ("now", format!("{now:?}")),
            ("layout", format!("{layout:?}")),
        ]
    }
}
