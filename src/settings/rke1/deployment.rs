//! The flags that RKE1 makes of its settings.
//!
//! Source: `cluster/plan.go` and `cluster/defaults.go` in rancher/rke, `rke/k8s_service_options.go`
//! in rancher/kontainer-driver-metadata.

use super::super::command_line::program;
use super::super::distribution::DistributionSettings;
use super::super::template::{self, Row, Variable};
use super::super::{Component, ComponentProcess, Flag, ProcessSource};
use crate::source::Tree;

/// What is given as origin of what RKE sets by itself.
const DEFAULTS_OF: &str = "RKE's defaults";

const API_SERVER: &[Row] = &[
    ("admission-control-config-file", "{admission}"),
    ("allow-privileged", "true"),
    ("anonymous-auth", "false"),
    ("api-audiences", "unknown"),
    (
        "audit-log-format",
        "{services.kube-api.audit_log.configuration.format}",
    ),
    (
        "audit-log-maxage",
        "{services.kube-api.audit_log.configuration.max_age}",
    ),
    (
        "audit-log-maxbackup",
        "{services.kube-api.audit_log.configuration.max_backup}",
    ),
    (
        "audit-log-maxsize",
        "{services.kube-api.audit_log.configuration.max_size}",
    ),
    (
        "audit-log-path",
        "{services.kube-api.audit_log.configuration.path}",
    ),
    ("audit-policy-file", "{audit}"),
    (
        "authentication-token-webhook-cache-ttl",
        "{authentication.webhook.cache_timeout}",
    ),
    ("authentication-token-webhook-config-file", "{webhook}"),
    ("authorization-mode", "{authorization}"),
    ("bind-address", "0.0.0.0"),
    ("client-ca-file", "{ssl}/kube-ca.pem"),
    // RKE also names the plugins that are on by themselves.
    ("enable-admission-plugins", "NodeRestriction{plugins}"),
    ("encryption-provider-config", "{encryption}"),
    ("etcd-cafile", "{ssl}/{etcd-ca}.pem"),
    ("etcd-certfile", "{ssl}/kube-node.pem"),
    ("etcd-keyfile", "{ssl}/kube-node-key.pem"),
    ("etcd-prefix", "{etcd-prefix}"),
    ("etcd-servers", "{etcd-servers}"),
    ("kubelet-client-certificate", "{ssl}/kube-apiserver.pem"),
    ("kubelet-client-key", "{ssl}/kube-apiserver-key.pem"),
    (
        "kubelet-preferred-address-types",
        "InternalIP,ExternalIP,Hostname",
    ),
    ("profiling", "false"),
    (
        "proxy-client-cert-file",
        "{ssl}/kube-apiserver-proxy-client.pem",
    ),
    (
        "proxy-client-key-file",
        "{ssl}/kube-apiserver-proxy-client-key.pem",
    ),
    ("requestheader-allowed-names", "kube-apiserver-proxy-client"),
    (
        "requestheader-client-ca-file",
        "{ssl}/kube-apiserver-requestheader-ca.pem",
    ),
    ("requestheader-extra-headers-prefix", "X-Remote-Extra-"),
    ("requestheader-group-headers", "X-Remote-Group"),
    ("requestheader-username-headers", "X-Remote-User"),
    ("secure-port", "6443"),
    ("service-account-issuer", "rke"),
    (
        "service-account-key-file",
        "{ssl}/kube-service-account-token-key.pem",
    ),
    ("service-account-lookup", "true"),
    (
        "service-account-signing-key-file",
        "{ssl}/kube-service-account-token-key.pem",
    ),
    (
        "service-cluster-ip-range",
        "{services.kube-api.service_cluster_ip_range}",
    ),
    (
        "service-node-port-range",
        "{services.kube-api.service_node_port_range}",
    ),
    ("storage-backend", "etcd3"),
    ("tls-cert-file", "{ssl}/kube-apiserver.pem"),
    ("tls-private-key-file", "{ssl}/kube-apiserver-key.pem"),
];

const CONTROLLER_MANAGER: &[Row] = &[
    ("allocate-node-cidrs", "true"),
    ("cluster-cidr", "{services.kube-controller.cluster_cidr}"),
    ("kubeconfig", "{ssl}/kubecfg-kube-controller-manager.yaml"),
    ("leader-elect", "true"),
    ("node-monitor-grace-period", "40s"),
    ("profiling", "false"),
    ("root-ca-file", "{ssl}/kube-ca.pem"),
    (
        "service-account-private-key-file",
        "{ssl}/kube-service-account-token-key.pem",
    ),
    (
        "service-cluster-ip-range",
        "{services.kube-controller.service_cluster_ip_range}",
    ),
    ("terminated-pod-gc-threshold", "1000"),
    ("use-service-account-credentials", "{credentials}"),
];

