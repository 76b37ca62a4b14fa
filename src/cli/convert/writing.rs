//! The files that `convert` writes.

use std::path::{Path, PathBuf};

use getrandom::SysRng;

use super::Judged;
use super::arguments::ConvertArguments;
use crate::cli::CommandError;
use crate::cli::earlier::{BUNDLE, CONTROL_PLANE, EarlierRun};
use crate::cli::gen_config::talosconfig;
use crate::cli::output::{Destination, write_all};
use crate::cli::output_folder::OutputFolder;
use crate::cli::printer::Printer;
use crate::cluster::Cluster;
use crate::convert::{self, BundleSettings, MadeBundle};
use crate::pki::{IssueTime, Secret};
use crate::report;
use crate::report::migration::{
    self as migration_report, CONTROL_PLANE_PATCH, MigrationReport, PAGE, PROGRAM_REPORT, RUNBOOK,
    TALOSCONFIG, TOKEN_MANIFEST, WORKER_PATCH,
};
use crate::settings::Settings;
use crate::talos::BootstrapToken;
use crate::talos::machine_config::{self, Aescbc, ClusterSettings, MachineType};

/// Where the files of one cluster go, each by its name.
pub(super) struct Output {
    _made: OutputFolder,
    path: PathBuf,
    folder: String,
    destinations: Vec<(&'static str, Destination)>,
    /// What is written over.
    earlier: Option<EarlierRun>,
}

impl Output {
    /// The files in `folder`, which is made if it is not there. Files in the way are found before
    /// anything else is done.
    pub(super) fn of(folder: &Path, arguments: &ConvertArguments) -> Result<Self, CommandError> {
        let made = OutputFolder::of(folder)?;
        let read = arguments.files();
        let destination = |name: &'static str| {
            let path = folder.join(name);
            Ok((
                name,
                Destination::of(&path.to_string_lossy(), arguments.force, &read)?,
            ))
        };
        // Whether a bootstrap token has to be brought along turns out later.
        let names = file_names(arguments.patches, true).into_iter();
        let destinations = names
            .map(destination)
            .collect::<Result<_, CommandError>>()?;
        Ok(Self {
            _made: made,
            path: folder.to_owned(),
            folder: shown_folder(folder),
            destinations,
            earlier: EarlierRun::in_folder(folder, &[BUNDLE])?,
        })
    }

    /// The folder as reports name it.
    pub(super) fn folder(&self) -> &str {
        &self.folder
    }

    /// The earlier run, whose keys nodes may have.
    pub(super) fn earlier(&self) -> Option<&EarlierRun> {
        self.earlier.as_ref()
    }

    /// Writes `files`.
    pub(super) fn write(&self, files: &Files, printer: &mut Printer) -> Result<(), CommandError> {
        let placed = files.files.iter().filter_map(|(name, data)| {
            let mut destinations = self.destinations.iter();
            let (_, destination) = destinations.find(|(other, _)| other == name)?;
            Some((destination, data.expose().as_bytes()))
        });
        write_all(placed, printer)?;
        self.tell_left(files, printer);
        Ok(())
    }

    /// Says which files there are by which an earlier run, with other flags, told to go on.
    fn tell_left(&self, files: &Files, printer: &mut Printer) {
        let is_written = |name: &str| files.files.iter().any(|(written, _)| *written == name);
        let mut left = Vec::new();
        for name in [false, true]
            .into_iter()
            .flat_map(|patches| file_names(patches, true))
        {
            if !is_written(name) && !left.contains(&name) && self.path.join(name).exists() {
                left.push(name);
            }
        }
        if !left.is_empty() {
            printer.words(&report::warning(&format!(
                "{} in {} not made by this run: move away what is left of an earlier one, so that nobody \
                 applies it",
                left.join(", "),
                if left.len() == 1 { format!("{} was", self.folder) } else { format!("{} were", self.folder) },
            )));
        }
    }
}

/// A folder as reports name it.
pub(super) fn shown_folder(folder: &Path) -> String {
    format!("{}/", folder.display()).replace("//", "/")
}

/// What a cluster is converted to.
pub(super) struct Files {
    /// The files, by name.
    pub(super) files: Vec<(&'static str, Secret<String>)>,
    /// What is told of it in the end.
    pub(super) summary: String,
}

/// Makes the bundle, and of it the files for `folder`.
pub(super) fn files(
    arguments: &ConvertArguments,
    cluster: &Cluster,
    settings: &Settings,
    judged: Judged,
    issue_time: IssueTime,
    folder: &str,
    earlier: Option<&EarlierRun>,
) -> Result<Files, CommandError> {
    let Judged {
        findings,
        plan,
        now,
    } = judged;
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
    let bundle_settings = BundleSettings {
        contract: arguments.talos_version,
        bootstrap_token: arguments.token().cloned().map(Secret::new),
        encryption: plan.encryption.clone(),
        earlier: earlier.map(|run| run.made.clone()),
        issue_time,
    };
    let made = convert::bundle(cluster, &approval, &bundle_settings, &mut SysRng);
    let made = made.map_err(|error| EarlierRun::refusal(earlier, error))?;
    let brings_token = lacks_token(&made, settings);
    let talosconfig = (!arguments.patches)
        .then(|| talosconfig(&made.bundle, &plan.name, issue_time))
        .transpose()?;
    let reports = Reports::of(&MigrationReport {
        cluster,
        settings,
        findings: &findings,
        plan: &plan,
        contract: arguments.talos_version,
        made: Some(&made),
        client: talosconfig.as_ref().map(|(_, client)| client),
        now,
        folder,
        files: &file_names(arguments.patches, brings_token),
    })?;
    let machine = &arguments.machine;
    let cluster_settings = ClusterSettings {
        contract: arguments.talos_version,
        name: plan.name,
        endpoint,
        kubernetes_version,
        additional_sans: machine.additional_sans(),
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
    let [control_plane, worker] = config_names(arguments.patches);
    let mut files = vec![
        (BUNDLE, bundle.to_secret_yaml()),
        (control_plane, config(MachineType::ControlPlane)?),
        (worker, config(MachineType::Worker)?),
    ];
    files.extend(talosconfig.map(|(text, _)| (TALOSCONFIG, text)));
    if brings_token {
        let token = BootstrapToken::of(&bundle.bootstrap_token);
        files.extend(token.map(|token| (TOKEN_MANIFEST, token.to_secret_manifest())));
    }
    files.extend([
        (RUNBOOK, reports.runbook),
        (PAGE, reports.page),
        (PROGRAM_REPORT, reports.program_report),
    ]);
    Ok(Files {
        files,
        summary: reports.summary,
    })
}

/// The names of what is for control planes and what is for workers.
fn config_names(patches: bool) -> [&'static str; 2] {
    if patches {
        [CONTROL_PLANE_PATCH, WORKER_PATCH]
    } else {
        [CONTROL_PLANE, "worker.yaml"]
    }
}

/// The names of the files, in the order in which they are written.
fn file_names(patches: bool, brings_token: bool) -> Vec<&'static str> {
    let mut names = vec![BUNDLE];
    names.extend(config_names(patches));
    names.extend((!patches).then_some(TALOSCONFIG));
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
