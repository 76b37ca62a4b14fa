//! k0s: its ClusterConfig, the command line of its controller, and the flags that it makes of them.
//!
//! Source: `pkg/component/controller/apiserver.go`, `controllermanager.go`, `etcd.go` and
//! `pkg/apis/k0s/v1beta1` in k0sproject/k0s.

use memchr::memmem;

use super::command_line;
use super::distribution::{DistributionSettings, Entry, Missing, counts};
use super::standing::Homes;
use super::systemd_unit;
use super::template::{self, Row, Variable};
use super::{Component, ComponentProcess, Flag, ProcessSource, Settings};
use crate::source::{SourceFile, Tree};
use crate::talos::yaml_tree;

/// Where k0s looks for its configuration if no flag names one, below `/etc`.
const CONFIGURATION: &str = "k0s/k0s.yaml";

/// The same on the node, and the folder in which it may have another name.
const HOMES: Homes = &[&["/etc/k0s/k0s.yaml"], &["/etc/k0s"]];

/// How the `apiVersion` of its configuration begins.
const API_GROUP: &str = "k0s.k0sproject.io/";

/// What is given as origin of what k0s sets by itself.
const DEFAULTS_OF: &str = "k0s's defaults";

/// Where an etcd answers that k0s does not run.
const ENDPOINTS: &str = "spec.storage.etcd.externalCluster.endpoints";

/// What keeps the objects.
const STORAGE: &str = "spec.storage.type";

/// What kine keeps them in.
const DATABASE: &str = "spec.storage.kine.dataSource";

/// Whether there are networks of IPv6 beside those of IPv4.
const DUAL_STACK: &str = "spec.network.dualStack.enabled";

const MISSING_CONFIGURATION: Missing = Missing {
    what: "the configuration of k0s",
    help: "give /etc/k0s/k0s.yaml of the same node, too; where k0s runs without one, give its unit, \
           or what `k0s config create` prints as k0s.yaml",
};

const API_SERVER: &[Row] = &[
    ("advertise-address", "{spec.api.address}"),
    ("allow-privileged", "true"),
    ("anonymous-auth", "false"),
    (
        "api-audiences",
        "https://kubernetes.default.svc{konnectivity}",
    ),
    ("authorization-mode", "Node,RBAC"),
    ("client-ca-file", "{pki}/ca.crt"),
    ("enable-admission-plugins", "NodeRestriction"),
    ("enable-bootstrap-token-auth", "true"),
    ("etcd-cafile", "{etcd-cafile}"),
    ("etcd-certfile", "{etcd-certfile}"),
    ("etcd-keyfile", "{etcd-keyfile}"),
    (
        "etcd-prefix",
        "{spec.storage.etcd.externalCluster.etcdPrefix}",
    ),
    ("etcd-servers", "{etcd-servers}"),
    ("kubelet-certificate-authority", "{pki}/ca.crt"),
    (
        "kubelet-client-certificate",
        "{pki}/apiserver-kubelet-client.crt",
    ),
    ("kubelet-client-key", "{pki}/apiserver-kubelet-client.key"),
    (
        "kubelet-preferred-address-types",
        "InternalIP,ExternalIP,Hostname",
    ),
    ("profiling", "false"),
    ("proxy-client-cert-file", "{pki}/front-proxy-client.crt"),
    ("proxy-client-key-file", "{pki}/front-proxy-client.key"),
    ("requestheader-allowed-names", "front-proxy-client"),
    ("requestheader-client-ca-file", "{pki}/front-proxy-ca.crt"),
    ("requestheader-extra-headers-prefix", "X-Remote-Extra-"),
    ("requestheader-group-headers", "X-Remote-Group"),
    ("requestheader-username-headers", "X-Remote-User"),
    ("secure-port", "{spec.api.port}"),
    ("service-account-issuer", "https://kubernetes.default.svc"),
    (
        "service-account-jwks-uri",
        "https://kubernetes.default.svc/openid/v1/jwks",
    ),
    ("service-account-key-file", "{pki}/sa.pub"),
    ("service-account-signing-key-file", "{pki}/sa.key"),
    ("service-cluster-ip-range", "{services}"),
    ("tls-cert-file", "{pki}/server.crt"),
    ("tls-private-key-file", "{pki}/server.key"),
];

