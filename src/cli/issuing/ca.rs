//! `talos-pki gen ca`.

use std::path::Path;

use clap::Args;
use getrandom::SysRng;

use super::algorithm::Algorithm;
use super::file_set::{FileSet, OutputArguments, Product};
use super::lifetime::Lifetime;
use super::{IssuingError, report};
use crate::cli::printer::Printer;
use crate::cli::{CommandError, Outcome, progress};
use crate::pki::{AuthorityProfile, Subject, generate_key};

/// Ten years, as talosctl.
const DEFAULT_HOURS: i64 = 87_600;

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  talos-pki gen ca --organization talos
  talos-pki gen ca --organization kubernetes --algorithm ecdsa-p256 --ttl 10y -o pki")]
pub(in crate::cli) struct CaArguments {
    /// The organization, which is all of the CA's subject
    #[arg(long, value_name = "NAME", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    organization: String,

    /// The algorithm of its key
    #[arg(long, value_enum, default_value_t, value_name = "ALGORITHM")]
    algorithm: Algorithm,

    /// The same as --algorithm rsa
    #[arg(long, conflicts_with = "algorithm")]
    rsa: bool,

    /// How the files are called, without their endings [default: the organization]
    #[arg(long, value_name = "NAME")]
    name: Option<String>,

    #[command(flatten)]
    lifetime: Lifetime,

    #[command(flatten)]
    output: OutputArguments,
}

pub(in crate::cli) fn run(
    arguments: &CaArguments,
    printer: &mut Printer,
) -> Result<Outcome, CommandError> {
    let validity = arguments.lifetime.validity(DEFAULT_HOURS)?;
    let name = arguments.name.as_ref().unwrap_or(&arguments.organization);
    let endings = ["crt", "key", "sha256"];
    let files = FileSet::plan(&arguments.output, Path::new(""), name, &endings, &[])?;
    let algorithm = if arguments.rsa {
        Algorithm::Rsa
    } else {
        arguments.algorithm
    };
    let profile = AuthorityProfile {
        subject: Subject {
            common_name: None,
            organizations: &[&arguments.organization],
        },
        dns_names: &[],
        ip_addresses: &[],
        validity,
    };
    let ca = progress::during("generating the key", || {
        profile.issue(generate_key(algorithm.into(), &mut SysRng)?, &mut SysRng)
    });
    let ca = ca.map_err(IssuingError::from)?;
    let certificate = ca.certificate();
    let products = [
        Product::certificate(certificate),
        Product::secret_key(ca.key()),
        Product::fingerprint(certificate),
    ];
    files.write(&products, printer)?;
    report::authority(certificate, printer);
    Ok(Outcome::Done)
}
