//! Whether Talos's API accepts a client, by the rules of its server (`internal/app/apid`).

use jiff::Timestamp;

use super::{Contract, Role};
use super::{CredentialError, Credentials};
use crate::pki::{Certificate, Hash, SignatureAlgorithm, Validity};

/// Most certificates between a client's and a CA that are looked at. Talos makes none, and the ways
/// through many of them are beyond counting.
const MAX_INTERMEDIATES: usize = 4;

/// A reason for which Talos's API refuses a client.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ApidRefusal {
    /// The CA that issued it does not hold at this time.
    #[error("the CA in `ca` does not hold at this time")]
    AuthorityValidity,
    /// None of the CAs issued it.
    #[error("`crt` was not issued by the CA in `ca`")]
    AnotherAuthority,
    /// There is no certificate or key to judge.
    #[error(transparent)]
    Credentials(#[from] CredentialError),
    /// It has ended.
    #[error("`crt` has ended")]
    Ended,
    /// Its extended key usage is something else than the one of a TLS client.
    #[error("`crt` is not for a TLS client alone: its extended key usage is not just clientAuth")]
    ExtendedKeyUsage,
    /// The key is another certificate's.
    #[error("`key` is not the key of `crt`")]
    KeyMismatch,
    /// It has no role that this version of Talos knows.
    #[error("`crt` has no role that Talos {0} knows, so every call is denied")]
    NoRole(Contract),
    /// It does not hold yet.
    #[error("`crt` does not hold yet")]
    NotBegun,
}

/// The organizations of a client certificate, as Talos reads them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GrantedRoles {
    /// Roles that the version knows, in Talos's order.
    pub known: Vec<Role>,
    /// Names that mean nothing to it.
    pub unknown: Vec<String>,
}

impl GrantedRoles {
    /// Those of `certificate` under `contract`. Empty names count for nothing: old versions of
    /// Talos put one there.
    #[must_use]
    pub fn of(certificate: &Certificate, contract: Contract) -> Self {
        let mut granted = Self {
            known: Vec::new(),
            unknown: Vec::new(),
        };
        let names = certificate.subject.organizations();
        for name in names.into_iter().map(str::trim) {
            match Role::named(name, contract) {
                Ok(role) => granted.known.push(role),
                Err(_) if name.is_empty() => {}
                Err(_) => granted.unknown.push(name.to_owned()),
            }
        }
        granted.known.sort_unstable();
        granted.known.dedup();
        granted
    }
}

/// Every reason for which Talos's API would refuse a client with `credentials` at `now`, if its CAs
/// are those that the client trusts.
#[must_use]
pub fn refusals(credentials: &Credentials, now: Timestamp, contract: Contract) -> Vec<ApidRefusal> {
    let certificate = &credentials.certificate;
    let mut refusals = Vec::new();
    if *credentials.key.public_key() != certificate.public_key {
        refusals.push(ApidRefusal::KeyMismatch);
    }
    if now < certificate.validity.not_before {
        refusals.push(ApidRefusal::NotBegun);
    }
    if now > certificate.validity.not_after {
        refusals.push(ApidRefusal::Ended);
    }
    if !is_chained(credentials, &|_| true) {
        refusals.push(ApidRefusal::AnotherAuthority);
    } else if !is_chained(credentials, &|authority| holds(authority.validity, now)) {
        refusals.push(ApidRefusal::AuthorityValidity);
    }
    if !is_for_client_alone(certificate) {
        refusals.push(ApidRefusal::ExtendedKeyUsage);
    }
    if GrantedRoles::of(certificate, contract).known.is_empty() {
        refusals.push(ApidRefusal::NoRole(contract));
    }
    refusals
}

fn holds(validity: Validity, now: Timestamp) -> bool {
    (validity.not_before..=validity.not_after).contains(&now)
}

/// Whether the certificate is a TLS client's and nothing else: apid demands exactly this extended
/// key usage, so that what trustd issues to whoever has its token is no client. It asks only
/// certificates that are no CA's.
#[must_use]
pub fn is_for_client_alone(certificate: &Certificate) -> bool {
    certificate.is_authority()
        || certificate
            .extended_key_usage
            .as_ref()
            .is_some_and(|usage| {
                usage.client_auth && !usage.server_auth && !usage.any && usage.others == 0
            })
}

/// Whether a way leads from the client's `certificate` to one of the `authorities`, over some of the
/// `intermediates`, whenever they hold.
#[must_use]
pub fn is_of_authorities(
    certificate: &Certificate,
    intermediates: &[&Certificate],
    authorities: &[&Certificate],
) -> bool {
    let intermediates = &intermediates[..intermediates.len().min(MAX_INTERMEDIATES)];
    leads_to_authority(certificate, intermediates, authorities, &|_| true)
}

/// Whether a way leads from the client's certificate to one of the CAs, through CAs that are
/// `usable`.
fn is_chained(credentials: &Credentials, usable: &dyn Fn(&Certificate) -> bool) -> bool {
    let intermediates: Vec<_> = credentials.intermediates.iter().collect();
    let intermediates = &intermediates[..intermediates.len().min(MAX_INTERMEDIATES)];
    let authorities: Vec<_> = credentials.authorities.iter().collect();
    leads_to_authority(
        &credentials.certificate,
        intermediates,
        &authorities,
        usable,
    )
}

fn leads_to_authority(
    certificate: &Certificate,
    intermediates: &[&Certificate],
    authorities: &[&Certificate],
    usable: &dyn Fn(&Certificate) -> bool,
) -> bool {
    let issued_by = |authority: &Certificate| usable(authority) && issues(authority, certificate);
    authorities.iter().any(|authority| issued_by(authority))
        || intermediates.iter().enumerate().any(|(position, next)| {
            let others = [&intermediates[..position], &intermediates[position + 1..]].concat();
            issued_by(next) && leads_to_authority(next, &others, authorities, usable)
        })
}

/// Whether Go takes `authority` for the issuer of a client's `certificate`.
fn issues(authority: &Certificate, certificate: &Certificate) -> bool {
    use SignatureAlgorithm::{Ecdsa, Rsa};
    let is_weak = matches!(
        certificate.signature_algorithm,
        Rsa(Hash::Md5 | Hash::Sha1) | Ecdsa(Hash::Sha1)
    );
    let may_sign = authority.key_usage.is_none_or(|usage| usage.key_cert_sign);
    let for_clients = authority
        .extended_key_usage
        .as_ref()
        .is_none_or(|usage| usage.client_auth || usage.any);
    let allowed = authority.is_authority() && may_sign && for_clients && !is_weak;
    allowed && certificate.is_issued_by(authority)
}
