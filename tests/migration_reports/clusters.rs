//! Clusters to report on: real ones of kubeadm, and some in which settings were changed.

use std::fs;
use std::path::Path;

use crate::fixture::{NOW, copy_of};
use crate::{changed, hostile, layouts};
use talos_pki::check::{self, Findings, TokenChoice};
use talos_pki::cluster::Cluster;
use talos_pki::convert::migration::{Plan, Wishes, plan};
use talos_pki::layout::{self, Layout};
use talos_pki::report::migration::MigrationReport;
use talos_pki::settings::Settings;
use talos_pki::source::{self, Location};
use talos_pki::talos::Contract;

const FILES: [&str; 8] = [
    "secrets.yaml",
    "controlplane.yaml",
    "worker.yaml",
    "talosconfig",
    "bootstrap-token.yaml",
    "MIGRATION.md",
    "report.html",
    "report.json",
];

/// A cluster, as far as it was read.
pub(crate) struct Read {
    pub(crate) cluster: Cluster,
    pub(crate) settings: Settings,
    pub(crate) findings: Findings,
    pub(crate) plan: Plan,
    pub(crate) contract: Contract,
}

impl Read {
    /// What is in `folder`, which is called `/etc/kubernetes`.
    pub(crate) fn of(folder: &Path, talos: &str) -> Self {
        Self::allowing(folder, talos, &[])
    }

    /// The same, where these rules are let through.
    pub(crate) fn allowing(folder: &Path, talos: &str, rules: &[&str]) -> Self {
        Self::with_endpoint(folder, talos, rules, None)
    }

    /// The same, where the person names the endpoint.
    pub(crate) fn with_endpoint(
        folder: &Path,
        talos: &str,
        rules: &[&str],
        endpoint: Option<&str>,
    ) -> Self {
        let mut tree = source::read(&Location::Path(folder.to_owned())).unwrap();
        "/etc/kubernetes".clone_into(&mut tree.name);
        let settings = Settings::read(&tree, None);
        let cluster = layout::read(tree, Layout::Detect, None).unwrap();
        let contract: Contract = talos.parse().unwrap();
        let context = check::Context {
            now: NOW.parse().unwrap(),
            expires_within: jiff::SignedDuration::from_hours(24 * 90),
            token: TokenChoice::Generated,
            writes_bundle: false,
            platform: check::Platform::Other,
            contract,
        };
        let allowed: Vec<_> = rules
            .iter()
            .map(|name| check::rule(name).unwrap())
            .collect();
        let findings = check::check(&cluster, &context, &allowed);
        let wishes = Wishes {
            contract,
            name: None,
            endpoint: endpoint.map(|endpoint| endpoint.parse().unwrap()),
            has_token: false,
            tokens_to_check: Vec::new(),
            now: NOW.parse().unwrap(),
        };
        let plan = plan(&cluster, &settings, &wishes);
        Self {
            cluster,
            settings,
            findings,
            plan,
            contract,
        }
    }

    pub(crate) fn report(&self) -> MigrationReport<'_> {
        let is_possible = self.findings.is_sound() && self.plan.is_possible();
        MigrationReport {
            cluster: &self.cluster,
            settings: &self.settings,
            findings: &self.findings,
            plan: &self.plan,
            contract: self.contract,
            made: None,
            client: None,
            now: NOW.parse().unwrap(),
            folder: "migration/",
            files: if is_possible { &FILES } else { &[] },
        }
    }
}

pub(crate) fn fixture(name: &str, talos: &str) -> Read {
    Read::of(copy_of(&format!("kubeadm/{name}")).path(), talos)
}

/// Puts flags behind the program in a manifest.
pub(crate) fn add_flags(folder: &Path, component: &str, flags: &[&str]) {
    let path = folder.join(format!("manifests/{component}.yaml"));
    let text = fs::read_to_string(&path).unwrap();
    let first = format!("    - {component}\n");
    assert!(text.contains(&first));
    let lines: Vec<String> = flags.iter().map(|flag| format!("    - {flag}\n")).collect();
    let lines = first.clone() + &lines.concat();
    fs::write(path, text.replacen(&first, &lines, 1)).unwrap();
}

/// etcd runs elsewhere, and the person let its missing key through.
pub(crate) fn external_etcd() -> Read {
    let copy = copy_of("kubeadm/external-etcd");
    Read::allowing(copy.path(), "v1.14", &["missing-etcd-ca-key"])
}

/// Every case that the reports are looked at in.
pub(crate) fn all() -> Vec<(&'static str, Read)> {
    let mut all = kubeadm();
    all.extend(layouts::all());
    all
}

fn kubeadm() -> Vec<(&'static str, Read)> {
    vec![
        ("rsa-2048", fixture("rsa-2048", "v1.14")),
        ("rsa-2048-v1.13", fixture("rsa-2048", "v1.13")),
        ("ecdsa-p256", fixture("ecdsa-p256", "v1.14")),
        ("external-ca", fixture("external-ca", "v1.14")),
        ("external-etcd", external_etcd()),
        ("external-etcd-refused", fixture("external-etcd", "v1.14")),
        ("changed", Read::of(changed::changed().path(), "v1.14")),
        (
            "changed-v1.13",
            Read::of(changed::changed().path(), "v1.13"),
        ),
        ("hostile", Read::of(hostile::hostile().path(), "v1.14")),
    ]
}

pub(crate) fn replace(folder: &Path, file: &str, from: &str, to: &str) {
    let path = folder.join(file);
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "{file} has no {from}");
    fs::write(path, text.replacen(from, to, 1)).unwrap();
}
