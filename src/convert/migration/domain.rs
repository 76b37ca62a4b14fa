//! The domain of services, where no setting names it: the certificate of the API server does.

use super::conversion::Conversion;
use super::endpoint;
use super::item::Outcome;
use crate::settings::ConfigurationKind;
use crate::talos::yaml_tree::Tree;

/// What stands before the domain in the name of the API server.
const SERVICE: &str = "kubernetes.default.svc.";

pub(super) fn conclude(conversion: &mut Conversion<'_>) {
    if conversion.knows_domain {
        compare(conversion);
        return;
    }
    let found = of_certificate(conversion).or_else(|| of_kubelet(conversion));
    let Some((origin, domain)) = found else {
        return;
    };
    // Where it is the usual one, nobody has to be told.
    if domain != conversion.dns_domain {
        let place = conversion.place("cluster.network.dnsDomain", "KubeNetworkConfig.dnsDomain");
        let what = format!("the domain of services, {domain}");
        conversion.note(origin, what, Outcome::converted(place));
        conversion.dns_domain = domain;
    }
}

/// What kubeadm was told once, or of another cluster, would leave every pod with names that nobody resolves.
fn compare(conversion: &mut Conversion<'_>) {
    let Some(certificate) = endpoint::api_server_certificate(conversion.cluster) else {
        return;
    };
    let names = certificate.value.dns_names.iter();
    let named: Vec<&str> = names
        .filter_map(|name| name.strip_prefix(SERVICE))
        .collect();
    let told = &conversion.dns_domain;
    if named.is_empty() || named.contains(&told.as_str()) {
        return;
    }
    let outcome = Outcome::needs_person(format!(
        "a setting says {told}, which was converted, and this certificate {}: see in the ConfigMap coredns of \
         kube-system which one pods have, and set it in {} of every machine",
        named.join(", "),
        conversion.place("cluster.network.dnsDomain", "KubeNetworkConfig.dnsDomain")
    ));
    let origin = certificate.origin.to_string();
    conversion.note(origin, "the domain of services", outcome);
}

fn of_certificate(conversion: &Conversion<'_>) -> Option<(String, String)> {
    let certificate = endpoint::api_server_certificate(conversion.cluster)?;
    let mut names = certificate.value.dns_names.iter();
    let domain = names.find_map(|name| name.strip_prefix(SERVICE))?;
    Some((certificate.origin.to_string(), domain.to_owned()))
}

fn of_kubelet(conversion: &Conversion<'_>) -> Option<(String, String)> {
    let configuration = conversion
        .settings
        .configuration(ConfigurationKind::Kubelet)?;
    let domain = configuration
        .tree
        .field("clusterDomain")
        .and_then(Tree::text)?;
    Some((configuration.origin.clone(), domain.to_owned()))
}
