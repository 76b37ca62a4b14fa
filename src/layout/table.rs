//! What a layout is: where a distribution keeps its trust, by what it is known, and what it does in
//! a way of its own.
//!
//! Every path is below the PKI folder and may begin with `../`.

use super::Layout;
use super::mark::Mark;
use crate::cluster::{CaSlot, KubeconfigRole, LeafRole, Operations, PeculiarityKind, Slot};

/// One distribution.
pub(super) struct LayoutTable {
    /// Which it is.
    pub(super) layout: Layout,
    /// How it is called, as in `--layout`.
    pub(super) name: &'static str,
    /// What `--help` says of it.
    pub(super) about: &'static str,
    /// Where a node has its PKI folder, without `/` at both ends.
    pub(super) home: &'static str,
    /// The folder of the cluster: empty for the PKI folder itself, or `../`.
    pub(super) folder: &'static str,
    /// Whether static pods are its control plane, and name the files of its PKI folder.
    pub(super) runs_static_pods: bool,
    /// Where a node has the manifests of static pods that the distribution writes; empty if there are none.
    pub(super) manifests: &'static str,
    /// By what it is told from the others, one is enough; none for a layout that needs no telling.
    pub(super) marks: &'static [Mark],
    /// The fewest of its file names by which a folder is taken for its PKI folder.
    pub(super) enough_names: usize,
    /// The CAs. Of several rows for one slot the first counts of which a file is there.
    pub(super) authorities: &'static [AuthorityRow],
    /// The service-account key; none if it must not be looked for. As with the CAs.
    pub(super) service_account: &'static [ServiceAccountRow],
    /// The certificates that the CAs issued.
    pub(super) leaves: &'static [LeafRow],
    /// The kubeconfigs.
    pub(super) kubeconfigs: &'static [(KubeconfigRole, &'static str)],
    /// The configuration of encryption at rest, where no flag names it.
    pub(super) encryption: Option<&'static str>,
    /// What it does in a way of its own.
    pub(super) peculiarities: &'static [PeculiarityRow],
    /// How it is run.
    pub(super) operations: &'static Operations,
    /// Where a missing piece is.
    pub(super) remedies: &'static [(Slot, &'static str)],
}

/// A CA.
pub(super) struct AuthorityRow {
    /// What it becomes in Talos.
    pub(super) slot: CaSlot,
    /// Its certificate.
    pub(super) certificate: &'static str,
    /// Its private key.
    pub(super) key: &'static str,
    /// CAs that the cluster trusts beside it.
    pub(super) accepted: &'static [&'static str],
    /// Whether the root is taken where its key is there, and not the intermediate CA before it.
    pub(super) prefers_root: bool,
}

/// The key that signs service-account tokens.
pub(super) struct ServiceAccountRow {
    /// The private key, or all of them.
    pub(super) key: &'static str,
    /// A file with the one that signs, if `key` has several.
    pub(super) signing: Option<&'static str>,
    /// The public half.
    pub(super) public: Option<&'static str>,
}

/// A certificate that a CA issued.
pub(super) struct LeafRow {
    /// The part that it plays.
    pub(super) role: LeafRole,
    /// The certificate.
    pub(super) certificate: &'static str,
    /// Its common name, if that is another than kubeadm's.
    pub(super) name: Option<&'static str>,
}

/// Something that the distribution does in a way of its own.
pub(super) struct PeculiarityRow {
    /// What kind of thing.
    pub(super) kind: PeculiarityKind,
    /// When it is so.
    pub(super) when: Mark,
    /// What is so, in one sentence.
    pub(super) message: &'static str,
    /// What to do.
    pub(super) help: &'static str,
}

/// A CA without others beside it.
pub(super) const fn authority(
    slot: CaSlot,
    certificate: &'static str,
    key: &'static str,
) -> AuthorityRow {
    AuthorityRow {
        slot,
        certificate,
        key,
        accepted: &[],
        prefers_root: false,
    }
}

/// A certificate with kubeadm's name in it.
pub(super) const fn leaf(role: LeafRole, certificate: &'static str) -> LeafRow {
    LeafRow {
        role,
        certificate,
        name: None,
    }
}

/// A certificate with a name of this distribution.
pub(super) const fn named_leaf(
    role: LeafRole,
    certificate: &'static str,
    name: &'static str,
) -> LeafRow {
    LeafRow {
        role,
        certificate,
        name: Some(name),
    }
}

/// Where pieces that are missing are looked for.
pub(super) const KUBERNETES_CA: Slot = Slot::Ca(CaSlot::Kubernetes);
/// As [`KUBERNETES_CA`].
pub(super) const ETCD_CA: Slot = Slot::Ca(CaSlot::Etcd);

impl LayoutTable {
    /// How the PKI folder is usually called.
    pub(super) fn root(&self) -> &'static str {
        self.home
            .rsplit_once('/')
            .map_or(self.home, |(_, root)| root)
    }

    /// Whether a folder with a CA by the name of the Kubernetes CA has anything that only Kubernetes
    /// has. That of an etcd of one's own has `ca.crt` and `ca.key`, too.
    pub(super) fn is_of_kubernetes(&self, is_there: impl Fn(&str) -> bool) -> bool {
        let has = |slot: CaSlot| {
            let mut rows = self.authorities.iter().filter(|row| row.slot == slot);
            rows.any(|row| is_there(row.certificate) || is_there(row.key))
        };
        let mut accounts = self.service_account.iter();
        let mut leaves = self.leaves.iter();
        !has(CaSlot::Kubernetes)
            || has(CaSlot::Aggregator)
            || accounts.any(|row| is_there(row.key) || row.public.is_some_and(&is_there))
            || leaves.any(|row| row.role.slot() != CaSlot::Etcd && is_there(row.certificate))
    }

    /// Every file name by which the PKI folder is known, each once.
    pub(super) fn names(&self) -> impl Iterator<Item = &'static str> {
        let authorities = self.authorities.iter();
        let authorities = authorities.flat_map(|row| {
            [row.certificate, row.key]
                .into_iter()
                .chain(row.accepted.iter().copied())
        });
        let accounts = self.service_account.iter();
        let accounts = accounts.flat_map(|row| [Some(row.key), row.signing, row.public]);
        let leaves = self.leaves.iter().map(|row| row.certificate);
        authorities.chain(accounts.flatten()).chain(leaves)
    }
}
