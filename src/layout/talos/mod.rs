//! The trust of a cluster that already runs Talos: machine configurations, and in `bundle` secrets
//! bundles.
//!
//! The trust of Kubernetes stands under `cluster` up to Talos 1.13, and from 1.14 on in documents
//! of its own, where the PEM is no longer in base64 and some names differ. Both are read, whatever
//! the rest of the file looks like. What a secrets bundle has no place for is told, so that nobody
//! loses it unknowingly.

mod beyond_bundle;
pub(super) mod bundle;
mod clients;
mod encryption;
mod fields;

use self::encryption::Encryption;
use self::fields::Fields;
use super::single_files;
use crate::cluster::{
    Authority, CaSlot, Cluster, Counts, KeyFile, Material, Origin, ServiceAccount, Slot,
    TalosMaterial,
};
use crate::pki::{Certificate, Secret};
use crate::source::SourceFile;
use crate::talos::encoded_pem::REDACTED;
use crate::talos::yaml_tree::{Tree, TreeError};

/// The name of this layout.
const NAME: &str = "talos";

/// Where the pieces of a slot stand: under `cluster` or `machine` in base64, and in a document of
/// Talos 1.14 as plain PEM.
struct Places {
    encoded: &'static str,
    plain: Option<&'static str>,
}

const AUTHORITIES: [(CaSlot, Places, Places); 4] = [
    (
        CaSlot::Kubernetes,
        Places {
            encoded: "cluster.ca.crt",
            plain: Some("KubeAPIServerCAConfig.issuingCA.cert"),
        },
        Places {
            encoded: "cluster.ca.key",
            plain: Some("KubeAPIServerCAConfig.issuingCA.key"),
        },
    ),
    (
        CaSlot::Etcd,
        Places {
            encoded: "cluster.etcd.ca.crt",
            plain: None,
        },
        Places {
            encoded: "cluster.etcd.ca.key",
            plain: None,
        },
    ),
    (
        CaSlot::Aggregator,
        Places {
            encoded: "cluster.aggregatorCA.crt",
            plain: Some("KubeAggregatorCAConfig.issuingCA.cert"),
        },
        Places {
            encoded: "cluster.aggregatorCA.key",
            plain: Some("KubeAggregatorCAConfig.issuingCA.key"),
        },
    ),
    (
        CaSlot::Os,
        Places {
            encoded: "machine.ca.crt",
            plain: None,
        },
        Places {
            encoded: "machine.ca.key",
            plain: None,
        },
    ),
];

const SERVICE_ACCOUNT: Places = Places {
    encoded: "cluster.serviceAccount.key",
    plain: Some("KubeServiceAccountConfig.issuer.privateKey"),
};

const REMEDY: &str = "give the cluster's controlplane.yaml, whole and not redacted, or the piece by \
                      its own flags";

/// Where the pieces are, for all of them the same place.
static REMEDIES: [(Slot, &str); 5] = [
    (Slot::Ca(CaSlot::Kubernetes), REMEDY),
    (Slot::Ca(CaSlot::Etcd), REMEDY),
    (Slot::Ca(CaSlot::Aggregator), REMEDY),
    (Slot::Ca(CaSlot::Os), REMEDY),
    (Slot::ServiceAccount, REMEDY),
];

/// Why a file cannot be taken for the configuration of a control plane. Fields are named, their
/// content is not quoted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TalosConfigError {
    /// It is another file, or a part of a configuration.
    #[error(
        "`{0}` is not a whole Talos machine configuration, which has `machine` and `cluster`; give \
         the cluster's controlplane.yaml"
    )]
    NotAConfiguration(String),
    /// It says that it is for a kind of machine that there is not.
    #[error("`{0}` is for an unknown kind of machine: its `machine.type` is not `controlplane`")]
    NotAControlPlane(String),
    /// Its keys were taken out.
    #[error(
        "`{file}` was redacted, as in what `talosctl support` collects: `{field}` is `******`; give \
         the original controlplane.yaml"
    )]
    Redacted {
        /// The file.
        file: String,
        /// The first field that was redacted.
        field: String,
    },
    /// It is not YAML.
    #[error("`{file}` cannot be read: {error}")]
    Syntax {
        /// The file.
        file: String,
        /// What is wrong.
        error: TreeError,
    },
    /// Fields cannot be read.
    #[error("`{file}` cannot be used: {}", .problems.join("; "))]
    Unusable {
        /// The file.
        file: String,
        /// Each field that is wrong, and why.
        problems: Vec<String>,
    },
    /// It is a worker's.
    #[error(
        "`{0}` is the configuration of a worker, which has no private keys; give the cluster's \
         controlplane.yaml"
    )]
    Worker(String),
}

/// The CAs that a configuration of control planes, or a patch for one, accepts beside that of its bundle;
/// none if it is neither.
#[must_use]
pub fn accepted_authorities(file: &SourceFile) -> Vec<Certificate> {
    let documents = Tree::documents(&file.bytes);
    clients::accepted_in(&documents.unwrap_or_default())
}

