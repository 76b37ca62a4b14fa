//! From a [`Cluster`] to the Talos side: what goes into the secrets bundle, and what is generated.

mod earlier;
pub mod migration;

use jiff::SignedDuration;
use rand_core::TryCryptoRng;

use crate::check::Approval;
use crate::cluster::{CaSlot, Cluster, Material, Slot, TalosMaterial};
use crate::pki::{
    AuthorityProfile, CaPair, IssueError, IssueTime, KeyGeneration, KeyMismatch, PrivateKey,
    Secret, Subject, generate_key,
};
use crate::talos::{Bundle, Contract, EncryptionSecret, random};

pub use earlier::{Earlier, EarlierBundleError};

/// How long the CAs hold that Talos generates.
const AUTHORITY_LIFETIME: SignedDuration = SignedDuration::from_hours(87_600);

/// Why no bundle could be made.
#[derive(Debug, thiserror::Error)]
pub enum ConvertError {
    /// The bundle of an earlier run is another cluster's.
    #[error(transparent)]
    Earlier(#[from] EarlierBundleError),
    /// A key or certificate could not be made.
    #[error("the {what} could not be generated: {error}")]
    Issue {
        /// What was being made.
        what: &'static str,
        /// What went wrong.
        error: IssueError,
    },
    /// A pair does not match. The rules refuse that before.
    #[error("{slot}: {error}")]
    Mismatch {
        /// The slot.
        slot: CaSlot,
        /// What went wrong.
        error: KeyMismatch,
    },
    /// The random number generator failed.
    #[error("the random number generator failed: {0}")]
    Random(String),
}

/// What a bundle needs beside the cluster.
#[derive(Debug, Clone)]
pub struct BundleSettings {
    /// For which Talos.
    pub contract: Contract,
    /// The bootstrap token, if one was given.
    pub bootstrap_token: Option<Secret<String>>,
    /// The key for encryption at rest, if the cluster has one that a bundle can hold.
    pub encryption: Option<EncryptionSecret>,
    /// The bundle of an earlier run: what the cluster does not have is taken from it before it is
    /// generated, since nodes may have it already.
    pub earlier: Option<Earlier>,
    /// When the CAs are generated.
    pub issue_time: IssueTime,
}

/// A bundle, and where its parts are from.
#[derive(Debug)]
pub struct MadeBundle {
    /// The bundle.
    pub bundle: Bundle,
    /// What was taken from the cluster.
    pub imported: Vec<String>,
    /// What a person gave by itself.
    pub given: Vec<String>,
    /// What was taken from the bundle of an earlier run.
    pub kept: Vec<String>,
    /// What was made anew.
    pub generated: Vec<String>,
}

/// Makes the bundle of `cluster`. `approval` proves that no rule refuses it.
pub fn bundle<R: TryCryptoRng>(
    cluster: &Cluster,
    _approval: &Approval,
    settings: &BundleSettings,
    rng: &mut R,
) -> Result<MadeBundle, ConvertError> {
    make(cluster, settings, rng)
}

/// Makes the bundle of a new cluster: nothing is imported, so no rule has to approve it.
pub fn fresh_bundle<R: TryCryptoRng>(
    settings: &BundleSettings,
    rng: &mut R,
) -> Result<MadeBundle, ConvertError> {
    make(&Cluster::default(), settings, rng)
}

fn make<R: TryCryptoRng>(
    cluster: &Cluster,
    settings: &BundleSettings,
    rng: &mut R,
) -> Result<MadeBundle, ConvertError> {
    let earlier = settings.earlier.as_ref();
    if let Some(earlier) = earlier {
        earlier.agrees(cluster)?;
    }
    let earlier = earlier.map(|earlier| &earlier.bundle);
    let mut making = Making {
        cluster,
        talos: cluster.talos.as_ref(),
        settings,
        earlier,
        imported: Vec::new(),
        given: Vec::new(),
        kept: Vec::new(),
        generated: Vec::new(),
    };
    let kubernetes = making.authority(CaSlot::Kubernetes, rng)?;
    let etcd = making.authority(CaSlot::Etcd, rng)?;
    let aggregator = making.authority(CaSlot::Aggregator, rng)?;
    let service_account = making.service_account(rng)?;
    let os = making.authority(CaSlot::Os, rng)?;
    let trustd_token = making.talos.and_then(|talos| talos.trustd_token.clone());
    let earlier_token = earlier.map(|earlier| earlier.trustd_token.clone());
    let trustd_token = making.kept(trustd_token, earlier_token, "trustd token", || {
        random::token(rng)
    })?;
    let cluster_id = making.talos.and_then(|talos| talos.cluster_id.clone());
    let earlier_id = earlier.map(|earlier| earlier.cluster_id.clone());
    let cluster_id = making.kept(cluster_id, earlier_id, "cluster id", || {
        random::cluster_id(rng)
    })?;
    let cluster_secret = making.talos.and_then(|talos| talos.cluster_secret.clone());
    let earlier_secret = earlier.map(|earlier| earlier.cluster_secret.clone());
    let cluster_secret = making.kept(cluster_secret, earlier_secret, "cluster secret", || {
        random::secret_32(rng)
    })?;
    let what = "bootstrap token";
    let bootstrap_token = if let Some(given) = &settings.bootstrap_token {
        making.given.push(what.to_owned());
        given.clone()
    } else {
        let kept = making.talos.and_then(|talos| talos.bootstrap_token.clone());
        let earlier = earlier.map(|earlier| earlier.bootstrap_token.clone());
        making.kept(kept, earlier, what, || random::token(rng))?
    };
    let encryption = making.encryption(rng)?;
    let bundle = Bundle {
        cluster_id,
        cluster_secret,
        bootstrap_token,
        trustd_token,
        encryption,
        etcd,
        kubernetes,
        aggregator,
        service_account,
        os,
    };
    let Making {
        imported,
        given,
        kept,
        generated,
        ..
    } = making;
    Ok(MadeBundle {
        bundle,
        imported,
        given,
        kept,
        generated,
    })
}

struct Making<'a> {
    cluster: &'a Cluster,
    talos: Option<&'a TalosMaterial>,
    settings: &'a BundleSettings,
    earlier: Option<&'a Bundle>,
    imported: Vec<String>,
    given: Vec<String>,
    kept: Vec<String>,
    generated: Vec<String>,
}

