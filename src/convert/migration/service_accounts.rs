//! Tokens of service accounts: who issues them, for whom they are, and by which keys they are
//! checked.
//!
//! A token names its issuer, its audience and its key. If the new API server does not accept one of
//! the three, every workload with such a token is locked out.

use super::conversion::{Conversion, add_argument};
use super::item::Outcome;
use super::networks::list;
use crate::pki::{Certificate, PrivateKey, PublicKey, pem};
use crate::settings::{ComponentProcess, Flag};

/// `--service-account-issuer`: the first issues, the tokens of all are accepted.
pub(super) fn issuer(
    conversion: &mut Conversion<'_>,
    _: &ComponentProcess,
    flag: &Flag,
) -> Outcome {
    conversion.issuers.push(flag.value.clone());
    let is_first = conversion.issuers.len() == 1;
    if conversion.contract().kubernetes_documents() {
        return Outcome::converted(if is_first {
            "KubeServiceAccountConfig.issuer.issuerURL"
        } else {
            "KubeServiceAccountConfig.accepted.issuers"
        });
    }
    if !is_first && !conversion.contract().repeats_arguments() {
        return Outcome::refused(
            "Talos before 1.13 knows one issuer alone, and tokens of the others would be refused",
            "use --talos-version v1.13 or later",
        );
    }
    Outcome::converted("cluster.apiServer.extraArgs")
}

/// `--api-audiences`
pub(super) fn audiences(
    conversion: &mut Conversion<'_>,
    _: &ComponentProcess,
    flag: &Flag,
) -> Outcome {
    let audiences = conversion.audiences.get_or_insert_default();
    audiences.extend(list(&flag.value));
    Outcome::converted(conversion.place(
        "cluster.apiServer.extraArgs",
        "KubeServiceAccountConfig.accepted.audiences",
    ))
}

/// `--service-account-key-file`: a file of public keys, of certificates, or of private keys.
pub(super) fn key_file(
    conversion: &mut Conversion<'_>,
    process: &ComponentProcess,
    flag: &Flag,
) -> Outcome {
    let account = conversion.cluster.service_account.as_ref();
    let signing = account.and_then(|account| account.key.chosen.as_ref());
    let signing = signing.map(|key| key.value.public_key());
    let Some(file) = conversion.settings.file(process, &flag.value) else {
        return Outcome::refused(
            format!(
                "`{}` was not read: tokens that it verifies would be refused",
                flag.value
            ),
            super::BRING_THE_FILE,
        );
    };
    let mut others = Vec::new();
    for block in pem::read(&file.bytes).blocks {
        match public_key(&block) {
            Some(key) if Some(&key) == signing => {}
            Some(key) => others.push(key),
            None => {
                return Outcome::refused(
                    format!(
                        "block {} of `{}` is no key that can be read",
                        block.index, file.path
                    ),
                    "see what it is; tokens that it verifies would be refused",
                );
            }
        }
    }
    if others.is_empty() {
        return Outcome::kept("it holds the public half of the key in the secrets bundle");
    }
    let ids: Vec<String> = others.iter().map(PublicKey::key_id).collect();
    if !conversion.contract().kubernetes_documents() {
        return Outcome::refused(
            format!(
                "Talos {} accepts tokens of one key alone, and those of {} would be refused",
                conversion.contract(),
                ids.join(", ")
            ),
            "use --talos-version v1.14; or wait until no token of the old key is left, and take it \
             out of the flags of every API server",
        );
    }
    let accepted = &mut conversion.kubernetes.service_accounts.accepted_public_keys;
    accepted.extend(
        others
            .iter()
            .map(|key| pem::write("PUBLIC KEY", key.spki())),
    );
    Outcome::converted(format!(
        "KubeServiceAccountConfig.accepted.publicKeys (key id {})",
        ids.join(", ")
    ))
}

fn public_key(block: &pem::Block) -> Option<PublicKey> {
    let der = block.contents.expose();
    if PrivateKey::is_label(&block.label) {
        let (key, _) = PrivateKey::from_block(block, None).ok()?;
        return Some(key.public_key().clone());
    }
    if block.label.ends_with("CERTIFICATE") {
        return Some(Certificate::from_der(der).ok()?.public_key);
    }
    let key = PublicKey::from_spki(der);
    key.or_else(|_| PublicKey::from_pkcs1(der)).ok()
}

/// Without `--api-audiences`, tokens are for the issuers (`Complete` in kube-apiserver's options).
pub(super) fn conclude(conversion: &mut Conversion<'_>) {
    let Some((first, others)) = conversion.issuers.split_first() else {
        return;
    };
    let audiences = conversion.audiences.as_ref().unwrap_or(&conversion.issuers);
    if conversion.contract().kubernetes_documents() {
        let accounts = &mut conversion.kubernetes.service_accounts;
        accounts.issuer = Some(first.clone());
        accounts.accepted_issuers = others.to_vec();
        // Without a list Talos takes the issuer; a list stands for itself, the issuer included.
        if *audiences != [first.clone()] {
            accounts.accepted_audiences.clone_from(audiences);
        }
        return;
    }
    let arguments = &mut conversion.kubernetes.api_server.arguments;
    for issuer in &conversion.issuers {
        add_argument(arguments, "service-account-issuer", issuer);
    }
    add_argument(arguments, "api-audiences", &audiences.join(","));
}
