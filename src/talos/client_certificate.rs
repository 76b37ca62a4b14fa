//! Certificates by which a client is known, in the shape that Talos gives them.

use jiff::{SignedDuration, Timestamp};
use rand_core::TryCryptoRng;

use super::Role;
use crate::pki::{
    CaPair, Certificate, IssueError, LeafProfile, PrivateKey, Purpose, Subject, Validity,
};

/// How far a Kubernetes client's certificate begins before its issue, for clocks that are behind
/// (`pkg/kubeconfig`).
const KUBERNETES_SKEW: SignedDuration = SignedDuration::from_secs(10);

/// Issues a certificate for a client of Talos's API: the roles are its organizations, it has no
/// common name, and it is for a TLS client alone (`NewAdminCertificateAndKey`).
pub fn client_certificate<R: TryCryptoRng>(
    os_ca: &CaPair,
    roles: &[Role],
    validity: Validity,
    rng: &mut R,
) -> Result<(Certificate, PrivateKey), IssueError> {
    let mut names: Vec<_> = roles.iter().map(|role| role.name()).collect();
    names.sort_unstable();
    names.dedup();
    let profile = LeafProfile {
        subject: Subject {
            common_name: None,
            organizations: &names,
        },
        dns_names: &[],
        ip_addresses: &[],
        key_encipherment: false,
        purpose: Purpose::Client,
        validity,
    };
    profile.issue_with_fresh_key(os_ca, rng)
}

/// When the certificate of a Kubernetes client holds that is issued at `now` for `lifetime`.
pub fn kubernetes_client_validity(
    now: Timestamp,
    lifetime: SignedDuration,
) -> Result<Validity, jiff::Error> {
    Ok(Validity {
        not_before: now.checked_sub(KUBERNETES_SKEW)?,
        not_after: now.checked_add(lifetime)?,
    })
}

/// Issues a certificate for a client of Kubernetes: a user, and the groups that the user is in.
pub fn kubernetes_client_certificate<R: TryCryptoRng>(
    kubernetes_ca: &CaPair,
    user: &str,
    groups: &[&str],
    validity: Validity,
    rng: &mut R,
) -> Result<(Certificate, PrivateKey), IssueError> {
    let profile = LeafProfile {
        subject: Subject {
            common_name: Some(user),
            organizations: groups,
        },
        dns_names: &[],
        ip_addresses: &[],
        key_encipherment: true,
        purpose: Purpose::Client,
        validity,
    };
    profile.issue_with_fresh_key(kubernetes_ca, rng)
}
