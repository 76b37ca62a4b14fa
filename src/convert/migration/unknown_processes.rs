//! Where each distribution says how its API server is run, for a source that does not have it.

use super::conversion::Conversion;

/// The layout, and what to give beside the PKI.
const TELLERS: [(&str, &str); 8] = [
    (
        "k3s",
        "give /etc/rancher/k3s and /etc/systemd/system/k3s.service (with k3s.service.env) of a \
         server node, too",
    ),
    (
        "rke2",
        "give /var/lib/rancher/rke2/agent/pod-manifests of a server node, too",
    ),
    (
        "k0s",
        "give /etc/k0s/k0s.yaml and /etc/systemd/system/k0scontroller.service of a controller, too",
    ),
    (
        "rke1",
        "give cluster.rkestate, too (beside cluster.yml, or Secret full-cluster-state in kube-system)",
    ),
    (
        "microk8s",
        "give /var/snap/microk8s/current whole: its folder `args` has the flags",
    ),
    (
        "k8s-snap",
        "give /var/snap/k8s/common/args of a control plane, too",
    ),
    (
        "kops",
        "give /etc/kubernetes/manifests and /srv/kubernetes of a control plane, too",
    ),
    (
        "hard-way",
        "give /etc/systemd/system of the control plane, too: kube-apiserver.service and the others",
    ),
];

/// Why nobody knows how the API server is run, and what would tell.
pub(super) fn of_api_server(conversion: &Conversion<'_>) -> (&'static str, &'static str) {
    let layout = conversion.cluster.layout;
    let teller = TELLERS.iter().find(|(name, _)| Some(*name) == layout);
    match teller {
        Some((_, help)) => (
            "nothing that was read tells how the API server is run",
            help,
        ),
        None => (
            "there is no manifest of the API server",
            "give the /etc/kubernetes of a control plane, which has manifests/kube-apiserver.yaml",
        ),
    }
}
