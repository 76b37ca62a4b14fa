//! etcd outside of the control planes: Talos cannot join it, so it begins with a snapshot of it. The
//! API is away while that happens.

use super::before::snapshot;
use super::joining::{token, trust, workers};
use super::steps::Steps;
use crate::report::migration::MigrationReport;
use crate::report::migration::landmarks::{Etcd, Landmarks};
use crate::report::migration::markdown::{code, shell_word};

pub(super) fn write(
    report: &MigrationReport<'_>,
    landmarks: &Landmarks<'_>,
    steps: &mut Steps<'_>,
) {
    if let Etcd::Outside(servers) = landmarks.etcd {
        steps.page.paragraph(&format!(
            "etcd runs at {}, outside of the control planes. Talos has etcd on its own control \
             planes and cannot join that one: it begins with a snapshot. From the step that stops \
             the old API servers until the new one answers, the API is away; pods go on running.",
            code(servers)
        ));
    }
    token(report, steps);
    steps.begin("a Talos machine that waits");
    steps.page.paragraph(
        "Boot a machine from Talos's image, give its address to `NEW`, and send it the \
         configuration. Its etcd waits until it is told to begin; do not tell it yet.",
    );
    steps.page.commands(
        "NEW=ADDRESS\n\
         talosctl apply-config --insecure -n \"$NEW\" -f controlplane.yaml",
    );
    steps.check(
        "etcd is `Preparing`, which is right:",
        "talosctl -e \"$NEW\" -n \"$NEW\" service etcd",
    );
    steps.back("switch the machine off.", "");

    steps.begin("stop the old API servers, and save etcd for the last time");
    steps.page.paragraph(
        "On every old control plane. What is written after the snapshot is lost, so nobody may \
         write any more:",
    );
    steps.page.commands(&format!(
        "ssh root@\"$OLD\" mv /etc/kubernetes/manifests /etc/kubernetes/manifests.off\n{}",
        snapshot(landmarks)
    ));
    steps.check(
        "no old API server answers:",
        "old get --raw /readyz  # must fail",
    );
    steps.back(
        "etcd was not touched. Start the old API servers again.",
        "ssh root@\"$OLD\" mv /etc/kubernetes/manifests.off /etc/kubernetes/manifests",
    );

    steps.begin("begin etcd on Talos with the snapshot");
    steps.page.paragraph("Once, on this machine alone:");
    steps
        .page
        .commands("talosctl -e \"$NEW\" -n \"$NEW\" bootstrap --recover-from=./before-talos.db");
    steps.check(
        "one member, and the API server answers. Give it five minutes:",
        "talosctl -e \"$NEW\" -n \"$NEW\" etcd members\n\
         new get nodes",
    );
    trust(report, landmarks, steps);
    steps.back(
        "switch the Talos machine off, and start the old API servers again. What was written since \
         the snapshot is lost.",
        "ssh root@\"$OLD\" mv /etc/kubernetes/manifests.off /etc/kubernetes/manifests",
    );

    if let Some(endpoint) = &report.plan.endpoint {
        steps.begin("the endpoint");
        steps.page.paragraph(&format!(
            "Let {} lead to {} alone, and take the old control planes out.",
            code(endpoint),
            code(format!("\"$NEW\":{}", landmarks.port)),
        ));
        steps.check(
            "the endpoint answers, and the old nodes become `Ready` again:",
            &format!(
                "kubectl --server={} get nodes",
                shell_word(endpoint.as_str())
            ),
        );
        steps.back("as in the step before.", "");
    }

    steps.begin("the other control planes");
    steps.page.paragraph(
        "The other Talos control planes join by themselves; now never run `talosctl bootstrap` \
         again. Then the old ones go: they have no member of etcd to take out.",
    );
    steps.page.commands(
        "NEW=ADDRESS\n\
         talosctl apply-config --insecure -n \"$NEW\" -f controlplane.yaml\n\
         kubectl delete node NAME-OF-AN-OLD-CONTROL-PLANE\n\
         ssh root@\"$OLD\" kubeadm reset --force",
    );
    steps.check(
        "each new one is a member:",
        "talosctl -e \"$NEW\" -n \"$NEW\" etcd members\n\
         kubectl get nodes",
    );
    steps.back(
        "after `kubeadm reset` there is none but to set up the old control plane anew. Keep the old \
         etcd until the end.",
        "",
    );
    workers(steps);
}
