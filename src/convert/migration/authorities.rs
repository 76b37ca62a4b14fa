//! The trust itself: CAs, keys, and what the CAs issued.

use super::conversion::Conversion;
use super::item::Outcome;
use super::networks::list;
use crate::cluster::{Authority, CaSlot, Cluster, Kubeconfig, Located};
use crate::pki::{Certificate, pem};
use crate::settings::{ComponentProcess, Flag};

/// How Talos calls its front proxy.
const FRONT_PROXY: &str = "front-proxy-client";

const FROM_BUNDLE: &str = "Talos writes the file from the secrets bundle";

const OWN_ETCD: &str = "Talos begins with an etcd of its own, which needs no old CA";

pub(super) fn convert(conversion: &mut Conversion<'_>) {
    let cluster = conversion.cluster;
    for authority in &cluster.authorities {
        convert_authority(conversion, authority);
    }
    if let Some(account) = &cluster.service_account {
        if let Some(key) = &account.key.chosen {
            let outcome = Outcome::converted("secrets.yaml: certs.k8sserviceaccount");
            let what = format!(
                "service-account key, key id {}",
                key.value.public_key().key_id()
            );
            conversion.note(key.origin.to_string(), what, outcome);
        }
        if let Some(key) = &account.public_key.chosen {
            let outcome = Outcome::kept("Talos derives it from the key");
            conversion.note(
                key.origin.to_string(),
                "public service-account key",
                outcome,
            );
        }
    }
    for (origin, what) in &cluster.nodes.copies {
        let outcome = Outcome::kept("it is the same on the other nodes");
        conversion.note(origin, what, outcome);
    }
    for leaf in &cluster.leaves {
        let outcome = Outcome::kept("Talos issues its own; old nodes keep theirs");
        match &leaf.certificate {
            Ok(certificate) => {
                let what = certificate.value.subject.to_string();
                conversion.note(certificate.origin.to_string(), what, outcome);
            }
            Err(unread) => conversion.note(unread.origin.to_string(), "a certificate", outcome),
        }
    }
    for kubeconfig in &cluster.kubeconfigs {
        conversion.note(&kubeconfig.path, "kubeconfig", client(cluster, kubeconfig));
    }
    new_kubernetes_authority(conversion);
}

/// Whether whoever has this kubeconfig and the API servers of Talos know each other.
fn client(cluster: &Cluster, kubeconfig: &Kubeconfig) -> Outcome {
    let issuing = cluster
        .has_pair(CaSlot::Kubernetes)
        .then(|| cluster.certificate(CaSlot::Kubernetes))
        .flatten();
    let known = kubeconfig.authorities.as_slice();
    match issuing {
        Some(issuing) if is_empty_or_has(known, &issuing.value) => {
            Outcome::kept("it works with the new API servers: the CA is the same")
        }
        _ => Outcome::kept(
            "its client stays known, but it does not trust the API servers of Talos: they have \
             certificates of another CA",
        ),
    }
}

fn is_empty_or_has(authorities: &[Located<Certificate>], wanted: &Certificate) -> bool {
    let has = |known: &Located<Certificate>| known.value.public_key == wanted.public_key;
    authorities.is_empty() || authorities.iter().any(has)
}

/// Whom clients trust is in their hands: no file of Talos brings them a new CA.
fn new_kubernetes_authority(conversion: &mut Conversion<'_>) {
    let cluster = conversion.cluster;
    let Some(old) = cluster.certificate(CaSlot::Kubernetes) else {
        return;
    };
    if cluster.has_pair(CaSlot::Kubernetes) {
        return;
    }
    let outcome = Outcome::needs_person(
        "the API servers of Talos have certificates of a new CA (`certs.k8s` in `secrets.yaml`). \
         Clients that the old one issued stay known to them, but no client knows the new one: give it \
         to every kubeconfig, and to every program outside that has the old ca.crt. Pods on Talos get \
         it by themselves",
    );
    let origin = old.origin.to_string();
    conversion.note(origin, "the new Kubernetes CA", outcome);
}

