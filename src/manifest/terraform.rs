//! A state of Terraform or OpenTofu in which the resource `talos_machine_secrets` has a secrets
//! bundle: the file itself, what `terraform state pull` prints, or what `terraform show -json` does.
//!
//! Source: `pkg/talos/talos_machine_secrets_resource.go` in `siderolabs/terraform-provider-talos`,
//! `internal/states/statefile/version4.go` and `internal/command/jsonstate` in Terraform.

use super::{Candidate, ManifestError, Secrets};
use crate::pki::Secret;
use crate::source::{SourceFile, printable};
use crate::talos::BUNDLE_IN_SECRET;
use crate::talos::go_yaml::{self, Node};
use crate::talos::yaml_tree::Tree;

/// The type of the resource.
pub(super) const RESOURCE: &str = "talos_machine_secrets";

/// The attribute with the bundle.
const ATTRIBUTE: &str = "machine_secrets";

/// The version of states since Terraform 0.12.
const VERSION: &str = "4";

/// Deepest module that is looked at.
const MAX_DEPTH: usize = 32;

/// The names of the provider for what a bundle calls otherwise.
const NAMES: [(&str, &str); 6] = [
    ("aescbc_encryption_secret", "aescbcencryptionsecret"),
    ("bootstrap_token", "bootstraptoken"),
    ("cert", "crt"),
    ("k8s_aggregator", "k8saggregator"),
    ("k8s_serviceaccount", "k8sserviceaccount"),
    ("secretbox_encryption_secret", "secretboxencryptionsecret"),
];

/// Why no bundle can be taken out of a state.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StateProblem {
    /// OpenTofu encrypted it.
    #[error("it was encrypted by OpenTofu; give what `tofu state pull` prints")]
    Encrypted,
    /// There is no bundle in it.
    #[error(
        "it has no resource `{RESOURCE}`, in which the provider siderolabs/talos keeps a secrets \
         bundle (an ephemeral resource leaves nothing in a state); give the state of the workspace \
         that has it"
    )]
    NoResource,
    /// SOPS encrypted it.
    #[error("it was encrypted by SOPS; decrypt the file first, with `sops decrypt`")]
    Sops,
    /// It is older or newer than what is known.
    #[error(
        "it has the version {0}, and version {VERSION} is what can be read; give what `terraform \
         state pull` of Terraform 0.12 or later prints"
    )]
    Version(String),
}

/// A bundle in a state, or why there is none.
pub(super) enum State<'a> {
    Bundle(&'a Tree),
    Refused(StateProblem),
}

/// The bundles in those of `documents` that are states.
pub(super) fn candidates(documents: &[Tree]) -> Vec<Candidate<'_>> {
    documents.iter().flat_map(in_document).collect()
}

fn in_document(document: &Tree) -> Vec<Candidate<'_>> {
    let has = |name| document.field(name).is_some();
    let is_file = has("version") && (has("lineage") || has("terraform_version"));
    let is_shown = has("format_version") && has("terraform_version");
    let is_encrypted = has("encrypted_data") && has("encryption_version");
    if has("kind") || !(is_file || is_shown || is_encrypted) {
        return Vec::new();
    }
    let version = document.field("version").and_then(Tree::text);
    let refused = |problem| vec![candidate("state".to_owned(), State::Refused(problem))];
    if has("sops") {
        return refused(StateProblem::Sops);
    }
    if is_encrypted {
        return refused(StateProblem::Encrypted);
    }
    let mut found = Vec::new();
    if is_shown {
        if let Some(root) = document.at("values.root_module") {
            in_module(root, 0, &mut found);
        }
    } else if version == Some(VERSION) {
        found.extend(items(document, "resources").iter().flat_map(in_resource));
    } else {
        return refused(StateProblem::Version(printable(version.unwrap_or("?"))));
    }
    if found.is_empty() {
        return refused(StateProblem::NoResource);
    }
    found
}

