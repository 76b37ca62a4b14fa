//! A file of Talos as a person has it: a secrets bundle, a machine configuration or a talosconfig,
//! sound or not.
//!
//! It is read leniently, so that the rules can say everything that is wrong with it at once, and
//! where. The same pieces are given as a [`Cluster`], whose rules judge pairs, dates and algorithms
//! whatever file they came from.

pub mod document_kind;
mod documents;
mod kind;
mod pem_field;
mod pem_fields;

pub use documents::{Documents, Node, Places};
pub use kind::{FileKind, Form, LEGACY_FIELDS, MAIN_SECTIONS, Machine, TRUST_DOCUMENTS};
pub use pem_field::{PemBlock, PemContent, PemField, PemForm, PemTrouble, PemUse};

use self::documents::Letters;
use super::yaml_tree::TreeError;
use crate::cluster::{
    Authority, CaSlot, Cluster, KeyFile, Located, Material, Origin, Peculiarity, PeculiarityKind,
    ServiceAccount,
};
use crate::pki::Certificate;

/// How Talos's API calls a machine configuration (`config.MachineConfigType`).
const RESOURCE_TYPE: &str = "MachineConfigs.config.talos.dev";

/// How RKE calls its CA, and that of the front proxy.
const RKE_NAMES: [&str; 2] = ["kube-ca", "kube-apiserver-requestheader-ca"];

/// A file of Talos.
#[derive(Debug)]
pub struct TalosFile {
    /// Its path, as a person knows it.
    pub name: String,
    /// What it is.
    pub kind: FileKind,
    /// What stands in it.
    pub documents: Documents,
    /// The fields that hold PEM, in the order of the tables.
    pub pem_fields: Vec<PemField>,
    /// The authorities and the service-account key in it.
    pub cluster: Cluster,
}

/// Why a file cannot be read as one of Talos's.
#[derive(Debug, thiserror::Error)]
pub enum TalosFileError {
    /// There is nothing in it.
    #[error("`{0}` is empty")]
    Empty(String),
    /// It is YAML, and of another program.
    #[error(
        "`{0}` is none of Talos's files: a secrets bundle has `certs`, a machine config `machine`, \
         a talosconfig `contexts`"
    )]
    NotOfTalos(String),
    /// It is what Talos's API tells of a machine configuration, with the file in a text.
    #[error(
        "`{0}` is a resource of Talos's API; the machine config is the text in its `spec`: \
         talosctl get machineconfig -o jsonpath='{{.spec}}'"
    )]
    Resource(String),
    /// It is not YAML.
    #[error("`{file}` cannot be read: {error}")]
    Syntax {
        /// The file.
        file: String,
        /// What is wrong.
        error: TreeError,
    },
}

impl TalosFile {
    /// Reads the file called `name`, which has these bytes and these Unix permission bits.
    pub fn read(
        name: &str,
        bytes: &[u8],
        mode: Option<u32>,
        places: Places,
    ) -> Result<Self, TalosFileError> {
        let failed = |error| TalosFileError::Syntax {
            file: name.to_owned(),
            error,
        };
        let documents = Documents::read(name, bytes, places).map_err(failed)?;
        if documents.roots().next().is_none() {
            return Err(TalosFileError::Empty(name.to_owned()));
        }
        let kind = FileKind::of(&documents).ok_or_else(|| {
            let is_resource = documents.text("metadata.type") == Some(RESOURCE_TYPE);
            let error = if is_resource {
                TalosFileError::Resource
            } else {
                TalosFileError::NotOfTalos
            };
            error(name.to_owned())
        })?;
        let documents = documents.with_letters(match kind {
            FileKind::Bundle => Letters::AnyCase,
            FileKind::MachineConfig(..) | FileKind::Talosconfig => Letters::Exact,
        });
        let pem_fields = pem_fields::read(&documents, kind);
        let cluster = cluster(name, mode, &pem_fields);
        Ok(Self {
            name: name.to_owned(),
            kind,
            documents,
            pem_fields,
            cluster,
        })
    }

