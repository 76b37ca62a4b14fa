//! What could not be read.

use super::Context;
use super::finding::Finding;
use super::rule::{Allow, Family, Judge, Rule, Severity};
use crate::cluster::{Cluster, Failure, FailureCause, Slot};
use crate::pki::{Certificate, KeyAlgorithm};

/// Most entries that are shown of those that were not read: a whole `/etc` has hundreds of links.
const MAX_SHOWN: usize = 20;

pub(super) static FAMILY: Family = Family {
    title: "Reading",
    rules: &[
        &UNREADABLE,
        &ALGORITHM_UNSUPPORTED,
        &KEY_ENCRYPTED,
        &KEY_ENCRYPTED_OTHERWISE,
        &WRONG_PASSPHRASE,
        &GO_REFUSES,
        &UNREAD_SLOT,
        &UNREAD_FILE,
        &MANIFEST_CUT_OFF,
        &LEAF_UNREADABLE,
    ],
    judge: Judge::Import(check),
};

static UNREADABLE: Rule = Rule {
    name: "unreadable",
    severity: Severity::Error,
    summary: "The certificate or key of a slot cannot be read",
    why: "Without it the slot cannot be filled",
    help: "copy the file anew from a control-plane node, in binary mode and whole",
    allow: Allow::Never("there is nothing to import"),
};

static ALGORITHM_UNSUPPORTED: Rule = Rule {
    name: "algorithm-unsupported",
    severity: Severity::Error,
    summary: "Talos cannot read keys of this kind",
    why: "Talos reads RSA, ECDSA on P-224, P-256, P-384 and P-521 by name, and Ed25519",
    help: "rotate the CA or key in the old cluster to one of these first",
    allow: Allow::Never("Talos could not read the bundle"),
};

static KEY_ENCRYPTED: Rule = Rule {
    name: "key-encrypted",
    severity: Severity::Error,
    summary: "The private key is encrypted",
    why: "Talos takes plain keys alone; the key has to be opened to be imported",
    help: "give the passphrase by --passphrase-file, by the environment variable \
           TALOS_PKI_PASSPHRASE, or at the prompt of a terminal",
    allow: Allow::Never("there is nothing to import"),
};

static KEY_ENCRYPTED_OTHERWISE: Rule = Rule {
    name: "key-encrypted-otherwise",
    severity: Severity::Error,
    summary: "The private key is encrypted in a way that is not read here",
    why: "The key has to be opened to be imported. That can be done here for PKCS#8 with AES or \
          triple DES (PBES2) and for OpenSSL's traditional format",
    help: "open it with OpenSSL, where nobody else can read it: (umask 077; openssl pkey -in ca.key \
           -out plain.key); for RC2, RC4 and DES add -provider legacy -provider default",
    allow: Allow::Never("there is nothing to import"),
};

static WRONG_PASSPHRASE: Rule = Rule {
    name: "wrong-passphrase",
    severity: Severity::Error,
    summary: "The passphrase does not open the private key",
    why: "The key has to be opened to be imported",
    help: "give the right passphrase; a final newline of the file is not part of it",
    allow: Allow::Never("there is nothing to import"),
};

static GO_REFUSES: Rule = Rule {
    name: "go-refuses",
    severity: Severity::Error,
    summary: "Go's parser refuses the certificate",
    why: "Talos and Kubernetes read certificates with Go's crypto/x509, and would not read this \
          one, even if OpenSSL does",
    help: "issue the certificate anew, for the same key and subject",
    allow: Allow::Never("Talos could not read the bundle"),
};

static UNREAD_FILE: Rule = Rule {
    name: "unread-file",
    severity: Severity::Warning,
    summary: "Something in the source was not read",
    why: "It may be a piece that is missed: nothing outside of what was given is followed, and \
          nothing that may never end is opened",
    help: "give the folder that holds it as well, or copy the file to where the link stands; where \
           permission is denied, run this as a user who may read it, such as with sudo",
    allow: Allow::NotNeeded,
};

static UNREAD_SLOT: Rule = Rule {
    name: "unread-slot",
    severity: Severity::Error,
    summary: "The file of a slot is there and was not read",
    why: "Without it the slot cannot be filled",
    help: "copy the file itself to where it is looked for; where permission is denied, run this as \
           a user who may read it, on a control-plane node with sudo",
    allow: Allow::Never("there is nothing to import"),
};

static MANIFEST_CUT_OFF: Rule = Rule {
    name: "manifest-cut-off",
    severity: Severity::Error,
    summary: "The manifest of a static pod lost its end, and may have lost flags with it",
    why: "Kubelet would not run it as it is here. By its flags is known which CAs and keys are in use, which \
          tokens are accepted and whether Secrets are encrypted; with flags less the answers may be wrong",
    help: "copy the file anew from the node, and whole",
    allow: Allow::Yes("the flags that are left, if any, are taken for all"),
};

static LEAF_UNREADABLE: Rule = Rule {
    name: "leaf-unreadable",
    severity: Severity::Warning,
    summary: "A certificate or kubeconfig of the old cluster cannot be read",
    why: "It is not imported, but it cannot speak for or against its CA either",
    help: "see whether the file is whole",
    allow: Allow::NotNeeded,
};

