//! `talos-pki convert`.

mod arguments;
mod writing;

use std::path::{Path, PathBuf};

use jiff::Timestamp;

use self::writing::{Output, files, program_report, shown_folder};
use super::earlier::{ANY_BUNDLE, BUNDLE, EarlierRun};
use super::fleet::{self, Reading, Task, Work};
use super::printer::Printer;
use super::{
    CommandError, Outcome, allowed_rules, custom, progress, refuse_without_machine_config, scan,
};
use crate::check::{self, Findings, Rule, TokenChoice};
use crate::cluster::{self, Cluster, Disagreement};
use crate::convert::migration::{self, ControlPlane, Plan, TokenToCheck, Wishes};
use crate::fleet::{Member, Summary};
use crate::layout::Layout;
use crate::pki::{IssueTime, Secret};
use crate::report;
use crate::report::migration::MigrationReport;
use crate::settings::{ClusterInfoError, Component, Settings, cluster_info_in};
use crate::source::{self, SourceFile, Tree};

pub(super) use self::arguments::ConvertArguments;

pub(super) fn run(
    arguments: &ConvertArguments,
    printer: &mut Printer,
) -> Result<Outcome, CommandError> {
    let contract = arguments.talos_version;
    refuse_without_machine_config(contract)?;
    arguments.machine.refuse_kubespan_alone()?;
    let allowed = allowed_rules(&arguments.judgement.allow)?;
    let issue_time = arguments.beginning.issue_time(&arguments.judgement)?;
    if let Some(fleet) = &arguments.fleet.fleet {
        return run_fleet(fleet, arguments, &allowed, issue_time, printer);
    }
    let output = match &arguments.output {
        Some(folder) if !arguments.dry_run => Some(Output::of(folder, arguments)?),
        _ => None,
    };
    let (cluster, settings, disagreements) = read(arguments)?;
    let judged = judge(arguments, &cluster, &settings, &allowed)?;
    let Judged {
        findings,
        plan,
        now,
    } = &judged;
    let shown = report::findings(findings, arguments.judgement.notes);
    if !shown.is_empty() {
        printer.words(&format!("{shown}\n"));
    }
    printer.words(&report::disagreements(&disagreements));
    if arguments.json {
        let report = MigrationReport {
            cluster: &cluster,
            settings: &settings,
            findings,
            plan,
            contract,
            made: None,
            client: None,
            now: *now,
            folder: "",
            files: &[],
        };
        printer.report(&program_report(&report)?)?;
    }
    let possible = judged.is_possible() && disagreements.is_empty();
    // Where a runbook is written, it says what to do.
    let is_told_elsewhere = arguments.json || (possible && output.is_some());
    if arguments.judgement.notes || !is_told_elsewhere {
        printer.words(&report::plan(plan, arguments.judgement.notes));
    }
    if !possible {
        printer.words("Nothing was written\n");
        return Ok(Outcome::Refused);
    }
    if arguments.dry_run
        && arguments.force
        && let Some(folder) = &arguments.output
    {
        EarlierRun::refuse_another(folder, &[BUNDLE], &cluster)?;
    }
    if let Some(output) = output {
        let files = progress::during("generating keys", || {
            files(
                arguments,
                &cluster,
                &settings,
                judged,
                issue_time,
                output.folder(),
                output.earlier(),
            )
        })?;
        output.write(&files, printer)?;
        printer.words(&files.summary);
    }
    Ok(Outcome::Done)
}

fn run_fleet(
    path: &Path,
    arguments: &ConvertArguments,
    allowed: &[&'static Rule],
    issue_time: IssueTime,
    printer: &mut Printer,
) -> Result<Outcome, CommandError> {
    let folder = arguments.output.as_deref();
    let output = folder.filter(|_| !arguments.dry_run);
    let task = Task {
        fleet: path,
        arguments: &arguments.fleet,
        judgement: &arguments.judgement,
        command: "convert",
        closer_look: "talos-pki convert --dry-run",
        settings: arguments.settings(),
        notebook: Some(report::migration::RUNBOOK),
        output: output.map(|folder| (folder, arguments.force)),
        json: arguments.json,
    };
    let work = |member: &Member<'_>, tree: Tree, reading: &Reading| {
        let look = |tree: &Tree| look(tree, arguments.judgement.layout);
        let (cluster, settings, disagreements) = join(reading.nodes(tree, look)?)?;
        let judged = judge(arguments, &cluster, &settings, allowed)?;
        let summary = Summary::of(&cluster, &judged.findings);
        if !judged.findings.is_sound() {
            return Ok(Work::refused(summary, &judged.findings));
        }
        let disagreement = disagreements
            .first()
            .map(|found| format!("control planes do not agree: {}", found.what));
        if let Some(reason) = judged.refusal().or(disagreement) {
            return Ok(Work::refused_because(summary, reason));
        }
        let Some(folder) = folder.map(|folder| folder.join(member.name())) else {
            return Ok(Work::done(summary, Vec::new()));
        };
        if arguments.dry_run {
            if arguments.force {
                EarlierRun::refuse_another(&folder, ANY_BUNDLE, &cluster)?;
            }
            return Ok(Work::done(summary, Vec::new()));
        }
        let files = files(
            arguments,
            &cluster,
            &settings,
            judged,
            issue_time,
            &shown_folder(&folder),
            EarlierRun::in_folder(&folder, ANY_BUNDLE)?.as_ref(),
        )?;
        Ok(Work::done(summary, files.files))
    };
    fleet::run(&task, work, printer)
}

