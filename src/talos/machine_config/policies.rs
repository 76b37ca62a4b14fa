//! The policies for the API server that Talos sets: what pods may do, what is logged, who may ask.

use super::super::go_yaml::Node;

/// Pods are held to the profile `baseline`, and what is beyond `restricted` is told of.
pub(super) fn pod_security<'a>() -> Node<'a> {
    let defaults = [
        ("audit", Node::text("restricted")),
        ("audit-version", Node::text("latest")),
        ("enforce", Node::text("baseline")),
        ("enforce-version", Node::text("latest")),
        ("warn", Node::text("restricted")),
        ("warn-version", Node::text("latest")),
    ];
    let exemptions = [
        ("namespaces", Node::texts(["kube-system"])),
        ("runtimeClasses", Node::Sequence(Vec::new())),
        ("usernames", Node::Sequence(Vec::new())),
    ];
    Node::mapping([
        (
            "apiVersion",
            Node::text("pod-security.admission.config.k8s.io/v1alpha1"),
        ),
        ("defaults", Node::mapping(defaults)),
        ("exemptions", Node::mapping(exemptions)),
        ("kind", Node::text("PodSecurityConfiguration")),
    ])
}

/// Who asked what is logged, without the contents.
pub(super) fn audit<'a>() -> Node<'a> {
    let rule = Node::mapping([("level", Node::text("Metadata"))]);
    Node::mapping([
        ("apiVersion", Node::text("audit.k8s.io/v1")),
        ("kind", Node::text("Policy")),
        ("rules", Node::Sequence(vec![rule])),
    ])
}

/// Those without a name may ask for the health of the API server alone.
pub(super) fn authentication<'a>() -> Node<'a> {
    let paths = ["/livez", "/readyz", "/healthz"];
    let conditions = paths.map(|path| Node::mapping([("path", Node::text(path))]));
    let anonymous = [
        ("conditions", Node::Sequence(conditions.into())),
        ("enabled", Node::Boolean(true)),
    ];
    Node::mapping([
        ("anonymous", Node::mapping(anonymous)),
        ("jwt", Node::Sequence(Vec::new())),
    ])
}
