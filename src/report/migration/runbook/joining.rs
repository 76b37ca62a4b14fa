//! The usual way: Talos nodes join the running cluster, and the old ones leave it.

use super::before::for_other_resources;
use super::etcd::etcdctl;
use super::recovering::leftovers;
use super::steps::Steps;
use crate::convert::migration::Way;
use crate::report::migration::landmarks::Landmarks;
use crate::report::migration::markdown::{code, shell_word};
use crate::report::migration::{MigrationReport, TOKEN_MANIFEST};

pub(super) fn write(
    report: &MigrationReport<'_>,
    landmarks: &Landmarks<'_>,
    steps: &mut Steps<'_>,
) {
    token(report, steps);
    first_control_plane(report, landmarks, steps);
    endpoint(report, landmarks, steps);
    more_control_planes(steps);
    old_control_planes(landmarks, steps);
    workers(landmarks, steps);
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
    trust(report, landmarks, steps);
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

const APPLY_CONTROL_PLANE: &str = "\
NEW=ADDRESS
talosctl apply-config --insecure -n \"$NEW\" -f controlplane.yaml";

/// Secrets, tokens and the front proxy on a new API server.
pub(super) fn trust(
    report: &MigrationReport<'_>,
    landmarks: &Landmarks<'_>,
    steps: &mut Steps<'_>,
) {
    let line = "new get RESOURCE -A -o name | wc -l; cat RESOURCE.count";
    let counted = for_other_resources(report, line);
    steps.check(
        &format!(
            "the new API server reads every Secret: it counts as many as before, and prints {}. \
             One that it could not decrypt would fail the whole list:",
            code(landmarks.operations.name)
        ),
        &format!(
            "new get --raw /readyz; echo\n\
             new get secrets -A -o name | wc -l; cat secrets.count\n\
             {counted}\
             new -n kube-system get secret before-talos -o jsonpath='{{.data.by}}' | base64 -d"
        ),
    );
    if landmarks.way == Way::Join {
        steps.check(
            "the old API server reads what the new one writes; it prints `talos`:",
            "new -n kube-system create secret generic after-talos --from-literal=by=talos\n\
             old -n kube-system get secret after-talos -o jsonpath='{.data.by}' | base64 -d",
        );
    }
    let issuer = landmarks.issuers();
    let issuer = issuer.first().map_or_else(String::new, |issuer| {
        format!(", and new ones are issued by {}", code(issuer))
    });
    steps.check(
        &format!(
            "the token that the old cluster signed is accepted as \
             `system:serviceaccount:default:default`{issuer}:"
        ),
        "bearer auth whoami\n\
         new get --raw /.well-known/openid-configuration",
    );
    steps.check(
        "extension API servers, such as metrics-server, are `True`: they trust the front proxy:",
        "new get apiservices",
    );
}

fn endpoint(report: &MigrationReport<'_>, landmarks: &Landmarks<'_>, steps: &mut Steps<'_>) {
    let Some(endpoint) = &report.plan.endpoint else {
        return;
    };
    steps.begin("the endpoint");
    let is_nodes_own = Some(endpoint.host()) == landmarks.address;
    let text = if is_nodes_own {
        format!(
            "{} is the address of {}: every kubelet and kubeconfig has it. Keep that node until the \
             very last. When it is gone, give the address to a Talos control plane as its virtual IP; \
             meanwhile nobody reaches the API by it. Or write another endpoint into the \
             configurations now (`talos-pki convert --endpoint`), such as that of a load balancer.",
            code(endpoint),
            code(landmarks.node_name()),
        )
    } else {
        format!(
            "Add {} of the new control plane to what stands behind {} (load balancer, DNS or virtual \
             IP), beside the old ones.",
            code(format!("\"$NEW\":{}", landmarks.port)),
            code(endpoint),
        )
    };
    steps.page.paragraph(&text);
    if !landmarks.other_pods.is_empty() {
        let pods: Vec<String> = landmarks.other_pods.iter().map(code).collect();
        steps.page.paragraph(&format!(
            "If one of the static pods {} (kube-vip, keepalived, haproxy, …) carries the address: \
             keep one old control plane with it until all others are moved, then stop it, let Talos \
             take the address as its virtual IP, check, and move that node last. The API is away in \
             between.",
            pods.join(", ")
        ));
    }
    steps.check(
        "the endpoint answers `ok` ten times, whichever control plane it leads to:",
        &format!(
            "for i in 1 2 3 4 5 6 7 8 9 10; do kubectl --server={} get --raw /readyz; echo; done",
            shell_word(endpoint.as_str())
        ),
    );
    steps.back("take the new address out again.", "");
}

fn more_control_planes(steps: &mut Steps<'_>) {
    steps.begin("the other Talos control planes");
    steps.page.paragraph(
        "Bring in all of them before an old one leaves, one at a time, as in the two steps before: \
         two members of etcd bear no loss at all, three bear one.",
    );
    steps.page.commands(APPLY_CONTROL_PLANE);
    steps.check(
        "each is listed, and none is a learner:",
        "talosctl -e \"$NEW\" -n \"$NEW\" etcd members\n\
         talosctl -e \"$NEW\" -n \"$NEW\" etcd status\n\
         kubectl get nodes",
    );
    steps.back("as with the first.", "");
}

fn old_control_planes(landmarks: &Landmarks<'_>, steps: &mut Steps<'_>) {
    steps.begin("the old control planes");
    let node = landmarks.node.map_or_else(|| "NAME".to_owned(), shell_word);
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
    steps.page.paragraph(&format!(
        "One at a time. First take the node out of what stands behind the endpoint. {member}"
    ));
    steps.page.commands(&format!(
        "kubectl drain {node} --ignore-daemonsets --delete-emptydir-data\n\
         {remove_member}\
         ssh root@\"$OLD\" {uninstall}\n\
         kubectl delete node {node}"
    ));
    steps.check(
        "its member is gone. If it is still listed, take it out by `etcd remove-member ID` before \
         anything else, since it counts for the majority:",
        "talosctl -e \"$NEW\" -n \"$NEW\" etcd members\n\
         kubectl get --raw /readyz\n\
         kubectl get nodes",
    );
    let members: Vec<String> = landmarks
        .members
        .iter()
        .filter(|(name, _)| Some(*name) != landmarks.node)
        .map(|(name, url)| format!("{} ({})", code(name), code(url)))
        .collect();
    if !members.is_empty() {
        steps.page.paragraph(&format!(
            "Then the next, with its own name and address: {}.",
            members.join(", ")
        ));
    }
    steps.back(
        &format!(
            "{limit}, uncordon the node. After it there is none: the node can only come back as a \
             Talos machine."
        ),
        &format!("kubectl uncordon {node}"),
    );
}

pub(super) fn workers(landmarks: &Landmarks<'_>, steps: &mut Steps<'_>) {
    steps.begin("the workers");
    steps
        .page
        .paragraph("One after the other, or as many at a time as the workloads bear:");
    steps.page.commands(
        "NEW=ADDRESS\n\
         talosctl apply-config --insecure -n \"$NEW\" -f worker.yaml",
    );
    steps.check(
        "the node is `Ready`, and its pods run, those of the network plugin first. A plugin that \
         loads kernel modules or writes to the host may have to be told about Talos:",
        "kubectl get nodes -o wide\n\
         kubectl get pods -A -o wide --field-selector spec.nodeName=NAME-OF-THE-NEW-NODE",
    );
    if !landmarks.keeps_old_nodes() {
        steps.back(
            "none is needed: a new worker goes by `talosctl -e ADDRESS-OF-A-CONTROL-PLANE -n \"$NEW\" \
             reset --graceful`.",
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
         `talosctl -e ADDRESS-OF-A-CONTROL-PLANE -n \"$NEW\" reset --graceful`.",
        "kubectl uncordon NAME",
    );
}
