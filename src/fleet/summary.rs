//! What is kept of a cluster once it is done.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::check::{Findings, Severity};
use crate::cluster::{CaSlot, Cluster};

/// A cluster in one line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    /// How its files were told apart, such as `kubeadm`.
    pub layout: Option<String>,
    /// How many errors there are.
    pub errors: usize,
    /// How many warnings.
    pub warnings: usize,
    /// How many notes.
    pub notes: usize,
    /// When the first of its CAs ends.
    pub ca_ends: Option<Timestamp>,
}

impl Summary {
    /// What is to be told of `cluster`.
    #[must_use]
    pub fn of(cluster: &Cluster, findings: &Findings) -> Self {
        let certificates = CaSlot::ALL
            .iter()
            .filter_map(|slot| cluster.certificate(*slot));
        let ends = certificates.map(|certificate| certificate.value.validity.not_after);
        Self {
            layout: cluster.layout.map(str::to_owned),
            errors: findings.count(Severity::Error),
            warnings: findings.count(Severity::Warning),
            notes: findings.count(Severity::Note),
            ca_ends: ends.min(),
        }
    }
}
