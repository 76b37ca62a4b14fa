//! The flags that k3s and RKE2 make of their settings.
//!
//! Source: `pkg/daemons/control/server.go`, `pkg/cli/cmds/server.go` and `pkg/util/args.go` in
//! k3s-io/k3s, `pkg/rke2` in rancher/rke2.

use super::super::distribution::DistributionSettings;
use super::super::template::{self, Row, Variable};
use super::super::{Component, ComponentProcess, Flag, ProcessSource};
use super::Program;
use crate::source::Tree;

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
        "{first-addresses},Hostname",
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

/// A server, by what it was told.
pub(super) struct Server<'a> {
    pub(super) program: &'static Program,
    pub(super) settings: &'a DistributionSettings,
    pub(super) tree: &'a Tree,
}

impl Server<'_> {
    pub(super) fn processes(&self) -> Vec<ComponentProcess> {
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
            let flag = |name: &str| template::chosen(name, value, entry);
            let cleaned = name.trim_end_matches(['+', '-']);
            let own = flags.iter().position(|flag| flag.name == cleaned);
            let own = own.map(|index| flags.remove(index));
            match name.strip_prefix(cleaned) {
                Some("+") => given.extend(own.into_iter().chain([flag(cleaned)])),
                Some("-") => {
                    let at = given.iter().position(|flag| flag.name == cleaned);
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
            "first-addresses" => Some(if self.settings.is_on("flannel-external-ip") {
                self.set_by("flannel-external-ip", "ExternalIP,InternalIP".to_owned())
            } else {
                Variable::default("InternalIP,ExternalIP")
            }),
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
        Variable::of(text, self.settings.all(name))
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
