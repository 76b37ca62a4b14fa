//! The documents of a file, with the place of everything in them.

use std::collections::HashSet;

use crate::cluster::Origin;
use crate::talos::yaml_tree::{Positions, Tree, TreeError, join};

/// The documents of one file.
#[derive(Debug)]
pub struct Documents {
    file: String,
    list: Vec<Document>,
    letters: Letters,
}

/// Whether the case of letters in names matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Letters {
    /// It does, as in every file that Talos itself reads.
    Exact,
    /// It does not: bundles are kept with capitalised names, too.
    AnyCase,
}

/// Whether lines and columns are looked for: that takes as long as all other reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Places {
    /// They are.
    Found,
    /// They are not, and findings have none.
    Unknown,
}

#[derive(Debug)]
struct Document {
    tree: Tree,
    /// The `kind`, of a document that has one.
    kind: Option<String>,
    positions: Positions,
}

/// A part of a document.
#[derive(Debug, Clone)]
pub struct Node<'a> {
    documents: &'a Documents,
    document: &'a Document,
    tree: &'a Tree,
    /// From the root of the document.
    path: String,
}

impl Documents {
    /// Reads every document of `text`.
    pub(super) fn read(file: &str, text: &[u8], places: Places) -> Result<Self, TreeError> {
        let trees = Tree::documents(text)?;
        let positions = match places {
            Places::Found => Positions::of_documents(text, trees.len()),
            Places::Unknown => None,
        };
        let mut positions = positions.unwrap_or_default().into_iter();
        let documents = trees.into_iter().map(|tree| Document {
            kind: tree.field("kind").and_then(Tree::text).map(str::to_owned),
            positions: positions.next().unwrap_or_default(),
            tree,
        });
        Ok(Self {
            file: file.to_owned(),
            list: documents.collect(),
            letters: Letters::Exact,
        })
    }

    /// The same documents, with names read as `letters` says.
    pub(super) fn with_letters(self, letters: Letters) -> Self {
        Self { letters, ..self }
    }

    /// The first document, empty or not: the one that Go's decoder reads.
    pub(in crate::talos) fn first(&self) -> &Tree {
        self.list.first().map_or(&Tree::Null, |first| &first.tree)
    }

    /// The root of every document that is not empty.
    pub fn roots(&self) -> impl Iterator<Item = Node<'_>> {
        self.list
            .iter()
            .filter(|document| !matches!(document.tree, Tree::Null))
            .map(|document| Node {
                documents: self,
                document,
                tree: &document.tree,
                path: String::new(),
            })
    }

    /// The first document without a `kind`.
    #[must_use]
    pub fn main(&self) -> Option<Node<'_>> {
        self.roots().find(|root| root.kind().is_none())
    }

    /// The first document of this `kind`.
    #[must_use]
    pub fn of_kind(&self, kind: &str) -> Option<Node<'_>> {
        self.roots().find(|root| root.kind() == Some(kind))
    }

    /// What stands at a path of names with dots between them. A first name in capitals is the kind
    /// of a document, such as `KubeServiceAccountConfig`; the others belong to the main document.
    #[must_use]
    pub fn at(&self, path: &str) -> Option<Node<'_>> {
        let (root, path) = self.root_of(path)?;
        root.at(path)
    }

    /// The text at `path`, if there is one and it is not empty.
    #[must_use]
    pub fn text(&self, path: &str) -> Option<&str> {
        self.at(path)?.text()
    }

    /// Where `path` stands, or if it is missing, where it should: its path, and the position of what
    /// it should stand in.
    #[must_use]
    pub fn origin(&self, path: &str) -> Origin {
        let Some((node, below)) = self.root_of(path) else {
            let position = self.main().and_then(|main| main.origin().position);
            return Origin::field(&self.file, path).positioned(position);
        };
        node.origin_below(below)
    }

    fn root_of<'p>(&self, path: &'p str) -> Option<(Node<'_>, &'p str)> {
        let is_kind = self.letters == Letters::Exact && path.starts_with(char::is_uppercase);
        if !is_kind {
            return Some((self.main()?, path));
        }
        let (kind, path) = path.split_once('.').unwrap_or((path, ""));
        Some((self.of_kind(kind)?, path))
    }

    /// Where a name stands that has stood in the same mapping before.
    #[must_use]
    pub fn duplicates(&self) -> Vec<Origin> {
        let mut found = Vec::new();
        for root in self.roots() {
            root.walk(&mut |node| {
                let mut seen = HashSet::new();
                for (name, _) in node.tree.entries() {
                    if !seen.insert(self.letters.of(name)) {
                        let path = join(&node.path, name);
                        let last = node.document.positions.last_of(&path);
                        found.push(node.origin_of(&path).positioned(last.map(Into::into)));
                    }
                }
            });
        }
        found
    }
}

