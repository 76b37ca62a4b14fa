//! The fields of a bundle: their names in both forms, their order, and what stands in them.

use super::{Bundle, EncryptionSecret};
use crate::cluster::CaSlot;
use crate::pki::{CaPair, Secret};
use crate::talos::encoded_pem;

/// The CAs in the order of the bundle; the service-account key comes after the third.
const AUTHORITIES: [CaSlot; 3] = [CaSlot::Etcd, CaSlot::Kubernetes, CaSlot::Aggregator];

/// A field and what stands in it.
pub(super) struct Field<'a> {
    pub(super) yaml_name: &'static str,
    pub(super) json_name: &'static str,
    pub(super) value: Value<'a>,
}

pub(super) enum Value<'a> {
    Fields(Vec<Field<'a>>),
    /// PEM in base64.
    Pem(Secret<String>),
    Text(&'a str),
}

/// All fields of `bundle`.
pub(super) fn of(bundle: &Bundle) -> Vec<Field<'_>> {
    let (yaml_name, json_name, encryption_secret) = match &bundle.encryption {
        EncryptionSecret::Aescbc(secret) => {
            ("aescbcencryptionsecret", "AESCBCEncryptionSecret", secret)
        }
        EncryptionSecret::Secretbox(secret) => (
            "secretboxencryptionsecret",
            "SecretboxEncryptionSecret",
            secret,
        ),
    };
    let mut certificates: Vec<Field<'_>> = AUTHORITIES
        .iter()
        .map(|slot| authority(*slot, bundle.authority(*slot)))
        .collect();
    let key = vec![pem(
        "key",
        "Key",
        bundle.service_account.to_secret_pem().expose(),
    )];
    certificates.push(section("k8sserviceaccount", "K8sServiceAccount", key));
    certificates.push(authority(CaSlot::Os, &bundle.os));
    let cluster = vec![
        text("id", "Id", &bundle.cluster_id),
        text("secret", "Secret", bundle.cluster_secret.expose()),
    ];
    let secrets = vec![
        text(
            "bootstraptoken",
            "BootstrapToken",
            bundle.bootstrap_token.expose(),
        ),
        text(yaml_name, json_name, encryption_secret.expose()),
    ];
    let trustd = vec![text("token", "Token", bundle.trustd_token.expose())];
    vec![
        section("cluster", "Cluster", cluster),
        section("secrets", "Secrets", secrets),
        section("trustdinfo", "TrustdInfo", trustd),
        section("certs", "Certs", certificates),
    ]
}

fn authority(slot: CaSlot, pair: &CaPair) -> Field<'static> {
    let certificate = pem("crt", "Crt", &pair.certificate().to_pem());
    let key = pem("key", "Key", pair.key().to_secret_pem().expose());
    section(slot.yaml_name(), slot.json_name(), vec![certificate, key])
}

fn section<'a>(
    yaml_name: &'static str,
    json_name: &'static str,
    fields: Vec<Field<'a>>,
) -> Field<'a> {
    Field {
        yaml_name,
        json_name,
        value: Value::Fields(fields),
    }
}

fn pem(yaml_name: &'static str, json_name: &'static str, text: &str) -> Field<'static> {
    Field {
        yaml_name,
        json_name,
        value: Value::Pem(encoded_pem::encode(text)),
    }
}

fn text<'a>(yaml_name: &'static str, json_name: &'static str, text: &'a str) -> Field<'a> {
    Field {
        yaml_name,
        json_name,
        value: Value::Text(text),
    }
}
