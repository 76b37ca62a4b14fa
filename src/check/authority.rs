//! Whether a CA certificate is one: what it says of itself, and who signed it.

use super::Context;
use super::finding::Finding;
use super::rule::{Allow, Family, Judge, Rule, Severity};
use crate::cluster::{CaSlot, Cluster, Located};
use crate::pki::{Certificate, SignatureError, X509Version};

pub(super) static FAMILY: Family = Family {
    title: "Authorities",
    rules: &[
        &NOT_A_CA,
        &NO_BASIC_CONSTRAINTS,
        &NO_KEY_CERT_SIGN,
        &X509_V1,
        &CA_EXTENDED_KEY_USAGE,
        &CRITICAL_EXTENSION,
        &NAME_CONSTRAINTS,
        &SUBORDINATE_CA,
        &SELF_SIGNATURE,
    ],
    judge: Judge::Cluster(check),
};

static NOT_A_CA: Rule = Rule {
    name: "not-a-ca",
    severity: Severity::Error,
    summary: "The certificate says that it is not a CA",
    why: "Talos would issue certificates with it, and nobody would accept them: \"parent \
          certificate cannot sign this kind of certificate\"",
    help: "put the CA certificate in its place, not one that the CA issued",
    allow: Allow::Yes("the certificate is taken as it is, and its certificates will not verify"),
};

static NO_BASIC_CONSTRAINTS: Rule = Rule {
    name: "no-basic-constraints",
    severity: Severity::Error,
    summary: "The certificate does not say that it is a CA",
    why: "A version 3 certificate without BasicConstraints is no CA (RFC 5280 section 4.2.1.9); \
          Go, and so Kubernetes, refuses every certificate below it",
    help: "put the CA certificate in its place, or issue it anew with `basicConstraints = \
           critical, CA:TRUE` for the same key and subject",
    allow: Allow::Yes("the certificate is taken as it is, and its certificates will not verify"),
};

static NO_KEY_CERT_SIGN: Rule = Rule {
    name: "no-key-cert-sign",
    severity: Severity::Error,
    summary: "The CA's key may not sign certificates",
    why: "Its key usage lacks keyCertSign (RFC 5280 section 4.2.1.3); Go, and so Kubernetes, \
          refuses every certificate below it",
    help: "issue the CA certificate anew with `keyUsage = critical, keyCertSign, \
           digitalSignature` for the same key and subject",
    allow: Allow::Yes("the certificate is taken as it is, and its certificates will not verify"),
};

static X509_V1: Rule = Rule {
    name: "x509-v1",
    severity: Severity::Warning,
    summary: "The CA certificate is of X.509 version 1",
    why: "It cannot say that it is a CA. Go takes it as a root all the same, so Talos and \
          Kubernetes work, but other libraries refuse it (rustls always does)",
    help: "plan a new Kubernetes CA after the migration",
    allow: Allow::NotNeeded,
};

static CA_EXTENDED_KEY_USAGE: Rule = Rule {
    name: "ca-extended-key-usage",
    severity: Severity::Error,
    summary: "The CA may not issue the kinds of certificate that its slot needs",
    why: "An extended key usage on a CA limits what is below it in Go: a certificate for another \
          use is refused with \"certificate specifies an incompatible key usage\"",
    help: "issue the CA certificate anew without extendedKeyUsage, or with serverAuth and \
           clientAuth, for the same key and subject",
    allow: Allow::Yes("the certificate is taken as it is, and its certificates will not verify"),
};

static CRITICAL_EXTENSION: Rule = Rule {
    name: "critical-extension",
    severity: Severity::Error,
    summary: "The CA has a critical extension that Go does not know",
    why: "Go refuses every chain with it: \"unhandled critical extension\"",
    help: "issue the CA certificate anew without that extension, for the same key and subject",
    allow: Allow::Yes("the certificate is taken as it is, and its certificates will not verify"),
};

static NAME_CONSTRAINTS: Rule = Rule {
    name: "name-constraints",
    severity: Severity::Error,
    summary: "The CA restricts the names below it",
    why: "Talos puts node names, addresses and `kubernetes.default.svc` into certificates; one \
          name outside of the constraints, and the certificate is refused",
    help: "let it through only if the constraints permit every name and address of the nodes, and \
           `kubernetes.default.svc` with its short forms; otherwise rotate to a CA without them",
    allow: Allow::Yes("the certificate is taken as it is, constraints and all"),
};

static SUBORDINATE_CA: Rule = Rule {
    name: "subordinate-ca",
    severity: Severity::Error,
    summary: "The CA was issued by another CA",
    why: "Talos does not support intermediate CAs. What works: Go trusts the certificate itself, \
          so control plane, kubelets and kubectl verify. What does not: servers send their \
          certificate without the chain, so a kubeconfig or pod that trusts only the root fails, \
          and OpenSSL programs in pods fail because `ca.crt` does not reach a root",
    help: "import it only if every client trusts this certificate itself; otherwise rotate to a \
           self-signed CA first",
    allow: Allow::Yes("the subordinate CA alone is taken as it is, without the chain above it"),
};