const SCHEDULER: &[Row] = &[
    ("kubeconfig", "{ssl}/kubecfg-kube-scheduler.yaml"),
    ("leader-elect", "true"),
    ("profiling", "false"),
];

const ETCD: &[Row] = &[
    ("client-cert-auth", "true"),
    ("data-dir", "/var/lib/rancher/etcd"),
    ("election-timeout", "5000"),
    ("heartbeat-interval", "500"),
    ("initial-cluster", "{members}"),
    ("peer-client-cert-auth", "true"),
    ("peer-trusted-ca-file", "{ssl}/kube-ca.pem"),
    ("trusted-ca-file", "{ssl}/kube-ca.pem"),
];

/// Each component with its flags, and the service in which a person's stand.
const COMPONENTS: [(Component, &[Row], &str); 4] = [
    (Component::ApiServer, API_SERVER, "services.kube-api"),
    (
        Component::ControllerManager,
        CONTROLLER_MANAGER,
        "services.kube-controller",
    ),
    (Component::Scheduler, SCHEDULER, "services.scheduler"),
    (Component::Etcd, ETCD, "services.etcd"),
];

/// What RKE sets where nobody says another.
const DEFAULTS: &[(&str, &str)] = &[
    ("services.kube-api.service_cluster_ip_range", "10.43.0.0/16"),
    ("services.kube-api.service_node_port_range", "30000-32767"),
    ("services.kube-controller.cluster_cidr", "10.42.0.0/16"),
    (
        "services.kube-controller.service_cluster_ip_range",
        "10.43.0.0/16",
    ),
];

/// Files that RKE writes when they are needed: the variable, the file, and what stands in it or asks
/// for it.
const FILES: [(&str, &str, &[&str]); 4] = [
    (
        "admission",
        "/etc/kubernetes/admission.yaml",
        &[
            "services.kube-api.admission_configuration",
            "services.kube-api.event_rate_limit",
            "services.kube-api.pod_security_configuration",
        ],
    ),
    (
        "audit",
        "/etc/kubernetes/audit-policy.yaml",
        &["services.kube-api.audit_log"],
    ),
    (
        "encryption",
        "/etc/kubernetes/ssl/encryption.yaml",
        &["services.kube-api.secrets_encryption_config.enabled"],
    ),
    (
        "webhook",
        "/etc/kubernetes/kube-api-authn-webhook.yaml",
        &["authentication.webhook"],
    ),
];

/// Values by which a setting asks for no file. The last is the level of pod security that demands
/// nothing.
const ASKS_NOTHING: [&str; 3] = ["", "false", "privileged"];

/// Who decides what may be done.
const AUTHORIZATION: &str = "authorization.mode";

/// Plugins of admission that a setting turns on.
const PLUGINS: [(&str, &str); 2] = [
    ("services.kube-api.always_pull_images", ",AlwaysPullImages"),
    (
        "services.kube-api.event_rate_limit.enabled",
        ",EventRateLimit",
    ),
];

/// A cluster, by what RKE was told.
pub(super) struct Deployment<'a> {
    pub(super) settings: &'a DistributionSettings,
    pub(super) tree: &'a Tree,
}