/// Reads the machine configuration of a control plane.
pub fn read(file: &SourceFile) -> Result<Cluster, TalosConfigError> {
    let name = || file.path.clone();
    let documents = Tree::documents(&file.bytes).map_err(|error| TalosConfigError::Syntax {
        file: name(),
        error,
    })?;
    let mut fields =
        Fields::of(&documents).ok_or_else(|| TalosConfigError::NotAConfiguration(name()))?;
    match fields.machine_type() {
        Some("controlplane" | "init") => {}
        Some("worker" | "join") => return Err(TalosConfigError::Worker(name())),
        Some(_) => return Err(TalosConfigError::NotAControlPlane(name())),
        None => return Err(TalosConfigError::NotAConfiguration(name())),
    }
    let redacted = documents
        .iter()
        .flat_map(|document| document.paths_of(REDACTED))
        .next();
    if let Some(field) = redacted {
        return Err(TalosConfigError::Redacted {
            file: name(),
            field,
        });
    }
    let authorities = AUTHORITIES.map(|(slot, certificate, key)| {
        let certificate_pem = pem(&mut fields, file, &certificate);
        let key_pem = pem(&mut fields, file, &key);
        let mut authority = single_files::authority_from_pem(
            slot,
            borrowed(certificate_pem.as_ref()),
            borrowed(key_pem.as_ref()),
        );
        name_missing(&mut authority.certificate, &fields, &certificate);
        name_missing(&mut authority.key, &fields, &key);
        authority
    });
    let key = pem(&mut fields, file, &SERVICE_ACCOUNT);
    let mut service_account = single_files::service_account_from_pem(borrowed(key.as_ref()));
    name_missing(&mut service_account.key, &fields, &SERVICE_ACCOUNT);
    let talos = talos_material(&mut fields);
    let problems = fields.into_problems();
    if !problems.is_empty() {
        return Err(TalosConfigError::Unusable {
            file: name(),
            problems,
        });
    }
    let certificates_and_keys = count(&authorities, &service_account);
    Ok(Cluster {
        name: name(),
        layout: Some(NAME),
        authorities: authorities.into(),
        service_account: Some(service_account),
        remedies: &REMEDIES,
        key_files: vec![KeyFile {
            path: name(),
            mode: file.mode,
        }],
        counts: Counts {
            certificates_and_keys,
            static_pods: 0,
        },
        talos: Some(talos),
        ..Cluster::default()
    })
}

/// PEM and where it was.
type FieldPem = (Origin, Secret<Vec<u8>>);

fn pem(fields: &mut Fields<'_>, file: &SourceFile, places: &Places) -> Option<FieldPem> {
    let (place, pem) = fields.pem(places.encoded, places.plain)?;
    Some((Origin::field(&file.path, place), pem))
}

/// Names the field of a piece that is missing, as other layouts name the file.
fn name_missing<T>(material: &mut Material<T>, fields: &Fields<'_>, places: &Places) {
    if material.is_absent() {
        material.file = Some(
            fields
                .expected_place(places.encoded, places.plain)
                .to_owned(),
        );
    }
}

fn borrowed(field: Option<&FieldPem>) -> Option<(Origin, &[u8])> {
    field.map(|(origin, pem)| (origin.clone(), pem.expose().as_slice()))
}

fn talos_material(fields: &mut Fields<'_>) -> TalosMaterial {
    let mut beyond_bundle = beyond_bundle::find(fields);
    let Encryption {
        aescbc_secret,
        secretbox_secret,
    } = encryption::read(fields, &mut beyond_bundle);
    let secret = |text: &str| Secret::new(text.to_owned());
    let cluster_id = fields.text("cluster.id", Some("DiscoveryIdentityConfig.clusterID"));
    let cluster_secret = fields.text(
        "cluster.secret",
        Some("DiscoveryIdentityConfig.clusterSecret"),
    );
    TalosMaterial {
        cluster_id: cluster_id.map(str::to_owned),
        cluster_secret: cluster_secret.map(secret),
        trustd_token: fields.text("machine.token", None).map(secret),
        bootstrap_token: fields.text("cluster.token", None).map(secret),
        aescbc_secret,
        secretbox_secret,
        beyond_bundle,
        clients: clients::read(fields),
    }
}

/// How many certificates and private keys there are.
fn count(authorities: &[Authority], service_account: &ServiceAccount) -> usize {
    let in_slots = authorities.iter().map(
        |Authority {
             certificate, key, ..
         }| {
            let chosen =
                usize::from(certificate.chosen.is_some()) + usize::from(key.chosen.is_some());
            chosen + certificate.others.len() + key.others.len()
        },
    );
    let key = &service_account.key;
    in_slots.sum::<usize>() + usize::from(key.chosen.is_some()) + key.others.len()
}
