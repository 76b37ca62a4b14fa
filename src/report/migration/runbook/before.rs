//! Before the first step: what must be true, what a person has to decide, and the backup.

use super::etcd::snapshot;
use crate::check::Severity;
use crate::check::validity::{day, distance};
use crate::cluster::Operations;
use crate::convert::migration::Way;
use crate::report::migration::landmarks::{Landmarks, encrypted_resources};
use crate::report::migration::markdown::{Markdown, code, shell_word};
use crate::report::migration::outcome::{
    NEEDS_PERSON, refusals, remedy, shown_place, task, title, words,
};
use crate::report::migration::{CONTROL_PLANE_PATCH, MigrationReport, WORKER_PATCH, certificates};

/// Why the cluster cannot be moved as it is.
pub(super) fn impossible(report: &MigrationReport<'_>, page: &mut Markdown) {
    page.heading(2, "Not possible as it is");
    page.paragraph("Nothing was written. These come first; then run `talos-pki convert` again.");
    let errors = report.findings.iter();
    let errors = errors.filter(|finding| finding.severity == Severity::Error);
    page.check_list(errors.map(|finding| {
        format!(
            "{} (rule `{}`). To do: {}",
            finding.message, finding.rule.name, finding.help
        )
    }));
    let groups = refusals(report.plan);
    page.check_list(groups.iter().filter_map(|group| {
        let outcome = &group.first()?.outcome;
        let places = group.iter();
        let places = places.map(|item| format!("{} in {}", title(item), shown_place(item)));
        let places: Vec<String> = places.collect();
        let help = remedy(outcome).unwrap_or_default();
        Some(format!(
            "{}: {}. To do: {help}",
            places.join(", "),
            words(outcome)
        ))
    }));
}

pub(super) fn write(report: &MigrationReport<'_>, landmarks: &Landmarks<'_>, page: &mut Markdown) {
    page.heading(2, "Before you start");
    page.heading(3, "A folder to work in");
    names(report, landmarks, page);
    page.heading(3, "What must be true");
    page.check_list(conditions(report, landmarks));
    people(report, page);
    backup(report, landmarks, page);
}

/// Names for the addresses, so that commands can be copied as they are.
fn names(report: &MigrationReport<'_>, landmarks: &Landmarks<'_>, page: &mut Markdown) {
    page.paragraph(&format!(
        "Work in {}, on a machine that reaches old and new nodes, with `kubectl` and the `talosctl` \
         of Talos {}. The files there hold the keys of the cluster: let nobody else read them. All \
         commands below count on these names.",
        code(report.folder),
        report.contract,
    ));
    let node = shell_word(landmarks.node_name());
    let old = landmarks
        .address
        .map_or_else(|| "ADDRESS".to_owned(), shell_word);
    // An IPv6 address stands in brackets within a URL.
    let url = |name: &str| match landmarks.address {
        Some(address) if address.contains(':') => format!("https://[${name}]:{}", landmarks.port),
        _ => format!("https://${name}:{}", landmarks.port),
    };
    let operations = landmarks.operations;
    let login = landmarks.address.map_or("ADDRESS".to_owned(), shell_word);
    let copy = if landmarks
        .address
        .is_some_and(|address| address.contains(':'))
    {
        format!("'[{login}]'")
    } else {
        login
    };
    page.commands(&format!(
        "umask 077\n\
         cd {folder}\n\
         {credentials}\n\
         export KUBECONFIG=$PWD/admin.conf TALOSCONFIG=$PWD/talosconfig\n\
         {server}\
         OLD={old}  # {node}\n\
         NEW=       # the address of the Talos machine at hand; set it anew for each\n\
         old() {{ kubectl --server=\"{}\" \"$@\"; }}\n\
         new() {{ kubectl --server=\"{}\" \"$@\"; }}\n\
         bearer() {{ kubectl --kubeconfig=/dev/null --certificate-authority=ca.crt \\\n\
         \x20   --server=\"{}\" --token=\"$(cat old.token)\" \"$@\"; }}",
        url("OLD"),
        url("NEW"),
        url("NEW"),
        folder = shell_word(report.folder),
        credentials = operations.credentials.replace("HOST", &copy),
        server = server(report, operations),
    ));
    if report.has_file(CONTROL_PLANE_PATCH) {
        let endpoint = report
            .plan
            .endpoint
            .as_ref()
            .map_or("ENDPOINT", |endpoint| endpoint.as_str());
        let kubernetes = report.plan.kubernetes_version.as_ref();
        let kubernetes = kubernetes.map_or_else(|| "VERSION".to_owned(), ToString::to_string);
        page.paragraph("Only patches were written. Make the configurations of them:");
        page.commands(&format!(
            "talosctl gen config {} {} --with-secrets secrets.yaml \\\n\
             \x20   --talos-version {} --kubernetes-version {kubernetes} \\\n\
             \x20   --config-patch-control-plane @{CONTROL_PLANE_PATCH} \\\n\
             \x20   --config-patch-worker @{WORKER_PATCH} --output . --force",
            shell_word(&report.plan.name),
            shell_word(endpoint),
            report.contract,
        ));
    }
}

