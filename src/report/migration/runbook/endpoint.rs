//! What happens to the address at which everybody reaches the API.

use std::net::IpAddr;

use super::before::set_cluster;
use super::name_in_words;
use super::steps::Steps;
use crate::convert::migration::Way;
use crate::report::migration::MigrationReport;
use crate::report::migration::landmarks::Landmarks;
use crate::report::migration::markdown::{code, shell_word};
use crate::talos::Endpoint;

const ANSWERS: &str = "the endpoint answers `ok` ten times, whichever control plane it leads to:";

/// Gives the virtual IP to one more control plane.
pub(super) const TAKE_VIRTUAL_IP: &str =
    "talosctl -e \"$NEW\" -n \"$NEW\" patch machineconfig --patch @virtual-ip.yaml";

/// The new control plane stands behind the endpoint, beside the old ones.
pub(super) fn beside_the_old(
    report: &MigrationReport<'_>,
    landmarks: &Landmarks<'_>,
    steps: &mut Steps<'_>,
) {
    let Some(endpoint) = &report.plan.endpoint else {
        return;
    };
    steps.begin("the endpoint");
    steps.page.paragraph(&format!(
        "Add {} of the new control plane to what stands behind {} (load balancer, DNS or virtual IP), \
         beside the old ones.",
        code(format!("\"$NEW\":{}", landmarks.port)),
        code(endpoint),
    ));
    if !landmarks.other_pods.is_empty() {
        steps.page.paragraph(&format!(
            "If one of the static pods {} (kube-vip, keepalived, haproxy, …) carries the address: keep one old \
             control plane with it until all others are moved. How Talos takes the address over stands where \
             the old ones leave.",
            static_pods(landmarks)
        ));
    }
    steps.check(ANSWERS, &ten_times(endpoint));
    steps.back("take the new address out again.", "");
}

/// The last old control plane leaves, and with it the static pod that carries the address.
pub(super) fn from_static_pods(
    report: &MigrationReport<'_>,
    landmarks: &Landmarks<'_>,
    steps: &mut Steps<'_>,
) {
    let Some(endpoint) = &report.plan.endpoint else {
        return;
    };
    if landmarks.other_pods.is_empty() || landmarks.endpoint_node.is_some() {
        return;
    }
    let address = endpoint.host().parse::<IpAddr>();
    let address = address.map_or_else(|_| "ADDRESS".to_owned(), |address| address.to_string());
    steps.page.paragraph(&format!(
        "If one of the static pods {} carries the address of {}, do this before the commands for the last old \
         control plane that has it: move the pod's manifest out of its folder there, wait until the pod has \
         ended, and let Talos take the address as its virtual IP. The endpoint is away in between. The Talos \
         control planes have to be in its layer-2 network. `LINK` is the link that has the machine's own \
         address, as `get addresses` shows it.",
        static_pods(landmarks),
        code(endpoint),
    ));
    steps.page.commands(&take_over(report, &address));
    steps.check(ANSWERS, &ten_times(endpoint));
    steps
        .page
        .paragraph("Each old control plane leaves by these commands:");
}

fn static_pods(landmarks: &Landmarks<'_>) -> String {
    let pods: Vec<String> = landmarks.other_pods.iter().map(code).collect();
    pods.join(", ")
}

/// The endpoint leads to the new control plane alone, because the old API servers are stopped.
pub(super) fn without_the_old(
    report: &MigrationReport<'_>,
    landmarks: &Landmarks<'_>,
    answers: &str,
    steps: &mut Steps<'_>,
) {
    let Some(endpoint) = &report.plan.endpoint else {
        return;
    };
    if landmarks.endpoint_node.is_some() {
        virtual_ip(report, landmarks, steps);
        return;
    }
    steps.begin("the endpoint");
    steps.page.paragraph(&format!(
        "Let {} lead to {} alone, and take the old control planes out.",
        code(endpoint),
        code(format!("\"$NEW\":{}", landmarks.port)),
    ));
    trust_the_new_ca(landmarks, steps);
    if landmarks.keeps_old_nodes() {
        old_kubelets(landmarks, steps);
    }
    if landmarks.way == Way::Restore {
        kube_proxy(landmarks, steps);
    }
    steps.check(
        answers,
        &format!(
            "kubectl --server={} get nodes",
            shell_word(endpoint.as_str())
        ),
    );
}

