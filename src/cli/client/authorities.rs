//! The CAs that issue to clients, from a bundle or a configuration.

use jiff::Timestamp;

use super::arguments::AuthoritySource;
use super::error::ClientError;
use crate::check::validity::day;
use crate::cli::{CommandError, bundle_file};
use crate::cluster::{CaSlot, ClientSettings, Cluster, Material};
use crate::layout;
use crate::pki::{CaPair, Certificate, Validity};
use crate::report;
use crate::source::{self, Location};

/// A CA, and what is known of its cluster.
#[derive(Debug)]
pub(super) struct IssuingAuthority {
    /// The file that it is from.
    pub(super) file: String,
    /// The CA.
    pub(super) pair: CaPair,
    /// What a configuration says to clients; a bundle says nothing.
    pub(super) clients: Option<ClientSettings>,
}

/// Reads the CA in `slot`, which has to hold at `now`.
pub(super) fn read(
    source: &AuthoritySource,
    slot: CaSlot,
    now: Timestamp,
) -> Result<IssuingAuthority, CommandError> {
    let authority = match (&source.with_secrets, &source.from_controlplane_config) {
        (Some(location), _) => from_bundle(location, slot)?,
        // The invariant: one of the two is required.
        (None, location) => {
            from_configuration(location.as_ref().unwrap_or(&Location::StandardInput), slot)?
        }
    };
    let validity = authority.pair.certificate().validity;
    if now > validity.not_after {
        let ended = validity.not_after;
        return Err(ClientError::AuthorityEnded { slot, ended }.into());
    }
    if now < validity.not_before {
        let begins = validity.not_before;
        return Err(ClientError::AuthorityNotBegun { slot, begins }.into());
    }
    Ok(authority)
}

fn from_bundle(location: &Location, slot: CaSlot) -> Result<IssuingAuthority, CommandError> {
    let bundle = bundle_file::read(location)?;
    Ok(IssuingAuthority {
        file: location.display(),
        pair: bundle.authority(slot).clone(),
        clients: None,
    })
}

fn from_configuration(location: &Location, slot: CaSlot) -> Result<IssuingAuthority, ClientError> {
    let cluster = layout::talos::read(&source::read_one(location)?)?;
    let pair = pair(&cluster, slot)?;
    Ok(IssuingAuthority {
        file: cluster.name,
        pair,
        clients: cluster.talos.map(|talos| talos.clients),
    })
}

fn pair(cluster: &Cluster, slot: CaSlot) -> Result<CaPair, ClientError> {
    let unusable = |reason: String| ClientError::Authority {
        file: cluster.name.clone(),
        slot,
        reason,
    };
    let authority = cluster
        .authority(slot)
        .ok_or_else(|| unusable("it is not there".to_owned()))?;
    let (certificate, key) = (&authority.certificate, &authority.key);
    let (Some(certificate), Some(key)) = (&certificate.chosen, &key.chosen) else {
        let reasons = [reasons(certificate), reasons(key)].concat();
        return Err(unusable(reasons.join("; ")));
    };
    CaPair::prove(certificate.value.clone(), key.value.clone())
        .map_err(|error| ClientError::Mismatch { slot, error })
}

/// Why there is none to use.
fn reasons<T>(material: &Material<T>) -> Vec<String> {
    let failures = material.failures.iter();
    let mut reasons: Vec<_> = failures.map(|failure| failure.reason.clone()).collect();
    let missing = material.file.as_ref().filter(|_| material.is_absent());
    reasons.extend(missing.map(|place| format!("`{place}` is missing")));
    reasons
}

/// A warning if a certificate ends after its CA.
pub(super) fn warning(slot: CaSlot, authority: &Certificate, leaf: Validity) -> Option<String> {
    let ends = authority.validity.not_after;
    (leaf.not_after > ends).then(|| {
        report::warning(&format!(
            "the certificate ends on {}, but the {slot} already on {}; from then on nobody \
             accepts it",
            day(leaf.not_after),
            day(ends),
        ))
    })
}
