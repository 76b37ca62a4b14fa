//! The usual way: Talos nodes join the running cluster, and the old ones leave it.

use super::etcd::etcdctl;
use super::recovering::leftovers;
use super::steps::Steps;
use super::{endpoint, shown_node, witnesses};
use crate::convert::migration::Way;
use crate::report::migration::landmarks::Landmarks;
use crate::report::migration::markdown::{code, shell_word};
use crate::report::migration::{MigrationReport, TOKEN_MANIFEST};
use crate::settings::ControlPlaneNode;

pub(super) fn write(
    report: &MigrationReport<'_>,
    landmarks: &Landmarks<'_>,
    steps: &mut Steps<'_>,
) {
    token(report, steps);
    first_control_plane(report, landmarks, steps);
    if landmarks.endpoint_node.is_none() {
        endpoint::beside_the_old(report, landmarks, steps);
    }
    more_control_planes(landmarks, steps);
    if landmarks.kubelets_lead_to.is_some() {
        workers(landmarks, steps);
        old_control_planes(report, landmarks, steps);
    } else {
        old_control_planes(report, landmarks, steps);
        workers(landmarks, steps);
    }
    if landmarks.endpoint_node.is_some() {
        endpoint::virtual_ip(report, landmarks, steps);
    }
    leftovers(landmarks, steps);
}

/// Kubelets of Talos join by the bootstrap token.
pub(super) fn token(report: &MigrationReport<'_>, steps: &mut Steps<'_>) {
    if report.has_file(TOKEN_MANIFEST) {
        steps.begin("the bootstrap token");
        steps.page.paragraph(
            "The kubelets of Talos join by the token in `secrets.yaml`. The cluster is not known to \
             have it, so bring it in:",
        );
        steps.page.commands("old apply -f bootstrap-token.yaml");
        steps.check("the token is listed:", LIST_TOKENS);
        steps.back(
            "take the token out again.",
            "old delete -f bootstrap-token.yaml",
        );
        return;
    }
    steps.begin("the bootstrap token");
    steps.page.paragraph(
        "The kubelets of Talos join by the token in `secrets.yaml`, which the cluster must know \
         until the last node has joined. Tokens of kubeadm end after a day.",
    );
    steps.check(
        "the token is listed, and `expiration` is far enough or missing:",
        LIST_TOKENS,
    );
    steps.back("nothing was changed.", "");
}

const LIST_TOKENS: &str = "\
old -n kube-system get secrets --field-selector type=bootstrap.kubernetes.io/token \\
    -o custom-columns='NAME:.metadata.name,EXPIRATION:.data.expiration'";

fn first_control_plane(
    report: &MigrationReport<'_>,
    landmarks: &Landmarks<'_>,
    steps: &mut Steps<'_>,
) {
    steps.begin("the first Talos control plane");
    steps.page.paragraph(
        "Boot a machine from Talos's image, give its address to `NEW`, and send it the \
         configuration. It installs, restarts, and joins etcd by itself, first as a learner. Never \
         run `talosctl bootstrap` here.",
    );
    steps.page.commands(APPLY_CONTROL_PLANE);
    steps.check(
        "the new member is listed beside the old ones, with `false` under LEARNER, and the node is \
         `Ready`. Give it ten minutes:",
        "talosctl -e \"$NEW\" -n \"$NEW\" service etcd\n\
         talosctl -e \"$NEW\" -n \"$NEW\" etcd members\n\
         kubectl get nodes -o wide",
    );
    witnesses::check(report, landmarks, steps);
    witnesses::check_extensions(steps);
    let node = shell_word(landmarks.node_name());
    steps.back(
        "the old control plane was not touched. Let the new machine leave; if it is dead, take its \
         member out by the old one. If neither answers, etcd has lost its majority: see the last \
         resort at the end.",
        &format!(
            "talosctl -e \"$NEW\" -n \"$NEW\" reset --graceful --reboot\n\
             {}\n\
             # only if the new member is still listed there: the same with\n\
             #   member remove ID\n\
             kubectl delete node NAME-OF-THE-NEW-NODE",
            etcdctl(landmarks, &node, "member list")
        ),
    );
}

pub(super) const APPLY_CONTROL_PLANE: &str = "\
NEW=ADDRESS
talosctl apply-config --insecure -n \"$NEW\" -f controlplane.yaml";

fn more_control_planes(landmarks: &Landmarks<'_>, steps: &mut Steps<'_>) {
    let like = match landmarks.endpoint_node {
        Some(_) => "as the first",
        None => "as in the two steps before",
    };
    steps.begin("the other Talos control planes");
    steps.page.paragraph(&format!(
        "Bring in all of them before an old one leaves, one at a time, {like}: two members of etcd bear \
         no loss at all, three bear one."
    ));
    steps.page.commands(APPLY_CONTROL_PLANE);
    steps.check(
        "each is listed, and none is a learner:",
        "talosctl -e \"$NEW\" -n \"$NEW\" etcd members\n\
         talosctl -e \"$NEW\" -n \"$NEW\" etcd status\n\
         kubectl get nodes",
    );
    steps.back("as with the first.", "");
}

