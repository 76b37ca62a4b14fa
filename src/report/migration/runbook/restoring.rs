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
            by_manifest(process, landmarks, page);
        }
        (None, Etcd::Outside(_) | Etcd::Unknown) => {}
    }
}

fn heading(landmarks: &Landmarks<'_>, page: &mut Markdown) {
    page.heading(2, "Last resort: etcd has lost its majority");
    page.paragraph(&format!(
        "Nothing can be written any more, and members do not come back. Switch every Talos machine \
         off, stop etcd on the other old control planes, and begin anew on {} with the backup. What \
         was written since is lost. Once that node itself has left, only Talos can begin with the backup: \
         `talosctl bootstrap --recover-from`.",
        code(landmarks.node_name())
    ));
}

fn by_manifest(process: &ComponentProcess, landmarks: &Landmarks<'_>, page: &mut Markdown) {
    let name = shell_word(process.flag("name").unwrap_or("NAME"));
    let address = landmarks
        .address
        .map_or_else(|| "ADDRESS".to_owned(), shell_word);
    let peer = process.flag("initial-advertise-peer-urls");
    let peer = shell_word(peer.unwrap_or("https://ADDRESS:2380"));
    let data = process
        .flag("data-dir")
        .unwrap_or("/var/lib/etcd")
        .trim_end_matches('/');
    let data = shell_word(data);
    page.paragraph(
        "First make the data of the backup, which touches nothing. `etcdutl` is in etcd's image and in its \
         release. The two last flags, which etcd 3.6 has, let watchers see that they have to read anew: \
         without them a controller that saw a later revision may act on what is no more. If yours does not \
         know them, restart every node afterwards:",
    );
    page.commands(&format!(
        "OLD={address}  # whichever it was before\n\
         scp before-talos.db root@\"$OLD\":/root/\n\
         ssh root@\"$OLD\"\n\
         etcdutl snapshot restore /root/before-talos.db --data-dir /root/restored \\\n\
         \x20   --name {name} --initial-cluster {name}={peer} \\\n\
         \x20   --initial-advertise-peer-urls {peer} \\\n\
         \x20   --bump-revision 1000000000 --mark-compacted"
    ));
    page.paragraph(
        "Then stop the control plane, and wait until no container of etcd or of the API server runs: data \
         that is moved under a running etcd is lost. Only then put the backup in its place. The folder \
         itself stays, for it may be a mount:",
    );
    page.commands(&format!(
        "mv /etc/kubernetes/manifests /etc/kubernetes/manifests.off\n\
         while crictl ps | grep -E 'etcd|kube-apiserver'; do sleep 5; done\n\
         mv {data}/member /root/member.before\n\
         mv /root/restored/member {data}/member\n\
         mv /etc/kubernetes/manifests.off /etc/kubernetes/manifests"
    ));
}
