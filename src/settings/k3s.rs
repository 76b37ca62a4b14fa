//! k3s, and RKE2, which is k3s with static pods: their configuration and unit, and the flags that
//! they make of them.
//!
//! What is set later counts: variables of the unit, `config.yaml`, `config.yaml.d` in the order of
//! names, the command line of the unit. `name+` adds to a list (docs.k3s.io, "Configuration file").
//!
//! Source of the flags: `pkg/daemons/control/server.go`, `pkg/cli/cmds/server.go` and
//! `pkg/util/args.go` in k3s-io/k3s, `pkg/rke2` in rancher/rke2.

use super::command_line;
use super::distribution::{DistributionSettings, Entry, Missing};
use super::systemd_unit::{self, Unit};
use super::template::{self, Row, Variable};
use super::{Component, ComponentProcess, Flag, ProcessSource, Settings};
use crate::source::{SourceFile, Tree};
use crate::talos::yaml_tree;

/// k3s or RKE2.
struct Program {
    name: &'static str,
    /// How its environment variables begin.
    prefix: &'static str,
    /// What is given as origin of what it sets by itself.
    defaults: &'static str,
    /// Whether it encrypts Secrets unasked, and always runs etcd.
    is_rke2: bool,
    missing_configuration: Missing,
    missing_unit: Missing,
}

static K3S: Program = Program {
    name: "k3s",
    prefix: "K3S_",
    defaults: "k3s's defaults",
    is_rke2: false,
    missing_configuration: Missing {
        what: "config.yaml of k3s",
        help: "give /etc/rancher/k3s of the same node, too; when the folder is there without a \
               config.yaml, k3s has none",
    },
    missing_unit: Missing {
        what: "the unit of k3s",
        help: "give /etc/systemd/system/k3s.service and k3s.service.env of the same node, too; \
               without systemd, write the command line of the server as ExecStart= into a file \
               k3s.service",
    },
};

static RKE2: Program = Program {
    name: "rke2",
    prefix: "RKE2_",
    defaults: "RKE2's defaults",
    is_rke2: true,
    missing_configuration: Missing {
        what: "config.yaml of RKE2",
        help: "give /var/lib/rancher/rke2/agent/pod-manifests of the same node, which says \
               everything, or /etc/rancher/rke2",
    },
    missing_unit: Missing {
        what: "the unit of RKE2",
        help: "give /var/lib/rancher/rke2/agent/pod-manifests of the same node, which says \
               everything, or rke2-server.service and its environment files",
    },
};

const API_SERVER: &[Row] = &[
    ("advertise-address", "{advertise-address}"),
    ("allow-privileged", "true"),
    ("anonymous-auth", "false"),
    (
        "api-audiences",
        "https://kubernetes.default.svc.{cluster-domain},{program}",
    ),
    ("authorization-mode", "Node,RBAC"),
    ("client-ca-file", "{server}/tls/client-ca.crt"),
    ("enable-admission-plugins", "NodeRestriction"),
    ("enable-bootstrap-token-auth", "true"),
    (
        "encryption-provider-config",
        "{encryption}/cred/encryption-config.json",
    ),
    ("etcd-cafile", "{etcd-cafile}"),
    ("etcd-certfile", "{etcd-certfile}"),
    ("etcd-keyfile", "{etcd-keyfile}"),
    ("etcd-servers", "{etcd-servers}"),
    (
        "kubelet-certificate-authority",
        "{server}/tls/server-ca.crt",
    ),
    (
        "kubelet-client-certificate",
        "{server}/tls/client-kube-apiserver.crt",
    ),
    (
        "kubelet-client-key",
        "{server}/tls/client-kube-apiserver.key",
    ),
    (
        "kubelet-preferred-address-types",
        "InternalIP,ExternalIP,Hostname",
    ),
    ("profiling", "false"),
    (
        "proxy-client-cert-file",
        "{server}/tls/client-auth-proxy.crt",
    ),
    (
        "proxy-client-key-file",
        "{server}/tls/client-auth-proxy.key",
    ),
    ("requestheader-allowed-names", "system:auth-proxy"),
    (
        "requestheader-client-ca-file",
        "{server}/tls/request-header-ca.crt",
    ),
    ("requestheader-extra-headers-prefix", "X-Remote-Extra-"),
    ("requestheader-group-headers", "X-Remote-Group"),
    ("requestheader-username-headers", "X-Remote-User"),
    // k3s itself listens here, and leads requests on to its API server on 6444.
    ("secure-port", "{https-listen-port}"),
    (
        "service-account-issuer",
        "https://kubernetes.default.svc.{cluster-domain}",
    ),
    ("service-account-key-file", "{server}/tls/service.key"),
    (
        "service-account-signing-key-file",
        "{server}/tls/service.current.key",
    ),
    ("service-cluster-ip-range", "{service-cidr}"),
    ("service-node-port-range", "{service-node-port-range}"),
    ("storage-backend", "etcd3"),
    ("tls-cert-file", "{server}/tls/serving-kube-apiserver.crt"),
    (
        "tls-private-key-file",
        "{server}/tls/serving-kube-apiserver.key",
    ),
];

