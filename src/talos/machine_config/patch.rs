//! What is to be changed in the configuration that `talosctl gen config` makes by itself, as a
//! strategic merge patch.
//!
//! Talos lays a patch over a configuration by rules of its own (the packages `merge` and
//! `configpatcher` of its library): names are merged, lists are appended, an empty value changes
//! nothing, and of an address only the parts that are there. A new value over an old one can become
//! a mixture of both, such as an EncryptionConfiguration with a key that nobody has. So nothing is
//! laid over anything here: what changes is first removed by `$patch: delete`, and then written as
//! if it had never been there.
//!
//! In the first document a field is removed, in all others the document: talosctl up to 1.13 takes
//! one document only once in a patch, but does not count one that is removed as a whole.

use std::borrow::Cow;

use super::super::go_yaml::{self, Node};
use super::documents::TABLE;
use super::material::Material;
use super::{
    Aescbc, Bundle, ClusterSettings, DNS_DOMAIN, INSTALL_DISK, INSTALL_IMAGE, Inputs, InstallDisk,
    KubernetesSettings, MachineType, v1alpha1,
};
use crate::pki::Secret;

/// The name of an instruction to talosctl.
const INSTRUCTION: &str = "$patch";

/// Fields that Talos replaces and never merges: `merge:"replace"` in `v1alpha1_types.go` and in
/// `k8s/network.go`.
const REPLACED: [&str; 3] = ["auditPolicy", "podSubnets", "serviceSubnets"];

/// The field that some documents merge and others replace.
const FREE_FORM: &str = "configuration";

type Entry<'a> = (Cow<'a, str>, Node<'a>);

/// A mapping, or a document without its bounds.
type Entries<'a> = Vec<Entry<'a>>;

/// Why there can be no patch.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PatchError {
    /// A setting has the name of an instruction.
    #[error(
        "a setting in the {place} has the name `{INSTRUCTION}`, which talosctl would take for an \
         instruction; write complete configurations, without --patches"
    )]
    Instruction {
        /// The kind of the document.
        place: String,
    },
}

/// The patch for machines of `machine`: with it, `talosctl gen config` makes the configuration of
/// [`super::to_secret_yaml`], if it is given the name, the endpoint, the bundle and both versions.
/// It may have keys and tokens in it.
pub fn to_secret_patch(
    bundle: &Bundle,
    settings: &ClusterSettings,
    machine: MachineType,
) -> Result<Secret<String>, PatchError> {
    let plain = plain(settings);
    let material = Material::of(bundle, &settings.kubernetes);
    let plain_material = Material::of(bundle, &plain.kubernetes);
    let to = Inputs {
        bundle,
        settings,
        machine,
        material: &material,
    };
    let from = Inputs {
        settings: &plain,
        material: &plain_material,
        ..to
    };
    let mut patch = first_document(v1alpha1::document(&from), v1alpha1::document(&to))?;
    for document in &TABLE {
        let all = |inputs| document.nodes(inputs).into_iter().map(entries).collect();
        patch.extend(documents_of_kind(all(&from), all(&to))?);
    }
    if patch.is_empty() {
        // talosctl refuses an empty patch; this one changes nothing.
        let machine = Node::mapping([("type", Node::text(machine.name()))]);
        patch.push(Node::mapping([("machine", machine)]));
    }
    Ok(go_yaml::write_documents(&patch))
}

/// What talosctl is told by its flags, and its defaults for everything else.
fn plain(settings: &ClusterSettings) -> ClusterSettings {
    ClusterSettings {
        contract: settings.contract,
        name: settings.name.clone(),
        endpoint: settings.endpoint.clone(),
        kubernetes_version: settings.kubernetes_version.clone(),
        additional_sans: Vec::new(),
        dns_domain: DNS_DOMAIN.to_owned(),
        install_disk: InstallDisk(INSTALL_DISK.to_owned()),
        install_image: INSTALL_IMAGE.to_owned(),
        discovery: true,
        kube_span: None,
        aescbc: Aescbc::AsTalosctl,
        kubernetes: KubernetesSettings::default(),
    }
}

/// What removes fields of the first document, and then what writes them.
fn first_document<'a>(from: Node<'a>, to: Node<'a>) -> Result<Vec<Node<'a>>, PatchError> {
    let changes = Changes::between(&entries(from), entries(to));
    refuse_instructions("first document", &changes.written)?;
    let documents = [changes.removed, changes.written].into_iter();
    let documents = documents.filter(|entries| !entries.is_empty());
    Ok(documents.map(Node::Mapping).collect())
}

