//! The pages in `docs/commands`, and the guide beside them, show what the program does: their
//! examples are run.
//!
//! Every page has a folder of its own, empty at first, in which its commands run from top to bottom:
//!
//! - `<!-- file: NAME -->` before a fenced block writes the block to the file `NAME`.
//! - `<!-- fixture: PATH as NAME -->` copies a file or folder of `fixtures` to `NAME`.
//! - `<!-- cluster-api: NAMESPACE/NAME… as FILE -->` writes the Secrets of clusters, all with the PKI of
//!   `kubeadm/rsa-2048`, and `<!-- kubeadm-certs: FILE -->` that Secret of it, encrypted.
//! - A ```` ```console ```` block holds commands, `$ talos-pki …`, each with what it prints: first
//!   standard output, then standard error. A line that ends in `\` goes on in the next. A command
//!   that refuses has `# exit status 1` behind it.
//! - `…` stands for anything in a line, and alone in a line for any lines.
//!
//! Commands that judge by the time judge by that of the fixtures.

#![allow(
    clippy::unwrap_used,
    reason = "what a test needs and does not get is its failure"
)]

mod fixture;
mod kubernetes_objects;

use std::fs;
use std::path::{Path, PathBuf};

use fixture::{NOW, copy_to, fixtures, talos_pki};
use kubernetes_objects::{cluster_api, kubeadm_certs, yaml_list};
use tempfile::TempDir;

const STATUS: &str = "# exit status ";

fn pages() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/commands");
    let entries = fs::read_dir(&folder).expect("the pages");
    let mut pages: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    pages.push(folder.join("../migrating-from-kubeadm.md"));
    pages.retain(|path| path.extension().is_some_and(|extension| extension == "md"));
    pages.sort();
    pages
}

#[test]
fn every_example_of_every_page_is_true() {
    let pages = pages();
    assert!(!pages.is_empty());
    let mut wrong = Vec::new();
    for page in pages {
        let text = fs::read_to_string(&page).unwrap();
        let name = page.file_name().unwrap().to_str().unwrap().to_owned();
        let ran = run_page(&name, &text, &mut wrong);
        assert!(ran > 0, "{name} has no example");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn a_pattern_fits_what_it_stands_for() {
    for (pattern, text) in [
        ("a\nb", "a\nb"),
        ("a …", "a b"),
        ("…", ""),
        ("a\n…\nd", "a\nb\nc\nd"),
        ("…\nd", "a\nd\nd"),
    ] {
        assert!(fits(pattern, text), "{pattern:?} {text:?}");
    }
    for (pattern, text) in [
        ("a", "b"),
        ("a", "a\nb"),
        ("a\n…\nd", "a\nb"),
        ("a …", "b b"),
    ] {
        assert!(!fits(pattern, text), "{pattern:?} {text:?}");
    }
}

/// Runs the examples of a page, and notes those that are wrong. Gives how many there are.
fn run_page(name: &str, text: &str, wrong: &mut Vec<String>) -> usize {
    let folder = TempDir::new().unwrap();
    let mut lines = text.lines();
    let mut file = None;
    let mut ran = 0;
    while let Some(line) = lines.next() {
        if let Some(path) = comment(line, "file") {
            file = Some(folder.path().join(path));
        } else if let Some(what) = comment(line, "fixture") {
            let (from, to) = what.split_once(" as ").expect("PATH as NAME");
            copy_to(&fixtures().join(from), &folder.path().join(to));
        } else if let Some(what) = comment(line, "cluster-api") {
            let (clusters, to) = what.split_once(" as ").expect("NAME… as FILE");
            let secrets = clusters
                .split(' ')
                .flat_map(|place| cluster_api(place, "rsa-2048"));
            let text = yaml_list(&secrets.collect::<Vec<_>>());
            fixture::write_private(&folder.path().join(to), &text);
        } else if let Some(to) = comment(line, "kubeadm-certs") {
            let text = yaml_list(&[kubeadm_certs("rsa-2048")]);
            fixture::write_private(&folder.path().join(to), &text);
        } else if let Some(language) = line.strip_prefix("```") {
            let block: Vec<_> = lines.by_ref().take_while(|line| *line != "```").collect();
            if let Some(path) = file.take() {
                fixture::write_private(&path, &(block.join("\n") + "\n"));
            } else if language == "console" {
                for example in examples(&block) {
                    ran += 1;
                    wrong.extend(run_example(name, folder.path(), &example));
                }
            }
        }
    }
    ran
}

fn comment<'a>(line: &'a str, kind: &str) -> Option<&'a str> {
    let inside = line.trim().strip_prefix("<!-- ")?.strip_suffix(" -->")?;
    inside.strip_prefix(kind)?.strip_prefix(": ")
}

