//! What Talos cannot issue with, and what the API server will not sign with.

use super::Context;
use super::finding::Finding;
use super::rule::{Allow, Family, Judge, Rule, Severity};
use crate::cluster::{Cluster, Located};
use crate::pki::{Certificate, Curve, Hash, KeyAlgorithm, SignatureAlgorithm};

/// Smallest RSA modulus, in bits, that OpenSSL takes at the security level of current systems.
const SMALLEST_RSA: usize = 2_048;

pub(super) static FAMILY: Family = Family {
    title: "Algorithms",
    rules: &[
        &RSA_TOO_SMALL,
        &CA_SIGNATURE_ALGORITHM,
        &CA_SIGNATURE_FAMILY,
        &SERVICE_ACCOUNT_ALGORITHM,
    ],
    judge: Judge::Cluster(check),
};

static RSA_TOO_SMALL: Rule = Rule {
    name: "rsa-too-small",
    severity: Severity::Error,
    summary: "An RSA key is smaller than 2048 bits",
    why: "Talos would issue with it, but OpenSSL on current systems refuses the CA (\"ca key too \
          small\"), and such a key can be broken",
    help: "rotate the CA or key in the old cluster first",
    allow: Allow::Yes("the small key is taken as it is"),
};

static CA_SIGNATURE_ALGORITHM: Rule = Rule {
    name: "ca-signature-algorithm",
    severity: Severity::Error,
    summary: "The CA certificate is signed in a way that Talos cannot issue with",
    why: "Talos chooses the algorithm of new certificates by how the CA certificate itself was \
          signed, and knows SHA-256, SHA-384 and SHA-512 with RSA or ECDSA, and Ed25519. The \
          control plane does not start: \"unsupported signature algorithm\"",
    help: "sign the CA certificate anew, for the same key and subject: openssl x509 -in ca.crt \
           -signkey ca.key -sha256 -days 3650 -out new-ca.crt",
    allow: Allow::Yes("the certificate is taken as it is, and Talos cannot issue with it"),
};

static CA_SIGNATURE_FAMILY: Rule = Rule {
    name: "ca-signature-family",
    severity: Severity::Error,
    summary: "The CA's key is of another kind than the key that signed it",
    why: "Talos chooses the kind of new keys by how the CA certificate was signed, and then signs \
          with the CA's own key: \"requested SignatureAlgorithm does not match private key type\"",
    help: "self-sign the CA certificate with its own key, or rotate to a self-signed CA",
    allow: Allow::Yes("the certificate is taken as it is, and Talos cannot issue with it"),
};

static SERVICE_ACCOUNT_ALGORITHM: Rule = Rule {
    name: "service-account-algorithm",
    severity: Severity::Error,
    summary: "The API server cannot sign tokens with this kind of key",
    why: "kube-apiserver signs tokens with RSA, or ECDSA on P-256, P-384 or P-521, and does not \
          start with any other service-account key",
    help: "give the key that the old controller manager signs with",
    allow: Allow::Yes("the key is taken as it is, and kube-apiserver will not start with it"),
};

fn check(cluster: &Cluster, _context: &Context, findings: &mut Vec<Finding>) {
    for authority in &cluster.authorities {
        if let Some(certificate) = &authority.certificate.chosen {
            let algorithm = certificate.value.public_key.algorithm();
            findings.extend(too_small(algorithm, &certificate.origin.to_string()));
            findings.extend(cannot_issue(certificate));
        }
    }
    let account = cluster.service_account.as_ref();
    if let Some(key) = account.and_then(|account| account.key.chosen.as_ref()) {
        let algorithm = key.value.public_key().algorithm();
        findings.extend(too_small(algorithm, &key.origin.to_string()));
        if matches!(
            algorithm,
            KeyAlgorithm::Ed25519 | KeyAlgorithm::Ecdsa(Curve::P224)
        ) {
            let message = format!("`{}` is an {algorithm} key", key.origin.name());
            findings.push(SERVICE_ACCOUNT_ALGORITHM.finding(message).at(&key.origin));
        }
    }
}

fn too_small(algorithm: &KeyAlgorithm, place: &str) -> Option<Finding> {
    match algorithm {
        KeyAlgorithm::Rsa(bits) if *bits < SMALLEST_RSA => {
            let message = format!("an RSA key of {bits} bits is too small");
            Some(RSA_TOO_SMALL.finding(message).at(place))
        }
        _ => None,
    }
}

/// Talos's `NewKeyPair` asks the CA certificate's signature, not its key (siderolabs/crypto).
fn cannot_issue(certificate: &Located<Certificate>) -> Option<Finding> {
    let value = &certificate.value;
    let file = certificate.origin.name();
    let (key, signature) = (value.public_key.algorithm(), &value.signature_algorithm);
    let fits = match (signature, key) {
        // `algorithm-unsupported` has said all there is to say.
        (_, KeyAlgorithm::Other(_)) => return None,
        (SignatureAlgorithm::Rsa(hash) | SignatureAlgorithm::Ecdsa(hash), _)
            if !matches!(hash, Hash::Sha256 | Hash::Sha384 | Hash::Sha512) =>
        {
            None
        }
        (SignatureAlgorithm::Rsa(_), key) => Some(matches!(key, KeyAlgorithm::Rsa(_))),
        (SignatureAlgorithm::Ecdsa(_), key) => Some(matches!(key, KeyAlgorithm::Ecdsa(_))),
        (SignatureAlgorithm::Ed25519, key) => Some(matches!(key, KeyAlgorithm::Ed25519)),
        (SignatureAlgorithm::RsaPss(..) | SignatureAlgorithm::Other(_), _) => None,
    };
    let finding = match fits {
        Some(true) => return None,
        Some(false) => CA_SIGNATURE_FAMILY.finding(format!(
            "`{file}` has an {key} key and was signed by {signature}"
        )),
        None => CA_SIGNATURE_ALGORITHM.finding(format!("`{file}` is signed by {signature}")),
    };
    Some(finding.at(format!("{}: {value}", certificate.origin)))
}
