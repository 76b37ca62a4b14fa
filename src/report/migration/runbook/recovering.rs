//! Talos begins with a snapshot of etcd, because it cannot join the old one. The API is away while that
//! happens.

use super::etcd::{snapshot, tool};
use super::joining::{APPLY_CONTROL_PLANE, in_turn, token, workers};
use super::steps::Steps;
use super::{endpoint, witnesses};
use crate::cluster::{EtcdTool, OldNodes};
use crate::convert::migration::Way;
use crate::report::migration::MigrationReport;
use crate::report::migration::landmarks::{Etcd, Landmarks};
use crate::report::migration::markdown::shell_word;

pub(super) fn write(
    report: &MigrationReport<'_>,
    landmarks: &Landmarks<'_>,
    steps: &mut Steps<'_>,
) {
    let pods = match landmarks.old_nodes {
        OldNodes::ComeAlong => "pods go on running",
        OldNodes::AreSwitchedOff => {
            "pods go on running until the old nodes are switched off, and start anew when there are \
             workers of Talos"
        }
    };
    let so = match landmarks.etcd {
        Etcd::Outside(_) => ": it",
        Etcd::OnControlPlanes(_) | Etcd::Unknown => ". So Talos",
    };
    steps.page.paragraph(&format!(
        "{}{so} begins with a snapshot. From the step that stops the old API servers until the new \
         one answers, the API is away; {pods}.",
        sentence(&report.plan.route.reason)
    ));
    token(report, steps);
    waiting(steps);
    last_snapshot(landmarks, steps);
    beginning(report, landmarks, steps);
    old_nodes(landmarks, steps);
    endpoint::without_the_old(
        report,
        landmarks,
        match landmarks.old_nodes {
            OldNodes::ComeAlong => {
                "the endpoint answers, and the old workers become `Ready` again. Old control planes may \
                 not: kubelets there often ask the API server of their own node:"
            }
            OldNodes::AreSwitchedOff => "the endpoint answers:",
        },
        steps,
    );
    if landmarks.endpoint_node.is_none() {
        steps.back("as in the step before.", "");
    }
    other_control_planes(landmarks, steps);
    workers(landmarks, steps);
    leftovers(landmarks, steps);
}

/// With a capital, unless it begins with a name that has none.
pub(super) fn sentence(text: &str) -> String {
    const NAMES: [&str; 3] = ["etcd ", "k0s ", "k3s "];
    if NAMES.iter().any(|name| text.starts_with(name)) {
        return text.to_owned();
    }
    let mut characters = text.chars();
    let first = characters.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(characters).collect()
}

pub(super) fn waiting(steps: &mut Steps<'_>) {
    steps.begin("a Talos machine that waits");
    steps.page.paragraph(
        "Boot a machine from Talos's image, give its address to `NEW`, and send it the \
         configuration. Its etcd waits until it is told to begin; do not tell it yet.",
    );
    steps.page.commands(APPLY_CONTROL_PLANE);
    steps.check(
        "etcd is `Preparing`, which is right:",
        "talosctl -e \"$NEW\" -n \"$NEW\" service etcd",
    );
    steps.back("switch the machine off.", "");
}

fn last_snapshot(landmarks: &Landmarks<'_>, steps: &mut Steps<'_>) {
    let operations = landmarks.operations;
    let shutdown = &operations.shutdown;
    // What is stopped before etcd is saved, and what only behind it.
    let (first, last) = match (shutdown.api_server, landmarks.etcd) {
        (None, Etcd::Outside(_)) => (shutdown.rest, None),
        (api_server, Etcd::OnControlPlanes(_)) if is_reached_by_the_api(landmarks) => {
            (None, api_server)
        }
        (first, _) => (first, shutdown.rest),
    };
    steps.begin("stop the old API servers, and save etcd for the last time");
    if let Some(stop) = first {
        steps.page.paragraph(
            "What is written after the snapshot is lost, so nobody may write any more. Stop the API server \
             on every old control plane, and wait until each has ended, which takes up to a minute:",
        );
        steps
            .page
            .commands(&on_each(landmarks, &format!("{stop}\n{WAIT}")));
        no_api_server_answers(landmarks, steps);
        steps.page.paragraph("Only then save etcd:");
    } else {
        let why = if is_reached_by_the_api(landmarks) {
            "etcd is saved by way of the API server".to_owned()
        } else {
            format!("{} runs etcd and the API server together", operations.name)
        };
        steps.page.paragraph(&format!(
            "{why}, so the snapshot comes first, and the stop of every old control plane right behind \
             it. What is written between the two is lost: before, let rest what writes \
             by itself, such as GitOps and CI."
        ));
    }
    let last = last.map(|stop| on_each(landmarks, stop));
    let commands: Vec<String> = std::iter::once(snapshot(landmarks)).chain(last).collect();
    steps.page.commands(&commands.join("\n"));
    tool(landmarks, steps.page);
    if first.is_none() {
        no_api_server_answers(landmarks, steps);
    }
    steps.back(
        "etcd was not touched. Start the old API servers again.",
        &on_each(landmarks, shutdown.start),
    );
}

fn no_api_server_answers(landmarks: &Landmarks<'_>, steps: &mut Steps<'_>) {
    steps.check(
        "no old API server answers, whichever is asked: each must refuse the connection:",
        &on_each(landmarks, "old get --raw /readyz"),
    );
}

