//! When every node is Talos's: what the old distribution left behind, and what to remove later.

use super::recovering::sentence;
use super::steps::Steps;
use super::updating;
use crate::check::validity::{day, distance};
use crate::cluster::CaSlot;
use crate::convert::migration::Way;
use crate::pki::Certificate;
use crate::report::migration::MigrationReport;
use crate::report::migration::landmarks::{Etcd, Landmarks};
use crate::report::migration::markdown::{code, shell_word};

pub(super) fn write(
    report: &MigrationReport<'_>,
    landmarks: &Landmarks<'_>,
    steps: &mut Steps<'_>,
) {
    let operations = landmarks.operations;
    match (landmarks.way, operations.has_proxy_daemon_set) {
        (Way::Rebuild, _) => {}
        (_, true) => addons(report, operations.name, steps),
        (_, false) => own_addons(report, landmarks, steps),
    }
    steps.begin("clean up");
    steps.page.commands(
        "kubectl -n kube-system delete secret before-talos after-talos --ignore-not-found\n\
         rm -f old.token ca.crt new-ca.crt\n\
         talosctl -e \"$NEW\" -n \"$NEW\" kubeconfig ./kubeconfig",
    );
    let mut points = vec![
        format!(
            "use `kubeconfig` from now on: it is yours for a year, and `admin.conf` of {} ends",
            operations.name
        ),
        "`talosconfig` is yours for a year, too: `talos-pki config new --with-secrets secrets.yaml` makes \
         the next"
            .to_owned(),
        "keep `secrets.yaml` and the backup where other keys of yours are, encrypted; a node that \
         is to join later needs the configuration and the bootstrap token in it"
            .to_owned(),
        "leave the Secret of the bootstrap token: it is one of Talos's own manifests, and Talos makes \
         it anew where it is missing"
            .to_owned(),
    ];
    if matches!(landmarks.etcd, Etcd::Outside(_)) {
        points.push("stop the old etcd, and keep its data until you are sure".to_owned());
    }
    if !landmarks.keeps_old_nodes() {
        let [control_plane, worker] = operations.uninstall;
        let on_workers = if worker == control_plane {
            String::new()
        } else {
            format!(", on workers {}", code(worker))
        };
        points.push(format!(
            "keep the old machines until you are sure: they are the way back. Then undo {} on them: \
             {}{on_workers}",
            operations.name,
            code(control_plane)
        ));
    }
    steps.page.list(points);
    let later = later(report);
    if !later.is_empty() {
        steps.page.heading(3, "Later");
        steps.page.check_list(later);
    }
    updating::write(report, steps);
}

/// kube-proxy and CoreDNS, which the old distribution had brought.
fn addons(report: &MigrationReport<'_>, name: &str, steps: &mut Steps<'_>) {
    steps.begin("kube-proxy and CoreDNS");
    steps.page.paragraph(&format!(
        "They run on as {name} brought them: Talos leaves objects alone that are there. Of \
         kube-proxy, the selector of {name}'s DaemonSet cannot be changed to Talos's, so a later \
         `upgrade-k8s` would fail. `upgrade-k8s` speaks to every node, so it comes when all are \
         Talos's. Read what it would change first; it also writes the ConfigMap `coredns`.",
    ));
    let version = version(report);
    steps.page.commands(&format!(
        "kubectl -n kube-system get configmap coredns -o yaml > coredns-before.yaml\n\
         kubectl -n kube-system get daemonset kube-proxy -o yaml > kube-proxy-before.yaml\n\
         talosctl -e \"$NEW\" -n \"$NEW\" upgrade-k8s --to {version} --dry-run\n\
         kubectl -n kube-system delete daemonset kube-proxy\n\
         talosctl -e \"$NEW\" -n \"$NEW\" upgrade-k8s --to {version}"
    ));
    steps.page.paragraph(
        "There is no DaemonSet kube-proxy if another program does its work: then it must be off in \
         the configurations, too, and only the dry run is of use.",
    );
    works(report, steps);
    steps.back(
        "between the two, Services that are there go on working; new ones do not until a kube-proxy \
         runs.",
        "kubectl apply -f kube-proxy-before.yaml  # without `status`, `uid` and `resourceVersion`",
    );
}