fn candidate(address: String, state: State<'_>) -> Candidate<'_> {
    Candidate {
        namespace: None,
        name: address.into(),
        secrets: Secrets::Terraform(state),
    }
}

/// The resources of a module as `terraform show -json` tells them, and of those below it.
fn in_module<'a>(module: &'a Tree, depth: usize, found: &mut Vec<Candidate<'a>>) {
    for resource in items(module, "resources") {
        let bundle = resource.field("values").and_then(|it| it.field(ATTRIBUTE));
        if is_secrets(resource) && resource.field("deposed_key").is_none() {
            let address = text(resource, "address").to_owned();
            found.extend(bundle.map(|bundle| candidate(address, State::Bundle(bundle))));
        }
    }
    if depth < MAX_DEPTH {
        for child in items(module, "child_modules") {
            in_module(child, depth + 1, found);
        }
    }
}

/// The instances of a resource as a state has them.
fn in_resource(resource: &Tree) -> Vec<Candidate<'_>> {
    if !is_secrets(resource) {
        return Vec::new();
    }
    let module = match text(resource, "module") {
        "" => String::new(),
        module => format!("{module}."),
    };
    let name = text(resource, "name");
    let bundles = items(resource, "instances").iter().filter_map(|instance| {
        let is_current = text(instance, "deposed").is_empty();
        let bundle = instance.field("attributes")?.field(ATTRIBUTE)?;
        let index = instance.field("index_key").map_or_else(String::new, index);
        let address = format!("{module}{RESOURCE}.{name}{index}");
        is_current.then(|| candidate(address, State::Bundle(bundle)))
    });
    bundles.collect()
}

/// Which of several instances it is: a number of `count`, or a text of `for_each`.
fn index(key: &Tree) -> String {
    match key {
        Tree::Plain(number) => format!("[{}]", number.expose()),
        Tree::Text(text) => format!("[\"{}\"]", text.expose()),
        _ => String::new(),
    }
}

fn is_secrets(resource: &Tree) -> bool {
    text(resource, "type") == RESOURCE && matches!(text(resource, "mode"), "managed" | "")
}

fn items<'a>(tree: &'a Tree, name: &str) -> &'a [Tree] {
    tree.field(name).map_or(&[], Tree::items)
}

fn text<'a>(tree: &'a Tree, name: &str) -> &'a str {
    tree.field(name).and_then(Tree::text).unwrap_or_default()
}

/// The bundle, as the file that `talosctl gen secrets` writes.
pub(super) fn files(
    state: &State<'_>,
    text: &SourceFile,
) -> Result<Vec<SourceFile>, ManifestError> {
    let bundle = match state {
        // Before its version 0.2 the provider kept that file as it is.
        State::Bundle(Tree::Text(bundle)) => bundle.clone(),
        State::Bundle(tree) => to_secret_yaml(tree),
        State::Refused(problem) => {
            return Err(ManifestError::TerraformState {
                file: text.path.clone(),
                problem: problem.clone(),
            });
        }
    };
    Ok(vec![SourceFile {
        path: BUNDLE_IN_SECRET.1.to_owned(),
        bytes: bundle.expose().as_bytes().to_vec().into(),
        mode: text.mode,
    }])
}

fn to_secret_yaml(bundle: &Tree) -> Secret<String> {
    let renamed = renamed(bundle);
    go_yaml::write(&Node::from(&renamed))
}

/// The same with the names of a bundle, and without what is null or empty: of the two kinds of
/// encryption keys a bundle has one alone.
fn renamed(tree: &Tree) -> Tree {
    let Tree::Mapping(entries) = tree else {
        return tree.clone();
    };
    let is_set = |value: &Tree| match value {
        Tree::Null => false,
        Tree::Text(text) => !text.expose().is_empty(),
        _ => true,
    };
    let entries = entries.iter().filter(|(_, value)| is_set(value));
    let entry = |(name, value): &(String, Tree)| {
        let mut names = NAMES.iter();
        let known = names.find(|(theirs, _)| theirs == name);
        let name = known.map_or(name.as_str(), |(_, ours)| ours);
        (name.to_owned(), renamed(value))
    };
    Tree::Mapping(entries.map(entry).collect())
}
