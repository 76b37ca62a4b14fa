//! Fills a [`Cluster`] from an [`Inventory`]: picks the pieces of every slot out of its file.

use std::collections::BTreeSet;

use super::by_content::{self, Evidence};
use super::inventory::{Inventory, InventoryFile};
use super::pieces::{Preferred, leaf, located, pair};
use super::place::Place;
use super::rest;
use super::table::AuthorityRow;
use crate::cluster::{
    Authority, CaSlot, Candidate, Cluster, Leaf, Located, Material, OpenChoice, Origin,
    Peculiarity, PeculiarityKind, Slot,
};
use crate::pki::{Certificate, PublicKey};
use crate::settings::{Datastore, DatastoreKind};

/// The cluster in `inventory`, by the names of a layout where one was found, and by content for the
/// rest.
pub(super) fn cluster(inventory: Inventory, place: Option<&Place>) -> Cluster {
    let mut gathering = Gathering {
        inventory: &inventory,
        place,
        evidence: None,
    };
    let mut cluster = Cluster {
        name: inventory.name.clone(),
        folder: place.map(Place::folder).unwrap_or_default(),
        layout: Some(place.map_or(by_content::NAME, |place| place.table.name)),
        layout_evidence: place.map(|place| place.evidence.clone()),
        is_store: inventory.is_store || place.is_some_and(|place| place.table.leaves.is_empty()),
        peculiarities: place.map_or_else(Vec::new, |place| peculiarities(&inventory, place)),
        operations: place
            .map(|place| place.table.operations)
            .unwrap_or_default(),
        remedies: place.map_or(&[], |place| place.table.remedies),
        ..Cluster::default()
    };
    let datastore = other_datastore(inventory.datastore.as_ref(), &cluster.peculiarities);
    cluster.peculiarities.extend(datastore);
    for slot in CaSlot::OF_KUBERNETES {
        if place.is_none_or(|place| place.has_slot(slot)) {
            cluster.set_authority(gathering.authority(slot));
        }
    }
    if place.is_none_or(|place| !place.table.service_account.is_empty()) {
        cluster.service_account = Some(gathering.service_account());
    }
    cluster.leaves = gathering.leaves();
    cluster.candidates = gathering.candidates(&cluster);
    cluster.open_choices = gathering.open_choices(&cluster);
    let folders = place.and_then(|place| rival_folders(&inventory, place));
    cluster.open_choices.extend(folders);
    cluster.open_choices.extend(place.and_then(other_layouts));
    match rival_roots(&inventory) {
        Some(roots) => cluster.open_choices.push(roots),
        None => cluster.open_choices.extend(rival_processes(&inventory)),
    }
    rest::take(&mut cluster, inventory, place);
    cluster
}

fn peculiarities(inventory: &Inventory, place: &Place) -> Vec<Peculiarity> {
    let rows = place.table.peculiarities.iter();
    let seen = rows.filter_map(|row| {
        let seen = row.when.seen(inventory, place.root())?;
        Some(Peculiarity {
            kind: row.kind,
            message: row.message.to_owned(),
            places: Some(seen)
                .into_iter()
                .filter(|seen| !seen.is_empty())
                .collect(),
            help: row.help.to_owned(),
        })
    });
    seen.collect()
}

/// What the settings say of the datastore, where the layout has no words of its own for it.
fn other_datastore(told: Option<&Datastore>, known: &[Peculiarity]) -> Option<Peculiarity> {
    let told = told.filter(|datastore| datastore.kind != DatastoreKind::Etcd)?;
    let kind = PeculiarityKind::OtherDatastore;
    let is_known = known.iter().any(|peculiarity| peculiarity.kind == kind);
    (!is_known).then(|| Peculiarity {
        kind,
        message: "what the cluster stores is not in etcd".to_owned(),
        places: vec![told.evidence.clone()],
        help: "bring the data into an etcd first, or make the objects anew from manifests or a \
               Velero backup"
            .to_owned(),
    })
}

