//! Fields that must be there, and what stands in those that hold certificates and keys.

use super::{
    OF_A_PATCH, is_main, is_true, let_through, refused, stands_in_no_section, told,
    uses_discovery_service,
};
use crate::check::finding::Finding;
use crate::check::rule::{Allow, Family, Judge, Rule, Severity};
use crate::check::{Context, Platform};
use crate::cluster::Origin;
use crate::pki::PrivateKey;
use crate::talos::encoded_pem::{EncodingError, REDACTED};
use crate::talos::file::{FileKind, Machine, PemContent, PemField, PemTrouble, PemUse, TalosFile};

pub(in crate::check) static FAMILY: Family = Family {
    title: "Talos files: fields",
    rules: &[
        &REQUIRED_FIELD,
        &REDACTED_FIELD,
        &FIELD_UNREADABLE,
        &KEY_IN_CERTIFICATE_FIELD,
        &CERTIFICATE_LABEL,
        &EXTRA_BLOCKS,
    ],
    judge: Judge::File(check),
};

pub(super) static REQUIRED_FIELD: Rule = refused(
    "required-field",
    "A field that Talos demands is missing or empty",
    "Talos refuses the file",
    "take the field from where the file was made, or make the file anew",
);

static REDACTED_FIELD: Rule = Rule {
    name: "redacted-field",
    severity: Severity::Error,
    summary: "A secret was taken out and replaced by `******`",
    why: "That is how Talos shows configurations, in `talosctl support` and elsewhere; a machine \
          that is given such a file cannot work",
    help: "take the original file",
    allow: Allow::Never("the secret is not in the file"),
};

static FIELD_UNREADABLE: Rule = Rule {
    name: "field-unreadable",
    severity: Severity::Error,
    summary: "A certificate or key in a field cannot be read",
    why: "Talos refuses it, or takes it and stops when it is to be used: in a field under \
          `machine` or `cluster` it looks at nothing but the base64",
    help: "copy the field anew, whole; under `machine`, `cluster` and `certs` the PEM is in \
           base64, in the documents of 1.14 it is not",
    allow: Allow::Never("nothing can be issued or verified with it"),
};

static KEY_IN_CERTIFICATE_FIELD: Rule = let_through(
    "key-in-certificate-field",
    "A private key stands in a field for certificates",
    "Talos copies the field as it is: up to 1.13 to every worker and into every kubeconfig, so \
     that whoever has one of these is the CA",
    "take the key out of the field; if a worker or a person had it, rotate the CA",
);

static CERTIFICATE_LABEL: Rule = refused(
    "certificate-label",
    "A field for certificates has a PEM block with another label than `CERTIFICATE`",
    "The documents of Talos 1.14 refuse it: \"unexpected PEM block type\". Elsewhere Go leaves the \
     block out of its CAs without a word",
    "write the certificate anew: openssl x509 -in FILE",
);

static EXTRA_BLOCKS: Rule = told(
    Severity::Warning,
    "extra-blocks",
    "A field holds several PEM blocks, and Talos takes the first",
    "It issues with the first certificate and the first key, whether they belong together or not. \
     The other certificates of a CA are trusted, other keys are not used at all",
    "have the one certificate that issues there, and the others in the list of accepted CAs",
);

/// What a bundle must have. A section must be there for its fields to be asked for.
const BUNDLE: [(&str, &[&str]); 9] = [
    ("", &["cluster", "secrets", "trustdinfo", "certs"]),
    ("cluster", &["id", "secret"]),
    ("secrets", &["bootstraptoken"]),
    ("trustdinfo", &["token"]),
    (
        "certs",
        &["etcd", "k8s", "k8saggregator", "k8sserviceaccount", "os"],
    ),
    ("certs.etcd", &["crt", "key"]),
    ("certs.k8s", &["crt", "key"]),
    ("certs.k8saggregator", &["crt", "key"]),
    ("certs.os", &["crt", "key"]),
];

/// What sections and documents of any machine configuration must have, if they are there.
const MACHINE_CONFIG: [(&str, &[&str]); 8] = [
    ("cluster.controlPlane", &["endpoint"]),
    ("KubeAPIServerCAConfig.issuingCA", &["cert", "key"]),
    ("KubeAggregatorCAConfig", &["issuingCA"]),
    ("KubeAggregatorCAConfig.issuingCA", &["cert", "key"]),
    ("KubeServiceAccountConfig", &["issuer"]),
    (
        "KubeServiceAccountConfig.issuer",
        &["privateKey", "issuerURL"],
    ),
    ("DiscoveryIdentityConfig", &["clusterID", "clusterSecret"]),
    ("KubeClusterConfig", &["clusterName", "endpoint"]),
];