fn convert_authority(conversion: &mut Conversion<'_>, authority: &Authority) {
    let slot = authority.slot;
    let is_kept = conversion.cluster.has_pair(slot);
    let place = format!("secrets.yaml: certs.{}", slot.yaml_name());
    if let Some(certificate) = &authority.certificate.chosen {
        let what = format!("{slot}, {}", certificate.value.subject);
        let outcome = if is_kept {
            Outcome::converted(&place)
        } else {
            made_anew(conversion, slot, &certificate.value.to_pem())
        };
        conversion.note(certificate.origin.to_string(), what, outcome);
    }
    if let Some(key) = &authority.key.chosen {
        let outcome = if is_kept {
            Outcome::converted(&place)
        } else {
            Outcome::kept("its certificate is not here: Talos makes a CA of its own")
        };
        conversion.note(
            key.origin.to_string(),
            format!("key of the {slot}"),
            outcome,
        );
    }
    for other in &authority.key.others {
        let outcome = Outcome::kept("it is not the key of the CA in use");
        let what = format!("another key beside that of the {slot}");
        conversion.note(other.origin.to_string(), what, outcome);
    }
    for other in &authority.certificate.others {
        let chosen = authority.certificate.chosen.as_ref();
        let is_renewed = chosen.is_some_and(|one| one.value.is_same_authority(&other.value));
        let outcome = if is_renewed {
            Outcome::kept("it is the CA in the bundle, issued with the same key and name")
        } else {
            accept(conversion, slot, &other.value.to_pem())
        };
        let what = format!(
            "another CA that is trusted as {slot}, {}",
            other.value.subject
        );
        conversion.note(other.origin.to_string(), what, outcome);
    }
}

/// What becomes of a CA whose key is not here: Talos issues from one of its own.
fn made_anew(conversion: &mut Conversion<'_>, slot: CaSlot, pem: &str) -> Outcome {
    match slot {
        CaSlot::Etcd => Outcome::kept(
            "it is made anew for Talos, which begins with an etcd of its own and needs no old CA",
        ),
        // Whoever lets the missing key through has been told as much.
        CaSlot::Aggregator
            if !conversion.contract().kubernetes_documents() && conversion.runs_side_by_side() =>
        {
            Outcome::needs_person(format!(
                "it is made anew, and Talos {} trusts one aggregator CA alone: while old and new \
                 control planes run, extension API servers such as metrics-server refuse the requests \
                 of one of them",
                conversion.contract()
            ))
        }
        CaSlot::Kubernetes | CaSlot::Aggregator | CaSlot::Os => accept(conversion, slot, pem),
    }
}

/// `--client-ca-file`: whose certificates make a client known.
pub(super) fn of_clients(
    conversion: &mut Conversion<'_>,
    process: &ComponentProcess,
    flag: &Flag,
) -> Outcome {
    trusted(conversion, CaSlot::Kubernetes, process, flag)
}

/// `--requestheader-client-ca-file`: whose certificates make a front proxy known.
pub(super) fn of_front_proxies(
    conversion: &mut Conversion<'_>,
    process: &ComponentProcess,
    flag: &Flag,
) -> Outcome {
    trusted(conversion, CaSlot::Aggregator, process, flag)
}

/// The files by which etcd, and the API server of etcd, know each other.
pub(super) fn of_etcd(
    conversion: &mut Conversion<'_>,
    process: &ComponentProcess,
    flag: &Flag,
) -> Outcome {
    if !conversion.runs_side_by_side() {
        return Outcome::kept(OWN_ETCD);
    }
    trusted(conversion, CaSlot::Etcd, process, flag)
}

/// `--requestheader-allowed-names`: what a front proxy may be called.
pub(super) fn of_front_proxy_names(
    conversion: &mut Conversion<'_>,
    _: &ComponentProcess,
    flag: &Flag,
) -> Outcome {
    if flag.value == FRONT_PROXY {
        return Outcome::same();
    }
    if !conversion.runs_side_by_side() {
        return Outcome::kept(
            "the old front proxies are gone when Talos begins, and its own is called \
             `front-proxy-client`",
        );
    }
    // Extension servers read the names from the cluster. Without any, every name is good.
    let is_among = list(&flag.value).iter().any(|name| name == FRONT_PROXY);
    let value = if flag.value.is_empty() || is_among {
        flag.value.clone()
    } else {
        format!("{},{FRONT_PROXY}", flag.value)
    };
    let flag = Flag {
        value,
        ..flag.clone()
    };
    super::api_server::as_argument(conversion, &flag)
}