/// Control planes of Talos take over the address of the old one that is gone.
pub(super) fn virtual_ip(
    report: &MigrationReport<'_>,
    landmarks: &Landmarks<'_>,
    steps: &mut Steps<'_>,
) {
    let (Some(endpoint), Some(node)) = (&report.plan.endpoint, landmarks.endpoint_node) else {
        return;
    };
    let address = node.address.unwrap_or_default();
    steps.begin("the address of the endpoint");
    let through_kube_prism = if report.contract.enables_kube_prism() {
        ", but kubelets of Talos, which go by KubePrism"
    } else {
        ""
    };
    let is_off = landmarks.old_machines_are_off();
    let switch_off = if is_off {
        "Leave the machine off"
    } else {
        "Switch the machine off for good"
    };
    steps.page.paragraph(&format!(
        "{} is the address of {}. While that machine is off, nobody reaches the API by \
         it{through_kube_prism}. {switch_off}: two with one address would lose \
         packets of each other. Then every Talos control plane gets the address as a virtual IP, which one \
         of them has at a time. They have to be in its layer-2 network. `LINK` is the link that has the \
         machine's own address, as `get addresses` shows it.",
        code(endpoint),
        name_in_words(node),
    ));
    let take_over = take_over(report, address);
    steps.page.commands(&if is_off {
        take_over
    } else {
        format!(
            "ssh root@{} shutdown -h now\n{take_over}",
            shell_word(address)
        )
    });
    trust_the_new_ca(landmarks, steps);
    steps.check(ANSWERS, &ten_times(endpoint));
    steps.back(
        "take the virtual IP out of the configurations again (`talosctl edit machineconfig`) before the \
         old machine is switched on.",
        "",
    );
}

/// Gives `address` to the control planes of Talos as their virtual IP.
fn take_over(report: &MigrationReport<'_>, address: &str) -> String {
    let document = if report.contract.virtual_ip_document() {
        format!(
            "apiVersion: v1alpha1\n\
             kind: Layer2VIPConfig\n\
             name: {}\n\
             link: LINK",
            shell_word(address)
        )
    } else {
        format!(
            "machine:\n\
             \x20 network:\n\
             \x20   interfaces:\n\
             \x20   - interface: LINK\n\
             \x20     dhcp: true  # or the addresses that it has\n\
             \x20     vip:\n\
             \x20       ip: {}",
            shell_word(address)
        )
    };
    format!(
        "talosctl -e \"$NEW\" -n \"$NEW\" get addresses\n\
         cat > virtual-ip.yaml <<'END'\n\
         {document}\n\
         END\n\
         # on every Talos control plane, with its own LINK\n\
         {TAKE_VIRTUAL_IP}"
    )
}

/// What a control plane needs that comes when the others have the virtual IP already.
pub(super) fn one_more(landmarks: &Landmarks<'_>, steps: &mut Steps<'_>) {
    if let Some(node) = landmarks.endpoint_node {
        let old_machine = if landmarks.keeps_old_nodes() {
            format!(
                " The machine of {} is off by now, and needs no more than its Node deleted.",
                name_in_words(node)
            )
        } else {
            String::new()
        };
        steps.page.paragraph(&format!(
            "When it is a member, it gets the virtual IP, too.{old_machine}"
        ));
        steps.page.commands(TAKE_VIRTUAL_IP);
    }
}

/// From here on `kubectl` speaks to API servers of Talos.
fn trust_the_new_ca(landmarks: &Landmarks<'_>, steps: &mut Steps<'_>) {
    if !landmarks.has_kubernetes_ca {
        steps
            .page
            .paragraph("From now on `kubectl` has to know the new CA:");
        steps.page.commands(&set_cluster(
            "--certificate-authority=new-ca.crt --embed-certs=true",
        ));
    }
}

/// Kubelets keep the address that they were made with.
fn old_kubelets(landmarks: &Landmarks<'_>, steps: &mut Steps<'_>) {
    if let Some(server) = &landmarks.kubelets_lead_to {
        steps.page.paragraph(&format!(
            "Old kubelets lead to {}, which goes with its node: on each old worker write the new endpoint \
             to `server` in `/etc/kubernetes/kubelet.conf`, and restart kubelet.",
            code(server)
        ));
    } else {
        steps.page.paragraph(
            "Old workers follow by the name that their kubelets know, `server` in the kubeconfig of \
             kubelet: where it is another, let that lead there, too.",
        );
    }
}

/// kube-proxy of kubeadm keeps that address, too, on nodes of Talos as on old ones.
pub(super) fn kube_proxy(landmarks: &Landmarks<'_>, steps: &mut Steps<'_>) {
    let (Some(server), true) = (
        &landmarks.kubelets_lead_to,
        landmarks.operations.has_proxy_daemon_set,
    ) else {
        return;
    };
    steps.page.paragraph(&format!(
        "kube-proxy leads to {}, too, and without the API it sees no change of a Service. If there is a \
         DaemonSet kube-proxy, write the endpoint to `server` in its ConfigMap, and restart it:",
        code(server)
    ));
    steps.page.commands(
        "kubectl -n kube-system edit configmap kube-proxy\n\
         kubectl -n kube-system rollout restart daemonset kube-proxy\n\
         kubectl -n kube-system rollout status daemonset kube-proxy",
    );
}

fn ten_times(endpoint: &Endpoint) -> String {
    format!(
        "for i in 1 2 3 4 5 6 7 8 9 10; do kubectl --server={} get --raw /readyz; echo; done",
        shell_word(endpoint.as_str())
    )
}
