//! `talos-pki convert`.

mod arguments;
mod writing;

use std::path::PathBuf;

use self::writing::{Output, program_report, write};
use super::printer::Printer;
use super::{CommandError, Outcome, allowed_rules, gen_secrets, scan};
use crate::check::{self, TokenChoice};
use crate::cluster::{self, Cluster, Disagreement};
use crate::convert::migration::{self, ControlPlane, TokenToCheck, Wishes};
use crate::pki::Secret;
use crate::report;
use crate::report::migration::MigrationReport;
use crate::settings::{Component, Settings};
use crate::source;
use crate::talos::{Contract, random};

pub(super) use self::arguments::ConvertArguments;

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
    let (cluster, settings, disagreements) = read(arguments)?;
    let token = arguments.token();
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
    printer.words(&report::disagreements(&disagreements));
    if arguments.json {
        let report = MigrationReport {
            cluster: &cluster,
            settings: &settings,
            findings: &findings,
            plan: &plan,
            contract,
            made: None,
            now: context.now,
            folder: "",
            files: &[],
        };
        printer.report(&program_report(&report)?)?;
    }
    let possible = findings.is_sound() && plan.is_possible() && disagreements.is_empty();
    // Where a runbook is written, it says what to do.
    let is_told_elsewhere = arguments.json || (possible && output.is_some());
    if arguments.judgement.notes || !is_told_elsewhere {
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

/// Reads the nodes for their trust and their settings: the cluster, how its first control plane is
/// run, and where the others are run otherwise.
fn read(
    arguments: &ConvertArguments,
) -> Result<(Cluster, Settings, Vec<Disagreement>), CommandError> {
    let judgement = &arguments.judgement;
    scan::refuse_twice(&arguments.paths)?;
    let mut nodes = Vec::new();
    for path in &arguments.paths {
        nodes.extend(scan::read_nodes(path, judgement, Settings::read)?);
    }
    let disagreements = disagreements(&nodes);
    let (clusters, mut settings): (Vec<_>, Vec<Settings>) = nodes.into_iter().unzip();
    // A host of etcd alone does not tell how the API server is run.
    let has_api_server = |node: &Settings| node.component(Component::ApiServer).is_some();
    let first = settings.iter().position(has_api_server).unwrap_or_default();
    let mut settings = settings.swap_remove(first);
    for path in &arguments.cluster_info {
        settings.add_cluster_info(&source::read_file(path)?)?;
    }
    let mut cluster = cluster::join(clusters);
    gen_secrets::set_custom(&mut cluster, &arguments.custom, judgement)?;
    Ok((cluster, settings, disagreements))
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
