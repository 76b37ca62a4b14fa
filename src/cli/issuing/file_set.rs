//! The files of one command: all of them, or none.

use std::path::{Path, PathBuf};

use clap::Args;

use super::error::IssuingError;
use crate::cli::CommandError;
use crate::cli::output::{Destination, write_all};
use crate::cli::printer::Printer;
use crate::pki::{Certificate, CertificateRequest, PrivateKey, Secret};

/// Where the files go.
#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
pub(super) struct OutputArguments {
    /// The folder to write into, or `-` for standard output
    #[arg(short, long, value_name = "FOLDER")]
    output: Option<PathBuf>,

    /// Overwrite existing files
    #[arg(short, long)]
    force: bool,
}

/// A file to be written.
pub(super) struct Product {
    ending: &'static str,
    data: Secret<String>,
}

impl Product {
    pub(super) fn certificate(certificate: &Certificate) -> Self {
        Self {
            ending: "crt",
            data: Secret::new(certificate.to_pem()),
        }
    }

    /// The hash by which kubeadm and Talos pin a CA, without a newline as talosctl writes it.
    pub(super) fn fingerprint(certificate: &Certificate) -> Self {
        Self {
            ending: "sha256",
            data: Secret::new(certificate.public_key.fingerprint().full()),
        }
    }

    pub(super) fn request(request: &CertificateRequest) -> Self {
        Self {
            ending: "csr",
            data: Secret::new(request.to_pem()),
        }
    }

    pub(super) fn secret_key(key: &PrivateKey) -> Self {
        Self {
            ending: "key",
            data: key.to_secret_pem(),
        }
    }

    fn is_pem(&self) -> bool {
        self.ending != "sha256"
    }
}

/// The files that a command will write, checked before it does its work.
pub(super) struct FileSet {
    files: Vec<(&'static str, Destination)>,
}

impl FileSet {
    /// Files with these `endings`, called `name`, in the folder that was asked for or else in
    /// `folder`, made from those that are `read`. It is told here if one is in the way.
    pub(super) fn plan(
        output: &OutputArguments,
        folder: &Path,
        name: &str,
        endings: &[&'static str],
        read: &[&Path],
    ) -> Result<Self, CommandError> {
        if name.is_empty() || name.ends_with('/') {
            let reason = "the files would have no name".to_owned();
            return Err(IssuingError::Flag {
                flag: "--name",
                reason,
            }
            .into());
        }
        let folder = output.output.as_deref().unwrap_or(folder);
        if folder == Path::new("-") {
            let destination = |ending| (ending, Destination::StandardOutput);
            let files = endings.iter().copied().map(destination).collect();
            return Ok(Self { files });
        }
        let mut files = Vec::new();
        for ending in endings.iter().copied() {
            let path = folder.join(format!("{name}.{ending}"));
            let destination = Destination::of(&path.to_string_lossy(), output.force, read)?;
            files.push((ending, destination));
        }
        Ok(Self { files })
    }

    /// Writes the products, one for each file that was planned: all of them, or none.
    pub(super) fn write(
        &self,
        products: &[Product],
        printer: &mut Printer,
    ) -> Result<(), CommandError> {
        let files = self.files.iter().filter_map(|(ending, destination)| {
            let product = products.iter().find(|product| product.ending == *ending)?;
            let is_shown = !matches!(destination, Destination::StandardOutput) || product.is_pem();
            is_shown.then_some((destination, product.data.expose().as_bytes()))
        });
        let files: Vec<_> = files.collect();
        write_all(files.iter().copied(), printer)?;
        let places = files.iter().filter_map(|(file, _)| file.describe());
        for (position, place) in places.enumerate() {
            let label = if position == 0 { "wrote" } else { "" };
            printer.words(&format!("{label:<10} {place}\n"));
        }
        Ok(())
    }
}
