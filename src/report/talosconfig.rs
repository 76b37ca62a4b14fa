//! The contexts of a talosconfig, for a person and for programs.

use std::fmt::Write;

use anstyle::{AnsiColor, Style};
use comfy_table::{ColumnConstraint, ContentArrangement, Table, presets};
use jiff::Timestamp;
use schemars::{JsonSchema, schema_for};
use serde::Serialize;

use super::wrap::wrap;
use crate::check::validity::{day, distance};
use crate::printable::printable;
use crate::talos::apid::{self, GrantedRoles};
use crate::talos::{Context, Contract, Credentials, Talosconfig};

const RED: Style = AnsiColor::Red.on_default().bold();

/// The report of `talos-pki config info --format json`.
#[derive(Debug, Serialize, JsonSchema)]
pub struct TalosconfigReport {
    /// The file.
    file: String,
    /// The moment of the judgement (RFC 3339).
    now: String,
    /// The Talos version by which the roles are judged.
    talos_version: String,
    /// The contexts, in the order of the file.
    contexts: Vec<ContextReport>,
}

/// One context.
#[derive(Debug, Serialize, JsonSchema)]
struct ContextReport {
    /// Its name.
    name: String,
    /// Whether it is the one that is used if none is named.
    current: bool,
    /// Where Talos's API is reached.
    endpoints: Vec<String>,
    /// The nodes that commands are for.
    nodes: Vec<String>,
    /// The client's certificate, if it can be read.
    certificate: Option<ClientReport>,
    /// Whether Talos's API accepts it; nothing if it logs in by other means than a certificate.
    accepted: Option<bool>,
    /// Why it is refused.
    refusals: Vec<String>,
}

/// The certificate of a client.
#[derive(Debug, Serialize, JsonSchema)]
struct ClientReport {
    /// Roles that the Talos version has.
    roles: Vec<String>,
    /// Names that stand in the place of roles, and mean nothing to that version.
    unknown_roles: Vec<String>,
    /// Who signed it, by its own word.
    issuer: String,
    /// `sha256:` and the SHA-256 of the public key of the CA in the context, in hexadecimal.
    ca_fingerprint: Option<String>,
    /// Kind of key, such as `Ed25519`.
    algorithm: String,
    /// `sha256:` and the SHA-256 of its SubjectPublicKeyInfo in hexadecimal.
    fingerprint: String,
    /// The first second in which it holds (RFC 3339).
    not_before: String,
    /// The last second in which it holds (RFC 3339).
    not_after: String,
    /// Seconds that are left; negative if it has ended.
    seconds_left: i64,
    #[serde(skip)]
    begins: Timestamp,
    #[serde(skip)]
    ends: Timestamp,
    #[serde(skip)]
    short_ca_fingerprint: Option<String>,
}

impl TalosconfigReport {
    /// The report on `config`.
    #[must_use]
    pub fn of(file: &str, config: &Talosconfig, now: Timestamp, contract: Contract) -> Self {
        let contexts = config.contexts().map(|(name, context)| {
            let current = name == config.current();
            ContextReport::of(name, current, context, now, contract)
        });
        Self {
            file: file.to_owned(),
            now: now.to_string(),
            talos_version: contract.to_string(),
            contexts: contexts.collect(),
        }
    }

    /// Whether Talos's API refuses none of the contexts.
    #[must_use]
    pub fn is_accepted(&self) -> bool {
        self.contexts
            .iter()
            .all(|context| context.accepted != Some(false))
    }
}

impl ContextReport {
    fn of(
        name: &str,
        current: bool,
        context: &Context,
        now: Timestamp,
        contract: Contract,
    ) -> Self {
        let owned = |texts: Vec<&str>| texts.into_iter().map(str::to_owned).collect();
        let credentials = Credentials::read(context);
        let refusals: Vec<_> = match &credentials {
            Ok(credentials) => {
                let refusals = apid::refusals(credentials, now, contract);
                refusals.iter().map(ToString::to_string).collect()
            }
            Err(problems) => problems.iter().map(ToString::to_string).collect(),
        };
        let is_judged = !context.has_other_authentication() || context.certificate().is_some();
        Self {
            name: name.to_owned(),
            current,
            endpoints: owned(context.endpoints()),
            nodes: owned(context.nodes()),
            certificate: ClientReport::of(context, now, contract),
            accepted: is_judged.then_some(refusals.is_empty()),
            refusals: if is_judged { refusals } else { Vec::new() },
        }
    }
}

