//! kube-proxy's configuration.

use super::conversion::{Conversion, Fields};
use super::item::Outcome;
use super::unset::is_unset;
use crate::settings::ConfigurationKind;
use crate::talos::yaml_tree::Tree;

/// Fields that Talos sets by itself.
const OWN: [&str; 5] = [
    "apiVersion",
    "clientConnection",
    "clusterCIDR",
    "hostnameOverride",
    "kind",
];

pub(super) fn convert(conversion: &mut Conversion<'_>) {
    let settings = conversion.settings;
    let Some(configuration) = settings.configuration(ConfigurationKind::KubeProxy) else {
        return;
    };
    let origin = configuration.origin.clone();
    let labels = Outcome::needs_person(
        "Talos's DaemonSet has other labels in its selector, which cannot be changed: delete \
         kubeadm's (kubectl -n kube-system delete daemonset kube-proxy) when every node runs Talos, \
         and let `talosctl upgrade-k8s` make Talos's own; or keep kubeadm's, and disable Talos's",
    );
    conversion.note(&origin, "the DaemonSet kube-proxy", labels);
    let carried = conversion.carry_fields(ConfigurationKind::KubeProxy, field);
    conversion.kubernetes.kube_proxy.config = carried;
}

fn field(
    conversion: &mut Conversion<'_>,
    name: &str,
    value: &Tree,
    carried: &mut Fields,
) -> Outcome {
    if OWN.contains(&name) {
        return Outcome::kept("Talos sets it by itself");
    }
    if is_unset(name, value) {
        return Outcome::kept("nothing is set");
    }
    if name == "mode" {
        conversion.kubernetes.kube_proxy.mode = value.text().map(str::to_owned);
        return Outcome::converted(conversion.place("cluster.proxy.mode", "KubeProxyConfig.mode"));
    }
    if conversion.contract().kubernetes_documents() {
        carried.push((name.to_owned(), value.clone()));
        return Outcome::converted("KubeProxyConfig.config");
    }
    match (name, value.text()) {
        ("bindAddress", Some("0.0.0.0" | "::")) => Outcome::kept("it is kube-proxy's default"),
        _ => Outcome::needs_person(
            "Talos before 1.14 takes flags of kube-proxy alone: set it in `cluster.proxy.extraArgs`",
        ),
    }
}
