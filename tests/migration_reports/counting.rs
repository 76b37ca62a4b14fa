//! Nothing that was read may vanish: everything that stands in the files of a cluster is an item of
//! the plan. The files are read here by another reader, so that what the first one drops is missed.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_yaml::Value;
use talos_pki::cluster::Cluster;
use talos_pki::convert::migration::Plan;

use crate::changed;
use crate::clusters::{self, Read};
use crate::fixture::copy_of;

/// What each item is, with how often it is there, by the file that it was read in.
struct Items(BTreeMap<(String, String), usize>);

impl Items {
    fn of(plan: &Plan) -> Self {
        let mut items = BTreeMap::new();
        for item in &plan.items {
            *items
                .entry((item.origin.clone(), item.what.clone()))
                .or_default() += 1;
        }
        Self(items)
    }

    /// Takes an item out; it must be there.
    fn take(&mut self, origin: &str, what: &str) {
        let key = (origin.to_owned(), what.to_owned());
        match self.0.get_mut(&key) {
            Some(count) if *count > 0 => *count -= 1,
            _ => panic!("{origin}: {what} vanished; there are {:#?}", self.0.keys()),
        }
    }
}

fn yaml(folder: &Path, file: &str) -> Vec<Value> {
    use serde::Deserialize;
    let text = fs::read_to_string(folder.join(file)).unwrap();
    serde_yaml::Deserializer::from_str(&text)
        .map(|document| Value::deserialize(document).unwrap())
        .collect()
}

fn list<'a>(value: &'a Value, path: &[&str]) -> Vec<&'a Value> {
    let value = path.iter().try_fold(value, |value, name| value.get(name));
    let items = value.and_then(Value::as_sequence);
    items
        .map(|items| items.iter().collect())
        .unwrap_or_default()
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

#[test]
fn every_flag_variable_mount_image_and_container_of_static_pods_is_an_item() {
    let mut count = 0;
    for folder in [
        copy_of("kubeadm/rsa-2048"),
        copy_of("kubeadm/external-etcd"),
        changed::changed(),
    ] {
        let mut items = Items::of(&Read::of(folder.path(), "v1.14").plan);
        for entry in fs::read_dir(folder.path().join("manifests")).unwrap() {
            let file = format!("manifests/{}", entry.unwrap().file_name().to_str().unwrap());
            let pod = &yaml(folder.path(), &file)[0];
            let containers = list(pod, &["spec", "containers"]);
            let Some((first, others)) = containers.split_first() else {
                items.take(&file, &format!("the file {file}"));
                continue;
            };
            let words = list(first, &["command"]);
            let is_ours = words.first().is_some_and(|program| {
                [
                    "kube-apiserver",
                    "kube-controller-manager",
                    "kube-scheduler",
                    "etcd",
                ]
                .contains(&program.as_str().unwrap())
            });
            if !is_ours {
                items.take(
                    &file,
                    &format!("the static pod {}", text(&pod["metadata"], "name")),
                );
                continue;
            }
            for word in &words[1..] {
                items.take(&file, word.as_str().unwrap());
            }
            for variable in list(first, &["env"]) {
                items.take(&file, &format!("the variable {}", text(variable, "name")));
            }
            for mount in list(first, &["volumeMounts"]) {
                items.take(&file, &format!("the mount {}", text(mount, "mountPath")));
            }
            items.take(&file, &format!("the image {}", text(first, "image")));
            for other in others {
                items.take(&file, &format!("the container {}", text(other, "name")));
            }
            count += words.len();
        }
    }
    assert!(count > 150, "{count} words were looked at");
}

#[test]
fn every_field_of_configurations_is_an_item() {
    let folder = changed::changed();
    let mut items = Items::of(&Read::of(folder.path(), "v1.14").plan);
    let file = "kubeadm-config.yaml";
    let mut leaves = Vec::new();
    gather("", &yaml(folder.path(), file)[0], &mut leaves);
    assert!(leaves.len() > 10);
    for (path, value) in leaves {
        // The name of a flag is in the item of its value.
        if path == "apiServer.extraArgs[0].name" {
            continue;
        }
        if path == "apiServer.extraArgs[0].value" {
            items.take(file, "apiServer.extraArgs: max-requests-inflight=800");
        } else if path == "apiServer.extraEnvs[0].value" {
            // It may be a secret.
            items.take(file, &path);
        } else {
            items.take(file, &format!("{path}: {value}"));
        }
    }
    let file = "kubelet-config.yaml";
    for document in yaml(folder.path(), file) {
        for (name, _) in document.as_mapping().unwrap() {
            items.take(file, name.as_str().unwrap());
        }
    }
}

