//! `talos-pki gen key`.

use std::path::Path;

use clap::Args;
use getrandom::SysRng;

use super::IssuingError;
use super::algorithm::Algorithm;
use super::file_set::{FileSet, OutputArguments, Product};
use crate::cli::printer::Printer;
use crate::cli::{CommandError, Outcome, progress};
use crate::pki::generate_key;

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  talos-pki gen key --name admin
  talos-pki gen key --name node --algorithm ecdsa-p256 -o -")]
pub(in crate::cli) struct KeyArguments {
    /// How the file is called, without its ending
    #[arg(long, value_name = "NAME")]
    name: String,

    /// The algorithm
    #[arg(long, value_enum, default_value_t, value_name = "ALGORITHM")]
    algorithm: Algorithm,

    #[command(flatten)]
    output: OutputArguments,
}

pub(in crate::cli) fn run(
    arguments: &KeyArguments,
    printer: &mut Printer,
) -> Result<Outcome, CommandError> {
    let (output, name) = (&arguments.output, &arguments.name);
    let files = FileSet::plan(output, Path::new(""), name, &["key"], &[])?;
    let key = progress::during("generating the key", || {
        generate_key(arguments.algorithm.into(), &mut SysRng)
    });
    let key = key.map_err(IssuingError::from)?;
    files.write(&[Product::secret_key(&key)], printer)?;
    Ok(Outcome::Done)
}
