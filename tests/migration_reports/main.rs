//! The reports of a migration, through the library: for real clusters of kubeadm, and for clusters
//! with settings that somebody changed.

#![allow(
    clippy::unwrap_used,
    reason = "what a test needs and does not get is its failure"
)]

mod changed;
mod clusters;
mod counting;
mod endpoints;
#[path = "../fixture/mod.rs"]
mod fixture;
mod hostile;
mod layouts;
mod page;
mod routes;
mod runbook;

use std::fs;
use std::path::Path;

use insta::{Settings, assert_snapshot};
use talos_pki::report::migration;

fn settings() -> Settings {
    let mut settings = Settings::clone_current();
    settings.add_filter(r"talos-pki \d+\.\d+\.\d+", "talos-pki [version]");
    settings.add_filter(r"key id [A-Za-z0-9_-]{43}", "key id [key id]");
    settings.add_filter(r"20[23]\d-\d\d-\d\dT\d\d:\d\d:\d\dZ", "[a moment]");
    settings.add_filter(r"20[2-4]\d-\d\d-\d\d", "[a day]");
    settings.set_snapshot_path("../snapshots/migration_reports");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings
}

#[test]
fn every_word_of_the_summary() {
    settings().bind(|| {
        for (name, read) in clusters::all() {
            let text = migration::summary(&read.report());
            let is_narrow = |line: &str| line.chars().count() <= 80 || !line.contains(' ');
            if name != "hostile" {
                assert!(text.lines().all(is_narrow), "{text}");
            }
            assert_snapshot!(format!("summary-{name}"), text);
        }
    });
}

#[test]
fn every_word_of_the_runbook() {
    settings().bind(|| {
        for (name, read) in clusters::all() {
            let text = migration::runbook(&read.report());
            assert_snapshot!(format!("runbook-{name}"), text);
        }
    });
}

#[test]
fn every_field_of_the_report_for_programs() {
    settings().bind(|| {
        for (name, read) in clusters::all() {
            if ["rsa-2048", "changed", "external-etcd-refused"].contains(&name) {
                let report = migration::json(&read.report());
                let text = serde_json::to_string_pretty(&report).unwrap();
                assert_snapshot!(format!("json-{name}"), text);
            }
        }
    });
}

#[test]
fn no_secret_is_in_any_report() {
    for (name, read) in clusters::all() {
        let report = read.report();
        let json = serde_json::to_string(&migration::json(&report)).unwrap();
        let texts = [
            migration::summary(&report),
            migration::runbook(&report),
            migration::html(&report),
            json,
        ];
        for text in texts {
            // The values of variables, the key for encryption at rest, and PEM.
            for secret in ["protects-nothing", "cHJvdGVjdHM", "PRIVATE KEY"] {
                assert!(!text.contains(secret), "{name}: {secret}");
            }
        }
    }
}

#[test]
#[ignore = "writes the reports to look at them: WRITE_REPORTS_TO=FOLDER"]
fn write_reports() {
    let folder = std::env::var("WRITE_REPORTS_TO").unwrap();
    let folder = Path::new(&folder);
    for (name, read) in clusters::all() {
        let report = read.report();
        fs::write(
            folder.join(format!("{name}.html")),
            migration::html(&report),
        )
        .unwrap();
        fs::write(
            folder.join(format!("{name}.md")),
            migration::runbook(&report),
        )
        .unwrap();
    }
}
