//! Why manifests are no source.

use super::MAX_MARKS;
use super::object::ValueProblem;
use super::terraform::StateProblem;
use crate::talos::yaml_tree::TreeError;

/// Why manifests are no source. Objects and fields are named, their content is not quoted.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    /// It is text, but no object of Kubernetes is in it.
    #[error(
        "`{0}` is neither a folder, nor a tar archive (.tar, .tar.gz, .tar.zst), nor Kubernetes \
         manifests, which have a `kind`; of a single certificate or key, give the folder"
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
    /// It is a configuration of a machine of Talos.
    #[error(
        "`{0}` is a machine configuration of Talos; to judge it: talos-pki validate FILE; to take the \
         secrets bundle out of that of a control plane: talos-pki gen secrets --from-controlplane-config \
         FILE"
    )]
    MachineConfig(String),
    /// None of its objects is the PKI of a cluster.
    #[error(
        "`{0}` has no Secret with the PKI of a cluster: neither those of Cluster API (NAME-ca, \
         NAME-etcd, NAME-proxy, NAME-sa) nor kubeadm-certs nor RKE's full-cluster-state nor a secrets \
         bundle of Talos (NAME-talos); `kubectl get secrets -A -o yaml` prints all there are"
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
    /// A Secret has a bundle of Talos in the form of 2021 and before.
    #[error(
        "`{file}`: the {object} has a secrets bundle in the form of early versions of the bootstrap \
         provider, without id and secret of the cluster; take the bundle from the configuration of \
         a control plane: gen secrets --from-controlplane-config"
    )]
    OldBundle {
        /// The file.
        file: String,
        /// The object.
        object: String,
    },
    /// There are several bundles where one is wanted.
    #[error(
        "`{file}` has {count} secrets bundles: {found}; take one out first, with talos-pki gen \
         secrets -p FILE --cluster NAME"
    )]
    SeveralBundles {
        /// The file.
        file: String,
        /// How many.
        count: usize,
        /// Their names.
        found: String,
    },
    /// A state of Terraform has no bundle that can be read.
    #[error("`{file}` is a state of Terraform or OpenTofu, and cannot be used: {problem}")]
    TerraformState {
        /// The file.
        file: String,
        /// Why.
        problem: StateProblem,
    },
    /// Several files in a folder or archive have the PKI of a cluster.
    #[error(
        "`{source_name}` has {count} files with the PKI of a cluster: {found}; give one of them itself"
    )]
    SeveralFiles {
        /// The folder or archive.
        source_name: String,
        /// How many.
        count: usize,
        /// Their paths.
        found: String,
    },
    /// There are several clusters, and one has to be chosen.
    #[error("`{file}` has {count} clusters: {found}; choose one with --cluster {form}")]
    SeveralClusters {
        /// The file.
        file: String,
        /// How many.
        count: usize,
        /// Their names.
        found: String,
        /// What a name is made of.
        form: &'static str,
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
