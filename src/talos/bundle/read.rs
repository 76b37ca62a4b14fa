//! Reads a bundle and lists everything that is wrong with it.

use super::{Bundle, EncryptionSecret};
use crate::cluster::CaSlot;
use crate::pki::pem::{self, Block};
use crate::pki::{CaPair, Certificate, KeyError, PrivateKey, Secret};
use crate::talos::encoded_pem::{self, EncodingError};
use crate::talos::file::{PemContent, PemField, PemUse, TalosFile};
use crate::talos::yaml_tree::{Tree, TreeError};

/// Something that is wrong with a bundle. Fields are named as in Talos's own messages, whatever the
/// form of the file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BundleError {
    /// The certificate cannot be used.
    #[error("{field} is invalid: {reason}")]
    Certificate {
        /// The field.
        field: String,
        /// Why.
        reason: String,
    },
    /// A name stands in a mapping twice.
    #[error("{0} stands there twice")]
    Duplicate(String),
    /// There is nothing in it.
    #[error("it is empty")]
    Empty,
    /// PEM that is badly wrapped.
    #[error("{field} is invalid: {error}")]
    Encoding {
        /// The field.
        field: String,
        /// What is wrong.
        error: EncodingError,
    },
    /// There is no key for encryption at rest.
    #[error(
        "one of [secrets.secretboxencryptionsecret, secrets.aescbcencryptionsecret] is required"
    )]
    EncryptionMissing,
    /// There are two keys for encryption at rest.
    #[error(
        "only one of [secrets.secretboxencryptionsecret, secrets.aescbcencryptionsecret] is allowed"
    )]
    EncryptionTwice,
    /// The key cannot be used.
    #[error("{field} is invalid: {error}")]
    Key {
        /// The field.
        field: String,
        /// Why.
        error: KeyError,
    },
    /// The key is PEM whose label is of another kind of key: Talos goes by the label.
    #[error("{0} is invalid: its PEM label is not the one for the key in it")]
    KeyLabel(String),
    /// The key belongs to another certificate.
    #[error("{0} is invalid: the private key does not belong to the certificate")]
    KeyMismatch(String),
    /// A field has the wrong kind of value.
    #[error("{field} is not {expected}")]
    Kind {
        /// The field.
        field: String,
        /// What it should be.
        expected: &'static str,
    },
    /// A field has more than one PEM block, and not all could be kept.
    #[error("{field} holds {count} PEM blocks, and only one can be kept")]
    ManyBlocks {
        /// The field.
        field: String,
        /// How many.
        count: usize,
    },
    /// The document is not a mapping.
    #[error("it is not a secrets bundle, which has cluster, secrets, trustdinfo and certs")]
    NotABundle,
    /// A field is missing or empty.
    #[error("{0} is required")]
    Required(String),
    /// It cannot be read as YAML or JSON.
    #[error("{0}")]
    Syntax(#[from] TreeError),
}

impl BundleError {
    /// All of `problems` in one line.
    #[must_use]
    pub fn in_words(problems: &[Self]) -> String {
        let problems: Vec<String> = problems.iter().map(ToString::to_string).collect();
        problems.join("; ")
    }
}

/// Reads the bundle in the first document of `text`.
pub(super) fn read(text: &[u8]) -> Result<Bundle, Vec<BundleError>> {
    let root = Tree::first_document(text).map_err(|error| vec![error.into()])?;
    of_document(&root, &[])
}

/// Reads the bundle in the first document of `file`, whose certificates and keys have been read.
pub(super) fn of_file(file: &TalosFile) -> Result<Bundle, Vec<BundleError>> {
    let root = file.documents.first();
    let main = file.documents.main();
    let are_of_it = main.is_some_and(|main| std::ptr::eq(main.tree(), root));
    of_document(root, if are_of_it { &file.pem_fields } else { &[] })
}

fn of_document(root: &Tree, pem_fields: &[PemField]) -> Result<Bundle, Vec<BundleError>> {
    match root {
        Tree::Null => return Err(vec![BundleError::Empty]),
        Tree::Mapping(_) => {}
        _ => return Err(vec![BundleError::NotABundle]),
    }
    let mut reader = Reader {
        root,
        pem_fields,
        problems: Vec::new(),
    };
    reader
        .problems
        .extend(root.duplicates().into_iter().map(BundleError::Duplicate));
    match reader.bundle() {
        Some(bundle) if reader.problems.is_empty() => Ok(bundle),
        _ => Err(reader.problems),
    }
}

