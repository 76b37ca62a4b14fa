//! Reports for a terminal: 80 columns, readable without colour.

use std::fmt::Write;

use anstyle::{AnsiColor, Style};
use comfy_table::{ContentArrangement, Table, presets};

use super::evidence::evidence;
use super::wrap::wrap;
use crate::check::validity::day;
use crate::check::{Allow, Finding, Findings, Severity};
use crate::cluster::{Authority, Cluster, Origin};
use crate::convert::MadeBundle;
use crate::talos::file::TalosFile;

const RED: Style = AnsiColor::Red.on_default().bold();
const YELLOW: Style = AnsiColor::Yellow.on_default().bold();
const BLUE: Style = AnsiColor::Blue.on_default().bold();
const GREEN: Style = AnsiColor::Green.on_default().bold();

/// What is here, and which file fills which slot.
#[must_use]
pub fn scan(cluster: &Cluster) -> String {
    let mut text = format!("{}\n\n{}\n", headline(cluster), slots(cluster));
    let evidence = evidence(cluster);
    if !evidence.is_empty() {
        let _ = writeln!(text, "\n{evidence}");
    }
    text
}

fn headline(cluster: &Cluster) -> String {
    let counts = cluster.counts;
    let mut contents = vec![counted(
        counts.certificates_and_keys,
        "certificate or key",
        "certificates and keys",
    )];
    if !cluster.kubeconfigs.is_empty() {
        contents.push(counted(
            cluster.kubeconfigs.len(),
            "kubeconfig",
            "kubeconfigs",
        ));
    }
    if counts.static_pods > 0 {
        contents.push(counted(counts.static_pods, "static pod", "static pods"));
    }
    let layout = match cluster.layout {
        Some("by content") | None => "Cluster, told by content,".to_owned(),
        Some(layout) => format!("{layout} cluster"),
    };
    let nodes = match cluster.nodes.names.len() {
        0 => String::new(),
        count => format!(" of {count} nodes"),
    };
    let folder = cluster
        .folder
        .strip_suffix('/')
        .map_or(String::new(), |folder| format!(", in {folder}"));
    wrap(
        "",
        &format!(
            "{layout}{nodes} at {}{folder} ({})",
            cluster.name,
            contents.join(", ")
        ),
    )
}

pub(super) fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

fn slots(cluster: &Cluster) -> String {
    let mut table = Table::new();
    table
        .load_style(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Dynamic);
    // The padding of the last column is taken off below.
    table.set_width(82);
    table.set_header(["SLOT", "FILE", "KEY", "SUBJECT", "ENDS"]);
    for authority in &cluster.authorities {
        table.add_row(authority_row(cluster, authority));
    }
    if let Some(account) = &cluster.service_account {
        let title = "SA key".to_owned();
        table.add_row(match &account.key.chosen {
            Some(key) => {
                let public = key.value.public_key();
                let key_id: String = public.key_id().chars().take(8).collect();
                let algorithm = public.algorithm().to_string();
                let subject = format!("kid {key_id}…");
                [
                    title,
                    shown_place(cluster, &key.origin),
                    algorithm,
                    subject,
                    "–".to_owned(),
                ]
            }
            None => absent_row(title, !account.key.failures.is_empty()),
        });
    }
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    let lines = table.to_string();
    let lines: Vec<_> = lines.lines().map(str::trim_end).collect();
    lines.join("\n")
}

fn authority_row(cluster: &Cluster, authority: &Authority) -> [String; 5] {
    let title = authority.slot.title().to_owned();
    let Some(certificate) = &authority.certificate.chosen else {
        return absent_row(title, !authority.certificate.failures.is_empty());
    };
    let value = &certificate.value;
    let ends = value.validity.not_after;
    [
        title,
        shown_place(cluster, &certificate.origin),
        value.public_key.algorithm().to_string(),
        value.subject.to_string(),
        day(ends),
    ]
}

/// A path below the cluster's folder, or the field of a configuration.
fn shown_place(cluster: &Cluster, origin: &Origin) -> String {
    let path = || cluster.shown_path(&origin.file);
    origin.field.clone().unwrap_or_else(path)
}

fn absent_row(title: String, is_unreadable: bool) -> [String; 5] {
    let state = if is_unreadable {
        "(unreadable)"
    } else {
        "(missing)"
    };
    let dash = || "–".to_owned();
    [title, state.to_owned(), dash(), dash(), dash()]
}

/// Every error and warning; notes if `notes` asks for them.
#[must_use]
pub fn findings(findings: &Findings, notes: bool) -> String {
    let shown = findings
        .iter()
        .filter(|finding| notes || finding.severity != Severity::Note);
    let shown: Vec<_> = shown.map(finding).collect();
    shown.join("\n")
}

