//! Files for single slots, in place of what an import has there.

use std::path::{Path, PathBuf};

use clap::Args;

use super::arguments::Judgement;
use super::{CommandError, passphrase};
use crate::cluster::{Authority, CaSlot, Cluster, KeyFile, Material, ServiceAccount};
use crate::layout;
use crate::pki::Secret;
use crate::source::{self, SourceError, SourceFile};

/// The files.
#[derive(Debug, Args)]
#[command(next_help_heading = "Custom CAs")]
#[group(conflicts_with = "fleet")]
pub(super) struct CustomAuthorities {
    /// Certificate of the Kubernetes CA
    #[arg(long, value_name = "FILE", requires = "kubernetes_ca_key")]
    pub(super) kubernetes_ca_crt: Option<PathBuf>,
    /// Private key of the Kubernetes CA
    #[arg(long, value_name = "FILE", requires = "kubernetes_ca_crt")]
    pub(super) kubernetes_ca_key: Option<PathBuf>,
    /// Certificate of the etcd CA
    #[arg(long, value_name = "FILE", requires = "etcd_ca_key")]
    pub(super) etcd_ca_crt: Option<PathBuf>,
    /// Private key of the etcd CA
    #[arg(long, value_name = "FILE", requires = "etcd_ca_crt")]
    pub(super) etcd_ca_key: Option<PathBuf>,
    /// Certificate of the aggregator (front-proxy) CA
    #[arg(long, value_name = "FILE", requires = "aggregator_ca_key")]
    pub(super) aggregator_ca_crt: Option<PathBuf>,
    /// Private key of the aggregator (front-proxy) CA
    #[arg(long, value_name = "FILE", requires = "aggregator_ca_crt")]
    pub(super) aggregator_ca_key: Option<PathBuf>,
    /// Certificate of the Talos CA
    #[arg(long, value_name = "FILE", requires = "os_ca_key")]
    pub(super) os_ca_crt: Option<PathBuf>,
    /// Private key of the Talos CA
    #[arg(long, value_name = "FILE", requires = "os_ca_crt")]
    pub(super) os_ca_key: Option<PathBuf>,
    /// Private key that signs service-account tokens
    #[arg(long, value_name = "FILE")]
    pub(super) service_account_key: Option<PathBuf>,
}

impl CustomAuthorities {
    /// All of the files.
    pub(super) fn files(&self) -> impl Iterator<Item = &Path> {
        let halves = self.of_slots().into_iter();
        let halves = halves.flat_map(|(_, certificate, key)| [certificate, key]);
        halves
            .chain([self.service_account_key.as_deref()])
            .flatten()
    }

    /// The certificate and the key of each slot.
    fn of_slots(&self) -> [(CaSlot, Option<&Path>, Option<&Path>); 4] {
        [
            (
                CaSlot::Kubernetes,
                self.kubernetes_ca_crt.as_deref(),
                self.kubernetes_ca_key.as_deref(),
            ),
            (
                CaSlot::Etcd,
                self.etcd_ca_crt.as_deref(),
                self.etcd_ca_key.as_deref(),
            ),
            (
                CaSlot::Aggregator,
                self.aggregator_ca_crt.as_deref(),
                self.aggregator_ca_key.as_deref(),
            ),
            (
                CaSlot::Os,
                self.os_ca_crt.as_deref(),
                self.os_ca_key.as_deref(),
            ),
        ]
    }
}

/// Puts the single files that a person gave into their slots. If keys turn out to be encrypted and no
/// passphrase was given, a person at the terminal is asked.
pub(super) fn set(
    cluster: &mut Cluster,
    custom: &CustomAuthorities,
    judgement: &Judgement,
) -> Result<(), CommandError> {
    let passphrase = passphrase::given(judgement.passphrase_file.as_deref())?;
    let files = Files::read(custom)?;
    let mut pieces = files.pieces(passphrase.as_ref());
    if passphrase.is_none()
        && pieces.are_encrypted()
        && let Some(passphrase) = passphrase::asked()?
    {
        pieces = files.pieces(Some(&passphrase));
    }
    for authority in pieces.authorities {
        cluster.give_authority(authority);
    }
    if let Some(account) = pieces.service_account {
        cluster.give_service_account(account);
    }
    cluster.key_files.extend(pieces.key_files);
    Ok(())
}

/// The files, each read once: a pipe cannot be read again.
struct Files {
    /// The certificate and the key of a slot.
    authorities: Vec<(CaSlot, [SourceFile; 2])>,
    service_account: Option<SourceFile>,
}

impl Files {
    fn read(custom: &CustomAuthorities) -> Result<Self, SourceError> {
        let mut authorities = Vec::new();
        for (slot, certificate, key) in custom.of_slots() {
            // The flags demand each other.
            if let (Some(certificate), Some(key)) = (certificate, key) {
                let files = [source::read_file(certificate)?, source::read_file(key)?];
                authorities.push((slot, files));
            }
        }
        let account = custom.service_account_key.as_deref();
        Ok(Self {
            authorities,
            service_account: account.map(source::read_file).transpose()?,
        })
    }

    fn pieces(&self, passphrase: Option<&Secret<String>>) -> Pieces {
        let mut pieces = Pieces::default();
        for (slot, [certificate, key]) in &self.authorities {
            let (authority, key_files) =
                layout::authority_from_files(*slot, certificate, key, passphrase);
            pieces.authorities.push(authority);
            pieces.key_files.extend(key_files);
        }
        if let Some(file) = &self.service_account {
            let (account, key_file) = layout::service_account_from_file(file, passphrase);
            pieces.service_account = Some(account);
            pieces.key_files.extend(key_file);
        }
        pieces
    }
}

/// What is in the files.
#[derive(Default)]
struct Pieces {
    authorities: Vec<Authority>,
    service_account: Option<ServiceAccount>,
    key_files: Vec<KeyFile>,
}

impl Pieces {
    fn are_encrypted(&self) -> bool {
        let account = self.service_account.iter().map(|account| &account.key);
        let mut keys = self
            .authorities
            .iter()
            .map(|authority| &authority.key)
            .chain(account);
        keys.any(Material::is_encrypted)
    }
}
