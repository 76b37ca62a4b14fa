//! How the old etcd is spoken to: by the commands of its distribution, or by what the manifests say.

use crate::cluster::EtcdTool;
use crate::report::migration::landmarks::{Etcd, Landmarks};
use crate::report::migration::markdown::{Markdown, shell_word};

/// The commands that save etcd to `before-talos.db`, where they are run.
pub(super) fn snapshot(landmarks: &Landmarks<'_>) -> String {
    let is_outside = matches!(landmarks.etcd, Etcd::Outside(_));
    if let (EtcdTool::Commands { snapshot, .. }, false) = (&landmarks.operations.etcd, is_outside) {
        return (*snapshot).to_owned();
    }
    match landmarks.etcd {
        Etcd::OnControlPlanes(pod) => {
            let flag = |name: &str, usual: &str| shell_word(pod.flag(name).unwrap_or(usual));
            let data = flag("data-dir", "/var/lib/etcd");
            format!(
                "kubectl -n kube-system exec etcd-{node} -- etcdctl \\\n\
                 \x20   --endpoints=https://127.0.0.1:2379 --cacert={ca} \\\n\
                 \x20   --cert={cert} --key={key} \\\n\
                 \x20   snapshot save {data}/before-talos.db\n\
                 scp root@\"$OLD\":{data}/before-talos.db .",
                node = shell_word(landmarks.node_name()),
                ca = flag("trusted-ca-file", "/etc/kubernetes/pki/etcd/ca.crt"),
                cert = flag("cert-file", "/etc/kubernetes/pki/etcd/server.crt"),
                key = flag("key-file", "/etc/kubernetes/pki/etcd/server.key"),
            )
        }
        Etcd::Outside(servers) => {
            let flag = |name: &str, usual: &str| {
                shell_word(landmarks.api_server_flag(name).unwrap_or(usual))
            };
            // A snapshot is taken of one member.
            let server = servers.split(',').next().unwrap_or_default();
            format!(
                "ssh root@\"$OLD\"\n\
                 etcdctl --endpoints={server} --cacert={ca} \\\n\
                 \x20   --cert={cert} \\\n\
                 \x20   --key={key} \\\n\
                 \x20   snapshot save /root/before-talos.db\n\
                 exit\n\
                 scp root@\"$OLD\":/root/before-talos.db .",
                server = shell_word(server),
                ca = flag("etcd-cafile", "/etc/kubernetes/pki/etcd/ca.crt"),
                cert = flag(
                    "etcd-certfile",
                    "/etc/kubernetes/pki/apiserver-etcd-client.crt"
                ),
                key = flag(
                    "etcd-keyfile",
                    "/etc/kubernetes/pki/apiserver-etcd-client.key"
                ),
            )
        }
        Etcd::Unknown => "# save etcd, wherever it runs: \
                          etcdctl snapshot save before-talos.db"
            .to_owned(),
    }
}

/// Where `etcdctl` is from, which no distribution puts on a control plane without etcd.
pub(super) fn tool(landmarks: &Landmarks<'_>, page: &mut Markdown) {
    if matches!(landmarks.etcd, Etcd::Outside(_)) {
        page.paragraph(
            "`etcdctl` is on the hosts of etcd, in its image and in its release. If the control plane has \
             none, run it on a host of etcd, with the files that etcd has there.",
        );
    }
}

/// etcd's own tool, on an old member.
pub(super) fn etcdctl(landmarks: &Landmarks<'_>, node: &str, command: &str) -> String {
    if let EtcdTool::Commands {
        etcdctl: Some(etcdctl),
        ..
    } = landmarks.operations.etcd
    {
        return format!("{etcdctl} {command}");
    }
    let Etcd::OnControlPlanes(pod) = landmarks.etcd else {
        return format!("# on a member: etcdctl {command}");
    };
    let flag = |name: &str, usual: &str| shell_word(pod.flag(name).unwrap_or(usual));
    format!(
        "old -n kube-system exec etcd-{node} -- etcdctl --endpoints=https://127.0.0.1:2379 \\\n\
         \x20   --cacert={} --cert={} \\\n\
         \x20   --key={} {command}",
        flag("trusted-ca-file", "/etc/kubernetes/pki/etcd/ca.crt"),
        flag("cert-file", "/etc/kubernetes/pki/etcd/server.crt"),
        flag("key-file", "/etc/kubernetes/pki/etcd/server.key"),
    )
}
