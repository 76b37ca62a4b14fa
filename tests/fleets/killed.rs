//! A run that is killed loses nothing, and another ends what it began.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use talos_pki::talos::Bundle;

use crate::fixture::{TOKEN, copy_to, fixtures};
use crate::{files, fleet, line, make, names_in, words};

const CLUSTERS: usize = 60;

type Files = BTreeMap<String, (Vec<u8>, u64, i64, i64)>;

fn many() -> tempfile::TempDir {
    let folder = fleet(&[]);
    for number in 0..CLUSTERS {
        let variant = ["ecdsa-p256", "rsa-2048"][number % 2];
        let target = folder.path().join(format!("clusters/c{number:02}"));
        copy_to(
            &fixtures().join("kubeadm").join(variant).join("pki"),
            &target,
        );
    }
    folder
}

/// The files of clusters that are whole, by the names that users see.
fn visible(out: &Path) -> Files {
    let mut all = if out.is_dir() {
        files(out)
    } else {
        Files::new()
    };
    all.retain(|name, _| !name.starts_with('.'));
    all
}

#[test]
fn a_killed_run_is_ended_by_the_next() {
    let folder = many();
    let out = folder.path().join("out");
    let mut before = Files::new();
    let mut stopped_midway = 0;
    for round in 0..8_u64 {
        let mut child = Command::new(env!("CARGO_BIN_EXE_talos-pki"))
            .args([
                "gen", "secrets", "--fleet", "clusters", "-o", "out", "-t", TOKEN,
            ])
            .args([
                "--now",
                crate::fixture::NOW,
                "--not-before",
                crate::fixture::NOW,
            ])
            .current_dir(folder.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        thread::sleep(Duration::from_millis(40 + 13 * round));
        child.kill().unwrap();
        child.wait().unwrap();
        let after = visible(&out);
        for (name, file) in &before {
            assert_eq!(
                after.get(name),
                Some(file),
                "{name} was done, and was touched"
            );
        }
        for (name, (bytes, ..)) in &after {
            if name.ends_with("secrets.yaml") {
                assert!(Bundle::read(bytes).is_ok(), "{name} is half a bundle");
            }
        }
        assert_eq!(after.len() % 2, 0, "a folder lacks a file");
        stopped_midway += usize::from(!after.is_empty() && after.len() < 2 * CLUSTERS);
        before = after;
    }
    assert!(
        stopped_midway > 0,
        "the kills came too late or too early to prove anything"
    );
    let output = make(folder.path(), &[]);
    assert_eq!(output.status.code(), Some(0), "{}", words(&output));
    let after = visible(&out);
    for (name, file) in &before {
        assert_eq!(
            after.get(name),
            Some(file),
            "{name} was done, and was touched"
        );
    }
    let expected: Vec<_> = (0..CLUSTERS)
        .map(|number| format!("c{number:02}"))
        .collect();
    assert_eq!(
        names_in(&out),
        expected,
        "all are there, and nothing is left over"
    );
    assert_eq!(after.len(), 2 * CLUSTERS);
}

#[test]
fn a_killed_replacement_leaves_the_old_or_the_new() {
    let folder = fleet(&[("a", "kubeadm/ecdsa-p256")]);
    make(folder.path(), &[]);
    let out = folder.path().join("out");
    let more = folder.path().join("clusters/a/pki/more.txt");
    for round in 0..30_u64 {
        let before = visible(&out);
        fs::write(&more, round.to_string()).unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_talos-pki"))
            .args([
                "gen", "secrets", "--fleet", "clusters", "-o", "out", "-t", TOKEN,
            ])
            .args([
                "--now",
                crate::fixture::NOW,
                "--not-before",
                crate::fixture::NOW,
                "--force",
            ])
            .current_dir(folder.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        thread::sleep(Duration::from_micros(1_500 * round));
        child.kill().unwrap();
        child.wait().unwrap();
        let after = visible(&out);
        assert_eq!(after.len(), 2, "round {round}");
        let is_new = after["a/secrets.yaml"].1 != before["a/secrets.yaml"].1;
        let marked = after["a/.talos-pki-fleet.json"].1 != before["a/.talos-pki-fleet.json"].1;
        assert_eq!(is_new, marked, "round {round}: half of each");
    }
    assert_eq!(make(folder.path(), &["--force"]).status.code(), Some(0));
    assert_eq!(names_in(&out), ["a"]);
}

#[test]
fn two_runs_do_not_work_in_one_folder() {
    let folder = fleet(&[("a", "kubeadm/ecdsa-p256")]);
    let out = folder.path().join("out");
    fs::create_dir(&out).unwrap();
    let held = fs::File::open(&out).unwrap();
    held.lock().unwrap();
    let output = make(folder.path(), &[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        line(&output).contains("another talos-pki works in `out`"),
        "{}",
        line(&output)
    );
    drop(held);
    assert_eq!(make(folder.path(), &[]).status.code(), Some(0));
}

#[test]
fn a_panic_in_one_stops_no_other() {
    let numbers: Vec<u32> = (0..100).collect();
    let mut told = Vec::new();
    let work = |number: &u32| {
        assert_ne!(*number, 41, "a mistake");
        number * 2
    };
    let ran = talos_pki::fleet::run(&numbers, Some(3), work, |number, result| {
        told.push((*number, result.ok()));
    });
    ran.unwrap();
    let expected = numbers
        .iter()
        .map(|number| (*number, (*number != 41).then_some(number * 2)));
    assert_eq!(told, expected.collect::<Vec<_>>());
}