impl ClientReport {
    fn of(context: &Context, now: Timestamp, contract: Contract) -> Option<Self> {
        let certificate = Credentials::certificate_of(context).ok()?;
        let granted = GrantedRoles::of(&certificate, contract);
        let ca = Credentials::authority_of(context).ok();
        let ca_fingerprint = ca.map(|ca| ca.public_key.fingerprint());
        let validity = certificate.validity;
        let known = granted.known.iter().map(|role| role.name().to_owned());
        Some(Self {
            roles: known.collect(),
            unknown_roles: granted.unknown,
            issuer: certificate.issuer.to_string(),
            ca_fingerprint: ca_fingerprint.map(|fingerprint| fingerprint.full()),
            algorithm: certificate.public_key.algorithm().to_string(),
            fingerprint: certificate.public_key.fingerprint().full(),
            not_before: validity.not_before.to_string(),
            not_after: validity.not_after.to_string(),
            seconds_left: validity.not_after.as_second() - now.as_second(),
            begins: validity.not_before,
            ends: validity.not_after,
            short_ca_fingerprint: ca_fingerprint.map(|fingerprint| fingerprint.to_string()),
        })
    }

    /// When it ends, in a person's words.
    fn end(&self) -> String {
        if self.seconds_left < 0 {
            format!("{} (ended)", day(self.ends))
        } else {
            format!("{} ({})", day(self.ends), self.distance())
        }
    }

    fn distance(&self) -> String {
        let now = Timestamp::from_second(self.ends.as_second() - self.seconds_left);
        now.map_or_else(|_| String::new(), |now| distance(now, self.ends))
    }

    fn all_roles(&self) -> String {
        let unknown = self.unknown_roles.iter();
        let unknown = unknown.map(|name| format!("{} (unknown)", printable(name)));
        let roles: Vec<_> = self.roles.iter().cloned().chain(unknown).collect();
        listed(&roles)
    }
}

/// Every context in a table, and below it what does not fit in there.
#[must_use]
pub fn talosconfig(report: &TalosconfigReport) -> String {
    let count = report.contexts.len();
    let plural = if count == 1 { "" } else { "s" };
    let heading = format!("talosconfig at {} ({count} context{plural})", report.file);
    let mut text = wrap("", &heading);
    text.push('\n');
    if report.contexts.is_empty() {
        return text;
    }
    let _ = writeln!(text, "\n{}", table(&report.contexts));
    for context in &report.contexts {
        let _ = writeln!(text, "\n{}{}", mark(context), printable(&context.name));
        details(&mut text, context);
    }
    text
}

fn table(contexts: &[ContextReport]) -> String {
    let mut table = Table::new();
    table
        .load_style(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Dynamic);
    // The padding of the last column is taken off below.
    table.set_width(82);
    table.set_header(["  CONTEXT", "ROLES", "KEY", "ENDS", "API"]);
    for context in contexts {
        let name = format!("{}{}", mark(context), printable(&context.name));
        let dash = || "–".to_owned();
        let client = context.certificate.as_ref();
        table.add_row([
            name,
            client.map_or_else(dash, ClientReport::all_roles),
            client.map_or_else(dash, |client| client.algorithm.clone()),
            client.map_or_else(dash, ClientReport::end),
            match context.accepted {
                Some(true) => "accepts".to_owned(),
                Some(false) => "refuses".to_owned(),
                None => dash(),
            },
        ]);
    }
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
        // Names and roles may take more than one line, if that helps.
        if column.index > 1 {
            column.set_constraint(ColumnConstraint::ContentWidth);
        }
    }
    let lines = table.to_string();
    let lines: Vec<_> = lines.lines().map(str::trim_end).collect();
    lines.join("\n")
}

/// The current context has a star, as with talosctl.
fn mark(context: &ContextReport) -> &'static str {
    if context.current { "* " } else { "  " }
}

fn details(text: &mut String, context: &ContextReport) {
    let mut rows = vec![
        ("endpoints", listed(&context.endpoints)),
        ("nodes", listed(&context.nodes)),
    ];
    if let Some(client) = &context.certificate {
        let ca = client.short_ca_fingerprint.as_ref();
        let ca = ca.map_or_else(String::new, |ca| format!(", CA key {ca}"));
        rows.push(("issuer", format!("{}{ca}", client.issuer)));
        rows.push(("holds from", day(client.begins)));
        rows.push(("holds until", client.end()));
    }
    if context.accepted.is_none() {
        rows.push(("login", "by other means than a certificate".to_owned()));
    }
    for (title, value) in rows {
        let _ = writeln!(text, "{}", wrap(&format!("    {title:<12}"), &value));
    }
    for refusal in &context.refusals {
        let start = format!("    {:<12}", "refused");
        let line = wrap(&start, refusal);
        // The style is put on afterwards, so that it does not count as columns.
        let line = line.replacen("refused", &format!("{RED}refused{RED:#}"), 1);
        let _ = writeln!(text, "{line}");
    }
}

fn listed(values: &[String]) -> String {
    if values.is_empty() {
        return "–".to_owned();
    }
    let values = values.iter().map(|value| printable(value));
    values.collect::<Vec<_>>().join(", ")
}

/// The JSON schema of [`TalosconfigReport`], as `config info --format json` prints it.
#[must_use]
pub fn talosconfig_schema() -> serde_json::Value {
    schema_for!(TalosconfigReport).to_value()
}
