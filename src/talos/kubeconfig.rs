//! The kubeconfig of an administrator, as Talos's own template writes it (`pkg/kubeconfig`).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::go_yaml::{self, Node};
use crate::pki::{Certificate, PrivateKey, Secret};

/// What a kubeconfig says. Names and the endpoint are without control characters.
#[derive(Debug, Clone, Copy)]
pub struct Kubeconfig<'a> {
    /// The name of the cluster.
    pub cluster: &'a str,
    /// The URL of the API server.
    pub endpoint: &'a str,
    /// The name of the user.
    pub user: &'a str,
    /// The CAs that the API server's certificate is judged by.
    pub authorities: &'a [&'a Certificate],
    /// The user's certificate.
    pub certificate: &'a Certificate,
    /// The user's key.
    pub key: &'a PrivateKey,
}

impl Kubeconfig<'_> {
    /// The bytes that Talos would write. This writes a secret.
    #[must_use]
    pub fn to_secret_yaml(&self) -> Secret<String> {
        // Each ends with exactly one line feed: two that are joined without lose each other.
        let authorities = self.authorities.iter().map(|authority| authority.to_pem());
        let authorities = STANDARD.encode(authorities.collect::<String>());
        let certificate = STANDARD.encode(self.certificate.to_pem());
        let key = self.key.to_secret_pem();
        let key = Secret::new(STANDARD.encode(key.expose()));
        let cluster = scalar(self.cluster);
        let endpoint = scalar(self.endpoint);
        let context = scalar(&format!("{}@{}", self.user, self.cluster));
        let parts: [&str; 19] = [
            "apiVersion: v1\nkind: Config\nclusters:\n- name: ",
            &cluster,
            "\n  cluster:\n    server: ",
            &endpoint,
            "\n    certificate-authority-data: ",
            &authorities,
            "\nusers:\n- name: ",
            &context,
            "\n  user:\n    client-certificate-data: ",
            &certificate,
            "\n    client-key-data: ",
            key.expose(),
            "\ncontexts:\n- context:\n    cluster: ",
            &cluster,
            "\n    namespace: default\n    user: ",
            &context,
            "\n  name: ",
            &context,
            "\ncurrent-context: ",
        ];
        // `concat` allocates once, so that no copy of the key stays behind in memory.
        Secret::new([&parts[..], &[&context, "\n"]].concat().concat())
    }
}

/// A text on one line, in quotes where YAML needs them. Talos writes none, and a name that needs
/// them makes a file that nobody can read.
fn scalar(text: &str) -> String {
    let written = go_yaml::write(&Node::text(text));
    written.expose().trim_end_matches('\n').to_owned()
}
