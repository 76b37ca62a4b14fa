//! report.html: one page that needs nothing else, to be read, printed and handed on. It has no
//! script, loads nothing, and tells the browser so.

mod contents;
mod findings;
mod overview;
mod time_line;
mod tree;

use super::MigrationReport;
use super::element::Element;

/// The page. No secret is in it.
#[must_use]
pub fn html(report: &MigrationReport<'_>) -> String {
    let title = format!("Moving {} to Talos {}", report.plan.name, report.contract);
    let head = Element::new("head")
        .child(Element::new("meta").with("charset", "utf-8"))
        .child(
            Element::new("meta")
                .with("http-equiv", "Content-Security-Policy")
                .with("content", "default-src 'none'; style-src 'unsafe-inline'"),
        )
        .child(
            Element::new("meta")
                .with("name", "viewport")
                .with("content", "width=device-width, initial-scale=1"),
        )
        .child(Element::new("title").text(&title))
        .child(Element::style(include_str!("style.css")));
    let sections = [
        Some(contents::first(report)),
        tree::section(report),
        time_line::section(report),
        Some(findings::section(report)),
        contents::converted(report),
        contents::kept(report),
        contents::differences(report),
    ];
    let body = Element::new("body")
        .child(overview::header(report, &title))
        .child(Element::new("main").children(sections.into_iter().flatten()))
        .child(overview::footer(report));
    let page = Element::new("html")
        .with("lang", "en")
        .child(head)
        .child(body);
    format!("<!DOCTYPE html>\n{page}\n")
}

/// A part of the page under a heading of its own.
fn section(id: &'static str, title: &str) -> Element {
    Element::new("section")
        .with("id", id)
        .with("aria-labelledby", format!("{id}-title"))
        .child(
            Element::new("h2")
                .with("id", format!("{id}-title"))
                .text(title),
        )
}

/// The head of a table.
fn table_head(columns: &[&str]) -> Element {
    let cell = |column: &&str| Element::new("th").with("scope", "col").text(column);
    Element::new("thead").child(Element::new("tr").children(columns.iter().map(cell)))
}

/// A picture, with a name and a description for those who do not see it.
fn picture(id: &'static str, width: i64, height: i64, title: &str, description: &str) -> Element {
    Element::new("svg")
        .with("viewBox", format!("0 0 {width} {height}"))
        .with("role", "img")
        .with("aria-labelledby", format!("{id}-name {id}-text"))
        .child(
            Element::new("title")
                .with("id", format!("{id}-name"))
                .text(title),
        )
        .child(
            Element::new("desc")
                .with("id", format!("{id}-text"))
                .text(description),
        )
}

/// Text in a picture, cut to `length` characters; whole when it is pointed at.
fn label(class: &'static str, x: i64, y: i64, text: &str, length: usize) -> Element {
    let mut characters = text.chars();
    let mut shown: String = characters.by_ref().take(length).collect();
    let is_cut = characters.next().is_some();
    if is_cut {
        shown.pop();
        shown.push('…');
    }
    let label = Element::new("text")
        .with("class", class)
        .with("x", x)
        .with("y", y);
    if is_cut {
        label.child(Element::new("title").text(text)).text(shown)
    } else {
        label.text(shown)
    }
}
