//! Kubernetes manifests as a source: Secrets in which a PKI is kept, as `kubectl get secrets -o
//! yaml` prints them, become a [`Tree`] of files with the names that they have on a node.
//!
//! `cluster_api`, `kubeadm_certs` and `rke_state` each know what one program keeps; `object` reads any. The
//! layouts need not know that there were no files.

mod cluster_api;
mod kubeadm_certs;
mod object;
mod rke_state;

use std::fmt;

use self::cluster_api::Members;
use self::object::{Object, ValueProblem};
use self::rke_state::State;
use crate::source::{SourceFile, Tree, printable};
use crate::talos::yaml_tree::{self, TreeError};

pub use kubeadm_certs::{CertificateKey, CertificateKeyError};

/// Most marks of structure in a text, such as `- ` and `,`. The YAML library keeps about 300 bytes
/// for what each of them makes, against 32 MiB of `- - - -` that become gigabytes. Ten thousand
/// Secrets have fewer.
const MAX_MARKS: usize = 500_000;

/// Most clusters that an error lists.
const MAX_LISTED: usize = 20;

/// What to take out of manifests.
#[derive(Debug, Default)]
pub struct Choice {
    /// The cluster, as `NAME` or `NAMESPACE/NAME`; without it there has to be one alone.
    pub cluster: Option<String>,
    /// The key of the Secret `kubeadm-certs`.
    pub certificate_key: Option<CertificateKey>,
}

/// Why manifests are no source. Objects and fields are named, their content is not quoted.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    /// It is text, but no object of Kubernetes is in it.
    #[error(
        "`{0}` is neither a folder, nor a tar archive (.tar, .tar.gz, .tar.zst), nor Kubernetes \
         manifests, which have a `kind`"
    )]
    NotManifests(String),
    /// It is text, but not YAML.
    #[error(
        "`{file}` is neither a folder nor a tar archive (.tar, .tar.gz, .tar.zst), and it cannot \
         be read as Kubernetes manifests: {error}"
    )]
    Syntax {
        /// The file.
        file: String,
        /// What is wrong.
        error: TreeError,
    },
    /// It has more parts than anybody needs.
    #[error("`{0}` has more than {MAX_MARKS} parts; give the Secrets of one cluster alone")]
    TooLarge(String),
    /// None of its objects is the PKI of a cluster.
    #[error(
        "`{0}` has no Secret with the PKI of a cluster: neither those of Cluster API (NAME-ca, \
         NAME-etcd, NAME-proxy, NAME-sa) nor kubeadm-certs nor RKE's full-cluster-state; `kubectl get secrets -A -o yaml` \
         prints all there are"
    )]
    NoCluster(String),
    /// The cluster that was asked for is not there.
    #[error("`{file}` has no cluster `{asked}`; it has {found}")]
    NoSuchCluster {
        /// The file.
        file: String,
        /// What was asked for.
        asked: String,
        /// The clusters that it has.
        found: String,
    },
    /// There are several clusters, and one has to be chosen.
    #[error("`{file}` has {count} clusters: {found}; choose one with --cluster NAMESPACE/NAME")]
    SeveralClusters {
        /// The file.
        file: String,
        /// How many.
        count: usize,
        /// Their names.
        found: String,
    },
    /// An object stands there twice.
    #[error("`{file}` has the {object} twice; leave the one that holds")]
    Twice {
        /// The file.
        file: String,
        /// The object.
        object: String,
    },
    /// A value cannot be read.
    #[error("`{file}`, {object}, field `{field}`: {problem}")]
    Value {
        /// The file.
        file: String,
        /// The object.
        object: String,
        /// The field.
        field: String,
        /// What is wrong with it.
        problem: ValueProblem,
    },
    /// The key of the Secret `kubeadm-certs` is not given.
    #[error(
        "`{file}`: the {object} is encrypted; give --certificate-key as `kubeadm init phase \
         upload-certs --upload-certs` printed it"
    )]
    NoCertificateKey {
        /// The file.
        file: String,
        /// The object.
        object: String,
    },
}

/// One cluster in the manifests.
struct Candidate<'a> {
    namespace: Option<&'a str>,
    name: &'a str,
    secrets: Secrets<'a>,
}

/// The Secrets of a cluster.
enum Secrets<'a> {
    ClusterApi(Members<'a>),
    KubeadmCerts(Object<'a>),
    RkeState(State<'a>),
}

impl Candidate<'_> {
    fn is(&self, asked: &str) -> bool {
        match asked.split_once('/') {
            Some((namespace, name)) => self.namespace == Some(namespace) && self.name == name,
            None => self.name == asked,
        }
    }
}

impl fmt::Display for Candidate<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(namespace) = self.namespace {
            write!(f, "{}/", printable(namespace))?;
        }
        f.write_str(&printable(self.name))
    }
}

/// The files of one cluster in the manifests that `text` is.
pub fn unpack(text: SourceFile, choice: &Choice) -> Result<Tree, ManifestError> {
    let manifests = Manifests::read(text)?;
    let clusters = manifests.clusters()?;
    let chosen = choose(&manifests.text.path, clusters, choice.cluster.as_deref())?;
    chosen.files(choice.certificate_key.as_ref())
}

/// Manifests of any number of clusters, parsed once.
pub struct Manifests {
    text: SourceFile,
    documents: Vec<yaml_tree::Tree>,
}

