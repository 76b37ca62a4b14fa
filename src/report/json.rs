//! Reports for programs. Their schemas are published as `docs/scan.schema.json` and
//! `docs/validate.schema.json`.

use jiff::Timestamp;
use schemars::{JsonSchema, schema_for};
use serde::Serialize;

use crate::check::{Context, Finding, Findings, Severity};
use crate::cluster::{Authority, Cluster, EncryptionEvidence, Located, Origin};
use crate::pki::{Certificate, PrivateKey};
use crate::talos::file::{FileKind, TalosFile};

/// The report of `talos-pki scan --format json` on one source.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ScanReport {
    /// The source as it was named.
    source: String,
    /// The names of the nodes, if it was read from several; places begin with them.
    nodes: Vec<String>,
    /// How the files were told apart: the distribution, such as `kubeadm`, or `by content`.
    layout: Option<String>,
    /// By what the distribution was told.
    layout_evidence: Option<String>,
    /// The moment of the judgement (RFC 3339).
    now: String,
    /// Whether a bundle could be written.
    sound: bool,
    /// The CA slots.
    authorities: Vec<AuthorityReport>,
    /// The service-account key.
    service_account: Option<KeyReport>,
    /// Whether Secrets are encrypted at rest: `on`, `off` or `unknown`.
    encryption_at_rest: String,
    /// The issuer of service-account tokens, where a manifest tells.
    service_account_issuer: Option<String>,
    /// Everything that the rules found, the worst first.
    findings: Vec<FindingReport>,
}

/// The report of `talos-pki validate --format json` on one file.
#[derive(Debug, Serialize, JsonSchema)]
pub struct FileReport {
    /// The file as it was named.
    file: String,
    /// What it is: `bundle`, `machine config` or `talosconfig`.
    kind: String,
    /// The same in words, with the kind of machine and the form of a machine config.
    description: String,
    /// The Talos version of the judgement.
    talos_version: String,
    /// The moment of the judgement (RFC 3339).
    now: String,
    /// Whether nothing refuses it.
    sound: bool,
    /// Everything that the rules found, the worst first.
    findings: Vec<FindingReport>,
}

/// One CA slot.
#[derive(Debug, Serialize, JsonSchema)]
struct AuthorityReport {
    /// The slot's name in the bundle: `k8s`, `etcd`, `k8saggregator`, `os`.
    slot: String,
    /// The certificate, if one was found and could be read.
    certificate: Option<CertificateReport>,
    /// The private key, if one was found and could be read.
    key: Option<KeyReport>,
    /// The CAs that the cluster trusts beside it.
    accepted: Vec<CertificateReport>,
}

/// A CA certificate.
#[derive(Debug, Serialize, JsonSchema)]
struct CertificateReport {
    /// The file, and the field in it if it has fields.
    file: String,
    /// The number of the PEM block, from 1.
    block: Option<usize>,
    /// Subject.
    subject: String,
    /// Issuer.
    issuer: String,
    /// The first second in which it holds (RFC 3339).
    not_before: String,
    /// The last second in which it holds (RFC 3339).
    not_after: String,
    /// Kind of key, such as `RSA-2048`.
    algorithm: String,
    /// `sha256:` and the SHA-256 of the SubjectPublicKeyInfo in hexadecimal.
    fingerprint: String,
}

/// A private key, by its public half.
#[derive(Debug, Serialize, JsonSchema)]
struct KeyReport {
    /// The file, and the field in it if it has fields.
    file: String,
    /// Kind of key, such as `RSA-2048`.
    algorithm: String,
    /// `sha256:` and the SHA-256 of the SubjectPublicKeyInfo in hexadecimal.
    fingerprint: String,
    /// The `kid` of tokens signed with it.
    key_id: String,
}

/// One finding.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct FindingReport {
    /// The rule's name.
    rule: String,
    /// `error`, `warning` or `note`.
    severity: String,
    /// Whether `--allow` let it through.
    allowed: bool,
    /// What is wrong.
    message: String,
    /// Where, with what was seen there.
    places: Vec<String>,
    /// Something else that was found and bears on it.
    found: Option<String>,
    /// What breaks.
    why: String,
    /// What to do.
    help: String,
}

