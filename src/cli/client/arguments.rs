//! The flags of these commands.

use std::path::{Path, PathBuf};

use clap::builder::NonEmptyStringValueParser;
use clap::{Args, Subcommand};
use jiff::{SignedDuration, Timestamp};

use crate::cli::arguments::{ReportFormat, contract};
use crate::cli::deferred::Deferred;
use crate::cli::duration;
use crate::cli::hosts::host;
use crate::source::Location;
use crate::talos::{Contract, Endpoint};

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum ConfigCommand {
    /// Show every context of a talosconfig, and whether Talos's API will accept it
    ///
    /// The exit status is 0, or 1 if the API would refuse a context. Contexts that log in by other means
    /// than a certificate, as with Omni, are not judged.
    Info(Deferred<InfoArguments>),
    /// Make a talosconfig with the roles that you choose, without asking a node
    ///
    /// The context is named as Talos names it: ROLE@CLUSTER for one role, CLUSTER for several.
    ///
    /// With --if-expires-within nothing is written while the certificate of the context is good: the
    /// exit status is 0 whether it was renewed or not. With --dry-run it is 0 if it would be, and 1 if
    /// not.
    New(Deferred<NewArguments>),
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  talos-pki config new --with-secrets secrets.yaml --name prod
  talos-pki config new --from-controlplane-config controlplane.yaml \\
      --roles os:reader --crt-ttl 30d --endpoints 10.0.0.1,10.0.0.2 reader.yaml
  talos-pki config new --with-secrets secrets.yaml --name prod --merge ~/.talos/config
  talos-pki config new --with-secrets secrets.yaml --context prod \\
      --if-expires-within 30d ~/.talos/config")]
pub(in crate::cli) struct NewArguments {
    /// The file to write, or `-` for standard output
    #[arg(default_value = "talosconfig", value_name = "PATH")]
    pub(super) path: String,

    #[command(flatten)]
    pub(super) source: AuthoritySource,

    /// The name of the cluster; a control-plane configuration has it
    #[arg(long, value_name = "CLUSTER", value_parser = NonEmptyStringValueParser::new())]
    pub(super) name: Option<String>,

    /// The name of the context, instead of Talos's name for it
    #[arg(long, value_name = "NAME", value_parser = NonEmptyStringValueParser::new())]
    pub(super) context: Option<String>,

    /// Roles, with commas between them or repeated [default: os:admin]
    #[arg(long, value_name = "ROLE", value_delimiter = ',')]
    pub(super) roles: Vec<String>,

    /// How long the certificate holds, as 8760h, 90d or 1y
    #[arg(long, value_name = "TIME", default_value = "8760h", value_parser = duration::parse_lifetime)]
    pub(super) crt_ttl: SignedDuration,

    /// The Talos version that decides which roles there are, such as v1.14
    #[arg(long, value_name = "VERSION", default_value_t, value_parser = contract)]
    pub(super) talos_version: Contract,

    /// Where Talos's API is reached, with commas between them or repeated
    #[arg(
        long,
        value_name = "ADDRESS",
        value_delimiter = ',',
        value_parser = host
    )]
    pub(super) endpoints: Vec<String>,

    /// The nodes that commands are for, with commas between them or repeated
    #[arg(
        long,
        value_name = "ADDRESS",
        value_delimiter = ',',
        value_parser = host
    )]
    pub(super) nodes: Vec<String>,

    #[command(flatten)]
    pub(super) existing: ExistingFile,

    /// Write nothing, and tell by the exit status whether --if-expires-within would: 0 yes, 1 no
    #[arg(long, requires = "if_expires_within")]
    pub(super) dry_run: bool,

    /// Issue at this moment instead of now, as 2027-01-01 or 2027-01-01T12:00:00Z
    #[arg(long, value_name = "MOMENT", value_parser = duration::parse_moment)]
    pub(super) now: Option<Timestamp>,
}

/// What to do if the file is there already; it is refused otherwise.
#[derive(Debug, Args)]
#[group(multiple = false)]
pub(in crate::cli) struct ExistingFile {
    /// Overwrite an existing file
    #[arg(short, long)]
    pub(super) force: bool,

    /// Add the context to an existing file, as NAME-1 if its name is taken, and make it current
    #[arg(long)]
    pub(super) merge: bool,

