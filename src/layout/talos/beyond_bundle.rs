//! What a machine configuration trusts beside the CAs and keys that a bundle can hold.

use super::fields::Fields;
use crate::cluster::BeyondBundle;
use crate::talos::yaml_tree::Tree;

/// Lists that a bundle has no place for: where, what one item is, and what several are.
const LISTS: [(&str, &str, &str); 7] = [
    (
        "machine.acceptedCAs",
        "accepted Talos CA",
        "accepted Talos CAs",
    ),
    (
        "cluster.acceptedCAs",
        "accepted Kubernetes CA",
        "accepted Kubernetes CAs",
    ),
    (
        "KubeAPIServerCAConfig.acceptedCAs",
        "accepted Kubernetes CA",
        "accepted Kubernetes CAs",
    ),
    (
        "KubeAggregatorCAConfig.acceptedCAs",
        "accepted aggregator CA",
        "accepted aggregator CAs",
    ),
    (
        "KubeServiceAccountConfig.accepted.publicKeys",
        "accepted service-account key",
        "accepted service-account keys",
    ),
    (
        "KubeServiceAccountConfig.accepted.issuers",
        "accepted service-account issuer",
        "accepted service-account issuers",
    ),
    (
        "KubeServiceAccountConfig.accepted.audiences",
        "accepted service-account audience",
        "accepted service-account audiences",
    ),
];

/// Flags of the API server that set the issuer of service-account tokens by hand.
const ISSUER_FLAGS: [&str; 2] = [
    "cluster.apiServer.extraArgs.service-account-issuer",
    "KubeAPIServerConfig.extraArgs.service-account-issuer",
];

/// Everything but the encryption of Secrets.
pub(super) fn find(fields: &mut Fields<'_>) -> Vec<BeyondBundle> {
    let lists = LISTS.iter().filter_map(|(place, one, several)| {
        let count = fields.at(place)?.items().len();
        let what = match count {
            0 => return None,
            1 => format!("1 {one}"),
            _ => format!("{count} {several}"),
        };
        Some(BeyondBundle {
            place: (*place).to_owned(),
            what,
        })
    });
    let flags = ISSUER_FLAGS
        .iter()
        .filter(|place| fields.at(place).is_some())
        .map(|place| {
            let what = "an issuer of service-account tokens by flag".to_owned();
            BeyondBundle {
                place: (*place).to_owned(),
                what,
            }
        });
    let mut beyond: Vec<_> = lists.chain(flags).collect();
    beyond.extend(issuer(fields));
    beyond
}

/// The issuer of service-account tokens, unless it is what Talos makes it: the cluster's endpoint.
fn issuer(fields: &mut Fields<'_>) -> Option<BeyondBundle> {
    let place = "KubeServiceAccountConfig.issuer.issuerURL";
    let issuer = fields.at(place).and_then(Tree::text)?;
    let endpoint = fields.text(
        "cluster.controlPlane.endpoint",
        Some("KubeClusterConfig.endpoint"),
    );
    (endpoint != Some(issuer)).then(|| BeyondBundle {
        place: place.to_owned(),
        what: "an issuer of service-account tokens that is not the cluster's endpoint".to_owned(),
    })
}