/// The documents of one kind. Of some there are several, whose order counts, and what is added comes
/// last: they stay as long as the new ones begin with them and have nothing to be removed. Or else
/// all of them are removed and written anew.
fn documents_of_kind<'a>(
    from: Vec<Entries<'a>>,
    to: Vec<Entries<'a>>,
) -> Result<Vec<Node<'a>>, PatchError> {
    for entries in &to {
        refuse_instructions(&kind(entries), entries)?;
    }
    let stay = from.len() <= to.len()
        && from.iter().zip(&to).all(|(from, to)| {
            identity(from).eq(identity(to)) && Changes::between(from, to.clone()).is_addition()
        });
    if !stay {
        let removed = from.into_iter().map(removed_document);
        return Ok(removed.chain(to.into_iter().map(Node::Mapping)).collect());
    }
    let mut from = from.into_iter();
    let changed = to.into_iter().filter_map(|to| match from.next() {
        None => Some(Node::Mapping(to)),
        Some(from) => {
            let written = Changes::between(&from, to).written;
            let is_changed = !written.is_empty();
            is_changed.then(|| Node::Mapping(identified(from).chain(written).collect()))
        }
    });
    Ok(changed.collect())
}

/// What is to be done with a mapping. An entry may be in both, to be removed and then written.
#[derive(Default)]
struct Changes<'a> {
    removed: Entries<'a>,
    written: Entries<'a>,
}

impl<'a> Changes<'a> {
    fn between(from: &[Entry<'a>], to: Entries<'a>) -> Self {
        let mut changes = Self::default();
        for (name, _) in from {
            if entry(&to, name).is_none() {
                changes.removed.push((name.clone(), removal()));
            }
        }
        for (name, new) in to {
            match (entry(from, &name), new) {
                (None, new) => changes.written.push((name, new)),
                (Some(old), new) if *old == new => {}
                (Some(Node::Mapping(old)), Node::Mapping(new)) if is_merged(&name) => {
                    let inner = Self::between(old, new);
                    for (all, inner) in [
                        (&mut changes.removed, inner.removed),
                        (&mut changes.written, inner.written),
                    ] {
                        if !inner.is_empty() {
                            all.push((name.clone(), Node::Mapping(inner)));
                        }
                    }
                }
                (Some(_), new) => {
                    if !REPLACED.contains(&name.as_ref()) || is_empty(&new) {
                        changes.removed.push((name.clone(), removal()));
                    }
                    changes.written.push((name, new));
                }
            }
        }
        changes
    }

    /// Whether nothing has to be removed.
    fn is_addition(&self) -> bool {
        self.removed.is_empty()
    }
}

fn is_merged(name: &str) -> bool {
    name != FREE_FORM && !REPLACED.contains(&name)
}

fn entries(node: Node<'_>) -> Entries<'_> {
    match node {
        Node::Mapping(entries) => entries,
        _ => Vec::new(),
    }
}

fn entry<'e, 'a>(entries: &'e [Entry<'a>], name: &str) -> Option<&'e Node<'a>> {
    let (_, node) = entries.iter().find(|(other, _)| other == name)?;
    Some(node)
}

/// An empty value replaces nothing.
fn is_empty(node: &Node<'_>) -> bool {
    match node {
        Node::Mapping(entries) => entries.is_empty(),
        Node::Sequence(items) => items.is_empty(),
        _ => false,
    }
}

/// What removes a field.
fn removal<'a>() -> Node<'a> {
    Node::mapping([(INSTRUCTION, Node::text("delete"))])
}

/// What removes a document.
fn removed_document(document: Entries<'_>) -> Node<'_> {
    let instruction = (INSTRUCTION.into(), Node::text("delete"));
    Node::Mapping(identified(document).chain([instruction]).collect())
}

/// By what Talos finds a document.
fn is_identity(name: &str) -> bool {
    matches!(name, "apiVersion" | "kind" | "name")
}

fn identity<'e, 'a>(document: &'e [Entry<'a>]) -> impl Iterator<Item = &'e Node<'a>> {
    let entries = document.iter().filter(|(name, _)| is_identity(name));
    entries.map(|(_, node)| node)
}

fn identified(document: Entries<'_>) -> impl Iterator<Item = Entry<'_>> {
    document.into_iter().filter(|(name, _)| is_identity(name))
}

fn kind(document: &[Entry<'_>]) -> String {
    match entry(document, "kind") {
        Some(Node::Text(kind)) => kind.to_string(),
        _ => String::new(),
    }
}

/// A name that is in a configuration on purpose would be obeyed in a patch.
fn refuse_instructions(place: &str, entries: &[Entry<'_>]) -> Result<(), PatchError> {
    if entries.iter().any(has_instruction) {
        return Err(PatchError::Instruction {
            place: place.to_owned(),
        });
    }
    Ok(())
}

fn has_instruction((name, node): &Entry<'_>) -> bool {
    name == INSTRUCTION || holds_instruction(node)
}

fn holds_instruction(node: &Node<'_>) -> bool {
    match node {
        Node::Mapping(entries) => entries.iter().any(has_instruction),
        Node::Sequence(items) => items.iter().any(holds_instruction),
        _ => false,
    }
}
