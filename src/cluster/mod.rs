//! What an existing cluster's trust is made of.
//!
//! A [`Cluster`] is filled by the room `layout`, judged by `check` and written down by `convert`.
//! It holds what was found, sound or not; each piece knows its [`Origin`].

mod encryption;
mod given;
mod kubeconfig;
mod leaf;
mod material;
mod named;
mod nodes;
mod operations;
mod origin;
mod peculiarity;
mod slot;

use crate::pki::{Certificate, PrivateKey, PublicKey, Secret};

pub use encryption::{EncryptionEvidence, EncryptionProvider, EncryptionRule, covers_secrets};
pub use given::Given;
pub use kubeconfig::{Kubeconfig, KubeconfigRole};
pub use leaf::{Leaf, LeafRole, Usage};
pub use material::{Failure, FailureCause, Material, Quirk};
pub use named::{Named, Voucher};
pub use nodes::{Disagreement, Nodes, join, names as node_names};
pub(crate) use nodes::{ENCRYPTION_AT_REST, SERVICE_ACCOUNT_KEY};
pub use operations::{EtcdTool, Leftover, OldNodes, Operations, Shutdown};
pub use origin::{Located, Origin};
pub use peculiarity::{Peculiarity, PeculiarityKind};
pub use slot::{CaSlot, Slot};

/// Everything that is known of one cluster.
#[derive(Debug, Default)]
pub struct Cluster {
    /// Where it was read, as a person knows it.
    pub name: String,
    /// The folder of the source that is the cluster's `/etc/kubernetes`, empty or ending in `/`.
    pub folder: String,
    /// How the files were told apart, such as `kubeadm`; nothing if every file was named by hand.
    pub layout: Option<&'static str>,
    /// By what the layout was told.
    pub layout_evidence: Option<String>,
    /// Whether it was read where CAs are kept for nodes, and never what they issued.
    pub is_store: bool,
    /// What this distribution does in a way of its own.
    pub peculiarities: Vec<Peculiarity>,
    /// How this distribution is run.
    pub operations: &'static Operations,
    /// Where this distribution has what is missing.
    pub remedies: &'static [(Slot, &'static str)],
    /// The certificate authorities, in the order of [`CaSlot::ALL`]. A slot that is not in the list
    /// was not asked for.
    pub authorities: Vec<Authority>,
    /// The service-account key, unless it was not asked for.
    pub service_account: Option<ServiceAccount>,
    /// Certificates that the authorities issued, with the role that each plays.
    pub leaves: Vec<Leaf>,
    /// The kubeconfigs.
    pub kubeconfigs: Vec<Kubeconfig>,
    /// What the processes of the control plane are told to use, as far as the source has it.
    pub named: Vec<Named>,
    /// Certificates that play no role: old CAs, copies. They help to say where a lost key is.
    pub other_certificates: Vec<Located<Certificate>>,
    /// Private keys that play no role.
    pub other_keys: Vec<Located<PrivateKey>>,
    /// Files that hold a private key, with their mode where the source knows it.
    pub key_files: Vec<KeyFile>,
    /// What could not be read, with the reason.
    pub unread: Vec<(String, String)>,
    /// Manifests of components that lost their end, and so may have lost flags, with what tells it.
    pub cut_off: Vec<(String, String)>,
    /// Choices that the evidence leaves open.
    pub open_choices: Vec<OpenChoice>,
    /// What could fill a slot that is empty, and is not taken since nothing proves it.
    pub candidates: Vec<Candidate>,
    /// Whether the API server encrypts Secrets at rest, as far as the source tells.
    pub encryption: EncryptionEvidence,
    /// What its configuration says, where it was read, or why no API server would start with it.
    pub encryption_rules: Option<Result<Vec<EncryptionRule>, String>>,
    /// Where the program listens that signs tokens in place of the API server, if there is one.
    pub token_signer: Option<String>,
    /// The issuer of service-account tokens, where a static pod tells.
    pub issuer: Option<String>,
    /// Further issuers, whose tokens are accepted beside.
    pub accepted_issuers: Vec<String>,
    /// How many certificates and keys, and static pods, were found.
    pub counts: Counts,
    /// What is known of its nodes, if it was read from several.
    pub nodes: Nodes,
    /// The slots that a person filled with files of their own.
    pub given: Vec<Given>,
    /// What only a Talos machine configuration has.
    pub talos: Option<TalosMaterial>,
}

/// One CA slot: what was found for its certificate and its key.
#[derive(Debug)]
pub struct Authority {
    /// Which CA it is.
    pub slot: CaSlot,
    /// The certificate.
    pub certificate: Material<Certificate>,
    /// The private key.
    pub key: Material<PrivateKey>,
}

/// The key that signs service-account tokens.
#[derive(Debug, Default)]
pub struct ServiceAccount {
    /// The private key.
    pub key: Material<PrivateKey>,
    /// The public keys by which tokens are checked, if any: that of the key where it is among them,
    /// and beside it the others that are accepted.
    pub public_key: Material<PublicKey>,
}

