//! The slots of a cluster that was read from several nodes.

use super::materials::{self, join};
use super::{Disagreement, Nodes, disagreement, service_account};
use crate::cluster::{Authority, CaSlot, Cluster, Located, Material, PeculiarityKind};
use crate::pki::{Certificate, Fingerprint, PrivateKey, PublicKey};

/// Fills the slots of `joined` with those of `clusters`, and notes what does not agree.
pub(super) fn fill(joined: &mut Cluster, clusters: &mut [Cluster], nodes: &mut Nodes) {
    move_misplaced(clusters);
    for slot in CaSlot::ALL {
        let authorities = clusters.iter_mut().map(|cluster| take(cluster, slot));
        let authorities: Vec<Option<Authority>> = authorities.collect();
        if authorities.iter().all(Option::is_none) {
            continue;
        }
        let each_has_its_own =
            slot == CaSlot::Aggregator && joined.peculiarity(PeculiarityKind::OfOneNode).is_some();
        let mut joining = Joining {
            slot,
            clusters,
            nodes,
        };
        let authority = joining.authority(authorities, each_has_its_own);
        joined.set_authority(authority);
    }
    joined.service_account = service_account::join(clusters, nodes);
}

/// What was told by content on one node stands in the slot that the same key has on a node where
/// it has its name.
fn move_misplaced(clusters: &mut [Cluster]) {
    let named: Vec<(CaSlot, PublicKey)> = clusters
        .iter()
        .flat_map(|cluster| &cluster.authorities)
        .filter(|authority| !authority.certificate.by_content)
        .filter_map(|authority| Some((authority.slot, public_key_of(authority)?.clone())))
        .collect();
    for cluster in clusters {
        for authority in &mut cluster.authorities {
            let public = public_key_of(authority).filter(|_| authority.certificate.by_content);
            let right = public.and_then(|public| named.iter().find(|(_, key)| key == public));
            if let Some((slot, _)) = right {
                authority.slot = *slot;
            }
        }
    }
}

fn public_key_of(authority: &Authority) -> Option<&PublicKey> {
    let certificate = authority.certificate.chosen.as_ref()?;
    Some(&certificate.value.public_key)
}

/// What is in the slot, out of `cluster`. Where two are, the one with a certificate.
fn take(cluster: &mut Cluster, slot: CaSlot) -> Option<Authority> {
    let is_there = |authority: &Authority| authority.certificate.chosen.is_some();
    let of_slot = |authority: &Authority| authority.slot == slot;
    let mut positions = 0..cluster.authorities.len();
    let with = positions.clone().find(|position| {
        let authority = &cluster.authorities[*position];
        of_slot(authority) && is_there(authority)
    });
    let position = with.or_else(|| positions.find(|at| of_slot(&cluster.authorities[*at])))?;
    Some(cluster.authorities.remove(position))
}

struct Joining<'a> {
    slot: CaSlot,
    clusters: &'a mut [Cluster],
    nodes: &'a mut Nodes,
}

