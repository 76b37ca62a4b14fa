//! MIGRATION.md: the way of this cluster to Talos, step by step, with its own names.
//!
//! For a person at two in the morning: every step says what to do, what must be seen, and how to go
//! back. Only what applies to this cluster is printed.

mod before;
mod closing;
mod contents;
mod differences;
mod endpoint;
mod etcd;
mod joining;
mod rebuilding;
mod recovering;
mod restoring;
mod steps;
mod updating;
mod witnesses;

use super::MigrationReport;
use super::landmarks::{Etcd, Landmarks, encryption, pod_subnets};
use super::markdown::{Markdown, code, prose};
use crate::check::validity::day;
use crate::cluster::Operations;
use crate::convert::migration::Way;
use crate::settings::ControlPlaneNode;
use steps::Steps;

/// The runbook, in Markdown. No secret is in it.
#[must_use]
pub fn runbook(report: &MigrationReport<'_>) -> String {
    let landmarks = Landmarks::of(report);
    let mut page = Markdown::default();
    page.heading(
        1,
        &format!(
            "Moving {} to Talos {}",
            code(&report.plan.name),
            report.contract
        ),
    );
    page.paragraph(&format!(
        "Made by talos-pki {} on {} from {}, for this cluster alone.",
        env!("CARGO_PKG_VERSION"),
        day(report.now),
        code(&report.cluster.name),
    ));
    cluster(report, &landmarks, &mut page);
    if !report.is_possible() {
        before::impossible(report, &mut page);
        before::people(report, &mut page);
        return page.into_text();
    }
    before::write(report, &landmarks, &mut page);
    contents::write(report, &mut page);
    page.heading(2, "Step by step");
    page.paragraph(
        "One step after the other; do not begin one while a check of the one before it fails. \
         `talosctl bootstrap` makes a new, empty etcd: no step runs it unless it says so.",
    );
    let mut steps = Steps::new(&mut page);
    match landmarks.way {
        Way::Join => joining::write(report, &landmarks, &mut steps),
        Way::Restore => recovering::write(report, &landmarks, &mut steps),
        Way::Rebuild => rebuilding::write(report, &landmarks, &mut steps),
    }
    closing::write(report, &landmarks, &mut steps);
    restoring::write(&landmarks, &mut page);
    differences::write(report, &landmarks, &mut page);
    let text = page.into_text();
    if landmarks
        .address
        .is_some_and(|address| address.contains(':'))
    {
        // scp takes everything behind a colon for a path.
        return text.replace("root@\"$OLD\":", "root@\"[$OLD]\":");
    }
    text
}

/// A control plane by its name and its address, as far as they are known.
fn shown_node(node: ControlPlaneNode<'_>) -> String {
    match (node.name, node.address) {
        (Some(name), Some(address)) => format!("{name} ({address})"),
        (name, address) => name.or(address).unwrap_or_default().to_owned(),
    }
}

/// The name of a control plane within a sentence.
fn name_in_words(node: ControlPlaneNode<'_>) -> String {
    node.name
        .map_or_else(|| "an old control plane".to_owned(), code)
}

/// The cluster at a glance.
fn cluster(report: &MigrationReport<'_>, landmarks: &Landmarks<'_>, page: &mut Markdown) {
    let plan = report.plan;
    let mut rows: Vec<(&str, String)> = Vec::new();
    let mut row = |what, values: Vec<String>| {
        if !values.is_empty() {
            let values: Vec<String> = values.iter().map(code).collect();
            rows.push((what, values.join(", ")));
        }
    };
    if landmarks.operations.name != Operations::KUBEADM.name {
        row("distribution", vec![landmarks.operations.name.to_owned()]);
    }
    row(
        "endpoint",
        plan.endpoint.iter().map(ToString::to_string).collect(),
    );
    let version = plan.kubernetes_version.iter();
    row("Kubernetes", version.map(ToString::to_string).collect());
    row("network of pods", pod_subnets(report).to_vec());
    row(
        "network of services",
        plan.kubernetes.service_subnets.clone(),
    );
    row("domain of services", vec![plan.dns_domain.clone()]);
    let issuers = landmarks.issuers().into_iter();
    row("issuer of tokens", issuers.map(str::to_owned).collect());
    row(
        "control plane that was read",
        landmarks.node.map(str::to_owned).into_iter().collect(),
    );
    row(
        "its address",
        landmarks.address.map(str::to_owned).into_iter().collect(),
    );
    let others = landmarks.other_control_planes();
    row(
        "other control planes that are known",
        others.map(shown_node).collect(),
    );
    if let Etcd::Outside(servers) = landmarks.etcd {
        row("etcd, outside", vec![servers.to_owned()]);
    }
    row("encrypted at rest", vec![encryption(report)]);
    rows.push(("Talos", format!("{}", report.contract)));
    if landmarks.operations.name != Operations::KUBEADM.name {
        let route = &plan.route;
        let text = format!("{}, because {}", route.way.description(), route.reason);
        rows.push(("route", prose(&text)));
    }
    let rows: Vec<[String; 2]> = rows
        .into_iter()
        .map(|(what, value)| [what.to_owned(), value])
        .collect();
    page.table(["this cluster", ""], &rows);
}
