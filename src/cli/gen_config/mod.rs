//! `talos-pki gen config`.

mod arguments;

use std::path::Path;

use getrandom::SysRng;
use jiff::{SignedDuration, Timestamp};

use self::arguments::OutputType;
use super::output::{Destination, write_all};
use super::output_folder::OutputFolder;
use super::printer::Printer;
use super::{
    CommandError, Outcome, allowed_rules, bundle_file, progress, refuse_without_machine_config,
};
use crate::check::{self, TokenChoice};
use crate::convert::{self, BundleSettings};
use crate::pki::{Certificate, IssueTime, Secret};
use crate::report;
use crate::source::{Location, SourceFile};
use crate::talos::file::{Places, TalosFile};
use crate::talos::machine_config::{
    self, Aescbc, ClusterSettings, KubernetesSettings, MachineType,
};
use crate::talos::{self, Bundle, Context, Contract, EncryptionSecret, Role, Talosconfig};

pub(super) use self::arguments::{ConfigArguments, MachineArguments, endpoint};

/// How long the client certificate in the talosconfig holds, as with talosctl.
const CLIENT_CERTIFICATE_LIFETIME: SignedDuration = SignedDuration::from_hours(8_760);

/// A CA in the bundle that ends within this time is warned of.
const EXPIRES_WITHIN: SignedDuration = SignedDuration::from_hours(8_760);

pub(super) fn run(
    arguments: &ConfigArguments,
    printer: &mut Printer,
) -> Result<Outcome, CommandError> {
    let contract = arguments.talos_version;
    refuse_without_machine_config(contract)?;
    arguments.machine.refuse_kubespan_alone()?;
    let destinations = destinations(arguments)?;
    let now = arguments.now.unwrap_or_else(Timestamp::now);
    let issue_time = IssueTime::at(now);
    let bundle = match &arguments.with_secrets {
        Some(location) => {
            let file = bundle_file::open(location)?;
            match sound_bundle(&file, arguments, now, printer)? {
                Some(bundle) => bundle,
                None => return Ok(Outcome::Refused),
            }
        }
        None => fresh_bundle(contract, issue_time, printer)?,
    };
    for warning in warnings(arguments, &bundle) {
        printer.words(&report::warning(&warning));
    }
    let settings = settings(arguments);
    // All of it is made before the first file is written.
    let made = destinations
        .files
        .into_iter()
        .map(|(kind, destination)| Ok((destination, data(kind, &bundle, &settings, issue_time)?)))
        .collect::<Result<Vec<_>, CommandError>>()?;
    let files = made.iter();
    write_all(
        files.map(|(destination, data)| (destination, data.expose().as_bytes())),
        printer,
    )?;
    for place in made.iter().filter_map(|(file, _)| file.describe()) {
        printer.words(&format!("wrote      {place}\n"));
    }
    Ok(Outcome::Done)
}

/// Where each type goes.
struct Destinations {
    _folder: Option<OutputFolder>,
    files: Vec<(OutputType, Destination)>,
}

/// Files in the way are found before anything is made.
fn destinations(arguments: &ConfigArguments) -> Result<Destinations, CommandError> {
    let mut types: Vec<OutputType> = Vec::new();
    for kind in &arguments.output_types {
        if !types.contains(kind) {
            types.push(*kind);
        }
    }
    let bundle = arguments.with_secrets.iter().filter_map(Location::path);
    let read: Vec<_> = bundle.collect();
    let destination = |name: &str| {
        let destination = Destination::of(name, arguments.force, &read)?;
        Ok::<_, CommandError>(if arguments.world_readable {
            destination.readable_by_all()
        } else {
            destination
        })
    };
    match (types.as_slice(), arguments.output.as_deref()) {
        ([kind], Some(output)) => Ok(Destinations {
            _folder: OutputFolder::of_file(output)?,
            files: vec![(*kind, destination(output)?)],
        }),
        (_, Some("-")) => Err(CommandError::Settings(
            "-o -: standard output takes one type; choose it by --output-types".to_owned(),
        )),
        (types, output) => {
            let folder = Path::new(output.unwrap_or_default());
            let folder_made = output.map(|_| OutputFolder::of(folder)).transpose()?;
            let of_type = |kind: &OutputType| {
                let path = folder.join(kind.file_name());
                Ok((*kind, destination(&path.to_string_lossy())?))
            };
            let files = types
                .iter()
                .map(of_type)
                .collect::<Result<_, CommandError>>()?;
            Ok(Destinations {
                _folder: folder_made,
                files,
            })
        }
    }
}

