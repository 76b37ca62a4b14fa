//! `talos-pki convert`.

use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;
use getrandom::SysRng;

use super::arguments::{CustomAuthorities, Judgement, contract};
use super::gen_config::{MachineArguments, endpoint, talosconfig};
use super::output::Destination;
use super::printer::Printer;
use super::{CommandError, Outcome, allowed_rules, gen_secrets, progress, scan};
use crate::check::{self, Findings, TokenChoice};
use crate::cluster::Cluster;
use crate::convert::migration::{self, ControlPlane, Disagreement, Plan, TokenToCheck, Wishes};
use crate::convert::{self, BundleSettings, MadeBundle};
use crate::pki::Secret;
use crate::report;
use crate::report::migration::{
    self as migration_report, CONTROL_PLANE_PATCH, MigrationReport, PAGE, PROGRAM_REPORT, RUNBOOK,
    TOKEN_MANIFEST, WORKER_PATCH,
};
use crate::settings::Settings;
use crate::source;
use crate::talos::machine_config::{self, Aescbc, ClusterSettings, MachineType};
use crate::talos::{BootstrapToken, Contract, Endpoint, random};

/// Convert a whole kubeadm cluster: bundle, configurations, and what is left to do
///
/// Reads the PKI, the manifests of the control plane, kubeadm's and kubelet's configurations and
/// the files that flags name, and writes what Talos needs to join: encryption at rest, service
/// accounts, networks and flags as they are. Everything that was read is accounted for. Nothing is
/// written if something would break.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  talos-pki convert /etc/kubernetes -o migration
  talos-pki convert backup.tar.gz -o migration --talos-version v1.13 --dry-run
  kubectl -n kube-system get configmaps,secrets -o yaml > info.yaml
  talos-pki convert /etc/kubernetes --cluster-info info.yaml -o migration
  talos-pki convert /etc/kubernetes -o migration --patches")]
pub(super) struct ConvertArguments {
    /// The /etc/kubernetes of a control plane: a folder, a tar archive, or `-`; of several control
    /// planes, the first is converted, and the others must agree
    #[arg(value_name = "PATH", required = true)]
    paths: Vec<String>,

    /// The folder to write to
    #[arg(
        short,
        long,
        value_name = "FOLDER",
        required_unless_present = "dry_run"
    )]
    output: Option<PathBuf>,

    /// Overwrite existing files
    #[arg(short, long)]
    force: bool,

    /// Write no complete configurations, but patches for `talosctl gen config`
    #[arg(long)]
    patches: bool,

    /// Write nothing: tell what would become of everything
    #[arg(long)]
    dry_run: bool,

    /// The Talos version of the machines
    #[arg(long, value_name = "VERSION", default_value_t, value_parser = contract)]
    talos_version: Contract,

    /// The name of the cluster, if it is not to be the one that is found
    #[arg(long, value_name = "NAME")]
    name: Option<String>,

    /// The URL of the Kubernetes API, if it is not to be the one that is found
    #[arg(long, value_name = "URL", value_parser = endpoint)]
    endpoint: Option<Endpoint>,

    /// A bootstrap token that the cluster knows, as `kubeadm token create --ttl 0` prints it
    #[arg(short = 't', long, value_name = "TOKEN")]
    kubernetes_bootstrap_token: Option<String>,

    /// What `kubectl get … -o yaml` said: ConfigMaps and bootstrap tokens (repeatable)
    #[arg(long, value_name = "FILE")]
    cluster_info: Vec<PathBuf>,

    /// A file with a token of a service account that has to be accepted afterwards (repeatable)
    #[arg(long, value_name = "FILE")]
    check_token: Vec<PathBuf>,

    #[command(flatten)]
    machine: MachineArguments,

    #[command(flatten)]
    custom: CustomAuthorities,

    #[command(flatten)]
    judgement: Judgement,
}

