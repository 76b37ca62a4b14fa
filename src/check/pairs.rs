//! Which key belongs to which certificate, and that no two slots share one.

use super::Context;
use super::finding::Finding;
use super::rule::{Allow, Family, Judge, Rule, Severity};
use crate::cluster::{Cluster, Located, PeculiarityKind};
use crate::pki::{Certificate, PrivateKey, PublicKey};

pub(super) static FAMILY: Family = Family {
    title: "Keys and certificates",
    rules: &[
        &KEY_MISMATCH,
        &SHARED_CA,
        &SHARED_KEY,
        &SERVICE_ACCOUNT_PUBLIC_KEY,
    ],
    judge: Judge::Cluster(check),
};

static KEY_MISMATCH: Rule = Rule {
    name: "key-mismatch",
    severity: Severity::Error,
    summary: "The private key does not belong to the CA certificate",
    why: "Talos would accept the pair, and then no certificate of this CA could be issued: the \
          node stops with \"provided PrivateKey doesn't match parent's PublicKey\"",
    help: "copy certificate and key from the same control-plane node at the same time",
    allow: Allow::Never("no certificate could ever be issued with such a pair"),
};

static SHARED_CA: Rule = Rule {
    name: "shared-ca",
    severity: Severity::Error,
    summary: "One CA stands in two slots",
    why: "Every certificate of one is then good for the other: a kubelet could read all of etcd, \
          or a client could pose as the front proxy and so as any user",
    help: "check that no file was copied over another; if the old cluster really shares one CA, \
           let it through and rotate afterwards",
    allow: Allow::Yes("the CA is taken as it is into every slot where it stands"),
};

static SHARED_KEY: Rule = Rule {
    name: "shared-key",
    severity: Severity::Error,
    summary: "One private key is used in two slots",
    why: "Whoever holds it is both authorities at once, and certificates of one verify under the \
          other, since chains are built by name and key",
    help: "check that no file was copied over another",
    allow: Allow::Yes("the key is taken as it is into every slot where it stands"),
};

static SERVICE_ACCOUNT_PUBLIC_KEY: Rule = Rule {
    name: "service-account-public-key",
    severity: Severity::Error,
    summary: "`sa.pub` is not the public half of `sa.key`",
    why: "The old API servers verify tokens with `sa.pub`, Talos derives the public key from \
          `sa.key`: tokens of one side are refused by the other",
    help: "find out which key the controller manager signs with \
           (`--service-account-private-key-file`) and give that one",
    allow: Allow::Yes("`sa.key` is taken as it is and `sa.pub` is not used"),
};

fn check(cluster: &Cluster, context: &Context, findings: &mut Vec<Finding>) {
    findings.extend(mismatches(cluster, context));
    findings.extend(shared_authorities(cluster));
    findings.extend(shared_keys(cluster));
    findings.extend(service_account_public_key(cluster));
}

fn mismatches(cluster: &Cluster, context: &Context) -> Vec<Finding> {
    let pairs = cluster.authorities.iter().filter_map(|authority| {
        let certificate = authority.certificate.chosen.as_ref()?;
        let key = authority.key.chosen.as_ref()?;
        (certificate.value.public_key != *key.value.public_key()).then_some((certificate, key))
    });
    pairs
        .map(|(certificate, key)| mismatch(cluster, context, certificate, key))
        .collect()
}

fn mismatch(
    cluster: &Cluster,
    context: &Context,
    certificate: &Located<Certificate>,
    key: &Located<PrivateKey>,
) -> Finding {
    let (wanted, given) = (&certificate.value.public_key, key.value.public_key());
    let message = format!(
        "`{}` is not the key of `{}`",
        key.origin.name(),
        certificate.origin.name()
    );
    KEY_MISMATCH
        .finding(message)
        .at(format!(
            "{}: {}, {} key {}",
            certificate.origin,
            certificate.value,
            wanted.algorithm(),
            wanted.fingerprint()
        ))
        .at(format!(
            "{}: {} key {}",
            key.origin,
            given.algorithm(),
            given.fingerprint()
        ))
        .found(lost_and_found(cluster, context, wanted, given))
        .help(format!(
            "copy the key from a control-plane node whose certificate has the fingerprint {}",
            wanted.fingerprint()
        ))
}

/// Where in the tree the wanted key is, or whose key the given one is.
fn lost_and_found(
    cluster: &Cluster,
    context: &Context,
    wanted: &PublicKey,
    given: &PublicKey,
) -> Option<String> {
    let right = cluster
        .other_keys
        .iter()
        .find(|key| key.value.public_key() == wanted);
    if let Some(right) = right {
        return Some(format!(
            "the key of the certificate is in `{}`",
            right.origin.name()
        ));
    }
    let slots = cluster
        .authorities
        .iter()
        .filter_map(|slot| slot.certificate.chosen.as_ref());
    let owner = cluster
        .other_certificates
        .iter()
        .chain(slots)
        .find(|certificate| certificate.value.public_key == *given)?;
    let not_after = owner.value.validity.not_after;
    let end = if not_after < context.now {
        "ended"
    } else {
        "ends"
    };
    let end = format!("{end} {}", super::validity::day(not_after));
    Some(format!(
        "the key fits `{}` ({}, {end})",
        owner.origin.name(),
        owner.value
    ))
}

