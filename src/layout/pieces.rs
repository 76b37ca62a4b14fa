//! Picks the pieces of a slot out of its files: which certificate, which key, what else is there.

use std::cmp::Reverse;

use super::inventory::InventoryFile;
use super::item::{Content, Item};
use crate::cluster::{Failure, FailureCause, Located, Material, Origin, Quirk};
use crate::pki::pem::Remark;
use crate::pki::{Certificate, KeyEncoding, KeyError, KeyStructure, PrivateKey, PublicKey};

/// Which of several certificates in a file fills a slot, beside that its key is there.
#[derive(Clone, Copy)]
pub(super) enum Preferred<'a> {
    /// The first, as Talos reads its own files.
    First,
    /// The one that holds longest of those that are one CA, renewed with its key.
    Renewed,
    /// The root before the CAs that it issued, and renewed.
    Root,
    /// This one, told by what it signed, and renewed.
    Told(&'a Certificate),
}

impl Preferred<'_> {
    fn is(self, certificate: &Certificate) -> bool {
        match self {
            Self::First | Self::Renewed => true,
            Self::Root => certificate.is_issued_by(certificate),
            Self::Told(told) => certificate.is_same_authority(told),
        }
    }
}

/// The certificate and key of a slot. Of several, a preferred certificate with a key in the key file
/// is chosen, or else any with one; Talos would take the first certificate and the first key, whether
/// they match or not.
pub(super) fn pair(
    certificate_file: Option<&InventoryFile>,
    key_file: Option<&InventoryFile>,
    preferred: Preferred<'_>,
) -> (Material<Certificate>, Material<PrivateKey>) {
    let certificates = certificate_file.map(InventoryFile::certificates);
    let certificates: Vec<&Certificate> = certificates
        .into_iter()
        .flatten()
        .map(|(_, certificate)| certificate)
        .collect();
    let fits = |key: &PrivateKey, is: &dyn Fn(&Certificate) -> bool| {
        let mut certificates = certificates.iter();
        certificates.any(|one| one.public_key == *key.public_key() && is(one))
    };
    let has_preferred = |key: &PrivateKey| fits(key, &|one| preferred.is(one));
    let is_preferred_there =
        key_file.is_some_and(|file| file.keys().any(|(_, key)| has_preferred(key)));
    let matches = |key: &PrivateKey| {
        if is_preferred_there {
            has_preferred(key)
        } else {
            fits(key, &|_| true)
        }
    };
    let key = key_file.map(|file| keys(file, matches)).unwrap_or_default();
    let public = key.chosen.as_ref().map(|key| key.value.public_key());
    let certificate = certificate_file
        .map(|file| material(file, position(&certificates, public, preferred)))
        .unwrap_or_default();
    (certificate, key)
}

/// Which of `certificates` is chosen, beside the key with this public half.
fn position(
    certificates: &[&Certificate],
    public: Option<&PublicKey>,
    preferred: Preferred<'_>,
) -> usize {
    let has_key = |one: &&Certificate| Some(&one.public_key) == public;
    let find = |is: &dyn Fn(&&Certificate) -> bool| certificates.iter().position(is);
    let first = find(&|one| has_key(one) && preferred.is(one))
        .or_else(|| find(&has_key))
        .or_else(|| find(&|one| preferred.is(one)))
        .unwrap_or_default();
    if matches!(preferred, Preferred::First) {
        return first;
    }
    let renewals = certificates
        .iter()
        .enumerate()
        .filter(|(_, one)| one.is_same_authority(certificates[first]));
    let newest = renewals.max_by_key(|(at, one)| (renewal_rank(one), Reverse(*at)));
    newest.map_or(first, |(at, _)| at)
}

/// Of certificates for one CA the one with the highest is taken: what Go takes for a CA, as a renewal that
/// lost its extensions is not, then a root before what another CA signed across, and of those the one
/// that holds longest.
pub(super) fn renewal_rank(certificate: &Certificate) -> impl Ord + use<> {
    let usage = certificate.key_usage;
    let is_sound = certificate.is_authority()
        && usage.is_none_or(|usage| usage.key_cert_sign)
        && certificate.go_refusal.is_none();
    let is_root = certificate.is_self_issued();
    (is_sound, is_root, certificate.validity.not_after)
}

