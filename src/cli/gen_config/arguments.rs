//! The flags of `gen config`.

use clap::{ArgAction, Args, ValueEnum};
use jiff::Timestamp;

use crate::cli::arguments::contract;
use crate::cli::{CommandError, duration};
use crate::source::Location;
use crate::talos::machine_config::{DNS_DOMAIN, INSTALL_DISK, INSTALL_IMAGE, InstallDisk};
use crate::talos::{Contract, Endpoint, KubernetesVersion};

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  talos-pki gen config prod https://10.0.0.1:6443 --with-secrets secrets.yaml
  talos-pki gen config prod https://api.example.org:6443 --with-secrets secrets.yaml \\
      --talos-version v1.13 --kubernetes-version 1.36.1 -o configs
  talos-pki gen config prod https://10.0.0.1:6443 -t worker -o - --with-secrets secrets.yaml")]
pub(in crate::cli) struct ConfigArguments {
    /// The name of the cluster
    #[arg(value_name = "NAME", value_parser = non_empty)]
    pub(super) name: String,

    /// The URL of the Kubernetes API, such as https://10.0.0.1:6443
    #[arg(value_name = "ENDPOINT", value_parser = endpoint)]
    pub(super) endpoint: Endpoint,

    /// A folder to write to; with one output type, a file, or `-` for standard output
    #[arg(short, long, value_name = "PATH")]
    pub(super) output: Option<String>,

    /// What to write
    #[arg(
        short = 't',
        long,
        value_enum,
        value_delimiter = ',',
        value_name = "TYPES",
        default_value = "controlplane,worker,talosconfig"
    )]
    pub(super) output_types: Vec<OutputType>,

    /// Overwrite existing files
    #[arg(short, long)]
    pub(super) force: bool,

    /// The secrets bundle, in a Secret or state of Terraform too, or `-` for
    /// standard input; without one, new secrets are made
    #[arg(long, value_name = "FILE")]
    pub(super) with_secrets: Option<Location>,

    /// The Talos version of the machines, from v1.3 on
    #[arg(long, value_name = "VERSION", default_value_t, value_parser = contract)]
    pub(super) talos_version: Contract,

    /// The version of Kubernetes to run
    #[arg(long, value_name = "VERSION", default_value_t)]
    pub(super) kubernetes_version: KubernetesVersion,

    /// The domain of the cluster's services
    #[arg(long, value_name = "DOMAIN", default_value = DNS_DOMAIN, value_parser = non_empty)]
    pub(super) dns_domain: String,

    /// Let a rule through that would refuse the bundle, as a warning (repeatable)
    #[arg(long, value_name = "RULE")]
    pub(super) allow: Vec<String>,

    /// Treat an AES-CBC key as talosctl does: no Secret that it encrypted can be read any more
    #[arg(long, help_heading = "As talosctl does")]
    pub(super) lose_aescbc_key: bool,

    /// Let everybody on this machine read the files (0644), private keys and all
    #[arg(long, help_heading = "As talosctl does")]
    pub(super) world_readable: bool,

    /// Judge and issue at this moment instead of now, as 2027-01-01 or 2027-01-01T12:00:00Z
    #[arg(long, value_name = "MOMENT", value_parser = duration::parse_moment)]
    pub(super) now: Option<Timestamp>,

    /// As in scripts for talosctl: `=false` alone, for no comments are written
    #[arg(long, value_name = "BOOL", help_heading = "As talosctl does", num_args = 0..=1,
          default_missing_value = "true", require_equals = true, value_parser = without_comments)]
    with_docs: Option<bool>,

    /// As --with-docs
    #[arg(long, value_name = "BOOL", help_heading = "As talosctl does", num_args = 0..=1,
          default_missing_value = "true", require_equals = true, value_parser = without_comments)]
    with_examples: Option<bool>,

    #[command(flatten)]
    pub(super) machine: MachineArguments,
}

/// What machines are told beside Kubernetes.
#[derive(Debug, Args)]
#[command(next_help_heading = "Machines")]
pub(in crate::cli) struct MachineArguments {
    /// More names and addresses for the certificates of the servers (repeatable, or with commas)
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    additional_sans: Vec<String>,

    /// The disk to install to
    #[arg(long, value_name = "DISK", default_value = INSTALL_DISK)]
    pub(in crate::cli) install_disk: InstallDisk,

    /// The image that installs Talos
    #[arg(long, value_name = "IMAGE", default_value = INSTALL_IMAGE, hide_default_value = true)]
    pub(in crate::cli) install_image: String,

    /// Let machines find each other through the discovery service
    #[arg(long, value_name = "BOOL", default_value_t = true, num_args = 0..=1,
          default_missing_value = "true", require_equals = true, action = ArgAction::Set)]
    pub(in crate::cli) with_cluster_discovery: bool,

    /// Let machines speak through the encrypted network KubeSpan
    #[arg(long, value_name = "BOOL", num_args = 0..=1, default_missing_value = "true",
          require_equals = true, action = ArgAction::Set)]
    pub(in crate::cli) with_kubespan: Option<bool>,
}

impl MachineArguments {
    /// Names for the certificates of servers. `--additional-sans ''` gives none, as with talosctl.
    pub(in crate::cli) fn additional_sans(&self) -> Vec<String> {
        let names = self.additional_sans.iter();
        names.filter(|name| !name.is_empty()).cloned().collect()
    }

    /// Talos refuses KubeSpan on machines that do not find each other.
    pub(in crate::cli) fn refuse_kubespan_alone(&self) -> Result<(), CommandError> {
        if self.with_kubespan == Some(true) && !self.with_cluster_discovery {
            return Err(CommandError::Settings(
                "--with-kubespan needs --with-cluster-discovery: Talos refuses the one without the \
                 other"
                    .to_owned(),
            ));
        }
        Ok(())
    }
}

/// What can be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum OutputType {
    /// The configuration of control planes
    #[value(name = "controlplane")]
    ControlPlane,
    /// The configuration of workers
    Worker,
    /// The configuration of talosctl, with a client certificate of the role os:admin
    Talosconfig,
}

impl OutputType {
    pub(super) fn file_name(self) -> &'static str {
        match self {
            Self::ControlPlane => "controlplane.yaml",
            Self::Worker => "worker.yaml",
            Self::Talosconfig => "talosconfig",
        }
    }
}

pub(in crate::cli) fn endpoint(text: &str) -> Result<Endpoint, String> {
    text.parse::<Endpoint>().map_err(|error| error.to_string())
}

fn without_comments(text: &str) -> Result<bool, String> {
    match text {
        "false" => Ok(false),
        _ => Err(
            "configurations are written without comments; leave it out, or say =false".to_owned(),
        ),
    }
}

fn non_empty(text: &str) -> Result<String, String> {
    if text.is_empty() {
        return Err("it is empty".to_owned());
    }
    Ok(text.to_owned())
}
