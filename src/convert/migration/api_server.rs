//! Flags of kube-apiserver.

use super::EXTERNAL_CLOUD_PROVIDER;
use super::conversion::Conversion;
use super::flags::{Handling, Row, argument};
use super::item::Outcome;
use super::{
    authentication, authorities, encryption, networks, obstacle, route, service_accounts, signing,
};
use crate::settings::{Component, ComponentProcess, Flag};

const ISSUED: Handling = Handling::Kept("Talos issues the certificate by the CA of the bundle");
const OWN_ADDRESS: Handling = Handling::Kept("Talos sets it to the address of each node");
const GONE: Handling = Handling::Kept("Kubernetes has no such flag any more");

pub(super) static FLAGS: [Row; 74] = [
    (
        "admission-control-config-file",
        Handling::By(authentication::admission),
    ),
    ("advertise-address", OWN_ADDRESS),
    (
        "advertise-port",
        Handling::Kept("Talos advertises the port that it listens on"),
    ),
    ("allow-privileged", Handling::Default("true")),
    ("anonymous-auth", Handling::By(authentication::anonymous)),
    ("api-audiences", Handling::By(service_accounts::audiences)),
    (
        "apiserver-count",
        Handling::Kept("API servers count each other by leases"),
    ),
    ("audit-log-maxage", Handling::Default("30")),
    ("audit-log-maxbackup", Handling::Default("10")),
    ("audit-log-maxsize", Handling::Default("100")),
    (
        "audit-log-path",
        Handling::Kept("Talos writes the log to /var/log/audit/kube/kube-apiserver.log"),
    ),
    (
        "audit-policy-file",
        Handling::By(authentication::audit_policy),
    ),
    (
        "authentication-config",
        Handling::By(authentication::configuration),
    ),
    (
        "authorization-config",
        Handling::By(authentication::authorization),
    ),
    (
        "authorization-mode",
        Handling::By(authentication::authorization_modes),
    ),
    (
        "bind-address",
        Handling::Kept("Talos listens on every address of the node"),
    ),
    (
        "cert-dir",
        Handling::Kept("Talos names every certificate by a flag of its own"),
    ),
    ("client-ca-file", Handling::By(authorities::of_clients)),
    ("cloud-provider", Handling::By(cloud_provider)),
    (
        "disable-admission-plugins",
        Handling::By(disabled_admission_plugins),
    ),
    ("egress-selector-config-file", Handling::By(egress_selector)),
    (
        "enable-admission-plugins",
        Handling::Default("NodeRestriction"),
    ),
    (
        "enable-bootstrap-token-auth",
        Handling::By(bootstrap_tokens),
    ),
    (
        "encryption-provider-config",
        Handling::By(encryption::provider_config),
    ),
    (
        "encryption-provider-config-automatic-reload",
        Handling::Kept("Talos restarts the API server when the configuration changes"),
    ),
    ("etcd-cafile", Handling::By(authorities::of_etcd)),
    ("etcd-certfile", ISSUED),
    ("etcd-keyfile", ISSUED),
    ("etcd-prefix", Handling::Default("/registry")),
    ("etcd-servers", Handling::By(route::of_etcd_servers)),
    (
        "etcd-servers-overrides",
        Handling::By(route::of_etcd_servers_overrides),
    ),
    ("insecure-bind-address", GONE),
    ("insecure-port", GONE),
    (
        "kubelet-certificate-authority",
        Handling::Person(
            "Talos does not check the certificates of kubelets by a CA; nothing breaks, but nothing \
         checks",
        ),
    ),
    ("kubelet-client-certificate", ISSUED),
    ("kubelet-client-key", ISSUED),
    (
        "kubelet-preferred-address-types",
        Handling::Default("InternalIP,ExternalIP,Hostname"),
    ),
    ("oidc-ca-file", Handling::By(authentication::oidc)),
    ("oidc-client-id", Handling::By(authentication::oidc)),
    ("oidc-groups-claim", Handling::By(authentication::oidc)),
    ("oidc-groups-prefix", Handling::By(authentication::oidc)),
    ("oidc-issuer-url", Handling::By(authentication::oidc)),
    ("oidc-required-claim", Handling::By(authentication::oidc)),
    ("oidc-signing-algs", Handling::By(authentication::oidc)),
    ("oidc-username-claim", Handling::By(authentication::oidc)),
    ("oidc-username-prefix", Handling::By(authentication::oidc)),
    ("profiling", Handling::Default("false")),
    ("proxy-client-cert-file", ISSUED),
    ("proxy-client-key-file", ISSUED),
    (
        "requestheader-allowed-names",
        Handling::By(authorities::of_front_proxy_names),
    ),
    (
        "requestheader-client-ca-file",
        Handling::By(authorities::of_front_proxies),
    ),
    (
        "requestheader-extra-headers-prefix",
        Handling::Default("X-Remote-Extra-"),
    ),
    (
        "requestheader-group-headers",
        Handling::Default("X-Remote-Group"),
    ),
    (
        "requestheader-username-headers",
        Handling::Default("X-Remote-User"),
    ),
    ("secure-port", Handling::By(secure_port)),
    (
        "service-account-issuer",
        Handling::By(service_accounts::issuer),
    ),
    (
        "service-account-key-file",
        Handling::By(service_accounts::key_file),
    ),
    ("service-account-lookup", Handling::Default("true")),
    (
        "service-account-signing-endpoint",
        Handling::Person(
            "Talos's API servers sign by themselves, and refuse the tokens of that program: restart \
             every workload when they run",
        ),
    ),
    (
        "service-account-signing-key-file",
        Handling::By(signing::of_tokens),
    ),
    ("service-cluster-ip-range", Handling::By(networks::services)),
    ("storage-backend", Handling::Default("etcd3")),
    ("tls-cert-file", ISSUED),
    ("tls-cipher-suites", Handling::By(cipher_suites)),
    ("tls-min-version", Handling::By(tls_min_version)),
    ("tls-private-key-file", ISSUED),
    ("authorization-policy-file", ABAC),
    ("authorization-webhook-config-file", WEBHOOK),
    ("authorization-webhook-cache-authorized-ttl", WEBHOOK),
    ("authorization-webhook-cache-unauthorized-ttl", WEBHOOK),
    ("authorization-webhook-version", WEBHOOK),
    ("authentication-token-webhook-config-file", TOKEN_WEBHOOK),
    (
        "token-auth-file",
        Handling::Person(
            "static tokens need a file on every control plane; better give their users certificates \
         (talos-pki kubeconfig) or service accounts",
        ),
    ),
    ("audit-webhook-config-file", AUDIT_WEBHOOK),
];

