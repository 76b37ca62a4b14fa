//! One context of a talosconfig.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::read::TalosconfigError;
use crate::pki::{Certificate, PrivateKey, Secret};
use crate::talos::go_yaml::Node;
use crate::talos::yaml_tree::Tree;

/// What a field must be.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Mapping,
    Text,
    Texts,
}

/// The fields that Talos knows, in its order.
const FIELDS: [(&str, Kind); 8] = [
    ("endpoints", Kind::Texts),
    ("nodes", Kind::Texts),
    ("ca", Kind::Text),
    ("crt", Kind::Text),
    ("key", Kind::Text),
    ("auth", Kind::Mapping),
    ("cluster", Kind::Text),
    ("proxy-url", Kind::Text),
];

/// An old name for one endpoint, which Talos adds to `endpoints` when it reads it.
const TARGET: &str = "target";

/// The fields that make a client known.
const CREDENTIALS: [&str; 3] = ["ca", "crt", "key"];

/// How a client reaches one cluster, and as whom.
///
/// The fields that Talos knows come first, in its order, and without those that it leaves out when
/// they are empty; then all others, as they were.
#[derive(Debug)]
pub struct Context {
    fields: Vec<(String, Tree)>,
}

impl Context {
    /// A context without endpoints and nodes: `authority` is the CA of Talos's API, and the others
    /// are the client's.
    #[must_use]
    pub fn new(authority: &Certificate, certificate: &Certificate, key: &PrivateKey) -> Self {
        let encoded = |pem: &str| Tree::Text(Secret::new(STANDARD.encode(pem)));
        let fields = vec![
            ("endpoints".to_owned(), Tree::Sequence(Vec::new())),
            ("ca".to_owned(), encoded(&authority.to_pem())),
            ("crt".to_owned(), encoded(&certificate.to_pem())),
            ("key".to_owned(), encoded(key.to_secret_pem().expose())),
        ];
        Self { fields }
    }

    /// Reads the fields of the context at `path`, and adds what is wrong to `problems`.
    pub(super) fn read(
        path: &str,
        mut entries: Vec<(String, Tree)>,
        problems: &mut Vec<TalosconfigError>,
    ) -> Self {
        let mut take = |name: &str, kind: Kind| {
            let position = entries.iter().position(|(known, _)| known == name)?;
            let (_, mut value) = entries.remove(position);
            if let (Tree::Sequence(items), Kind::Texts) = (&mut value, kind) {
                // Go leaves them out.
                items.retain(|item| !matches!(item, Tree::Null));
            }
            if !fits(&value, kind) {
                problems.push(TalosconfigError::Kind {
                    field: format!("{path}.{name}"),
                    expected: match kind {
                        Kind::Mapping => "a mapping",
                        Kind::Text => "a text",
                        Kind::Texts => "a list of texts",
                    },
                });
            }
            (!is_zero(&value)).then_some(value)
        };
        let target = take(TARGET, Kind::Text);
        let mut fields: Vec<_> = FIELDS
            .iter()
            .filter_map(|(name, kind)| Some(((*name).to_owned(), take(name, *kind)?)))
            .collect();
        fields.extend(entries);
        let mut context = Self { fields };
        let mut endpoints = match context.take("endpoints") {
            Some(Tree::Sequence(endpoints)) => endpoints,
            _ => Vec::new(),
        };
        endpoints.extend(target);
        context.set("endpoints", Tree::Sequence(endpoints));
        context
    }

    /// Where Talos's API is reached.
    #[must_use]
    pub fn endpoints(&self) -> Vec<&str> {
        self.texts("endpoints")
    }

    /// The nodes that commands are for.
    #[must_use]
    pub fn nodes(&self) -> Vec<&str> {
        self.texts("nodes")
    }

    /// The CA of Talos's API: PEM in base64.
    #[must_use]
    pub fn authority(&self) -> Option<&str> {
        self.field("ca")?.text()
    }

    /// The client's certificate: PEM in base64.
    #[must_use]
    pub fn certificate(&self) -> Option<&str> {
        self.field("crt")?.text()
    }

    pub(super) fn key(&self) -> Option<&str> {
        self.field("key")?.text()
    }

    /// Whether it logs in by other means than a client certificate, as with Omni.
    #[must_use]
    pub fn has_other_authentication(&self) -> bool {
        self.field("auth").is_some()
    }

    /// Sets where Talos's API is reached.
    pub fn set_endpoints(&mut self, endpoints: &[String]) {
        self.set("endpoints", texts(endpoints));
    }

    /// Sets the nodes that commands are for.
    pub fn set_nodes(&mut self, nodes: &[String]) {
        if nodes.is_empty() {
            self.take("nodes");
        } else {
            self.set("nodes", texts(nodes));
        }
    }

    /// Takes the CA, the certificate and the key of `other`, and its endpoints and nodes if it has
    /// any.
    pub(super) fn take_credentials(&mut self, mut other: Self) {
        let lists = ["endpoints", "nodes"]
            .into_iter()
            .filter(|name| !other.texts(name).is_empty());
        for name in lists.chain(CREDENTIALS).collect::<Vec<_>>() {
            match other.take(name) {
                Some(value) => self.set(name, value),
                None => drop(self.take(name)),
            }
        }
    }

    pub(super) fn node(&self) -> Node<'_> {
        let fields = self.fields.iter();
        Node::Mapping(
            fields
                .map(|(name, value)| (name.into(), value.into()))
                .collect(),
        )
    }

    fn texts(&self, name: &str) -> Vec<&str> {
        let items = self.field(name).map(Tree::items).unwrap_or_default();
        items.iter().filter_map(Tree::text).collect()
    }

    fn field(&self, name: &str) -> Option<&Tree> {
        self.fields
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value)
    }

    fn take(&mut self, name: &str) -> Option<Tree> {
        let position = self.fields.iter().position(|(known, _)| known == name)?;
        Some(self.fields.remove(position).1)
    }

    /// Sets a field that Talos knows, at its place.
    fn set(&mut self, name: &str, value: Tree) {
        drop(self.take(name));
        let rank = |name: &str| FIELDS.iter().position(|(known, _)| *known == name);
        let position = self
            .fields
            .iter()
            .take_while(|(known, _)| rank(known).is_some_and(|known| Some(known) < rank(name)))
            .count();
        self.fields.insert(position, (name.to_owned(), value));
    }
}

fn texts(values: &[String]) -> Tree {
    let text = |value: &String| Tree::Text(Secret::new(value.clone()));
    Tree::Sequence(values.iter().map(text).collect())
}

fn fits(value: &Tree, kind: Kind) -> bool {
    match (value, kind) {
        (Tree::Null, _) => true,
        (value, Kind::Mapping) => value.is_mapping(),
        (value, Kind::Text) => value.text().is_some(),
        (Tree::Sequence(items), Kind::Texts) => items.iter().all(|item| item.text().is_some()),
        (_, Kind::Texts) => false,
    }
}

/// What Go's `omitempty` leaves out.
fn is_zero(value: &Tree) -> bool {
    match value {
        Tree::Null => true,
        Tree::Plain(_) => false,
        Tree::Text(text) => text.expose().is_empty(),
        Tree::Sequence(items) => items.is_empty(),
        Tree::Mapping(entries) => entries.iter().all(|(_, value)| matches!(value, Tree::Null)),
    }
}