/// What the rules say, and what becomes of everything.
struct Judged {
    findings: Findings,
    plan: Plan,
    now: Timestamp,
}

impl Judged {
    fn is_possible(&self) -> bool {
        self.findings.is_sound() && self.plan.is_possible()
    }

    /// What cannot be converted, and why, if there is such a setting.
    fn refusal(&self) -> Option<String> {
        self.plan.items.iter().find_map(|item| match &item.outcome {
            migration::Outcome::Refused { why, .. } => Some(format!("{}: {why}", item.what)),
            _ => None,
        })
    }
}

fn judge(
    arguments: &ConvertArguments,
    cluster: &Cluster,
    settings: &Settings,
    allowed: &[&'static Rule],
) -> Result<Judged, CommandError> {
    let token = arguments.token();
    let choice = match token {
        Some(token) => TokenChoice::of_given(token),
        None => TokenChoice::Generated,
    };
    let context = scan::context(&arguments.judgement, choice, false);
    let findings = check::check(cluster, &context, allowed);
    let wishes = Wishes {
        contract: arguments.talos_version,
        name: arguments.name.clone(),
        endpoint: arguments.endpoint.clone(),
        has_token: token.is_some(),
        tokens_to_check: tokens_to_check(arguments)?,
        now: context.now,
    };
    Ok(Judged {
        findings,
        plan: migration::plan(cluster, settings, &wishes),
        now: context.now,
    })
}

/// Reads the nodes for their trust and their settings: the cluster, how its first control plane is
/// run, and where the others are run otherwise.
fn read(
    arguments: &ConvertArguments,
) -> Result<(Cluster, Settings, Vec<Disagreement>), CommandError> {
    let judgement = &arguments.judgement;
    scan::refuse_twice(&arguments.paths)?;
    let mut nodes = Vec::new();
    for path in &arguments.paths {
        let look = |tree: &Tree| look(tree, judgement.layout);
        nodes.extend(scan::read_nodes(path, judgement, look)?);
    }
    let (mut cluster, mut settings, disagreements) = join(nodes)?;
    for path in &arguments.cluster_info {
        settings.add_cluster_info(&source::read_file(path)?)?;
    }
    custom::set(&mut cluster, &arguments.custom, judgement)?;
    Ok((cluster, settings, disagreements))
}

/// The settings in the files of a node, and what they tell of the running cluster.
fn look(tree: &Tree, layout: Layout) -> (Settings, Option<SourceFile>) {
    let settings = Settings::read(tree, layout.manifests());
    (settings, cluster_info_in(tree).cloned())
}

/// The cluster that nodes are, how its first control plane is run, and where the others are run
/// otherwise.
fn join(
    nodes: Vec<(Cluster, Settings, Option<SourceFile>)>,
) -> Result<(Cluster, Settings, Vec<Disagreement>), ClusterInfoError> {
    let (nodes, told): (Vec<_>, Vec<_>) = nodes
        .into_iter()
        .map(|(cluster, settings, told)| ((cluster, settings), told))
        .unzip();
    let disagreements = disagreements(&nodes);
    let (clusters, mut settings): (Vec<_>, Vec<Settings>) = nodes.into_iter().unzip();
    // A host of etcd alone does not tell how the API server is run.
    let has_api_server = |node: &Settings| node.component(Component::ApiServer).is_some();
    let first = settings.iter().position(has_api_server).unwrap_or_default();
    let mut others = settings.split_off(first);
    let mut settings = others.remove(0);
    others.retain(has_api_server);
    settings.others = others;
    for file in told.iter().flatten() {
        settings.add_cluster_info(file)?;
    }
    Ok((cluster::join(clusters), settings, disagreements))
}

fn disagreements(nodes: &[(Cluster, Settings)]) -> Vec<Disagreement> {
    let places: Vec<&str> = nodes.iter().map(|(node, _)| node.name.as_str()).collect();
    let names = cluster::node_names(&places);
    let planes = names.iter().zip(nodes);
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
