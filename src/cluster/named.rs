//! What the processes of a cluster are told to use.

use super::slot::Slot;
use crate::pki::{Certificate, PublicKey};

/// The file that a process is told to use for a slot: what is in it is in use, whatever the names of
/// other files say.
#[derive(Debug, Clone)]
pub struct Named {
    /// What it is used as.
    pub slot: Slot,
    /// The process and its flag, as `kube-apiserver --client-ca-file=/etc/kubernetes/pki/ca.crt`.
    pub flag: String,
    /// The path of the file on the node.
    pub host_path: String,
    /// Where the flag stands.
    pub process: String,
    /// The file, by its path in the source; nothing if it is not there.
    pub file: Option<String>,
    /// The public halves of the certificates or keys in it; none if it is not there.
    pub keys: Vec<PublicKey>,
    /// What else the flags name for the slot and is here: it speaks for what is in use, too.
    pub vouchers: Vec<Voucher>,
}

/// What is in use with a CA or key, and tells which it is.
#[derive(Debug, Clone)]
pub enum Voucher {
    /// A certificate that the CA issued.
    Leaf(Box<Certificate>),
    /// A public key by which tokens are checked.
    PublicKey(PublicKey),
}
