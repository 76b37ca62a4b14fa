//! Before the first step: what must be true, what a person has to decide, and the backup.

use super::etcd::{snapshot, tool};
use super::{name_in_words, witnesses};
use crate::check::Severity;
use crate::check::validity::{day, distance};
use crate::cluster::KubeconfigRole;
use crate::convert::migration::Way;
use crate::report::migration::landmarks::Landmarks;
use crate::report::migration::markdown::{Markdown, code, shell_word};
use crate::report::migration::outcome::{
    refusals, remedy, shown_place, task, task_of, tasks, title, words,
};
use crate::report::migration::{CONTROL_PLANE_PATCH, MigrationReport, WORKER_PATCH, certificates};
use crate::talos::Endpoint;

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
    // API servers of Talos with a new CA are known by that one alone.
    let (new_ca, trusting, ca) = if landmarks.has_kubernetes_ca {
        ("", "", "ca.crt")
    } else {
        (
            NEW_CA_OF_BUNDLE,
            " \\\n    --certificate-authority=new-ca.crt",
            "new-ca.crt",
        )
    };
    page.commands(&format!(
        "umask 077\n\
         cd {folder}\n\
         {credentials}\n\
         {new_ca}\
         export KUBECONFIG=$PWD/admin.conf TALOSCONFIG=$PWD/talosconfig\n\
         {server}\
         OLD={old}  # {node}\n\
         NEW=       # the address of the Talos control plane at hand; set it anew for each\n\
         WORKER=    # the same of the worker at hand\n\
         old() {{ kubectl --server=\"{}\" \"$@\"; }}\n\
         new() {{ kubectl --server=\"{}\"{trusting} \"$@\"; }}\n\
         bearer() {{ kubectl --kubeconfig=/dev/null --certificate-authority={ca} \\\n\
         \x20   --server=\"{}\" --token=\"$(cat old.token)\" \"$@\"; }}",
        url("OLD"),
        url("NEW"),
        url("NEW"),
        folder = shell_word(report.folder),
        credentials = operations.credentials.replace("HOST", &copy),
        server = server(report),
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

/// The certificate of the CA from which Talos issues, out of the bundle.
const NEW_CA_OF_BUNDLE: &str =
    "sed -n '/^ *k8s:/,/key:/s/^ *crt: //p' secrets.yaml | base64 -d > new-ca.crt\n";

/// Lets the administrator's kubeconfig lead to the endpoint, unless it is known to.
fn server(report: &MigrationReport<'_>) -> String {
    let Some(endpoint) = &report.plan.endpoint else {
        return String::new();
    };
    let mut kubeconfigs = report.cluster.kubeconfigs.iter();
    let admin = kubeconfigs.find(|one| one.role == Some(KubeconfigRole::Admin));
    let server = admin.and_then(|admin| admin.server.as_deref());
    if server.is_some_and(|server| server.trim_end_matches('/') == endpoint.as_str()) {
        return String::new();
    }
    set_cluster(&format!("--server={}", shell_word(endpoint.as_str()))) + "\n"
}

/// Changes the cluster in the administrator's kubeconfig.
pub(super) fn set_cluster(options: &str) -> String {
    format!(
        "kubectl config set-cluster \"$(kubectl config view -o jsonpath='{{.clusters[0].name}}')\" \\\n\
         \x20   {options}"
    )
}

fn conditions(report: &MigrationReport<'_>, landmarks: &Landmarks<'_>) -> Vec<String> {
    let version = report.plan.kubernetes_version.as_ref();
    let mut conditions = vec![
        version.map_or_else(
            || "every node is `Ready` and of one version: `old get nodes`".to_owned(),
            |version| {
                format!("every node is `Ready` and runs Kubernetes {version}: `old get nodes`")
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
        conditions.push(match landmarks.endpoint_node {
            Some(node) => format!(
                "you have decided that {}, the address of {} itself, is to stay: below stands what \
                 else you can do, and it has to be done now",
                code(endpoint),
                name_in_words(node)
            ),
            None if landmarks.way != Way::Join => format!(
                "{} is reached from where the new machines stand",
                code(endpoint)
            ),
            None => format!(
                "{} leads to the old API servers, and is reached from where the new machines stand: {}{} \
                 says `ok`",
                code(endpoint),
                naming_task(report, endpoint).map_or_else(String::new, |task| format!("after {task} ")),
                code("kubectl get --raw /readyz")
            ),
        });
    }
    if landmarks.way != Way::Rebuild {
        let own = landmarks.operations.conditions.iter();
        conditions.extend(own.map(|condition| (*condition).to_owned()));
    }
    if !landmarks.has_kubernetes_ca {
        conditions.push(
            "you know that the Kubernetes CA is a new one, `new-ca.crt`: nobody who has only the old \
             `ca.crt` knows the API servers of Talos, and `new` below knows them by the new one. Clients \
             with certificates of the old CA stay known to Talos"
                .to_owned(),
        );
    }
    if let ([node], Way::Join) = (landmarks.control_planes.as_slice(), landmarks.way) {
        conditions.push(format!(
            "you know that {} is the only control plane that is known here: if there is no other, then \
             from the first Talos control plane until the second etcd has two members, both must run, \
             and the backup is all that you have",
            code(node.name.or(node.address).unwrap_or_default())
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

/// The task that brings the name of the endpoint into the certificates of old API servers.
fn naming_task(report: &MigrationReport<'_>, endpoint: &Endpoint) -> Option<String> {
    let mut items = report.plan.items.iter();
    let item = items.find(|item| {
        let names = item.what.strip_prefix("the missing name");
        let mut names = names.into_iter().flat_map(|names| names.split([' ', ',']));
        names.any(|name| name == endpoint.host())
    })?;
    Some(task_of(report.plan, item))
}

/// What a person has to do, with a number that the other reports refer to.
pub(super) fn people(report: &MigrationReport<'_>, page: &mut Markdown) {
    let tasks = tasks(report.plan);
    if tasks.is_empty() {
        return;
    }
    page.heading(3, "What needs a person");
    page.paragraph(
        "Nobody but you can decide these. Do each before the first step, in the files before you apply \
         them or on the old nodes, as it says; or know that you leave it.",
    );
    page.check_list(tasks.iter().enumerate().map(|(index, items)| {
        let places: Vec<String> = items.iter().copied().map(shown_place).collect();
        let first = items.first();
        format!(
            "{}: {} in {}: {}",
            task(index),
            first.copied().map(title).unwrap_or_default(),
            places.join(", "),
            first.map(|item| words(&item.outcome)).unwrap_or_default()
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
    tool(landmarks, page);
    witnesses::make(report, operations.name, page);
}
