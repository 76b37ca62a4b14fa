//! Everything that a tree holds, parsed once and still without meaning.

use std::collections::{BTreeSet, HashMap};

use crate::cluster::{Kubeconfig, Located, Named, Origin};
use crate::pki::pem::{self, BrokenBlock, PemFile, Remark};
use crate::pki::{Certificate, PrivateKey, PublicKey, Secret};
use crate::source::{SourceFile, Tree};

use super::encryption_config::{self, EncryptionConfig};
use super::item::{Content, Item, der_item, instead, item};
use super::trusted_files::{self, TrustedFile};
use super::{keyset, kubeconfig, named};
use crate::settings::{
    Component, ComponentProcess, Datastore, ProcessSource, Rivals, Settings, static_pod,
};
use crate::talos::yaml_tree::Utf8;

/// The parsed content of a tree.
#[derive(Debug)]
pub struct Inventory {
    /// How a person knows the tree.
    pub(super) name: String,
    /// Whether CAs are kept there for nodes, and never what they issued.
    pub(super) is_store: bool,
    pub(super) files: Vec<InventoryFile>,
    pub(super) kubeconfigs: Vec<Kubeconfig>,
    /// Paths of kubeconfigs with an embedded key, and their mode.
    pub(super) kubeconfigs_with_key: Vec<(String, Option<u32>)>,
    /// How many static pods there are.
    pub(super) static_pods: usize,
    /// The API server that runs.
    pub(super) api_server: Option<ComponentProcess>,
    /// Manifests of components that lost their end.
    pub(super) cut_off: Vec<(String, String)>,
    /// Folders of the source of which any may be the one that flags speak of.
    pub(super) rival_roots: Vec<String>,
    /// The components of which it is not clear what runs.
    pub(super) rivals: Vec<Rivals>,
    /// Configurations of encryption at rest.
    pub(super) encryption: Vec<EncryptionConfig>,
    /// Where the settings say that the objects of the cluster are.
    pub(super) datastore: Option<Datastore>,
    /// What the flags of processes name for the slots.
    pub(super) named: Vec<Named>,
    /// That of them which a flag of the API server names.
    pub(super) encryption_in_use: Option<String>,
    /// The files by which flags say whom to trust.
    pub(super) trusted_files: Vec<TrustedFile>,
    /// What could not be read, with the reason.
    pub(super) unread: Vec<(String, String)>,
    /// The path of every file, read or not, save static pods: sources have very many files.
    paths: BTreeSet<String>,
    /// Where in `files` the first one with this path is.
    positions: HashMap<String, usize>,
}

/// A file with PEM blocks, or one DER certificate or key.
#[derive(Debug)]
pub(super) struct InventoryFile {
    pub(super) origin: Origin,
    pub(super) path: String,
    pub(super) mode: Option<u32>,
    pub(super) items: Vec<Item>,
    pub(super) broken: Vec<BrokenBlock>,
    pub(super) remarks: Vec<Remark>,
    pub(super) is_der: bool,
    /// What it is, where that alone is why nothing can be in it.
    pub(super) instead: Option<&'static str>,
}

impl Inventory {
    /// Parses every file of `tree`, whose control plane is run by `settings`.
    #[must_use]
    pub fn of(tree: &Tree, settings: &Settings, passphrase: Option<&Secret<String>>) -> Self {
        let is_static_pod =
            |process: &&ComponentProcess| process.source == ProcessSource::StaticPod;
        let static_pods = settings.processes.iter().filter(is_static_pod);
        let mut inventory = Self {
            name: tree.name.clone(),
            is_store: tree.is_store,
            files: Vec::new(),
            kubeconfigs: Vec::new(),
            kubeconfigs_with_key: Vec::new(),
            static_pods: static_pods.count(),
            api_server: settings.component(Component::ApiServer).cloned(),
            cut_off: settings.cut_off(),
            rival_roots: settings.rival_roots().to_vec(),
            rivals: settings.rivals(),
            encryption: Vec::new(),
            datastore: settings.datastore(),
            named: Vec::new(),
            encryption_in_use: encryption_config::in_use(settings),
            trusted_files: trusted_files::read(settings),
            unread: Vec::new(),
            paths: BTreeSet::new(),
            positions: HashMap::new(),
        };
        let skipped = tree.skipped.iter();
        let skipped = skipped.map(|skipped| (skipped.path.clone(), skipped.reason.to_string()));
        inventory.unread.extend(skipped);
        for file in &tree.files {
            inventory.take(file, passphrase);
        }
        for (position, file) in inventory.files.iter().enumerate() {
            let known = inventory.positions.entry(file.path.clone());
            known.or_insert(position);
        }
        inventory.paths = inventory.all_paths().map(str::to_owned).collect();
        inventory.named = named::read(settings, &inventory);
        inventory
    }

    fn take(&mut self, file: &SourceFile, passphrase: Option<&Secret<String>>) {
        if static_pod::looks_like_manifest(&file.path) {
            // The settings have told of it.
            return;
        }
        let text = Utf8::of(&file.bytes);
        let text = text.as_deref().unwrap_or(&file.bytes);
        if kubeconfig::looks_like_kubeconfig(text) {
            let (kubeconfig, has_key) = kubeconfig::read(file);
            if has_key {
                self.kubeconfigs_with_key
                    .push((file.path.clone(), file.mode));
            }
            self.kubeconfigs.push(kubeconfig);
            return;
        }
        if keyset::looks_like_keyset(text) {
            let files = keyset::files(file);
            let files = files.iter().map(|file| InventoryFile::of(file, passphrase));
            self.files.extend(files);
        }
        if encryption_config::looks_like_one(text) {
            self.encryption.push(encryption_config::read(file));
        }
        self.files.push(InventoryFile::of(file, passphrase));
    }

