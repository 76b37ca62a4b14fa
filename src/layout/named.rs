//! What the flags of processes name for each slot: evidence of the PKI in use.

use super::inventory::{Inventory, InventoryFile};
use super::item::Content;
use crate::cluster::{CaSlot, Named, Slot, Voucher};
use crate::pki::PublicKey;
use crate::settings::{Component, ComponentProcess, Settings};
use crate::source::printable;

/// A flag that names a file of a slot.
struct Witness {
    slot: Slot,
    component: Component,
    flag: &'static str,
}

/// Flags that name what fills a slot.
struct Question {
    /// Of these the first counts whose file is here.
    witnesses: &'static [Witness],
    /// Flags that name what is in use with it. Whatever they say, they contradict nothing: a certificate
    /// may be out of date, and a key one of several.
    vouchers: &'static [Witness],
}

const QUESTIONS: [Question; 6] = [
    // Whom the API server believes comes before what the controller manager signs with: during a
    // rotation the first has both CAs.
    Question {
        witnesses: &[
            of(CaSlot::Kubernetes, Component::ApiServer, "client-ca-file"),
            of(
                CaSlot::Kubernetes,
                Component::ControllerManager,
                "cluster-signing-cert-file",
            ),
        ],
        vouchers: &[],
    },
    // etcd may have a CA each for its clients, its members and its servers, and Talos has one.
    Question {
        witnesses: &[of(CaSlot::Etcd, Component::Etcd, "trusted-ca-file")],
        vouchers: &[of(CaSlot::Etcd, Component::ApiServer, "etcd-certfile")],
    },
    Question {
        witnesses: &[of(CaSlot::Etcd, Component::Etcd, "peer-trusted-ca-file")],
        vouchers: &[of(CaSlot::Etcd, Component::Etcd, "peer-cert-file")],
    },
    Question {
        witnesses: &[of(CaSlot::Etcd, Component::ApiServer, "etcd-cafile")],
        vouchers: &[
            of(CaSlot::Etcd, Component::Etcd, "cert-file"),
            of(CaSlot::Etcd, Component::ApiServer, "etcd-certfile"),
        ],
    },
    Question {
        witnesses: &[of(
            CaSlot::Aggregator,
            Component::ApiServer,
            "requestheader-client-ca-file",
        )],
        vouchers: &[of(
            CaSlot::Aggregator,
            Component::ApiServer,
            "proxy-client-cert-file",
        )],
    },
    Question {
        witnesses: &[
            of_tokens(Component::ApiServer, "service-account-signing-key-file"),
            of_tokens(
                Component::ControllerManager,
                "service-account-private-key-file",
            ),
        ],
        vouchers: &[of_tokens(Component::ApiServer, "service-account-key-file")],
    },
];

const fn of(slot: CaSlot, component: Component, flag: &'static str) -> Witness {
    Witness {
        slot: Slot::Ca(slot),
        component,
        flag,
    }
}

const fn of_tokens(component: Component, flag: &'static str) -> Witness {
    Witness {
        slot: Slot::ServiceAccount,
        component,
        flag,
    }
}

/// What `settings` names for the slots; the files are looked for in `inventory`.
pub(super) fn read(settings: &Settings, inventory: &Inventory) -> Vec<Named> {
    let answers = QUESTIONS.iter().filter_map(|question| {
        let witnesses = question.witnesses.iter();
        let said = witnesses.filter_map(|witness| witness.testimony(settings, inventory));
        let mut said: Vec<Named> = said.collect();
        let first = said.iter().position(|named| named.file.is_some());
        let named = (!said.is_empty()).then(|| said.swap_remove(first.unwrap_or_default()))?;
        let vouchers = question.vouchers.iter();
        let vouchers = vouchers.flat_map(|voucher| voucher.vouch(settings, inventory));
        Some(Named {
            vouchers: vouchers.collect(),
            ..named
        })
    });
    answers.collect()
}

impl Witness {
    fn testimony(&self, settings: &Settings, inventory: &Inventory) -> Option<Named> {
        let process = settings.component(self.component)?;
        let mut flags = process.flags.iter().rev();
        // What a distribution sets by itself tells of the distribution, not of this node.
        let flag = flags.find(|flag| flag.name == self.flag && process.is_chosen(flag))?;
        if !flag.value.starts_with('/') {
            return None;
        }
        let file = file_of(settings, process, &flag.value, inventory);
        let named = Named {
            slot: self.slot,
            flag: format!(
                "{} --{}={}",
                self.component,
                self.flag,
                printable(&flag.value)
            ),
            host_path: process.host_path(&flag.value),
            process: process.origin_of(flag).to_owned(),
            file: None,
            keys: Vec::new(),
            vouchers: Vec::new(),
        };
        let Some(file) = file else {
            return Some(named);
        };
        let keys = keys(file, self.slot);
        // What cannot be read says nothing, and other rules tell of it.
        (!keys.is_empty()).then(|| Named {
            file: Some(file.path.clone()),
            keys,
            ..named
        })
    }

    /// What is in the files that the flag names; it may be there several times.
    fn vouch(&self, settings: &Settings, inventory: &Inventory) -> Vec<Voucher> {
        let Some(process) = settings.component(self.component) else {
            return Vec::new();
        };
        let files = process.values(self.flag);
        let files = files.filter_map(|path| file_of(settings, process, path, inventory));
        let vouchers = files.flat_map(|file| match self.slot {
            // Behind it there may be CAs above it.
            Slot::Ca(_) => {
                let leaf = file.certificates().next();
                let leaf = leaf.map(|(_, leaf)| Voucher::Leaf(Box::new(leaf.clone())));
                leaf.into_iter().collect::<Vec<_>>()
            }
            Slot::ServiceAccount => {
                let keys = keys(file, self.slot).into_iter();
                keys.map(Voucher::PublicKey).collect()
            }
        });
        vouchers.collect()
    }
}

/// The file that `process` has at `path`, by its name.
fn file_of<'a>(
    settings: &Settings,
    process: &ComponentProcess,
    path: &str,
    inventory: &'a Inventory,
) -> Option<&'a InventoryFile> {
    let found = settings.file(process, path);
    let found = found.filter(|found| is_by_its_name(&process.host_path(path), &found.path));
    inventory.file(&found?.path)
}

/// Whether the file in the tree has the folder of the node's file, too: `pki/ca.crt` is not
/// `/etc/kubernetes/certs/ca.crt`, which may be left out of the source.
fn is_by_its_name(host_path: &str, path: &str) -> bool {
    fn folder(path: &str) -> Option<&str> {
        path.rsplit('/').nth(1).filter(|folder| !folder.is_empty())
    }
    folder(path).is_none_or(|here| folder(host_path) == Some(here))
}

/// The public halves of what is in the file. Private keys are read for their slot alone.
fn keys(file: &InventoryFile, slot: Slot) -> Vec<PublicKey> {
    match slot {
        Slot::Ca(_) => {
            let certificates = file.certificates();
            certificates
                .map(|(_, certificate)| certificate.public_key.clone())
                .collect()
        }
        Slot::ServiceAccount => {
            let private = file.keys().map(|(_, key)| key.public_key().clone());
            let public = file.items.iter().filter_map(|item| match &item.content {
                Content::PublicKey(key) => key.as_ref().ok().cloned(),
                _ => None,
            });
            private.chain(public).collect()
        }
    }
}
