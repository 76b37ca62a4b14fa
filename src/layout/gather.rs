//! Fills a [`Cluster`] from an [`Inventory`]: picks the pieces of every slot out of its file.

use std::path::Path;

use super::by_content::{self, Evidence};
use super::inventory::{Content, Inventory, InventoryFile};
use super::kubeadm::{self, Names};
use super::pieces::{keys, leaf, located, pair, public_keys};
use crate::cluster::{
    Authority, CaSlot, Cluster, Counts, EncryptionEvidence, KeyFile, Leaf, Located, Material,
    OpenChoice, Origin, ServiceAccount,
};
use crate::pki::Secret;
use crate::settings::Component;
use crate::source::{self, SourceError};

/// The cluster in `inventory`, by kubeadm's names where given, and by content for the rest.
pub(super) fn cluster(inventory: Inventory, names: Option<&Names>) -> Cluster {
    let mut gathering = Gathering {
        inventory: &inventory,
        names,
        evidence: None,
    };
    let mut cluster = Cluster {
        name: inventory.name.clone(),
        folder: names
            .as_ref()
            .and_then(|names| names.above(""))
            .unwrap_or_default(),
        layout: Some(names.map_or(by_content::NAME, |_| kubeadm::NAME)),
        ..Cluster::default()
    };
    for slot in CaSlot::OF_KUBERNETES {
        cluster.set_authority(gathering.authority(slot));
    }
    cluster.service_account = Some(gathering.service_account());
    cluster.leaves = gathering.leaves();
    if let Some(evidence) = gathering.evidence {
        cluster.open_choices = evidence.open_choices;
        cluster
            .open_choices
            .retain(|choice| is_open(&cluster.authorities, choice));
    }
    if let Some(names) = names {
        cluster.open_choices.extend(rival_folders(names));
    }
    take_the_rest(&mut cluster, inventory, names);
    cluster
}

/// A choice about a slot that a name has filled is not open.
fn is_open(authorities: &[Authority], choice: &OpenChoice) -> bool {
    let authority = authorities
        .iter()
        .find(|authority| authority.slot.title() == choice.what);
    authority.is_none_or(|authority| authority.certificate.is_absent())
}

fn rival_folders(names: &Names) -> Option<OpenChoice> {
    let folders = || std::iter::once(&names.root).chain(&names.rivals);
    (!names.rivals.is_empty()).then(|| OpenChoice {
        what: "PKI folder".to_owned(),
        candidates: folders().map(|folder| format!("{folder}ca.crt")).collect(),
        remedy: "give the path of the one folder".to_owned(),
    })
}

struct Gathering<'a> {
    inventory: &'a Inventory,
    names: Option<&'a Names>,
    /// Read only when a name is missing: it costs a signature check for every certificate.
    evidence: Option<Evidence>,
}

impl<'a> Gathering<'a> {
    fn evidence(&mut self) -> &Evidence {
        self.evidence
            .get_or_insert_with(|| by_content::evidence(self.inventory))
    }

    fn authority(&mut self, slot: CaSlot) -> Authority {
        let named = self.names.and_then(|names| {
            let row = kubeadm::AUTHORITIES.iter().find(|(row, _, _)| *row == slot);
            row.map(|(_, certificate, key)| (names.pki(certificate), names.pki(key)))
        });
        let (certificate_path, key_path) = named.unzip();
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
        let (mut certificate, mut key) = pair(certificate_file, key_file);
        certificate.file = certificate_path.or(certificate.file);
        key.file = key_path.or(key.file);
        certificate.by_content = by_content && certificate.chosen.is_some();
        key.by_content = key_by_content && key.chosen.is_some();
        Authority {
            slot,
            certificate,
            key,
        }
    }

    fn service_account(&mut self) -> ServiceAccount {
        let (key, public) = kubeadm::SERVICE_ACCOUNT;
        let key_path = self.names.map(|names| names.pki(key));
        let public_path = self.names.map(|names| names.pki(public));
        let mut key_file = self.named(key_path.as_deref());
        let by_content = key_file.is_none() && !self.is_unread(key_path.as_deref());
        if by_content {
            let origin = self.evidence().service_account.clone();
            key_file = origin.and_then(|origin| self.inventory.file(&origin.file));
        }
        let mut key = key_file
            .map(|file| keys(file, |_| false))
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
        let Some(names) = self.names else {
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
                    certificate,
                })
            });
            return found.collect();
        };
        let leaves = kubeadm::LEAVES.iter().filter_map(|(role, name)| {
            let file = self.inventory.file(&names.pki(name))?;
            Some(Leaf {
                role: *role,
                certificate: leaf(file),
            })
        });
        leaves.collect()
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