fn material(file: &InventoryFile, position: usize) -> Material<Certificate> {
    let mut pieces: Vec<Located<Certificate>> = file.certificates().map(located).collect();
    let chosen = (position < pieces.len()).then(|| pieces.remove(position));
    let is_chosen = |item: &Item| {
        chosen
            .as_ref()
            .is_some_and(|chosen| chosen.origin == item.origin)
    };
    let label = file
        .items
        .iter()
        .find(|item| is_chosen(item))
        .map(|item| item.label.as_str());
    let mut quirks = file_quirks(file);
    if file.has_private_key() {
        quirks.push(Quirk::KeyInCertificateFile);
    }
    if let Some(label) = label.filter(|label| !["CERTIFICATE", "DER"].contains(label)) {
        quirks.push(Quirk::Label(label.to_owned()));
    }
    let mut failures = Vec::new();
    for item in &file.items {
        let reason = match &item.content {
            Content::Certificate(certificate) => match certificate.as_ref() {
                Ok(_) => continue,
                Err(error) => error.to_string(),
            },
            Content::PrivateKey(_) if chosen.is_none() => "it is a private key".to_owned(),
            Content::Other if chosen.is_none() => format!("it is a `{}`", item.label),
            _ => continue,
        };
        failures.push(unreadable(&item.origin, reason));
    }
    finish(
        file,
        chosen,
        position,
        pieces,
        failures,
        quirks,
        "certificate",
    )
}

/// The private keys of a file; the first that `matches` is chosen, or else the first of all.
pub(super) fn keys(
    file: &InventoryFile,
    matches: impl Fn(&PrivateKey) -> bool,
) -> Material<PrivateKey> {
    let mut pieces: Vec<Located<PrivateKey>> = file.keys().map(located).collect();
    let position = pieces
        .iter()
        .position(|key| matches(&key.value))
        .unwrap_or_default();
    let chosen = (position < pieces.len()).then(|| pieces.remove(position));
    let mut quirks = file_quirks(file);
    if file.certificates().next().is_some() {
        quirks.push(Quirk::CertificateInKeyFile);
    }
    let mut failures = Vec::new();
    for item in &file.items {
        match &item.content {
            Content::PrivateKey(key) => match key.read() {
                Ok((_, encoding)) => {
                    let is_chosen = chosen.as_ref().is_some_and(|key| key.origin == item.origin);
                    if is_chosen && !file.is_der {
                        quirks.extend(key_quirks(*encoding, &item.label));
                    }
                }
                Err(error) => failures.push(key_failure(&item.origin, error)),
            },
            Content::PublicKey(_) if chosen.is_none() => {
                failures.push(key_failure(&item.origin, &KeyError::PublicKey));
            }
            Content::Certificate(_) if chosen.is_none() => {
                failures.push(unreadable(&item.origin, "it is a certificate".to_owned()));
            }
            Content::Other if item.label == "EC PARAMETERS" => {
                quirks.push(Quirk::EcParametersFirst);
            }
            _ => {}
        }
    }
    // A certificate beside an unreadable key is not another trouble.
    if failures
        .iter()
        .any(|failure| failure.cause != FailureCause::Unreadable)
    {
        failures.retain(|failure| failure.cause != FailureCause::Unreadable);
    }
    finish(
        file,
        chosen,
        position,
        pieces,
        failures,
        quirks,
        "private key",
    )
}

/// The public keys of all `files`, each once. An API server accepts the tokens of every one; the one
/// that `signs` is chosen, or else the first.
pub(super) fn public_keys(
    files: &[&InventoryFile],
    signs: impl Fn(&PublicKey) -> bool,
) -> Material<PublicKey> {
    let mut pieces: Vec<Located<PublicKey>> = Vec::new();
    let mut failures = Vec::new();
    for item in files.iter().flat_map(|file| &file.items) {
        match public_key(&item.content) {
            Some(Ok(key)) if pieces.iter().all(|known| known.value != *key) => {
                pieces.push(located((&item.origin, key)));
            }
            Some(Err(reason)) => failures.push(unreadable(&item.origin, reason)),
            _ => {}
        }
    }
    let position = pieces.iter().position(|key| signs(&key.value));
    let position = position.unwrap_or_default();
    let chosen = (position < pieces.len()).then(|| pieces.remove(position));
    let is_chosen = |file: &&&InventoryFile| {
        let mut origins = file.items.iter().map(|item| &item.origin);
        chosen
            .as_ref()
            .is_some_and(|key| origins.any(|origin| *origin == key.origin))
    };
    let Some(file) = files.iter().find(is_chosen).or(files.first()) else {
        return Material::default();
    };
    finish(
        file,
        chosen,
        position,
        pieces,
        failures,
        Vec::new(),
        "public key",
    )
}