    /// Whether there is any certificate or key.
    #[must_use]
    pub fn has_material(&self) -> bool {
        self.files.iter().any(|file| !file.items.is_empty())
    }

    pub(super) fn file(&self, path: &str) -> Option<&InventoryFile> {
        let position = self.positions.get(path)?;
        self.files.get(*position)
    }

    /// Whether there is such a file, read or not.
    pub(super) fn has(&self, path: &str) -> bool {
        self.paths.contains(path)
    }

    /// Whether there are files in `folder`, which ends in `/`.
    pub(super) fn has_folder(&self, folder: &str) -> bool {
        let mut below = self.paths.range(folder.to_owned()..);
        below.next().is_some_and(|path| path.starts_with(folder))
    }

    /// The path of every file, read or not, save static pods, in their order.
    pub(super) fn paths(&self) -> impl Iterator<Item = &str> {
        self.paths.iter().map(String::as_str)
    }

    fn all_paths(&self) -> impl Iterator<Item = &str> {
        let files = self.files.iter().map(|file| file.path.as_str());
        let unread = self.unread.iter().map(|(path, _)| path.as_str());
        let kubeconfigs = self.kubeconfigs.iter();
        let kubeconfigs = kubeconfigs.map(|kubeconfig| kubeconfig.path.as_str());
        files.chain(unread).chain(kubeconfigs)
    }

    /// Every readable certificate in a file.
    pub(super) fn certificates(&self) -> impl Iterator<Item = (&Origin, &Certificate)> {
        self.files.iter().flat_map(InventoryFile::certificates)
    }

    /// The readable certificate at `origin`, and its file.
    pub(super) fn certificate_at(&self, origin: &Origin) -> Option<(&InventoryFile, &Certificate)> {
        self.files.iter().find_map(|file| {
            let mut certificates = file.certificates();
            let (_, certificate) = certificates.find(|(other, _)| *other == origin)?;
            Some((file, certificate))
        })
    }

    /// The first file with the private half of a key that is `wanted`.
    pub(super) fn file_of_key(
        &self,
        wanted: impl Fn(&PublicKey) -> bool,
    ) -> Option<&InventoryFile> {
        let has = |file: &&InventoryFile| file.keys().any(|(_, key)| wanted(key.public_key()));
        self.files.iter().find(has)
    }

    /// The first file in which `key` stands as a public key, or in a certificate.
    pub(super) fn file_of_public_key(&self, key: &PublicKey) -> Option<&InventoryFile> {
        let is = |item: &Item| match &item.content {
            Content::PublicKey(Ok(public)) => public == key,
            Content::Certificate(certificate) => {
                let certificate = certificate.as_ref().as_ref();
                certificate.is_ok_and(|certificate| certificate.public_key == *key)
            }
            _ => false,
        };
        self.files.iter().find(|file| file.items.iter().any(is))
    }

    /// Every readable private key. This reads them all, and takes its time.
    pub(super) fn keys(&self) -> impl Iterator<Item = (&Origin, &PrivateKey)> {
        self.files.iter().flat_map(InventoryFile::keys)
    }
}

impl InventoryFile {
    pub(super) fn of(file: &SourceFile, passphrase: Option<&Secret<String>>) -> Self {
        let inventory = Self::of_bytes(Origin::file(&file.path), &file.bytes, passphrase);
        Self {
            mode: file.mode,
            ..inventory
        }
    }

    /// What stands at `origin`, which may be a field of another file.
    pub(super) fn of_bytes(
        origin: Origin,
        bytes: &[u8],
        passphrase: Option<&Secret<String>>,
    ) -> Self {
        let pem = pem::read(bytes);
        let (items, is_der) = if pem.blocks.is_empty() && pem.broken.is_empty() {
            let item = der_item(&origin, bytes);
            let is_der = item.is_some();
            (item.into_iter().collect(), is_der)
        } else {
            (Vec::new(), false)
        };
        let PemFile {
            blocks,
            broken,
            remarks,
        } = pem;
        let mut inventory = Self {
            path: origin.to_string(),
            mode: None,
            items,
            broken,
            remarks,
            is_der,
            instead: instead(bytes),
            origin,
        };
        let origin = &inventory.origin;
        inventory.items.extend(
            blocks
                .into_iter()
                .map(|block| item(origin, block, passphrase)),
        );
        inventory
    }

    pub(super) fn certificates(&self) -> impl Iterator<Item = (&Origin, &Certificate)> {
        self.items.iter().filter_map(|item| match &item.content {
            Content::Certificate(certificate) => certificate
                .as_ref()
                .as_ref()
                .ok()
                .map(|certificate| (&item.origin, certificate)),
            _ => None,
        })
    }

    pub(super) fn keys(&self) -> impl Iterator<Item = (&Origin, &PrivateKey)> {
        self.items.iter().filter_map(|item| match &item.content {
            Content::PrivateKey(key) => {
                key.read().as_ref().ok().map(|(key, _)| (&item.origin, key))
            }
            _ => None,
        })
    }

    pub(super) fn has_private_key(&self) -> bool {
        self.items
            .iter()
            .any(|item| matches!(item.content, Content::PrivateKey(_)))
    }
}

/// The certificates in PEM text that stood in a field of another file.
pub(super) fn certificates_in_pem(origin: &Origin, text: &[u8]) -> Vec<Located<Certificate>> {
    let blocks = pem::read(text).blocks;
    let certificates = blocks
        .into_iter()
        .filter(|block| block.label == "CERTIFICATE");
    let read = certificates.filter_map(|block| {
        let value = Certificate::from_der(block.contents.expose()).ok()?;
        Some(Located {
            origin: origin.block(block.index, block.line),
            value,
        })
    });
    read.collect()
}
