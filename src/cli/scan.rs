//! `talos-pki scan`.

use std::fs;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::arguments::{Judgement, ReportFormat, ScanArguments};
use super::fleet::{self, Reading, Task, Work};
use super::printer::Printer;
use super::{CommandError, Outcome, allowed_rules, passphrase, progress};
use crate::check::{self, Context, Findings, Rule, TokenChoice};
use crate::cluster::{self, Cluster, Material};
use crate::fleet::{Member, Summary};
use crate::layout::{self, Layout, LayoutError};
use crate::manifest::{self, Choice};
use crate::pki::Secret;
use crate::report::{self, ScanReport};
use crate::settings::Settings;
use crate::source::{self, Location, Tree};
use crate::talos::Contract;

pub(super) fn run(
    arguments: &ScanArguments,
    printer: &mut Printer,
) -> Result<Outcome, CommandError> {
    let judgement = &arguments.judgement;
    let allowed = allowed_rules(&judgement.allow)?;
    let context = context(judgement, TokenChoice::Kept, false);
    if let Some(fleet) = &arguments.fleet.fleet {
        return run_fleet(fleet, arguments, &context, &allowed, printer);
    }
    if arguments.nodes {
        refuse_twice(&arguments.paths)?;
    }
    let one_by_one = if arguments.nodes {
        arguments.paths.len()
    } else {
        1
    };
    let mut reports = Vec::new();
    let mut outcome = Outcome::Done;
    let mut failure = None;
    for (position, paths) in arguments.paths.chunks(one_by_one).enumerate() {
        let mut nodes = Vec::new();
        for path in paths {
            match read_nodes(path, judgement, processes(judgement.layout)) {
                Ok(read) => nodes.extend(read.into_iter().map(|(cluster, ..)| cluster)),
                // One bad source does not hide the next; the first trouble decides the exit status.
                Err(error) => {
                    if let Some(earlier) = failure.replace(error) {
                        printer.error(&earlier);
                    }
                }
            }
        }
        if nodes.is_empty() {
            continue;
        }
        let cluster = cluster::join(nodes);
        let findings = check::check(&cluster, &context, &allowed);
        if !findings.is_sound() {
            outcome = Outcome::Refused;
        }
        match arguments.format {
            ReportFormat::Json => reports.push(ScanReport::of(&cluster, &findings, context.now)),
            ReportFormat::Text => {
                let gap = if position == 0 { "" } else { "\n\n" };
                let text = text_report(&cluster, &findings, judgement);
                printer.report(&format!("{gap}{text}"))?;
            }
        }
    }
    if arguments.format == ReportFormat::Json {
        let json =
            serde_json::to_string_pretty(&reports).map_err(|error| CommandError::Output {
                what: error.to_string(),
            })?;
        printer.report(&format!("{json}\n"))?;
    }
    failure.map_or(Ok(outcome), Err)
}

fn run_fleet(
    path: &Path,
    arguments: &ScanArguments,
    context: &Context,
    allowed: &[&'static Rule],
    printer: &mut Printer,
) -> Result<Outcome, CommandError> {
    let task = Task {
        fleet: path,
        arguments: &arguments.fleet,
        judgement: &arguments.judgement,
        command: "scan",
        closer_look: "talos-pki scan",
        settings: Vec::new(),
        notebook: None,
        output: None,
        json: arguments.format == ReportFormat::Json,
    };
    let work = |_: &Member<'_>, tree, reading: &Reading| {
        let cluster = reading.cluster(tree)?;
        let findings = check::check(&cluster, context, allowed);
        let summary = Summary::of(&cluster, &findings);
        Ok(if findings.is_sound() {
            Work::done(summary, Vec::new())
        } else {
            Work::refused(summary, &findings)
        })
    };
    fleet::run(&task, work, printer)
}

fn text_report(cluster: &Cluster, findings: &Findings, judgement: &Judgement) -> String {
    let shown = report::findings(findings, judgement.notes);
    let gap = if shown.is_empty() { "" } else { "\n" };
    let verdict = report::verdict(findings, judgement.notes);
    format!("{}\n{shown}{gap}{verdict}\n", report::scan(cluster))
}