pub(super) fn run(
    arguments: &ConvertArguments,
    printer: &mut Printer,
) -> Result<Outcome, CommandError> {
    let contract = arguments.talos_version;
    if !contract.has_known_machine_config() {
        return Err(CommandError::Settings(format!(
            "--talos-version {contract}: configurations are written for Talos {} and later",
            Contract::OLDEST_MACHINE_CONFIG
        )));
    }
    let allowed = allowed_rules(&arguments.judgement.allow)?;
    let output = match &arguments.output {
        Some(folder) if !arguments.dry_run => Some(Output::of(folder, arguments)?),
        _ => None,
    };
    let mut planes = arguments
        .paths
        .iter()
        .map(|path| read(path, arguments))
        .collect::<Result<Vec<_>, CommandError>>()?;
    let disagreements = disagreements(&arguments.paths, &planes);
    if !disagreements.is_empty() {
        printer.words(&report::disagreements(&disagreements));
        printer.words("Nothing was written\n");
        return Ok(Outcome::Refused);
    }
    let (cluster, settings) = planes.swap_remove(0);
    let token = token(arguments);
    let choice = match token {
        Some(token) => TokenChoice::Given {
            well_formed: random::is_token(token),
        },
        None => TokenChoice::Generated,
    };
    let context = scan::context(&arguments.judgement, choice, false);
    let findings = check::check(&cluster, &context, &allowed);
    let wishes = Wishes {
        contract,
        name: arguments.name.clone(),
        endpoint: arguments.endpoint.clone(),
        has_token: token.is_some(),
        tokens_to_check: tokens_to_check(arguments)?,
        now: context.now,
    };
    let plan = migration::plan(&cluster, &settings, &wishes);
    let shown = report::findings(&findings, arguments.judgement.notes);
    if !shown.is_empty() {
        printer.words(&format!("{shown}\n"));
    }
    let possible = findings.is_sound() && plan.is_possible();
    // Where a runbook is written, it says what to do.
    if arguments.judgement.notes || !possible || output.is_none() {
        printer.words(&report::plan(&plan, arguments.judgement.notes));
    }
    if !possible {
        printer.words("Nothing was written\n");
        return Ok(Outcome::Refused);
    }
    if let Some(output) = output {
        write(
            arguments, &cluster, &settings, &findings, plan, &output, printer,
        )?;
    }
    Ok(Outcome::Done)
}

/// Reads a source for its trust and its settings.
fn read(path: &str, arguments: &ConvertArguments) -> Result<(Cluster, Settings), CommandError> {
    let judgement = &arguments.judgement;
    let (mut cluster, mut settings) = scan::read(path, judgement, Settings::read)?;
    for path in &arguments.cluster_info {
        settings.add_cluster_info(&source::read_file(path)?);
    }
    gen_secrets::set_custom(&mut cluster, &arguments.custom, judgement)?;
    Ok((cluster, settings))
}

fn disagreements(paths: &[String], planes: &[(Cluster, Settings)]) -> Vec<Disagreement> {
    let planes = paths.iter().zip(planes);
    let planes: Vec<_> = planes
        .map(|(name, (cluster, settings))| ControlPlane {
            name,
            cluster,
            settings,
        })
        .collect();
    migration::disagreements(&planes)
}

fn tokens_to_check(arguments: &ConvertArguments) -> Result<Vec<TokenToCheck>, CommandError> {
    let read = |path: &PathBuf| {
        let file = source::read_file(path)?;
        Ok(TokenToCheck {
            file: file.path.clone(),
            token: Secret::new(String::from_utf8_lossy(&file.bytes).into_owned()),
        })
    };
    arguments.check_token.iter().map(read).collect()
}

/// talosctl takes an empty token for none.
fn token(arguments: &ConvertArguments) -> Option<&String> {
    let token = arguments.kubernetes_bootstrap_token.as_ref();
    token.filter(|token| !token.is_empty())
}

/// Where the files go.
struct Output {
    folder: String,
    secrets: Destination,
    control_plane: Destination,
    worker: Destination,
    /// Beside patches there is none: `talosctl gen config` makes one.
    talosconfig: Option<Destination>,
    bootstrap_token: Destination,
    runbook: Destination,
    page: Destination,
    program_report: Destination,
}

impl Output {
    /// The files in `folder`, which is made if it is not there. Files in the way are found before
    /// anything else is done.
    fn of(folder: &Path, arguments: &ConvertArguments) -> Result<Self, CommandError> {
        fs::create_dir_all(folder).map_err(|error| CommandError::Output {
            what: format!("cannot make the folder `{}`: {error}", folder.display()),
        })?;
        let file =
            |name: &str| Destination::of(&folder.join(name).to_string_lossy(), arguments.force);
        let [control_plane, worker] = config_names(arguments.patches);
        let talosconfig = (!arguments.patches).then(|| file("talosconfig"));
        Ok(Self {
            folder: format!("{}/", folder.display()).replace("//", "/"),
            secrets: file("secrets.yaml")?,
            control_plane: file(control_plane)?,
            worker: file(worker)?,
            talosconfig: talosconfig.transpose()?,
            bootstrap_token: file(TOKEN_MANIFEST)?,
            runbook: file(RUNBOOK)?,
            page: file(PAGE)?,
            program_report: file(PROGRAM_REPORT)?,
        })
    }
}

