//! The flags of `convert`.

use std::path::{Path, PathBuf};

use clap::Args;

use crate::cli::arguments::{Beginning, Judgement, contract};
use crate::cli::custom::CustomAuthorities;
use crate::cli::fleet::{FleetArguments, Settings};
use crate::cli::gen_config::{MachineArguments, endpoint};
use crate::talos::{Contract, Endpoint};

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  talos-pki convert /etc/kubernetes -o migration
  talos-pki convert backup.tar.gz -o migration --talos-version v1.13 --dry-run
  kubectl -n kube-system get configmaps,secrets -o yaml > info.yaml
  talos-pki convert /etc/kubernetes --cluster-info info.yaml -o migration
  talos-pki convert /etc/kubernetes -o migration --patches
  kubectl get nodes -o yaml > nodes.yaml
  talos-pki convert k3s-server.tar --cluster-info nodes.yaml -o migration
  talos-pki convert --fleet backups -o migrations")]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a flag of the command line"
)]
pub(in crate::cli) struct ConvertArguments {
    /// The /etc/kubernetes of each control plane, or what a distribution has in its place: a folder,
    /// a tar archive, or `-`; the nodes have to agree, and the settings of the first are converted
    #[arg(
        value_name = "PATH",
        required_unless_present = "fleet",
        conflicts_with_all = ["fleet", "jobs"]
    )]
    pub(super) paths: Vec<String>,

    /// The folder to write to; with --fleet, one with a folder for each cluster
    #[arg(
        short,
        long,
        value_name = "FOLDER",
        required_unless_present = "dry_run"
    )]
    pub(super) output: Option<PathBuf>,

    /// Overwrite existing files, but keep the keys in a `secrets.yaml` among them that the cluster
    /// does not have; with --fleet, make anew what has changed since it was made
    #[arg(short, long)]
    pub(super) force: bool,

    /// Write no complete configurations, but patches for `talosctl gen config`
    #[arg(long)]
    pub(super) patches: bool,

    /// Print what becomes of everything as JSON; `talos-pki explain --schema=convert` describes it,
    /// or --schema=fleet that of a fleet
    #[arg(long)]
    pub(super) json: bool,

    /// Write nothing: tell what would become of everything
    #[arg(long)]
    pub(super) dry_run: bool,

    /// The Talos version of the machines
    #[arg(long, value_name = "VERSION", default_value_t, value_parser = contract)]
    pub(super) talos_version: Contract,

    /// The name of the cluster, if it is not to be the one that is found
    #[arg(long, value_name = "NAME", conflicts_with = "fleet")]
    pub(super) name: Option<String>,

    /// The URL of the Kubernetes API, if it is not to be the one that is found
    #[arg(long, value_name = "URL", value_parser = endpoint, conflicts_with = "fleet")]
    pub(super) endpoint: Option<Endpoint>,

    /// A bootstrap token that the cluster knows, as `kubeadm token create --ttl 0` prints it
    #[arg(short = 't', long, value_name = "TOKEN")]
    pub(super) kubernetes_bootstrap_token: Option<String>,

    /// What `kubectl get … -o yaml` said: ConfigMaps, bootstrap tokens, Nodes (repeatable); a file
    /// `cluster-info.yaml` at the top of the source is read without it
    #[arg(long, value_name = "FILE", conflicts_with = "fleet")]
    pub(super) cluster_info: Vec<PathBuf>,

    /// A file with a token of a service account that has to be accepted afterwards (repeatable)
    #[arg(long, value_name = "FILE", conflicts_with = "fleet")]
    pub(super) check_token: Vec<PathBuf>,

    #[command(flatten)]
    pub(super) beginning: Beginning,

    #[command(flatten)]
    pub(super) fleet: FleetArguments,

    #[command(flatten)]
    pub(super) machine: MachineArguments,

    #[command(flatten)]
    pub(super) custom: CustomAuthorities,

    #[command(flatten)]
    pub(super) judgement: Judgement,
}

impl ConvertArguments {
    /// The flags that decide what is in the folder of a cluster of a fleet.
    pub(super) fn settings(&self) -> Settings {
        let Self {
            paths: _,
            output: _,
            force: _,
            patches,
            json: _,
            dry_run: _,
            talos_version,
            name: _,
            endpoint: _,
            kubernetes_bootstrap_token,
            cluster_info: _,
            check_token: _,
            beginning,
            fleet: _,
            machine,
            custom: _,
            judgement,
        } = self;
        let mut settings = judgement.settings();
        settings.extend([
            beginning.setting(),
            ("patches", patches.to_string()),
            ("talos-version", talos_version.to_string()),
            (
                "kubernetes-bootstrap-token",
                format!("{kubernetes_bootstrap_token:?}"),
            ),
            ("machine", format!("{machine:?}")),
        ]);
        settings
    }

    /// Everything that is read.
    pub(super) fn files(&self) -> Vec<&Path> {
        let sources = self.paths.iter().map(Path::new);
        let beside = self.cluster_info.iter().chain(&self.check_token);
        let sources = sources.chain(beside.map(PathBuf::as_path));
        let files = self.custom.files().chain(self.judgement.files());
        sources.chain(files).collect()
    }

    /// The bootstrap token that was given. talosctl takes an empty one for none.
    pub(super) fn token(&self) -> Option<&String> {
        let token = self.kubernetes_bootstrap_token.as_ref();
        token.filter(|token| !token.is_empty())
    }
}