fn gather(path: &str, value: &Value, leaves: &mut Vec<(String, String)>) {
    match value {
        Value::Mapping(fields) => {
            for (name, value) in fields {
                let dot = if path.is_empty() { "" } else { "." };
                gather(
                    &format!("{path}{dot}{}", name.as_str().unwrap()),
                    value,
                    leaves,
                );
            }
        }
        Value::Sequence(values) => {
            for (index, value) in values.iter().enumerate() {
                gather(&format!("{path}[{index}]"), value, leaves);
            }
        }
        leaf => leaves.push((path.to_owned(), leaf.as_str().unwrap().to_owned())),
    }
}

#[test]
fn every_certificate_key_and_kubeconfig_is_an_item() {
    for (name, read) in clusters::all() {
        assert_no_piece_vanished(name, &read);
    }
}

fn assert_no_piece_vanished(name: &str, read: &Read) {
    let items = &read.plan.items;
    for piece in pieces(&read.cluster) {
        let mut origins = items.iter().map(|item| &item.origin);
        assert!(
            origins.any(|origin| origin.starts_with(&piece)),
            "{name}: {piece} vanished"
        );
    }
}

/// A CA from before a rotation in `ca.crt`, a key that nobody uses, and a copy of a manifest.
#[test]
fn what_plays_no_part_is_an_item() {
    let copy = copy_of("kubeadm/rsa-2048");
    let folder = copy.path();
    let other = copy_of("kubeadm/ecdsa-p256");
    let read = |folder: &Path, file: &str| fs::read_to_string(folder.join(file)).unwrap();
    let bundle = read(folder, "pki/ca.crt") + &read(other.path(), "pki/ca.crt");
    fs::write(folder.join("pki/ca.crt"), bundle).unwrap();
    fs::copy(
        other.path().join("pki/etcd/ca.crt"),
        folder.join("pki/spare.crt"),
    )
    .unwrap();
    fs::copy(
        other.path().join("pki/etcd/ca.key"),
        folder.join("pki/spare.key"),
    )
    .unwrap();
    let manifest = "manifests/kube-scheduler.yaml";
    fs::copy(
        folder.join(manifest),
        folder.join("manifests/scheduler-copy.yaml"),
    )
    .unwrap();
    let read = Read::of(folder, "v1.14");
    assert_no_piece_vanished("rsa-2048", &read);
    let mut items = Items::of(&read.plan);
    items.take(
        "manifests/scheduler-copy.yaml",
        "the other manifest of kube-scheduler",
    );
    for file in ["pki/spare.crt", "pki/spare.key", "pki/apiserver.key"] {
        let mut origins = read.plan.items.iter().map(|item| &item.origin);
        assert!(origins.any(|origin| origin.starts_with(file)), "{file}");
    }
}

/// Where every certificate, key and kubeconfig of a cluster was read.
fn pieces(cluster: &Cluster) -> Vec<String> {
    let mut pieces = Vec::new();
    for authority in &cluster.authorities {
        let certificate = &authority.certificate;
        pieces.extend(certificate.chosen.iter().map(|one| one.origin.to_string()));
        pieces.extend(certificate.others.iter().map(|one| one.origin.to_string()));
        pieces.extend(
            authority
                .key
                .chosen
                .iter()
                .map(|one| one.origin.to_string()),
        );
        pieces.extend(
            authority
                .key
                .others
                .iter()
                .map(|one| one.origin.to_string()),
        );
    }
    if let Some(account) = &cluster.service_account {
        pieces.extend(account.key.chosen.iter().map(|one| one.origin.to_string()));
        pieces.extend(
            account
                .public_key
                .chosen
                .iter()
                .map(|one| one.origin.to_string()),
        );
    }
    for leaf in &cluster.leaves {
        pieces.push(match &leaf.certificate {
            Ok(certificate) => certificate.origin.to_string(),
            Err(unread) => unread.origin.to_string(),
        });
    }
    let others = cluster.other_certificates.iter();
    pieces.extend(others.map(|one| one.origin.to_string()));
    // Private keys are read only when somebody asks for them; their files are always known.
    pieces.extend(cluster.key_files.iter().map(|file| file.path.clone()));
    pieces.extend(cluster.kubeconfigs.iter().map(|one| one.path.clone()));
    pieces
}