/// Folders that could be the PKI folder just as well: they have the same names, or the usual name and
/// were not read.
fn rival_folders(inventory: &Inventory, place: &Place) -> Option<OpenChoice> {
    let certificate = place.table.authorities.first()?.certificate;
    let unread = inventory.unread.iter();
    let unread = unread.filter(|(path, _)| place.may_be_copy_of(path));
    let mut candidates: Vec<String> = unread
        .map(|(path, reason)| format!("{path}, which was not read: {reason}"))
        .collect();
    let (remedy, is_open) = if candidates.is_empty() {
        ("give the path of the one folder", !place.rivals.is_empty())
    } else {
        let remedy =
            "give the folder that was not read, or the path of the other if it is the one in use";
        (remedy, true)
    };
    candidates.extend(place.roots().map(|root| format!("{root}{certificate}")));
    is_open.then(|| OpenChoice {
        what: "PKI folder".to_owned(),
        candidates,
        remedy: remedy.to_owned(),
    })
}

fn other_layouts(place: &Place) -> Option<OpenChoice> {
    let authority = |place: &Place| {
        let certificate = place.table.authorities.first()?.certificate;
        Some(format!(
            "{}{certificate}: {}",
            place.root(),
            place.table.name
        ))
    };
    let candidates = std::iter::once(place).chain(&place.others);
    (!place.others.is_empty()).then(|| OpenChoice {
        what: "Kubernetes CA in use".to_owned(),
        candidates: candidates.filter_map(authority).collect(),
        remedy: "name the distribution that runs with --layout, or give its folder alone"
            .to_owned(),
    })
}

/// Folders in any of which the files may be that flags name.
fn rival_roots(inventory: &Inventory) -> Option<OpenChoice> {
    let rivals = &inventory.rival_roots;
    (!rivals.is_empty()).then(|| OpenChoice {
        what: "folder of the node".to_owned(),
        candidates: rivals.clone(),
        remedy: "give the one in use alone; if they are nodes of one cluster, give each: scan --nodes A B, \
                 or one -p each"
            .to_owned(),
    })
}

/// Processes of which any may run, and that do not say the same about trust.
fn rival_processes(inventory: &Inventory) -> impl Iterator<Item = OpenChoice> {
    inventory.rivals.iter().map(|rivals| {
        let take_away = if rivals.what.starts_with("manifest") {
            "take the others away, on the node, too: kubelet runs every file in its folder, whatever it is called"
        } else {
            "take the other away"
        };
        OpenChoice {
            what: rivals.what.clone(),
            candidates: rivals.candidates.clone(),
            remedy: format!("give the folder of the one that runs alone, or {take_away}"),
        }
    })
}

pub(super) struct Gathering<'a> {
    pub(super) inventory: &'a Inventory,
    pub(super) place: Option<&'a Place>,
    /// Read only when a name is missing: it costs a signature check for every certificate.
    evidence: Option<Evidence>,
}

impl<'a> Gathering<'a> {
    pub(super) fn evidence(&mut self) -> &Evidence {
        self.evidence.get_or_insert_with(|| {
            let is_used = |file: &str| self.place.is_none_or(|place| !place.is_unused(file));
            let mut evidence = by_content::evidence(self.inventory);
            evidence.authorities.retain(|_, one| is_used(&one.file));
            evidence.candidates.retain(|one| is_used(&one.origin.file));
            evidence
        })
    }