fn write(
    arguments: &ConvertArguments,
    cluster: &Cluster,
    settings: &Settings,
    findings: &Findings,
    plan: Plan,
    output: &Output,
    printer: &mut Printer,
) -> Result<(), CommandError> {
    let now = arguments.judgement.now.unwrap_or_else(jiff::Timestamp::now);
    let (Some(approval), Some(endpoint), Some(kubernetes_version)) = (
        findings.approval(),
        plan.endpoint.clone(),
        plan.kubernetes_version.clone(),
    ) else {
        return Err(CommandError::Settings(
            "the endpoint and the version of Kubernetes have to be known; give the /etc/kubernetes \
             of a control plane"
                .to_owned(),
        ));
    };
    let made = progress::during("generating keys", || {
        let settings = BundleSettings {
            contract: arguments.talos_version,
            bootstrap_token: token(arguments).cloned().map(Secret::new),
            encryption: plan.encryption.clone(),
            now,
        };
        convert::bundle(cluster, &approval, &settings, &mut SysRng)
    })?;
    let brings_token = lacks_token(&made, settings);
    let reports = Reports::of(&MigrationReport {
        cluster,
        settings,
        findings,
        plan: &plan,
        contract: arguments.talos_version,
        made: Some(&made),
        now,
        folder: &output.folder,
        files: &file_names(arguments.patches, brings_token),
    })?;
    let machine = &arguments.machine;
    let cluster_settings = ClusterSettings {
        contract: arguments.talos_version,
        name: plan.name,
        endpoint,
        kubernetes_version,
        additional_sans: machine.additional_sans.clone(),
        dns_domain: plan.dns_domain,
        install_disk: machine.install_disk.clone(),
        install_image: machine.install_image.clone(),
        discovery: machine.with_cluster_discovery,
        kube_span: machine.with_kubespan.filter(|enabled| *enabled),
        aescbc: Aescbc::Keep,
        kubernetes: plan.kubernetes,
    };
    let bundle = &made.bundle;
    let config = |machine| {
        if arguments.patches {
            return machine_config::to_secret_patch(bundle, &cluster_settings, machine);
        }
        Ok(machine_config::to_secret_yaml(
            bundle,
            &cluster_settings,
            machine,
        ))
    };
    let mut files = vec![
        (&output.secrets, bundle.to_secret_yaml()),
        (&output.control_plane, config(MachineType::ControlPlane)?),
        (&output.worker, config(MachineType::Worker)?),
    ];
    if let Some(destination) = &output.talosconfig {
        files.push((destination, talosconfig(bundle, &cluster_settings, now)?));
    }
    if brings_token {
        let token = BootstrapToken::of(&bundle.bootstrap_token);
        files.extend(token.map(|token| (&output.bootstrap_token, token.to_secret_manifest())));
    }
    files.extend([
        (&output.runbook, reports.runbook),
        (&output.page, reports.page),
        (&output.program_report, reports.program_report),
    ]);
    for (destination, data) in files {
        destination.write(data.expose().as_bytes(), printer)?;
    }
    printer.words(&reports.summary);
    Ok(())
}

/// The names of what is for control planes and what is for workers.
fn config_names(patches: bool) -> [&'static str; 2] {
    if patches {
        [CONTROL_PLANE_PATCH, WORKER_PATCH]
    } else {
        ["controlplane.yaml", "worker.yaml"]
    }
}

/// The names of the files, in the order in which they are written.
fn file_names(patches: bool, brings_token: bool) -> Vec<&'static str> {
    let mut names = vec!["secrets.yaml"];
    names.extend(config_names(patches));
    names.extend((!patches).then_some("talosconfig"));
    names.extend(brings_token.then_some(TOKEN_MANIFEST));
    names.extend([RUNBOOK, PAGE, PROGRAM_REPORT]);
    names
}

/// What tells of a migration. It has no secret in it, and its files are written like those that have.
struct Reports {
    runbook: Secret<String>,
    page: Secret<String>,
    program_report: Secret<String>,
    summary: String,
}

impl Reports {
    fn of(report: &MigrationReport<'_>) -> Result<Self, CommandError> {
        let json = serde_json::to_string_pretty(&migration_report::json(report));
        let json = json.map_err(|error| CommandError::Output {
            what: format!("{PROGRAM_REPORT}: {error}"),
        })?;
        Ok(Self {
            runbook: Secret::new(migration_report::runbook(report)),
            page: Secret::new(migration_report::html(report)),
            program_report: Secret::new(json + "\n"),
            summary: migration_report::summary(report),
        })
    }
}

/// Whether the cluster does not know the token of the bundle. Whoever gives one by hand says that
/// it does, unless the cluster itself says otherwise.
fn lacks_token(made: &MadeBundle, settings: &Settings) -> bool {
    let token = made.bundle.bootstrap_token.expose();
    let is_given = made.given.iter().any(|part| part == "bootstrap token");
    match &settings.bootstrap_tokens {
        Some(known) => !known.iter().any(|known| known.expose() == token),
        None => !is_given,
    }
}