fn old_control_planes(
    report: &MigrationReport<'_>,
    landmarks: &Landmarks<'_>,
    steps: &mut Steps<'_>,
) {
    steps.begin("the old control planes");
    let [uninstall, _] = landmarks.operations.uninstall;
    let (member, remove_member, limit) = if landmarks.operations.leaves_etcd {
        (
            "`kubeadm reset` takes its member out of etcd.",
            "",
            "until `kubeadm reset`",
        )
    } else {
        (
            "Take its member out of etcd by the id in the list, before etcd on it stops.",
            "talosctl -e \"$NEW\" -n \"$NEW\" etcd members\n\
             talosctl -e \"$NEW\" -n \"$NEW\" etcd remove-member ID\n",
            "until its member is taken out",
        )
    };
    let first = match landmarks.endpoint_node {
        // Behind the endpoint is that node alone.
        Some(_) => "The endpoint goes with its node, so `new` speaks to a Talos control plane",
        None => "First take the node out of what stands behind the endpoint",
    };
    steps
        .page
        .paragraph(&format!("One at a time. {first}. {member}"));
    if let (Some(server), None) = (&landmarks.kubelets_lead_to, landmarks.endpoint_node) {
        steps.page.paragraph(&format!(
            "Kubeconfigs and programs outside that lead to {} lose the API with it: give them the endpoint \
             before.",
            code(server)
        ));
        endpoint::kube_proxy(landmarks, steps);
    }
    let leaving = landmarks.leaving();
    last_to_leave(landmarks, &leaving, steps);
    endpoint::from_static_pods(report, landmarks, steps);
    steps.page.commands(&format!(
        "{}\n\
         new drain \"$NODE\" --ignore-daemonsets --delete-emptydir-data\n\
         {remove_member}\
         ssh root@\"$OLD\" {uninstall}\n\
         new delete node \"$NODE\"",
        in_turn(&leaving)
    ));
    steps.check(
        "its member is gone. If it is still listed, take it out by `etcd remove-member ID` before \
         anything else, since it counts for the majority:",
        "talosctl -e \"$NEW\" -n \"$NEW\" etcd members\n\
         new get --raw /readyz\n\
         new get nodes",
    );
    steps.back(
        &format!(
            "{limit}, uncordon the node. After it there is none: the node can only come back as a \
             Talos machine."
        ),
        "new uncordon \"$NODE\"",
    );
}

/// Which control plane goes last, and why.
fn last_to_leave(
    landmarks: &Landmarks<'_>,
    leaving: &[ControlPlaneNode<'_>],
    steps: &mut Steps<'_>,
) {
    let [_, .., last] = leaving else {
        return;
    };
    let why = match (landmarks.endpoint_node, &landmarks.kubelets_lead_to) {
        (Some(_), _) => {
            "the endpoint is its own, and the others reach the API by it until they are gone"
        }
        (None, Some(_)) => "the kubeconfigs of the others lead to it until they are gone",
        (None, None) => "the last resort at the end begins anew on it",
    };
    steps.page.paragraph(&format!(
        "Go in this order, and put those that are missing before the last. {} comes last: {why}.",
        code(shown_node(*last))
    ));
}

/// The names for the control plane at hand, one line for each.
pub(super) fn in_turn(leaving: &[ControlPlaneNode<'_>]) -> String {
    let names = leaving.iter().map(|plane| {
        format!(
            "NODE={} OLD={}",
            plane.name.map_or_else(|| "NAME".to_owned(), shell_word),
            plane
                .address
                .map_or_else(|| "ADDRESS".to_owned(), shell_word),
        )
    });
    names
        .collect::<Vec<_>>()
        .join("\n# when it is gone, all of this again with: ")
}

pub(super) fn workers(landmarks: &Landmarks<'_>, steps: &mut Steps<'_>) {
    steps.begin("the workers");
    steps
        .page
        .paragraph("One after the other, or as many at a time as the workloads bear:");
    steps.page.commands(
        "WORKER=ADDRESS\n\
         talosctl apply-config --insecure -n \"$WORKER\" -f worker.yaml",
    );
    steps.check(
        "the node is `Ready`, and its pods run, those of the network plugin first. A plugin that \
         loads kernel modules or writes to the host may have to be told about Talos:",
        "kubectl get nodes -o wide\n\
         kubectl get pods -A -o wide --field-selector spec.nodeName=NAME-OF-THE-NEW-NODE",
    );
    if landmarks.way == Way::Restore {
        witnesses::check_extensions(steps);
    }
    if !landmarks.keeps_old_nodes() {
        steps.back(
            "none is needed: a new worker goes by `talosctl -e \"$NEW\" -n \"$WORKER\" reset --graceful`.",
            "",
        );
        return;
    }
    let [_, uninstall] = landmarks.operations.uninstall;
    steps.page.paragraph("Then one old worker leaves:");
    steps.page.commands(&format!(
        "kubectl drain NAME --ignore-daemonsets --delete-emptydir-data\n\
         kubectl delete node NAME\n\
         ssh root@ADDRESS {uninstall}"
    ));
    steps.back(
        "until `kubectl delete node`, uncordon the old node. A new one goes by \
         `talosctl -e \"$NEW\" -n \"$WORKER\" reset --graceful`.",
        "kubectl uncordon NAME",
    );
}
