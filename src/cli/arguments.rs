//! The flags. Those that talosctl has keep talosctl's names and meaning.

use std::path::{Path, PathBuf};

use clap::builder::styling::{AnsiColor, Styles};
use clap::builder::{ArgPredicate, PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use jiff::{SignedDuration, Timestamp};

use super::CommandError;
use super::client::{ConfigCommand, KubeconfigArguments};
use super::convert::ConvertArguments;
use super::custom::CustomAuthorities;
use super::deferred::Deferred;
use super::duration;
use super::fleet::FleetArguments;
use super::gen_config::ConfigArguments;
use super::issuing::{CaArguments, CrtArguments, CsrArguments, KeyArguments, KeypairArguments};
use super::manifests::ManifestArguments;
use super::validate::ValidateArguments;
use crate::layout::Layout;
use crate::pki::IssueTime;
use crate::source::Location;
use crate::talos::Contract;

const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Yellow.on_default().bold())
    .usage(AnsiColor::Yellow.on_default().bold())
    .literal(AnsiColor::Green.on_default())
    .placeholder(AnsiColor::Cyan.on_default());

/// Brings the trust of an existing Kubernetes cluster to Talos Linux
///
/// Reads the PKI of a running cluster, proves it sound, and writes the Talos secrets bundle.
/// Data goes to standard output, words to standard error. The exit status is 0 when all is done, 1
/// when findings refuse it, and 2 for wrong usage, unreadable input or another failure.
#[derive(Debug, Parser)]
#[command(name = "talos-pki", version, styles = STYLES, max_term_width = 100)]
#[command(after_help = "Examples:
  talos-pki scan /etc/kubernetes
  talos-pki gen secrets --from-kubernetes-pki /etc/kubernetes/pki \\
      --kubernetes-bootstrap-token abcdef.0123456789abcdef
  talos-pki explain key-mismatch")]
pub(super) struct Arguments {
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Show what is in a PKI, which file fills which slot, and everything that is wrong with it
    ///
    /// Writes nothing. A path is a folder (the PKI folder, /etc/kubernetes, or a backup that holds
    /// either), a .tar, .tar.gz or .tar.zst of one, Kubernetes manifests with the Secrets of Cluster API
    /// or kubeadm-certs, a secrets bundle or what holds one (the Secret NAME-talos, a state of Terraform),
    /// or `-` for one of them on standard input.
    Scan(Deferred<ScanArguments>),
    /// Generate secrets, configurations, keys and certificates
    Gen {
        #[command(subcommand)]
        command: Box<Generate>,
    },
    /// Make and show talosconfigs
    Config {
        #[command(subcommand)]
        command: ConfigCommand,
    },
    /// Make a kubeconfig for an administrator, or any user and groups, without asking a node
    ///
    /// It is the one that `talosctl kubeconfig` fetches. A control-plane configuration has the name and
    /// the endpoint of the cluster, the lifetime of the certificate if one is set, and all CAs that the
    /// cluster accepts.
    Kubeconfig(Deferred<KubeconfigArguments>),
    /// Convert a whole cluster: bundle, configurations, and what is left to do
    ///
    /// Reads the PKI, what says how the control plane is run (manifests, units, files of flags, or the
    /// configuration of k3s, RKE2, k0s or RKE1), kubeadm's and kubelet's configurations and the files
    /// that flags name, and writes what Talos needs to join: encryption at rest, service accounts,
    /// networks and flags as they are. Everything that was read is accounted for. Nothing is
    /// written if something would break.
    Convert(Deferred<ConvertArguments>),
    /// Check secrets bundles, machine configs and talosconfigs: is it what Talos takes, and will it work?
    ///
    /// What a file is, is told by its content. Reported is what Talos's own validation refuses about trust
    /// and kinds of values, and what it lets through to break later, each with line and column. Writes
    /// nothing.
    Validate(Deferred<ValidateArguments>),
    /// Tell why a rule exists, what breaks without it, and how to mend it
    Explain(Deferred<ExplainArguments>),
    /// Print a completion script for a shell
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Print the manual page (talos-pki man | man -l -)
    Man,
}