/// Lets a kubeconfig that leads to its own machine lead to the endpoint.
fn server(report: &MigrationReport<'_>, operations: &Operations) -> String {
    match &report.plan.endpoint {
        Some(endpoint) if operations.admin_is_local => format!(
            "kubectl config set-cluster \"$(kubectl config view -o jsonpath='{{.clusters[0].name}}')\" \\\n\
             \x20   --server={}\n",
            shell_word(endpoint.as_str())
        ),
        _ => String::new(),
    }
}

fn conditions(report: &MigrationReport<'_>, landmarks: &Landmarks<'_>) -> Vec<String> {
    let version = report.plan.kubernetes_version.as_ref();
    let mut conditions = vec![
        version.map_or_else(
            || "every node is `Ready` and of one version: `kubectl get nodes`".to_owned(),
            |version| {
                format!("every node is `Ready` and runs Kubernetes {version}: `kubectl get nodes`")
            },
        ),
        format!(
            "nodes reach each other, old and new: TCP {} (Kubernetes), 10250 (kubelet), and what the \
             network plugin uses; control planes also 2379 and 2380 (etcd), and 50000 and 50001 \
             (Talos)",
            landmarks.port
        ),
    ];
    if let Some(endpoint) = &report.plan.endpoint {
        let is_nodes_own = Some(endpoint.host()) == landmarks.address;
        conditions.push(if is_nodes_own {
            format!(
                "{} is the address of {} itself, and goes when it goes: see the step about the \
                 endpoint before you begin",
                code(endpoint),
                code(landmarks.node_name())
            )
        } else {
            format!(
                "{} is reached from where the new machines stand",
                code(endpoint)
            )
        });
    }
    if landmarks.way != Way::Rebuild {
        let own = landmarks.operations.conditions.iter();
        conditions.extend(own.map(|condition| (*condition).to_owned()));
    }
    if !landmarks.has_kubernetes_ca {
        conditions.push(
            "you know that the Kubernetes CA is a new one: `admin.conf` and `ca.crt` of the old cluster do \
             not know the API servers of Talos. For `new`, take `talosctl kubeconfig` when the first \
             answers"
                .to_owned(),
        );
    }
    if let ([(name, _)], Way::Join) = (landmarks.members.as_slice(), landmarks.way) {
        conditions.push(format!(
            "you know that {} is the only member of etcd that its manifest names: if there is no \
             other, then from the first Talos control plane until the second there are two members, \
             both must run, and the backup is all that you have",
            code(name)
        ));
    }
    conditions.extend(
        certificates::first_to_end(report.cluster).map(|certificate| {
            let end = certificate.validity().not_after;
            format!(
                "the move is over before {} ({}): {} ends, the first of the old control plane's \
             certificates",
                day(end),
                distance(report.now, end),
                code(certificate.file()),
            )
        }),
    );
    conditions.push(
        "each new machine has a name that no old node has, and the disk in its configuration is \
         right: `talosctl -n \"$NEW\" get disks --insecure`"
            .to_owned(),
    );
    conditions
}

/// What a person has to do, with a number that the other reports refer to.
pub(super) fn people(report: &MigrationReport<'_>, page: &mut Markdown) {
    let items = NEEDS_PERSON.items(report.plan);
    if items.is_empty() {
        return;
    }
    page.heading(3, "What needs a person");
    page.paragraph(
        "Nobody but you can decide these. Do them in the files before you apply them, or know that \
         you leave them.",
    );
    page.check_list(items.iter().enumerate().map(|(index, item)| {
        format!(
            "{}: {} in {}: {}",
            task(index),
            title(item),
            shown_place(item),
            words(&item.outcome)
        )
    }));
}

fn backup(report: &MigrationReport<'_>, landmarks: &Landmarks<'_>, page: &mut Markdown) {
    page.heading(3, "Backup");
    let operations = landmarks.operations;
    if landmarks.way == Way::Rebuild {
        page.paragraph(&format!(
            "The files of {}. Save its data as this distribution does it, too:",
            code(landmarks.node_name())
        ));
        page.commands(operations.backup);
        return;
    }
    page.paragraph(&format!(
        "The files of {}, and everything in etcd:",
        code(landmarks.node_name())
    ));
    page.commands(&format!("{}\n{}", operations.backup, snapshot(landmarks)));
    page.paragraph(
        "Witnesses, by which each step is checked: the count of all Secrets, a Secret that the old \
         cluster wrote, and the token of a service account that it signed.",
    );
    let counted = for_other_resources(
        report,
        "old get RESOURCE -A -o name | wc -l > RESOURCE.count",
    );
    page.commands(&format!(
        "old get secrets -A -o name | wc -l > secrets.count\n\
         {counted}\
         old -n kube-system create secret generic before-talos --from-literal=by={}\n\
         old -n default create token default --duration=24h > old.token",
        shell_word(operations.name)
    ));
}

/// A line for each resource that is encrypted at rest beside `secrets`, and that kubectl can list by
/// its name: not `*.*`, nor `*.apps`.
pub(super) fn for_other_resources(report: &MigrationReport<'_>, line: &str) -> String {
    let resources = encrypted_resources(report).into_iter();
    let resources = resources.filter(|name| !name.contains('*') && name != "secrets");
    let lines = resources.map(|name| line.replace("RESOURCE", &shell_word(&name)) + "\n");
    lines.collect()
}
