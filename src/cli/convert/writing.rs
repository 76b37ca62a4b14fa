//! The files that `convert` writes.

use std::path::Path;

use getrandom::SysRng;

use super::arguments::ConvertArguments;
use crate::check::Findings;
use crate::cli::gen_config::talosconfig;
use crate::cli::output::Destination;
use crate::cli::output_folder::OutputFolder;
use crate::cli::printer::Printer;
use crate::cli::{CommandError, progress};
use crate::cluster::Cluster;
use crate::convert::migration::Plan;
use crate::convert::{self, BundleSettings, MadeBundle};
use crate::pki::Secret;
use crate::report::migration::{
    self as migration_report, CONTROL_PLANE_PATCH, MigrationReport, PAGE, PROGRAM_REPORT, RUNBOOK,
    TOKEN_MANIFEST, WORKER_PATCH,
};
use crate::settings::Settings;
use crate::talos::BootstrapToken;
use crate::talos::machine_config::{self, Aescbc, ClusterSettings, MachineType};

/// Where the files go.
pub(super) struct Output {
    _made: OutputFolder,
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
    pub(super) fn of(folder: &Path, arguments: &ConvertArguments) -> Result<Self, CommandError> {
        let made = OutputFolder::of(folder)?;
        let file =
            |name: &str| Destination::of(&folder.join(name).to_string_lossy(), arguments.force);
        let [control_plane, worker] = config_names(arguments.patches);
        let talosconfig = (!arguments.patches).then(|| file("talosconfig"));
        Ok(Self {
            _made: made,
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

/// Makes the bundle, and writes everything.
pub(super) fn write(
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
            bootstrap_token: arguments.token().cloned().map(Secret::new),
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
        Ok(Self {
            runbook: Secret::new(migration_report::runbook(report)),
            page: Secret::new(migration_report::html(report)),
            program_report: Secret::new(program_report(report)?),
            summary: migration_report::summary(report),
        })
    }
}

/// The report for programs.
pub(super) fn program_report(report: &MigrationReport<'_>) -> Result<String, CommandError> {
    let json = serde_json::to_string_pretty(&migration_report::json(report));
    let json = json.map_err(|error| CommandError::Output {
        what: format!("{PROGRAM_REPORT}: {error}"),
    })?;
    Ok(json + "\n")
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
