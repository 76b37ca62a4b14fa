//! The report of a migration for programs. Its schema is published as `docs/convert.schema.json`.

use schemars::{JsonSchema, schema_for};
use serde::Serialize;

use super::landmarks::{encrypted_resources, pod_subnets};
use super::outcome::{CONVERTED, Ending, KEPT, NEEDS_PERSON, REFUSED, remedy, words};
use super::{MigrationReport, certificates};
use crate::convert::migration::Item;
use crate::report::json::FindingReport;

/// The report of a migration: `report.json`.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ConvertReport {
    /// The source as it was named.
    source: String,
    /// The moment of the judgement (RFC 3339).
    now: String,
    /// For which Talos, as `v1.14`.
    talos_version: String,
    /// Whether nothing forbids the move: neither a finding nor a setting.
    possible: bool,
    /// By which way the cluster comes to Talos.
    route: RouteReport,
    /// The cluster.
    cluster: ClusterReport,
    /// How many settings ended in which way.
    counts: CountsReport,
    /// Everything that was read, and what becomes of it.
    items: Vec<ItemReport>,
    /// What Talos does otherwise where the cluster said nothing.
    differences: Vec<DifferenceReport>,
    /// The certificates, each CA before those that it issued.
    certificates: Vec<CertificateReport>,
    /// Everything that the rules found, the worst first.
    findings: Vec<FindingReport>,
    /// The files that were written.
    files: Vec<String>,
}

/// By which way the cluster comes to Talos.
#[derive(Debug, Serialize, JsonSchema)]
struct RouteReport {
    /// `join`: Talos's control planes join the old ones; `restore`: Talos begins with a snapshot of
    /// etcd; `rebuild`: a new cluster with the same trust begins empty.
    way: String,
    /// Why it is this way.
    reason: String,
}

/// The cluster.
#[derive(Debug, Serialize, JsonSchema)]
struct ClusterReport {
    /// How the files were told apart, such as `kubeadm`; nothing if every file was named by hand.
    layout: Option<String>,
    /// Its name.
    name: String,
    /// The URL of the Kubernetes API, if it is known.
    endpoint: Option<String>,
    /// Which Kubernetes runs, as `1.37.0`, if it is known.
    kubernetes_version: Option<String>,
    /// The domain of services.
    dns_domain: String,
    /// The networks of pods, if they are known.
    pod_subnets: Vec<String>,
    /// The networks of services.
    service_subnets: Vec<String>,
    /// The resources that are encrypted at rest; none if nothing is.
    encrypted_resources: Vec<String>,
}

/// How many settings ended in which way.
#[derive(Debug, Serialize, JsonSchema)]
struct CountsReport {
    /// They stand in what was written.
    converted: usize,
    /// Nothing has to be written for them.
    kept: usize,
    /// A person has to do something about them.
    needs_person: usize,
    /// The cluster cannot be converted because of them.
    refused: usize,
}

/// One thing that was read.
#[derive(Debug, Serialize, JsonSchema)]
struct ItemReport {
    /// Where it was read.
    origin: String,
    /// What it is. Never a secret.
    what: String,
    /// `converted`, `kept`, `needs-person` or `refused`.
    outcome: String,
    /// Where it stands now, why nothing is lost, what to do, or why it is refused.
    text: String,
    /// What to do about a refusal.
    help: Option<String>,
}

/// Something that is different on Talos, though nobody set it.
#[derive(Debug, Serialize, JsonSchema)]
struct DifferenceReport {
    /// What it is.
    what: String,
    /// How it is in the cluster.
    before: String,
    /// How it is on Talos.
    after: String,
}

/// One certificate.
#[derive(Debug, Serialize, JsonSchema)]
struct CertificateReport {
    /// The file, below the cluster's folder.
    file: String,
    /// Subject.
    subject: String,
    /// The slot of the CA that signed it, or in which it is: `k8s`, `etcd`, `k8saggregator`, `os`;
    /// nothing if none of these signed it.
    slot: Option<String>,
    /// Whether it is a CA.
    authority: bool,
    /// The first second in which it holds (RFC 3339).
    not_before: String,
    /// The last second in which it holds (RFC 3339).
    not_after: String,
}

/// The report for programs.
#[must_use]
pub fn json(report: &MigrationReport<'_>) -> ConvertReport {
    let plan = report.plan;
    let certificates = certificates::all(report.cluster);
    ConvertReport {
        source: report.cluster.name.clone(),
        now: report.now.to_string(),
        talos_version: report.contract.to_string(),
        possible: report.is_possible(),
        route: RouteReport {
            way: plan.route.way.name().to_owned(),
            reason: plan.route.reason.clone(),
        },
        cluster: ClusterReport {
            layout: report.cluster.layout.map(str::to_owned),
            name: plan.name.clone(),
            endpoint: plan.endpoint.as_ref().map(ToString::to_string),
            kubernetes_version: plan.kubernetes_version.as_ref().map(ToString::to_string),
            dns_domain: plan.dns_domain.clone(),
            pod_subnets: pod_subnets(report).to_vec(),
            service_subnets: plan.kubernetes.service_subnets.clone(),
            encrypted_resources: encrypted_resources(report),
        },
        counts: CountsReport {
            converted: plan.count(CONVERTED.is),
            kept: plan.count(KEPT.is),
            needs_person: plan.count(NEEDS_PERSON.is),
            refused: plan.count(REFUSED.is),
        },
        items: plan.items.iter().map(ItemReport::of).collect(),
        differences: plan
            .differences
            .iter()
            .map(|one| DifferenceReport {
                what: one.what.to_owned(),
                before: one.before.to_owned(),
                after: one.after.to_owned(),
            })
            .collect(),
        certificates: certificates.iter().map(CertificateReport::of).collect(),
        findings: report.findings.iter().map(FindingReport::of).collect(),
        files: report.files.iter().map(|file| (*file).to_owned()).collect(),
    }
}

impl ItemReport {
    fn of(item: &Item) -> Self {
        Self {
            origin: item.origin.clone(),
            what: item.what.clone(),
            outcome: Ending::of(&item.outcome).name.to_owned(),
            text: words(&item.outcome).to_owned(),
            help: remedy(&item.outcome).map(str::to_owned),
        }
    }
}

impl CertificateReport {
    fn of(shown: &certificates::Shown<'_>) -> Self {
        let validity = shown.validity();
        Self {
            file: shown.file().to_owned(),
            subject: shown.name(),
            slot: shown.slot.map(|slot| slot.yaml_name().to_owned()),
            authority: shown.kind.is_authority(),
            not_before: validity.not_before.to_string(),
            not_after: validity.not_after.to_string(),
        }
    }
}

/// The JSON schema of a [`ConvertReport`].
#[must_use]
pub fn schema() -> serde_json::Value {
    schema_for!(ConvertReport).to_value()
}
