//! What the cluster is, how much was read, and how it ended.

use crate::check::Severity;
use crate::check::validity::day;
use crate::report::migration::element::Element;
use crate::report::migration::landmarks::{Landmarks, encryption, pod_subnets};
use crate::report::migration::outcome::{ENDINGS, REFUSED};
use crate::report::migration::{MigrationReport, RUNBOOK};

pub(super) fn header(report: &MigrationReport<'_>, title: &str) -> Element {
    let tiles = ENDINGS.iter().map(|ending| {
        Element::new("li").with("class", ending.name).child(
            Element::new("a")
                .with("href", format!("#{}", ending.name))
                .child(Element::new("strong").text(report.plan.count(ending.is)))
                .text(" ")
                .child(Element::new("span").text(ending.counted)),
        )
    });
    Element::new("header")
        .child(Element::new("h1").text(title))
        .child(verdict(report))
        .child(route(report))
        .child(
            Element::new("ul")
                .with("class", "tiles")
                .with(
                    "aria-label",
                    format!("What became of {} settings", report.plan.items.len()),
                )
                .children(tiles),
        )
        .child(facts(report))
}

/// Whether it can be moved, and if not, where it is told why.
fn verdict(report: &MigrationReport<'_>) -> Element {
    let verdict = Element::new("p").with("class", "verdict");
    if report.is_possible() {
        return verdict.text(format!("It can be moved. Follow {RUNBOOK}, step by step."));
    }
    let reasons = [
        (
            report.findings.count(Severity::Error),
            "findings",
            "Errors found",
        ),
        (
            report.plan.count(REFUSED.is),
            REFUSED.name,
            "Settings refused",
        ),
    ];
    let reasons = reasons.into_iter().filter(|(count, ..)| *count > 0);
    let links = reasons.map(|(count, target, what)| {
        Element::new("a")
            .with("href", format!("#{target}"))
            .text(format!("{what}: {count}."))
    });
    let links = links.map(|link| Element::new("span").text(" ").child(link));
    verdict
        .text("It cannot be moved as it is.")
        .children(links)
        .text(" Nothing was written.")
}

/// By which way it is moved, and why.
fn route(report: &MigrationReport<'_>) -> Element {
    let route = &report.plan.route;
    Element::new("p")
        .with("class", "route")
        .child(Element::new("strong").text(format!("Route: {}. ", route.way.description())))
        .prose(&format!("Because {}.", route.reason))
}

fn facts(report: &MigrationReport<'_>) -> Element {
    let plan = report.plan;
    let landmarks = Landmarks::of(report);
    let mut facts: Vec<(&str, String)> = vec![("Read from", report.cluster.name.clone())];
    facts.extend(
        plan.endpoint
            .iter()
            .map(|one| ("Endpoint", one.to_string())),
    );
    let version = plan.kubernetes_version.iter();
    facts.extend(version.map(|one| ("Kubernetes", one.to_string())));
    let networks = [
        ("Pods", pod_subnets(report)),
        ("Services", plan.kubernetes.service_subnets.as_slice()),
    ];
    for (name, subnets) in networks {
        if !subnets.is_empty() {
            facts.push((name, subnets.join(", ")));
        }
    }
    facts.push(("Domain", plan.dns_domain.clone()));
    let issuers = landmarks.issuers();
    if !issuers.is_empty() {
        facts.push(("Issuer of tokens", issuers.join(", ")));
    }
    facts.push(("Encrypted at rest", encryption(report)));
    let pairs = facts.into_iter().map(|(name, value)| {
        Element::new("div")
            .child(Element::new("dt").text(name))
            .child(Element::new("dd").text(value))
    });
    Element::new("dl").children(pairs)
}

pub(super) fn footer(report: &MigrationReport<'_>) -> Element {
    let mut footer = Element::new("footer").child(Element::new("p").text(format!(
        "Made by talos-pki {} on {}. No secret is in this page.",
        env!("CARGO_PKG_VERSION"),
        day(report.now)
    )));
    if !report.files.is_empty() {
        footer = footer.child(
            Element::new("p").text(format!("Written beside it: {}", report.files.join(", "))),
        );
    }
    footer
}
