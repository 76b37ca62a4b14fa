//! A bootstrap token as the Secret by which a cluster knows it.

use super::go_yaml::{self, Node};
use crate::pki::Secret;

/// The group that kubeadm allows to ask for certificates of nodes.
const GROUP: &str = "system:bootstrappers:kubeadm:default-node-token";

/// A bootstrap token in its two halves.
#[derive(Debug)]
pub struct BootstrapToken {
    id: String,
    secret: Secret<String>,
}

impl BootstrapToken {
    /// Splits a token at its point; nothing if it has none.
    #[must_use]
    pub fn of(token: &Secret<String>) -> Option<Self> {
        let (id, secret) = token.expose().split_once('.')?;
        Some(Self {
            id: id.to_owned(),
            secret: Secret::new(secret.to_owned()),
        })
    }

    /// The Secret for `kubectl apply`, without an end: Talos nodes use the token whenever they lose
    /// their certificate. This writes a secret.
    #[must_use]
    pub fn to_secret_manifest(&self) -> Secret<String> {
        let name = format!("bootstrap-token-{}", self.id);
        let metadata = [
            ("name", Node::text(name)),
            ("namespace", Node::text("kube-system")),
        ];
        let data = [
            ("auth-extra-groups", Node::text(GROUP)),
            ("description", Node::text("for kubelets of Talos nodes")),
            ("token-id", Node::text(&self.id)),
            ("token-secret", Node::text(self.secret.expose())),
            ("usage-bootstrap-authentication", Node::text("true")),
            ("usage-bootstrap-signing", Node::text("true")),
        ];
        go_yaml::write(&Node::mapping([
            ("apiVersion", Node::text("v1")),
            ("kind", Node::text("Secret")),
            ("metadata", Node::mapping(metadata)),
            ("type", Node::text("bootstrap.kubernetes.io/token")),
            ("stringData", Node::mapping(data)),
        ]))
    }
}