impl Joining<'_> {
    fn authority(
        &mut self,
        authorities: Vec<Option<Authority>>,
        each_has_its_own: bool,
    ) -> Authority {
        let title = self.slot.title();
        let (certificates, keys): (Vec<_>, Vec<_>) = authorities
            .into_iter()
            .map(|authority| match authority {
                Some(Authority {
                    certificate, key, ..
                }) => (certificate, key),
                None => (Material::default(), Material::default()),
            })
            .unzip();
        let shown =
            |material: &Material<Certificate>| Some(certificate_shown(material.chosen.as_ref()?));
        let differs = disagreement(title, self.nodes, certificates.iter().map(shown));
        let is_renewed = is_one_key(&certificates);
        let certificate = if each_has_its_own {
            own_certificates(certificates)
        } else {
            if let Some(differs) = differs {
                let list = if is_renewed {
                    &mut self.nodes.renewed
                } else {
                    &mut self.nodes.disagreements
                };
                list.push(differs);
            }
            self.certificate(certificates)
        };
        let wanted = certificate.chosen.as_ref();
        let wanted = wanted.map(|certificate| certificate.value.public_key.clone());
        if is_renewed && !each_has_its_own {
            let differs = self.key_disagreement(&keys);
            self.nodes.disagreements.extend(differs);
        }
        Authority {
            slot: self.slot,
            certificate,
            key: self.key(keys, wanted.as_ref()),
        }
    }

    /// Of certificates with the same key, the one that holds longest; or else the first.
    fn certificate(&mut self, certificates: Vec<Material<Certificate>>) -> Material<Certificate> {
        let is_one_key = is_one_key(&certificates);
        let chosen = || {
            certificates
                .iter()
                .enumerate()
                .filter_map(|(node, material)| Some((node, material.chosen.as_ref()?)))
        };
        let longest = chosen().max_by_key(|(node, certificate)| {
            let ends = certificate.value.validity.not_after;
            (is_one_key.then_some(ends), std::cmp::Reverse(*node))
        });
        let taken = longest.map_or(0, |(node, _)| node);
        let what = self.slot.to_string();
        join(
            certificates,
            taken,
            &mut |node, other, ours| {
                if other.value.der() == ours.value.der() {
                    let copy = (other.origin.to_string(), what.clone());
                    self.nodes.copies.push(copy);
                } else {
                    self.clusters[node].other_certificates.push(other);
                }
                None
            },
            |one, other| one.der() == other.der(),
        )
    }

    /// The key that belongs to the certificate, wherever it is; or else the first.
    fn key(
        &mut self,
        keys: Vec<Material<PrivateKey>>,
        wanted: Option<&PublicKey>,
    ) -> Material<PrivateKey> {
        let belongs = |key: &Located<PrivateKey>| Some(key.value.public_key()) == wanted;
        let chosen =
            |material: &Material<PrivateKey>| material.chosen.as_ref().is_some_and(belongs);
        let there = |material: &Material<PrivateKey>| material.chosen.is_some();
        let taken = keys.iter().position(chosen);
        let first = taken.or_else(|| keys.iter().position(there));
        let elsewhere = first.is_none().then(|| self.other_key(belongs)).flatten();
        let what = format!("key of the {}", self.slot);
        let mut joined = join(
            keys,
            first.unwrap_or_default(),
            &mut |node, other: Located<PrivateKey>, ours: &Located<PrivateKey>| {
                if other.value.public_key() == ours.value.public_key() {
                    let copy = (other.origin.to_string(), what.clone());
                    self.nodes.copies.push(copy);
                } else {
                    self.clusters[node].other_keys.push(other);
                }
                None
            },
            |one, other| one.public_key() == other.public_key(),
        );
        if let Some(found) = elsewhere {
            joined.file = Some(found.origin.file.clone());
            let broken = joined.failures.drain(..).map(materials::broken_block);
            joined.quirks.extend(broken);
            joined.chosen = Some(found);
        }
        joined
    }

    /// A key that plays no role on its node.
    fn other_key(
        &mut self,
        belongs: impl Fn(&Located<PrivateKey>) -> bool,
    ) -> Option<Located<PrivateKey>> {
        self.clusters.iter_mut().find_map(|cluster| {
            let position = cluster.other_keys.iter().position(&belongs)?;
            Some(cluster.other_keys.remove(position))
        })
    }

    /// Keys of one slot that differ although the certificates do not.
    fn key_disagreement(&self, keys: &[Material<PrivateKey>]) -> Option<Disagreement> {
        let shown = |material: &Material<PrivateKey>| {
            let key = material.chosen.as_ref()?.value.public_key();
            Some(format!("key {}", key.fingerprint()))
        };
        let what = format!("key of the {}", self.slot);
        disagreement(&what, self.nodes, keys.iter().map(shown))
    }
}

/// Of CAs that each node has for itself, the first issues; the others are trusted beside it.
fn own_certificates(certificates: Vec<Material<Certificate>>) -> Material<Certificate> {
    let there = |material: &Material<Certificate>| material.chosen.is_some();
    let first = certificates.iter().position(there);
    join(
        certificates,
        first.unwrap_or_default(),
        &mut |_, other, _| Some(other),
        |one, other| one.der() == other.der(),
    )
}

fn is_one_key(certificates: &[Material<Certificate>]) -> bool {
    let chosen = certificates
        .iter()
        .filter_map(|material| material.chosen.as_ref());
    let mut chosen = chosen.map(|piece| (&piece.value.public_key, &piece.value.subject));
    let first = chosen.next();
    chosen.all(|other| Some(other) == first)
}

fn certificate_shown(certificate: &Located<Certificate>) -> String {
    let value = &certificate.value;
    format!(
        "{value}, {}, ends {}, key {}",
        Fingerprint::of(value.der()),
        value.validity.not_after.strftime("%Y-%m-%d"),
        value.public_key.fingerprint()
    )
}