/// `--root-ca-file`: whom pods trust. Talos gives them the CA that issues, and no other.
pub(super) fn of_pods(
    conversion: &mut Conversion<'_>,
    process: &ComponentProcess,
    flag: &Flag,
) -> Outcome {
    let is_kept = conversion.cluster.has_pair(CaSlot::Kubernetes);
    match strangers(conversion, CaSlot::Kubernetes, process, flag) {
        Err(outcome) => outcome,
        Ok(strangers) if is_kept && strangers.is_empty() => Outcome::kept(FROM_BUNDLE),
        Ok(_) if !conversion.runs_side_by_side() => Outcome::kept(
            "Talos gives pods the issuing CA alone, by which every API server is known when Talos \
             begins",
        ),
        Ok(_) => Outcome::needs_person(
            "Talos gives pods the issuing CA alone (ConfigMap kube-root-ca.crt): see that every API \
             server has a certificate of it before pods on Talos start",
        ),
    }
}

/// A file of CAs that are trusted: those that are in a slot, and others.
fn trusted(
    conversion: &mut Conversion<'_>,
    slot: CaSlot,
    process: &ComponentProcess,
    flag: &Flag,
) -> Outcome {
    let strangers = match strangers(conversion, slot, process, flag) {
        Ok(strangers) => strangers,
        Err(outcome) => return outcome,
    };
    let mut last = Outcome::kept(FROM_BUNDLE);
    for stranger in strangers {
        last = accept(conversion, slot, &stranger.to_pem());
        if last.is_refused() {
            return last;
        }
    }
    last
}

/// The CAs in the file of `flag` that neither fill `slot` nor stand beside the one that does.
fn strangers(
    conversion: &Conversion<'_>,
    slot: CaSlot,
    process: &ComponentProcess,
    flag: &Flag,
) -> Result<Vec<Certificate>, Outcome> {
    let file = conversion.settings.file(process, &flag.value);
    let file = file.ok_or_else(|| super::file_missing(&flag.value))?;
    let authority = conversion.cluster.authority(slot);
    let known = authority.into_iter().flat_map(|authority| {
        // A CA without its key is accepted beside the new one.
        let chosen = authority.certificate.chosen.iter();
        chosen.chain(&authority.certificate.others)
    });
    let known: Vec<&Certificate> = known.map(|known| &known.value).collect();
    let blocks = pem::read(&file.bytes).blocks.into_iter();
    let mut certificates = Vec::new();
    for block in blocks.filter(|block| block.label == "CERTIFICATE") {
        let certificate = Certificate::from_der(block.contents.expose())
            .map_err(|_| super::file_unreadable(&flag.value))?;
        if !known
            .iter()
            .any(|known| known.is_same_authority(&certificate))
        {
            certificates.push(certificate);
        }
    }
    Ok(certificates)
}

/// A CA that is trusted beside the one that issues, such as the one before a rotation.
fn accept(conversion: &mut Conversion<'_>, slot: CaSlot, pem: &str) -> Outcome {
    match slot {
        CaSlot::Kubernetes => {
            add(&mut conversion.kubernetes.accepted_authorities, pem);
            Outcome::converted(
                conversion.place("cluster.acceptedCAs", "KubeAPIServerCAConfig.acceptedCAs"),
            )
        }
        CaSlot::Aggregator if conversion.contract().kubernetes_documents() => {
            add(
                &mut conversion.kubernetes.accepted_aggregator_authorities,
                pem,
            );
            Outcome::converted("KubeAggregatorCAConfig.acceptedCAs")
        }
        CaSlot::Aggregator if !conversion.runs_side_by_side() => {
            Outcome::kept("the old front proxies are gone when Talos begins with its own")
        }
        CaSlot::Aggregator => Outcome::refused(
            format!(
                "Talos {} trusts one aggregator CA alone: front proxies with a certificate of the \
                 other would be refused",
                conversion.contract()
            ),
            "use --talos-version v1.14; or issue every front-proxy certificate by the current CA, \
             and take the old one out of the file",
        ),
        CaSlot::Etcd if !conversion.runs_side_by_side() => Outcome::kept(OWN_ETCD),
        CaSlot::Etcd => Outcome::refused(
            "Talos trusts one etcd CA alone: members and clients with a certificate of the other \
             would be refused",
            "issue the certificates of all members by the current CA (kubeadm certs renew), and \
             take the old one out of etcd/ca.crt",
        ),
        CaSlot::Os => Outcome::kept("it is Talos's own"),
    }
}

fn add(accepted: &mut Vec<String>, pem: &str) {
    if !accepted.iter().any(|known| known == pem) {
        accepted.push(pem.to_owned());
    }
}
