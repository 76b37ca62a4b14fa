//! What to take out of Kubernetes manifests: flags, and where their key comes from.

use std::env;
use std::path::PathBuf;

use clap::Args;

use super::CommandError;
use crate::manifest::{CertificateKey, Choice};
use crate::pki::Secret;
use crate::source;

/// The environment variable with the certificate key.
const VARIABLE: &str = "TALOS_PKI_CERTIFICATE_KEY";

#[derive(Debug, Args)]
#[command(next_help_heading = "Kubernetes manifests and states")]
pub(super) struct ManifestArguments {
    /// The cluster to take, if there are several, as NAME or NAMESPACE/NAME; in a state of Terraform,
    /// the address of the resource
    #[arg(long, value_name = "NAME")]
    pub(super) cluster: Option<String>,

    /// The key of the Secret kubeadm-certs, as `kubeadm init phase upload-certs` printed it
    #[arg(long, value_name = "KEY", conflicts_with = "certificate_key_file")]
    certificate_key: Option<String>,

    /// A file with that key (or set TALOS_PKI_CERTIFICATE_KEY)
    #[arg(long, value_name = "FILE")]
    pub(super) certificate_key_file: Option<PathBuf>,
}

impl ManifestArguments {
    pub(super) fn choice(&self) -> Result<Choice, CommandError> {
        Ok(Choice {
            cluster: self.cluster.clone(),
            certificate_key: self.certificate_key()?,
        })
    }

    /// The key from a flag, from a file, or else from the environment.
    fn certificate_key(&self) -> Result<Option<CertificateKey>, CommandError> {
        let (place, text) = if let Some(text) = &self.certificate_key {
            ("--certificate-key".to_owned(), Secret::new(text.clone()))
        } else if let Some(path) = &self.certificate_key_file {
            let file = source::read_file(path)?;
            let text = String::from_utf8_lossy(&file.bytes).into_owned();
            (format!("`{}`", file.path), Secret::new(text))
        } else if let Ok(text) = env::var(VARIABLE) {
            (VARIABLE.to_owned(), Secret::new(text))
        } else {
            return Ok(None);
        };
        let key = CertificateKey::read(text.expose());
        let failed = |error| CommandError::Settings(format!("{place}: {error}"));
        key.map(Some).map_err(failed)
    }
}