fn check(file: &TalosFile, context: &Context, findings: &mut Vec<Finding>) {
    findings.extend(
        required(file, context)
            .into_iter()
            .map(|path| missing(file, &path)),
    );
    if file.kind == FileKind::Bundle {
        findings.extend(encryption_secret(file));
    }
    findings.extend(redacted(file));
    for field in &file.pem_fields {
        findings.extend(contents(file, field));
    }
}

fn missing(file: &TalosFile, path: &str) -> Finding {
    let finding = REQUIRED_FIELD
        .finding(format!("`{path}` is missing"))
        .at(file.documents.origin(path));
    match path {
        "machine" => finding.help(OF_A_PATCH),
        _ => finding,
    }
}

/// The paths of everything that is missing.
fn required(file: &TalosFile, context: &Context) -> Vec<String> {
    match file.kind {
        FileKind::Bundle => {
            let mut missing = missing_of(file, &BUNDLE);
            if file.documents.at("certs.k8sserviceaccount").is_some() {
                missing.extend(absent(file, "certs.k8sserviceaccount.key"));
            }
            missing
        }
        FileKind::MachineConfig(machine, _) => {
            let mut missing = of_machine(file, machine, context);
            missing.extend(missing_of(file, &MACHINE_CONFIG));
            if file.documents.of_kind("KubeEtcdEncryptionConfig").is_some() {
                let config = "KubeEtcdEncryptionConfig.config";
                let node = file.documents.at(config);
                let is_empty = node.is_none_or(|node| node.tree().entries().is_empty());
                missing.extend(is_empty.then(|| config.to_owned()));
            }
            missing.extend(identity_for_discovery(file, context));
            missing
        }
        FileKind::Talosconfig => Vec::new(),
    }
}

fn missing_of(file: &TalosFile, table: &[(&str, &[&str])]) -> Vec<String> {
    let mut missing = Vec::new();
    for (section, names) in table {
        let is_there = match *section {
            "" => file.documents.main().is_some(),
            section => file
                .documents
                .at(section)
                .is_some_and(|node| node.tree().is_mapping()),
        };
        let names = names.iter().filter(|_| is_there);
        missing.extend(names.filter_map(|name| absent(file, &join(section, name))));
    }
    missing
}

fn join(section: &str, name: &str) -> String {
    match section {
        "" => name.to_owned(),
        _ => format!("{section}.{name}"),
    }
}

/// The path, if nothing stands there, or an empty text.
fn absent(file: &TalosFile, path: &str) -> Option<String> {
    let node = file.documents.at(path);
    let is_empty = node.is_none_or(|node| node.tree().text() == Some(""));
    (is_empty && !stands_in_no_section(file, path)).then(|| path.to_owned())
}

fn of_machine(file: &TalosFile, machine: Machine, context: &Context) -> Vec<String> {
    let there = |path: &str| file.documents.at(path).is_some();
    let mut missing = Vec::new();
    if machine == Machine::Unsaid {
        // Documents alone are a configuration, too.
        let is_cut = file.documents.main().is_some_and(|root| is_main(&root));
        return is_cut.then(|| "machine".to_owned()).into_iter().collect();
    }
    if !there("cluster") {
        missing.push("cluster".to_owned());
    }
    if !context.contract.kubernetes_documents() {
        if context.platform == Platform::Metal && !there("machine.install") {
            missing.push("machine.install".to_owned());
        }
        let places = ["cluster.controlPlane", "KubeClusterConfig"];
        if there("cluster") && !places.into_iter().any(there) {
            missing.push("cluster.controlPlane.endpoint".to_owned());
        }
    }
    let accepted = file
        .documents
        .at("machine.acceptedCAs")
        .is_some_and(|list| !list.items().is_empty());
    match machine {
        Machine::ControlPlane if !there("machine.ca") => missing.push("machine.ca".to_owned()),
        Machine::ControlPlane => missing.extend(absent(file, "machine.ca.key")),
        _ if accepted => {}
        _ if !there("machine.ca") => missing.push("machine.ca".to_owned()),
        Machine::Worker => missing.extend(absent(file, "machine.ca.crt")),
        Machine::Unknown | Machine::Unsaid => {}
    }
    if machine == Machine::ControlPlane && there("cluster.etcd") && !there("cluster.etcd.ca") {
        missing.push("cluster.etcd.ca".to_owned());
    }
    missing
}

