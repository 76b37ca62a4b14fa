//! The last resort: the old cluster, from the backup.

use crate::convert::migration::Way;
use crate::report::migration::landmarks::{Etcd, Landmarks};
use crate::report::migration::markdown::{Markdown, code, shell_word};
use crate::settings::ComponentProcess;

pub(super) fn write(landmarks: &Landmarks<'_>, page: &mut Markdown) {
    if landmarks.way != Way::Join {
        return;
    }
    match (landmarks.operations.last_resort, landmarks.etcd) {
        (Some(commands), _) => {
            heading(landmarks, page);
            page.commands(commands);
        }
        (None, Etcd::OnControlPlanes(process)) => {
            heading(landmarks, page);
            by_manifest(process, page);
        }
        (None, Etcd::Outside(_) | Etcd::Unknown) => {}
    }
}

fn heading(landmarks: &Landmarks<'_>, page: &mut Markdown) {
    page.heading(2, "Last resort: etcd has lost its majority");
    page.paragraph(&format!(
        "Nothing can be written any more, and members do not come back. Switch every Talos machine \
         off, stop etcd on the other old control planes, and begin anew on {} with the backup. What \
         was written since is lost.",
        code(landmarks.node_name())
    ));
}

fn by_manifest(process: &ComponentProcess, page: &mut Markdown) {
    let name = shell_word(process.flag("name").unwrap_or("NAME"));
    let peer = process.flag("initial-advertise-peer-urls");
    let peer = shell_word(peer.unwrap_or("https://ADDRESS:2380"));
    let data = process
        .flag("data-dir")
        .unwrap_or("/var/lib/etcd")
        .trim_end_matches('/');
    let data = shell_word(data);
    page.commands(&format!(
        "scp before-talos.db root@\"$OLD\":/root/\n\
         ssh root@\"$OLD\"\n\
         mv /etc/kubernetes/manifests /etc/kubernetes/manifests.off\n\
         mv {data} {data}.before\n\
         etcdutl snapshot restore /root/before-talos.db --data-dir {data} \\\n\
         \x20   --name {name} --initial-cluster {name}={peer} \\\n\
         \x20   --initial-advertise-peer-urls {peer}\n\
         mv /etc/kubernetes/manifests.off /etc/kubernetes/manifests"
    ));
    page.paragraph(
        "Wait until no container of etcd runs before its folder is moved (`crictl ps`). `etcdutl` is \
         in etcd's image and in its release.",
    );
}
