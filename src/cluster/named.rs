//! What the processes of a cluster are told to use.

use super::slot::Slot;
use crate::pki::PublicKey;

/// The file that a process is told to use for a slot: what is in it is in use, whatever the names of
/// other files say.
#[derive(Debug, Clone)]
pub struct Named {
    /// What it is used as.
    pub slot: Slot,
    /// The process and its flag, as `kube-apiserver --client-ca-file=/etc/kubernetes/pki/ca.crt`.
    pub flag: String,
    /// Where the flag stands.
    pub process: String,
    /// The file, by its path in the source; nothing if it is not there.
    pub file: Option<String>,
    /// The public halves of the certificates or keys in it; none if it is not there.
    pub keys: Vec<PublicKey>,
}
