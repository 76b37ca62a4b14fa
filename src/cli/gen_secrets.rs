//! `talos-pki gen secrets`.

use std::path::Path;

use getrandom::SysRng;

use super::arguments::{BundleFormat, CustomAuthorities, Judgement, SecretsArguments};
use super::output::Destination;
use super::printer::Printer;
use super::{CommandError, Outcome, allowed_rules, passphrase, progress, scan};
use crate::check::{self, TokenChoice};
use crate::cluster::{CaSlot, Cluster};
use crate::convert::{self, BundleSettings};
use crate::layout;
use crate::pki::Secret;
use crate::report;
use crate::source;
use crate::talos::{Bundle, ClusterName, ClusterNameError, random};

pub(super) fn run(
    arguments: &SecretsArguments,
    printer: &mut Printer,
) -> Result<Outcome, CommandError> {
    let allowed = allowed_rules(&arguments.judgement.allow)?;
    let form = Form::of(arguments)?;
    let destination = Destination::of(&arguments.output_file, arguments.force)?;
    // talosctl takes an empty token for none.
    let token = arguments
        .kubernetes_bootstrap_token
        .as_ref()
        .filter(|token| !token.is_empty());
    let cluster = cluster(arguments)?;
    let kept = cluster
        .talos
        .as_ref()
        .is_some_and(|talos| talos.bootstrap_token.is_some());
    let choice = match token {
        Some(token) => TokenChoice::Given {
            well_formed: random::is_token(token),
        },
        None if kept => TokenChoice::Kept,
        None => TokenChoice::Generated,
    };
    let context = scan::context(&arguments.judgement, choice, true);
    let findings = check::check(&cluster, &context, &allowed);
    let shown = report::findings(&findings, arguments.judgement.notes);
    if !shown.is_empty() {
        printer.words(&format!("{shown}\n"));
    }
    let contract = arguments.talos_version;
    if contract.is_newer_than_known() {
        printer.words(&format!(
            "warning: Talos {contract} is newer than this program knows; the bundle is that of \
             the newest known\n\n"
        ));
    }
    let Some(approval) = findings.approval() else {
        printer.words(&format!("{}\n", report::refusal(&findings)));
        return Ok(Outcome::Refused);
    };
    let settings = BundleSettings {
        contract,
        bootstrap_token: token.cloned().map(Secret::new),
        encryption: None,
        now: context.now,
    };
    let made = progress::during("generating keys", || {
        convert::bundle(&cluster, &approval, &settings, &mut SysRng)
    })?;
    let data = form.to_secret_text(&made.bundle);
    destination.write(data.expose().as_bytes(), printer)?;
    printer.words(&report::bundle_made(&made, cluster.layout, &cluster.name));
    if let Some(place) = destination.describe() {
        printer.words(&format!("wrote      {place}\n"));
    }
    Ok(Outcome::Done)
}

/// What a bundle is written as.
enum Form {
    Yaml,
    Json,
    ClusterApiSecret(ClusterName),
    PlainSecret(Option<ClusterName>),
}

impl Form {
    fn of(arguments: &SecretsArguments) -> Result<Self, CommandError> {
        let name = arguments.judgement.manifests.cluster.as_deref();
        let refused =
            |error: ClusterNameError| CommandError::Settings(format!("--cluster: {error}"));
        let cluster = || name.map(str::parse).transpose().map_err(refused);
        match arguments.format {
            BundleFormat::Yaml => Ok(Self::Yaml),
            BundleFormat::Json => Ok(Self::Json),
            BundleFormat::CapiSecret => {
                let missing = "--format capi-secret needs --cluster with the name of the Cluster, of \
                               which that of the Secret is made";
                let missing = || CommandError::Settings(missing.to_owned());
                Ok(Self::ClusterApiSecret(cluster()?.ok_or_else(missing)?))
            }
            BundleFormat::KubernetesSecret => Ok(Self::PlainSecret(cluster()?)),
        }
    }

    fn to_secret_text(&self, bundle: &Bundle) -> Secret<String> {
        match self {
            Self::Yaml => bundle.to_secret_yaml(),
            Self::Json => bundle.to_secret_json(),
            Self::ClusterApiSecret(cluster) => bundle.to_secret_cluster_api_manifest(cluster),
            Self::PlainSecret(cluster) => bundle.to_secret_plain_manifest(cluster.as_ref()),
        }
    }
}

/// The cluster to write down: what is imported, with the single files in their slots.
fn cluster(arguments: &SecretsArguments) -> Result<Cluster, CommandError> {
    let mut cluster = if !arguments.from_kubernetes_pki.is_empty() {
        scan::read_cluster(&arguments.from_kubernetes_pki, &arguments.judgement)?
    } else if let Some(location) = &arguments.from_controlplane_config {
        layout::talos::read(&source::read_one(location)?)?
    } else {
        Cluster::default()
    };
    set_custom(&mut cluster, &arguments.custom, &arguments.judgement)?;
    Ok(cluster)
}

/// Puts the single files that a person gave into their slots.
pub(super) fn set_custom(
    cluster: &mut Cluster,
    custom: &CustomAuthorities,
    judgement: &Judgement,
) -> Result<(), CommandError> {
    let passphrase = passphrase::given(judgement.passphrase_file.as_deref())?;
    for (slot, certificate, key) in slot_files(custom) {
        // The flags demand each other.
        let (Some(certificate), Some(key)) = (certificate, key) else {
            continue;
        };
        let (authority, key_files) =
            layout::authority_from_files(slot, certificate, key, passphrase.as_ref())?;
        cluster.set_authority(authority);
        cluster.key_files.extend(key_files);
    }
    if let Some(path) = &custom.service_account_key {
        let (mut account, key_file) = layout::service_account_from_file(path, passphrase.as_ref())?;
        // What the old cluster verifies tokens with speaks for or against the key given.
        if let Some(found) = cluster.service_account.take() {
            account.public_key = found.public_key;
        }
        cluster.service_account = Some(account);
        cluster.key_files.push(key_file);
    }
    Ok(())
}

fn slot_files(custom: &CustomAuthorities) -> [(CaSlot, Option<&Path>, Option<&Path>); 4] {
    let CustomAuthorities {
        kubernetes_ca_crt,
        kubernetes_ca_key,
        etcd_ca_crt,
        etcd_ca_key,
        aggregator_ca_crt,
        aggregator_ca_key,
        os_ca_crt,
        os_ca_key,
        service_account_key: _,
    } = custom;
    [
        (
            CaSlot::Kubernetes,
            kubernetes_ca_crt.as_deref(),
            kubernetes_ca_key.as_deref(),
        ),
        (CaSlot::Etcd, etcd_ca_crt.as_deref(), etcd_ca_key.as_deref()),
        (
            CaSlot::Aggregator,
            aggregator_ca_crt.as_deref(),
            aggregator_ca_key.as_deref(),
        ),
        (CaSlot::Os, os_ca_crt.as_deref(), os_ca_key.as_deref()),
    ]
}