/// The discovery service finds members by the cluster's id and secret.
fn identity_for_discovery(file: &TalosFile, context: &Context) -> Vec<String> {
    let has_own = file.documents.of_kind("DiscoveryIdentityConfig").is_some();
    let has_kubespan = !context.contract.kubernetes_documents()
        && is_true(file, "machine.network.kubespan.enabled");
    if has_own || !(has_kubespan || uses_discovery_service(file)) {
        return Vec::new();
    }
    ["cluster.id", "cluster.secret"]
        .into_iter()
        .filter_map(|path| absent(file, path))
        .collect()
}

fn encryption_secret(file: &TalosFile) -> Option<Finding> {
    let names = [
        "secrets.secretboxencryptionsecret",
        "secrets.aescbcencryptionsecret",
    ];
    file.documents.at("secrets")?;
    let found: Vec<_> = names
        .into_iter()
        .filter(|path| absent(file, path).is_none())
        .collect();
    let message = match found.as_slice() {
        [] => {
            "there is no key for Secrets at rest: one of `secrets.secretboxencryptionsecret`, \
               `secrets.aescbcencryptionsecret` is required"
        }
        [_] => return None,
        _ => {
            "there are two keys for Secrets at rest: only one of \
              `secrets.secretboxencryptionsecret`, `secrets.aescbcencryptionsecret` is allowed"
        }
    };
    let places: Vec<Origin> = match found.as_slice() {
        [] => vec![file.documents.origin("secrets")],
        found => found
            .iter()
            .map(|path| file.documents.origin(path))
            .collect(),
    };
    Some(REQUIRED_FIELD.finding(message).at_each(places))
}

fn redacted(file: &TalosFile) -> Option<Finding> {
    let mut places = Vec::new();
    for root in file.documents.roots() {
        root.walk(&mut |node| {
            if node.tree().text() == Some(REDACTED) {
                places.push(node.origin());
            }
        });
    }
    let message = match places.as_slice() {
        [] => return None,
        [one] => format!("`{}` was redacted", one.name()),
        many => format!("{} fields were redacted", many.len()),
    };
    Some(REDACTED_FIELD.finding(message).at_each(places))
}

fn contents(file: &TalosFile, field: &PemField) -> Vec<Finding> {
    let mut findings = Vec::new();
    let name = field.origin.name();
    let is_key = field.purpose.is_private_key();
    let hides_key = !is_key && field.has_private_key();
    // On a worker every key is one too many, and another rule says so.
    if hides_key && file.machine() != Some(Machine::Worker) {
        let message = format!("`{name}` holds a private key beside the certificate");
        findings.push(KEY_IN_CERTIFICATE_FIELD.finding(message).at(&field.origin));
    }
    let is_told = matches!(
        field.blocks,
        Err(PemTrouble::NotText | PemTrouble::Encoding(EncodingError::Redacted))
    );
    if let Some(reason) = field.trouble().filter(|_| !is_told) {
        let what = if is_key { "key" } else { "certificate" };
        let message = format!("the {what} in `{name}` cannot be read: {reason}");
        findings.push(FIELD_UNREADABLE.finding(message).at(&field.origin));
        return findings;
    }
    let Ok(blocks) = &field.blocks else {
        return findings;
    };
    if field.purpose == PemUse::ServiceAccountPublicKey {
        return findings;
    }
    let other = blocks
        .iter()
        .find(|block| block.label != "CERTIFICATE" && !PrivateKey::is_label(&block.label));
    if let Some(other) = other.filter(|_| !is_key) {
        let label = other.label.escape_debug();
        let message = format!("`{name}` holds a block labelled `{label}`");
        findings.push(CERTIFICATE_LABEL.finding(message).at(&field.origin));
    }
    let is_one = match field.purpose {
        PemUse::Certificate(_) => field.certificates().count() == 1,
        PemUse::Key(_) | PemUse::ServiceAccountKey | PemUse::ClientKey => blocks.len() == 1,
        // Lists of authorities, and a certificate with its chain.
        _ => true,
    };
    let is_broken = blocks.iter().skip(1).any(|block| {
        matches!(block.content, PemContent::Unreadable(_)) && !PrivateKey::is_label(&block.label)
    });
    if !is_one || is_broken {
        let message = format!("`{name}` holds {} PEM blocks", blocks.len());
        findings.push(EXTRA_BLOCKS.finding(message).at(&field.origin));
    }
    findings
}
