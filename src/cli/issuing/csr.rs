//! `talos-pki gen csr`.

use std::path::{Path, PathBuf};

use clap::Args;

use super::IssuingError;
use super::file_set::{FileSet, OutputArguments, Product};
use super::identity::IdentityArguments;
use super::pki_file::PassphraseArguments;
use crate::cli::printer::Printer;
use crate::cli::{CommandError, Outcome};
use crate::pki::{Purpose, RequestProfile};

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  talos-pki gen csr --key admin.key --roles os:reader,os:etcd:backup
  talos-pki gen csr --key node.key --common-name node-1 --dns node-1 \\
      --ip 10.0.0.2 --ip 127.0.0.1")]
pub(in crate::cli) struct CsrArguments {
    /// The file with the private key
    #[arg(long, value_name = "FILE")]
    key: PathBuf,

    /// How the file is called, without its ending [default: as the key]
    #[arg(long, value_name = "NAME")]
    name: Option<String>,

    #[command(flatten)]
    passphrase: PassphraseArguments,

    #[command(flatten)]
    identity: IdentityArguments,

    #[command(flatten)]
    output: OutputArguments,
}

pub(in crate::cli) fn run(
    arguments: &CsrArguments,
    printer: &mut Printer,
) -> Result<Outcome, CommandError> {
    // `gen crt` leaves them out of a server's.
    let roles = arguments.identity.roles(Purpose::Client)?;
    let stem = arguments.key.file_stem().unwrap_or_default();
    let stem = stem.to_string_lossy().into_owned();
    let name = arguments.name.as_ref().unwrap_or(&stem);
    // talosctl writes it beside the key.
    let folder = arguments.key.parent().unwrap_or(Path::new(""));
    let files = FileSet::plan(&arguments.output, folder, name, &["csr"], &[&arguments.key])?;
    let key = arguments.passphrase.private_key(&arguments.key)?;
    let profile = RequestProfile {
        subject: arguments.identity.subject(&roles),
        dns_names: &arguments.identity.dns_names(),
        ip_addresses: &arguments.identity.ip,
    };
    let request = profile.sign(&key).map_err(IssuingError::from)?;
    files.write(&[Product::request(&request)], printer)?;
    Ok(Outcome::Done)
}