impl Deployment<'_> {
    pub(super) fn processes(&self) -> Vec<ComponentProcess> {
        let components = COMPONENTS.iter();
        let is_outside = self.settings.value("services.etcd.external_urls").is_some();
        let run = components.filter(|(component, ..)| *component != Component::Etcd || !is_outside);
        let process = |(component, rows, service): &(Component, &[Row], &str)| {
            let mut flags = template::fill(rows, &|name| self.variable(name));
            self.set_arguments(&mut flags, &format!("{service}.extra_args."));
            self.set_arguments(&mut flags, &format!("{service}.extra_args_array."));
            let source = ProcessSource::Distribution;
            ComponentProcess::new(source, DEFAULTS_OF, component.name(), flags)
        };
        run.map(process).collect()
    }

    /// Sets what stands below `place`: each name with its value, or with a list of them.
    fn set_arguments(&self, flags: &mut Vec<Flag>, place: &str) {
        let mut last = "";
        for entry in &self.settings.entries {
            let Some(name) = entry.name.strip_prefix(place) else {
                continue;
            };
            let name = name.split('[').next().unwrap_or_default();
            if name == last {
                flags.push(template::chosen(name, entry.value.expose(), entry));
            } else {
                template::set(flags, name, entry);
            }
            last = name;
        }
    }

    fn variable(&self, name: &str) -> Option<Variable> {
        let outside = self.settings.value("services.etcd.external_urls");
        match name {
            "ssl" => Some(Variable::default("/etc/kubernetes/ssl")),
            "etcd-ca" => Some(Variable::default(match outside {
                Some(_) => "kube-etcd-client-ca",
                None => "kube-ca",
            })),
            "etcd-prefix" => match outside {
                Some(_) => self.setting("services.etcd.path"),
                None => Some(Variable::default("/registry")),
            },
            "etcd-servers" => match outside {
                Some(_) => Some(self.joined("services.etcd.external_urls")),
                None => Some(Variable::default("https://127.0.0.1:2379")),
            },
            "members" => self.members(),
            "plugins" => {
                let on = PLUGINS.iter();
                let on: Vec<_> = on.filter(|(name, _)| self.settings.is_on(name)).collect();
                let plugins: String = on.iter().map(|(_, plugin)| *plugin).collect();
                let entries = on.iter().flat_map(|(name, _)| self.settings.all(name));
                Some(Variable::of(plugins, entries))
            }
            // Without the flag, kube-apiserver lets everybody do everything.
            "authorization" => {
                let modes = if self.has_roles() {
                    "Node,RBAC"
                } else {
                    "AlwaysAllow"
                };
                Some(Variable::of(modes, self.settings.all(AUTHORIZATION)))
            }
            "credentials" => self.has_roles().then(|| Variable::default("true")),
            _ => self.file(name).or_else(|| self.setting(name)),
        }
    }

    /// The path of a file that RKE wrote: the tree has it, or a setting asks for it.
    fn file(&self, name: &str) -> Option<Variable> {
        let (_, path, settings) = FILES.iter().find(|(known, ..)| *known == name)?;
        let is_there = || {
            self.tree
                .files
                .iter()
                .any(|file| program(&file.path) == program(path))
        };
        let entries = self.settings.entries.iter();
        let asking = entries.filter(|entry| {
            settings
                .iter()
                .any(|setting| entry.name.starts_with(setting))
                && !ASKS_NOTHING.contains(&entry.value.expose().as_str())
        });
        let asking: Vec<_> = asking.collect();
        (!asking.is_empty() || is_there()).then(|| Variable::of(*path, asking))
    }

    /// Whether roles decide what may be done, as RKE has it unless it is told otherwise.
    fn has_roles(&self) -> bool {
        let mode = self.settings.value(AUTHORIZATION);
        mode.is_none_or(|mode| mode == "rbac")
    }

    fn setting(&self, name: &str) -> Option<Variable> {
        if self.settings.value(name).is_some() {
            return Some(self.joined(name));
        }
        let default = DEFAULTS.iter().find(|(known, _)| *known == name);
        default.map(|(_, value)| Variable::default(*value))
    }

    /// Every value of a setting, which may be a list.
    fn joined(&self, name: &str) -> Variable {
        let entries = || self.settings.all(name);
        let values = entries().map(|entry| entry.value.expose().as_str());
        Variable::of(values.collect::<Vec<_>>().join(","), entries())
    }

    /// The members of etcd, as RKE calls them: the nodes with that role.
    fn members(&self) -> Option<Variable> {
        let of_node = |index: usize, names: [&str; 2]| {
            let mut names = names.iter();
            names.find_map(|name| {
                let path = format!("nodes[{index}].{name}");
                let mut entries = self.settings.entries.iter();
                let entry = entries.find(|entry| entry.name == path)?;
                let value = entry.value.expose();
                (!value.is_empty()).then(|| value.clone())
            })
        };
        let mut members = Vec::new();
        for entry in self
            .settings
            .entries
            .iter()
            .filter(|entry| entry.value.expose() == "etcd")
        {
            let node = entry
                .name
                .strip_prefix("nodes[")
                .and_then(|rest| rest.split_once(']'));
            let Some(index) = node.and_then(|(index, _)| index.parse::<usize>().ok()) else {
                continue;
            };
            let name = of_node(index, ["hostname_override", "address"])?;
            let address = of_node(index, ["internal_address", "address"])?;
            members.push(format!("etcd-{name}=https://{address}:2380"));
        }
        (!members.is_empty()).then(|| Variable::default(members.join(",")))
    }
}