    /// Put new credentials into a context of an existing file, --context or else the current one
    #[arg(long)]
    pub(super) replace: bool,

    /// As --replace, but only if the certificate ends within this time, is damaged, or does not fit
    #[arg(long, value_name = "TIME", value_parser = duration::parse)]
    pub(super) if_expires_within: Option<SignedDuration>,
}

/// Where the CAs are.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(in crate::cli) struct AuthoritySource {
    /// Issue with the CA in a secrets bundle, in a Secret or state of Terraform too, or `-` for
    /// standard input
    #[arg(long, value_name = "FILE")]
    pub(super) with_secrets: Option<Location>,

    /// Issue with the CA in a Talos control-plane configuration, or `-` for standard input
    #[arg(long, value_name = "FILE")]
    pub(super) from_controlplane_config: Option<Location>,
}

impl AuthoritySource {
    /// The file, if it is one.
    pub(super) fn files(&self) -> Vec<&Path> {
        let locations = [&self.with_secrets, &self.from_controlplane_config];
        let locations = locations.into_iter().flatten();
        locations.filter_map(Location::path).collect()
    }
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  talos-pki config info
  talos-pki config info talosconfig --now 2027-01-01
  talos-pki config info --format json | jq '.contexts[] | select(.current)'")]
pub(in crate::cli) struct InfoArguments {
    /// The talosconfig [default: $TALOSCONFIG, or else ~/.talos/config]
    #[arg(value_name = "PATH")]
    pub(super) path: Option<PathBuf>,

    /// As PATH: talosctl's flag for it
    #[arg(long, value_name = "PATH", conflicts_with = "path")]
    pub(super) talosconfig: Option<PathBuf>,

    /// How to print
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    pub(super) format: ReportFormat,

    /// The Talos version that decides which roles there are, such as v1.14
    #[arg(long, value_name = "VERSION", default_value_t, value_parser = contract)]
    pub(super) talos_version: Contract,

    /// Judge by this moment instead of the clock, as 2027-01-01 or 2027-01-01T12:00:00Z
    #[arg(long, value_name = "MOMENT", value_parser = duration::parse_moment)]
    pub(super) now: Option<Timestamp>,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  talos-pki kubeconfig --from-controlplane-config controlplane.yaml
  talos-pki kubeconfig --with-secrets secrets.yaml --name prod \\
      --endpoint https://kube.example.org:6443
  talos-pki kubeconfig --from-controlplane-config controlplane.yaml \\
      --user jane --groups developers,testers --ttl 8h jane.kubeconfig")]
pub(in crate::cli) struct KubeconfigArguments {
    /// The file to write, or `-` for standard output; in a folder it is called `kubeconfig`
    #[arg(default_value = "kubeconfig", value_name = "PATH")]
    pub(super) path: String,

    #[command(flatten)]
    pub(super) source: AuthoritySource,

    /// The name of the cluster; a control-plane configuration has it
    #[arg(long, value_name = "CLUSTER", value_parser = NonEmptyStringValueParser::new())]
    pub(super) name: Option<String>,

    /// The URL of the API server; a control-plane configuration has it
    #[arg(long, value_name = "URL")]
    pub(super) endpoint: Option<Endpoint>,

    /// The user: the common name of the certificate
    #[arg(long, default_value = "admin", value_name = "NAME")]
    pub(super) user: String,

    /// The user's groups, with commas between them or repeated: the organizations; '' for none
    #[arg(
        long,
        default_value = "system:masters",
        value_name = "GROUP",
        value_delimiter = ','
    )]
    pub(super) groups: Vec<String>,

    /// How long the certificate holds, as 8h, 90d or 1y [default: what the control-plane
    /// configuration sets, or else 8760h]
    #[arg(long, value_name = "TIME", value_parser = duration::parse_lifetime)]
    pub(super) ttl: Option<SignedDuration>,

    /// Overwrite an existing file
    #[arg(short, long)]
    pub(super) force: bool,

    /// Issue at this moment instead of now, as 2027-01-01 or 2027-01-01T12:00:00Z
    #[arg(long, value_name = "MOMENT", value_parser = duration::parse_moment)]
    pub(super) now: Option<Timestamp>,
}
