//! Kubernetes manifests as a source: Secrets in which a PKI is kept, as `kubectl get secrets -o
//! yaml` prints them, become a [`Tree`] of files with the names that they have on a node.
//!
//! `cluster_api`, `kubeadm_certs`, `rke_state`, `talos` and `terraform` each know what one program
//! keeps, the last two a whole secrets bundle; `object` reads any, and `in_tree` finds them in a folder. The
//! layouts need not know that there were no files.

mod cluster_api;
mod error;
mod in_tree;
mod kubeadm_certs;
mod manifests;
mod object;
mod rke_state;
mod talos;
mod terraform;

use std::borrow::Cow;
use std::fmt;

use self::cluster_api::Members;
use self::object::Object;
use self::rke_state::State;
use self::talos::Place;
use crate::source::{Source, SourceFile, Tree, printable};
use crate::talos::{COPIES_OF_BUNDLE, yaml_tree};

pub use error::ManifestError;
pub use kubeadm_certs::{CertificateKey, CertificateKeyError};
pub use manifests::{ClusterManifests, Manifests};
pub use terraform::StateProblem;

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

/// One cluster in the manifests.
struct Candidate<'a> {
    namespace: Option<&'a str>,
    name: Cow<'a, str>,
    secrets: Secrets<'a>,
}

/// The Secrets of a cluster.
enum Secrets<'a> {
    ClusterApi(Members<'a>),
    KubeadmCerts(Object<'a>),
    RkeState(State<'a>),
    /// A bundle, and the copies of its CAs that Cluster API has beside it.
    Talos(Place<'a>, Members<'a>),
    Terraform(terraform::State<'a>),
}

impl Secrets<'_> {
    /// Whether CAs are kept there for nodes, and never what they issued.
    fn are_store(&self) -> bool {
        matches!(self, Self::ClusterApi(_) | Self::KubeadmCerts(_))
    }
}

impl Candidate<'_> {
    fn is(&self, asked: &str) -> bool {
        // What has no name is the only one.
        if let Secrets::Talos(Place::Document, _)
        | Secrets::Terraform(terraform::State::Refused(_)) = self.secrets
        {
            return true;
        }
        if self.name == asked {
            return true;
        }
        match asked.split_once('/') {
            Some((namespace, name)) => self.namespace == Some(namespace) && self.name == name,
            None => false,
        }
    }
}

impl Candidate<'_> {
    fn tree(&self, text: &SourceFile, key: Option<&CertificateKey>) -> Result<Tree, ManifestError> {
        let name = match self.secrets {
            Secrets::Talos(place, _) => place.title(),
            _ => Some(self.to_string()),
        };
        Ok(Tree {
            name: name.map_or(text.path.clone(), |name| format!("{} ({name})", text.path)),
            files: self.files(text, key)?,
            is_store: self.secrets.are_store(),
            ..Tree::default()
        })
    }

    fn files(
        &self,
        text: &SourceFile,
        key: Option<&CertificateKey>,
    ) -> Result<Vec<SourceFile>, ManifestError> {
        match &self.secrets {
            Secrets::ClusterApi(members) => cluster_api::files(members, text),
            Secrets::RkeState(state) => rke_state::files(*state, text),
            Secrets::KubeadmCerts(object) => kubeadm_certs::files(*object, text, key),
            Secrets::Talos(place, copies) => {
                let mut files = talos::files(*place, text)?;
                // A copy that cannot be read is not worse than none.
                let copies = cluster_api::files(copies, text).unwrap_or_default();
                files.extend(copies.into_iter().map(|copy| SourceFile {
                    path: format!("{COPIES_OF_BUNDLE}{}", copy.path),
                    ..copy
                }));
                Ok(Tree::sorted_files(files))
            }
            Secrets::Terraform(state) => terraform::files(state, text),
        }
    }
}

impl fmt::Display for Candidate<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(namespace) = self.namespace {
            write!(f, "{}/", printable(namespace))?;
        }
        f.write_str(&printable(&self.name))
    }
}