    /// The machine, if it is a machine configuration.
    #[must_use]
    pub fn machine(&self) -> Option<Machine> {
        match self.kind {
            FileKind::MachineConfig(machine, _) => Some(machine),
            FileKind::Bundle | FileKind::Talosconfig => None,
        }
    }

    /// The fields for `purpose`.
    pub fn pem_fields_for(&self, purpose: PemUse) -> impl Iterator<Item = &PemField> {
        self.pem_fields
            .iter()
            .filter(move |field| field.purpose == purpose)
    }

    /// The field that stands at `origin`.
    #[must_use]
    pub fn pem_field_at(&self, origin: &Origin) -> Option<&PemField> {
        self.pem_fields.iter().find(|field| field.origin == *origin)
    }
}

/// The pieces as the rules about clusters know them. Each is the one that Talos takes: the first
/// block of its field.
fn cluster(name: &str, mode: Option<u32>, fields: &[PemField]) -> Cluster {
    let certificate = |field: &PemField| Some(located(field, field.certificate()?.clone()));
    let mut cluster = Cluster {
        name: name.to_owned(),
        ..Cluster::default()
    };
    for slot in CaSlot::ALL {
        let of = |purpose| fields.iter().filter(move |field| field.purpose == purpose);
        let chosen = of(PemUse::Certificate(slot)).find_map(certificate);
        let key =
            of(PemUse::Key(slot)).find_map(|field| Some(located(field, field.key()?.clone())));
        if chosen.is_some() || key.is_some() {
            cluster.set_authority(Authority {
                slot,
                certificate: material(chosen),
                key: material(key),
            });
        }
        cluster
            .other_certificates
            .extend(of(PemUse::Accepted(slot)).filter_map(certificate));
    }
    let mut account = fields
        .iter()
        .filter(|field| field.purpose == PemUse::ServiceAccountKey);
    let key = account.find_map(|field| Some(located(field, field.key()?.clone())));
    cluster.service_account = key.map(|key| ServiceAccount {
        key: material(Some(key)),
        ..ServiceAccount::default()
    });
    cluster.peculiarities.extend(of_rke(&cluster));
    if fields.iter().any(PemField::has_private_key) {
        cluster.key_files.push(KeyFile {
            path: name.to_owned(),
            mode,
        });
    }
    cluster
}

/// RKE signs etcd with the CA of Kubernetes, and tells by the names of its CAs that they are its own.
fn of_rke(cluster: &Cluster) -> Option<Peculiarity> {
    let certificate = |slot: CaSlot| {
        let authority = cluster.authority(slot)?;
        authority.certificate.chosen.as_ref()
    };
    let is_named = |certificate: &Located<Certificate>, name: &str| {
        certificate.value.subject.to_string() == format!("CN={name}")
    };
    let kubernetes = certificate(CaSlot::Kubernetes)?;
    let aggregator = certificate(CaSlot::Aggregator)?;
    let is_shared = certificate(CaSlot::Etcd)?.value.der() == kubernetes.value.der();
    let [own, front_proxy] = RKE_NAMES;
    let is_of_rke = is_shared && is_named(kubernetes, own) && is_named(aggregator, front_proxy);
    is_of_rke.then(|| Peculiarity {
        kind: PeculiarityKind::SharedBySeveralSlots,
        message: "RKE signs etcd with the Kubernetes CA".to_owned(),
        places: vec![kubernetes.origin.to_string()],
        help: "the names of the CAs are RKE's, and this is RKE's way: nothing has to be done; rotate them \
               when no old node is left"
            .to_owned(),
    })
}

fn located<T>(field: &PemField, value: T) -> Located<T> {
    Located {
        origin: field.origin.clone(),
        value,
    }
}

fn material<T>(chosen: Option<Located<T>>) -> Material<T> {
    Material {
        chosen,
        ..Material::default()
    }
}
