//! What happens to the address at which everybody reaches the API.

use super::before::set_cluster;
use super::name_in_words;
use super::steps::Steps;
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
        let pods: Vec<String> = landmarks.other_pods.iter().map(code).collect();
        steps.page.paragraph(&format!(
            "If one of the static pods {} (kube-vip, keepalived, haproxy, …) carries the address: \
             keep one old control plane with it until all others are moved, then stop it, let Talos \
             take the address as its virtual IP, check, and move that node last. The API is away in \
             between.",
            pods.join(", ")
        ));
    }
    steps.check(ANSWERS, &ten_times(endpoint));
    steps.back("take the new address out again.", "");
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
    steps.page.paragraph(&format!(
        "{} is the address of {}. While that machine is off, nobody reaches the API by \
         it{through_kube_prism}. Switch the machine off for good: two with one address would lose \
         packets of each other. Then every Talos control plane gets the address as a virtual IP, which one \
         of them has at a time. They have to be in its layer-2 network. `LINK` is the link that has the \
         machine's own address, as `get addresses` shows it.",
        code(endpoint),
        name_in_words(node),
    ));
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
    steps.page.commands(&format!(
        "ssh root@{} shutdown -h now\n\
         talosctl -e \"$NEW\" -n \"$NEW\" get addresses\n\
         cat > virtual-ip.yaml <<'END'\n\
         {document}\n\
         END\n\
         # on every Talos control plane, with its own LINK\n\
         {TAKE_VIRTUAL_IP}",
        shell_word(address)
    ));
    trust_the_new_ca(landmarks, steps);
    steps.check(ANSWERS, &ten_times(endpoint));
    steps.back(
        "take the virtual IP out of the configurations again (`talosctl edit machineconfig`) before the \
         old machine is switched on.",
        "",
    );
}

/// What a control plane needs that comes when the others have the virtual IP already.
pub(super) fn one_more(landmarks: &Landmarks<'_>, steps: &mut Steps<'_>) {
    if let Some(node) = landmarks.endpoint_node {
        steps.page.paragraph(&format!(
            "When it is a member, it gets the virtual IP, too. The machine of {} is off by now, and needs no \
             more than its Node deleted:",
            name_in_words(node)
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
    }
}

fn ten_times(endpoint: &Endpoint) -> String {
    format!(
        "for i in 1 2 3 4 5 6 7 8 9 10; do kubectl --server={} get --raw /readyz; echo; done",
        shell_word(endpoint.as_str())
    )
}
