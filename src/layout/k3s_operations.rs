//! How k3s and RKE2 are run, for the runbook.
//!
//! Source: the pages on `etcd-snapshot`, on stopping, and on packaged components in the documentation
//! of k3s and RKE2; `pkg/nodepassword` in k3s.

use crate::cluster::{EtcdTool, Leftover, OldNodes, Operations, Shutdown};

pub(super) static K3S_OPERATIONS: Operations = Operations {
    name: "k3s",
    certificates: "restart k3s, which renews what has ended",
    credentials: "scp root@HOST:/etc/rancher/k3s/k3s.yaml admin.conf\n\
                  scp root@HOST:/var/lib/rancher/k3s/server/tls/server-ca.crt ca.crt",
    backup: "ssh root@\"$OLD\" tar -C / -cz etc/rancher var/lib/rancher/k3s/server/tls \\\n\
             \x20   var/lib/rancher/k3s/server/cred var/lib/rancher/k3s/server/token \\\n\
             \x20   > kubernetes-before.tar.gz",
    etcd: EtcdTool::Commands {
        snapshot: "ssh root@\"$OLD\" k3s etcd-snapshot save --name before-talos\n\
                   ssh root@\"$OLD\" 'cd /var/lib/rancher/k3s/server/db/snapshots &&\n\
                   \x20   cat \"$(ls -t before-talos-* | head -n 1)\"' > before-talos.db",
        etcdctl: None,
    },
    shutdown: Shutdown {
        api_server: None,
        rest: Some("ssh root@\"$OLD\" systemctl stop k3s"),
        start: "ssh root@\"$OLD\" systemctl start k3s",
    },
    old_nodes: OldNodes::AreSwitchedOff,
    uninstall: ["k3s-uninstall.sh", "k3s-agent-uninstall.sh"],
    has_proxy_daemon_set: false,
    network: Some(
        "k3s's flannel is a part of k3s itself and ends with it. If the cluster has no plugin of its \
         own (`kubectl get daemonsets -A` shows none, such as Calico or Cilium), let Talos bring \
         flannel",
    ),
    conditions: &[
        "the data are in etcd: `ls /var/lib/rancher/k3s/server/db/etcd` on a server shows `member`. If \
         it does not, the cluster is on SQLite, and has to be restarted with `--cluster-init` once, or \
         on a database of SQL, from which there is no way to a snapshot",
        "no workload keeps data on the disk of an old node: `kubectl get pv` shows no class local-path. \
         Those data are not in etcd, and have to be moved by a backup",
    ],
    leftovers: &[
        Leftover {
            what: "HelmChart and Addon are k3s's: its helm-controller is gone, and would be waited for \
                   when they are deleted. What they installed, such as traefik, stays and is yours from \
                   now on.",
            commands: "for chart in $(kubectl -n kube-system get helmcharts.helm.cattle.io -o name); do\n\
                       \x20 kubectl -n kube-system patch \"$chart\" --type=merge \\\n\
                       \x20     -p '{\"metadata\":{\"finalizers\":null}}'\n\
                       done\n\
                       kubectl delete crd --ignore-not-found helmcharts.helm.cattle.io \\\n\
                       \x20   helmchartconfigs.helm.cattle.io addons.k3s.cattle.io \\\n\
                       \x20   etcdsnapshotfiles.k3s.cattle.io",
        },
        Leftover {
            what: "servicelb made a DaemonSet for each Service of the type LoadBalancer: without k3s \
                   nobody keeps them, and such Services need another controller (MetalLB, kube-vip).",
            commands: "kubectl -n kube-system delete daemonset -l svccontroller.k3s.cattle.io/svcname",
        },
        Leftover {
            what: "The passwords of k3s's nodes and the certificate of its own port.",
            commands: "kubectl -n kube-system get secrets -o name | grep node-password.k3s \\\n\
                       \x20   | xargs -r kubectl -n kube-system delete\n\
                       kubectl -n kube-system delete secret k3s-serving --ignore-not-found",
        },
        Leftover {
            what: "CoreDNS of k3s is under Talos's name, and its ConfigMap has hosts that k3s wrote. The \
                   next step brings Talos's own, behind the same Service kube-dns; until then no names \
                   resolve.",
            commands: "kubectl -n kube-system delete deployment,configmap coredns --ignore-not-found",
        },
    ],
    ..Operations::KUBEADM
};

