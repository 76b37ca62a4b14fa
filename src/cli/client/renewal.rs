//! Whether the certificate of a context is to be renewed.

use jiff::{SignedDuration, Timestamp};

use crate::check::validity::day;
use crate::pki::Certificate;
use crate::talos::apid::{self, GrantedRoles};
use crate::talos::{Context, Contract, Credentials, Role};

/// By what a context is judged.
pub(super) struct Judgement<'a> {
    /// The CA that would renew it.
    pub(super) authority: &'a Certificate,
    /// For which Talos.
    pub(super) contract: Contract,
    /// When.
    pub(super) now: Timestamp,
    /// The roles that it has to have.
    pub(super) roles: &'a [Role],
    /// How long it has to hold.
    pub(super) within: SignedDuration,
}

impl Judgement<'_> {
    /// Why `context` is to be renewed, or else when it ends.
    pub(super) fn due(&self, context: &Context) -> Result<String, Timestamp> {
        let credentials = match Credentials::read(context) {
            Ok(credentials) => credentials,
            Err(problems) => return Ok(joined(&problems)),
        };
        let refusals = apid::refusals(&credentials, self.now, self.contract);
        if !refusals.is_empty() {
            return Ok(joined(&refusals));
        }
        let certificate = &credentials.certificate;
        if !certificate.is_issued_by(self.authority) {
            return Ok("its certificate was issued by another CA".to_owned());
        }
        let granted = GrantedRoles::of(certificate, self.contract);
        if granted.known != self.roles || !granted.unknown.is_empty() {
            return Ok("its roles are others".to_owned());
        }
        let ends = certificate.validity.not_after;
        if self.now.duration_until(ends) < self.within {
            return Ok(format!("its certificate ends on {}", day(ends)));
        }
        Err(ends)
    }
}

fn joined(reasons: &[impl ToString]) -> String {
    let reasons = reasons.iter().map(ToString::to_string);
    reasons.collect::<Vec<_>>().join("; ")
}

/// The roles of the certificate in `context`, or why they cannot be told or kept. Whoever can write
/// the file could put any roles there: they count only by the signature of `authority`.
pub(super) fn kept_roles(
    context: &Context,
    authority: &Certificate,
    contract: Contract,
) -> Result<Vec<Role>, String> {
    let certificate = Credentials::certificate_of(context).map_err(|error| error.to_string())?;
    if !certificate.is_issued_by(authority) {
        return Err("its certificate was not issued by this CA".to_owned());
    }
    let granted = GrantedRoles::of(&certificate, contract);
    if let Some(unknown) = granted.unknown.first() {
        return Err(format!("Talos {contract} has no role {unknown:?}"));
    }
    if granted.known.is_empty() {
        return Err("its certificate has none".to_owned());
    }
    Ok(granted.known)
}