/// The files of the cluster in `source`, be it files, or manifests by themselves or among files.
pub fn files(source: Source, choice: &Choice) -> Result<Tree, ManifestError> {
    match source {
        Source::Files(tree) => in_tree::unpack(tree, choice),
        Source::Text(text) => unpack(text, choice),
    }
}

/// The files of one cluster in the manifests that `text` is.
pub fn unpack(text: SourceFile, choice: &Choice) -> Result<Tree, ManifestError> {
    let manifests = Manifests::read(text)?;
    let candidates = manifests.candidates()?;
    let chosen = choose(&manifests.text.path, candidates, choice.cluster.as_deref())?;
    chosen.tree(&manifests.text, choice.certificate_key.as_ref())
}

/// The secrets bundle in `text`, if that is manifests or a state that has one; or else `text` as it
/// is.
pub fn bundle_in(text: SourceFile) -> Result<SourceFile, ManifestError> {
    let says = |word: &str| memchr::memmem::find(&text.bytes, word.as_bytes()).is_some();
    // A bundle as it is usually kept need not be parsed for that.
    if says("trustdinfo") && !says("Secret") && !says(terraform::RESOURCE) {
        return Ok(text);
    }
    let Ok(documents) = documents(&text.path, &text.bytes) else {
        return Ok(text);
    };
    let objects = object::in_documents(&documents);
    let is_bundle = |candidate: &Candidate<'_>| match candidate.secrets {
        Secrets::Talos(place, _) => !matches!(place, Place::Document),
        Secrets::Terraform(_) => true,
        _ => false,
    };
    let mut bundles = candidates(&documents, &objects);
    bundles.retain(is_bundle);
    match bundles.as_slice() {
        [] => Ok(text),
        [bundle] => {
            let files = bundle.files(&text, None)?.into_iter();
            let mut files = files.filter(|file| !file.path.starts_with(COPIES_OF_BUNDLE));
            let path = format!("{} ({bundle})", text.path);
            Ok(files
                .next()
                .map_or(text, |file| SourceFile { path, ..file }))
        }
        several => Err(ManifestError::SeveralBundles {
            file: text.path.clone(),
            count: several.len(),
            found: listed(several),
        }),
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
        name: secret.name().into(),
        secrets: Secrets::KubeadmCerts(*secret),
    });
    let mut bundles = talos::candidates(documents, &secrets);
    let mut candidates = Vec::new();
    // The bundle is what the machines have, and what is called the same has copies of its CAs.
    for candidate in cluster_api::candidates(&secrets) {
        let mut bundles = bundles.iter_mut();
        let bundle = bundles.find(|bundle| {
            (bundle.namespace, &bundle.name) == (candidate.namespace, &candidate.name)
        });
        match (bundle.map(|bundle| &mut bundle.secrets), candidate.secrets) {
            (Some(Secrets::Talos(_, copies)), Secrets::ClusterApi(members)) => *copies = members,
            (_, secrets) => candidates.push(Candidate {
                secrets,
                ..candidate
            }),
        }
    }
    candidates.extend(bundles);
    candidates.extend(terraform::candidates(documents));
    candidates.extend(of_kubeadm);
    candidates.extend(rke_state::candidates(documents, objects));
    candidates
}

fn choose<'a>(
    file: &str,
    candidates: Vec<Candidate<'a>>,
    asked: Option<&str>,
) -> Result<Candidate<'a>, ManifestError> {
    let (mut fitting, others): (Vec<_>, Vec<_>) = candidates
        .into_iter()
        .partition(|candidate| asked.is_none_or(|asked| candidate.is(asked)));
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
                form: match fitting[0].secrets {
                    Secrets::Terraform(_) => "ADDRESS",
                    _ => "NAMESPACE/NAME",
                },
            })
        }
    }
}

fn listed(candidates: &[Candidate<'_>]) -> String {
    let names: Vec<String> = candidates.iter().map(ToString::to_string).collect();
    listed_names(&names)
}

fn listed_names(names: &[String]) -> String {
    let mut listed: Vec<String> = names.iter().take(MAX_LISTED).cloned().collect();
    if let Some(more @ 1..) = names.len().checked_sub(MAX_LISTED) {
        listed.push(format!("and {more} more"));
    }
    listed.join(", ")
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