#[derive(Debug, Subcommand)]
pub(super) enum Generate {
    /// Make the secrets bundle: from an existing cluster, from custom CAs, or fresh
    ///
    /// Nothing is written if a rule refuses. What is not imported is generated as Talos does.
    Secrets(Deferred<SecretsArguments>),
    /// Make the configurations of a cluster: controlplane.yaml, worker.yaml and talosconfig
    ///
    /// They are those of `talosctl gen config --with-docs=false --with-examples=false`, byte for byte,
    /// with three differences: the files are readable by their owner alone, an AES-CBC key for
    /// encryption at rest is kept, and an endpoint without a port is pointed out. Without a bundle, all
    /// secrets are made anew.
    Config(Deferred<ConfigArguments>),
    /// Make a self-signed CA: ORGANIZATION.crt, ORGANIZATION.key and ORGANIZATION.sha256
    ///
    /// The last has the hash by which kubeadm and Talos pin a CA.
    Ca(Deferred<CaArguments>),
    /// Make a private key: NAME.key
    Key(Deferred<KeyArguments>),
    /// Make a certificate request for a key: KEY without its ending, with .csr
    ///
    /// The key may be of any algorithm and encoding that a Talos CA may have.
    Csr(Deferred<CsrArguments>),
    /// Issue the certificate that a request asks for: NAME.crt
    ///
    /// The subject, the DNS names and the IP addresses are the request's. What else it asks for is not
    /// granted, and named.
    Crt(Deferred<CrtArguments>),
    /// Make a key and a certificate for it: NAME.crt and NAME.key
    ///
    /// With --organization, as talosctl makes it, the certificate signs itself: it is that of a CA, for
    /// servers and clients alike. With --ca it is issued by that CA, for a key of the kind that Talos
    /// makes under it: gen key, gen csr and gen crt in one.
    Keypair(Deferred<KeypairArguments>),
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  talos-pki scan /etc/kubernetes
  talos-pki scan backup.tar.gz --notes
  talos-pki scan --fleet backups
  talos-pki scan --nodes cp1.tar cp2.tar cp3.tar
  ssh node tar c -C /etc/kubernetes . | talos-pki scan - --format json
  kubectl get secrets -A -o yaml | talos-pki scan - --cluster prod")]
pub(super) struct ScanArguments {
    /// What to read
    #[arg(
        required_unless_present = "fleet",
        conflicts_with_all = ["fleet", "jobs"],
        value_name = "PATH"
    )]
    pub(super) paths: Vec<String>,

    /// The paths are nodes of one cluster: what they share has to agree
    #[arg(long, conflicts_with = "fleet")]
    pub(super) nodes: bool,

    /// How to print
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    pub(super) format: ReportFormat,

    #[command(flatten)]
    pub(super) fleet: FleetArguments,

    #[command(flatten)]
    pub(super) judgement: Judgement,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  talos-pki gen secrets -o secrets.yaml
  talos-pki gen secrets --from-kubernetes-pki /etc/kubernetes/pki \\
      --kubernetes-bootstrap-token abcdef.0123456789abcdef
  talos-pki gen secrets -p cp1.tar -p cp2.tar -p cp3.tar
  ssh node tar c -C /etc/kubernetes pki | talos-pki gen secrets -p - -o -
  kubectl get secrets -A -o yaml | talos-pki gen secrets -p - --cluster prod
  talos-pki gen secrets --fleet backups -o bundles
  terraform state pull | talos-pki gen secrets -p -
  talos-pki gen secrets --kubernetes-ca-crt ca.crt --kubernetes-ca-key ca.key
  talos-pki gen secrets --from-controlplane-config controlplane.yaml")]
pub(super) struct SecretsArguments {
    /// The file to write, or `-` for standard output; with --fleet, the folder for those of all
    #[arg(
        short,
        long,
        default_value = "secrets.yaml",
        default_value_if("fleet", ArgPredicate::IsPresent, None),
        value_name = "FILE"
    )]
    pub(super) output_file: Option<String>,

    /// Overwrite an existing file; with --fleet, make anew what has changed since it was made, but keep
    /// the keys in its bundle that the cluster does not have
    #[arg(short, long)]
    pub(super) force: bool,

    /// The Talos version that will use the bundle, such as v1.14
    #[arg(long, value_name = "VERSION", default_value_t, value_parser = contract)]
    pub(super) talos_version: Contract,

    /// Import a cluster: a folder with its PKI, a tar archive, manifests, a state of Terraform, or
    /// `-`; repeated for each of several nodes, which have to agree
    #[arg(
        short = 'p',
        long,
        value_name = "PATH",
        conflicts_with_all = ["from_controlplane_config", "fleet", "jobs", "json"]
    )]
    pub(super) from_kubernetes_pki: Vec<String>,

    /// A bootstrap token that the cluster knows, as `kubeadm token create --ttl 0` prints it
    #[arg(short = 't', long, value_name = "TOKEN")]
    pub(super) kubernetes_bootstrap_token: Option<String>,

    /// Take the secrets out of a Talos control-plane configuration, or `-` for standard input
    #[arg(long, value_name = "FILE", conflicts_with_all = ["fleet", "jobs", "json"])]
    pub(super) from_controlplane_config: Option<Location>,

    /// The form of what is written
    #[arg(
        long,
        visible_alias = "output-format",
        value_enum,
        default_value_t,
        value_name = "FORMAT"
    )]
    pub(super) format: BundleFormat,

    /// Print what became of each cluster of a fleet as JSON; `talos-pki explain --schema=fleet`
    /// describes it
    #[arg(long, requires = "fleet")]
    pub(super) json: bool,

    #[command(flatten)]
    pub(super) beginning: Beginning,

    #[command(flatten)]
    pub(super) fleet: FleetArguments,

    #[command(flatten)]
    pub(super) custom: CustomAuthorities,

    #[command(flatten)]
    pub(super) judgement: Judgement,
}

