//! The Secrets in which Cluster API keeps the PKI of a cluster.
//!
//! Source: `util/secret` in Cluster API.

use std::collections::BTreeMap;

use super::object::Object;
use super::{Candidate, ManifestError, Secrets};
use crate::source::{SourceFile, Tree};

/// What a Secret's name has behind that of the cluster, and what its `tls.crt` and `tls.key` are.
/// The `tls.crt` of the service account is a public key. Cluster API reuses its client of an external
/// etcd's as kubeadm's.
const ROLES: [(&str, &str, &str); 5] = [
    (
        "-apiserver-etcd-client",
        "apiserver-etcd-client.crt",
        "apiserver-etcd-client.key",
    ),
    ("-ca", "ca.crt", "ca.key"),
    ("-etcd", "etcd/ca.crt", "etcd/ca.key"),
    ("-proxy", "front-proxy-ca.crt", "front-proxy-ca.key"),
    ("-sa", "sa.pub", "sa.key"),
];

/// The type of Secrets that Cluster API made.
const OWN_TYPE: &str = "cluster.x-k8s.io/secret";

/// The type of Secrets that an administrator may have made for it, and for many other things.
const TLS_TYPE: &str = "kubernetes.io/tls";

/// The label with the name of the cluster.
const LABEL: &str = "cluster.x-k8s.io/cluster-name";

/// Fewest Secrets of [`TLS_TYPE`] alone that are taken for a cluster, if another cluster is there.
const ENOUGH_SECRETS: usize = 2;

/// The Secrets of one cluster, each with its place in [`ROLES`].
pub(super) type Members<'a> = Vec<(usize, Object<'a>)>;

/// The clusters in `secrets`, in the order of their names.
pub(super) fn candidates<'a>(secrets: &[Object<'a>]) -> Vec<Candidate<'a>> {
    let mut clusters: BTreeMap<_, (bool, Members<'a>)> = BTreeMap::new();
    for secret in secrets {
        let Some((role, name)) = role(secret.name()) else {
            continue;
        };
        let label = secret.label(LABEL);
        let is_own = secret.secret_type() == Some(OWN_TYPE) || label == Some(name);
        let fits = is_own || secret.secret_type() == Some(TLS_TYPE);
        if fits && label.is_none_or(|label| label == name) {
            let place = (secret.namespace(), name);
            let (is_sure, members) = clusters.entry(place).or_default();
            *is_sure |= is_own;
            members.push((role, *secret));
        }
    }
    let is_sure =
        |(is_own, members): &(bool, Members<'_>)| *is_own || members.len() >= ENOUGH_SECRETS;
    let any_sure = clusters.values().any(is_sure);
    let clusters = clusters
        .into_iter()
        .filter(|(_, found)| !any_sure || is_sure(found));
    clusters
        .map(|((namespace, name), (_, members))| Candidate {
            namespace,
            name: name.into(),
            secrets: Secrets::ClusterApi(members),
        })
        .collect()
}

/// Which role a Secret of this name has in which cluster.
fn role(secret: &str) -> Option<(usize, &str)> {
    let mut names = ROLES.iter().enumerate();
    let found = names.find_map(|(role, (suffix, _, _))| Some((role, secret.strip_suffix(suffix)?)));
    found.filter(|(_, name)| !name.is_empty())
}

/// The files of a cluster. Keys can be read by whoever can read `text`.
pub(super) fn files(
    members: &Members<'_>,
    text: &SourceFile,
) -> Result<Vec<SourceFile>, ManifestError> {
    let mut files: Vec<SourceFile> = Vec::new();
    let mut seen = [false; ROLES.len()];
    for (role, secret) in members {
        if std::mem::replace(&mut seen[*role], true) {
            return Err(ManifestError::Twice {
                file: text.path.clone(),
                object: secret.title(),
            });
        }
        let (_, certificate, key) = ROLES[*role];
        for (field, path) in [("tls.crt", certificate), ("tls.key", key)] {
            let value = secret.value(field, text)?;
            files.extend(value.map(|value| SourceFile {
                path: path.to_owned(),
                bytes: value.expose().clone().into(),
                mode: text.mode,
            }));
        }
    }
    Ok(Tree::sorted_files(files))
}
