//! What the rules found, in the words of `talos-pki scan`.

use crate::check::{Allow, Finding, Severity};
use crate::report::migration::MigrationReport;
use crate::report::migration::element::Element;

fn title(report: &MigrationReport<'_>) -> &'static str {
    if report.findings.is_sound() {
        "Findings: sound"
    } else {
        "Findings: not sound"
    }
}

pub(super) fn section(report: &MigrationReport<'_>) -> Element {
    let findings: Vec<Element> = report.findings.iter().map(finding).collect();
    let section = super::section("findings", title(report));
    if findings.is_empty() {
        return section.child(Element::new("p").text("The rules found nothing."));
    }
    section.children(findings)
}

fn finding(finding: &Finding) -> Element {
    let severity = finding.severity.to_string();
    let heading = Element::new("h3")
        .child(
            Element::new("span")
                .with("class", format!("badge {severity}"))
                .text(&severity),
        )
        .text(" ")
        .prose(&finding.message)
        .text(" ")
        .child(
            Element::new("code")
                .with("class", "rule")
                .text(finding.rule.name),
        );
    let places = finding.places.iter();
    let places = places.map(|place| Element::new("li").child(Element::new("code").text(place)));
    let mut article = Element::new("article").child(heading);
    if !finding.places.is_empty() {
        article = article.child(Element::new("ul").with("class", "places").children(places));
    }
    if finding.allowed {
        article = article.child(Element::new("p").text("This error is let through by --allow."));
    }
    let allow = match finding.rule.allow {
        Allow::Yes(consequence) if finding.severity == Severity::Error => {
            format!("--allow {}: {consequence}", finding.rule.name)
        }
        _ => String::new(),
    };
    let parts = [
        ("found", finding.found.as_deref().unwrap_or_default()),
        ("why", &finding.why),
        ("help", &finding.help),
        ("allow", &allow),
    ];
    let parts = parts.into_iter().filter(|(_, text)| !text.is_empty());
    let parts = parts.map(|(name, text)| {
        Element::new("div")
            .child(Element::new("dt").text(name))
            .child(Element::new("dd").prose(text))
    });
    article.child(Element::new("dl").children(parts))
}