impl Letters {
    fn are_same(self, one: &str, other: &str) -> bool {
        match self {
            Self::Exact => one == other,
            Self::AnyCase => one.eq_ignore_ascii_case(other),
        }
    }

    fn of(self, name: &str) -> String {
        match self {
            Self::Exact => name.to_owned(),
            Self::AnyCase => name.to_ascii_lowercase(),
        }
    }
}

impl<'a> Node<'a> {
    /// The `kind` of the document.
    #[must_use]
    pub fn kind(&self) -> Option<&'a str> {
        self.document.kind.as_deref()
    }

    /// What it is.
    #[must_use]
    pub fn tree(&self) -> &'a Tree {
        self.tree
    }

    /// The text, if it is one and not empty.
    #[must_use]
    pub fn text(&self) -> Option<&'a str> {
        self.tree.text().filter(|text| !text.is_empty())
    }

    /// Where it stands.
    #[must_use]
    pub fn origin(&self) -> Origin {
        let position = self.document.positions.of(&self.path);
        self.origin_of(&self.path)
            .positioned(position.map(Into::into))
    }

    /// Where `path` in it stands, or if it is missing, where it should: as [`Documents::origin`].
    #[must_use]
    pub fn origin_below(&self, path: &str) -> Origin {
        let mut node = self.clone();
        let mut names = path.split('.').filter(|name| !name.is_empty());
        while let Some(name) = names.next() {
            let Some(found) = node.entry(name) else {
                let position = node.origin().position;
                let missing = names.fold(join(&node.path, name), |path, name| join(&path, name));
                return node.origin_of(&missing).positioned(position);
            };
            node = found;
        }
        node.origin()
    }

    fn origin_of(&self, path: &str) -> Origin {
        let field = match self.kind() {
            Some(kind) if path.is_empty() => kind.escape_debug().to_string(),
            Some(kind) => format!("{}.{path}", kind.escape_debug()),
            None if path.is_empty() => return Origin::file(&self.documents.file),
            None => path.to_owned(),
        };
        Origin::field(&self.documents.file, field)
    }

    /// What stands at a path of names in it. `null` is as good as nothing.
    #[must_use]
    pub fn at(&self, path: &str) -> Option<Self> {
        let names = path.split('.').filter(|name| !name.is_empty());
        names
            .into_iter()
            .try_fold(self.clone(), |node, name| node.field(name))
    }

    /// The value of `name`, unless it is `null`.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<Self> {
        self.entry(name)
            .filter(|node| !matches!(node.tree, Tree::Null))
    }

    /// Whether `name` stands there, be it `null`.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.entry(name).is_some()
    }

    /// The value of `name`, which may be `null`.
    fn entry(&self, name: &str) -> Option<Self> {
        let letters = self.documents.letters;
        let mut entries = self.tree.entries().iter();
        let (name, tree) = entries.find(|(known, _)| letters.are_same(known, name))?;
        Some(self.child(name, tree))
    }

    /// The names and values in it, without those that are `null`.
    pub fn fields(&self) -> impl Iterator<Item = (&'a str, Self)> + use<'a> {
        self.entries()
            .filter(|(_, node)| !matches!(node.tree, Tree::Null))
    }

    fn entries(&self) -> impl Iterator<Item = (&'a str, Self)> + use<'a> {
        let node = self.clone();
        let entries = self.tree.entries().iter();
        entries.map(move |(name, tree)| (name.as_str(), node.child(name, tree)))
    }

    fn child(&self, name: &str, tree: &'a Tree) -> Self {
        Self {
            tree,
            path: join(&self.path, name),
            ..*self
        }
    }

    /// The items of a list.
    #[must_use]
    pub fn items(&self) -> Vec<Self> {
        let items = self.tree.items().iter().enumerate();
        let nodes = items.map(|(index, tree)| Self {
            tree,
            path: format!("{}[{index}]", self.path),
            ..self.clone()
        });
        nodes.collect()
    }

    /// Visits this and everything below it. The depth is limited by the reader of trees.
    pub fn walk(&self, visit: &mut impl FnMut(&Self)) {
        visit(self);
        for (_, node) in self.fields() {
            node.walk(visit);
        }
        for node in self.items() {
            node.walk(visit);
        }
    }
}
