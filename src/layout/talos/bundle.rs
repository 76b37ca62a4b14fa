//! A secrets bundle as a source: the trust of a cluster that runs Talos, whole.

use super::{Cluster, NAME, count};
use crate::cluster::{
    Authority, CaSlot, ClientSettings, Counts, KeyFile, Located, Material, Origin, ServiceAccount,
    TalosMaterial,
};
use crate::settings::cluster_info_in;
use crate::source::{SourceFile, Tree};
use crate::talos::{BUNDLE_IN_SECRET, Bundle, BundleError, EncryptionSecret};

/// The bundle that `tree` is, if it is one: a file of that name, and nothing beside it but what the
/// running cluster tells.
pub(in crate::layout) fn lone(tree: &Tree) -> Option<&SourceFile> {
    let info = cluster_info_in(tree).map(|file| &file.path);
    let mut files = tree.files.iter().filter(|file| Some(&file.path) != info);
    let file = files.next().filter(|_| files.next().is_none())?;
    (file.path == BUNDLE_IN_SECRET.1).then_some(file)
}

/// The cluster of the bundle in `file`; `name` is what a person knows it by.
pub(in crate::layout) fn read(name: &str, file: &SourceFile) -> Result<Cluster, Vec<BundleError>> {
    let bundle = Bundle::read(&file.bytes)?;
    let at = |field: String| Origin::field(name, field);
    let authorities = CaSlot::ALL.map(|slot| {
        let pair = bundle.authority(slot);
        let field = format!("certs.{}", slot.yaml_name());
        Authority {
            slot,
            certificate: found(at(format!("{field}.crt")), pair.certificate().clone()),
            key: found(at(format!("{field}.key")), pair.key().clone()),
        }
    });
    let field = at("certs.k8sserviceaccount.key".to_owned());
    let service_account = ServiceAccount {
        key: found(field, bundle.service_account.clone()),
        ..ServiceAccount::default()
    };
    let counts = Counts {
        certificates_and_keys: count(&authorities, &service_account),
        static_pods: 0,
    };
    Ok(Cluster {
        name: name.to_owned(),
        layout: Some(NAME),
        authorities: authorities.into(),
        service_account: Some(service_account),
        key_files: vec![KeyFile {
            path: name.to_owned(),
            mode: file.mode,
        }],
        counts,
        talos: Some(material(bundle)),
        ..Cluster::default()
    })
}

fn found<T>(origin: Origin, value: T) -> Material<T> {
    Material {
        chosen: Some(Located { origin, value }),
        ..Material::default()
    }
}

fn material(bundle: Bundle) -> TalosMaterial {
    let (aescbc_secret, secretbox_secret) = match bundle.encryption {
        EncryptionSecret::Aescbc(secret) => (Some(secret), None),
        EncryptionSecret::Secretbox(secret) => (None, Some(secret)),
    };
    TalosMaterial {
        cluster_id: Some(bundle.cluster_id),
        cluster_secret: Some(bundle.cluster_secret),
        trustd_token: Some(bundle.trustd_token),
        bootstrap_token: Some(bundle.bootstrap_token),
        aescbc_secret,
        secretbox_secret,
        beyond_bundle: Vec::new(),
        clients: ClientSettings {
            name: None,
            endpoint: None,
            admin_lifetime: None,
            accepted_authorities: Ok(Vec::new()),
        },
    }
}