const CONTROLLER_MANAGER: &[Row] = &[
    ("allocate-node-cidrs", "true"),
    ("bind-address", "127.0.0.1"),
    ("client-ca-file", "{pki}/ca.crt"),
    ("cluster-cidr", "{pods}"),
    ("cluster-name", "k0s"),
    ("cluster-signing-cert-file", "{pki}/ca.crt"),
    ("cluster-signing-key-file", "{pki}/ca.key"),
    ("controllers", "*,bootstrapsigner,tokencleaner"),
    ("kubeconfig", "{pki}/ccm.conf"),
    ("leader-elect", "true"),
    ("profiling", "false"),
    ("requestheader-client-ca-file", "{pki}/front-proxy-ca.crt"),
    ("root-ca-file", "{pki}/ca.crt"),
    ("service-account-private-key-file", "{pki}/sa.key"),
    ("service-cluster-ip-range", "{services}"),
    ("terminated-pod-gc-threshold", "12500"),
    ("use-service-account-credentials", "true"),
];

const SCHEDULER: &[Row] = &[
    ("bind-address", "127.0.0.1"),
    ("kubeconfig", "{pki}/scheduler.conf"),
    ("leader-elect", "true"),
    ("profiling", "false"),
];

const ETCD: &[Row] = &[
    ("cert-file", "{etcd}/server.crt"),
    ("client-cert-auth", "true"),
    ("data-dir", "{data}/etcd"),
    ("key-file", "{etcd}/server.key"),
    (
        "listen-peer-urls",
        "https://{spec.storage.etcd.peerAddress}:2380",
    ),
    ("peer-cert-file", "{etcd}/peer.crt"),
    ("peer-client-cert-auth", "true"),
    ("peer-key-file", "{etcd}/peer.key"),
    ("peer-trusted-ca-file", "{etcd}/ca.crt"),
    ("trusted-ca-file", "{etcd}/ca.crt"),
];

/// Each component with its flags, and where a person's stand.
const COMPONENTS: [(Component, &[Row], &str); 4] = [
    (Component::ApiServer, API_SERVER, "spec.api.extraArgs"),
    (
        Component::ControllerManager,
        CONTROLLER_MANAGER,
        "spec.controllerManager.extraArgs",
    ),
    (Component::Scheduler, SCHEDULER, "spec.scheduler.extraArgs"),
    (Component::Etcd, ETCD, "spec.storage.etcd.extraArgs"),
];

/// What k0s sets where nobody says another.
const DEFAULTS: &[(&str, &str)] = &[
    ("spec.api.port", "6443"),
    ("spec.network.podCIDR", "10.244.0.0/16"),
    ("spec.network.serviceCIDR", "10.96.0.0/12"),
];

/// Takes what k0s was told, and the processes that it makes of it.
pub(super) fn read(tree: &Tree, settings: &mut Settings) {
    let is_controller = |unit: &systemd_unit::Unit| {
        let mut words = unit.command.iter().map(String::as_str);
        let is_k0s = words.next().map(command_line::program) == Some("k0s");
        is_k0s && words.next() == Some("controller")
    };
    let mut units = systemd_unit::units(tree).filter(is_controller);
    let unit = units.next();
    if let Some(unit) = &unit {
        let copies = units.map(|other| (other.path, counts(&unit.path)));
        settings.unread.extend(copies);
    }
    let told: Vec<Flag> = unit
        .iter()
        .flat_map(|unit| command_line::flags(&unit.command))
        .collect();
    let config = told.iter().rev().find(|flag| flag.name == "config");
    let config = config.map(|flag| flag.value.as_str());
    let mut found = configuration(tree, config, &mut settings.unread);
    let has_configuration = !found.entries.is_empty();
    if let Some(unit) = &unit {
        let entry = |flag: &Flag| Entry::new(&unit.path, format!("--{}", flag.name), &flag.value);
        found.entries.extend(told.iter().map(entry));
    }
    if found.entries.is_empty() && found.unread.is_empty() {
        return;
    }
    if !has_configuration && config.is_some() {
        found.missing.push(MISSING_CONFIGURATION);
    } else {
        let controller = Controller {
            settings: &found,
            tree,
        };
        settings.processes.extend(controller.processes());
    }
    settings.distribution.get_or_insert(found);
}

