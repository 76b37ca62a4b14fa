//! `talos-pki kubeconfig`.

use std::path::Path;

use getrandom::SysRng;
use jiff::{SignedDuration, Timestamp};

use super::arguments::KubeconfigArguments;
use super::authorities::{self, IssuingAuthority};
use super::error::ClientError;
use crate::cli::output::Destination;
use crate::cli::output_folder::OutputFolder;
use crate::cli::printer::Printer;
use crate::cli::{CommandError, Outcome, duration, progress};
use crate::cluster::CaSlot;
use crate::pki::Certificate;
use crate::report;
use crate::report::wrap;
use crate::talos::{
    Endpoint, Kubeconfig, kubernetes_client_certificate, kubernetes_client_validity,
};

/// How the file is called in a folder, as with talosctl.
const FILE_NAME: &str = "kubeconfig";

/// How long the certificate holds if nobody says (`KubernetesDefaultCertificateValidityDuration`).
const DEFAULT_LIFETIME: SignedDuration = SignedDuration::from_hours(8_760);

pub(super) fn run(
    arguments: &KubeconfigArguments,
    printer: &mut Printer,
) -> Result<Outcome, CommandError> {
    let now = arguments.now.unwrap_or_else(Timestamp::now);
    let read = arguments.source.files();
    let path = path(arguments);
    let _folder = OutputFolder::of_file(&path)?;
    let destination = Destination::of(&path, arguments.force, &read)?;
    let authority = authorities::read(&arguments.source, CaSlot::Kubernetes, now)?;
    let name = name(arguments, &authority)?;
    let endpoint = endpoint(arguments, &authority)?;
    let accepted = accepted(&authority)?;
    let validity = kubernetes_client_validity(now, lifetime(arguments, &authority)?)
        .map_err(|_| ClientError::Lifetime)?;
    let user = plain(&arguments.user, "the name of the user")?;
    let groups = groups(arguments)?;
    let (certificate, key) = progress::during("generating the key", || {
        kubernetes_client_certificate(&authority.pair, user, &groups, validity, &mut SysRng)
    })
    .map_err(ClientError::from)?;
    let issuer = authority.pair.certificate();
    // The one that issues comes first, and none twice.
    let others = accepted.iter().filter(|other| other.der() != issuer.der());
    let authorities: Vec<_> = std::iter::once(issuer).chain(others).collect();
    let kubeconfig = Kubeconfig {
        cluster: &name,
        endpoint: endpoint.as_str(),
        user,
        authorities: &authorities,
        certificate: &certificate,
        key: &key,
    };
    destination.write(kubeconfig.to_secret_yaml().expose().as_bytes(), printer)?;
    if let Some(warning) = endpoint.port_warning() {
        printer.words(&report::warning(&warning));
    }
    if let Some(warning) = authorities::warning(CaSlot::Kubernetes, issuer, validity) {
        printer.words(&warning);
    }
    let member = if groups.is_empty() {
        " of no group"
    } else {
        ""
    };
    let made = format!(
        "context `{user}@{name}`{member} for {}, until {}",
        endpoint.as_str(),
        duration::end_in_words(validity)
    );
    printer.words(&format!("{}\n", wrap("made       ", &made)));
    if let Some(place) = destination.describe() {
        printer.words(&format!("wrote      {place}\n"));
    }
    Ok(Outcome::Done)
}

/// The file to write: in a folder it is called `kubeconfig`.
fn path(arguments: &KubeconfigArguments) -> String {
    let path = Path::new(&arguments.path);
    if path.is_dir() {
        return path.join(FILE_NAME).to_string_lossy().into_owned();
    }
    arguments.path.clone()
}

fn name(
    arguments: &KubeconfigArguments,
    authority: &IssuingAuthority,
) -> Result<String, ClientError> {
    let configured = authority.clients.as_ref();
    let configured = configured.and_then(|clients| clients.name.as_ref());
    let name = arguments
        .name
        .as_ref()
        .or(configured)
        .ok_or_else(|| ClientError::NameMissing {
            file: authority.file.clone(),
        })?;
    plain(name, "the name of the cluster").map(str::to_owned)
}

fn endpoint(
    arguments: &KubeconfigArguments,
    authority: &IssuingAuthority,
) -> Result<Endpoint, ClientError> {
    if let Some(endpoint) = &arguments.endpoint {
        return Ok(endpoint.clone());
    }
    let clients = authority.clients.as_ref();
    let text = clients
        .and_then(|clients| clients.endpoint.as_ref())
        .ok_or_else(|| ClientError::EndpointMissing {
            file: authority.file.clone(),
        })?;
    text.parse()
        .map_err(|error| ClientError::ConfiguredEndpoint {
            file: authority.file.clone(),
            error,
        })
}

fn accepted(authority: &IssuingAuthority) -> Result<&[Certificate], ClientError> {
    let Some(clients) = &authority.clients else {
        return Ok(&[]);
    };
    match &clients.accepted_authorities {
        Ok(accepted) => Ok(accepted),
        Err(reason) => Err(ClientError::AcceptedAuthority {
            file: authority.file.clone(),
            reason: reason.clone(),
        }),
    }
}

fn lifetime(
    arguments: &KubeconfigArguments,
    authority: &IssuingAuthority,
) -> Result<SignedDuration, ClientError> {
    if let Some(lifetime) = arguments.ttl {
        return Ok(lifetime);
    }
    let clients = authority.clients.as_ref();
    let configured = clients.and_then(|clients| clients.admin_lifetime.as_ref());
    configured.map_or(Ok(DEFAULT_LIFETIME), |text| {
        duration::parse_lifetime(text).map_err(|_| ClientError::ConfiguredLifetime {
            file: authority.file.clone(),
            text: text.escape_debug().to_string(),
        })
    })
}

/// The groups: an empty text alone means none.
fn groups(arguments: &KubeconfigArguments) -> Result<Vec<&str>, ClientError> {
    let groups = arguments.groups.iter().map(String::as_str);
    match arguments.groups.as_slice() {
        [none] if none.is_empty() => Ok(Vec::new()),
        _ => groups.map(|group| plain(group, "a group")).collect(),
    }
}

/// Text that may stand on one line.
fn plain<'a>(text: &'a str, what: &'static str) -> Result<&'a str, ClientError> {
    if text.is_empty() || text.chars().any(char::is_control) {
        return Err(ClientError::Characters { what });
    }
    Ok(text)
}