const ABAC: Handling =
    Handling::Person("bring the policy file onto the control planes, or move its rules to RBAC");
const WEBHOOK: Handling = Handling::Person(
    "write the webhook as a KubeAuthorizerConfig document (Talos 1.14), or as \
     `cluster.apiServer.authorizationConfig` (before)",
);
const TOKEN_WEBHOOK: Handling = Handling::Person(
    "bring the webhook's kubeconfig onto the control planes, mount it, and set the flag",
);
const AUDIT_WEBHOOK: Handling = Handling::Person(
    "bring the webhook's kubeconfig onto the control planes, mount it, and set the flag; or let a \
     log collector read Talos's audit log",
);

/// The suites of the API server before Talos 1.14.
const CIPHER_SUITES: [&str; 9] = [
    "TLS_AES_128_GCM_SHA256",
    "TLS_AES_256_GCM_SHA384",
    "TLS_CHACHA20_POLY1305_SHA256",
    "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
    "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
    "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305",
    "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
    "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
    "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305",
];

/// The tunnels of distributions to their nodes, by which way Talos's API servers need not go.
const TUNNELS: [&str; 3] = ["/rancher/k3s/", "/rancher/rke2/", "/konnectivity.conf"];

pub(super) fn cloud_provider(_: &mut Conversion<'_>, _: &ComponentProcess, flag: &Flag) -> Outcome {
    if flag.value.is_empty() {
        return Outcome::kept("nothing is set");
    }
    Outcome::needs_person(EXTERNAL_CLOUD_PROVIDER)
}

fn egress_selector(_: &mut Conversion<'_>, _: &ComponentProcess, flag: &Flag) -> Outcome {
    if TUNNELS.iter().any(|tunnel| flag.value.contains(tunnel)) {
        return Outcome::kept("Talos's API servers reach kubelets without a tunnel");
    }
    Outcome::needs_person(
        "bring the file and what it names onto the control planes, mount it, and set the flag",
    )
}

