//! The Secrets in which Cluster API keeps the PKI of a cluster.
//!
//! Source: `util/secret` in Cluster API, `pkg/secret` in its provider for RKE2.

use std::collections::BTreeMap;

use super::object::Object;
use super::{Candidate, ManifestError, Secrets};
use crate::source::{SourceFile, Tree};

/// One of the Secrets.
struct Role {
    /// What its name has behind that of the cluster.
    suffix: &'static str,
    /// What its `tls.crt` and `tls.key` are on a node of kubeadm.
    kubeadm: [&'static str; 2],
    /// What they are on a node of RKE2.
    rke2: [&'static str; 2],
}

/// The provider for RKE2 alone has it: RKE2 has a CA for clients, and `-ca` is the one for servers.
const CLIENT_CA: &str = "-cca";

/// The `tls.crt` of the service account is a public key. Cluster API reuses its client of an external
/// etcd's as kubeadm's.
const ROLES: [Role; 6] = [
    Role {
        suffix: "-apiserver-etcd-client",
        kubeadm: ["apiserver-etcd-client.crt", "apiserver-etcd-client.key"],
        rke2: ["etcd/client.crt", "etcd/client.key"],
    },
    Role {
        suffix: "-ca",
        kubeadm: ["ca.crt", "ca.key"],
        rke2: ["server-ca.crt", "server-ca.key"],
    },
    Role {
        suffix: CLIENT_CA,
        kubeadm: ["client-ca.crt", "client-ca.key"],
        rke2: ["client-ca.crt", "client-ca.key"],
    },
    Role {
        suffix: "-etcd",
        kubeadm: ["etcd/ca.crt", "etcd/ca.key"],
        rke2: ["etcd/server-ca.crt", "etcd/server-ca.key"],
    },
    Role {
        suffix: "-proxy",
        kubeadm: ["front-proxy-ca.crt", "front-proxy-ca.key"],
        rke2: ["request-header-ca.crt", "request-header-ca.key"],
    },
    Role {
        suffix: "-sa",
        kubeadm: ["sa.pub", "sa.key"],
        rke2: ["service.pub", "service.key"],
    },
];

/// The folder of RKE2 in which its files are.
const RKE2_FOLDER: &str = "var/lib/rancher/rke2/server/tls";

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
    let found = names.find_map(|(index, role)| Some((index, secret.strip_suffix(role.suffix)?)));
    found.filter(|(_, name)| !name.is_empty())
}

/// The files of a cluster. Keys can be read by whoever can read `text`.
pub(super) fn files(
    members: &Members<'_>,
    text: &SourceFile,
) -> Result<Vec<SourceFile>, ManifestError> {
    let mut files: Vec<SourceFile> = Vec::new();
    let mut seen = [false; ROLES.len()];
    let is_rke2 = members
        .iter()
        .any(|(role, _)| ROLES[*role].suffix == CLIENT_CA);
    for (role, secret) in members {
        if std::mem::replace(&mut seen[*role], true) {
            return Err(ManifestError::Twice {
                file: text.path.clone(),
                object: secret.title(),
            });
        }
        let role = &ROLES[*role];
        let [certificate, key] = if is_rke2 {
            role.rke2.map(|name| format!("{RKE2_FOLDER}/{name}"))
        } else {
            role.kubeadm.map(str::to_owned)
        };
        for (field, path) in [("tls.crt", certificate), ("tls.key", key)] {
            let value = secret.value(field, text)?;
            files.extend(value.map(|value| SourceFile {
                path,
                bytes: value.expose().clone().into(),
                mode: text.mode,
            }));
        }
    }
    Ok(Tree::sorted_files(files))
}