struct Reader<'a> {
    root: &'a Tree,
    /// What has been read of it already.
    pem_fields: &'a [PemField],
    problems: Vec<BundleError>,
}

impl<'a> Reader<'a> {
    /// The bundle. Where there is none, a problem says why.
    fn bundle(&mut self) -> Option<Bundle> {
        let cluster = self.section(self.root, "cluster");
        let cluster_id = self.required_text(cluster, "cluster.id");
        let cluster_secret = self.required_text(cluster, "cluster.secret");
        let secrets = self.section(self.root, "secrets");
        let bootstrap_token = self.required_text(secrets, "secrets.bootstraptoken");
        let encryption = self.encryption(secrets);
        let trustd = self.section(self.root, "trustdinfo");
        let trustd_token = self.required_text(trustd, "trustdinfo.token");
        let certificates = self.section(self.root, "certs");
        let etcd = self.authority(certificates, CaSlot::Etcd);
        let kubernetes = self.authority(certificates, CaSlot::Kubernetes);
        let aggregator = self.authority(certificates, CaSlot::Aggregator);
        let service_account = self.service_account(certificates);
        let os = self.authority(certificates, CaSlot::Os);
        Some(Bundle {
            cluster_id: cluster_id?.to_owned(),
            cluster_secret: Secret::new(cluster_secret?.to_owned()),
            bootstrap_token: Secret::new(bootstrap_token?.to_owned()),
            trustd_token: Secret::new(trustd_token?.to_owned()),
            encryption: encryption?,
            etcd: etcd?,
            kubernetes: kubernetes?,
            aggregator: aggregator?,
            service_account: service_account?,
            os: os?,
        })
    }

    fn encryption(&mut self, secrets: Option<&'a Tree>) -> Option<EncryptionSecret> {
        let secretbox = self.text(secrets, "secrets.secretboxencryptionsecret");
        let aescbc = self.text(secrets, "secrets.aescbcencryptionsecret");
        secrets?;
        let kept = |secret: &str| Secret::new(secret.to_owned());
        match (secretbox, aescbc) {
            (Some(secret), None) => return Some(EncryptionSecret::Secretbox(kept(secret))),
            (None, Some(secret)) => return Some(EncryptionSecret::Aescbc(kept(secret))),
            (None, None) => self.problems.push(BundleError::EncryptionMissing),
            (Some(_), Some(_)) => self.problems.push(BundleError::EncryptionTwice),
        }
        None
    }

    fn authority(&mut self, certificates: Option<&'a Tree>, slot: CaSlot) -> Option<CaPair> {
        let field = format!("certs.{}", slot.yaml_name());
        let authority = self.section(certificates?, &field);
        let purpose = PemUse::Certificate(slot);
        let certificate = self.certificate(authority, purpose, &format!("{field}.crt"));
        let key = self.key(authority, PemUse::Key(slot), &format!("{field}.key"));
        match CaPair::prove(certificate?, key?) {
            Ok(pair) => Some(pair),
            Err(_) => self.problem(BundleError::KeyMismatch(field)),
        }
    }

    fn service_account(&mut self, certificates: Option<&'a Tree>) -> Option<PrivateKey> {
        let field = "certs.k8sserviceaccount";
        let service_account = self.section(certificates?, field);
        let purpose = PemUse::ServiceAccountKey;
        self.key(service_account, purpose, &format!("{field}.key"))
    }