fn secure_port(conversion: &mut Conversion<'_>, _: &ComponentProcess, flag: &Flag) -> Outcome {
    match flag.value.parse::<u16>() {
        Ok(crate::talos::API_SERVER_PORT) => Outcome::same(),
        Ok(port) if port > 0 => {
            conversion.kubernetes.api_server_port = Some(port);
            Outcome::converted(conversion.place(
                "cluster.controlPlane.localAPIServerPort",
                "KubeAPIServerConfig.apiPort",
            ))
        }
        _ => Outcome::needs_person("it is not a port; Talos's API server listens on 6443"),
    }
}

/// `--disable-admission-plugins`. An API server does not start with a plugin that is both on and off.
fn disabled_admission_plugins(
    conversion: &mut Conversion<'_>,
    _: &ComponentProcess,
    flag: &Flag,
) -> Outcome {
    let plugins = flag.value.split(',');
    let others: Vec<_> = plugins
        .filter(|plugin| *plugin != "NodeRestriction")
        .collect();
    if others.is_empty() {
        return Outcome::kept("Talos has NodeRestriction on, and does not start without it");
    }
    let mut flag = flag.clone();
    flag.value = others.join(",");
    argument(conversion, Component::ApiServer, &flag)
}

/// `--enable-bootstrap-token-auth`
fn bootstrap_tokens(_: &mut Conversion<'_>, _: &ComponentProcess, flag: &Flag) -> Outcome {
    if flag.value == "true" {
        return Outcome::same();
    }
    Outcome::kept("Talos has it on: its kubelets join by a bootstrap token")
}

/// Talos demands TLS 1.3 from 1.14 on, and lets nobody change it.
fn tls_min_version(conversion: &mut Conversion<'_>, _: &ComponentProcess, flag: &Flag) -> Outcome {
    if conversion.contract().demands_tls_1_3() {
        if flag.value == "VersionTLS13" {
            return Outcome::same();
        }
        return Outcome::needs_person(
            "Talos sets VersionTLS13, and nothing else can be set: see that every client speaks it",
        );
    }
    if flag.value == "VersionTLS12" {
        return Outcome::same();
    }
    let why = "Talos sets it to VersionTLS13 by itself, and refuses any other word about it";
    obstacle::argument_until_update(conversion, Component::ApiServer, flag, why)
}

/// `--tls-cipher-suites`. Talos before 1.14 has a list of its own, to which a configuration can only add
/// (`MergeAdditive` in its `control_plane_static_pod.go`).
fn cipher_suites(conversion: &mut Conversion<'_>, _: &ComponentProcess, flag: &Flag) -> Outcome {
    if conversion.contract().demands_tls_1_3() {
        return argument(conversion, Component::ApiServer, flag);
    }
    let known: Vec<&str> = flag.value.split(',').map(plain_suite).collect();
    let others = flag.value.split(',');
    let others: Vec<&str> = others
        .filter(|suite| !CIPHER_SUITES.contains(&plain_suite(suite)))
        .collect();
    let mut outcome = Outcome::same();
    if !others.is_empty() {
        let mut flag = flag.clone();
        flag.value = others.join(",");
        outcome = argument(conversion, Component::ApiServer, &flag);
    }
    let mut more = CIPHER_SUITES.iter().filter(|suite| !known.contains(suite));
    let Some(first) = more.next().filter(|_| !outcome.is_refused()) else {
        return outcome;
    };
    Outcome::needs_person(format!(
        "Talos {} has suites of its own on, such as {first}, and they cannot be taken off: see that this \
         is allowed, or choose a later Talos by --talos-version, whose API server speaks TLS 1.3 alone",
        conversion.contract()
    ))
}

/// The name of a suite without what some lists leave out.
fn plain_suite(suite: &str) -> &str {
    match suite.strip_suffix("_SHA256") {
        Some(plain) if plain.starts_with("TLS_ECDHE") && plain.ends_with("CHACHA20_POLY1305") => {
            plain
        }
        _ => suite,
    }
}

/// Hands a flag of the API server on.
pub(super) fn as_argument(conversion: &mut Conversion<'_>, flag: &Flag) -> Outcome {
    argument(conversion, Component::ApiServer, flag)
}
