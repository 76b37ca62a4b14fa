//! `--fleet`: what a command does for one cluster, for each of many.

mod arguments;
mod telling;

use std::path::Path;

use super::arguments::Judgement;
use super::printer::Printer;
use super::progress::FleetBar;
use super::{CommandError, Outcome, passphrase, scan};
use crate::check::{Findings, Severity};
use crate::cluster::{self, Cluster};
use crate::fleet::{self, Fingerprint, Fleet, Mark, Member, Output, Standing, Summary};
use crate::layout::{Layout, LayoutError};
use crate::manifest::Choice;
use crate::pki::Secret;
use crate::report::{self, MemberReport, MemberState};
use crate::settings;
use crate::source::Tree;

use self::telling::Telling;

pub(super) use self::arguments::{FleetArguments, Settings};

/// Most hidden entries that are named.
const MAX_NAMED: usize = 10;

/// What is done with a fleet.
pub(super) struct Task<'a> {
    pub(super) fleet: &'a Path,
    pub(super) arguments: &'a FleetArguments,
    pub(super) judgement: &'a Judgement,
    /// The command, as a person types it.
    pub(super) command: &'static str,
    /// What tells everything about one cluster, when its source is put behind it.
    pub(super) closer_look: &'static str,
    pub(super) settings: Settings,
    /// The file of a cluster that a person writes in: no other is done once somebody changed it.
    pub(super) notebook: Option<&'static str>,
    /// Where folders go, if any are made, and whether outdated ones are replaced.
    pub(super) output: Option<(&'a Path, bool)>,
    pub(super) json: bool,
}

/// What came out for one cluster.
pub(super) struct Work {
    summary: Summary,
    result: WorkResult,
}

