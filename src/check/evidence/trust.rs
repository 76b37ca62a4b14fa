//! Which CA the kubeconfigs trust.

use super::super::finding::Finding;
use super::{KUBECONFIG_TRUSTS_ANOTHER_CA, NO_KUBECONFIG_TRUSTS_CA, renewal};
use crate::cluster::{CaSlot, Cluster, Kubeconfig, Located, Slot};
use crate::pki::{Certificate, PublicKey};

/// What to do with a kubeconfig that no distribution made.
const OF_A_PERSON: &str = "in the kubeconfig of a person or a program, put the Kubernetes CA into \
                           `certificate-authority-data`";

/// Kubeconfigs that do not trust the Kubernetes CA.
pub(super) fn foreign_trust(cluster: &Cluster) -> Option<Finding> {
    let authority = cluster.certificate(CaSlot::Kubernetes)?;
    let strangers: Vec<_> = cluster
        .kubeconfigs
        .iter()
        .filter(|kubeconfig| {
            let mut trusted = kubeconfig.authorities.iter().peekable();
            // The same key is the same trust, however often the CA was renewed.
            trusted.peek().is_some()
                && trusted.all(|trusted| trusted.value.public_key != authority.value.public_key)
        })
        .collect();
    let message = match strangers.as_slice() {
        [] => return None,
        [one] => format!("`{}` does not trust the Kubernetes CA", one.path),
        many => format!("{} kubeconfigs do not trust the Kubernetes CA", many.len()),
    };
    let trusted = strangers
        .iter()
        .flat_map(|kubeconfig| &kubeconfig.authorities);
    let is_chosen = cluster.is_given(Slot::Ca(CaSlot::Kubernetes));
    let is_strange_to_all = !is_chosen && is_strange_to_all(cluster);
    let rule = if is_strange_to_all {
        &NO_KUBECONFIG_TRUSTS_CA
    } else {
        &KUBECONFIG_TRUSTS_ANOTHER_CA
    };
    let finding = rule.finding(message).at_each(trusted.map(|trusted| {
        let key = trusted.value.public_key.fingerprint();
        format!("{}: {}, key {key}", trusted.origin, trusted.value)
    }));
    if is_strange_to_all {
        return Some(finding);
    }
    let is_own = |kubeconfig: &&Kubeconfig| kubeconfig.role.is_some();
    let (own, others): (Vec<_>, Vec<_>) = strangers.into_iter().partition(is_own);
    let of_persons = (!others.is_empty()).then_some(OF_A_PERSON);
    Some(finding.help(renewal(cluster, !own.is_empty(), of_persons)))
}

/// Whether no kubeconfig of the distribution itself trusts the Kubernetes CA, or one that is trusted
/// beside it: during a rotation some know the old CA alone. One whose client such a CA issued is of
/// this cluster, whatever it trusts: the certificate of a load balancer may be of another CA.
fn is_strange_to_all(cluster: &Cluster) -> bool {
    let authority = cluster.authority(CaSlot::Kubernetes);
    let certificate = authority.map(|authority| &authority.certificate);
    let known = certificate
        .into_iter()
        .flat_map(|it| it.chosen.iter().chain(&it.others));
    let known: Vec<&Certificate> = known.map(|known| &known.value).collect();
    // What stands beside it in the file that a flag names is trusted with it.
    let named = cluster.named.iter();
    let named = named.filter(|named| named.slot == Slot::Ca(CaSlot::Kubernetes));
    let named = named.filter(|named| known.iter().any(|ca| named.keys.contains(&ca.public_key)));
    let beside: Vec<&PublicKey> = named.flat_map(|named| &named.keys).collect();
    let is_known = |trusted: &Certificate| {
        let mut known = known.iter();
        // Whoever trusts the root trusts what is below it.
        known.any(|ca| ca.public_key == trusted.public_key || ca.is_issued_by(trusted))
            || beside.contains(&&trusted.public_key)
    };
    let issued = |client: &Located<Certificate>| {
        let mut known = known.iter();
        known.any(|ca| client.value.is_issued_by(ca))
            || cluster.is_chained(CaSlot::Kubernetes, client)
    };
    let own = cluster.kubeconfigs.iter();
    let own = own.filter(|kubeconfig| kubeconfig.role.is_some());
    let own = own.filter(|kubeconfig| !kubeconfig.authorities.is_empty());
    let mut own = own.peekable();
    own.peek().is_some()
        && own.all(|kubeconfig| {
            let mut trusted = kubeconfig.authorities.iter();
            !trusted.any(|trusted| is_known(&trusted.value))
                && !kubeconfig.client.as_ref().is_some_and(issued)
        })
}
