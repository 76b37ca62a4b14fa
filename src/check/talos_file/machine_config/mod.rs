//! What a machine configuration may and must have on which kind of machine.

mod arguments;
mod conflicts;
mod in_container;
mod kubernetes;
mod needs;

use self::conflicts::{CONFLICTS, CONFLICTS_WHERE_ON};
use super::{OF_A_PATCH, everything_at, is_true, refused, told, uses_discovery_service};
use crate::check::Context;
use crate::check::finding::Finding;
use crate::check::rule::{Allow, Family, Judge, Rule, Severity};
use crate::talos::Endpoint;
use crate::talos::file::document_kind::is_for_control_planes;
use crate::talos::file::{FileKind, Machine, Node, TalosFile};

pub(in crate::check) static FAMILY: Family = Family {
    title: "Talos files: machine configs",
    rules: &[
        &MACHINE_TYPE,
        &KEY_ON_WORKER,
        &CONTROL_PLANE_ONLY,
        &FIELD_AND_DOCUMENT,
        &IGNORED_FIELD,
        &ENDPOINT,
        &ENDPOINT_PORT,
        &ISSUER_URL,
        &ENCRYPTION_REQUIRED,
        &KUBESPAN_ALONE,
        &in_container::HOST_DNS,
        &arguments::ETCD_ARGUMENT,
        &arguments::REFUSED_AFTER_UPDATE,
        &kubernetes::KUBERNETES_VERSION,
        &needs::INCOMPLETE,
        &needs::WITHOUT_KUBERNETES,
    ],
    judge: Judge::File(check),
};

static MACHINE_TYPE: Rule = refused(
    "machine-type",
    "The kind of machine is not one that Talos knows",
    "Talos refuses the file: \"unknown machine type\"",
    "set `machine.type` to `controlplane` or `worker`",
);

static KEY_ON_WORKER: Rule = Rule {
    name: "key-on-worker",
    severity: Severity::Error,
    summary: "A worker has a private key of the cluster",
    why: "Whoever breaks into one worker then is the CA. Talos refuses `machine.ca.key` and \
          `cluster.ca.key` on workers; `issuingCA` in KubeAPIServerCAConfig, and a key within a \
          field for certificates, it takes without a word",
    help: "take the key out; if a machine has had this configuration, rotate the CA",
    allow: Allow::Never("a worker needs no private key of the cluster"),
};

static CONTROL_PLANE_ONLY: Rule = refused(
    "control-plane-only",
    "A worker has a document or section for control planes",
    "Talos refuses the file: \"only allowed on control plane machines\". A file without `machine` is \
     of none to it",
    "take it out of the worker's configuration",
);

static FIELD_AND_DOCUMENT: Rule = refused(
    "field-and-document",
    "A setting stands in the main document and in one of its own",
    "Talos refuses the file: the one is \"already set in v1alpha1 config\"",
    "keep the document, and take the field out of the main one",
);

static IGNORED_FIELD: Rule = told(
    Severity::Warning,
    "ignored-field",
    "A field under `cluster` is not looked at, because a document takes its place",
    "The CAs in it are not trusted",
    "move them into the document",
);

static ENDPOINT: Rule = Rule {
    name: "endpoint",
    severity: Severity::Error,
    summary: "The endpoint of the cluster is missing, or is no https URL",
    why: "Without it nodes do not find the API server, and Talos refuses a configuration with \
          Kubernetes in it. It demands a host; a URL without https it takes, and then no kubelet \
          and no kubeconfig works",
    help: "set `cluster.controlPlane.endpoint`, or `endpoint` in KubeClusterConfig, as \
           https://NAME:6443",
    allow: Allow::Never("nothing could reach the API server"),
};

static ENDPOINT_PORT: Rule = told(
    Severity::Warning,
    "endpoint-port",
    "The endpoint of the cluster has no port",
    "It then means port 443, on which control planes do not serve the Kubernetes API: something in \
     front of them has to lead from there to port 6443",
    "write it as https://NAME:6443, unless a load balancer listens on 443",
);

static ISSUER_URL: Rule = refused(
    "issuer-url",
    "The issuer of service-account tokens is no URL",
    "Talos refuses the file: \"first path segment in URL cannot contain colon\"",
    "write it as https://NAME:6443; in a cluster that goes on it has to be the issuer that the tokens \
     have",
);

static ENCRYPTION_REQUIRED: Rule = refused(
    "encryption-required",
    "A control plane does not say how Secrets are encrypted",
    "Talos from 1.14 on refuses it: \"etcd encryption config is required for control plane \
     machines running kube-apiserver\"",
    "add the document KubeEtcdEncryptionConfig; for a cluster that does not encrypt, with \
     `config: {resources: [{resources: [secrets], providers: [{identity: {}}]}]}`",
);

static KUBESPAN_ALONE: Rule = refused(
    "kubespan-without-discovery",
    "KubeSpan is on, and machines do not find each other",
    "Talos refuses the file: \"KubeSpan requires cluster discovery to be enabled\"",
    "turn the discovery service on, or KubeSpan off",
);