/// The ClusterConfig in use: that which the unit names as `config`, or else the one where k0s looks for
/// it. With a name in the unit that no file has, none is.
fn configuration(
    tree: &Tree,
    config: Option<&str>,
    copies: &mut Vec<(String, String)>,
) -> DistributionSettings {
    let has_name = |file: &&SourceFile| {
        let name = |path: &str| command_line::program(path).to_owned();
        config.is_none_or(|config| name(&file.path) == name(config))
    };
    let found = tree.files.iter().filter(has_name).filter_map(|file| {
        let said = match cluster_config(file) {
            Some(document) => Entry::of_tree(&file.path, &document).map_err(str::to_owned),
            None if file.path.ends_with(CONFIGURATION) => {
                Err("it is not a ClusterConfig of k0s".to_owned())
            }
            None => return None,
        };
        Some((file.path.as_str(), said))
    });
    let told = config.filter(|path| path.starts_with('/'));
    let homes = [told.as_slice(), HOMES[0], HOMES[1]];
    DistributionSettings::of_best("k0s", found.collect(), &homes, copies)
}

/// The ClusterConfig in `file`, if there is one.
fn cluster_config(file: &SourceFile) -> Option<yaml_tree::Tree> {
    memmem::find(&file.bytes, API_GROUP.as_bytes())?;
    let documents = yaml_tree::Tree::lenient_documents(&file.bytes).ok()?;
    documents.into_iter().find(|document| {
        let text = |name: &str| document.field(name).and_then(yaml_tree::Tree::text);
        text("kind") == Some("ClusterConfig")
            && text("apiVersion").is_some_and(|version| version.starts_with(API_GROUP))
    })
}

/// Where a controller keeps its objects.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Storage {
    /// In the etcd that it runs.
    Etcd,
    /// In one that it does not run.
    EtcdOutside,
    /// In SQL, by kine.
    Kine,
}

/// A controller, by what it was told.
struct Controller<'a> {
    settings: &'a DistributionSettings,
    tree: &'a Tree,
}