    fn authority(&mut self, slot: CaSlot) -> Authority {
        let row = self.place.and_then(|place| {
            let all = place.table.authorities.iter();
            let rows = || all.clone().filter(|row| row.slot == slot);
            let is_there = |row: &&AuthorityRow| {
                let mut paths = [row.certificate, row.key].into_iter();
                paths.any(|name| self.has(place.path(name)))
            };
            rows().find(is_there).or_else(|| rows().next())
        });
        let place = self.place;
        let path = |name| place.and_then(|place| place.path(name));
        let certificate_path = row.and_then(|row| path(row.certificate));
        let key_path = row.and_then(|row| path(row.key));
        let named = self.named(certificate_path.as_deref());
        let told = if named.is_none() && self.may_tell(certificate_path.as_deref()) {
            let origin = self.evidence().authorities.get(&slot).cloned();
            origin.and_then(|origin| self.inventory.certificate_at(&origin))
        } else {
            None
        };
        let certificate_file = named.or(told.map(|(file, _)| file));
        let mut key_file = self.named(key_path.as_deref());
        let key_by_content = key_file.is_none() && !self.is_unread(key_path.as_deref());
        if key_by_content {
            let certificates = certificate_file.map(InventoryFile::certificates);
            let certificates = certificates.into_iter().flatten();
            let wanted: Vec<&Certificate> = match told {
                Some((_, told)) => vec![told],
                None => certificates.map(|(_, certificate)| certificate).collect(),
            };
            let is_wanted = |key: &PublicKey| wanted.iter().any(|one| one.public_key == *key);
            key_file = self.inventory.file_of_key(is_wanted);
        }
        let preferred = match told {
            Some((_, told)) => Preferred::Told(told),
            None if row.is_some_and(|row| row.prefers_root) => Preferred::Root,
            None => match certificate_file.and_then(|file| self.named_by_most(file)) {
                Some(named) => Preferred::Told(named),
                None => Preferred::Renewed,
            },
        };
        let (mut certificate, mut key) = pair(certificate_file, key_file, preferred);
        certificate.file = certificate_path.or(certificate.file);
        key.file = key_path.or(key.file);
        if told.is_some() {
            certificate.by_content = certificate.chosen.is_some();
            // A file of everything has the CAs of other slots, too.
            let others = std::mem::take(&mut certificate.others).into_iter();
            let others = others.filter(|other| !self.is_of_another_slot(slot, &other.value));
            certificate.others = others.collect();
        }
        if certificate.chosen.is_some() {
            let accepted = row.map_or(&[][..], |row| row.accepted).iter();
            let accepted = accepted.filter_map(|name| self.named(path(name).as_deref()));
            let accepted = accepted.flat_map(InventoryFile::certificates).map(located);
            certificate.others.extend(accepted);
            if certificate.by_content {
                let mut accepted = self.accepted_by_content(slot);
                accepted.retain(|one| certificate.pieces().all(|it| it.origin != one.origin));
                certificate.others.extend(accepted);
            }
            let trusted = self.trusted_beside(slot, &certificate);
            certificate.others.extend(trusted);
        }
        if key_by_content {
            key.by_content = key.chosen.is_some();
            // The certificate says which it is, whatever else is in the file.
            key.others.clear();
        }
        Authority {
            slot,
            certificate,
            key,
        }
    }

    fn leaves(&mut self) -> Vec<Leaf> {
        let Some(place) = self.place else {
            let inventory = self.inventory;
            let found = self.evidence().leaves.iter().filter_map(|(role, origin)| {
                let (_, certificate) = inventory.certificate_at(origin)?;
                Some(Leaf {
                    role: *role,
                    usual_name: None,
                    certificate: Ok(located((origin, certificate))),
                })
            });
            return found.collect();
        };
        let leaves = place.table.leaves.iter().filter_map(|row| {
            let file = self.inventory.file(&place.path(row.certificate)?)?;
            Some(Leaf {
                role: row.role,
                usual_name: row.name,
                certificate: leaf(file),
            })
        });
        leaves.collect()
    }

    /// CAs that signed clients alone, beside one that was told by what it signed.
    fn accepted_by_content(&self, slot: CaSlot) -> Vec<Located<Certificate>> {
        let evidence = self.evidence.as_ref();
        let accepted = evidence.and_then(|evidence| evidence.accepted.get(&slot));
        let found = accepted.into_iter().flatten().filter_map(|origin| {
            let (_, certificate) = self.inventory.certificate_at(origin)?;
            Some(located((origin, certificate)))
        });
        found.collect()
    }

