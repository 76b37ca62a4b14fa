//! Fills a [`Cluster`] from an [`Inventory`]: picks the pieces of every slot out of its file.

use super::by_content::{self, Evidence};
use super::inventory::{Inventory, InventoryFile};
use super::pieces::{keys, leaf, located, pair, public_keys};
use super::place::Place;
use super::rest;
use super::table::AuthorityRow;
use crate::cluster::{
    Authority, CaSlot, Cluster, Leaf, Located, OpenChoice, Peculiarity, PeculiarityKind,
    ServiceAccount,
};
use crate::pki::Certificate;
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
    if let Some(evidence) = gathering.evidence {
        cluster.open_choices = evidence.open_choices;
        let account = cluster.service_account.as_ref();
        cluster
            .open_choices
            .retain(|choice| is_open(&cluster.authorities, account, choice));
    }
    cluster.open_choices.extend(place.and_then(rival_folders));
    cluster.open_choices.extend(place.and_then(other_layouts));
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

/// A choice about a slot that a name has filled, or that is not asked for, is not open.
fn is_open(
    authorities: &[Authority],
    account: Option<&ServiceAccount>,
    choice: &OpenChoice,
) -> bool {
    let mut slots = authorities.iter();
    if let Some(authority) = slots.find(|authority| authority.slot.title() == choice.what) {
        return authority.certificate.is_absent();
    }
    let is_of_slot = CaSlot::ALL.iter().any(|slot| slot.title() == choice.what);
    !is_of_slot && account.is_some_and(|account| account.key.chosen.is_none())
}

fn rival_folders(place: &Place) -> Option<OpenChoice> {
    let certificate = place.table.authorities.first()?.certificate;
    let candidates = place.roots().map(|root| format!("{root}{certificate}"));
    (!place.rivals.is_empty()).then(|| OpenChoice {
        what: "PKI folder".to_owned(),
        candidates: candidates.collect(),
        remedy: "give the path of the one folder".to_owned(),
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

struct Gathering<'a> {
    inventory: &'a Inventory,
    place: Option<&'a Place>,
    /// Read only when a name is missing: it costs a signature check for every certificate.
    evidence: Option<Evidence>,
}

impl<'a> Gathering<'a> {
    fn evidence(&mut self) -> &Evidence {
        self.evidence
            .get_or_insert_with(|| by_content::evidence(self.inventory))
    }

    fn authority(&mut self, slot: CaSlot) -> Authority {
        let row = self.place.and_then(|place| {
            let rows = || {
                place
                    .table
                    .authorities
                    .iter()
                    .filter(|row| row.slot == slot)
            };
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
        let mut certificate_file = self.named(certificate_path.as_deref());
        let mut by_content = false;
        if certificate_file.is_none() && !self.is_unread(certificate_path.as_deref()) {
            let origin = self.evidence().authorities.get(&slot).cloned();
            certificate_file = origin.and_then(|origin| self.inventory.file(&origin.file));
            by_content = certificate_file.is_some();
        }
        let mut key_file = self.named(key_path.as_deref());
        let key_by_content = key_file.is_none() && !self.is_unread(key_path.as_deref());
        if key_by_content {
            key_file = certificate_file.and_then(|file| self.key_file_of(file));
        }
        let prefers_root = row.is_some_and(|row| row.prefers_root);
        let (mut certificate, mut key) = pair(certificate_file, key_file, prefers_root);
        certificate.file = certificate_path.or(certificate.file);
        key.file = key_path.or(key.file);
        if certificate.chosen.is_some() {
            let accepted = row.map_or(&[][..], |row| row.accepted).iter();
            let accepted = accepted.filter_map(|name| self.named(path(name).as_deref()));
            let accepted = accepted.flat_map(InventoryFile::certificates).map(located);
            certificate.others.extend(accepted);
            certificate
                .others
                .extend(self.accepted_by_content(slot, by_content));
        }
        certificate.by_content = by_content && certificate.chosen.is_some();
        key.by_content = key_by_content && key.chosen.is_some();
        Authority {
            slot,
            certificate,
            key,
        }
    }

    fn service_account(&mut self) -> ServiceAccount {
        let row = self.place.and_then(|place| {
            let mut rows = place.table.service_account.iter();
            let there = rows.find(|row| self.has(place.path(row.key)));
            there.or_else(|| place.table.service_account.first())
        });
        let place = self.place;
        let path = |name| place.and_then(|place| place.path(name));
        let key_path = row.and_then(|row| path(row.key));
        let public_path = row.and_then(|row| row.public).and_then(path);
        let signing = row.and_then(|row| row.signing).and_then(path);
        let signing = self.named(signing.as_deref());
        let signing = signing.and_then(|file| file.keys().next());
        let mut key_file = self.named(key_path.as_deref());
        let by_content = key_file.is_none() && !self.is_unread(key_path.as_deref());
        if by_content {
            let origin = self.evidence().service_account.clone();
            key_file = origin.and_then(|origin| self.inventory.file(&origin.file));
        }
        let mut key = key_file
            .map(|file| {
                keys(file, |key| {
                    signing.is_some_and(|(_, signing)| signing.public_key() == key.public_key())
                })
            })
            .unwrap_or_default();
        key.file = key_path.or(key.file);
        key.by_content = by_content && key.chosen.is_some();
        let public_key = self
            .named(public_path.as_deref())
            .map(public_keys)
            .unwrap_or_default();
        ServiceAccount { key, public_key }
    }

    fn leaves(&mut self) -> Vec<Leaf> {
        let Some(place) = self.place else {
            let inventory = self.inventory;
            let found = self.evidence().leaves.iter().filter_map(|(role, origin)| {
                let file = inventory.file(&origin.file)?;
                let (_, certificate) = file.certificates().find(|(other, _)| *other == origin)?;
                let value = certificate.clone();
                let certificate = Ok(Located {
                    origin: origin.clone(),
                    value,
                });
                Some(Leaf {
                    role: *role,
                    usual_name: None,
                    certificate,
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
    fn accepted_by_content(&self, slot: CaSlot, by_content: bool) -> Vec<Located<Certificate>> {
        let evidence = self.evidence.as_ref().filter(|_| by_content);
        let accepted = evidence.and_then(|evidence| evidence.accepted.get(&slot));
        let found = accepted.into_iter().flatten().filter_map(|origin| {
            let mut certificates = self.inventory.certificates();
            certificates
                .find(|(other, _)| *other == origin)
                .map(located)
        });
        found.collect()
    }

    fn has(&self, path: Option<String>) -> bool {
        path.is_some_and(|path| self.inventory.has(&path))
    }

    fn named(&self, path: Option<&str>) -> Option<&'a InventoryFile> {
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

    /// The file with the private key of the CA in `certificate_file`.
    fn key_file_of(&self, certificate_file: &InventoryFile) -> Option<&'a InventoryFile> {
        let belongs = |file: &&InventoryFile| {
            file.keys().any(|(_, key)| {
                certificate_file
                    .certificates()
                    .any(|(_, certificate)| certificate.public_key == *key.public_key())
            })
        };
        self.inventory.files.iter().find(belongs)
    }
}
