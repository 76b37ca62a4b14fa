//! Whether a token of a service account would be accepted after the move.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use serde::Deserialize;

use super::conversion::Conversion;
use super::item::Outcome;
use crate::pki::{PublicKey, Secret, json_web_signature, pem};

/// Who issues the tokens that stand in Secrets and never end.
const LEGACY_ISSUER: &str = "kubernetes/serviceaccount";

/// A token that a person wants to be sure of.
#[derive(Debug, Clone)]
pub struct TokenToCheck {
    /// The file that it is from.
    pub file: String,
    /// The token. Blanks around it do not count.
    pub token: Secret<String>,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    #[serde(default)]
    aud: Audiences,
    exp: Option<i64>,
    sub: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(untagged)]
enum Audiences {
    #[default]
    None,
    One(String),
    Many(Vec<String>),
}

pub(super) fn convert(conversion: &mut Conversion<'_>) {
    for token in &conversion.wishes.tokens_to_check {
        let (what, outcome) = match check(conversion, token) {
            Ok(checked) => checked,
            Err(reason) => (
                "a token".to_owned(),
                Outcome::refused(
                    format!("it is no token of a service account: {reason}"),
                    "give a file with one token, as `kubectl create token` prints it",
                ),
            ),
        };
        conversion.note(&token.file, what, outcome);
    }
}

/// What the token is, and what becomes of it; or why it is none.
fn check(
    conversion: &Conversion<'_>,
    token: &TokenToCheck,
) -> Result<(String, Outcome), &'static str> {
    let text = token.token.expose().trim();
    let mut parts = text.split('.');
    let (Some(header), Some(claims), Some(signature), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err("it has not three parts with points between them");
    };
    let signed = &text.as_bytes()[..header.len() + 1 + claims.len()];
    let decoded = |part: &str| URL_SAFE_NO_PAD.decode(part).map_err(|_| "it is not base64");
    let header: Header =
        serde_json::from_slice(&decoded(header)?).map_err(|_| "its header cannot be read")?;
    let claims: Claims =
        serde_json::from_slice(&decoded(claims)?).map_err(|_| "its claims cannot be read")?;
    let signature = decoded(signature)?;
    let subject = claims.sub.as_deref().unwrap_or("nobody");
    let what = format!("the token of {}", subject.escape_debug());
    let key = signer(conversion, &header, signed, &signature);
    Ok((what, judge(conversion, &header, &claims, key.as_ref())))
}

/// The key that signed the token, among those that will be accepted.
fn signer(
    conversion: &Conversion<'_>,
    header: &Header,
    signed: &[u8],
    signature: &[u8],
) -> Option<PublicKey> {
    let account = conversion.cluster.service_account.as_ref();
    let signing = account.and_then(|account| account.key.chosen.as_ref());
    let signing = signing.map(|key| key.value.public_key().clone());
    let accepted = &conversion.kubernetes.service_accounts.accepted_public_keys;
    let accepted = accepted.iter().filter_map(|text| {
        let block = pem::read(text.as_bytes()).blocks.into_iter().next()?;
        PublicKey::from_spki(block.contents.expose()).ok()
    });
    let mut keys = signing.into_iter().chain(accepted);
    keys.find(|key| json_web_signature::verify(key, &header.alg, signed, signature).is_ok())
}

fn judge(
    conversion: &Conversion<'_>,
    header: &Header,
    claims: &Claims,
    key: Option<&PublicKey>,
) -> Outcome {
    let Some(key) = key else {
        let id = header.kid.as_deref().unwrap_or("(none)").escape_debug();
        return Outcome::refused(
            format!("no key that will be accepted has signed it; it names the key id {id}"),
            "give the key to every API server by --service-account-key-file, or mint the token anew",
        );
    };
    let issuers = &conversion.issuers;
    if claims.iss != LEGACY_ISSUER && !issuers.is_empty() && !issuers.contains(&claims.iss) {
        return Outcome::refused(
            format!(
                "its issuer {} is none of {}",
                claims.iss.escape_debug(),
                issuers.join(", ")
            ),
            "add the issuer to the API servers by --service-account-issuer, behind the first",
        );
    }
    let audiences = conversion.audiences.as_ref().unwrap_or(issuers);
    let fits = match &claims.aud {
        Audiences::None => true,
        Audiences::One(audience) => audiences.contains(audience),
        Audiences::Many(all) => all.iter().any(|audience| audiences.contains(audience)),
    };
    if !fits && !audiences.is_empty() {
        return Outcome::refused(
            format!("it is for none of {}", audiences.join(", ")),
            "add its audience to the API servers by --api-audiences",
        );
    }
    let now = conversion.wishes.now;
    let ended = claims
        .exp
        .and_then(|seconds| Timestamp::from_second(seconds).ok())
        .is_some_and(|end| end < now);
    if ended {
        return Outcome::needs_person("it has ended; check one that is in use");
    }
    Outcome::kept(format!(
        "it will be accepted: issuer {}, key id {}",
        claims.iss.escape_debug(),
        key.key_id()
    ))
}
