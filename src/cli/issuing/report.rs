//! What is told of a new certificate.

use super::purpose;
use crate::cli::printer::Printer;
use crate::pki::{Certificate, CertificateRequest, Purpose};

/// Tells what an authority is.
pub(super) fn authority(certificate: &Certificate, printer: &mut Printer) {
    let algorithm = certificate.public_key.algorithm();
    let fingerprint = certificate.public_key.fingerprint().full();
    let end = end(certificate);
    printer.words(&format!(
        "CA         {certificate}, {algorithm}, until {end}\nkey        {fingerprint}\n"
    ));
}

/// Tells what a leaf is, and what somebody might not expect of it.
pub(super) fn leaf(leaf: &Certificate, purpose: Purpose, ca: &Certificate, printer: &mut Printer) {
    let algorithm = leaf.public_key.algorithm();
    let (what, until) = (purpose::in_words(purpose), end(leaf));
    printer.words(&format!("{what:<10} {leaf}, {algorithm}, until {until}\n"));
    let is_nameless = leaf.dns_names.is_empty() && leaf.ip_addresses.is_empty();
    if is_nameless && purpose != Purpose::Client {
        warn(
            "it has neither a DNS name nor an IP address, and no client takes such a server",
            printer,
        );
    }
    if leaf.validity.not_after > ca.validity.not_after {
        let reason = format!("it ends after its CA `{ca}`, which ends {}", end(ca));
        warn(&reason, printer);
    }
    if leaf.validity.not_before < ca.validity.not_before {
        let reason = format!("it begins before its CA `{ca}`");
        warn(&reason, printer);
    }
}

/// Tells what a request asked for and did not get.
pub(super) fn not_granted(request: &CertificateRequest, leaf: &Certificate, printer: &mut Printer) {
    for ignored in &request.ignored {
        printer.words(&format!("{:<10} {ignored}\n", "ignored"));
    }
    let granted = leaf.subject.organizations();
    for organization in request.subject.organizations() {
        if !granted.contains(&organization) {
            let organization = organization.escape_debug();
            printer.words(&format!("{:<10} O={organization}\n", "ignored"));
        }
    }
}

fn warn(reason: &str, printer: &mut Printer) {
    printer.words(&format!("warning: {reason}\n"));
}

fn end(certificate: &Certificate) -> String {
    certificate
        .validity
        .not_after
        .strftime("%Y-%m-%d %H:%M UTC")
        .to_string()
}