/// A file with a private key in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyFile {
    /// Its path.
    pub path: String,
    /// Its Unix permission bits.
    pub mode: Option<u32>,
}

/// Several answers fit a question, and nothing tells them apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenChoice {
    /// What is to be chosen, such as "Kubernetes CA".
    pub what: String,
    /// The candidates, as origins.
    pub candidates: Vec<String>,
    /// What would decide.
    pub remedy: String,
}

/// Something that could fill a slot, for all that is known of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// The slot.
    pub slot: Slot,
    /// Where it is.
    pub origin: Origin,
    /// What it is, and what speaks for it.
    pub what: String,
}

/// How much was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Certificates and keys in files.
    pub certificates_and_keys: usize,
    /// Static-pod manifests.
    pub static_pods: usize,
}

/// Secrets that only Talos has, from a machine configuration.
#[derive(Debug, Clone)]
pub struct TalosMaterial {
    /// `.cluster.id`
    pub cluster_id: Option<String>,
    /// `.cluster.secret`
    pub cluster_secret: Option<Secret<String>>,
    /// `.machine.token`
    pub trustd_token: Option<Secret<String>>,
    /// `.cluster.token`
    pub bootstrap_token: Option<Secret<String>>,
    /// The AES-CBC key, if that is what the API server writes with.
    pub aescbc_secret: Option<Secret<String>>,
    /// The secretbox key, if that is what the API server writes with.
    pub secretbox_secret: Option<Secret<String>>,
    /// What the configuration has and a secrets bundle has no place for.
    pub beyond_bundle: Vec<BeyondBundle>,
    /// What clients of the cluster have to know.
    pub clients: ClientSettings,
}

/// What clients of a cluster have to know, from a machine configuration.
#[derive(Debug, Clone)]
pub struct ClientSettings {
    /// The name of the cluster.
    pub name: Option<String>,
    /// The URL of its API server.
    pub endpoint: Option<String>,
    /// How long the certificate of an admin kubeconfig holds, in Go's notation of durations.
    pub admin_lifetime: Option<String>,
    /// The CAs of Kubernetes that are trusted beside the one that issues, or which of them cannot
    /// be read.
    pub accepted_authorities: Result<Vec<Certificate>, String>,
}

/// Something in a machine configuration that a secrets bundle cannot hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BeyondBundle {
    /// Where it stands.
    pub place: String,
    /// What it is.
    pub what: String,
}

impl ServiceAccount {
    /// Whether the public half of the key is among those by which tokens are checked.
    #[must_use]
    pub fn is_proven(&self) -> bool {
        let key = self.key.chosen.as_ref().map(|key| key.value.public_key());
        let mut public = self.public_key.pieces();
        key.is_some() && public.any(|public| Some(&public.value) == key)
    }

    /// The other keys whose tokens the cluster accepts. If that of the key is not among those of
    /// files, it is not known which is the other.
    pub fn accepted(&self) -> impl Iterator<Item = &Located<PublicKey>> {
        let is_known = self.public_key.chosen.is_none() || self.is_proven();
        let key = self.key.chosen.as_ref().map(|key| key.value.public_key());
        let public = self.public_key.pieces();
        public.filter(move |public| is_known && key.is_some_and(|key| *key != public.value))
    }
}

impl Cluster {
    /// The rules of its encryption at rest, if they were read and an API server starts with them.
    #[must_use]
    pub fn known_encryption(&self) -> Option<&[EncryptionRule]> {
        self.encryption_rules.as_ref()?.as_deref().ok()
    }

    /// The authority in `slot`.
    #[must_use]
    pub fn authority(&self, slot: CaSlot) -> Option<&Authority> {
        self.authorities
            .iter()
            .find(|authority| authority.slot == slot)
    }

    /// The certificate that fills `slot`.
    #[must_use]
    pub fn certificate(&self, slot: CaSlot) -> Option<&Located<Certificate>> {
        self.authority(slot)?.certificate.chosen.as_ref()
    }

    /// Where what fills `slot` was read.
    #[must_use]
    pub fn origin(&self, slot: Slot) -> Option<&Origin> {
        match slot {
            Slot::Ca(slot) => Some(&self.certificate(slot)?.origin),
            Slot::ServiceAccount => {
                let account = self.service_account.as_ref()?;
                Some(&account.key.chosen.as_ref()?.origin)
            }
        }
    }

    /// `path` as a person reads it: with its node, if there are several, and without the folder of the
    /// cluster.
    #[must_use]
    pub fn shown_path(&self, path: &str) -> String {
        let on_node = self.path_on_node(path);
        let node = &path[..path.len() - on_node.len()];
        let below = on_node.strip_prefix(&self.folder).unwrap_or(on_node);
        format!("{node}{below}")
    }

