//! The talosconfig: how a client reaches Talos's API, and as whom.
//!
//! It is written as Talos writes it (`client/config` of its machinery). Beyond that, fields that
//! Talos does not know are kept, where Talos would drop them.

mod context;
mod credentials;
mod read;

use super::go_yaml::{self, Node};
use super::yaml_tree::Tree;
use crate::pki::Secret;

pub use context::Context;
pub use credentials::{CredentialError, Credentials};
pub use read::TalosconfigError;

/// A whole talosconfig.
#[derive(Debug, Default)]
pub struct Talosconfig {
    current: String,
    contexts: Vec<(String, Context)>,
    unknown: Vec<(String, Tree)>,
}

/// A context that got another name when it was merged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rename {
    /// The name that it had.
    pub from: String,
    /// The name that it has now.
    pub to: String,
}

impl Talosconfig {
    /// A talosconfig with one context, which is the current one.
    #[must_use]
    pub fn new(name: impl Into<String>, context: Context) -> Self {
        let name = name.into();
        Self {
            current: name.clone(),
            contexts: vec![(name, context)],
            unknown: Vec::new(),
        }
    }

    /// Reads a talosconfig. Everything that is wrong is listed; nothing of the content is quoted.
    pub fn read(text: &[u8]) -> Result<Self, Vec<TalosconfigError>> {
        read::read(text)
    }

    /// The name of the current context; empty if none is.
    #[must_use]
    pub fn current(&self) -> &str {
        &self.current
    }

    /// The contexts by name, in the order of the file.
    #[must_use]
    pub fn contexts(&self) -> impl ExactSizeIterator<Item = (&str, &Context)> {
        self.contexts
            .iter()
            .map(|(name, context)| (name.as_str(), context))
    }

    /// The context called `name`.
    #[must_use]
    pub fn context(&self, name: &str) -> Option<&Context> {
        self.contexts()
            .find(|(known, _)| *known == name)
            .map(|(_, context)| context)
    }

    /// Takes the contexts of `other`, and its current one for the current one. One whose name is
    /// taken gets a number, `name-1`, as with `talosctl config merge`.
    pub fn merge(&mut self, other: Self) -> Vec<Rename> {
        let mut renames = Vec::new();
        let current = other.current;
        for (name, context) in other.contexts {
            let free = self.free_name(&name);
            if name == current {
                self.current.clone_from(&free);
            }
            self.contexts.push((free.clone(), context));
            if free != name {
                renames.push(Rename {
                    from: name,
                    to: free,
                });
            }
        }
        renames
    }

    /// Gives the context called `name` the certificates and the key of `context`, and nothing else
    /// of it but what it had not. If there is no such context, `context` becomes it.
    pub fn replace(&mut self, name: &str, context: Context) {
        let mut contexts = self.contexts.iter_mut();
        if let Some((_, known)) = contexts.find(|(known, _)| known == name) {
            known.take_credentials(context);
            return;
        }
        if self.current.is_empty() {
            name.clone_into(&mut self.current);
        }
        self.contexts.push((name.to_owned(), context));
    }

    fn free_name(&self, name: &str) -> String {
        let numbered = (1_u64..).map(|number| format!("{name}-{number}"));
        let mut candidates = std::iter::once(name.to_owned()).chain(numbered);
        candidates
            .find(|candidate| self.context(candidate).is_none())
            // The invariant: there are fewer contexts than numbers.
            .unwrap_or_default()
    }

    /// The bytes that Talos would write, with the fields that it does not know behind those that it
    /// does. This writes secrets.
    #[must_use]
    pub fn to_secret_yaml(&self) -> Secret<String> {
        let contexts = self
            .contexts()
            .map(|(name, context)| (name.to_owned(), context));
        let contexts = go_yaml::in_order(contexts);
        let contexts = contexts
            .into_iter()
            .map(|(name, context)| (name.into(), context.node()));
        let mut entries = vec![
            ("context".into(), Node::text(&self.current)),
            ("contexts".into(), Node::Mapping(contexts.collect())),
        ];
        let unknown = self.unknown.iter();
        entries.extend(unknown.map(|(name, value)| (name.into(), value.into())));
        go_yaml::write(&Node::Mapping(entries))
    }
}
