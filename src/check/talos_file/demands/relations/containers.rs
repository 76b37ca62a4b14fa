//! ContainerConfig

use std::collections::{HashMap, HashSet};

use crate::check::talos_file::demands::go;
use crate::check::talos_file::demands::refusals::Refusals;
use crate::check::talos_file::demands::text_of;
use crate::check::talos_file::everything_at;
use crate::talos::file::{Node, TalosFile};

/// Kinds of mounts, and their fields with a path.
const MOUNTS: [(&str, &[&str]); 3] = [
    ("userVolume", &["destination"]),
    ("tmpfs", &["destination"]),
    ("hostPath", &["source", "destination"]),
];
const OPTIONS: [&str; 8] = [
    "ro", "rw", "noexec", "nosuid", "nodev", "noatime", "rbind", "rshared",
];

/// Among more of them than a machine runs, no circle is looked for.
const MOST_CONTAINERS: usize = 500;

/// One container.
pub(super) fn container(container: &Node<'_>, refusals: &mut Refusals<'_>) {
    if text_of(container, "image").is_some_and(|image| !is_image(image)) {
        refusals.refuse(container, "image", "is no reference of an image");
    }
    for variable in items(container, "environment") {
        if variable
            .tree()
            .text()
            .is_some_and(|text| !text.contains('='))
        {
            refusals.refuse(&variable, "", "is not of the form NAME=VALUE");
        }
    }
    mounts(container, refusals);
    capabilities(container, refusals);
    limits(container, refusals);
    let own = text_of(container, "name");
    for name in items(container, "dependsOn.containers") {
        match name.text() {
            None => refusals.refuse(&name, "", "is empty"),
            text if text == own => refusals.refuse(&name, "", "is the container itself"),
            _ => {}
        }
    }
}

fn mounts(container: &Node<'_>, refusals: &mut Refusals<'_>) {
    let mut destinations = HashSet::new();
    for mount in items(container, "mounts") {
        let kinds: Vec<_> = MOUNTS
            .iter()
            .filter(|(kind, _)| mount.at(kind).is_some())
            .collect();
        let [(kind, paths)] = kinds.as_slice() else {
            let message = "is not exactly one of `userVolume`, `tmpfs` and `hostPath`";
            refusals.refuse(&mount, "", message);
            continue;
        };
        let Some(mount) = mount.at(kind) else {
            continue;
        };
        let names = (*kind == "userVolume").then_some("name");
        for field in names.iter().chain(*paths) {
            match text_of(&mount, field) {
                None => refusals.require(&mount, field),
                Some(path) if *field != "name" && !path.starts_with('/') => {
                    refusals.refuse(&mount, field, "is no path that begins with `/`");
                }
                Some(_) => {}
            }
        }
        let options = items(&mount, "options");
        let has = |wanted: &str| options.iter().any(|option| option.text() == Some(wanted));
        for option in &options {
            if option
                .tree()
                .text()
                .is_some_and(|text| !OPTIONS.contains(&text))
            {
                refusals.refuse(option, "", &format!("is none of {}", OPTIONS.join(", ")));
            }
        }
        if has("ro") && has("rw") {
            refusals.refuse(&mount, "options", "has both `ro` and `rw`");
        }
        if text_of(&mount, "destination").is_some_and(|path| !destinations.insert(path)) {
            refusals.refuse(&mount, "destination", "is that of another mount");
        }
    }
}

fn capabilities(container: &Node<'_>, refusals: &mut Refusals<'_>) {
    let dropped = items(container, "security.capabilities.drop");
    let added = items(container, "security.capabilities.add");
    let is_name = |text: &str| {
        let is_known = |one: char| one.is_ascii_uppercase() || one == '_';
        !text.is_empty() && !text.starts_with("CAP_") && text.chars().all(is_known)
    };
    for capability in added.iter().chain(&dropped) {
        if capability.tree().text().is_some_and(|text| !is_name(text)) {
            let message = "is no name of a capability: capitals and `_`, without CAP_";
            refusals.refuse(capability, "", message);
        }
    }
    for capability in &added {
        let Some(text) = capability.text() else {
            continue;
        };
        if text == "ALL" {
            refusals.refuse(capability, "", "is what `profile: privileged` is for");
        } else if dropped.iter().any(|other| other.text() == Some(text)) {
            refusals.refuse(capability, "", "is dropped, too");
        }
    }
}