    /// `path` without the node in front of it, if there are several.
    #[must_use]
    pub fn path_on_node<'a>(&self, path: &'a str) -> &'a str {
        let mut nodes = self.nodes.names.iter();
        let rest = nodes.find_map(|node| path.strip_prefix(node.as_str())?.strip_prefix(": "));
        rest.unwrap_or(path)
    }

    /// Whether the CA in `slot` is here with its key. Otherwise Talos gets a new one.
    #[must_use]
    pub fn has_pair(&self, slot: CaSlot) -> bool {
        self.authority(slot).is_some_and(|authority| {
            authority.certificate.chosen.is_some() && authority.key.chosen.is_some()
        })
    }

    /// The other CAs that are trusted as that of `slot`, in files of their own. Those that a peculiarity
    /// tells of are not among them.
    pub fn trusted_elsewhere(&self, slot: CaSlot) -> impl Iterator<Item = &Located<Certificate>> {
        let material = self.authority(slot).map(|authority| &authority.certificate);
        let chosen = material.and_then(|material| material.chosen.as_ref());
        let is_apart = move |other: &&Located<Certificate>| {
            chosen.is_some_and(|chosen| {
                let is_same = other.value.is_same_authority(&chosen.value);
                !is_same && other.origin.file != chosen.origin.file
            })
        };
        let others = move || material.into_iter().flat_map(|it| &it.others);
        let is_split = slot == CaSlot::Kubernetes
            && self.peculiarity(PeculiarityKind::SplitAuthority).is_some();
        let of_each_node =
            slot == CaSlot::Aggregator && self.peculiarity(PeculiarityKind::OfOneNode).is_some();
        // The CA of clients comes before what flags name.
        let told = others().find(is_apart).filter(|_| is_split);
        let told = told.map(|other| &other.origin.file);
        others().filter(move |other| {
            !of_each_node && is_apart(other) && Some(&other.origin.file) != told
        })
    }

    /// Whether the slot that `choice` is about is filled: a person named what is in it, or another
    /// node knows.
    #[must_use]
    pub fn has_filled(&self, choice: &OpenChoice) -> bool {
        let authorities = self.authorities.iter();
        let filled = authorities.filter(|authority| authority.certificate.chosen.is_some());
        let mut filled = filled.map(|authority| Slot::Ca(authority.slot));
        let account = self.service_account.as_ref();
        let has_account = account.is_some_and(|account| account.key.chosen.is_some());
        filled.any(|slot| slot.to_string() == choice.what)
            || (has_account && choice.what == Slot::ServiceAccount.to_string())
    }

    /// What this distribution does in this way of its own, if it does.
    #[must_use]
    pub fn peculiarity(&self, kind: PeculiarityKind) -> Option<&Peculiarity> {
        self.peculiarities
            .iter()
            .find(|peculiarity| peculiarity.kind == kind)
    }

    /// Whether old and new control planes can never be one cluster: it moves at once.
    #[must_use]
    pub fn moves_at_once(&self) -> bool {
        [
            PeculiarityKind::OtherDatastore,
            PeculiarityKind::SplitAuthority,
            PeculiarityKind::EtcdCaMadeAnew,
        ]
        .into_iter()
        .any(|kind| self.peculiarity(kind).is_some())
    }

    /// Puts `authority` into its slot, in place of what was there.
    pub fn set_authority(&mut self, authority: Authority) {
        self.authorities
            .retain(|other| other.slot != authority.slot);
        self.authorities.push(authority);
        self.authorities.sort_by_key(|authority| authority.slot);
    }

    /// Whether the certificates behind `leaf` in its file lead to the CA in `slot`: CAs between, which
    /// whoever presents the leaf sends along.
    #[must_use]
    pub fn is_chained(&self, slot: CaSlot, leaf: &Located<Certificate>) -> bool {
        let Some(expected) = self.certificate(slot) else {
            return false;
        };
        let file = &leaf.origin.file;
        let kubeconfigs = self.kubeconfigs.iter().filter(|one| one.path == *file);
        let beside = self.other_certificates.iter();
        let beside = beside.filter(|other| other.origin.file == *file);
        let chain = beside.chain(kubeconfigs.flat_map(|one| &one.chain));
        let chain: Vec<&Certificate> = chain.map(|other| &other.value).collect();
        let mut last = &leaf.value;
        for _ in 0..chain.len() {
            let issuer = chain.iter().find(|ca| last.is_issued_by(ca));
            match issuer {
                Some(issuer) if issuer.is_issued_by(&expected.value) => return true,
                Some(issuer) => last = issuer,
                None => return false,
            }
        }
        false
    }

    /// The slot, and no other, whose certificate issued `leaf`.
    #[must_use]
    pub fn issuer_of(&self, leaf: &Certificate) -> Option<CaSlot> {
        let certificates = CaSlot::ALL
            .iter()
            .filter_map(|slot| Some((*slot, self.certificate(*slot)?)));
        let issuer = certificates
            .into_iter()
            .find(|(_, ca)| leaf.is_issued_by(&ca.value));
        issuer.map(|(slot, _)| slot)
    }
}