/// What plays no role in a slot, and what the other files tell.
fn take_the_rest(cluster: &mut Cluster, inventory: Inventory, names: Option<&Names>) {
    let is_used = |origin: &Origin| {
        cluster
            .authorities
            .iter()
            .any(|authority| authority.certificate.file.as_ref() == Some(&origin.file))
            || cluster.leaves.iter().any(|leaf| {
                leaf.certificate
                    .as_ref()
                    .is_ok_and(|certificate| certificate.origin == *origin)
            })
    };
    let others = inventory
        .certificates()
        .filter(|(origin, _)| !is_used(origin))
        .map(located);
    let others: Vec<_> = others.collect();
    let keys = inventory.files.iter().filter(|file| file.has_private_key());
    cluster.key_files = keys
        .map(key_file)
        .chain(
            inventory
                .kubeconfigs_with_key
                .iter()
                .map(|(path, mode)| KeyFile {
                    path: path.clone(),
                    mode: *mode,
                }),
        )
        .collect();
    cluster.other_certificates = others;
    if has_lost_key(cluster) {
        // Reading every key takes its time, so only when one has lost its certificate.
        cluster.other_keys = inventory.keys().map(located).collect();
    }
    let is_known = |content: &Content| !matches!(content, Content::Other);
    cluster.counts = Counts {
        certificates_and_keys: inventory
            .files
            .iter()
            .flat_map(|file| &file.items)
            .filter(|item| is_known(&item.content))
            .count(),
        static_pods: inventory.static_pods.len(),
    };
    if let Some(pod) = inventory
        .static_pods
        .iter()
        .find(|pod| pod.component == Some(Component::ApiServer))
    {
        // The first issuer signs; tokens of the others are accepted.
        cluster.issuer = pod
            .values("service-account-issuer")
            .next()
            .map(str::to_owned);
        cluster.encryption = match pod.flag("encryption-provider-config") {
            Some(path) => EncryptionEvidence::On(path.to_owned()),
            None => EncryptionEvidence::Off,
        };
    }
    cluster.kubeconfigs = inventory.kubeconfigs;
    for kubeconfig in &mut cluster.kubeconfigs {
        let role = kubeadm::KUBECONFIGS.iter().find(|(_, name)| match names {
            Some(names) => names.above(name).as_ref() == Some(&kubeconfig.path),
            None => kubeconfig.path.rsplit('/').next() == Some(name),
        });
        kubeconfig.role = role.map(|(role, _)| *role);
    }
    cluster.unread = inventory.unread;
}

fn has_lost_key(cluster: &Cluster) -> bool {
    cluster.authorities.iter().any(|authority| {
        match (&authority.certificate.chosen, &authority.key.chosen) {
            (Some(certificate), Some(key)) => {
                certificate.value.public_key != *key.value.public_key()
            }
            (Some(_), None) => true,
            _ => false,
        }
    })
}

/// An authority from the files that a person named for its certificate and key.
pub fn authority_from_files(
    slot: CaSlot,
    certificate: &Path,
    key: &Path,
    passphrase: Option<&Secret<String>>,
) -> Result<(Authority, Vec<KeyFile>), SourceError> {
    let read = |path| Ok(InventoryFile::of(&source::read_file(path)?, passphrase));
    let files: [InventoryFile; 2] = [read(certificate)?, read(key)?];
    let (certificate, key) = pair(Some(&files[0]), Some(&files[1]));
    let with_key = files.iter().filter(|file| file.has_private_key());
    let key_files = with_key.map(key_file).collect();
    let authority = Authority {
        slot,
        certificate,
        key,
    };
    Ok((authority, key_files))
}

fn key_file(file: &InventoryFile) -> KeyFile {
    KeyFile {
        path: file.path.clone(),
        mode: file.mode,
    }
}

/// The service-account key from a file that a person named.
pub fn service_account_from_file(
    path: &Path,
    passphrase: Option<&Secret<String>>,
) -> Result<(ServiceAccount, KeyFile), SourceError> {
    let file = InventoryFile::of(&source::read_file(path)?, passphrase);
    let (key, public_key) = (keys(&file, |_| false), Material::default());
    Ok((ServiceAccount { key, public_key }, key_file(&file)))
}

/// An authority from the fields of another file, each PEM.
pub(super) fn authority_from_pem(
    slot: CaSlot,
    certificate: Option<(Origin, &[u8])>,
    key: Option<(Origin, &[u8])>,
) -> Authority {
    let read = |(origin, bytes)| InventoryFile::of_bytes(origin, bytes, None);
    let (certificate_field, key_field) = (certificate.map(read), key.map(read));
    let (certificate, key) = pair(certificate_field.as_ref(), key_field.as_ref());
    Authority {
        slot,
        certificate,
        key,
    }
}

/// The service-account key from a field of another file.
pub(super) fn service_account_from_pem(key: Option<(Origin, &[u8])>) -> ServiceAccount {
    let field = key.map(|(origin, bytes)| InventoryFile::of_bytes(origin, bytes, None));
    let key = field
        .map(|field| keys(&field, |_| false))
        .unwrap_or_default();
    ServiceAccount {
        key,
        public_key: Material::default(),
    }
}