pub(super) static RKE2_OPERATIONS: Operations = Operations {
    name: "RKE2",
    certificates: "restart rke2-server, which renews what has ended",
    credentials: "scp root@HOST:/etc/rancher/rke2/rke2.yaml admin.conf\n\
                  scp root@HOST:/var/lib/rancher/rke2/server/tls/server-ca.crt ca.crt",
    backup: "ssh root@\"$OLD\" tar -C / -cz etc/rancher var/lib/rancher/rke2/server/tls \\\n\
             \x20   var/lib/rancher/rke2/server/cred var/lib/rancher/rke2/server/token \\\n\
             \x20   > kubernetes-before.tar.gz",
    etcd: EtcdTool::Commands {
        snapshot: "ssh root@\"$OLD\" rke2 etcd-snapshot save --name before-talos\n\
                   ssh root@\"$OLD\" 'cd /var/lib/rancher/rke2/server/db/snapshots &&\n\
                   \x20   cat \"$(ls -t before-talos-* | head -n 1)\"' > before-talos.db",
        etcdctl: None,
    },
    // The service alone leaves its containers, and so the API server, running.
    shutdown: Shutdown {
        api_server: None,
        rest: Some("ssh root@\"$OLD\" rke2-killall.sh"),
        start: "ssh root@\"$OLD\" systemctl start rke2-server",
    },
    old_nodes: OldNodes::AreSwitchedOff,
    uninstall: ["rke2-uninstall.sh", "rke2-uninstall.sh"],
    has_proxy_daemon_set: false,
    conditions: &[
        "the data are in etcd: `ls /var/lib/rancher/rke2/server/db/etcd` on a server shows `member`",
        "no workload keeps data on the disk of an old node: `kubectl get pv` shows no local volumes. \
         Those data are not in etcd, and have to be moved by a backup",
    ],
    leftovers: &[
        Leftover {
            what: "HelmChart and Addon are RKE2's: its helm-controller is gone, and would be waited for \
                   when they are deleted. What they installed, such as rke2-canal and \
                   rke2-ingress-nginx, stays and is yours from now on.",
            commands: "for chart in $(kubectl -n kube-system get helmcharts.helm.cattle.io -o name); do\n\
                       \x20 kubectl -n kube-system patch \"$chart\" --type=merge \\\n\
                       \x20     -p '{\"metadata\":{\"finalizers\":null}}'\n\
                       done\n\
                       kubectl delete crd --ignore-not-found helmcharts.helm.cattle.io \\\n\
                       \x20   helmchartconfigs.helm.cattle.io addons.k3s.cattle.io \\\n\
                       \x20   etcdsnapshotfiles.k3s.cattle.io",
        },
        Leftover {
            what: "The passwords of RKE2's nodes and the certificate of its own port.",
            commands: "kubectl -n kube-system get secrets -o name | grep node-password.rke2 \\\n\
                       \x20   | xargs -r kubectl -n kube-system delete\n\
                       kubectl -n kube-system delete secret rke2-serving --ignore-not-found",
        },
        Leftover {
            what: "CoreDNS of RKE2 has a name of its own and the address of services that Talos gives \
                   to kube-dns: Talos's own cannot have it. The next step brings that; until then no \
                   names resolve.",
            commands: "kubectl -n kube-system delete service,deployment rke2-coredns-rke2-coredns \\\n\
                       \x20   --ignore-not-found\n\
                       kubectl -n kube-system delete deployment rke2-coredns-rke2-coredns-autoscaler \\\n\
                       \x20   --ignore-not-found",
        },
    ],
    ..Operations::KUBEADM
};
