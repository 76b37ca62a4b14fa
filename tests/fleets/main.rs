//! Many clusters at once: each is done by itself, a run goes on where another was killed, and nothing
//! that is there is lost.

#![allow(
    clippy::unwrap_used,
    reason = "what a test needs and does not get is its failure"
)]
#![cfg(unix)]

mod converted_again;
#[path = "../fixture/mod.rs"]
mod fixture;
mod killed;
mod members;
#[path = "../kubernetes_objects/mod.rs"]
mod objects;
mod outcomes;
mod resuming;

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::Output;

use fixture::{TOKEN, copy_to, fixtures, judge};
use serde_json::Value;
use tempfile::TempDir;

/// A folder with the folder `clusters`, which has a copy of each fixture under the name before it.
fn fleet(clusters: &[(&str, &str)]) -> TempDir {
    let folder = TempDir::new().unwrap();
    for (name, fixture) in clusters {
        let target = folder.path().join("clusters").join(name);
        copy_to(&fixtures().join(fixture), &target);
    }
    folder
}

fn run(folder: &Path, arguments: &[&str]) -> Output {
    judge(arguments).current_dir(folder).output().unwrap()
}

/// `gen secrets` for the fleet `clusters`, into the folder `out`.
fn make(folder: &Path, more: &[&str]) -> Output {
    let arguments = [
        "gen", "secrets", "--fleet", "clusters", "-o", "out", "-t", TOKEN,
    ];
    run(folder, &[&arguments[..], more].concat())
}

fn words(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// Words as one line, however they were wrapped.
fn line(output: &Output) -> String {
    let words = words(output);
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn reports(output: &Output) -> Vec<Value> {
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Names and states in a report.
fn states(output: &Output) -> Vec<(String, String)> {
    let text = |report: &Value, field: &str| report[field].as_str().unwrap().to_owned();
    let reports = reports(output);
    let states = reports
        .iter()
        .map(|report| (text(report, "name"), text(report, "state")));
    states.collect()
}

fn pairs(states: &[(&str, &str)]) -> Vec<(String, String)> {
    let owned = |(name, state): &(&str, &str)| ((*name).to_owned(), (*state).to_owned());
    states.iter().map(owned).collect()
}

fn names_in(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<_> = names.collect();
    names.sort();
    names
}

/// Every file below `folder`: its bytes, and what would tell that it was written again.
fn files(folder: &Path) -> BTreeMap<String, (Vec<u8>, u64, i64, i64)> {
    let mut files = BTreeMap::new();
    for entry in walkdir::WalkDir::new(folder) {
        let entry = entry.unwrap();
        if entry.file_type().is_file() {
            let metadata = entry.metadata().unwrap();
            let bytes = fs::read(entry.path()).unwrap();
            let name = entry.path().strip_prefix(folder).unwrap();
            let name = name.to_str().unwrap().to_owned();
            let written = (metadata.mtime(), metadata.mtime_nsec());
            files.insert(name, (bytes, metadata.ino(), written.0, written.1));
        }
    }
    files
}
