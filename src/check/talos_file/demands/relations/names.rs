//! Names that have a form of their own.

use super::labels::is_qualified_name;
use crate::check::talos_file::demands::refusals::Refusals;
use crate::check::talos_file::demands::{is_filled, text_of};
use crate::talos::file::Node;

/// Files below `/etc` that Talos writes itself, and folders whose files it does.
const FILES_OF_TALOS: [&str; 7] = [
    "resolv.conf",
    "hosts",
    "machine-id",
    "extensions.yaml",
    "localtime",
    "os-release",
    "xattr.conf",
];
const FOLDERS_OF_TALOS: [&str; 12] = [
    "apparmor.d",
    "apparmor",
    "ca-certificates",
    "cni",
    "cri",
    "iscsi",
    "kubernetes",
    "lvm",
    "nvme",
    "pki",
    "selinux",
    "ssl",
];

/// CRICustomizationConfig
pub(super) fn customization(document: &Node<'_>, refusals: &mut Refusals<'_>) {
    let name = text_of(document, "name");
    if name == Some("customization") {
        refusals.refuse(document, "name", "is a name that Talos keeps for itself");
    } else if name.is_some_and(|name| !is_qualified_name(name)) {
        refusals.refuse(
            document,
            "name",
            "is no name that Kubernetes would take for a label",
        );
    }
}

/// EtcFileConfig
pub(super) fn etc_file(document: &Node<'_>, refusals: &mut Refusals<'_>) {
    let Some(path) = text_of(document, "name") else {
        return;
    };
    if path.starts_with(['/', '.']) || leaves(path) {
        refusals.refuse(document, "name", "is no path below /etc");
        return;
    }
    let folder = path.split('/').next().unwrap_or_default();
    if FILES_OF_TALOS.contains(&path) || FOLDERS_OF_TALOS.contains(&folder) {
        refusals.refuse(document, "name", "is a file that Talos writes itself");
    }
}

/// Whether a path goes above where it begins.
fn leaves(path: &str) -> bool {
    let mut depth = 0_i32;
    path.split('/').any(|name| {
        depth += match name {
            ".." => -1,
            "" | "." => 0,
            _ => 1,
        };
        depth < 0
    })
}

/// EnvironmentConfig
pub(super) fn environment(variables: &Node<'_>, refusals: &mut Refusals<'_>) {
    for (name, variable) in variables.fields() {
        let is_known = |one: char| one.is_ascii_alphanumeric() || one == '_';
        if name.is_empty()
            || name.starts_with(|first: char| first.is_ascii_digit())
            || !name.chars().all(is_known)
        {
            refusals.refuse(
                &variable,
                "",
                "is no name of a variable: a-z, A-Z, 0-9 and `_`",
            );
        }
    }
}

/// SysctlConfig and SysfsConfig
pub(super) fn parameters(parameters: &Node<'_>, refusals: &mut Refusals<'_>) {
    for (name, parameter) in parameters.fields() {
        if name.is_empty() {
            refusals.refuse(&parameter, "", "has no name");
        }
    }
}

/// ExtensionServiceConfig
pub(super) fn extension_service(document: &Node<'_>, refusals: &mut Refusals<'_>) {
    let files = document
        .at("configFiles")
        .map(|list| list.items())
        .unwrap_or_default();
    let has_variables = document
        .at("environment")
        .is_some_and(|list| !list.items().is_empty());
    if files.is_empty() && !has_variables {
        let name = document.origin();
        let message = format!(
            "`{}` has neither `configFiles` nor `environment`",
            name.name()
        );
        refusals.require_one(document, "configFiles", &message);
    }
    for file in files {
        for field in ["content", "mountPath"] {
            if !is_filled(&file, field) {
                refusals.require(&file, field);
            }
        }
    }
}