static SELF_SIGNATURE: Rule = Rule {
    name: "self-signature",
    severity: Severity::Error,
    summary: "The CA names itself as its issuer, but its key did not sign it",
    why: "The certificate was altered or damaged after it was signed. OpenSSL programs refuse it \
          as a root; what it says cannot be trusted",
    help: "take the CA certificate from another control-plane node or a kubeconfig",
    allow: Allow::Yes("the certificate is taken as it is"),
};

fn check(cluster: &Cluster, _context: &Context, findings: &mut Vec<Finding>) {
    for authority in &cluster.authorities {
        if let Some(certificate) = &authority.certificate.chosen {
            // The others say nothing about a certificate that is no CA certificate at all.
            match own_word(certificate) {
                Some(finding) => findings.push(finding),
                None => findings.extend(limits(authority.slot, certificate)),
            }
            findings.extend(signature(cluster, certificate));
        }
    }
}

/// What the certificate says about being a CA.
fn own_word(certificate: &Located<Certificate>) -> Option<Finding> {
    let value = &certificate.value;
    let file = certificate.origin.name();
    let (rule, message) = match (value.version, value.basic_constraints, value.key_usage) {
        (X509Version::V1 | X509Version::V2, ..) => (
            &X509_V1,
            format!("`{file}` is an X.509 version 1 certificate"),
        ),
        (_, None, _) => (
            &NO_BASIC_CONSTRAINTS,
            format!("`{file}` has no BasicConstraints"),
        ),
        (_, Some(constraints), _) if !constraints.ca => (
            &NOT_A_CA,
            format!("`{file}` is not a CA: BasicConstraints say CA:FALSE"),
        ),
        (.., Some(usage)) if !usage.key_cert_sign => (
            &NO_KEY_CERT_SIGN,
            format!("`{file}` has a key usage without keyCertSign"),
        ),
        _ => return None,
    };
    Some(rule.finding(message).at(place(certificate)))
}

fn limits(slot: CaSlot, certificate: &Located<Certificate>) -> Vec<Finding> {
    let value = &certificate.value;
    let file = certificate.origin.name();
    let mut findings = Vec::new();
    if let Some(usage) = &value.extended_key_usage {
        // The front proxy is only ever a client.
        let server = usage.server_auth || slot == CaSlot::Aggregator;
        let missing = match (server, usage.client_auth) {
            _ if usage.any => None,
            (true, true) => None,
            (false, false) => Some("serverAuth and clientAuth"),
            (false, true) => Some("serverAuth"),
            (true, false) => Some("clientAuth"),
        };
        if let Some(missing) = missing {
            let message = format!("`{file}` has an extended key usage without {missing}");
            findings.push(
                CA_EXTENDED_KEY_USAGE
                    .finding(message)
                    .at(place(certificate)),
            );
        }
    }
    if !value.unhandled_critical.is_empty() {
        let extensions = value.unhandled_critical.join(", ");
        let message =
            format!("`{file}` has a critical extension that Go does not know: {extensions}");
        findings.push(CRITICAL_EXTENSION.finding(message).at(place(certificate)));
    }
    if value.name_constraints {
        let message = format!("`{file}` restricts the names of the certificates below it");
        findings.push(NAME_CONSTRAINTS.finding(message).at(place(certificate)));
    }
    findings
}

fn signature(cluster: &Cluster, certificate: &Located<Certificate>) -> Option<Finding> {
    let value = &certificate.value;
    let file = certificate.origin.name();
    if !value.is_self_issued() {
        let message = format!("`{file}` is a subordinate CA, issued by {}", value.issuer);
        return Some(SUBORDINATE_CA.finding(message).at(place(certificate)));
    }
    match value.verify_self_signature() {
        Ok(()) | Err(SignatureError::Unsupported(_)) => None,
        Err(SignatureError::Bad) => {
            // A root of the same name may have signed it: then it is a subordinate CA.
            let same_name = cluster
                .other_certificates
                .iter()
                .find(|other| other.value.der() != value.der() && value.is_issued_by(&other.value));
            let finding = match same_name {
                Some(root) => SUBORDINATE_CA.finding(format!(
                    "`{file}` is a subordinate CA, issued by the CA of the same name in `{}`",
                    root.origin.name()
                )),
                None => SELF_SIGNATURE.finding(format!(
                    "`{file}` names itself as its issuer, but its key did not sign it"
                )),
            };
            Some(finding.at(place(certificate)))
        }
    }
}

fn place(certificate: &Located<Certificate>) -> String {
    let value = &certificate.value;
    format!(
        "{}: {value}, key {}",
        certificate.origin,
        value.public_key.fingerprint()
    )
}
