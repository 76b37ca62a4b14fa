//! Nothing comes over but the trust: a new cluster that old clients know, and objects from a backup.

use super::endpoint;
use super::joining::{APPLY_CONTROL_PLANE, workers};
use super::recovering::waiting;
use super::steps::Steps;
use crate::report::migration::landmarks::Landmarks;
use crate::report::migration::{MigrationReport, TOKEN_MANIFEST};

pub(super) fn write(
    report: &MigrationReport<'_>,
    landmarks: &Landmarks<'_>,
    steps: &mut Steps<'_>,
) {
    steps.page.paragraph(&format!(
        "Nothing of the old cluster's objects comes over: {}. What comes over is its trust: kubeconfigs \
         and certificates of clients stay good, and whoever checks tokens by the old keys goes on doing \
         so. Tokens of the old cluster itself are not accepted, since each names the UID of a \
         service account that is made anew.",
        report.plan.route.reason
    ));
    objects(steps);
    waiting(steps);
    beginning(report, landmarks, steps);
    restoring(steps);
    endpoint::without_the_old(
        report,
        landmarks,
        "the endpoint answers, and shows nodes of Talos alone. From now on clients meet the new cluster:",
        steps,
    );
    if landmarks.endpoint_node.is_none() {
        steps.back("let it lead to the old control planes again.", "");
    }
    steps.begin("the other control planes");
    steps
        .page
        .paragraph("They join by themselves; now never run `talosctl bootstrap` again.");
    steps.page.commands(APPLY_CONTROL_PLANE);
    endpoint::one_more(landmarks, steps);
    steps.check(
        "each new one is a member:",
        "talosctl -e \"$NEW\" -n \"$NEW\" etcd members\n\
         kubectl get nodes",
    );
    steps.back(
        "take the new machine out again by `talosctl reset --graceful`.",
        "",
    );
    workers(landmarks, steps);
}

fn objects(steps: &mut Steps<'_>) {
    steps.begin("a backup of the objects");
    steps.page.paragraph(
        "By Velero, with the volumes; or have the manifests ready by which everything was made. What was \
         made by hand alone has to be found now.",
    );
    steps
        .page
        .commands("velero backup create before-talos --wait");
    steps.check(
        "the backup is `Completed`, without errors:",
        "velero backup describe before-talos --details",
    );
    steps.back("nothing was changed.", "");
}

fn beginning(report: &MigrationReport<'_>, landmarks: &Landmarks<'_>, steps: &mut Steps<'_>) {
    steps.begin("begin with an empty etcd");
    steps.page.paragraph("Once, on this machine alone:");
    steps
        .page
        .commands("talosctl -e \"$NEW\" -n \"$NEW\" bootstrap");
    if report.has_file(TOKEN_MANIFEST) {
        steps.page.paragraph(
            "When the API server answers, bring in the token by which the kubelets of Talos join:",
        );
        steps.page.commands("new apply -f bootstrap-token.yaml");
    }
    steps.check(
        &format!(
            "one member, and the API server knows the administrator of {}. Give it five minutes:",
            landmarks.operations.name
        ),
        "talosctl -e \"$NEW\" -n \"$NEW\" etcd members\n\
         new auth whoami\n\
         new get nodes",
    );
    steps.back(
        "switch the Talos machine off: the old cluster runs as before.",
        "",
    );
}

fn restoring(steps: &mut Steps<'_>) {
    steps.begin("the objects");
    steps.page.paragraph(
        "Stop on the old cluster first what must not run twice. Install Velero here, with the storage of \
         the backup. Restore what is yours, and leave out \
         what belongs to the old cluster itself: nodes, leases, and the namespace kube-system.",
    );
    steps.page.commands(
        "velero restore create --from-backup before-talos \\\n\
         \x20   --exclude-namespaces kube-system,kube-public,kube-node-lease \\\n\
         \x20   --exclude-resources nodes,leases.coordination.k8s.io",
    );
    steps.check(
        "the objects are there, and pods start as soon as there are workers:",
        "new get deployments,statefulsets,services,secrets -A",
    );
    steps.back("let the old cluster do again what it did.", "");
}
