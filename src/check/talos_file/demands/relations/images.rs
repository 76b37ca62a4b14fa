//! Registries, and who signed their images.

use crate::check::talos_file::demands::refusals::Refusals;
use crate::check::talos_file::demands::{is_filled, is_on, text_of};
use crate::pki::pem;
use crate::pki::{Certificate, PrivateKey};
use crate::talos::encoded_pem::REDACTED;
use crate::talos::file::Node;

/// A rule of ImageVerificationConfig: it lets images by, keeps them out, or has them verified.
pub(super) fn rule(rule: &Node<'_>, refusals: &mut Refusals<'_>) {
    if !is_filled(rule, "image") {
        refusals.require(rule, "image");
    }
    let [skip, deny] = ["skip", "deny"].map(|field| is_on(rule, field));
    let verifiers: Vec<_> = ["keyless", "publicKey"]
        .into_iter()
        .filter(|field| rule.at(field).is_some())
        .collect();
    let way = if skip { "skip" } else { "deny" };
    match verifiers.as_slice() {
        [] if !skip && !deny => {
            let name = rule.origin();
            let message = format!(
                "`{}` has no `keyless`, `publicKey`, `skip` or `deny`",
                name.name()
            );
            refusals.require_one(rule, "keyless", &message);
        }
        [one, ..] if skip || deny => refusals.clash(rule, way, one),
        [one, other] => refusals.clash(rule, one, other),
        _ => {}
    }
    if skip && deny {
        refusals.clash(rule, "skip", "deny");
    }
    if let Some(keyless) = rule.at("keyless") {
        if !is_filled(&keyless, "issuer") {
            refusals.require(&keyless, "issuer");
        }
        if !is_filled(&keyless, "subject") && !is_filled(&keyless, "subjectRegex") {
            refusals.require(&keyless, "subject");
        }
    }
    if rule.at("publicKey").is_some() && !is_filled(rule, "publicKey.certificate") {
        refusals.require(rule, "publicKey.certificate");
    }
}

/// RegistryTLSConfig
pub(super) fn registry_tls(document: &Node<'_>, refusals: &mut Refusals<'_>) {
    if let Some(text) = text_of(document, "ca").filter(|text| *text != REDACTED) {
        let is_certificate = |block: &pem::Block| {
            block.label == "CERTIFICATE"
                && Certificate::from_der(block.contents.expose())
                    .is_ok_and(|certificate| certificate.go_refusal.is_none())
        };
        if !pem::read(text.as_bytes()).blocks.iter().any(is_certificate) {
            refusals.refuse(document, "ca", "has no certificate in PEM");
        }
    }
    let Some(identity) = document.at("clientIdentity") else {
        return;
    };
    for field in ["cert", "key"] {
        let Some(text) = text_of(&identity, field) else {
            refusals.require(&identity, field);
            continue;
        };
        let blocks = pem::read(text.as_bytes()).blocks;
        let fits = match (field, blocks.first()) {
            ("cert", Some(block)) if refusals.contract.kubernetes_documents() => {
                blocks.iter().all(|block| block.label == "CERTIFICATE") && !block.label.is_empty()
            }
            ("cert", Some(block)) => Certificate::from_der(block.contents.expose())
                .is_ok_and(|certificate| certificate.go_refusal.is_none()),
            (_, Some(_)) if refusals.contract.kubernetes_documents() => true,
            (_, Some(block)) => {
                block.label == "PRIVATE KEY" && PrivateKey::from_block(block, None).is_ok()
            }
            (_, None) => false,
        };
        if text != REDACTED && !fits {
            refusals.refuse(&identity, field, "cannot be read as PEM");
        }
    }
}