/// Without what serves its own cloud controller, which stays behind.
const CONTROLLER_MANAGER: &[Row] = &[
    ("allocate-node-cidrs", "true"),
    ("bind-address", "127.0.0.1"),
    ("cluster-cidr", "{cluster-cidr}"),
    ("controllers", "*,tokencleaner"),
    ("kubeconfig", "{server}/cred/controller.kubeconfig"),
    ("profiling", "false"),
    ("root-ca-file", "{server}/tls/server-ca.crt"),
    (
        "service-account-private-key-file",
        "{server}/tls/service.current.key",
    ),
    ("service-cluster-ip-range", "{service-cidr}"),
    ("use-service-account-credentials", "true"),
];

const SCHEDULER: &[Row] = &[
    ("bind-address", "127.0.0.1"),
    ("kubeconfig", "{server}/cred/scheduler.kubeconfig"),
    ("profiling", "false"),
];

/// What it sets where nobody says another.
const DEFAULTS: &[(&str, &str)] = &[
    ("cluster-cidr", "10.42.0.0/16"),
    ("cluster-domain", "cluster.local"),
    ("https-listen-port", "6443"),
    ("service-cidr", "10.43.0.0/16"),
    ("service-node-port-range", "30000-32767"),
];

/// The settings in which flags of a component stand. The first name of each is the one of today.
const ARGUMENTS: [(&str, Component); 4] = [
    ("kube-apiserver-arg", Component::ApiServer),
    ("kube-controller-manager-arg", Component::ControllerManager),
    ("kube-scheduler-arg", Component::Scheduler),
    ("etcd-arg", Component::Etcd),
];

/// Short names, and one of before.
const OTHER_NAMES: [(&str, &str); 6] = [
    ("-c", "--config"),
    ("-d", "--data-dir"),
    ("-s", "--server"),
    ("-t", "--token"),
    ("-v", "--v"),
    ("--kube-controller-arg", "--kube-controller-manager-arg"),
];

/// Takes what k3s or RKE2 were told, and the processes that they make of it.
pub(super) fn read(tree: &Tree, settings: &mut Settings) {
    for program in [&K3S, &RKE2] {
        let Some(found) = gather(program, tree, settings) else {
            continue;
        };
        // Beside what runs, the rest is there to be compared with it.
        if found.missing.is_empty() || settings.component(Component::ApiServer).is_some() {
            let cluster = Server {
                program,
                settings: &found,
                tree,
            };
            settings.processes.extend(cluster.processes());
        }
        settings.distribution.get_or_insert(found);
    }
}

/// What `program` was told; nothing if no file is there that would tell.
fn gather(program: &Program, tree: &Tree, settings: &mut Settings) -> Option<DistributionSettings> {
    let folder = format!("rancher/{}/", program.name);
    let is_in_folder = |file: &&SourceFile| {
        let above = file.path.find(&format!("etc/{folder}"));
        above.is_some_and(|at| at == 0 || file.path[..at].ends_with('/'))
    };
    let files: Vec<&SourceFile> = tree.files.iter().filter(is_in_folder).collect();
    let is_server = |unit: &Unit| {
        let mut words = unit.command.iter().map(String::as_str);
        let name = words.next().map(command_line::program);
        name == Some(program.name) && words.next() == Some("server")
    };
    let unit = systemd_unit::units(tree).find(is_server);
    if files.is_empty() && unit.is_none() {
        return None;
    }
    let mut merging = Merging::default();
    if let Some(unit) = &unit {
        merging.take_environment(unit, program);
    }
    let is_part = |path: &str| path.contains("/config.yaml.d/") && path.ends_with(".yaml");
    let main = files
        .iter()
        .filter(|file| file.path.ends_with("/config.yaml"));
    let parts = files.iter().filter(|file| is_part(&file.path));
    for file in main.chain(parts) {
        match yaml_tree::Tree::first_document(&file.bytes) {
            Ok(document) => merging.take_file(&file.path, &document),
            Err(error) => settings.unread.push((file.path.clone(), error.to_string())),
        }
    }
    if let Some(unit) = &unit {
        merging.take_command(unit);
    }
    let mut found = DistributionSettings {
        name: program.name,
        entries: merging.0,
        missing: Vec::new(),
    };
    let is_elsewhere = found.value("config").is_some();
    if files.is_empty() || is_elsewhere {
        found.missing.push(program.missing_configuration);
    }
    if unit.is_none() {
        found.missing.push(program.missing_unit);
    }
    Some(found)
}