impl Manifests {
    /// Parses `text`, which is YAML or JSON.
    pub fn read(text: SourceFile) -> Result<Self, ManifestError> {
        let documents = documents(&text.path, &text.bytes)?;
        Ok(Self { text, documents })
    }

    /// The clusters; there is at least one.
    pub fn clusters(&self) -> Result<Vec<ClusterManifests<'_>>, ManifestError> {
        let objects = object::in_documents(&self.documents);
        let candidates = candidates(&self.documents, &objects);
        let name = || self.text.path.clone();
        if candidates.is_empty() {
            return Err(match objects.as_slice() {
                [] => ManifestError::NotManifests(name()),
                _ => ManifestError::NoCluster(name()),
            });
        }
        let cluster = |candidate| ClusterManifests {
            text: &self.text,
            candidate,
        };
        Ok(candidates.into_iter().map(cluster).collect())
    }
}

/// The manifests of one cluster among those of several.
pub struct ClusterManifests<'a> {
    text: &'a SourceFile,
    candidate: Candidate<'a>,
}

impl ClusterManifests<'_> {
    /// The namespace of its Secrets, if they tell one.
    #[must_use]
    pub fn namespace(&self) -> Option<&str> {
        self.candidate.namespace
    }

    /// Its name, as it stands in the manifests: it may be anything.
    #[must_use]
    pub fn name(&self) -> &str {
        self.candidate.name
    }

    /// Its files. `certificate_key` opens the Secret `kubeadm-certs`.
    pub fn files(&self, certificate_key: Option<&CertificateKey>) -> Result<Tree, ManifestError> {
        let files = match &self.candidate.secrets {
            Secrets::ClusterApi(members) => cluster_api::files(members, self.text),
            Secrets::RkeState(state) => rke_state::files(*state, self.text),
            Secrets::KubeadmCerts(object) => {
                kubeadm_certs::files(*object, self.text, certificate_key)
            }
        }?;
        Ok(Tree {
            name: format!("{} ({})", self.text.path, self.candidate),
            files,
            skipped: Vec::new(),
        })
    }
}

/// What was parsed has secrets in it, and is not shown.
impl fmt::Debug for Manifests {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.text.fmt(f)
    }
}

impl fmt::Debug for ClusterManifests<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.text.path, self.candidate)
    }
}

/// Reads YAML or JSON. `name` is what an error calls it.
fn documents(name: &str, text: &[u8]) -> Result<Vec<yaml_tree::Tree>, ManifestError> {
    if marks(text) > MAX_MARKS {
        return Err(ManifestError::TooLarge(name.to_owned()));
    }
    yaml_tree::Tree::documents(text).map_err(|error| ManifestError::Syntax {
        file: name.to_owned(),
        error,
    })
}

fn candidates<'a>(documents: &'a [yaml_tree::Tree], objects: &[Object<'a>]) -> Vec<Candidate<'a>> {
    let secrets = objects.iter().copied().filter(|object| object.is("Secret"));
    let secrets: Vec<_> = secrets.collect();
    let of_kubeadm = secrets
        .iter()
        .filter(|secret| kubeadm_certs::is_it(**secret));
    let of_kubeadm = of_kubeadm.map(|secret| Candidate {
        namespace: secret.namespace(),
        name: secret.name(),
        secrets: Secrets::KubeadmCerts(*secret),
    });
    let mut candidates = cluster_api::candidates(&secrets);
    candidates.extend(of_kubeadm);
    candidates.extend(rke_state::candidates(documents, objects));
    candidates
}

fn choose<'a>(
    file: &str,
    clusters: Vec<ClusterManifests<'a>>,
    asked: Option<&str>,
) -> Result<ClusterManifests<'a>, ManifestError> {
    let (mut fitting, others): (Vec<_>, Vec<_>) = clusters
        .into_iter()
        .partition(|cluster| asked.is_none_or(|asked| cluster.candidate.is(asked)));
    match (fitting.pop(), fitting.is_empty(), asked) {
        (Some(chosen), true, _) => Ok(chosen),
        (None, _, Some(asked)) => Err(ManifestError::NoSuchCluster {
            file: file.to_owned(),
            asked: printable(asked),
            found: listed(&others),
        }),
        (last, _, _) => {
            fitting.extend(last);
            Err(ManifestError::SeveralClusters {
                file: file.to_owned(),
                count: fitting.len(),
                found: listed(&fitting),
            })
        }
    }
}

fn listed(clusters: &[ClusterManifests<'_>]) -> String {
    let names = clusters.iter().take(MAX_LISTED);
    let mut names: Vec<String> = names.map(|cluster| cluster.candidate.to_string()).collect();
    if let Some(more @ 1..) = clusters.len().checked_sub(MAX_LISTED) {
        names.push(format!("and {more} more"));
    }
    names.join(", ")
}

/// How much structure there is in `text`, at most: what stands in quotes is counted, too.
fn marks(text: &[u8]) -> usize {
    let followers = text.iter().skip(1).chain(b"\n");
    let is_mark = |(byte, follower): &(&u8, &u8)| match byte {
        b'[' | b']' | b'{' | b'}' | b',' => true,
        b'-' | b'?' | b':' => follower.is_ascii_whitespace(),
        _ => false,
    };
    text.iter().zip(followers).filter(is_mark).count()
}
