//! Units of systemd, as Kubernetes the Hard Way writes them: `ExecStart` is the command line.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::command_line::{self, words};
use super::standing::{Standing, UNITS};
use super::{ComponentProcess, ProcessSource, Settings};
use crate::source::{SourceFile, Tree};

/// How the file of a unit ends.
const ENDING: &str = ".service";

/// Most words of a command line; the kernel takes no more bytes than a megabyte or two.
const MAX_WORDS: usize = 5_000;

/// Programs of Kubernetes that run on every node.
const OF_NODES: [&str; 2] = ["kube-proxy", "kubelet"];

/// What a unit starts.
pub(super) struct Unit {
    /// The file.
    pub(super) path: String,
    /// The words of its last `ExecStart`.
    pub(super) command: Vec<String>,
    /// Its environment, the values of files first.
    pub(super) environment: BTreeMap<String, String>,
}

/// Takes the units of components, and of what runs beside them.
pub(super) fn read(tree: &Tree, settings: &mut Settings) {
    for unit in units(tree) {
        let program = unit.command.first().map(|word| command_line::program(word));
        let of_node = OF_NODES.iter().find(|name| program == Some(**name));
        let (name, flags) = match (command_line::component(&unit.command), of_node) {
            (Some((component, flags)), _) => (component.name(), flags),
            (None, Some(name)) => (*name, command_line::flags(&unit.command)),
            (None, None) => continue,
        };
        let environment = unit.environment.into_iter();
        settings.processes.push(ComponentProcess {
            environment: environment
                .map(|(name, value)| (name, Some(value)))
                .collect(),
            ..ComponentProcess::new(ProcessSource::Unit, &unit.path, name, flags)
        });
    }
}

/// Every unit that starts something, those that systemd reads before copies of them.
pub(super) fn units(tree: &Tree) -> impl Iterator<Item = Unit> {
    let files = tree.files.iter();
    let mut files: Vec<_> = files.filter(|file| file.path.ends_with(ENDING)).collect();
    files.sort_by_key(|file| Reverse(Standing::of(&file.path, UNITS)));
    files.into_iter().filter_map(|file| unit(file, tree))
}

fn unit(file: &SourceFile, tree: &Tree) -> Option<Unit> {
    let text = std::str::from_utf8(&file.bytes).ok()?;
    let mut command = None;
    let mut own = BTreeMap::new();
    let mut environment = BTreeMap::new();
    for (name, value) in directives(text) {
        match name {
            "ExecStart" => {
                command = Some(words(value.trim_start_matches(['-', '@', ':', '+', '!'])));
            }
            "Environment" => own.extend(words(&value).iter().filter_map(|word| assignment(word))),
            "EnvironmentFile" => {
                let name = command_line::program(&file.path);
                let name = name.strip_suffix(ENDING).unwrap_or(name);
                let path = value.trim_start_matches('-').replace("%N", name);
                environment.extend(environment_file(&path, file, tree));
            }
            _ => {}
        }
    }
    environment.extend(own);
    let command = command.filter(|words| words.len() <= MAX_WORDS)?;
    let command = command.iter().flat_map(|word| expand(word, &environment));
    Some(Unit {
        path: file.path.clone(),
        command: command.collect(),
        environment,
    })
}

/// The `NAME=VALUE` of a unit, lines joined where one ends in `\`. Comments in between do not count.
fn directives(text: &str) -> Vec<(&str, String)> {
    let mut found: Vec<(&str, String)> = Vec::new();
    let mut goes_on = false;
    for line in text.lines() {
        let line = line.trim();
        if line.starts_with(['#', ';']) {
            continue;
        }
        let (line, next) = match line.strip_suffix('\\') {
            Some(line) => (line, true),
            None => (line, false),
        };
        if goes_on {
            if let Some((_, value)) = found.last_mut() {
                value.push(' ');
                value.push_str(line);
            }
        } else if let Some((name, value)) = line.split_once('=') {
            found.push((name.trim_end(), value.trim_start().to_owned()));
        }
        goes_on = next;
    }
    found
}

fn assignment(word: &str) -> Option<(String, String)> {
    let (name, value) = word.split_once('=')?;
    Some((name.to_owned(), value.to_owned()))
}

/// The variables of a file that a unit names, if the tree has it: at the same path, beside the unit,
/// or at the same path below another folder.
fn environment_file(path: &str, unit: &SourceFile, tree: &Tree) -> Vec<(String, String)> {
    let beside = unit.path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let name = command_line::program(path);
    let is_beside = |it: &str| {
        let folder = it.strip_suffix(name);
        folder.is_some_and(|folder| folder.trim_end_matches('/') == beside)
    };
    let places: [&dyn Fn(&str) -> bool; 3] = [
        &|it| path.strip_prefix('/') == Some(it),
        &is_beside,
        &|it| it.ends_with(path),
    ];
    let mut files = places.iter().filter_map(|is_it| {
        let mut files = tree.files.iter();
        files.find(|file| is_it(&file.path))
    });
    let file = files.next();
    let text = file.and_then(|file| std::str::from_utf8(&file.bytes).ok());
    assignments(text.unwrap_or_default()).collect()
}

/// The variables in the text of such a file, in their order.
pub(super) fn assignments(text: &str) -> impl DoubleEndedIterator<Item = (String, String)> {
    let lines = text.lines().map(str::trim);
    let lines = lines.filter(|line| !line.starts_with('#'));
    lines.filter_map(|line| assignment(&words(line).join(" ")))
}

/// What a word is with the value of the variable that it names: one word for `${ARGS}`, and as many
/// as the value has for `$ARGS` (systemd.service(5), "Command lines").
fn expand(word: &str, environment: &BTreeMap<String, String>) -> Vec<String> {
    let Some(name) = word.strip_prefix('$') else {
        return vec![word.to_owned()];
    };
    let braced = name
        .strip_prefix('{')
        .and_then(|name| name.strip_suffix('}'));
    let value = environment
        .get(braced.unwrap_or(name))
        .map_or("", String::as_str);
    match braced {
        Some(_) => vec![value.to_owned()],
        None => words(value),
    }
}
