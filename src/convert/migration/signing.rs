//! What the control plane is told to sign with, against what Talos signs with: the bundle.

use super::conversion::Conversion;
use super::item::Outcome;
use crate::cluster::CaSlot;
use crate::pki::{Certificate, PrivateKey, PublicKey, pem};
use crate::settings::{ComponentProcess, Flag};

const FROM_BUNDLE: &str = "Talos writes the file from the secrets bundle";

/// The file by which certificates are signed that have no signer of their own.
const OF_EVERY_KIND: &str = "cluster-signing-cert-file";

/// Whether the flag names what certificates or tokens are signed with.
pub(super) fn is_of_signer(flag: &str) -> bool {
    flag.starts_with("cluster-signing-")
        || matches!(
            flag,
            "service-account-signing-key-file" | "service-account-private-key-file"
        )
}

/// `--service-account-signing-key-file`, and `--service-account-private-key-file`: a process reads the
/// first private key (`PrivateKeyFromFile` in client-go).
pub(super) fn of_tokens(
    conversion: &mut Conversion<'_>,
    process: &ComponentProcess,
    flag: &Flag,
) -> Outcome {
    let Some(account) = &conversion.cluster.service_account else {
        return Outcome::kept(FROM_BUNDLE);
    };
    let Some((path, key)) = first(conversion, process, flag, private_key) else {
        return Outcome::kept(FROM_BUNDLE);
    };
    let own = account.key.chosen.as_ref();
    let own = own.map(|own| own.value.public_key());
    if own.is_none_or(|own| *own == key) {
        return Outcome::kept(FROM_BUNDLE);
    }
    if account.accepted().any(|accepted| accepted.value == key) {
        return Outcome::kept(
            "Talos signs with the key of the bundle, and accepts the tokens of this",
        );
    }
    Outcome::refused(
        format!(
            "tokens are signed with `{path}`, key id {}, and the bundle would have another key: \
             those of one side are refused by the other",
            key.key_id()
        ),
        format!("name the key in use: --service-account-key {path}"),
    )
}

/// `--cluster-signing-cert-file`, and those of single signers: the first certificate signs.
pub(super) fn of_certificates(
    conversion: &mut Conversion<'_>,
    process: &ComponentProcess,
    flag: &Flag,
) -> Outcome {
    let kept = Outcome::kept(if flag.name == OF_EVERY_KIND {
        FROM_BUNDLE
    } else {
        "Talos signs every kind of certificate by the CA of the bundle"
    });
    let Some((_, signer)) = first(conversion, process, flag, certificate) else {
        return kept;
    };
    let Some(authority) = conversion.cluster.authority(CaSlot::Kubernetes) else {
        return kept;
    };
    let is_it = |one: &Certificate| one.is_same_authority(&signer);
    let chosen = authority.certificate.chosen.as_ref();
    // Without its key, it signs nothing on Talos.
    let is_kept = conversion.cluster.has_pair(CaSlot::Kubernetes);
    if chosen.is_none_or(|chosen| is_kept && is_it(&chosen.value)) {
        return kept;
    }
    let accepted = &conversion.kubernetes.accepted_authorities;
    let is_accepted = authority.certificate.pieces().any(|one| is_it(&one.value))
        || accepted.contains(&signer.to_pem());
    if is_accepted {
        return Outcome::kept(
            "Talos signs by the CA of the bundle, and accepts what this one signed",
        );
    }
    Outcome::needs_person(format!(
        "Talos signs every certificate by the Kubernetes CA, and here {} signs: let whoever trusts \
         that one trust the Kubernetes CA, too",
        signer.subject
    ))
}

/// The first piece of the file of `flag` that `read` makes something of, with the path of the file.
fn first<T>(
    conversion: &Conversion<'_>,
    process: &ComponentProcess,
    flag: &Flag,
    read: fn(&pem::Block) -> Option<T>,
) -> Option<(String, T)> {
    let file = conversion.settings.file(process, &flag.value)?;
    let found = pem::read(&file.bytes).blocks.iter().find_map(read)?;
    Some((file.path.clone(), found))
}

fn private_key(block: &pem::Block) -> Option<PublicKey> {
    let label = PrivateKey::is_label(&block.label);
    let (key, _) = label.then(|| PrivateKey::from_block(block, None))?.ok()?;
    Some(key.public_key().clone())
}

fn certificate(block: &pem::Block) -> Option<Certificate> {
    let is_certificate = block.label == "CERTIFICATE";
    let der = is_certificate.then(|| block.contents.expose())?;
    Certificate::from_der(der).ok()
}
