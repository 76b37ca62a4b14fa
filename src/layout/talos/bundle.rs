//! A secrets bundle as a source: the trust of a cluster that runs Talos, whole.

use super::{Cluster, NAME, count};
use crate::cluster::{
    Authority, CaSlot, ClientSettings, Counts, KeyFile, Located, Material, Origin, Peculiarity,
    PeculiarityKind, ServiceAccount, TalosMaterial,
};
use crate::layout::inventory::certificates_in_pem;
use crate::pki::Certificate;
use crate::settings::cluster_info_in;
use crate::source::{SourceFile, Tree};
use crate::talos::{BUNDLE_IN_SECRET, Bundle, BundleError, COPIES_OF_BUNDLE, EncryptionSecret};

/// The CAs of which Cluster API has copies: the file, and the name of its Secret.
const COPIES: [(CaSlot, &str, &str); 3] = [
    (CaSlot::Kubernetes, "ca.crt", "NAME-ca"),
    (CaSlot::Etcd, "etcd/ca.crt", "NAME-etcd"),
    (CaSlot::Aggregator, "front-proxy-ca.crt", "NAME-proxy"),
];

/// The bundle that `tree` is, if it is one: a file of that name, and nothing beside it but what the
/// running cluster tells.
pub(in crate::layout) fn lone(tree: &Tree) -> Option<&SourceFile> {
    let info = cluster_info_in(tree).map(|file| &file.path);
    let files = tree.files.iter();
    let mut files =
        files.filter(|file| Some(&file.path) != info && !file.path.starts_with(COPIES_OF_BUNDLE));
    let file = files.next().filter(|_| files.next().is_none())?;
    (file.path == BUNDLE_IN_SECRET.1).then_some(file)
}

/// The cluster of the bundle in `file`, the one of `tree`.
pub(in crate::layout) fn read(tree: &Tree, file: &SourceFile) -> Result<Cluster, Vec<BundleError>> {
    let name = tree.name.as_str();
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
        peculiarities: authorities
            .iter()
            .filter_map(|own| copy_that_differs(tree, own))
            .collect(),
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

/// The copy of a CA that Cluster API has beside the bundle, if that is another CA.
fn copy_that_differs(tree: &Tree, own: &Authority) -> Option<Peculiarity> {
    let (_, file, secret) = COPIES.iter().find(|(slot, ..)| *slot == own.slot)?;
    let own_certificate = own.certificate.chosen.as_ref()?;
    let path = format!("{COPIES_OF_BUNDLE}{file}");
    let copy = tree.files.iter().find(|file| file.path == path)?;
    let copies = certificates_in_pem(&Origin::file(&copy.path), &copy.bytes);
    let copy = &copies.first()?.value;
    let shown = |certificate: &Certificate| {
        format!(
            "{certificate}, key {}",
            certificate.public_key.fingerprint()
        )
    };
    (copy.public_key != own_certificate.value.public_key).then(|| Peculiarity {
        kind: PeculiarityKind::CopyDiffers,
        message: format!("the Secret {secret} has another {} than the bundle", own.slot),
        places: vec![
            format!("{}: {}", own_certificate.origin, shown(&own_certificate.value)),
            format!("the Secret {secret}: {}", shown(copy)),
        ],
        help: "see which is in use (openssl s_client -connect HOST:6443 -showcerts shows who issued \
               the certificate of the API server), and have that one in both Secrets before you go on"
            .to_owned(),
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