/// What the rules need to know beside the cluster.
pub(super) fn context(judgement: &Judgement, token: TokenChoice, writes_bundle: bool) -> Context {
    Context {
        now: judgement.now.unwrap_or_else(Timestamp::now),
        expires_within: judgement.expires_within,
        token,
        contract: Contract::CURRENT,
        writes_bundle,
        platform: check::Platform::Other,
    }
}

/// Reads the cluster whose nodes are at `paths`.
pub(super) fn read_cluster(
    paths: &[String],
    judgement: &Judgement,
) -> Result<Cluster, CommandError> {
    refuse_twice(paths)?;
    let mut nodes = Vec::new();
    for path in paths {
        let read = read_nodes(path, judgement, processes(judgement.layout))?;
        nodes.extend(read.into_iter().map(|(cluster, ..)| cluster));
    }
    Ok(cluster::join(nodes))
}

/// A node that is given twice would agree with itself.
pub(super) fn refuse_twice(paths: &[String]) -> Result<(), CommandError> {
    let place = |path: &String| fs::canonicalize(path).unwrap_or_else(|_| PathBuf::from(path));
    let mut seen = Vec::new();
    for path in paths {
        let place = place(path);
        if seen.contains(&place) {
            return Err(CommandError::Settings(format!(
                "`{path}` is given twice; give each node once"
            )));
        }
        seen.push(place);
    }
    Ok(())
}

/// Reads the nodes at `path`, most often one, with what `look` finds on each. If keys turn out to be
/// encrypted and no passphrase was given, a person at the terminal is asked.
pub(super) fn read_nodes<T>(
    path: &str,
    judgement: &Judgement,
    look: impl Fn(&Tree) -> (Settings, T),
) -> Result<Vec<(Cluster, Settings, T)>, CommandError> {
    let location = Location::from(path);
    let passphrase = passphrase::given(judgement.passphrase_file.as_deref())?;
    let choice = judgement.manifests.choice()?;
    let tree = progress::during("reading", || tree(&location, &choice))?;
    // Standard input and pipes cannot be read again.
    let can_ask = passphrase.is_none() && Printer::is_watched();
    let again = can_ask.then(|| tree.clone());
    let nodes = nodes_in(tree, judgement.layout, passphrase.as_ref(), &look)?;
    if let Some(tree) = again
        && nodes.iter().any(|(cluster, ..)| needs_passphrase(cluster))
        && let Some(passphrase) = passphrase::asked()?
    {
        return Ok(nodes_in(tree, judgement.layout, Some(&passphrase), &look)?);
    }
    Ok(nodes)
}

/// The nodes in `tree`, most often one, with what `look` finds on each: how it is run, by which its
/// trust is read, and what else is wanted.
pub(super) fn nodes_in<T>(
    tree: Tree,
    layout: Layout,
    passphrase: Option<&Secret<String>>,
    look: impl Fn(&Tree) -> (Settings, T),
) -> Result<Vec<(Cluster, Settings, T)>, LayoutError> {
    let nodes = layout::nodes(tree, layout).into_iter();
    let nodes = nodes.map(|tree| {
        let (settings, found) = look(&tree);
        let cluster = layout::read_as_run_by(&settings, tree, layout, passphrase)?;
        Ok((cluster, settings, found))
    });
    nodes.collect()
}

/// For whoever wants the trust alone.
pub(super) fn processes(layout: Layout) -> impl Fn(&Tree) -> (Settings, ()) {
    move |tree| (Settings::of_processes(tree, layout.manifests()), ())
}

/// The files at `location`, which may be or have manifests.
fn tree(location: &Location, choice: &Choice) -> Result<Tree, CommandError> {
    Ok(manifest::files(source::open(location)?, choice)?)
}

fn needs_passphrase(cluster: &Cluster) -> bool {
    let accounts = cluster.service_account.iter().map(|account| &account.key);
    let authorities = cluster.authorities.iter().map(|authority| &authority.key);
    authorities.chain(accounts).any(Material::is_encrypted)
}