fn check(cluster: &Cluster, _context: &Context, findings: &mut Vec<Finding>) {
    for authority in &cluster.authorities {
        let slot = Slot::Ca(authority.slot);
        let mut failures = authority.certificate.failures.clone();
        failures.extend(authority.key.failures.iter().cloned());
        if let Some(certificate) = &authority.certificate.chosen {
            match certificate.value.public_key.algorithm() {
                KeyAlgorithm::Other(name) => failures.insert(
                    0,
                    Failure {
                        origin: certificate.origin.clone(),
                        cause: FailureCause::Algorithm,
                        reason: format!("its key is of the kind {name}"),
                    },
                ),
                _ => findings.extend(refused_by_go(&certificate.origin, &certificate.value)),
            }
        }
        findings.extend(failed(slot, &failures));
    }
    if let Some(account) = &cluster.service_account {
        let public = account.public_key.failures.iter();
        let failures: Vec<_> = account.key.failures.iter().chain(public).cloned().collect();
        findings.extend(failed(Slot::ServiceAccount, &failures));
    }
    findings.extend(unread(cluster));
    findings.extend(cut_off(cluster));
    findings.extend(unreadable_leaves(cluster));
}

fn cut_off(cluster: &Cluster) -> Option<Finding> {
    let message = match cluster.cut_off.as_slice() {
        [] => return None,
        [(path, _)] => format!("`{path}` is not whole"),
        many => format!("{} manifests of static pods are not whole", many.len()),
    };
    let places = cluster.cut_off.iter();
    let places = places.map(|(path, reason)| format!("{path}: {reason}"));
    Some(MANIFEST_CUT_OFF.finding(message).at_each(places))
}

/// One finding for each kind of trouble in a slot.
fn failed(slot: Slot, failures: &[Failure]) -> Vec<Finding> {
    let kinds = [
        (
            FailureCause::Algorithm,
            &ALGORITHM_UNSUPPORTED,
            "is of a kind that Talos cannot read",
        ),
        (
            FailureCause::Encrypted,
            &KEY_ENCRYPTED,
            "has an encrypted key",
        ),
        (
            FailureCause::EncryptedOtherwise,
            &KEY_ENCRYPTED_OTHERWISE,
            "has a key that is encrypted in a way that is not read here",
        ),
        (
            FailureCause::WrongPassphrase,
            &WRONG_PASSPHRASE,
            "has a key that the passphrase does not open",
        ),
        (FailureCause::Unreadable, &UNREADABLE, "cannot be read"),
    ];
    let of_kind = |(cause, rule, what): (FailureCause, &'static Rule, &str)| {
        let places: Vec<_> = failures
            .iter()
            .filter(|failure| failure.cause == cause)
            .map(|failure| format!("{}: {}", failure.origin, failure.reason))
            .collect();
        let finding = || rule.finding(format!("the {slot} {what}")).at_each(&places);
        (!places.is_empty()).then(finding)
    };
    kinds.into_iter().filter_map(of_kind).collect()
}

fn refused_by_go(origin: &crate::cluster::Origin, certificate: &Certificate) -> Option<Finding> {
    let refusal = certificate.go_refusal.as_ref()?;
    let message = format!("Go refuses to read `{}`: {refusal}", origin.file);
    Some(
        GO_REFUSES
            .finding(message)
            .at(format!("{origin}: {certificate}")),
    )
}

fn unread(cluster: &Cluster) -> Vec<Finding> {
    let wanted =
        |path: &str| {
            let is_file = |file: &Option<String>| file.as_deref() == Some(path);
            let account = cluster.service_account.as_ref();
            cluster.authorities.iter().any(|authority| {
                is_file(&authority.certificate.file) || is_file(&authority.key.file)
            }) || account.is_some_and(|account| is_file(&account.key.file))
        };
    let (slots, others): (Vec<_>, Vec<_>) =
        cluster.unread.iter().partition(|(path, _)| wanted(path));
    let place = |(path, reason): &&(String, String)| format!("{path}: {reason}");
    let mut findings = Vec::new();
    for (path, reason) in &slots {
        findings.push(
            UNREAD_SLOT
                .finding(format!("`{path}` was not read: {reason}"))
                .at(path),
        );
    }
    if !others.is_empty() {
        let message = match others.len() {
            1 => format!("`{}` was not read", others[0].0),
            count => format!("{count} entries were not read"),
        };
        let more = others.len().saturating_sub(MAX_SHOWN);
        let more = (more > 0).then(|| format!("and {more} more"));
        let shown = others.iter().take(MAX_SHOWN).map(place).chain(more);
        findings.push(UNREAD_FILE.finding(message).at_each(shown));
    }
    findings
}

fn unreadable_leaves(cluster: &Cluster) -> Option<Finding> {
    let leaves = cluster
        .leaves
        .iter()
        .filter_map(|leaf| leaf.certificate.as_ref().err());
    let leaves = leaves.map(|failure| format!("{}: {}", failure.origin, failure.value));
    let kubeconfigs = cluster.kubeconfigs.iter().filter_map(|kubeconfig| {
        let problem = kubeconfig.problem.as_ref()?;
        Some(format!("{}: {problem}", kubeconfig.path))
    });
    let places: Vec<_> = leaves.chain(kubeconfigs).collect();
    let message = match places.len() {
        0 => return None,
        1 => "a certificate of the old cluster cannot be read".to_owned(),
        count => format!("{count} certificates of the old cluster cannot be read"),
    };
    Some(LEAF_UNREADABLE.finding(message).at_each(places))
}