    /// CAs beside those that are `known`, in the file by which a flag says whom to trust.
    fn trusted_beside(
        &self,
        slot: CaSlot,
        known: &Material<Certificate>,
    ) -> Vec<Located<Certificate>> {
        let named = self.inventory.named.iter();
        let named = named.filter(|named| named.slot == Slot::Ca(slot));
        let paths: BTreeSet<&str> = named.filter_map(|named| named.file.as_deref()).collect();
        let is_known = |(_, certificate): &(&Origin, &Certificate)| {
            let mut known = known.pieces();
            known.any(|one| one.value.is_same_authority(certificate))
        };
        let files = paths.into_iter().filter_map(|path| self.named(Some(path)));
        // A file without the CA of the slot contradicts it, which `check` tells.
        let files = files.filter(|file| file.certificates().any(|one| is_known(&one)));
        let all = files.flat_map(InventoryFile::certificates);
        all.filter(|one| !is_known(one)).map(located).collect()
    }

    /// Whether `certificate` is the CA of another slot, by what it signed.
    fn is_of_another_slot(&self, slot: CaSlot, certificate: &Certificate) -> bool {
        let authorities = self
            .evidence
            .iter()
            .flat_map(|evidence| &evidence.authorities);
        let mut others = authorities.filter(|(other, _)| **other != slot);
        others.any(|(_, origin)| {
            let other = self.inventory.certificate_at(origin);
            other.is_some_and(|(_, other)| other.is_same_authority(certificate))
        })
    }

    /// What could fill the slots that are empty.
    fn candidates(&mut self, cluster: &Cluster) -> Vec<Candidate> {
        let account = cluster.service_account.iter();
        let account = account.map(|account| (Slot::ServiceAccount, account.key.is_absent()));
        let authorities = cluster.authorities.iter().map(|authority| {
            let slot = Slot::Ca(authority.slot);
            (slot, authority.certificate.is_absent())
        });
        let empty = authorities
            .chain(account)
            .filter(|(_, is_absent)| *is_absent);
        let empty: Vec<Slot> = empty.map(|(slot, _)| slot).collect();
        if empty.is_empty() {
            return Vec::new();
        }
        let inventory = self.inventory;
        let evidence = self.evidence();
        let told = evidence.authorities.iter().filter_map(|(slot, origin)| {
            let (_, certificate) = inventory.certificate_at(origin)?;
            Some(Candidate {
                slot: Slot::Ca(*slot),
                origin: origin.clone(),
                what: format!("{certificate}, by what it signed"),
            })
        });
        let candidates = told.chain(evidence.candidates.iter().cloned());
        candidates
            .filter(|candidate| empty.contains(&candidate.slot))
            .collect()
    }

    /// The choices that the evidence leaves open, about slots that no name fills.
    fn open_choices(&self, cluster: &Cluster) -> Vec<OpenChoice> {
        let is_open = |choice: &&OpenChoice| {
            let mut slots = cluster.authorities.iter();
            match slots.find(|authority| authority.slot.title() == choice.what) {
                Some(authority) => self.may_tell(None) && authority.certificate.is_absent(),
                // In a layout the key has a name.
                None => self.place.is_none() && choice.what == Slot::ServiceAccount.to_string(),
            }
        };
        let choices = self
            .evidence
            .iter()
            .flat_map(|evidence| &evidence.open_choices);
        choices.filter(is_open).cloned().collect()
    }

    /// Whether the content may tell what fills the place of `path`: not where the file itself is there
    /// and was not read, and not where a person said that names count.
    pub(super) fn may_tell(&self, path: Option<&str>) -> bool {
        !self.is_unread(path) && self.place.is_none_or(|place| !place.is_told)
    }

    pub(super) fn has(&self, path: Option<String>) -> bool {
        path.is_some_and(|path| self.inventory.has(&path))
    }

    pub(super) fn named(&self, path: Option<&str>) -> Option<&'a InventoryFile> {
        path.and_then(|path| self.inventory.file(path))
    }

    fn is_unread(&self, path: Option<&str>) -> bool {
        path.is_some_and(|path| {
            self.inventory
                .unread
                .iter()
                .any(|(unread, _)| unread == path)
        })
    }
}