fn limits(container: &Node<'_>, refusals: &mut Refusals<'_>) {
    let Some(limits) = container.at("resources.limits") else {
        return;
    };
    if text_of(&limits, "memory").is_some_and(|text| go::bytes(text).is_none()) {
        refusals.refuse(&limits, "memory", "is no size, as 10GiB");
    }
    let is_cpu = |text: &str| {
        let number = text
            .strip_suffix('m')
            .filter(|number| !number.starts_with('+'));
        number
            .and_then(|number| number.parse::<u64>().ok())
            .is_some_and(|number| number > 0)
    };
    if text_of(&limits, "cpu").is_some_and(|text| !is_cpu(text)) {
        refusals.refuse(&limits, "cpu", "is no number of thousandths, as 1500m");
    }
}

/// A repository, perhaps with a registry before it and a tag or digest behind it.
fn is_image(text: &str) -> bool {
    let (rest, digest) = text
        .split_once('@')
        .map_or((text, None), |(rest, digest)| (rest, Some(digest)));
    let is_digest = digest.is_none_or(|digest| {
        let digits = digest.strip_prefix("sha256:");
        digits.is_some_and(|digits| {
            digits.len() == 64 && digits.bytes().all(|one| one.is_ascii_hexdigit())
        })
    });
    let slash = rest.rfind('/').map_or(0, |slash| slash + 1);
    let colon = rest
        .get(slash..)
        .and_then(|last| last.find(':'))
        .map(|colon| colon + slash);
    let (name, tag) = match colon {
        Some(colon) => rest.split_at(colon),
        None => (rest, ""),
    };
    let tag = tag.strip_prefix(':');
    let is_tag = tag.is_none_or(|tag| {
        (1..=128).contains(&tag.len())
            && tag
                .chars()
                .all(|one| one.is_ascii_alphanumeric() || "_-.".contains(one))
    });
    let (registry, repository) = match name.split_once('/') {
        Some((first, rest)) if first.contains(['.', ':']) || first == "localhost" => (first, rest),
        _ => ("", name),
    };
    let is_known =
        |one: char| one.is_ascii_lowercase() || one.is_ascii_digit() || "_-./".contains(one);
    let is_host = |one: char| one.is_ascii_alphanumeric() || "-.:[]".contains(one);
    is_digest
        && is_tag
        && registry.chars().all(is_host)
        && (2..=255).contains(&repository.len())
        && repository.chars().all(is_known)
}

/// Containers depend on containers that are there, and on no one that depends on them.
pub(super) fn dependencies(file: &TalosFile, refusals: &mut Refusals<'_>) {
    let containers = everything_at(file, "ContainerConfig");
    let edges: HashMap<&str, Vec<&str>> = containers
        .iter()
        .map(|one| {
            let names = items(one, "dependsOn.containers");
            let names = names.iter().filter_map(Node::text).collect();
            (text_of(one, "name").unwrap_or_default(), names)
        })
        .collect();
    for container in &containers {
        let own = text_of(container, "name").unwrap_or_default();
        for name in items(container, "dependsOn.containers") {
            let Some(text) = name.text().filter(|text| *text != own) else {
                continue;
            };
            if !edges.contains_key(text) {
                refusals.refuse(&name, "", "is no container of this configuration");
            } else if containers.len() <= MOST_CONTAINERS && reaches(&edges, text, own) {
                refusals.refuse(&name, "", "depends on this container itself");
            }
        }
    }
}

fn reaches(edges: &HashMap<&str, Vec<&str>>, from: &str, to: &str) -> bool {
    let mut seen = HashSet::new();
    let mut waiting = vec![from];
    while let Some(name) = waiting.pop() {
        if name == to {
            return true;
        }
        if seen.insert(name) {
            waiting.extend(edges.get(name).into_iter().flatten().copied());
        }
    }
    false
}

fn items<'a>(node: &Node<'a>, path: &str) -> Vec<Node<'a>> {
    node.at(path).map(|list| list.items()).unwrap_or_default()
}