fn finding(finding: &Finding) -> String {
    let style = match finding.severity {
        Severity::Error => RED,
        Severity::Warning => YELLOW,
        Severity::Note => BLUE,
    };
    let start = format!("{}[{}]: ", finding.severity, finding.rule.name);
    let first = wrap(&start, &finding.message);
    // The style is put on afterwards, so that it does not count as columns.
    let head = start.trim_end();
    let mut text = first.replacen(head, &format!("{style}{head}{style:#}"), 1);
    text.push('\n');
    for place in &finding.places {
        text.push_str(&wrap("  --> ", place));
        text.push('\n');
    }
    if finding.allowed {
        text.push_str("   = allowed: this error is let through by --allow\n");
    }
    let allow = match finding.rule.allow {
        Allow::Yes(consequence) if finding.severity == Severity::Error => {
            Some(format!("--allow {}: {consequence}", finding.rule.name))
        }
        _ => None,
    };
    let parts = [
        ("   = found: ", finding.found.as_deref()),
        ("   = why: ", Some(finding.why.as_str())),
        ("   = help: ", Some(finding.help.as_str())),
        ("   = allow: ", allow.as_deref()),
    ];
    for (start, part) in parts {
        if let Some(part) = part.filter(|part| !part.is_empty()) {
            text.push_str(&wrap(start, part));
            text.push('\n');
        }
    }
    text
}

/// All findings on several files of Talos, and a verdict on each file and on all.
#[must_use]
pub fn files(judged: &[(&TalosFile, Findings)], notes: bool) -> String {
    let all = Findings::joined(judged.iter().map(|(_, findings)| findings.clone()));
    let shown = findings(&all, notes);
    let gap = if shown.is_empty() { "" } else { "\n" };
    let lines = judged.iter().map(|(file, findings)| {
        let errors = findings.count(Severity::Error);
        let verdict = match errors {
            0 => "sound".to_owned(),
            _ => counted(errors, "error", "errors"),
        };
        format!("{}: {}: {verdict}", file.name, file.kind)
    });
    let lines: Vec<_> = lines.collect();
    // A machine configuration says much that these rules do not look at.
    let has_more = judged.iter().any(|(file, _)| file.machine().is_some());
    let rest = if has_more && all.is_sound() {
        "Judged: trust, and what Talos refuses before a node sees it\n"
    } else {
        ""
    };
    format!(
        "{shown}{gap}{}\n\n{}\n{rest}",
        lines.join("\n"),
        verdict(&all, notes)
    )
}

/// The closing line of a scan.
#[must_use]
pub fn verdict(findings: &Findings, notes: bool) -> String {
    let counts = counts(findings, notes);
    if findings.is_sound() {
        format!("{GREEN}Sound.{GREEN:#} {counts}")
    } else {
        format!("{RED}Not sound.{RED:#} {counts}")
    }
}

/// The closing line when nothing is written.
#[must_use]
pub fn refusal(findings: &Findings) -> String {
    let errors = counted(findings.count(Severity::Error), "error", "errors");
    format!("{RED}Refused:{RED:#} {errors}. Nothing was written")
}

fn counts(findings: &Findings, notes: bool) -> String {
    let errors = counted(findings.count(Severity::Error), "error", "errors");
    let warnings = counted(findings.count(Severity::Warning), "warning", "warnings");
    let count = findings.count(Severity::Note);
    let hint = if notes || count == 0 {
        ""
    } else if count == 1 {
        " (--notes shows it)"
    } else {
        " (--notes shows them)"
    };
    format!(
        "{errors}, {warnings}, {}{hint}",
        counted(count, "note", "notes")
    )
}

/// A warning that no rule gives.
#[must_use]
pub fn warning(text: &str) -> String {
    format!("{}\n", wrap("warning: ", text))
}

/// What a bundle of an imported cluster lacks, and what does not lack it.
#[must_use]
pub fn keys_alone() -> String {
    let attention = "a bundle holds keys alone; `talos-pki convert` takes along how the cluster is run: \
                     encryption at rest, the issuer of tokens, networks, flags";
    format!("{}\n", wrap("attention  ", attention))
}

/// What a bundle was made of.
#[must_use]
pub fn bundle_made(made: &MadeBundle, layout: Option<&str>, place: &str) -> String {
    let mut text = String::new();
    if !made.imported.is_empty() {
        let from = match layout {
            Some("by content") => format!(", told by content, at {place}"),
            Some(layout) => format!(", from {layout} at {place}"),
            None => String::new(),
        };
        text.push_str(&wrap(
            "imported   ",
            &format!("{}{from}", made.imported.join(", ")),
        ));
        text.push('\n');
    }
    for (start, parts) in [
        ("given      ", &made.given),
        ("generated  ", &made.generated),
    ] {
        if !parts.is_empty() {
            text.push_str(&wrap(start, &parts.join(", ")));
            text.push('\n');
        }
    }
    text
}