/// Sections that a worker must not have.
const FOR_CONTROL_PLANES: [&str; 3] = [
    "cluster.etcd",
    "machine.network.interfaces[].vip",
    "machine.network.interfaces[].vlans[].vip",
];

fn check(file: &TalosFile, context: &Context, findings: &mut Vec<Finding>) {
    let FileKind::MachineConfig(machine, _) = file.kind else {
        return;
    };
    if machine == Machine::Unknown {
        let origin = file.documents.origin("machine.type");
        let message = "`machine.type` is neither `controlplane` nor `worker`";
        findings.push(MACHINE_TYPE.finding(message).at(origin));
    }
    if machine == Machine::Worker {
        findings.extend(keys_on_worker(file));
    }
    if matches!(machine, Machine::Worker | Machine::Unsaid) {
        findings.extend(control_plane_only(file, machine));
    }
    findings.extend(conflicts(file));
    findings.extend(endpoint(file));
    if machine == Machine::ControlPlane {
        let rule = if context.contract.demands_encryption() {
            &ENCRYPTION_REQUIRED
        } else {
            &arguments::REFUSED_AFTER_UPDATE
        };
        findings.extend(encryption_required(file, rule));
    }
    if machine != Machine::Worker {
        findings.extend(arguments::of_etcd(file, context.contract));
        findings.extend(arguments::of_api_server(file, context.contract));
    }
    findings.extend(kubespan(file, context));
    findings.extend(in_container::host_dns(file, machine, context));
    findings.extend(kubernetes::versions(file, machine, context.contract));
    findings.extend(needs::missing(file, machine));
}

/// Up to 1.13 Talos asks this of the main document alone, and by which service machines find each
/// other is the same to it.
fn kubespan(file: &TalosFile, context: &Context) -> Option<Finding> {
    let main = "machine.network.kubespan.enabled";
    let (places, finds) = if context.contract.kubernetes_documents() {
        (
            vec!["KubeSpanConfig.enabled", main],
            uses_discovery_service(file),
        )
    } else {
        (vec![main], is_true(file, "cluster.discovery.enabled"))
    };
    let on = places.into_iter().find(|path| is_true(file, path))?;
    let message = "KubeSpan is on without the discovery service";
    (!finds).then(|| {
        KUBESPAN_ALONE
            .finding(message)
            .at(file.documents.origin(on))
    })
}

fn is_there(file: &TalosFile, path: &str) -> bool {
    file.documents.at(path).is_some()
}

/// Whether something stands there that is not an empty text.
fn is_filled(file: &TalosFile, path: &str) -> bool {
    file.documents
        .at(path)
        .is_some_and(|node| node.tree().text() != Some(""))
}

fn keys_on_worker(file: &TalosFile) -> Vec<Finding> {
    let fields = file.pem_fields.iter();
    let with_key = fields.filter(|field| field.has_private_key() || field.purpose.is_private_key());
    let findings = with_key.map(|field| {
        let name = field.origin.name();
        let message = if field.purpose.is_private_key() {
            format!("`{name}` is a private key, on a worker")
        } else {
            format!("`{name}` has a private key in it, on a worker")
        };
        KEY_ON_WORKER.finding(message).at(&field.origin)
    });
    findings.collect()
}

fn control_plane_only(file: &TalosFile, machine: Machine) -> Option<Finding> {
    let documents = file
        .documents
        .roots()
        .filter(|root| root.kind().is_some_and(is_for_control_planes));
    // Without `machine` Talos looks at nothing else of the main document.
    let sections = FOR_CONTROL_PLANES
        .iter()
        .filter(|_| machine == Machine::Worker);
    let sections = sections.flat_map(|path| everything_at(file, path));
    let places: Vec<_> = documents
        .chain(sections)
        .map(|node| node.origin())
        .collect();
    let message = match places.as_slice() {
        [] => return None,
        [one] => format!("`{}` is for control planes alone", one.name()),
        many => format!("{} parts are for control planes alone", many.len()),
    };
    let finding = CONTROL_PLANE_ONLY.finding(message).at_each(places);
    Some(match machine {
        Machine::Unsaid => finding.help(OF_A_PATCH),
        _ => finding,
    })
}

