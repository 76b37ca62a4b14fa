//! Flags of the control plane: what becomes of each is a row in its component's table.

use super::conversion::{Conversion, add_argument};
use super::item::Outcome;
use super::{api_server, controller_manager, etcd, kubelet_flags, scheduler};
use crate::settings::{Component, ComponentProcess, Flag, Mount, ProcessSource};

/// What becomes of a flag.
#[derive(Clone, Copy)]
pub(super) enum Handling {
    /// It becomes a flag on Talos.
    Argument,
    /// It is what Talos sets; with another value it becomes a flag on Talos.
    Default(&'static str),
    /// It is what Talos sets, and refuses to set otherwise.
    Fixed(&'static str),
    /// Talos decides it by itself; this is why nothing is lost.
    Kept(&'static str),
    /// A person has to do this.
    Person(&'static str),
    /// It needs thought.
    By(fn(&mut Conversion<'_>, &ComponentProcess, &Flag) -> Outcome),
}

/// The row of one flag.
pub(super) type Row = (&'static str, Handling);

/// What kubeadm and kops give every pod of the control plane: folders of CAs, configurations, and
/// kops's logs. Talos has its own.
const KNOWN_MOUNTS: [&str; 22] = [
    "/etc/ca-certificates",
    "/etc/kubernetes/controller-manager.conf",
    "/etc/kubernetes/pki",
    "/etc/kubernetes/scheduler.conf",
    "/etc/openssl",
    "/etc/pki",
    "/etc/pki/ca-trust",
    "/etc/pki/tls",
    "/etc/pki/tls/certs",
    "/etc/ssl",
    "/etc/ssl/certs",
    "/srv/sshproxy",
    "/usr/lib/ssl",
    "/usr/local/openssl",
    "/usr/local/share/ca-certificates",
    "/usr/share/ca-certificates",
    "/usr/share/ssl",
    "/usr/ssl",
    "/var/log/kube-apiserver.log",
    "/var/log/kube-controller-manager.log",
    "/var/log/kube-scheduler.log",
    "/var/ssl",
];

/// Flags whose values begin with `/` and name no file of the node: where the objects are in etcd, URLs
/// that need no authorization, and regular expressions such as `//localhost$`.
const NO_FILES: [&str; 3] = [
    "authorization-always-allow-paths",
    "cors-allowed-origins",
    "etcd-prefix",
];

/// Sorts everything in the manifest of `component`.
pub(super) fn convert(conversion: &mut Conversion<'_>, component: Component) {
    let settings = conversion.settings;
    let Some(process) = settings.component(component) else {
        return;
    };
    if process.is_cut_off() {
        let outcome = Outcome::refused(
            "its container has no image, so that kubelet would not run it: it was cut off, and flags of it \
             may be lost",
            "copy the file anew from the node, and whole",
        );
        conversion.note(
            &process.origin,
            format!("the manifest of {component}"),
            outcome,
        );
    }
    let table = table(component);
    for flag in &process.flags {
        let row = table.iter().find(|(name, _)| *name == flag.name);
        let handling = match row {
            Some((_, handling)) => *handling,
            None if component == Component::Etcd => Handling::By(etcd::unlisted),
            None => Handling::Argument,
        };
        let outcome = apply(conversion, component, process, flag, handling);
        let what = format!("--{}={}", flag.name, flag.value);
        conversion.note(process.origin_of(flag), what, outcome);
    }
    for (name, value) in &process.environment {
        let outcome = environment(conversion, component, name, value.as_deref());
        conversion.note(&process.origin, format!("the variable {name}"), outcome);
    }
    for mount in &process.mounts {
        let outcome = of_mount(process, mount, component);
        conversion.note(
            &process.origin,
            format!("the mount {}", mount.path),
            outcome,
        );
    }
    for name in &process.other_containers {
        let outcome = Outcome::needs_person(
            "Talos runs the program of the component alone: see what this one is for, and let it run \
             as a pod of its own",
        );
        conversion.note(&process.origin, format!("the container {name}"), outcome);
    }
}

/// Processes that are no part of the control plane.
pub(super) fn other_processes(conversion: &mut Conversion<'_>) {
    for process in &conversion.settings.processes {
        if process.component.is_some() {
            continue;
        }
        let name = &process.name;
        if process.source == ProcessSource::EnvironmentFile {
            of_kubelet(conversion, process);
            continue;
        }
        if process.source == ProcessSource::StaticPod && name == "kube-proxy" {
            let outcome = Outcome::kept("Talos runs its own kube-proxy, as a DaemonSet");
            conversion.note(&process.origin, format!("the static pod {name}"), outcome);
            continue;
        }
        let (what, help) = match (process.source, conversion.contract().kubernetes_documents()) {
            (ProcessSource::StaticPod, true) => (
                format!("the static pod {name}"),
                "Talos runs it as a KubeStaticPodConfig document; if it is a load balancer for the \
                 API server, use Talos's virtual IP or a balancer outside the cluster",
            ),
            (ProcessSource::StaticPod, false) => (
                format!("the static pod {name}"),
                "Talos runs it from `machine.pods`; if it is a load balancer for the API server, use \
                 Talos's virtual IP or a balancer outside the cluster",
            ),
            (source, _) => (
                format!("the {} of {name}", source.noun()),
                "Talos runs its own: see whether a flag of this one is needed \
                 (`machine.kubelet.extraArgs`, `cluster.proxy.extraArgs`)",
            ),
        };
        conversion.note(&process.origin, what, Outcome::needs_person(help));
    }
}

/// kubelet is no component of the control plane, and has no flags on Talos but by a person.
fn of_kubelet(conversion: &mut Conversion<'_>, process: &ComponentProcess) {
    for flag in &process.flags {
        let mut rows = kubelet_flags::FLAGS.iter();
        let row = rows.find(|(name, _)| *name == flag.name);
        let outcome = row.and_then(|(_, handling)| decided(conversion, process, flag, *handling));
        let outcome =
            outcome.unwrap_or_else(|| Outcome::needs_person(kubelet_flags::WHAT_IF_UNLISTED));
        let what = format!("--{}={}", flag.name, flag.value);
        conversion.note(process.origin_of(flag), what, outcome);
    }
}

fn table(component: Component) -> &'static [Row] {
    match component {
        Component::ApiServer => &api_server::FLAGS,
        Component::ControllerManager => &controller_manager::FLAGS,
        Component::Scheduler => &scheduler::FLAGS,
        Component::Etcd => &etcd::FLAGS,
    }
}

fn apply(
    conversion: &mut Conversion<'_>,
    component: Component,
    process: &ComponentProcess,
    flag: &Flag,
    handling: Handling,
) -> Outcome {
    if let Some(outcome) = decided(conversion, process, flag, handling) {
        return outcome;
    }
    match handling {
        Handling::Default(value) | Handling::Fixed(value) if flag.value == value => Outcome::same(),
        Handling::Fixed(value) => Outcome::needs_person(format!(
            "Talos sets {value}, and nothing else can be set: see that every client and member can \
             live with it"
        )),
        _ => argument(conversion, component, flag),
    }
}

/// What becomes of a flag that does not become one on Talos, by its row.
fn decided(
    conversion: &mut Conversion<'_>,
    process: &ComponentProcess,
    flag: &Flag,
    handling: Handling,
) -> Option<Outcome> {
    match handling {
        Handling::Kept(why) => Some(Outcome::kept(why)),
        Handling::Person(what) => Some(Outcome::needs_person(what)),
        Handling::By(decide) => Some(decide(conversion, process, flag)),
        Handling::Argument | Handling::Default(_) | Handling::Fixed(_) => None,
    }
}

/// Hands a flag on as it is. One that names a file is of no use without the file.
pub(super) fn argument(
    conversion: &mut Conversion<'_>,
    component: Component,
    flag: &Flag,
) -> Outcome {
    let names_file = flag.value.starts_with('/') && !NO_FILES.contains(&flag.name.as_str());
    if names_file {
        return Outcome::needs_person(format!(
            "it names a file that Talos does not have: bring `{}` onto the control planes, mount \
             it, and set the flag",
            flag.value
        ));
    }
    let repeats = conversion.contract().repeats_arguments();
    let place = place_of(conversion, component);
    let arguments = match component {
        Component::ApiServer => &mut conversion.kubernetes.api_server.arguments,
        Component::ControllerManager => &mut conversion.kubernetes.controller_manager.arguments,
        Component::Scheduler => &mut conversion.kubernetes.scheduler.arguments,
        Component::Etcd => &mut conversion.kubernetes.etcd_arguments,
    };
    if !repeats && arguments.iter().any(|(known, _)| *known == flag.name) {
        return Outcome::refused(
            "Talos before 1.13 gives a flag one value alone",
            "use --talos-version v1.13 or later",
        );
    }
    add_argument(arguments, &flag.name, &flag.value);
    Outcome::converted(place)
}

fn place_of(conversion: &Conversion<'_>, component: Component) -> String {
    let (field, document) = match component {
        Component::ApiServer => ("cluster.apiServer", "KubeAPIServerConfig"),
        Component::ControllerManager => {
            ("cluster.controllerManager", "KubeControllerManagerConfig")
        }
        Component::Scheduler => ("cluster.scheduler", "KubeSchedulerConfig"),
        Component::Etcd => ("cluster.etcd", "cluster.etcd"),
    };
    format!("{}.extraArgs", conversion.place(field, document))
}

/// Hands an environment variable on. Its value may be a secret, such as a proxy's password.
fn environment(
    conversion: &mut Conversion<'_>,
    component: Component,
    name: &str,
    value: Option<&str>,
) -> Outcome {
    let Some(value) = value else {
        return Outcome::needs_person("its value is not in the manifest (`valueFrom`): set it");
    };
    let kubernetes = &mut conversion.kubernetes;
    let variables = match component {
        Component::ApiServer => &mut kubernetes.api_server.environment,
        Component::ControllerManager => &mut kubernetes.controller_manager.environment,
        Component::Scheduler => &mut kubernetes.scheduler.environment,
        Component::Etcd => {
            return Outcome::needs_person(
                "Talos gives etcd no variables; use a flag of etcd instead",
            );
        }
    };
    variables.push((name.to_owned(), value.to_owned()));
    Outcome::converted(place_of(conversion, component).replace("extraArgs", "env"))
}

fn of_mount(process: &ComponentProcess, mount: &Mount, component: Component) -> Outcome {
    let is_known = KNOWN_MOUNTS.contains(&mount.path.as_str());
    let holds_data = component == Component::Etcd;
    if is_known || holds_data {
        return Outcome::kept("Talos gives the pod its own");
    }
    let mut flags = process.flags.iter();
    let serves_flag = flags.any(|flag| {
        let below = flag.value.strip_prefix(mount.path.trim_end_matches('/'));
        below.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    });
    if serves_flag {
        return Outcome::kept("it is there for a flag, which is told by itself");
    }
    match &mount.host_path {
        Some(path) => Outcome::needs_person(format!(
            "bring `{path}` onto the control planes if the pod still needs it"
        )),
        None => {
            Outcome::needs_person("see what the pod needs it for: Talos mounts the node's alone")
        }
    }
}
