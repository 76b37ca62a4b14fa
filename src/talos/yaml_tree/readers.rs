//! The two passes in which a document is read: first what its parts are, and every text; then, where
//! there are numbers or truth values, the text of those.

use std::cell::Cell;
use std::fmt;

use serde::de::{self, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::Tree;

/// How much a document may become. Without aliases, each part of the tree has at least one byte in
/// the file, and a text at least two thirds of its bytes (`\L` is a character of three); with them,
/// some hundred bytes can become gigabytes.
pub(super) struct Budget {
    left: Cell<usize>,
}

impl Budget {
    pub(super) fn of(text: &[u8]) -> Self {
        Self {
            left: Cell::new(2 * text.len() + 2),
        }
    }

    fn spend<E: de::Error>(&self, size: usize) -> Result<(), E> {
        self.left.set(self.left.get().saturating_sub(size));
        if self.is_exceeded() {
            Err(E::custom("too large"))
        } else {
            Ok(())
        }
    }

    pub(super) fn is_exceeded(&self) -> bool {
        self.left.get() == 0
    }
}

/// Reads what the parts of a document are. The YAML library gives the text of a number only to those
/// who ask for text, and tells only those who do not ask that it is a number: here it stays empty.
#[derive(Clone, Copy)]
pub(super) struct FirstReader<'a> {
    pub(super) parts: &'a Budget,
    pub(super) bytes: &'a Budget,
}

impl FirstReader<'_> {
    fn part<E: de::Error>(self, tree: Tree) -> Result<Tree, E> {
        self.parts.spend(1).map(|()| tree)
    }

    fn plain<E: de::Error>(self) -> Result<Tree, E> {
        self.part(Tree::plain(""))
    }
}

/// Reads a whole document, which may be missing.
pub(super) struct DocumentReader<'a>(pub(super) FirstReader<'a>);

impl<'de> DeserializeSeed<'de> for DocumentReader<'_> {
    type Value = Tree;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Tree, D::Error> {
        deserializer.deserialize_option(self)
    }
}

impl<'de> Visitor<'de> for DocumentReader<'_> {
    type Value = Tree;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a document")
    }

    fn visit_none<E: de::Error>(self) -> Result<Tree, E> {
        Ok(Tree::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Tree, D::Error> {
        self.0.deserialize(deserializer)
    }
}

impl<'de> DeserializeSeed<'de> for FirstReader<'_> {
    type Value = Tree;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Tree, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for FirstReader<'_> {
    type Value = Tree;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("plain YAML")
    }

    fn visit_unit<E: de::Error>(self) -> Result<Tree, E> {
        self.part(Tree::Null)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Tree, E> {
        self.bytes.spend(text.len())?;
        self.part(Tree::text_of(text))
    }

    fn visit_bool<E: de::Error>(self, _: bool) -> Result<Tree, E> {
        self.plain()
    }

    fn visit_i64<E: de::Error>(self, _: i64) -> Result<Tree, E> {
        self.plain()
    }

    fn visit_i128<E: de::Error>(self, _: i128) -> Result<Tree, E> {
        self.plain()
    }

    fn visit_u64<E: de::Error>(self, _: u64) -> Result<Tree, E> {
        self.plain()
    }

    fn visit_u128<E: de::Error>(self, _: u128) -> Result<Tree, E> {
        self.plain()
    }

    fn visit_f64<E: de::Error>(self, _: f64) -> Result<Tree, E> {
        self.plain()
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Tree, A::Error> {
        let mut trees = Vec::new();
        while let Some(tree) = items.next_element_seed(self)? {
            trees.push(tree);
        }
        self.part(Tree::Sequence(trees))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Tree, A::Error> {
        let mut trees = Vec::new();
        // A name must be a scalar.
        while let Some(name) = entries.next_key::<String>()? {
            self.bytes.spend(name.len())?;
            trees.push((name, entries.next_value_seed(self)?));
        }
        self.part(Tree::Mapping(trees))
    }
}

/// Reads a document of which the parts are known, and fills in the text of numbers and truth values.
pub(super) struct PlainReader<'a> {
    pub(super) tree: &'a mut Tree,
    pub(super) bytes: &'a Budget,
}

impl<'de> DeserializeSeed<'de> for PlainReader<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        match self.tree {
            Tree::Null | Tree::Text(_) => deserializer
                .deserialize_ignored_any(IgnoredAny)
                .map(|IgnoredAny| ()),
            Tree::Plain(_) => deserializer.deserialize_str(self),
            Tree::Sequence(_) => deserializer.deserialize_seq(self),
            Tree::Mapping(_) => deserializer.deserialize_map(self),
        }
    }
}

impl<'de> Visitor<'de> for PlainReader<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("plain YAML")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<(), E> {
        *self.tree = Tree::plain(text);
        self.bytes.spend(text.len())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        if let Tree::Sequence(trees) = self.tree {
            for tree in trees {
                let bytes = self.bytes;
                items.next_element_seed(PlainReader { tree, bytes })?;
            }
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<(), A::Error> {
        if let Tree::Mapping(trees) = self.tree {
            for (_, tree) in trees {
                entries.next_key::<IgnoredAny>()?;
                let bytes = self.bytes;
                entries.next_value_seed(PlainReader { tree, bytes })?;
            }
        }
        Ok(())
    }
}