impl Making<'_> {
    /// The pair of `slot`, or a generated one where a half is missing: that it may be missing, a
    /// person has said.
    fn authority<R: TryCryptoRng>(
        &mut self,
        slot: CaSlot,
        rng: &mut R,
    ) -> Result<CaPair, ConvertError> {
        let found = self.cluster.authority(slot).and_then(|authority| {
            let certificate = authority.certificate.chosen.as_ref()?;
            Some((authority, certificate, authority.key.chosen.as_ref()?))
        });
        if let Some((authority, certificate, key)) = found {
            let files = [unusual(&authority.certificate), unusual(&authority.key)];
            self.taken(Slot::Ca(slot))
                .push(imported(slot.title(), files));
            return CaPair::prove(certificate.value.clone(), key.value.clone())
                .map_err(|error| ConvertError::Mismatch { slot, error });
        }
        if let Some(earlier) = self.earlier {
            self.kept.push(slot.title().to_owned());
            return Ok(earlier.authority(slot).clone());
        }
        let failed = |error| ConvertError::Issue {
            what: slot.title(),
            error,
        };
        let (organization, common_name) = slot.subject();
        let profile = AuthorityProfile {
            subject: Subject {
                common_name,
                organizations: organization.as_slice(),
            },
            dns_names: &[],
            ip_addresses: &[],
            validity: self.settings.issue_time.validity(AUTHORITY_LIFETIME),
        };
        let key = generate_key(slot.key(), rng).map_err(failed)?;
        let pair = profile.issue(key, rng).map_err(failed)?;
        let algorithm = pair.certificate().public_key.algorithm().clone();
        self.generated
            .push(format!("{slot} ({algorithm}, 10 years)"));
        Ok(pair)
    }

    /// Where it is noted that what is in `slot` was not made anew.
    fn taken(&mut self, slot: Slot) -> &mut Vec<String> {
        if self.cluster.is_given(slot) {
            &mut self.given
        } else {
            &mut self.imported
        }
    }

    fn service_account<R: TryCryptoRng>(
        &mut self,
        rng: &mut R,
    ) -> Result<PrivateKey, ConvertError> {
        let account = self.cluster.service_account.as_ref();
        let key = account.map(|account| &account.key);
        if let Some(key) = key
            && let Some(chosen) = &key.chosen
        {
            let imported = imported("service-account key", [None, unusual(key)]);
            self.taken(Slot::ServiceAccount).push(imported);
            return Ok(chosen.value.clone());
        }
        if let Some(earlier) = self.earlier {
            self.kept.push("service-account key".to_owned());
            return Ok(earlier.service_account.clone());
        }
        let kind = if self.settings.contract.uses_rsa_service_account_key() {
            KeyGeneration::Rsa(4_096)
        } else {
            KeyGeneration::EcdsaP256
        };
        let what = "service-account key";
        let key = generate_key(kind, rng).map_err(|error| ConvertError::Issue { what, error })?;
        self.generated
            .push(format!("{what} ({})", key.public_key().algorithm()));
        Ok(key)
    }

    fn encryption<R: TryCryptoRng>(
        &mut self,
        rng: &mut R,
    ) -> Result<EncryptionSecret, ConvertError> {
        let what = "encryption key";
        if let Some(given) = &self.settings.encryption {
            self.imported.push(what.to_owned());
            return Ok(given.clone());
        }
        let kept = self.talos.and_then(|talos| {
            let secretbox = talos
                .secretbox_secret
                .clone()
                .map(EncryptionSecret::Secretbox);
            secretbox.or_else(|| talos.aescbc_secret.clone().map(EncryptionSecret::Aescbc))
        });
        let uses_secretbox = self.settings.contract.uses_secretbox();
        let earlier = self.earlier.map(|earlier| earlier.encryption.clone());
        self.kept(kept, earlier, what, || {
            let form = if uses_secretbox {
                EncryptionSecret::Secretbox
            } else {
                EncryptionSecret::Aescbc
            };
            random::secret_32(rng).map(form)
        })
    }

    /// `value` if there is one, or else that of the earlier bundle, or else a new one; notes which.
    fn kept<T, E: std::fmt::Display>(
        &mut self,
        value: Option<T>,
        earlier: Option<T>,
        what: &str,
        generate: impl FnOnce() -> Result<T, E>,
    ) -> Result<T, ConvertError> {
        if let Some(value) = value {
            self.imported.push(what.to_owned());
            return Ok(value);
        }
        if let Some(value) = earlier {
            self.kept.push(what.to_owned());
            return Ok(value);
        }
        self.generated.push(what.to_owned());
        generate().map_err(|error| ConvertError::Random(error.to_string()))
    }
}

/// The file of a piece that does not have its usual name.
fn unusual<T>(material: &Material<T>) -> Option<&str> {
    let chosen = material.chosen.as_ref().filter(|_| material.by_content);
    chosen.map(|chosen| chosen.origin.file.as_str())
}

/// What was imported, with the files whose names do not say it.
fn imported(what: &str, files: [Option<&str>; 2]) -> String {
    let mut files: Vec<&str> = files.into_iter().flatten().collect();
    files.dedup();
    if files.is_empty() {
        return what.to_owned();
    }
    format!("{what} ({})", files.join(", "))
}
