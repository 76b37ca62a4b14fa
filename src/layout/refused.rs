//! Distributions whose trust cannot be brought to Talos, why, and the way round.
//!
//! Source: `charm-lib-kubernetes-snaps` of Charmed Kubernetes; `certrotationcontroller.go` and
//! `boundsatokensignercontroller.go` in OpenShift's cluster-kube-apiserver-operator.

use super::Layout;
use super::mark::Mark;
use super::table::{LayoutTable, PeculiarityRow};
use crate::cluster::{Operations, PeculiarityKind};

pub(super) static CHARMED: LayoutTable = LayoutTable {
    layout: Layout::Charmed,
    name: "charmed",
    about: "Charmed Kubernetes (/root/cdk): refused, with the way round",
    home: "root/cdk",
    folder: "",
    runs_static_pods: false,
    manifests: "",
    marks: &[Mark::All(&[
        Mark::Anywhere("known_tokens.csv"),
        Mark::Anywhere("serviceaccount.key"),
    ])],
    enough_names: 0,
    authorities: &[],
    service_account: &[],
    leaves: &[],
    kubeconfigs: &[],
    encryption: None,
    peculiarities: &[PeculiarityRow {
        kind: PeculiarityKind::Refused,
        when: Mark::Always,
        message: "Charmed Kubernetes keeps no CA key on its nodes: Vault or EasyRSA has it",
        help: "make a new Talos cluster, and move the workloads by Velero or their manifests. If \
               EasyRSA made the CA, its key can be fetched from the leader of the charm easyrsa \
               and given by --kubernetes-ca-crt, --kubernetes-ca-key and --service-account-key: \
               then etcd and front proxy still need CAs of their own",
    }],
    operations: &Operations::KUBEADM,
    remedies: &[],
};

pub(super) static OPENSHIFT: LayoutTable = LayoutTable {
    layout: Layout::OpenShift,
    name: "openshift",
    about: "OpenShift: refused, with the way round",
    home: "etc/kubernetes/static-pod-resources",
    marks: &[Mark::Anywhere("static-pod-resources/")],
    peculiarities: &[PeculiarityRow {
        kind: PeculiarityKind::Refused,
        when: Mark::Always,
        message: "OpenShift has a signer for every purpose and rotates them all, the \
                  service-account key as well: no one CA is the cluster's",
        help: "make a new Talos cluster, and move the workloads by Velero or their manifests; what \
               is OpenShift's own (Route, DeploymentConfig, SecurityContextConstraints) has to be \
               written anew",
    }],
    ..CHARMED
};