/// When the certificates that are made begin. It is not `--now`: who judges by another moment does
/// not want a CA that no node accepts today.
#[derive(Debug, Args)]
pub(super) struct Beginning {
    /// Let the certificates that are made begin at this earlier moment, not now, as 2026-01-01: for
    /// nodes with slow clocks; they end as if they began now
    #[arg(long, value_name = "MOMENT", value_parser = duration::parse_moment)]
    not_before: Option<Timestamp>,
}

impl Beginning {
    /// When certificates are made: by the clock, or, where a beginning is given, when `judgement`
    /// judges.
    pub(super) fn issue_time(&self, judgement: &Judgement) -> Result<IssueTime, CommandError> {
        let now = Timestamp::now();
        let Some(not_before) = self.not_before else {
            return Ok(IssueTime::at(now));
        };
        let issue_time = IssueTime::at(judgement.now.unwrap_or(now));
        let begun = issue_time.beginning_at(not_before);
        begun.map_err(|error| CommandError::Settings(format!("--not-before: {error}")))
    }

    /// The flag, as one of those that decide what is in the folder of a cluster of a fleet.
    pub(super) fn setting(&self) -> (&'static str, String) {
        ("not-before", format!("{:?}", self.not_before))
    }
}

/// How to read and how to judge.
#[derive(Debug, Args)]
#[command(next_help_heading = "Judgement")]
pub(super) struct Judgement {
    /// Let a rule through that would refuse, as a warning (repeatable)
    #[arg(long, value_name = "RULE")]
    pub(super) allow: Vec<String>,

    /// Show notes, not errors and warnings alone
    #[arg(long)]
    pub(super) notes: bool,

    /// Warn of a CA that ends within this time, such as 90d or 1y
    #[arg(long, value_name = "TIME", default_value = "1y", value_parser = duration::parse)]
    pub(super) expires_within: SignedDuration,

    /// Judge by this moment instead of the clock, as 2027-01-01 or 2027-01-01T12:00:00Z
    #[arg(long, value_name = "MOMENT", value_parser = duration::parse_moment)]
    pub(super) now: Option<Timestamp>,

    /// The distribution, by whose names files are told apart
    #[arg(long, value_parser = layout(), default_value = "auto", value_name = "LAYOUT")]
    pub(super) layout: Layout,

    /// A file with the passphrase of encrypted keys (or set TALOS_PKI_PASSPHRASE)
    #[arg(long, value_name = "FILE")]
    pub(super) passphrase_file: Option<PathBuf>,

    #[command(flatten)]
    pub(super) manifests: ManifestArguments,
}

impl Judgement {
    /// The files with what opens others.
    pub(super) fn files(&self) -> impl Iterator<Item = &Path> {
        let certificate_key = self.manifests.certificate_key_file.as_deref();
        self.passphrase_file
            .as_deref()
            .into_iter()
            .chain(certificate_key)
    }
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  talos-pki explain
  talos-pki explain subordinate-ca")]
pub(super) struct ExplainArguments {
    /// The rule; without one, all are listed
    pub(super) rule: Option<String>,

    /// Print the page of all rules in Markdown
    #[arg(long, conflicts_with = "rule")]
    pub(super) markdown: bool,

    /// Print the JSON schema of a report
    #[arg(
        long,
        value_enum,
        value_name = "REPORT",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "scan",
        conflicts_with_all = ["rule", "markdown"]
    )]
    pub(super) schema: Option<ReportKind>,
}

/// Reports that programs read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum ReportKind {
    /// `config info --format json`
    ConfigInfo,
    /// `convert`: the report.json that it writes
    Convert,
    /// The JSON of `--fleet`
    Fleet,
    /// `scan --format json`
    Scan,
    /// `validate --format json`
    Validate,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(super) enum ReportFormat {
    /// For a person
    #[default]
    Text,
    /// For a program; `talos-pki explain --schema=REPORT` describes it
    Json,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(super) enum BundleFormat {
    /// As `talosctl gen secrets` writes it, and `terraform import talos_machine_secrets.NAME` takes it
    #[default]
    Yaml,
    /// On one line, with the names that Go's fields have
    Json,
    /// The Secret of Cluster API's bootstrap provider for Talos; --cluster names the Cluster
    CapiSecret,
    /// A Secret with the bundle in it as `secrets.yaml`; --cluster may name it
    KubernetesSecret,
}

/// The layouts by their names.
fn layout() -> impl TypedValueParser<Value = Layout> {
    let choices = Layout::choices().map(|(name, about)| PossibleValue::new(name).help(about));
    PossibleValuesParser::new(choices).map(|name| Layout::named(&name).unwrap_or_default())
}

/// An empty version is the current one, as with talosctl.
pub(super) fn contract(text: &str) -> Result<Contract, String> {
    if text.is_empty() {
        return Ok(Contract::default());
    }
    text.parse::<Contract>().map_err(|error| error.to_string())
}
