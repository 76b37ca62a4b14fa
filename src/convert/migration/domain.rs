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