fn conflicts(file: &TalosFile) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut both = |document: &Node<'_>, field: &str| {
        let name = document.origin();
        let message = format!(
            "both `{field}` and the document `{}` are there",
            name.name()
        );
        findings.push(
            FIELD_AND_DOCUMENT
                .finding(message)
                .at(file.documents.origin(field))
                .at(name),
        );
    };
    for (kind, fields) in CONFLICTS {
        let Some(document) = file.documents.of_kind(kind) else {
            continue;
        };
        for field in fields.iter().filter(|field| is_filled(file, field)) {
            both(&document, field);
        }
    }
    for (kind, field) in CONFLICTS_WHERE_ON {
        if let Some(document) = file
            .documents
            .of_kind(kind)
            .filter(|_| is_true(file, field))
        {
            both(&document, field);
        }
    }
    for volume in file.documents.roots() {
        let name = volume.at("name");
        let field = match name.as_ref().and_then(Node::text) {
            Some("STATE") => "machine.systemDiskEncryption.state",
            Some("EPHEMERAL") => "machine.systemDiskEncryption.ephemeral",
            _ => continue,
        };
        if volume.kind() == Some("VolumeConfig")
            && volume.at("encryption").is_some()
            && is_there(file, field)
        {
            both(&volume, field);
        }
    }
    let host_dns = "machine.features.hostDNS";
    if let Some(own) = file
        .documents
        .at("ResolverConfig.hostDNS")
        .filter(|own| own.fields().next().is_some())
        && is_there(file, host_dns)
    {
        both(&own, host_dns);
    }
    let accepted = "cluster.acceptedCAs";
    if let Some(document) = file.documents.of_kind("KubeAPIServerCAConfig")
        && is_there(file, accepted)
    {
        let message = format!("`{accepted}` is not looked at beside `KubeAPIServerCAConfig`");
        findings.push(
            IGNORED_FIELD
                .finding(message)
                .at(file.documents.origin(accepted))
                .at(document.origin()),
        );
    }
    findings
}

fn endpoint(file: &TalosFile) -> Vec<Finding> {
    let fields = [
        "cluster.controlPlane.endpoint",
        "KubeClusterConfig.endpoint",
    ];
    let given: Vec<_> = fields
        .into_iter()
        .filter(|field| is_filled(file, field))
        .collect();
    let mut findings = Vec::new();
    for field in &given {
        let text = file.documents.text(field).unwrap_or_default();
        let finding = match text.parse::<Endpoint>() {
            Err(error) => {
                let message = format!("`{field}` is no endpoint: {error}");
                Some(ENDPOINT.finding(message))
            }
            Ok(endpoint) => endpoint
                .port_warning()
                .map(|message| ENDPOINT_PORT.finding(message)),
        };
        findings.extend(finding.map(|finding| finding.at(file.documents.origin(field))));
    }
    let issuer = "KubeServiceAccountConfig.issuer.issuerURL";
    if file
        .documents
        .text(issuer)
        .is_some_and(|text| !is_url(text))
    {
        let message = format!("`{issuer}` is no URL");
        let origin = file.documents.origin(issuer);
        findings.push(ISSUER_URL.finding(message).at(origin));
    }
    let runs_kubernetes = ["cluster.ca", "cluster.acceptedCAs", "KubeAPIServerCAConfig"]
        .into_iter()
        .find(|path| is_there(file, path));
    // An empty endpoint in a section that is there is told as a field that is missing.
    let is_told = is_there(file, "cluster.controlPlane")
        || file.documents.of_kind("KubeClusterConfig").is_some();
    if let Some(path) = runs_kubernetes.filter(|_| given.is_empty() && !is_told) {
        let message = "the cluster has no endpoint";
        findings.push(ENDPOINT.finding(message).at(file.documents.origin(path)));
    }
    let account = "cluster.serviceAccount";
    if is_there(file, account) && !is_filled(file, fields[0]) && is_filled(file, fields[1]) {
        let message = format!(
            "`{account}` needs `{}`, from which the issuer is made",
            fields[0]
        );
        findings.push(
            ENDPOINT
                .finding(message)
                .at(file.documents.origin(account))
                .help("move the service account into the document KubeServiceAccountConfig, too"),
        );
    }
    findings
}

/// Whether Go takes `text` for a URL, which may be a path alone. An address and port without a
/// scheme is what it refuses and what people write.
fn is_url(text: &str) -> bool {
    let first = text.split('/').next().unwrap_or_default();
    let is_scheme = |scheme: &str| {
        scheme.starts_with(|character: char| character.is_ascii_alphabetic())
            && scheme
                .chars()
                .all(|character| character.is_ascii_alphanumeric() || "+-.".contains(character))
    };
    let has_scheme = first
        .split_once(':')
        .is_none_or(|(scheme, _)| is_scheme(scheme));
    has_scheme && !text.contains(|character: char| character.is_control() || character == ' ')
}

fn encryption_required(file: &TalosFile, rule: &'static Rule) -> Option<Finding> {
    let has_authority = ["cluster.ca", "cluster.acceptedCAs", "KubeAPIServerCAConfig"]
        .into_iter()
        .find(|path| is_there(file, path))?;
    let says = file.documents.of_kind("KubeEtcdEncryptionConfig").is_some()
        || is_filled(file, "cluster.secretboxEncryptionSecret")
        || is_filled(file, "cluster.aescbcEncryptionSecret");
    (!says).then(|| {
        rule.finding("nothing says how Secrets are encrypted")
            .at(file.documents.origin(has_authority))
    })
}
