//! kubespray: kubeadm in another folder, and etcd on the host with a CA of its own making.
//!
//! Source: `make-ssl-etcd.sh.j2`, `gen_certs_script.yml` and `kubeadm-config.v1beta4` in kubespray.

use super::mark::Mark;
use super::table::{AuthorityRow, ETCD_CA, LayoutTable, authority};
use super::{Layout, kubeadm};
use crate::cluster::{CaSlot, Operations};

/// etcd's folder, /etc/ssl/etcd/ssl, seen from /etc/kubernetes/ssl.
const HOST_CA: AuthorityRow = authority(
    CaSlot::Etcd,
    "../../ssl/etcd/ssl/ca.pem",
    "../../ssl/etcd/ssl/ca-key.pem",
);

pub(super) static TABLE: LayoutTable = LayoutTable {
    layout: Layout::Kubespray,
    name: "kubespray",
    about: "kubespray (/etc/kubernetes/ssl, /etc/ssl/etcd/ssl)",
    home: "etc/kubernetes/ssl",
    marks: &[
        Mark::File(HOST_CA.certificate),
        Mark::File("secrets_encryption.yaml"),
        // In a folder `pki`, whoever keeps kubeadm's configuration beside it may have put it there.
        Mark::All(&[Mark::File("../kubeadm-config.yaml"), Mark::Path("ssl")]),
        Mark::All(&[Mark::File("../kubelet.env"), Mark::Path("ssl")]),
        // kubeadm's `certificatesDir` may be `ssl` as well; without an etcd on the host it has a CA for it.
        Mark::All(&[
            Mark::Path("kubernetes/ssl"),
            Mark::Not(&Mark::File("etcd/ca.crt")),
        ]),
    ],
    authorities: &[
        authority(CaSlot::Kubernetes, "ca.crt", "ca.key"),
        HOST_CA,
        // With etcd_deployment_type: kubeadm.
        authority(CaSlot::Etcd, "etcd/ca.crt", "etcd/ca.key"),
        authority(
            CaSlot::Aggregator,
            "front-proxy-ca.crt",
            "front-proxy-ca.key",
        ),
    ],
    remedies: &[(
        ETCD_CA,
        "take /etc/ssl/etcd/ssl from a host of the group `etcd`: no other host has `ca-key.pem`. \
         Give both hosts at once (scan --nodes, or one -p each), or a tar of /etc/kubernetes and \
         /etc/ssl/etcd; or let it through, and restore an etcd snapshot into Talos, which needs no old CA",
    )],
    encryption: Some("secrets_encryption.yaml"),
    operations: &OPERATIONS,
    ..kubeadm::TABLE
};

const OPERATIONS: Operations = Operations {
    credentials: "scp root@HOST:/etc/kubernetes/admin.conf root@HOST:/etc/kubernetes/ssl/ca.crt .",
    certificate_names: "add it to `supplementary_addresses_in_ssl_keys` in the inventory, and run kubespray, \
                        which issues the certificate anew on each control plane",
    // etcd is a service of the host, of which kubeadm knows nothing.
    leaves_etcd: false,
    conditions: &[
        "the old workers go before the last old control plane if they reach the API through a proxy on \
         their own node (kubespray's `loadbalancer_apiserver_localhost`): it knows old control planes \
         alone",
    ],
    ..Operations::KUBEADM
};
