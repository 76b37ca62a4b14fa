//! Where this runbook leaves the official guide, and why.

use crate::cluster::Operations;
use crate::convert::migration::{Outcome, Way};
use crate::report::migration::MigrationReport;
use crate::report::migration::landmarks::{Etcd, Landmarks};
use crate::report::migration::markdown::{Markdown, code};
use crate::talos::machine_config::EncryptionAtRest;

pub(super) fn write(report: &MigrationReport<'_>, landmarks: &Landmarks<'_>, page: &mut Markdown) {
    page.heading(2, "What differs from the official guide, and why");
    if report.cluster.operations.name == Operations::KUBEADM.name {
        page.paragraph(
            "The guide \"Migrating from kubeadm\" of Talos does by hand what stands in the files here:",
        );
    } else {
        page.paragraph(&format!(
            "Talos has a guide \"Migrating from kubeadm\" and none from {}. Against that one:",
            report.cluster.operations.name
        ));
    }
    let mut points = Vec::new();
    points.extend(endpoint(report));
    points.extend(issuer(report, landmarks));
    points.push(encryption(report).to_owned());
    if report
        .made
        .is_some_and(|made| !made.generated.is_empty() || !made.kept.is_empty())
    {
        points.push(
            "`talosctl gen secrets` always makes a key for encryption at rest, and its configuration \
             uses it: a cluster without one would begin to encrypt, and its old API servers could \
             read nothing of that. Here the key in `secrets.yaml` is used only if the cluster has it"
                .to_owned(),
        );
    }
    points.push(
        "the networks stand in `worker.yaml`, too: the guide sets them in `controlplane.yaml` alone"
            .to_owned(),
    );
    let plugin = match report.cluster.operations.network {
        None => "The plugin that runs stays",
        Some(_) => "Switch it on if the plugin that runs does not come along",
    };
    points.push(format!(
        "Flannel, Talos's own network plugin, is off in the files: two at once break both. {plugin}"
    ));
    let admission = &report.plan.kubernetes.admission;
    if admission.as_ref().is_some_and(Vec::is_empty) {
        points.push(
            "PodSecurity is not switched on: Talos's own configuration demands `baseline` of every \
             namespace, and pods that the old cluster lets in would be refused"
                .to_owned(),
        );
    }
    let etcd = match (landmarks.way, landmarks.etcd) {
        (Way::Join, _) => {
            "all Talos control planes come before an old one leaves, and the members of etcd are \
             looked at after each step: the guide counts on `kubeadm reset`"
        }
        (Way::Restore, Etcd::Outside(_)) => {
            "etcd is outside: the guide does not say how to go on then; here Talos begins with a \
             snapshot"
        }
        (Way::Restore, _) => {
            "the guide lets Talos's control planes join the old etcd, which they cannot here: Talos \
             begins with a snapshot"
        }
        (Way::Rebuild, _) => {
            "the guide lets Talos's control planes join the old etcd, and there is none here: Talos \
             begins with an empty one"
        }
    };
    points.push(etcd.to_owned());
    page.list(points);
}

fn endpoint(report: &MigrationReport<'_>) -> Option<String> {
    let endpoint = report.plan.endpoint.as_ref()?;
    let port = endpoint.port()?;
    Some(format!(
        "the endpoint is {}, with its port: the guide leaves it out, and Talos then uses 443, not \
         {port}, and makes that text the issuer of tokens",
        code(endpoint)
    ))
}

fn issuer(report: &MigrationReport<'_>, landmarks: &Landmarks<'_>) -> Option<String> {
    let issuers = landmarks.issuers();
    let first = issuers.first()?;
    Some(format!(
        "the issuer of tokens stays {}, on the side of Talos ({}): the guide changes the flags of \
         every old API server to the endpoint, which restarts them and changes every new token",
        code(first),
        if report.contract.kubernetes_documents() {
            "`KubeServiceAccountConfig`"
        } else {
            "`cluster.apiServer.extraArgs`"
        },
    ))
}

fn encryption(report: &MigrationReport<'_>) -> &'static str {
    let documents = report.contract.kubernetes_documents();
    let is_read = report.plan.items.iter().any(|item| {
        item.what.starts_with("--encryption-provider-config=")
            && !matches!(item.outcome, Outcome::Refused { .. })
    });
    match (&report.plan.kubernetes.encryption, documents) {
        (EncryptionAtRest::Off, true) if !is_read => {
            "the cluster does not encrypt at rest: `KubeEtcdEncryptionConfig` says `identity` alone. \
             The guide removes the document, and Talos 1.14 refuses a configuration without it"
        }
        (EncryptionAtRest::Off, _) => {
            "the cluster does not encrypt at rest: the files have no key for it. With the key that \
             `talosctl gen secrets` makes, Talos would encrypt what the old API servers must read"
        }
        (_, true) => {
            "encryption at rest is kept word for word in `KubeEtcdEncryptionConfig`: providers, keys, \
             their names and order, and resources. `talosctl gen secrets` knows one key alone, and \
             under the wrong name or without `identity` Talos reads no old Secret"
        }
        (_, false) => {
            "encryption at rest is kept: the keys have the very names that Talos gives them, so old \
             Secrets stay readable. The key that `talosctl gen secrets` makes would read none"
        }
    }
}