/// An API server that ends still serves what was asked before.
const WAIT: &str = "while old get --raw /livez --request-timeout=5s; do sleep 5; done";

/// `commands` with `OLD` for each old control plane in turn.
fn on_each(landmarks: &Landmarks<'_>, commands: &str) -> String {
    let first = landmarks.address.map_or("ADDRESS".to_owned(), shell_word);
    let others = landmarks.other_control_planes();
    let others = others.map(|node| node.address.map_or("ADDRESS".to_owned(), shell_word));
    let all: Vec<String> = std::iter::once(first.clone()).chain(others).collect();
    let commands = commands.replace('\n', "\n  ");
    format!(
        "for OLD in {}; do  # every old control plane: add those that are missing\n\
         \x20 {commands}\n\
         done; OLD={first}",
        all.join(" ")
    )
}

/// A static pod of etcd is reached by `kubectl exec`.
fn is_reached_by_the_api(landmarks: &Landmarks<'_>) -> bool {
    let is_pod = matches!(landmarks.etcd, Etcd::OnControlPlanes(_));
    is_pod && matches!(landmarks.operations.etcd, EtcdTool::OfManifests)
}

fn beginning(report: &MigrationReport<'_>, landmarks: &Landmarks<'_>, steps: &mut Steps<'_>) {
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
    witnesses::check(report, landmarks, steps);
    steps.back(
        "switch the Talos machine off, and start the old API servers again. What was written since \
         the snapshot is lost.",
        &on_each(landmarks, landmarks.operations.shutdown.start),
    );
}

/// Old nodes that do not follow the endpoint: their pods must not run twice.
fn old_nodes(landmarks: &Landmarks<'_>, steps: &mut Steps<'_>) {
    if landmarks.keeps_old_nodes() {
        return;
    }
    steps.begin("the old nodes");
    steps.page.paragraph(
        "Old kubelets do not come along, but their pods run on, unwatched. Switch every old machine off, \
         control planes and workers, and only then delete its Node: from that moment on its pods are \
         made anew elsewhere, and two of one StatefulSet would destroy each other's data. What is only \
         stopped would begin again with the machine. Keep the machines: they are the way back.",
    );
    steps.page.paragraph(
        "From here on no workload runs until the workers of Talos are there: have their machines booted \
         from Talos's image before you begin.",
    );
    steps.page.commands(
        "ssh root@ADDRESS shutdown -h now  # on each\n\
         new delete node NAME",
    );
    steps.check(
        "only nodes of Talos are left, and the Service `kubernetes` leads to the new machine alone. \
         The leases of old API servers run out within a minute:",
        "new get nodes\n\
         new -n default get endpointslices -l kubernetes.io/service-name=kubernetes",
    );
    steps.back(
        "switch the Talos machine off, and the old control planes on again; start their API servers as \
         in the step before, and then the old workers.",
        "",
    );
}

fn other_control_planes(landmarks: &Landmarks<'_>, steps: &mut Steps<'_>) {
    steps.begin("the other control planes");
    steps.page.paragraph(
        "The other Talos control planes join by themselves; now never run `talosctl bootstrap` again.",
    );
    steps.page.commands(APPLY_CONTROL_PLANE);
    endpoint::one_more(landmarks, steps);
    steps.check(
        "each new one is a member:",
        "talosctl -e \"$NEW\" -n \"$NEW\" etcd members\n\
         kubectl get nodes",
    );
    if !landmarks.keeps_old_nodes() {
        steps.back(
            "take the new machine out again by `talosctl reset --graceful`.",
            "",
        );
        return;
    }
    let [uninstall, _] = landmarks.operations.uninstall;
    steps.page.paragraph(
        "Then the old ones go: they have no member of etcd to take out. What runs there is stopped \
         before the Node is deleted, or pods would run twice:",
    );
    steps.page.commands(&format!(
        "{}\n\
         ssh root@\"$OLD\" {uninstall}\n\
         kubectl delete node \"$NODE\" --ignore-not-found",
        in_turn(&landmarks.leaving())
    ));
    let kept = match landmarks.etcd {
        Etcd::Outside(_) => "Keep the old etcd until the end.",
        Etcd::OnControlPlanes(_) | Etcd::Unknown => "Keep `before-talos.db` until the end.",
    };
    steps.back(
        &format!(
            "until the old ones go, that of the steps before. After that there is none but to set up the \
             old control plane anew. {kept}"
        ),
        "",
    );
}

/// What came along in etcd, and nobody looks after any more.
pub(super) fn leftovers(landmarks: &Landmarks<'_>, steps: &mut Steps<'_>) {
    let operations = landmarks.operations;
    if operations.leftovers.is_empty() {
        return;
    }
    steps.begin(&format!("what {} left behind", operations.name));
    steps.page.paragraph(match landmarks.way {
        Way::Join => "It is in etcd, and nobody looks after it any more.",
        Way::Restore | Way::Rebuild => {
            "It came along in etcd, and nobody looks after it any more. Nothing here is needed to go \
             back: the old cluster has its own copy."
        }
    });
    for leftover in operations.leftovers {
        steps.page.paragraph(leftover.what);
        steps.page.commands(leftover.commands);
    }
    steps.check(
        "every pod of the system is `Running` or `Completed`:",
        "kubectl -n kube-system get pods -o wide",
    );
    steps.back("the snapshot has all of it.", "");
}