/// Where the old distribution ran kube-proxy on its nodes, Talos has brought its own by now.
fn own_addons(report: &MigrationReport<'_>, landmarks: &Landmarks<'_>, steps: &mut Steps<'_>) {
    let name = landmarks.operations.name;
    let on_old_nodes = if landmarks.keeps_old_nodes() {
        " On old nodes its pods find the ports taken, and fail or do the same work twice until those \
         nodes are gone."
    } else {
        ""
    };
    let has = sentence(&format!("{name} has"));
    steps.begin("kube-proxy and CoreDNS");
    steps.page.paragraph(&format!(
        "{has} kube-proxy on each node, and not as a DaemonSet: Talos has brought its own.\
         {on_old_nodes} Talos leaves objects alone that are there, so a CoreDNS of {name} runs on. When \
         every node is Talos's, bring Talos's own in; read what it would change first:"
    ));
    let version = version(report);
    steps.page.commands(&format!(
        "talosctl -e \"$NEW\" -n \"$NEW\" upgrade-k8s --to {version} --dry-run\n\
         talosctl -e \"$NEW\" -n \"$NEW\" upgrade-k8s --to {version}"
    ));
    works(report, steps);
    steps.back("none is needed: the old cluster has its own.", "");
}

fn version(report: &MigrationReport<'_>) -> String {
    let version = report.plan.kubernetes_version.as_ref();
    version.map_or_else(|| "VERSION".to_owned(), ToString::to_string)
}

fn works(report: &MigrationReport<'_>, steps: &mut Steps<'_>) {
    steps.check(
        "the DaemonSet has as many pods as there are nodes, and names resolve:",
        &format!(
            "kubectl -n kube-system get daemonset kube-proxy\n\
             kubectl run resolves --rm -it --restart=Never --image=busybox -- \\\n\
             \x20   nslookup kubernetes.default.svc.{}",
            shell_word(&report.plan.dns_domain)
        ),
    );
}

/// What is accepted only for the time of the move, and which CA ends when.
fn later(report: &MigrationReport<'_>) -> Vec<String> {
    let kubernetes = &report.plan.kubernetes;
    let accounts = &kubernetes.service_accounts;
    let mut points = Vec::new();
    let mut accepted = |is_there: bool, what: &str, when: &str| {
        if is_there {
            points.push(format!("take out {what} when {when}"));
        }
    };
    accepted(
        !kubernetes.accepted_authorities.is_empty(),
        "the other CAs that Kubernetes trusts",
        "nobody has a certificate of them any more: users, kubelets, kubeconfigs",
    );
    accepted(
        !kubernetes.accepted_aggregator_authorities.is_empty(),
        "the other aggregator CAs",
        "the old control planes are gone",
    );
    accepted(
        !accounts.accepted_public_keys.is_empty(),
        "the old keys of service accounts",
        "no token of them is left: pods get new ones within a day, Secrets of the type \
         service-account-token never",
    );
    accepted(
        !accounts.accepted_issuers.is_empty(),
        "the other issuers of tokens",
        "no token of them is left, and nobody outside checks by them",
    );
    points.extend(authorities(report).map(|(slot, certificate)| {
        let end = certificate.validity.not_after;
        format!(
            "put {} into the calendar: the {slot} ends ({}). Talos does not renew it",
            day(end),
            distance(report.now, end)
        )
    }));
    points
}

/// The CAs from which Talos issues: those of the cluster, and those that were made anew.
fn authorities<'a>(
    report: &MigrationReport<'a>,
) -> impl Iterator<Item = (CaSlot, &'a Certificate)> {
    let (cluster, made) = (report.cluster, report.made);
    CaSlot::ALL.iter().filter_map(move |slot| {
        let certificate = match made {
            Some(made) => made.bundle.authority(*slot).certificate(),
            None => {
                &cluster
                    .certificate(*slot)
                    .filter(|_| cluster.has_pair(*slot))?
                    .value
            }
        };
        Some((*slot, certificate))
    })
}
