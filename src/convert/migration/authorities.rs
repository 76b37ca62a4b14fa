//! The trust itself: CAs, keys, and what the CAs issued.

use super::conversion::Conversion;
use super::item::Outcome;
use crate::cluster::{Authority, CaSlot};

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
        let outcome = Outcome::kept("it works with the new API servers: the CA is the same");
        conversion.note(&kubeconfig.path, "kubeconfig", outcome);
    }
}

fn convert_authority(conversion: &mut Conversion<'_>, authority: &Authority) {
    let slot = authority.slot;
    let place = format!("secrets.yaml: certs.{}", slot.yaml_name());
    if let Some(certificate) = &authority.certificate.chosen {
        let what = format!("{slot}, {}", certificate.value.subject);
        let outcome = Outcome::converted(&place);
        conversion.note(certificate.origin.to_string(), what, outcome);
    }
    if let Some(key) = &authority.key.chosen {
        let outcome = Outcome::converted(&place);
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
        let outcome = accept(conversion, slot, &other.value.to_pem());
        let what = format!(
            "another CA that is trusted as {slot}, {}",
            other.value.subject
        );
        conversion.note(other.origin.to_string(), what, outcome);
    }
}

/// A CA that is trusted beside the one that issues, such as the one before a rotation.
fn accept(conversion: &mut Conversion<'_>, slot: CaSlot, pem: &str) -> Outcome {
    match slot {
        CaSlot::Kubernetes => {
            let accepted = &mut conversion.kubernetes.accepted_authorities;
            accepted.push(pem.to_owned());
            Outcome::converted(
                conversion.place("cluster.acceptedCAs", "KubeAPIServerCAConfig.acceptedCAs"),
            )
        }
        CaSlot::Aggregator if conversion.contract().kubernetes_documents() => {
            let accepted = &mut conversion.kubernetes.accepted_aggregator_authorities;
            accepted.push(pem.to_owned());
            Outcome::converted("KubeAggregatorCAConfig.acceptedCAs")
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
        CaSlot::Etcd => Outcome::refused(
            "Talos trusts one etcd CA alone: members and clients with a certificate of the other \
             would be refused",
            "issue the certificates of all members by the current CA (kubeadm certs renew), and \
             take the old one out of etcd/ca.crt",
        ),
        CaSlot::Os => Outcome::kept("it is Talos's own"),
    }
}