fn shared_authorities(cluster: &Cluster) -> Vec<Finding> {
    let slots: Vec<_> = cluster
        .authorities
        .iter()
        .filter_map(|authority| Some((authority.slot, authority.certificate.chosen.as_ref()?)))
        .collect();
    let by_design = cluster.peculiarity(PeculiarityKind::SharedBySeveralSlots);
    let since_upgrade = cluster.peculiarity(PeculiarityKind::SharedSinceUpgrade);
    let groups = groups(&slots, |a, b| a.1.value.der() == b.1.value.der());
    let findings = groups.into_iter().map(|group| {
        let names: Vec<_> = group.iter().map(|(slot, _)| slot.title()).collect();
        let first = &group[0].1.value;
        let finding = SHARED_CA
            .finding(format!("{} are the same CA, {first}", names.join(" and ")))
            .at_each(group.iter().map(|(slot, certificate)| {
                format!(
                    "{}: {slot}, key {}",
                    certificate.origin,
                    first.public_key.fingerprint()
                )
            }));
        match (by_design, since_upgrade) {
            // It was always so, and the cluster ran with it.
            (Some(peculiarity), _) => Finding {
                severity: Severity::Warning,
                ..finding.help(&peculiarity.help)
            },
            (None, Some(peculiarity)) => finding.help(&peculiarity.help),
            (None, None) => finding,
        }
    });
    findings.collect()
}

#[derive(Clone)]
struct KeyUser<'a> {
    name: &'static str,
    key: &'a Located<PrivateKey>,
    certificate: Option<&'a [u8]>,
}

fn shared_keys(cluster: &Cluster) -> Vec<Finding> {
    let mut users: Vec<KeyUser<'_>> = Vec::new();
    for authority in &cluster.authorities {
        if let Some(key) = &authority.key.chosen {
            let certificate = authority.certificate.chosen.as_ref();
            let certificate = certificate.map(|certificate| certificate.value.der());
            users.push(KeyUser {
                name: authority.slot.title(),
                key,
                certificate,
            });
        }
    }
    let service_account = cluster.service_account.as_ref();
    if let Some(key) = service_account.and_then(|account| account.key.chosen.as_ref()) {
        users.push(KeyUser {
            name: "Service account",
            key,
            certificate: None,
        });
    }
    // Slots with the same certificate share the key as well; that is `shared-ca` already.
    let same = |a: &KeyUser<'_>, b: &KeyUser<'_>| {
        a.key.value.public_key() == b.key.value.public_key()
            && (a.certificate != b.certificate || a.certificate.is_none())
    };
    let findings = groups(&users, same).into_iter().map(|group| {
        let names: Vec<_> = group.iter().map(|user| user.name).collect();
        SHARED_KEY
            .finding(format!("{} have the same private key", names.join(" and ")))
            .at_each(group.iter().map(|KeyUser { name, key, .. }| {
                format!(
                    "{}: {name}, key {}",
                    key.origin,
                    key.value.public_key().fingerprint()
                )
            }))
    });
    findings.collect()
}

/// The groups of two and more that are the same.
fn groups<T: Clone>(items: &[T], same: impl Fn(&T, &T) -> bool) -> Vec<Vec<T>> {
    let mut groups: Vec<Vec<T>> = Vec::new();
    for item in items {
        match groups.iter_mut().find(|group| same(&group[0], item)) {
            Some(group) => group.push(item.clone()),
            None => groups.push(vec![item.clone()]),
        }
    }
    groups.retain(|group| group.len() > 1);
    groups
}

fn service_account_public_key(cluster: &Cluster) -> Option<Finding> {
    let account = cluster.service_account.as_ref()?;
    let private = account.key.chosen.as_ref()?;
    let public = account.public_key.chosen.as_ref()?;
    if account.is_proven() {
        return None;
    }
    let derived = private.value.public_key();
    let (public_file, private_file) = (public.origin.name(), private.origin.name());
    let places = account.public_key.pieces().map(|public| {
        let key = public.value.fingerprint();
        format!("{}: key {key}", public.origin)
    });
    Some(
        SERVICE_ACCOUNT_PUBLIC_KEY
            .finding(format!(
                "`{public_file}` is not the public half of `{private_file}`"
            ))
            .at(format!("{}: key {}", private.origin, derived.fingerprint()))
            .at_each(places),
    )
}