    /// The only block of the field for `purpose`, if it has been read.
    fn already_read(&self, purpose: PemUse) -> Option<&'a PemContent> {
        let mut fields = self.pem_fields.iter();
        let field = fields.find(|field| field.purpose == purpose)?;
        match field.blocks.as_deref() {
            Ok([only]) => Some(&only.content),
            _ => None,
        }
    }

    fn certificate(
        &mut self,
        parent: Option<&'a Tree>,
        purpose: PemUse,
        field: &str,
    ) -> Option<Certificate> {
        if let Some(PemContent::Certificate(certificate)) = self.already_read(purpose) {
            return Some(certificate.as_ref().clone());
        }
        let block = self.block(parent, field)?;
        let field = field.to_owned();
        match Certificate::from_der(block.contents.expose()) {
            Ok(certificate) => match &certificate.go_refusal {
                None => Some(certificate),
                Some(refusal) => self.problem(BundleError::Certificate {
                    field,
                    reason: refusal.to_string(),
                }),
            },
            Err(error) => self.problem(BundleError::Certificate {
                field,
                reason: error.to_string(),
            }),
        }
    }

    fn key(
        &mut self,
        parent: Option<&'a Tree>,
        purpose: PemUse,
        field: &str,
    ) -> Option<PrivateKey> {
        if let Some(PemContent::PrivateKey(key)) = self.already_read(purpose) {
            return Some(key.as_ref().clone());
        }
        let block = self.block(parent, field)?;
        let field = field.to_owned();
        match PrivateKey::from_block(&block, None) {
            Ok((key, encoding)) if encoding.label_fits => Some(key),
            Ok(_) => self.problem(BundleError::KeyLabel(field)),
            Err(error) => self.problem(BundleError::Key { field, error }),
        }
    }

    /// The only PEM block of a field.
    fn block(&mut self, parent: Option<&'a Tree>, field: &str) -> Option<Block> {
        let encoded = self.required_text(parent, field)?;
        let field = field.to_owned();
        let text = match encoded_pem::decode(encoded) {
            Ok(text) => text,
            Err(error) => return self.problem(BundleError::Encoding { field, error }),
        };
        let mut blocks = pem::read(text.expose()).blocks;
        match blocks.len() {
            0 => self.problem(BundleError::Encoding {
                field,
                error: EncodingError::NoPem,
            }),
            1 => blocks.pop(),
            // Talos would take the first of several keys; of several certificates it would issue
            // with the first and trust all.
            count => self.problem(BundleError::ManyBlocks { field, count }),
        }
    }

    /// The mapping at `path`, whose last name is looked up in `parent`.
    fn section(&mut self, parent: &'a Tree, path: &str) -> Option<&'a Tree> {
        match self.value(parent, path) {
            None => self.problem(BundleError::Required(path.to_owned())),
            Some(section) if section.is_mapping() => Some(section),
            Some(_) => self.wrong_kind(path, "a mapping"),
        }
    }

    /// The text at `path`. It is required if what it stands in is there.
    fn required_text(&mut self, parent: Option<&'a Tree>, path: &str) -> Option<&'a str> {
        let problems = self.problems.len();
        let text = self.text(parent, path);
        if text.is_none() && parent.is_some() && self.problems.len() == problems {
            return self.problem(BundleError::Required(path.to_owned()));
        }
        text
    }

    fn text(&mut self, parent: Option<&'a Tree>, path: &str) -> Option<&'a str> {
        match self.value(parent?, path)?.text() {
            Some(text) => Some(text).filter(|text| !text.is_empty()),
            None => self.wrong_kind(path, "a text"),
        }
    }

    /// The value at `path`, whose last name is looked up in `parent` as JSON names it or as YAML
    /// does: they differ in the case of their letters, which Go's JSON reader overlooks, too.
    fn value(&mut self, parent: &'a Tree, path: &str) -> Option<&'a Tree> {
        let Tree::Mapping(entries) = parent else {
            return None;
        };
        let name = path.rsplit('.').next().unwrap_or(path);
        let mut values = entries
            .iter()
            .filter(|(key, _)| key.eq_ignore_ascii_case(name));
        let (first, value) = values.next()?;
        // Twice the same name has been told already.
        if values.any(|(key, _)| key != first) {
            self.problems.push(BundleError::Duplicate(path.to_owned()));
        }
        Some(value).filter(|value| !matches!(value, Tree::Null))
    }

    fn wrong_kind<T>(&mut self, path: &str, expected: &'static str) -> Option<T> {
        self.problem(BundleError::Kind {
            field: path.to_owned(),
            expected,
        })
    }

    fn problem<T>(&mut self, problem: BundleError) -> Option<T> {
        self.problems.push(problem);
        None
    }
}
