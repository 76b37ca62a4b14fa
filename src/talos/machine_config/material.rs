//! The certificates and keys of a bundle in the two forms that machine configurations have.

use std::cell::OnceCell;

use super::super::Bundle;
use super::super::go_yaml::Node;
use super::KubernetesSettings;
use crate::pki::{CaPair, Certificate, PrivateKey, Secret};
use crate::talos::encoded_pem;

/// All of a bundle's PEM. Documents borrow it, so that no copy of a key stays in memory.
pub(super) struct Material<'a> {
    pub(super) os: Authority<'a>,
    pub(super) etcd: Authority<'a>,
    pub(super) kubernetes: Authority<'a>,
    pub(super) aggregator: Authority<'a>,
    pub(super) service_account: Pem<'a>,
    /// CAs of Kubernetes that are trusted beside the one that issues.
    accepted: Vec<Pem<'a>>,
    /// CAs of the front proxy that are trusted beside the one that issues.
    accepted_aggregator: Vec<Pem<'a>>,
}

/// A CA.
pub(super) struct Authority<'a> {
    certificate: Pem<'a>,
    key: Pem<'a>,
}

/// PEM, plain and in base64. A document asks for few of them, and each is made when it is asked for.
pub(super) struct Pem<'a> {
    of: PemOf<'a>,
    plain: OnceCell<Secret<String>>,
    encoded: OnceCell<Secret<String>>,
}

enum PemOf<'a> {
    Certificate(&'a Certificate),
    Key(&'a PrivateKey),
    Written(&'a str),
}

impl<'a> Material<'a> {
    pub(super) fn of(bundle: &'a Bundle, kubernetes: &'a KubernetesSettings) -> Self {
        let all = |certificates: &'a [String]| {
            let certificates = certificates.iter();
            certificates
                .map(|pem| Pem::of(PemOf::Written(pem)))
                .collect()
        };
        Self {
            os: Authority::of(&bundle.os),
            etcd: Authority::of(&bundle.etcd),
            kubernetes: Authority::of(&bundle.kubernetes),
            aggregator: Authority::of(&bundle.aggregator),
            service_account: Pem::of(PemOf::Key(&bundle.service_account)),
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

impl<'a> Authority<'a> {
    fn of(pair: &'a CaPair) -> Self {
        Self {
            certificate: Pem::of(PemOf::Certificate(pair.certificate())),
            key: Pem::of(PemOf::Key(pair.key())),
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

impl<'a> Pem<'a> {
    fn of(of: PemOf<'a>) -> Self {
        Self {
            of,
            plain: OnceCell::new(),
            encoded: OnceCell::new(),
        }
    }

    pub(super) fn encoded(&self) -> Node<'_> {
        let encode = || encoded_pem::encode(self.text());
        Node::encoded_pem(self.encoded.get_or_init(encode).expose())
    }

    pub(super) fn plain(&self) -> Node<'_> {
        Node::text(self.text())
    }

    fn text(&self) -> &str {
        let written = match self.of {
            PemOf::Certificate(certificate) => {
                self.plain.get_or_init(|| Secret::new(certificate.to_pem()))
            }
            PemOf::Key(key) => self.plain.get_or_init(|| key.to_secret_pem()),
            PemOf::Written(pem) => return pem,
        };
        written.expose()
    }
}