/// Settings, those of later files in the place of earlier ones.
#[derive(Default)]
struct Merging(Vec<Entry>);

impl Merging {
    fn take_environment(&mut self, unit: &Unit, program: &Program) {
        for (name, value) in &unit.environment {
            let own = name.strip_prefix(program.prefix);
            let name = own.map_or_else(|| name.clone(), |own| own.to_lowercase().replace('_', "-"));
            let name = if name == "url" {
                "server".to_owned()
            } else {
                name
            };
            self.set(&unit.path, &name, &[value.clone()]);
        }
    }

    fn take_file(&mut self, path: &str, document: &yaml_tree::Tree) {
        for (name, value) in document.entries() {
            let values = match value {
                yaml_tree::Tree::Sequence(items) => items.iter().collect(),
                one => vec![one],
            };
            let text = |value: &yaml_tree::Tree| value.text().unwrap_or_default().to_owned();
            let values: Vec<String> = values.into_iter().map(text).collect();
            let other = OTHER_NAMES.iter().find(|(other, _)| other[2..] == **name);
            self.set(path, other.map_or(name, |(_, today)| &today[2..]), &values);
        }
    }

    fn take_command(&mut self, unit: &Unit) {
        let words = unit.command.iter().skip(2);
        let words: Vec<String> = words
            .map(|word| {
                let mut names = OTHER_NAMES.iter();
                let today = names.find(|(other, _)| other == word);
                today.map_or(word.as_str(), |(_, today)| today).to_owned()
            })
            .collect();
        let flags = command_line::flags(&words);
        let mut names: Vec<&str> = flags.iter().map(|flag| flag.name.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        for name in names {
            let values = flags.iter().filter(|flag| flag.name == name);
            let values: Vec<String> = values.map(|flag| flag.value.clone()).collect();
            self.set(&unit.path, name, &values);
        }
    }

    fn set(&mut self, origin: &str, name: &str, values: &[String]) {
        let (name, adds) = match name.strip_suffix('+') {
            Some(name) => (name, true),
            None => (name, false),
        };
        let others = self
            .0
            .iter_mut()
            .filter(|entry| entry.name == name && !adds);
        for other in others {
            other.replaced_by.get_or_insert_with(|| origin.to_owned());
        }
        let entries = values.iter().map(|value| Entry::new(origin, name, value));
        self.0.extend(entries);
    }
}

/// A server, by what it was told.
struct Server<'a> {
    program: &'static Program,
    settings: &'a DistributionSettings,
    tree: &'a Tree,
}