impl ScanReport {
    /// The report on `cluster`.
    #[must_use]
    pub fn of(cluster: &Cluster, findings: &Findings, now: Timestamp) -> Self {
        Self {
            source: cluster.name.clone(),
            nodes: cluster.nodes.names.clone(),
            layout: cluster.layout.map(str::to_owned),
            layout_evidence: cluster.layout_evidence.clone(),
            now: now.to_string(),
            sound: findings.is_sound(),
            authorities: cluster
                .authorities
                .iter()
                .map(AuthorityReport::of)
                .collect(),
            service_account: cluster
                .service_account
                .as_ref()
                .and_then(|account| account.key.chosen.as_ref())
                .map(KeyReport::of),
            encryption_at_rest: match cluster.encryption {
                EncryptionEvidence::Off => "off",
                EncryptionEvidence::On(_) => "on",
                EncryptionEvidence::Unknown => "unknown",
            }
            .to_owned(),
            service_account_issuer: cluster.issuer.clone(),
            findings: findings.iter().map(FindingReport::of).collect(),
        }
    }
}

impl FileReport {
    /// The report on `file`.
    #[must_use]
    pub fn of(file: &TalosFile, findings: &Findings, context: &Context) -> Self {
        let kind = match file.kind {
            FileKind::Bundle => "bundle",
            FileKind::MachineConfig(..) => "machine config",
            FileKind::Talosconfig => "talosconfig",
        };
        Self {
            file: file.name.clone(),
            kind: kind.to_owned(),
            description: file.kind.to_string(),
            talos_version: context.contract.to_string(),
            now: context.now.to_string(),
            sound: findings.is_sound(),
            findings: findings.iter().map(FindingReport::of).collect(),
        }
    }
}

impl AuthorityReport {
    fn of(authority: &Authority) -> Self {
        let certificate = authority.certificate.chosen.as_ref();
        let certificate = certificate.map(CertificateReport::of);
        let accepted = authority.certificate.others.iter();
        let accepted = accepted.map(CertificateReport::of).collect();
        let key = authority.key.chosen.as_ref().map(KeyReport::of);
        Self {
            slot: authority.slot.yaml_name().to_owned(),
            certificate,
            key,
            accepted,
        }
    }
}

impl CertificateReport {
    fn of(located: &Located<Certificate>) -> Self {
        let value = &located.value;
        Self {
            file: place(&located.origin),
            block: located.origin.block.map(|(index, _)| index),
            subject: value.subject.to_string(),
            issuer: value.issuer.to_string(),
            not_before: value.validity.not_before.to_string(),
            not_after: value.validity.not_after.to_string(),
            algorithm: value.public_key.algorithm().to_string(),
            fingerprint: value.public_key.fingerprint().full(),
        }
    }
}

impl KeyReport {
    fn of(located: &Located<PrivateKey>) -> Self {
        let public = located.value.public_key();
        Self {
            file: place(&located.origin),
            algorithm: public.algorithm().to_string(),
            fingerprint: public.fingerprint().full(),
            key_id: public.key_id(),
        }
    }
}

impl FindingReport {
    pub(super) fn of(finding: &Finding) -> Self {
        let severity: Severity = finding.severity;
        Self {
            rule: finding.rule.name.to_owned(),
            severity: severity.to_string(),
            allowed: finding.allowed,
            message: finding.message.clone(),
            places: finding.places.clone(),
            found: finding.found.clone(),
            why: finding.why.clone(),
            help: finding.help.clone(),
        }
    }
}

fn place(origin: &Origin) -> String {
    match &origin.field {
        Some(field) => format!("{}: {field}", origin.file),
        None => origin.file.clone(),
    }
}

/// The JSON schema of a list of [`FileReport`]s, as `validate --format json` prints it.
#[must_use]
pub fn file_schema() -> serde_json::Value {
    schema_for!(Vec<FileReport>).to_value()
}

/// The JSON schema of a list of [`ScanReport`]s, as `scan --format json` prints it.
#[must_use]
pub fn schema() -> serde_json::Value {
    schema_for!(Vec<ScanReport>).to_value()
}
