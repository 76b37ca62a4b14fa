//! `talos-pki gen crt`.

use std::path::{Path, PathBuf};

use clap::{ArgGroup, Args};
use getrandom::SysRng;

use super::authority_files::AuthorityArguments;
use super::file_set::{FileSet, OutputArguments, Product};
use super::lifetime::Lifetime;
use super::pki_file::{self, PassphraseArguments};
use super::purpose::PurposeArguments;
use super::{IssuingError, report};
use crate::cli::printer::Printer;
use crate::cli::{CommandError, Outcome};
use crate::pki::{CaPair, Purpose, RequestedLeaf};

/// A day, as talosctl.
const DEFAULT_HOURS: i64 = 24;

#[derive(Debug, Args)]
#[command(group = ArgGroup::new("authority").args(["ca", "ca_crt"]).required(true))]
#[command(after_help = "Examples:
  talos-pki gen crt --ca talos --csr admin.csr --name admin --ttl 1y
  talos-pki gen crt --ca talos --csr node.csr --name node --server
  talos-pki gen crt --ca-crt pki/ca.crt --ca-key pki/ca.key --csr user.csr --name user")]
pub(in crate::cli) struct CrtArguments {
    /// The file with the request
    #[arg(long, value_name = "FILE")]
    csr: PathBuf,

    /// How the file is called, without its ending
    #[arg(long, value_name = "NAME")]
    name: String,

    #[command(flatten)]
    purpose: PurposeArguments,

    #[command(flatten)]
    passphrase: PassphraseArguments,

    #[command(flatten)]
    authority: AuthorityArguments,

    #[command(flatten)]
    lifetime: Lifetime,

    #[command(flatten)]
    output: OutputArguments,
}

pub(in crate::cli) fn run(
    arguments: &CrtArguments,
    printer: &mut Printer,
) -> Result<Outcome, CommandError> {
    let validity = arguments.lifetime.validity(DEFAULT_HOURS)?;
    // The group of flags demands a CA.
    let [certificate, key] = arguments.authority.files().unwrap_or_default();
    let files = FileSet::plan(
        &arguments.output,
        Path::new(""),
        &arguments.name,
        &["crt"],
        &[&certificate, &key, &arguments.csr],
    )?;
    let request = pki_file::request(&arguments.csr)?;
    let ca: CaPair = arguments.passphrase.authority(&certificate, &key)?;
    let purpose = arguments.purpose.purpose();
    let profile = RequestedLeaf {
        key_encipherment: false,
        keep_organizations: purpose != Purpose::Server,
        purpose,
        validity,
    };
    let leaf = profile
        .issue(&ca, &request, &mut SysRng)
        .map_err(|error| IssuingError::naming(error, &certificate, Some(&arguments.csr)))?;
    files.write(&[Product::certificate(&leaf)], printer)?;
    report::leaf(&leaf, purpose, ca.certificate(), printer);
    report::not_granted(&request, &leaf, printer);
    Ok(Outcome::Done)
}