impl Server<'_> {
    fn processes(&self) -> Vec<ComponentProcess> {
        let tables = [
            (Component::ApiServer, API_SERVER),
            (Component::ControllerManager, CONTROLLER_MANAGER),
            (Component::Scheduler, SCHEDULER),
        ];
        let made = tables.into_iter().map(|(component, rows)| {
            let flags = template::fill(rows, &|name| self.variable(name));
            self.process(component, flags)
        });
        let mut made: Vec<_> = made.collect();
        if self.runs_etcd() {
            made.push(self.process(Component::Etcd, Vec::new()));
        }
        made
    }

    /// A component with its flags: a person's come in the place of its own, or with `+` and `-`
    /// behind or before them.
    fn process(&self, component: Component, mut flags: Vec<Flag>) -> ComponentProcess {
        let mut arguments = ARGUMENTS.iter().filter(|(_, of)| *of == component);
        let entries = arguments
            .next()
            .into_iter()
            .flat_map(|(name, _)| self.settings.all(name));
        let mut given: Vec<Flag> = Vec::new();
        for entry in entries {
            let text = entry.value.expose().trim_start_matches("--");
            let (name, value) = text.split_once('=').unwrap_or((text, "true"));
            let flag = |name: &str| Flag {
                origin: Some(entry.origin.clone()),
                ..Flag::new(name, value)
            };
            let cleaned = name.trim_end_matches(['+', '-']);
            let own = flags.iter().position(|flag| flag.name == cleaned);
            let own = own.map(|index| flags.remove(index));
            let at = given.iter().position(|flag| flag.name == cleaned);
            match name.strip_prefix(cleaned) {
                Some("+") => given.extend(own.into_iter().chain([flag(cleaned)])),
                Some("-") => {
                    given.insert(at.unwrap_or(given.len()), flag(cleaned));
                    given.extend(own);
                }
                _ => given.push(flag(cleaned)),
            }
        }
        flags.extend(given);
        let (source, origin) = (ProcessSource::Distribution, self.program.defaults);
        ComponentProcess::new(source, origin, component.name(), flags)
    }

    fn variable(&self, name: &str) -> Option<Variable> {
        let server = || format!("{}/server", self.data_folder());
        match name {
            "program" => Some(Variable::default(self.program.name)),
            "server" => Some(Variable::default(server())),
            "encryption" => self
                .encrypts()
                .then(|| self.set_by("secrets-encryption", server())),
            "etcd-servers" => Some(self.datastore()),
            "etcd-cafile" => self.etcd_file("datastore-cafile", "etcd/server-ca.crt"),
            "etcd-certfile" => self.etcd_file("datastore-certfile", "etcd/client.crt"),
            "etcd-keyfile" => self.etcd_file("datastore-keyfile", "etcd/client.key"),
            _ => {
                let values = self.settings.all(name);
                let values = values.map(|entry| entry.value.expose().as_str());
                let values: Vec<&str> = values.filter(|value| !value.is_empty()).collect();
                if !values.is_empty() {
                    return Some(self.set_by(name, values.join(",")));
                }
                let mut defaults = DEFAULTS.iter();
                let default = defaults.find(|(known, _)| *known == name);
                default.map(|(_, value)| Variable::default(*value))
            }
        }
    }

    /// A value that follows from the setting `name`.
    fn set_by(&self, name: &str, text: String) -> Variable {
        let entry = self.settings.all(name).last();
        Variable {
            text,
            origin: entry.map(|entry| entry.origin.clone()),
        }
    }

    fn data_folder(&self) -> String {
        let given = self.settings.value("data-dir");
        given.map_or_else(
            || format!("/var/lib/rancher/{}", self.program.name),
            |folder| folder.trim_end_matches('/').to_owned(),
        )
    }

    fn has(&self, path: &str) -> bool {
        self.tree.files.iter().any(|file| file.path.contains(path))
    }

    /// Once encrypted, Secrets need the file, whatever the setting says today.
    fn encrypts(&self) -> bool {
        self.program.is_rke2
            || self.settings.is_on("secrets-encryption")
            || self.has("server/cred/encryption-config.json")
    }

    fn runs_etcd(&self) -> bool {
        let joins = self.settings.is_on("cluster-init") || self.settings.value("server").is_some();
        self.settings.value("datastore-endpoint").is_none()
            && (self.program.is_rke2 || joins || self.has("server/db/etcd/"))
    }

    /// Where the API server has its data: in etcd, or in kine, which speaks like etcd before SQLite
    /// and other databases.
    fn datastore(&self) -> Variable {
        match self.settings.value("datastore-endpoint") {
            Some(endpoint) if endpoint.starts_with("http") => {
                self.set_by("datastore-endpoint", endpoint.to_owned())
            }
            Some(_) => self.set_by("datastore-endpoint", "unix://kine.sock".to_owned()),
            None if self.runs_etcd() => {
                self.set_by("cluster-init", "https://127.0.0.1:2379".to_owned())
            }
            None => Variable::default("unix://kine.sock"),
        }
    }

    fn etcd_file(&self, setting: &str, own: &str) -> Option<Variable> {
        if self.runs_etcd() {
            let folder = self.data_folder();
            return Some(Variable::default(format!("{folder}/server/tls/{own}")));
        }
        let endpoint = self.settings.value("datastore-endpoint")?;
        let path = self
            .settings
            .value(setting)
            .filter(|_| endpoint.starts_with("http"))?;
        Some(self.set_by(setting, path.to_owned()))
    }
}