struct Example {
    command: String,
    output: Vec<String>,
}

fn examples(block: &[&str]) -> Vec<Example> {
    let mut examples: Vec<Example> = Vec::new();
    let mut goes_on = false;
    for line in block {
        let start = line.strip_prefix("$ ");
        if goes_on {
            let command = &mut examples.last_mut().unwrap().command;
            command.push_str(line.trim_end_matches('\\'));
            goes_on = line.ends_with('\\');
        } else if let Some(start) = start {
            examples.push(Example {
                command: start.trim_end_matches('\\').to_owned(),
                output: Vec::new(),
            });
            goes_on = line.ends_with('\\');
        } else {
            let example = examples.last_mut().expect("a block begins with a command");
            example.output.push((*line).to_owned());
        }
    }
    examples
}

/// Why the example is wrong, if it is.
fn run_example(page: &str, folder: &Path, example: &Example) -> Option<String> {
    let (command, status) = match example.command.split_once(STATUS) {
        Some((command, status)) => (command, status.trim().parse().expect("a number")),
        None => (example.command.as_str(), 0),
    };
    let mut arguments = words(command);
    assert_eq!(arguments.remove(0), "talos-pki", "{page}: {command}");
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    let mut run = talos_pki(&arguments);
    for flag in ["--now", "--not-before"] {
        if knows(flag, &arguments) {
            run.args([flag, NOW]);
        }
    }
    let output = run.current_dir(folder).output().unwrap();
    let printed = [output.stdout, output.stderr].concat();
    let printed = String::from_utf8(printed).unwrap();
    let is_right = fits(&example.output.join("\n"), printed.trim_end());
    let code = output.status.code();
    (!is_right || code != Some(status))
        .then(|| format!("{page}: {command}\nexit status {code:?}, and prints:\n{printed}"))
}

/// The words of a command, where '…' keeps blanks.
fn words(command: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut is_quoted = false;
    for character in command.chars() {
        match character {
            '\'' => is_quoted = !is_quoted,
            ' ' if !is_quoted => words.push(String::new()),
            _ => words.last_mut().unwrap().push(character),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Whether the command has this flag for a moment, and it is not given.
fn knows(flag: &str, arguments: &[&str]) -> bool {
    let commands = arguments.iter().take_while(|word| {
        word.chars()
            .all(|character| character.is_ascii_lowercase() || character == '-')
            && !word.starts_with('-')
    });
    // Of `validate worker.yaml` the first word alone is the command.
    let mut commands: Vec<_> = commands.copied().collect();
    while !commands.is_empty() {
        let help = talos_pki(&[commands.as_slice(), &["--help"]].concat());
        let output = { help }.output().unwrap();
        if output.status.success() {
            let text = String::from_utf8(output.stdout).unwrap();
            return text.contains(&format!("{flag} ")) && !arguments.contains(&flag);
        }
        commands.pop();
    }
    false
}

/// Whether `text` is what `pattern` says.
fn fits(pattern: &str, text: &str) -> bool {
    let pattern: Vec<_> = pattern.lines().collect();
    let text: Vec<_> = text.lines().collect();
    let fits_line = |pattern: &&str, line: &&str| {
        let pattern: Vec<_> = pattern.chars().collect();
        let line: Vec<_> = line.chars().collect();
        fit(&pattern, &line, &'…', &char::eq)
    };
    fit(&pattern, &text, &"…", &fits_line)
}

/// Whether each part of `text` fits a part of `pattern`, in order; a `gap` fits any number of parts.
fn fit<T: PartialEq>(pattern: &[T], text: &[T], gap: &T, fits: &dyn Fn(&T, &T) -> bool) -> bool {
    match (pattern, text) {
        ([], text) => text.is_empty(),
        ([first, rest @ ..], text) if first == gap => {
            (0..=text.len()).any(|skipped| fit(rest, &text[skipped..], gap, fits))
        }
        ([first, rest @ ..], [part, others @ ..]) => {
            fits(first, part) && fit(rest, others, gap, fits)
        }
        ([_, ..], []) => false,
    }
}
