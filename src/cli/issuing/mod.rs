//! `talos-pki gen ca | key | csr | crt | keypair`: single keys, certificates and requests, as
//! talosctl has them and beyond.

mod algorithm;
mod authority_files;
mod ca;
mod crt;
mod csr;
mod error;
mod file_set;
mod identity;
mod key;
mod keypair;
mod lifetime;
mod pki_file;
mod purpose;
mod report;

pub(super) use ca::{CaArguments, run as ca};
pub(super) use crt::{CrtArguments, run as crt};
pub(super) use csr::{CsrArguments, run as csr};
pub(super) use error::IssuingError;
pub(super) use key::{KeyArguments, run as key};
pub(super) use keypair::{KeypairArguments, run as keypair};
