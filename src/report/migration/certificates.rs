//! The certificates of a cluster, each with who signed it, and those that were made for it: what the tree
//! and the time line show.

use super::{BUNDLE, MigrationReport, TALOSCONFIG};
use crate::cluster::{CaSlot, Cluster, Located};
use crate::pki::{Certificate, Validity};

/// What a certificate is in the cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// The CA of a slot.
    Authority,
    /// A CA that is trusted beside it.
    AlsoTrusted,
    /// One that a CA issued to the control plane.
    Leaf,
    /// The client of a kubeconfig or talosconfig.
    Client,
}

impl Kind {
    pub(super) fn is_authority(self) -> bool {
        matches!(self, Self::Authority | Self::AlsoTrusted)
    }
}

/// One certificate.
#[derive(Debug, Clone)]
pub(super) struct Shown<'a> {
    pub(super) kind: Kind,
    /// The CA that signed it, or whose slot it is in; nothing if none of them did.
    pub(super) slot: Option<CaSlot>,
    certificate: &'a Certificate,
    file: String,
    label: String,
}

impl<'a> Shown<'a> {
    fn of(
        cluster: &Cluster,
        kind: Kind,
        slot: Option<CaSlot>,
        certificate: &'a Located<Certificate>,
    ) -> Self {
        let file = cluster.shown_path(&certificate.origin.file);
        Self {
            kind,
            slot,
            certificate: &certificate.value,
            label: file.clone(),
            file,
        }
    }

    /// What it is called in a picture: in the bundle there are several in one file.
    pub(super) fn label(&self) -> &str {
        &self.label
    }

    /// Its file, below the cluster's folder, or among those that were made.
    pub(super) fn file(&self) -> &str {
        &self.file
    }

    /// Whom it is about.
    pub(super) fn name(&self) -> String {
        self.certificate.subject.to_string()
    }

    /// Who signed it, by its own word.
    pub(super) fn issuer(&self) -> String {
        self.certificate.issuer.to_string()
    }

    /// Its kind of key.
    pub(super) fn algorithm(&self) -> String {
        self.certificate.public_key.algorithm().to_string()
    }

    /// Whether it signed itself.
    pub(super) fn is_root(&self) -> bool {
        self.certificate.is_self_issued()
    }

    /// From when until when it holds.
    pub(super) fn validity(&self) -> Validity {
        self.certificate.validity
    }
}

/// Every certificate: each CA, then what it issued; at the end those that none of them issued.
pub(super) fn all(cluster: &Cluster) -> Vec<Shown<'_>> {
    let issued = issued(cluster);
    let mut all = Vec::new();
    for authority in authorities(cluster) {
        let slot = authority.slot;
        all.push(authority);
        all.extend(also_trusted(cluster, slot));
        all.extend(issued.iter().filter(|one| one.slot == slot).cloned());
    }
    all.extend(issued.into_iter().filter(|one| one.slot.is_none()));
    all
}

/// What was made for the cluster: each CA that it does not have, and the client that knows Talos's.
pub(super) fn made<'a>(report: &MigrationReport<'a>) -> Vec<Shown<'a>> {
    let authorities = report.made.into_iter().flat_map(|made| {
        let authorities = CaSlot::ALL
            .iter()
            .map(|slot| (*slot, made.bundle.authority(*slot)));
        authorities.filter(|(slot, _)| !report.cluster.has_pair(*slot))
    });
    let authorities = authorities.map(|(slot, pair)| Shown {
        kind: Kind::Authority,
        slot: Some(slot),
        certificate: pair.certificate(),
        file: BUNDLE.to_owned(),
        label: format!("new: {}", slot.title()),
    });
    let client = report.client.map(|certificate| Shown {
        kind: Kind::Client,
        slot: Some(CaSlot::Os),
        certificate,
        file: TALOSCONFIG.to_owned(),
        label: format!("new: {TALOSCONFIG}"),
    });
    authorities.chain(client).collect()
}

/// The CAs of the slots.
fn authorities(cluster: &Cluster) -> impl Iterator<Item = Shown<'_>> {
    cluster.authorities.iter().filter_map(|authority| {
        let certificate = authority.certificate.chosen.as_ref()?;
        Some(Shown::of(
            cluster,
            Kind::Authority,
            Some(authority.slot),
            certificate,
        ))
    })
}

/// The certificate of the old control plane that ends first.
pub(super) fn first_to_end(cluster: &Cluster) -> Option<Shown<'_>> {
    let issued = issued(cluster).into_iter();
    issued.min_by_key(|one| one.validity().not_after)
}

fn also_trusted(cluster: &Cluster, slot: Option<CaSlot>) -> impl Iterator<Item = Shown<'_>> {
    let authorities = cluster.authorities.iter();
    let others = authorities
        .filter(move |authority| Some(authority.slot) == slot)
        .flat_map(|authority| &authority.certificate.others);
    others.map(move |other| Shown::of(cluster, Kind::AlsoTrusted, slot, other))
}

fn issued(cluster: &Cluster) -> Vec<Shown<'_>> {
    let leaves = cluster.leaves.iter();
    let leaves = leaves.filter_map(|leaf| Some((Kind::Leaf, leaf.certificate.as_ref().ok()?)));
    let clients = cluster.kubeconfigs.iter();
    let clients = clients.filter_map(|one| Some((Kind::Client, one.client.as_ref()?)));
    leaves
        .chain(clients)
        .map(|(kind, certificate)| {
            let value = &certificate.value;
            let mut slots = CaSlot::ALL.iter().copied();
            let slot = cluster
                .issuer_of(value)
                .or_else(|| accepted_issuer_of(cluster, value))
                .or_else(|| slots.find(|slot| cluster.is_chained(*slot, certificate)));
            Shown::of(cluster, kind, slot, certificate)
        })
        .collect()
}

/// The slot beside whose CA another is trusted that signed `leaf`: as k3s has one for its clients.
fn accepted_issuer_of(cluster: &Cluster, leaf: &Certificate) -> Option<CaSlot> {
    let mut authorities = cluster.authorities.iter();
    let authority = authorities.find(|authority| {
        let mut others = authority.certificate.others.iter();
        others.any(|other| leaf.is_issued_by(&other.value))
    })?;
    Some(authority.slot)
}