impl Controller<'_> {
    fn processes(&self) -> Vec<ComponentProcess> {
        let components = COMPONENTS.iter();
        let runs_etcd = self.storage() == Storage::Etcd;
        let run = components.filter(|(component, ..)| *component != Component::Etcd || runs_etcd);
        let process = |(component, rows, arguments): &(Component, &[Row], &str)| {
            let mut flags = template::fill(rows, &|name| self.variable(name));
            for entry in &self.settings.entries {
                let name = entry.name.strip_prefix(arguments);
                if let Some(name) = name.and_then(|name| name.strip_prefix('.')) {
                    template::set(&mut flags, name, entry);
                }
            }
            let source = ProcessSource::Distribution;
            ComponentProcess::new(source, DEFAULTS_OF, component.name(), flags)
        };
        run.map(process).collect()
    }

    fn variable(&self, name: &str) -> Option<Variable> {
        let data = self.settings.value("--data-dir").unwrap_or("/var/lib/k0s");
        let both = |first: &str, second: &str| {
            let text = format!(
                "{},{}",
                self.setting(first)?.text,
                self.setting(second)?.text
            );
            Some(self.following_from(text, &[DUAL_STACK, first, second]))
        };
        let is_dual = self.settings.is_on(DUAL_STACK);
        match name {
            "data" => Some(Variable::default(data)),
            "pki" => Some(Variable::default(format!("{data}/pki"))),
            "etcd" => Some(Variable::default(format!("{data}/pki/etcd"))),
            "etcd-servers" => Some(match self.storage() {
                Storage::Etcd => self.following_from("https://127.0.0.1:2379", &[STORAGE]),
                Storage::EtcdOutside => {
                    let servers = self.setting(ENDPOINTS)?.text;
                    self.following_from(servers, &[STORAGE, ENDPOINTS])
                }
                Storage::Kine => self.following_from("unix://kine.sock", &[STORAGE, DATABASE]),
            }),
            "etcd-cafile" => self.etcd_file("caFile", "etcd/ca.crt"),
            "etcd-certfile" => self.etcd_file("clientCertFile", "apiserver-etcd-client.crt"),
            "etcd-keyfile" => self.etcd_file("clientKeyFile", "apiserver-etcd-client.key"),
            "konnectivity" => Some(Variable::default(if self.runs_konnectivity() {
                ",system:konnectivity-server"
            } else {
                ""
            })),
            "services" if is_dual => both(
                "spec.network.serviceCIDR",
                "spec.network.dualStack.IPv6serviceCIDR",
            ),
            "services" => self.setting("spec.network.serviceCIDR"),
            // As k0s gives them out: the networks of IPv6 come first.
            "pods" if is_dual => both("spec.network.dualStack.IPv6podCIDR", "spec.network.podCIDR"),
            "pods" => self.setting("spec.network.podCIDR"),
            name => self.setting(name),
        }
    }

    /// A file by which the API server and etcd know each other: `own` of k0s's, or the one of an
    /// etcd outside, which may do without.
    fn etcd_file(&self, name: &str, own: &str) -> Option<Variable> {
        match self.storage() {
            Storage::Etcd => self.variable("pki").map(|pki| Variable {
                text: format!("{}/{own}", pki.text),
                ..pki
            }),
            Storage::EtcdOutside => {
                self.setting(&format!("spec.storage.etcd.externalCluster.{name}"))
            }
            Storage::Kine => None,
        }
    }

    /// A value that follows from all these settings.
    fn following_from(&self, text: impl Into<String>, names: &[&str]) -> Variable {
        let names = names.iter();
        Variable::of(text, names.flat_map(|name| self.settings.all(name)))
    }

    /// Every value of a setting, which may be a list.
    fn setting(&self, name: &str) -> Option<Variable> {
        let entries = self.settings.all(name);
        let entries: Vec<_> = entries
            .filter(|entry| !entry.value.expose().is_empty())
            .collect();
        if !entries.is_empty() {
            let values = entries.iter().map(|entry| entry.value.expose().as_str());
            let text = values.collect::<Vec<_>>().join(",");
            return Some(Variable::of(text, entries));
        }
        let default = DEFAULTS.iter().find(|(known, _)| *known == name);
        default.map(|(_, value)| Variable::default(*value))
    }

    /// A single controller keeps its data in SQLite unless it was told another.
    fn storage(&self) -> Storage {
        let has_kine = || {
            self.tree
                .files
                .iter()
                .any(|file| file.path.ends_with("k0s/db/state.db"))
        };
        let is_kine = match self.settings.value(STORAGE) {
            Some(told) => told == "kine",
            None => has_kine() || self.settings.is_on("--single"),
        };
        if is_kine {
            Storage::Kine
        } else if self.settings.value(ENDPOINTS).is_some() {
            Storage::EtcdOutside
        } else {
            Storage::Etcd
        }
    }

    fn runs_konnectivity(&self) -> bool {
        let disabled = self
            .settings
            .value("--disable-components")
            .unwrap_or_default();
        !self.settings.is_on("--single") && !disabled.contains("konnectivity-server")
    }
}
