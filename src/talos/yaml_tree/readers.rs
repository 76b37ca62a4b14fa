//! The two passes in which a document is read: first what its parts are, then their texts.

use std::cell::Cell;
use std::fmt;

use serde::de::{self, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::Tree;
use crate::pki::Secret;

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

/// What the parts of a document are. This is read first, because the YAML library gives the text
/// of a scalar only to those who already know that it is one.
pub(super) enum Kind {
    Null,
    Plain,
    Text,
    Sequence(Vec<Kind>),
    Mapping(Vec<Kind>),
}

#[derive(Clone, Copy)]
pub(super) struct KindReader<'a> {
    pub(super) parts: &'a Budget,
}

impl KindReader<'_> {
    fn part<E: de::Error>(self, kind: Kind) -> Result<Kind, E> {
        self.parts.spend(1).map(|()| kind)
    }
}

/// Reads the kind of a whole document, which may be missing.
pub(super) struct DocumentReader<'a>(pub(super) KindReader<'a>);

impl<'de> DeserializeSeed<'de> for DocumentReader<'_> {
    type Value = Kind;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Kind, D::Error> {
        deserializer.deserialize_option(self)
    }
}

impl<'de> Visitor<'de> for DocumentReader<'_> {
    type Value = Kind;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a document")
    }

    fn visit_none<E: de::Error>(self) -> Result<Kind, E> {
        Ok(Kind::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Kind, D::Error> {
        self.0.deserialize(deserializer)
    }
}

impl<'de> DeserializeSeed<'de> for KindReader<'_> {
    type Value = Kind;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Kind, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for KindReader<'_> {
    type Value = Kind;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("plain YAML")
    }

    fn visit_unit<E: de::Error>(self) -> Result<Kind, E> {
        self.part(Kind::Null)
    }

    fn visit_str<E: de::Error>(self, _: &str) -> Result<Kind, E> {
        self.part(Kind::Text)
    }

    fn visit_bool<E: de::Error>(self, _: bool) -> Result<Kind, E> {
        self.part(Kind::Plain)
    }

    fn visit_i64<E: de::Error>(self, _: i64) -> Result<Kind, E> {
        self.part(Kind::Plain)
    }

    fn visit_i128<E: de::Error>(self, _: i128) -> Result<Kind, E> {
        self.part(Kind::Plain)
    }

    fn visit_u64<E: de::Error>(self, _: u64) -> Result<Kind, E> {
        self.part(Kind::Plain)
    }

    fn visit_u128<E: de::Error>(self, _: u128) -> Result<Kind, E> {
        self.part(Kind::Plain)
    }

    fn visit_f64<E: de::Error>(self, _: f64) -> Result<Kind, E> {
        self.part(Kind::Plain)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Kind, A::Error> {
        let mut kinds = Vec::new();
        while let Some(kind) = items.next_element_seed(self)? {
            kinds.push(kind);
        }
        self.part(Kind::Sequence(kinds))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Kind, A::Error> {
        let mut kinds = Vec::new();
        while entries.next_key_seed(NameReader)?.is_some() {
            kinds.push(entries.next_value_seed(self)?);
        }
        self.part(Kind::Mapping(kinds))
    }
}

/// Passes over a name. It must be a scalar.
struct NameReader;

impl<'de> DeserializeSeed<'de> for NameReader {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for NameReader {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E: de::Error>(self, _: &str) -> Result<(), E> {
        Ok(())
    }
}

/// Reads what is known to be of a kind.
#[derive(Clone, Copy)]
pub(super) struct TreeReader<'a> {
    pub(super) kind: &'a Kind,
    pub(super) bytes: &'a Budget,
}

impl<'de> DeserializeSeed<'de> for TreeReader<'_> {
    type Value = Tree;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Tree, D::Error> {
        match self.kind {
            Kind::Null => deserializer
                .deserialize_ignored_any(IgnoredAny)
                .map(|_| Tree::Null),
            Kind::Plain | Kind::Text => deserializer.deserialize_str(self),
            Kind::Sequence(_) => deserializer.deserialize_seq(self),
            Kind::Mapping(_) => deserializer.deserialize_map(self),
        }
    }
}

impl<'de> Visitor<'de> for TreeReader<'_> {
    type Value = Tree;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("plain YAML")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Tree, E> {
        self.bytes.spend(text.len())?;
        let secret = Secret::new(text.to_owned());
        Ok(match self.kind {
            Kind::Plain => Tree::Plain(secret),
            _ => Tree::Text(secret),
        })
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Tree, A::Error> {
        let Kind::Sequence(kinds) = self.kind else {
            return Ok(Tree::Null);
        };
        let mut trees = Vec::with_capacity(kinds.len());
        for kind in kinds {
            trees.extend(items.next_element_seed(TreeReader { kind, ..self })?);
        }
        Ok(Tree::Sequence(trees))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Tree, A::Error> {
        let Kind::Mapping(kinds) = self.kind else {
            return Ok(Tree::Null);
        };
        let mut trees = Vec::with_capacity(kinds.len());
        for kind in kinds {
            let Some(name) = entries.next_key::<String>()? else {
                break;
            };
            self.bytes.spend(name.len())?;
            trees.push((name, entries.next_value_seed(TreeReader { kind, ..self })?));
        }
        Ok(Tree::Mapping(trees))
    }
}