enum WorkResult {
    /// The files of its folder.
    Files(Vec<(&'static str, Secret<String>)>),
    /// It is refused, and this is the first reason.
    Refused(String),
}

impl Work {
    /// Nothing refuses it, and these are the files of its folder.
    pub(super) fn done(summary: Summary, files: Vec<(&'static str, Secret<String>)>) -> Self {
        Self {
            summary,
            result: WorkResult::Files(files),
        }
    }

    /// An error among `findings` refuses it.
    pub(super) fn refused(summary: Summary, findings: &Findings) -> Self {
        let mut findings = findings.iter();
        let error = findings.find(|finding| finding.severity == Severity::Error);
        let reason = error.map(|error| format!("[{}] {}", error.rule.name, error.message));
        Self::refused_because(summary, reason.unwrap_or_default())
    }

    /// Something that is no finding refuses it.
    pub(super) fn refused_because(summary: Summary, reason: String) -> Self {
        Self {
            summary,
            result: WorkResult::Refused(reason),
        }
    }
}

/// How every cluster of a fleet is read. Nobody is asked for a passphrase.
pub(super) struct Reading {
    choice: Choice,
    layout: Layout,
    passphrase: Option<Secret<String>>,
}

impl Reading {
    /// The cluster whose files are in `tree`.
    pub(super) fn cluster(&self, tree: Tree) -> Result<Cluster, LayoutError> {
        let nodes = self.nodes(tree, scan::processes(self.layout))?.into_iter();
        Ok(cluster::join(nodes.map(|(node, ..)| node).collect()))
    }

    /// The nodes in `tree`, most often one, with what `look` finds on each.
    pub(super) fn nodes<T>(
        &self,
        tree: Tree,
        look: impl Fn(&Tree) -> (settings::Settings, T),
    ) -> Result<Vec<(Cluster, settings::Settings, T)>, LayoutError> {
        scan::nodes_in(tree, self.layout, self.passphrase.as_ref(), look)
    }
}

/// Does `work` for each cluster, and tells what became of it. One that is refused or fails stops no
/// other.
pub(super) fn run(
    task: &Task<'_>,
    work: impl Fn(&Member<'_>, Tree, &Reading) -> Result<Work, CommandError> + Sync,
    printer: &mut Printer,
) -> Result<Outcome, CommandError> {
    let fleet = Fleet::open(task.fleet)?;
    let members = fleet.members()?;
    let output = task
        .output
        .map(|(folder, replaces)| Output::open(folder, task.fleet, replaces));
    let making = Making {
        task,
        work,
        reading: Reading {
            choice: task.judgement.manifests.choice()?,
            layout: task.judgement.layout,
            passphrase: passphrase::given(task.judgement.passphrase_file.as_deref())?,
        },
        output: output.transpose()?,
    };
    let mut telling = Telling::of(task, &members);
    let bar = FleetBar::of(members.len());
    let jobs = task.arguments.jobs.map(Into::into);
    let work = |member: &Member<'_>| {
        let report = making.report(member);
        bar.tick(report.state);
        report
    };
    let ran = fleet::run(&members, jobs, work, |member, report| {
        let report = report.unwrap_or_else(|error| making.failed(member, error.to_string()));
        bar.aside(|| telling.tell(&report, printer));
    });
    bar.finish();
    ran.map_err(|error| CommandError::Settings(format!("--jobs: {error}")))?;
    if let Some(output) = making.output {
        output.finish();
    }
    tell_hidden(fleet.hidden(), printer);
    telling.end(printer)
}

/// From a member to what became of it.
struct Making<'a, W> {
    task: &'a Task<'a>,
    work: W,
    reading: Reading,
    output: Option<Output>,
}

impl<W> Making<'_, W>
where
    W: Fn(&Member<'_>, Tree, &Reading) -> Result<Work, CommandError>,
{
    fn report(&self, member: &Member<'_>) -> MemberReport {
        let report = self.attempt(member);
        report.unwrap_or_else(|error| self.failed(member, error.to_string()))
    }

    fn attempt(&self, member: &Member<'_>) -> Result<MemberReport, CommandError> {
        let tree = member.read(&self.reading.choice)?;
        if let Some(output) = &self.output {
            return self.write(member, tree, output);
        }
        let work = (self.work)(member, tree, &self.reading)?;
        let report = |state| self.tell(member, state, Some(&work.summary));
        Ok(match work.result {
            WorkResult::Files(_) => report(MemberState::Sound),
            WorkResult::Refused(reason) => report(MemberState::Refused).because(reason),
        })
    }

    fn write(
        &self,
        member: &Member<'_>,
        tree: Tree,
        output: &Output,
    ) -> Result<MemberReport, CommandError> {
        let Task {
            command,
            settings,
            notebook,
            ..
        } = self.task;
        let name = member.name();
        let input = Fingerprint::of(&tree);
        let standing = output.standing(name, command, input, settings)?;
        let folder = output.folder(name);
        let report = |state, summary| self.tell(member, state, Some(summary));
        if let Standing::Done(mark) = &standing {
            return Ok(report(MemberState::Done, mark.summary()).with_folder(folder));
        }
        let work = (self.work)(member, tree, &self.reading)?;
        let files = match work.result {
            WorkResult::Files(files) => files,
            WorkResult::Refused(reason) => {
                return Ok(report(MemberState::Refused, &work.summary).because(reason));
            }
        };
        let report = report(MemberState::Made, &work.summary).with_folder(folder);
        let mark = Mark::new(command, input, settings, &files, *notebook, work.summary);
        output.write(name, &files, &mark, &standing)?;
        Ok(report)
    }

    fn failed(&self, member: &Member<'_>, reason: String) -> MemberReport {
        self.tell(member, MemberState::Failed, None).because(reason)
    }

    fn tell(
        &self,
        member: &Member<'_>,
        state: MemberState,
        summary: Option<&Summary>,
    ) -> MemberReport {
        MemberReport::new(
            member.name(),
            member.source(self.task.fleet),
            state,
            summary,
        )
    }
}

fn tell_hidden(hidden: &[String], printer: &mut Printer) {
    if hidden.is_empty() {
        return;
    }
    let mut names = hidden.iter().take(MAX_NAMED).cloned().collect::<Vec<_>>();
    if let Some(more @ 1..) = hidden.len().checked_sub(MAX_NAMED) {
        names.push(format!("and {more} more"));
    }
    let names = names.join(", ");
    printer.words(&format!(
        "\n{}",
        report::warning(&format!("left out, for they are hidden: {names}"))
    ));
}
