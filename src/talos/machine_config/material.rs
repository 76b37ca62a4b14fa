//! The certificates and keys of a bundle in the two forms that machine configurations have.

use super::super::Bundle;
use super::super::go_yaml::Node;
use super::KubernetesSettings;
use crate::pki::{CaPair, Secret};
use crate::talos::encoded_pem;

/// All of a bundle's PEM. Documents borrow it, so that no copy of a key stays in memory.
pub(super) struct Material {
    pub(super) os: Authority,
    pub(super) etcd: Authority,
    pub(super) kubernetes: Authority,
    pub(super) aggregator: Authority,
    pub(super) service_account: Pem,
    /// CAs of Kubernetes that are trusted beside the one that issues.
    accepted: Vec<Pem>,
    /// CAs of the front proxy that are trusted beside the one that issues.
    accepted_aggregator: Vec<Pem>,
}

/// A CA.
pub(super) struct Authority {
    certificate: Pem,
    key: Pem,
}

/// PEM, plain and in base64.
pub(super) struct Pem {
    plain: Secret<String>,
    encoded: Secret<String>,
}

impl Material {
    pub(super) fn of(bundle: &Bundle, kubernetes: &KubernetesSettings) -> Self {
        let all = |certificates: &[String]| {
            let certificates = certificates.iter().cloned();
            certificates.map(|pem| Pem::of(Secret::new(pem))).collect()
        };
        Self {
            os: Authority::of(&bundle.os),
            etcd: Authority::of(&bundle.etcd),
            kubernetes: Authority::of(&bundle.kubernetes),
            aggregator: Authority::of(&bundle.aggregator),
            service_account: Pem::of(bundle.service_account.to_secret_pem()),
            accepted: all(&kubernetes.accepted_authorities),
            accepted_aggregator: all(&kubernetes.accepted_aggregator_authorities),
        }
    }

    /// `cluster.acceptedCAs`, if there are any.
    pub(super) fn accepted_encoded(&self) -> Option<Node<'_>> {
        let certificates = self.accepted.iter();
        let certificates: Vec<_> = certificates
            .map(|pem| Node::mapping([("crt", pem.encoded())]))
            .collect();
        (!certificates.is_empty()).then_some(Node::Sequence(certificates))
    }

    /// `KubeAPIServerCAConfig.acceptedCAs`.
    pub(super) fn accepted_plain(&self) -> Vec<Node<'_>> {
        self.accepted.iter().map(Pem::plain).collect()
    }

    /// `KubeAggregatorCAConfig.acceptedCAs`.
    pub(super) fn accepted_aggregator_plain(&self) -> Vec<Node<'_>> {
        self.accepted_aggregator.iter().map(Pem::plain).collect()
    }
}

impl Authority {
    fn of(pair: &CaPair) -> Self {
        Self {
            certificate: Pem::of(Secret::new(pair.certificate().to_pem())),
            key: Pem::of(pair.key().to_secret_pem()),
        }
    }

    /// `crt` and `key` in base64.
    pub(super) fn encoded(&self) -> Node<'_> {
        Node::mapping([
            ("crt", self.certificate.encoded()),
            ("key", self.key.encoded()),
        ])
    }

    /// `crt` in base64 beside an empty `key`, for workers.
    pub(super) fn encoded_without_key(&self) -> Node<'_> {
        Node::mapping([("crt", self.certificate.encoded()), ("key", Node::text(""))])
    }

    /// `cert` and `key` as plain PEM.
    pub(super) fn plain(&self) -> Node<'_> {
        Node::mapping([
            ("cert", self.certificate.plain()),
            ("key", self.key.plain()),
        ])
    }

    /// The certificate alone, as plain PEM.
    pub(super) fn plain_certificate(&self) -> Node<'_> {
        self.certificate.plain()
    }
}

impl Pem {
    fn of(plain: Secret<String>) -> Self {
        let encoded = encoded_pem::encode(plain.expose());
        Self { plain, encoded }
    }

    pub(super) fn encoded(&self) -> Node<'_> {
        Node::text(self.encoded.expose().as_str())
    }

    pub(super) fn plain(&self) -> Node<'_> {
        Node::text(self.plain.expose().as_str())
    }
}
