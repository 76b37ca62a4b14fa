//! Which CA issues.

use std::path::PathBuf;

use clap::Args;

/// The files of a CA.
#[derive(Debug, Args)]
#[command(next_help_heading = "Issuer")]
pub(super) struct AuthorityArguments {
    /// The CA: its files without their endings, which are .crt and .key
    #[arg(long, value_name = "NAME")]
    ca: Option<PathBuf>,

    /// The file with the CA's certificate, in place of --ca
    #[arg(long, value_name = "FILE", requires = "ca_key", conflicts_with = "ca")]
    ca_crt: Option<PathBuf>,

    /// The file with the CA's private key, in place of --ca
    #[arg(long, value_name = "FILE", requires = "ca_crt", conflicts_with = "ca")]
    ca_key: Option<PathBuf>,
}

impl AuthorityArguments {
    /// The files of certificate and key, if a CA was named.
    pub(super) fn files(&self) -> Option<[PathBuf; 2]> {
        if let (Some(certificate), Some(key)) = (&self.ca_crt, &self.ca_key) {
            return Some([certificate.clone(), key.clone()]);
        }
        let name = self.ca.as_ref()?;
        Some([".crt", ".key"].map(|ending| {
            let mut path = name.as_os_str().to_owned();
            path.push(ending);
            path.into()
        }))
    }
}
