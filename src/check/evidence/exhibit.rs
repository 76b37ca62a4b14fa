//! The certificates that speak for a CA or against it.

use super::super::Context;
use crate::cluster::{CaSlot, Cluster, LeafRole, Located, Named, Slot};
use crate::pki::{Certificate, SignatureError};

/// A certificate that some slot's CA should have issued.
pub(super) struct Exhibit<'a> {
    pub(super) slot: CaSlot,
    pub(super) certificate: &'a Located<Certificate>,
    pub(super) bearer: Bearer,
    pub(super) verdict: Verdict,
}

/// Whose certificate it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Bearer {
    /// That of a part of the control plane, in a file of its own.
    Part(LeafRole),
    /// That of a component or the cluster's administrator, in the kubeconfig of a distribution.
    Component,
    /// That of anybody else, in a kubeconfig.
    Person,
}

impl Bearer {
    pub(super) fn has_kubeconfig(self) -> bool {
        matches!(self, Self::Component | Self::Person)
    }
}

#[derive(Clone, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Issued by the CA in its slot.
    Confirms,
    /// Issued by another CA that is trusted in its slot, such as the one before a rotation.
    Accepted,
    /// Issued by such a CA in this file, of which a bundle has no room.
    OfBeside(String),
    /// Issued by the CA in another slot.
    OfSlot(CaSlot),
    /// Issued by the key of the CA in its slot under another name: chains are built by both.
    OfAnotherName(String),
    /// Issued by a CA that stands elsewhere in the tree, or nowhere.
    OfOther(String),
    /// The signature is of a kind that cannot be checked.
    Unknown,
}

/// Every certificate for whose slot there is a CA.
pub(super) fn exhibits<'a>(cluster: &'a Cluster, context: &Context) -> Vec<Exhibit<'a>> {
    let leaves = cluster
        .leaves
        .iter()
        .filter_map(|leaf| Some((Bearer::Part(leaf.role), leaf.certificate.as_ref().ok()?)));
    let clients = cluster.kubeconfigs.iter().filter_map(|kubeconfig| {
        let bearer = match kubeconfig.role {
            Some(_) => Bearer::Component,
            None => Bearer::Person,
        };
        Some((bearer, kubeconfig.client.as_ref()?))
    });
    let exhibits = leaves.chain(clients).filter_map(|(bearer, certificate)| {
        let slot = match bearer {
            Bearer::Part(role) => role.slot(),
            Bearer::Component | Bearer::Person => CaSlot::Kubernetes,
        };
        // A slot without a CA is the business of another family.
        cluster.certificate(slot)?;
        Some(Exhibit {
            slot,
            certificate,
            bearer,
            verdict: verdict(cluster, context, slot, bearer, certificate),
        })
    });
    exhibits.collect()
}

fn verdict(
    cluster: &Cluster,
    context: &Context,
    slot: CaSlot,
    bearer: Bearer,
    certificate: &Located<Certificate>,
) -> Verdict {
    if cluster.is_chained(slot, certificate) {
        return Verdict::Confirms;
    }
    let leaf = &certificate.value;
    if let Some(expected) = cluster.certificate(slot)
        && leaf.issuer == expected.value.subject
    {
        match leaf.verify_signature_by(&expected.value.public_key) {
            Ok(()) => return Verdict::Confirms,
            Err(SignatureError::Unsupported(_)) => return Verdict::Unknown,
            Err(SignatureError::Bad) => {}
        }
    }
    // A CA in a file of its own that is accepted beside the one that issues, or one below it. Where a
    // file has both, as during a rotation, what the other issued is to be replaced.
    let accepted = cluster.authority(slot).is_some_and(|authority| {
        let certificate = &authority.certificate;
        let chosen = certificate.chosen.as_ref();
        let has_both = |file: &String| {
            let is_file = |named: &Named| {
                let slot = named.slot == Slot::Ca(slot) && named.file.as_ref() == Some(file);
                slot && chosen.is_some_and(|one| named.keys.contains(&one.value.public_key))
            };
            certificate.file.as_ref() == Some(file) || cluster.named.iter().any(is_file)
        };
        let mut others = certificate.others.iter();
        others.any(|other| {
            let is_below = chosen.is_some_and(|chosen| other.value.is_issued_by(&chosen.value));
            (is_below || !has_both(&other.origin.file)) && leaf.is_issued_by(&other.value)
        })
    });
    if accepted {
        return Verdict::Confirms;
    }
    if let Some(slot) = cluster.issuer_of(leaf) {
        return Verdict::OfSlot(slot);
    }
    let beside = cluster.authority(slot).into_iter();
    let beside = beside.flat_map(|authority| &authority.certificate.others);
    let mut beside = beside.filter(|other| leaf.is_issued_by(&other.value));
    if let Some(other) = beside.next() {
        let is_apart = cluster
            .trusted_elsewhere(slot)
            .any(|apart| apart.origin == other.origin);
        // A bundle cannot name it; configurations can. Where a flag names it, persons may have a CA of
        // their own, and the control plane has not.
        if (is_apart && bearer == Bearer::Person) || (!is_apart && !context.writes_bundle) {
            return Verdict::Accepted;
        }
        return Verdict::OfBeside(other.origin.file.clone());
    }
    if let Some(expected) = cluster.certificate(slot)
        && leaf.issuer != expected.value.subject
        && leaf.verify_signature_by(&expected.value.public_key).is_ok()
    {
        let (known, own) = (leaf.issuer.to_string(), expected.value.subject.to_string());
        return Verdict::OfAnotherName(if known == own {
            format!("{known} in another type of string")
        } else {
            format!("{known}, not {own}")
        });
    }
    let mut elsewhere = cluster.other_certificates.iter();
    let elsewhere = elsewhere.find(|other| leaf.is_issued_by(&other.value));
    Verdict::OfOther(match elsewhere {
        Some(other) => format!("the CA in `{}`", other.origin.file),
        None => format!("a CA that is not here, {}", leaf.issuer),
    })
}