/// Reads the bundle in `source`, judges it by the rules of `validate`, and tells what they find.
/// Nothing if they refuse it.
fn sound_bundle(
    source: &SourceFile,
    arguments: &ConfigArguments,
    now: Timestamp,
    printer: &mut Printer,
) -> Result<Option<Bundle>, CommandError> {
    let read = |places| TalosFile::read(&source.path, &source.bytes, source.mode, places);
    let file = read(Places::Unknown)?;
    bundle_file::refuse_configuration(&file)?;
    if file.machine().is_some() {
        // What may have been a bundle lacks all that makes one.
        return bundle_file::of(&file).map(Some);
    }
    let allowed = allowed_rules(&arguments.allow)?;
    let context = check::Context {
        now,
        expires_within: EXPIRES_WITHIN,
        token: TokenChoice::Kept,
        contract: arguments.talos_version,
        writes_bundle: false,
        platform: check::Platform::Other,
    };
    let findings = check::check_file(&file, &context, &allowed);
    if !report::findings(&findings, false).is_empty() || !findings.is_sound() {
        // Whoever is told something is told where.
        let findings = check::check_file(&read(Places::Found)?, &context, &allowed);
        printer.words(&format!("{}\n", report::findings(&findings, false)));
        if !findings.is_sound() {
            printer.words(&format!("{}\n", report::refusal(&findings)));
            return Ok(None);
        }
    }
    bundle_file::of(&file).map(Some)
}

fn fresh_bundle(
    contract: Contract,
    issue_time: IssueTime,
    printer: &mut Printer,
) -> Result<Bundle, CommandError> {
    let settings = BundleSettings {
        contract,
        bootstrap_token: None,
        encryption: None,
        earlier: None,
        issue_time,
    };
    let made = progress::during("generating keys", || {
        convert::fresh_bundle(&settings, &mut SysRng)
    })?;
    printer.words(&report::bundle_made(&made, None, ""));
    Ok(made.bundle)
}

/// What works, but perhaps not as it was meant.
fn warnings(arguments: &ConfigArguments, bundle: &Bundle) -> Vec<String> {
    let contract = arguments.talos_version;
    let mut warnings = Vec::new();
    if contract.is_newer_than_known() {
        warnings.push(format!(
            "Talos {contract} is newer than this program knows; the configuration is that of the \
             newest known"
        ));
    }
    warnings.extend(arguments.endpoint.port_warning());
    let minor = arguments.kubernetes_version.minor();
    if let Some(minors) = contract.kubernetes_minors()
        && !minors.contains(&minor)
    {
        warnings.push(format!(
            "Talos {contract} runs Kubernetes 1.{} to 1.{}, and not {}; choose another by \
             --kubernetes-version",
            minors.start(),
            minors.end(),
            arguments.kubernetes_version
        ));
    }
    if arguments.with_secrets.is_none()
        && !arguments.output_types.contains(&OutputType::ControlPlane)
    {
        warnings.push(
            "the new secrets are in no file but these, and without a controlplane.yaml no cluster \
             can be made of them; make a bundle first (talos-pki gen secrets) and give it by \
             --with-secrets"
                .to_owned(),
        );
    }
    if matches!(bundle.encryption, EncryptionSecret::Aescbc(_)) && arguments.lose_aescbc_key {
        warnings.push(
            "the AES-CBC key of the bundle is lost: no Secret that was encrypted with it can be \
             read"
                .to_owned(),
        );
    }
    warnings
}

fn settings(arguments: &ConfigArguments) -> ClusterSettings {
    ClusterSettings {
        contract: arguments.talos_version,
        name: arguments.name.clone(),
        endpoint: arguments.endpoint.clone(),
        kubernetes_version: arguments.kubernetes_version.clone(),
        additional_sans: arguments.machine.additional_sans(),
        dns_domain: arguments.dns_domain.clone(),
        install_disk: arguments.machine.install_disk.clone(),
        install_image: arguments.machine.install_image.clone(),
        discovery: arguments.machine.with_cluster_discovery,
        kube_span: arguments.machine.with_kubespan.filter(|enabled| *enabled),
        aescbc: if arguments.lose_aescbc_key {
            Aescbc::AsTalosctl
        } else {
            Aescbc::Keep
        },
        kubernetes: KubernetesSettings::default(),
    }
}

fn data(
    kind: OutputType,
    bundle: &Bundle,
    settings: &ClusterSettings,
    issue_time: IssueTime,
) -> Result<Secret<String>, CommandError> {
    let machine = match kind {
        OutputType::ControlPlane => MachineType::ControlPlane,
        OutputType::Worker => MachineType::Worker,
        OutputType::Talosconfig => {
            let made = talosconfig(bundle, &settings.name, issue_time)?;
            return Ok(made.0);
        }
    };
    Ok(machine_config::to_secret_yaml(bundle, settings, machine))
}

/// A talosconfig for the cluster `name` with a certificate of the role `os:admin`, and no endpoints yet;
/// and that certificate.
pub(super) fn talosconfig(
    bundle: &Bundle,
    name: &str,
    issue_time: IssueTime,
) -> Result<(Secret<String>, Certificate), CommandError> {
    let validity = issue_time.validity(CLIENT_CERTIFICATE_LIFETIME);
    let (certificate, key) =
        talos::client_certificate(&bundle.os, &[Role::Admin], validity, &mut SysRng)
            .map_err(CommandError::ClientCertificate)?;
    let context = Context::new(bundle.os.certificate(), &certificate, &key);
    let talosconfig = Talosconfig::new(name, context);
    Ok((talosconfig.to_secret_yaml(), certificate))
}