/// The public key that a piece of a file stands for.
fn public_key(content: &Content) -> Option<Result<&PublicKey, String>> {
    match content {
        Content::PublicKey(key) => Some(key.as_ref().map_err(String::clone)),
        // Cluster API stores the public key of a certificate's key, some install a certificate.
        Content::Certificate(certificate) => {
            let certificate = certificate.as_ref().as_ref().ok()?;
            Some(Ok(&certificate.public_key))
        }
        // API servers take the public half of a private key as well.
        Content::PrivateKey(key) => Some(match key.read() {
            Ok((key, _)) => Ok(key.public_key()),
            Err(error) => Err(error.to_string()),
        }),
        Content::Other => None,
    }
}

/// The parts of a [`Material`] that do not depend on what it is.
fn finish<T>(
    file: &InventoryFile,
    chosen: Option<Located<T>>,
    position: usize,
    others: Vec<Located<T>>,
    mut failures: Vec<Failure>,
    mut quirks: Vec<Quirk>,
    what: &str,
) -> Material<T> {
    if chosen.is_some() {
        // One good piece is enough; the broken ones beside it are told and left out.
        quirks.extend(
            failures
                .drain(..)
                .map(|failure| Quirk::BrokenBlock(failure.origin, failure.reason)),
        );
        for broken in &file.broken {
            let reason = format!(
                "the block that begins in line {}: {}",
                broken.line, broken.reason
            );
            quirks.push(Quirk::BrokenBlock(file.origin.clone(), reason));
        }
    } else {
        // What is odd about a file matters once there is something in it to use.
        quirks.clear();
        if failures.is_empty() {
            let reason = match file.broken.first() {
                Some(broken) => format!(
                    "the block that begins in line {}: {}",
                    broken.line, broken.reason
                ),
                None => match file.instead {
                    Some(instead) => instead.to_owned(),
                    None => format!("it holds no {what}"),
                },
            };
            failures.push(unreadable(&file.origin, reason));
        }
    }
    quirks.sort();
    let file = Some(file.path.clone());
    Material {
        file,
        chosen,
        position,
        others,
        failures,
        quirks,
        by_content: false,
    }
}

fn file_quirks(file: &InventoryFile) -> Vec<Quirk> {
    let mut quirks: Vec<Quirk> = file
        .remarks
        .iter()
        .map(|remark| match remark {
            Remark::ByteOrderMark => Quirk::ByteOrderMark,
            Remark::CarriageReturns => Quirk::CarriageReturns,
            Remark::TextOutsideBlocks => Quirk::TextOutsideBlocks,
            Remark::NoFinalNewline => Quirk::NoFinalNewline,
        })
        .collect();
    if file.is_der {
        quirks.push(Quirk::Der);
    }
    quirks
}

fn key_quirks(encoding: KeyEncoding, label: &str) -> Vec<Quirk> {
    let mut quirks = Vec::new();
    if encoding.encrypted {
        quirks.push(Quirk::Decrypted);
    } else if !encoding.label_fits {
        quirks.push(Quirk::Label(label.to_owned()));
    } else if encoding.structure == KeyStructure::Pkcs8 && !encoding.canonical {
        quirks.push(Quirk::Pkcs8);
    }
    quirks
}

fn key_failure(origin: &Origin, error: &KeyError) -> Failure {
    let cause = match error {
        KeyError::Encrypted => FailureCause::Encrypted,
        KeyError::UnsupportedEncryption(_) => FailureCause::EncryptedOtherwise,
        KeyError::WrongPassphrase => FailureCause::WrongPassphrase,
        KeyError::UnsupportedAlgorithm(_) => FailureCause::Algorithm,
        _ => FailureCause::Unreadable,
    };
    Failure {
        origin: origin.clone(),
        cause,
        reason: error.to_string(),
    }
}

fn unreadable(origin: &Origin, reason: String) -> Failure {
    Failure {
        origin: origin.clone(),
        cause: FailureCause::Unreadable,
        reason,
    }
}

pub(super) fn leaf(file: &InventoryFile) -> Result<Located<Certificate>, Located<String>> {
    let material = material(file, 0);
    material.chosen.ok_or_else(|| {
        let failure = material.failures.into_iter().next();
        let (origin, value) = failure.map_or_else(
            || {
                (
                    Origin::file(&file.path),
                    "it holds no certificate".to_owned(),
                )
            },
            |failure| (failure.origin, failure.reason),
        );
        Located { origin, value }
    })
}

pub(super) fn located<T: Clone>((origin, value): (&Origin, &T)) -> Located<T> {
    Located {
        origin: origin.clone(),
        value: value.clone(),
    }
}
