//! `talos-pki gen keypair`.

use std::path::{Path, PathBuf};

use clap::Args;
use getrandom::SysRng;

use super::algorithm::Algorithm;
use super::authority_files::AuthorityArguments;
use super::error::IssuingError;
use super::file_set::{FileSet, OutputArguments, Product};
use super::identity::IdentityArguments;
use super::lifetime::Lifetime;
use super::pki_file::PassphraseArguments;
use super::purpose::PurposeArguments;
use super::report;
use crate::cli::printer::Printer;
use crate::cli::{CommandError, Outcome, progress};
use crate::pki::{AuthorityProfile, LeafProfile, Subject, generate_key};

/// A day, as talosctl.
const DEFAULT_HOURS: i64 = 24;

const ENDINGS: [&str; 2] = ["crt", "key"];

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  talos-pki gen keypair --organization example --ip 10.0.0.2 --dns node-1.example
  talos-pki gen keypair --ca talos --name reader --roles os:reader --ttl 1y
  talos-pki gen keypair --ca talos --name node-1 --server --common-name node-1 \\
      --dns node-1 --ip 10.0.0.2,127.0.0.1")]
pub(in crate::cli) struct KeypairArguments {
    /// The organization, which is all of the subject of a certificate that signs itself
    #[arg(
        long,
        value_name = "NAME",
        value_parser = clap::builder::NonEmptyStringValueParser::new(),
        required_unless_present_any = ["ca", "ca_crt"],
        conflicts_with_all = ["ca", "ca_crt", "roles", "common_name", "purpose", "server"]
    )]
    organization: Option<String>,

    /// The algorithm of a key whose certificate signs itself
    #[arg(
        long,
        value_enum,
        default_value_t,
        value_name = "ALGORITHM",
        conflicts_with_all = ["ca", "ca_crt"]
    )]
    algorithm: Algorithm,

    /// How the files are called, without their endings [default: the organization; with a CA none]
    #[arg(long, value_name = "NAME")]
    name: Option<String>,

    #[command(flatten)]
    purpose: PurposeArguments,

    #[command(flatten)]
    passphrase: PassphraseArguments,

    #[command(flatten)]
    authority: AuthorityArguments,

    #[command(flatten)]
    identity: IdentityArguments,

    #[command(flatten)]
    lifetime: Lifetime,

    #[command(flatten)]
    output: OutputArguments,
}

pub(in crate::cli) fn run(
    arguments: &KeypairArguments,
    printer: &mut Printer,
) -> Result<Outcome, CommandError> {
    match arguments.authority.files() {
        Some(files) => issued(arguments, &files, printer),
        None => self_signed(arguments, printer),
    }
}

fn issued(
    arguments: &KeypairArguments,
    [certificate, key]: &[PathBuf; 2],
    printer: &mut Printer,
) -> Result<Outcome, CommandError> {
    let validity = arguments.lifetime.validity(DEFAULT_HOURS)?;
    let purpose = arguments.purpose.purpose();
    let roles = arguments.identity.roles(purpose)?;
    let files = plan(arguments, &[certificate, key])?;
    let ca = arguments.passphrase.authority(certificate, key)?;
    let profile = LeafProfile {
        subject: arguments.identity.subject(&roles),
        dns_names: &arguments.identity.dns_names(),
        ip_addresses: &arguments.identity.ip,
        key_encipherment: false,
        purpose,
        validity,
    };
    let (leaf, key) = progress::during("generating the key", || {
        profile.issue_with_fresh_key(&ca, &mut SysRng)
    })
    .map_err(|error| IssuingError::naming(error, certificate, None))?;
    let products = [Product::certificate(&leaf), Product::secret_key(&key)];
    files.write(&products, printer)?;
    report::leaf(&leaf, purpose, ca.certificate(), printer);
    Ok(Outcome::Done)
}

fn self_signed(
    arguments: &KeypairArguments,
    printer: &mut Printer,
) -> Result<Outcome, CommandError> {
    let validity = arguments.lifetime.validity(DEFAULT_HOURS)?;
    let files = plan(arguments, &[])?;
    let organization = arguments.organization.as_deref();
    let profile = AuthorityProfile {
        subject: Subject {
            common_name: None,
            organizations: organization.as_slice(),
        },
        dns_names: &arguments.identity.dns_names(),
        ip_addresses: &arguments.identity.ip,
        validity,
    };
    let pair = progress::during("generating the key", || {
        let key = generate_key(arguments.algorithm.into(), &mut SysRng)?;
        profile.issue(key, &mut SysRng)
    });
    let pair = pair.map_err(IssuingError::from)?;
    let products = [
        Product::certificate(pair.certificate()),
        Product::secret_key(pair.key()),
    ];
    files.write(&products, printer)?;
    report::authority(pair.certificate(), printer);
    Ok(Outcome::Done)
}

fn plan(arguments: &KeypairArguments, read: &[&PathBuf]) -> Result<FileSet, CommandError> {
    let read: Vec<_> = read.iter().map(|path| path.as_path()).collect();
    let name = arguments.name.as_ref().or(arguments.organization.as_ref());
    let name = name.ok_or_else(|| {
        let reason = "--ca and --ca-crt need --name, by which the files are called";
        CommandError::Settings(reason.to_owned())
    })?;
    FileSet::plan(&arguments.output, Path::new(""), name, &ENDINGS, &read)
}
